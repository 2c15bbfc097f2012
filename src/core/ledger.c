#include "ledger.h"

#include <stdio.h>
#include <unistd.h>

#include "snap_priv.h"

struct entry {
    struct entry *next;
    struct host *host;
    uint64_t number;
    uint8_t uuid[16];
    /* what to do; the worker's while it is at it */
    char *name, *xml, *remove;
    size_t xml_len;
    unsigned links, on;
    char *managed, *managed_to, *snap_dir;
    bool managed_gone, snaps_gone;
    /* how it was */
    char *old_name;
    struct domain *old_def;
    struct snaps *old_snaps;
    unsigned had;
    bool is_void; /* an earlier one failed */
    struct err err;
};

struct held {
    uint64_t from, to; /* behind from, up to to */
    written_fn *fn;
    void *arg;
    struct err err;
};

static void entry_free(struct entry *n)
{
    free(n->name);
    free(n->xml);
    free(n->remove);
    free(n->managed);
    free(n->managed_to);
    free(n->snap_dir);
    snaps_free(&n->old_snaps);
    free(n->old_name);
    domain_free(n->old_def);
    free(n);
}

/* ---- on a worker ---- */
/* A definition that goes is the last of it: what is left of an undefine that was killed is defined.
 */
static int write_managed(struct entry *n)
{
    if (n->managed_to && rename(n->managed, n->managed_to))
        return fail_errno(&n->err, "cannot rename '%s'", n->managed);
    if (n->managed && !n->managed_to)
        (void)store_drop_managed(n->managed, &n->err);
    n->managed_gone = n->managed && access(n->managed, F_OK);
    return n->err.code ? -1 : 0;
}

static int write_snaps(struct entry *n)
{
    if (n->snap_dir)
        snap_remove_dir(n->snap_dir);
    n->snaps_gone = true;
    return 0;
}

static int write_definition(struct entry *n)
{
    struct host *h = n->host;
    return (n->xml && store_write(h, n->name, n->xml, n->xml_len, &n->err)) ||
                   store_set_links(h, n->name, n->links, n->on, &n->err) ||
                   (n->remove && store_remove(h, n->remove, &n->err))
               ? -1
               : 0;
}

static void work_write(void *arg)
{
    struct entry *n = arg;
    struct err why = {0}; /* the first one counts */
    if (n->is_void || (!write_managed(n) && !write_snaps(n) && !write_definition(n)))
        return;
    wrap(&n->err, "domain '%s'", n->name);
    if (n->xml && n->remove) /* a new name */
        (void)store_remove(n->host, n->name, &why);
    if (n->managed_to && n->managed_gone)
        (void)rename(n->managed_to, n->managed);
}

/* ---- what cannot be written ---- */
static void undo(struct entry *n)
{
    struct host *h = n->host;
    struct guest *g = host_get_uuid(h, n->uuid), *named = host_get_name(h, n->old_name);
    if (!g && (!n->old_def || named)) /* nothing to bring back, or no place for it */
        return;
    if (!g)
        g = guest_new(h, n->old_name, n->uuid);
    else if (!str_eq(g->name, n->old_name) && !named)
        guest_set_name(g, n->old_name);
    if (!n->old_def && !g->again && g->live)
        g->again = domain_copy(g->live);
    domain_free(g->def);
    g->def = take(n->old_def);
    g->autostart = n->had;
    if (n->managed && (n->managed_to || !n->managed_gone))
        g->has_managed_save = true;
    if (n->old_snaps && !n->snaps_gone && !g->snaps)
        g->snaps = take(n->old_snaps);
    guest_release(g);
}

static bool concerns(const struct entry *n, const struct entry *failed)
{
    return uuid_eq(n->uuid, failed->uuid) || str_eq(n->name, failed->name) ||
           str_eq(n->name, failed->remove);
}

/* The last one first. */
static void undo_from(struct entry *n, struct entry *failed)
{
    if (!n)
        return;
    undo_from(n->next, failed);
    if (n != failed && (n->is_void || !concerns(n, failed)))
        return;
    n->is_void = true;
    n->err = failed->err;
    events_drop(&n->host->events, n->uuid, n->number);
    undo(n);
}

/* ---- on the loop ---- */
static void note_error(struct ledger *l, const struct entry *n)
{
    for (size_t i = 0; i < l->n_held; i++) {
        struct held *x = &l->held[i];
        if (n->err.code && !x->err.code && x->from < n->number && n->number <= x->to)
            x->err = n->err;
    }
}

