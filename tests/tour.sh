#!/bin/bash
# `make run`: the life of one guest before your eyes, each command as you could type it. On a Xen host it is a real guest,
# elsewhere the simulated host runs it. Everything lives in one folder, which is gone at the end.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
dir=$(mktemp -d "${TMPDIR:-/tmp}/xvirt-tour.XXXXXX")
export PATH=$build/src/cli:$build/src/daemon:$PATH
uri="xen+unix:///system?socket=$dir/run/libvirt-sock"
export XVIRT_DEFAULT_URI=$uri LIBVIRT_DEFAULT_URI="xen:///system?socket=$dir/run/libvirt-sock"
daemon=

leave()
{
    local status=$?
    trap - EXIT
    if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null; then
        "$build/src/cli/xvirt" -q destroy demo >/dev/null 2>&1 || true
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" || true
    fi
    [ $status = 0 ] || { echo "the daemon said:" && tail -n 20 "$dir/log"; } >&2
    rm -rf "$dir"
    exit $status
}
trap leave EXIT

bold='' off=''
[ ! -t 1 ] || { bold=$(printf '\033[1m') off=$(printf '\033[0m'); }

title()
{
    printf '\n%s== %s%s\n' "$bold" "$*" "$off"
}

# Prints the command as it could be typed, then runs it.
run()
{
    printf '\n%s$ %s%s\n' "$bold" "$*" "$off"
    "$@"
}

if grep -qs control_d /proc/xen/capabilities; then
    hypervisor=libxl kernel=/boot/vmlinuz-$(uname -r) ramdisk=/boot/initrd.img-$(uname -r)
else
    hypervisor=sim kernel=/boot/vmlinuz ramdisk=/boot/initrd.img
fi
title "a daemon of our own, in $dir, on $([ $hypervisor = sim ] && echo 'a simulated Xen host' || echo 'this Xen host')"
printf '\n%s$ xvirtd --hypervisor %s --run-dir %s/run --state-dir %s/state --config-dir %s/etc &%s\n' "$bold" $hypervisor "$dir" "$dir" "$dir" "$off"
xvirtd --hypervisor $hypervisor --run-dir "$dir/run" --state-dir "$dir/state" --config-dir "$dir/etc" 2>"$dir/log" &
daemon=$!
for _ in $(seq 100); do
    [ ! -S "$dir/run/libvirt-sock" ] || break
    kill -0 $daemon
    sleep 0.1
done
printf '\n%s$ export XVIRT_DEFAULT_URI="%s"%s\n' "$bold" "$uri" "$off"

cat >"$dir/demo.cfg" <<EOF
# an old xm file
name = "demo"
memory = 256
vcpus = 1
kernel = "$kernel"
ramdisk = "$ramdisk"
extra = "console=hvc0"
on_poweroff = "destroy"
on_reboot = "restart"
on_crash = "restart"
EOF
cd "$dir"

# wait_for STATE SECONDS: until the guest is in that state
wait_for()
{
    local left=$(($2 * 10))
    until [ "$(xvirt -q domstate demo 2>/dev/null)" = "$1" ] || [ $((left -= 1)) -lt 0 ]; do
        sleep 0.1
    done
}

# The whole life through one of the two commands: TOOL is xvirt or virsh.
life()
{
    local tool=$1
    run $tool define demo.xml
    run $tool start demo
    run $tool list --all
    run $tool dominfo demo
    if [ "$tool" = xvirt ]; then
        printf '\n%s$ xvirt console demo%s   (the first lines)\n\n' "$bold" "$off"
        (timeout 4 xvirt console demo </dev/null || true) | head -n 5
    fi
    run $tool domstats demo
    run $tool dumpxml demo
    run $tool save demo demo.save
    run $tool list --all
    run $tool restore demo.save
    run $tool shutdown demo
    wait_for "shut off" 60
    if [ "$(xvirt -q domstate demo)" != "shut off" ]; then
        echo "(this guest does not answer shutdown requests)"
        run $tool destroy demo
    fi
    run $tool list --all
    run $tool undefine demo
    rm -f demo.save
}

title "an old xm configuration becomes XML"
run cat demo.cfg
run xvirt domxml-from-native xen-xm demo.cfg
xvirt domxml-from-native xen-xm demo.cfg >demo.xml
title "its life, with xvirt"
life xvirt
if command -v virsh >/dev/null; then
    title "the same with libvirt's own virsh, unmodified"
    printf '\n%s$ export LIBVIRT_DEFAULT_URI="%s"%s\n' "$bold" "$LIBVIRT_DEFAULT_URI" "$off"
    life virsh
fi
title "done; nothing is left behind"
