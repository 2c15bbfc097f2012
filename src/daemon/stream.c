#include "daemon/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "daemon/console_log.h"
#include "daemon/dispatch.h"

/* What the client has sent and nobody takes: up to here the connection is read on, so that the
 * client can still end the stream. */
enum { WAITING_MAX = 4 << 20 };

struct stream {
    struct stream *next, **prev;
    struct session *session;
    struct wire_header head; /* of the call */
    char *path;
    int fd;
    struct loop_fd *watch;
    bool flows;      /* the answer has left */
    bool is_busy;    /* a frame to the client is under way */
    bool is_at_end;  /* the tty gave its last byte, the client knows */
    bool is_one_way; /* from the client alone; every byte is written before the end is confirmed */
    bool is_broken;  /* nobody takes them any more */
    bool is_ending;  /* the client has sent its last byte, and some wait */
    uint8_t *in;     /* what the client sent and the tty has not taken */
    size_t in_len, in_at;
    unsigned n_held; /* frames in it that count as the client's requests */
};

static void stream_ready(void *arg, int events);

static void stream_watch(struct stream *st)
{
    bool reads = st->flows && !st->is_busy && !st->is_at_end;
    loop_fd_set(st->watch, (reads ? LOOP_READ : 0) | (st->in ? LOOP_WRITE : 0));
}

static void release(struct stream *st)
{
    for (; st->n_held; st->n_held--)
        conn_release(st->session->conn);
}

static void stream_free(struct stream *st)
{
    *st->prev = st->next;
    if (st->next)
        st->next->prev = st->prev;
    loop_fd_close(st->watch);
    close(st->fd);
    conn_unsent(st->session->conn, st);
    release(st);
    free(st->in);
    free(st->path);
    free(st);
}

void stream_cancel(struct stream *st)
{
    if (st)
        stream_free(st);
}

void stream_close_all(struct session *s)
{
    for (struct stream *st = s->daemon->streams, *next; st; st = next) {
        next = st->next;
        if (st->session == s)
            stream_free(st);
    }
}

static struct stream *stream_find(const struct session *s, const struct wire_header *h)
{
    for (struct stream *st = s->daemon->streams; st; st = st->next)
        if (st->session == s && st->head.serial == h->serial && st->head.proc == h->proc &&
            st->head.program == h->program)
            return st;
    return NULL;
}

/* --- to the client --- */

static struct wire_header stream_head(const struct stream *st, uint32_t status)
{
    struct wire_header h = wire_reply_to(&st->head);
    h.type = WIRE_STREAM;
    h.status = status;
    return h;
}

static void stream_send(struct stream *st, uint32_t status, const void *bytes, size_t len)
{
    struct wire_header h = stream_head(st, status);
    struct str frame = {0};
    wire_frame_add_raw(&frame, &h, bytes, len);
    if (!len) {
        conn_send(st->session->conn, &frame, CONN_EXTRA);
        return;
    }
    st->is_busy = true;
    conn_send_then(st->session->conn, &frame, CONN_EXTRA, stream_flow, st);
}

static void stream_fail(struct stream *st, const struct err *e)
{
    struct wire_header h = stream_head(st, WIRE_ERROR);
    struct str frame = {0};
    wire_frame_add_error(&frame, &h, e);
    conn_send(st->session->conn, &frame, CONN_EXTRA);
    stream_free(st);
}

void stream_flow(void *arg)
{
    struct stream *st = arg;
    st->flows = true;
    st->is_busy = false;
    stream_watch(st);
}

static void stream_read(struct stream *st)
{
    uint8_t buf[STREAM_CHUNK_MAX];
    ssize_t n = read(st->fd, buf, sizeof(buf));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) { /* a tty whose other side is gone says EIO */
        st->is_at_end = true;
        n = 0;
    }
    stream_send(st, WIRE_CONTINUE, buf, (size_t)n);
}

/* --- from the client --- */

static void stream_write(struct stream *st)
{
    while (st->in_at < st->in_len) {
        ssize_t n = write(st->fd, st->in + st->in_at, st->in_len - st->in_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0) { /* the other side is gone: reading tells the client */
            st->is_broken = st->is_one_way;
            break;
        }
        st->in_at += (size_t)n;
    }
    free(st->in);
    st->in = NULL;
    release(st);
}

static void stream_confirm(struct stream *st)
{
    stream_send(st, WIRE_OK, "", 0);
    stream_free(st);
}

