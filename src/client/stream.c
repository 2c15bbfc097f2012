#include <string.h>

#include "base/vec.h"
#include "client/conn.h"

/* Data, or a hole of `hole` bytes. */
struct piece {
    struct str data;
    size_t at;
    int64_t hole;
};

struct client_stream {
    struct client *c;
    struct client_stream *next;
    struct wire_header h; /* of the frames that we send */
    struct piece *pieces;
    size_t n_pieces;
    bool is_at_end; /* the server has no more data */
    bool is_closed; /* confirmed, or failed: no frame follows */
    bool has_failed;
    struct err why;
};

static void piece_free(struct client_stream *s)
{
    str_clear(&s->pieces[0].data);
    VEC_REMOVE(s->pieces, s->n_pieces, 0);
}

static void stream_free(struct client_stream *s)
{
    for (struct client_stream **p = &s->c->streams; *p; p = &(*p)->next)
        if (*p == s) {
            *p = s->next;
            break;
        }
    while (s->n_pieces)
        piece_free(s);
    free(s->pieces);
    free(s);
}

void conn_stream_free_all(struct client *c)
{
    while (c->streams)
        stream_free(c->streams);
}

static void take_hole(struct client_stream *s, const void *payload, size_t len)
{
    struct wire_stream_hole hole;
    if (wire_decode(&wire_type_stream_hole, payload, len, &hole, NULL) || hole.length < 0)
        return;
    VEC_PUSH(s->pieces, s->n_pieces, ((struct piece){.hole = hole.length}));
}

static void take_data(struct client_stream *s, const void *payload, size_t len)
{
    struct piece p = {0};
    if (!len) {
        s->is_at_end = true;
        return;
    }
    str_addn(&p.data, payload, len);
    VEC_PUSH(s->pieces, s->n_pieces, p);
}

void conn_stream_frame(struct client *c, const struct wire_header *h, const void *payload,
                       size_t len)
{
    struct client_stream *s = c->streams;
    while (s && (s->h.serial != h->serial || s->h.proc != h->proc || s->h.program != h->program))
        s = s->next;
    if (!s || s->is_closed)
        return;
    if (h->status == WIRE_ERROR) {
        s->has_failed = s->is_closed = true;
        wire_error_decode(payload, len, &s->why);
    } else if (h->status == WIRE_OK) {
        s->is_closed = true;
    } else if (h->type == WIRE_STREAM_HOLE) {
        take_hole(s, payload, len);
    } else {
        take_data(s, payload, len);
    }
}

struct client_stream *client_stream_open(struct client *c, int proc, const void *args, void *ret,
                                         struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    if (!p || !(p->flags & (WIRE_P_STREAM_IN | WIRE_P_STREAM_OUT))) {
        fail(e, ERR_INVALID_ARG, "procedure %d opens no stream", proc);
        return NULL;
    }
    struct client_stream *s = NEW(struct client_stream);
    s->c = c;
    s->h = (struct wire_header){WIRE_PROGRAM_REMOTE, 1, proc, WIRE_STREAM, c->serial};
    s->next = c->streams;
    c->streams = s; /* data may come with the reply */
    if (!client_call(c, proc, args, ret, e))
        return s;
    stream_free(s);
    return NULL;
}

static int failed(const struct client_stream *s, struct err *e)
{
    if (e)
        *e = s->why;
    return -1;
}

static long take_piece(struct client_stream *s, void *data, size_t len, int64_t *ret_hole)
{
    struct piece *p = &s->pieces[0];
    if (p->hole) {
        if (ret_hole)
            *ret_hole = p->hole;
        piece_free(s);
        return CLIENT_AGAIN;
    }
    size_t n = p->data.len - p->at;
    n = n < len ? n : len;
    memcpy(data, p->data.p + p->at, n);
    p->at += n;
    if (p->at == p->data.len)
        piece_free(s);
    return (long)n;
}

long client_stream_recv(struct client_stream *s, void *data, size_t len, int timeout_ms,
                        int64_t *ret_hole, struct err *e)
{
    int64_t end = now_ms() + timeout_ms;
    if (ret_hole)
        *ret_hole = 0;
    for (bool waited = false;; waited = true) {
        if (s->n_pieces)
            return take_piece(s, data, len, ret_hole);
        if (s->has_failed)
            return failed(s, e);
        if (s->is_at_end || s->is_closed)
            return 0;
        int64_t left = timeout_ms < 0 ? -1 : end - now_ms();
        if (waited && timeout_ms >= 0 && left <= 0)
            return CLIENT_AGAIN;
        if (conn_pump(s->c, NULL, 0, left < 0 && timeout_ms >= 0 ? 0 : (int)left, e) < 0 &&
            !s->n_pieces)
            return -1;
    }
}

/* Lets the server's slowness slow us down. */
static int drain(struct client *c, struct err *e)
{
    while (c->out.len - c->out_at > STREAM_OUT_MAX)
        if (conn_pump(c, NULL, 0, -1, e) < 0)
            return -1;
    return conn_pump(c, NULL, 0, 0, e) < 0 ? -1 : 0;
}

int client_stream_send(struct client_stream *s, const void *data, size_t len, struct err *e)
{
    struct wire_header h = s->h;
    const char *p = data;
    h.status = WIRE_CONTINUE;
    while (len) {
        size_t n = len < STREAM_PIECE_MAX ? len : STREAM_PIECE_MAX;
        if (s->has_failed)
            return failed(s, e);
        if (s->is_closed)
            return fail(e, ERR_INVALID_STREAM, "the stream is closed");
        wire_frame_add_raw(&s->c->out, &h, p, n);
        if (drain(s->c, e))
            return -1;
        p += n;
        len -= n;
    }
    return s->has_failed ? failed(s, e) : 0;
}

static int end_stream(struct client_stream *s, enum wire_status how, struct err *e)
{
    struct wire_header h = s->h;
    h.status = how;
    int r = 0;
    if (!s->is_closed) {
        wire_frame_add_raw(&s->c->out, &h, NULL, 0);
        r = conn_wait(s->c, &s->is_closed, s->c->call_timeout_ms, e);
    }
    if (!r && s->has_failed && how == WIRE_OK)
        r = failed(s, e);
    stream_free(s);
    return r;
}

int client_stream_finish(struct client_stream *s, struct err *e)
{
    return end_stream(s, WIRE_OK, e);
}

int client_stream_abort(struct client_stream *s, struct err *e)
{
    return end_stream(s, WIRE_ERROR, e);
}
