# Saves that are aborted, changed, cut, or of others; jobs that take too long.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh save-more)
# time limit: 1800
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
bare=1 define pv-kernel xv-save xv.tick=2
ok v start xv-save
console_see xv-save "$up"

# a job that is aborted leaves the guest running and no file; its deadline does the same
aborts()
{
    v domjobabort xv-save
}
[ "$HV" = xen ] || ok simctl delay save 4000
v save xv-save "$TMP/aborted" 2>"$TMP/why" &
saving=$!
if [ "$HV" = xen ]; then
    poll=0.1
    until_ok 30 aborts || die "cannot be aborted: $(cat "$TMP/why")"
    poll=0.5
else
    until_ok 30 sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domjobinfo xv-save | grep -q 'Save'" || die "no job is told of"
    until_ok 30 sh -c "'$VIRSH' -c 'xen:///system?socket=$run/libvirt-sock' domjobinfo xv-save | grep -q 'Data remaining'" || die "no progress is told"
    ok v domjobabort xv-save
fi
! wait $saving || die "the save was not aborted"
wait_state xv-save 'running (save canceled)'
[ ! -e "$TMP/aborted" ] && [ ! -e "$TMP/aborted.part" ] || die "an aborted save left a file"
ok v domjobinfo xv-save --completed --anystats
grep -qE '^Job type: +Cancelled' "$TMP/out" || die "the aborted job: $(cat "$TMP/out")"
until_ok "$(patience)" grep -q 'errmsg: cannot save' "$TMP/events" || die "no event of the end of the job: $(cat "$TMP/events")"
[ "$HV" = xen ] || ok simctl delay save 0

# how it comes back is said when it is saved, or in its image, or when it is restored
ok v save --paused xv-save "$TMP/image"
ok v restore "$TMP/image"
is state 'paused (user)' "$(state_of xv-save)"
if [ "$HV" = xen ]; then # where a PV guest that has not run since it was restored cannot be saved, and that is said
    refused 'has not run since it was restored' v save xv-save "$TMP/image"
    ok v resume xv-save
    console_see xv-save TICK
fi
ok v save xv-save "$TMP/image"
ok v save-image-dumpxml "$TMP/image"
sed 's/<name>/<title>moved<\/title>&/' "$TMP/out" >"$TMP/changed.xml"
ok v save-image-define --running "$TMP/image" "$TMP/changed.xml"
sed "s/<memory unit='KiB'>131072</<memory unit='KiB'>262144</" "$TMP/changed.xml" >"$TMP/larger.xml"
refused 'memory_max_kib' v save-image-define "$TMP/image" "$TMP/larger.xml"
refused 'memory_max_kib' v restore --xml "$TMP/larger.xml" "$TMP/image"
sed 's/<name>[^<]*/<name>xv-renamed/' "$TMP/changed.xml" >"$TMP/renamed.xml" # it would be nobody's
refused 'another' v save-image-define "$TMP/image" "$TMP/renamed.xml"
refused 'another name' v restore --xml "$TMP/renamed.xml" "$TMP/image"
ok v restore --bypass-cache "$TMP/image"
is state 'running (restored)' "$(state_of xv-save)"
ok v desc --title xv-save
grep -q moved "$TMP/out" || die "the image's new XML was not used: $(cat "$TMP/out")"
ok v managedsave --paused xv-save
ok v managedsave-dumpxml xv-save
grep -q '<title>moved' "$TMP/out" || die "the managed save's XML: $(cat "$TMP/out")"
ok v managedsave-define --running xv-save "$TMP/changed.xml"
ok v start xv-save
is state 'running (restored)' "$(state_of xv-save)"

# what is no saved guest is told from what is a broken one
ok v save xv-save "$TMP/image"
for size in 0 15 63 64 100 2000; do
    head -c $size "$TMP/image" >"$TMP/cut"
    refused 'saved guest.* ends too early' v restore "$TMP/cut"
done
is state 'shut off (saved)' "$(state_of xv-save)"
printf 'LibvirtQemudSave%0100d' 0 >"$TMP/foreign"
refused 'QEMU or KVM' v restore "$TMP/foreign"
printf 'LinuxGuestRecord%0100d' 0 >"$TMP/foreign"
refused 'xend' v restore "$TMP/foreign"
mkfifo "$TMP/pipe"
refused 'no file' v restore "$TMP/pipe"
refused 'no file' v restore "$TMP"

# a file of xl's: another header, the configuration as JSON or as xl.cfg, the same stream
python3 "$here/xl_save.py" "$TMP/image" "$TMP/xl-image" json
ok v save-image-dumpxml "$TMP/xl-image"
grep -q '<name>xv-save</name>' "$TMP/out" || die "XML of a file of xl's: $(cat "$TMP/out")"
refused "file of xl's" v save-image-define "$TMP/xl-image" "$TMP/changed.xml"
ok v restore "$TMP/xl-image"
is state 'running (restored)' "$(state_of xv-save)"
console_see xv-save TICK
ok v save xv-save "$TMP/image"
python3 "$here/xl_save.py" "$TMP/image" "$TMP/xl-image" cfg
ok "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" restore --paused "$TMP/xl-image"
is state 'paused (user)' "$(state_of xv-save)"
python3 "$here/xl_save.py" "$TMP/image" "$TMP/xl-image" old
refused 'Xen before 4.6' v restore "$TMP/xl-image"
ok v resume xv-save

# jobs that take longer than they may; on Xen of a guest that ignores what it is asked, or it could be saved in time
late=xv-save
if [ "$HV" = xen ]; then
    late=xv-late
    define tiny $late "$tick xv.stubborn"
    ok v start $late
    console_see $late "$up"
fi
stop_daemon
printf 'job_timeout = 1\n' >"$TMP/conf"
start_daemon --config "$TMP/conf"
[ "$HV" = xen ] || ok simctl delay save 20000
refused 'given up after 1 s' vi save $late "$TMP/late"
wait_state $late 'running (save canceled)'
[ "$HV" = xen ] || ok simctl delay save 0
ok v destroy $late
[ "$HV" = sim ] || ok v destroy xv-save
stop_daemon
