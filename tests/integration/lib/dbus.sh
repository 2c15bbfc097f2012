#!/bin/bash
# dbus.sh XVIRTD TMP: in a mount namespace of its own: the daemon in virtxend's place, with libvirt's own folders and sockets, and
# libvirt-dbus on a bus of its own. virsh finds the daemon without being told where it is.
set -e
for d in /run /etc/libvirt /var/lib/libvirt; do
    mkdir -p $d
    mount -t tmpfs none $d
done
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait' EXIT
printf '%s\n' 'unix_sock_group = "nogroup"' 'unix_sock_rw_perms = "0770"' 'unix_sock_ro_perms = "0755"' >/etc/libvirt/virtxend.conf
"$1" --hypervisor sim --takeover-libvirt 2>"$2/takeover.log" &
pids+=($!)
for i in $(seq 100); do
    [ ! -S /run/libvirt/virtxend-sock ] || break
    sleep 0.05
done
test "$(stat -c '%a %U:%G' /run/libvirt/libvirt-sock)" = '770 root:nogroup'
test "$(stat -c '%a %U:%G' /run/libvirt/virtxend-sock-ro)" = '755 root:nogroup'
test "$(stat -c '%a %U:%G' /run/libvirt/virtxend-admin-sock)" = '700 root:root'
test "$(virsh -c xen:///system uri | head -n 1)" = xen:///system
cat >"$2/dbus.xml" <<'XML'
<domain type='xen'><name>xv-dbus</name><uuid>0b1e9bd0-8d5d-4f8c-9d4b-1a2f0c2c7a11</uuid><memory unit='KiB'>65536</memory>
<os><type>linux</type><kernel>/boot/vmlinuz</kernel></os></domain>
XML
virsh -c xen:///system define "$2/dbus.xml"
test -e /etc/libvirt/libxl/xv-dbus.xml

cat >"$2/dbus.conf" <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path=/run/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
CONF
dbus-daemon --config-file="$2/dbus.conf" --nofork --nopidfile 2>"$2/dbus.log" &
pids+=($!)
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus
for i in $(seq 100); do
    [ ! -S /run/bus ] || break
    sleep 0.05
done
libvirt-dbus --system 2>"$2/libvirt-dbus.log" &
pids+=($!)
ask() # PATH METHOD ARGUMENT...
{
    local path=$1 method=$2
    shift 2
    gdbus call --system --timeout 5 --dest org.libvirt --object-path "$path" --method "$method" "$@"
}
for i in $(seq 100); do
    ! ask /org/libvirt/Xen org.libvirt.Connect.ListDomains 0 2>/dev/null || break
    sleep 0.05
done
guest=$(ask /org/libvirt/Xen org.libvirt.Connect.DomainLookupByName xv-dbus | grep -o "/org/libvirt/Xen/domain/[^']*")
ask "$guest" org.libvirt.Domain.Create 0
virsh -c xen:///system domstate xv-dbus | grep -q running
ask "$guest" org.libvirt.Domain.GetState 0 | grep -q '(1, '
ask "$guest" org.libvirt.Domain.GetXMLDesc 0 | grep -q xv-dbus
ask "$guest" org.libvirt.Domain.GetStats 1 0 | grep -q state.state
ask "$guest" org.freedesktop.DBus.Properties.Get org.libvirt.Domain Name | grep -q xv-dbus
ask "$guest" org.libvirt.Domain.Destroy 0
ask "$guest" org.libvirt.Domain.Undefine 0
! virsh -c xen:///system domstate xv-dbus 2>/dev/null
echo done
