#!/bin/bash
# drive.sh SCRIPT...: runs integration scripts one by one and prints a line for each: "ok NAME SECONDS",
# "not ok NAME REASON" or "skip NAME REASON", then "N passed, N failed, N skipped". Fails if one failed.
# A script passes with status 0 and is skipped with 77 (its last line on stderr says why). It may set its time limit
# with a line "# time limit: SECONDS" (240). It finds HV, XVIRT, XVIRTD, VIRSH, GUESTS and a folder TMP of its own.
# Logs are left in $OUT. On Xen a script must leave no guest and no daemon behind.
set -uo pipefail
. "$(dirname "$0")/guest.sh"
export HV XVIRT=${XVIRT:-xvirt} XVIRTD=${XVIRTD:-xvirtd} VIRSH=${VIRSH:-virsh} GUESTS=${GUESTS:-}
: "${HV:?}" "${OUT:?}"
passed=0 failed=0 skipped=0

limit_of()
{
    sed -n 's/^# time limit: *\([0-9][0-9]*\) *$/\1/p;20q' "$1" | grep . || echo 240
}

# What a script left on Xen: printed, and ended.
sweep()
{
    local name pid
    [ "$HV" = xen ] || return
    while read -r name; do
        printf 'guest %s, ' "$name"
        xl unpause "$name" 2> /dev/null
        xl destroy "$name" 2> /dev/null
    done < <(xl list | awk 'NR > 2 { print $1 }')
    for pid in $(pgrep -x xvirtd); do
        printf 'xvirtd, '
        kill -9 "$pid"
    done
}

# verdict NAME STATUS SECONDS LEFT: the line, and the count
verdict()
{
    local name=$1 reason=
    case $2 in
    0) [ -z "$4" ] || reason="left behind: ${4%, }" ;;
    77)
        skipped=$((skipped + 1))
        echo "skip $name $(tail -n 1 "$OUT/$name.err")"
        return
        ;;
    124 | 137) reason="stopped after its time limit ($3 s)" ;;
    *) reason="status $2 after $3 s" ;;
    esac
    if [ -z "$reason" ]; then
        passed=$((passed + 1))
        echo "ok $name $3"
        return
    fi
    failed=$((failed + 1))
    echo "not ok $name $reason"
    { tail -n 15 "$OUT/$name.out" && tail -n 25 "$OUT/$name.err"; } | sed 's/^/# /'
}

run_script()
{
    local name status=0 start=$EPOCHREALTIME left seconds
    name=$(basename "$1" .sh)
    TMP=$(mktemp -d /var/tmp/xv.XXXXXX)
    export TMP
    [ "$HV" != xen ] || export TRACE=$OUT/$name.trace
    setsid -w timeout -k 10 "$(limit_of "$1")" bash "$1" < /dev/null > "$OUT/$name.out" 2> "$OUT/$name.err" || status=$?
    seconds=$(seconds_since "$start")
    left=$(sweep)
    verdict "$name" "$status" "$seconds" "$left"
    rm -rf "$TMP"
}

mkdir -p "$OUT"
for script; do
    run_script "$script"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
