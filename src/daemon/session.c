#include "daemon/session.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/dispatch.h"
#include "daemon/stream.h"

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
    *s->prev = s->next;
    if (s->next)
        s->next->prev = s->prev;
    server_client_left(d->server, s->is_authenticated);
    free(s->registrations);
    free(s);
    if (d->stops_when_idle && !d->sessions)
        loop_stop(d->loop);
}

static const struct conn_ops session_ops = {
    .frame = session_got_frame,
    .closed = session_closed,
};

/* Is a client of this socket known without an exchange? The socket's mode has let it in. */
static bool needs_no_auth(const struct daemon *d, bool readonly)
{
    const char *auth = readonly ? d->config.auth_unix_ro : d->config.auth_unix_rw;
    return !auth || !strcmp(auth, "none");
}

void session_start(struct daemon *d, struct transport *t, bool readonly)
{
    struct session *s = NEW(struct session);
    struct err e;
    s->daemon = d;
    s->is_socket_readonly = s->is_readonly = readonly;
    s->conn = conn_open(d->loop, t, &server_limits(d->server)->conn, &session_ops, s, &e);
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
    server_client_came(d->server);
    s->is_authenticated = needs_no_auth(d, readonly);
    if (s->is_authenticated)
        server_client_known(d->server);
}

void session_close(struct session *s, const char *why)
{
    conn_close(s->conn, why);
}
