# A pool of images that xvirtd looks after itself, where no other daemon does: pools, volumes, streams, and nothing outside of
# the pool's folder whatever lies in it.
# not by default on an emulated Xen, which adds nothing but time (tests/lab/integration.sh pool)
# time limit: 900
. "$(dirname "$0")/lib/lib.sh"
ro()
{
    "$VIRSH" -r -c "xen:///system?socket=$run/libvirt-sock-ro" "$@"
}
start_daemon --verbose
is 'pools' '' "$(v pool-list --all --name | xargs)"

# its life, and the events of it
stdbuf -oL "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" pool-event --event lifecycle --loop >"$TMP/life" 2>&1 &
watcher=$!
stdbuf -oL "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" pool-event --event refresh --loop >"$TMP/refresh" 2>&1 &
refresher=$!
until_ok 30 grep -q 'CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: done' "$log" || die "virsh did not register"
heard()
{
    until_ok 30 grep -q "$1" "$TMP/life" || die "no event '$1': $(cat "$TMP/life")"
}
ok v pool-define-as xv-pool dir --target "$TMP/images"
is 'pools' xv-pool "$(v pool-list --all --name | xargs)"
heard 'pool xv-pool: Defined'
is 'active pools' '' "$(v pool-list --name | xargs)"
refused 'cannot open the pool.s folder' v pool-start xv-pool
ok v pool-build xv-pool
heard 'pool xv-pool: Created'
ok v pool-start xv-pool
heard 'pool xv-pool: Started'
refreshed()
{
    v pool-refresh xv-pool && grep -q "refresh' for .*xv-pool" "$TMP/refresh"
}
until_ok 30 refreshed || die "no event of a refresh: $(cat "$TMP/refresh")"
kill $refresher
ok v pool-destroy xv-pool
heard 'pool xv-pool: Stopped'
ok v pool-undefine xv-pool
heard 'pool xv-pool: Undefined'
kill $watcher && wait $watcher 2>/dev/null
watcher=
ok v pool-define-as xv-pool dir --target "$TMP/images"
ok v pool-start xv-pool
ok v pool-autostart xv-pool
ok v pool-info xv-pool
grep -q 'State: *running' "$TMP/out" && grep -q 'Autostart: *yes' "$TMP/out" || die "info: $(cat "$TMP/out")"
ok v pool-dumpxml xv-pool
grep -q "<path>$TMP/images</path>" "$TMP/out" || die "XML: $(cat "$TMP/out")"
refused 'is already active' v pool-start xv-pool
refused 'is still active' v pool-undefine xv-pool
refused "is that of pool 'xv-pool'" v pool-define-as xv-other dir --target "$TMP/images"
refused 'absolute' v pool-define-as xv-other dir --target "$TMP/images/../x"
refused 'virtstoraged' v pool-define-as xv-other logical --source-name vg
refused 'read only access' ro pool-destroy xv-pool

