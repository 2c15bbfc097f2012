#!/bin/bash
# shadow.sh FILE: builds FILE, Debian's Xen with shadow paging, which Debian leaves out and live migration of PV guests needs:
# `XVIRT_LAB_XEN=FILE tests/lab/two.sh --stage ... migrate`. Its source comes from Debian's mirror; needs gcc, make, bison, flex, apt.
# Only the hypervisor is built (minutes); everything else in the lab stays Debian's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
[ $# = 1 ] || lab_die "which file? see the first lines of $0"
lab_need apt-get gcc make bison flex tar
to=$(realpath -m "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/xvshadow.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/sources"
cat > "$work/sources/debian.sources" << SOURCES
Types: deb-src
URIs: ${XVIRT_LAB_MIRROR:-http://deb.debian.org}/debian
Suites: $lab_suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/sources" -o "Dir::State::lists=$work/lists"
    -o APT::Sandbox::User=root)
cd "$work"
"${apt[@]}" update
"${apt[@]}" source --download-only xen
tar -x -f xen_*.orig.tar.*
cd xen-*/
make -C xen XEN_TARGET_ARCH=x86_64 defconfig > ../log 2>&1
sed -i 's/^# CONFIG_SHADOW_PAGING is not set/CONFIG_SHADOW_PAGING=y/' xen/.config
make -C xen XEN_TARGET_ARCH=x86_64 olddefconfig >> ../log 2>&1
grep -q '^CONFIG_SHADOW_PAGING=y' xen/.config || lab_die "this Xen has no shadow paging to build"
make -C xen XEN_TARGET_ARCH=x86_64 -j"$(nproc)" build >> ../log 2>&1 || { tail -n 30 ../log >&2 && lab_die "cannot build Xen"; }
install -m 644 xen/xen "$to"
echo "$to"
