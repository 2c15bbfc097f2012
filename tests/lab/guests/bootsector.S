/* A BIOS boot sector for HVM guests: see serial.inc. Built with: as --32, ld -Ttext 0x7c00 --oformat binary. */
    .code16
    .globl _start
_start:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %fs
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    call announce
    .include "serial.inc"

announce:
    movw $message, %si
    call puts
    ret
message:
    .asciz "XVIRT-GUEST-UP hvm bios\r\n"
    .org 510
    .word 0xaa55
