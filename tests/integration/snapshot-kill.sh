# The daemon is killed before and after each step of making, reverting to and deleting snapshots: the next one finishes or undoes it,
# the guest goes on, and the image holds what the daemon knows.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh snapshot-kill)
# time limit: 2400
. "$(dirname "$0")/lib/lib.sh"
real=$(command -v qemu-img) || skip "no qemu-img"
mkdir "$TMP/bin"
cat >"$TMP/bin/qemu-img" <<WRAP
#!/bin/bash
# before or after "\$(cat $TMP/kill-at)" the daemon dies, once
now()
{
    [ -e $TMP/kill-at ] && [[ "\$1 \$words" == "\$(cat $TMP/kill-at)"* ]] && mv $TMP/kill-at $TMP/killed && kill -KILL "\$(cat $TMP/pid)"
}
words="\$*"
now before && exit 1
"$real" "\$@"
status=\$?
now after
exit \$status
WRAP
chmod +x "$TMP/bin/qemu-img"
PATH=$TMP/bin:$PATH

again() # starts the daemon, which inherits the path
{
    start_daemon
    echo "$daemon" >"$TMP/pid"
}
kill_at() # POINT COMMAND...: the daemon dies there; the command fails; another daemon starts
{
    echo "$1" >"$TMP/kill-at"
    rm -f "$TMP/killed"
    local point=$1
    shift
    v "$@" >"$TMP/out" 2>&1 && die "$* succeeded, though the daemon was killed $point"
    [ -e "$TMP/killed" ] || die "$*: the point '$point' was not reached: $(cat "$TMP/out")"
    wait "$daemon" 2>/dev/null
    again
}
newest_domid()
{
    xl list | awk 'NR > 1 { print $2 }' | sort -n | tail -n 1
}
is_newer() # DOMID
{
    [ "$(newest_domid)" -gt "$1" ]
}
kill_during() # OPERATION COMMAND...: the daemon dies while the host is at it
{
    local op=$1 pid newest
    shift
    [ "$HV" = xen ] && newest=$(newest_domid) || simctl delay "$op" 3000 >/dev/null
    v "$@" >"$TMP/out" 2>&1 &
    pid=$!
    until_ok "$(patience)" test -e "$TMP/state/snapshot/$(v domuuid xv-snap | head -n 1)/.note" || die "nothing is under way"
    if [ "$HV" = sim ] || [ "$op" != restore ]; then
        sleep 0.7
    else
        until_ok 120 is_newer "$newest" || die "$op does not begin"
    fi
    kill_daemon
    wait "$pid" && die "$* succeeded, though the daemon was killed during $op"
    again
}
settled()
{
    [ -z "$(find "$TMP/state/snapshot" -name '.note' -o -name '.making' -o -name '.memory')" ] && ! v domjobinfo xv-snap | grep -q unbounded
}
names()
{
    v snapshot-list xv-snap --name | sort | tr '\n' ' ' | sed 's/^ *//; s/ *$//'
}
in_image()
{
    "$real" snapshot -U -l "$disk" | awk 'NR > 2 {print $2}' | sort | tr '\n' ' ' | sed 's/ *$//'
}
agrees() # POINT: nothing is half done
{
    until_ok "$(patience 300)" settled || die "$1: something is left: $(find "$TMP/state/snapshot")"
    is "$1: what the image holds" "$(names)" "$(in_image)"
    is "$1: memory files" "$(names | wc -w)" "$(find "$TMP/state/snapshot" -name '*.mem' | wc -l)"
}

disk=$TMP/disk.qcow2
"$real" create -q -f qcow2 "$disk" 64M
bare=1 guest_xml pv-kernel xv-snap xv.tick=2 |
    sed "s|<devices>|&<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$disk'/><target dev='xvda'/></disk>|" \
    >"$TMP/xv-snap.xml"
again
ok v define "$TMP/xv-snap.xml"
ok v start xv-snap
console_see xv-snap "$up"

# --- made, of a guest that runs: it goes on wherever the daemon ended
for point in 'before info' 'before snapshot -c' 'after snapshot -c'; do
    kill_at "$point" snapshot-create-as xv-snap "s-$(echo "$point" | tr -dc a-z)"
    agrees "$point"
    until_ok "$(patience)" sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domstate xv-snap | grep -q running" || die "$point: the guest is $(state_of xv-snap)"
    console_see xv-snap TICK
done
is 'half made ones' '' "$(names)"
[ "$HV" = sim ] && ops="save destroy restore" || ops="save restore" # a real destroy is over before one knows
for op in $ops; do
    kill_during $op snapshot-create-as xv-snap "d-$op"
    agrees "during $op"
    until_ok "$(patience)" sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domstate xv-snap | grep -q running" || die "during $op: the guest is $(state_of xv-snap)"
    console_see xv-snap TICK
done
grep -q d-restore <<<"$(names)" || die "the snapshot that was whole was lost: $(names)"
for name in $(names); do
    ok v snapshot-delete xv-snap "$name" --metadata
    "$real" snapshot -d "$name" "$disk"
done
find "$TMP/state/snapshot" -name '*.mem' -delete

# --- reverted to: finished
ok v snapshot-create-as xv-snap back
for point in 'before snapshot -a' 'after snapshot -a'; do
    kill_at "$point" snapshot-revert xv-snap back
    agrees "$point"
    until_ok "$(patience)" sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domstate xv-snap | grep -q running" || die "$point: the guest is $(state_of xv-snap)"
    console_see xv-snap TICK
done
kill_during restore snapshot-revert xv-snap back
agrees 'during restore'
until_ok "$(patience)" sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domstate xv-snap | grep -q running" || die "reverted, but the guest is $(state_of xv-snap)"

# --- deleted: finished
ok v destroy xv-snap
kill_at 'before snapshot -d' snapshot-delete xv-snap back
agrees 'before snapshot -d'
is 'deleted' '' "$(names)"

# --- files under new ones
source_of()
{
    v dumpxml --inactive xv-snap | sed -n "s/.*<source file='\([^']*\)'.*/\1/p"
}
kill_at 'before create' snapshot-create-as xv-snap ext --disk-only
until_ok "$(patience 300)" settled || die "something is left"
is 'the disk' "$disk" "$(source_of)"
kill_at 'after create' snapshot-create-as xv-snap ext --disk-only
until_ok "$(patience 300)" settled || die "something is left"
is 'the disk' "$disk" "$(source_of)"
[ ! -e "$TMP/disk.ext" ] || die "a half made snapshot left its file"
ok v snapshot-create-as xv-snap ext --disk-only
is 'the disk' "$TMP/disk.ext" "$(source_of)"
kill_at 'after create' snapshot-revert xv-snap ext
until_ok "$(patience 300)" settled || die "something is left"
[ -e "$(source_of)" ] || die "the disk '$(source_of)' is not there"
is 'the file that it stands on' "$disk" "$("$real" info "$(source_of)" | sed -n 's/^backing file: //p')"
for point in 'before commit' 'after commit'; do
    kill_at "$point" snapshot-delete xv-snap ext
    until_ok "$(patience 300)" settled || die "something is left"
    is "$point: deleted" '' "$(names)"
    is "$point: the disk" "$disk" "$(source_of)"
    is "$point: files" disk.qcow2 "$(cd "$TMP" && echo disk.*)"
    ok v snapshot-create-as xv-snap ext --disk-only
done
ok v undefine xv-snap --snapshots-metadata
stop_daemon
