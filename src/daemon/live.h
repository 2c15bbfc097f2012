/* What a guest has right now: from the hypervisor while it runs, else from its definition. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "core/host.h"

struct live_info {
    int state, reason;
    uint64_t mem_kib, mem_max_kib, cpu_ns;
    uint32_t vcpus, vcpus_max;
};

/* The same from what a list of all domains has just said, NULL for a guest that does not run: no
 * question to Xen. */
void live_info_of(const struct guest *g, const struct hv_info *i, struct live_info *ret);
int live_info(struct host *h, const struct guest *g, struct live_info *ret, struct err *e);
/* The configuration of what runs; borrowed. NULL: nothing does. */
const struct domain *live_config(const struct guest *g, struct err *e);
/* Of a running guest. Caller frees with hv_vcpus_free. */
int live_vcpus(struct host *h, const struct guest *g, struct hv_vcpu **ret, size_t *ret_n,
               struct err *e);
