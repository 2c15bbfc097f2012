#!/bin/bash
# Runs in the lab's dom0: the libxl driver alone, through hvprobe (see hvprobe.c), with a guest of each kind.
# run.sh --stage DIR -- tests/lab/hv.sh [PART...], where DIR/usr/bin has hvprobe and DIR/usr/lib/xvirt hv-libxl.so.
set -uo pipefail
. "$(dirname "$0")/guest.sh"
work=$(mktemp -d)
bad=0

# guest NAME TYPE LINES: $work/NAME.xml; LINES are <os> and devices, split at a line "--"
guest()
{
    local text os devices
    text=$(cat)
    os=${text%%--*} devices=${text#*--}
    cat > "$work/$1.xml" << EOT
<domain type='xen'><name>$1</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type>$2</type>$os</os>
<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
<devices>$devices</devices></domain>
EOT
}

linux="<kernel>$GUESTS/vmlinux</kernel><initrd>$GUESTS/initrd</initrd><cmdline>console=hvc0 quiet</cmdline>"
vif="<interface type='bridge'><source bridge='xenbr0'/><mac address='00:16:3e:00:00:07'/></interface>"
guest pv linux <<< "$linux -- $vif<console type='pty'/>"
guest pvh xenpvh <<< "$linux -- <console type='pty'/>"
guest grub linux <<< "--<disk type='file' device='disk'><driver name='phy' type='raw'/><source file='$GUESTS/pv-grub.img'/><target dev='xvda' bus='xen'/></disk><console type='pty'/>"
sed -i "s,<os>.*</os>,<bootloader>pygrub</bootloader><os><type>linux</type></os>," "$work/grub.xml"
guest hvm hvm <<< "<boot dev='hd'/> -- <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$GUESTS/hvm-bios.img'/><target dev='hda' bus='ide'/></disk><serial type='pty'><target port='0'/></serial><graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/><video><model type='cirrus'/></video>"
guest nodisk linux <<< "$linux -- <disk type='file' device='disk'><source file='/no/such.img'/><target dev='xvda' bus='xen'/></disk>"
guest nobridge linux <<< "$linux -- <interface type='bridge'><source bridge='nobr7'/></interface>"
guest nokernel linux <<< "<kernel>/etc/passwd</kernel> --"
guest disk linux <<< "$linux -- <disk type='file' device='disk'><driver name='phy' type='raw'/><source file='$GUESTS/blank.img'/><target dev='xvdb' bus='xen'/></disk>"
cat > "$work/xl.cfg" << EOT
name = "other"
kernel = "$GUESTS/vmlinux"
ramdisk = "$GUESTS/initrd"
extra = "console=hvc0 quiet"
memory = 128
vcpus = 1
maxvcpus = 2
cpus = "1"
cpuid = "host,x2apic=0"
vif = ["mac=00:16:3e:00:00:09,bridge=xenbr0"]
EOT

probe()
{
    echo "--- $1"
    shift
    hvprobe "$@" || { bad=$((bad + 1)) && echo "--- FAILED"; }
}

part()
{
    case $1 in
    host) probe host host list ;;
    pv)
        probe pv create="$work/pv.xml" list info=pv console=pv config=pv unpause=pv sleep=22 stats=pv pause=pv info=pv unpause=pv \
            attach="pv:$work/disk.xml" config=pv stats=pv detach="pv:$work/disk.xml" memory=pv:120000 \
            sleep=1 shutdown=pv sleep=3 info=pv destroy=pv sleep=1 list
        guest_said pv 'XVIRT-GUEST-UP name=pv net=eth0:00:16:3e:00:00:07' || { bad=$((bad + 1)) && echo "--- pv did not come up"; }
        ;;
    save)
        probe save create="$work/pv.xml" unpause=pv sleep=20 save="pv:$work/image" list destroy=pv restore="$work/pv.xml:$work/image" \
            unpause=pv sleep=4 info=pv save="pv:$work/image" resume=pv sleep=3 info=pv destroy=pv
        ;;
    grub) probe grub create="$work/grub.xml" unpause=grub sleep=20 config=grub stats=grub destroy=grub
        guest_said grub 'XVIRT-GUEST-UP' || { bad=$((bad + 1)) && echo "--- grub did not come up"; } ;;
    pvh) probe pvh create="$work/pvh.xml" unpause=pvh sleep=30 config=pvh info=pvh destroy=pvh
        guest_said pvh 'XVIRT-GUEST-UP' || { bad=$((bad + 1)) && echo "--- pvh did not come up"; } ;;
    hvm) probe hvm create="$work/hvm.xml" unpause=hvm console=hvm config=hvm sleep=8 info=hvm '!shutdown=hvm' destroy=hvm ;;
    stubborn)
        sed "s,<name>pv<,<name>a<,; s,quick,quick xv.stubborn," "$work/disk.xml" | sed 's,<name>disk<,<name>a<,; s,<disk.*</disk>,,' > "$work/a.xml"
        sed 's,<name>a<,<name>b<,' "$work/a.xml" > "$work/b.xml"
        probe stubborn create="$work/a.xml" unpause=a create="$work/b.xml" unpause=b sleep=30 ask=a ask=b list sleep=1 list destroy=a list             sleep=2 '!shutdown=b' destroy=b list
        ;;
    fail) probe fail '!create='"$work/nodisk.xml" '!create='"$work/nobridge.xml" '!create='"$work/nokernel.xml" sleep=1 list ;;
    xl)
        (sleep 3 && xl create -q "$work/xl.cfg" && sleep 3 && xl rename other third && sleep 1 && xl mem-set third 100 && sleep 2 && xl destroy third) &
        probe xl sleep=14 list sleep=8 list
        wait
        ;;
    adopt)
        xl create -q "$work/xl.cfg"
        probe adopt list config=other info=other destroy=other
        ;;
    esac
}

for p in "${@:-host pv save grub pvh hvm fail xl adopt}"; do
    for q in $p; do part "$q"; done
done
cp /var/log/xen/*.log /var/log/xen/console/*.log "$OUT" 2> /dev/null
echo "hv: $bad parts failed"
exit $((bad > 0))
