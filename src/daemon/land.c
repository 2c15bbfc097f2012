/* The host that a guest comes to: prepare and finish. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "conf/conf.h"
#include "core/ask.h"
#include "core/migrate.h"
#include "core/missing.h"
#include "daemon/access.h"
#include "daemon/answer.h"
#include "daemon/cookie.h"
#include "daemon/datalink.h"
#include "daemon/dispatch.h"
#include "daemon/move.h"
#include "daemon/stream.h"
#include "wire/consts.h"

/* A guest that is expected, from its prepare to its finish. */
struct landing {
    struct landing *next, **prev;
    struct daemon *daemon;
    struct session *session; /* of the client that prepares it; NULL: it has gone */
    uint8_t uuid[UUID_LEN];
    struct call *call; /* the prepare, until it is answered */
    struct move_answer answer;
    struct domain *config, *persist;
    struct cookie cookie;
    char *host; /* as the source is to call us */
    int port;
    bool is_named, is_tunnel, is_unsafe;
    char token[VERDICT_TOKEN];   /* for a source of ours */
    int fds[DATALINK_ADDRESSES]; /* where the source is expected */
    struct loop_fd *watches[DATALINK_ADDRESSES];
    size_t n_fds;
};

static void close_listeners(struct landing *l)
{
    for (size_t i = 0; i < l->n_fds; i++) {
        loop_fd_close(l->watches[i]);
        close(l->fds[i]);
        l->watches[i] = NULL;
    }
    l->n_fds = 0;
}

static void landing_free(struct landing *l)
{
    if (!l)
        return;
    *l->prev = l->next;
    if (l->next)
        l->next->prev = l->prev;
    close_listeners(l);
    domain_free(l->config);
    domain_free(l->persist);
    cookie_clear(&l->cookie);
    free(l->host);
    free(l);
}

static struct guest *guest_of(const struct landing *l)
{
    return host_find_uuid(l->daemon->host, l->uuid, NULL);
}

/* --- the data comes --- */

struct receiving {
    struct daemon *daemon;
    uint8_t uuid[UUID_LEN];
};

static void on_received(void *arg, struct guest *g, const struct err *e)
{
    struct receiving *r = arg;
    answer_received(r->daemon, r->uuid, !e->code);
    free(r);
}

/* The port stays open for a source that loses this connection and asks later. */
static void keep_listeners(struct landing *l, int fd)
{
    struct verdict v = {.port = l->port};
    memcpy(v.uuid, l->uuid, UUID_LEN);
    memcpy(v.token, l->token, VERDICT_TOKEN);
    for (size_t i = 0; i < l->n_fds; i++)
        loop_fd_close(take(l->watches[i]));
    answer_open(l->daemon, &v, l->fds, l->n_fds, fd);
    l->n_fds = 0;
}

static void receive(struct landing *l, int fd)
{
    struct guest *g = guest_of(l);
    bool has_words = l->cookie.has_words && !l->is_tunnel;
    struct err e = {0};
    if (!g) {
        close_listeners(l);
        close(fd);
        return;
    }
    if (l->cookie.has_words)
        keep_listeners(l, has_words ? fd : -1);
    close_listeners(l);
    struct receiving *r = NEW(struct receiving);
    r->daemon = l->daemon;
    memcpy(r->uuid, l->uuid, UUID_LEN);
    if (guest_migrate_receive(g, fd, has_words, on_received, r, &e)) {
        log_msg(LOG_ERROR, "%s", e.msg);
        on_received(r, g, &e);
    }
}

/* Is somebody there? */
static bool accept_source(struct landing *l)
{
    for (size_t i = 0; i < l->n_fds; i++) {
        int fd = accept4(l->fds[i], NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        datalink_setup(fd);
        receive(l, fd);
        return true;
    }
    return false;
}

static void on_source(void *arg, int events)
{
    (void)accept_source(arg);
}

static int watch_listeners(struct landing *l, struct err *e)
{
    for (size_t i = 0; i < l->n_fds; i++) {
        l->watches[i] = loop_fd_open(l->daemon->loop, l->fds[i], LOOP_READ, on_source, l, e);
        if (!l->watches[i])
            return -1;
    }
    return 0;
}

static int open_tunnel(struct landing *l, struct err *e)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        return fail_errno(e, "cannot make a tunnel");
    receive(l, fds[0]);
    return stream_open_sink(l->call, fds[1]);
}

/* --- prepare --- */

