#include "net/conn.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "loop/loop.h"

enum {
    READ_BYTES = 65536, /* at most, a turn of the loop */
    KEEP_BYTES = 4096,  /* a receive buffer up to this size stays between frames */
    KEEPALIVE_PING = 1,
    KEEPALIVE_PONG = 2,
};

struct out {
    struct out *next;
    char *data;
    size_t len, at;
    enum conn_kind kind;
    conn_sent_fn *sent;
    void *arg;
    bool has_fd;
    int fd; /* behind the bytes */
};

static void out_free(struct out *o)
{
    if (o->has_fd)
        close(o->fd);
    free(o->data);
    free(o);
}

/* A descriptor that came in, and how many bytes of the stream had been read with it. */
struct in_fd {
    uint64_t at;
    int fd;
};

struct conn {
    struct loop *loop;
    struct transport *transport;
    struct loop_fd *watch;
    const struct conn_limits *limits;
    const struct conn_ops *ops;
    void *arg;
    struct peer peer;

    uint8_t *in; /* bytes not yet taken apart */
    size_t in_len, in_cap;
    uint64_t in_at; /* how many bytes of the stream came before in[0] */
    struct in_fd fds[CONN_FDS_MAX];
    size_t n_fds;

    struct out *out, **out_end;
    size_t out_bytes;
    unsigned requests;
    struct loop_timer *keepalive;
    unsigned pings; /* without a sign of life since */

    unsigned refs;
    bool at_end;  /* the peer sends no more */
    bool is_held; /* nothing is read until a layer is in place */
    conn_wrap_fn *wrap;
    void *wrap_arg;
    bool is_parsing;   /* conn_parse is at work further up the stack */
    bool is_scheduled; /* conn_continue will run */
    bool is_finishing; /* close when everything is sent */
    bool is_broken;    /* to be closed by conn_continue, `why` says it */
    bool is_closed;
    const char *why;
};

static void conn_ready(void *arg, int events);
static void conn_parse(struct conn *c);
static void conn_continue(void *arg);

struct conn *conn_open(struct loop *l, struct transport *t, const struct conn_limits *limits,
                       const struct conn_ops *ops, void *arg, struct err *e)
{
    struct conn *c = NEW(struct conn);
    *c = (struct conn){.loop = l, .transport = t, .limits = limits, .ops = ops, .arg = arg};
    c->refs = 1;
    c->out_end = &c->out;
    peer_read(t->fd, &c->peer);
    c->watch = loop_fd_open(l, t->fd, LOOP_READ, conn_ready, c, e);
    if (!c->watch) {
        t->ops->close(t);
        free(c);
        return NULL;
    }
    return c;
}

const struct peer *conn_peer(const struct conn *c)
{
    return &c->peer;
}

const struct transport *conn_transport(const struct conn *c)
{
    return c->transport;
}

size_t conn_queued(const struct conn *c)
{
    return c->out_bytes;
}

static void conn_unref(struct conn *c)
{
    if (--c->refs)
        return;
    free(c->in);
    free(c);
}

static void conn_drop_fds(struct conn *c, uint64_t up_to)
{
    while (c->n_fds && c->fds[0].at <= up_to) {
        close(c->fds[0].fd);
        VEC_REMOVE(c->fds, c->n_fds, 0);
    }
}

void conn_close(struct conn *c, const char *why)
{
    if (c->is_closed)
        return;
    c->is_closed = true;
    loop_fd_close(c->watch);
    loop_timer_close(c->keepalive);
    c->transport->ops->close(c->transport);
    conn_drop_fds(c, UINT64_MAX);
    for (struct out *o = c->out, *next; o; o = next) {
        next = o->next;
        out_free(o);
    }
    c->out = NULL;
    c->ops->closed(c->arg, why);
    conn_unref(c);
}

/* Runs conn_continue later in this turn: for what must not happen inside a caller's call. */
static void conn_schedule(struct conn *c)
{
    if (c->is_scheduled || c->is_closed)
        return;
    c->is_scheduled = true;
    c->refs++;
    loop_defer(c->loop, conn_continue, c);
}

