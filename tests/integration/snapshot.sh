# Snapshots of guests that are off and that run: disks within their images, disks as files under new ones, memory; all of virsh's
# commands for them.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh snapshot)
# time limit: 1800
. "$(dirname "$0")/lib/lib.sh"
command -v qemu-img >/dev/null || skip "no qemu-img"
start_daemon

disk=$TMP/disk.qcow2
qemu-img create -q -f qcow2 "$disk" 64M || die "qemu-img create"
mark() # TEXT [FILE]: written to the disk as its guest would (which is off)
{
    qemu-io -c "write -P $1 0 64k" "${2:-$disk}" >/dev/null || die "qemu-io write"
}
marked() # TEXT [FILE]
{
    qemu-io -U -r -c "read -P $1 0 64k" "${2:-$disk}" 2>&1 | grep -q 'verification failed' && die "the disk does not hold $1"
    return 0
}
in_image() # names of the snapshots in the image
{
    qemu-img snapshot -U -l "$disk" | awk 'NR > 2 {print $2}' | tr '\n' ' '
}
names()
{
    v snapshot-list xv-snap --name "$@" | tr '\n' ' ' | sed 's/ *$//'
}
source_of()
{
    v dumpxml --inactive xv-snap | sed -n "s/.*<source file='\([^']*\)'.*/\1/p"
}

bare=1 guest_xml pv-kernel xv-snap xv.tick=2 |
    sed "s|<devices>|&<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$disk'/><target dev='xvda'/></disk>|" \
    >"$TMP/xv-snap.xml"
made+=(xv-snap)
ok v define "$TMP/xv-snap.xml"

# --- off, within the image
mark 1
ok v snapshot-create-as xv-snap one --description 'the first'
is 'what the image holds' 'one ' "$(in_image)"
ok v snapshot-info xv-snap one
for line in 'Name: +one' 'Domain: +xv-snap' 'Current: +yes' 'State: +shutoff' 'Location: +internal' 'Parent: +-' 'Children: +0' 'Metadata: +yes'; do
    grep -qE "^$line" "$TMP/out" || die "no '$line' in: $(cat "$TMP/out")"
done
mark 2
ok v snapshot-create-as xv-snap two
is 'parent of two' one "$(v snapshot-parent xv-snap two | head -n 1)"
refused 'already exists' v snapshot-create-as xv-snap two
refused 'invalid name' v snapshot-create-as xv-snap ../two
refused 'quiesce' v snapshot-create-as xv-snap three --disk-only --quiesce
ok v snapshot-create-as xv-snap three --print-xml
grep -q '<domainsnapshot>' "$TMP/out" || die "no XML: $(cat "$TMP/out")"
mark 3
ok v snapshot-revert xv-snap one
marked 1
is 'current' one "$(v snapshot-current xv-snap --name | head -n 1)"
ok v snapshot-create-as xv-snap three
is 'parent of three' one "$(v snapshot-parent xv-snap three | head -n 1)"
ok v snapshot-list xv-snap --tree
is 'tree' 'one +- three +- two' "$(tr -s ' |\n' ' ' <"$TMP/out" | sed 's/^ //; s/ $//')"
is 'all' 'one three two' "$(names)"
is 'roots' one "$(names --roots)"
is 'leaves' 'three two' "$(names --leaves)"
is 'no leaves' one "$(names --no-leaves)"
is 'inactive' 'one three two' "$(names --inactive)"
is 'active' '' "$(names --active)"
is 'internal' 'one three two' "$(names --internal)"
is 'external' '' "$(names --external)"
is 'no metadata' '' "$(names --no-metadata)"
is 'below one' 'three two' "$(names --from one --descendants)"
ok v snapshot-list xv-snap --parent
ok v list --all --with-snapshot --name
grep -qx xv-snap "$TMP/out" || die "not listed as having snapshots"
refused 'snapshots' v undefine xv-snap

