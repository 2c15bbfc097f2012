# Sockets that somebody else made, as systemd does: local ones, one for administrators, TCP and TLS. None of them is removed at the end,
# and what a child of the daemon gets is none of them.
. "$(dirname "$0")/lib/lib.sh"
only sim
. "$(dirname "$0")/lib/remote.sh"
read -r tcp tls odd <<<"$(free_ports 3)"
"$here/../../lib/pki.sh" "$pki"
printf '%s\n' "ca_file = \"$pki/cacert.pem\"" "cert_file = \"$pki/servercert.pem\"" "key_file = \"$pki/serverkey.pem\"" \
    'crl_file = ""' 'auth_tcp = "none"' >"$conf"
mkdir "$run"
daemon_binary=$XVIRTD
activated() # SOCKETS...
{
    printf '#!/bin/sh\nexec python3 "%s/activate.py" %s -- "%s" "$@"\n' "$here" "$*" "$daemon_binary" >"$TMP/activated"
    chmod +x "$TMP/activated"
    XVIRTD=$TMP/activated
}
activated "xvirtd.socket=$run/libvirt-sock" "xvirtd-admin.socket=$run/virtxend-admin-sock" "xvirtd-tcp.socket=$tcp" "xvirtd-tls.socket=$tls"
start_daemon --config "$conf"
one_guest
lists "xen+unix:///system?socket=$run/libvirt-sock"
lists "xen+unix:///system?socket=$run/virtxend-sock"
lists "xen+tcp://localhost:$tcp/system"
lists "xen+tls://localhost:$tls/system?pkipath=$pki"
if command -v virt-admin >/dev/null; then
    ok virt-admin -c "virtxend:///system?socket=$run/virtxend-admin-sock" server-list
fi
ok v undefine xv-far
stop_daemon
[ -S "$run/libvirt-sock" ] || die "a socket that is not the daemon's is gone"
[ ! -e "$run/virtxend-sock" ] || die "one that is the daemon's is still there"
rm "$run"/*-sock
# one that nobody can tell the purpose of
activated "xvirtd.socket=$run/libvirt-sock" "web.socket=$odd"
"$XVIRTD" --hypervisor sim --config "$conf" --run-dir "$run" --state-dir "$TMP/state" --config-dir "$TMP/etc" 2>"$TMP/err" &&
    die "it starts with a socket for nothing"
grep -q "neither for TLS nor for TCP" "$TMP/err" || die "it says: $(cat "$TMP/err")"
