#!/bin/bash
# Makes the lab's image in the cache, unless it is there: the hypervisor, dom0's kernel, initial RAM disk and root
# disk with the guests' images inside; and a saved machine, booted once, from which runs start in a second or two.
# Prints the image's folder and, on a second line unless --cold is given, the saved machine's.
# Needs to be root for the image (a root file system is made).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$lab_dir/initrd.sh"
PATH=$PATH:/usr/sbin:/sbin

# make_base DIR
make_base()
{
    [ "$(id -u)" = 0 ] || lab_die "making the image needs root: run tests/lab/build.sh as root once"
    echo "lab: making the base (packages of dom0, hypervisor, kernel)" >&2
    mkdir -p "$1"
    # What it mounts goes with it, even if it is killed.
    if ! unshare --mount --propagation private "$lab_dir/base.sh" "$1" > "$1.log" 2>&1; then
        tail -n 30 "$1.log" >&2
        lab_die "cannot make the base"
    fi
    mv "$1.log" "$1/log"
}

# make_dom0_modules PARTS TREE
make_dom0_modules()
{
    local release file to
    release=$(basename "$1"/lib/modules/*)
    initrd_module_files "$1" "$lab_dir/dom0/modules" | while read -r file; do
        to="$2/usr/lib/modules/$release/${file#*/$release/}"
        mkdir -p "$(dirname "$to")"
        initrd_module "$file" "${to%.xz}"
    done
    cp "$1/lib/modules/$release"/modules.builtin* "$1/lib/modules/$release/modules.order" "$2/usr/lib/modules/$release/"
    depmod -b "$2" "$release"
}

# make_root BASE DIR: DIR/root.ext4 out of the base's tree, which stays as it is
make_root()
{
    local tree=$2/tree
    cp -al "$1/tree" "$tree"
    make_dom0_modules "$1/parts" "$tree"
    # libvirt wants to know the processor by name, and knows none without vme; the emulated one has none.
    sed -i '/vme/d' "$tree/usr/share/libvirt/cpu_map/x86_486.xml"
    # There is no udev: LVM makes its device nodes itself.
    printf '%s\n' 'activation { udev_sync = 0' 'udev_rules = 0 }' 'devices { obtain_device_list_from_udev = 0 }' \
        > "$tree/etc/lvm/lvmlocal.conf"
    mkdir -p "$tree/host" "$tree/var/log/libvirt" "$tree/usr/lib/xvirt-lab" "$tree/var/lib/xen"
    install -m 755 "$lab_dir/dom0/init" "$tree/usr/lib/xvirt-lab/init"
    cp "$lab_dir/dom0/modules" "$tree/usr/lib/xvirt-lab/modules"
    "$lab_dir/guests/make.sh" "$1/parts" "$2/vmlinux" "$tree/var/lib/xen"
    mke2fs -q -t ext4 -O ^has_journal,^metadata_csum,^64bit -E lazy_itable_init=1,root_owner=0:0 -m 0 \
        -d "$tree" "$2/root.ext4" 2G > /dev/null
    rm -rf "$tree"
}

# make_image BASE DIR
make_image()
{
    [ "$(id -u)" = 0 ] || lab_die "making the image needs root: run tests/lab/build.sh as root once"
    echo "lab: making the image" >&2
    mkdir -p "$2"
    gunzip -c "$1"/parts/boot/xen-*.gz > "$2/xen"
    python3 "$lab_dir/vmlinux.py" "$1"/parts/boot/vmlinuz-* "$2/vmlinux"
    initrd_begin "$2/initrd.d"
    initrd_modules "$2/initrd.d" "$1/parts" "$lab_dir/dom0/modules.initrd"
    install -m 755 "$lab_dir/dom0/initrd-init" "$2/initrd.d/init"
    initrd_end "$2/initrd.d" "$2/initrd"
    rm -rf "$2/initrd.d"
    make_root "$1" "$2"
}

# make_saved IMAGE DIR
make_saved()
{
    echo "lab: booting once, to save the machine" >&2
    if ! python3 "$lab_dir/machine.py" save "$1" "$2"; then
        tail -n 20 "$2/serial.log" >&2 || true
        return 1
    fi
}

# make_once NAME FUNCTION ARGS...: FUNCTION ARGS... TEMP, then TEMP becomes the cache's NAME in one step.
make_once()
{
    local name=$1 temp=$lab_cache/tmp.$1
    shift
    if [ ! -d "$lab_cache/$name" ]; then
        rm -rf "$temp"
        "$@" "$temp" || return
        mv -T "$temp" "$lab_cache/$name"
        lab_prune "${name%%-*}"
    fi
    touch "$lab_cache/$name"
}

lab_need mmdebstrap apt-get cpio mke2fs busybox modprobe depmod strip gcc as ld python3 sha256sum flock
[ "$lab_suite" = bookworm ] || lab_need zstd xz
mkdir -p "$lab_cache"
exec 9> "$lab_cache/build.lock"
flock 9
trap 'rm -rf --one-file-system "$lab_cache"/tmp.*' EXIT
base=$(lab_base_name)
image=$(lab_image_name)
if [ ! -d "$lab_cache/$image" ]; then
    make_once "$base" make_base
fi
make_once "$image" make_image "$lab_cache/$base"
echo "$lab_cache/$image"
if [ "${1:-}" != --cold ]; then
    saved=$(lab_saved_name)
    make_once "$saved" make_saved "$lab_cache/$image" && echo "$lab_cache/$saved" ||
        echo "lab: no saved machine; every run boots" >&2
fi
