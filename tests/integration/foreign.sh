# Guests of another toolstack (xl; the simulated host's own): seen as they start, change and end, each with its event, and managed.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
start_daemon
watch_events
made+=(xv-foreign xv-named xv-saved)

# other COMMAND NAME [MORE]: what another toolstack does
other()
{
    if [ "$HV" = sim ]; then
        case $1 in
        create) simctl create "name=$2" "memory=$3" ;;
        *) simctl "$@" ;;
        esac
    else
        case $1 in
        create)
            printf 'name = "%s"\nkernel = "%s"\nmemory = %d\nextra = "xv.tick=2"\n' "$2" "$images/tiny" $(($3 / 1024)) >"$TMP/$2.cfg"
            xl create -q "$TMP/$2.cfg"
            ;;
        *) xl "$@" ;;
        esac
    fi >"$TMP/other" 2>&1 || die "$*: $(cat "$TMP/other")"
}

no_event() # NAME PATTERN
{
    ! has_event "$1" "$2" || die "an event that did not happen: $(grep -a "$1" "$TMP/events")"
}

# starts; its configuration can be read only when it has been built
[ "$HV" = xen ] || simctl fail config 3 'not yet' >/dev/null
other create xv-foreign 16384
wait_event xv-foreign Started
case $(state_of xv-foreign) in running*) ;; *) die "state: $(state_of xv-foreign)" ;; esac
ok v dominfo xv-foreign
grep -qE '^Persistent: +no' "$TMP/out" || die "dominfo: $(cat "$TMP/out")"
ok v dumpxml xv-foreign
grep -qE "<memory unit='KiB'>16384</memory>" "$TMP/out" || die "XML: $(cat "$TMP/out")"
[ "$HV" = sim ] || grep -q "<kernel>$images/tiny</kernel>" "$TMP/out" || die "XML: $(cat "$TMP/out")"
console_see xv-foreign TICK hello 'ECHO hello'

# changes
forget_events
other pause xv-foreign
wait_state xv-foreign 'paused (user)'
wait_event xv-foreign 'Suspended Paused'
other unpause xv-foreign
wait_state xv-foreign 'running (unpaused)'
wait_event xv-foreign 'Resumed Unpaused'
ok v suspend xv-foreign
ok v resume xv-foreign
id=$(v domuuid xv-foreign)
other rename xv-foreign xv-named
is_named()
{
    [ "$(v domname "$id" | head -n 1)" = xv-named ]
}
until_ok "$(patience)" is_named || die "its name is $(v domname "$id")"
refused 'failed to get domain' v dominfo xv-foreign
[ "$HV" = sim ] || {
    xl mem-set xv-named 12
    target()
    {
        v dumpxml xv-named | grep -q "<currentMemory unit='KiB'>12288</currentMemory>"
    }
    until_ok "$(patience)" target || die "memory: $(v dumpxml xv-named | grep -i memory)"
}

# ends
forget_events
other destroy xv-named
wait_event xv-named 'Stopped Destroyed'
no_event xv-named Suspended
refused 'failed to get domain' v dominfo xv-named

# is ended by us
other create xv-foreign 16384
wait_event xv-foreign Started
ok v destroy xv-foreign
wait_event xv-foreign 'Stopped Destroyed'
[ "$HV" = sim ] || ! xl domid xv-foreign >/dev/null 2>&1 || die "Xen still has it: $(xl list)"

# one of ours is renamed and ended by them: its definition keeps its name
define tiny xv-ours
ok v start xv-ours
forget_events
other rename xv-ours xv-named
is_state xv-ours 'running (booted)' || die "renamed: $(v list --all)"
ok v suspend xv-ours
ok v resume xv-ours
forget_events
other destroy xv-named
wait_event xv-ours 'Stopped Destroyed'
no_event xv-ours Suspended
wait_state xv-ours 'shut off (destroyed)'
ok v start xv-ours
is 'names' xv-ours "$(v list --name | grep ^xv-)"
ok v destroy xv-ours

# one with disks and network cards takes a while to go: it is not suspended meanwhile
[ "$HV" = sim ] || {
    with_devices=1 define tiny xv-dev
    ok v start xv-dev
    forget_events
    other destroy xv-dev
    wait_event xv-dev 'Stopped Destroyed'
    no_event xv-dev Suspended
}

# saved and restored by xl, which the simulated host has no word for
[ "$HV" = sim ] || {
    printf 'name = "xv-saved"\nkernel = "%s"\nramdisk = "%s"\nmemory = 128\nextra = "console=hvc0 quiet xv.tick=2"\n' \
        "$images/vmlinux" "$images/initrd" >"$TMP/saved.cfg"
    xl create -q "$TMP/saved.cfg" || die 'xl create'
    wait_event xv-saved Started
    console_see xv-saved "$up"
    forget_events
    xl save xv-saved "$TMP/saved" >"$TMP/other" 2>&1 || die "xl save: $(cat "$TMP/other")"
    wait_event xv-saved 'Stopped Saved'
    no_event xv-saved Suspended
    refused 'failed to get domain' v dominfo xv-saved
    xl restore "$TMP/saved" >"$TMP/other" 2>&1 || die "xl restore: $(cat "$TMP/other")"
    wait_event xv-saved Started
    console_see xv-saved TICK 'back again' 'ECHO back again'
    ok v destroy xv-saved
}
stop_daemon
