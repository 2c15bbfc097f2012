/* What is done with snapshots, a step after another. Each step leaves on disk what a daemon that is
 * started after the end of this one needs to finish or to undo it. */
#include <errno.h>
#include <unistd.h>

#include "snap_priv.h"

struct snapwork *snapwork_new(struct guest *g, const struct snap_steps *steps, struct snapshot *s,
                              guest_done *done, void *arg)
{
    struct snapwork *w = NEW(struct snapwork);
    *w = (struct snapwork){.steps = steps,
                           .host = g->host,
                           .guest = g,
                           .snap = s,
                           .dir = snap_dir(g),
                           .managed = store_managed_path(g->host, g->name),
                           .was_up = g->domid != HV_DOMID_NONE,
                           .was_paused = g->state == GUEST_PAUSED,
                           .done = done,
                           .arg = arg};
    return w;
}

void snapwork_free(struct snapwork *w)
{
    if (!w)
        return;
    snapshot_free(w->snap);
    domain_free(w->def);
    for (size_t i = 0; i < w->n_more; i++)
        snapshot_free(w->more[i]);
    for (size_t i = 0; i < w->n_files; i++)
        free(w->files[i]);
    for (size_t i = 0; i < w->n_merged; i++)
        free(w->merged[i]);
    free(w->merged);
    free(w->xml);
    free(w->more);
    free(w->files);
    free(w->dir);
    free(w->memory);
    free(w->current);
    free(w->managed);
    free(w);
}

bool guest_is_in_snapshot(const struct guest *g)
{
    return g->snaps && g->snaps->work;
}

static void end_work(struct snapwork *w)
{
    struct guest *g = w->guest;
    g->snaps->work = NULL;
    guest_done *done = w->done;
    void *arg = w->arg;
    struct err e = w->err;
    snapwork_free(w);
    if (done)
        done(arg, g, &e);
    else if (e.code)
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}

/* ---- what workers share ---- */
unsigned snapwork_bits(const struct snapwork *w)
{
    return (w->was_up ? NOTE_WAS_UP : 0) | (w->was_paused ? NOTE_WAS_PAUSED : 0) |
           (w->goes_on ? NOTE_GOES_ON : 0) | (w->starts ? NOTE_STARTS : 0) | w->flags << NOTE_FLAGS;
}

struct disk *snap_disk_of(const struct domain *d, const char *target)
{
    for (size_t i = 0; d && i < d->n_disks; i++)
        if (str_eq(d->disks[i].target, target))
            return &d->disks[i];
    return NULL;
}

int snapwork_disks(struct snapwork *w, disk_step *fn, struct hv_progress *p, struct err *e)
{
    for (size_t i = 0; i < w->snap->n_disks; i++) {
        const struct snapshot_disk *d = &w->snap->disks[i];
        const struct disk *k = snap_disk_of(w->snap->domain, d->name);
        struct snap_disk x = {.disk = k,
                              .place = d->place,
                              .name = w->snap->name,
                              .file = d->source,
                              .reuses = w->steps == &snap_make && w->flags & SNAP_CREATE_REUSE_EXT,
                              .is_again = w->is_again,
                              .progress = p};
        if (d->place == SNAP_NO || !k)
            continue;
        if (fn(&x, e))
            return -1;
    }
    return 0;
}

/* What is not of the snapshot itself is not needed any more once it has been read. */
static int link_memory(struct snapwork *w, struct err *e)
{
    CLEANUP_FREE char *own = snap_file(w->dir, w->snap->name, ".mem");
    bool moves = str_starts(w->memory, w->dir) && (w->is_undone || !str_eq(w->memory, own));
    (void)unlink(w->managed);
    if (moves ? rename(w->memory, w->managed) : symlink(w->memory, w->managed))
        return fail_errno(e, "cannot make '%s' of '%s'", w->managed, w->memory);
    return 0;
}

int snapwork_keep(struct snapwork *w, struct err *e)
{
    for (size_t i = 0; i < w->n_more; i++)
        if (snap_write(w->dir, w->more[i], NULL, e))
            return -1;
    return snap_write_current(w->dir, w->current, e) || (w->def && store_save(w->host, w->def, e))
               ? -1
               : 0;
}

int snapwork_next(struct snapwork *w, struct err *e)
{
    if (!w->goes_on && !w->starts) {
        snap_unnote(w->dir);
        return 0;
    }
    if (w->goes_on && link_memory(w, e))
        return -1;
    return snap_note(w->dir, "go", w->snap->name, snapwork_bits(w), e);
}

static void set_disk(struct disk *k, const struct snapshot_disk *d)
{
    if (!k->target)
        k->target = mem_str(d->name);
    k->type = DISK_FILE;
    str_set(&k->source, d->source);
    str_set(&k->format, "qcow2");
    str_set(&k->driver, "qemu");
}

/* The definition with the files that the guest goes on in; NULL when it stays as it is. */
struct domain *snap_new_def(const struct domain *def, const struct snapshot *s)
{
    CLEANUP_DOMAIN struct domain *d = domain_copy(def);
    bool is_new = false;
    for (size_t i = 0; i < s->n_disks; i++) {
        struct disk *k = snap_disk_of(d, s->disks[i].name);
        if (!k || s->disks[i].place != SNAP_EXTERNAL)
            continue;
        set_disk(k, &s->disks[i]);
        is_new = true;
    }
    return is_new ? take(d) : NULL;
}

/* ---- the steps, in their order ---- */
static void first_done(void *arg, struct guest *g, const struct err *e);
static void second_done(void *arg, struct guest *g, const struct err *e);
static void undo_done(void *arg, struct guest *g, const struct err *e);
static void went_on(void *arg, struct guest *g, const struct err *e);
static void bring_back(struct snapwork *w);

