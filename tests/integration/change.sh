# What can be changed of a guest, while it runs and as it is defined; its devices: see devices.sh.
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
# a guest that looks for new vcpus at each tick
bare=1 guest_xml pv-kernel xv-change xv.tick=2 >"$TMP/xv-change.xml"
made+=(xv-change)
sed -i 's,<vcpu>1</vcpu>,<vcpu current="2">4</vcpu>,; s,<memory .*</memory>,<memory>262144</memory><currentMemory>196608</currentMemory>,' \
    "$TMP/xv-change.xml"
ok v define "$TMP/xv-change.xml"

has() # TEXT [OPTION...]: the XML has it
{
    local text=$1
    shift
    ok v dumpxml xv-change "$@"
    grep -qE -- "$text" "$TMP/out" || die "no '$text' in $(cat "$TMP/out")"
}

defined() # the same whatever the host, and a virsh takes its time on an emulated Xen
{
    ok v setmaxmem xv-change 128M --config
    has "<memory unit='KiB'>131072</memory>"
    ok v setmaxmem xv-change 256M --config
    has "<memory unit='KiB'>262144</memory>"
    ok v setmem xv-change 192M --config
    has "<currentMemory unit='KiB'>196608</currentMemory>"
    ok v setvcpus xv-change 2 --config
    is 'vcpus' 2 "$(v vcpucount xv-change --current --config | head -n 1)"
    is 'most vcpus' 4 "$(v vcpucount xv-change --maximum --config | head -n 1)"
    ok v desc xv-change 'a first guest'
    is 'description' 'a first guest' "$(v desc xv-change | head -n 1)"
    ok v desc xv-change --title 'The title'
    ok v list --all --title
    grep -qE 'xv-change .* The title' "$TMP/out" || die "no title: $(cat "$TMP/out")"
    ok v metadata xv-change http://example.org/app --key app --set '<owner name="fred"/>'
    ok v metadata xv-change http://example.org/app
    grep -q 'fred' "$TMP/out" || die "metadata: $(cat "$TMP/out")"
    ok v metadata xv-change http://example.org/app --remove
    refused 'metadata' v metadata xv-change http://example.org/app
    ok v domrename xv-change xv-named
    refused 'failed to get domain' v dominfo xv-change
    ok v domrename xv-named xv-change
}
[ "$HV" = xen ] || defined

# as it runs
ok v start xv-change
console_see xv-change "$up"
ok v setmem xv-change 160M
balloon()
{
    v domstats xv-change --balloon | grep -qE 'balloon.current=(16[0-9]{4})'
}
until_ok "$(patience)" balloon || die "balloon: $(v domstats xv-change --balloon)"
ok v setvcpus xv-change 3 --live
online()
{
    [ "$(v vcpucount xv-change --current --live | head -n 1)" = 3 ]
}
until_ok "$(patience)" online || die "vcpus: $(v vcpucount xv-change)"
ok v vcpupin xv-change 0 0
is 'pin of vcpu 0' '0 0' "$(v vcpupin xv-change --vcpu 0 | awk '/^ *0/ { print $1, $2 }')"
ok v schedinfo xv-change --weight 300
ok v schedinfo xv-change
grep -qE '^weight +: 300' "$TMP/out" || die "schedinfo: $(cat "$TMP/out")"

ok v destroy xv-change
has "<vcpu placement='static' current='2'>4</vcpu>"
ok v undefine xv-change
stop_daemon