void conn_abort(struct conn *c, const char *why)
{
    if (!c->is_broken) {
        c->is_broken = true;
        c->why = why;
    }
    conn_schedule(c);
}

static bool conn_may_read(const struct conn *c)
{
    return !c->at_end && !c->is_finishing && !c->is_broken && !c->is_held &&
           c->requests < c->limits->max_requests;
}

static bool conn_has_unseen(const struct conn *c)
{
    return c->transport->ops->pending && c->transport->ops->pending(c->transport);
}

static void conn_watch(struct conn *c)
{
    if (c->is_closed)
        return;
    loop_fd_set(c->watch, (conn_may_read(c) ? LOOP_READ : 0) | (c->out ? LOOP_WRITE : 0));
    if (conn_may_read(c) && conn_has_unseen(c))
        conn_schedule(c); /* nothing would wake us for these */
}

/* Has it closed both ways? One that only sends no more may still wait for answers. */
static bool conn_peer_is_gone(const struct conn *c)
{
    struct pollfd p = {.fd = c->transport->fd};
    return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* Nothing left to do for a peer that said goodbye, or was told to go. What it has asked for goes on
 * without it; what it has sent is all looked at before. */
static bool conn_is_over(const struct conn *c)
{
    if (c->is_finishing)
        return !c->out;
    if (c->at_end && c->requests < c->limits->max_requests && conn_peer_is_gone(c))
        return true;
    return c->at_end && !c->requests && !c->out;
}

/* --- sending --- */

static void conn_answered(struct conn *c)
{
    assert(c->requests > 0);
    c->requests--;
    if (c->in_len || c->at_end)
        conn_schedule(c); /* what was read already goes on */
}

void conn_release(struct conn *c)
{
    if (c->is_closed)
        return;
    conn_answered(c);
    conn_watch(c);
}

static void conn_out_done(struct conn *c)
{
    struct out *o = c->out;
    c->out = o->next;
    if (!c->out)
        c->out_end = &c->out;
    if (o->kind == CONN_ANSWER)
        conn_answered(c);
    conn_sent_fn *sent = o->sent;
    void *arg = o->arg;
    out_free(o);
    if (sent)
        sent(arg);
}

/* Bytes first, the descriptor when they have left; false: the peer takes no more now. */
static bool conn_send_some(struct conn *c, struct out *o)
{
    bool is_sent = o->at == o->len;
    ssize_t n = is_sent ? c->transport->ops->send_fd(c->transport, o->fd)
                        : c->transport->ops->send(c->transport, o->data + o->at, o->len - o->at);
    if (n < 0) {
        if (errno != EAGAIN)
            conn_abort(c, "the peer is gone");
        return false;
    }
    if (!is_sent) {
        o->at += (size_t)n;
        c->out_bytes -= (size_t)n;
    }
    if (o->at == o->len && (is_sent || !o->has_fd))
        conn_out_done(c);
    return true;
}

static void conn_flush(struct conn *c)
{
    while (c->out && !c->is_broken && !c->is_closed && conn_send_some(c, c->out))
        ;
    if (!c->out && conn_is_over(c))
        conn_schedule(c);
}

/* Takes over what x owns, and the frame. */
static void conn_queue(struct conn *c, struct str *frame, struct out x)
{
    struct out *o = NEW(struct out);
    *o = x;
    o->len = frame->len;
    o->data = str_take(frame);
    if (c->is_closed || c->is_broken) {
        out_free(o);
        return;
    }
    bool was_idle = !c->out;
    *c->out_end = o;
    c->out_end = &o->next;
    c->out_bytes += o->len;
    if (was_idle && !o->sent) /* `sent` is called from the loop only */
        conn_flush(c);
    conn_watch(c);
}

void conn_send_then(struct conn *c, struct str *frame, enum conn_kind kind, conn_sent_fn *sent,
                    void *arg)
{
    conn_queue(c, frame, (struct out){.kind = kind, .sent = sent, .arg = arg});
}

void conn_send_fd(struct conn *c, struct str *frame, int fd)
{
    conn_queue(c, frame, (struct out){.kind = CONN_ANSWER, .has_fd = true, .fd = fd});
}

void conn_send(struct conn *c, struct str *frame, enum conn_kind kind)
{
    conn_send_then(c, frame, kind, NULL, NULL);
}

/* The answer before the layer has left. */
static void conn_wrap_now(void *arg)
{
    struct conn *c = arg;
    c->is_held = false;
    if (c->in_len) {
        conn_abort(c, "bytes outside the layer that was agreed on");
        return;
    }
    c->transport = c->wrap(c->wrap_arg, c->transport);
}

void conn_send_and_wrap(struct conn *c, struct str *frame, conn_wrap_fn *layer, void *arg)
{
    c->is_held = true;
    c->wrap = layer;
    c->wrap_arg = arg;
    conn_send_then(c, frame, CONN_ANSWER, conn_wrap_now, c);
}

void conn_unsent(struct conn *c, const void *arg)
{
    for (struct out *o = c->out; o; o = o->next)
        if (o->arg == arg)
            o->sent = NULL;
}

void conn_finish(struct conn *c)
{
    c->is_finishing = true;
    if (!c->out)
        conn_schedule(c);
    conn_watch(c);
}

/* --- keepalive --- */

static void conn_send_keepalive(struct conn *c, int procedure)
{
    struct wire_header h = {
        .program = WIRE_PROGRAM_KEEPALIVE, .version = 1, .proc = procedure, .type = WIRE_MESSAGE};
    struct str frame = {0};
    wire_frame_add_raw(&frame, &h, NULL, 0);
    conn_send(c, &frame, CONN_EXTRA);
}

static void conn_keepalive_tick(void *arg)
{
    struct conn *c = arg;
    if (!conn_may_read(c))
        return; /* its pongs may be waiting unread */
    if (c->pings >= c->limits->keepalive_count) {
        conn_close(c, "no answer to keepalive messages");
        return;
    }
    c->pings++;
    conn_send_keepalive(c, KEEPALIVE_PING);
}

void conn_keepalive(struct conn *c)
{
    if (c->keepalive || c->is_closed || c->limits->keepalive_interval_s <= 0)
        return;
    uint64_t interval_ms = (uint64_t)c->limits->keepalive_interval_s * 1000;
    c->keepalive = loop_timer_open(c->loop, conn_keepalive_tick, c);
    loop_timer_start(c->keepalive, interval_ms, interval_ms);
}

static void conn_got_keepalive(struct conn *c, const struct wire_header *h)
{
    if (h->version == 1 && h->proc == KEEPALIVE_PING && h->type == WIRE_MESSAGE)
        conn_send_keepalive(c, KEEPALIVE_PONG);
}

/* --- receiving --- */

/* The descriptors that came with the bytes from `first` on, one a byte. */
static bool conn_frame_fds(struct conn *c, uint64_t first, size_t n, int ret[CONN_FDS_MAX])
{
    conn_drop_fds(c, first); /* nobody announced these */
    if (c->n_fds < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (c->fds[i].at != first + i + 1)
            return false;
        ret[i] = c->fds[i].fd;
    }
    return true;
}

/* The frame at in[at], if it is all there: its length with what belongs to it, else 0. Breaks the
 * connection over one that cannot be. */
static size_t conn_next_frame(struct conn *c, size_t at, struct conn_frame *f,
                              int fds[CONN_FDS_MAX])
{
    const uint8_t *p = c->in + at;
    size_t have = c->in_len - at, len, payload;
    if (have < WIRE_LENGTH_WORD)
        return 0;
    if (wire_frame_length(p, &len, NULL)) {
        conn_abort(c, "a frame of an impossible length");
        return 0;
    }
    if (have < len)
        return 0;
    *f = (struct conn_frame){.fds = fds};
    if (wire_header_decode(p, len, &f->head, &payload, NULL) ||
        (f->head.n_fds && !c->transport->ops->passes_fds)) {
        conn_abort(c, "a frame with impossible descriptors");
        return 0;
    }
    f->payload = p + payload;
    f->len = len - payload;
    if (have < len + f->head.n_fds)
        return 0;
    if (f->head.n_fds && !conn_frame_fds(c, c->in_at + at + len, f->head.n_fds, fds)) {
        conn_abort(c, "descriptors announced but not sent");
        return 0;
    }
    return len + f->head.n_fds;
}

static void conn_got_frame(struct conn *c, const struct conn_frame *f)
{
    c->pings = 0;
    if (f->head.program == WIRE_PROGRAM_KEEPALIVE) {
        conn_got_keepalive(c, &f->head);
        return;
    }
    c->requests++;
    c->ops->frame(c->arg, f);
}

/* Forgets the first n bytes, and gives back the memory of a big frame. */
static void conn_consume(struct conn *c, size_t n)
{
    c->in_at += n;
    c->in_len -= n;
    if (c->in_len) {
        memmove(c->in, c->in + n, c->in_len);
    } else if (c->in_cap > KEEP_BYTES) {
        free(c->in);
        c->in = NULL;
        c->in_cap = 0;
    }
}

/* Takes apart what was read, as far as the limit on requests allows. */
static void conn_parse(struct conn *c)
{
    size_t at = 0, n = 0;
    int fds[CONN_FDS_MAX];
    struct conn_frame f;
    c->refs++;
    c->is_parsing = true;
    while (!c->is_closed && !c->is_broken && !c->is_finishing && !c->is_held &&
           c->requests < c->limits->max_requests && (n = conn_next_frame(c, at, &f, fds))) {
        conn_got_frame(c, &f);
        at += n;
        if (!c->is_closed)
            conn_drop_fds(c, c->in_at + at);
    }
    c->is_parsing = false;
    if (!c->is_closed) {
        conn_consume(c, at);
        if (conn_is_over(c))
            conn_schedule(c);
        conn_watch(c);
    }
    conn_unref(c);
}

/* Room for more: doubles with what has come, whatever a length word promises. */
static void conn_make_room(struct conn *c)
{
    if (c->in_cap - c->in_len >= KEEP_BYTES / 2)
        return;
    c->in_cap = c->in_cap ? c->in_cap * 2 : KEEP_BYTES;
    c->in = mem_grow(c->in, c->in_cap, 1);
}

static void conn_got_fds(struct conn *c, const struct transport_fds *fds)
{
    for (size_t i = 0; i < fds->n; i++) {
        if (c->n_fds == CONN_FDS_MAX) {
            close(fds->fd[i]);
            conn_abort(c, "too many descriptors");
            continue;
        }
        c->fds[c->n_fds++] = (struct in_fd){.at = c->in_at + c->in_len, .fd = fds->fd[i]};
    }
}

static void conn_read(struct conn *c)
{
    struct transport_fds fds = {.n = 0};
    for (size_t total = 0; total < READ_BYTES && !c->is_broken;) {
        conn_make_room(c);
        size_t room = c->in_cap - c->in_len;
        ssize_t n = c->transport->ops->recv(c->transport, c->in + c->in_len, room, &fds);
        if (n < 0) {
            if (errno != EAGAIN)
                conn_abort(c, "the peer is gone");
            break;
        }
        if (n == 0) {
            c->at_end = true;
            break;
        }
        c->in_len += (size_t)n;
        total += (size_t)n;
        conn_got_fds(c, &fds);
        if ((size_t)n < room && !fds.n)
            break; /* probably all there was */
    }
    conn_parse(c);
}

static void conn_ready(void *arg, int events)
{
    struct conn *c = arg;
    c->refs++;
    if (events & LOOP_WRITE)
        conn_flush(c);
    if (!c->is_closed && events & (LOOP_READ | LOOP_HANGUP) && conn_may_read(c))
        conn_read(c);
    conn_watch(c);
    conn_unref(c);
}

static void conn_continue(void *arg)
{
    struct conn *c = arg;
    c->is_scheduled = false;
    if (c->is_closed)
        ;
    else if (c->is_broken)
        conn_close(c, c->why);
    else if (!c->is_parsing && conn_may_read(c) && conn_has_unseen(c))
        conn_read(c);
    else if (!c->is_parsing && c->in_len)
        conn_parse(c);
    if (!c->is_closed && conn_is_over(c))
        conn_close(c, "end");
    conn_unref(c);
}
