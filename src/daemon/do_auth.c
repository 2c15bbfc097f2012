/* Who the client is: the calls that are allowed before everything else. */
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/audit.h"
#include "daemon/dispatch.h"
#include "daemon/polkit.h"
#include "net/remote.h"
#include "net/tcp.h"

enum { FAILURES_MAX = 5, POLKIT_AT_ONCE = 16 };

/* A step that runs in a worker, on copies: the client may go away meanwhile. */
struct step {
    struct call *call;
    const struct net_remote *remote;
    struct sasl *sasl;
    char *mech, *data; /* NULL: a later step; no data */
    size_t n;
    struct sasl_say say;
    const struct polkit_ops *polkit;
    struct polkit_subject subject;
    const char *action;
    int result;
    struct err err;
};

static int refuse(struct call *c)
{
    fail(&c->err, ERR_AUTH_FAILED, "authentication failed");
    c->err.domain = ERR_FROM_RPC;
    return CALL_FAILED;
}

/* The log is told why; the client is not. */
static void failed(struct session *s, const struct err *why)
{
    char who[IDENTITY_TEXT];
    log_msg(LOG_WARN, "client %s is refused: %s", identity_text(&s->identity, who), why->msg);
    audit_auth(s, why);
    if (++s->n_auth_failures >= FAILURES_MAX)
        conn_finish(s->conn);
}

static int do_auth_list(struct call *c)
{
    struct wire_auth_list_ret *ret = c->ret;
    struct session *s = c->session;
    static const int types[] = {[SESSION_AUTH_NONE] = WIRE_AUTH_TYPE_NONE,
                                [SESSION_AUTH_SASL] = WIRE_AUTH_TYPE_SASL,
                                [SESSION_AUTH_POLKIT] = WIRE_AUTH_TYPE_POLKIT};
    int type = types[s->auth];
    if (s->auth == SESSION_AUTH_POLKIT && s->identity.is_local && s->identity.uid == 0) {
        type = WIRE_AUTH_TYPE_NONE; /* root may do it all anyway */
        if (!s->is_authenticated)
            session_authenticated(s);
    }
    VEC_PUSH(ret->types, ret->n_types, type);
    return CALL_DONE;
}

/* --- SASL --- */

static void sasl_forget(struct session *s)
{
    if (s->sasl)
        s->daemon->remote->sasl_free(s->sasl);
    s->sasl = NULL;
}

static bool sasl_is_due(const struct session *s)
{
    return s->auth == SESSION_AUTH_SASL && !s->is_authenticated && !s->auth_is_busy;
}

static void sasl_options(const struct session *s, struct sasl_options *o, char local[TCP_ADDRESS],
                         char remote[TCP_ADDRESS])
{
    const struct config *cfg = &s->daemon->config;
    const struct transport *t = conn_transport(s->conn);
    const struct config_list *names = &cfg->sasl_allowed_username_list;
    bool is_bare = !tcp_address(t->fd, false, ';', local) ? false : !t->ssf;
    tcp_address(t->fd, true, ';', remote);
    *o = (struct sasl_options){
        .local = local,
        .remote = remote,
        .outer_ssf = t->ssf,
        .min_ssf = is_bare ? cfg->tcp_min_ssf : 0,
        .allowed = {.items = names->items, .n = names->n, .has = names->is_set},
    };
}

static int do_auth_sasl_init(struct call *c)
{
    struct wire_auth_sasl_init_ret *ret = c->ret;
    struct session *s = c->session;
    struct sasl_options o;
    char local[TCP_ADDRESS], remote[TCP_ADDRESS];
    struct err e;
    bool is_second = s->sasl != NULL;
    if (!sasl_is_due(s) || !s->daemon->remote)
        return refuse(c);
    sasl_forget(s);
    if (is_second)
        return refuse(c);
    sasl_options(s, &o, local, remote);
    s->sasl = s->daemon->remote->sasl_new(&o, &e);
    ret->mechlist = s->sasl ? s->daemon->remote->sasl_mechanisms(s->sasl, &e) : NULL;
    if (ret->mechlist)
        return CALL_DONE;
    sasl_forget(s);
    failed(s, &e);
    return refuse(c);
}

static void work_sasl(void *arg)
{
    struct step *x = arg;
    x->result = x->remote->sasl_step(x->sasl, x->mech, x->data, x->n, &x->say, &x->err);
}

static void say(struct call *c, const struct sasl_say *from)
{
    /* both results have the same members, so one of them will do for both */
    _Static_assert(sizeof(struct wire_auth_sasl_start_ret) ==
                       sizeof(struct wire_auth_sasl_step_ret),
                   "START and STEP answer alike");
    struct wire_auth_sasl_step_ret *ret = c->ret;
    ret->complete = from->is_complete;
    ret->nil = !from->data;
    ret->data = mem_dup(from->data ? from->data : "", from->n);
    ret->n_data = from->n;
}

