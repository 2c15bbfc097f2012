# Where a guest's virtual CPUs run beyond what they are bound to: its CPU pool and the CPUs that they prefer, by schedinfo; live, in
# the definition, or both.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh place)
. "$(dirname "$0")/lib/lib.sh"
few=0-1,3 one=2
if [ "$HV" = xen ]; then # it has two CPUs: the second is a pool of its own here
    few=1 one=0
    at_end()
    {
        xl cpupool-destroy Pool-1 && xl cpupool-cpu-add Pool-0 1
    } 2>/dev/null
    ok xl cpupool-cpu-remove Pool-0 1
    ok xl cpupool-create 'name="Pool-1"' 'cpus=["1"]'
fi
start_daemon
bare=1 define tiny xv-place xv.tick=0
says() # PARAMETER [OPTION...]
{
    v schedinfo xv-place "${@:2}" | sed -n "s/^$1 *: //p"
}
place()
{
    echo "$(says cpupool "$@") $(says soft_cpus "$@")"
}
is 'defined' 'Pool-0 all' "$(place --config)"
ok v schedinfo xv-place --set soft_cpus=$few --config
ok v schedinfo xv-place --set cpupool=Pool-1 --config
is 'defined anew' "Pool-1 $few" "$(place --config)"
ok v dumpxml xv-place --inactive
grep -q 'Pool-1' "$TMP/out" && grep -q "[\"'>]$few[\"'<]" "$TMP/out" || die "not in the XML: $(cat "$TMP/out")"
ok v start xv-place
is 'what runs' "Pool-1 $few" "$(place --live)"
ok quick schedinfo xv-place --set cpupool=Pool-0 soft_cpus=$one --live
is 'live alone' "Pool-0 $one Pool-1 $few" "$(place --live) $(place --config)"
ok v schedinfo xv-place --set weight=300 --live
is 'beside the weight' "Pool-0 $one 300" "$(place --live) $(says weight --live)"
refused "there is no CPU pool 'Pool-9'" v schedinfo xv-place --set cpupool=Pool-9 --live --config
refused 'no list of CPUs' v schedinfo xv-place --set soft_cpus=red --live
refused 'no list of CPUs' quick schedinfo xv-place --set soft_cpus= --config
is 'after what was refused' "Pool-0 $one Pool-1 $few" "$(place --live) $(place --config)"
if [ "$HV" = sim ]; then
    ok simctl fail pin 1 'not now'
    refused 'not now' v schedinfo xv-place --set soft_cpus=1 --live
    is 'after what failed' "Pool-0 $one" "$(place --live)"
fi

# the next daemon knows; all CPUs again
stop_daemon
start_daemon
is 'after a restart' "Pool-0 $one" "$(place --live)"
ok v schedinfo xv-place --set soft_cpus=all --live --config
is 'all' 'Pool-0 all Pool-1 all' "$(place --live) $(place --config)"
ok quick --format json schedinfo xv-place --live
grep -q '"cpupool": *"Pool-0"' "$TMP/out" || die "JSON: $(cat "$TMP/out")"

# Xen lets go of all pins when a guest moves: they are set again, where the new pool has the CPUs
bound() # VCPU: as Xen has it
{
    v vcpuinfo xv-place --pretty | sed -n 's/^CPU Affinity: *//p' | sed -n "$1p"
}
all=$(bound 1)
ok v vcpupin xv-place 0 "$one" --live
is 'bound' "$one" "$(bound 1 | sed 's/ (.*//')"
ok v schedinfo xv-place --set cpupool=Pool-0 --live
is 'bound in the same pool' "$one" "$(bound 1 | sed 's/ (.*//')"
ok v schedinfo xv-place --set cpupool=Pool-1 --live
is 'in a pool without its CPU' "$all" "$(bound 1)"
grep -q "vcpu 0 is not bound to its CPUs in pool 'Pool-1'" "$log" || die 'nobody was told'
ok v schedinfo xv-place --set cpupool=Pool-0 --live
is 'bound when it is back' "$one" "$(bound 1 | sed 's/ (.*//')"
ok v destroy xv-place
stop_daemon