/* Who reads may have had enough, and closes; one that leaves bytes unread has failed. */
static bool sink_lives(struct stream *st)
{
    char byte;
    ssize_t n = st->is_at_end ? 0 : read(st->fd, &byte, 1);
    st->is_at_end |= !n;
    return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/* What reads here has ended before the client has: that it knows at once, not after all is sent. */
static void stream_break(struct stream *st)
{
    struct err e;
    fail(&e, ERR_OPERATION_FAILED, "the other end of the stream has been closed");
    e.domain = ERR_FROM_STREAMS;
    stream_fail(st, &e);
}

static void stream_ready(void *arg, int events)
{
    struct stream *st = arg;
    if (st->in && events & (LOOP_WRITE | LOOP_HANGUP))
        stream_write(st);
    if (st->is_ending && !st->in) {
        stream_confirm(st);
        return;
    }
    if (st->is_broken || (st->is_one_way && !sink_lives(st))) {
        stream_break(st);
        return;
    }
    if (!st->is_one_way && events & (LOOP_READ | LOOP_HANGUP) && st->flows && !st->is_busy &&
        !st->is_at_end)
        stream_read(st);
    stream_watch(st);
}

static void stream_take(struct stream *st, const struct conn_frame *f)
{
    size_t waiting = st->in_len - st->in_at;
    if (st->in) { /* more while some waits: behind it */
        memmove(st->in, st->in + st->in_at, waiting);
        st->in = mem_grow(st->in, waiting + f->len, 1);
    } else {
        waiting = 0;
        st->in = mem_grow(NULL, f->len, 1);
    }
    st->n_held++;
    if (st->n_held > 1 && waiting + f->len <= WAITING_MAX) {
        st->n_held--;
        conn_release(st->session->conn);
    }
    memcpy(st->in + waiting, f->payload, f->len);
    st->in_at = 0;
    st->in_len = waiting + f->len;
    stream_write(st);
    if (st->is_broken)
        stream_break(st);
    else
        stream_watch(st);
}

void stream_frame(struct session *s, const struct conn_frame *f)
{
    struct stream *st = stream_find(s, &f->head);
    if (!st) { /* ended already, or never was */
        conn_release(s->conn);
    } else if (f->head.type == WIRE_STREAM_HOLE) {
        conn_release(s->conn);
        conn_abort(s->conn, "a hole in a stream that has none");
    } else if (f->head.status == WIRE_CONTINUE && f->len) {
        stream_take(st, f);
    } else if (f->head.status == WIRE_CONTINUE) {
        conn_release(s->conn); /* the end of the client's data; what the tty says goes on */
    } else if (f->head.status == WIRE_OK && st->in && st->is_one_way) {
        st->is_ending = true;
        conn_release(s->conn);
    } else { /* finished or aborted: confirmed alike */
        stream_confirm(st);
        conn_release(s->conn);
    }
}

/* --- opening --- */

static struct stream *stream_of_path(struct daemon *d, const char *path)
{
    for (struct stream *st = d->streams; st; st = st->next)
        if (st->path && str_eq(st->path, path))
            return st;
    return NULL;
}

/* Ends the stream that has the path, or fails. */
static int stream_steal(struct daemon *d, const char *path, bool force, struct err *e)
{
    struct stream *st = stream_of_path(d, path);
    struct err told;
    if (!st)
        return 0;
    if (!force)
        return fail(e, ERR_OPERATION_FAILED, "active console session exists for this domain");
    fail(&told, ERR_OPERATION_FAILED, "the console was taken over by another client");
    told.domain = ERR_FROM_STREAMS;
    stream_fail(st, &told);
    return 0;
}

static int tty_open(const char *path, bool exclusive, struct err *e)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (exclusive && flock(fd, LOCK_EX | LOCK_NB)) {
        fail(e, ERR_OPERATION_FAILED, "console '%s' is in use on this host", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Takes over fd. NULL: c->err is set. */
static struct stream *stream_new(struct call *c, int fd)
{
    struct daemon *d = c->daemon;
    struct stream *st = NEW(struct stream);
    *st = (struct stream){.session = c->session, .head = c->head, .fd = fd};
    st->watch = loop_fd_open(d->loop, fd, 0, stream_ready, st, &c->err);
    if (!st->watch) {
        close(fd);
        free(st);
        return NULL;
    }
    st->next = d->streams;
    st->prev = &d->streams;
    if (st->next)
        st->next->prev = &st->next;
    d->streams = st;
    c->stream = st;
    return st;
}

int stream_open_tty(struct call *c, const char *path, bool force, bool exclusive)
{
    if (!c->session)
        return fail(&c->err, ERR_INTERNAL, "the client has gone");
    if (stream_steal(c->daemon, path, force, &c->err))
        return -1;
    int fd = consoles_attach(c->daemon->consoles, path);
    if (fd < 0)
        fd = tty_open(path, exclusive, &c->err);
    struct stream *st = fd < 0 ? NULL : stream_new(c, fd);
    if (!st)
        return -1;
    st->path = mem_str(path);
    return 0;
}

int stream_open_sink(struct call *c, int fd)
{
    struct stream *st = stream_new(c, fd);
    if (!st)
        return -1;
    st->is_one_way = true;
    return 0;
}

int stream_open_fd(struct call *c, int fd)
{
    if (c->session)
        return stream_new(c, fd) ? 0 : -1;
    close(fd);
    return fail(&c->err, ERR_INTERNAL, "the client has gone");
}
