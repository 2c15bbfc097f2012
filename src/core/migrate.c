/* Guests that leave for another host. */
#include "migrate.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "priv.h"

enum { WORD_WAIT_MS = 45000 }; /* a broken connection is noticed on both sides within this time */

/* ---- before it is sent ---- */
static int check_send(const struct guest *g, struct err *e)
{
    return guest_check_job(g, e) || guest_allows(g, OP_SAVE, e) ? -1 : 0;
}

int guest_migrate_check(const struct guest *g, struct err *e)
{
    return guest_check_idle(g, e) || guest_allows(g, OP_SAVE, e) ? -1 : 0;
}

int guest_migrate_begin(struct guest *g, struct err *e)
{
    if (guest_migrate_check(g, e))
        return -1;
    g->outgoing = NEW(struct outgoing);
    g->outgoing->fd = -1;
    return 0;
}

void guest_outgoing_free(struct guest *g)
{
    struct outgoing *o = take(g->outgoing);
    if (!o)
        return;
    loop_fd_close(o->watch);
    loop_timer_close(o->timer);
    close_fd(&o->fd);
    free(o);
}

void guest_migrate_drop(struct guest *g)
{
    if (g->job && g->job->kind == &job_send)
        job_abort(g->job);
    else if (!g->is_sent)
        guest_outgoing_free(g);
}

bool guest_is_sent(const struct guest *g)
{
    return g->is_sent;
}

/* ---- what is remembered of it: "sent UNDEFINES TOKEN PEER" ---- */
void guest_migrate_set_terms(struct guest *g, const struct migrate_terms *t)
{
    str_set(&g->sent_to, t->peer);
    str_set(&g->sent_token, t->token);
    g->sent_undefines = t->undefines;
}

bool guest_migrate_terms(const struct guest *g, struct migrate_terms *ret)
{
    if (!g->is_sent || str_empty(g->sent_to))
        return false;
    *ret = (struct migrate_terms){g->sent_to, g->sent_token, g->sent_undefines};
    return true;
}

static void note_terms(struct guest *g)
{
    CLEANUP_FREE char *what =
        mem_printf("sent %c %s %s", g->sent_undefines ? 'u' : '-',
                   g->sent_token ? g->sent_token : "-", g->sent_to ? g->sent_to : "");
    store_note(g->host, g->uuid, what);
}

void guest_read_terms(struct guest *g, const char *note)
{
    char undefines, token[VERDICT_TOKEN];
    int at = 0;
    if (sscanf(note, "sent %c %32s %n", &undefines, token, &at) != 2 || !at)
        return;
    struct migrate_terms t = {note + at, str_eq(token, "-") ? NULL : token, undefines == 'u'};
    guest_migrate_set_terms(g, &t);
}

/* The domain is not there any more. */
void guest_outgoing_gone(struct guest *g)
{
    struct outgoing was = g->outgoing ? *g->outgoing : (struct outgoing){0};
    struct err e = {0};
    guest_outgoing_free(g);
    if (!was.done)
        return;
    fail(&e, ERR_OPERATION_FAILED, "domain '%s' was destroyed while it was being migrated",
         g->name);
    was.done(was.arg, g, &e);
}

/* ---- sending ---- */
static void obey_speed(int fd, uint64_t bytes)
{
    uint64_t rate = bytes ? bytes : UINT64_MAX;
    (void)setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate));
}

void guest_migrate_set_speed(struct guest *g, uint64_t bytes)
{
    g->migrate_speed = bytes;
    if (g->job && g->job->kind == &job_send)
        obey_speed(g->job->fd, bytes);
}

uint64_t guest_migrate_speed(const struct guest *g)
{
    return g->migrate_speed;
}

/* The hypervisor does not say how far it is; the socket knows what has arrived. A guest that runs
 * meanwhile is sent more than once in parts, so the total is at least its memory. */
void guest_migrate_progress(int fd, const struct guest *g, struct guest_job_info *ret)
{
    struct tcp_info i = {0};
    socklen_t len = sizeof(i);
    uint64_t mem = g->live ? (uint64_t)num_or(g->live->memory_kib, 0) << 10 : 0;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) || !i.tcpi_bytes_acked)
        return;
    ret->done = i.tcpi_bytes_acked;
    ret->total = mem > ret->done ? mem : ret->done;
}

