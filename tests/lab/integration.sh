#!/bin/bash
# integration.sh [--cold] [--once] [--stage DIR] [--out DIR] [--time-limit S] [--jobs N] [NAME...]: the integration scripts (all
# that source lib/lib.sh and are not for the simulated host only; or those named) on a real Xen, dealt out to N labs (2)
# that run at the same time. Prints what drive.sh prints in there; scripts that a lab did not get to have failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=${XVIRT_LAB_OUT:-$lab_top/build/lab-out} limit=2400 jobs=2 tries=2 stage='' opts=() names=()
while [ $# -gt 0 ]; do
    case $1 in
    --cold) opts+=("$1") ;;
    --once) tries=1 ;;
    --stage) opts+=("$1" "$2") stage=$2 && shift ;;
    --out) out=$2 && shift ;;
    --time-limit) limit=$2 && shift ;;
    --jobs) jobs=$2 && shift ;;
    -*) lab_die "unknown argument '$1'; see the first lines of $0" ;;
    *) names+=("$1") ;;
    esac
    shift
done
if [ ${#names[@]} -eq 0 ]; then
    for script in $(grep -ls '/lib/lib.sh"$' "$lab_top"/tests/integration/*.sh | xargs -r grep -LE '^(only sim|# not by default)'); do
        names+=("$(basename "$script" .sh)")
    done
fi
[ ${#names[@]} -gt 0 ] || lab_die "no integration scripts"

rm -rf "$out"
mkdir -p "$out"
: > "$out/results"
lab_take_turn
"$lab_dir/build.sh" > /dev/null
[ -z "$stage" ] || "$lab_dir/module.sh" "$stage"

# run_part FOLDER NAME...: these scripts, in a lab of their own; their lines go to results, what they leave to FOLDER
run_part()
{
    local part=$1 status=0
    shift
    XVIRT_LAB_PARALLEL=1 setpriv --pdeathsig TERM "$lab_dir/run.sh" --out "$out/$part" --time-limit "$limit" "${opts[@]}" -- \
        tests/lab/drive.sh "${@/#/tests/integration/}" | sed -u '/ passed, .* skipped$/d' | tee -a "$out/results" ||
        status=${PIPESTATUS[0]}
    echo "$status" > "$out/$part.status"
}

# failed: the names that have neither passed nor been skipped
failed()
{
    local name
    for name in "${names[@]}"; do
        grep -qE "^(ok|skip) $name " "$out/results" || echo "$name"
    done
}

# shellcheck disable=SC2046 # these are numbers
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
for ((k = 0; k < jobs && k < ${#names[@]}; k++)); do
    part=()
    for ((i = k; i < ${#names[@]}; i += jobs)); do
        part+=("${names[i]}.sh")
    done
    run_part "$k" "${part[@]}" &
done
wait
# Two emulated hosts at once can be too slow for a time limit: what failed gets one more try, with the machine to itself.
mapfile -t again < <(failed)
if [ $tries -gt 1 ] && [ ${#again[@]} -gt 0 ] && [ ${#again[@]} -le 4 ]; then
    echo "# once more, alone: ${again[*]}" | tee -a "$out/results"
    run_part again "${again[@]/%/.sh}"
fi
for name in $(failed); do
    grep -qE "^not ok $name " "$out/results" || echo "not ok $name the lab ended before it did" | tee -a "$out/results"
done

count()
{
    grep -E "^$1 " "$out/results" | sort -u -k 2,2 | wc -l
}
bad=$(failed | wc -l)
echo "$(count ok) passed, $bad failed, $(count skip) skipped"
[ "$bad" -eq 0 ]
