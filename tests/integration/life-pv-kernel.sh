# Define, start, look, pause, shut down, destroy, undefine: pv-kernel.
. "$(dirname "$0")/lib/lib.sh"
. "$(dirname "$0")/lib/life.sh" pv-kernel
