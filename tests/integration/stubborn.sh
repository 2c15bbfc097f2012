# Guests that ignore a shutdown request hold up nobody: lists, statistics and other starts take as long as without them.
# time limit: 900
. "$(dirname "$0")/lib/lib.sh"
n=20 starts=
start_daemon
define tiny xv-quick

ms() # COMMAND...: how long it takes
{
    local from=$EPOCHREALTIME
    ok "$@"
    awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { printf "%d", (b - a) * 1000 }'
}

for ((i = 0; i < n; i++)); do
    define tiny xv-stub$i 'xv.stubborn xv.tick=0'
    v start xv-stub$i >"$TMP/start.$i" 2>&1 &
    starts+=" $!"
done
for start in $starts; do
    wait "$start" || die "start: $(cat "$TMP"/start.*)"
done
for ((i = 0; i < n; i++)); do
    console_see xv-stub$i "$up"
done
list=$(ms v list --all) stats=$(ms v domstats) start=$(ms v start xv-quick)
ok v destroy xv-quick
asks=
for ((i = 0; i < n; i++)); do
    v shutdown xv-stub$i >"$TMP/shutdown.$i" 2>&1 &
    asks+=" $!"
done
all_asked() # a real guest says on its console that it was
{
    [ "$HV" = sim ] || [ "$(grep -ls IGNORES /var/log/xen/console/guest-xv-stub*.log | wc -l)" = $n ]
}
sleep 0.5 # the requests are on their way; each may wait for its guest
until_ok 60 all_asked || die "not all guests were asked"
list2=$(ms v list --all) stats2=$(ms v domstats) start2=$(ms v start xv-quick)
echo "ms: list $list -> $list2, domstats $stats -> $stats2, start $start -> $start2"
# the same, with air for a busy machine
for pair in "$list $list2" "$stats $stats2" "$start $start2"; do
    set -- $pair
    [ "$2" -le $(($1 * 3 + 500)) ] || die "took $1 ms without the stubborn guests, $2 ms with them"
done
for ((i = 0; i < n; i++)); do
    case $(state_of xv-stub$i) in running* | idle*) ;; *) die "xv-stub$i: $(state_of xv-stub$i)" ;; esac
    ok v destroy xv-stub$i
done
wait $asks
ok v destroy xv-quick
stop_daemon
