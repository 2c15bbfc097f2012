/* Where a guest runs on the host: NUMA nodes, single virtual CPUs, the CPUs of its device model;
 * and what the daemon can do with it now. */
#include "base/mem.h"
#include "base/str.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "daemon/live.h"
#include "model/cpuset.h"
#include "wire/consts.h"
#include "wire/param.h"

enum { NODES_BYTES = 8, MAP_BYTES = CPUSET_MAX / 8, NUMA_PARAMS = 2 };

static void bits_to_set(const uint8_t *map, size_t len, struct cpuset *ret)
{
    *ret = (struct cpuset){0};
    for (size_t i = 0; i < len * 8 && i < CPUSET_MAX; i++)
        if (map[i / 8] >> i % 8 & 1)
            ret->bits[i / 64] |= (uint64_t)1 << i % 64;
}

static void set_to_bits(const struct cpuset *set, uint8_t *map, size_t len)
{
    memset(map, 0, len);
    for (unsigned i = 0; i < len * 8 && i < CPUSET_MAX; i++)
        if (cpuset_has(set, i))
            map[i / 8] |= (uint8_t)(1 << i % 8);
}

/* --- NUMA nodes --- */

static int do_numa(struct call *c)
{
    const struct wire_domain_get_numa_parameters_args *args = c->args;
    struct wire_domain_get_numa_parameters_ret *ret = c->ret;
    struct host *h = c->daemon->host;
    uint8_t map[NODES_BYTES];
    struct cpuset nodes;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g || host_ops(h)->numa(host_hv(h), (uint32_t)guest_domid(g), map, sizeof(map), &c->err))
        return CALL_FAILED;
    if (!args->nparams) {
        ret->nparams = NUMA_PARAMS;
        return CALL_DONE;
    }
    bits_to_set(map, sizeof(map), &nodes);
    CLEANUP_FREE char *text = cpuset_format(&nodes);
    wire_param_add_int(&ret->params, &ret->n_params, "numa_mode",
                       VIR_DOMAIN_NUMATUNE_MEM_INTERLEAVE);
    wire_param_add_string(&ret->params, &ret->n_params, "numa_nodeset", text);
    if (!(args->flags & VIR_TYPED_PARAM_STRING_OKAY))
        wire_params_drop_strings(ret->params, &ret->n_params);
    if (ret->n_params > (size_t)args->nparams)
        wire_params_cut(ret->params, &ret->n_params, (size_t)args->nparams);
    ret->nparams = (int)ret->n_params;
    return CALL_DONE;
}

static const struct wire_param_rule numa_rules[] = {
    {"numa_mode", VIR_TYPED_PARAM_INT},
    {"numa_nodeset", VIR_TYPED_PARAM_STRING},
};

static int check_nodes(struct host *h, const struct cpuset *nodes, struct err *e)
{
    struct hv_host info = {0};
    if (host_ops(h)->host(host_hv(h), &info, e))
        return -1;
    unsigned n = info.n_nodes > 1 ? (unsigned)info.n_nodes : 1;
    hv_host_clear(&info);
    for (unsigned i = n; i < CPUSET_MAX; i++)
        if (cpuset_has(nodes, i) && n == 1)
            return fail(e, ERR_INVALID_ARG, "this host has node 0 only, not %u", i);
        else if (cpuset_has(nodes, i))
            return fail(e, ERR_INVALID_ARG, "this host has nodes 0 to %u only, not %u", n - 1, i);
    return 0;
}

/* Memory that the guest gets from now on; what it has stays where it is. */
static int do_set_numa(struct call *c)
{
    const struct wire_domain_set_numa_parameters_args *args = c->args;
    struct host *h = c->daemon->host;
    uint64_t mode = VIR_DOMAIN_NUMATUNE_MEM_INTERLEAVE;
    uint8_t map[NODES_BYTES];
    struct cpuset nodes;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g || wire_params_check(args->params, args->n_params, numa_rules, NUMA_PARAMS, &c->err))
        return CALL_FAILED;
    (void)wire_param_u64(args->params, args->n_params, "numa_mode", &mode);
    const char *text = wire_param_string(args->params, args->n_params, "numa_nodeset");
    if (mode != VIR_DOMAIN_NUMATUNE_MEM_INTERLEAVE)
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "Xen spreads memory over the nodes: only the mode 'interleave' is possible");
    if (!text)
        return CALL_DONE;
    if (!cpuset_parse(text, &nodes) || !cpuset_count(&nodes))
        return fail(&c->err, ERR_INVALID_ARG, "'%s' is no list of nodes", text);
    if (check_nodes(h, &nodes, &c->err))
        return CALL_FAILED;
    set_to_bits(&nodes, map, sizeof(map));
    return host_ops(h)->set_numa(host_hv(h), (uint32_t)guest_domid(g), map, sizeof(map), &c->err)
               ? CALL_FAILED
               : CALL_DONE;
}

/* --- its device model --- */

