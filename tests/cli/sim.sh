#!/bin/bash
# sim.sh XVIRT: xvirt and virsh against xvirtd's simulated host, with guests xv-on (runs) and xv-off. Run by integration/same.sh.
. "$(dirname "$0")/lib.sh"
cat >"$dir/disk.xml" <<E
<disk type='file' device='disk'><source file='/tmp/extra.img'/><target dev='xvdg' bus='xen'/></disk>
E
truncate -s 1M "$dir/extra.img"
sed -i "s#/tmp/extra.img#$dir/extra.img#" "$dir/disk.xml"

# the host
for words in hostname nodeinfo capabilities domcapabilities maxvcpus nodecpumap 'nodecpumap --pretty' \
    freecell 'freecell --all' 'freecell 0' 'cpu-models x86_64' 'pool-list --all' 'node-memory-tune' 'allocpages 4 10' 'freepages 0 4' \
    'nodesuspend mem 100' 'event --list' 'event --event lifecycle --timeout 1'; do
    same $words
done

for words in 'net-list --all' 'iface-list --all' nwfilter-list secret-list nodedev-list 'nodedev-list --cap pci'; do
    err=1 same $words # nobody answers: virsh names the older calls that it tries last
done

# what guests are and do
for guest in xv-on xv-off; do
    for words in dominfo domstate 'domstate --reason' domid domuuid dumpxml 'dumpxml --inactive' 'dumpxml --xpath //name' \
        vcpucount 'vcpucount --maximum --config' 'vcpucount --live' vcpuinfo 'vcpuinfo --pretty' vcpupin 'vcpupin --live' \
        emulatorpin schedinfo 'schedinfo --config' numatune memtune blkiotune 'domiftune vif1.0' \
        domblklist 'domblklist --details' 'domblklist --inactive' 'domblkstat xvda' 'domblkstat' 'domblkinfo xvda' 'domblkinfo --all' \
        domblkerror domiflist 'domiflist --inactive' 'domifaddr' 'domifstat vif1.0' 'domif-getlink vif1.0' dommemstat cpu-stats \
        'cpu-stats --total' domcontrol domjobinfo domjobabort domdisplay vncdisplay ttyconsole desc 'desc --title' \
        'metadata http://example.org/x' domhostname domtime domfsinfo guestinfo managedsave-remove managedsave-dumpxml \
        'domstats --state'; do
        set -- $words
        same "$1" $guest "${@:2}"
    done
done
same list
same list --all
same list --all --title
same list --all --uuid --name
same domstate nosuch
same dominfo nosuch

# changes, each undone
same "setmem xv-on 100M; setmem xv-on 128M; dominfo xv-on"
same "setmaxmem xv-off 512M --config; dominfo xv-off; setmaxmem xv-off 256M --config"
same setmaxmem xv-on 1
same "setvcpus xv-off 2 --config --maximum; setvcpus xv-off 2 --config; vcpucount xv-off; setvcpus xv-off 1 --config"
same setvcpus xv-on 77
same "vcpupin xv-on 0 0; vcpupin xv-on; vcpupin xv-on 0 r; vcpupin xv-on"
same "schedinfo xv-on --weight 300; schedinfo xv-on --weight 256 --live"
same schedinfo xv-on --set frob=1
same "autostart xv-off; dominfo xv-off; autostart xv-off --disable"
same "desc xv-off --config some words; desc xv-off; desc xv-off --config ''"
same "desc xv-off --title --config a title; desc xv-off --title; desc xv-off --title --config ''"
same "metadata xv-off http://e.org/x --key e --set '<a/>' --config; metadata xv-off http://e.org/x --config; metadata xv-off http://e.org/x --remove --config"
same "domrename xv-off xv-other; list --all; domrename xv-other xv-off"
same domrename xv-on xv-other
same "attach-device xv-on disk.xml; domblklist xv-on; detach-device xv-on disk.xml; domblklist xv-on"
same "attach-device xv-on disk.xml --persistent; domblklist xv-on --inactive; detach-disk xv-on xvdg --persistent; domblklist xv-on --inactive"
same "attach-disk xv-on $dir/extra.img xvdg; domblklist xv-on --details; detach-disk xv-on xvdg"
same attach-disk xv-on /nonexistent/disk xvdg
same "attach-interface xv-off bridge br9 --mac 00:16:3e:00:00:99 --config; domiflist xv-off; detach-interface xv-off bridge --mac 00:16:3e:00:00:99 --config"
same detach-disk xv-on nosuch
same detach-device-alias xv-on nosuch
same change-media xv-off hdc --eject
same "suspend xv-on; domstate xv-on --reason; resume xv-on; domstate xv-on --reason"
same "save xv-on $dir/saved; list --all; save-image-dumpxml $dir/saved; restore $dir/saved"
same "save xv-on $dir/saved --paused; restore $dir/saved; domstate xv-on; resume xv-on"
same "managedsave xv-on; list --all --managed-save; managedsave-dumpxml xv-on; dominfo xv-on; start xv-on"
same "managedsave xv-on; managedsave-remove xv-on; start xv-on"
same dump xv-on "$dir/core" --live
same dump xv-off "$dir/core"
same save xv-off "$dir/core"
same restore "$dir/nosuch"
same set-lifecycle-action xv-off poweroff preserve --config
same set-lifecycle-action xv-off poweroff destroy --config
same send-key xv-on KEY_A
same inject-nmi xv-on
same reset xv-on
same blockresize xv-on xvda 2M
same start xv-on
same destroy xv-off
same undefine nosuch
same edit xv-off
exit $bad
