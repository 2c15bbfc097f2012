/* What is known of one guest, apart from its XML and its statistics. */
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "daemon/live.h"
#include "wire/consts.h"

/* --- yes or no --- */

static int answer_bool(struct call *c, bool (*ask)(const struct guest *g))
{
    /* All these calls take a domain and give an int. */
    const struct wire_domain_is_active_args *args = c->args;
    struct wire_domain_is_active_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    ret->active = ask(g);
    return CALL_DONE;
}

static bool is_updated(const struct guest *g)
{
    return false; /* a running guest's definition is separate from what it runs */
}

static int do_is_active(struct call *c)
{
    return answer_bool(c, guest_is_active);
}

static int do_is_persistent(struct call *c)
{
    return answer_bool(c, guest_is_persistent);
}

static int do_is_updated(struct call *c)
{
    return answer_bool(c, is_updated);
}

static int do_autostart(struct call *c)
{
    return answer_bool(c, guest_has_autostart);
}

static int do_start_once(struct call *c)
{
    return answer_bool(c, guest_starts_once);
}

static int do_has_managed_save(struct call *c)
{
    return answer_bool(c, guest_has_managed_save);
}

/* --- state and size --- */

static int do_state(struct call *c)
{
    const struct wire_domain_get_state_args *args = c->args;
    struct wire_domain_get_state_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    ret->state = guest_state(g, &ret->reason);
    return CALL_DONE;
}

static int do_info(struct call *c)
{
    const struct wire_domain_get_info_args *args = c->args;
    struct wire_domain_get_info_ret *ret = c->ret;
    struct live_info l;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || live_info(c->daemon->host, g, &l, &c->err))
        return CALL_FAILED;
    ret->state = (unsigned char)l.state;
    ret->maxMem = l.mem_max_kib;
    ret->memory = l.mem_kib;
    ret->nrVirtCpu = (unsigned short)l.vcpus;
    ret->cpuTime = l.cpu_ns;
    return CALL_DONE;
}

static int do_max_memory(struct call *c)
{
    const struct wire_domain_get_max_memory_args *args = c->args;
    struct wire_domain_get_max_memory_ret *ret = c->ret;
    struct live_info l;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || live_info(c->daemon->host, g, &l, &c->err))
        return CALL_FAILED;
    ret->memory = l.mem_max_kib;
    return CALL_DONE;
}

static int do_os_type(struct call *c)
{
    static const char *const names[] = {
        [GUEST_PV] = "xen", [GUEST_HVM] = "hvm", [GUEST_PVH] = "xenpvh"};
    const struct wire_domain_get_os_type_args *args = c->args;
    struct wire_domain_get_os_type_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, false) : NULL;
    if (!g)
        return CALL_FAILED;
    ret->type = mem_str(d && d->type ? names[d->type] : "xen");
    return CALL_DONE;
}

/* --- vcpus --- */

enum { AFFECTS = AFFECT_LIVE | AFFECT_CONFIG, MAXIMUM = VIR_DOMAIN_VCPU_MAXIMUM };

static int do_vcpus_flags(struct call *c)
{
    const struct wire_domain_get_vcpus_flags_args *args = c->args;
    struct wire_domain_get_vcpus_flags_ret *ret = c->ret;
    uint32_t n;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || guest_vcpus(g, args->flags & MAXIMUM, args->flags & AFFECTS, &n, &c->err))
        return CALL_FAILED;
    ret->num = (int)n;
    return CALL_DONE;
}

static int do_max_vcpus(struct call *c)
{
    const struct wire_domain_get_max_vcpus_args *args = c->args;
    struct wire_domain_get_max_vcpus_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, !guest_is_active(g)) : NULL;
    if (!g)
        return CALL_FAILED;
    ret->num = d ? (int)num_or(d->vcpus_max, num_or(d->vcpus, 1)) : 1;
    return CALL_DONE;
}

/* Copies a bitmap of host CPUs into one of maplen bytes; NULL means all of n_cpus. */
static void put_map(uint8_t *ret, size_t maplen, const uint8_t *map, size_t len, uint32_t n_cpus)
{
    for (uint32_t i = 0; i < n_cpus && i / 8 < maplen; i++)
        if (!map || (i / 8 < len && map[i / 8] & 1u << i % 8))
            ret[i / 8] |= (uint8_t)(1u << i % 8);
}

static int check_maps(struct call *c, int n, int maplen)
{
    if (n < 0 || n > WIRE_VCPUINFO_MAX || maplen < 0 || (maplen && n > WIRE_CPUMAPS_MAX / maplen))
        return fail(&c->err, ERR_RPC, "%d CPU maps of %d bytes are over the limit", n, maplen);
    return 0;
}

