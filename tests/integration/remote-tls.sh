# TLS: who gets in (by certificate, and with a password as well), who does not, and certificates read again.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
read -r tls <<<"$(free_ports 1)"
"$here/../../lib/pki.sh" "$pki"
make_sasl 'scram-sha-256'
configure() # MORE LINES
{
    printf '%s\n' "tls_port = \"$tls\"" "ca_file = \"$pki/cacert.pem\"" "cert_file = \"$TMP/own/servercert.pem\"" \
        "key_file = \"$TMP/own/serverkey.pem\"" "crl_file = \"$TMP/own/crl.pem\"" "$@" >"$conf"
}
reload()
{
    local seen
    seen=$(grep -c 'configuration read again' "$log")
    kill -HUP "$daemon"
    until_ok 30 eval "[ \$(grep -c 'configuration read again' '$log') -gt $seen ]" || die "SIGHUP is not heard"
}
mkdir "$TMP/own"
cp "$pki"/server*.pem "$TMP/own"
configure
start_daemon --config "$conf" --listen
one_guest
lists "xen+tls://localhost:$tls/system?pkipath=$pki"
lists "xen://localhost:$tls/system?pkipath=$pki"

# the server's judgement: no certificate, another authority's, an old one, one for servers
for who in bare other old purpose; do
    lists_not '.' "xen+tls://localhost:$tls/system?pkipath=$pki/$who&no_verify=1&no_sanity=1"
done
grep -q 'the client has no certificate' "$log" || die "no reason in the log for a client without certificate"
grep -q 'is not meant for a client' "$log" || die "no reason in the log for the wrong purpose"
# the client's judgement: the certificate is for localhost
lists_not '127.0.0.1|hostname|refused' "xen+tls://127.0.0.1:$tls/system?pkipath=$pki"
! has_ipv6 || lists "xen+tls://[::1]:$tls/system?pkipath=$pki&no_verify=1"
# versions of TLS
lists "xen+tls://localhost:$tls/system?pkipath=$pki&tls_priority=NORMAL:-VERS-ALL:%2BVERS-TLS1.2"
lists "xen+tls://localhost:$tls/system?pkipath=$pki&tls_priority=NORMAL:-VERS-ALL:%2BVERS-TLS1.3"
refused '.' "$XVIRT" -c "xen+tls://localhost:$tls/system?pkipath=$pki&tls_priority=NORMAL:-VERS-ALL:%2BVERS-TLS1.1" list

# exactly one byte 1 and then silence; a client that says nothing at all is let go and harms nobody
python3 - "$tls" "$pki" <<'PY' || die "the greeting is wrong"
import socket, ssl, sys
port, pki = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=pki + '/cacert.pem')
context.load_cert_chain(pki + '/clientcert.pem', pki + '/clientkey.pem')
s = context.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost')
s.settimeout(5)
assert s.recv(1) == b'\x01'
s.settimeout(0.3)
try:
    assert False, s.recv(1)
except TimeoutError:
    pass
s.settimeout(5)
# a frame in pieces inside of records, then two frames in one record
frame = lambda serial: b''.join(n.to_bytes(4, 'big') for n in (28, 0x20008086, 1, 66, 0, serial, 0))
for byte in frame(0):
    s.sendall(bytes([byte]))
s.sendall(frame(1) + frame(2))
got = b''
while len(got) < 3 * 36:
    got += s.recv(4096)
assert sorted(int.from_bytes(got[i + 20:i + 24], 'big') for i in (0, 36, 72)) == [0, 1, 2], got
silent = [socket.create_connection(('127.0.0.1', port)) for i in range(5)]
s = context.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost')
assert s.recv(1) == b'\x01'
bare = ssl.create_default_context(cafile=pki + '/cacert.pem')
s = bare.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost')
try:
    assert s.recv(1) == b''
except (ssl.SSLError, ConnectionError):
    pass
PY

# the list of names
configure 'tls_allowed_dn_list = [ "C=GB,O=Lab,CN=dogfood", "C=GB,O=Lab,CN=client?" ]'
reload
lists "xen+tls://localhost:$tls/system?pkipath=$pki"
for list in '"C=GB,O=Lab,CN=dogfood"' '"C=GB,O=Lab,CN=client"' ''; do
    configure "tls_allowed_dn_list = [ $list ]"
    reload
    lists_not '.' "xen+tls://localhost:$tls/system?pkipath=$pki"
