/* Deleting snapshots, one after the other, leaves first. Deleting can be done again, so what was
 * begun is simply done again by the next daemon. A file under others is merged with the one over
 * it.
 */
#include <errno.h>
#include <unistd.h>

#include "ledger.h"
#include "snap_priv.h"

/* ---- external files ---- */
/* The one file that stands over `base`; *ret stays NULL when there is none. */
static int find_over(const struct snapwork *w, const char *base, const char **ret,
                     struct hv_progress *p, struct err *e)
{
    for (size_t i = 0; i < w->n_files; i++) {
        CLEANUP_FREE char *under = NULL;
        if (str_eq(w->files[i], base) || access(w->files[i], F_OK))
            continue;
        if (snap_disk_backing(w->files[i], &under, p, e))
            return -1;
        if (!str_eq(under, base))
            continue;
        if (*ret)
            return fail(e, ERR_OPERATION_UNSUPPORTED,
                        "'%s' and '%s' both stand over '%s': it cannot be merged with both", *ret,
                        w->files[i], base);
        *ret = w->files[i];
    }
    return 0;
}

static void replace_in(struct domain *d, const char *from, const struct disk *to)
{
    for (size_t i = 0; d && i < d->n_disks; i++)
        if (str_eq(d->disks[i].source, from)) {
            str_set(&d->disks[i].source, to->source);
            str_set(&d->disks[i].format, to->format);
        }
}

/* Others that stand on the file over it stand on the base from now on. */
static int rebase_others(const struct snapwork *w, const char *from, const struct disk *base,
                         struct hv_progress *p, struct err *e)
{
    for (size_t i = 0; i < w->n_files; i++) {
        CLEANUP_FREE char *under = NULL;
        if (access(w->files[i], F_OK) || str_eq(w->files[i], from))
            continue;
        if (snap_disk_backing(w->files[i], &under, p, e))
            return -1;
        if (str_eq(under, from) &&
            snap_disk_rebase(w->files[i], base->source,
                             str_empty(base->format) ? "raw" : base->format, p, e))
            return -1;
    }
    return 0;
}

static int merge(struct snapwork *w, const struct snapshot_disk *d, struct hv_progress *p,
                 struct err *e)
{
    const struct disk *base = snap_disk_of(w->snap->domain, d->name);
    const char *over = NULL;
    if (!base || !base->source)
        return 0;
    if (find_over(w, base->source, &over, p, e))
        return -1;
    if (!over)
        return 0;
    if (snap_disk_commit(over, p, e) || rebase_others(w, over, base, p, e))
        return -1;
    replace_in(w->def, over, base);
    for (size_t i = 0; i < w->n_more; i++)
        replace_in(w->more[i]->domain, over, base);
    VEC_PUSH(w->merged, w->n_merged, mem_str(over));
    return 0;
}

static int merge_all(struct snapwork *w, struct hv_progress *p, struct err *e)
{
    for (size_t i = 0; i < w->snap->n_disks; i++)
        if (w->snap->disks[i].place == SNAP_EXTERNAL && merge(w, &w->snap->disks[i], p, e))
            return wrap(e, "disk '%s'", w->snap->disks[i].name);
    return 0;
}

/* ---- the steps ---- */
static int skip_missing(const struct snap_disk *x, struct err *e)
{
    return access(x->disk->source, F_OK) && errno == ENOENT ? 0 : snap_disk_delete(x, e);
}

static void work_first(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    (void)snap_note(w->dir, "delete", w->snap->name, snapwork_bits(w), &j->err);
}

static void work_undo(void *arg)
{
    struct job *j = arg;
    snap_unnote(j->snap->dir);
}

static void drop_files(const struct snapwork *w)
{
    CLEANUP_FREE char *own = snap_file(w->dir, w->snap->name, ".xml");
    (void)unlink(own);
    for (size_t i = 0; i < w->n_merged; i++)
        (void)unlink(w->merged[i]);
    if (w->memory && !(w->flags & SNAP_DELETE_METADATA))
        (void)unlink(w->memory);
}

static void work_second(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    bool is_all = !(w->flags & SNAP_DELETE_METADATA);
    if ((is_all && (snapwork_disks(w, skip_missing, &j->progress, &j->err) ||
                    merge_all(w, &j->progress, &j->err))) ||
        snapwork_keep(w, &j->err)) {
        snap_unnote(w->dir);
        return;
    }
    drop_files(w);
    (void)snapwork_next(w, &j->err);
}

static void end_plain(struct job *j)
{
}

static void apply(struct snapwork *w)
{
    struct guest *g = w->guest;
    if (w->def && w->n_merged) {
        domain_free(g->def);
        g->def = take(w->def);
    }
    str_set(&g->snaps->current, w->current);
    for (size_t i = 0; i < w->n_more; i++)
        snaps_put(g, snapshot_copy(w->more[i]));
    snaps_drop(g, w->snap->name);
}

const struct snap_steps snap_delete = {
    .first = {.name = "snapshot-delete", .work = work_first, .end = end_plain},
    .second = {.name = "snapshot-delete", .operation = 10, .work = work_second, .end = end_plain},
    .undo = {.name = "snapshot-delete", .work = work_undo, .end = end_plain},
    .apply = apply};

/* ---- the plan of one ---- */
static void add_files(struct snapwork *w, const struct domain *d, const char *target)
{
    const struct disk *k = snap_disk_of(d, target);
    for (size_t i = 0; k && i < w->n_files; i++)
        if (str_eq(w->files[i], k->source))
            return;
    if (k && k->source && k->type == DISK_FILE)
        VEC_PUSH(w->files, w->n_files, mem_str(k->source));
}

