#include "host.h"

#include <stdarg.h>

#include "ledger.h"

enum { AUTOSTART_PARALLEL = 8 };

void host_log(struct host *h, int level, const char *fmt, ...)
{
    char text[ERR_MSG_MAX];
    va_list ap;
    if (!h->log)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    h->log(level, text);
}

static bool has_workers(const struct host *h)
{
    for (size_t i = 0; i < h->n_jobs; i++)
        if (h->jobs[i]->kind->work || h->jobs[i]->is_looking)
            return true;
    return h->n_holds;
}

static void free_guests(struct host *h)
{
    size_t at = 0;
    struct guest *g;
    while ((g = hash_next(&h->by_uuid, &at)))
        guest_free(g);
    hash_clear(&h->by_uuid);
    hash_clear(&h->by_name);
    hash_clear(&h->by_domid);
    host_lose_order(h);
}

static void close_hv(struct host *h)
{
    if (h->hv)
        h->ops->close(take(h->hv));
    while (h->n_jobs) { /* what waited for the hypervisor waits no more */
        struct job *j = h->jobs[--h->n_jobs];
        struct guest *g = j->guest;
        job_free(j);
        guest_drop(g);
    }
    free(take(h->jobs));
    store_close(h);
}

void host_free_closed(void *host)
{
    struct host *h = host;
    if (!h->is_closing || has_workers(h))
        return;
    close_hv(h);
    if (h->events.is_posted || h->events.is_telling)
        return;
    free_guests(h);
    ledger_free(&h->ledger);
    free(h->config_dir);
    free(h->state_dir);
    free(h);
}

void host_close(struct host *h)
{
    if (!h)
        return;
    h->is_closing = true;
    for (size_t i = 0; i < h->n_jobs; i++) {
        job_abort(h->jobs[i]);
        job_leave(h->jobs[i]);
        if (h->jobs[i]->guest->next)
            job_leave(h->jobs[i]->guest->next);
    }
    host_adoptions_close(h);
    autostart_close(h);
    events_close(&h->events);
    ledger_close(h);
    host_free_closed(h);
}

static void on_log(void *arg, int level, const char *text)
{
    struct host *h = arg;
    if (h->log)
        h->log(level, text);
}

static void conclude_snapshots(struct host *h)
{
    size_t n;
    struct guest **all = host_guests(h, &n);
    for (size_t i = 0; i < n; i++)
        snapwork_conclude(all[i]);
    free(all);
}

static int open_all(struct host *h, const struct host_options *o, struct err *e)
{
    struct hv_events events = host_hv_events;
    events.log = on_log;
    if (store_open(h, e) || store_load(h, e) ||
        h->ops->open(h->loop, &events, h, o->hv_options, &h->hv, e) || host_reconcile(h, e))
        return -1;
    conclude_snapshots(h);
    if (o->autostart)
        autostart_open(h);
    return 0;
}

struct host *host_open(struct loop *l, const struct host_options *o, struct err *e)
{
    struct host *h = NEW(struct host);
    h->loop = l;
    h->ops = o->ops;
    h->log = o->log;
    h->deadline_ms = o->deadline_ms;
    h->autostart_parallel = o->autostart_parallel ? o->autostart_parallel : AUTOSTART_PARALLEL;
    h->config_dir = mem_str(o->config_dir);
    h->state_dir = mem_str(o->state_dir);
    h->locks[0] = h->locks[1] = -1;
    events_open(&h->events, l, &h->ledger, host_free_closed, h);
    if (!open_all(h, o, e))
        return h;
    host_close(h);
    return NULL;
}

struct hv *host_hv(struct host *h)
{
    return h->hv;
}

const struct hv_ops *host_ops(struct host *h)
{
    return h->ops;
}

struct events *host_events(struct host *h)
{
    return &h->events;
}

struct guest *host_get_uuid(struct host *h, const uint8_t uuid[16])
{
    return hash_get(&h->by_uuid, uuid, UUID_LEN);
}

