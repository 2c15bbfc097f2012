# cycles.sh N, sourced: a guest with a disk and a network card starts and stops N times; then daemon and host are as before.
n=$1
start_daemon
if [ "$HV" = sim ]; then
    define pv-kernel xv-cycle xv.tick=0
else
    with_devices=1 define tiny xv-cycle xv.tick=0
fi

cycle() # N: over one connection
{
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s\n' 'start xv-cycle' 'destroy xv-cycle'
    done | v >"$TMP/cycle" 2>&1
    ! grep -a '^error' "$TMP/cycle" || die "a cycle failed"
    is 'guests started' "$1" "$(grep -ac 'xv-cycle.* started' "$TMP/cycle")"
}

as_it_is() # what must be as before, a line each
{
    echo "descriptors $(ls /proc/"$daemon"/fd | wc -l)"
    echo "children $(pgrep -cP "$daemon")"
    echo "files $(find "$TMP/state" "$TMP/etc" "$run" | wc -l)"
    if [ "$HV" = sim ]; then
        echo "domains $(simctl list | wc -l)"
        echo "kept $(find "$TMP/sim" | wc -l)"
        return
    fi
    echo "domains $(xl list | wc -l)"
    echo "nodes $(xenstore-ls | wc -l)"
    echo "loops $(losetup -a | wc -l)"
    echo "ports $(ls /sys/class/net/xenbr0/brif | wc -l)"
    echo "userdata $(find /var/lib/xen -name 'userdata*' | wc -l)"
}

rss_kib()
{
    awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status"
}

same()
{
    as_it_is >"$TMP/after"
    cmp -s "$TMP/before" "$TMP/after"
}

cycle 2 # the first ones fill caches
sleep 0.5
as_it_is >"$TMP/before"
rss=$(rss_kib)
cycle "$n"
until_ok 30 same || die "not as before: $(diff "$TMP/before" "$TMP/after")"
after=$(rss_kib)
echo "$n cycles: RSS $rss KiB before, $after KiB after; $(xargs <"$TMP/after")"
grep -qE 'lib[at]san' "/proc/$daemon/maps" || [ "$after" -le $((rss + 1024)) ] || die "the daemon has grown from $rss to $after KiB"
stop_daemon
