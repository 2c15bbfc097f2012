# Define, start, look, pause, shut down, destroy, undefine: hvm-kernel.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
. "$(dirname "$0")/lib/life.sh" hvm-kernel
