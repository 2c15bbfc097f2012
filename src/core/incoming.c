/* Guests that come from another host. */
#include <fcntl.h>

#include "ledger.h"
#include "migrate.h"

int host_migrate_prepare(struct host *h, struct domain *taken, struct domain *taken_persist,
                         struct guest **ret, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = taken, *persist = taken_persist;
    struct guest *g = NULL;
    if (host_match(h, d, &g, e) || guest_check_inactive(g, e))
        return -1;
    if (!g)
        g = guest_new(h, d->name, d->uuid);
    guest_stop_restart(g);
    g->incoming = NEW(struct incoming);
    g->incoming->config = take(d);
    g->incoming->persist = take(persist);
    g->incoming->words = -1;
    *ret = g;
    return 0;
}

void guest_incoming_free(struct guest *g)
{
    struct incoming *in = take(g->incoming);
    if (!in)
        return;
    domain_free(in->config);
    domain_free(in->persist);
    close_fd(&in->words);
    free(in);
}

bool guest_is_expected(const struct guest *g)
{
    return g->incoming;
}

static void work_receive(void *arg)
{
    struct job *j = arg;
    if (job_leave_out(j, false))
        return;
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
    guest_learn_claims(g);
    job_tell_missing(j);
    guest_change(g, CHANGE_ARRIVED);
}

/* The source hears it at once, and what it still sends finds nobody. */
static void give_up(struct guest *g)
{
    struct incoming *in = g->incoming;
    verdict_set(g->host, g->uuid, WORD_FAILED);
    word_say(in->words, WORD_FAILED);
    close_fd(&in->words);
    in->words = -1;
}

static void end_receive(struct job *j)
{
    struct guest *g = j->guest;
    if (!j->err.code)
        take_in(g, j);
    if (!g->incoming)
        return;
    if (j->err.code)
        give_up(g);
    g->incoming->has_come = !j->err.code;
    g->incoming->err = j->err;
    if (g->incoming->is_finishing)
        finish_now(g);
}

const struct job_kind job_receive = {.name = "migrate in",
                                     .operation = 4,
                                     .work = work_receive,
                                     .end = end_receive,
                                     .is_journaled = true,
                                     .keeps_note = true};

int guest_migrate_receive(struct guest *g, int fd, bool has_words, guest_done *done, void *arg,
                          struct err *e)
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
    if (has_words)
        g->incoming->words = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return job_run(j, e);
}

static int make_persistent(struct guest *g, const struct domain *d, struct err *e)
{
    if (store_change(g->host, g, &(struct store_change){.save = d}, e))
        return -1;
    bool is_new = !g->def;
    domain_free(g->def);
    g->def = domain_copy(d);
    guest_event(g, EVENT_LIFECYCLE, 0, is_new ? 0 : 1);
    return 0;
}

struct promise {
    struct host *host;
    uint8_t uuid[UUID_LEN];
};

/* The note of the promise goes when its definition is there for good. One that is not written stays
 * noted: the next daemon tries again. */
static void on_kept(void *arg, const struct err *e)
{
    struct promise *k = arg;
    const struct guest *g = e->code ? NULL : host_get_uuid(k->host, k->uuid);
    if (g && !(g->job && g->job->kind->is_journaled)) /* what it has noted goes with it */
        store_forget(k->host, g->uuid);
    free(k);
}

static void forget_promise(struct guest *g, uint64_t changes)
{
    struct promise *k = NEW(struct promise);
    k->host = g->host;
    memcpy(k->uuid, g->uuid, UUID_LEN);
    host_when_written(g->host, changes, on_kept, k);
}

static void run_here(struct guest *g, bool is_paused, const struct domain *persist)
{
    struct err e = {0};
    uint64_t changes = host_changes(g->host);
    guest_change(g, is_paused ? CHANGE_ARRIVED_PAUSED : CHANGE_ARRIVED_RUNNING);
    if (persist && make_persistent(g, persist, &e))
        host_log(g->host, LOG_ERROR, "domain '%s' is here, but not defined: %s", g->name, e.msg);
    if (persist)
        forget_promise(g, changes);
    else
        store_forget(g->host, g->uuid);
}

/* "accepted HOW", and on the next lines its definition, if it gets one. */
static void note_promise(struct guest *g)
{
    const struct incoming *in = g->incoming;
    const struct domain *d = in->persist ? in->persist : in->config;
    CLEANUP_FREE char *xml = NULL;
    struct err e = {0};
    size_t len;
    if (in->persists && text_write(d, false, &xml, &len, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
    CLEANUP_FREE char *note =
        mem_printf("accepted %s\n%s", in->is_paused ? "paused" : "running", xml ? xml : "");
    store_note(g->host, g->uuid, note);
}

/* Once it is promised the source does not run it any more: a daemon that dies then leaves a note
 * that it is to be run. */
static int accept_guest(struct guest *g, struct err *e)
{
    struct host *h = g->host;
    struct incoming *in = g->incoming;
    const struct domain *persist = in->persist ? in->persist : in->config;
    word_say(in->words, WORD_PROMISED);
    note_promise(g);
    if (!in->is_paused && h->ops->unpause(h->hv, g->domid, e))
        return wrap(e, "cannot run domain '%s'", g->name);
    verdict_set(h, g->uuid, WORD_DONE);
    run_here(g, in->is_paused, in->persists ? persist : NULL);
    word_say(in->words, WORD_DONE);
    return 0;
}

void guest_keep_promise(struct guest *g, const char *note)
{
    struct host *h = g->host;
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    bool is_paused = str_starts(note, "accepted paused");
    const char *xml = strchr(note, '\n');
    if (xml && xml[1] && text_read(xml + 1, strlen(xml + 1), false, &d, &e))
        host_log(h, LOG_ERROR, "domain '%s' cannot be defined: %s", g->name, e.msg);
    e = (struct err){0};
    verdict_set(h, g->uuid, WORD_DONE);
    host_log(h, LOG_WARN, "domain '%s' was being migrated to here: it is here", g->name);
    if (!is_paused && g->state == GUEST_PAUSED && h->ops->unpause(h->hv, g->domid, &e)) {
        host_log(h, LOG_ERROR, "cannot run domain '%s': %s", g->name, e.msg);
        return;
    }
    run_here(g, is_paused, d);
}

static void refuse_guest(struct guest *g)
{
    struct err e = {0};
    store_forget(g->host, g->uuid);
    verdict_set(g->host, g->uuid, WORD_FAILED);
    word_say(g->incoming->words, WORD_FAILED);
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
    guest_done *done = in->done;
    void *arg = in->arg;
    guest_incoming_free(g);
    if (done)
        done(arg, g, &e);
}

static void finish_later(void *arg)
{
    struct guest *g = arg;
    struct host *h = g->host;
    if (!h->is_closing)
        finish_now(g);
    guest_drop(g);
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

void guest_migrate_forsake(struct guest *g)
{
    struct err e = {0};
    if (g->incoming && g->incoming->is_finishing)
        g->incoming->is_cancelled = true;
    else if (g->incoming && guest_migrate_finish(g, true, false, false, NULL, NULL, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}
