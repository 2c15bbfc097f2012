# kill -9 at random instants of a mixed work load; kill-long.sh does it many times.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh kill-often)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
[ "$HV" = sim ] && n=10 || n=2
. "$(dirname "$0")/lib/kills.sh" $n
