# life.sh KIND, sourced: the whole life of one kind of guest, each step seen by somebody who listens to events.
kind=$1 name=xv-$1
marker="$up name=$name"
case $HV$kind in
xenhvm-bios) marker="$up hvm bios" ;;             # a boot sector knows no names
xenhvm-kernel) marker+=' initrd=0x0*[1-9a-f]' ;; # the kernel got its command line and its RAM disk
esac
see=
case $HV$kind in
xenhvm-linux) see=800 ;; # it boots for minutes there
xenhvm-*) see=240 ;;
esac
start_daemon
watch_events

define "$kind" "$name"
wait_event "$name" 'Defined Added'
ok v list --all
grep -qE "^ - +$name +shut off" "$TMP/out" || die "not listed: $(cat "$TMP/out")"

ok v start "$name"
wait_event "$name" 'Started Booted'
wait_state "$name" 'running (booted)'
console_see "$name" "$marker" 'hello there' 'XVIRT-GUEST-ECHO hello there'

id=$(domid_of "$name")
ok v dumpxml "$name"
grep -q "<domain type='xen' id='$id'>" "$TMP/out" || die "no id $id in the XML: $(cat "$TMP/out")"
grep -qE "<target dev='vif$id\.[0-9]" "$TMP/out" || die "no name of the interface in the XML: $(cat "$TMP/out")"
grep -qE "tty='/dev/|<source path='/dev/" "$TMP/out" || die "no tty of the console in the XML: $(cat "$TMP/out")"
if [ "$kind" != pvh-kernel ]; then
    grep -qE "type='vnc' port='59[0-9][0-9]'" "$TMP/out" || die "no VNC port in the XML: $(cat "$TMP/out")"
fi
if [ "$HV" = sim ]; then
    ok v dominfo "$name"
    grep -qE "^State: +running" "$TMP/out" || die "dominfo: $(cat "$TMP/out")"
fi
ok v domstats "$name"
for field in state.state=1 cpu.time= balloon.current= vcpu.current=1 net.count=1 net.0.rx.bytes= block.count=1 block.0.name=; do
    grep -q "^  $field" "$TMP/out" || die "no $field in domstats: $(cat "$TMP/out")"
done

ok v suspend "$name"
wait_event "$name" 'Suspended Paused'
is state 'paused (user)' "$(state_of "$name")"
ok v resume "$name"
wait_event "$name" 'Resumed Unpaused'
is state 'running (unpaused)' "$(state_of "$name")"

forget_events
ok v shutdown "$name"
wait_event "$name" 'Stopped Shutdown'
wait_state "$name" 'shut off (shutdown)'

ok v start "$name"
wait_event "$name" 'Started Booted'
ok v destroy "$name"
wait_event "$name" 'Stopped Destroyed'
is state 'shut off (destroyed)' "$(state_of "$name")"
ok v undefine "$name"
wait_event "$name" 'Undefined Removed'
stop_daemon
