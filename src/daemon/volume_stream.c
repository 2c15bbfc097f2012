#include "daemon/volume_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "daemon/dispatch.h"
#include "daemon/storage_task.h"

enum { HOLE_BYTES = 12 /* of a hole's payload: a hyper and flags */ };

/* What came from the client and is not written; it counts as one of its requests. */
struct piece {
    struct piece *next;
    bool is_end, is_hole;
    uint64_t hole;
    size_t len;
    uint8_t *bytes;
};

struct volume_stream {
    struct volume_stream *next, **prev;
    struct session *session; /* NULL: the client has gone, or was told the end */
    struct daemon *daemon;
    struct wire_header head;
    int fd;
    uint64_t offset, left;
    bool writes, may_have_holes;
    bool is_busy; /* a worker has it */
    struct piece *pieces, **pieces_end;
    /* of the worker */
    uint8_t *chunk;
    size_t chunk_len;
    uint64_t hole;
    int result;
    struct err err;
};

static void flow(void *arg);

static void piece_free(struct piece *p)
{
    free(p->bytes);
    free(p);
}

static void stream_free(struct volume_stream *st)
{
    while (st->pieces) {
        struct piece *p = st->pieces;
        st->pieces = p->next;
        piece_free(p);
    }
    close(st->fd);
    free(st->chunk);
    free(st);
}

/* Not the session's any more. */
static void detach(struct volume_stream *st)
{
    struct session *s = st->session;
    *st->prev = st->next;
    if (st->next)
        st->next->prev = st->prev;
    st->session = NULL;
    conn_unsent(s->conn, st);
    for (const struct piece *p = st->pieces; p; p = p->next)
        conn_release(s->conn);
    if (!st->is_busy)
        stream_free(st);
}

void volume_stream_close_all(struct session *s)
{
    while (s->volumes)
        detach(s->volumes);
}

/* --- frames to the client --- */

static struct wire_header head_of(const struct volume_stream *st, uint32_t status)
{
    struct wire_header h = wire_reply_to(&st->head);
    h.type = WIRE_STREAM;
    h.status = status;
    return h;
}

static void send_end(struct volume_stream *st, uint32_t status)
{
    struct wire_header h = head_of(st, status);
    struct str frame = {0};
    wire_frame_add_raw(&frame, &h, "", 0);
    conn_send(st->session->conn, &frame, CONN_EXTRA);
}

static void send_error(struct volume_stream *st)
{
    struct wire_header h = head_of(st, WIRE_ERROR);
    struct str frame = {0};
    wire_frame_add_error(&frame, &h, &st->err);
    conn_send(st->session->conn, &frame, CONN_EXTRA);
}

static void send_data(struct volume_stream *st)
{
    struct wire_header h = head_of(st, WIRE_CONTINUE);
    struct str frame = {0};
    uint8_t hole[HOLE_BYTES] = {0};
    for (size_t i = 0; st->hole && i < sizeof(uint64_t); i++)
        hole[i] = (uint8_t)(st->hole >> (56 - 8 * i));
    if (st->hole) {
        h.type = WIRE_STREAM_HOLE;
        wire_frame_add_raw(&frame, &h, hole, sizeof(hole));
    } else {
        wire_frame_add_raw(&frame, &h, st->chunk, st->chunk_len);
    }
    conn_send_then(st->session->conn, &frame, CONN_EXTRA, flow, st);
}

/* --- reading --- */

/* Sets hole when the file has none of its bytes here, up to the next that it has. Returns how many
 * bytes may be read at once. */
static size_t find_data(struct volume_stream *st)
{
    uint64_t n = st->left < VOLUME_CHUNK ? st->left : VOLUME_CHUNK;
    off_t at = (off_t)st->offset;
    off_t data = st->may_have_holes ? lseek(st->fd, at, SEEK_DATA) : at;
    if (data < 0 && errno == ENXIO)
        st->hole = st->left;
    else if (data > at)
        st->hole = (uint64_t)(data - at) < st->left ? (uint64_t)(data - at) : st->left;
    off_t end = st->may_have_holes && !st->hole ? lseek(st->fd, at, SEEK_HOLE) : -1;
    if (end > at && (uint64_t)(end - at) < n)
        n = (uint64_t)(end - at);
    return (size_t)n;
}

static int read_chunk(struct volume_stream *st)
{
    st->hole = 0;
    st->chunk_len = 0;
    if (!st->left)
        return 0;
    size_t want = find_data(st);
    if (st->hole)
        return 0;
    if (!st->chunk)
        st->chunk = mem_new(1, VOLUME_CHUNK);
    ssize_t n = pread(st->fd, st->chunk, want, (off_t)st->offset);
    if (n < 0)
        return fail_errno(&st->err, "cannot read the volume");
    st->chunk_len = (size_t)n; /* 0: it is shorter now */
    return 0;
}

static void work_read(void *arg)
{
    struct volume_stream *st = arg;
    st->result = read_chunk(st);
}

static void after_read(void *arg)
{
    struct volume_stream *st = arg;
    uint64_t n = st->hole ? st->hole : st->chunk_len;
    st->is_busy = false;
    if (!st->session) {
        stream_free(st);
    } else if (st->result) {
        send_error(st);
        detach(st);
    } else if (!n) {
        send_end(st, WIRE_CONTINUE); /* the client says that it is done */
    } else {
        send_data(st);
        st->offset += n;
        st->left -= n;
    }
}

