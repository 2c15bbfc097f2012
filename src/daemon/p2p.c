/* Peer to peer: this daemon is the client of the destination's. A worker opens it, prepares,
 * carries tunnelled data and finishes; the loop begins, sends and confirms. While the guest is
 * being sent the worker keeps the connection alive, and its loss ends the sending. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/client.h"
#include "conf/conf.h"
#include "core/migrate.h"
#include "daemon/cookie.h"
#include "daemon/datalink.h"
#include "daemon/dispatch.h"
#include "daemon/inquiry.h"
#include "daemon/move.h"
#include "wire/consts.h"
#include "wire/param.h"

enum {
    P2P_MAX = 16, /* at once: each takes two workers */
    TUNNEL_CHUNK = 65536,
};

struct p2p {
    struct p2p *next, **prev;
    struct call *call;
    struct daemon *daemon;
    struct move move;
    struct domain *config, *own; /* as it is to be there, as it is here */
    uint8_t uuid[UUID_LEN];
    uint64_t flags; /* for the destination */
    char *name;     /* there */
    bool is_live, is_tunnel, undefines;
    /* the worker's */
    struct client *conn;
    struct client_stream *stream;
    char *xml, *uri_out;
    uint8_t *cookie_out;
    size_t n_cookie_out;
    int wake[2];   /* the loop says that sending has ended, or that the daemon stops */
    int tunnel[2]; /* the worker reads [0], the hypervisor writes [1] */
    int data_fd;
    bool stops; /* atomic */
    bool was_sent;
    struct err send_err, err;
    enum migrate_end end;
};

static struct guest *guest_of(const struct p2p *p)
{
    return host_find_uuid(p->daemon->host, p->uuid, NULL);
}

static bool stops(struct p2p *p)
{
    return __atomic_load_n(&p->stops, __ATOMIC_ACQUIRE);
}

/* --- the worker: calls of the destination --- */

static void add_params(const struct p2p *p, struct wire_typed_param **params, size_t *n)
{
    wire_param_add_string(params, n, "destination_xml", p->xml);
    if (p->move.name)
        wire_param_add_string(params, n, "destination_name", p->move.name);
    if (p->move.persist_xml)
        wire_param_add_string(params, n, "persistent_xml", p->move.persist_xml);
    if (p->move.uri && !p->is_tunnel)
        wire_param_add_string(params, n, "migrate_uri", p->move.uri);
}

static int prepare_plain(struct p2p *p, uint8_t *cookie, size_t n_cookie)
{
    struct wire_domain_migrate_prepare3_params_args args = {
        .cookie_in = cookie, .n_cookie_in = n_cookie, .flags = (uint32_t)p->flags};
    struct wire_domain_migrate_prepare3_params_ret ret = {0};
    add_params(p, &args.params, &args.n_params);
    int r = client_call(p->conn, WIRE_DOMAIN_MIGRATE_PREPARE3_PARAMS, &args, &ret, &p->err);
    wire_params_free(args.params, args.n_params);
    if (r)
        return r;
    p->cookie_out = take(ret.cookie_out);
    p->n_cookie_out = ret.n_cookie_out;
    p->uri_out = take(ret.uri_out);
    return p->uri_out ? 0 : fail(&p->err, ERR_INTERNAL, "the destination names no migration URI");
}

static int prepare_tunnel(struct p2p *p, uint8_t *cookie, size_t n_cookie)
{
    struct wire_domain_migrate_prepare_tunnel3_params_args args = {
        .cookie_in = cookie, .n_cookie_in = n_cookie, .flags = (uint32_t)p->flags};
    struct wire_domain_migrate_prepare_tunnel3_params_ret ret = {0};
    add_params(p, &args.params, &args.n_params);
    p->stream = client_stream_open(p->conn, WIRE_DOMAIN_MIGRATE_PREPARE_TUNNEL3_PARAMS, &args, &ret,
                                   &p->err);
    wire_params_free(args.params, args.n_params);
    p->cookie_out = take(ret.cookie_out);
    p->n_cookie_out = ret.n_cookie_out;
    wire_clear(&wire_type_domain_migrate_prepare_tunnel3_params_ret, &ret);
    if (!p->stream)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->tunnel))
        return fail_errno(&p->err, "cannot make a tunnel");
    return 0;
}

static int prepare(struct p2p *p)
{
    uint8_t *cookie = NULL;
    size_t n = 0;
    p->conn = inquiry_connect(p->daemon, p->move.dconnuri, &p->err);
    if (!p->conn)
        return -1;
    depart_cookie(p->daemon, p->own, &cookie, &n);
    int r = p->is_tunnel ? prepare_tunnel(p, cookie, n) : prepare_plain(p, cookie, n);
    free(cookie);
    return r;
}

