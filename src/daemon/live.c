#include "daemon/live.h"

#include "base/mem.h"
#include "base/str.h"
#include "core/guest.h"

static void config_info(const struct domain *d, struct live_info *ret)
{
    ret->mem_max_kib = (uint64_t)num_or(d->memory_max_kib, num_or(d->memory_kib, 0));
    ret->mem_kib = (uint64_t)num_or(d->memory_kib, (int64_t)ret->mem_max_kib);
    ret->vcpus_max = (uint32_t)num_or(d->vcpus_max, num_or(d->vcpus, 1));
    ret->vcpus = (uint32_t)num_or(d->vcpus, ret->vcpus_max);
}

/* Dom0 has no upper limit: the most that can be is what it has. */
static uint64_t sane_max(const struct hv_info *i)
{
    const uint64_t no_limit_kib = 1ull << 50;
    return i->mem_max_kib < no_limit_kib ? i->mem_max_kib : i->mem_kib;
}

void live_info_of(const struct guest *g, const struct hv_info *i, struct live_info *ret)
{
    const struct domain *d = guest_config(g, false);
    *ret = (struct live_info){0};
    ret->state = guest_state(g, &ret->reason);
    if (d)
        config_info(d, ret);
    if (i) {
        ret->mem_kib = i->mem_kib;
        ret->mem_max_kib = sane_max(i);
        ret->cpu_ns = i->cpu_ns;
        ret->vcpus = i->vcpus_online;
        ret->vcpus_max = i->vcpus_max;
    }
}

int live_info(struct host *h, const struct guest *g, struct live_info *ret, struct err *e)
{
    struct hv_info i;
    bool runs = guest_is_active(g);
    int r = runs ? host_ops(h)->info(host_hv(h), (uint32_t)guest_domid(g), &i, e) : 0;
    if (!r)
        live_info_of(g, runs ? &i : NULL, ret);
    return r;
}

const struct domain *live_config(const struct guest *g, struct err *e)
{
    const struct domain *d = guest_config(g, false);
    if (guest_is_active(g) && d)
        return d;
    fail(e, ERR_OPERATION_INVALID, "domain is not running");
    return NULL;
}

int live_vcpus(struct host *h, const struct guest *g, struct hv_vcpu **ret, size_t *ret_n,
               struct err *e)
{
    if (!guest_is_active(g))
        return fail(e, ERR_OPERATION_INVALID, "domain is not running");
    return host_ops(h)->vcpus(host_hv(h), (uint32_t)guest_domid(g), ret, ret_n, e);
}
