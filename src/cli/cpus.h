/* Maps of CPUs: bytes of the wire (bit n of byte n/8), and lists that people write: "0-3,^2". */
#pragma once
#include "cmd.h"

enum { CPUS_MAX = 16384 };

/* How many CPUs the host has, or may have. */
int cpus_of_host(struct ctl *c, int *ret, struct err *e);
static inline int cpus_bytes(int n)
{
    return (n + 7) / 8;
}
/* "0-3,^2" or "r" (all) as a map of n CPUs; caller frees. */
int cpus_parse(const char *text, int n, uint8_t **ret, struct err *e);
char *cpus_list(const uint8_t *map, int n);    /* "0-1,3"; caller frees */
char *cpus_letters(const uint8_t *map, int n); /* "yy-y"; caller frees */
