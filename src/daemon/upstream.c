#include "daemon/upstream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "daemon/identity.h"
#include "loop/loop.h"
#include "wire/param.h"

enum {
    OPEN_MS = 30000,    /* for a daemon that is just being started */
    FRAMES_AT_ONCE = 8, /* that come and have not been let go */
    PING_S = 5,         /* a daemon that hangs must not hold our clients for ever */
    PINGS = 5,
};

struct pending {
    struct pending *next;
    uint32_t serial;
    upstream_reply_fn *fn;
    void *arg;
};

struct upstream {
    struct conn *conn;
    const struct upstream_ops *ops; /* NULL: the owner does not want to hear any more */
    void *arg;
    struct pending *pending;
    uint32_t next_serial;
    struct loop_timer *timer; /* until it is open */
    bool is_open;
    struct str waiting; /* frames for when it is */
    char *uri;
    bool is_readonly;
    struct wire_connect_set_identity_args who;
    char *why; /* it would not have us */
};

static const struct conn_limits limits = {
    .max_requests = FRAMES_AT_ONCE, .keepalive_interval_s = PING_S, .keepalive_count = PINGS};

static void got_frame(void *arg, const struct conn_frame *f);
static void got_closed(void *arg, const char *why);
static void begin(struct upstream *u);
static void auth_listed(void *arg, const struct conn_frame *f, const char *why);
static void opened(void *arg, const struct conn_frame *f, const char *why);
static void introduced(void *arg, const struct conn_frame *f, const char *why);

static const struct conn_ops conn_ops = {.frame = got_frame, .closed = got_closed};

static int connect_to(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof(addr.sun_path))
        return -1;
    memcpy(addr.sun_path, path, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
        close(fd);
        return -1;
    }
    return fd;
}

static void too_slow(void *arg)
{
    struct upstream *u = arg;
    conn_close(u->conn, "it does not answer");
}

