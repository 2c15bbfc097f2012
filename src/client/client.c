#include "client/client.h"

#include <string.h>
#include <unistd.h>

#include "client/auth.h"
#include "client/conn.h"
#include "client/direct.h"
#include "client/remote.h"
#include "client/settings.h"
#include "client/socket.h"
#include "client/ssh.h"
#include "client/uri.h"
#include "wire/consts.h"

enum {
    TCP_PORT = 16509,
    TLS_PORT = 16514,
    CONNECT_TIMEOUT_MS = 30000,
    KEEPALIVE_S = 5,
    KEEPALIVE_COUNT = 6,
    GOODBYE_MS = 2000,
};

static int call_send(struct client *c, struct client_call *k, const struct wire_proc *p,
                     uint32_t program, const void *args, struct err *e)
{
    *k = (struct client_call){.c = c, .proc = p, .program = program, .serial = c->serial++};
    struct wire_header h = {program, 1, p->nr, WIRE_CALL, k->serial};
    if (wire_frame_add(&c->out, &h, p->args, args, e))
        return wrap(e, "%s", p->name);
    k->next = c->calls;
    c->calls = k;
    return 0;
}

static void call_forget(struct client_call *k)
{
    struct client_call **at = &k->c->calls;
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    str_clear(&k->payload);
}

static int call_wait(struct client_call *k, void *ret, struct err *e)
{
    int r = conn_wait(k->c, &k->is_done, k->c->call_timeout_ms, e);
    if (!r && k->has_failed) {
        if (e)
            *e = k->why;
        r = -1;
    } else if (!r && wire_decode(k->proc->ret, k->payload.p, k->payload.len, ret, e)) {
        r = wrap(e, "reply to %s", k->proc->name);
    }
    call_forget(k);
    return r;
}

static const struct wire_proc *callable(const struct client *c, uint32_t program, int proc,
                                        struct err *e)
{
    const struct wire_proc *p = wire_proc_find(program, proc);
    if (conn_check(c, e))
        return NULL;
    if (!p || p->flags & WIRE_P_EVENT) {
        fail(e, ERR_INTERNAL, "there is no procedure %d to call", proc);
        return NULL;
    }
    return p;
}

int client_call_in(struct client *c, uint32_t program, int proc, const void *args, void *ret,
                   struct err *e)
{
    const struct wire_proc *p = callable(c, program, proc, e);
    struct client_call k;
    return !p || call_send(c, &k, p, program, args, e) || call_wait(&k, ret, e) ? -1 : 0;
}

struct client_call *client_call_start(struct client *c, int proc, const void *args, struct err *e)
{
    const struct wire_proc *p = callable(c, WIRE_PROGRAM_REMOTE, proc, e);
    struct client_call *k = p ? NEW(struct client_call) : NULL;
    if (k && !call_send(c, k, p, WIRE_PROGRAM_REMOTE, args, e))
        return k;
    free(k);
    return NULL;
}

bool client_call_is_done(const struct client_call *k)
{
    return k->is_done;
}

int client_call_finish(struct client_call *k, void *ret, struct err *e)
{
    int r = call_wait(k, ret, e);
    free(k);
    return r;
}

int client_call(struct client *c, int proc, const void *args, void *ret, struct err *e)
{
    return client_call_in(c, WIRE_PROGRAM_REMOTE, proc, args, ret, e);
}

bool client_has_feature(const struct client *c, int feature)
{
    struct client *w = (struct client *)c; /* a cache of the server's answers */
    struct wire_connect_supports_feature_args args = {feature};
    struct wire_connect_supports_feature_ret ret = {0};
    if (feature < 0 || feature > 63)
        return false;
    uint64_t bit = UINT64_C(1) << feature;
    if (!(c->features_asked & bit)) {
        if (client_call(w, WIRE_CONNECT_SUPPORTS_FEATURE, &args, &ret, NULL))
            return false;
        w->features_asked |= bit;
        w->features |= ret.supported ? bit : 0;
    }
    return c->features & bit;
}

void client_on_event(struct client *c, client_event_fn *fn, void *context)
{
    c->event_fn = fn;
    c->event_context = context;
}

static bool hand_out_events(struct client *c)
{
    struct kept_event *events = take(c->events);
    size_t n = c->n_events;
    c->n_events = 0;
    for (size_t i = 0; i < n; i++) {
        if (c->event_fn)
            c->event_fn(c->event_context, events[i].proc->nr, events[i].msg);
        wire_clear(events[i].proc->args, events[i].msg);
        free(events[i].msg);
    }
    free(events);
    return n > 0;
}

