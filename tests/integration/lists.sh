# Every way to list and to look up, and every filter.
. "$(dirname "$0")/lib/lib.sh"
start_daemon
define tiny xv-off
define tiny xv-on
define tiny xv-auto
guest_xml tiny xv-tmp >"$TMP/tmp.xml"
made+=(xv-tmp)
ok v start xv-on
ok v autostart xv-auto
ok v create "$TMP/tmp.xml" --paused

list() # OPTION...: the names, of our guests
{
    v list --name "$@" | grep '^xv-' | sort | xargs
}
is 'list' 'xv-on xv-tmp' "$(list)"
is 'list --all' 'xv-auto xv-off xv-on xv-tmp' "$(list --all)"
filters() # the same whatever the host; and a virsh takes its time on an emulated Xen
{
    is 'list --inactive' 'xv-auto xv-off' "$(list --inactive)"
    is 'list --persistent' 'xv-on' "$(list --persistent)"
    is 'list --all --persistent' 'xv-auto xv-off xv-on' "$(list --all --persistent)"
    is 'list --transient' 'xv-tmp' "$(list --transient)"
    is 'list --all --autostart' 'xv-auto' "$(list --all --autostart)"
    is 'list --all --no-autostart' 'xv-off xv-on xv-tmp' "$(list --all --no-autostart)"
    is 'list --state-running' 'xv-on' "$(list --state-running)"
    is 'list --state-paused' 'xv-tmp' "$(list --state-paused)"
    is 'list --all --state-shutoff' 'xv-auto xv-off' "$(list --all --state-shutoff)"
    is 'list --all --with-managed-save' '' "$(list --all --with-managed-save)"
    is 'list --all --without-managed-save' 'xv-auto xv-off xv-on xv-tmp' "$(list --all --without-managed-save)"
    is 'list --all --with-snapshot' '' "$(list --all --with-snapshot)"
}
[ "$HV" = xen ] || filters

uuid=$(v domuuid xv-off)
is 'domname of a uuid' xv-off "$(v domname "$uuid" | head -n 1)"
is 'domuuid of a domid' "$(v domuuid xv-on)" "$(v domuuid "$(domid_of xv-on)")"
is 'domid of one that is off' - "$(domid_of xv-off)"
refused 'failed to get domain' v domid xv-none
is 'autostart off again' 0 "$(v autostart --disable xv-auto >/dev/null; list --all --autostart | wc -w)"

# the read-only socket lets look and not touch
ro()
{
    "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock-ro" "$@"
}
ok ro list --all
ok ro dumpxml xv-on
refused 'read only' ro destroy xv-on
refused 'read only' ro dumpxml --security-info xv-on

ok v destroy xv-tmp
is 'list after' 'xv-on' "$(list)"
ok v destroy xv-on
for g in xv-on xv-off xv-auto; do
    ok v undefine $g
done
stop_daemon
