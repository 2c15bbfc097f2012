/* Sets of CPUs and nodes as text: "0,2-3". xl's other words ("all", "^1", "nodes:0") are no sets
 * of numbers and are kept as text by the formats that know them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { CPUS_MAX = 4096 };
struct cpus {
    uint64_t bits[CPUS_MAX / 64];
};

/* False unless the text is numbers and ranges joined by commas, all below CPUS_MAX. */
bool cpus_parse(const char *text, struct cpus *ret);
void cpus_format(const struct cpus *set, struct str *out);
static inline bool cpus_has(const struct cpus *set, int cpu)
{
    return set->bits[cpu / 64] >> cpu % 64 & 1;
}
static inline void cpus_add(struct cpus *set, int cpu)
{
    set->bits[cpu / 64] |= UINT64_C(1) << cpu % 64;
}
int cpus_next(const struct cpus *set, int from); /* the first at or after `from`; -1 at the end */
