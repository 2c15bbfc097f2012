# Define, start, look, pause, shut down, destroy, undefine: hvm-kernel.
# not by default on an emulated Xen: its Linux boots for ten minutes there (tests/lab/integration.sh life-hvm-kernel)
# time limit: 1200
. "$(dirname "$0")/lib/lib.sh"
. "$(dirname "$0")/lib/life.sh" hvm-kernel
