# Snapshots of a guest whose disk is a thin volume of LVM: off and running, reverted to, deleted; the daemon killed in between.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh snapshot-lvm)
# time limit: 1200
. "$(dirname "$0")/lib/lib.sh"
for tool in lvcreate losetup thin_check; do
    command -v $tool >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null || skip "no $tool"
done
[ -e /dev/mapper/control ] && [ "$(id -u)" = 0 ] && dmsetup targets 2>/dev/null | grep -q ^thin-pool || skip "no device mapper with thin pools"
PATH=$PATH:/usr/sbin:/sbin
group=xv$$
export LVM_SUPPRESS_FD_WARNINGS=1
truncate -s 256M "$TMP/physical"
loop=$(losetup -f --show "$TMP/physical") || skip "no loop device"
at_end()
{
    vgremove -q -f $group >/dev/null 2>&1
    pvremove -q "$loop" >/dev/null 2>&1
    losetup -d "$loop"
}
ok vgcreate -q $group "$loop"
ok lvcreate -q -L 128M -T $group/pool
ok lvcreate -q -V 32M -T $group/pool -n disk
ok lvcreate -q -L 8M -n thick $group
disk=/dev/$group/disk

mark() # TEXT: written to the volume, where its guest has nothing
{
    printf '%-512s' "$1" | dd of=$disk bs=512 count=1 conv=fsync status=none || die 'cannot write to the volume'
}
marked() # TEXT
{
    is 'what the volume holds' "$1" "$(dd if=$disk bs=512 count=1 iflag=direct status=none | tr -d ' \0')"
}
volumes()
{
    lvs --noheadings -o lv_name $group | tr -d ' ' | grep -vx -e pool -e thick | sort | xargs
}
names()
{
    v snapshot-list xv-thin --name | xargs
}

mkdir "$TMP/bin"
cat >"$TMP/bin/lvcreate" <<WRAP
#!/bin/bash
# before the volume is made the daemon dies, once
if [ -e $TMP/kill ]; then
    mv $TMP/kill $TMP/killed
    kill -KILL "\$(cat $TMP/pid)"
    exit 1
fi
exec $(command -v lvcreate) "\$@"
WRAP
chmod +x "$TMP/bin/lvcreate"
again() # the daemon, with that in its path
{
    PATH=$TMP/bin:$PATH start_daemon
    echo "$daemon" >"$TMP/pid"
}
kill_in() # COMMAND...: the daemon dies before it makes a volume; another one starts
{
    touch "$TMP/kill"
    v "$@" >"$TMP/out" 2>&1 && die "$* succeeded, though the daemon was killed"
    [ -e "$TMP/killed" ] || die "$*: no volume was to be made: $(cat "$TMP/out")"
    rm "$TMP/killed"
    wait "$daemon" 2>/dev/null
    again
}
settled()
{
    [ -z "$(find "$TMP/state/snapshot" -name '.note' -o -name '.making')" ] && ! v domjobinfo xv-thin | grep -q unbounded
}

again
bare=1 guest_xml pv-kernel xv-thin xv.tick=2 | sed "s|<devices>|&<disk type='block' device='disk'><driver name='phy' type='raw'/><source dev='$disk'/><target dev='xvda'/></disk>|" \
    >"$TMP/xv-thin.xml"
made+=(xv-thin)
ok v define "$TMP/xv-thin.xml"

# --- off
mark first
ok v snapshot-create-as xv-thin one
is 'volumes' 'disk disk-one' "$(volumes)"
mark second
ok v snapshot-create-as xv-thin two
refused 'already exists' v snapshot-create-as xv-thin two
mark third
ok v snapshot-revert xv-thin one
marked first
is 'volumes' 'disk disk-one disk-two' "$(volumes)"
refused 'any more' v snapshot-revert xv-thin two # LVM cannot, since the volume that it was made of has gone
marked first
ok v snapshot-delete xv-thin two
ok v snapshot-create-as xv-thin two
ok v snapshot-delete xv-thin one
is 'volumes' 'disk disk-two' "$(volumes)"

# --- a volume that is none of the thin ones, one whose name is taken
sed "s|$disk|/dev/$group/thick|; s|xv-thin|xv-thick|" "$TMP/xv-thin.xml" >"$TMP/xv-thick.xml"
made+=(xv-thick)
ok v define "$TMP/xv-thick.xml"
refused 'no thin volume' v snapshot-create-as xv-thick one
ok v undefine xv-thick
ok lvcreate -q -s -n disk-taken $group/disk
refused 'exists already' v snapshot-create-as xv-thin taken
ok lvremove -q -f $group/disk-taken
ok lvremove -q -f $group/disk-two
refused 'is missing' v snapshot-revert xv-thin two
ok v snapshot-delete xv-thin two

# --- running: the guest stops only for its memory, and is reverted with it
mark begun
ok v start xv-thin
console_see xv-thin "$up"
id=$(domid_of xv-thin)
ok v snapshot-create-as xv-thin live
console_see xv-thin TICK 'after it' 'ECHO after it'
is 'the domain' "$id" "$(domid_of xv-thin)"
mark later
ok v snapshot-revert xv-thin live
console_see xv-thin TICK 'and back' 'ECHO and back'
marked begun
ok v snapshot-create-as xv-thin disks --disk-only
is 'volumes' 'disk disk-disks disk-live' "$(volumes)"

# --- the daemon is killed
kill_in snapshot-create-as xv-thin half --disk-only
until_ok "$(patience 120)" settled || die "something is left: $(find "$TMP/state/snapshot")"
is 'snapshots' 'disks live' "$(names)"
is 'volumes' 'disk disk-disks disk-live' "$(volumes)"
ok v destroy xv-thin
mark lost
kill_in snapshot-revert xv-thin disks # it has become the volume, and is not made anew yet
until_ok "$(patience 120)" settled || die "something is left: $(find "$TMP/state/snapshot")"
marked begun
is 'volumes' 'disk disk-disks disk-live' "$(volumes)"
for name in disks live; do
    ok v snapshot-delete xv-thin $name
done
is 'volumes' disk "$(volumes)"
ok v undefine xv-thin
stop_daemon
