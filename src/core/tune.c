/* Memory, CPUs, scheduling, triggers and what follows a guest's end. */
#include "tune.h"

#include "affect.h"
#include "model/cpuset.h"

/* ---- memory ---- */
static int apply_memory(struct domain *d, const struct edit *x, struct err *e)
{
    int64_t kib = (int64_t)x->number, max = num_or(d->memory_max_kib, 0);
    if (!x->maximum && kib > max)
        return fail(e, ERR_INVALID_ARG, "cannot set memory higher than max memory");
    if (x->maximum)
        d->memory_max_kib = NUM(kib);
    if (!x->maximum || num_or(d->memory_kib, max) > kib)
        d->memory_kib = NUM(kib);
    return 0;
}

static int run_memory(struct guest *g, const struct edit *x, struct err *e)
{
    const struct hv_ops *ops = g->host->ops;
    int r = x->maximum ? ops->set_memory_max(g->host->hv, g->domid, x->number, e)
                       : ops->set_memory(g->host->hv, g->domid, x->number, e);
    if (r)
        return wrap(e, "memory of domain '%s'", g->name);
    if (!x->maximum)
        guest_tell_balloon(g, x->number);
    return 0;
}

void guest_tell_balloon(struct guest *g, uint64_t kib)
{
    struct event ev = {.id = EVENT_BALLOON_CHANGE,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .number = kib};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
}

int guest_set_memory(struct guest *g, uint64_t kib, bool maximum, unsigned affect, struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_memory, .run = run_memory, .number = kib, .maximum = maximum};
    if (!kib || kib > INT64_MAX / 1024)
        return fail(e, ERR_INVALID_ARG, "a guest cannot have %llu KiB", (unsigned long long)kib);
    return affect_resolve(g, affect, &a, e) ? -1 : guest_edit(g, a, &x, e);
}

/* ---- vcpus ---- */
enum { VCPUS_MAX = 4096 };

static int apply_vcpus(struct domain *d, const struct edit *x, struct err *e)
{
    int64_t n = (int64_t)x->number, max = num_or(d->vcpus_max, 1);
    if (!x->maximum && n > max)
        return fail(e, ERR_INVALID_ARG,
                    "requested vcpus is greater than max allowable vcpus for the domain: "
                    "%lld > %lld",
                    (long long)n, (long long)max);
    if (x->maximum)
        d->vcpus_max = NUM(n);
    if (!x->maximum || num_or(d->vcpus, max) > n)
        d->vcpus = NUM(n);
    return 0;
}

/* The first ones, or those of a bitmap (in xml). */
static int begin_vcpus(struct job *j, struct err *e)
{
    uint8_t map[VCPUS_MAX / 8] = {0};
    size_t len = j->xml ? j->xml_len : (j->number + 7) / 8;
    for (uint32_t i = 0; !j->xml && i < j->number; i++)
        map[i / 8] |= (uint8_t)(1 << i % 8);
    if (j->xml)
        memcpy(map, j->xml, len);
    return j->host->ops->set_vcpus(j->host->hv, j->domid, map, len, &j->wait, e);
}

static void end_vcpus(struct job *j)
{
    struct guest *g = j->guest;
    struct edit x = {.apply = apply_vcpus, .number = j->number};
    if (j->err.code || g->domid != j->domid) {
        wrap(&j->err, "vcpus of domain '%s'", g->name);
        return;
    }
    if (!guest_edit_live(g, &x, &j->err) && j->in_config && g->def)
        guest_edit_config(g, &x, &j->err);
}

static const struct job_kind job_vcpus = {
    .name = "set vcpus", .begin = begin_vcpus, .end = end_vcpus};

static int check_vcpus(const struct guest *g, struct affect a, const struct edit *x, struct err *e)
{
    const struct domain *from[] = {a.live ? g->live : NULL, a.config ? g->def : NULL};
    if (a.live && x->maximum)
        return fail(e, ERR_INVALID_ARG, "cannot set the maximum of vcpus of a running domain");
    for (size_t i = 0; i < 2; i++) {
        CLEANUP_DOMAIN struct domain *d = from[i] ? domain_copy(from[i]) : NULL;
        if (d && x->apply(d, x, e))
            return -1;
    }
    return 0;
}

int guest_set_vcpus(struct guest *g, uint32_t n, bool maximum, unsigned affect, guest_done *done,
                    void *arg, struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_vcpus, .number = n, .maximum = maximum};
    if (!n || n > VCPUS_MAX)
        return fail(e, ERR_INVALID_ARG, "a guest cannot have %u vcpus", n);
    if (affect_resolve(g, affect, &a, e) || check_vcpus(g, a, &x, e))
        return -1;
    if (!a.live)
        return guest_edit_config(g, &x, e) ? -1 : guest_tell_later(g, done, arg);
    if (guest_check_idle(g, e))
        return -1;
    struct job *j = job_new(g, &job_vcpus, done, arg);
    j->number = n;
    j->in_config = a.config;
    return job_run(j, e);
}

