# Two guests do not write to one disk by mistake: refused at start, attach and restore, whatever it is called; not if it is
# read-only, shareable or a drive's medium, nor when the other is gone.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh one-disk)
# time limit: 600
. "$(dirname "$0")/lib/lib.sh"
start_daemon
truncate -s 1M "$TMP/one.img" "$TMP/two.img"
ln -s one.img "$TMP/link.img"
ln "$TMP/one.img" "$TMP/hard.img"

with_disk() # NAME FILE [ELEMENTS]: a guest that has it
{
    local kind=tiny
    [ "$HV$1" != xenxv-a ] || kind=pv-kernel # a tiny one cannot be saved there
    bare=1 guest_xml $kind "$1" xv.tick=0 | sed "s,</devices>,<disk type='file' device='disk'><source file='$TMP/$2'/><target dev='xvda'/>${3:-}</disk>&," >"$TMP/$1.xml"
    made+=("$1")
    ok v define "$TMP/$1.xml"
}

busy="is in use by domain 'xv-a'"
with_disk xv-a one.img
with_disk xv-b one.img
with_disk xv-link link.img
with_disk xv-hard hard.img
with_disk xv-read link.img '<readonly/>'
with_disk xv-share hard.img '<shareable/>'
with_disk xv-two two.img
ok v start xv-a
console_see xv-a "$up"
refused "disk 'xvda' \('$TMP/one.img'\) $busy" v start xv-b
refused "$busy" quick start xv-link
refused "$busy" v start xv-hard
sed 's/xv-hard/xv-once/; /<uuid>/d' "$TMP/xv-hard.xml" >"$TMP/xv-once.xml"
refused "$busy" v create "$TMP/xv-once.xml"
is 'state of the refused' 'shut off' "$(v domstate xv-b | head -n 1)"
if [ "$HV" = sim ]; then # Xen's own block script has its word about these
    ok v start xv-read
    ok v start xv-share
    ok v destroy xv-read
    ok v destroy xv-share
fi

# attached: the same, until it is detached, or could not be attached
ok v start xv-two
refused "$busy" v attach-disk xv-two "$TMP/link.img" xvdb --live
is 'disks' 1 "$(v domblklist xv-two | grep -c xvd)"
ok v detach-disk xv-a xvda --live
ok v attach-disk xv-two "$TMP/link.img" xvdb --live
refused "is in use by domain 'xv-two'" v start xv-b
refused "is in use by domain 'xv-two'" quick attach-disk xv-a "$TMP/one.img" xvdb --live
ok v detach-disk xv-two xvdb --live
ok v attach-disk xv-a "$TMP/hard.img" xvdb --live
if [ "$HV" = sim ]; then
    simctl fail attach 1 'no such luck' >/dev/null
    truncate -s 1M "$TMP/three.img"
    refused 'no such luck' v attach-disk xv-two "$TMP/three.img" xvdc --live
    ok v attach-disk xv-a "$TMP/three.img" xvdc --live
    ok v attach-disk xv-two "$TMP/one.img" xvde --live --mode readonly
fi

# the next daemon knows too
stop_daemon
start_daemon
knows()
{
    ! v start xv-b >"$TMP/out" 2>&1 || die 'started'
    grep -q "$busy" "$TMP/out"
}
until_ok 30 knows || die "not refused: $(cat "$TMP/out")"

# gone: free. Saved: free too, and the one who has it then keeps the image from being restored.
ok v save xv-a "$TMP/image"
ok v start xv-b
refused "is in use by domain 'xv-b'" v restore "$TMP/image"
refused "is in use by domain 'xv-b'" v start xv-a
ok v destroy xv-b
ok v restore "$TMP/image"
refused "$busy" v start xv-b
ok v destroy xv-a
ok v start xv-b
ok v destroy xv-b

# both at once: one of them
v start xv-a >"$TMP/a" 2>&1 &
a=$!
v start xv-hard >"$TMP/b" 2>&1 &
b=$!
n=0
wait $a && n=$((n + 1))
wait $b && n=$((n + 1))
is 'guests that have it' 1 $n
grep -q 'is in use by domain' "$TMP/a" "$TMP/b" || die "another reason: $(cat "$TMP/a" "$TMP/b")"
v destroy xv-a >/dev/null 2>&1
v destroy xv-hard >/dev/null 2>&1

# a start that fails lets go of it; one that is restarted keeps it
if [ "$HV" = sim ]; then
    simctl fail create 1 'no memory today' >/dev/null
    refused 'no memory today' v start xv-a
    ok v start xv-b
    ok v reboot xv-b
    refused "is in use by domain 'xv-b'" v start xv-a
    wait_state xv-b 'running (booted)'
    refused "is in use by domain 'xv-b'" v start xv-a
    ok v destroy xv-b
    # another toolstack's guest
    simctl create name=xv-other memory=16384 "disk=$TMP/link.img" >/dev/null
    until_ok 30 v domstate xv-other >/dev/null || die 'not adopted'
    other_knows()
    {
        v start xv-a >"$TMP/out" 2>&1 && ok v destroy xv-a && return 1
        grep -q "is in use by domain 'xv-other'" "$TMP/out"
    }
    until_ok 30 other_knows || die "the other toolstack's guest: $(cat "$TMP/out")"
fi
stop_daemon