static void work_send(void *arg)
{
    struct job *j = arg;
    if (j->host->ops->save(j->host->hv, j->domid, j->fd, j->is_live, &j->progress, &j->err))
        wrap(&j->err, "cannot migrate domain '%s'", j->xml);
}

static void on_word(void *arg, int events);

static void listen_for_words(struct guest *g, struct job *j)
{
    struct outgoing *o = g->outgoing;
    struct err e = {0};
    if (!o || !o->has_words)
        return;
    o->fd = j->fd;
    j->fd = -1;
    o->watch = loop_fd_open(g->host->loop, o->fd, LOOP_READ, on_word, g, &e);
    if (!o->watch)
        o->word = WORD_LOST;
}

/* From here on the other side may run it: only the confirmation tells. */
static void end_send(struct job *j)
{
    struct guest *g = j->guest;
    bool is_aborted = __atomic_load_n(&j->progress.abort_wanted, __ATOMIC_ACQUIRE);
    if (j->err.code && is_aborted) /* not the broken pipe that it was aborted by */
        fail(&j->err, ERR_OPERATION_ABORTED, "migration of domain '%s' was aborted", g->name);
    if (j->err.code || g->domid != j->domid)
        guest_outgoing_free(g);
    if (g->domid != j->domid)
        return;
    if (j->err.code) {
        guest_revive(g);
        return;
    }
    g->is_sent = true;
    note_terms(g);
    guest_change(g, CHANGE_SENT);
    listen_for_words(g, j);
}

const struct job_kind job_send = {.name = "migrate",
                                  .operation = 5,
                                  .work = work_send,
                                  .end = end_send,
                                  .is_journaled = true,
                                  .keeps_note = true};

int guest_migrate_send(struct guest *g, int fd, bool live, bool has_words, guest_done *done,
                       void *arg, struct err *e)
{
    if (check_send(g, e)) {
        close_fd(&fd);
        return -1;
    }
    if (!g->outgoing)
        g->outgoing = NEW(struct outgoing);
    g->outgoing->fd = -1;
    g->outgoing->has_words = has_words;
    struct job *j = job_new(g, &job_send, done, arg);
    j->fd = fd;
    j->is_live = live;
    j->xml = mem_str(g->name);
    if (g->migrate_speed)
        obey_speed(fd, g->migrate_speed);
    return job_run(j, e);
}

/* ---- what becomes of it ---- */
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
    .name = "resume", .work = work_take_back, .end = end_take_back, .is_journaled = true};

/* What was to be heard has been; the other host is told so when it is noted what follows. */
static int stop_hearing(struct guest *g)
{
    struct outgoing *o = g->outgoing;
    if (!o)
        return -1;
    int fd = o->fd;
    loop_fd_close(take(o->watch));
    o->fd = -1;
    guest_outgoing_free(g);
    return fd;
}

int guest_take_back(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    CLEANUP_CLOSE int words = stop_hearing(g);
    struct job *j = job_new(g, &job_take_back, done, arg);
    j->xml = mem_str(g->name);
    g->is_sent = false;
    int r = job_run(j, e);
    if (!r)
        word_acknowledge(words);
    return r;
}

static int remove_sent(struct guest *g, bool undefine, guest_done *done, void *arg, struct err *e)
{
    CLEANUP_CLOSE int words = stop_hearing(g);
    g->is_sent = false;
    if (undefine ? guest_end_undefining(g, CHANGE_MIGRATED, e)
                 : guest_end(g, CHANGE_MIGRATED, false, NULL, e))
        return wrap(e, "domain '%s'", g->name);
    word_acknowledge(words);
    job_join(g, &job_destroy, done, arg);
    return 0;
}

