#!/bin/bash
# integration.sh [--cold] [--stage DIR] [--out DIR] [--time-limit S] [NAME...]: the integration scripts (all that
# source lib/lib.sh, or those named) on a real Xen in the lab. Prints what drive.sh prints in there; scripts that the lab
# did not get to have failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=${XVIRT_LAB_OUT:-$lab_top/build/lab-out} limit=720 opts=() names=()
while [ $# -gt 0 ]; do
    case $1 in
    --cold) opts+=("$1") ;;
    --stage) opts+=("$1" "$2") && shift ;;
    --out) out=$2 && shift ;;
    --time-limit) limit=$2 && shift ;;
    -*) lab_die "unknown argument '$1'; see the first lines of $0" ;;
    *) names+=("$1") ;;
    esac
    shift
done
if [ ${#names[@]} -eq 0 ]; then
    for script in $(grep -ls '/lib/lib.sh"$' "$lab_top"/tests/integration/*.sh); do
        names+=("$(basename "$script" .sh)")
    done
fi
[ ${#names[@]} -gt 0 ] || lab_die "no integration scripts"

scripts=("${names[@]/#/tests/integration/}")
scripts=("${scripts[@]/%/.sh}")
rm -rf "$out"
mkdir -p "$out"
status=0
"$lab_dir/run.sh" --out "$out" --time-limit "$limit" "${opts[@]}" -- \
    tests/lab/drive.sh "${scripts[@]}" | sed -u '/ passed, .* skipped$/d' | tee "$out/results" ||
    status=${PIPESTATUS[0]}
for name in "${names[@]}"; do
    grep -qE "^(ok|not ok|skip) $name " "$out/results" || echo "not ok $name the lab ended before it did (status $status)"
done | tee -a "$out/results"

count()
{
    grep -cE "^$1 " "$out/results" || true
}
echo "$(count ok) passed, $(count 'not ok') failed, $(count skip) skipped"
[ "$(count 'not ok')" -eq 0 ] && [ "$status" -eq 0 ]