/* The layer above the connection's bytes, from the next one on. */
static struct transport *add_layer(void *arg, struct transport *inner)
{
    struct session *s = arg;
    return s->daemon->remote->sasl_layer(take(s->sasl), inner);
}

static void sasl_complete(struct call *c, struct session *s)
{
    const struct net_remote *r = s->daemon->remote;
    str_set(&s->identity.sasl_user, r->sasl_user(s->sasl));
    session_authenticated(s);
    audit_auth(s, NULL);
    if (r->sasl_ssf(s->sasl))
        c->wrap = add_layer;
    else
        sasl_forget(s);
}

static void after_sasl(void *arg)
{
    struct step *x = arg;
    struct call *c = x->call;
    struct session *s = c->session;
    int r = CALL_DONE;
    if (!s) {
        x->remote->sasl_free(x->sasl); /* the client has gone */
        r = CALL_FAILED;
    } else {
        s->auth_is_busy = false;
        if (x->result) {
            sasl_forget(s);
            failed(s, &x->err);
            r = refuse(c);
        } else {
            say(c, &x->say);
            if (x->say.is_complete)
                sasl_complete(c, s);
        }
    }
    free(x->mech);
    free(x->data);
    free(x);
    call_finish(c, r);
}

static int sasl_go(struct call *c, const char *mech, bool nil, const char *data, size_t n)
{
    struct session *s = c->session;
    if (!sasl_is_due(s) || !s->sasl || s->sasl_is_started != !mech) {
        if (!s->auth_is_busy)
            sasl_forget(s);
        return refuse(c);
    }
    struct step *x = NEW(struct step);
    *x = (struct step){.call = c, .remote = s->daemon->remote, .sasl = s->sasl, .n = nil ? 0 : n};
    x->mech = mem_str(mech);
    x->data = nil ? NULL : mem_strn(data ? data : "", n);
    s->sasl_is_started = s->auth_is_busy = true;
    loop_work(s->daemon->loop, work_sasl, after_sasl, x);
    return CALL_LATER;
}

static int do_auth_sasl_start(struct call *c)
{
    const struct wire_auth_sasl_start_args *args = c->args;
    c->session->sasl_is_started = false;
    return sasl_go(c, args->mech, args->nil, args->data, args->n_data);
}

static int do_auth_sasl_step(struct call *c)
{
    const struct wire_auth_sasl_step_args *args = c->args;
    return sasl_go(c, NULL, args->nil, args->data, args->n_data);
}

/* --- polkit --- */

static void work_polkit(void *arg)
{
    struct step *x = arg;
    x->result = x->polkit->check(&x->subject, x->action, &x->err);
}

static void after_polkit(void *arg)
{
    struct step *x = arg;
    struct call *c = x->call;
    struct session *s = c->session;
    int r = CALL_DONE;
    c->daemon->n_polkit--;
    if (x->result) {
        c->err = x->err;
        c->err.domain = ERR_FROM_POLKIT;
        r = CALL_FAILED;
    }
    if (s) {
        s->auth_is_busy = false;
        if (x->result) {
            failed(s, &x->err);
        } else {
            ((struct wire_auth_polkit_ret *)c->ret)->complete = 1;
            session_authenticated(s);
            audit_auth(s, NULL);
        }
    }
    free(x);
    call_finish(c, r);
}

static int do_auth_polkit(struct call *c)
{
    struct session *s = c->session;
    if (s->auth != SESSION_AUTH_POLKIT || s->is_authenticated || s->auth_is_busy ||
        !s->identity.is_local || !s->daemon->polkit)
        return refuse(c);
    if (c->daemon->n_polkit == POLKIT_AT_ONCE) {
        fail(&c->err, ERR_AUTH_UNAVAILABLE, "too many clients are waiting for polkit");
        c->err.domain = ERR_FROM_POLKIT;
        return CALL_FAILED;
    }
    struct step *x = NEW(struct step);
    const struct peer *p = conn_peer(s->conn);
    x->call = c;
    x->polkit = c->daemon->polkit;
    x->action = s->from.is_readonly ? "org.libvirt.unix.monitor" : "org.libvirt.unix.manage";
    x->subject = (struct polkit_subject){
        .uid = p->uid,
        .pid = p->pid,
        .start_ticks = p->start_ticks,
    };
    s->auth_is_busy = true;
    c->daemon->n_polkit++;
    loop_work(c->daemon->loop, work_polkit, after_polkit, x);
    return CALL_LATER;
}

static const struct handler rows[] = {
    {WIRE_AUTH_LIST, do_auth_list},
    {WIRE_AUTH_SASL_INIT, do_auth_sasl_init},
    {WIRE_AUTH_SASL_START, do_auth_sasl_start},
    {WIRE_AUTH_SASL_STEP, do_auth_sasl_step},
    {WIRE_AUTH_POLKIT, do_auth_polkit},
};
const struct handlers do_auth_handlers = HANDLERS(rows);
