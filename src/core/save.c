/* Saving a guest to a file, and its core dump. */
#include <stdio.h>
#include <unistd.h>

#include "priv.h"

/* Written beside its place, synced, renamed: a file under the wanted name is whole. */
static int write_image(struct job *j, const char *part)
{
    struct hv *hv = j->host->hv;
    j->fd = image_create(part, j->xml, j->xml_len, &j->err);
    if (j->fd < 0 || j->host->ops->save(hv, j->domid, j->fd, false, &j->progress, &j->err))
        return -1;
    if (!str_eq(part, j->path) && fsync(j->fd))
        return fail_errno(&j->err, "cannot sync '%s'", part);
    close_fd(&j->fd);
    j->fd = -1;
    if (!str_eq(part, j->path) && rename(part, j->path))
        return fail_errno(&j->err, "cannot rename '%s'", part);
    return 0;
}

static void work_save(void *arg)
{
    struct job *j = arg;
    CLEANUP_FREE char *part = image_part(j->path);
    if (write_image(j, part)) {
        if (!str_eq(part, j->path))
            (void)unlink(part);
        wrap(&j->err, "cannot save domain '%s'", j->config->name);
    }
}

static void end_save(struct job *j)
{
    struct guest *g = j->guest;
    if (g->domid != j->domid)
        return;
    if (j->err.code) {
        guest_revive(g);
        return;
    }
    if (j->is_managed)
        g->has_managed_save = true;
    guest_end(g, CHANGE_SAVED, false, j, &j->err);
}

const struct job_kind job_save = {
    .name = "save", .work = work_save, .end = end_save, .is_journaled = true};

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

static int check_changed(const struct guest *g, const struct domain *changed, struct err *e)
{
    if (changed && !uuid_eq(changed->uuid, g->uuid))
        return fail(e, ERR_OPERATION_FAILED, "the changed XML has another uuid");
    if (changed && !str_eq(changed->name, g->name))
        return fail(e, ERR_OPERATION_FAILED, "the changed XML has another name");
    return 0;
}

static int save_to(struct guest *g, const char *path, const struct domain *config, bool is_managed,
                   guest_done *done, void *arg, struct err *e)
{
    struct job *j = job_new(g, &job_save, done, arg);
    j->path = mem_str(path);
    j->is_managed = is_managed;
    j->config = domain_copy(config);
    if (text_write(config, true, &j->xml, &j->xml_len, e)) {
        job_free(j);
        return -1;
    }
    return job_run(j, e);
}

int guest_save(struct guest *g, const char *path, const struct domain *changed, bool running,
               bool paused, guest_done *done, void *arg, struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e) || check_changed(g, changed, e))
        return -1;
    if (running || paused)
        return fail(e, ERR_ARGUMENT_UNSUPPORTED, "an image cannot say how it is to be restored");
    if (path[0] != '/')
        return fail(e, ERR_INVALID_ARG, "'%s' is not an absolute path", path);
    return save_to(g, path, changed ? changed : g->live, false, done, arg, e);
}

int guest_managed_save(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e))
        return -1;
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "cannot do managed save for transient domain");
    CLEANUP_FREE char *path = store_managed_path(g->host, g->name);
    return save_to(g, path, g->live, true, done, arg, e);
}

static void work_dump(void *arg)
{
    struct job *j = arg;
    if (j->host->ops->dump(j->host->hv, j->domid, j->path, &j->progress, &j->err))
        wrap(&j->err, "cannot dump domain");
}

static void end_dump(struct job *j)
{
    struct guest *g = j->guest;
    if (!j->err.code && j->is_managed && g->domid == j->domid)
        guest_end(g, CHANGE_CRASHED, false, j, &j->err);
}

const struct job_kind job_dump = {.name = "dump", .work = work_dump, .end = end_dump};

int guest_dump(struct guest *g, const char *path, bool crash, guest_done *done, void *arg,
               struct err *e)
{
    if (guest_check_idle(g, e) || guest_allows(g, OP_DUMP, e))
        return -1;
    struct job *j = job_new(g, &job_dump, done, arg);
    j->path = mem_str(path);
    j->is_managed = crash;
    return job_run(j, e);
}
