# A save is stopped in the middle: the guest runs on, nothing of the image is left, and it can be saved then.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh abort)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
bare=1 mem_kib=524288 define pv-kernel xv-abort xv.tick=2
ok v start xv-abort
console_see xv-abort "$up"
[ "$HV" = xen ] || simctl delay save 3000 >/dev/null || die "cannot slow down saves"

# A real save may not have begun when it is asked for first.
abort()
{
    v domjobabort xv-abort
}

is_busy()
{
    v domjobinfo xv-abort | grep -qE '^Job type: +(Bounded|Unbounded)'
}

v save xv-abort "$TMP/image" >"$TMP/save" 2>&1 &
saving=$!
if [ "$HV" = sim ]; then
    until_ok 30 is_busy || die "no job is seen: $(v domjobinfo xv-abort) $(cat "$TMP/save")"
    refused 'busy' v setmem xv-abort 100M --live
    ok v domjobabort xv-abort
else
    poll=0.1
    until_ok 30 abort || die "cannot be aborted: $(cat "$TMP/save")"
fi
! wait $saving || die "the save has not failed"
grep -q 'abort' "$TMP/save" || die "the save failed with: $(cat "$TMP/save")"
up_again()
{
    case $(state_of xv-abort) in running*) ;; *) return 1 ;; esac
}
until_ok "$(patience)" up_again || die "after the abort: $(state_of xv-abort)"
[ -z "$(ls "$TMP" | grep image)" ] || die "left behind: $(ls "$TMP")"
console_see xv-abort TICK 'still there' 'ECHO still there'
refused 'no job|not' v domjobabort xv-abort

[ "$HV" = xen ] || simctl delay save 0 >/dev/null
ok v save xv-abort "$TMP/image"
is state 'shut off (saved)' "$(state_of xv-abort)"
ok v restore "$TMP/image"
console_see xv-abort TICK 'after all' 'ECHO after all'
ok v destroy xv-abort
stop_daemon
