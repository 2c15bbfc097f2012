/* Features of CPUs: their names in libvirt's XML, and their bits in the leaves of CPUID. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct cpuid_bit {
    uint32_t leaf;
    int64_t subleaf; /* -1: the leaf has none */
    int reg;         /* 0 to 3: eax, ebx, ecx, edx */
    int bit;
};
bool cpuid_bit_find(const char *word, struct cpuid_bit *ret);
/* NULL when it has no name; caller frees with free. */
char *cpuid_bit_word(const struct cpuid_bit *b);