int client_poll(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms, struct err *e)
{
    bool had = hand_out_events(c);
    int r = conn_pump(c, own, n_own, had ? 0 : timeout_ms, e);
    bool has = hand_out_events(c);
    if (r < 0 && !had && !has)
        return -1;
    return r > 0 || had || has;
}

static int connect_tls(const struct uri *u, const struct client_options *o, struct transport *t,
                       struct err *e)
{
    const char *host = u->host ? u->host : "localhost";
    const struct client_remote *remote = client_remote_load(e);
    if (!remote || socket_tcp(host, u->port ? u->port : TLS_PORT, o->connect_timeout_ms, t, e))
        return -1;
    return remote->tls_start(u, host, o->connect_timeout_ms, t, e);
}

static int connect_transport(const struct uri *u, const struct client_options *o,
                             struct transport *t, struct err *e)
{
    bool absent = false;
    const char *host = u->host ? u->host : "localhost";
    const char *how = u->transport ? u->transport : u->host ? "tls" : "unix";
    if (str_eq(how, "unix")) {
        if (u->host)
            return fail(e, ERR_INVALID_ARG, "a unix socket is on no host, but '%s' is named",
                        u->host);
        if (!socket_local(u, o->is_readonly, t, &absent, e))
            return 0;
        if (absent && direct_is_meant(u))
            return direct_start(t, e);
        return -1;
    }
    if (str_eq(how, "tcp"))
        return socket_tcp(host, u->port ? u->port : TCP_PORT, o->connect_timeout_ms, t, e);
    if (str_eq(how, "tls"))
        return connect_tls(u, o, t, e);
    if (str_eq(how, "ssh") || str_eq(how, "ext") || str_eq(how, "libssh") || str_eq(how, "libssh2"))
        return ssh_start(u, o->is_readonly, t, e);
    return fail(e, ERR_INVALID_ARG, "transport '%s' is not known: there are unix, tls, tcp, ssh and ext", how);
}

static int open_connection(struct client *c, const struct uri *u, const struct client_options *o,
                           struct err *e)
{
    CLEANUP_FREE char *name = uri_server_name(u);
    struct wire_connect_open_args args = {name, o->is_readonly ? VIR_CONNECT_RO : 0};
    c->call_timeout_ms = o->connect_timeout_ms;
    if (auth_run(c, u, o, e) || client_call(c, WIRE_CONNECT_OPEN, &args, NULL, e))
        return -1;
    c->call_timeout_ms = o->call_timeout_ms;
    c->is_open = true;
    return 0;
}

static struct client *client_new(const char *uri, const struct client_options *o,
                                 struct transport t)
{
    struct client *c = NEW(struct client);
    int interval = o->keepalive_interval_s ? o->keepalive_interval_s : KEEPALIVE_S;
    c->t = t;
    c->uri = mem_str(uri);
    c->is_readonly = o->is_readonly;
    c->keepalive_interval_ms = interval > 0 && interval < 1000000 ? interval * 1000 : 0;
    c->keepalive_count = o->keepalive_count ? o->keepalive_count : KEEPALIVE_COUNT;
    return c;
}

static void client_free(struct client *c)
{
    c->event_fn = NULL;
    hand_out_events(c);
    conn_stream_free_all(c);
    c->t.close(&c->t);
    str_clear(&c->in);
    str_clear(&c->out);
    free(c->uri);
    free(c);
}

struct client *client_open(const char *uri, const struct client_options *options, struct err *e)
{
    struct client_options o = options ? *options : (struct client_options){0};
    struct uri CLEANUP(uri_clear) u = {0};
    struct transport t;
    CLEANUP_FREE char *text = settings_uri(uri, e);
    if (!o.connect_timeout_ms)
        o.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (!text || uri_parse(text, &u, e))
        return NULL;
    if (connect_transport(&u, &o, &t, e)) {
        wrap(e, "cannot connect to '%s'", text);
        return NULL;
    }
    struct client *c = client_new(text, &o, t);
    if (!open_connection(c, &u, &o, e))
        return c;
    if (!c->is_dead)
        wrap(e, "cannot open '%s'", text);
    client_free(c);
    return NULL;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    if (!c->is_dead && c->is_open) {
        if (!c->call_timeout_ms || c->call_timeout_ms > GOODBYE_MS)
            c->call_timeout_ms = GOODBYE_MS;
        client_call(c, WIRE_CONNECT_CLOSE, NULL, NULL, NULL);
    }
    client_free(c);
}

bool client_is_alive(const struct client *c)
{
    return !c->is_dead;
}