static int do_emulator(struct call *c)
{
    const struct wire_domain_get_emulator_pin_info_args *args = c->args;
    struct wire_domain_get_emulator_pin_info_ret *ret = c->ret;
    struct host *h = c->daemon->host;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->maplen < 0 || args->maplen > WIRE_CPUMAPS_MAX)
        return fail(&c->err, ERR_RPC, "a map cannot have %d bytes", args->maplen);
    size_t len = (size_t)args->maplen;
    ret->cpumaps = mem_new(len + 1, 1);
    if (host_ops(h)->emulator_pin(host_hv(h), (uint32_t)guest_domid(g), ret->cpumaps, len, &c->err))
        return CALL_FAILED;
    ret->n_cpumaps = len;
    ret->ret = 1;
    return CALL_DONE;
}

static int do_pin_emulator(struct call *c)
{
    const struct wire_domain_pin_emulator_args *args = c->args;
    struct host *h = c->daemon->host;
    struct cpuset s;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    bits_to_set(args->cpumap, args->n_cpumap, &s);
    if (!cpuset_count(&s))
        return fail(&c->err, ERR_INVALID_ARG, "a device model needs a CPU");
    return host_ops(h)->set_emulator_pin(host_hv(h), (uint32_t)guest_domid(g), args->cpumap,
                                         args->n_cpumap, &c->err)
               ? CALL_FAILED
               : CALL_DONE;
}

/* --- single virtual CPUs --- */

static int set_vcpus(struct call *c, const struct wire_domain *dom, const char *list, int state,
                     unsigned affect)
{
    struct cpuset s;
    struct guest *g = call_guest(c, dom);
    if (!g)
        return CALL_FAILED;
    if (state != 0 && state != 1)
        return fail(&c->err, ERR_INVALID_ARG, "a vcpu is on (1) or off (0), not %d", state);
    if (!cpuset_parse(list, &s) || !cpuset_count(&s))
        return fail(&c->err, ERR_INVALID_ARG, "'%s' is no list of vcpus", list);
    return guest_switch_vcpus(g, &s, state, affect, call_guest_done, c, &c->err) ? CALL_FAILED
                                                                                 : CALL_LATER;
}

static int do_set_vcpu(struct call *c)
{
    const struct wire_domain_set_vcpu_args *args = c->args;
    return set_vcpus(c, &args->dom, args->cpumap, args->state, args->flags);
}

static int do_set_guest_vcpus(struct call *c)
{
    const struct wire_domain_set_guest_vcpus_args *args = c->args;
    return set_vcpus(c, &args->dom, args->cpumap, args->state, AFFECT_LIVE);
}

/* Xen has no agent for this: what it plugs is what the guest sees. */
static int do_guest_vcpus(struct call *c)
{
    const struct wire_domain_get_guest_vcpus_args *args = c->args;
    struct wire_domain_get_guest_vcpus_ret *ret = c->ret;
    struct cpuset all = {0}, online = {0}, offlinable = {0};
    struct hv_vcpu *v;
    size_t n;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g || live_vcpus(c->daemon->host, g, &v, &n, &c->err))
        return CALL_FAILED;
    for (size_t i = 0; i < n && i < CPUSET_MAX; i++) {
        uint64_t bit = (uint64_t)1 << i % 64;
        all.bits[i / 64] |= bit;
        online.bits[i / 64] |= v[i].is_online ? bit : 0;
        offlinable.bits[i / 64] |= v[i].is_online && i ? bit : 0;
    }
    hv_vcpus_free(v, n);
    const struct {
        const char *name;
        const struct cpuset *set;
    } lists[] = {{"vcpus", &all}, {"online", &online}, {"offlinable", &offlinable}};
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        CLEANUP_FREE char *text = cpuset_format(lists[i].set);
        wire_param_add_string(&ret->params, &ret->n_params, lists[i].name, text);
    }
    return CALL_DONE;
}

/* --- what can be done with it now --- */

static int do_control(struct call *c)
{
    const struct wire_domain_get_control_info_args *args = c->args;
    struct wire_domain_get_control_info_ret *ret = c->ret;
    struct guest_job_info j;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    ret->state = VIR_DOMAIN_CONTROL_OK;
    if (guest_job_info(g, &j)) {
        ret->state = VIR_DOMAIN_CONTROL_JOB;
        ret->stateTime = j.elapsed_ms;
    }
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_NUMA_PARAMETERS, do_numa, AFFECT_LIVE | VIR_TYPED_PARAM_STRING_OKAY},
    {WIRE_DOMAIN_SET_NUMA_PARAMETERS, do_set_numa, AFFECT_LIVE},
    {WIRE_DOMAIN_GET_EMULATOR_PIN_INFO, do_emulator, AFFECT_LIVE},
    {WIRE_DOMAIN_PIN_EMULATOR, do_pin_emulator, AFFECT_LIVE},
    {WIRE_DOMAIN_SET_VCPU, do_set_vcpu, AFFECT_LIVE | AFFECT_CONFIG},
    {WIRE_DOMAIN_GET_GUEST_VCPUS, do_guest_vcpus},
    {WIRE_DOMAIN_SET_GUEST_VCPUS, do_set_guest_vcpus},
    {WIRE_DOMAIN_GET_CONTROL_INFO, do_control},
};
const struct handlers do_place_handlers = HANDLERS(rows);
