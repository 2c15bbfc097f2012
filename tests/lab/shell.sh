#!/bin/bash
# shell.sh [--stage DIR]: leaves a person at a root shell in the lab's dom0, on its serial console; "exit" ends the lab.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ -t 0 ] && [ -t 1 ] || lab_die "a shell needs a terminal"
read -r rows columns < <(stty size)
export XVIRT_LAB_PARALLEL=1
exec "$lab_dir/run.sh" --interactive "$@" -- sh -c \
    "stty rows $rows cols $columns; export TERM=${TERM:-vt100}; cat tests/lab/motd; exec bash -l -i"
