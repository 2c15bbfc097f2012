/* What the last daemon was doing with a guest's snapshots when it ended. */
#include "snap_priv.h"

static struct snapshot *read_making(struct guest *g, const char *dir, struct err *e)
{
    CLEANUP_FREE char *path = snap_file(dir, SNAP_MAKING, "");
    struct snapshot *s = NULL;
    return snap_read(path, &s, e) ? NULL : s;
}

static struct snapwork *work_of(struct guest *g, const struct snap_steps *steps,
                                struct snapshot *taken, unsigned bits)
{
    struct snapwork *w = snapwork_new(g, steps, taken, NULL, NULL);
    w->was_up = bits & NOTE_WAS_UP;
    w->was_paused = bits & NOTE_WAS_PAUSED;
    w->goes_on = bits & NOTE_GOES_ON;
    w->starts = bits & NOTE_STARTS;
    w->flags = bits >> NOTE_FLAGS;
    return w;
}

static void undo_make(struct guest *g, struct snapshot *taken, unsigned bits)
{
    struct snapwork *w = work_of(g, &snap_make, taken, bits);
    host_log(g->host, LOG_WARN, "domain '%s': snapshot '%s' was half made: it is undone", g->name,
             w->snap->name);
    snap_make_settle(w);
    snapwork_undo(w);
}

static void finish_make(struct guest *g, struct snapshot *taken, unsigned bits)
{
    struct snapwork *w = work_of(g, &snap_make, taken, bits);
    host_log(g->host, LOG_WARN, "domain '%s': snapshot '%s' was made: it is kept", g->name,
             w->snap->name);
    bool goes_on = w->goes_on && g->domid == HV_DOMID_NONE;
    snap_make_settle(w);
    w->goes_on = goes_on;
    snapwork_again(w);
}

/* A guest that is still there has not been touched: it was to be destroyed first. */
static void finish_revert(struct guest *g, struct snapshot *taken, unsigned bits)
{
    struct snapwork *w = work_of(g, &snap_revert, taken, bits);
    bool is_untouched = g->domid != HV_DOMID_NONE;
    host_log(g->host, LOG_WARN, "domain '%s' was being reverted to snapshot '%s': %s", g->name,
             w->snap->name, is_untouched ? "it stays as it is" : "that is finished");
    if (is_untouched) {
        snapwork_done(w);
        return;
    }
    snap_revert_settle(w);
    snapwork_again(w);
}

/* All is done but that it runs. */
static void bring_back(struct guest *g, struct snapshot *taken, unsigned bits)
{
    struct snapwork *w = work_of(g, &snap_make, taken, bits);
    w->goes_on &= g->domid == HV_DOMID_NONE && g->has_managed_save;
    w->starts &= g->domid == HV_DOMID_NONE;
    if (w->goes_on || w->starts)
        snapwork_back(w);
    else
        snapwork_done(w);
}

static void finish_delete(struct guest *g, const char *name, unsigned bits)
{
    struct err e = {0};
    CLEANUP_FREE char *dir = snap_dir(g);
    snap_unnote(dir);
    if (snaps_find(g, name) &&
        guest_snapshot_delete(g, name, bits >> NOTE_FLAGS & SNAP_DELETE_METADATA, NULL, NULL, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': snapshot '%s': %s", g->name, name, e.msg);
}

/* The snapshot that the note is about: half made, or in the list already. */
static struct snapshot *snapshot_of(struct guest *g, const char *dir, const char *name,
                                    bool prefers_list, struct err *e)
{
    const struct snapshot *known = snaps_find(g, name);
    if (known && prefers_list)
        return snapshot_copy(known);
    struct snapshot *s = read_making(g, dir, e);
    return s || !known ? s : snapshot_copy(known);
}

static void conclude_later(void *arg, struct guest *g, const struct err *e)
{
    if (g && !e->code)
        snapwork_conclude(g);
}

void snapwork_conclude(struct guest *g)
{
    if (job_join(g, &job_destroy, conclude_later, NULL)) /* when the host has finished that */
        return;
    static const struct {
        const char *what;
        void (*fn)(struct guest *g, struct snapshot *taken, unsigned bits);
        bool prefers_list;
    } rows[] = {{"make", undo_make, false},
                {"keep", finish_make, true},
                {"revert", finish_revert, false},
                {"go", bring_back, true}};
    CLEANUP_FREE char *dir = snap_dir(g);
    CLEANUP_FREE char *note = g->def ? snap_noted(dir) : NULL;
    char what[16];
    unsigned bits;
    int at = 0;
    struct err e = {0};
    if (!note || sscanf(note, "%15s %u %n", what, &bits, &at) != 2 || !at)
        return;
    const char *name = note + at;
    if (str_eq(what, "delete")) {
        finish_delete(g, name, bits);
        return;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!str_eq(rows[i].what, what))
            continue;
        struct snapshot *s = snapshot_of(g, dir, name, rows[i].prefers_list, &e);
        if (!s && str_eq(what, "go")) { /* undone: only the guest is to come back */
            s = snapshot_new();
            s->name = mem_str(name);
        }
        if (s)
            rows[i].fn(g, s, bits);
        else
            host_log(g->host, LOG_ERROR, "domain '%s': snapshot '%s': %s", g->name, name, e.msg);
        return;
    }
}
