# Programs that look on: prometheus' exporter, collectd's virt plugin, libvirt-dbus (which knows only libvirt's own sockets, so the
# daemon stands in for virtxend, in folders that nobody else sees).
. "$(dirname "$0")/lib/lib.sh"
only sim
ran=0
read -r port < <(python3 -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
helper=
trap 'status=$?; [ -z "$helper" ] || kill $helper 2>/dev/null; (exit $status); cleanup' EXIT
start_daemon
define pv-kernel xv-web
ok v start xv-web
web=$(v domuuid xv-web | head -n 1)

if command -v prometheus-libvirt-exporter >/dev/null; then
    prometheus-libvirt-exporter --libvirt.uri="xen:///system?socket=$run/libvirt-sock" --web.listen-address="127.0.0.1:$port" 2>"$TMP/exporter" &
    helper=$!
    until_ok 30 curl -sf -o "$TMP/metrics" "http://127.0.0.1:$port/metrics" || die "no answer: $(cat "$TMP/exporter")"
    for line in 'libvirt_up 1' "libvirt_domain_state_code\{domain=\"xv-web\",uuid=\"$web\"\} 1" 'libvirt_domain_info_virtual_cpus\{.*xv-web.* 1' \
        'libvirt_domain_block_stats_read_bytes_total\{domain="xv-web"' 'libvirt_domain_interface_stats_receive_bytes_total\{domain="xv-web"'; do
        grep -qE "^$line" "$TMP/metrics" || die "no '$line' in: $(grep ^libvirt "$TMP/metrics")"
    done
    kill $helper && wait $helper 2>/dev/null
    helper= ran=$((ran + 1))
fi

if command -v collectd >/dev/null && [ -e /usr/lib/collectd/virt.so ]; then
    cat >"$TMP/collectd.conf" <<CONF
BaseDir "$TMP/collectd"
PIDFile "$TMP/collectd.pid"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin csv
LoadPlugin virt
<Plugin csv>
  DataDir "$TMP/collectd"
</Plugin>
<Plugin virt>
  Connection "xen:///system?socket=$run/libvirt-sock-ro"
  ExtraStats "cpu_util domain_state vcpu memory disk"
</Plugin>
CONF
    mkdir "$TMP/collectd"
    collectd -f -C "$TMP/collectd.conf" >"$TMP/collectd.out" 2>&1 &
    helper=$!
    has_figures()
    {
        [ -d "$TMP/collectd/xv-web/virt" ] && ls "$TMP/collectd/xv-web/virt" >"$TMP/figures" &&
            grep -q virt_cpu_total "$TMP/figures" && grep -q disk_octets "$TMP/figures" && grep -q if_octets "$TMP/figures" &&
            grep -q memory-total "$TMP/figures" && grep -q domain_state "$TMP/figures"
    }
    until_ok 30 has_figures || die "figures: $(cat "$TMP/figures") $(cat "$TMP/collectd.out")"
    kill $helper && wait $helper 2>/dev/null
    helper= ran=$((ran + 1))
fi
ok v destroy xv-web
ok v undefine xv-web
stop_daemon

if command -v libvirt-dbus >/dev/null && command -v gdbus >/dev/null && [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
    ok unshare --mount "$here/dbus.sh" "$XVIRTD" "$TMP"
    ran=$((ran + 1))
fi
[ $ran -gt 0 ] || skip "none of them is installed"