/* What is online now, changed; *ret_n counts what will be. */
static int switched(struct guest *g, const struct cpuset *which, bool on, uint8_t *map, size_t *len,
                    uint32_t *ret_n, struct err *e)
{
    struct hv_vcpu *v;
    size_t n;
    if (g->host->ops->vcpus(g->host->hv, g->domid, &v, &n, e))
        return wrap(e, "domain '%s'", g->name);
    *ret_n = 0;
    *len = (n + 7) / 8;
    for (size_t i = 0; i < n && i < VCPUS_MAX; i++) {
        bool is_on = cpuset_has(which, (unsigned)i) ? on : v[i].is_online;
        map[i / 8] |= (uint8_t)(is_on << i % 8);
        *ret_n += is_on;
    }
    hv_vcpus_free(v, n);
    for (unsigned i = (unsigned)n; i < CPUSET_MAX; i++)
        if (cpuset_has(which, i))
            return fail(e, ERR_INVALID_ARG, "domain '%s' has no vcpu %u", g->name, i);
    return map[0] & 1 ? 0 : fail(e, ERR_INVALID_ARG, "vcpu 0 cannot be switched off");
}

int guest_switch_vcpus(struct guest *g, const struct cpuset *which, bool on, unsigned affect,
                       guest_done *done, void *arg, struct err *e)
{
    struct affect a;
    uint8_t map[VCPUS_MAX / 8] = {0};
    size_t len = 0;
    uint32_t n = 0;
    if (affect_resolve(g, affect, &a, e))
        return -1;
    if (a.config)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "a definition says how many vcpus are on, not which");
    if (guest_check_idle(g, e) || switched(g, which, on, map, &len, &n, e))
        return -1;
    struct job *j = job_new(g, &job_vcpus, done, arg);
    j->number = n;
    j->xml = (char *)mem_dup(map, len);
    j->xml_len = len;
    return job_run(j, e);
}

int guest_vcpus(struct guest *g, bool maximum, unsigned affect, uint32_t *ret, struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    int64_t max = num_or(d->vcpus_max, 1);
    *ret = (uint32_t)(maximum ? max : num_or(d->vcpus, max));
    return 0;
}

/* ---- pinning ---- */
static int apply_pin(struct domain *d, const struct edit *x, struct err *e)
{
    if (x->index >= num_or(d->vcpus_max, 1))
        return fail(e, ERR_INVALID_ARG, "vcpu %u is out of range", x->index);
    struct vcpu_pin *p = domain_pin_add(d, x->index);
    free(p->hard);
    p->hard = cpuset_format(x->value);
    return 0;
}

static int run_pin(struct guest *g, const struct edit *x, struct err *e)
{
    const struct cpuset *s = x->value;
    uint8_t map[CPUSET_MAX / 8];
    cpuset_bytes(s, map);
    return g->host->ops->pin(g->host->hv, g->domid, x->index, map, NULL, x->len, e)
               ? wrap(e, "domain '%s'", g->name)
               : 0;
}

/* Takes over the parameters' texts. */
static void tell_tunables(struct guest *g, const struct event_param *p, size_t n)
{
    struct event ev = {.id = EVENT_TUNABLE,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .params = mem_dup(p, n * sizeof(*p)),
                       .n_params = n};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
}

static void tell_pin(struct guest *g, uint32_t vcpu, const struct cpuset *s)
{
    struct event_param p = {mem_printf("cputune.vcpupin%u", vcpu), cpuset_format(s), 0};
    tell_tunables(g, &p, 1);
}

int guest_pin_vcpu(struct guest *g, uint32_t vcpu, const uint8_t *map, size_t len, unsigned affect,
                   struct err *e)
{
    struct cpuset s = {0};
    struct affect a;
    for (size_t i = 0; i < len * 8 && i < CPUSET_MAX; i++)
        if (map[i / 8] >> i % 8 & 1)
            s.bits[i / 64] |= (uint64_t)1 << i % 64;
    struct edit x = {.apply = apply_pin,
                     .run = run_pin,
                     .index = vcpu,
                     .value = &s,
                     .len = len < CPUSET_MAX / 8 ? len : CPUSET_MAX / 8};
    if (!cpuset_count(&s))
        return fail(e, ERR_INVALID_ARG, "a vcpu needs a CPU");
    if (affect_resolve(g, affect, &a, e) || guest_edit(g, a, &x, e))
        return -1;
    if (a.live)
        tell_pin(g, vcpu, &s);
    return 0;
}

static void set_bits(uint8_t *map, size_t len, const char *cpus)
{
    struct cpuset s;
    bool is_list = cpus && cpuset_parse(cpus, &s);
    for (size_t i = 0; i < len * 8; i++)
        if (!is_list || cpuset_has(&s, (unsigned)i))
            map[i / 8] |= (uint8_t)(1 << i % 8);
}

int guest_vcpu_pin(struct guest *g, uint32_t vcpu, unsigned affect, uint8_t *map, size_t len,
                   struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    if (vcpu >= num_or(d->vcpus_max, 1))
        return fail(e, ERR_INVALID_ARG, "vcpu %u is out of range", vcpu);
    memset(map, 0, len);
    set_bits(map, len, domain_cpus(d, vcpu, false));
    return 0;
}

