# Define, start, look, pause, shut down, destroy, undefine: pv-bootloader.
# time limit: 700
. "$(dirname "$0")/lib/lib.sh"
. "$(dirname "$0")/lib/life.sh" pv-bootloader
