#!/bin/bash
# Runs in the lab's dom0: proves with xl alone that each kind of guest lives here, and prints the seconds each takes.
set -euo pipefail
. "$(dirname "$0")/guest.sh"
work=$(mktemp -d)

# stage NAME START: prints the seconds since START
stage()
{
    printf '%-24s %6.1f s\n' "$1" "$(seconds_since "$2")"
}

# try KIND MARKER STOP: the guest of $work/KIND.cfg is created, shows MARKER, and is stopped with xl's STOP
try()
{
    local kind=$1 start
    start=$EPOCHREALTIME
    xl create -q "$work/$kind.cfg"
    stage "$kind create" "$start"
    guest_wait "$kind" "$2" 240
    stage "$kind marker" "$start"
    start=$EPOCHREALTIME
    xl $3 "$kind"
    guest_wait_gone "$kind" 60
    stage "$kind ${3%% *}" "$start"
}

# config KIND LINES: every guest has a name, a vif and no more than it needs
config()
{
    { printf 'name = "%s"\nmemory = 128\nvcpus = 1\n' "$1" && cat; } > "$work/$1.cfg"
}

config pv << EOT
kernel = "$GUESTS/vmlinux"
ramdisk = "$GUESTS/initrd"
extra = "console=hvc0 quiet"
vif = ["mac=00:16:3e:00:00:01,bridge=xenbr0"]
EOT
config pygrub << EOT
bootloader = "pygrub"
disk = ["format=raw,vdev=xvda,access=w,target=$GUESTS/pv-grub.img"]
EOT
config pvh << EOT
type = "pvh"
kernel = "$GUESTS/vmlinux"
ramdisk = "$GUESTS/initrd"
extra = "console=hvc0 quiet"
EOT
config hvm << EOT
type = "hvm"
disk = ["format=raw,vdev=hda,access=w,target=$GUESTS/hvm-bios.img"]
serial = "file:$guest_log/guest-hvm.log"
vnc = 1
EOT

xl info | grep -E '^(xen_version|virt_caps|free_memory)'
try pv 'XVIRT-GUEST-UP name=pv net=eth0:00:16:3e:00:00:01 disk=$' shutdown
try pvh 'XVIRT-GUEST-UP name=pvh net= disk=$' shutdown
try pygrub 'XVIRT-GUEST-UP name=pygrub net= disk=$' shutdown
try hvm 'XVIRT-GUEST-UP hvm bios' destroy
rm -rf "$work"
echo "smoke: all guests lived"
