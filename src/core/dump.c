/* Core dumps: the guest's memory as an ELF file, which is what Xen writes. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "priv.h"

/* What was there before the dump, a device or a pipe, is not ours to remove. */
static bool is_plain(const char *path)
{
    struct stat s;
    return lstat(path, &s) ? true : S_ISREG(s.st_mode);
}

static void sync_dump(struct job *j)
{
    CLEANUP_CLOSE int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fsync(fd))
        fail_errno(&j->err, "cannot sync '%s'", j->path);
    if (j->skips_cache)
        image_drop_cache(fd);
}

/* A dump that was aborted or failed leaves nothing. */
static void work_dump(void *arg)
{
    struct job *j = arg;
    bool is_file = is_plain(j->path);
    if (!j->host->ops->dump(j->host->hv, j->domid, j->path, &j->progress, &j->err) && is_file)
        sync_dump(j);
    if (!j->err.code)
        return;
    if (is_file)
        (void)unlink(j->path);
    wrap(&j->err, "cannot dump domain");
}

/* The one that stood still goes on, whatever became of the dump. */
static void end_dump(struct job *j)
{
    struct guest *g = j->guest;
    struct err e = {0};
    if (g->domid != j->domid)
        return;
    bool ends = !j->err.code && j->dump_how & (GUEST_DUMP_CRASH | GUEST_DUMP_RESET);
    if (j->is_paused && !ends && j->host->ops->unpause(j->host->hv, g->domid, &e))
        host_log(g->host, LOG_ERROR, "domain '%s' stays paused: %s", g->name, e.msg);
    else if (j->is_paused && !ends) {
        g->state = GUEST_RUNNING; /* for the reason that it had */
        g->reason = j->reason;
        guest_note_state(g);
    }
    if (ends && j->dump_how & GUEST_DUMP_CRASH)
        guest_end(g, CHANGE_CRASHED, false, j, &j->err);
    else if (ends)
        guest_end_reset(g, j, &j->err);
}

const struct job_kind job_dump = {
    .name = "dump", .operation = 8, .work = work_dump, .end = end_dump, .is_journaled = true};

static int check_how(const struct guest *g, unsigned how, struct err *e)
{
    static const unsigned pairs[] = {GUEST_DUMP_CRASH | GUEST_DUMP_LIVE,
                                     GUEST_DUMP_CRASH | GUEST_DUMP_RESET,
                                     GUEST_DUMP_LIVE | GUEST_DUMP_RESET};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
        if ((how & pairs[i]) == pairs[i])
            return fail(e, ERR_INVALID_ARG, "of crash, live and reset only one is possible");
    return guest_check_idle(g, e) || guest_allows(g, OP_DUMP, e) ? -1 : 0;
}

int guest_dump(struct guest *g, const char *path, unsigned how, guest_done *done, void *arg,
               struct err *e)
{
    if (check_how(g, how, e))
        return -1;
    bool stands = guest_is_running(g) && !(how & GUEST_DUMP_LIVE);
    if (stands && g->host->ops->pause(g->host->hv, g->domid, e))
        return wrap(e, "cannot pause domain '%s' for its dump", g->name);
    struct job *j = job_new(g, &job_dump, done, arg);
    j->path = mem_str(path);
    j->dump_how = how;
    j->is_paused = stands;
    j->reason = g->reason;
    j->skips_cache = how & GUEST_DUMP_BYPASS_CACHE;
    if (stands)
        guest_change(g, CHANGE_DUMPING);
    return job_run(j, e);
}
