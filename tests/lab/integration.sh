#!/bin/bash
# integration.sh [--cold] [--stage DIR] [--out DIR] [--time-limit S] [--jobs N] [NAME...]: the integration scripts (all
# that source lib/lib.sh and are not for the simulated host only; or those named) on a real Xen, dealt out to N labs (2)
# that run at the same time. Prints what drive.sh prints in there; scripts that a lab did not get to have failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=${XVIRT_LAB_OUT:-$lab_top/build/lab-out} limit=720 jobs=2 opts=() names=()
while [ $# -gt 0 ]; do
    case $1 in
    --cold) opts+=("$1") ;;
    --stage) opts+=("$1" "$2") && shift ;;
    --out) out=$2 && shift ;;
    --time-limit) limit=$2 && shift ;;
    --jobs) jobs=$2 && shift ;;
    -*) lab_die "unknown argument '$1'; see the first lines of $0" ;;
    *) names+=("$1") ;;
    esac
    shift
done
if [ ${#names[@]} -eq 0 ]; then
    for script in $(grep -ls '/lib/lib.sh"$' "$lab_top"/tests/integration/*.sh | xargs -r grep -L '^only sim'); do
        names+=("$(basename "$script" .sh)")
    done
fi
[ ${#names[@]} -gt 0 ] || lab_die "no integration scripts"

rm -rf "$out"
mkdir -p "$out"
: > "$out/results"
lab_take_turn
"$lab_dir/build.sh" > /dev/null

# run_part K: every jobs-th script from K on, in a lab of its own
run_part()
{
    local i scripts=() status=0
    for ((i = $1; i < ${#names[@]}; i += jobs)); do
        scripts+=("tests/integration/${names[i]}.sh")
    done
    XVIRT_LAB_PARALLEL=1 setpriv --pdeathsig TERM "$lab_dir/run.sh" --out "$out/$1" --time-limit "$limit" "${opts[@]}" -- \
        tests/lab/drive.sh "${scripts[@]}" | sed -u '/ passed, .* skipped$/d' | tee -a "$out/results" ||
        status=${PIPESTATUS[0]}
    echo "$status" > "$out/$1.status"
}

# shellcheck disable=SC2046 # these are numbers
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
for ((k = 0; k < jobs && k < ${#names[@]}; k++)); do
    run_part "$k" &
done
wait
status=$(sort -n "$out"/*.status | tail -n 1)
for name in "${names[@]}"; do
    grep -qE "^(ok|not ok|skip) $name " "$out/results" || echo "not ok $name the lab ended before it did (status $status)"
done | tee -a "$out/results"

count()
{
    grep -cE "^$1 " "$out/results" || true
}
echo "$(count ok) passed, $(count 'not ok') failed, $(count skip) skipped"
[ "$(count 'not ok')" -eq 0 ] && [ "$status" -eq 0 ]
