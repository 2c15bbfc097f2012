# kill -9 at 200 random instants of a mixed work load on a simulated host, at 10 on a real one.
# not by default on an emulated Xen: it takes long there (tests/lab/integration.sh kill-long)
# time limit: 2400
. "$(dirname "$0")/lib/lib.sh"
[ "$HV" = sim ] && n=200 || n=10
. "$(dirname "$0")/lib/kills.sh" $n
