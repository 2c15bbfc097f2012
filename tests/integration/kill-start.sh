# kill -9 in the middle of starts: afterwards each guest is either off or runs, none twice, and all can be started.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
start_daemon
[ "$HV" = xen ] && all=(1 2) || all=(1 2 3)
for i in "${all[@]}"; do
    define pv-kernel xv-s$i xv.tick=2
done
if [ "$HV" = sim ]; then
    simctl delay create 300 >/dev/null || die "cannot slow down starts"
fi
for i in "${all[@]}"; do
    v start xv-s$i >"$TMP/start.$i" 2>&1 &
    starts+=" $!"
    sleep 0.1
done
kill_daemon
wait $starts
start_daemon
settled()
{
    local i
    for i in "${all[@]}"; do
        case $(state_of xv-s$i) in
        "shut off"*) v start xv-s$i >/dev/null || return 1 ;;
        running* | idle*) ;;
        *) return 1 ;;
        esac
    done
}
until_ok "$(patience 120)" settled || die "states: $(v list --all)"
is 'number of guests' ${#all[@]} "$(v list --name | grep -c '^xv-s')"
for i in "${all[@]}"; do
    console_see xv-s$i 'XVIRT-GUEST-(UP|TICK)'
    ok v destroy xv-s$i
done
stop_daemon
