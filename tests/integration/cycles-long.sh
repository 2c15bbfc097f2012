# 2,000 starts and stops on a simulated host, 30 on a real one.
# not by default on an emulated Xen: 30 of them take ten minutes there (tests/lab/integration.sh cycles-long)
# time limit: 2400
. "$(dirname "$0")/lib/lib.sh"
[ "$HV" = sim ] && n=2000 || n=30
. "$(dirname "$0")/lib/cycles.sh" $n