/* ---- scheduling ---- */
static int apply_sched(struct domain *d, const struct edit *x, struct err *e)
{
    const struct sched *s = x->value;
    const struct {
        const struct num *from;
        struct num *to;
    } pairs[] = {{&s->weight, &d->sched.weight},   {&s->cap, &d->sched.cap},
                 {&s->period, &d->sched.period},   {&s->slice, &d->sched.slice},
                 {&s->latency, &d->sched.latency}, {&s->budget, &d->sched.budget}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if (pairs[i].from->set)
            *pairs[i].to = *pairs[i].from;
    if (s->extratime)
        d->sched.extratime = s->extratime;
    return 0;
}

static int run_sched(struct guest *g, const struct edit *x, struct err *e)
{
    return g->host->ops->set_sched(g->host->hv, g->domid, x->value, e)
               ? wrap(e, "domain '%s'", g->name)
               : 0;
}

static void tell_sched(struct guest *g, const struct sched *s)
{
    const struct {
        const char *name;
        const struct num *n;
    } rows[] = {{"cputune.weight", &s->weight}, {"cputune.cap", &s->cap}};
    struct event_param params[2];
    size_t n = 0;
    for (size_t i = 0; i < 2; i++)
        if (rows[i].n->set)
            params[n++] = (struct event_param){.name = mem_str(rows[i].name),
                                               .number = (uint64_t)rows[i].n->v};
    if (n)
        tell_tunables(g, params, n);
}

int guest_set_sched(struct guest *g, const struct sched *s, unsigned affect, struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_sched, .run = run_sched, .value = s};
    if (affect_resolve(g, affect, &a, e) || guest_edit(g, a, &x, e))
        return -1;
    if (a.live)
        tell_sched(g, s);
    return 0;
}

int guest_sched(struct guest *g, unsigned affect, struct sched *ret, struct err *e)
{
    const struct domain *d = affect_source(g, affect, e);
    if (!d)
        return -1;
    if (d == g->live)
        return g->host->ops->sched(g->host->hv, g->domid, ret, e);
    *ret = d->sched;
    return 0;
}

/* ---- interfaces ---- */
static struct nic *find_nic(const struct domain *d, const uint8_t mac[6])
{
    for (size_t i = 0; i < d->n_nics; i++)
        if (d->nics[i].mac.set && !memcmp(d->nics[i].mac.b, mac, 6))
            return &d->nics[i];
    return NULL;
}

static void set_rate(struct nic *n, uint64_t kib_per_s)
{
    n->out = (struct bandwidth){0};
    if (kib_per_s)
        n->out.average = NUM((int64_t)kib_per_s);
}

static int apply_rate(struct domain *d, const struct edit *x, struct err *e)
{
    struct nic *n = find_nic(d, x->value);
    if (!n)
        return fail(e, ERR_DEVICE_MISSING, "there is no such interface");
    free(take(n->rate));
    set_rate(n, x->number);
    return 0;
}

static int run_rate(struct guest *g, const struct edit *x, struct err *e)
{
    const struct nic *now = find_nic(g->live, x->value);
    struct nic n = *now; /* what it points to is the live one's */
    n.rate = NULL;
    set_rate(&n, x->number);
    uint32_t devid = (uint32_t)num_or(n.devid, now - g->live->nics);
    return g->host->ops->set_nic_rate(g->host->hv, g->domid, devid, &n, e)
               ? wrap(e, "domain '%s'", g->name)
               : 0;
}

int guest_set_nic_rate(struct guest *g, const uint8_t mac[6], uint32_t kib_per_s, unsigned affect,
                       struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_rate, .run = run_rate, .number = kib_per_s, .value = mac};
    if (kib_per_s > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "%u KiB/s are too many", kib_per_s);
    return affect_resolve(g, affect, &a, e) ? -1 : guest_edit(g, a, &x, e);
}

int guest_trigger(struct guest *g, enum hv_trigger t, struct err *e)
{
    if (guest_check_own(g, e) || guest_allows(g, OP_LIVE, e))
        return -1;
    return g->host->ops->trigger(g->host->hv, g->domid, t, e) ? wrap(e, "domain '%s'", g->name) : 0;
}

/* ---- what follows an end ---- */
static int apply_action(struct domain *d, const struct edit *x, struct err *e)
{
    enum lifecycle *const members[] = {&d->on_poweroff, &d->on_reboot, &d->on_crash};
    *members[x->index] = (enum lifecycle)x->number;
    return 0;
}

int guest_set_action(struct guest *g, enum guest_end end, enum lifecycle action, unsigned affect,
                     struct err *e)
{
    struct affect a;
    struct edit x = {.apply = apply_action, .index = end, .number = action};
    bool is_dump = action == LIFE_COREDUMP_DESTROY || action == LIFE_COREDUMP_RESTART;
    if (end > END_CRASH || !action || action > LIFE_SOFT_RESET || (is_dump && end != END_CRASH))
        return fail(e, ERR_INVALID_ARG, "no such action for this end of a guest");
    if (guest_check_own(g, e))
        return -1;
    return affect_resolve(g, affect, &a, e) ? -1 : guest_edit(g, a, &x, e);
}
