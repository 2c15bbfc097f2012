/* CPUs as sets of features: the host's, and those that XML describes by a model and features. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "hv/hv.h"

enum { CPU_WORDS = 8 };

/* Xen's words of features, in the order of hv_host.hwcap. */
struct cpu_set {
    uint32_t words[CPU_WORDS];
};

struct cpu_wanted {
    struct cpu_set has, lacks; /* features that it must have, and must not */
    bool is_strict;            /* and no others */
    bool is_other_arch;
};

void cpu_of_host(const struct hv_host *h, struct cpu_set *ret);
/* What a guest that has run on a CPU with `wanted` might miss on this one, by name with blanks
 * between; what only hypervisors use is passed over. False: nothing. */
bool cpu_missing(const struct cpu_set *here, const struct cpu_set *wanted, struct str *out);
/* A <cpu>, as hosts and guests have it. */
int cpu_parse(const char *xml, struct cpu_wanted *ret, struct err *e);
int cpu_compare(const struct cpu_set *host, const struct cpu_wanted *w); /* VIR_CPU_COMPARE_* */
/* Appends a model that is within the set and the features beyond it, or all of them; fails when no
 * model is. */
int cpu_write(const struct cpu_set *s, bool expand, const char *indent, const char *policy,
              struct str *out, struct err *e);
/* The i-th model's name; NULL behind the last. */
const char *cpu_model_name(size_t i);
