# `xvirt pki`: certificates that a server and both clients accept, in one command.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
read -r tls <<<"$(free_ports 1)"
ok "$XVIRT" pki --dir "$pki" --client ops localhost 127.0.0.1
for key in cakey serverkey clientkey; do
    is "mode of $key" 600 "$(stat -c %a "$pki/$key.pem")"
done
printf '%s\n' 'listen_addr = "127.0.0.1"' "tls_port = \"$tls\"" "ca_file = \"$pki/cacert.pem\"" "cert_file = \"$pki/servercert.pem\"" \
    "key_file = \"$pki/serverkey.pem\"" 'tls_allowed_dn_list = [ "CN=ops" ]' >"$conf"
start_daemon --config "$conf" --listen
one_guest
lists "xen+tls://localhost:$tls/system?pkipath=$pki"
lists "xen+tls://127.0.0.1:$tls/system?pkipath=$pki"
# another client of the same authority
cp "$pki/cacert.pem" "$TMP/ca.before"
ok "$XVIRT" pki --dir "$pki" --no-server --client intern
cmp -s "$pki/cacert.pem" "$TMP/ca.before" || die "the authority was replaced"
lists_not '.' "xen+tls://localhost:$tls/system?pkipath=$pki"
# an authority without its key makes nothing
rm "$pki/cakey.pem"
refused 'not its key' "$XVIRT" pki --dir "$pki"
# all by itself, and openssl finds nothing wrong
ok env HOME="$TMP" "$XVIRT" pki --dir "$TMP/own"
ok openssl verify -x509_strict -purpose sslserver -CAfile "$TMP/own/cacert.pem" "$TMP/own/servercert.pem"
ok openssl verify -x509_strict -purpose sslclient -CAfile "$TMP/own/cacert.pem" "$TMP/own/clientcert.pem"
ok v undefine xv-far
stop_daemon
