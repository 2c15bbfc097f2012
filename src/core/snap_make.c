/* Making a snapshot: what it is to be is planned on the loop; workers see whether the disks can,
 * note it, save the guest, see to the disks, and keep it. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/snapshot_xml.h"
#include "ledger.h"
#include "snap_priv.h"

/* ---- the plan ---- */
static bool keeps_data(const struct disk *k)
{
    return k->device != DISK_CDROM && k->device != DISK_FLOPPY && k->readonly != TRI_YES &&
           !str_empty(k->source);
}

/* <disk snapshot='...'>, which the model keeps as it stands. */
static enum snap_place wish_of(const struct disk *k)
{
    for (size_t i = 0; i < k->dev.n_kept; i++)
        if (str_eq(k->dev.kept[i].node.name, "@snapshot")) {
            int n = words_find(&snap_place_words, k->dev.kept[i].node.text);
            return n > 0 ? (enum snap_place)n : 0;
        }
    return 0;
}

static enum snap_place usual_place(const struct disk *k, unsigned flags)
{
    if (!keeps_data(k))
        return SNAP_NO;
    enum snap_place wish = wish_of(k);
    if (wish)
        return wish;
    return flags & SNAP_CREATE_DISK_ONLY && k->type == DISK_FILE ? SNAP_EXTERNAL : SNAP_INTERNAL;
}

/* "/a/disk.qcow2" and "s1": "/a/disk.s1". */
static char *file_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    int n = dot && (!slash || dot > slash + 1) ? (int)(dot - path) : (int)strlen(path);
    return mem_printf("%.*s.%s", n, path, name);
}

static int check_place(const struct disk *k, const struct snapshot_disk *d, struct err *e)
{
    bool is_qcow2 = str_eq(k->format, "qcow2");
    if (d->place == SNAP_NO)
        return 0;
    if (str_empty(k->source) || (k->type != DISK_FILE && k->type != DISK_BLOCK))
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "disk '%s' is neither a file nor a block device: it has no snapshots",
                    k->target);
    if (k->shareable == TRI_YES)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "disk '%s' is shared with others: a snapshot of it would be theirs too",
                    k->target);
    if (d->place == SNAP_INTERNAL && k->type == DISK_FILE && !is_qcow2)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "disk '%s' is no qcow2 image, so it cannot hold a snapshot: take an external "
                    "one (--diskspec %s,snapshot=external)",
                    k->target, k->target);
    if (d->place == SNAP_EXTERNAL && d->format && !str_eq(d->format, "qcow2"))
        return fail(e, ERR_OPERATION_UNSUPPORTED, "disk '%s': an external file is qcow2, not %s",
                    k->target, d->format);
    if (d->place == SNAP_EXTERNAL && (str_empty(d->source) || d->source[0] != '/'))
        return fail(e, ERR_INVALID_ARG, "disk '%s' needs the path of an external file", k->target);
    return 0;
}

static void settle_disk(const struct disk *k, struct snapshot_disk *d, const char *name,
                        unsigned flags)
{
    if (!d->place)
        d->place = usual_place(k, flags);
    if (d->place != SNAP_EXTERNAL) {
        d->type = 0;
        str_set(&d->source, NULL);
        str_set(&d->format, NULL);
        return;
    }
    d->type = DISK_FILE;
    if (!d->source && k->type == DISK_FILE && k->source)
        d->source = file_beside(k->source, name);
    if (!d->format)
        d->format = mem_str("qcow2");
}

/* What was said of the disk, by its target or its source. */
static struct snapshot_disk *said_of(struct snapshot *s, const struct disk *k)
{
    struct snapshot_disk *d = snapshot_disk_find(s, k->target);
    return d || !k->source ? d : snapshot_disk_find(s, k->source);
}

/* All disks of the guest in their order, each said to be somewhere. */
static int settle_disks(const struct domain *config, struct snapshot *s, unsigned flags,
                        struct err *e)
{
    struct snapshot all = {0};
    size_t n_said = 0;
    int r = 0;
    for (size_t i = 0; !r && i < config->n_disks; i++) {
        const struct disk *k = &config->disks[i];
        const struct snapshot_disk *said = said_of(s, k);
        struct snapshot_disk *d = DOMAIN_ADD(&all, disks);
        if (said)
            rec_copy(&snapshot_disk_rec, d, said);
        n_said += said != NULL;
        str_set(&d->name, k->target);
        settle_disk(k, d, s->name, flags);
        r = check_place(k, d, e);
    }
    if (!r && n_said < s->n_disks)
        r = fail(e, ERR_INVALID_ARG, "the snapshot names a disk that the domain does not have");
    for (size_t i = 0; i < s->n_disks; i++)
        rec_clear(&snapshot_disk_rec, &s->disks[i]);
    free(s->disks);
    s->disks = all.disks;
    s->n_disks = all.n_disks;
    return r;
}

