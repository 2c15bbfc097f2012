# Disks and network cards of a running guest come and go; the definition follows where that is asked for.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh devices)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
sim_options=files=check
if [ "$HV" = sim ]; then
    images=$TMP/images
    mkdir -p "$images"
    touch "$images"/{vmlinux,initrd,blank.img}
fi
start_daemon
watch_events
bare=1 define pv-kernel xv-dev xv.tick=2
ok v start xv-dev
console_see xv-dev "$up"
cp "$images/blank.img" "$TMP/second.img"
mac=00:16:3e:11:22:33

xml() # has|lacks PATTERN [OPTION]
{
    ok v dumpxml xv-dev ${3:-}
    if grep -qE -- "$2" "$TMP/out"; then [ "$1" = has ]; else [ "$1" = lacks ]; fi ||
        die "the XML ${3:-} should have $1 '$2': $(cat "$TMP/out")"
}

# What a real guest says itself; a simulated one has no drivers.
guest_has() # PATTERN
{
    [ "$HV" = sim ] || console_see xv-dev TICK devices "XVIRT-GUEST-HAS $1"
}

loops() # how many loop devices serve the second disk
{
    losetup -a 2>/dev/null | grep -c "$TMP/second.img"
}

device_event() # added|removed
{
    grep -q "event 'device-$1' for domain '\?xv-dev" "$TMP/events"
}

# a disk
ok v attach-disk xv-dev "$TMP/second.img" xvdb --live --config
until_ok 30 device_event added || die "no event: $(cat "$TMP/events")"
xml has "dev='xvdb'"
xml has "dev='xvdb'" --inactive
guest_has 'net=.* disk=.*xvdb:32768'
[ "$HV" = sim ] || is 'loop devices' 1 "$(loops)"
ok v domblkstat xv-dev xvdb
refused "xvdb" v attach-disk xv-dev "$TMP/second.img" xvdb --live
refused 'xvdz|not found|no disk' v detach-disk xv-dev xvdz --live
ok v detach-disk xv-dev xvdb --live --config
until_ok 30 device_event removed || die "no event: $(cat "$TMP/events")"
xml lacks "dev='xvdb'"
xml lacks "dev='xvdb'" --inactive
guest_has 'net=.* disk=\s'
[ "$HV" = sim ] || is 'loop devices after' 0 "$(loops)"

# one that cannot be had leaves nothing behind
refused 'no-such\.img' v attach-disk xv-dev "$TMP/no-such.img" xvdc --live
xml lacks "dev='xvdc'"

# a network card, for as long as the guest runs
ok v attach-interface xv-dev bridge xenbr0 --mac $mac --live
xml has $mac
xml lacks $mac --inactive
guest_has "net=.*$mac"
ok v domiflist xv-dev
vif=$(awk "/$mac/ { print \$1 }" "$TMP/out")
ok v domifstat xv-dev "$vif"
[ "$HV" = sim ] || [ -e "/sys/class/net/xenbr0/brif/$vif" ] || die "$vif is not in the bridge"
echo "<interface type='bridge'><source bridge='xenbr0'/></interface>" >"$TMP/nic.xml"
if v domiflist xv-dev | grep -v "$mac" | grep -q bridge; then # an address says which one; without, it is the only one
    refused 'says which one' v detach-device xv-dev "$TMP/nic.xml" --live
    ok v detach-interface xv-dev bridge --mac $mac --live
else
    ok v detach-device xv-dev "$TMP/nic.xml" --live
    refused 'no network interface' v detach-device xv-dev "$TMP/nic.xml" --live
fi
xml lacks $mac
[ "$HV" = sim ] || [ ! -e "/sys/class/net/$vif" ] || die "$vif is still there"
[ "$HV" = sim ] || refused 'nosuchbr0' v attach-interface xv-dev bridge nosuchbr0 --mac $mac --live
[ "$HV" = sim ] || xml lacks nosuchbr0

# what only the definition can have
cat >"$TMP/input.xml" <<XML
<input type='tablet' bus='usb'/>
XML
refused 'while the domain runs' v attach-device xv-dev "$TMP/input.xml" --live

ok v destroy xv-dev
ok v undefine xv-dev
stop_daemon
