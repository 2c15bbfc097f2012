#!/bin/sh
# corpus.sh BUILD: the corpus runner over $XVIRT_CORPUS; CORPUS_FLAGS="-v --only TEXT" for single cases. Where the tables of keys lie
# beside the corpus, every key of them too (keys.py).
cd "$(dirname "$0")/../.." || exit 2
for folder in "$XVIRT_CORPUS" ../shared/formats/corpus ../../shared/formats/corpus; do
    if [ -n "$folder" ] && [ -f "$folder/PAIRS.csv" ]; then
        # shellcheck disable=SC2086
        "$1/tests/conf/corpus" $CORPUS_FLAGS "$folder" tests/conf/deviations || exit 1
        [ ! -f "$folder/../xlcfg.csv" ] || exec python3 tests/conf/keys.py "$1/tests/conf/convert" "$folder/.."
        exit
    fi
done
echo "corpus: no corpus here (XVIRT_CORPUS), skipped"