static int ask_prepare(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct landing *l = arg;
    const char *host = l->is_named ? l->host : NULL;
    struct daemon *d = l->daemon;
    CLEANUP_DOMAIN struct domain *needed = domain_copy(l->config);
    missing_leave_out(needed, false, NULL);
    if (cookie_check_host(&l->cookie, &d->hostcaps, needed, l->is_unsafe, e) ||
        cookie_check(&l->cookie, needed, l->is_unsafe, e))
        return -1;
    if (ops->needs(hv, needed, e))
        return wrap(e, "the destination cannot take in domain '%s'", l->config->name);
    return l->is_tunnel ? 0 : datalink_listen(host, &l->port, l->fds, &l->n_fds, e);
}

static int expect(struct landing *l, struct err *e)
{
    struct guest *g;
    if (!e->code && !l->session)
        fail(e, ERR_OPERATION_ABORTED, "the client has gone");
    if (e->code)
        return -1;
    memcpy(l->uuid, l->config->uuid, UUID_LEN);
    if (host_migrate_prepare(l->daemon->host, take(l->config), take(l->persist), &g, e))
        return -1;
    if (!(l->is_tunnel ? open_tunnel(l, e) : watch_listeners(l, e)))
        return 0;
    guest_migrate_forsake(g);
    return -1;
}

