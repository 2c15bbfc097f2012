# Every step of a migration fails, or a daemon, the client or the connection ends in it; afterwards the guest runs on one side.
# time limit: 1200
. "$(dirname "$0")/lib/lib.sh"
only sim # two hosts: tests/lab/two.sh has them on Xen
. "$here/two.sh"
up a
up b
modes=${MODES:-direct p2p tunnelled}
n=0

# begin: a new guest at a, $g; simulated hosts without orders
begin()
{
    n=$((n + 1)) g=xv-move$n
    guest_xml tiny "$g" >"$TMP/$g.xml"
    ok on a create "$TMP/$g.xml"
}

target() # the URI of b, as the mode names it
{
    if [ "$mode" = direct ]; then local_uri b; else echo "${via:-$(tcp_uri b)}"; fi
}

choose_words() # WORD...: what virsh is told
{
    words=(-c "$(local_uri a)" migrate --live "$@")
    case $mode in
    direct) words+=("$g" "$(target)" tcp://127.0.0.1) ;;
    p2p) words+=(--p2p "$g" "$(target)" tcp://127.0.0.1) ;;
    tunnelled) words+=(--p2p --tunnelled "$g" "$(target)") ;;
    esac
}

move()
{
    choose_words
    "$VIRSH" "${words[@]}"
}

move_in_background() # WORD...
{
    choose_words "$@"
    "$VIRSH" "${words[@]}" >"$TMP/move.out" 2>"$TMP/move.err" &
    moving=$!
}

fails() # PATTERN: the one in the background
{
    ! wait "$moving" || die "$mode $g: it should have failed"
    [ -z "$1" ] || grep -qE "$1" "$TMP/move.err" || die "$mode $g: no '$1' in: $(cat "$TMP/move.err")"
}

is_sending()
{
    on a domjobinfo "$g" 2>/dev/null | grep -q 'Data processed'
}

is_sent()
{
    [ "$(state_at a "$g")" = 'paused (migrating)' ]
}

nothing_at() # HOST
{
    case $(state_at "$1" "$g") in '') return 0 ;; *) return 1 ;; esac
}

expect_nothing_at()
{
    until_ok 60 nothing_at "$1" || die "$mode $g is still at $1: $(state_at "$1" "$g")"
}

# stays WHEN: it runs at a, and nothing is left of it at b
stays()
{
    expect_only a "$g" "$mode: $1:"
    expect_nothing_at b
    ok on a destroy "$g"
}

# either WHEN: at a or at b, whichever step it had come to
either()
{
    local at=a
    until_ok 30 runs_once || die "$mode: $1: $g should run on one side; a: $(state_at a "$g"), b: $(state_at b "$g")"
    runs_only a "$g" || at=b
    ok on $at destroy "$g"
}

runs_once()
{
    runs_only a "$g" || runs_only b "$g"
}

fail_at() # HOST OP
{
    begin
    sim "$1" fail "$2" 1 "ordered-$2"
    refused "ordered-$2|ends too early|[Bb]roken pipe|reset|closed|migrat" move
    stays "$2 fails at $1"
}

die_while_sending() # HOST
{
    begin
    sim a delay save 3000
    move_in_background
    until_ok 30 is_sending || die "$mode $g is not being sent"
    gone "$1"
    fails ''
    [ "$1" = b ] || expect_nothing_at b
    up "$1"
    sim a delay save 0
    stays "$1 dies while it is sent"
}

# dies_in HOST OP: where the daemon of HOST is killed when it comes to OP
dies_in()
{
    begin
    sim "$1" die "$2"
    move_in_background
    until_ok 30 eval "! kill -0 ${pid_of[$1]} 2>/dev/null" || die "$mode $g: the daemon of $1 lives"
    gone "$1"
    up "$1"
}

# Nobody keeps a port or a note of what is settled.
kept()
{
    ls "$TMP"/[ab]/state/arrived "$TMP"/[ab]/state/jobs
}

is_kept() # WANTED
{
    [ "$(kept)" = "$1" ]
}

for mode in $modes; do
    before=$(kept)
    fail_at a save
    fail_at b restore
    fail_at b unpause
    until_ok 30 is_kept "$before" || die "$mode: before $before, now $(kept)"
    die_while_sending a
    die_while_sending b

    dies_in b restore
    fails ''
    stays 'b dies when it begins to take it in'

    # b has promised to run it, and does so when it is there again; a, told by b or by its next daemon, keeps nothing that runs
    dies_in b unpause
    wait "$moving"
    expect_only b "$g" "$mode: b dies when it begins to run it:"
    expect_nothing_at a
    ok on b destroy "$g"

    # all is sent, nothing confirmed: a asks
    dies_in a set_userdata
    fails ''
    expect_nothing_at b
    stays 'a dies when all has been sent'

    # the last step: b runs it, a removes its own
    dies_in a destroy
    wait "$moving"
    expect_only b "$g" "$mode: a dies while it removes its own:"
    expect_nothing_at a
    ok on b destroy "$g"
