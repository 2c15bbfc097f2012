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
