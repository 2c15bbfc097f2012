# What xvirt says when a connection cannot be made or is lost: what, which, why, and what to do about it.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
read -r tls tcp closed <<<"$(free_ports 3)"
tells() # URI TEXT...: it fails, with each of these in what it says, and does not take long
{
    local uri=$1 text
    shift
    ! timeout 20 "$XVIRT" -c "$uri" list >"$TMP/out" 2>"$TMP/err" || die "'$uri' works"
    for text in "failed to connect" "$@"; do
        grep -qF -- "$text" "$TMP/err" || die "'$uri' without '$text': $(cat "$TMP/err")"
    done
}

# no daemon
tells "xen+unix:///system?socket=$TMP/none" "cannot connect to '$TMP/none': No such file or directory" "systemctl start xvirtd"
touch "$TMP/file"
tells "xen+unix:///system?socket=$TMP/file" "cannot connect to '$TMP/file'" 'nobody listens there any more'
tells "xen+tcp://localhost:$closed/system" "host 'localhost' port $closed: cannot connect: Connection refused" 'with --listen'
tells "xen://localhost:$closed/system" 'Connection refused' 'use xen+ssh://'
tells 'xen+tcp://no-such-host.invalid/system' "cannot find host 'no-such-host.invalid'"
# what is no URI of ours
tells 'xen+pigeon://localhost/system' "transport 'pigeon' is not known" 'unix, tls, tcp, ssh'
tells 'xen+tcp://localhost:99999/system' "'99999' is no port (1 to 65535)"
tells 'xen+tcp://localhost:0/system' "'0' is no port"

# certificates: of another name, expired, of an authority that is not known here, and none of ours
"$here/../../lib/pki.sh" "$pki"
serve() # CERTIFICATE KEY
{
    printf '%s\n' 'listen_addr = "127.0.0.1"' "tls_port = \"$tls\"" "tcp_port = \"$tcp\"" "ca_file = \"$pki/cacert.pem\"" "cert_file = \"$1\"" \
        "key_file = \"$2\"" 'tls_no_sanity_certificate = 1' >"$conf"
    start_daemon --config "$conf" --listen
}
serve "$pki/servercert.pem" "$pki/serverkey.pem"
tells "xen://127.0.0.1:$tls/system?pkipath=$pki" "certificate of '127.0.0.1' is refused" 'It is for localhost' 'use one of these names'
tells "xen://localhost:$tls/system?pkipath=$pki/other" "certificate of 'localhost' is refused" 'Its authority has to be in cacert.pem here'
tells "xen://localhost:$tls/system?pkipath=$pki/bare" 'the server refuses this client' 'clientcert.pem'
tells "xen://localhost:$tls/system?pkipath=$TMP/nowhere" 'cacert.pem'
# the daemon is none for TLS, or none at all
tells "xen+unix:///system?socket=$TMP/run/xvirtd.lock" 'cannot connect'
stop_daemon
serve "$pki/old/clientcert.pem" "$pki/old/clientkey.pem"
tells "xen://localhost:$tls/system?pkipath=$pki" 'expired' "The server needs a new one ('xvirt pki')"
stop_daemon

# it ends in the middle of a call
start_daemon
define pv-kernel xv-far
ok simctl hang create
quick start xv-far >"$TMP/start" 2>&1 &
call=$!
until_ok 30 eval "quick domjobinfo xv-far | grep -q Start" || die "the call is not under way"
kill_daemon
wait $call && die "a call of a daemon that was killed succeeds"
grep -q 'the server has closed the connection; it was stopped, has crashed' "$TMP/start" || die "it says: $(cat "$TMP/start")"
refused 'Connection refused; nobody listens there any more' quick list