static void tell_held(struct host *h)
{
    struct ledger *l = &h->ledger;
    for (size_t i = 0; i < l->n_held;) {
        struct held x = l->held[i];
        if (x.to > l->written) {
            i++;
            continue;
        }
        VEC_REMOVE(l->held, l->n_held, i);
        x.fn(x.arg, &x.err);
    }
}

static void tell_written(void *arg)
{
    struct host *h = arg;
    tell_held(h);
    h->n_holds--;
    host_free_closed(h);
}

static void after_write(void *arg);

static void write_next(struct host *h)
{
    h->n_holds++;
    loop_work(h->loop, work_write, after_write, h->ledger.first);
}

static void after_write(void *arg)
{
    struct entry *n = arg;
    struct host *h = n->host;
    struct ledger *l = &h->ledger;
    if (n->err.code && !n->is_void && !h->is_closing)
        undo_from(n, n);
    else if (n->err.code && h->log)
        h->log(LOG_ERROR, n->err.msg);
    note_error(l, n);
    l->written = n->number;
    l->first = n->next;
    if (!l->first)
        l->end = NULL;
    else
        write_next(h);
    entry_free(n);
    events_poke(&h->events);
    tell_held(h);
    h->n_holds--;
    host_free_closed(h);
}

static void add_others(struct entry *n, struct guest *g, const struct store_change *c)
{
    if (g && g->has_managed_save && (c->managed_to || c->drops_managed)) {
        n->managed = store_managed_path(n->host, g->name);
        n->managed_to = c->managed_to ? store_managed_path(n->host, c->managed_to) : NULL;
    }
    if (g && c->drops_snaps) {
        n->snap_dir = snap_dir(g);
        n->old_snaps = take(g->snaps);
    }
}

int store_change(struct host *h, struct guest *g, const struct store_change *c, struct err *e)
{
    struct ledger *l = &h->ledger;
    if (g && guest_is_in_snapshot(g))
        return guest_check_job(g, e);
    struct entry *n = NEW(struct entry);
    if (c->save && text_write(c->save, false, &n->xml, &n->xml_len, e)) {
        entry_free(n);
        return -1;
    }
    n->host = h;
    n->number = ++l->queued;
    memcpy(n->uuid, g ? g->uuid : c->save->uuid, UUID_LEN);
    n->name = mem_str(c->save ? c->save->name : g->name);
    n->old_name = mem_str(g ? g->name : n->name);
    n->old_def = g && g->def ? domain_copy(g->def) : NULL;
    n->had = g ? g->autostart : 0;
    n->remove = mem_str(c->remove);
    add_others(n, g, c);
    n->links = c->links;
    n->on = c->on;
    if (l->end)
        l->end->next = n;
    else
        l->first = n;
    l->end = n;
    if (l->first == n)
        write_next(h);
    return 0;
}

int guest_check_written(const struct guest *g, struct err *e)
{
    for (const struct entry *n = g->host->ledger.first; n; n = n->next)
        if (uuid_eq(n->uuid, g->uuid))
            return fail(e, ERR_RESOURCE_BUSY, "domain '%s' is being written to disk", g->name);
    return 0;
}

int guest_check_managed(const struct guest *g, struct err *e)
{
    for (const struct entry *n = g->host->ledger.first; n; n = n->next)
        if (n->managed && uuid_eq(n->uuid, g->uuid))
            return fail(e, ERR_RESOURCE_BUSY, "the managed save of domain '%s' is being removed",
                        g->name);
    return 0;
}

uint64_t host_changes(const struct host *h)
{
    return h->ledger.queued;
}

void host_when_written(struct host *h, uint64_t since, written_fn *fn, void *arg)
{
    struct ledger *l = &h->ledger;
    struct held x = {.from = since, .to = l->queued, .fn = fn, .arg = arg};
    VEC_PUSH(l->held, l->n_held, x);
    if (l->written == l->queued) {
        h->n_holds++;
        loop_defer(h->loop, tell_written, h);
    }
}

void ledger_close(struct host *h)
{
    struct ledger *l = &h->ledger;
    struct err e = {0};
    fail(&e, ERR_OPERATION_ABORTED, "the daemon stops");
    while (l->n_held) {
        struct held x = l->held[0];
        VEC_REMOVE(l->held, l->n_held, 0);
        x.fn(x.arg, &e);
    }
}

void ledger_free(struct ledger *l)
{
    free(l->held);
}