static void identity_params(const struct identity *id, struct wire_connect_set_identity_args *ret)
{
    struct wire_typed_param **p = &ret->params;
    size_t *n = &ret->n_params;
    if (id->is_local) {
        wire_param_add_uhyper(p, n, "unix-user-id", id->uid);
        wire_param_add_uhyper(p, n, "unix-group-id", id->gid);
        wire_param_add_hyper(p, n, "process-id", id->pid);
    }
    const struct {
        const char *name, *value;
    } texts[] = {{"user-name", id->user},
                 {"sasl-user-name", id->sasl_user},
                 {"x509-distinguished-name", id->x509_name}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (texts[i].value)
            wire_param_add_string(p, n, texts[i].name, texts[i].value);
}

static void upstream_free(struct upstream *u)
{
    loop_timer_close(u->timer);
    str_clear(&u->waiting);
    wire_clear(&wire_type_connect_set_identity_args, &u->who);
    free(u->uri);
    free(u->why);
    free(u);
}

struct upstream *upstream_open(struct loop *l, const char *path, const char *uri, bool is_readonly,
                               const struct identity *who, const struct upstream_ops *ops,
                               void *arg)
{
    int fd = connect_to(path);
    if (fd < 0)
        return NULL;
    struct upstream *u = NEW(struct upstream);
    *u = (struct upstream){.ops = ops, .arg = arg, .is_readonly = is_readonly};
    u->conn = conn_open(l, transport_plain(fd, false), &limits, &conn_ops, u, NULL);
    if (!u->conn) {
        free(u);
        return NULL;
    }
    u->uri = mem_str(uri);
    identity_params(who, &u->who);
    u->timer = loop_timer_open(l, too_slow, u);
    loop_timer_start(u->timer, OPEN_MS, 0);
    begin(u);
    return u;
}

void upstream_close(struct upstream *u)
{
    if (!u)
        return;
    u->ops = NULL;
    conn_close(u->conn, "the client has gone");
}

static void got_closed(void *arg, const char *why)
{
    struct upstream *u = arg;
    if (u->why)
        why = u->why;
    while (u->pending) {
        struct pending *p = u->pending;
        u->pending = p->next;
        p->fn(p->arg, NULL, why);
        free(p);
    }
    if (u->ops)
        u->ops->closed(u->arg, why);
    upstream_free(u);
}

/* --- calls --- */

static uint32_t expect(struct upstream *u, upstream_reply_fn *fn, void *arg)
{
    struct pending *p = NEW(struct pending);
    *p = (struct pending){.next = u->pending, .serial = ++u->next_serial, .fn = fn, .arg = arg};
    u->pending = p;
    return p->serial;
}

static struct wire_header call_head(int proc, uint32_t serial)
{
    return (struct wire_header){
        .program = WIRE_PROGRAM_REMOTE, .version = 1, .proc = proc, .serial = serial};
}

uint32_t upstream_call(struct upstream *u, int proc, const void *payload, size_t len,
                       upstream_reply_fn *fn, void *arg)
{
    struct wire_header h = call_head(proc, expect(u, fn, arg));
    struct str frame = {0};
    if (!u->is_open) {
        wire_frame_add_raw(&u->waiting, &h, payload, len);
        return h.serial;
    }
    wire_frame_add_raw(&frame, &h, payload, len);
    conn_send(u->conn, &frame, CONN_EXTRA);
    return h.serial;
}

void upstream_stream(struct upstream *u, const struct wire_header *h, const void *payload,
                     size_t len, conn_sent_fn *sent, void *arg)
{
    struct str frame = {0};
    wire_frame_add_raw(&frame, h, payload, len);
    conn_send_then(u->conn, &frame, CONN_EXTRA, sent, arg);
}

void upstream_release(struct upstream *u)
{
    conn_release(u->conn);
}

static void got_reply(struct upstream *u, const struct conn_frame *f)
{
    struct pending **at = &u->pending, *p;
    while ((p = *at) && p->serial != f->head.serial)
        at = &p->next;
    conn_release(u->conn);
    if (!p) {
        conn_abort(u->conn, "an answer to nothing");
        return;
    }
    *at = p->next;
    p->fn(p->arg, f, NULL);
    free(p);
}

static void got_frame(void *arg, const struct conn_frame *f)
{
    struct upstream *u = arg;
    if (f->head.type == WIRE_REPLY)
        got_reply(u, f);
    else
        u->ops->frame(u->arg, f);
}

/* --- the opening: who may come in, what is opened, and for whom --- */

static void send_typed(struct upstream *u, int proc, const void *args, upstream_reply_fn *fn)
{
    struct wire_header h = call_head(proc, expect(u, fn, u));
    struct str frame = {0};
    if (wire_frame_add(&frame, &h, wire_proc_find(WIRE_PROGRAM_REMOTE, proc)->args, args, NULL))
        conn_abort(u->conn, "the client's name is too long for it");
    else
        conn_send(u->conn, &frame, CONN_EXTRA);
}

static void refused(struct upstream *u, const char *why)
{
    str_set(&u->why, why);
    conn_abort(u->conn, u->why);
}

/* Is it a good answer? If not, that was the end. */
static bool is_good(struct upstream *u, const struct conn_frame *f)
{
    struct err e;
    if (!f)
        return false; /* it is being closed */
    if (f->head.status == WIRE_OK)
        return true;
    wire_error_decode(f->payload, f->len, &e);
    refused(u, e.msg);
    return false;
}

static void begin(struct upstream *u)
{
    send_typed(u, WIRE_AUTH_LIST, NULL, auth_listed);
}

static void auth_listed(void *arg, const struct conn_frame *f, const char *why)
{
    struct upstream *u = arg;
    struct wire_auth_list_ret got;
    if (!is_good(u, f))
        return;
    if (wire_decode(&wire_type_auth_list_ret, f->payload, f->len, &got, NULL)) {
        refused(u, "it does not say how to authenticate");
        return;
    }
    bool is_free = !got.n_types || got.types[0] == WIRE_AUTH_TYPE_NONE;
    wire_clear(&wire_type_auth_list_ret, &got);
    if (!is_free) {
        refused(u, "it wants a password, which nobody can give here");
        return;
    }
    struct wire_connect_open_args open = {.name = u->uri, .flags = u->is_readonly};
    send_typed(u, WIRE_CONNECT_OPEN, &open, opened);
}

static void opened(void *arg, const struct conn_frame *f, const char *why)
{
    struct upstream *u = arg;
    if (is_good(u, f))
        send_typed(u, WIRE_CONNECT_SET_IDENTITY, &u->who, introduced);
}

/* Only now would it refuse what this client may not do. */
static void introduced(void *arg, const struct conn_frame *f, const char *why)
{
    struct upstream *u = arg;
    if (!is_good(u, f))
        return;
    u->is_open = true;
    loop_timer_stop(u->timer);
    conn_keepalive(u->conn);
    if (u->waiting.len)
        conn_send(u->conn, &u->waiting, CONN_EXTRA);
}