static int host_cpus(struct call *c, uint32_t *ret)
{
    struct hv_host h = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return -1;
    *ret = h.cpus_max;
    hv_host_clear(&h);
    return 0;
}

static int vcpu_state(const struct hv_vcpu *v)
{
    if (!v->is_online)
        return VIR_VCPU_OFFLINE;
    return v->is_blocked ? VIR_VCPU_BLOCKED : VIR_VCPU_RUNNING;
}

static int do_vcpus(struct call *c)
{
    const struct wire_domain_get_vcpus_args *args = c->args;
    struct wire_domain_get_vcpus_ret *ret = c->ret;
    struct hv_vcpu *v;
    size_t n;
    uint32_t n_cpus;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || check_maps(c, args->maxinfo, args->maplen) || host_cpus(c, &n_cpus) ||
        live_vcpus(c->daemon->host, g, &v, &n, &c->err))
        return CALL_FAILED;
    size_t maplen = (size_t)args->maplen, max = (size_t)args->maxinfo;
    ret->cpumaps = maplen ? mem_new(max * maplen + 1, 1) : NULL;
    for (size_t i = 0; i < n && i < max; i++) {
        struct wire_vcpu_info info = {.number = v[i].number,
                                      .state = vcpu_state(&v[i]),
                                      .cpu_time = v[i].cpu_ns,
                                      .cpu = v[i].cpu == UINT32_MAX ? -1 : (int)v[i].cpu};
        VEC_PUSH(ret->info, ret->n_info, info);
        put_map(ret->cpumaps + i * maplen, maplen, v[i].hard, v[i].map_len, n_cpus);
    }
    ret->n_cpumaps = ret->n_info * maplen;
    hv_vcpus_free(v, n);
    return CALL_DONE;
}

static int do_vcpu_pin_info(struct call *c)
{
    const struct wire_domain_get_vcpu_pin_info_args *args = c->args;
    struct wire_domain_get_vcpu_pin_info_ret *ret = c->ret;
    uint32_t n, n_cpus;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || check_maps(c, args->ncpumaps, args->maplen) || host_cpus(c, &n_cpus) ||
        guest_vcpus(g, true, args->flags, &n, &c->err))
        return CALL_FAILED;
    size_t maplen = (size_t)args->maplen;
    if (n > (uint32_t)args->ncpumaps)
        n = (uint32_t)args->ncpumaps;
    ret->cpumaps = mem_new(n * maplen + 1, 1);
    for (uint32_t i = 0; i < n; i++)
        if (guest_vcpu_pin(g, i, args->flags, ret->cpumaps + i * maplen, maplen, &c->err))
            return CALL_FAILED;
    for (size_t i = 0; i < n * maplen; i++) /* "all" is those that the host has */
        for (size_t bit = i % maplen * 8; bit < (i % maplen + 1) * 8; bit++)
            if (bit >= n_cpus)
                ret->cpumaps[i] &= (uint8_t) ~(1U << bit % 8);
    ret->n_cpumaps = n * maplen;
    ret->num = (int)n;
    return CALL_DONE;
}

/* --- messages --- */

static int do_messages(struct call *c)
{
    const struct wire_domain_get_messages_args *args = c->args;
    return call_guest(c, &args->dom) ? CALL_DONE : CALL_FAILED;
}

enum { MESSAGES_FLAGS = 7 };

static const struct handler rows[] = {
    {WIRE_DOMAIN_IS_ACTIVE, do_is_active},
    {WIRE_DOMAIN_IS_PERSISTENT, do_is_persistent},
    {WIRE_DOMAIN_IS_UPDATED, do_is_updated},
    {WIRE_DOMAIN_GET_AUTOSTART, do_autostart},
    {WIRE_DOMAIN_GET_AUTOSTART_ONCE, do_start_once},
    {WIRE_DOMAIN_HAS_MANAGED_SAVE_IMAGE, do_has_managed_save},
    {WIRE_DOMAIN_GET_STATE, do_state},
    {WIRE_DOMAIN_GET_INFO, do_info},
    {WIRE_DOMAIN_GET_MAX_MEMORY, do_max_memory},
    {WIRE_DOMAIN_GET_MAX_VCPUS, do_max_vcpus},
    {WIRE_DOMAIN_GET_OS_TYPE, do_os_type},
    {WIRE_DOMAIN_GET_VCPUS, do_vcpus},
    {WIRE_DOMAIN_GET_VCPUS_FLAGS, do_vcpus_flags, AFFECTS | MAXIMUM},
    {WIRE_DOMAIN_GET_VCPU_PIN_INFO, do_vcpu_pin_info, AFFECTS},
    {WIRE_DOMAIN_GET_MESSAGES, do_messages, MESSAGES_FLAGS},
};
const struct handlers do_info_handlers = HANDLERS(rows);
