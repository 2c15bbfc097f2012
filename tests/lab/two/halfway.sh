# A move between two real Xen hosts that is aborted, or loses its destination's daemon, half-way: the guest stays, and nothing of it is left.
# time limit: 2400
. "$(dirname "$0")/lib.sh"

boot pv-kernel xv-pv
sending()
{
    on a domjobinfo xv-pv 2>/dev/null | grep -qE 'Data processed: *[1-9]'
}

slowly() # WORD...
{
    ok on a migrate-setspeed xv-pv 1
    on a migrate "$@" xv-pv "$(uri b)" "$data" >"$TMP/move.out" 2>"$TMP/move.err" &
    moving=$!
    until_ok 120 sending || die "xv-pv is not being sent: $(cat "$TMP/move.err")"
}

over() # PATTERN
{
    ! wait "$moving" || die 'it should have failed'
    grep -qE "$1" "$TMP/move.err" || die "no '$1' in: $(cat "$TMP/move.err")"
    ok on a migrate-setspeed xv-pv 1000
}

slowly
ok on a domjobabort xv-pv
over abort
stays xv-pv 'aborted half-way'
slowly
order_b kill
over 'closed|reset|lost|end of file|EOF|[Bb]roken|connect'
order_b start
until_ok 120 answers b || die "b does not answer"
stays xv-pv "b's daemon killed half-way"
slowly --p2p
order_b kill
over 'closed|reset|lost|end of file|EOF|[Bb]roken|connect'
order_b start
until_ok 120 answers b || die "b does not answer"
stays xv-pv "b's daemon killed half-way, peer to peer"

ok on a destroy xv-pv
stop_daemon