struct guest *host_get_name(struct host *h, const char *name)
{
    return hash_get(&h->by_name, name, strlen(name));
}

struct guest *host_get_domid(struct host *h, uint32_t domid)
{
    return hash_get(&h->by_domid, &domid, sizeof(domid));
}

struct guest *host_find_uuid(struct host *h, const uint8_t uuid[16], struct err *e)
{
    char text[UUID_TEXT];
    struct guest *g = host_get_uuid(h, uuid);
    if (!g)
        fail(e, ERR_NO_DOMAIN, "no domain with matching uuid '%s'", uuid_format(uuid, text));
    return g;
}

struct guest *host_find_name(struct host *h, const char *name, struct err *e)
{
    struct guest *g = host_get_name(h, name);
    if (!g)
        fail(e, ERR_NO_DOMAIN, "no domain with matching name '%s'", name);
    return g;
}

struct guest *host_find_domid(struct host *h, int32_t domid, struct err *e)
{
    struct guest *g = domid >= 0 ? host_get_domid(h, (uint32_t)domid) : NULL;
    if (!g)
        fail(e, ERR_NO_DOMAIN, "no domain with matching id %d", domid);
    return g;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct guest *const *)a)->name, (*(struct guest *const *)b)->name);
}

void host_lose_order(struct host *h)
{
    free(take(h->order));
}

struct guest **host_guests(struct host *h, size_t *ret_n)
{
    size_t at = 0, n = h->by_uuid.n;
    if (!h->order) {
        h->order = mem_new(n + 1, sizeof(*h->order));
        for (size_t i = 0; i < n; i++)
            h->order[i] = hash_next(&h->by_uuid, &at);
        qsort(h->order, n, sizeof(*h->order), by_name);
    }
    *ret_n = n;
    return mem_dup(h->order, (n + 1) * sizeof(*h->order));
}

/* A guest is known by name and uuid, and both must agree. */
int host_match(struct host *h, struct domain *d, struct guest **ret, struct err *e)
{
    char text[UUID_TEXT];
    if (!guest_name_is_good(d->name, e))
        return -1;
    if (uuid_is_zero(d->uuid))
        uuid_random(d->uuid);
    struct guest *g = host_get_uuid(h, d->uuid), *named = host_get_name(h, d->name);
    if (g && g != named)
        return fail(e, ERR_OPERATION_FAILED, "domain '%s' is already defined with uuid %s", g->name,
                    uuid_format(d->uuid, text));
    if (!g && named)
        return fail(e, ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s", d->name,
                    uuid_format(named->uuid, text));
    *ret = g;
    return 0;
}

int host_define(struct host *h, struct domain *taken, struct guest **ret, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = taken;
    struct guest *g = NULL;
    if (host_match(h, d, &g, e) || store_change(h, g, &(struct store_change){.save = d}, e))
        return -1;
    bool is_new = !g || !g->def;
    if (!g)
        g = guest_new(h, d->name, d->uuid);
    domain_free(g->def);
    g->def = take(d);
    domain_free(take(g->again));
    guest_event(g, EVENT_LIFECYCLE, 0, is_new ? 0 : 1);
    *ret = g;
    return 0;
}

int guest_check_inactive(const struct guest *g, struct err *e)
{
    if (!g)
        return 0;
    if (guest_is_active(g))
        return fail(e, ERR_OPERATION_INVALID, "domain is already active as '%s'", g->name);
    return guest_check_idle(g, e);
}

int host_create(struct host *h, struct domain *taken, unsigned flags, guest_done *done, void *arg,
                struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = taken;
    struct guest *g = NULL;
    if (host_match(h, d, &g, e) || guest_check_inactive(g, e))
        return -1;
    if (!g)
        g = guest_new(h, d->name, d->uuid);
    struct build b = {.config = take(d), .is_paused = flags & GUEST_START_PAUSED};
    int r = guest_build(g, &b, done, arg, e);
    guest_release(g);
    return r;
}
