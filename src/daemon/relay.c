#include "daemon/relay.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "daemon/dispatch.h"
#include "daemon/gate.h"
#include "daemon/object.h"
#include "daemon/sieve.h"
#include "daemon/storage_task.h"
#include "daemon/upstream.h"

enum { RETRY_MS = 1000, CALLBACK_BYTES = 4 };

/* A wish to be told of events, kept so that it survives the other daemon. */
struct wish {
    struct wish *next;
    int id;       /* ours */
    int up_id;    /* the other daemon's */
    bool is_told; /* it knows, and up_id counts */
    int proc;     /* of the registration */
    char *payload;
    size_t len;
};

struct relayed { /* a stream */
    struct relayed *next;
    struct wire_header head; /* the client's call */
    uint32_t serial;         /* the other daemon's */
    bool may_have_holes;
};

/* One client at one daemon. */
struct link {
    struct link *next;
    struct session *session;
    const char *driver;  /* of the protocol's table */
    struct upstream *up; /* NULL: not connected */
    struct loop_timer *retry;
    struct wish *wishes;
    struct relayed *streams;
    unsigned in_flight; /* the client's stream frames that have not left */
};

/* A call on its way. */
struct errand {
    struct call *call;
    struct link *link;   /* not used once the call has lost its session */
    uint32_t serial;     /* there */
    struct wish *made;   /* by this registration; not in the list yet */
    int dropped;         /* the id whose wish ends with this call; -1: none */
    bool may_have_holes; /* the stream that it opens */
};

static void got_frame(void *arg, const struct conn_frame *f);
static void got_closed(void *arg, const char *why);
static const struct upstream_ops upstream_ops = {.frame = got_frame, .closed = got_closed};

/* --- numbers at the front of a payload --- */