/* Nobody can tell where it runs: to run it here too would ruin its disks. */
static int fail_unknown(const struct guest *g, struct err *e)
{
    host_log(g->host, LOG_ERROR, "domain '%s' was sent to another host and stays suspended",
             g->name);
    return fail(e, ERR_OPERATION_FAILED,
                "domain '%s' was sent, and whether the other host runs it is not known: it stays "
                "suspended; resume it if that host does not run it, destroy it if it does",
                g->name);
}

/* What the other host has said decides, whatever anybody else thinks. 1: it has said nothing that
 * would do. */
static int decide(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    const struct outgoing *o = g->outgoing;
    switch (o->word) {
    case WORD_DONE:
        return remove_sent(g, o->undefine, done, arg, e);
    case WORD_FAILED:
        return guest_take_back(g, done, arg, e);
    case WORD_RESET:
        return o->is_cancelled ? guest_take_back(g, done, arg, e) : fail_unknown(g, e);
    case WORD_LOST:
        return fail_unknown(g, e);
    case WORD_NONE:
    case WORD_PROMISED:
        break;
    }
    return o->is_over ? fail_unknown(g, e) : 1;
}

static void stop_waiting(struct guest *g, const struct outgoing *was, const struct err *e)
{
    if (e->code)
        host_log(g->host, LOG_ERROR, "%s", e->msg);
    guest_outgoing_free(g);
    if (e->code && was->done)
        was->done(was->arg, g, e);
}

static void on_decision(struct guest *g)
{
    struct outgoing was = *g->outgoing;
    struct err e = {0};
    if (!was.is_deciding || g->job)
        return;
    int r = decide(g, was.done, was.arg, &e);
    if (r <= 0)
        stop_waiting(g, &was, &e);
}

static void on_word(void *arg, int events)
{
    struct guest *g = arg;
    struct outgoing *o = g->outgoing;
    o->word = word_hear(o->fd, o->word, &o->is_over);
    if (o->is_over || o->word > WORD_PROMISED)
        loop_fd_set(o->watch, 0);
    on_decision(g);
}

static void on_no_word(void *arg)
{
    struct guest *g = arg;
    struct outgoing was = *g->outgoing;
    struct err e = {0};
    if (g->job)
        return;
    fail_unknown(g, &e);
    stop_waiting(g, &was, &e);
}

static int wait_for_words(struct guest *g, guest_done *done, void *arg)
{
    struct outgoing *o = g->outgoing;
    o->is_deciding = true;
    o->done = done;
    o->arg = arg;
    o->timer = loop_timer_open(g->host->loop, on_no_word, g);
    loop_timer_start(o->timer, WORD_WAIT_MS, 0);
    return 0;
}

/* The order of the other host's death and a client's word does not matter: a promise counts. */
static int end_unsure(struct guest *g, bool is_cancelled, bool undefine, guest_done *done,
                      void *arg, struct err *e)
{
    struct outgoing *o = g->outgoing;
    if (!o || !o->has_words)
        return fail_unknown(g, e);
    o->is_cancelled = is_cancelled;
    o->undefine = undefine;
    int r = decide(g, done, arg, e);
    if (r < 0)
        guest_outgoing_free(g);
    return r > 0 ? wait_for_words(g, done, arg) : r;
}

int guest_migrate_confirm(struct guest *g, enum migrate_end end, bool undefine, guest_done *done,
                          void *arg, struct err *e)
{
    if (guest_check_job(g, e))
        return -1;
    if (!g->is_sent && end == MIGRATE_DONE)
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is not being migrated", g->name);
    if (!g->is_sent) {
        guest_outgoing_free(g);
        return guest_tell_later(g, done, arg);
    }
    if (g->outgoing && g->outgoing->is_deciding)
        return fail(e, ERR_RESOURCE_BUSY, "domain '%s': what became of it is being found out",
                    g->name);
    undefine |= end == MIGRATE_UNKNOWN && g->sent_undefines;
    if (end == MIGRATE_DONE)
        return remove_sent(g, undefine, done, arg, e);
    if (end == MIGRATE_CANCELLED && !(g->outgoing && g->outgoing->has_words))
        return guest_take_back(g, done, arg, e);
    return end_unsure(g, end == MIGRATE_CANCELLED, undefine, done, arg, e);
}