static int run_step(struct snapwork *w, const struct job_kind *kind, guest_done *done,
                    struct err *e)
{
    struct job *j = job_new(w->guest, kind, done, w);
    j->snap = w;
    j->is_part = kind != &w->steps->second;
    if (kind == &w->steps->first) {
        j->path = mem_str(w->memory);
        j->xml = take(w->xml);
        j->xml_len = w->xml_len;
        j->start = w->was_paused ? IMAGE_PAUSED : IMAGE_RUNNING;
        j->is_live = w->is_live;
    }
    return job_run(j, e);
}

int snapwork_run(struct snapwork *w, struct err *e)
{
    struct guest *g = w->guest;
    if (!g->snaps)
        g->snaps = NEW(struct snaps);
    if (run_step(w, &w->steps->first, first_done, e)) {
        snapwork_free(w);
        return -1;
    }
    g->snaps->work = w;
    return 0;
}

/* A guest that has to be off is destroyed; first_done is called when it is. */
void snapwork_end_first(struct job *j)
{
    struct snapwork *w = j->snap;
    struct guest *g = j->guest;
    if (j->err.code) {
        w->is_undone = true;
        if (g->domid == j->domid && w->was_up)
            guest_revive(g);
        return;
    }
    if (w->was_up && g->domid != j->domid)
        fail(&j->err, ERR_OPERATION_FAILED, "domain '%s' ended meanwhile", g->name);
    else if (w->was_up && w->stops)
        guest_end(g, CHANGE_SNAPPED, false, j, &j->err);
}

static void then_end(struct snapwork *w, const struct err *e)
{
    if (e && !w->err.code)
        w->err = *e;
    end_work(w);
}

static void first_done(void *arg, struct guest *g, const struct err *e)
{
    struct snapwork *w = arg;
    struct err why = {0};
    if (e->code)
        w->err = *e;
    if (e->code && w->is_undone)
        end_work(w);
    else if (e->code ? run_step(w, &w->steps->undo, undo_done, &why)
                     : run_step(w, &w->steps->second, second_done, &why))
        then_end(w, &why);
}

static void undo_done(void *arg, struct guest *g, const struct err *e)
{
    struct snapwork *w = arg;
    if (e->code)
        host_log(w->host, LOG_ERROR, "snapshot '%s' of domain '%s': %s", w->snap->name,
                 w->guest->name, e->msg);
    bring_back(w);
}

/* The guest's memory stands where a start finds it. */
static int go_on(struct snapwork *w, struct err *e)
{
    struct guest *g = w->guest;
    struct build b = {.path = w->managed,
                      .is_managed = true,
                      .is_snapshot = true,
                      .is_paused = w->was_paused,
                      .start = w->was_paused ? IMAGE_PAUSED : IMAGE_RUNNING};
    g->has_managed_save = true;
    b.swap = domain_new();
    for (size_t i = 0; i < w->snap->n_disks; i++) {
        const struct snapshot_disk *d = &w->snap->disks[i];
        if (d->place == SNAP_EXTERNAL && !w->is_undone)
            set_disk(DOMAIN_ADD(b.swap, disks), d);
    }
    return guest_build(g, &b, went_on, w, e);
}

static int start_afresh(struct snapwork *w, struct err *e)
{
    struct build b = {
        .config = domain_copy(w->guest->def), .is_snapshot = true, .is_paused = w->was_paused};
    return guest_build(w->guest, &b, went_on, w, e);
}

static void bring_back(struct snapwork *w)
{
    struct err e = {0};
    if (!w->goes_on && !w->starts)
        end_work(w);
    else if (w->goes_on ? go_on(w, &e) : start_afresh(w, &e))
        went_on(w, w->guest, &e);
}

static void second_done(void *arg, struct guest *g, const struct err *e)
{
    struct snapwork *w = arg;
    if (e->code)
        w->err = *e;
    else
        w->steps->apply(w);
    bring_back(w);
}

static void work_unnote(void *arg)
{
    struct job *j = arg;
    snap_unnote(j->snap->dir);
}

static void end_nothing(struct job *j)
{
}

static const struct job_kind job_unnote = {
    .name = "snapshot", .work = work_unnote, .end = end_nothing};

static void unnoted(void *arg, struct guest *g, const struct err *e)
{
    then_end(arg, NULL);
}

static void went_on(void *arg, struct guest *g, const struct err *e)
{
    struct snapwork *w = arg;
    struct err why = {0};
    if (e->code && !w->err.code) {
        w->err = *e;
        wrap(&w->err, "the snapshot is done, but domain '%s' does not run again (start it)",
             w->guest->name);
    }
    if (run_step(w, &job_unnote, unnoted, &why))
        then_end(w, &why);
}

/* ---- after a restart of ours ---- */
static void take_up(struct snapwork *w)
{
    if (!w->guest->snaps)
        w->guest->snaps = NEW(struct snaps);
    w->guest->snaps->work = w;
    w->is_again = true;
}

void snapwork_again(struct snapwork *w)
{
    struct err e = {0};
    take_up(w);
    if (run_step(w, &w->steps->second, second_done, &e))
        then_end(w, &e);
}

void snapwork_undo(struct snapwork *w)
{
    struct err e = {0};
    take_up(w);
    if (run_step(w, &w->steps->undo, undo_done, &e))
        then_end(w, &e);
}

void snapwork_back(struct snapwork *w)
{
    take_up(w);
    bring_back(w);
}

void snapwork_done(struct snapwork *w)
{
    struct err e = {0};
    take_up(w);
    if (run_step(w, &job_unnote, unnoted, &e))
        then_end(w, &e);
}