done
configure 'tls_allowed_dn_list = [ "*CN=cl*nt1" ]'
reload
lists "xen+tls://localhost:$tls/system?pkipath=$pki"

# the certificate is read again; one that is unfit is not taken
cp "$pki"/other/server*.pem "$TMP/own"
reload
grep -q 'the certificate stays as it was' "$log" || die "a certificate of another authority was taken"
lists "xen+tls://localhost:$tls/system?pkipath=$pki"

# an administrator has it read again: an unfit one is refused, a new one is what the next client sees
seen_serial()
{
    openssl s_client -connect "localhost:$tls" -cert "$pki/clientcert.pem" -key "$pki/clientkey.pem" </dev/null 2>/dev/null |
        openssl x509 -noout -serial
}
if command -v virt-admin >/dev/null; then
    admin="libvirtd:///system?socket=$run/libvirt-admin-sock"
    refused '.' virt-admin -c "$admin" server-update-tls virtxend
    before=$(seen_serial)
    openssl req -new -key "$pki/serverkey.pem" -subj /CN=localhost 2>/dev/null |
        openssl x509 -req -CA "$pki/cacert.pem" -CAkey "$pki/cakey.pem" -set_serial 4711 -days 2 -out "$TMP/own/servercert.pem" \
            -extfile <(printf 'basicConstraints=CA:false\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost\n') 2>/dev/null
    cp "$pki/serverkey.pem" "$TMP/own"
    is 'certificate before' "$before" "$(seen_serial)"
    ok virt-admin -c "$admin" server-update-tls virtxend
    is 'certificate after' serial=1267 "$(seen_serial)"
    lists "xen+tls://localhost:$tls/system?pkipath=$pki"
fi

# a revoked client
cp "$pki"/server*.pem "$TMP/own"
touch "$TMP/index" && echo 01 >"$TMP/crlnumber"
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=%s\ncrlnumber=%s\ndefault_md=sha256\ndefault_crl_days=9\n' "$TMP/index" "$TMP/crlnumber" >"$TMP/ca.cnf"
ok openssl ca -config "$TMP/ca.cnf" -cert "$pki/cacert.pem" -keyfile "$pki/cakey.pem" -revoke "$pki/clientcert.pem"
ok openssl ca -config "$TMP/ca.cnf" -cert "$pki/cacert.pem" -keyfile "$pki/cakey.pem" -gencrl -out "$TMP/own/crl.pem"
reload
lists_not '.' "xen+tls://localhost:$tls/system?pkipath=$pki"
grep -qi 'revoked' "$log" || die "no word of the revoked certificate in the log"
configure 'tls_no_verify_certificate = 1'
reload
lists "xen+tls://localhost:$tls/system?pkipath=$pki/bare"
# a password beside the certificate: SCRAM, which needs no layer of its own here
configure 'auth_tls = "sasl"'
rm "$TMP/own/crl.pem"
reload
good=$(auth_file good fred tiger) bad=$(auth_file bad fred lion)
lists "xen+tls://localhost:$tls/system?pkipath=$pki&authfile=$good&auth=sasl.SCRAM-SHA-256"
lists_not 'authentication failed' "xen+tls://localhost:$tls/system?pkipath=$pki&authfile=$bad&auth=sasl.SCRAM-SHA-256"
lists_not '.' "xen+tls://localhost:$tls/system?pkipath=$pki/bare&no_sanity=1&authfile=$good&auth=sasl.SCRAM-SHA-256"
ok v undefine xv-far
stop_daemon

# it refuses to start with certificates that no client could accept
wont_start() # PATTERN FILES
{
    configure
    sed -i "s#^cert_file.*#cert_file = \"$pki/$2\"#; s#^key_file.*#key_file = \"$pki/serverkey.pem\"#" "$conf"
    timeout 10 "$XVIRTD" --hypervisor sim --config "$conf" --listen --run-dir "$TMP/run2" --state-dir "$TMP/s2" --config-dir "$TMP/c2" \
        2>"$TMP/err"
    is "status with $2" 1 $?
    grep -q "$1" "$TMP/err" || die "with $2 it says: $(cat "$TMP/err")"
}
wont_start 'does not come from the authority' other/servercert.pem
wont_start 'is that of an authority' cacert.pem
wont_start 'has expired' old/clientcert.pem
sed -i "s#^key_file.*#key_file = \"$pki/old/clientkey.pem\"#; \$a tls_no_sanity_certificate = 1" "$conf" # unless it is told to
start_daemon --config "$conf" --listen
stop_daemon
wont_start 'No such file' nothing.pem
