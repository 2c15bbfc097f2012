#!/bin/sh
# Starts libvirtd for one user alone, in a new folder, and runs PROGRAM with LIBVIRTD_SOCKET set. 77 (skipped) without a libvirtd.
# usage: with-libvirtd.sh PROGRAM [ARGUMENT...]
command -v libvirtd >/dev/null || [ -x /usr/sbin/libvirtd ] || { echo "no libvirtd: skipped"; exit 77; }
dir=$(mktemp -d) && as= && pid=
trap '[ -z "$pid" ] || kill $pid 2>/dev/null; rm -rf "$dir"' EXIT
if [ "$(id -u)" = 0 ]; then
    chown nobody "$dir" # a system libvirtd would need users and groups of its own
    as="setpriv --reuid=nobody --clear-groups"
fi
export HOME="$dir" XDG_RUNTIME_DIR="$dir" XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache"
PATH=$PATH:/usr/sbin $as libvirtd --timeout 60 >"$dir/log" 2>&1 &
pid=$!
LIBVIRTD_SOCKET=$dir/libvirt/libvirt-sock
n=0
while [ ! -S "$LIBVIRTD_SOCKET" ]; do
    n=$((n + 1))
    if [ $n = 100 ] || ! kill -0 $pid 2>/dev/null; then
        echo "libvirtd does not start here: skipped"; tail -3 "$dir/log"; exit 77
    fi
    sleep 0.1
done
export LIBVIRTD_SOCKET
"$@"
