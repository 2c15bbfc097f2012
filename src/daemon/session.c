#include "daemon/session.h"

#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/dispatch.h"
#include "daemon/gate.h"
#include "daemon/move.h"
#include "daemon/relay.h"
#include "daemon/stream.h"
#include "daemon/volume_stream.h"
#include "net/remote.h"

static void session_got_frame(void *arg, const struct conn_frame *f)
{
    dispatch_frame(arg, f);
}

static void session_closed(void *arg, const char *why)
{
    struct session *s = arg;
    struct daemon *d = s->daemon;
    log_msg(LOG_DEBUG, "client %d: closed: %s", (int)conn_peer(s->conn)->pid, why);
    dispatch_forget(s);
    stream_close_all(s);
    volume_stream_close_all(s);
    relay_close(s);
    gate_close(s);
    depart_forget(s);
    land_forget(s);
    *s->prev = s->next;
    if (s->next)
        s->next->prev = s->prev;
    server_client_left(s->server, s->is_authenticated);
    loop_timer_close(s->auth_timer);
    if (s->sasl && !s->auth_is_busy) /* else the worker's end frees it */
        d->remote->sasl_free(s->sasl);
    identity_clear(&s->identity);
    free(s->registrations);
    free(s);
    admin_idle(d);
    if (d->stops_when_idle && !d->sessions)
        loop_stop(d->loop);
}

static const struct conn_ops session_ops = {
    .frame = session_got_frame,
    .closed = session_closed,
};

bool session_auth_find(const char *name, enum session_auth *ret)
{
    static const char *const names[] = {[SESSION_AUTH_NONE] = "none",
                                        [SESSION_AUTH_SASL] = "sasl",
                                        [SESSION_AUTH_POLKIT] = "polkit"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!str_eq(name ? name : "none", names[i]))
            continue;
        *ret = (enum session_auth)i;
        return true;
    }
    return false;
}

/* What the configuration says of the socket; a word that it does not know lets nobody in, but the
 * start has looked at that. */
static enum session_auth auth_of(const struct config *c, const struct server_socket *from)
{
    enum session_auth auth;
    const char *word = from->is_unix && from->is_readonly ? c->auth_unix_ro
                       : from->is_unix                    ? c->auth_unix_rw
                       : from->is_tls                     ? c->auth_tls
                                                          : c->auth_tcp;
    return session_auth_find(word, &auth) ? auth : SESSION_AUTH_SASL;
}

static void auth_too_slow(void *arg)
{
    struct session *s = arg;
    conn_close(s->conn, "it did not authenticate in time");
}

static void auth_clock(struct session *s)
{
    uint64_t seconds = s->daemon->config.auth_timeout;
    if (!seconds)
        return;
    s->auth_timer = loop_timer_open(s->daemon->loop, auth_too_slow, s);
    loop_timer_start(s->auth_timer, seconds * 1000, 0);
}

void session_authenticated(struct session *s)
{
    s->is_authenticated = true;
    server_client_known(s->server);
    loop_timer_close(s->auth_timer);
    s->auth_timer = NULL;
    if (s->daemon->policy)
        identity_names(&s->identity);
}

static bool admin_may(const struct session *s)
{
    return s->identity.is_local && (s->identity.uid == 0 || s->identity.uid == geteuid());
}

void session_start(struct daemon *d, struct transport *t, const struct server_socket *from)
{
    struct session *s = NEW(struct session);
    struct err e;
    s->daemon = d;
    s->server = from->is_admin ? d->admin : d->server;
    s->from = *from;
    s->id = ++d->last_client_id;
    s->since = time(NULL);
    s->is_readonly = from->is_readonly;
    s->conn = conn_open(d->loop, t, &server_limits(s->server)->conn, &session_ops, s, &e);
    if (!s->conn) {
        log_msg(LOG_WARN, "cannot serve a client: %s", e.msg);
        free(s);
        return;
    }
    s->next = d->sessions;
    s->prev = &d->sessions;
    if (s->next)
        s->next->prev = &s->next;
    d->sessions = s;
    identity_read(&s->identity, s->conn);
    if (from->is_admin && !admin_may(s)) {
        conn_abort(s->conn, "only root may look after the daemon");
        s->is_readonly = true;
    }
    s->auth = auth_of(&d->config, from);
    server_client_came(s->server);
    admin_idle(d);
    if (s->auth == SESSION_AUTH_NONE || from->is_admin)
        session_authenticated(s);
    else
        auth_clock(s);
}

void session_close(struct session *s, const char *why)
{
    conn_close(s->conn, why);
}
