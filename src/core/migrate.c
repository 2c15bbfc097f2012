#include "migrate.h"

#include "priv.h"

/* ---- where it runs ---- */
int guest_migrate_check(const struct guest *g, struct err *e)
{
    return guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e) ? -1 : 0;
}

static void work_send(void *arg)
{
    struct job *j = arg;
    if (j->host->ops->save(j->host->hv, j->domid, j->fd, j->is_live, &j->progress, &j->err))
        wrap(&j->err, "cannot migrate domain '%s'", j->xml);
}

/* From here on the other side may run it: only the confirmation tells. */
static void end_send(struct job *j)
{
    struct guest *g = j->guest;
    if (g->domid != j->domid)
        return;
    if (j->err.code) {
        guest_revive(g);
        return;
    }
    g->is_sent = true;
    store_note(g->host, g->uuid, "sent ");
    guest_change(g, CHANGE_SENT);
}

const struct job_kind job_send = {.name = "migrate",
                                  .work = work_send,
                                  .end = end_send,
                                  .is_journaled = true,
                                  .keeps_note = true};

int guest_migrate_send(struct guest *g, int fd, bool live, guest_done *done, void *arg,
                       struct err *e)
{
    if (guest_migrate_check(g, e)) {
        close_fd(&fd);
        return -1;
    }
    struct job *j = job_new(g, &job_send, done, arg);
    j->fd = fd;
    j->is_live = live;
    j->xml = mem_str(g->name);
    return job_run(j, e);
}

static void work_take_back(void *arg)
{
    struct job *j = arg;
    if (j->host->ops->resume(j->host->hv, j->domid, &j->err))
        wrap(&j->err, "cannot resume domain '%s' after its migration failed", j->xml);
}

static void end_take_back(struct job *j)
{
    if (!j->err.code && j->guest->domid == j->domid)
        guest_change(j->guest, CHANGE_TAKEN_BACK);
}

static const struct job_kind job_take_back = {
    .name = "resume", .work = work_take_back, .end = end_take_back};

int guest_take_back(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    struct job *j = job_new(g, &job_take_back, done, arg);
    j->xml = mem_str(g->name);
    g->is_sent = false;
    store_forget(g->host, g->uuid);
    return job_run(j, e);
}

int guest_migrate_confirm(struct guest *g, bool cancelled, bool undefine, guest_done *done,
                          void *arg, struct err *e)
{
    if (guest_check_idle(g, e))
        return -1;
    if (cancelled)
        return g->is_sent ? guest_take_back(g, done, arg, e) : guest_tell_later(g, done, arg);
    if (!g->is_sent)
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is not being migrated", g->name);
    g->is_sent = false;
    if (guest_end(g, CHANGE_MIGRATED, false, NULL, e))
        return wrap(e, "domain '%s'", g->name);
    job_join(g, &job_destroy, done, arg);
    struct err why = {0};
    if (undefine && g->def && guest_undefine(g, true, &why))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, why.msg);
    return 0;
}

/* ---- where it comes to ---- */
int host_migrate_prepare(struct host *h, struct domain *taken, struct guest **ret, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = taken;
    struct guest *g = NULL;
    if (host_match(h, d, &g, e) || guest_check_inactive(g, e))
        return -1;
    if (!g)
        g = guest_new(h, d->name, d->uuid);
    guest_stop_restart(g);
    g->incoming = NEW(struct incoming);
    g->incoming->config = take(d);
    *ret = g;
    return 0;
}

void guest_incoming_free(struct guest *g)
{
    struct incoming *in = take(g->incoming);
    if (!in)
        return;
    domain_free(in->config);
    free(in);
}

static void work_receive(void *arg)
{
    struct job *j = arg;
    const struct hv_create c = {
        .config = j->config, .restore_fd = j->fd, .userdata = j->xml, .userdata_len = j->xml_len};
    if (j->host->ops->create(j->host->hv, &c, &j->progress, &j->domid, &j->err))
        wrap(&j->err, "cannot take in domain '%s'", j->config->name);
}

static void finish_now(struct guest *g);

