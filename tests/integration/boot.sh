# A host that starts and stops: guests start in their order, once a boot; they are saved or shut down in the reverse of it within a
# time limit, and start again.
. "$(dirname "$0")/lib/lib.sh"
only sim
x()
{
    "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
wishes() # NAME XML: a guest with this metadata
{
    guest_xml tiny "$1" | sed "s|<memory |<metadata><xvirt:domain xmlns:xvirt='https://xvirt.org/schemas/domain/1.0'>$2</xvirt:domain></metadata>&|" \
        >"$TMP/$1.xml"
    made+=("$1")
    ok v define "$TMP/$1.xml"
}
running()
{
    v list --name | grep -v '^$' | grep -v Domain-0 | sort | tr '\n' ' ' | sed 's/ *$//'
}
all_run()
{
    [ "$(running)" = "$1" ]
}

start_daemon
wishes xv-db '<xvirt:autostart_order>1</xvirt:autostart_order><xvirt:autostart_delay>1</xvirt:autostart_delay>'
wishes xv-web '<xvirt:autostart_order>2</xvirt:autostart_order><xvirt:host_stop>shutdown</xvirt:host_stop>'
wishes xv-app '<xvirt:autostart_order>2</xvirt:autostart_order>'
wishes xv-last ''
ok v dumpxml xv-db
grep -q '<xvirt:autostart_delay>1<' "$TMP/out" || die "the wishes are lost: $(cat "$TMP/out")"
for name in xv-db xv-web xv-app xv-last; do ok v autostart $name; done
wishes xv-manual ''
stop_daemon

# --- the next boot
rm -rf "$TMP/run" "$TMP/sim"
start_daemon
until_ok 20 all_run 'xv-app xv-db xv-last xv-web' || die "these run: $(running)"
[ "$(domid_of xv-db)" -lt "$(domid_of xv-web)" ] && [ "$(domid_of xv-db)" -lt "$(domid_of xv-app)" ] || die "not in their order"
[ "$(domid_of xv-last)" -gt "$(domid_of xv-web)" ] && [ "$(domid_of xv-last)" -gt "$(domid_of xv-app)" ] || die "the last is not the last"
# another daemon is not another boot
ok v destroy xv-last
stop_daemon
start_daemon
is 'after a restart of the daemon' 'xv-app xv-db xv-web' "$(running)"

# --- the host stops
ok v start xv-last
ok v start xv-manual
ok x stop-guests --list "$TMP/list" --timeout 30
is 'what runs' '' "$(running)"
is 'saved' 'shut off (saved)' "$(state_of xv-db)"
is 'as its metadata says' 'shut off (shutdown)' "$(state_of xv-web)"
is 'listed' 5 "$(wc -l <"$TMP/list")"
is 'in reverse order' 'xv-manual xv-last xv-web xv-app xv-db' "$(cut -d' ' -f2 "$TMP/list" | tr '\n' ' ' | sed 's/ $//')"
stop_daemon
rm -rf "$TMP/run" "$TMP/sim"
start_daemon
until_ok 20 all_run 'xv-app xv-db xv-last xv-web' || die "these run: $(running)"
is 'goes on' 'running (restored)' "$(state_of xv-db)"
ok x start-guests --list "$TMP/list" --timeout 30
is 'what runs' 'xv-app xv-db xv-last xv-manual xv-web' "$(running)"
[ ! -e "$TMP/list" ] || die "the list is left"
ok x start-guests --list "$TMP/list"

# --- guests that do not obey: the time is over, and they are left or destroyed
simctl stubborn xv-web on >/dev/null || die "simctl stubborn"
refused '1 of 5 domains still run' x stop-guests --list "$TMP/list" --timeout 6
is 'what runs' xv-web "$(running)"
ok x stop-guests --list "$TMP/list" --timeout 2 --destroy
is 'what runs' '' "$(running)"
refused 'unknown action' x stop-guests --action explode --list "$TMP/list"
stop_daemon
