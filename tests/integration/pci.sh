# A PCI device of the host: taken from its driver, reset, given to a guest while it runs and by its definition, taken back.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh pci)
# time limit: 600
. "$(dirname "$0")/lib/lib.sh"
start_daemon
if [ "$HV" = sim ]; then
    address="domain='0x0000' bus='0x03' slot='0x00' function='0x0'" device=pci_0000_03_00_0
else # the one with a driver and a reset that is not of dom0's own disk and ports (tests/lab/machine.py)
    address="domain='0x0000' bus='0x01' slot='0x00' function='0x0'" device=pci_0000_01_00_0
    path=/sys/bus/pci/devices/0000:01:00.0
fi
driver() # what has it, in dom0
{
    [ "$HV" = sim ] || basename "$(readlink $path/driver)"
}
had=$(driver)

# by hand
refused 'no node device|no PCI device' v nodedev-detach pci_0000_ee_00_0
refused 'not detached|used by' v nodedev-reset $device
ok v nodedev-detach $device
[ "$HV" = sim ] || is 'driver of a detached one' pciback "$(driver)"
ok v nodedev-reset $device
ok v nodedev-reattach $device
is 'driver after' "$had" "$(driver)"
ok quick nodedev-detach $device

# while a guest runs
bare=1 guest_xml pv-kernel xv-pci xv.tick=2 >"$TMP/xv-pci.xml"
made+=(xv-pci)
ok v define "$TMP/xv-pci.xml"
if [ "$HV" = xen ]; then # one that was started without the means for it
    ok v start xv-pci
    cat >"$TMP/pci.xml" <<XML
<hostdev mode='subsystem' type='pci' managed='no'><source><address $address/></source></hostdev>
XML
    refused "passthrough state='on'" v attach-device xv-pci "$TMP/pci.xml" --live
    ok v destroy xv-pci
fi
sed -i "s|<on_poweroff>|<features><xen><passthrough state='on'/></xen></features>&|" "$TMP/xv-pci.xml"
ok v undefine xv-pci
ok v define "$TMP/xv-pci.xml"
ok v start xv-pci
console_see xv-pci "$up"
cat >"$TMP/pci.xml" <<XML
<hostdev mode='subsystem' type='pci' managed='no'><source><address $address/></source></hostdev>
XML
ok v attach-device xv-pci "$TMP/pci.xml" --live
ok v dumpxml xv-pci
grep -q '<hostdev ' "$TMP/out" || die "not in the XML: $(cat "$TMP/out")"
[ "$HV" = sim ] || [ -n "$(xl pci-list xv-pci)" ] || die "Xen has not given it"
refused 'used by|detach' v nodedev-reattach $device
refused 'used by' v nodedev-reset $device
detached() # a slow guest may not let go of it in time
{
    v detach-device xv-pci "$TMP/pci.xml" --live >"$TMP/out" 2>"$TMP/err" || { grep -q 'in time' "$TMP/err" || die "$(cat "$TMP/err")"; false; }
}
until_ok "$(patience 120)" detached || die "it is not let go: $(cat "$TMP/err")"
! v dumpxml xv-pci | grep -q '<hostdev ' || die 'it is still in the XML'
[ "$HV" = sim ] || is 'what Xen has given' '' "$(xl pci-list xv-pci)"
ok v nodedev-reattach $device
is 'driver after' "$had" "$(driver)"
ok v destroy xv-pci

# by the definition: a managed one is taken from its driver when the guest starts, and given back when it ends
sed -i "s/managed='no'/managed='yes'/" "$TMP/pci.xml"
ok v attach-device xv-pci "$TMP/pci.xml" --config
ok v start xv-pci
console_see xv-pci "$up"
[ "$HV" = sim ] || is 'driver while the guest has it' pciback "$(driver)"
ok v destroy xv-pci
given_back()
{
    [ "$(driver)" = "$had" ]
}
until_ok "$(patience)" given_back || die "its driver is '$(driver)', not '$had'"
ok v undefine xv-pci
stop_daemon
