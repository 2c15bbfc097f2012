# Guests move between two real Xen hosts: PV and PVH, live and not, direct, peer to peer and tunnelled, by virsh and by xvirt; and what
# is aborted or loses its destination's daemon half-way stays. Live PV guests need a hypervisor with shadow paging; one without refuses.
# time limit: 3500
. "$(dirname "$0")/lib.sh"
data="tcp://${address[b]}" back="tcp://${address[a]}"
bare=1 see=240

took() # WHAT COMMAND...
{
    local start=$SECONDS what=$1
    shift
    ok "$@"
    echo "$what: $((SECONDS - start)) s"
}

boot() # KIND NAME: at a, defined
{
    define "$1" "$2" xv.tick=2
    ok on a start "$2"
    see_at a "$2" "$up"
}

runs_at() # HOST NAME
{
    case $(state_at "$1" "$2") in running*) ;; *) return 1 ;; esac
}

# alive_at HOST NAME: it runs there, answers, and xl sees it on this host only where it should
alive_at()
{
    until_ok 60 runs_at "$1" "$2" || die "$2 at $1 is '$(state_at "$1" "$2")'"
    see_at "$1" "$2" TICK "at-$1" "ECHO at-$1"
    if [ "$1" = a ]; then
        xl list "$2" >/dev/null || die "xl does not see $2 at a"
    else
        ! xl list "$2" >/dev/null 2>&1 || die "xl still sees $2 at a"
    fi
}

absent_at_b() # NAME: neither running nor half built
{
    case $(state_at b "$1") in '' | 'shut off'*) ;; *) return 1 ;; esac
}

stays() # NAME WHEN
{
    alive_at a "$1"
    until_ok 60 absent_at_b "$1" || die "$2: $1 is still at b: '$(state_at b "$1")'"
    echo "$2: it stays"
}

# --- PV, not live ---
boot pv-kernel xv-pv
took 'PV, not live, direct' on a migrate xv-pv "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pv)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-pv)"
alive_at b xv-pv
took 'PV, not live, by xvirt' "$XVIRT" -c "$(uri b)" migrate xv-pv "$(uri a)" "$back"
alive_at a xv-pv

# --- PV, live ---
if on a migrate --live xv-pv "$(uri b)" "$data" >"$TMP/out" 2>"$TMP/err"; then
    alive_at b xv-pv
    echo "PV, live, direct: moved"
    took 'PV, live, peer to peer' on b migrate --live --p2p xv-pv "$(uri a)" "$back"
    alive_at a xv-pv
    took 'PV, live, tunnelled' on a migrate --live --p2p --tunnelled xv-pv "$(uri b)"
    alive_at b xv-pv
    took 'PV, live, by xvirt' "$XVIRT" -c "$(uri b)" migrate --live xv-pv "$(uri a)" "$back"
    alive_at a xv-pv
else
    echo "PV, live: $(cat "$TMP/err")"
    grep -q 'shadow paging' "$TMP/err" || die "a refused live migration does not say why"
    stays xv-pv 'PV, live, refused'
fi

# --- half-way: slow enough to be met ---
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

# --- peer to peer, tunnelled ---
took 'PV, not live, peer to peer' on a migrate --p2p xv-pv "$(uri b)" "$data"
alive_at b xv-pv
took 'PV, not live, tunnelled' on b migrate --p2p --tunnelled --persistent --undefinesource xv-pv "$(uri a)"
alive_at a xv-pv

ok on a destroy xv-pv

# --- PVH, live ---
see=400
boot pvh-kernel xv-pvh
took 'PVH, live, direct' on a migrate --live xv-pvh "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pvh)"
alive_at b xv-pvh
ok on b destroy xv-pvh
stop_daemon