static int finish(struct p2p *p, bool cancelled, struct err *e)
{
    struct wire_domain_migrate_finish3_params_args args = {.flags = (uint32_t)p->flags,
                                                           .cancelled = cancelled};
    struct wire_domain_migrate_finish3_params_ret ret = {0};
    wire_param_add_string(&args.params, &args.n_params, "destination_name", p->name);
    int r = client_call(p->conn, WIRE_DOMAIN_MIGRATE_FINISH3_PARAMS, &args, &ret, e);
    wire_params_free(args.params, args.n_params);
    if (!r)
        wire_clear(&wire_type_domain_migrate_finish3_params_ret, &ret);
    return r;
}

/* --- the worker: while the guest is being sent --- */

static void post_send(void *arg);
static void post_break(void *arg);

/* False: nothing comes any more. */
static bool pump(struct p2p *p)
{
    char bytes[TUNNEL_CHUNK];
    ssize_t n = read(p->tunnel[0], bytes, sizeof(bytes));
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return false;
    return !client_stream_send(p->stream, bytes, (size_t)n, &p->err);
}

/* Waits for the loop's byte alone. */
static void wait_woken(struct p2p *p)
{
    char byte;
    while (read(p->wake[0], &byte, 1) < 0 && errno == EINTR)
        ;
}

/* The connection is gone, or the tunnel broken: sending makes no sense any more. */
static void break_off(struct p2p *p)
{
    int end = p->tunnel[0];
    p->tunnel[0] = -1;
    close_fd(&end);
    loop_post(p->daemon->loop, post_break, p);
    wait_woken(p);
}

static void carry(struct p2p *p)
{
    struct pollfd own[2] = {{p->wake[0], POLLIN, 0}, {p->tunnel[0], POLLIN, 0}};
    bool has_ended = false;
    loop_post(p->daemon->loop, post_send, p);
    while (!stops(p) && (!has_ended || (own[1].fd >= 0 && !p->send_err.code))) {
        own[0].revents = own[1].revents = 0;
        if (client_poll(p->conn, own, 2, -1, &p->err) < 0)
            break;
        if (own[1].revents && !pump(p)) {
            own[1].fd = -1;
            if (p->err.code)
                break;
        }
        if (own[0].revents && !has_ended) {
            wait_woken(p);
            own[0].fd = -1;
            has_ended = true;
        }
    }
    if (!has_ended && !stops(p))
        break_off(p);
}

/* What the destination says explains more than a broken pipe on this side. */
static void add_reason(struct p2p *p, const struct err *there)
{
    size_t n = strlen(p->send_err.msg);
    if (there->code && there->code != ERR_OPERATION_ABORTED && there->code != ERR_RPC)
        snprintf(p->send_err.msg + n, sizeof(p->send_err.msg) - n, "; the destination says: %s",
                 there->msg);
}

/* Where the destination answers to the token that it has given us; false: it has given none. */
static bool find_token(const struct p2p *p, struct migrate_terms *ret, char token[VERDICT_TOKEN])
{
    bool has_words = depart_has_words(p->cookie_out, p->n_cookie_out, token);
    bool has_token = has_words && *token;
    *ret = (struct migrate_terms){has_token && !p->is_tunnel ? p->uri_out : p->move.dconnuri,
                                  has_token ? token : NULL, p->undefines};
    return has_token;
}

/* It is decided here: the destination need not keep that for us. */
static void tell_known(const struct p2p *p)
{
    char token[VERDICT_TOKEN];
    struct migrate_terms t;
    if (find_token(p, &t, token))
        inquiry_tell(p->daemon, p->uuid, t.peer, t.token);
}

static void tell_later(const struct p2p *p)
{
    char token[VERDICT_TOKEN];
    struct migrate_terms t;
    if (find_token(p, &t, token))
        inquiry_tell_later(p->daemon, p->uuid, t.peer, t.token);
}

