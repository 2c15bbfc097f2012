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

int live_vcpus(struct host *h, const struct guest *g, struct hv_vcpu **ret, size_t *ret_n,
               struct err *e)
{
    if (!guest_is_active(g))
        return fail(e, ERR_OPERATION_INVALID, "domain is not running");
    return host_ops(h)->vcpus(host_hv(h), (uint32_t)guest_domid(g), ret, ret_n, e);
}

/* "0,2-3,^2" as bits; words that are no numbers ("all", "nodes:0") give none back. */
static bool parse_cpus(const char *text, uint8_t *map, uint32_t n_cpus)
{
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, ",");
        bool without = *p == '^';
        CLEANUP_FREE char *word = mem_strn(p + without, len - without);
        char *dash = strchr(word, '-');
        uint32_t from, to;
        if (dash)
            *dash = '\0';
        if (!parse_u32(word, 10, UINT32_MAX, &from) ||
            !parse_u32(dash ? dash + 1 : word, 10, UINT32_MAX, &to))
            return false;
        for (uint32_t i = from; i <= to && i < n_cpus; i++) {
            uint8_t bit = (uint8_t)(1u << i % 8);
            map[i / 8] = (uint8_t)(without ? map[i / 8] & ~bit : map[i / 8] | bit);
        }
        p += len;
        p += *p == ',';
    }
    return true;
}

uint8_t *pin_map(const struct domain *d, size_t vcpu, uint32_t n_cpus)
{
    const char *text = d->cpus;
    for (size_t i = 0; i < d->n_pins; i++)
        if (num_or(d->pins[i].vcpu, -1) == (int64_t)vcpu && d->pins[i].hard)
            text = d->pins[i].hard;
    if (str_empty(text))
        return NULL;
    uint8_t *map = mem_new((n_cpus + 7) / 8 + 1, 1);
    if (parse_cpus(text, map, n_cpus))
        return map;
    free(map);
    return NULL;
}
