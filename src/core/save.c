/* Saving a guest to a file, and its core dump. */
#include <stdio.h>
#include <unistd.h>

#include "ledger.h"
#include "priv.h"

/* Written beside its place, synced, renamed: a file under the wanted name is whole. */
static int write_image(struct job *j, const char *part)
{
    struct hv *hv = j->host->hv;
    const struct image_head head = {j->xml, j->xml_len, j->start};
    j->fd = image_create(part, &head, &j->err);
    if (j->fd < 0 || j->host->ops->save(hv, j->domid, j->fd, j->is_live, &j->progress, &j->err))
        return -1;
    if (!str_eq(part, j->path) && fsync(j->fd))
        return fail_errno(&j->err, "cannot sync '%s'", part);
    if (j->skips_cache)
        image_drop_cache(j->fd);
    close_fd(&j->fd);
    j->fd = -1;
    if (!str_eq(part, j->path) && rename(part, j->path))
        return fail_errno(&j->err, "cannot rename '%s'", part);
    return 0;
}

int save_write(struct job *j)
{
    CLEANUP_FREE char *part = image_part(j->path);
    if (!write_image(j, part))
        return 0;
    if (!str_eq(part, j->path))
        (void)unlink(part);
    return -1;
}

static void work_save(void *arg)
{
    struct job *j = arg;
    if (save_write(j))
        wrap(&j->err, "cannot save domain '%s'", j->config->name);
}

static void end_save(struct job *j)
{
    struct guest *g = j->guest;
    if (g->domid != j->domid)
        return;
    if (j->err.code) {
        guest_revive(g);
        if (!g->job && guest_is_running(g))
            guest_change(g, CHANGE_SAVE_FAILED);
        return;
    }
    if (j->is_managed)
        g->has_managed_save = true;
    guest_end(g, CHANGE_SAVED, false, j, &j->err);
}

const struct job_kind job_save = {
    .name = "save", .operation = 2, .work = work_save, .end = end_save, .is_journaled = true};

/* The hypervisor lets a guest run on that it could not save; when that failed too it is tried
 * again. */
static void work_revive(void *arg)
{
    struct job *j = arg;
    (void)j->host->ops->resume(j->host->hv, j->domid, &j->err);
}

static void end_revive(struct job *j)
{
    struct guest *g = j->guest;
    if (j->err.code)
        host_log(g->host, LOG_ERROR, "domain '%s' stays suspended: %s", g->name, j->err.msg);
    else if (g->domid == j->domid)
        guest_change(g, CHANGE_SAVE_FAILED);
}

static const struct job_kind job_revive = {
    .name = "resume", .work = work_revive, .end = end_revive};

void guest_revive(struct guest *g)
{
    struct hv_info i;
    struct err e = {0};
    if (g->host->ops->info(g->host->hv, g->domid, &i, &e) || i.run != HV_SHUTDOWN)
        return;
    if (i.reason != HV_SUSPEND)
        guest_stopped(g, i.reason);
    else if (job_run(job_new(g, &job_revive, NULL, NULL), &e))
        host_log(g->host, LOG_ERROR, "domain '%s' stays suspended: %s", g->name, e.msg);
}

/* What runs, as XML tells it: the changed one has come that way too. */
static int check_abi(const struct domain *live, const struct domain *changed, struct err *e)
{
    CLEANUP_DOMAIN struct domain *old = NULL;
    CLEANUP_FREE char *xml = NULL;
    size_t len;
    return text_write(live, true, &xml, &len, e) || text_read(xml, len, false, &old, e) ||
                   abi_check(old, changed, e)
               ? -1
               : 0;
}

static int check_changed(const struct guest *g, const struct domain *changed, struct err *e)
{
    return changed ? check_abi(g->live, changed, e) : 0;
}

int save_start(const struct guest *g, unsigned how, enum image_start *ret, struct err *e)
{
    bool running = how & GUEST_SAVE_RUNNING, paused = how & GUEST_SAVE_PAUSED;
    if (running && paused)
        return fail(e, ERR_INVALID_ARG, "a guest comes back running or paused, not both");
    bool is_paused = g && g->state == GUEST_PAUSED;
    *ret = paused || (is_paused && !running) ? IMAGE_PAUSED
           : running || g                    ? IMAGE_RUNNING
                                             : IMAGE_UNSAID;
    return 0;
}

static int save_to(struct guest *g, const char *path, const struct domain *config, unsigned how,
                   bool is_managed, guest_done *done, void *arg, struct err *e)
{
    struct job *j = job_new(g, &job_save, done, arg);
    j->path = mem_str(path);
    j->is_managed = is_managed;
    j->skips_cache = how & GUEST_SAVE_BYPASS_CACHE;
    j->config = domain_copy(config);
    if (save_start(g, how, &j->start, e) || text_write(config, true, &j->xml, &j->xml_len, e)) {
        job_free(j);
        return -1;
    }
    return job_run(j, e);
}

int guest_save(struct guest *g, const char *path, const struct domain *changed, unsigned how,
               guest_done *done, void *arg, struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e) || check_changed(g, changed, e))
        return -1;
    if (path[0] != '/')
        return fail(e, ERR_INVALID_ARG, "'%s' is not an absolute path", path);
    return save_to(g, path, changed ? changed : g->live, how, false, done, arg, e);
}

int guest_managed_save(struct guest *g, unsigned how, guest_done *done, void *arg, struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e) || guest_check_managed(g, e))
        return -1;
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "cannot do managed save for transient domain");
    CLEANUP_FREE char *path = store_managed_path(g->host, g->name);
    return save_to(g, path, g->live, how, true, done, arg, e);
}
