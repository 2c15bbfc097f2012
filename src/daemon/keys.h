/* Key codes of clients, as the numbers that QEMU's monitor takes. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* set: enum vir_keycode_set. False: the set, or the key in it, is not known. */
bool key_to_qemu(uint32_t set, uint32_t code, uint32_t *ret);
/* The letter that a Linux kernel takes behind Alt-SysRq; false: it is none of those. */
bool key_letter(uint32_t set, uint32_t code, char *ret);
bool key_is_sysrq(uint32_t set, uint32_t code);
