/* Option rows that many commands share. */
#pragma once
#include "cmd.h"

#define OPT_DOMAIN_OF(kind) \
    { \
        "domain", OPT_STR, OPT_DATA, kind, "domain name, id or uuid" \
    }
#define OPT_DOMAIN OPT_DOMAIN_OF(WHAT_DOMAIN)
#define OPT_DOMAIN_ACTIVE OPT_DOMAIN_OF(WHAT_ACTIVE)
#define FLAG(name, help) \
    { \
        name, OPT_FLAG, 0, WHAT_TEXT, help \
    }
#define OPTS(...) ((const struct opt[]){__VA_ARGS__, {0}})

/* A flag option and the wire's bit for it. */
struct flag_bit {
    const char *name;
    unsigned bit;
};
unsigned flags_of(const struct args *a, const struct flag_bit *bits, size_t n);
#define FLAGS_OF(a, bits) flags_of((a), (bits), sizeof(bits) / sizeof(*(bits)))
