#!/bin/sh
# corpus.sh BUILD: the corpus runner over $XVIRT_CORPUS; CORPUS_FLAGS="-v --only TEXT" for single cases.
cd "$(dirname "$0")/../.." || exit 2
for folder in "$XVIRT_CORPUS" ../shared/formats/corpus ../../shared/formats/corpus; do
    if [ -n "$folder" ] && [ -f "$folder/PAIRS.csv" ]; then
        # shellcheck disable=SC2086
        exec "$1/tests/conf/corpus" $CORPUS_FLAGS "$folder" tests/conf/deviations
    fi
done
echo "corpus: no corpus here (XVIRT_CORPUS), skipped"