static int settle_memory(const struct guest *g, struct snapshot *s, unsigned *flags, struct err *e)
{
    bool is_active = guest_is_active(g);
    if (is_active && s->memory == SNAP_NO)
        *flags |= SNAP_CREATE_DISK_ONLY;
    bool keeps = is_active && !(*flags & SNAP_CREATE_DISK_ONLY);
    if (!keeps && s->memory && s->memory != SNAP_NO)
        return fail(e, ERR_INVALID_ARG,
                    is_active ? "a snapshot of disks only has no memory"
                              : "a domain that is off has no memory to keep");
    if (s->memory_file && s->memory_file[0] != '/')
        return fail(e, ERR_INVALID_ARG, "'%s' is not an absolute path", s->memory_file);
    if (!s->memory)
        s->memory = keeps ? SNAP_INTERNAL : SNAP_NO;
    if (keeps && s->memory == SNAP_INTERNAL && *flags & SNAP_CREATE_NO_METADATA)
        return fail(e, ERR_INVALID_ARG, "without metadata the memory needs a file (--memspec)");
    s->state = !is_active                       ? SNAP_SHUTOFF
               : *flags & SNAP_CREATE_DISK_ONLY ? SNAP_DISK_ONLY
               : g->state == GUEST_PAUSED       ? SNAP_PAUSED
                                                : SNAP_RUNNING;
    return 0;
}

static int check_flags(const struct guest *g, unsigned flags, struct err *e)
{
    if (flags & SNAP_CREATE_QUIESCE)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "a Xen guest has no agent that could quiesce its file systems");
    if (flags & SNAP_CREATE_CURRENT && !(flags & SNAP_CREATE_REDEFINE))
        return fail(e, ERR_INVALID_ARG, "only a redefined snapshot is made the current one");
    if (flags & SNAP_CREATE_REDEFINE && flags & SNAP_CREATE_NO_METADATA)
        return fail(e, ERR_INVALID_ARG, "to redefine a snapshot is to give it metadata");
    if (flags & SNAP_CREATE_HALT && !guest_is_active(g) && !(flags & SNAP_CREATE_REDEFINE))
        return fail(e, ERR_INVALID_ARG, "the domain is off already");
    return 0;
}

static int check_guest(const struct guest *g, struct err *e)
{
    if (guest_check_idle(g, e) || guest_check_written(g, e))
        return -1;
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID,
                    "a transient domain has no snapshots: nothing could bring it back");
    if (guest_is_active(g) && !g->live)
        return fail(e, ERR_OPERATION_FAILED, "the configuration of domain '%s' is not known yet",
                    g->name);
    if (g->has_managed_save)
        return fail(e, ERR_OPERATION_INVALID,
                    "domain '%s' is saved: start it or remove its managed save first", g->name);
    return guest_is_active(g) ? guest_allows(g, OP_SAVE, e) : 0;
}

/* Its definition, with the disks that it has now. */
static struct domain *domain_of(const struct guest *g)
{
    struct domain *d = domain_copy(g->def);
    const struct field *f = rec_field(&domain_rec, "disks");
    if (!guest_is_active(g))
        return d;
    while (rec_count(f, d))
        rec_remove(f, d, 0);
    for (size_t i = 0; i < g->live->n_disks; i++)
        rec_copy(&disk_rec, DOMAIN_ADD(d, disks), &g->live->disks[i]);
    return d;
}

static bool needs_off(const struct snapshot *s)
{
    for (size_t i = 0; i < s->n_disks; i++) {
        const struct snap_disk x = {.disk = snap_disk_of(s->domain, s->disks[i].name),
                                    .place = s->disks[i].place};
        if (x.place != SNAP_NO && x.disk && snap_disk_needs_off(&x))
            return true;
    }
    return false;
}

