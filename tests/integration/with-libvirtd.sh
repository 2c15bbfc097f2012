#!/bin/sh
# Starts libvirtd for one user alone, in a new folder, and runs PROGRAM with LIBVIRTD_SOCKET set. 77 (skipped) without a libvirtd.
# With --remote it also listens on TCP (SASL: user fred, password tiger) and TLS, and LIBVIRTD_TCP_PORT, LIBVIRTD_TLS_PORT and
# LIBVIRTD_PKI (tests/lib/pki.sh) are set; with --sasl the unix socket wants SASL too, with LIBVIRTD_AUTH_TLS=sasl TLS does.
# usage: with-libvirtd.sh [--remote] [--sasl] PROGRAM [ARGUMENT...]
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
remote= sasl=none
while :; do
    case $1 in
    --remote) remote=1 ;;
    --sasl) remote=1 sasl=sasl ;;
    *) break ;;
    esac
    shift
done
skip() { echo "$*: skipped"; exit 77; }
command -v libvirtd >/dev/null || skip "no libvirtd"
[ -z "$remote" ] || { command -v openssl && command -v saslpasswd2; } >/dev/null || skip "no openssl or saslpasswd2"
dir=$(mktemp -d) && as= && pid=
trap '[ -z "$pid" ] || { kill $pid; wait $pid; } 2>/dev/null; rm -rf "$dir"' EXIT

setup_remote()
{
    set -- $(python3 -c 'import socket
s = [socket.create_server(("127.0.0.1", 0)) for i in (1, 2)]
print(*[x.getsockname()[1] for x in s])')
    LIBVIRTD_TCP_PORT=$1 LIBVIRTD_TLS_PORT=$2 LIBVIRTD_PKI=$dir/pki
    export LIBVIRTD_TCP_PORT LIBVIRTD_TLS_PORT LIBVIRTD_PKI
    "$here/../lib/pki.sh" "$LIBVIRTD_PKI"
    if [ -n "${LIBVIRTD_SASL:-}" ]; then # a folder with a libvirt.conf for SASL
        cp -r "$LIBVIRTD_SASL" "$dir/sasl"
    else
        mkdir "$dir/sasl"
        printf '%s\n' "mech_list: digest-md5 scram-sha-256" "sasldb_path: $dir/sasl/db" "pwcheck_method: auxprop" \
            "auxprop_plugin: sasldb" >"$dir/sasl/libvirt.conf"
        echo tiger | saslpasswd2 -p -c -f "$dir/sasl/db" -a libvirt -u "$(uname -n)" fred
    fi
    cat >"$dir/conf" <<CONF
listen_tcp = 1
listen_tls = 1
listen_addr = "127.0.0.1"
tcp_port = "$1"
tls_port = "$2"
auth_tcp = "sasl"
auth_tls = "${LIBVIRTD_AUTH_TLS:-none}"
auth_unix_rw = "$sasl"
key_file = "$LIBVIRTD_PKI/serverkey.pem"
cert_file = "$LIBVIRTD_PKI/servercert.pem"
ca_file = "$LIBVIRTD_PKI/cacert.pem"
CONF
}

[ -z "$remote" ] || setup_remote
if [ "$(id -u)" = 0 ]; then
    chown -R nobody "$dir" # a system libvirtd would need users and groups of its own
    as="setpriv --reuid=nobody --clear-groups"
fi
export HOME="$dir" XDG_RUNTIME_DIR="$dir" XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache"
SASL_CONF_PATH=$dir/sasl $as libvirtd ${remote:+--listen --config "$dir/conf"} --timeout 60 >"$dir/log" 2>&1 &
pid=$!
LIBVIRTD_SOCKET=$dir/libvirt/libvirt-sock
n=0
while [ ! -S "$LIBVIRTD_SOCKET" ]; do
    n=$((n + 1))
    if [ $n = 100 ] || ! kill -0 $pid 2>/dev/null; then
        tail -3 "$dir/log"
        skip "libvirtd does not start here"
    fi
    sleep 0.1
done
export LIBVIRTD_SOCKET
"$@"