# volumes
ok v vol-create-as xv-pool raw.img 10M --allocation 0
is 'size of a raw one' 10485760 "$(stat -c %s "$TMP/images/raw.img")"
is 'mode of a raw one' 600 "$(stat -c %a "$TMP/images/raw.img")"
refused 'exists already' v vol-create-as xv-pool raw.img 10M
refused 'invalid name' v vol-create-as xv-pool '../raw.img' 10M
refused 'invalid name' v vol-create-as xv-pool '.hidden' 10M
ok v vol-info --pool xv-pool raw.img
ok v vol-dumpxml --pool xv-pool raw.img
grep -q "<format type='raw'/>" "$TMP/out" || die "volume: $(cat "$TMP/out")"
is 'path' "$TMP/images/raw.img" "$(v vol-path --pool xv-pool raw.img | head -n 1)"
is 'pool by path' xv-pool "$(v vol-pool "$TMP/images/raw.img" | head -n 1)"
is 'name by key' raw.img "$(v vol-name "$TMP/images/raw.img" | head -n 1)"
ok v vol-resize --pool xv-pool raw.img 20M
is 'size after' 20971520 "$(stat -c %s "$TMP/images/raw.img")"
refused 'smaller only when asked' v vol-resize --pool xv-pool raw.img 5M
ok v vol-resize --pool xv-pool raw.img 5M --delta
is 'size after' 26214400 "$(stat -c %s "$TMP/images/raw.img")"
if command -v qemu-img >/dev/null; then
    ok v vol-create-as xv-pool disk.qcow2 1G --format qcow2
    ok v vol-dumpxml --pool xv-pool disk.qcow2
    grep -q "<format type='qcow2'/>" "$TMP/out" && grep -q "<capacity unit='bytes'>1073741824<" "$TMP/out" ||
        die "qcow2: $(cat "$TMP/out")"
    ok v vol-create-as xv-pool over.qcow2 1G --format qcow2 --backing-vol "$TMP/images/disk.qcow2" --backing-vol-format qcow2
    ok v vol-dumpxml --pool xv-pool over.qcow2
    grep -q "<path>$TMP/images/disk.qcow2</path>" "$TMP/out" || die "backing store: $(cat "$TMP/out")"
    ok v vol-resize --pool xv-pool disk.qcow2 2G
    ok v vol-clone --pool xv-pool raw.img copy.img
    cmp "$TMP/images/raw.img" "$TMP/images/copy.img" || die "the copy differs"
    refused 'cannot be made' v vol-create-as xv-pool x.img 1M --format nosuch
    # a copy of a difference has all of it
    head -c 100000 /dev/urandom >"$TMP/base"
    cp "$TMP/base" "$TMP/images/base.img"
    truncate -s 1M "$TMP/images/base.img"
    ok v vol-create-as xv-pool middle.qcow2 1M --format qcow2 --backing-vol "$TMP/images/base.img" --backing-vol-format raw
    ok v vol-create-as xv-pool top.qcow2 1M --format qcow2 --backing-vol "$TMP/images/middle.qcow2" --backing-vol-format qcow2
    ok v vol-create-from xv-pool <(echo "<volume><name>flat.img</name><capacity>1048576</capacity></volume>") top.qcow2 --inputpool xv-pool
    cmp "$TMP/images/base.img" "$TMP/images/flat.img" || die "the copy of a difference differs"
    # an image whose header names a file of the host, as a guest can write it to its disk: the copy has nothing of that file
    seq 100000 | head -c 65536 >"$TMP/shadow"
    echo "<volume><name>loot.img</name><capacity>65536</capacity></volume>" >"$TMP/loot.xml"
    names() # WHAT TEXT: a copy of evil.img is refused, and tells nothing
    {
        refused "$2" v vol-create-from xv-pool "$TMP/loot.xml" evil.img --inputpool xv-pool
        [ ! -e "$TMP/images/loot.img" ] || die "$1: there is a copy"
        rm -f "$TMP/images/evil.img"
    }
    evil() # ARGUMENT...: of qemu-img create
    {
        qemu-img create -q "$@" "$TMP/images/evil.img" 64K || die "no evil image"
    }
    evil -f qcow2 -b "$TMP/shadow" -F raw
    refused 'outside of all pools' v vol-resize --pool xv-pool evil.img 1M
    names 'a backing file' 'outside of all pools'
    ok v vol-resize --pool xv-pool top.qcow2 2M
    is 'what is below a bigger one' "$TMP/images/middle.qcow2" "$(qemu-img info "$TMP/images/top.qcow2" | sed -n 's/^backing file: //p')"
    is 'its size' 2097152 "$(qemu-img info "$TMP/images/top.qcow2" | sed -n 's/^virtual size:.*(\([0-9]*\) bytes)/\1/p')"
    evil -f qcow2 -b "$TMP/shadow" -F raw
    python3 - "$TMP/images/evil.img" <<'PYTHON'
import sys
with open(sys.argv[1], 'r+b') as f: # a byte more for the name, and a zero before it
    head = f.read(20)
    at, n = int.from_bytes(head[8:16], 'big'), int.from_bytes(head[16:20], 'big')
    f.seek(16)
    f.write((n + 2).to_bytes(4, 'big'))
    f.seek(at + n)
    f.write(b'\0x')
PYTHON
    names 'a name that ends sooner than it says' 'outside of all pools'
    ln -sf "$TMP/shadow" "$TMP/images/link"
    evil -u -f qcow2 -b "$TMP/images/link" -F raw
    names 'a link in the pool' 'not found'
    evil -f qcow2 -o data_file="$TMP/elsewhere"
    names 'a data file' 'another file for its data'
    evil -f qed -b "$TMP/shadow" -F raw
    names 'a backing file of qed' 'a backing file'
    printf 'KDMV\1\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0' >"$TMP/images/evil.img"
    truncate -s 1M "$TMP/images/evil.img"
    names 'a list of files' 'other files for its data'
    # what is below is raw here, whatever the header says of its format: its words name no file
    printf '%s\n' '# Disk DescriptorFile' 'version=1' 'CID=fffffffe' 'parentCID=ffffffff' 'createType="monolithicFlat"' \
        "RW 128 FLAT \"$TMP/shadow\" 0" 'ddb.adapterType = "ide"' >"$TMP/images/words.img"
    truncate -s 64K "$TMP/images/words.img"
    evil -u -f qcow2 -b "$TMP/images/words.img" -F vmdk
    ok v vol-create-from xv-pool "$TMP/loot.xml" evil.img --inputpool xv-pool
    cmp "$TMP/images/words.img" "$TMP/images/loot.img" || die "words of an image were followed"
    refused 'cannot be used' v vol-create-as xv-pool x.qcow2 1M --format qcow2 --backing-vol "$TMP/images/base.img" --backing-vol-format nbd
    rm -f "$TMP/images"/{link,evil.img,loot.img,words.img,flat.img,base.img,middle.qcow2,top.qcow2}
    ok v vol-delete --pool xv-pool over.qcow2
