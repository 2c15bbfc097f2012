#include "client/conn.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/vec.h"

enum { READ_STEP = 65536 };

int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int conn_check(const struct client *c, struct err *e)
{
    if (!c->is_dead)
        return 0;
    if (e)
        *e = c->why_dead;
    return -1;
}

/* remembers why; returns -1 */
static int die(struct client *c, const struct err *why, struct err *e)
{
    if (!c->is_dead) {
        c->is_dead = true;
        c->why_dead = *why;
        c->why_dead.code = ERR_RPC;
        c->why_dead.domain = ERR_FROM_RPC;
        wrap(&c->why_dead, "connection to '%s' is lost", c->uri);
    }
    return conn_check(c, e);
}

static void take_event(struct client *c, const struct wire_header *h, const void *payload,
                       size_t len)
{
    const struct wire_proc *p = wire_proc_find(h->program, h->proc);
    if (!p || !(p->flags & WIRE_P_EVENT) || !p->args)
        return;
    struct kept_event ev = {p, mem_new(1, p->args->size)};
    if (wire_decode(p->args, payload, len, ev.msg, NULL)) {
        free(ev.msg);
        return;
    }
    if (c->n_events == EVENTS_KEPT_MAX) {
        wire_clear(c->events[0].proc->args, c->events[0].msg);
        free(c->events[0].msg);
        VEC_REMOVE(c->events, c->n_events, 0);
    }
    VEC_PUSH(c->events, c->n_events, ev);
}

static void take_reply(struct client *c, const struct wire_header *h, const void *payload,
                       size_t len)
{
    struct client_call *w = c->calls;
    while (w && (w->serial != h->serial || w->program != h->program || w->proc->nr != h->proc))
        w = w->next;
    if (!w || w->is_done)
        return; /* the answer to a call that was given up */
    w->is_done = true;
    w->has_failed = h->status != WIRE_OK;
    if (w->has_failed)
        wire_error_decode(payload, len, &w->why);
    else
        str_addn(&w->payload, payload, len);
}

static void take_keepalive(struct client *c, const struct wire_header *h)
{
    struct wire_header pong = {h->program, h->version, WIRE_KEEPALIVE_PONG, WIRE_MESSAGE};
    if (h->proc == WIRE_KEEPALIVE_PING)
        wire_frame_add(&c->out, &pong, NULL, NULL, NULL);
}

static int take_frame(struct client *c, const uint8_t *frame, size_t len, struct err *e)
{
    struct wire_header h;
    size_t at;
    if (wire_header_decode(frame, len, &h, &at, e))
        return -1;
    c->fds_to_skip = h.n_fds;
    const uint8_t *payload = frame + at;
    if (h.program == WIRE_PROGRAM_KEEPALIVE)
        take_keepalive(c, &h);
    else if (h.type == WIRE_REPLY || h.type == WIRE_REPLY_FDS)
        take_reply(c, &h, payload, len - at);
    else if (h.type == WIRE_STREAM || h.type == WIRE_STREAM_HOLE)
        conn_stream_frame(c, &h, payload, len - at);
    else if (h.type == WIRE_MESSAGE)
        take_event(c, &h, payload, len - at);
    return 0;
}

/* Handles the whole frames in the buffer and moves the rest to its front. */
static int take_frames(struct client *c, struct err *e)
{
    for (;;) {
        size_t left = c->in.len - c->in_at, size;
        const uint8_t *p = (const uint8_t *)c->in.p + c->in_at;
        if (left && c->fds_to_skip) {
            c->in_at++;
            c->fds_to_skip--;
            continue;
        }
        if (left < WIRE_LENGTH_WORD)
            break;
        if (wire_frame_length(p, &size, e))
            return -1;
        if (left < size)
            break;
        if (take_frame(c, p, size, e))
            return -1;
        c->in_at += size;
    }
    if (!c->in_at)
        return 0;
    memmove(c->in.p, c->in.p + c->in_at, c->in.len - c->in_at);
    str_cut(&c->in, c->in.len - c->in_at);
    c->in_at = 0;
    return 0;
}

/* Reads until it would block. 1: something came, 0: nothing, -1. */
static int receive(struct client *c, struct err *e)
{
    char block[READ_STEP];
    int came = 0;
    for (;;) {
        long n = c->t.recv(&c->t, block, sizeof(block), e);
        if (n == TRANSPORT_AGAIN)
            return came;
        if (n == 0)
            return fail(
                e, ERR_RPC,
                "the server has closed the connection; it was stopped, has crashed (see its log), "
                "or refuses this client");
        if (n < 0)
            return -1;
        came = 1;
        c->heard_ms = now_ms();
        c->pings = 0;
        str_addn(&c->in, block, (size_t)n);
        if (take_frames(c, e))
            return -1;
    }
}

