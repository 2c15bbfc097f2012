#!/bin/bash
# run.sh [--hv sim] [--build DIR] [NAME...]: the integration scripts (all, or those named) against a simulated host. Prints a line
# each ("ok", "not ok", "skip") and "N passed, N failed, N skipped". On a real Xen they run by tests/lab/integration.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
HV=sim build=$top/build names=()
while [ $# -gt 0 ]; do
    case $1 in
    --hv) HV=$2 && shift ;;
    --build) build=$2 && shift ;;
    -*) echo "unknown argument '$1'; see the first lines of $0" >&2 && exit 2 ;;
    *) names+=("$1") ;;
    esac
    shift
done
if [ ${#names[@]} -eq 0 ]; then
    # not every file here is a scenario: those start with lib.sh
    for script in $(grep -l '/lib/lib.sh"$' "$here"/../*.sh); do
        names+=("$(basename "$script" .sh)")
    done
fi
scripts=("${names[@]/#/$here/../}")
export HV OUT=${OUT:-$build/integration} XVIRTD=${XVIRTD:-$build/src/daemon/xvirtd} XVIRT=${XVIRT:-$build/src/cli/xvirt}
exec "$top/tests/lab/drive.sh" "${scripts[@]/%/.sh}"
