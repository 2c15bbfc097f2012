/* A BIOS boot sector for HVM guests: prints a marker on COM1 every 2 seconds, repeats what is typed there, and powers off
   when the ACPI power button is pressed. Built with: as --32, ld -Ttext 0x7c00 --oformat binary. */
    .code16
    .globl _start
_start:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $0x7c00, %sp
    cld
    movw $message, %si
    call puts
wait:
    sti
    hlt                     /* the BIOS timer wakes it 18 times a second */
    movw $0xb000, %dx       /* PM1a status: bit 8, power button */
    inw %dx, %ax
    cmpw $0xffff, %ax
    je input
    testb $1, %ah
    jnz off
input:
    movw $0x3fd, %dx        /* COM1's line status: bit 0, something came */
    inb %dx, %al
    testb $1, %al
    jz tick
    movw $0x3f8, %dx
    inb %dx, %al
    cmpb $13, %al
    je line
    cmpb $10, %al
    je line
    cmpb $0, in_line
    jne typed
    movb $1, in_line
    pushw %ax
    movw $echo, %si
    call puts
    popw %ax
typed:
    call putc
    jmp input
line:
    cmpb $0, in_line
    je input
    movb $0, in_line
    movw $newline, %si
    call puts
    jmp input
tick:
    cmpb $0, in_line
    jne wait
    movw 0x46c, %ax         /* the BIOS counts ticks there */
    movw %ax, %bx
    subw last, %ax
    cmpw $36, %ax
    jb wait
    movw %bx, last
    movw $message, %si
    call puts
    jmp wait
off:
    movw $0xb004, %dx       /* PM1a control: sleep enable, type S5 (0 in Xen's tables) */
    movw $0x2000, %ax
    outw %ax, %dx
    jmp wait

puts:
    lodsb
    testb %al, %al
    jz done
    call putc
    jmp puts
putc:
    pushw %ax
ready:
    movw $0x3fd, %dx        /* bit 5, may send */
    inb %dx, %al
    testb $0x20, %al
    jz ready
    popw %ax
    movw $0x3f8, %dx
    outb %al, %dx
done:
    ret

message:
    .ascii "XVIRT-GUEST-UP hvm bios"
newline:
    .asciz "\r\n"
echo:
    .asciz "XVIRT-GUEST-ECHO "
in_line:
    .byte 0
last:
    .word 0
    .org 510
    .word 0xaa55