static void flow(void *arg)
{
    struct volume_stream *st = arg;
    st->is_busy = true;
    storage_work(st->daemon, work_read, after_read, st);
}

/* --- writing --- */

static int write_hole(struct volume_stream *st, uint64_t n)
{
    struct stat s;
    off_t from = (off_t)st->offset, to = (off_t)(st->offset + n);
    if (fstat(st->fd, &s))
        return fail_errno(&st->err, "cannot look at the volume");
    off_t inside = s.st_size < to ? s.st_size : to;
    if (inside > from &&
        fallocate(st->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, inside - from))
        return fail_errno(&st->err, "cannot make a hole in the volume");
    if (s.st_size < to && ftruncate(st->fd, to))
        return fail_errno(&st->err, "cannot make the volume longer");
    return 0;
}

static int write_bytes(struct volume_stream *st, const struct piece *p)
{
    for (size_t at = 0; at < p->len;) {
        ssize_t n = pwrite(st->fd, p->bytes + at, p->len - at, (off_t)(st->offset + at));
        if (n < 0 && errno != EINTR)
            return fail_errno(&st->err, "cannot write to the volume");
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void work_write(void *arg)
{
    struct volume_stream *st = arg;
    const struct piece *p = st->pieces;
    uint64_t n = p->is_hole ? p->hole : p->len;
    if (n > st->left)
        st->result = fail(&st->err, ERR_OPERATION_FAILED, "more bytes than were announced");
    else
        st->result = p->is_hole ? write_hole(st, n) : write_bytes(st, p);
    st->offset += n;
    st->left -= st->result ? 0 : n;
}

static void after_write(void *arg);

static void next_piece(struct volume_stream *st)
{
    if (st->is_busy || !st->pieces)
        return;
    if (st->pieces->is_end) {
        send_end(st, WIRE_OK);
        detach(st);
        return;
    }
    st->is_busy = true;
    storage_work(st->daemon, work_write, after_write, st);
}

static void after_write(void *arg)
{
    struct volume_stream *st = arg;
    struct piece *p = st->pieces;
    st->is_busy = false;
    if (!st->session) {
        stream_free(st);
        return;
    }
    if (st->result) {
        send_error(st);
        detach(st);
        return;
    }
    st->pieces = p->next;
    if (!st->pieces)
        st->pieces_end = &st->pieces;
    piece_free(p);
    conn_release(st->session->conn);
    next_piece(st);
}

/* --- frames from the client --- */

static struct volume_stream *find(const struct session *s, const struct wire_header *h)
{
    for (struct volume_stream *st = s->volumes; st; st = st->next)
        if (st->head.serial == h->serial && st->head.proc == h->proc &&
            st->head.program == h->program)
            return st;
    return NULL;
}

static uint64_t hole_of(const struct conn_frame *f)
{
    uint64_t n = 0;
    for (size_t i = 0; f->len >= HOLE_BYTES && i < sizeof(n); i++)
        n = n << 8 | f->payload[i];
    return n;
}

static void add_piece(struct volume_stream *st, const struct conn_frame *f)
{
    struct piece *p = NEW(struct piece);
    p->is_hole = f->head.type == WIRE_STREAM_HOLE;
    p->is_end = f->head.status == WIRE_OK;
    p->hole = p->is_hole ? hole_of(f) : 0;
    p->len = f->len;
    p->bytes = mem_dup(f->payload, f->len);
    *st->pieces_end = p;
    st->pieces_end = &p->next;
    next_piece(st);
}

bool volume_stream_frame(struct session *s, const struct conn_frame *f)
{
    struct volume_stream *st = find(s, &f->head);
    bool is_hole = f->head.type == WIRE_STREAM_HOLE;
    if (!st)
        return false;
    if (is_hole && (!st->writes || !st->may_have_holes)) {
        conn_release(s->conn);
        conn_abort(s->conn, "a hole in a stream that has none");
    } else if (st->writes && f->head.status != WIRE_ERROR) {
        add_piece(st, f);
    } else {
        conn_release(s->conn);
        if (f->head.status == WIRE_CONTINUE)
            return true; /* nothing is expected from a reader */
        send_end(st, WIRE_OK);
        detach(st);
    }
    return true;
}

void volume_stream_open(struct call *c, int fd, bool writes, uint64_t offset, uint64_t length,
                        bool may_have_holes)
{
    struct volume_stream *st = NEW(struct volume_stream);
    struct session *s = c->session;
    struct stat file;
    *st = (struct volume_stream){.session = s,
                                 .daemon = c->daemon,
                                 .head = c->head,
                                 .fd = fd,
                                 .offset = offset,
                                 .left = length ? length : INT64_MAX - offset,
                                 .writes = writes,
                                 .may_have_holes = may_have_holes,
                                 .next = s->volumes,
                                 .prev = &s->volumes};
    st->pieces_end = &st->pieces;
    if (st->next)
        st->next->prev = &st->next;
    s->volumes = st;
    if (writes)
        return;
    if (!fstat(fd, &file)) { /* open already: answers at once */
        uint64_t size = (uint64_t)file.st_size;
        uint64_t there = size > offset ? size - offset : 0;
        st->left = st->left < there ? st->left : there;
    }
    flow(st);
}
