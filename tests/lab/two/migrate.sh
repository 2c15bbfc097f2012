# Guests move between two real Xen hosts: PV not live there and back, PV live (which this hypervisor may refuse) and PVH live.
# time limit: 1200
. "$(dirname "$0")/lib.sh"
data="tcp://${address[b]}" back="tcp://${address[a]}"

took() # WHAT COMMAND...
{
    local start=$SECONDS what=$1
    shift
    ok "$@"
    echo "$what: $((SECONDS - start)) s"
}

# define_bare KIND NAME WORDS: a guest without disk and network: hotplug scripts take long on two emulated hosts at a time
define_bare()
{
    guest_xml "$@" | sed -e 's|<disk.*</disk>||' -e 's|<interface.*||' >"$TMP/$2.xml"
    made+=("$2")
    ok v define "$TMP/$2.xml"
}

define_bare pv-kernel xv-pv xv.tick=2
ok on a start xv-pv
see_at a xv-pv "$up"
took 'PV, not live, direct' on a migrate xv-pv "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pv)"
is 'state at a' 'shut off (migrated)' "$(state_at a xv-pv)"
! xl list xv-pv >/dev/null 2>&1 || die "xl still sees it at a"
see_at b xv-pv TICK there 'ECHO there'
took 'PV, not live, by xvirt' "$XVIRT" -c "$(uri b)" migrate xv-pv "$(uri a)" "$back"
see_at a xv-pv TICK home 'ECHO home'

# a live one needs a hypervisor that logs dirty pages of PV guests; where it does not, the guest stays
if on a migrate --live xv-pv "$(uri b)" "$data" >"$TMP/out" 2>"$TMP/err"; then
    echo "PV, live: moved"
    see_at b xv-pv TICK live 'ECHO live'
    ok on b destroy xv-pv
else
    echo "PV, live: $(cat "$TMP/err")"
    case $(state_at a xv-pv) in running*) ;; *) die "after a live migration that failed: $(state_at a xv-pv)" ;; esac
    see_at a xv-pv TICK stays 'ECHO stays'
    is 'state at b' 'shut off' "$(state_at b xv-pv | sed 's/ (.*//')"
    ok on a destroy xv-pv
fi

define_bare pvh-kernel xv-pvh xv.tick=2
ok on a start xv-pvh
see=300 see_at a xv-pvh "$up"
took 'PVH, live, direct' on a migrate --live xv-pvh "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-pvh)"
see=300 see_at b xv-pvh TICK alive 'ECHO alive'
ok on b destroy xv-pvh

define_bare pv-kernel xv-p2p xv.tick=2
ok on a start xv-p2p
see_at a xv-p2p "$up"
took 'PV, not live, peer to peer' on a migrate --p2p xv-p2p "$(uri b)" "$data"
is 'state at b' 'running (migrated)' "$(state_at b xv-p2p)"
see_at b xv-p2p TICK there 'ECHO there'
took 'PV, not live, tunnelled' on b migrate --p2p --tunnelled --persistent --undefinesource xv-p2p "$(uri a)"
see_at a xv-p2p TICK back 'ECHO back'
ok on a destroy xv-p2p
stop_daemon
