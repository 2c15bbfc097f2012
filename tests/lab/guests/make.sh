#!/bin/bash
# make.sh PARTS KERNEL_ELF OUT: makes what the lab's guests boot from.
#   OUT/install: vmlinux, vmlinuz, initrd, tiny, bzimage       OUT/images: pv-grub.img, hvm-bios.img, blank.img
# and links in images to install, so that images alone names all of them.
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
. "$lab_dir/initrd.sh"
parts=$1 elf=$2 out=$3
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$out/install" "$out/images"

initrd_begin "$work/root"
initrd_modules "$work/root" "$parts" "$lab_dir/guests/modules"
install -m 755 "$lab_dir/guests/init" "$work/root/init"
for action in poweroff reboot; do
    install -m 755 "$lab_dir/guests/request" "$work/root/sbin/$action"
done
initrd_end "$work/root" "$out/install/initrd"
cp "$elf" "$out/install/vmlinux"
cp "$parts"/boot/vmlinuz-* "$out/install/vmlinuz"

# real_mode SOURCE ADDRESS FILE: a program for a processor as it comes up
real_mode()
{
    as --32 -I "$lab_dir/guests" -o "$work/real.o" "$lab_dir/guests/$1"
    ld -m elf_i386 -Ttext "$2" --oformat binary -o "$3" "$work/real.o"
}
real_mode bootsector.S 0x7c00 "$out/images/hvm-bios.img"
real_mode bzimage.S 0 "$out/install/bzimage"
gcc -std=gnu17 -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
    -fcf-protection=none -mno-red-zone -mgeneral-regs-only -fno-tree-loop-distribute-patterns -c -o "$work/tiny.o" \
    "$lab_dir/guests/tiny.c"
ld -static -no-pie --build-id=none -z noexecstack -Ttext-segment=0x100000 -e _start -o "$out/install/tiny" "$work/tiny.o"

# pygrub's kernel is packed with gzip, as distributions pack theirs, and small: what it takes to find and unpack it is the same.
mkdir -p "$work/grub/boot/grub"
gzip -c "$out/install/tiny" > "$work/grub/boot/vmlinuz"
head -c 4096 "$out/install/initrd" > "$work/grub/boot/initrd"
cp "$lab_dir/guests/grub.cfg" "$work/grub/boot/grub/grub.cfg"
mke2fs -q -t ext2 -E root_owner=0:0 -m 0 -d "$work/grub" "$out/images/pv-grub.img" 4M > /dev/null
truncate -s 1M "$out/images/hvm-bios.img"
truncate -s 16M "$out/images/blank.img"
for file in vmlinux vmlinuz initrd tiny bzimage; do
    ln -s "../install/$file" "$out/images/$file"
done
