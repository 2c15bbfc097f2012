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
    if [ "$HV" = sim ]; then simctl pcis | awk '/03:00.0/ { print $2 }'; else basename "$(readlink $path/driver)"; fi
}
end_it() # not by us
{
    if [ "$HV" = sim ]; then simctl destroy xv-pci; else xl destroy xv-pci; fi
}
[ "$HV" = sim ] && taken=detached || taken=pciback
had=$(driver)

# by hand
refused 'no node device|no PCI device' v nodedev-detach pci_0000_ee_00_0
refused 'not detached|used by' v nodedev-reset $device
ok v nodedev-detach $device
is 'driver of a detached one' "$taken" "$(driver)"
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
is 'driver while the guest has it' "$taken" "$(driver)"
ok v destroy xv-pci
is 'driver after' "$had" "$(driver)"

# the same where another toolstack, or a fault, ends it; and it does not start
given_back()
{
    [ "$(driver)" = "$had" ]
}
ok v start xv-pci
is 'driver while the guest has it' "$taken" "$(driver)"
end_it
until_ok "$(patience)" given_back || die "its driver is '$(driver)', not '$had'"
v dumpxml xv-pci >"$TMP/whole.xml"
sed "s,<kernel>[^<]*,&-nosuch," "$TMP/whole.xml" >"$TMP/broken.xml"
ok v define "$TMP/broken.xml"
refused 'nosuch' v start xv-pci
is 'driver after a failure' "$had" "$(driver)"
ok v define "$TMP/whole.xml"
ok v detach-device xv-pci "$TMP/pci.xml" --config

# attached and detached while it runs; or not attached
ok v start xv-pci
if [ "$HV" = sim ]; then
    ok simctl fail attach 1 'no such luck'
    refused 'no such luck' v attach-device xv-pci "$TMP/pci.xml" --live
    is 'driver after a failure' "$had" "$(driver)"
fi
ok v attach-device xv-pci "$TMP/pci.xml" --live
is 'driver while the guest has it' "$taken" "$(driver)"
console_see xv-pci "$up"
until_ok "$(patience 120)" detached || die "it is not let go: $(cat "$TMP/err")"
is 'driver after' "$had" "$(driver)"
ok v destroy xv-pci
ok v undefine xv-pci
stop_daemon