static int flush(struct client *c, struct err *e)
{
    while (c->out_at < c->out.len) {
        long n = c->t.send(&c->t, c->out.p + c->out_at, c->out.len - c->out_at, e);
        if (n == TRANSPORT_AGAIN)
            return 0;
        if (n < 0)
            return -1;
        c->out_at += (size_t)n;
    }
    str_cut(&c->out, 0);
    c->out_at = 0;
    return 0;
}

/* Pings a silent server; fails when too many stayed unanswered. *timeout_ms becomes no longer than
 * until the next ping. */
static int keepalive(struct client *c, int *timeout_ms, struct err *e)
{
    if (c->keepalive_interval_ms <= 0 || !c->is_open)
        return 0;
    int64_t silent = now_ms() - c->heard_ms,
            due = (int64_t)c->keepalive_interval_ms * (c->pings + 1);
    if (silent >= due) {
        if (c->pings == c->keepalive_count)
            return fail(e, ERR_RPC, "the server did not answer for %d seconds",
                        (int)(silent / 1000));
        struct wire_header ping = {WIRE_PROGRAM_KEEPALIVE, 1, WIRE_KEEPALIVE_PING, WIRE_MESSAGE};
        wire_frame_add(&c->out, &ping, NULL, NULL, NULL);
        c->pings++;
        due += c->keepalive_interval_ms;
    }
    int64_t wait = due > silent ? due - silent : 0;
    if (*timeout_ms < 0 || wait < *timeout_ms)
        *timeout_ms = (int)wait;
    return 0;
}

static int poll_all(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms,
                    struct err *e)
{
    struct pollfd *all = mem_new(n_own + 1, sizeof(*all));
    all[0] = (struct pollfd){c->t.fd, (short)(POLLIN | (c->out.len ? POLLOUT : 0)), 0};
    for (size_t i = 0; i < n_own; i++)
        all[i + 1] = own[i];
    int n = poll(all, n_own + 1, timeout_ms);
    for (size_t i = 0; i < n_own; i++)
        own[i].revents = n > 0 ? all[i + 1].revents : 0;
    free(all);
    return n < 0 && errno != EINTR ? fail_errno(e, "cannot wait for the server") : n;
}

static bool own_ready(const struct pollfd *own, size_t n_own)
{
    for (size_t i = 0; i < n_own; i++)
        if (own[i].revents)
            return true;
    return false;
}

/* One round: send, wait, receive. */
static int pump_once(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms,
                     struct err *e)
{
    if (keepalive(c, &timeout_ms, e) || flush(c, e))
        return -1;
    bool is_ready = c->t.is_ready && c->t.is_ready(&c->t);
    if (poll_all(c, own, n_own, is_ready ? 0 : timeout_ms, e) < 0 && errno != EINTR)
        return -1;
    int came = receive(c, e);
    if (came < 0 || flush(c, e)) /* pongs leave at once */
        return -1;
    return came || own_ready(own, n_own);
}

/* Silence counts only while somebody listens; what comes from others does not end it. */
static void begin_to_listen(struct client *c)
{
    int64_t now = now_ms();
    c->heard_ms = c->listened_ms ? c->heard_ms + now - c->listened_ms : now;
}

int conn_pump(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms, struct err *e)
{
    if (conn_check(c, e))
        return -1;
    begin_to_listen(c);
    int64_t end = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : end - now_ms();
        struct err why;
        int r = pump_once(c, own, n_own, timeout_ms < 0 ? -1 : (int)(left > 0 ? left : 0), &why);
        if (r < 0)
            return die(c, &why, e);
        if (r || (timeout_ms >= 0 && now_ms() >= end)) {
            c->listened_ms = now_ms();
            return r;
        }
    }
}

int conn_wait(struct client *c, const bool *done, int timeout_ms, struct err *e)
{
    int64_t end = now_ms() + timeout_ms;
    while (!*done) {
        int64_t left = timeout_ms ? end - now_ms() : -1;
        if (timeout_ms && left <= 0)
            return fail(e, ERR_OPERATION_TIMEOUT, "no answer from '%s' within %d ms", c->uri,
                        timeout_ms);
        if (conn_pump(c, NULL, 0, (int)left, e) < 0 &&
            !*done) /* an answer may be the last that it said */
            return -1;
    }
    return 0;
}