/* A daemon that stops leaves it to the next one: the destination drops what nobody finishes. */
static void conclude(struct p2p *p)
{
    struct err e = {0};
    if (stops(p))
        return;
    if (p->send_err.code) {
        bool is_lost = !client_is_alive(p->conn);
        if (!is_lost)
            (void)finish(p, true, &e);
        add_reason(p, &e);
        p->err = p->send_err;
        tell_known(p);
        if (is_lost)
            wrap(&p->err, "the connection to the destination was lost");
        return;
    }
    p->was_sent = true;
    if (p->err.code && client_is_alive(p->conn)) { /* the tunnel broke behind the last byte */
        (void)finish(p, true, &e);
        p->end = MIGRATE_CANCELLED;
        return;
    }
    p->err = (struct err){0};
    if (!client_is_alive(p->conn))
        fail(&p->err, ERR_RPC, "the connection to the destination was lost");
    else if (!finish(p, false, &p->err))
        p->end = MIGRATE_DONE;
    else if (client_is_alive(p->conn))
        p->end = MIGRATE_CANCELLED;
}

static void end_tunnel(struct p2p *p)
{
    struct err e = {0};
    bool is_whole = !p->send_err.code && !p->err.code;
    if (stops(p) || !p->stream || !client_is_alive(p->conn))
        return;
    int r = is_whole ? client_stream_finish(p->stream, &e) : client_stream_abort(p->stream, &e);
    p->stream = NULL;
    if (r && is_whole)
        p->err = e;
}

static void work_p2p(void *arg)
{
    struct p2p *p = arg;
    p->end = MIGRATE_UNKNOWN;
    if (!prepare(p) && (p->is_tunnel || !datalink_connect(p->uri_out, &p->data_fd, &p->err))) {
        carry(p);
        end_tunnel(p);
        conclude(p);
    } else if (p->conn && client_is_alive(p->conn) && (p->uri_out || p->stream)) {
        struct err e = {0};
        (void)finish(p, true, &e);
    }
    client_close(take(p->conn));
}

/* --- the loop --- */

static void wake(struct p2p *p)
{
    while (write(p->wake[1], "", 1) < 0 && errno == EINTR)
        ;
}

static void on_sent(void *arg, struct guest *g, const struct err *e)
{
    struct p2p *p = arg;
    p->send_err = *e;
    wake(p);
}

static void post_send(void *arg)
{
    struct p2p *p = arg;
    struct guest *g = guest_of(p);
    int fd = p->is_tunnel ? p->tunnel[1] : p->data_fd;
    char token[VERDICT_TOKEN];
    struct migrate_terms t;
    bool has_words = find_token(p, &t, token) && !p->is_tunnel;
    p->tunnel[1] = p->data_fd = -1;
    if (!g || stops(p)) {
        fail(&p->send_err, ERR_OPERATION_ABORTED,
             g ? "the daemon stops" : "the domain has ended meanwhile");
        close_fd(&fd);
        wake(p);
        return;
    }
    guest_migrate_set_terms(g, &t);
    if (guest_migrate_send(g, fd, p->is_live, has_words, on_sent, p, &p->send_err))
        wake(p);
}

static void post_break(void *arg)
{
    struct p2p *p = arg;
    struct guest *g = guest_of(p);
    if (g)
        guest_migrate_drop(g);
}

static void p2p_free(struct p2p *p)
{
    *p->prev = p->next;
    if (p->next)
        p->next->prev = p->prev;
    for (int i = 0; i < 2; i++) {
        close_fd(&p->wake[i]);
        close_fd(&p->tunnel[i]);
    }
    close_fd(&p->data_fd);
    domain_free(p->config);
    domain_free(p->own);
    free(p->name);
    free(p->xml);
    free(p->uri_out);
    free(p->cookie_out);
    free(p);
}

static void answer(struct p2p *p)
{
    struct call *c = p->call;
    bool is_done = p->end == MIGRATE_DONE;
    c->err = p->err;
    if (!is_done && !c->err.code)
        fail(&c->err, ERR_OPERATION_FAILED, "the migration was cancelled");
    p2p_free(p);
    call_finish(c, is_done ? CALL_DONE : CALL_FAILED);
}

/* It was asked until it was known, or for long enough. */
static void on_asked(void *arg, const struct err *e)
{
    struct p2p *p = arg;
    const struct guest *g = stops(p) ? NULL : guest_of(p);
    p->end = g && guest_is_active(g) ? MIGRATE_CANCELLED : MIGRATE_DONE;
    p->err = *e;
    answer(p);
}

/* The guest runs here again, or is gone from here, or nobody knows. */
static void on_confirmed(void *arg, struct guest *g, const struct err *e)
{
    struct p2p *p = arg;
    bool is_open = p->end == MIGRATE_UNKNOWN && g && guest_is_sent(g);
    if (is_open && !stops(p) && inquiry_start(p->daemon, g, on_asked, p))
        return;
    if (p->end == MIGRATE_UNKNOWN && !g) /* destroyed: the destination has said that it runs it */
        p->end = MIGRATE_DONE;
    if (e->code)
        p->err = *e;
    /* on its data link the destination has heard of the end itself */
    if (!e->code && (p->end == MIGRATE_CANCELLED || p->is_tunnel) && !stops(p))
        tell_later(p);
    answer(p);
}

