# A host that starts and stops: guests start in their order, once a boot; they are saved or shut down in the reverse of it within a
# time limit, and start again.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh boot)
# time limit: 900
. "$(dirname "$0")/lib/lib.sh"
[ "$HV" = sim ] && limit=30 soon=6 || limit=180 soon=90
x()
{
    "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
wishes() # NAME XML [WORDS]: a guest with this metadata
{
    local kind=tiny
    [ "$HV$1" != xenxv-db ] || kind=pv-kernel # a tiny one cannot be saved there
    bare=1 guest_xml $kind "$1" "${3:-}" | sed "s|<memory |<metadata><xvirt:domain xmlns:xvirt='https://xvirt.org/schemas/domain/1.0'>$2</xvirt:domain></metadata>&|" \
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

# What is saved and what is shut down when nothing is said: only one on a real host, where most guests here cannot be saved.
[ "$HV" = sim ] && stop= || stop='<xvirt:host_stop>shutdown</xvirt:host_stop>'
start_daemon
wishes xv-db '<xvirt:autostart_order>1</xvirt:autostart_order><xvirt:autostart_delay>1</xvirt:autostart_delay>'
wishes xv-web '<xvirt:autostart_order>2</xvirt:autostart_order><xvirt:host_stop>shutdown</xvirt:host_stop>'
wishes xv-app "<xvirt:autostart_order>2</xvirt:autostart_order>$stop"
wishes xv-last "$stop"
ok v dumpxml xv-db
grep -q '<xvirt:autostart_delay>1<' "$TMP/out" || die "the wishes are lost: $(cat "$TMP/out")"
for name in xv-db xv-web xv-app xv-last; do ok v autostart $name; done
wishes xv-manual "$stop"
stop_daemon

# --- the next boot
rm -rf "$run" "$TMP/sim"
start_daemon
until_ok "$(patience 120)" all_run 'xv-app xv-db xv-last xv-web' || die "these run: $(running)"
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
ok x stop-guests --list "$TMP/list" --timeout $limit
is 'what runs' '' "$(running)"
is 'saved' 'shut off (saved)' "$(state_of xv-db)"
is 'as its metadata says' 'shut off (shutdown)' "$(state_of xv-web)"
is 'listed' 5 "$(wc -l <"$TMP/list")"
is 'in reverse order' 'xv-manual xv-last xv-web xv-app xv-db' "$(cut -d' ' -f2 "$TMP/list" | tr '\n' ' ' | sed 's/ $//')"
stop_daemon
rm -rf "$run" "$TMP/sim"
start_daemon
until_ok "$(patience 120)" all_run 'xv-app xv-db xv-last xv-web' || die "these run: $(running)"
is 'goes on' 'running (restored)' "$(state_of xv-db)"
ok x start-guests --list "$TMP/list" --timeout $limit
is 'what runs' 'xv-app xv-db xv-last xv-manual xv-web' "$(running)"
[ ! -e "$TMP/list" ] || die "the list is left"
ok x start-guests --list "$TMP/list"

# --- guests that do not obey: the time is over, and they are left or destroyed
if [ "$HV" = sim ]; then
    ok simctl stubborn xv-web on
else
    ok v destroy xv-web
    uuid=$(v domuuid xv-web | head -n 1) wishes xv-web '<xvirt:host_stop>shutdown</xvirt:host_stop>' xv.stubborn
    ok v start xv-web
fi
refused '1 of 5 domains still run' x stop-guests --list "$TMP/list" --timeout $soon
is 'what runs' xv-web "$(running)"
ok x stop-guests --list "$TMP/list" --timeout 2 --destroy
is 'what runs' '' "$(running)"
refused 'unknown action' x stop-guests --action explode --list "$TMP/list"
stop_daemon
