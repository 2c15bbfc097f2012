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
if [ -r /sys/class/dmi/id/bios_vendor ]; then
    ok v sysinfo
    grep -q "<sysinfo type='smbios'>" "$TMP/out" || die "sysinfo: $(cat "$TMP/out")"
else
    refused 'SMBIOS' v sysinfo
fi
ok v freepages --cellno 0 --pagesize 4K
grep -qE '^4KiB: [0-9]+' "$TMP/out" || die "freepages: $(cat "$TMP/out")"
refused 'not available' v freepages --cellno 0 --pagesize 2M
ok v nodememstats --cell 0
grep -qE '^free *: +[0-9]+ KiB' "$TMP/out" || die "nodememstats: $(cat "$TMP/out")"
refused 'no NUMA cell' v nodememstats --cell 99

# processors
ok v cpu-models x86_64
grep -qx x86-64-v2 "$TMP/out" || die "cpu-models: $(cat "$TMP/out")"
refused 'architecture' v cpu-models ppc64
echo "<cpu><arch>x86_64</arch><model>x86-64-v1</model></cpu>" >"$TMP/cpu.xml"
ok v cpu-compare "$TMP/cpu.xml"
grep -q 'superset' "$TMP/out" || die "cpu-compare: $(cat "$TMP/out")"
ok v hypervisor-cpu-compare "$TMP/cpu.xml"
echo "<cpu><arch>x86_64</arch><model>x86-64-v1</model><feature name='3dnowext' policy='require'/></cpu>" >"$TMP/cpu2.xml"
v cpu-compare "$TMP/cpu2.xml" >"$TMP/out" && die 'a CPU that the host cannot be is not refused'
grep -q 'incompatible' "$TMP/out" || die "cpu-compare: $(cat "$TMP/out")"
refused 'incompatible' v cpu-compare "$TMP/cpu2.xml" --error
echo "<cpu><model>Nonesuch</model></cpu>" >"$TMP/cpu3.xml"
refused 'unknown CPU model Nonesuch' v cpu-compare "$TMP/cpu3.xml"
echo "<cpu><model>Haswell</model></cpu><cpu><model>Nehalem</model><feature name='aes'/></cpu>" >"$TMP/cpus.xml"
for command in cpu-baseline hypervisor-cpu-baseline; do
    ok v $command "$TMP/cpus.xml"
    grep -q '>Westmere<' "$TMP/out" || die "$command: $(cat "$TMP/out")"
done
ok v cpu-baseline "$TMP/cpus.xml" --features
grep -q "name='sse4.2'" "$TMP/out" || die "cpu-baseline --features: $(cat "$TMP/out")"

# Domain-0: its memory, CPUs and weight are set as a guest's, its life is its own
ok v schedinfo Domain-0 --set weight=300
is 'weight' 300 "$(v schedinfo Domain-0 | sed -n 's/^weight *: //p')"
ok v schedinfo Domain-0 --set weight=256
ok v vcpupin Domain-0 0 0
is 'pin' 0 "$(v vcpupin Domain-0 | awk '$1 == 0 { print $2 }')"
ok v vcpupin Domain-0 0 r
for command in shutdown destroy reboot reset suspend managedsave inject-nmi; do
    refused "host's own" v $command Domain-0
done
refused "host's own" v send-key Domain-0 KEY_LEFTALT KEY_SYSRQ KEY_H
refused "host's own" v attach-interface Domain-0 bridge xenbr0
refused "host's own" v set-lifecycle-action Domain-0 poweroff restart
refused 'persistent config' v setmem Domain-0 600M --config
if [ "$HV" = sim ]; then # the real one needs what it has
    ok v setmem Domain-0 600M
    is 'memory' 614400 "$(v dominfo Domain-0 | sed -n 's/^Used memory: *\([0-9]*\) KiB/\1/p')"
    refused 'higher than max' v setmem Domain-0 600G
    ok v setvcpus Domain-0 2
    is 'vcpus' 2 "$(v vcpucount Domain-0 --live --active)"
fi
stop_daemon

# the UUID that it is given, and what is said of a key that is there for compatibility
printf '%s\n' 'host_uuid = "c7a5fdb2-cdaf-9455-926a-d65c16db1809"' 'ovs_timeout = 7' >"$TMP/conf"
start_daemon --config "$TMP/conf"
ok v capabilities
grep -q '<uuid>c7a5fdb2-cdaf-9455-926a-d65c16db1809</uuid>' "$TMP/out" || die "capabilities: $(cat "$TMP/out")"
grep -q "conf:2: key 'ovs_timeout' has no effect: " "$log" || die "nothing is said of the key without effect"
stop_daemon
