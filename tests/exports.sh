#!/bin/sh
# exports.sh HEADER LIBRARY: the library shows what its header declares, and nothing else; the header stands alone, in C and C++.
set -eu
declared=$(tr '\n' ' ' <"$1" | grep -o 'XVIRT_API [^(;]*(' | sed -n 's/.*[ *]\(xvirt_[a-z_]*\)($/\1/p' | sort)
exported=$(nm -D --defined-only "$2" | awk '$3 !~ /^__/ {print $3}' | sort) # a sanitizer has names of its own
[ -n "$declared" ] && [ "$declared" = "$exported" ] || {
    echo "declared:" $declared
    echo "exported:" $exported
    exit 1
}
for c in "cc -xc -std=c99" "c++ -xc++"; do
    command -v "${c%% *}" >/dev/null || continue
    echo "#include \"$(realpath "$1")\"" | $c -fsyntax-only -Wall -Wextra -pedantic -Werror -
done
