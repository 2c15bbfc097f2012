# What the scripts about other transports share; sourced after lib.sh. Loopback only. They need no guests of a real host,
# so they run where HV is sim.
only sim
for tool in openssl saslpasswd2; do
    command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || skip "no $tool"
done
PATH=$PATH:/usr/sbin
export PATH
conf=$TMP/conf pki=$TMP/pki

# free_ports N: that many ports that nobody listens at
free_ports()
{
    python3 -c 'import socket, sys
s = [socket.create_server(("127.0.0.1", 0)) for i in range(int(sys.argv[1]))]
print(*[x.getsockname()[1] for x in s])' "$1"
}

# Does this machine have IPv6 on its loopback?
has_ipv6()
{
    python3 -c 'import socket; socket.create_server(("::1", 0), family=socket.AF_INET6)' 2>/dev/null
}

# the same in xvirt and virsh: a URI after another, each must list the guests
lists() # URI
{
    ok "$VIRSH" -c "$1" list --all --name
    grep -qx xv-far "$TMP/out" || die "virsh -c '$1' does not see the guest: $(cat "$TMP/out")"
    ok "$XVIRT" -c "$1" list --all --name
    grep -qx xv-far "$TMP/out" || die "xvirt -c '$1' does not see the guest: $(cat "$TMP/out")"
}

# both clients must be refused, with this in their message
lists_not() # PATTERN URI
{
    refused "$1" "$VIRSH" -c "$2" list
    refused "$1" "$XVIRT" -c "$2" list
}

make_sasl() # MECHANISMS: users fred (password tiger) and wilma (stone), in a database of our own
{
    mkdir -p "$TMP/sasl"
    printf '%s\n' "mech_list: $1" "sasldb_path: $TMP/sasl/db" "pwcheck_method: auxprop" "auxprop_plugin: sasldb" \
        >"$TMP/sasl/libvirt.conf"
    echo tiger | saslpasswd2 -p -c -f "$TMP/sasl/db" -a libvirt -u "$(uname -n)" fred
    echo stone | saslpasswd2 -p -c -f "$TMP/sasl/db" -a libvirt -u "$(uname -n)" wilma
    export SASL_CONF_PATH=$TMP/sasl
}

auth_file() # NAME USER PASSWORD: prints its path
{
    printf '[credentials-x]\nauthname=%s\npassword=%s\n[auth-libvirt-localhost]\ncredentials=x\n[auth-libvirt-default]\ncredentials=x\n' \
        "$2" "$3" >"$TMP/$1.auth"
    echo "$TMP/$1.auth"
}

one_guest() # the guest that the clients look for
{
    define pv-kernel xv-far
}