static int settle(struct guest *g, struct snapshot *s, unsigned *flags, struct err *e)
{
    time_t now = time(NULL);
    if (!s->name)
        s->name = mem_printf("%lld", (long long)now);
    if (!snapshot_name_is_good(s->name, e) || check_flags(g, *flags, e) || check_guest(g, e))
        return -1;
    if (snaps_find(g, s->name))
        return fail(e, ERR_OPERATION_FAILED, "domain snapshot %s already exists", s->name);
    domain_free(s->domain);
    s->domain = domain_of(g);
    s->created = NUM(now);
    str_set(&s->parent, guest_snapshot_current(g));
    return settle_memory(g, s, flags, e) || settle_disks(s->domain, s, *flags, e) ? -1 : 0;
}

/* ---- redefining: only what we know of it changes ---- */
static int redefine(struct guest *g, struct snapshot *taken, unsigned flags, guest_done *done,
                    void *arg, struct err *e)
{
    CLEANUP_SNAPSHOT struct snapshot *s = taken;
    CLEANUP_FREE char *dir = snap_dir(g);
    const struct snapshot *old = s->name ? snaps_find(g, s->name) : NULL;
    if (!snapshot_name_is_good(s->name, e) || guest_check_idle(g, e))
        return -1;
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "a transient domain has no snapshots");
    if (str_eq(s->parent, s->name) || (s->parent && !snaps_find(g, s->parent)))
        return fail(e, ERR_INVALID_ARG, "the parent '%s' of snapshot '%s' is not there", s->parent,
                    s->name);
    for (const struct snapshot *p = s->parent ? snaps_find(g, s->parent) : NULL; p;
         p = p->parent ? snaps_find(g, p->parent) : NULL)
        if (str_eq(p->parent, s->name))
            return fail(e, ERR_INVALID_ARG, "snapshot '%s' would be its own ancestor", s->name);
    if (s->domain && !uuid_eq(s->domain->uuid, g->uuid))
        return fail(e, ERR_INVALID_ARG, "the definition in snapshot '%s' is of another domain",
                    s->name);
    if (!s->domain && old && old->domain)
        s->domain = domain_copy(old->domain);
    if (!s->state || !s->created.set)
        return fail(e, ERR_XML_ERROR, "a redefined snapshot needs its <state> and <creationTime>");
    if (file_make_dirs(dir, 0700, e) || snap_write(dir, s, NULL, e) ||
        (flags & SNAP_CREATE_CURRENT && snap_write_current(dir, s->name, e)))
        return -1;
    CLEANUP_FREE char *name = mem_str(s->name);
    snaps_put(g, take(s));
    if (flags & SNAP_CREATE_CURRENT)
        str_set(&g->snaps->current, name);
    return guest_tell_later(g, done, arg);
}

/* ---- the steps ---- */
static int check_memory_file(const struct snapwork *w, struct err *e)
{
    struct stat s;
    if (w->snap->memory != SNAP_EXTERNAL || w->flags & SNAP_CREATE_REUSE_EXT)
        return 0;
    return lstat(w->memory, &s) ? 0
                                : fail(e, ERR_OPERATION_FAILED, "'%s' exists already", w->memory);
}

static void drop_memory(const struct snapwork *w)
{
    if (!w->memory)
        return;
    CLEANUP_FREE char *part = image_part(w->memory);
    (void)unlink(w->memory);
    (void)unlink(part);
}

static void work_first(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    if (file_make_dirs(w->dir, 0700, &j->err) || check_memory_file(w, &j->err) ||
        snapwork_disks(w, snap_disk_check, &j->progress, &j->err) ||
        snap_write(w->dir, w->snap, SNAP_MAKING, &j->err) ||
        snap_note(w->dir, "make", w->snap->name, snapwork_bits(w), &j->err))
        return;
    if (w->was_up && save_write(j)) {
        drop_memory(w);
        snap_unnote(w->dir);
    }
}

/* It may be there, suspended; or gone, its memory whole. */
static void work_undo(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    struct err e = {0};
    bool is_there = j->domid != HV_DOMID_NONE;
    w->is_undone = true;
    if (snapwork_disks(w, snap_disk_unmake, NULL, &j->err))
        wrap(&j->err, "something of it is left");
    if (is_there && w->was_up)
        (void)j->host->ops->resume(j->host->hv, j->domid, &e);
    w->goes_on = w->was_up && !is_there && image_is_whole(w->memory);
    if (!w->goes_on)
        drop_memory(w);
    if (snapwork_next(w, &e) && !j->err.code)
        j->err = e;
}

