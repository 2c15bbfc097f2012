/* Starting a guest: from its configuration, or from a saved image. */
#include <unistd.h>

#include "ledger.h"
#include "priv.h"

static void work_start(void *arg)
{
    struct job *j = arg;
    if (j->drops && store_drop_managed(j->drops, &j->err))
        return;
    j->has_dropped = j->drops;
    if (job_leave_out(j, j->kind == &job_start && !j->is_snapshot))
        return;
    const struct hv_create c = {
        .config = j->config, .restore_fd = j->fd, .userdata = j->xml, .userdata_len = j->xml_len};
    if (j->host->ops->create(j->host->hv, &c, &j->progress, &j->domid, &j->err))
        wrap(&j->err, "cannot start domain '%s'", j->config->name);
    struct err unreturned = {0}; /* the reason is what counts */
    if (j->err.code)
        loan_return(j->host, j->config, &unreturned);
}

static bool is_same(const struct job *j, const struct domain *image)
{
    return uuid_eq(image->uuid, j->guest->uuid);
}

static void swap_disk(struct disk *k, const struct disk *from)
{
    k->type = from->type;
    str_set(&k->source, from->source);
    str_set(&k->format, from->format);
    str_set(&k->driver, from->driver);
}

static void swap_disks(struct job *j)
{
    for (size_t i = 0; j->swap && i < j->swap->n_disks; i++)
        for (size_t k = 0; k < j->config->n_disks; k++)
            if (str_eq(j->config->disks[k].target, j->swap->disks[i].target))
                swap_disk(&j->config->disks[k], &j->swap->disks[i]);
}

/* Its configuration and how it was saved, where the job does not say otherwise. */
static int open_image(struct job *j)
{
    struct image i;
    if (image_open(j->path, &i, &j->err))
        return -1;
    j->fd = i.fd;
    if (j->start == IMAGE_UNSAID)
        j->start = i.start;
    if (j->config)
        domain_free(i.config);
    else
        j->config = i.config;
    swap_disks(j);
    return j->xml ? 0 : text_write(j->config, true, &j->xml, &j->xml_len, &j->err);
}

/* The image that a managed save left, or one that was opened before. */
static void work_look_restore(void *arg)
{
    struct job *j = arg;
    if (j->fd < 0 && open_image(j))
        return;
    if (is_same(j, j->config))
        work_look(j);
    else
        fail(&j->err, ERR_OPERATION_FAILED, "'%s' is not of domain '%s'", j->path, j->config->name);
}

static void work_restore(void *arg)
{
    struct job *j = arg;
    j->is_paused |= j->start == IMAGE_PAUSED;
    work_start(j);
    if (j->skips_cache)
        image_drop_cache(j->fd);
}

/* Built and paused: now it is ours. */
static int take_domain(struct guest *g, struct job *j)
{
    struct host *h = g->host;
    if (h->ops->watch(h->hv, j->domid, &j->err))
        return wrap(&j->err, "domain '%s' vanished after its start", g->name);
    guest_set_domid(g, j->domid);
    g->is_foreign = false;
    g->started_ms = loop_now_ms(h->loop);
    domain_free(g->again);
    g->again = g->def ? NULL : domain_copy(j->config);
    guest_set_live(g, take(j->config));
    if (!j->is_paused && h->ops->unpause(h->hv, g->domid, &j->err))
        return wrap(&j->err, "cannot run domain '%s'", g->name);
    guest_refresh_live(g);
    return 0;
}

/* The image that the guest has come from: to start from it once more would put old memory on newer
 * disks. So the journal says "restore" until it is gone; a guest that runs has no other use for it.
 */
static void work_drop(void *arg)
{
    struct job *j = arg;
    (void)store_drop_managed(j->path, &j->err);
}

static void end_drop(struct job *j)
{
    if (j->err.code)
        host_log(j->host, LOG_ERROR, "domain '%s': %s", j->guest->name, j->err.msg);
    else
        j->guest->has_managed_save = false;
    j->err = (struct err){0};
}

