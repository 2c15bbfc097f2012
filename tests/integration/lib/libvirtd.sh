#!/bin/sh
# libvirtd.sh DIR: runs the distribution's libvirtd as the host's own, with its sockets in DIR, its files in folders that only
# it sees, and nothing left of it after. LIBVIRTD_AUTH: how clients prove who they are (none).
PATH=$PATH:/usr/sbin:/sbin
[ -n "$XV_UNSHARED" ] || XV_UNSHARED=1 exec unshare --mount "$0" "$@"
set -e
mkdir -p "$1"
for d in /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run; do
    mkdir -p $d
    mount -t tmpfs none $d
done
mkdir /run/libvirt
printf '%s\n' 'user = "root"' 'group = "root"' >/etc/libvirt/qemu.conf
printf '%s\n' "unix_sock_dir = \"$1\"" "auth_unix_rw = \"${LIBVIRTD_AUTH:-none}\"" 'auth_unix_ro = "none"' >/etc/libvirt/libvirtd.conf
exec libvirtd --timeout 120
