# The calls behind virsh's plain words and its options that no other script makes: each does what it says.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh verbs)
# time limit: 900
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
for kind in tiny hvm-bios; do
    define $kind xv-$kind
done
sed -i "s,<vcpu>1</vcpu>,<vcpu current='1'>4</vcpu>," "$TMP/xv-hvm-bios.xml"
ok v undefine xv-hvm-bios
ok v define "$TMP/xv-hvm-bios.xml" --validate
full=xv-hvm-bios small=xv-tiny
ok v start $full
ok v start $small
console_see $small "$up|tick"

has() # TEXT NAME [OPTION...]
{
    local text=$1
    shift
    ok v dumpxml "$@"
    grep -qE -- "$text" "$TMP/out" || die "no '$text' in $(cat "$TMP/out")"
}

# devices, in the old form and by alias
cat >"$TMP/disk.xml" <<XML
<disk type='file' device='disk'><source file='$images/blank.img'/><target dev='xvdb' bus='xen'/><alias name='ua-second'/></disk>
XML
ok v attach-device $full "$TMP/disk.xml"
has xvdb $full
ok v detach-device $full "$TMP/disk.xml"
! v domblklist $full | grep -q xvdb || die 'xvdb is still there'
ok v attach-device $full "$TMP/disk.xml" --live
ok v detach-device-alias $full ua-second --live
! v domblklist $full | grep -q xvdb || die 'xvdb is still there'
refused 'ua-none' v detach-device-alias $full ua-none --live
sed 's/xvdb/hdc/; s/disk. device=.disk/disk'"' device='cdrom/; s/bus='xen'/bus='ide'/; s/<alias.*alias>//; s/<alias[^>]*>//" "$TMP/disk.xml" >"$TMP/cd.xml"
ok v attach-device $full "$TMP/cd.xml" --config
ok v update-device $full "$TMP/cd.xml" --config

# memory, processors, scheduling
ok v dommemstat $full
grep -qE '^actual 131[0-9]{3}' "$TMP/out" || die "dommemstat: $(cat "$TMP/out")"
ok v cpu-stats $full
grep -qE 'cpu_time +[0-9.]+ seconds' "$TMP/out" || die "cpu-stats: $(cat "$TMP/out")"
ok v vcpupin $full 0 0 --live
ok v vcpupin $full 0 1 --config
is 'live pin' '0 0' "$(v vcpupin $full --vcpu 0 --live | awk '/^ *0/ { print $1, $2 }')"
is 'stored pin' '0 1' "$(v vcpupin $full --vcpu 0 --config | awk '/^ *0/ { print $1, $2 }')"
ok v schedinfo $full --set weight=333 --live
ok v schedinfo $full --live
grep -qE '^weight +: 333' "$TMP/out" || die "schedinfo: $(cat "$TMP/out")"
ok v schedinfo $full --set weight=444 --config
ok v schedinfo $full --config
grep -qE '^weight +: 444' "$TMP/out" || die "schedinfo: $(cat "$TMP/out")"
refused 'weight' v schedinfo $full --set weight=0 --live

# what follows an end
ok v set-lifecycle-action $full poweroff restart --config
has '<on_poweroff>restart</on_poweroff>' $full --inactive
ok v set-lifecycle-action $full crash preserve --live
has '<on_crash>preserve</on_crash>' $full
ok v set-lifecycle-action $full crash destroy --live

# buttons
ok v inject-nmi $full
[ "$HV" = xen ] || refused 'no buttons' v inject-nmi $small # a real one takes it
ok v dompmsuspend $full mem
wait_state $full 'pmsuspended (unknown)'
wait_event $full 'PMSuspended|pmsuspended'
refused 'not running' v suspend $full
refused 'sleep in memory only' v dompmsuspend $small disk
ok v dompmwakeup $full
wait_state $full 'running (event wakeup)'
refused 'not asleep' v dompmwakeup $full
ok v dompmsuspend $full mem
stop_daemon
start_daemon
is 'state after a restart' pmsuspended "$(v domstate $full | head -n 1)"
ok v dompmwakeup $full
is_new() # GUEST: under another domid than $before
{
    [ "$(domid_of "$1")" != "$before" ] && is_state "$1" 'running (booted)'
}
# Xen tries each page below 4 GiB of a full guest for its dump: a quarter of an hour where it is emulated.
[ "$HV" = xen ] && undumped=$full dumped=$small || undumped='' dumped=$full
for guest in $full $small; do
    before=$(domid_of $guest)
    ok v reset $guest
    until_ok "$(patience)" is_new $guest || die "no reset of $guest: $(state_of $guest)"
    [ $guest != "$undumped" ] || continue
    before=$(domid_of $guest)
    ok v dump $guest "$TMP/$guest.core" --reset
    [ -s "$TMP/$guest.core" ] || die "no core of $guest before its reset"
    until_ok "$(patience)" is_new $guest || die "no reset of $guest after its dump: $(state_of $guest)"
done

# ends
before=$(domid_of $small)
ok v reboot $small
until_ok "$(patience)" is_new $small || die "no reboot: $(state_of $small)"
ok v dump $dumped "$TMP/core" --memory-only --format elf
[ -s "$TMP/core" ] || die 'no core'
refused 'not a known|not supported|unsupported|format' vi dump $dumped "$TMP/core2" --memory-only --format kdump-zlib
ok v shutdown $small --mode paravirt
wait_state $small 'shut off (shutdown)'
refused 'unsupported flags' v destroy $full --graceful
ok v destroy $full

# conversions
ok v domxml-to-native xen-xl --domain $full
cp "$TMP/out" "$TMP/full.cfg"
grep -q "^name = .$full" "$TMP/full.cfg" || die "xl: $(cat "$TMP/full.cfg")"
ok v domxml-from-native xen-xl "$TMP/full.cfg"
grep -q "<name>$full</name>" "$TMP/out" || die "XML: $(cat "$TMP/out")"
for name in $full $small; do
    ok v undefine $name
done
stop_daemon
