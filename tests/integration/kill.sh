# The daemon dies by kill -9 with guests running, paused and defined; the next one finds all of them, and no others.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
start_daemon
define tiny xv-runs xv.tick=2
define tiny xv-paused
define tiny xv-defined
ok v start xv-runs
ok v start xv-paused
ok v suspend xv-paused
guest_xml tiny xv-transient >"$TMP/transient.xml"
made+=(xv-transient)
ok v create "$TMP/transient.xml"
console_see xv-runs "$up"
before=$(v list --all --name | sort)
ids="$(domid_of xv-runs) $(domid_of xv-paused) $(domid_of xv-transient)"
uuid=$(v domuuid xv-transient)

kill_daemon
start_daemon
is 'list of guests' "$before" "$(v list --all --name | sort)"
is 'domids' "$ids" "$(domid_of xv-runs) $(domid_of xv-paused) $(domid_of xv-transient)"
is 'uuid' "$uuid" "$(v domuuid xv-transient)"
case $(state_of xv-runs) in running*) ;; *) die "xv-runs: $(state_of xv-runs)" ;; esac
case $(state_of xv-paused) in paused*) ;; *) die "xv-paused: $(state_of xv-paused)" ;; esac
case $(state_of xv-defined) in "shut off"*) ;; *) die "xv-defined: $(state_of xv-defined)" ;; esac
is 'persistent' "Persistent:     no" "$(v dominfo xv-transient | grep Persistent)"
console_see xv-runs TICK 'still there' 'ECHO still there'

# and one that stopped while nobody looked
kill_daemon
if [ "$HV" = xen ]; then
    xl destroy xv-paused
    start_daemon
    case $(state_of xv-paused) in "shut off"*) ;; *) die "xv-paused: $(state_of xv-paused)" ;; esac
else
    start_daemon
    ok v destroy xv-paused
fi
ok v destroy xv-transient
refused 'failed to get domain' v dominfo xv-transient
ok v destroy xv-runs
stop_daemon
