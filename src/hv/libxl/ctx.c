/* libxl contexts: the loop's, whose descriptors and timers live on the loop, and those of workers.
 */
#include "xl.h"

#include <errno.h>
#include <poll.h>
#include <sys/time.h>

#include "base/log.h"

/* libxl reaps its own children only, by the pids it knows. */
static const libxl_childproc_hooks child_hooks = {
    .chldowner = libxl_sigchld_owner_libxl_always_selective_reap,
};

static void on_disaster(void *user, libxl_event_type type, const char *msg, int errnoval)
{
    struct hv *h = user;
    char text[300], why[128];
    snprintf(text, sizeof(text), "libxl lost events of type %d: %s: %s", (int)type, msg,
             strerror_r(errnoval, why, sizeof(why)));
    h->events.log(h->arg, LOG_ERROR, text);
}

static const libxl_event_hooks event_hooks = {.disaster = on_disaster};

static void turn_begin(struct hv *h)
{
    capture_reset(&h->log.here);
    h->log.is_turn = true;
}

/* ---- descriptors ---- */

struct xl_fd { /* a registration */
    struct xl_fd *next;
    struct hv *hv;
    void *for_libxl;
    struct loop_fd *loop_fd;
    int fd;
    short events;
};

static int loop_events(short events)
{
    return (events & (POLLIN | POLLPRI) ? LOOP_READ : 0) | (events & POLLOUT ? LOOP_WRITE : 0);
}

static void on_ready(void *arg, int events)
{
    struct xl_fd *r = arg;
    short revents = (events & LOOP_READ ? POLLIN : 0) | (events & LOOP_WRITE ? POLLOUT : 0) |
                    (events & LOOP_HANGUP ? POLLHUP : 0);
    struct hv *h = r->hv;
    turn_begin(h);
    libxl_osevent_occurred_fd(h->ctx, r->for_libxl, r->fd, r->events, revents);
    h->log.is_turn = false;
}

static int fd_register(void *user, int fd, void **ret, short events, void *for_libxl)
{
    struct hv *h = user;
    struct xl_fd *r = NEW(struct xl_fd);
    *r = (struct xl_fd){.hv = h, .for_libxl = for_libxl, .fd = fd, .events = events};
    r->loop_fd = loop_fd_open(h->loop, fd, loop_events(events), on_ready, r, NULL);
    if (!r->loop_fd) {
        free(r);
        return ERROR_OSEVENT_REG_FAIL;
    }
    r->next = h->fds;
    h->fds = r;
    *ret = r;
    return 0;
}

static void fd_drop(struct xl_fd *r)
{
    for (struct xl_fd **p = &r->hv->fds; *p; p = &(*p)->next)
        if (*p == r) {
            *p = r->next;
            break;
        }
    loop_fd_close(r->loop_fd);
    free(r);
}

static int fd_modify(void *user, int fd, void **update, short events)
{
    struct xl_fd *r = *update;
    r->events = events;
    loop_fd_set(r->loop_fd, loop_events(events));
    return 0;
}

static void fd_deregister(void *user, int fd, void *reg)
{
    fd_drop(reg);
}

/* ---- timers ---- */

struct xl_timer {
    struct xl_timer *next;
    struct hv *hv;
    void *for_libxl;
    struct loop_timer *loop_timer;
};

static void timer_drop(struct xl_timer *t)
{
    for (struct xl_timer **p = &t->hv->timers; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            break;
        }
    loop_timer_close(t->loop_timer);
    free(t);
}

static void on_timer(void *arg)
{
    struct xl_timer *t = arg;
    struct hv *h = t->hv;
    void *for_libxl = t->for_libxl;
    timer_drop(t);
    turn_begin(h);
    libxl_osevent_occurred_timeout(h->ctx, for_libxl);
    h->log.is_turn = false;
}

static int timeout_register(void *user, void **ret, struct timeval at, void *for_libxl)
{
    struct hv *h = user;
    struct timeval now;
    gettimeofday(&now, NULL);
    int64_t ms = ((int64_t)at.tv_sec - now.tv_sec) * 1000 + (at.tv_usec - now.tv_usec) / 1000 + 1;
    struct xl_timer *t = NEW(struct xl_timer);
    *t = (struct xl_timer){.next = h->timers, .hv = h, .for_libxl = for_libxl};
    t->loop_timer = loop_timer_open(h->loop, on_timer, t);
    loop_timer_start(t->loop_timer, ms > 0 ? (uint64_t)ms : 0, 0);
    h->timers = t;
    *ret = t;
    return 0;
}

/* Only ever "at once": libxl's way to take a timer back. */
static int timeout_modify(void *user, void **update, struct timeval at)
{
    struct xl_timer *t = *update;
    loop_timer_start(t->loop_timer, 0, 0);
    return 0;
}

static void timeout_deregister(void *user, void *reg)
{
    timer_drop(reg);
}