static void take_in(struct guest *g, struct job *j)
{
    struct host *h = g->host;
    if (h->ops->watch(h->hv, j->domid, &j->err))
        return;
    guest_set_domid(g, j->domid);
    g->started_ms = loop_now_ms(h->loop);
    domain_free(g->again);
    g->again = g->def ? NULL : domain_copy(j->config);
    guest_set_live(g, take(j->config));
    guest_refresh_live(g);
    guest_change(g, CHANGE_ARRIVED);
}

static void end_receive(struct job *j)
{
    struct guest *g = j->guest;
    if (!j->err.code)
        take_in(g, j);
    if (!g->incoming)
        return;
    g->incoming->has_come = !j->err.code;
    g->incoming->err = j->err;
    if (g->incoming->is_finishing)
        finish_now(g);
}

const struct job_kind job_receive = {.name = "migrate in",
                                     .work = work_receive,
                                     .end = end_receive,
                                     .is_journaled = true,
                                     .keeps_note = true};

int guest_migrate_receive(struct guest *g, int fd, guest_done *done, void *arg, struct err *e)
{
    if (!g->incoming || g->job || g->domid != HV_DOMID_NONE) {
        close_fd(&fd);
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is not expected", g->name);
    }
    struct job *j = job_new(g, &job_receive, done, arg);
    j->fd = fd;
    j->config = domain_copy(g->incoming->config);
    if (text_write(j->config, true, &j->xml, &j->xml_len, e)) {
        job_free(j);
        return -1;
    }
    return job_run(j, e);
}

static int make_persistent(struct guest *g, struct err *e)
{
    if (store_save(g->host, g->incoming->config, e))
        return -1;
    bool is_new = !g->def;
    domain_free(g->def);
    g->def = take(g->incoming->config);
    guest_event(g, EVENT_LIFECYCLE, 0, is_new ? 0 : 1);
    return 0;
}

/* The guest is ours from the moment that it runs; until then it is the other side's. */
static int accept_guest(struct guest *g, struct err *e)
{
    struct host *h = g->host;
    if (!g->incoming->is_paused && h->ops->unpause(h->hv, g->domid, e))
        return wrap(e, "cannot run domain '%s'", g->name);
    store_forget(h, g->uuid);
    guest_change(g, g->incoming->is_paused ? CHANGE_ARRIVED_PAUSED : CHANGE_ARRIVED_RUNNING);
    struct err why = {0};
    if (g->incoming->persists && make_persistent(g, &why))
        host_log(h, LOG_ERROR, "domain '%s' is here, but not defined: %s", g->name, why.msg);
    return 0;
}

static void refuse_guest(struct guest *g)
{
    struct err e = {0};
    store_forget(g->host, g->uuid);
    if (g->domid != HV_DOMID_NONE && guest_end(g, CHANGE_FAILED, false, NULL, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}

static void finish_now(struct guest *g)
{
    struct incoming *in = g->incoming;
    struct err e = in->err;
    bool is_wanted = in->has_come && !in->is_cancelled && g->domid != HV_DOMID_NONE;
    if (!is_wanted && !in->is_cancelled && !e.code)
        fail(&e, ERR_OPERATION_FAILED, "domain '%s' has not come", g->name);
    if (!is_wanted || accept_guest(g, &e))
        refuse_guest(g);
    if (in->is_cancelled)
        e = (struct err){0};
    guest_done *done = in->done;
    void *arg = in->arg;
    guest_incoming_free(g);
    done(arg, g, &e);
}

static void finish_later(void *arg)
{
    struct guest *g = arg;
    struct host *h = g->host;
    if (!h->is_closing) {
        finish_now(g);
        g->n_jobs--;
        guest_release(g);
    }
    h->n_holds--;
    host_free_closed(h);
}

int guest_migrate_finish(struct guest *g, bool cancelled, bool paused, bool persist,
                         guest_done *done, void *arg, struct err *e)
{
    struct incoming *in = g->incoming;
    if (!in || in->is_finishing)
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is not being migrated to here", g->name);
    in->is_finishing = true;
    in->is_cancelled = cancelled;
    in->is_paused = paused;
    in->persists = persist;
    in->done = done;
    in->arg = arg;
    if (g->job && cancelled)
        job_abort(g->job);
    if (g->job)
        return 0; /* when it has ended */
    g->n_jobs++;
    g->host->n_holds++;
    loop_defer(g->host->loop, finish_later, g);
    return 0;
}
