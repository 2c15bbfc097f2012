/* What a guest's interface may send. Xen limits no more than that: neither what it receives, nor
 * peaks. */
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "daemon/stats.h"
#include "wire/consts.h"
#include "wire/param.h"

enum { AFFECTS = AFFECT_LIVE | AFFECT_CONFIG };

static const struct wire_param_rule rules[] = {
    {"inbound.average", VIR_TYPED_PARAM_UINT},  {"inbound.peak", VIR_TYPED_PARAM_UINT},
    {"inbound.burst", VIR_TYPED_PARAM_UINT},    {"inbound.floor", VIR_TYPED_PARAM_UINT},
    {"outbound.average", VIR_TYPED_PARAM_UINT}, {"outbound.peak", VIR_TYPED_PARAM_UINT},
    {"outbound.burst", VIR_TYPED_PARAM_UINT},
};
enum { N_RULES = sizeof(rules) / sizeof(*rules) };
#define AVERAGE "outbound.average"

static int do_get(struct call *c)
{
    const struct wire_domain_get_interface_parameters_args *args = c->args;
    struct wire_domain_get_interface_parameters_ret *ret = c->ret;
    unsigned affect = args->flags & AFFECTS;
    struct guest *g = call_guest(c, &args->dom);
    const struct nic *n = g ? stats_find_nic(g, args->device, affect, &c->err) : NULL;
    if (!n)
        return CALL_FAILED;
    ret->nparams = N_RULES;
    for (size_t i = 0; args->nparams && i < N_RULES; i++) {
        bool is_set = str_eq(rules[i].field, AVERAGE);
        wire_param_add_uint(&ret->params, &ret->n_params, rules[i].field,
                            is_set ? (uint32_t)num_or(n->out.average, 0) : 0);
    }
    if (args->nparams > 0 && ret->n_params > (size_t)args->nparams)
        wire_params_cut(ret->params, &ret->n_params, (size_t)args->nparams);
    if (args->nparams)
        ret->nparams = (int)ret->n_params;
    return CALL_DONE;
}

static int check_others(const struct wire_typed_param *p, size_t n, struct err *e)
{
    for (size_t i = 0; i < N_RULES; i++) {
        uint64_t value = 0;
        if (!str_eq(rules[i].field, AVERAGE) && wire_param_u64(p, n, rules[i].field, &value) &&
            value)
            return fail(e, ERR_OPERATION_UNSUPPORTED,
                        "'%s': Xen limits the average of what a guest sends, nothing else",
                        rules[i].field);
    }
    return 0;
}

static int do_set(struct call *c)
{
    const struct wire_domain_set_interface_parameters_args *args = c->args;
    uint64_t kib;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || wire_params_check(args->params, args->n_params, rules, N_RULES, &c->err) ||
        check_others(args->params, args->n_params, &c->err))
        return CALL_FAILED;
    const struct nic *n = stats_find_nic(g, args->device, 0, &c->err);
    if (!n)
        return CALL_FAILED;
    if (!wire_param_u64(args->params, args->n_params, AVERAGE, &kib))
        return CALL_DONE;
    uint8_t mac[6];
    memcpy(mac, n->mac.b, sizeof(mac));
    return guest_set_nic_rate(g, mac, (uint32_t)kib, args->flags & AFFECTS, &c->err) ? CALL_FAILED
                                                                                     : CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_INTERFACE_PARAMETERS, do_get, AFFECTS | VIR_TYPED_PARAM_STRING_OKAY},
    {WIRE_DOMAIN_SET_INTERFACE_PARAMETERS, do_set, AFFECTS},
};
const struct handlers do_rate_handlers = HANDLERS(rows);
