#!/bin/sh
# run.sh SECONDS [NAME...]: builds the fuzzers (clang) and lets each look for new inputs; a finding stops
# the run and lies in build-fuzz. (Without -entropic=0 more time goes into choosing inputs than into running them.) Seeds are tests/fuzz/corpus; what they grow to stays in build-fuzz/corpus.
cd "$(dirname "$0")/../.." || exit 2
seconds=${1:-600}
[ $# -gt 0 ] && shift
if [ ! -f build-fuzz/build.ninja ]; then
    CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args=-fsanitize=fuzzer-no-link >build-fuzz.log 2>&1 || { tail -20 build-fuzz.log; exit 1; }
    rm -f build-fuzz.log
fi
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_//; s/\.c//')
for name in "$@"; do
    ninja --quiet -C build-fuzz "tests/fuzz/fuzz_$name" || exit 1
    mkdir -p "build-fuzz/corpus/$name"
    echo "fuzz_$name: $seconds seconds"
    (cd build-fuzz && "tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -entropic=0 -print_final_stats=1 -verbosity=0 "corpus/$name" "../tests/fuzz/corpus/$name") || exit 1
done
