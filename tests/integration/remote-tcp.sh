# TCP with SASL: DIGEST-MD5 and its layer, who is refused, IPv4 and IPv6; SCRAM on the unix socket.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
read -r tcp <<<"$(free_ports 1)"
make_sasl 'digest-md5 scram-sha-256 plain'
configure() # MORE LINES
{
    printf '%s\n' 'listen_tls = 0' 'listen_tcp = 1' "tcp_port = \"$tcp\"" "$@" >"$conf"
}
configure 'listen_addr = "localhost"'
start_daemon --config "$conf" --listen
one_guest
good=$(auth_file good fred tiger) bad=$(auth_file bad fred lion) other=$(auth_file other wilma stone)
lists "xen+tcp://localhost:$tcp/system?authfile=$good"
lists "xen+tcp://127.0.0.1:$tcp/system?authfile=$good"
refused 'authentication failed' "$XVIRT" -c "xen+tcp://localhost:$tcp/system?authfile=$bad" list
refused 'authentication failed' "$VIRSH" -c "xen+tcp://localhost:$tcp/system?authfile=$bad" list
# SCRAM has no layer, so it is not for bare TCP
refused '.' "$XVIRT" -c "xen+tcp://localhost:$tcp/system?authfile=$good&auth=sasl.SCRAM-SHA-256" list
# what the daemon is to open is not what the URI's own path says
lists "xen+tcp://localhost:$tcp/?authfile=$good&name=xen:///system"
lists_not . "xen+tcp://localhost:$tcp/system?authfile=$good&name=nosuch:///system"
# a large answer goes through many protected blocks
python3 - >"$TMP/big.xml" <<'PY'
print("<domain type='xen'><name>xv-big</name><description>%s</description><memory>65536</memory>"
      "<os><type>linux</type><kernel>/k</kernel></os></domain>" % ("x" * 400000))
PY
made+=(xv-big)
ok "$VIRSH" -c "xen+tcp://localhost:$tcp/system?authfile=$good" define "$TMP/big.xml"
for client in "$VIRSH" "$XVIRT"; do
    ok "$client" -c "xen+tcp://localhost:$tcp/system?authfile=$good" dumpxml xv-big
    [ "$(wc -c <"$TMP/out")" -gt 400000 ] || die "$client: only $(wc -c <"$TMP/out") bytes came"
done
ok v undefine xv-big

python3 "$here/sasl.py" "$tcp" || die "the exchange's rules are broken"

# a layer weaker than is wanted, both of the mechanism and of what was agreed on
configure 'listen_addr = "localhost"' 'tcp_min_ssf = 256'
kill -HUP "$daemon"
until_ok 30 grep -q 'configuration read again' "$log" || die "SIGHUP is not heard"
lists_not '.' "xen+tcp://localhost:$tcp/system?authfile=$good"
# the list of users
configure 'sasl_allowed_username_list = [ "barney", "fr?d*" ]' 'listen_addr = "localhost"'
kill -HUP "$daemon"
read_twice()
{
    [ "$(grep -c 'configuration read again' "$log")" -ge 2 ]
}
until_ok 30 read_twice || die "SIGHUP is not heard"
lists "xen+tcp://localhost:$tcp/system?authfile=$good"
lists_not 'authentication failed' "xen+tcp://localhost:$tcp/system?authfile=$other"
ok v undefine xv-far
stop_daemon

# without encryption below, SCRAM serves on the unix socket
six=::1
has_ipv6 || six=127.0.0.1
configure "listen_addr = \"$six\"" 'auth_unix_ro = "sasl"'
start_daemon --config "$conf" --listen
one_guest
[ $six = 127.0.0.1 ] || lists "xen+tcp://[::1]:$tcp/system?authfile=$good"
sock="socket=$run/libvirt-sock-ro"
lists "xen:///system?$sock&authfile=$good&auth=sasl.SCRAM-SHA-256"
lists_not 'authentication failed' "xen:///system?$sock&authfile=$bad&auth=sasl.SCRAM-SHA-256"
ok v undefine xv-far
stop_daemon