static void confirm(struct p2p *p)
{
    struct guest *g = guest_of(p);
    struct err e = {0};
    if (g && guest_migrate_confirm(g, p->end, p->undefines, on_confirmed, p, &e))
        on_confirmed(p, g, &e);
    else if (!g)
        answer(p);
}

static void after_p2p(void *arg)
{
    struct p2p *p = arg;
    struct guest *g = guest_of(p);
    if (p->was_sent) {
        confirm(p);
        return;
    }
    if (g)
        guest_migrate_drop(g);
    answer(p);
}

static bool is_full(const struct daemon *d)
{
    unsigned n = 0;
    for (const struct p2p *p = d->p2ps; p; p = p->next)
        n++;
    return n >= P2P_MAX;
}

static int check(struct call *c, const struct move *m)
{
    if (inquiry_check_uri(m->dconnuri, &c->err))
        return -1;
    if (is_full(c->daemon))
        return fail(&c->err, ERR_RESOURCE_BUSY, "%d migrations are under way: try again later",
                    P2P_MAX);
    if (m->bandwidth && m->flags & VIR_MIGRATE_TUNNELLED)
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "the speed of a tunnelled migration cannot be limited");
    return 0;
}

static void p2p_link(struct p2p *p, const struct guest *g)
{
    memcpy(p->uuid, guest_uuid(g), UUID_LEN);
    p->next = p->daemon->p2ps;
    p->prev = &p->daemon->p2ps;
    if (p->next)
        p->next->prev = &p->next;
    p->daemon->p2ps = p;
}

static struct p2p *p2p_new(struct call *c, struct guest *g, const struct move *m, struct domain *d)
{
    struct p2p *p = NEW(struct p2p);
    int reason;
    *p = (struct p2p){.call = c,
                      .daemon = c->daemon,
                      .move = *m,
                      .config = d,
                      .own = domain_copy(guest_config(g, false)),
                      .flags = m->flags & ~(uint64_t)VIR_MIGRATE_PEER2PEER,
                      .name = mem_str(m->name ? m->name : guest_name(g)),
                      .is_live = m->flags & VIR_MIGRATE_LIVE,
                      .is_tunnel = m->flags & VIR_MIGRATE_TUNNELLED,
                      .undefines = m->flags & VIR_MIGRATE_UNDEFINE_SOURCE,
                      .wake = {-1, -1},
                      .tunnel = {-1, -1},
                      .data_fd = -1};
    if (guest_state(g, &reason) == GUEST_PAUSED) /* as the client does in the other mode */
        p->flags |= VIR_MIGRATE_PAUSED;
    p2p_link(p, g);
    return p;
}

static int write_xml(struct p2p *p, struct err *e)
{
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_SECURE | CONF_MIGRATABLE | CONF_INACTIVE};
    int r = conf_write(CONF_XML, p->config, &o, &out, e);
    p->xml = str_take(&out);
    return r;
}

int p2p_perform(struct call *c, struct guest *g, const struct move *m)
{
    struct domain *d = check(c, m) ? NULL : depart_config(c->daemon, g, m, &c->err);
    if (!d)
        return CALL_FAILED;
    if (guest_migrate_begin(g, &c->err)) {
        domain_free(d);
        return CALL_FAILED;
    }
    struct p2p *p = p2p_new(c, g, m, d);
    bool is_bad = write_xml(p, &c->err);
    if (!is_bad && pipe2(p->wake, O_CLOEXEC))
        is_bad = fail_errno(&c->err, "cannot make a pipe");
    if (is_bad) {
        guest_migrate_drop(g);
        p2p_free(p);
        return CALL_FAILED;
    }
    if (m->bandwidth)
        guest_migrate_set_speed(g, m->bandwidth << 20);
    loop_work(c->daemon->loop, work_p2p, after_p2p, p);
    return CALL_LATER;
}

void p2p_stop_all(struct daemon *d)
{
    for (struct p2p *p = d->p2ps; p; p = p->next) {
        struct guest *g = guest_of(p);
        __atomic_store_n(&p->stops, true, __ATOMIC_RELEASE);
        if (g)
            guest_migrate_drop(g);
        wake(p);
    }
}
