# A guest that was destroyed while somebody still holds a page of it: gone for everybody but Xen, before and after a restart of the
# daemon; it can be started again at once; nothing is told twice when Xen lets go of it.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh zombie)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
only xen # the simulated host's domains die at once
start_daemon
watch_events
define hvm-bios xv-late
ok v start xv-late
id=$(domid_of xv-late)
coproc python3 "$here/hold.py" "$id"
holder=$COPROC_PID
at_end()
{
    kill "$holder" 2>/dev/null
}
read -r -t 60 held <&"${COPROC[0]}" || die 'no page of it can be held'
is 'holder' held "$held"

has_zombie()
{
    xl list | awk 'NR > 1 && $5 ~ /d/ { print $2 }' | grep -qx "$id"
}
ok v destroy xv-late
wait_event xv-late 'Stopped Destroyed'
has_zombie || die "Xen has let go of it: $(xl list)"
is state 'shut off (destroyed)' "$(state_of xv-late)"
is 'guests that run' '' "$(v list --name | grep ^xv-)"
refused 'no domain|failed to get domain' v domstate "$id"

ok v start xv-late
again=$(domid_of xv-late)
[ "$again" != "$id" ] || die 'it has the number of the one that is dying'
stop_daemon
start_daemon
is 'guests that run' xv-late "$(v list --name | grep ^xv-)"
is 'its number' "$again" "$(domid_of xv-late)"
is 'guests' xv-late "$(v list --all --name | grep -v Domain-0 | xargs)"
ok v destroy xv-late
is state 'shut off (destroyed)' "$(state_of xv-late)"

# released
watch_events
forget_events
kill "$holder"
is_gone()
{
    ! has_zombie
}
until_ok "$(patience)" is_gone || die "Xen still has it: $(xl list)"
ok v start xv-late
wait_event xv-late 'Started Booted'
! has_event xv-late Stopped || die "an end that was not: $(cat "$TMP/events")"
ok v destroy xv-late
ok v undefine xv-late
stop_daemon
