#!/bin/bash
# Makes the lab's base folder DIR: DIR/tree, a dom0 root of Debian packages, and DIR/parts, the unpacked
# hypervisor and kernel packages. Nothing is installed on this machine. Called by build.sh.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
dir=$1

# The names of a list, as the suite has them: dom0/names.SUITE has lines "NAME NAME-THERE".
list()
{
    local names=$lab_dir/dom0/names.$lab_suite
    [ -f "$names" ] || names=/dev/null
    sed 's/#.*//' "$lab_dir/dom0/$1" | grep -v '^ *$' |
        awk 'FILENAME != "-" { there[$1] = $2; next } { print $1 in there ? there[$1] : $1 }' "$names" -
}

sources()
{
    local mirror=${XVIRT_LAB_MIRROR:-http://deb.debian.org}
    echo "deb $mirror/debian $lab_suite main"
    echo "deb $mirror/debian $lab_suite-updates main"
    echo "deb $mirror/debian-security $lab_suite-security main"
}

# This machine's way to the network (a proxy, say) holds for the image's packages as well.
apt_options()
{
    apt-config dump Acquire 2> /dev/null | grep -E '^Acquire::(http|https)::[^:]*[Pp]roxy' || true
}

excludes()
{
    local path
    for path in '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' '/usr/share/i18n/*' \
        '/usr/lib/x86_64-linux-gnu/gconv/*' '/usr/lib/udev/hwdb.d/*' \
        '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so' \
        '/usr/share/bash-completion/*'; do
        echo "--dpkgopt=path-exclude=$path"
    done
}

mkdir -p "$dir/parts"
unpacked=$(list packages.unpacked | tr '\n' ' ')
# Runs inside mmdebstrap, with its package lists: fetches what is only unpacked.
cat > "$dir/fetch" <<'EOT'
set -eu
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-.*-amd64\)$/\1/p' | head -1)
cd "$1"
for package in $2; do
    [ "$package" != KERNEL ] || package=$kernel
    apt-get -qq download "$package"
done
EOT
mapfile -t opts < <(apt_options | sed 's/^/--aptopt=/'; excludes)
include=$(list packages | tr '\n' ',')${XVIRT_LAB_EXTRA:+$(echo "$XVIRT_LAB_EXTRA" | tr ' ' ',')}
sources | mmdebstrap --mode=root --variant=essential --architectures=amd64 --include="${include%,}" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io "${opts[@]}" \
    --customize-hook="sh '$dir/fetch' '$dir/parts' '$unpacked'" \
    "$lab_suite" "$dir/tree" -
rm "$dir/fetch"
for deb in "$dir"/parts/*.deb; do
    dpkg-deb -x "$deb" "$dir/parts"
    rm "$deb"
done
if [ -d "$dir/parts/usr/lib/modules" ]; then # as kernels of Debian 13 have it
    mkdir -p "$dir/parts/lib"
    mv "$dir/parts/usr/lib/modules" "$dir/parts/lib/"
fi
# No lab machine has these devices.
for sub in sound drivers/gpu drivers/media drivers/staging drivers/infiniband drivers/net/wireless drivers/net/ethernet; do
    rm -rf "$dir"/parts/lib/modules/*/kernel/"$sub"
done
# What a driver for this release is built with: headers from the package, libraries from dom0 (module.sh).
mkdir -p "$dir/devel"
mv "$dir/parts/usr" "$dir/devel/"
cp -a "$dir"/tree/usr/lib/x86_64-linux-gnu/libxen*.so.* "$dir/devel/usr/lib/x86_64-linux-gnu/"
rm -rf "$dir"/parts/boot/System.map-*
depmod -b "$dir/parts" "$(basename "$dir"/parts/lib/modules/*)"
