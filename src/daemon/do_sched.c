/* The scheduler's parameters of a running guest. */
#include "base/mem.h"
#include "base/str.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

enum { WEIGHT_MAX = 65535, CAP_MAX = 65535, AFFECTS = AFFECT_LIVE | AFFECT_CONFIG };

static const struct wire_param_rule rules[] = {
    {"weight", VIR_TYPED_PARAM_UINT},
    {"cap", VIR_TYPED_PARAM_UINT},
};
enum { N_RULES = sizeof(rules) / sizeof(*rules) };

static int do_type(struct call *c)
{
    const struct wire_domain_get_scheduler_type_args *args = c->args;
    struct wire_domain_get_scheduler_type_ret *ret = c->ret;
    struct hv_host h = {0};
    if (!call_guest(c, &args->dom) ||
        host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    ret->type = mem_str(h.scheduler ? h.scheduler : "credit2");
    ret->nparams = str_starts(ret->type, "credit") ? N_RULES : 0;
    hv_host_clear(&h);
    return CALL_DONE;
}

/* No room asks for nothing here: the number of parameters is told by GET_SCHEDULER_TYPE. */
static int get(struct call *c, const struct wire_domain *dom, int room, unsigned affect,
               struct wire_typed_param **params, size_t *n)
{
    struct sched s = {0};
    struct guest *g = call_guest(c, dom);
    if (!g)
        return CALL_FAILED;
    if (room < 1)
        return fail(&c->err, ERR_INVALID_ARG, "there is no room for a parameter");
    if (guest_sched(g, affect, &s, &c->err))
        return CALL_FAILED;
    if (s.weight.set)
        wire_param_add_uint(params, n, "weight", (uint32_t)s.weight.v);
    if (s.cap.set)
        wire_param_add_uint(params, n, "cap", (uint32_t)s.cap.v);
    if (*n > (size_t)room)
        wire_params_cut(*params, n, (size_t)room);
    return CALL_DONE;
}

static int do_get(struct call *c)
{
    const struct wire_domain_get_scheduler_parameters_args *args = c->args;
    struct wire_domain_get_scheduler_parameters_ret *ret = c->ret;
    return get(c, &args->dom, args->nparams, AFFECT_LIVE, &ret->params, &ret->n_params);
}

static int do_get_flags(struct call *c)
{
    const struct wire_domain_get_scheduler_parameters_flags_args *args = c->args;
    struct wire_domain_get_scheduler_parameters_flags_ret *ret = c->ret;
    return get(c, &args->dom, args->nparams, args->flags & AFFECTS, &ret->params, &ret->n_params);
}

static int set(struct call *c, const struct wire_domain *dom, unsigned affect,
               const struct wire_typed_param *params, size_t n)
{
    struct sched s = {0};
    uint64_t weight, cap;
    struct guest *g = call_guest(c, dom);
    if (!g || wire_params_check(params, n, rules, N_RULES, &c->err))
        return CALL_FAILED;
    if (wire_param_u64(params, n, "weight", &weight)) {
        if (!weight || weight > WEIGHT_MAX)
            return fail(&c->err, ERR_INVALID_ARG, "a weight is 1 to %d", WEIGHT_MAX);
        s.weight = NUM(weight);
    }
    if (wire_param_u64(params, n, "cap", &cap)) {
        if (cap > CAP_MAX)
            return fail(&c->err, ERR_INVALID_ARG, "a cap is 0 to %d", CAP_MAX);
        s.cap = NUM(cap);
    }
    return guest_set_sched(g, &s, affect, &c->err) ? CALL_FAILED : CALL_DONE;
}

static int do_set(struct call *c)
{
    const struct wire_domain_set_scheduler_parameters_args *args = c->args;
    return set(c, &args->dom, AFFECT_LIVE, args->params, args->n_params);
}

static int do_set_flags(struct call *c)
{
    const struct wire_domain_set_scheduler_parameters_flags_args *args = c->args;
    return set(c, &args->dom, args->flags, args->params, args->n_params);
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_SCHEDULER_TYPE, do_type},
    {WIRE_DOMAIN_GET_SCHEDULER_PARAMETERS, do_get},
    {WIRE_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, do_get_flags,
     AFFECTS | VIR_TYPED_PARAM_STRING_OKAY},
    {WIRE_DOMAIN_SET_SCHEDULER_PARAMETERS, do_set},
    {WIRE_DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS, do_set_flags, AFFECTS},
};
const struct handlers do_sched_handlers = HANDLERS(rows);
