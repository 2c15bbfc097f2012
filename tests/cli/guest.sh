#!/bin/bash
# guest.sh XVIRT: devices, saved guests, words about guests, what is asked of the guest itself. Run by with-libvirtd.sh.
. "$(dirname "$0")/lib.sh"
cat >"$dir/dev.xml" <<E
<disk type='file' device='disk'><source file='/tmp/x.img'/><target dev='vdb'/></disk>
E

# devices: the test driver takes none, so that XML and flags are what is compared
refused attach-device test dev.xml
refused attach-device test dev.xml --config
refused attach-device test dev.xml --persistent
refused detach-device test dev.xml
refused update-device test dev.xml
expect "error: cannot open '/nonexist'" attach-device test /nonexist
refused detach-device-alias test x
refused attach-disk test /tmp/x vdb
same attach-disk test /tmp/x vdb --print-xml
same attach-disk test /dev/x vdc --print-xml --type cdrom --mode shareable --driver qemu --subdriver qcow2 --cache none --io native --iothread 1 --serial abc --wwn 5000c50015ea71ad --alias ua-x --address pci:0000.00.05.0 --targetbus virtio --rawio --multifunction
same attach-disk test img vdc --print-xml --source-protocol nbd
same attach-disk test img vdc --print-xml --source-protocol nbd --source-host-name h:10809 --source-host-transport tcp --mode readonly
same attach-disk test img vdc --print-xml --source-protocol nbd --sourcetype block
same attach-disk test img vdc --print-xml --sourcetype frob
same attach-disk test img vdc --print-xml --mode frob
same attach-disk test img sda --print-xml --address scsi:0.0.1
same attach-disk test img hda --print-xml --address ide:0.0.1
same attach-disk test img hda --print-xml --address usb:0.1
same attach-disk test '' hdc --type cdrom --print-xml
refused attach-interface test bridge br0
same attach-interface test bridge br0 --print-xml
same attach-interface test network default --mac 00:11:22:33:44:55 --model e1000 --script x --target vnet3 --inbound 100,200,300 --outbound 1 --print-xml --managed
same attach-interface test hostdev 0000:01:02.3 --managed --print-xml
same attach-interface test frob br0
same attach-interface test direct eth0 --source-mode frob --print-xml
same attach-interface test bridge br0 --alias ua-n --print-xml
refused attach-interface test network default --inbound x --print-xml
refused detach-disk test vda
same detach-disk test nosuch
expect "<target dev='vda' bus='virtio'/>" detach-disk test vda --print-xml
expect "No interface found whose type is bridge" detach-interface test bridge
refused detach-interface test network
expect "No interface with MAC address" detach-interface test network --mac 00:00:00:00:00:00
expect "<mac address='aa:bb:cc:dd:ee:ff'/>" detach-interface test network --print-xml
same change-media test vda --eject --insert
same change-media test hdc
same change-media test vda --eject

# files
same "save test $dir/saved; save-image-dumpxml $dir/saved; save-image-edit $dir/saved; restore $dir/saved"
same "save test $dir/saved; save-image-define $dir/saved dev.xml"
refused save-image-dumpxml "$dir/nosuch"
refused restore "$dir/nosuch"
expect "Options --running and --paused are mutually exclusive" save test saved --running --paused
refused managedsave-dumpxml test
refused managedsave-edit test
refused managedsave-define test dev.xml
same managedsave-remove test
same "destroy test; managedsave-remove test"
same dump test core --format elf
same dump test core --memory-only --format frob
same dump test "$dir/core"
same screenshot test shot

# what a guest leaves behind
cat >"$dir/dv.xml" <<E
<domain type='test'><name>dv</name><memory>65536</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><source file='/default-pool/va'/><target dev='vda'/></disk>
<disk type='file' device='disk'><source file='/nowhere/vb'/><target dev='vdb'/></disk>
<disk type='file' device='cdrom'><target dev='hdc'/></disk></devices></domain>
E
with="vol-create-as default-pool va 1M; define dv.xml; undefine dv"
for words in '--remove-all-storage; vol-list default-pool' '--storage vda; vol-list default-pool' '--storage /default-pool/va' \
    '--storage vdb' '--storage vdx' '--storage vda --remove-all-storage' '--wipe-storage' '--storage vda --delete-storage-volume-snapshots'; do
    same "$with $words"
done
same undefine test --storage vda
err=1 same "$with --wipe-storage --remove-all-storage"

# words
same desc test
same "desc test hello world; desc test; desc test --title tt; desc test --title; dumpxml test"
same desc test --edit
same desc test --title --edit
refused metadata test http://x/y
same "metadata test http://x/y --set '<a/>' --key x; metadata test http://x/y; metadata test http://x/y --remove"
same metadata test http://x --set '<a/>'
same metadata test http://x --set '<a/>' --key x --remove
same edit test
same domdisplay test
same domdisplay test --all
same vncdisplay test
same ttyconsole test
refused domjobinfo test
refused domjobabort test
same dumpxml test --xpath //name
same dumpxml test --xpath //memory --wrap
same "destroy test; domrename test foo; list --all"
refused domrename test foo

# the guest
same send-key test KEY_A KEY_B
same send-key test KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE --holdtime 100
same send-key test frob
same send-key test KEY_A --codeset frob
same send-key test --codeset usb KEY_A
same send-key test --codeset usb 4
same inject-nmi test
same reset test
refused dompmsuspend test mem
same dompmsuspend test frob
refused dompmwakeup test
same set-lifecycle-action test poweroff destroy
same set-lifecycle-action test frob destroy
same set-lifecycle-action test poweroff frob
same domtime test
same domtime test --pretty
same domtime test --time 5
same domtime test --now
same domtime test --sync
same domtime test --time 5 --now
same domhostname test
same domhostname test --source frob
same domfsinfo test
same "domfsfreeze test; domfsthaw test"
same domfstrim test
same domcontrol test
refused guestinfo test
refused guest-agent-timeout test --timeout 5
same set-user-password test root x
expect '"hostname": "testhost"' domhostname test --format json
expect '"state": "ok"' domcontrol test --format json
expect '"type": "ext4"' domfsinfo test --format json
exit $bad
