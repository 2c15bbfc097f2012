# What the host tells of itself.
. "$(dirname "$0")/lib/lib.sh"
start_daemon
is uri 'xen:///system' "$("$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" uri | head -n 1 | sed 's/?.*//')"
ok v hostname
is hostname "$(hostname)" "$(head -n 1 "$TMP/out")"
ok v version --daemon
grep -qE '^Running hypervisor: Xen [0-9]+\.[0-9]+\.[0-9]+' "$TMP/out" || die "version: $(cat "$TMP/out")"
ok v nodeinfo
cpus=$(awk '/^CPU\(s\)/ { print $2 }' "$TMP/out")
[ "$cpus" -ge 1 ] || die "nodeinfo: $(cat "$TMP/out")"
ok v capabilities
grep -q '<domain type=.xen.' "$TMP/out" || die "capabilities: $(cat "$TMP/out")"
grep -qE "<cpus num='$cpus'>|<cells num='[2-9]" "$TMP/out" || die "no $cpus CPUs in the capabilities"
ok v domcapabilities
grep -q '<machine>xenpv</machine>' "$TMP/out" || die "domcapabilities: $(cat "$TMP/out")"
ok v domcapabilities --machine xenfv
grep -q 'hvmloader' "$TMP/out" || die "domcapabilities of xenfv: $(cat "$TMP/out")"
refused 'machine' v domcapabilities --machine pc
for command in freecell 'freecell --all' 'freecell 0' maxvcpus nodecpumap nodecpustats nodememstats; do
    # shellcheck disable=SC2086
    ok v $command
    [ -s "$TMP/out" ] || die "$command prints nothing"
done
refused 'not supported' v sysinfo
stop_daemon
