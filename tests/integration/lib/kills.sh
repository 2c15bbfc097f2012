# kills.sh N, sourced: the daemon is killed at N random instants while clients start, stop, save and change guests. After each,
# no guest is lost and none invented, states are Xen's, nothing half done is left; at the end all guests can be used.
n=$1
if [ "$HV" = sim ]; then
    printf 'delay %s\n' 'create 30' 'save 40' 'destroy 10' 'attach 15' 'detach 15' >"$TMP/orders"
    sim_options=script=$TMP/orders workers=4 guests=(xv-k0 xv-k1 xv-k2 xv-k3 xv-k4)
    verbs=(start start start destroy suspend resume save managedsave reboot setmem attach detach undefine define)
else
    workers=2 guests=(xv-k0 xv-k1 xv-k2)
    verbs=(start start start destroy suspend resume)
fi
start_daemon
for g in "${guests[@]}"; do
    define tiny "$g" xv.tick=0
done
if [ "$HV" = xen ]; then
    v undefine xv-k2 >/dev/null
    with_devices=1 define tiny xv-k2 xv.tick=0
    ok v start xv-k2 # the first guest makes folders in xenstore that stay
    ok v destroy xv-k2
fi
sure=("${guests[@]}") # never undefined
for g in "${guests[@]}"; do
    touch "$TMP/$g.img"
done

one() # GUEST VERB: it may fail for any reason, the daemon's death among them
{
    case $2 in
    save) quick save "$1" "$TMP/$1.image" && quick restore "$TMP/$1.image" ;;
    setmem) quick setmem "$1" $((8192 + RANDOM % 8 * 1024)) --live ;;
    attach) quick attach-disk "$1" "$TMP/$1.img" xvdb --live --config ;;
    detach) quick detach-disk "$1" xvdb --live --config ;;
    undefine) quick undefine xv-sometimes ;;
    define) quick define "$TMP/sometimes.xml" ;;
    *) quick "$2" "$1" ;;
    esac
}

work() # until the file "stop" is there
{
    RANDOM=$1
    while [ ! -e "$TMP/stop" ]; do
        one "${guests[RANDOM % ${#guests[@]}]}" "${verbs[RANDOM % ${#verbs[@]}]}"
    done
} >"$TMP/work" 2>&1

# What runs, in the hypervisor's words and in the daemon's: a name and whether it is paused.
in_xen()
{
    if [ "$HV" = sim ]; then
        simctl list | awk 'NF >= 3 && $1 != 0 { print $2, $3 == "paused" }'
    else
        xl list | awk 'NR > 2 { print $1, substr($5, 3, 1) == "p" }'
    fi | sort
}

in_daemon()
{
    v list | awk '$1 ~ /^[0-9]+$/ && $1 != 0 { print $2, $3 == "paused" }' | sort
}

agree()
{
    in_xen >"$TMP/in_xen"
    in_daemon >"$TMP/in_daemon"
    cmp -s "$TMP/in_xen" "$TMP/in_daemon" && [ -z "$(find "$TMP/state" "$TMP/etc" -name '*.part')" ]
}

check()
{
    until_ok "$(patience 120)" agree || die "round $round: Xen has $(xargs <"$TMP/in_xen"), the daemon $(xargs <"$TMP/in_daemon")
$(find "$TMP/state" -name '*.part')"
    v list --all --name --persistent | grep '^xv-k' | sort >"$TMP/defined"
    is "definitions in round $round" "${sure[*]}" "$(xargs <"$TMP/defined")"
    is "guests that nobody defined in round $round" '' "$(v list --all --name | grep . | grep -vE '^(Domain-0|xv-k[0-9]|xv-sometimes)$')"
}

sed 's/xv-k0/xv-sometimes/' "$TMP/xv-k0.xml" >"$TMP/sometimes.xml"
[ "$HV" = sim ] || xenstore-ls -f | sort >"$TMP/nodes"
RANDOM=${SEED:=$$}
echo "seed $SEED"
for ((round = 1; round <= n; round++)); do
    rm -f "$TMP/stop"
    pids=
    for ((w = 0; w < workers; w++)); do
        work $((RANDOM * 4 + w)) &
        pids+=" $!"
    done
    if [ "$HV" = sim ]; then sleep 0.$((10 + RANDOM % 40)); else sleep $((RANDOM % 8)).$((RANDOM % 10)); fi
    kill_daemon
    touch "$TMP/stop"
    wait $pids
    start_daemon
    check
done

# all of them are still good
for g in "${guests[@]}"; do
    case $(state_of "$g") in
    paused*) ok v resume "$g" ;;
    'shut off'*) ok v start "$g" ;;
    esac
    case $(state_of "$g") in paused*) ok v resume "$g" ;; esac # saved while it was paused
    wait_running()
    {
        case $(state_of "$g") in running* | idle*) ;; *) return 1 ;; esac
    }
    until_ok "$(patience)" wait_running || die "$g is $(state_of "$g")"
    ok v destroy "$g"
done
is 'what Xen still has' '' "$(in_xen)"
if [ "$HV" = xen ]; then
    is 'loop devices' 0 "$(losetup -a | wc -l)"
    xenstore-ls -f | sort >"$TMP/nodes.after"
    is 'more nodes of xenstore' '' "$(comm -13 "$TMP/nodes" "$TMP/nodes.after")"
fi
grep -hoE "(was half started|was being saved: it (runs on|is saved)|was being destroyed)" "$log" | sort | uniq -c
stop_daemon
