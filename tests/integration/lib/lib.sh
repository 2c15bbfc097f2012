# What the integration scripts share; sourced by each. A script runs unchanged against a simulated host (HV=sim) and
# a real one (HV=xen). It is given HV, XVIRT, XVIRTD, VIRSH, TMP (an empty folder of its own) and GUESTS (images). It ends with
# 0, or 77 with the reason on the last line of stderr. Whatever happens, no daemon and no guest of it is left.
set -uo pipefail
if [ -n "${TRACE:-}" ]; then # each command and when it ran
    exec 19>"$TRACE"
    BASH_XTRACEFD=19 PS4='+$EPOCHREALTIME '
    set -x
fi
: "${HV:?}" "${XVIRTD:?}" "${TMP:?}"
export VIRSH=${VIRSH:-virsh} XVIRT=${XVIRT:-xvirt} LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
images=${GUESTS:-/var/lib/xen/images}
run=$TMP/run sim_options=
[ "$HV" = xen ] && run=/run/libvirt
# Everything there is emulated: looking often would slow down what is waited for.
if [ "$HV" = xen ]; then poll=0.5 tick=xv.tick=0; else poll=0.05 tick=; fi
log=$TMP/xvirtd.log daemon= watcher=
up='XVIRT-GUEST-UP'

die()
{
    [ ! -f "$log" ] || grep -v ': closed: ' "$log" | tail -n 20 | sed 's/^/  xvirtd: /' >&2
    echo "FAILED: $*" >&2
    exit 1
}

skip()
{
    echo "$*" >&2
    exit 77
}

only()
{
    [ "$HV" = "$1" ] || skip "only where HV is $1"
}

# until_ok SECONDS COMMAND...: repeats COMMAND until it succeeds
until_ok()
{
    local end=$((SECONDS + $1))
    shift
    until "$@" 2>/dev/null; do
        [ $SECONDS -lt $end ] || return 1
        sleep "$poll"
    done
}

# A real guest under an emulated Xen takes its time; a simulated one does not.
patience()
{
    if [ "$HV" = xen ]; then echo "${1:-60}"; else echo 30; fi
}

v()
{
    "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}

# For what is refused at once: virsh 9 waits for ever for a job that has ended before it begins to wait.
impatient() # ARGUMENT-OF-VIRSH...
{
    local tries=3 status=124
    while [ $status = 124 ] && [ $((tries--)) -gt 0 ]; do
        status=0
        timeout "$(patience 120)" "$VIRSH" "$@" || status=$?
    done
    return $status
}

vi() # as v
{
    impatient -c "xen:///system?socket=$run/libvirt-sock" "$@"
}

quick() # the same by our own command, for what is asked again and again: it starts in no time
{
    "$XVIRT" -c "xen:///system?socket=$run/libvirt-sock" "$@"
}

ok() # COMMAND...: must succeed; what it prints goes to $TMP/out
{
    "$@" >"$TMP/out" 2>"$TMP/err" || die "$*: $(cat "$TMP/err")"
}

refused() # TEXT COMMAND...: must fail, with TEXT (a regular expression) in its message
{
    local text=$1
    shift
    ! "$@" >"$TMP/out" 2>"$TMP/err" || die "$* should have failed"
    grep -qE -- "$text" "$TMP/err" || die "$* failed without '$text': $(cat "$TMP/err")"
}

is() # WHAT WANTED GOT
{
    [ "$2" = "$3" ] || die "$1 is '$3', not '$2'"
}

state_of()
{
    quick domstate "$1" --reason 2>/dev/null | head -n 1
}

is_state() # NAME STATE
{
    [ "$(state_of "$1")" = "$2" ]
}

wait_state() # NAME STATE
{
    until_ok "$(patience)" is_state "$1" "$2" || die "state of $1 is '$(state_of "$1")', not '$2'"
}

# --- the daemon ---

can_connect()
{
    quick version >/dev/null
}

start_daemon() # ARGUMENT...: waits until it answers
{
    local hv=$HV more=()
    if [ "$HV" = sim ]; then
        more=(--sim-options "persist=$TMP/sim,control=$TMP/control${sim_options:+,$sim_options}")
        more+=(--verbose)
        mkdir -p "$TMP/sim"
    else
        hv=libxl # whose own debug lines would be many
    fi
    "$XVIRTD" --hypervisor "$hv" "${more[@]}" --config /dev/null --run-dir "$run" --state-dir "$TMP/state" \
        --config-dir "$TMP/etc" "$@" 2>>"$log" &
    daemon=$!
    until_ok "$(patience 120)" can_connect || die "the daemon does not answer"
}

stop_daemon()
{
    kill -TERM "$daemon" 2>/dev/null
    wait "$daemon" || die "the daemon ended with $?"
    daemon=
}

kill_daemon()
{
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null
    daemon=
}

simctl()
{
    "$here/../../lib/simctl" "$TMP/control" "$@"
}

# --- guests ---

made=()

# guest_xml KIND NAME [WORDS]: the XML of a guest that boots; WORDS for its kernel's command line. Kind tiny has no devices and is
# up in a second: for tests of what a guest does, not of what it has. With bare=1 the others too have no devices but what they boot from:
# hotplug scripts take long on an emulated Xen. with_devices=1 gives a tiny one a disk and a network card that it does not use.
guest_xml()
{
    local kind=$1 name=$2 words=${3:-} os= devices= more= memory=131072 console=hvc0 disk=$images/blank.img target=xvda
    local bare=${bare:-} boots=
    case $kind in
    tiny | pv-kernel) os="<type>linux</type>" ;;
    pvh-kernel) os="<type>xenpvh</type>" ;;
    hvm-kernel | hvm-linux) os="<type>hvm</type>" console=ttyS0 target=hda memory=262144 ;;
    pv-bootloader) os="<type>linux</type>" disk=$images/pv-grub.img ;;
    hvm-bios) os="<type>hvm</type><boot dev='hd'/>" disk=$images/hvm-bios.img target=hda ;;
    *) die "no kind of guest is called $kind" ;;
    esac
    case $kind in
    pv-bootloader) more="<bootloader>${PYGRUB:-$(echo /usr/lib/xen-4.*/bin/pygrub)}</bootloader>" ;;
    hvm-kernel) os+="<kernel>$images/bzimage</kernel>" ;;
    hvm-linux) os+="<kernel>$images/vmlinuz</kernel>" words="no_timer_check nokaslr nopti ${words:-$tick}" ;;
    *-kernel) os+="<kernel>$images/vmlinux</kernel>" ;;
    tiny) os+="<kernel>$images/tiny</kernel><cmdline>${words:-$tick}</cmdline>" memory=16384 ;;
    esac
    case $kind in
    *-kernel | hvm-linux) os+="<initrd>$images/initrd</initrd><cmdline>console=$console quiet mitigations=off xv.name=$name ${words:-$tick}</cmdline>" ;;
    esac
    case $kind in
    hvm-*) more+="<features><pae/><acpi/><apic/></features>" devices="<serial type='pty'/>" ;;
    *) devices="<console type='pty'/>" ;;
    esac
    case $kind in
    tiny) [ -n "${with_devices:-}" ] || bare=1 ;;
    hvm-bios | pv-bootloader) boots=1 ;;
    esac
    [ -n "$bare" ] && [ -z "$boots" ] ||
        devices+="<disk type='file' device='disk'><source file='$disk'/><target dev='$target'/><shareable/></disk>"
    [ -n "$bare" ] || devices+="<interface type='bridge'><source bridge='${bridge:-xenbr0}'/></interface>"
    [ -n "$bare" ] || [ "$kind" = pvh-kernel ] || [ "$kind" = tiny ] || devices+="<graphics type='vnc' port='-1' autoport='yes'/>"
    cat <<XML
