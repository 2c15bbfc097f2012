# What the scripts about two hosts share: the wire, a daemon on each that the other reaches, and the end. Host a does the work;
# host b serves until a says how it went.
. "$(dirname "$0")/../../integration/lib/lib.sh"
only xen
declare -A address=([a]=10.9.0.11 [b]=10.9.0.12)
other=b
[ "$HOST" = a ] || other=a

# Large packets: every one costs much on an emulated machine.
ip addr flush dev xenbr0
ip link set eth0 mtu 60000 master xenbr0 up
ip link set xenbr0 mtu 60000
ip addr add "${address[$HOST]}/24" dev xenbr0
printf '%s\n' 'listen_tls = 0' 'listen_tcp = 1' 'auth_tcp = "none"' "listen_addr = \"${address[$HOST]}\"" >"$TMP/conf"
start_daemon --config "$TMP/conf" --listen

uri() { echo "xen+tcp://${address[$1]}/system"; } # HOST

on() # HOST WORD...: virsh there
{
    "$VIRSH" -c "$(uri "$1")" "${@:2}"
}

answers()
{
    on "$1" version >/dev/null
}

# see_at HOST NAME PATTERN [TEXT PATTERN]: as console_see
see_at()
{
    python3 "$here/console.py" "${see:-$(patience 90)}" "${@:3}" -- "$VIRSH" -c "$(uri "$1")" console "$2" >"$TMP/console" 2>&1 ||
        die "console of $2 at $1: $(tail -n 15 "$TMP/console")"
}

state_at() # HOST NAME
{
    on "$1" domstate "$2" --reason 2>/dev/null | head -n 1
}

tell_other()
{
    local status=$?
    [ -e "$TMP/told" ] || order_b "$status"
    : >"$TMP/told"
    (exit $status)
    cleanup
}

# order_b WORD: kill (its daemon, at once), or start (the next one)
order_b()
{
    echo "$1" | until_ok 20 nc -N "${address[b]}" 7000
}

obey()
{
    case $1 in
    kill) kill_daemon ;;
    start) start_daemon --config "$TMP/conf" --listen ;;
    *)
        stop_daemon
        [ "$1" = 0 ] || die "host a ended with '$1'"
        exit 0
        ;;
    esac
}

if [ "$HOST" = b ]; then
    while :; do
        nc -l 7000 >"$TMP/order" </dev/null
        obey "$(cat "$TMP/order")"
    done
fi
trap tell_other EXIT
until_ok 300 answers b || die "host b does not answer"

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

# alive_at HOST NAME: it runs there, says "$says" (TICK), answers, and xl sees it on this host only where it should
alive_at()
{
    until_ok 60 runs_at "$1" "$2" || die "$2 at $1 is '$(state_at "$1" "$2")'"
    see_at "$1" "$2" "${says:-TICK}" "at-$1" "ECHO at-$1"
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
