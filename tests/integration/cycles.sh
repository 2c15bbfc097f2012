# A few starts and stops of a guest with devices leave nothing behind; cycles-long.sh does it many times.
# not by default on an emulated Xen: make lab has 15 minutes (tests/lab/integration.sh cycles)
# time limit: 420
. "$(dirname "$0")/lib/lib.sh"
[ "$HV" = sim ] && n=50 || n=2
. "$(dirname "$0")/lib/cycles.sh" $n