static const libxl_osevent_hooks osevent_hooks = {
    fd_register, fd_modify, fd_deregister, timeout_register, timeout_modify, timeout_deregister,
};

/* ---- the loop's context ---- */

int ctx_open_loop(struct hv *h, struct err *e)
{
    xl_log_init(&h->log, h);
    h->log.is_loops = true;
    if (libxl_ctx_alloc(&h->ctx, LIBXL_VERSION, 0, &h->log.vt))
        return xl_fail(e, ERROR_FAIL, &h->log.here, NULL, "cannot reach Xen through libxl");
    libxl_osevent_register_hooks(h->ctx, &osevent_hooks, h);
    libxl_event_register_callbacks(h->ctx, &event_hooks, h);
    libxl_childproc_setmode(h->ctx, &child_hooks, NULL);
    return 0;
}

void ctx_close_loop(struct hv *h)
{
    if (!h->waits)
        libxl_ctx_free(h->ctx);
    /* libxl refuses to free a context with operations under way. They stop here, with the program:
     * nothing calls into the context any more. */
    while (h->fds)
        fd_drop(h->fds);
    while (h->timers)
        timer_drop(h->timers);
}

/* ---- a worker's context ---- */

const libxl_asyncop_how op_how = {.callback = NULL, .u.for_event = 1};

int op_open(struct hv *h, struct hv_progress *p, struct op *ret, struct err *e)
{
    xl_log_init(&ret->log, h);
    ret->log.progress = p;
    ret->ctx = NULL;
    if (libxl_ctx_alloc(&ret->ctx, LIBXL_VERSION, 0, &ret->log.vt))
        return xl_fail(e, ERROR_FAIL, &ret->log.here, NULL, "cannot reach Xen through libxl");
    libxl_event_register_callbacks(ret->ctx, &event_hooks, h);
    libxl_childproc_setmode(ret->ctx, &child_hooks, NULL);
    return 0;
}

void op_close(struct op *o)
{
    libxl_ctx_free(o->ctx);
    o->ctx = NULL;
}

/* True when the operation's end has been told; *ret_rc is its result. */
static bool op_is_over(struct op *o, int *ret_rc)
{
    libxl_event *ev;
    while (!libxl_event_check(o->ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL)) {
        bool over = ev->type == LIBXL_EVENT_TYPE_OPERATION_COMPLETE;
        if (over)
            *ret_rc = ev->u.operation_complete.rc;
        libxl_event_free(o->ctx, ev);
        if (over)
            return true;
    }
    return false;
}

/* One round of libxl's descriptors and timers, at most max_ms long. */
static int op_turn(struct op *o, struct pollfd **fds, int *room, int max_ms)
{
    struct timeval now;
    for (;;) {
        int n = *room, wait_ms = max_ms;
        gettimeofday(&now, NULL);
        int rc = libxl_osevent_beforepoll(o->ctx, &n, *fds, &wait_ms, now);
        if (rc == ERROR_BUFFERFULL) {
            *fds = mem_grow(*fds, (size_t)n, sizeof(**fds));
            *room = n;
            continue;
        }
        if (rc)
            return rc;
        bool is_blind = poll(*fds, (nfds_t)n, wait_ms) < 0;
        int why = errno;
        for (int i = 0; is_blind && i < n; i++) /* poll has left them as they were */
            (*fds)[i].revents = 0;
        gettimeofday(&now, NULL);
        libxl_osevent_afterpoll(o->ctx, n, *fds, now); /* its timers go on in any case */
        errno = why;
        return is_blind && why != EINTR ? ERROR_FAIL : 0;
    }
}

/* The operation is libxl's until it has said that it is over, whatever this host runs short of: it
 * is asked to end, and the next round comes a little later. */
static void op_stumbled(struct op *o, bool *aborted)
{
    enum { REST_MS = 100 };
    if (!*aborted) {
        char text[160], why[100];
        snprintf(text, sizeof(text), "cannot wait for libxl (%s): its operation is aborted",
                 strerror_r(errno, why, sizeof(why)));
        o->log.hv->events.log(o->log.hv->arg, LOG_ERROR, text);
        *aborted = true;
        libxl_ao_abort(o->ctx, &op_how);
    }
    (void)poll(NULL, 0, REST_MS);
}

int op_wait(struct op *o, struct hv_progress *p)
{
    enum { ABORT_LOOK_MS = 200 };
    CLEANUP_FREE struct pollfd *fds = NULL;
    int room = 0, rc = 0;
    bool aborted = false;
    while (!op_is_over(o, &rc)) {
        if (p && !aborted && __atomic_load_n(&p->abort_wanted, __ATOMIC_RELAXED)) {
            aborted = true;
            libxl_ao_abort(o->ctx, &op_how);
        }
        if (op_turn(o, &fds, &room, p ? ABORT_LOOK_MS : -1))
            op_stumbled(o, &aborted);
    }
    return rc;
}
