# The core dump of a guest: it runs on, or ends with it; one that crashes leaves one behind.
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
define tiny xv-dump xv.tick=2
ok v start xv-dump
console_see xv-dump "$up"

is_core() # FILE
{
    [ -s "$1" ] || die "no core in $1"
    [ "$HV" = sim ] || is 'the first bytes' 7f454c46 "$(head -c 4 "$1" | od -An -tx1 | tr -d ' ')"
}

ok v dump xv-dump "$TMP/core"
is_core "$TMP/core"
case $(state_of xv-dump) in running*) ;; *) die "after the dump: $(state_of xv-dump)" ;; esac
console_see xv-dump TICK 'still there' 'ECHO still there'
refused 'such/place' vi dump xv-dump "$TMP/no/such/place"
case $(state_of xv-dump) in running*) ;; *) die "after the failed dump: $(state_of xv-dump)" ;; esac
ok v dump xv-dump "$TMP/core2" --crash
is_core "$TMP/core2"
wait_event xv-dump '(Stopped Crashed|Crashed)'
wait_state xv-dump 'shut off (crashed)'

on_crash=coredump-destroy define tiny xv-falls xv.crash=1
ok v start xv-falls
wait_event xv-falls '(Stopped Crashed|Crashed)'
wait_state xv-falls 'shut off (crashed)'
core=$(find "$TMP/state" -name '*xv-falls*' -size +0 | grep -i dump | head -n 1)
[ -n "$core" ] || die "no dump of the crash below $TMP/state: $(find "$TMP/state")"
is_core "$core"
stop_daemon
