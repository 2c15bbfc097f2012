#include "daemon/transports.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/audit.h"
#include "daemon/daemon.h"
#include "daemon/metrics.h"
#include "daemon/policy.h"
#include "daemon/polkit.h"
#include "daemon/session.h"
#include "daemon/sockets.h"
#include "net/http.h"
#include "net/remote.h"
#include "net/tcp.h"

/* --- authentication, as configured --- */

enum { TCP_SSF_FLOOR = 112 }; /* weaker ones protect from nobody; libvirt has it so */

int transports_check(const struct config *c, struct err *e)
{
    const struct {
        const char *key, *value;
        bool is_unix;
    } keys[] = {{"auth_unix_ro", c->auth_unix_ro, true},
                {"auth_unix_rw", c->auth_unix_rw, true},
                {"auth_tcp", c->auth_tcp, false},
                {"auth_tls", c->auth_tls, false}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        enum session_auth auth;
        if (!session_auth_find(keys[i].value, &auth))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "%s is none, sasl or polkit, not '%s'",
                        keys[i].key, keys[i].value);
        if (auth == SESSION_AUTH_POLKIT && !keys[i].is_unix)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "%s cannot be polkit, which knows local users",
                        keys[i].key);
    }
    if (c->tcp_min_ssf < TCP_SSF_FLOOR)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "tcp_min_ssf is at least %d, not %u", TCP_SSF_FLOOR,
                    c->tcp_min_ssf);
    return 0;
}

static bool uses(const struct daemon *d, const char *auth)
{
    const struct config *c = &d->config;
    return str_eq(c->auth_unix_ro, auth) || str_eq(c->auth_unix_rw, auth) ||
           (d->has_tcp && str_eq(c->auth_tcp, auth)) || (d->has_tls && str_eq(c->auth_tls, auth));
}

/* libvirt's names of what decides on single calls. */
static int read_drivers(const struct config *c, bool *ret_polkit, struct err *e)
{
    const struct config_list *names = &c->access_drivers;
    *ret_polkit = false;
    for (size_t i = 0; i < names->n; i++) {
        bool is_polkit = str_eq(names->items[i], "polkit");
        if (!is_polkit && !str_eq(names->items[i], "none"))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "access_drivers has polkit or none, not '%s'",
                        names->items[i]);
        *ret_polkit |= is_polkit;
    }
    return 0;
}

static int load_modules(struct daemon *d, struct err *e)
{
    bool asks_polkit;
    if (read_drivers(&d->config, &asks_polkit, e))
        return -1;
    if (!d->remote && (d->has_tls || uses(d, "sasl")) && !(d->remote = net_remote_load(NULL, e)))
        return -1;
    if (!d->polkit && (asks_polkit || uses(d, "polkit")) && !(d->polkit = polkit_load(e)))
        return -1;
    d->asks_polkit = asks_polkit && !d->stops_when_idle;
    return 0;
}

/* --- TLS --- */

static struct tls_server *tls_of(const struct daemon *d, struct err *e)
{
    const struct config *c = &d->config;
    const struct config_list *names = &c->tls_allowed_dn_list;
    struct tls_options o = {
        .ca = c->ca_file,
        .crl = c->crl_file,
        .cert = c->cert_file,
        .key = c->key_file,
        .priority = c->tls_priority,
        .verify = !c->tls_no_verify_certificate,
        .check_own = !c->tls_no_sanity_certificate,
        .allowed = {.items = names->items, .n = names->n, .has = names->is_set},
    };
    return d->remote->tls_open(&o, e);
}

static int listen_remote(struct daemon *d, const struct sockets *passed, struct err *e)
{
    const struct config *c = &d->config;
    struct server_socket tls = {.is_tls = true}, tcp = {0};
    if (d->has_tls) {
        struct tls_server *s = tls_of(d, e);
        if (!s)
            return -1;
        server_set_tls(d->server, d->remote, s);
    }
    if (d->has_tls && !passed->has_tls &&
        tcp_listen(d->server, c->listen_addr, c->tls_port, &tls, e))
        return -1;
    return d->has_tcp && !passed->has_tcp
               ? tcp_listen(d->server, c->listen_addr, c->tcp_port, &tcp, e)
               : 0;
}

