# A guest that is to start by itself at the next boot of the host alone: once, not more often, and not because another daemon begins.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh once)
. "$(dirname "$0")/lib/lib.sh"
boot()
{
    stop_daemon
    for name in xv-a xv-b xv-c xv-d; do
        [ "$HV" = sim ] || ! xl domid $name >/dev/null 2>&1 || ok xl destroy $name
    done
    rm -rf "$run" "$TMP/sim"
    start_daemon
}
running()
{
    quick list --name | grep -v '^$' | grep -v Domain-0 | sort | xargs
}
all_run()
{
    [ "$(running)" = "$1" ]
}
once()
{
    quick dominfo "$1" | awk '/^Autostart once/ { print $NF }'
}
start_daemon
for name in xv-a xv-b xv-c; do
    bare=1 define tiny $name xv.tick=0
done
ok quick autostart xv-a --once
ok quick autostart xv-b --once
ok quick autostart xv-b --disable --once
ok v autostart xv-c
ok quick autostart xv-c --once
ok v start xv-a
is 'marked' 'enable  enable' "$(once xv-a) $(once xv-b) $(once xv-c)"
is 'what virsh says' disable "$(v dominfo xv-a | awk '/^Autostart/ { print $2 }')"

# it runs, and another daemon begins: still to be done
stop_daemon
start_daemon
is 'still marked' enable "$(once xv-a)"
ok v destroy xv-a
ok v domrename xv-a xv-d
made+=(xv-d xv-e)

boot
until_ok 30 all_run 'xv-c xv-d' || die "these run: $(running)"
is 'no longer marked' ' ' "$(once xv-d) $(once xv-c)"
[ -z "$(ls "$TMP/etc/autostart-once")" ] || die "links are left: $(ls "$TMP/etc/autostart-once")"
boot
until_ok 30 all_run 'xv-c' || die "these run: $(running)"

# transient guests cannot, and who is undefined leaves nothing
ok quick autostart xv-d --once
ok v undefine xv-d
[ -z "$(ls "$TMP/etc/autostart-once")" ] || die "links are left: $(ls "$TMP/etc/autostart-once")"
sed 's/xv-b/xv-e/; /<uuid>/d' "$TMP/xv-b.xml" >"$TMP/e.xml"
ok v create "$TMP/e.xml"
refused 'transient' quick autostart xv-e --once
stop_daemon

# many start at one time, but no more than the configuration says: while those hang, the next ones wait
[ "$HV" = sim ] || exit 0
echo 'hang create' >"$TMP/script"
echo 'autostart_parallel = 2' >"$TMP/conf"
sim_options=script=$TMP/script
start_daemon
ok simctl unhang create
for name in xv-f xv-g xv-h; do
    bare=1 define tiny $name
    ok v autostart $name
done
stop_daemon
rm -rf "$run" "$TMP/sim"
start_daemon --config "$TMP/conf"
starting()
{
    local name n=0
    for name in xv-c xv-f xv-g xv-h; do
        quick domjobinfo $name 2>/dev/null | grep -q '^Operation: *Start' && n=$((n + 1))
    done
    echo $n
}
is 'how many start at one time' 2 "$(starting)"
ok simctl unhang create
until_ok 30 all_run 'xv-c xv-f xv-g xv-h' || die "these run: $(running)"
stop_daemon
