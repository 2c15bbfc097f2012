#!/bin/bash
# module.sh STAGE [BUILD]: adds the driver for the lab's Xen to a DESTDIR tree, as hv-libxl-RELEASE.so beside what is there, if that was
# built with another release. Compiled with the headers and libraries of the lab's base, in BUILD (build-xen-RELEASE of the tree).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
stage=$1
devel=$lab_cache/$(lab_base_name)/devel/usr
pc=$(echo "$devel"/lib/*/pkgconfig)
[ -f "$pc/xenlight.pc" ] || lab_die "no headers in $devel: run tests/lab/build.sh first"
release=$(sed -n 's/^Version: \([0-9]*\.[0-9]*\).*/\1/p' "$pc/xenlight.pc")
case $(pkg-config --modversion xenlight 2> /dev/null) in
"$release" | "$release".*) exit 0 ;; # the build's own
esac
build=${2:-$lab_top/build-xen-$release}
own=$build.pc
mkdir -p "$own"
for file in "$pc"/*.pc; do
    sed "s,^\(prefix\|includedir\|libdir\)=/usr,\1=$devel," "$file" > "$own/$(basename "$file")"
done
export PKG_CONFIG_PATH=$own
[ -f "$build/build.ninja" ] || meson setup "$build" "$lab_top" -Dtests=disabled > "$own/setup.log" 2>&1 || {
    tail -n 20 "$own/setup.log" >&2
    lab_die "cannot set up the build with Xen $release"
}
ninja --quiet -C "$build" src/hv/libxl/hv-libxl.so
to=$(dirname "$(find "$stage" -name hv-libxl.so)")
cp "$build/src/hv/libxl/hv-libxl.so" "$to/hv-libxl-$release.so"
