# A guest whose disk's backend dies (the QEMU that serves its qcow2 image): the guest runs on, others notice nothing, and it is
# destroyed and started again in a bounded time.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh backend)
# time limit: 600
. "$(dirname "$0")/lib/lib.sh"
only xen # a simulated host has no backends
command -v qemu-img >/dev/null || skip 'no qemu-img'
start_daemon
watch_events
qemu-img create -q -f qcow2 "$TMP/disk.qcow2" 16M || die 'qemu-img'
bare=1 guest_xml pv-kernel xv-back xv.tick=2 |
    sed "s|<devices>|&<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$TMP/disk.qcow2'/><target dev='xvda'/></disk>|" >"$TMP/xv-back.xml"
made+=(xv-back)
ok v define "$TMP/xv-back.xml"
define tiny xv-other
ok v start xv-other
ok v start xv-back
console_see xv-back "$up.*xvda"
id=$(domid_of xv-back)
kill -KILL "$(xenstore-read "/local/domain/$id/image/device-model-pid")" || die 'it has no device model'

console_see xv-back TICK 'still there' 'ECHO still there'
case $(state_of xv-back) in running*) ;; *) die "state: $(state_of xv-back)" ;; esac
ok v domstats xv-back
ok v dumpxml xv-back
ok v suspend xv-other
ok v resume xv-other
forget_events
begun=$SECONDS
ok v destroy xv-back
echo "destroyed in $((SECONDS - begun)) s"
[ $((SECONDS - begun)) -lt 120 ] || die "it took $((SECONDS - begun)) s to destroy it"
wait_event xv-back 'Stopped Destroyed'
is state 'shut off (destroyed)' "$(state_of xv-back)"
is 'what Xen has of it' '' "$(xenstore-ls "/local/domain/$id" 2>/dev/null)"
ok v start xv-back
console_see xv-back "$up.*xvda"
ok v destroy xv-back
ok v destroy xv-other
stop_daemon