static int get_int(const void *payload)
{
    const uint8_t *p = payload;
    return (int)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

static void put_int(void *payload, int v)
{
    uint8_t *p = payload;
    for (int i = 0; i < CALLBACK_BYTES; i++)
        p[i] = (uint8_t)((uint32_t)v >> (24 - 8 * i));
}

static bool begins_with_callback(const struct wire_type *t)
{
    return t && t->n_fields && str_eq(t->fields[0].name, "callbackID");
}

/* --- finding the daemon --- */

static bool is_same_dir(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The driver's own daemon, or the one that has all drivers, unless that socket is ours. Never
 * blocks: a daemon whose queue is full counts as none. */
static struct upstream *find_daemon(struct link *l)
{
    struct session *s = l->session;
    const char *dir = s->daemon->relay_dir, *ro = s->is_readonly ? "-ro" : "";
    CLEANUP_FREE char *uri = mem_printf("%s:///%s", l->driver, geteuid() ? "session" : "system");
    CLEANUP_FREE char *own = mem_printf("%s/virt%sd-sock%s", dir, l->driver, ro);
    CLEANUP_FREE char *all = mem_printf("%s/libvirt-sock%s", dir, ro);
    struct upstream *u =
        upstream_open(s->daemon->loop, own, uri, s->is_readonly, &s->identity, &upstream_ops, l);
    if (!u && !is_same_dir(dir, s->daemon->run_dir))
        u = upstream_open(s->daemon->loop, all, uri, s->is_readonly, &s->identity, &upstream_ops,
                          l);
    return u;
}

/* --- wishes --- */

static void wish_free(struct wish *w)
{
    if (w)
        free(w->payload);
    free(w);
}

static struct wish **wish_find(struct link *l, int id)
{
    struct wish **at = &l->wishes;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void wish_drop(struct link *l, int id)
{
    struct wish **at = wish_find(l, id), *w = *at;
    if (!w)
        return;
    *at = w->next;
    wish_free(w);
}

struct renewal {
    struct link *link;
    int id;
};

/* A wish that the new daemon does not take (the object is gone) stays, and nothing comes of it. */
static void renewed(void *arg, const struct conn_frame *f, const char *why)
{
    struct renewal *r = arg;
    struct wish *w = f ? *wish_find(r->link, r->id) : NULL;
    if (w && f->head.status == WIRE_OK && f->len >= CALLBACK_BYTES) {
        w->up_id = get_int(f->payload);
        w->is_told = true;
    }
    free(r);
}

static void renew_wishes(struct link *l)
{
    for (struct wish *w = l->wishes; w; w = w->next) {
        struct renewal *r = NEW(struct renewal);
        *r = (struct renewal){.link = l, .id = w->id};
        upstream_call(l->up, w->proc, w->payload, w->len, renewed, r);
    }
}

/* --- links --- */

static bool link_connect(struct link *l)
{
    if (l->up)
        return true;
    l->up = find_daemon(l);
    if (!l->up)
        return false;
    log_msg(LOG_DEBUG, "client %d: connected to the daemon for %s",
            (int)conn_peer(l->session->conn)->pid, l->driver);
    renew_wishes(l);
    return true;
}

static void link_retry(void *arg)
{
    struct link *l = arg;
    if (link_connect(l) || !l->wishes)
        loop_timer_stop(l->retry);
}

static struct link *link_of(struct session *s, const char *driver)
{
    for (struct link *l = s->links; l; l = l->next)
        if (str_eq(l->driver, driver))
            return l;
    struct link *l = NEW(struct link);
    *l = (struct link){.session = s, .driver = driver, .next = s->links};
    l->retry = loop_timer_open(s->daemon->loop, link_retry, l);
    s->links = l;
    return l;
}

static void end_streams(struct link *l)
{
    for (struct relayed *st = l->streams, *next; st; st = next) {
        next = st->next;
        free(st);
    }
    l->streams = NULL;
}

void relay_close(struct session *s)
{
    for (struct link *l = s->links, *next; l; l = next) {
        next = l->next;
        upstream_close(take(l->up));
        end_streams(l);
        while (l->wishes)
            wish_drop(l, l->wishes->id);
        loop_timer_close(l->retry);
        free(l);
    }
    s->links = NULL;
}

bool relay_takes(struct session *s, const struct wire_proc *p)
{
    return p->relay && s->daemon->relay_dir && link_connect(link_of(s, p->relay));
}

/* --- streams --- */

static void send_to_client(struct link *l, struct wire_header h, const struct conn_frame *f,
                           conn_sent_fn *sent)
{
    struct str frame = {0};
    h.type = f->head.type;
    h.status = f->head.status;
    wire_frame_add_raw(&frame, &h, f->payload, f->len);
    conn_send_then(l->session->conn, &frame, CONN_EXTRA, sent, l->up);
}

static void client_has_it(void *up)
{
    upstream_release(up);
}

static void stream_from_daemon(struct link *l, const struct conn_frame *f)
{
    struct relayed **at = &l->streams, *st;
    while ((st = *at) && (st->serial != f->head.serial || st->head.proc != f->head.proc))
        at = &st->next;
    if (!st) {
        upstream_release(l->up);
        return;
    }
    send_to_client(l, wire_reply_to(&st->head), f, client_has_it);
    if (f->head.status == WIRE_CONTINUE)
        return;
    *at = st->next;
    free(st);
}

static void daemon_has_it(void *arg)
{
    struct link *l = arg;
    l->in_flight--;
    conn_release(l->session->conn);
}

static struct relayed *stream_find(struct session *s, const struct wire_header *h,
                                   struct link **ret)
{
    for (struct link *l = s->links; l; l = l->next)
        for (struct relayed *st = l->streams; st; st = st->next)
            if (st->head.serial == h->serial && st->head.proc == h->proc &&
                st->head.program == h->program) {
                *ret = l;
                return st;
            }
    return NULL;
}

bool relay_stream(struct session *s, const struct conn_frame *f)
{
    struct link *l;
    const struct relayed *st = stream_find(s, &f->head, &l);
    if (!st)
        return false;
    if (f->head.type == WIRE_STREAM_HOLE && !st->may_have_holes) {
        conn_release(s->conn);
        conn_abort(s->conn, "a hole in a stream that has none");
        return true;
    }
    struct wire_header h = f->head;
    h.serial = st->serial;
    l->in_flight++;
    upstream_stream(l->up, &h, f->payload, f->len, daemon_has_it, l);
    return true;
}

static void open_stream(const struct errand *x)
{
    struct relayed *st = NEW(struct relayed);
    *st = (struct relayed){.next = x->link->streams,
                           .head = x->call->head,
                           .serial = x->serial,
                           .may_have_holes = x->may_have_holes};
    x->link->streams = st;
}

/* --- what comes without having been asked for --- */

/* The object of an event is what follows its number. */
static void pass_event(struct session *s, const struct wire_proc *p, int id, const void *payload,
                       size_t len)
{
    struct object o;
    struct err e;
    const struct wire_field *f = p->args->n_fields > 1 ? &p->args->fields[1] : NULL;
    CLEANUP_FREE char *msg = mem_new(1, p->args->size);
    if (wire_decode(p->args, payload, len, msg, &e)) {
        log_msg(LOG_WARN, "an event %s of another daemon is dropped: %s", p->name, e.msg);
        return;
    }
    if (f && f->shape == WIRE_S_ONE && object_of_value(f->type, msg + f->offset, &o))
        gate_event(s, &o, id, p, payload, len);
    wire_clear(p->args, msg);
}

static void event_from_daemon(struct link *l, const struct conn_frame *f)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, f->head.proc);
    struct wish *w = l->wishes;
    bool is_event = p && p->flags & WIRE_P_EVENT && begins_with_callback(p->args) &&
                    str_eq(p->relay, l->driver) && f->len >= CALLBACK_BYTES;
    while (is_event && w && (!w->is_told || w->up_id != get_int(f->payload)))
        w = w->next;
    if (is_event && w) {
        CLEANUP_FREE char *payload = mem_strn((const char *)f->payload, f->len);
        put_int(payload, w->id);
        pass_event(l->session, p, w->id, payload, f->len);
    }
    upstream_release(l->up);
}

static void got_frame(void *arg, const struct conn_frame *f)
{
    struct link *l = arg;
    if (f->head.type == WIRE_STREAM || f->head.type == WIRE_STREAM_HOLE)
        stream_from_daemon(l, f);
    else if (f->head.type == WIRE_MESSAGE)
        event_from_daemon(l, f);
    else
        upstream_release(l->up);
}

/* Its clients' streams have failed; events come again when it is back. */
static void got_closed(void *arg, const char *why)
{
    struct link *l = arg;
    struct session *s = l->session;
    log_msg(LOG_DEBUG, "the daemon for %s: closed: %s", l->driver, why);
    conn_unsent(s->conn, take(l->up));
    struct err e;
    fail(&e, ERR_OPERATION_FAILED, "the daemon for %s went away: %s", l->driver, why);
    for (struct relayed *st = l->streams; st; st = st->next) {
        struct wire_header h = wire_reply_to(&st->head);
        struct str frame = {0};
        h.type = WIRE_STREAM;
        h.status = WIRE_ERROR;
        wire_frame_add_error(&frame, &h, &e);
        conn_send(s->conn, &frame, CONN_EXTRA);
    }
    end_streams(l);
    while (l->in_flight)
        daemon_has_it(l);
    for (struct wish *w = l->wishes; w; w = w->next)
        w->is_told = false;
    if (l->wishes)
        loop_timer_start(l->retry, RETRY_MS, RETRY_MS);
}

/* --- calls --- */

/* The answer as it came, but for the number of a new registration. */
static void take_answer(struct errand *x, const struct conn_frame *f)
{
    struct call *c = x->call;
    str_addn(&c->raw, (const char *)f->payload, f->len);
    c->has_raw = true;
    c->raw_status = f->head.status;
    if (!c->session || f->head.status != WIRE_OK)
        return;
    if (x->made && f->len >= CALLBACK_BYTES) {
        struct wish *w = take(x->made);
        w->up_id = get_int(f->payload);
        w->is_told = true;
        w->next = x->link->wishes;
        x->link->wishes = w;
        put_int(c->raw.p, w->id);
    }
    if (x->dropped >= 0)
        wish_drop(x->link, x->dropped);
    if (c->proc->flags & (WIRE_P_STREAM_IN | WIRE_P_STREAM_OUT))
        open_stream(x);
}

static void answered(void *arg, const struct conn_frame *f, const char *why)
{
    struct errand *x = arg;
    struct call *c = x->call;
    int r = CALL_DONE;
    if (f) {
        take_answer(x, f);
        if (f->head.status != WIRE_OK) {
            wire_error_decode(f->payload, f->len, &c->err);
            r = CALL_FAILED;
        }
    } else {
        r = fail(&c->err, ERR_OPERATION_FAILED, "the daemon for %s cannot answer: %s",
                 c->proc->relay, why);
    }
    wish_free(x->made);
    free(x);
    call_finish(c, r);
}

static struct wish *wish_new(struct link *l, int proc, const struct conn_frame *f)
{
    struct wish *w = NEW(struct wish);
    *w = (struct wish){.proc = proc, .len = f->len};
    w->id = l->session->next_callback_id++;
    w->payload = mem_dup(f->payload, f->len);
    return w;
}

static size_t wish_count(const struct session *s)
{
    size_t n = 0;
    for (const struct link *l = s->links; l; l = l->next)
        for (const struct wish *w = l->wishes; w; w = w->next)
            n++;
    return n;
}

/* The end of a wish: the other daemon is told under its own number. While it is away, and where it
 * was never told, there is nobody to tell. */
static int end_wish(struct call *c, struct errand *x, char *payload)
{
    int id = get_int(payload);
    const struct wish *w = *wish_find(x->link, id);
    if (!w) {
        fail(&c->err, ERR_INTERNAL, "no such event callback: %d", id);
        c->err.domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    if (!w->is_told) {
        wish_drop(x->link, id);
        return CALL_DONE;
    }
    x->dropped = id;
    put_int(payload, w->up_id);
    return CALL_LATER;
}

static int send_call(struct call *c, struct errand *x, const struct conn_frame *f)
{
    CLEANUP_STR struct str payload = {0};
    str_addn(&payload, (const char *)f->payload, f->len);
    if (begins_with_callback(c->proc->args)) {
        int r = end_wish(c, x, payload.p);
        if (r != CALL_LATER)
            return r;
    }
    if (begins_with_callback(c->proc->ret)) {
        if (wish_count(c->session) >= SESSION_REGISTRATIONS_MAX)
            return fail(&c->err, ERR_OPERATION_FAILED,
                        "a connection has at most %d registrations of this kind",
                        SESSION_REGISTRATIONS_MAX);
        x->made = wish_new(x->link, c->proc->nr, f);
    }
    int proc = sieve_request(c, &payload);
    x->serial = upstream_call(x->link->up, proc, payload.p, payload.len, answered, x);
    return CALL_LATER;
}

/* --- names of what is known by its uuid --- */

static const struct resolving {
    const struct wire_type *type;
    const char *object;
    size_t uuid;
    int lookup; /* of which the answer is such an object */
} resolvings[] = {
    {&wire_type_network, "network", offsetof(struct wire_network, uuid),
     WIRE_NETWORK_LOOKUP_BY_UUID},
    {&wire_type_storage_pool, "storage_pool", offsetof(struct wire_storage_pool, uuid),
     WIRE_STORAGE_POOL_LOOKUP_BY_UUID},
    {&wire_type_nwfilter, "nwfilter", offsetof(struct wire_nwfilter, uuid),
     WIRE_NWFILTER_LOOKUP_BY_UUID},
    {&wire_type_secret, "secret", offsetof(struct wire_secret, uuid), WIRE_SECRET_LOOKUP_BY_UUID},
};

static const struct resolving *resolving_of(const struct call *c, const uint8_t **ret_uuid)
{
    const struct wire_type *t = c->proc->relay ? c->proc->args : NULL;
    for (size_t i = 0; t && i < t->n_fields; i++)
        for (size_t k = 0; k < sizeof(resolvings) / sizeof(*resolvings); k++) {
            if (t->fields[i].type != resolvings[k].type || t->fields[i].shape != WIRE_S_ONE)
                continue;
            *ret_uuid = (const uint8_t *)c->args + t->fields[i].offset + resolvings[k].uuid;
            return &resolvings[k];
        }
    return NULL;
}

bool relay_must_resolve(const struct call *c)
{
    const uint8_t *uuid;
    return resolving_of(c, &uuid);
}

struct resolve {
    struct call *call;
    const struct resolving *how;
    void (*done)(struct call *c, int r);
};

static int take_name(struct call *c, const struct resolving *how, const struct conn_frame *f)
{
    struct object o;
    const struct wire_type *t = wire_proc_find(WIRE_PROGRAM_REMOTE, how->lookup)->ret;
    if (f->head.status != WIRE_OK) {
        wire_error_decode(f->payload, f->len, &c->err);
        return CALL_FAILED;
    }
    CLEANUP_FREE void *ret = mem_new(1, t->size);
    if (wire_decode(t, f->payload, f->len, ret, &c->err))
        return CALL_FAILED;
    object_of_value(how->type, ret, &o);
    c->resolved_type = how->object;
    str_set(&c->resolved_name, o.name);
    wire_clear(t, ret);
    return CALL_DONE;
}

static void got_name(void *arg, const struct conn_frame *f, const char *why)
{
    struct resolve *x = arg;
    struct call *c = x->call;
    int r = f ? take_name(c, x->how, f)
              : fail(&c->err, ERR_OPERATION_FAILED, "the daemon for %s cannot answer: %s",
                     c->proc->relay, why);
    x->done(c, r);
    free(x);
}

int relay_resolve(struct call *c, void (*done)(struct call *c, int r))
{
    const uint8_t *uuid = NULL;
    const struct resolving *how = resolving_of(c, &uuid);
    if (!c->is_relayed) {
        const struct pool *p = str_eq(how->object, "storage_pool")
                                   ? pools_find_uuid(c->daemon->pools, uuid, &c->err)
                                   : NULL;
        c->resolved_type = how->object;
        str_set(&c->resolved_name, p ? p->name : NULL);
        return str_eq(how->object, "storage_pool") && !p ? CALL_FAILED : CALL_DONE;
    }
    struct resolve *x = NEW(struct resolve);
    *x = (struct resolve){.call = c, .how = how, .done = done};
    struct upstream *up = link_of(c->session, c->proc->relay)->up;
    upstream_call(up, how->lookup, uuid, UUID_LEN, got_name, x);
    return CALL_LATER;
}

bool relay_listens(const struct session *s, int callback_id)
{
    for (const struct link *l = s->links; l; l = l->next)
        for (const struct wish *w = l->wishes; w; w = w->next)
            if (w->id == callback_id)
                return true;
    return false;
}

int relay_call(struct call *c, const struct conn_frame *f)
{
    struct errand *x = NEW(struct errand);
    if (!link_connect(
            link_of(c->session, c->proc->relay))) { /* it went while rights were asked for */
        free(x);
        return fail(&c->err, ERR_OPERATION_FAILED, "the daemon for %s went away", c->proc->relay);
    }
    *x = (struct errand){.call = c, .link = link_of(c->session, c->proc->relay), .dropped = -1};
    x->may_have_holes = c->proc->sparse & call_flags(c);
    int r = send_call(c, x, f);
    if (r != CALL_LATER) {
        wish_free(x->made);
        free(x);
    }
    return r;
}
