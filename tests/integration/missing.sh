# What a guest does without when it starts, by <source startupPolicy>: a medium that is not there is taken out of its drive, a disk goes;
# and what refuses the start.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh missing)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
sim_options=files=check
start_daemon
watch_events
bare=1 guest_xml hvm-bios xv-missing >"$TMP/base.xml"
sed -i 's,</name>,&<uuid>5b1e8bcd-6a8b-4f4c-8f0e-3d5d0f9d7c11</uuid>,' "$TMP/base.xml"
made+=(xv-missing)
image=$TMP/images
mkdir -p "$image"
if [ "$HV" = sim ]; then # which has no images of guests
    sed -i "s,/[^']*/hvm-bios.img,$image/hvm-bios.img," "$TMP/base.xml"
    truncate -s 1M "$image/hvm-bios.img"
fi

with() # CDROM-POLICY [DISK-POLICY]: defines it with a medium, and with a second disk
{
    local disks="<disk type='file' device='cdrom'><source file='$image/cd.iso'${1:+ startupPolicy='$1'}/><target dev='hdc'/><readonly/></disk>"
    [ $# -lt 2 ] || disks+="<disk type='file'><source file='$image/data.img'${2:+ startupPolicy='$2'}/><target dev='hdb'/></disk>"
    sed "s,<serial ,$disks&," "$TMP/base.xml" >"$TMP/xv-missing.xml"
    ok v define "$TMP/xv-missing.xml"
}
disks() # [OPTION]
{
    v domblklist xv-missing "$@" | awk '$1 ~ /^hd[bc]$/ { printf "%s=%s ", $1, $2 }'
}
told() # TEXT
{
    grep -F "'disk-change' for domain" "$TMP/events" | grep -F xv-missing | grep -qF -- "$1"
}
truncate -s 1M "$image/cd.iso" "$image/data.img"

# all is there: nothing is left out
with optional optional
ok v start xv-missing
is 'with all' "hdb=$image/data.img hdc=$image/cd.iso " "$(disks)"
ok v destroy xv-missing
! told '' || die "an event without a reason: $(cat "$TMP/events")"

# neither is
rm "$image/cd.iso" "$image/data.img"
ok v start xv-missing
is 'without both' 'hdc=- ' "$(disks)"
is 'the definition' "hdb=$image/data.img hdc=$image/cd.iso " "$(disks --inactive)"
until_ok "$(patience)" told "disk hdc: $image/cd.iso -> " || die "no event of the medium: $(cat "$TMP/events")"
until_ok "$(patience)" told "disk hdb: $image/data.img -> " || die "no event of the disk: $(cat "$TMP/events")"
grep -F 'disk hdb:' "$TMP/events" | grep -q dropped || die "not dropped: $(cat "$TMP/events")"

# the next daemon knows what it runs without
stop_daemon
start_daemon
is 'after a restart' 'hdc=- ' "$(disks)"
ok v destroy xv-missing

# what must be there
for policy in '' mandatory requisite; do
    with "$policy"
    refused 'cd.iso' v start xv-missing
done
truncate -s 1M "$image/cd.iso"
for policy in '' mandatory; do
    with optional "$policy"
    refused 'data.img' v start xv-missing
done

# requisite: it may have gone since the guest was saved
[ "$HV" = sim ] || { ok v undefine xv-missing && stop_daemon && exit 0; } # this image cannot be saved where all is emulated
with requisite
ok v start xv-missing
ok v managedsave xv-missing
rm "$image/cd.iso"
ok v start xv-missing
is 'restored without' 'hdc=- ' "$(disks)"
ok v save xv-missing "$TMP/saved"
ok v restore "$TMP/saved"
is 'restored from what had none' 'hdc=- ' "$(disks)"
ok v destroy xv-missing
truncate -s 1M "$image/cd.iso"
with mandatory
ok v start xv-missing
ok v managedsave xv-missing
rm "$image/cd.iso"
refused 'cd.iso' v start xv-missing
ok v undefine xv-missing --managed-save
stop_daemon
