# Guests that end by themselves: power off, reboot, crash; the state, its reason, the event and the configured action.
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events

# A guest that restarts in a loop is seldom caught running: the events tell.
started_twice() # NAME
{
    [ "$(grep -c "domain '$1': Started Booted" "$TMP/events")" -ge 2 ]
}

define tiny xv-poweroff xv.poweroff=1
ok v start xv-poweroff
wait_event xv-poweroff 'Stopped Shutdown'
wait_state xv-poweroff 'shut off (shutdown)'

define tiny xv-reboot xv.reboot=1
ok v start xv-reboot
until_ok "$(patience 90)" started_twice xv-reboot || die "xv-reboot has not been started again: $(cat "$TMP/events")"
ok v destroy xv-reboot

on_crash=destroy define tiny xv-crash xv.crash=1
ok v start xv-crash
wait_event xv-crash '(Crashed|Stopped Crashed)'
wait_state xv-crash 'shut off (crashed)'

on_crash=preserve define tiny xv-preserve xv.crash=1
ok v start xv-preserve
wait_state xv-preserve 'crashed (panicked)'
ok v destroy xv-preserve
wait_state xv-preserve 'shut off (destroyed)'

on_poweroff=restart define tiny xv-again xv.poweroff=1
ok v start xv-again
until_ok "$(patience 90)" started_twice xv-again || die "xv-again has not been started again: $(cat "$TMP/events")"
ok v destroy xv-again
stop_daemon
