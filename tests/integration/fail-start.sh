# A start that must fail says why, in the words of whoever knows, with a hint where the cause is known; the guest is off, nothing
# of it is left, and it starts when the cause is gone.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
sim_options=files=check
if [ "$HV" = sim ]; then
    images=$TMP/images
    mkdir -p "$images"
    touch "$images"/{tiny,vmlinux,vmlinuz,initrd,blank.img}
fi
start_daemon
watch_events

# with EXPRESSION KIND NAME: defines such a guest, its XML changed by sed
with()
{
    define "$2" "$3"
    v undefine "$3" >/dev/null
    sed -i -- "$1" "$TMP/$3.xml"
    ok v define "$TMP/$3.xml"
}

# no such disk
uuid=5d4c9f2e-0b7e-4c39-8a53-1f2d3c4b5a69
export with_devices=1
with 's/blank\.img/no-such.img/' tiny xv-nodisk
refused 'no-such\.img' v start xv-nodisk
case $(state_of xv-nodisk) in "shut off (failed)" | "shut off (unknown)") ;; *) die "state: $(state_of xv-nodisk)" ;; esac
sed -i 's/no-such\.img/blank.img/' "$TMP/xv-nodisk.xml"
ok v define "$TMP/xv-nodisk.xml"
ok v start xv-nodisk

ok v destroy xv-nodisk

# a disk that another guest has
[ "$HV" = sim ] || {
    cp "$images/blank.img" "$TMP/shared.img"
    dev=$(losetup -f --show "$TMP/shared.img")
    shared="s,type='file' device,type='block' device,; s,source file='[^']*',source dev='$dev',; s,<interface.*</interface>,,"
    uuid=
    with "$shared" tiny xv-holds
    with "$shared" tiny xv-wants
    ok v start xv-holds
    refused "$dev is mounted in a guest domain.*another guest uses it" v start xv-wants
    ok v destroy xv-holds
    losetup -d "$dev"
}

# a kernel that is none, and one that Xen cannot load
with_devices= uuid=6d4c9f2e-0b7e-4c39-8a53-1f2d3c4b5a69
with "s,<kernel>.*</kernel>,<kernel>$images/no-such-kernel</kernel>," tiny xv-badkernel
refused 'no-such-kernel' v start xv-badkernel
uuid=
[ "$HV" = sim ] || {
    with "s,<kernel>.*</kernel>,<kernel>/etc/passwd</kernel>," tiny xv-nokernel
    refused 'no loader found.*\(the kernel is not one' v start xv-nokernel
}

# more memory than there is
with "s,<memory .*</memory>,<memory>943718400</memory>," tiny xv-huge
refused '(memory.*\(not enough free memory|not enough.*memory)' v start xv-huge

# network: no such bridge; a script that fails, in its own words
bridge=nosuchbr0 with_devices=1
with 's,<disk.*</disk>,,' tiny xv-nobridge
refused 'nosuchbr|bridge|hotplug|vif' v start xv-nobridge
bridge=
[ "$HV" = sim ] || {
    refused 'nosuchbr0.*\(the bridge does not exist' v start xv-nobridge
    cat >"$TMP/unplugged" <<'SCRIPT'
#!/bin/sh
xenstore-write "$XENBUS_PATH/hotplug-error" 'the cable is unplugged'
exit 1
SCRIPT
    chmod +x "$TMP/unplugged"
    with "s,<disk.*</disk>,,; s,</interface>,<script path='$TMP/unplugged'/>&," tiny xv-script
    refused 'the cable is unplugged' v start xv-script
    with "s,<disk.*</disk>,,; s,</interface>,<script path='$TMP/no-such-script'/>&," tiny xv-noscript
    refused 'no-such-script' v start xv-noscript

    # a boot loader that finds nothing to boot
    with "s,$images/pv-grub.img,$images/blank.img,; s,<interface.*</interface>,,; s,<graphics.*/>,," pv-bootloader xv-noboot
    refused '\(no boot loader configuration' v start xv-noboot

    # a firmware that is not there
    bare=1 with "s,</os>,<loader>$TMP/no-such-loader</loader>&,; s,<graphics.*/>,," hvm-kernel xv-noloader
    refused 'no-such-loader' v start xv-noloader
}
is 'running guests' '' "$(v list --name | grep xv-)"

# a transient guest that cannot start is not there at all
sed 's/xv-badkernel/xv-never/; s/<uuid>.*<.uuid>//' "$TMP/xv-badkernel.xml" >"$TMP/never.xml"
refused 'no-such-kernel' v create "$TMP/never.xml"
refused 'failed to get domain' v dominfo xv-never
[ "$HV" = sim ] || is 'what is left on Xen' 0 "$(xl list | awk 'NR > 2' | wc -l)"
[ "$HV" = sim ] || is 'loop devices' 0 "$(losetup -a | wc -l)"
stop_daemon