static const struct job_kind job_drop = {
    .name = "restore", .work = work_drop, .end = end_drop, .is_journaled = true};

static void drop_image(struct job *restored)
{
    struct err e = {0};
    struct job *j = job_new(restored->guest, &job_drop, NULL, NULL);
    j->path = mem_str(restored->path);
    j->waiters = take(restored->waiters);
    j->n_waiters = restored->n_waiters;
    restored->n_waiters = 0;
    if (job_run(j, &e))
        host_log(restored->host, LOG_ERROR, "%s", e.msg);
}

static void end_start(struct job *j)
{
    static const enum change changes[3][2] = {{CHANGE_BOOTED, CHANGE_BOOTED_PAUSED},
                                              {CHANGE_RESTORED, CHANGE_RESTORED_PAUSED},
                                              {CHANGE_UNSNAPPED, CHANGE_UNSNAPPED_PAUSED}};
    struct guest *g = j->guest;
    struct err e = {0};
    if (j->has_dropped)
        g->has_managed_save = false;
    if (j->err.code) {
        if (j->is_restart)
            host_log(g->host, LOG_ERROR, "%s", j->err.msg);
        return;
    }
    if (take_domain(g, j)) {
        if (g->domid != HV_DOMID_NONE && guest_end(g, CHANGE_FAILED, false, NULL, &e))
            host_log(g->host, LOG_ERROR, "%s", e.msg);
        return;
    }
    job_tell_missing(j);
    guest_change(g, changes[j->is_snapshot ? 2 : j->kind == &job_restore][j->is_paused]);
    if (j->is_managed)
        drop_image(j);
}

const struct job_kind job_start = {.name = "start",
                                   .operation = 1,
                                   .look = work_look,
                                   .work = work_start,
                                   .end = end_start,
                                   .is_journaled = true};
const struct job_kind job_restore = {.name = "restore",
                                     .operation = 3,
                                     .look = work_look_restore,
                                     .work = work_restore,
                                     .end = end_start,
                                     .is_journaled = true};

int guest_build(struct guest *g, struct build *b, guest_done *done, void *arg, struct err *e)
{
    struct job *j = job_new(g, b->path ? &job_restore : &job_start, done, arg);
    j->config = take(b->config);
    j->fd = b->fd > 0 ? b->fd : -1;
    j->path = mem_str(b->path);
    j->is_paused = b->is_paused;
    j->is_managed = b->is_managed;
    j->is_restart = b->is_restart;
    j->start = b->start;
    j->swap = take(b->swap);
    j->drops = mem_str(b->drops);
    j->is_snapshot = j->is_part = b->is_snapshot;
    j->skips_cache = b->skips_cache;
    if (j->config && text_write(j->config, true, &j->xml, &j->xml_len, e)) {
        job_free(j);
        return -1;
    }
    guest_stop_restart(g);
    return job_run(j, e);
}

static int check_start(const struct guest *g, struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_START, e))
        return -1;
    return g->def ? 0 : fail(e, ERR_OPERATION_INVALID, "domain '%s' is not defined", g->name);
}

int guest_start(struct guest *g, unsigned flags, guest_done *done, void *arg, struct err *e)
{
    struct build b = {.is_paused = flags & GUEST_START_PAUSED,
                      .skips_cache = flags & GUEST_START_BYPASS_CACHE};
    if (check_start(g, e) || guest_check_managed(g, e))
        return -1;
    CLEANUP_FREE char *path = g->has_managed_save ? store_managed_path(g->host, g->name) : NULL;
    if (flags & GUEST_START_FORCE_BOOT)
        b.drops = path;
    else
        b.path = path;
    b.is_managed = b.path;
    if (!b.path)
        b.config = domain_copy(g->def);
    return guest_build(g, &b, done, arg, e);
}
