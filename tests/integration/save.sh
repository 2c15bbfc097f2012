# A guest is saved to a file and runs on from it; managed saves; the image's XML; dumps.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
define pv-kernel xv-save xv.tick=2
ok v start xv-save
console_see xv-save "$up"

ok v save xv-save "$TMP/image"
wait_event xv-save 'Stopped Saved'
is state 'shut off (saved)' "$(state_of xv-save)"
[ "$(stat -c %a "$TMP/image")" = 600 ] || die "mode of the image: $(stat -c %a "$TMP/image")"
ok v save-image-dumpxml "$TMP/image"
grep -q '<name>xv-save</name>' "$TMP/out" || die "the image's XML: $(cat "$TMP/out")"
ok v restore "$TMP/image"
wait_event xv-save 'Started Restored'
is state 'running (restored)' "$(state_of xv-save)"
console_see xv-save TICK 'after' 'ECHO after'

if [ "$HV" = sim ]; then
    ok v save xv-save "$TMP/image"
    ok v restore --paused "$TMP/image"
    is state 'paused (user)' "$(state_of xv-save | sed 's/paused (.*)/paused (user)/')"
    ok v destroy xv-save
    echo nonsense >"$TMP/broken"
    refused 'broken' v restore "$TMP/broken"
    refused 'nothing-there' v restore "$TMP/nothing-there"
    ok v start xv-save
    console_see xv-save "$up"
fi

ok v managedsave xv-save
is state 'shut off (saved)' "$(state_of xv-save)"
ok v list --all --with-managed-save --name
grep -qx xv-save "$TMP/out" || die "not listed as saved"
refused 'managed save|saved' v undefine xv-save
ok v start xv-save
wait_event xv-save 'Started Restored'
console_see xv-save TICK 'from there' 'ECHO from there'
# the rest is the same whatever the host, and guests take their time on an emulated Xen
if [ "$HV" = xen ]; then
    ok v destroy xv-save
    stop_daemon
    exit 0
fi
ok v managedsave xv-save
ok v managedsave-remove xv-save
ok v start xv-save
console_see xv-save "$up"
ok v managedsave xv-save
ok v start --force-boot xv-save
console_see xv-save "$up"

ok v dump xv-save "$TMP/core"
[ -s "$TMP/core" ] || die "the dump is empty"
is state 'running (booted)' "$(state_of xv-save)"
ok v domjobinfo xv-save --completed --keep-completed
grep -qE '^Operation: +Dump' "$TMP/out" || die "the last job: $(cat "$TMP/out")"
ok v dump --memory-only --live --bypass-cache --format elf xv-save "$TMP/core2"
[ "$(head -c 4 "$TMP/core2" | tail -c 3)" = ELF ] || die "the dump is no ELF file"
refused 'kdump-zlib' vi dump --memory-only --format kdump-zlib xv-save "$TMP/core3"
refused 'only one is possible|exclusive' vi dump --crash --live xv-save "$TMP/core3"
before=$(domid_of xv-save)
ok v dump --reset xv-save "$TMP/core3"
is_reset()
{
    [ "$(domid_of xv-save)" != "$before" ] && is_state xv-save 'running (booted)'
}
until_ok "$(patience)" is_reset || die "not reset after the dump: $(state_of xv-save)"

ok v managedsave xv-save
ok v undefine --managed-save xv-save
refused 'failed to get domain' v dominfo xv-save
stop_daemon
