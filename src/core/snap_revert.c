/* Going back to a snapshot. What the guest is now is lost, so what was asked for is noted before
 * the first change, and is finished by the next daemon if this one does not. */
#include <sys/stat.h>
#include <unistd.h>

#include "ledger.h"
#include "snap_priv.h"

static int check_back(const struct snap_disk *x, struct err *e)
{
    return snap_disk_can_revert(x, e);
}

static int check_memory(const struct snapwork *w, struct err *e)
{
    struct image i;
    if (!w->goes_on)
        return 0;
    if (image_open(w->memory, &i, e))
        return -1;
    image_close(&i);
    return 0;
}

static void work_first(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    if (snapwork_disks(w, check_back, &j->progress, &j->err) || check_memory(w, &j->err) ||
        snap_write(w->dir, w->snap, SNAP_MAKING, &j->err) ||
        snap_note(w->dir, "revert", w->snap->name, snapwork_bits(w), &j->err))
        snap_unnote(w->dir);
}

static void work_undo(void *arg)
{
    struct job *j = arg;
    snap_unnote(j->snap->dir);
}

static void work_second(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    if (snapwork_disks(w, snap_disk_revert, &j->progress, &j->err) || snapwork_keep(w, &j->err)) {
        wrap(&j->err, "domain '%s' is between what it was and the snapshot; revert again",
             w->guest->name);
        w->goes_on = w->starts = false;
        snap_unnote(w->dir);
        return;
    }
    for (size_t i = 0; i < w->n_files; i++)
        (void)unlink(w->files[i]);
    (void)unlink(w->managed); /* what it would have gone on from is no more */
    (void)snapwork_next(w, &j->err);
}

static void end_plain(struct job *j)
{
}

static void apply(struct snapwork *w)
{
    struct guest *g = w->guest;
    domain_free(g->def);
    g->def = take(w->def);
    g->has_managed_save = false;
    str_set(&g->snaps->current, w->snap->name);
    for (size_t i = 0; i < w->n_more; i++)
        snaps_put(g, snapshot_copy(w->more[i]));
    guest_event(g, EVENT_LIFECYCLE, 0, 3);
}

const struct snap_steps snap_revert = {
    .first = {.name = "revert", .operation = 7, .work = work_first, .end = snapwork_end_first},
    .second = {.name = "revert", .operation = 7, .work = work_second, .end = end_plain},
    .undo = {.name = "revert", .work = work_undo, .end = end_plain},
    .apply = apply};

/* ---- the plan ---- */
/* A name that no file has: of the file that the guest went on in after the snapshot. */
static char *fresh_file(const char *file)
{
    struct stat s;
    char *name = NULL;
    for (unsigned i = 1; !name || !lstat(name, &s); i++) {
        free(name);
        name = mem_printf("%s.%u", file, i);
    }
    return name;
}

static bool is_base(const struct guest *g, const char *path)
{
    for (size_t i = 0; i < g->snaps->n_items; i++) {
        const struct domain *d = g->snaps->items[i]->domain;
        for (size_t k = 0; d && k < d->n_disks; k++)
            if (str_eq(d->disks[k].source, path))
                return true;
    }
    return false;
}

static bool is_our_file(const struct guest *g, const char *path)
{
    for (size_t i = 0; i < g->snaps->n_items; i++)
        for (size_t k = 0; k < g->snaps->items[i]->n_disks; k++)
            if (str_eq(g->snaps->items[i]->disks[k].source, path))
                return true;
    return false;
}

/* Files that were made for snapshots, and that nothing stands on when the guest leaves them. */
static void find_left(struct snapwork *w)
{
    struct guest *g = w->guest;
    for (size_t i = 0; i < g->def->n_disks; i++) {
        const struct disk *k = &g->def->disks[i], *then = snap_disk_of(w->def, k->target);
        bool stays = then && str_eq(then->source, k->source);
        if (k->source && !stays && !is_base(g, k->source) && is_our_file(g, k->source))
            VEC_PUSH(w->files, w->n_files, mem_str(k->source));
    }
}

void snap_revert_settle(struct snapwork *w)
{
    struct domain *d = snap_new_def(w->snap->domain, w->snap);
    w->def = d ? d : domain_copy(w->snap->domain);
    str_set(&w->def->name, w->guest->name);
    memcpy(w->def->uuid, w->guest->uuid, UUID_LEN);
    w->current = mem_str(w->snap->name);
    w->stops = true;
    VEC_PUSH(w->more, w->n_more, snapshot_copy(w->snap));
    if (w->snap->memory == SNAP_EXTERNAL)
        w->memory = mem_str(w->snap->memory_file);
    else if (w->snap->memory == SNAP_INTERNAL)
        w->memory = snap_file(w->dir, w->snap->name, ".mem");
    find_left(w);
}

static int check(const struct guest *g, const struct snapshot *s, unsigned flags, struct err *e)
{
    if (guest_check_idle(g, e) || guest_check_written(g, e))
        return -1;
    if (flags & SNAP_REVERT_RUNNING && flags & SNAP_REVERT_PAUSED)
        return fail(e, ERR_INVALID_ARG, "a domain is reverted running or paused, not both");
    if (flags & SNAP_REVERT_RESET_NVRAM)
        return fail(e, ERR_OPERATION_UNSUPPORTED, "Xen guests have no NVRAM to reset");
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "a transient domain cannot be reverted");
    if (!s->domain)
        return fail(e, ERR_SNAPSHOT_REVERT_RISKY,
                    "snapshot '%s' does not say how the domain was defined then: redefine it with "
                    "<domain>",
                    s->name);
    return guest_is_active(g) ? guest_allows(g, OP_DESTROY, e) : 0;
}

int guest_snapshot_revert(struct guest *g, const char *name, unsigned flags, guest_done *done,
                          void *arg, struct err *e)
{
    const struct snapshot *s = guest_snapshot(g, name, e);
    if (!s || check(g, s, flags, e))
        return -1;
    struct snapwork *w = snapwork_new(g, &snap_revert, snapshot_copy(s), done, arg);
    for (size_t i = 0; i < s->n_disks; i++)
        if (s->disks[i].place == SNAP_EXTERNAL && s->disks[i].source) {
            free(w->snap->disks[i].source);
            w->snap->disks[i].source = fresh_file(s->disks[i].source);
        }
    bool asks = flags & (SNAP_REVERT_RUNNING | SNAP_REVERT_PAUSED);
    w->flags = flags;
    w->goes_on = s->memory == SNAP_INTERNAL || s->memory == SNAP_EXTERNAL;
    w->starts = !w->goes_on && asks;
    w->was_paused =
        flags & SNAP_REVERT_PAUSED || (s->state == SNAP_PAUSED && !(flags & SNAP_REVERT_RUNNING));
    snap_revert_settle(w);
    return snapwork_run(w, e);
}
