# virt-install, virt-xml and virt-clone as Debian has them: a guest from an image, one from a kernel, a copy.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh clients-install)
# time limit: 600
. "$(dirname "$0")/lib/lib.sh"
command -v virt-install >/dev/null || skip "no virt-install"
uri="xen:///system?socket=$run/libvirt-sock"
export HOME=$TMP
start_daemon
disk=$TMP/disks/import.img
mkdir "$TMP/disks"
if [ "$HV" = xen ]; then
    cp "$images/pv-grub.img" "$disk"
    kernel=$images/tiny
else
    truncate -s 64M "$disk"
    kernel=$TMP/vmlinuz
    : >"$kernel"
fi
made=(xv-import xv-kernel xv-clone)
ok virt-install --connect "$uri" --name xv-import --memory 128 --vcpus 1 --import --disk "path=$disk" --osinfo none --paravirt \
    --network none --graphics none --noautoconsole
wait_state xv-import 'running (booted)' 2>/dev/null || is_state xv-import 'running (unknown)' || die "state: $(state_of xv-import)"
[ "$HV" = sim ] || console_see xv-import "$up"
is 'pools' disks "$(v pool-list --name | xargs)"
is 'volumes' "import.img $disk" "$(v vol-list disks | awk 'NR > 2 && NF {print $1, $2}' | xargs)"
# a second guest on the same disk is what virt-install itself refuses
refused 'in use by other guests' virt-install --connect "$uri" --name xv-second --memory 128 --import --disk "path=$disk" --osinfo none \
    --paravirt --network none --graphics none --noautoconsole
ok virt-install --connect "$uri" --name xv-kernel --memory 128 --vcpus 1 --import --disk none --osinfo none --paravirt \
    --boot "kernel=$kernel,kernel_args=${tick:-console=hvc0}" --network none --graphics none --noautoconsole
[ "$HV" = sim ] || console_see xv-kernel "$up"
ok virt-xml --connect "$uri" xv-kernel --edit --vcpus 2 --define
ok v dumpxml --inactive xv-kernel
grep -q '>2</vcpu>' "$TMP/out" || die "virt-xml changed nothing: $(cat "$TMP/out")"
ok v destroy xv-import
ok virt-clone --connect "$uri" --original xv-import --name xv-clone --auto-clone
is 'volumes' 'import-clone.img import.img' "$(v vol-list disks | awk 'NR > 2 && NF {print $1}' | xargs)"
ok v start xv-clone
[ "$HV" = sim ] || console_see xv-clone "$up"
ok v destroy xv-clone
ok v destroy xv-kernel
for g in xv-import xv-kernel; do
    ok v undefine $g
done
ok v undefine xv-clone --remove-all-storage
[ ! -e "$TMP/disks/import-clone.img" ] || die "the clone's disk is still there"
[ -e "$disk" ] || die "the first one's disk is gone"
stop_daemon
