# The disk that definitions are on is slow: nobody who reads waits for it, answers and events come in their order and not before
# it is written. It fails: what was asked for is refused, undone, and nobody is told of it.
. "$(dirname "$0")/lib/lib.sh"
only sim
[ -e "${SLOW_SYNC_SO:-}" ] || skip 'no slow disk to be had'
export SLOW_SYNC=$TMP/sync
LD_PRELOAD=$SLOW_SYNC_SO start_daemon
define pv-kernel xv-there
define pv-kernel xv-kept
watch_events
forget_events

says() # TEXT COMMAND...
{
    local text=$1
    shift
    quick "$@" | grep -q "$text"
}

# a read takes no longer than ever, while a definition waits for the disk
guest_xml pv-kernel xv-slow >"$TMP/xv-slow.xml"
echo 1500 >"$SLOW_SYNC"
v define "$TMP/xv-slow.xml" >"$TMP/slow" 2>&1 &
slow=$!
until_ok 30 quick dominfo xv-slow >"$TMP/info" || die 'what is being defined is not seen'
before=${EPOCHREALTIME/./}
ok quick domstate xv-there
ok quick list --all
ok quick dumpxml xv-there
took=$((${EPOCHREALTIME/./} - before))
[ $took -lt 1000000 ] || die "three reads took $took us while the disk was busy"
kill -0 $slow 2>/dev/null || die 'the definition was answered before the disk had it'
! has_event xv-slow Defined || die 'the event came before the disk had it'
rm "$SLOW_SYNC"
wait $slow || die "not defined: $(cat "$TMP/slow")"
[ -e "$TMP/etc/xv-slow.xml" ] || die 'answered, and not on disk'
wait_event xv-slow 'Defined Added'

# changes of one guest by several clients come to be in their order
echo 400 >"$SLOW_SYNC"
v setmem xv-slow 65536 --config >/dev/null 2>&1 &
one=$!
until_ok 30 says 65536 dumpxml xv-slow || die 'the memory is not seen'
v autostart xv-slow >/dev/null 2>&1 &
two=$!
until_ok 30 says 'Autostart: *enable' dominfo xv-slow || die 'autostart is not seen'
v domrename xv-slow xv-late >"$TMP/three" 2>&1 &
three=$!
wait $one && wait $two && wait $three || die "a change failed: $(cat "$TMP/three")"
rm "$SLOW_SYNC"
is 'definitions' 'xv-kept xv-late xv-there' "$(cd "$TMP/etc" && echo xv-*.xml | sed 's/\.xml//g')"
grep -q '65536' "$TMP/etc/xv-late.xml" || die 'the memory is not in the definition'
[ -e "$TMP/etc/autostart/xv-late.xml" ] && [ ! -L "$TMP/etc/autostart/xv-slow.xml" ] || die 'autostart was lost'
wait_event xv-late 'Defined Renamed'
grep -aoE "domain '?xv-(slow|late)'?: .*" "$TMP/events" | sed "s/'//g" >"$TMP/order"
is 'events' "domain xv-slow: Defined Added domain xv-slow: Undefined Renamed domain xv-late: Defined Renamed" \
    "$(grep -E ': (Defined|Undefined)' "$TMP/order" | xargs)"

# a definition waits, and the guest starts meanwhile: what it was started with is what it was defined as
echo 600 >"$SLOW_SYNC"
v desc xv-late --config 'another text' >/dev/null 2>&1 &
one=$!
until_ok 30 says 'another text' desc xv-late || die 'the description is not seen'
ok quick start xv-late
says 'another text' desc xv-late || die 'it was started as something else'
rm "$SLOW_SYNC"
wait $one || die 'the description was refused'
ok v destroy xv-late

# a saved guest goes from the disk as slowly: nobody waits but who has asked for it
ok v start xv-late
ok v managedsave xv-late
image=$TMP/state/save/xv-late.save
[ -s "$image" ] || die 'no managed save'
echo 1500 >"$SLOW_SYNC"
v managedsave-remove xv-late >/dev/null 2>&1 &
one=$!
until_ok 5 says 'Managed save: *no' dominfo xv-late || die 'the removal is not seen'
before=${EPOCHREALTIME/./}
ok quick list --all
ok quick dumpxml xv-there
took=$((${EPOCHREALTIME/./} - before))
[ $took -lt 1000000 ] || die "two reads took $took us while an image was removed"
refused 'is being removed' quick start xv-late
rm "$SLOW_SYNC"
wait $one || die 'the image was not removed'
[ ! -e "$image" ] || die 'the removal was answered, and the image is there'
ok v start xv-late
ok v managedsave xv-late
ok v domrename xv-late xv-slow
[ -s "$TMP/state/save/xv-slow.save" ] && [ ! -e "$image" ] || die 'the image kept its old name'
ok v start xv-slow --force-boot
is 'a fresh start' 'running (booted)' "$(state_of xv-slow)"
[ ! -e "$TMP/state/save/xv-slow.save" ] || die 'the image was not used, and stays'
ok v destroy xv-slow
ok v start xv-slow
ok v managedsave xv-slow
ok v undefine xv-slow --managed-save
[ ! -e "$TMP/state/save/xv-slow.save" ] || die 'the image outlives its guest'

# the disk fails: as if nothing had been asked for
forget_events
sed 's/xv-there/xv-never/; /<uuid>/d' "$TMP/xv-there.xml" >"$TMP/never.xml"
before=$(v dumpxml xv-kept)
echo fail >"$SLOW_SYNC"
refused "cannot sync" v define "$TMP/never.xml"
refused "failed to get domain|domain not found|no domain" v dominfo xv-never
refused "cannot sync" v setmem xv-kept 4096 --config
refused "cannot sync" "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" autostart xv-kept
refused "cannot sync" v undefine xv-kept
rm "$SLOW_SYNC"
is 'what could not be changed' "$before" "$(v dumpxml xv-kept)"
is 'autostart' disable "$(v dominfo xv-kept | awk '/^Autostart/ { print $2 }')"
ok v desc xv-there --config 'the disk is back'
wait_event xv-there .
! grep -aqE "xv-(never|kept)" "$TMP/events" || die "events of what failed: $(cat "$TMP/events")"

# killed while it waits: the guest is there or not, but never half
for ms in 50 150 300; do
    echo 200 >"$SLOW_SYNC"
    v define "$TMP/never.xml" >/dev/null 2>&1 &
    one=$!
    sleep "0.$(printf %03d $ms)"
    kill_daemon
    wait $one
    rm -f "$SLOW_SYNC"
    LD_PRELOAD=$SLOW_SYNC_SO start_daemon
    ! grep -q 'is not used' "$log" || die "half a definition: $(grep 'is not used' "$log")"
    v undefine xv-never >/dev/null 2>&1
done

# told to stop while it waits: what was asked for is written
echo 300 >"$SLOW_SYNC"
v define "$TMP/never.xml" >/dev/null 2>&1 &
one=$!
until_ok 30 quick dominfo xv-never >"$TMP/info" || die 'not seen'
stop_daemon
wait $one
[ -e "$TMP/etc/xv-never.xml" ] || die 'a definition was lost by a stop'
