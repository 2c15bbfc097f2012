# Where a guest's virtual CPUs run beyond what they are bound to: its CPU pool and the CPUs that they prefer, by schedinfo; live, in
# the definition, or both.
. "$(dirname "$0")/lib/lib.sh"
only sim
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
ok v schedinfo xv-place --set soft_cpus=0-1,3 --config
ok v schedinfo xv-place --set cpupool=Pool-1 --config
is 'defined anew' 'Pool-1 0-1,3' "$(place --config)"
ok v dumpxml xv-place --inactive
grep -q 'Pool-1' "$TMP/out" && grep -q '0-1,3' "$TMP/out" || die "not in the XML: $(cat "$TMP/out")"
ok v start xv-place
is 'what runs' 'Pool-1 0-1,3' "$(place --live)"
ok quick schedinfo xv-place --set cpupool=Pool-0 soft_cpus=2 --live
is 'live alone' 'Pool-0 2 Pool-1 0-1,3' "$(place --live) $(place --config)"
ok v schedinfo xv-place --set weight=300 --live
is 'beside the weight' 'Pool-0 2 300' "$(place --live) $(says weight --live)"
refused "there is no CPU pool 'Pool-9'" v schedinfo xv-place --set cpupool=Pool-9 --live --config
refused 'no list of CPUs' v schedinfo xv-place --set soft_cpus=red --live
refused 'no list of CPUs' quick schedinfo xv-place --set soft_cpus= --config
is 'after what was refused' 'Pool-0 2 Pool-1 0-1,3' "$(place --live) $(place --config)"
ok simctl fail pin 1 'not now'
refused 'not now' v schedinfo xv-place --set soft_cpus=1 --live
is 'after what failed' 'Pool-0 2' "$(place --live)"

# the next daemon knows; all CPUs again
stop_daemon
start_daemon
is 'after a restart' 'Pool-0 2' "$(place --live)"
ok v schedinfo xv-place --set soft_cpus=all --live --config
is 'all' 'Pool-0 all Pool-1 all' "$(place --live) $(place --config)"
ok quick --format json schedinfo xv-place --live
grep -q '"cpupool": *"Pool-0"' "$TMP/out" || die "JSON: $(cat "$TMP/out")"
ok v destroy xv-place
stop_daemon
