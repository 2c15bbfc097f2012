# Kerberos: a realm of our own on loopback (MIT's KDC), GSSAPI with its encryption on bare TCP, by both clients.
. "$(dirname "$0")/lib/lib.sh"
only sim # a transport does not care what host is behind it
. "$(dirname "$0")/lib/remote.sh"
. "$(dirname "$0")/lib/kdc.sh"
start_kdc
read -r tcp <<<"$(free_ports 1)"
printf '%s\n' 'listen_tls = 0' 'listen_tcp = 1' "tcp_port = \"$tcp\"" 'listen_addr = "localhost"' \
    'sasl_allowed_username_list = [ "fred@LAB.TEST", "fred" ]' "audit_file = \"$TMP/audit\"" >"$conf"
start_daemon --config "$conf" --listen
one_guest
lists "xen+tcp://localhost:$tcp/system"
grep -q 'auth=sasl .*sasl="fred.* result=ok' "$TMP/audit" || die "the audit does not know fred: $(cat "$TMP/audit")"
# another user, whose ticket is as good, is not on the list
ok kdestroy
login wilma stone || die "no ticket for wilma"
lists_not 'authentication failed' "xen+tcp://localhost:$tcp/system"
# and without a ticket there is nothing
ok kdestroy
lists_not '.' "xen+tcp://localhost:$tcp/system"
ok v undefine xv-far
stop_daemon
