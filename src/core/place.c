/* Where a guest's virtual CPUs run, beyond what each is bound to: its CPU pool, and the CPUs that
 * all of them prefer. */
#include "affect.h"
#include "model/cpuset.h"

enum { POOL_NAME_MAX = 64 };
static const char all_cpus[] = "all", usual_pool[] = "Pool-0";

/* ---- pools ---- */
int guest_pool(struct guest *g, unsigned affect, char **ret, struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    if (d == g->live)
        return g->host->ops->cpupool(g->host->hv, g->domid, ret, e);
    *ret = mem_str(str_empty(d->pool) ? usual_pool : d->pool);
    return 0;
}

static int apply_pool(struct domain *d, const struct edit *x, struct err *e)
{
    str_set(&d->pool, x->text);
    return 0;
}

/* NULL where the configuration leaves it to Xen. */
static const uint8_t *wanted(const struct domain *d, uint32_t vcpu, bool is_soft,
                             uint8_t map[CPUSET_MAX / 8])
{
    struct cpuset s;
    const char *list = domain_cpus(d, vcpu, is_soft);
    if (str_empty(list) || !cpuset_parse(list, &s))
        return NULL;
    cpuset_bytes(&s, map);
    return map;
}

/* Xen lets all vcpus of a guest that moves run on every CPU of the new pool: they are bound again.
 * One that has none of its CPUs there stays unbound, which is no reason to undo the move. */
static void bind_again(struct guest *g, const char *pool)
{
    uint8_t map[CPUSET_MAX / 8];
    for (uint32_t v = 0; v < num_or(g->live->vcpus_max, 1); v++)
        for (int is_soft = 0; is_soft < 2; is_soft++) {
            struct err e = {0};
            const uint8_t *cpus = wanted(g->live, v, is_soft, map);
            if (cpus && g->host->ops->pin(g->host->hv, g->domid, v, is_soft ? NULL : cpus,
                                          is_soft ? cpus : NULL, sizeof(map), &e))
                host_log(g->host, LOG_WARN,
                         "domain '%s': vcpu %u is not bound to its %sCPUs in pool '%s': %s",
                         g->name, v, is_soft ? "preferred " : "", pool, e.msg);
        }
}

static int run_pool(struct guest *g, const struct edit *x, struct err *e)
{
    if (g->host->ops->set_cpupool(g->host->hv, g->domid, x->text, e))
        return wrap(e, "domain '%s'", g->name);
    bind_again(g, x->text);
    return 0;
}

int guest_set_pool(struct guest *g, const char *name, unsigned affect, struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_pool, .run = run_pool, .text = name};
    if (str_empty(name) || strlen(name) > POOL_NAME_MAX)
        return fail(e, ERR_INVALID_ARG, "a CPU pool's name has 1 to %d letters", POOL_NAME_MAX);
    return affect_resolve(g, affect, &a, e) ? -1 : guest_edit(g, a, &x, e);
}

/* ---- preferred CPUs ---- */
int guest_soft_cpus(struct guest *g, unsigned affect, char **ret, struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    *ret = mem_str(str_empty(d->cpus_soft) ? all_cpus : d->cpus_soft);
    return 0;
}

static int apply_soft(struct domain *d, const struct edit *x, struct err *e)
{
    str_set(&d->cpus_soft, x->text);
    for (size_t i = 0; i < d->n_pins; i++)
        free(take(d->pins[i].soft));
    return 0;
}

static int run_soft(struct guest *g, const struct edit *x, struct err *e)
{
    uint8_t map[CPUSET_MAX / 8];
    cpuset_bytes(x->value, map);
    for (uint32_t v = 0; v < num_or(g->live->vcpus_max, 1); v++)
        if (g->host->ops->pin(g->host->hv, g->domid, v, NULL, map, sizeof(map), e))
            return wrap(e, "domain '%s'", g->name);
    return 0;
}

int guest_set_soft_cpus(struct guest *g, const char *list, unsigned affect, struct err *e)
{
    struct affect a;
    struct cpuset s;
    bool is_all = str_eq(list, all_cpus);
    CLEANUP_FREE char *text = is_all ? NULL : cpuset_canonical(list);
    struct edit x = {
        .apply = apply_soft, .run = run_soft, .text = text, .value = is_all ? NULL : &s};
    if (!is_all && (!text || !cpuset_parse(text, &s) || !cpuset_count(&s)))
        return fail(e, ERR_INVALID_ARG, "'%s' is no list of CPUs, nor 'all'", list ? list : "");
    return affect_resolve(g, affect, &a, e) ? -1 : guest_edit(g, a, &x, e);
}
