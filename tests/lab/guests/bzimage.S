/* A kernel for HVM guests in the format of Linux's bzImage (x86 boot protocol 2.10), so that the device model loads it
   as it loads a Linux. All of it is the real-mode setup part: see serial.inc for what it does. Its marker tells the
   name on the command line (xv.name=) and the ends of the initial RAM disk: what the loader has handed over.
   Built with: as --32, ld -Ttext 0 --oformat binary; addresses are those of the segment that it is loaded to. */
    .code16
    .globl _start
_start:
    .org 0x1f1
    .byte 1                 /* sectors of the setup part after the first */
    .word 0
    .long (end_of_all - end_of_setup) / 16
    .word 0, 0, 0
    .word 0xaa55
entry:
    jmp begin
    .ascii "HdrS"
    .word 0x20a             /* protocol */
    .long 0
    .word 0x1000
    .word 0
    .byte 0
    .byte 1                 /* loaded high */
    .word 0
    .long 0x100000          /* where the protected-mode part goes: there is nothing in it */
ramdisk_image:
    .long 0                 /* the loader's, as its size */
ramdisk_size:
    .long 0
    .long 0
    .word 0, 0
cmd_line_ptr:
    .long 0                 /* the loader's: a linear address */
    .long 0x7fffffff        /* highest address of the RAM disk */
    .long 0x1000000
    .byte 0, 0
    .word 0
    .long 2047              /* longest command line */
    .long 0, 0, 0, 0, 0, 0, 0
    .long 0x100000, 0
    .long 0x10000

begin:                      /* cs is 0x20 above the segment, ds and ss are that */
    movw %cs, %ax
    subw $0x20, %ax
    movw %ax, %ds
    xorw %ax, %ax
    movw %ax, %fs
    cld
    pushw %ds
    pushw $here
    lretw
here:
    call announce
    .include "serial.inc"

announce:
    movw $message, %si
    call puts
    call name
    movw $initrd, %si
    call puts
    movl ramdisk_size, %eax
    call hex
    movw $newline, %si
    jmp puts

/* Prints what follows "xv.name=" on the command line, up to a blank. */
name:
    movl cmd_line_ptr, %eax
    movw %ax, %bx
    andw $15, %bx
    shrl $4, %eax
    movw %ax, %es
look:
    movw %bx, %di
    movw $key, %si
    movw $key_end - key, %cx
    repe cmpsb
    je value
    cmpb $0, %es:(%bx)
    je done
    incw %bx
    jmp look
value:
    movb %es:(%di), %al
    cmpb $' ', %al
    jbe done
    call putc
    incw %di
    jmp value

/* Prints eax as 8 digits. */
hex:
    movw $8, %cx
digit:
    roll $4, %eax
    pushl %eax
    andb $15, %al
    addb $'0', %al
    cmpb $'9', %al
    jbe decimal
    addb $'a' - '9' - 1, %al
decimal:
    call putc
    popl %eax
    loop digit
    ret

message:
    .asciz "XVIRT-GUEST-UP name="
initrd:
    .asciz " initrd=0x"
key:
    .ascii "xv.name="
key_end:
    .org 0x400
end_of_setup:
    .fill 512
end_of_all:
