/* Jobs: one slow operation of a guest each, from its start to telling those who wait. */
#include <sys/socket.h>
#include <sys/stat.h>

#include "priv.h"

struct job *job_new(struct guest *g, const struct job_kind *kind, guest_done *done, void *arg)
{
    struct job *j = NEW(struct job);
    *j = (struct job){.kind = kind,
                      .host = g->host,
                      .guest = g,
                      .domid = g->domid,
                      .fd = -1,
                      .started_ms = loop_now_ms(g->host->loop)};
    if (done)
        VEC_PUSH(j->waiters, j->n_waiters, ((struct waiter){done, arg}));
    return j;
}

void job_free(struct job *j)
{
    loop_timer_close(j->deadline);
    free(j->waiters);
    domain_free(j->config);
    domain_free(j->swap);
    domain_free(j->lent);
    domain_free(j->missing);
    free(j->xml);
    free(j->path);
    free(j->drops);
    close_fd(&j->fd);
    claims_clear(&j->claims);
    free(j);
}

bool job_join(struct guest *g, const struct job_kind *kind, guest_done *done, void *arg)
{
    struct job *j = g->next ? g->next : g->job;
    if (!j || j->kind != kind || !kind->can_join)
        return false;
    if (done)
        VEC_PUSH(j->waiters, j->n_waiters, ((struct waiter){done, arg}));
    return true;
}

static void after_work(void *arg)
{
    job_end(arg);
}

static void work_job(void *arg)
{
    struct job *j = arg;
    j->kind->work(j);
}

static void work_unlend(void *arg)
{
    struct job *j = arg;
    loan_return(j->host, j->lent, &j->unreturned);
}

static void after_unlend(void *arg)
{
    struct job *j = arg;
    if (j->unreturned.code)
        host_log(j->host, LOG_WARN, "domain '%s': %s", j->guest->name, j->unreturned.msg);
    job_end(j);
}

static void on_wait(struct hv_wait *w, const struct err *e)
{
    struct job *j = (struct job *)w;
    j->err = *e;
    if (j->lent && (j->err.code || !j->lends))
        loop_work(j->host->loop, work_unlend, after_unlend, j);
    else
        job_end(j);
}

static int begin_now(struct job *j, struct err *e)
{
    if (j->kind->work) {
        loop_work_long(j->host->loop, work_job, after_work, j);
        return 0;
    }
    j->wait.done = on_wait;
    return j->kind->begin(j, e);
}

static void work_before(void *arg)
{
    struct job *j = arg;
    j->kind->look(j);
}

/* Meanwhile the guest may have gone, or nobody wants the job any more. */
static int admit(struct job *j)
{
    if (j->err.code)
        return -1;
    if (__atomic_load_n(&j->progress.abort_wanted, __ATOMIC_ACQUIRE))
        return fail(&j->err, ERR_OPERATION_ABORTED, "'%s' of domain '%s' was aborted",
                    j->kind->name, j->guest->name);
    if (!j->kind->work && j->guest->domid != j->domid)
        return fail(&j->err, ERR_OPERATION_INVALID, "domain is not running");
    return guest_claim(j->guest, &j->claims, &j->err) || begin_now(j, &j->err) ? -1 : 0;
}

static void after_look(void *arg)
{
    struct job *j = arg;
    j->is_looking = false;
    if (j->host->is_closing || admit(j))
        job_end(j);
}

static int begin(struct job *j, struct err *e)
{
    if (j->kind->look && !j->path) /* a path is of an image, which the worker opens first */
        claims_list(j->config, &j->claims);
    if (!j->kind->look || (!j->path && !j->claims.n))
        return begin_now(j, e);
    j->is_looking = true;
    loop_work(j->host->loop, work_before, after_look, j);
    return 0;
}

static void note(struct job *j)
{
    const char *more = j->path ? j->path : "";
    CLEANUP_FREE char *text = mem_printf("%s %s", j->kind->name, j->undefines ? "undefine" : more);
    store_note(j->host, j->guest->uuid, text);
}

static void on_deadline(void *arg)
{
    struct job *j = arg;
    j->is_late = true;
    job_abort(j);
}

