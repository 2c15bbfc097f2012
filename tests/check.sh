#!/bin/bash
# Everything that `make check` promises, stage by stage; each stage says what it ran. Ends with one line
# "N passed, N failed, N skipped" and status 0 only if nothing failed. Stages can be named: tests/check.sh unit lab.
set -u
cd "$(dirname "$0")/.." || exit 2
passed=0 failed=0 skipped=0 began=$SECONDS
logs=build-check/logs
export MESON_TESTTHREADS=$((2 * $(nproc))) # most tests wait more than they work
mkdir -p "$logs"

count() # PASSED FAILED SKIPPED
{
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

say()
{
    printf '%s [%d:%02d]\n' "$1" $(((SECONDS - began) / 60)) $(((SECONDS - began) % 60))
}

# A step that passes or fails as a whole: STEP NAME COMMAND...
step()
{
    local name=$1 log
    log=$logs/${name// /-}.log
    shift
    if "$@" >"$log" 2>&1; then
        count 1 0 0
        say "ok      $name"
    else
        count 0 1 0
        say "FAILED  $name"
        tail -n 40 "$log" | sed 's/^/    /'
    fi
}

# A program that ends with "N passed, N failed, N skipped": COUNTED NAME COMMAND...
counted()
{
    local name=$1 log line
    log=$logs/${name// /-}.log
    shift
    "$@" 2>&1 | tee "$log" | grep -aE '^(not ok|skip|FAIL)' | sed 's/^/    /'
    local status=${PIPESTATUS[0]}
    line=$(grep -aE '^([a-z-]+: )?[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [ -z "$line" ]; then
        count 0 1 0
        say "FAILED  $name (status $status, no summary)"
        tail -n 40 "$log" | sed 's/^/    /'
        return
    fi
    # shellcheck disable=SC2046
    count $(sed -E 's/^[a-z-]+: //; s/[^0-9]+/ /g' <<<"$line 0" | awk '{print $1, $2, $3}')
    [ "$status" = 0 ] || [[ $line == *" 0 failed"* ]] && say "$([ "$status" = 0 ] && echo 'ok     ' || echo 'FAILED ') $name: $line" ||
        say "FAILED  $name: $line"
    [ "$status" != 0 ] && [[ $line == *" 0 failed"* ]] && count 0 1 0
}

# Build folder FOLDER with meson options, then its tests: MESON NAME FOLDER SUITES... -- OPTIONS...
meson_build()
{
    local folder=$1
    shift
    [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" || return
    ninja -C "$folder"
}

# "PASSED FAILED SKIPPED NAMES-OF-FAILED..." from meson's log
meson_numbers()
{
    python3 - "$1" <<'PY'
import json, sys
n = {'ok': 0, 'bad': 0, 'skip': 0}
names = []
try:
    for line in open(sys.argv[1]):
        t = json.loads(line)
        r = t['result']
        n['ok' if r in ('OK', 'EXPECTEDFAIL') else 'skip' if r == 'SKIP' else 'bad'] += 1
        if r not in ('OK', 'EXPECTEDFAIL', 'SKIP'): names.append(t['name'].split(' / ')[-1])
except OSError:
    n['bad'] = 1
print(n['ok'], n['bad'], n['skip'], *names)
PY
}

# meson_test NAME FOLDER ARGUMENTS...: what fails beside other tests gets one more try alone, and that is said
meson_test()
{
    local name=$1 folder=$2 log=$2/meson-logs/testlog.json numbers again
    shift 2
    rm -f "$log"
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" >"$logs/${name// /-}.log" 2>&1
    read -ra numbers < <(meson_numbers "$log")
    if [ "${numbers[1]}" -gt 0 ] && [ "${numbers[1]}" -le 5 ] && [ ${#numbers[@]} -gt 3 ]; then
        rm -f "$log"
        meson test -C "$folder" --no-rebuild --print-errorlogs --num-processes 1 --timeout-multiplier 4 "${numbers[@]:3}" \
            >"$logs/${name// /-}-again.log" 2>&1
        read -ra again < <(meson_numbers "$log")
        say "        $name: a second try, alone: ${numbers[*]:3}: ${again[0]} passed"
        [ "${again[1]}" -gt 0 ] || numbers=($((numbers[0] + again[0])) 0 "${numbers[2]}")
    fi
    count "${numbers[@]:0:3}"
    if [ "${numbers[1]}" = 0 ]; then
        say "ok      $name: ${numbers[0]} passed, ${numbers[2]} skipped"
    else
        say "FAILED  $name: ${numbers[*]:3}"
        tail -n 60 "$logs/${name// /-}.log" | sed 's/^/    /'
    fi
}

# without the longest scripts, which the next stage runs
stage_unit()
{
    step "build with gcc" meson_build build-check/gcc
    meson_test "tests" build-check/gcc --no-suite long
}

stage_address()
{
    step "build with address and undefined sanitizers" meson_build build-check/asan -Db_sanitize=address,undefined -Db_lundef=false
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1:verify_asan_link_order=0 LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0 \
        meson_test "tests under address and undefined" build-check/asan --timeout-multiplier 4 --no-suite bench
}

# clang builds this one, so that both compilers have seen every file with warnings as errors
stage_thread()
{
    step "build with clang and thread sanitizer" env CC=clang bash -c \
        "$(declare -f meson_build); meson_build build-check/tsan -Db_sanitize=thread -Db_lundef=false"
    TSAN_OPTIONS=halt_on_error=1 meson_test "tests under thread" build-check/tsan --timeout-multiplier 6 \
        library loop net core sim tune conformance host lists by-itself kill
}

# The corpus runner's table, as numbers; deviations have a reason each and count as passed.
corpus_counts()
{
    make -s corpus BUILD=build-check/gcc | tee "$logs/corpus-table.log"
    local status=${PIPESTATUS[0]}
    awk '$1 ~ /^x/ && NF == 5 && $2 + 0 == $2 {p += $2 + $4; f += $3; s += $5} END {if (p) printf "%d passed, %d failed, %d skipped\n", p, f, s}' \
        "$logs/corpus-table.log"
    return "$status"
}

stage_corpus()
{
    local corpus=${XVIRT_CORPUS:-../shared/formats/corpus}
    if [ -d "$corpus" ]; then
        counted corpus corpus_counts
    else
        say "corpus is not here: skipped"
        count 0 0 1
    fi
}

stage_lab()
{
    counted lab make -s lab BUILD=build-check/gcc
}

stage_run()
{
    step "make run" make -s run BUILD=build-check/gcc
}

stages=("$@")
[ $# -gt 0 ] || stages=(unit address thread corpus run lab)
step "packages" tests/install-packages.sh build test lab
for s in "${stages[@]}"; do
    "stage_$s"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