static void make_token(char token[VERDICT_TOKEN])
{
    uint8_t bytes[UUID_LEN];
    uuid_random(bytes);
    for (size_t i = 0; i < UUID_LEN; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
}

static void after_prepare(void *arg, bool is_closing, const struct err *e)
{
    struct landing *l = arg;
    struct call *c = l->call;
    if (is_closing) { /* nobody is there to be told */
        landing_free(l);
        return;
    }
    c->err = *e;
    make_token(l->token);
    int r = expect(l, &c->err);
    l->call = NULL;
    if (r) {
        landing_free(l);
        call_finish(c, CALL_FAILED);
        return;
    }
    /* libvirt's own source in peer-to-peer mode has no place for a cookie */
    struct cookie ours = {.has_words = true, .stream_version = COOKIE_STREAM_VERSION};
    memcpy(ours.token, l->token, VERDICT_TOKEN);
    if (l->cookie.has_words)
        cookie_write(&ours, l->answer.cookie, l->answer.n_cookie);
    if (!l->is_tunnel)
        *l->answer.text = datalink_uri(l->host, l->port);
    call_finish(c, CALL_DONE);
}

/* How the source is to call this host: as the client does, or by its own name. */
static int find_host(struct landing *l, const char *uri, struct err *e)
{
    char name[256] = "";
    if (l->is_tunnel)
        return 0;
    if (uri) {
        l->is_named = true;
        return datalink_parse(uri, &l->host, &l->port, e);
    }
    if (gethostname(name, sizeof(name) - 1))
        return fail_errno(e, "cannot get the host's name");
    if (str_starts(name, "localhost"))
        return fail(e, ERR_INTERNAL,
                    "this host is called '%s', which others cannot reach: name it in a migration "
                    "URI",
                    name);
    l->host = mem_str(name);
    return 0;
}

/* Caller frees with domain_free. */
static struct domain *read_config(const char *xml, const char *name, struct err *e)
{
    struct domain *d = NULL;
    struct conf_opts o = {.flags = CONF_INACTIVE};
    if (conf_read(CONF_XML, xml, strlen(xml), &o, &d, e))
        return NULL;
    if (name)
        str_set(&d->name, name);
    return d;
}

static int read_move(struct landing *l, const struct move *m, struct err *e)
{
    if (!m->xml)
        return fail(e, ERR_INVALID_ARG, "no XML of the domain is given");
    l->config = read_config(m->xml, m->name, e);
    if (!l->config)
        return -1;
    if (uuid_is_zero(l->config->uuid))
        return fail(e, ERR_INVALID_ARG, "the XML of the domain has no uuid");
    l->persist = m->persist_xml ? read_config(m->persist_xml, m->name, e) : NULL;
    if (m->persist_xml && !l->persist)
        return wrap(e, "persistent XML");
    if (l->persist && !uuid_eq(l->persist->uuid, l->config->uuid))
        return fail(e, ERR_INVALID_ARG, "the persistent XML is of another domain");
    if (access_guest(l->call, l->config->name, l->config->uuid) ||
        cookie_read(m->cookie, m->n_cookie, &l->cookie, e))
        return -1;
    if (!uuid_is_zero(l->cookie.uuid) && !uuid_eq(l->cookie.uuid, l->config->uuid))
        return fail(e, ERR_INVALID_ARG, "the migration cookie is of another domain");
    return find_host(l, m->uri, e);
}

int land_prepare(struct call *c, const struct move *m, const struct move_answer *a, bool is_tunnel)
{
    struct daemon *d = c->daemon;
    struct landing *l = NEW(struct landing);
    *l = (struct landing){.daemon = d,
                          .session = c->session,
                          .call = c,
                          .answer = *a,
                          .is_tunnel = is_tunnel,
                          .is_unsafe = m->flags & VIR_MIGRATE_UNSAFE,
                          .next = d->landings,
                          .prev = &d->landings};
    if (l->next)
        l->next->prev = &l->next;
    d->landings = l;
    if (read_move(l, m, &c->err)) {
        landing_free(l);
        return CALL_FAILED;
    }
    answer_yield(d, l->port);
    host_ask(d->host, ask_prepare, after_prepare, l);
    return CALL_LATER;
}

/* --- finish --- */

static struct landing *landing_find(const struct daemon *d, const struct guest *g)
{
    struct landing *l = d->landings;
    while (l && (l->call || !uuid_eq(l->uuid, guest_uuid(g))))
        l = l->next;
    return l;
}

struct finish {
    struct call *call;
    struct move_answer answer;
    uint8_t uuid[UUID_LEN];
    char *name;
    bool cancelled;
};

static void finished(void *arg, struct guest *g, const struct err *e)
{
    struct finish *f = arg;
    struct call *c = f->call;
    for (struct landing *l = c->daemon->landings, *next; l; l = next) {
        next = l->next;
        if (!l->call && uuid_eq(l->uuid, f->uuid))
            landing_free(l);
    }
    c->err = *e;
    if (!e->code && (f->cancelled || !g))
        fail(&c->err, ERR_OPERATION_ABORTED, "migration of domain '%s' was cancelled", f->name);
    if (!c->err.code)
        wire_domain_fill(f->answer.dom, g);
    free(f->name);
    free(f);
    call_finish(c, c->err.code ? CALL_FAILED : CALL_DONE);
}

/* A source whose tunnel broke wants to know what became of its guest, or knows it. */
static int answer_token(struct call *c, const struct cookie *k, const struct move_answer *a)
{
    struct verdict v;
    if (answer_find(c->daemon, k->uuid, k->token, &v, &c->err))
        return CALL_FAILED;
    a->dom->name = mem_str("");
    memcpy(a->dom->uuid, k->uuid, UUID_LEN);
    a->dom->id = -1;
    if (k->tells) {
        answer_known(c->daemon, k->uuid);
        return CALL_DONE;
    }
    if (v.word == WORD_FAILED)
        return fail(&c->err, ERR_OPERATION_ABORTED, "the guest does not run here");
    return v.word == WORD_DONE ? CALL_DONE
                               : fail(&c->err, ERR_RESOURCE_BUSY, "it is not decided yet");
}

static int finish_guest(struct call *c, const struct move *m, const struct move_answer *a)
{
    struct guest *g = m->name ? host_find_name(c->daemon->host, m->name, &c->err) : NULL;
    if (!m->name)
        return fail(&c->err, ERR_INVALID_ARG, "no name of the domain is given");
    if (!g || access_guest(c, guest_name(g), guest_uuid(g)))
        return CALL_FAILED;
    struct landing *l = landing_find(c->daemon, g);
    if (l && !m->cancelled)
        (void)accept_source(l);
    struct finish *f = NEW(struct finish);
    *f = (struct finish){
        .call = c, .answer = *a, .name = mem_str(m->name), .cancelled = m->cancelled};
    memcpy(f->uuid, guest_uuid(g), UUID_LEN);
    if (!guest_migrate_finish(g, m->cancelled, m->flags & VIR_MIGRATE_PAUSED,
                              m->flags & VIR_MIGRATE_PERSIST_DEST, finished, f, &c->err))
        return CALL_LATER;
    free(f->name);
    free(f);
    return CALL_FAILED;
}

int land_finish(struct call *c, const struct move *m, const struct move_answer *a)
{
    struct cookie CLEANUP(cookie_clear) k = {0};
    if (cookie_read(m->cookie, m->n_cookie, &k, &c->err))
        return CALL_FAILED;
    return k.asks || k.tells ? answer_token(c, &k, a) : finish_guest(c, m, a);
}

/* --- a client that goes --- */

void land_forget(struct session *s)
{
    for (struct landing *l = s->daemon->landings, *next; l; l = next) {
        next = l->next;
        if (l->session != s)
            continue;
        l->session = NULL;
        if (l->call)
            continue; /* its worker's end sees to it */
        struct guest *g = guest_of(l);
        if (g)
            guest_migrate_forsake(g);
        landing_free(l);
    }
}