/* Only what a worker does can be aborted in the middle. */
static void set_deadline(struct job *j)
{
    uint64_t ms = j->kind->operation && j->kind->work ? j->host->deadline_ms : 0;
    if (!ms)
        return;
    j->deadline = loop_timer_open(j->host->loop, on_deadline, j);
    loop_timer_start(j->deadline, ms, 0);
}

int job_run(struct job *j, struct err *e)
{
    struct guest *g = j->guest;
    if (j->kind->is_journaled)
        note(j);
    if (begin(j, e)) {
        if (j->kind->is_journaled)
            store_forget(j->host, g->uuid);
        job_free(j);
        return -1;
    }
    set_deadline(j);
    g->job = j;
    g->n_jobs++;
    VEC_PUSH(j->host->jobs, j->host->n_jobs, j);
    return 0;
}

static void tell_waiters(struct job *j, const struct err *e)
{
    struct guest *g = j->guest->is_forgotten ? NULL : j->guest;
    for (size_t i = 0; i < j->n_waiters; i++)
        j->waiters[i].done(j->waiters[i].arg, g, e);
}

void job_leave(struct job *j)
{
    struct err e = {0}; /* its own is the worker's */
    fail(&e, ERR_OPERATION_ABORTED, "the %s of domain '%s' is left as it is: the daemon stops",
         j->kind->name, j->guest->name);
    tell_waiters(j, &e);
    j->n_waiters = 0;
}

void job_answer_early(struct guest *g, const struct job_kind *kind)
{
    struct host *h = g->host;
    for (size_t i = 0; i < h->n_jobs; i++) {
        struct job *j = h->jobs[i];
        if (j->guest != g || j->kind != kind)
            continue;
        tell_waiters(j, &j->err);
        j->n_waiters = 0;
    }
}

/* A destroy that has waited for the job: there may be nothing left to destroy, which is what it
 * wanted. */
static void run_next(struct guest *g)
{
    struct job *next = take(g->next);
    if (!next)
        return;
    struct err e = {0};
    if (g->domid == HV_DOMID_NONE) {
        tell_waiters(next, &next->err);
        job_free(next);
        return;
    }
    struct waiter *waiters = take(next->waiters);
    size_t n = next->n_waiters;
    next->n_waiters = 0;
    next->domid = g->domid;
    if (job_run(next, &e)) {
        for (size_t i = 0; i < n; i++)
            waiters[i].done(waiters[i].arg, g, &e);
        free(waiters);
        return;
    }
    next->waiters = waiters;
    next->n_waiters = n;
}

/* A worker may be waiting for a host that does not answer any more: its socket, if it is one, ends.
 */
void job_abort(struct job *j)
{
    __atomic_store_n(&j->progress.abort_wanted, true, __ATOMIC_RELEASE);
    if (j->fd >= 0 && (j->kind == &job_send || j->kind == &job_receive))
        (void)shutdown(j->fd, SHUT_RDWR);
}

/* ---- how far it is, and what is remembered of it ---- */
/* A hypervisor that does not tell how far a dump is: its file grows to what the guest has. */
static void measure_dump(const struct job *j, struct guest_job_info *ret)
{
    struct stat s;
    const struct domain *d = j->guest->live;
    if (ret->done || j->kind != &job_dump || !d || stat(j->path, &s) || !S_ISREG(s.st_mode))
        return;
    ret->total = (uint64_t)num_or(d->memory_kib, 0) << 10;
    ret->done = (uint64_t)s.st_blocks * 512;
    if (ret->done > ret->total)
        ret->done = ret->total;
}

void job_info(const struct job *j, struct guest_job_info *ret)
{
    *ret = (struct guest_job_info){
        .name = j->kind->name,
        .operation = j->kind->operation,
        .elapsed_ms = loop_now_ms(j->host->loop) - j->started_ms,
        .total = __atomic_load_n(&j->progress.total, __ATOMIC_ACQUIRE),
        .done = __atomic_load_n(&j->progress.done, __ATOMIC_ACQUIRE),
        .err_code = j->err.code,
    };
    snprintf(ret->err_msg, sizeof(ret->err_msg), "%.*s", JOB_MSG_MAX - 1,
             j->err.code ? j->err.msg : "");
    measure_dump(j, ret);
    if (j->kind == &job_send && !ret->total)
        guest_migrate_progress(j->fd, j->guest, ret);
}