fi

# streams
head -c 20000000 /dev/urandom >"$TMP/data"
ok v vol-create-as xv-pool up.img 20000000b
ok v vol-upload --pool xv-pool up.img "$TMP/data"
cmp "$TMP/data" "$TMP/images/up.img" || die "what was sent is not what is there"
ok v vol-download --pool xv-pool up.img "$TMP/back"
cmp "$TMP/data" "$TMP/back" || die "what came back is something else"
ok v vol-download --pool xv-pool up.img "$TMP/part" --offset 1000 --length 5000
cmp <(tail -c +1001 "$TMP/data" | head -c 5000) "$TMP/part" || die "a part is something else"
refused 'more bytes than were announced|cannot' v vol-upload --pool xv-pool up.img "$TMP/data" --offset 10 --length 20
cp "$TMP/data" "$TMP/images/up.img"
ok v vol-create-as xv-pool sparse.img 400M --allocation 0
truncate -s 100M "$TMP/holes" && head -c 100000 /dev/urandom >>"$TMP/holes"
ok v vol-upload --sparse --pool xv-pool sparse.img "$TMP/holes"
cmp <(head -c 104957600 "$TMP/images/sparse.img") "$TMP/holes" || die "holes went wrong"
[ "$(stat -c %b "$TMP/images/sparse.img")" -lt 4096 ] || die "holes became zeroes"
ok v vol-download --sparse --pool xv-pool sparse.img "$TMP/sparse"
cmp "$TMP/images/sparse.img" "$TMP/sparse" || die "holes came back wrong"
[ "$(stat -c %b "$TMP/sparse")" -lt 4096 ] || die "holes came back as zeroes"
refused 'read only access' ro vol-download --pool xv-pool up.img "$TMP/never"

# what is no image of the pool: links, folders, pipes, hidden files
echo secret >"$TMP/secret"
ln -s "$TMP/secret" "$TMP/images/link.img"
ln -s /etc "$TMP/images/etc"
mkdir "$TMP/images/folder"
mkfifo "$TMP/images/pipe"
touch "$TMP/images/.hidden"
v vol-list xv-pool >"$TMP/list"
! grep -qE 'link|etc|folder|pipe|hidden' "$TMP/list" || die "listed: $(cat "$TMP/list")"
for name in link.img etc pipe folder .hidden ../secret; do
    refused 'not found|failed' v vol-download --pool xv-pool "$name" "$TMP/stolen"
    refused 'not found|failed' v vol-upload --pool xv-pool "$name" "$TMP/data"
    refused 'not found|failed' v vol-delete --pool xv-pool "$name"
done
is 'what the link points to' secret "$(cat "$TMP/secret")"
[ -L "$TMP/images/link.img" ] || die "the link is gone"
refused 'exists already' v vol-create-as xv-pool link.img 1M
# nor a file that pretends: a header with a name of what is below it that is not there
printf 'QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff' >"$TMP/images/bad.qcow2"
ok v vol-dumpxml --pool xv-pool bad.qcow2

# volumes go; a client that leaves in the middle of a stream
timeout -s KILL 0.3 "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" vol-download --pool xv-pool sparse.img /dev/full >/dev/null 2>&1
ok v vol-delete --pool xv-pool up.img
[ ! -e "$TMP/images/up.img" ] || die "it is still there"

# all that survives the daemon
kill_daemon
start_daemon
is 'active pools after a kill' xv-pool "$(v pool-list --name | xargs)"
ok v pool-create-as xv-passing dir --target "$TMP/state"
kill_daemon
start_daemon
is 'pools after a kill' 'xv-passing xv-pool' "$(v pool-list --name | xargs)"
ok v pool-destroy xv-passing
is 'pools after' 'xv-pool' "$(v pool-list --all --name | xargs)"
ok v pool-destroy xv-pool
refused 'is not active' v vol-list xv-pool
ok v pool-undefine xv-pool
is 'pools at the end' '' "$(v pool-list --all --name | xargs)"
stop_daemon
