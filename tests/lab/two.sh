#!/bin/bash
# two.sh [--stage DIR] [--out DIR] [--time-limit S] [NAME...]: scripts of tests/lab/two (all, or those named) on two real Xen
# hosts, emulated side by side and joined by a wire. Each script runs on both at the same time, with HOST=a and HOST=b, and
# starts by reading lib.sh beside it. Prints what a's says; fails if either failed. XVIRT_LAB_XEN names another hypervisor than
# Debian's, which cannot migrate PV guests live (it is built without shadow paging).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=${XVIRT_LAB_OUT:-$lab_top/build/lab-two} limit=3600 opts=() names=()
while [ $# -gt 0 ]; do
    case $1 in
    --stage) opts+=("$1" "$2") && shift ;;
    --out) out=$2 && shift ;;
    --time-limit) limit=$2 && shift ;;
    -*) lab_die "unknown argument '$1'; see the first lines of $0" ;;
    *) names+=("$1.sh") ;;
    esac
    shift
done
if [ ${#names[@]} -eq 0 ]; then
    for script in "$lab_dir"/two/*.sh; do
        [ "$(basename "$script")" = lib.sh ] || names+=("$(basename "$script")")
    done
fi
lab_take_turn
"$lab_dir/build.sh" --cold > /dev/null
wire=$(mktemp -d "${TMPDIR:-/tmp}/xvwire.XXXXXX")
# shellcheck disable=SC2046 # these are numbers
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$wire"' EXIT
rm -rf "$out"

host() # OWN OTHER
{
    XVIRT_LAB_PARALLEL=1 setpriv --pdeathsig TERM "$lab_dir/run.sh" --wire "$wire:$1:$2" --out "$out/$1" --time-limit "$limit" \
        "${opts[@]}" -- env HOST="$1" tests/lab/drive.sh "${names[@]/#/tests/lab/two/}"
}

host b a > "$wire/log" 2>&1 &
b=$!
status=0
host a b || status=$?
wait $b || { status=$? && echo "host b:" && sed 's/^/  /' "$wire/log"; }
exit $status