/* --- monitoring --- */

/* "ADDRESS:PORT", "[ADDRESS]:PORT" or a path. Only this machine: the page asks nobody's name. */
static int listen_metrics(struct daemon *d, struct err *e)
{
    static const char *const loopback[] = {"127.0.0.1", "::1", "localhost"};
    const char *where = d->config.metrics_listen;
    struct server_socket kind = {.is_http = true};
    if (str_empty(where))
        return 0;
    d->http = http_new(d->loop, metrics_page, d);
    if (*where == '/') {
        const char *name = strrchr(where, '/') + 1;
        CLEANUP_FREE char *dir = mem_strn(where, (size_t)(name - where));
        kind.is_unix = true;
        return server_listen_unix(d->server, dir, name, 0660, d->config.unix_sock_group, &kind, e);
    }
    const char *colon = strrchr(where, ':');
    CLEANUP_FREE char *host = mem_strn(where, colon ? (size_t)(colon - where) : 0);
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        memmove(host, host + 1, n - 2);
        host[n - 2] = '\0';
    }
    for (size_t i = 0; i < sizeof(loopback) / sizeof(*loopback); i++)
        if (str_eq(host, loopback[i]))
            return tcp_listen(d->server, host, colon + 1, &kind, e);
    return fail(e, ERR_CONFIG_UNSUPPORTED,
                "metrics_listen is 127.0.0.1:PORT, [::1]:PORT or the path of a socket, not '%s'",
                where);
}

/* --- policy and audit --- */

static int read_policy(const struct config *c, struct policy **ret, struct err *e)
{
    struct policy *p = NULL;
    if (!str_empty(c->policy_file) && !(p = policy_read(c->policy_file, e)))
        return -1;
    *ret = p;
    return 0;
}

static int open_audit(const struct config *c, struct audit **ret, struct err *e)
{
    struct audit *a = audit_open(c, e);
    if (!a && e->code)
        return -1;
    *ret = a;
    return 0;
}

int transports_open(struct daemon *d, bool listens, const struct sockets *passed, struct err *e)
{
    const struct config *c = &d->config;
    d->has_tls = passed->has_tls || (listens && c->listen_tls);
    d->has_tcp = passed->has_tcp || (listens && c->listen_tcp);
    if (!listens && c->listen_tcp && !passed->has_tcp)
        log_msg(LOG_INFO, "listen_tcp counts only with --listen");
    if (transports_check(c, e) || load_modules(d, e) || read_policy(c, &d->policy, e) ||
        open_audit(c, &d->audit, e) || listen_remote(d, passed, e))
        return -1;
    return listen_metrics(d, e);
}

static void reload_failed(const char *what, const struct err *e)
{
    log_msg(LOG_ERROR, "%s stays as it was: %s", what, e->msg);
}

int transports_reload_tls(struct daemon *d, struct err *e)
{
    struct tls_server *tls = d->has_tls ? tls_of(d, e) : NULL;
    if (tls)
        server_set_tls(d->server, d->remote, tls);
    return tls          ? 0
           : d->has_tls ? -1
                        : fail(e, ERR_OPERATION_UNSUPPORTED, "this daemon does not serve TLS");
}

void transports_reload(struct daemon *d)
{
    struct err e;
    struct policy *policy;
    struct audit *audit;
    if (load_modules(d, &e))
        reload_failed("authentication", &e);
    if (read_policy(&d->config, &policy, &e)) {
        reload_failed("the policy", &e);
    } else {
        policy_free(d->policy);
        d->policy = policy;
    }
    if (open_audit(&d->config, &audit, &e)) {
        reload_failed("the audit file", &e);
    } else {
        audit_close(d->audit);
        d->audit = audit;
    }
    if (d->has_tls && transports_reload_tls(d, &e))
        reload_failed("the certificate", &e);
}

void transports_close(struct daemon *d)
{
    http_free(d->http);
    policy_free(d->policy);
    audit_close(d->audit);
}