done

# the client goes
mode=direct
begin
sim a delay save 3000
move_in_background
until_ok 30 is_sending || die "$g is not being sent"
kill -KILL "$moving"
wait "$moving" 2>/dev/null
sim a delay save 0
stays 'the client dies while it is sent'
begin
sim b delay restore 2000
move_in_background
until_ok 30 is_sent || die "$g is not sent"
kill -KILL "$moving"
wait "$moving" 2>/dev/null
either 'the client dies before it is finished'

# The client and a's daemon go when all has been sent: the next daemon of a hears what b does. Peer to peer b has been told already to
# run it, and may not see that who told it is gone.
sim b delay restore 6000
for mode in direct p2p tunnelled; do
    begin
    move_in_background
    until_ok 30 is_sent || die "$mode $g is not sent: $(state_at a "$g"), $(state_at b "$g"); $(cat "$TMP/move.err")"
    kill -KILL "$moving"
    gone a
    fails ''
    up a
    if [ "$mode" = direct ]; then
        stays 'the client and the source die when all has been sent'
    else
        either 'the client and the source die when all has been sent'
        expect_nothing_at a
        expect_nothing_at b
    fi
done
sim b delay restore 0

# a's daemon dies, b runs the guest: it goes from a, with its definition, whoever restarts in between
runs_at_b()
{
    case $(state_at b "$g") in running*) ;; *) return 1 ;; esac
}
for mode in direct p2p; do
    for who in a 'a b'; do
        begin
        on a dumpxml "$g" >"$TMP/$g.xml"
        ok on a define "$TMP/$g.xml"
        sim b delay restore 3000
        move_in_background --persistent --undefinesource
        until_ok 30 is_sent || die "$mode $g is not sent: $(state_at a "$g"), $(state_at b "$g"); $(cat "$TMP/move.err")"
        gone a
        wait "$moving"
        until_ok 30 runs_at_b || die "$mode $g does not run at b: $(state_at b "$g")"
        sim b delay restore 0
        if [ "$who" = 'a b' ]; then
            gone b
            up b
        fi
        up a
        expect_only b "$g" "$mode: $who restarts:"
        expect_nothing_at a
        ok on b dominfo "$g"
        grep -q 'Persistent: *yes' "$TMP/out" || die "$mode: $g is not defined at b"
        ok on b destroy "$g"
        ok on b undefine "$g"
    done
done


# the connection between the daemons breaks
cut_wire_when() # CONDITION
{
    read -r port <<<"$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    rm -f "$TMP/cut" && mkfifo "$TMP/cut"
    python3 "$here/wire.py" "$port" "${port_of[b]}" <"$TMP/cut" >"$TMP/wire.out" &
    watcher_of[wire]=$!
    exec 9>"$TMP/cut"
    until_ok 30 grep -q ready "$TMP/wire.out" || die "no wire"
    via="xen+tcp://127.0.0.1:$port/system"
    begin
    move_in_background
    until_ok 30 "$1" || die "$mode $g: not '$1'"
    echo >&9
    exec 9>&-
    via=
}
for mode in p2p tunnelled; do
    sim a delay save 15000 # broken off when the connection is lost
    cut_wire_when is_sending
    fails 'lost|closed|reset'
    stays 'the connection breaks while it is sent'
    sim a delay save 0
done
mode=p2p
sim b delay restore 6000
cut_wire_when is_sent
wait "$moving"
either 'the connection breaks before it is finished'
sim b delay restore 0

# a destination that says nothing any more is noticed as soon as libxl.conf wants that
printf '%s\n' 'keepalive_interval = 1' 'keepalive_count = 2' >"$TMP/a/libxl.conf"
down a
up a
for mode in p2p tunnelled; do
    begin
    sim a delay save 60000
    move_in_background
    until_ok 30 is_sending || die "$mode $g is not being sent"
    kill -STOP "${pid_of[b]}"
    began=$SECONDS
    fails 'lost|closed|answer'
    took=$((SECONDS - began))
    kill -CONT "${pid_of[b]}"
    [ $took -lt 45 ] || die "$mode: the silence of b was noticed after $took s"
    sim a delay save 0
    stays 'b says nothing any more'
done
down a
down b