static void remember(struct job *j)
{
    struct guest *g = j->guest;
    if (!j->kind->operation || j->is_part)
        return;
    free(g->last_job);
    g->last_job = NEW(struct guest_job_info);
    job_info(j, g->last_job);
    struct event ev = {.id = EVENT_JOB_COMPLETED,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .job = mem_dup(g->last_job, sizeof(*g->last_job))};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
}

static void say_late(struct job *j)
{
    if (j->is_late && j->err.code)
        fail(&j->err, ERR_OPERATION_TIMEOUT, "'%s' of domain '%s' was given up after %llu s",
             j->kind->name, j->guest->name, (unsigned long long)j->host->deadline_ms / 1000);
}

/* The guest may still take the request: nobody waits for that any more, and others may go on. */
int job_give_up(struct guest *g, struct err *e)
{
    struct job *j = g->job;
    if (j->kind != &job_shutdown)
        return fail(e, ERR_OPERATION_INVALID, "job '%s' cannot be aborted", j->kind->name);
    struct err why = {0};
    fail(&why, ERR_OPERATION_ABORTED, "%s of domain '%s' was aborted", j->kind->name, g->name);
    struct waiter *waiters = take(j->waiters);
    size_t n = j->n_waiters;
    j->n_waiters = 0;
    g->job = NULL;
    for (size_t i = 0; i < n; i++)
        waiters[i].done(waiters[i].arg, g, &why);
    free(waiters);
    return 0;
}

static void unlist(struct host *h, const struct job *j)
{
    for (size_t i = 0; i < h->n_jobs; i++)
        if (h->jobs[i] == j) {
            VEC_REMOVE(h->jobs, h->n_jobs, i);
            return;
        }
}

/* What it changed of the definition is on disk, or was undone. */
static void tell_end(void *arg, const struct err *e)
{
    struct job *j = arg;
    struct guest *g = j->guest;
    bool goes_on = j->was_owner && !j->host->is_closing;
    if (!j->err.code)
        j->err = *e;
    tell_waiters(j, &j->err);
    job_free(j);
    if (goes_on && !g->job)
        run_next(g);
    guest_drop(g);
}

/* When the host is closing nothing is concluded: the journal tells the next start. */
void job_end(struct job *j)
{
    struct host *h = j->host;
    struct guest *g = j->guest;
    unlist(h, j);
    if (h->is_closing) {
        job_free(j);
        guest_drop(g);
        host_free_closed(h);
        return;
    }
    uint64_t changes = host_changes(h);
    j->was_owner = g->job == j;
    if (j->was_owner)
        g->job = NULL;
    say_late(j);
    j->kind->end(j);
    remember(j);
    bool is_noted = j->kind->keeps_note && !j->err.code;
    if (j->kind->is_journaled && !is_noted && !(g->job && g->job->kind->is_journaled))
        store_forget(h, g->uuid);
    if (!g->job && g->domid == HV_DOMID_NONE)
        guest_unclaim(g, NULL);
    guest_release(g); /* not yet freed: this job still counts */
    if (host_changes(h) != changes)
        host_when_written(h, changes, tell_end, j);
    else
        tell_end(j, &j->err);
}

struct told {
    struct guest *g;
    guest_done *done;
    void *arg;
};

static void tell_now(void *arg)
{
    struct told *t = arg;
    struct guest *g = t->g;
    struct host *h = g->host;
    struct err e = {0};
    if (h->is_closing) {
        fail(&e, ERR_OPERATION_ABORTED, "the daemon stops");
        t->done(t->arg, NULL, &e);
    } else {
        guest_release(g); /* not yet freed: this still counts as a job */
        t->done(t->arg, g->is_forgotten ? NULL : g, &e);
    }
    guest_drop(g);
    free(t);
    h->n_holds--;
    host_free_closed(h);
}

int guest_tell_later(struct guest *g, guest_done *done, void *arg)
{
    struct told *t = NEW(struct told);
    *t = (struct told){g, done, arg};
    g->n_jobs++;
    g->host->n_holds++;
    loop_defer(g->host->loop, tell_now, t);
    return 0;
}
