/* The scheduler's parameters of a running guest. */
#include "base/mem.h"
#include "base/str.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

enum { AFFECTS = AFFECT_LIVE | AFFECT_CONFIG };

/* What each scheduler of Xen takes, in the order that clients know; times in microseconds. */
static const struct param {
    const char *field, *schedulers; /* parted by blanks */
    size_t offset;                  /* of a num of struct sched */
    uint32_t least, most, usual;
} params[] = {
    {"weight", "credit credit2", offsetof(struct sched, weight), 1, 65535, 256},
    {"cap", "credit credit2", offsetof(struct sched, cap), 0, 65535, 0},
    {"period", "rtds", offsetof(struct sched, period), 100, 3600000000, 10000},
    {"budget", "rtds", offsetof(struct sched, budget), 100, 3600000000, 4000},
};
enum { N_PARAMS = sizeof(params) / sizeof(*params) };

/* What every scheduler of Xen works within; for clients that know texts. */
static const struct text_param {
    const char *field;
    int (*get)(struct guest *g, unsigned affect, char **ret, struct err *e);
    int (*set)(struct guest *g, const char *text, unsigned affect, struct err *e);
} texts[] = {
    {"cpupool", guest_pool, guest_set_pool},
    {"soft_cpus", guest_soft_cpus, guest_set_soft_cpus},
};
enum { N_TEXTS = sizeof(texts) / sizeof(*texts) };

static bool is_of(const struct param *p, const char *scheduler)
{
    CLEANUP_FREE char *words = mem_str(p->schedulers);
    char *rest = words, *word;
    while ((word = strsep(&rest, " ")))
        if (str_eq(word, scheduler))
            return true;
    return false;
}

static struct num *num_of(struct sched *s, const struct param *p)
{
    return (struct num *)(void *)((char *)s + p->offset);
}

/* The host's; caller frees with free. */
static char *scheduler(struct call *c)
{
    struct hv_host h = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return NULL;
    char *name = mem_str(h.scheduler ? h.scheduler : "credit2");
    hv_host_clear(&h);
    return name;
}

static int do_type(struct call *c)
{
    const struct wire_domain_get_scheduler_type_args *args = c->args;
    struct wire_domain_get_scheduler_type_ret *ret = c->ret;
    if (!call_guest(c, &args->dom) || !(ret->type = scheduler(c)))
        return CALL_FAILED;
    for (size_t i = 0; i < N_PARAMS; i++)
        ret->nparams += is_of(&params[i], ret->type);
    ret->nparams += N_TEXTS;
    return CALL_DONE;
}

/* No room asks for nothing here: the number of parameters is told by GET_SCHEDULER_TYPE. What a
 * definition leaves open is what Xen will take. */
static int get_texts(struct call *c, struct guest *g, unsigned affect,
                     struct wire_typed_param **ret, size_t *n)
{
    for (size_t i = 0; i < N_TEXTS; i++) {
        CLEANUP_FREE char *text = NULL;
        if (texts[i].get(g, affect, &text, &c->err))
            return CALL_FAILED;
        wire_param_add_string(ret, n, texts[i].field, text);
    }
    return CALL_DONE;
}

static int get(struct call *c, const struct wire_domain *dom, int room, unsigned affect,
               struct wire_typed_param **ret, size_t *n)
{
    struct sched s = {0};
    struct guest *g = call_guest(c, dom);
    if (!g)
        return CALL_FAILED;
    if (room < 1)
        return fail(&c->err, ERR_INVALID_ARG, "there is no room for a parameter");
    CLEANUP_FREE char *name = guest_sched(g, affect, &s, &c->err) ? NULL : scheduler(c);
    if (!name)
        return CALL_FAILED;
    for (size_t i = 0; i < N_PARAMS; i++)
        if (is_of(&params[i], name))
            wire_param_add_uint(ret, n, params[i].field,
                                (uint32_t)num_or(*num_of(&s, &params[i]), params[i].usual));
    if (call_flags(c) & VIR_TYPED_PARAM_STRING_OKAY && get_texts(c, g, affect, ret, n))
        return CALL_FAILED;
    if (*n > (size_t)room)
        wire_params_cut(*ret, n, (size_t)room);
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
               const struct wire_typed_param *given, size_t n)
{
    struct wire_param_rule rules[N_PARAMS + N_TEXTS];
    size_t n_rules = 0;
    bool has_numbers = !n;
    struct sched s = {0};
    struct guest *g = call_guest(c, dom);
    CLEANUP_FREE char *name = g ? scheduler(c) : NULL;
    for (size_t i = 0; name && i < N_PARAMS; i++)
        if (is_of(&params[i], name))
            rules[n_rules++] = (struct wire_param_rule){params[i].field, VIR_TYPED_PARAM_UINT};
    for (size_t i = 0; i < N_TEXTS; i++)
        rules[n_rules++] = (struct wire_param_rule){texts[i].field, VIR_TYPED_PARAM_STRING};
    if (!name || wire_params_check(given, n, rules, n_rules, &c->err))
        return CALL_FAILED;
    for (size_t i = 0; i < N_PARAMS; i++) {
        uint64_t v;
        if (!wire_param_u64(given, n, params[i].field, &v))
            continue;
        if (v < params[i].least || v > params[i].most)
            return fail(&c->err, ERR_INVALID_ARG, "a %s is %u to %u", params[i].field,
                        params[i].least, params[i].most);
        *num_of(&s, &params[i]) = NUM(v);
        has_numbers = true;
    }
    if (has_numbers && guest_set_sched(g, &s, affect, &c->err))
        return CALL_FAILED;
    for (size_t i = 0; i < N_TEXTS; i++) {
        const char *text = wire_param_string(given, n, texts[i].field);
        if (text && texts[i].set(g, text, affect, &c->err))
            return CALL_FAILED;
    }
    return CALL_DONE;
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