/* Where the contents of a disk may be now: what the guest has, and what it had in its snapshots. */
static void find_files(struct snapwork *w)
{
    const struct guest *g = w->guest;
    for (size_t i = 0; i < w->snap->n_disks; i++) {
        if (w->snap->disks[i].place != SNAP_EXTERNAL)
            continue;
        add_files(w, g->def, w->snap->disks[i].name);
        for (size_t k = 0; k < g->snaps->n_items; k++)
            add_files(w, g->snaps->items[k]->domain, w->snap->disks[i].name);
    }
}

/* All others: their parent may go, or a file that they stand on. */
static void find_more(struct snapwork *w)
{
    const struct snaps *l = w->guest->snaps;
    for (size_t i = 0; i < l->n_items; i++) {
        if (str_eq(l->items[i]->name, w->snap->name))
            continue;
        struct snapshot *s = snapshot_copy(l->items[i]);
        if (str_eq(s->parent, w->snap->name))
            str_set(&s->parent, w->snap->parent);
        VEC_PUSH(w->more, w->n_more, s);
    }
}

static int check_one(const struct guest *g, const struct snapshot *s, unsigned flags, struct err *e)
{
    bool is_active = guest_is_active(g);
    for (size_t i = 0; i < s->n_disks && !(flags & SNAP_DELETE_METADATA); i++) {
        const struct snap_disk x = {.disk = snap_disk_of(s->domain, s->disks[i].name),
                                    .place = s->disks[i].place};
        if (x.place == SNAP_NO)
            continue;
        if (!x.disk)
            return fail(e, ERR_OPERATION_INVALID,
                        "snapshot '%s' does not say what disk '%s' was: only what is known of it "
                        "can be deleted (--metadata)",
                        s->name, s->disks[i].name);
        if (is_active && snap_disk_needs_off(&x))
            return fail(e, ERR_OPERATION_INVALID,
                        "disk '%s' is in use: shut the domain down first, or delete only what is "
                        "known of snapshot '%s' (--metadata)",
                        s->disks[i].name, s->name);
    }
    return 0;
}

/* ---- one after the other ---- */
struct chain {
    struct host *host;
    char **names; /* the last goes first */
    size_t n_names;
    unsigned flags;
    guest_done *done;
    void *arg;
};

static void chain_free(struct chain *c)
{
    for (size_t i = 0; i < c->n_names; i++)
        free(c->names[i]);
    free(c->names);
    free(c);
}

static void chain_next(void *arg, struct guest *g, const struct err *e);

static int delete_one(struct guest *g, const struct snapshot *s, struct chain *c, struct err *e)
{
    struct snapwork *w = snapwork_new(g, &snap_delete, snapshot_copy(s), chain_next, c);
    bool is_current = str_eq(guest_snapshot_current(g), s->name);
    w->flags = c->flags & SNAP_DELETE_METADATA;
    w->was_up = w->was_paused = false; /* it stays as it is */
    w->current = mem_str(is_current ? s->parent : guest_snapshot_current(g));
    w->def = domain_copy(g->def);
    if (s->memory == SNAP_INTERNAL)
        w->memory = snap_file(w->dir, s->name, ".mem");
    find_files(w);
    find_more(w);
    return snapwork_run(w, e);
}

static void chain_next(void *arg, struct guest *g, const struct err *e)
{
    struct chain *c = arg;
    struct err why = *e;
    CLEANUP_FREE char *name = why.code || !c->n_names ? NULL : c->names[--c->n_names];
    const struct snapshot *s = name ? snaps_find(g, name) : NULL;
    if (s && !delete_one(g, s, c, &why))
        return;
    if (c->done)
        c->done(c->arg, g, &why);
    else if (why.code)
        host_log(c->host, LOG_ERROR, "domain '%s': %s", g->name, why.msg);
    chain_free(c);
}

int guest_snapshot_delete(struct guest *g, const char *name, unsigned flags, guest_done *done,
                          void *arg, struct err *e)
{
    const struct snapshot *s = guest_snapshot(g, name, e);
    bool only_below = flags & SNAP_DELETE_CHILDREN_ONLY;
    if (!s || guest_check_idle(g, e) || guest_check_written(g, e))
        return -1;
    if (only_below && flags & SNAP_DELETE_CHILDREN)
        return fail(e, ERR_INVALID_ARG, "children, or children only: not both");
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "the domain is transient");
    size_t n = 0;
    CLEANUP_FREE const struct snapshot **below =
        only_below || flags & SNAP_DELETE_CHILDREN
            ? guest_snapshots(g, s, SNAP_LIST_DESCENDANTS, &n)
            : NULL;
    for (size_t i = 0; i < n; i++)
        if (check_one(g, below[i], flags, e))
            return -1;
    if (!only_below && check_one(g, s, flags, e))
        return -1;
    struct chain *c = NEW(struct chain);
    *c = (struct chain){.host = g->host, .flags = flags, .done = done, .arg = arg};
    if (!only_below)
        VEC_PUSH(c->names, c->n_names, mem_str(name));
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(c->names, c->n_names, mem_str(below[i]->name));
    if (!c->n_names) {
        chain_free(c);
        return guest_tell_later(g, done, arg);
    }
    CLEANUP_FREE char *first = c->names[--c->n_names];
    if (!delete_one(g, snaps_find(g, first), c, e))
        return 0;
    chain_free(c);
    return -1;
}
