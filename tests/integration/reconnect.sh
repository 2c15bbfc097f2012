# Clients that wait for events outlive the daemon: they say that it went, come back when it does, and go on. Local, TCP, TLS and ssh.
. "$(dirname "$0")/lib/lib.sh"
only sim # a client does not care what host is behind the daemon
. "$(dirname "$0")/lib/remote.sh"
read -r tcp tls <<<"$(free_ports 2)"
make_sasl 'digest-md5'
"$here/../../lib/pki.sh" "$pki"
printf '%s\n' 'listen_tls = 1' 'listen_tcp = 1' "tcp_port = \"$tcp\"" "tls_port = \"$tls\"" "ca_file = \"$pki/cacert.pem\"" \
    "cert_file = \"$pki/servercert.pem\"" "key_file = \"$pki/serverkey.pem\"" 'listen_addr = "localhost"' 'keepalive_interval = 1' \
    'keepalive_count = 1' >"$conf"
start_daemon --config "$conf" --listen
guest_xml pv-kernel xv-poke >"$TMP/poke.xml"
good=$(auth_file good fred tiger)
names=(unix tcp tls)
uris=("xen+unix:///system?socket=$run/libvirt-sock" "xen+tcp://localhost:$tcp/system?authfile=$good"
    "xen+tls://localhost:$tls/system?pkipath=$pki")
if [ "$(id -u)" = 0 ] && command -v sshd >/dev/null && command -v nc >/dev/null; then
    . "$(dirname "$0")/lib/sshd.sh"
    start_sshd
    names+=(ssh)
    uris+=("xen+ssh://root@127.0.0.1:$ssh_port/system?command=$ssh_command&socket=$run/libvirt-sock")
fi
pids=()
for i in "${!names[@]}"; do
    "$XVIRT" -k 1 -K 2 -c "${uris[i]}" event --all --loop >"$TMP/${names[i]}.out" 2>"$TMP/${names[i]}.err" &
    pids+=($!)
done
trap 'status=$?; kill "${pids[@]}" ${sshd:-} 2>/dev/null; (exit $status); cleanup' EXIT

poke()
{
    v define "$TMP/poke.xml" >/dev/null && v undefine xv-poke >/dev/null
    for name in "${names[@]}"; do
        [ "$(grep -c 'Undefined Removed' "$TMP/$name.out")" -gt "$1" ] || return 1
    done
}

each_says() # TEXT TIMES
{
    local name
    for name in "${names[@]}"; do
        [ "$(grep -c -- "$1" "$TMP/$name.err")" = "$2" ] || return 1
    done
}

until_ok 30 poke 0 || die "no events: $(cat "$TMP"/*.out "$TMP"/*.err)"
for round in 1 2; do
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null
    until_ok 30 each_says 'waiting for it to come back' $round || die "nobody noticed: $(cat "$TMP"/*.err)"
    before=$(cat "$TMP/unix.out" "$TMP/tcp.out" | grep -c 'Undefined Removed')
    start_daemon --config "$conf" --listen
    until_ok 30 each_says 'connected again' $round || die "not connected again: $(cat "$TMP"/*.err)"
    until_ok 30 poke "$before" || die "no events after the restart: $(cat "$TMP"/*.out "$TMP"/*.err)"
    each_says 'waiting for it to come back' $round || die "it was said more than once: $(cat "$TMP"/*.err)"
done
# a daemon that hangs is as good as gone; so is, for the daemon, a client that hangs: pings go both ways
kill -STOP "$daemon"
until_ok 30 each_says 'waiting for it to come back' 3 || die "nobody noticed that it hangs: $(cat "$TMP"/*.err)"
grep -q 'did not answer' "$TMP/unix.err" || die "no word of pings: $(cat "$TMP/unix.err")"
kill -CONT "$daemon"
until_ok 30 each_says 'connected again' 3 || die "not connected again: $(cat "$TMP"/*.err)"
kill -STOP "${pids[@]}"
dead()
{
    [ "$(grep -c 'no answer to keepalive messages' "$log")" -ge ${#names[@]} ]
}
until_ok 30 dead || die "the daemon keeps clients that hang"
kill -CONT "${pids[@]}"
until_ok 30 each_says 'connected again' 4 || die "not connected again: $(cat "$TMP"/*.err)"

kill -INT "${pids[@]}"
for i in "${!names[@]}"; do
    wait "${pids[i]}" || die "${names[i]}: ended with $?"
    grep -q '^event loop interrupted$' "$TMP/${names[i]}.out" || die "${names[i]}: no last line: $(cat "$TMP/${names[i]}.out")"
done
# without --loop, the end of the daemon is the end
"$XVIRT" -c "${uris[0]}" event --all >"$TMP/once.out" 2>"$TMP/once.err" &
once=$!
sleep 0.5
stop_daemon
! wait $once || die "it should have failed: $(cat "$TMP"/once.*)"
grep -q 'lost' "$TMP/once.err" || die "no reason: $(cat "$TMP/once.err")"
