#!/bin/bash
# xen.sh BUILD: xvirtd and Debian's libvirtd with its Xen driver side by side on a real Xen, in QEMU (tests/lab): bench/dom0.sh there.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
ninja -C "$build" --quiet bench/bench_wire
stage=$build/bench-stage
rm -rf "$stage"
DESTDIR=$(realpath -m "$stage") meson install -C "$build" --no-rebuild --quiet
mkdir -p "$stage/bench"
cp bench/dom0.sh bench/60-keys.cfg "$build/bench/bench_wire" "$stage/bench/"
exec tests/lab/run.sh --time-limit 1500 --stage "$stage" -- /bench/dom0.sh