<domain type='xen'>
  <name>$name</name>${uuid:+<uuid>$uuid</uuid>}
  <memory unit='KiB'>${mem_kib:-$memory}</memory>
  <vcpu>1</vcpu>
  <os>$os</os>
  $more
  <on_poweroff>${on_poweroff:-destroy}</on_poweroff>
  <on_reboot>${on_reboot:-restart}</on_reboot>
  <on_crash>${on_crash:-destroy}</on_crash>
  <devices>
    $devices
  </devices>
</domain>
XML
}

define() # KIND NAME [WORDS]
{
    guest_xml "$@" >"$TMP/$2.xml"
    made+=("$2")
    ok v define "$TMP/$2.xml"
}

domid_of()
{
    quick domid "$1" 2>/dev/null | head -n 1
}

# console_see NAME PATTERN [TEXT PATTERN]: opens the console (for $see seconds at most), waits for the pattern, types, waits again, leaves
console_see()
{
    local name=$1
    shift
    python3 "$here/console.py" "${see:-$(patience 90)}" "$@" -- "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" console "$name" \
        >"$TMP/console" 2>&1 || die "console of $name: $(tail -n 15 "$TMP/console")"
}

# --- events ---

# Everything that `virsh event` tells goes to $TMP/events. It does not say when it listens, so a guest that nobody needs is
# defined until it is seen.
watch_events()
{
    : >"$TMP/events"
    stdbuf -oL "$VIRSH" -c "xen:///system?socket=$run/libvirt-sock" event --all --loop >"$TMP/events" 2>&1 &
    watcher=$!
    guest_xml pv-kernel xv-nobody >"$TMP/nobody.xml"
    until_ok 30 poke_events || die "no events come: $(cat "$TMP/events")"
}

poke_events()
{
    v define "$TMP/nobody.xml" >/dev/null && v undefine xv-nobody >/dev/null
    grep -q xv-nobody "$TMP/events"
}

has_event()
{
    grep -qE "event '[^']*' for domain '?$1'?: $2" "$TMP/events"
}

wait_event() # NAME PATTERN
{
    until_ok "$(patience)" has_event "$1" "$2" || die "no event '$2' of $1 in: $(grep "$1" "$TMP/events")"
}

forget_events()
{
    : >"$TMP/events"
}

# --- the end ---

# What the daemons of this script answered without an error, for docs/calls.md (tests/calls.py).
note_calls()
{
    [ -n "${XVIRT_CALLS:-}" ] && mkdir -p "$XVIRT_CALLS" || return 0
    grep -rhoE 'debug: [A-Z0-9_]+: (done|sent)$' "$TMP" --include='*log*' 2>/dev/null | cut -d ' ' -f 2 | tr -d : | sort -u \
        >"$XVIRT_CALLS/$(basename "$0" .sh)"
}

cleanup()
{
    local status=$? name
    trap - EXIT
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    if [ "$HV" = xen ]; then
        for name in "${made[@]}"; do
            xl destroy "$name" 2>/dev/null
        done
    fi
    [ -z "$daemon" ] || { kill -TERM "$daemon" && wait "$daemon"; } 2>/dev/null
    ! declare -F at_end >/dev/null || at_end # a script's own
    [ "$status" != 0 ] || note_calls
    exit "$status"
}
trap cleanup EXIT
