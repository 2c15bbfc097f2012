# What a running guest is asked and told beyond its life: addresses, name, disks, keys, picture, single CPUs, nodes.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh guest)
# time limit: 900
. "$(dirname "$0")/lib/lib.sh"
note() # NAME KEY VALUE: what the guest says of itself in xenstore
{
    if [ "$HV" = sim ]; then simctl note "$@"; else xenstore-write "/local/domain/$(domid_of "$1")/$2" "$3"; fi
}
break_disk() # NAME DISK NUMBER TEXT: the backend's words
{
    if [ "$HV" = sim ]; then
        simctl break-disk "$1" "$2" "$4"
    else
        xenstore-write "/local/domain/0/error/backend/vbd/$(domid_of "$1")/$3/error" "$4"
    fi
}
model() # STOP|CONT: the device model of xv-full answers nothing, or goes on
{
    if [ "$HV" = xen ]; then
        kill -"$1" "$(xenstore-read "/local/domain/$(domid_of xv-full)/image/device-model-pid")"
    elif [ "$1" = STOP ]; then
        simctl hang monitor
    else
        simctl unhang monitor
    fi
}
[ "$HV" = sim ] && last_cpu=3 || last_cpu=$(($(nproc --all) - 1))
leases=$TMP/leases
mkdir "$leases"
echo "lease_dirs = \"$leases\"" >"$TMP/conf"
start_daemon --config "$TMP/conf"
truncate -s 8M "$TMP/disk.img"
bare=${bare:-} define hvm-bios xv-full
sed -i "s,$images/hvm-bios.img,$TMP/disk.img,; s,<vcpu>1</vcpu>,<vcpu current='2'>4</vcpu>,; \
    s,<source bridge='xenbr0'/>,<mac address='00:16:3e:77:00:01'/>&," "$TMP/xv-full.xml"
ok v undefine xv-full
ok v define "$TMP/xv-full.xml"
define tiny xv-small
for command in 'domifaddr xv-full' 'domhostname xv-full' 'numatune xv-full' 'emulatorpin xv-full' 'domcontrol xv-full' \
    'send-key xv-full KEY_A' 'blockresize xv-full hda 16M' 'setvcpu xv-full 1 --enable --live' 'domblkerror xv-full'; do
    # shellcheck disable=SC2086
    refused 'not running' v $command
done
ok v start xv-full
ok v start xv-small

# addresses and names: leases of two kinds of servers, what the guest says, the kernel's neighbours
ok v domifaddr xv-full
! grep -q '00:16:3e' "$TMP/out" || die "an address from nowhere: $(cat "$TMP/out")"
cat >"$leases/virbr0.status" <<E2
[{"ip-address": "192.0.2.10", "mac-address": "00:16:3e:77:00:01", "hostname": "full-by-lease", "expiry-time": 4102444800},
 {"ip-address": "192.0.2.11", "mac-address": "00:16:3e:77:00:02", "expiry-time": 4102444800},
 {"ip-address": "192.0.2.12", "mac-address": "00:16:3e:77:00:01", "expiry-time": 1}]
E2
echo '4102444800 00:16:3e:77:00:01 192.0.2.20 * *' >"$leases/dnsmasq.leases"
ok v domifaddr xv-full
grep -q '00:16:3e:77:00:01 *ipv4 *192.0.2.20/' "$TMP/out" && grep -q '192.0.2.10/' "$TMP/out" || die "leases: $(cat "$TMP/out")"
! grep -qE '192.0.2.1[12]' "$TMP/out" || die "another's, or one that has run out: $(cat "$TMP/out")"
is hostname full-by-lease "$(v domhostname xv-full | head -n 1)"
refused 'does not tell its hostname' v domhostname xv-full --source agent
ok note xv-full data/hostname full-by-itself
is hostname full-by-itself "$(v domhostname xv-full | head -n 1)"
is hostname full-by-lease "$(v domhostname xv-full --source lease | head -n 1)"
ok note xv-full data/hostname 'bad$(name)'
is hostname full-by-lease "$(v domhostname xv-full | head -n 1)"
ok note xv-full attr/vif/0/ipv4/0 192.0.2.99
ok note xv-full attr/vif/0/ipv6/0 2001:db8::99
ok note xv-full attr/vif/0/ipv4/1 'nonsense<>'
ok v domifaddr xv-full --source agent
grep -q '192.0.2.99/32' "$TMP/out" && grep -q '2001:db8::99/128' "$TMP/out" || die "notes: $(cat "$TMP/out")"
! grep -q nonsense "$TMP/out" || die "a guest's nonsense is shown: $(cat "$TMP/out")"
ok v domifaddr xv-full --source arp

