# Define, start, look, pause, shut down, destroy, undefine: a Linux by kernel in an HVM guest.
# not by default on an emulated Xen: its Linux boots for ten minutes there (tests/lab/integration.sh life-hvm-linux)
# time limit: 1200
. "$(dirname "$0")/lib/lib.sh"
. "$(dirname "$0")/lib/life.sh" hvm-linux