# --- xvirt says the same
x()
{
    "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}
same() # WORD...: xvirt's output is virsh's
{
    x "$@" >"$TMP/ours" 2>&1
    v "$@" >"$TMP/theirs" 2>&1
    diff -B "$TMP/ours" "$TMP/theirs" >"$TMP/diff" || die "xvirt $*: $(head -n 6 "$TMP/diff")"
}
same snapshot-list xv-snap
same snapshot-list xv-snap --parent
same snapshot-list xv-snap --tree
same snapshot-list xv-snap --name --leaves
same snapshot-list xv-snap --from one --descendants --name
same snapshot-info xv-snap one
same snapshot-info xv-snap --current
same snapshot-parent xv-snap two
same snapshot-parent xv-snap one
same snapshot-current xv-snap --name
same snapshot-current xv-snap
same snapshot-dumpxml xv-snap two
same snapshot-create-as xv-snap --print-xml --name n --description d --memspec file=/m,snapshot=external --diskspec xvda,snapshot=external,driver=qcow2,file=/x,,y
same snapshot-delete xv-snap nobody
same snapshot-revert xv-snap nobody
is 'as JSON' 'one three two' "$(x snapshot-list xv-snap --format json | python3 -c 'import json, sys; print(*[s["name"] for s in json.load(sys.stdin)])')"

# --- edited, made current, dropped without its contents and taken up again
ok v snapshot-dumpxml xv-snap two
cp "$TMP/out" "$TMP/two.xml"
sed 's|<name>two</name>|&<description>was two</description>|' "$TMP/two.xml" >"$TMP/two-edited.xml"
ok v snapshot-create xv-snap "$TMP/two-edited.xml" --redefine --current
ok v snapshot-current xv-snap
grep -q 'was two' "$TMP/out" || die "not redefined: $(cat "$TMP/out")"
EDITOR="sed -i 's/was two/is two/'" ok x snapshot-edit xv-snap two
ok v snapshot-dumpxml xv-snap two
grep -q 'is two' "$TMP/out" || die "not edited: $(cat "$TMP/out")"
ok v snapshot-current xv-snap one
is 'current' one "$(v snapshot-current xv-snap --name | head -n 1)"
ok v snapshot-delete xv-snap two --metadata
is 'all' 'one three' "$(names)"
is 'what the image holds' 'one two three ' "$(in_image)"
ok v snapshot-create xv-snap "$TMP/two.xml" --redefine
ok v snapshot-revert xv-snap two --running
wait_state xv-snap 'running (from snapshot)'
[ "$HV" != sim ] || marked 2
refused 'is in use' v snapshot-delete xv-snap two
ok v destroy xv-snap
sed 's|<name>two</name>|<name>wrong</name>|; s|<name>one</name>|<name>nobody</name>|' "$TMP/two.xml" >"$TMP/wrong.xml"
refused 'not there' v snapshot-create xv-snap "$TMP/wrong.xml" --redefine
refused 'no domain snapshot' v snapshot-revert xv-snap nobody

# --- the metadata outlives the daemon
stop_daemon
start_daemon
is 'all' 'one three two' "$(names)"
is 'current' two "$(v snapshot-current xv-snap --name | head -n 1)"
ok v snapshot-delete xv-snap one --children-only
is 'all' one "$(names)"
is 'what the image holds' 'one ' "$(in_image)"
is 'current' one "$(v snapshot-current xv-snap --name | head -n 1)"

# --- of a guest that runs: with its memory, within the image
ok v start xv-snap
console_see xv-snap "$up"
ok x snapshot-create-as xv-snap live
wait_state xv-snap 'running (from snapshot)'
console_see xv-snap TICK 'after it' 'ECHO after it'
is 'active' live "$(names --active)"
is 'what the image holds' 'one live ' "$(in_image)"
refused 'is in use' v snapshot-delete xv-snap live
ok x snapshot-revert xv-snap live --paused
is state 'paused (from snapshot)' "$(state_of xv-snap)"
ok v resume xv-snap
console_see xv-snap TICK 'and back' 'ECHO and back'
ok v snapshot-revert xv-snap one
is state 'shut off (from snapshot)' "$(state_of xv-snap)"
ok v snapshot-revert xv-snap live
wait_state xv-snap 'running (from snapshot)'
ok v snapshot-create-as xv-snap halted --halt
is state 'shut off (from snapshot)' "$(state_of xv-snap)"
is 'children of one' 'halted live' "$(names --from one --descendants | tr ' ' '\n' | sort | tr '\n' ' ' | sed 's/ $//')"
ok x snapshot-delete xv-snap one --children
is 'all' '' "$(names)"
is 'what the image holds' '' "$(in_image)"
[ -z "$(find "$TMP/state/snapshot" -name '*.mem')" ] || die "memory is left: $(find "$TMP/state/snapshot")"

# --- files under new ones
mark 4
ok v snapshot-create-as xv-snap ext --disk-only --atomic
is 'the disk' "$TMP/disk.ext" "$(source_of)"
marked 4 "$TMP/disk.ext"
mark 5 "$TMP/disk.ext"
ok v snapshot-info xv-snap ext
grep -qE '^Location: +external' "$TMP/out" || die "not external: $(cat "$TMP/out")"
ok v snapshot-create-as xv-snap ext2 --disk-only --diskspec "xvda,snapshot=external,file=$TMP/other.qcow2"
is 'the disk' "$TMP/other.qcow2" "$(source_of)"
refused 'exists already' v snapshot-create-as xv-snap ext3 --disk-only --diskspec "xvda,file=$TMP/disk.ext"
mark 6 "$TMP/other.qcow2"
ok v snapshot-revert xv-snap ext
marked 4 "$(source_of)"
[ ! -e "$TMP/other.qcow2" ] || die "the file that was left is still there"
ok v snapshot-revert xv-snap ext2
marked 5 "$(source_of)"
mark 7 "$(source_of)"
ok v start xv-snap
console_see xv-snap "$up"
ok v snapshot-create-as xv-snap ext4 --disk-only
wait_state xv-snap 'running (from snapshot)'
console_see xv-snap TICK 'over it' 'ECHO over it'
is 'disk-only ones' 'ext4' "$(names --disk-only)"
ok v destroy xv-snap
ok v snapshot-delete xv-snap ext4
marked 7 "$(source_of)"
ok v snapshot-delete xv-snap ext2
marked 7 "$(source_of)"
is 'the disk' "$TMP/disk.ext" "$(source_of)"
ok v snapshot-delete xv-snap ext
is 'the disk' "$disk" "$(source_of)"
[ "$(ls "$TMP" | grep -c '^disk\.')" = 1 ] || die "files are left: $(ls "$TMP")"

ok v snapshot-create-as xv-snap last
ok v undefine xv-snap --snapshots-metadata
[ -z "$(ls "$TMP/state/snapshot")" ] || die "metadata is left"
stop_daemon