# disks
ok v domblkinfo xv-full hda
grep -qE '^Capacity: +8388608$' "$TMP/out" && grep -qE '^Physical: +8388608$' "$TMP/out" || die "domblkinfo: $(cat "$TMP/out")"
grep -qE '^Allocation: +0$' "$TMP/out" || die "a hole has an allocation: $(cat "$TMP/out")"
refused 'no disk of the domain' v domblkinfo xv-full hdz
ok v blockresize xv-full hda 16M
is size 16777216 "$(stat -c %s "$TMP/disk.img")"
refused 'never made smaller' v blockresize xv-full hda 1M
ok v domblkerror xv-full
grep -q 'No errors found' "$TMP/out" || die "domblkerror: $(cat "$TMP/out")"
ok break_disk xv-full hda 768 'no space left on device'
ok v domblkerror xv-full
grep -q 'hda: no space' "$TMP/out" || die "domblkerror: $(cat "$TMP/out")"

# keys and picture
ok v send-key xv-full --codeset linux KEY_LEFTCTRL KEY_LEFTALT KEY_INSERT
[ "$HV" = xen ] || is keys 0x1d-0x38-0xd2 "$(simctl keys xv-full | head -n 1)"
ok v send-key xv-full --holdtime 500 30
[ "$HV" = xen ] || is keys '0x1e 500' "$(simctl keys xv-full | head -n 1)"
refused 'not known' v send-key xv-full --codeset usb 4
ok v send-key xv-small KEY_LEFTALT KEY_SYSRQ KEY_H
if [ "$HV" = sim ]; then
    is keys 'sysrq h' "$(simctl keys xv-small | head -n 1)"
else # this guest leaves it there
    is keys h "$(xenstore-read "/local/domain/$(domid_of xv-small)/control/sysrq")"
fi
refused 'has no keyboard' v send-key xv-small KEY_A
ok v screenshot xv-full "$TMP/screen.ppm"
read -r format width height depth < <(head -n 3 "$TMP/screen.ppm" | tr '\n' ' ')
is picture 'P6 255' "$format $depth"
if [ "$HV" = sim ]; then
    is 'picture' '64 48' "$width $height"
fi
is 'size of the picture' $((9 + ${#width} + ${#height} + width * height * 3)) "$(stat -c %s "$TMP/screen.ppm")"
[ -z "$(ls "$run" | grep screen)" ] || die "left behind: $(ls "$run")"
refused 'no device model' v screenshot xv-small "$TMP/none.ppm"
if [ "$HV" = sim ]; then
    ok simctl fail monitor 1 'QEMU is busy'
    refused 'QEMU is busy' v screenshot xv-full "$TMP/none.ppm"
fi
ok model STOP
v screenshot xv-full "$TMP/late.ppm" >"$TMP/late" 2>&1 &
late=$!
ok v dominfo xv-full # nobody waits for it
ok model CONT
wait $late || die "screenshot: $(cat "$TMP/late")"

# processors and nodes
if [ "$HV" = sim ]; then # a boot sector starts no other processors, so a real Xen never has them online
    ok v setvcpu xv-full 2 --enable --live
    ok v guestvcpus xv-full
    grep -qE '^online *: 0-2$' "$TMP/out" && grep -qE '^offlinable *: 1-2$' "$TMP/out" || die "guestvcpus: $(cat "$TMP/out")"
    ok v guestvcpus xv-full --disable 1
    ok v vcpuinfo xv-full
    is 'state of vcpu 1' offline "$(awk '/^VCPU:/ { n = $2 } /^State:/ && n == 1 { print $2 }' "$TMP/out")"
    ok v guestvcpus xv-full
    grep -qE '^online *: 0,2$' "$TMP/out" || die "guestvcpus: $(cat "$TMP/out")"
fi
refused 'vcpu 0 cannot' v setvcpu xv-full 0 --disable --live
refused 'has no vcpu 9' v setvcpu xv-full 9 --enable --live
refused 'not which' v setvcpu xv-full 1 --enable --config
ok v numatune xv-full
grep -qE '^numa_mode *: interleave' "$TMP/out" && grep -qE '^numa_nodeset *: 0$' "$TMP/out" || die "numatune: $(cat "$TMP/out")"
ok v numatune xv-full --nodeset 0 --mode interleave --live
refused 'node 0 only' v numatune xv-full --nodeset 5 --live
refused 'interleave' v numatune xv-full --nodeset 0 --mode strict --live
ok v emulatorpin xv-full
grep -qE '^ *\*: *0-'$last_cpu "$TMP/out" || die "emulatorpin: $(cat "$TMP/out")"
ok v emulatorpin xv-full 1
ok v emulatorpin xv-full
grep -qE '^ *\*: *1$' "$TMP/out" || die "emulatorpin: $(cat "$TMP/out")"
refused 'no device model' v emulatorpin xv-small
ok v domcontrol xv-full
is control ok "$(head -n 1 "$TMP/out")"
for dom in xv-full xv-small; do
    ok v destroy $dom
    ok v undefine $dom
done
stop_daemon
