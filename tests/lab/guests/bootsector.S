/* A BIOS boot sector for HVM guests: prints a marker on COM1 and on the screen, then halts for ever.
   Built with: as --32, ld -Ttext 0x7c00 --oformat binary. */
    .code16
    .globl _start
_start:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    movw $message, %si
next:
    lodsb
    testb %al, %al
    jz halt
    movb $0x0e, %ah         /* BIOS: teletype output */
    xorw %bx, %bx
    pushw %ax
    int $0x10
ready:
    movw $0x3fd, %dx        /* COM1's line status: bit 5, may send */
    inb %dx, %al
    testb $0x20, %al
    jz ready
    popw %ax
    movw $0x3f8, %dx
    outb %al, %dx
    jmp next
halt:
    sti
    hlt
    jmp halt
message:
    .asciz "XVIRT-GUEST-UP hvm bios\r\n"
    .org 510
    .word 0xaa55
