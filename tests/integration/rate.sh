# What an interface may send: changed while the guest runs, in its definition, or both; what Xen cannot limit is refused.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh rate)
. "$(dirname "$0")/lib/lib.sh"
start_daemon
mac=00:16:3e:77:00:09
with_devices=1 guest_xml tiny xv-rate xv.tick=0 | sed "s,<source bridge=[^>]*>,<mac address='$mac'/>&," >"$TMP/xv-rate.xml"
made+=(xv-rate)
ok v define "$TMP/xv-rate.xml"
average() # [OPTION...]
{
    v domiftune xv-rate "$mac" "$@" | awk '/^outbound.average/ { print $NF }'
}
in_xml() # [OPTION]
{
    v dumpxml xv-rate "$@" | sed -n "s/.*<outbound average='\([0-9]*\)'.*/\1/p"
}
on_xen() # BYTES,MICROSECONDS, or nothing: the backend's node
{
    [ "$HV" = sim ] && return
    is 'rate of the backend' "$1" "$(xenstore-read "/local/domain/0/backend/vif/$(domid_of xv-rate)/0/rate" 2>/dev/null)"
}
is 'at first' 0 "$(average)"
is 'parameters' 7 "$(v domiftune xv-rate "$mac" | grep -c bound)"
refused 'not running' v domiftune xv-rate "$mac" --outbound 100 --live
ok v domiftune xv-rate "$mac" --outbound 100 --config
is 'defined' '100 100' "$(average --config) $(in_xml --inactive)"
ok v start xv-rate
on_xen '5120,50000'
ok v domiftune xv-rate "$mac" --outbound 2000 --live
is 'live alone' '2000 100' "$(average --live) $(average --config)"
is 'in its XML' '2000 100' "$(in_xml) $(in_xml --inactive)"
on_xen '102400,50000'
ok quick domiftune xv-rate "vif$(domid_of xv-rate).0" --outbound 300 --live --config
is 'both' '300 300' "$(average --live) $(average --config)"
refused 'nothing else' v domiftune xv-rate "$mac" --inbound 100
refused 'nothing else' v domiftune xv-rate "$mac" --outbound 100,200,300
refused 'no interface' v domiftune xv-rate 00:16:3e:00:00:01
is 'after what was refused' '300 300' "$(average --live) $(average --config)"
if [ "$HV" = sim ]; then
    ok simctl fail set_nic_rate 1 'xenstore is full'
    refused 'xenstore is full' v domiftune xv-rate "$mac" --outbound 50 --live --config
    is 'after what failed' '300 300' "$(average --live) $(average --config)"
fi

# the next daemon knows; no limit again
stop_daemon
start_daemon
is 'after a restart' 300 "$(average --live)"
ok v domiftune xv-rate "$mac" --outbound 0 --live --config
is 'no limit' '0 0' "$(average --live) $(average --config)"
is 'nothing in its XML' '' "$(in_xml)"
on_xen ''
ok v destroy xv-rate
stop_daemon
