/* Lists of CPUs as text: "0,2-3", with "^2" taking out. The canonical form is sorted ranges. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CPUSET_MAX = 4096 }; /* CPUs: 0 to CPUSET_MAX - 1 */

struct cpuset {
    uint64_t bits[CPUSET_MAX / 64];
};

/* False when the text is no such list (names as "all" and "nodes:0" are none). */
bool cpuset_parse(const char *text, struct cpuset *ret);
char *cpuset_format(const struct cpuset *set); /* caller frees with free */
char *cpuset_canonical(const char *text);      /* the same in one; NULL when it is no list */
bool cpuset_is_plain(const char *text);        /* a list in its canonical form */
size_t cpuset_count(const struct cpuset *set);
/* As bytes, CPU 0 is bit 0 of the first; set NULL: all CPUs. */
void cpuset_bytes(const struct cpuset *set, uint8_t ret[CPUSET_MAX / 8]);
static inline bool cpuset_has(const struct cpuset *set, unsigned cpu)
{
    return cpu < CPUSET_MAX && set->bits[cpu / 64] >> (cpu % 64) & 1;
}
