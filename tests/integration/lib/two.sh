# What the scripts about two hosts share; sourced after lib.sh. Simulated hosts a and b, each a daemon with folders of its own
# under $TMP/a and $TMP/b, on a unix socket and on TCP without authentication.
only sim
declare -A pid_of port_of watcher_of
read -r port_of[a] port_of[b] <<<"$(python3 -c 'import socket
s = [socket.create_server(("127.0.0.1", 0)) for i in range(2)]
print(*[x.getsockname()[1] for x in s])')"

local_uri() { echo "xen:///system?socket=$TMP/$1/run/libvirt-sock"; } # HOST
tcp_uri() { echo "xen+tcp://127.0.0.1:${port_of[$1]}/system"; }       # HOST

on() # HOST WORD...: virsh there
{
    "$VIRSH" -c "$(local_uri "$1")" "${@:2}"
}

hasty() # HOST WORD...
{
    impatient -c "$(local_uri "$1")" "${@:2}"
}

answers()
{
    on "$1" version >/dev/null
}

up() # HOST: its daemon starts
{
    local h=$1 dir=$TMP/$1
    mkdir -p "$dir/sim"
    printf '%s\n' 'listen_tls = 0' 'listen_tcp = 1' 'auth_tcp = "none"' 'listen_addr = "127.0.0.1"' "tcp_port = \"${port_of[$h]}\"" \
        >"$dir/conf"
    "$XVIRTD" --hypervisor sim --sim-options "persist=$dir/sim,control=$dir/control${sim_options:+,$sim_options}" --verbose --listen \
        --config "$dir/conf" --run-dir "$dir/run" --state-dir "$dir/state" --config-dir "$dir/etc" 2>>"$dir/log" &
    pid_of[$h]=$!
    until_ok 30 answers "$h" || die "the daemon of $h does not answer: $(tail -n 3 "$dir/log")"
}

down() # HOST: in good order
{
    kill -TERM "${pid_of[$1]}"
    wait "${pid_of[$1]}" || die "the daemon of $1 ended with $?"
    pid_of[$1]=
}

gone() # HOST: its daemon has been killed, by us or by itself
{
    kill -KILL "${pid_of[$1]}" 2>/dev/null
    wait "${pid_of[$1]}" 2>/dev/null
    pid_of[$1]=
}

sim() # HOST ORDER...
{
    "$here/../../lib/simctl" "$TMP/$1/control" "${@:2}" >/dev/null || die "order '${*:2}' at $1"
}

state_at() # HOST GUEST
{
    on "$1" domstate "$2" --reason 2>/dev/null | head -n 1
}

# runs_only HOST GUEST: there, and not on the other. What has left a host is off there, waits there to be removed, or is not known.
runs_only()
{
    local other=a state
    [ "$1" = a ] && other=b
    case $(state_at "$1" "$2") in running*) ;; *) return 1 ;; esac
    state=$(state_at "$other" "$2")
    case $state in '' | 'shut off'* | 'paused (migrating)') ;; *) return 1 ;; esac
}

expect_only() # HOST GUEST [WHEN]
{
    until_ok 30 runs_only "$1" "$2" || die "${3:-} $2 should run at $1 alone; a: $(state_at a "$2"), b: $(state_at b "$2")
$(tail -n 12 "$TMP/a/log" "$TMP/b/log")"
}

watch_at() # HOST: its events go to $TMP/HOST/events
{
    : >"$TMP/$1/events"
    stdbuf -oL "$VIRSH" -c "$(local_uri "$1")" event --event lifecycle --loop >>"$TMP/$1/events" 2>&1 &
    watcher_of[$1]=$!
    guest_xml tiny xv-nobody >"$TMP/nobody.xml"
    until_ok 30 poke_at "$1" || die "no events come from $1"
}

poke_at()
{
    on "$1" define "$TMP/nobody.xml" >/dev/null && on "$1" undefine xv-nobody >/dev/null
    grep -q 'xv-nobody.*Undefined' "$TMP/$1/events" && : >"$TMP/$1/events"
}

events_at() # HOST GUEST: in order, on one line
{
    sed -n "s/^event 'lifecycle' for domain '$2': \(.*\)$/\1;/p" "$TMP/$1/events" | tr -d '\n'
}

has_events() # HOST GUEST WANTED
{
    [ "$(events_at "$1" "$2")" = "$3" ]
}

expect_events() # HOST GUEST WANTED
{
    until_ok 30 has_events "$@" || die "events of $2 at $1: '$(events_at "$1" "$2")', not '$3'"
    : >"$TMP/$1/events"
}

cleanup_two()
{
    local status=$? p
    for p in "${watcher_of[@]}" "${pid_of[@]}"; do
        [ -z "$p" ] || kill -KILL "$p" 2>/dev/null
    done
    [ "$status" != 0 ] || note_calls
    exit "$status"
}
trap cleanup_two EXIT