static int make_last(struct snapwork *w, struct err *e)
{
    CLEANUP_FREE char *making = snap_file(w->dir, SNAP_MAKING, "");
    CLEANUP_FREE char *own = snap_file(w->dir, w->snap->name, ".xml");
    bool has_place = !(w->flags & SNAP_CREATE_NO_METADATA);
    if (snap_note(w->dir, "keep", w->snap->name, snapwork_bits(w), e))
        return -1;
    if (has_place && rename(making, own) && !w->is_again)
        return fail_errno(e, "cannot rename '%s'", making);
    if (snapwork_keep(w, e)) {
        (void)unlink(own);
        return -1;
    }
    return 0;
}

static void work_second(void *arg)
{
    struct job *j = arg;
    struct snapwork *w = j->snap;
    struct err e = {0};
    int r = w->is_again ? 0 : snapwork_disks(w, snap_disk_make, &j->progress, &j->err);
    bool is_suspended = w->was_up && !w->stops && !w->is_again;
    if (is_suspended && j->host->ops->resume(j->host->hv, j->domid, &e) && !r)
        r = fail(&j->err, e.code, "%s", e.msg);
    if (!r)
        r = make_last(w, &j->err);
    if (!r) {
        r = snapwork_next(w, &j->err);
        return;
    }
    w->is_undone = true;
    w->goes_on = w->was_up && w->stops;
    (void)snapwork_disks(w, snap_disk_unmake, NULL, &e);
    if (!w->goes_on)
        drop_memory(w);
    (void)snapwork_next(w, &e);
}

static void end_second(struct job *j)
{
    struct guest *g = j->guest;
    struct hv_info i;
    struct err e = {0};
    if (g->domid != HV_DOMID_NONE && !g->host->ops->info(g->host->hv, g->domid, &i, &e))
        guest_read_state(g, &i);
}

static void apply(struct snapwork *w)
{
    struct guest *g = w->guest;
    if (w->def) {
        domain_free(g->def);
        g->def = take(w->def);
    }
    if (w->flags & SNAP_CREATE_NO_METADATA)
        return;
    str_set(&g->snaps->current, w->snap->name);
    snaps_put(g, snapshot_copy(w->snap));
}

const struct snap_steps snap_make = {
    .first = {.name = "snapshot", .operation = 6, .work = work_first, .end = snapwork_end_first},
    .second = {.name = "snapshot", .operation = 6, .work = work_second, .end = end_second},
    .undo = {.name = "snapshot", .work = work_undo, .end = end_second},
    .apply = apply};

static char *memory_of(const struct snapwork *w)
{
    if (!w->was_up)
        return NULL;
    if (w->snap->memory == SNAP_EXTERNAL)
        return mem_str(w->snap->memory_file);
    return w->snap->memory == SNAP_INTERNAL ? snap_file(w->dir, w->snap->name, ".mem")
                                            : snap_file(w->dir, SNAP_MEMORY, "");
}

void snap_make_settle(struct snapwork *w)
{
    w->memory = memory_of(w);
    w->stops = needs_off(w->snap) || w->flags & SNAP_CREATE_HALT;
    w->goes_on = w->was_up && w->stops && !(w->flags & SNAP_CREATE_HALT);
    w->def = snap_new_def(w->guest->def, w->snap);
    w->current = mem_str(w->flags & SNAP_CREATE_NO_METADATA ? guest_snapshot_current(w->guest)
                                                            : w->snap->name);
}

/* The first step, with what it saves the guest with. */
static int run(struct snapwork *w, struct err *e)
{
    struct guest *g = w->guest;
    w->is_live = w->flags & SNAP_CREATE_LIVE;
    return w->was_up && text_write(g->live, true, &w->xml, &w->xml_len, e) ? (snapwork_free(w), -1)
                                                                           : snapwork_run(w, e);
}

int guest_snapshot_create(struct guest *g, const char *xml, unsigned flags, char **ret_name,
                          guest_done *done, void *arg, struct err *e)
{
    CLEANUP_SNAPSHOT struct snapshot *s = NULL;
    if (snapshot_xml_read(xml, strlen(xml), &s, e))
        return -1;
    if (flags & SNAP_CREATE_REDEFINE) {
        CLEANUP_FREE char *name = mem_str(s->name);
        if (check_flags(g, flags, e) || redefine(g, take(s), flags, done, arg, e))
            return -1;
        *ret_name = take(name);
        return 0;
    }
    if (settle(g, s, &flags, e))
        return -1;
    CLEANUP_FREE char *name = mem_str(s->name);
    struct snapwork *w = snapwork_new(g, &snap_make, take(s), done, arg);
    w->flags = flags;
    snap_make_settle(w);
    if (run(w, e))
        return -1;
    *ret_name = take(name);
    return 0;
}
