/* The host that a guest leaves: begin, perform and confirm of a client that talks to both hosts. */
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "conf/conf.h"
#include "core/migrate.h"
#include "daemon/cookie.h"
#include "daemon/datalink.h"
#include "daemon/dispatch.h"
#include "daemon/inquiry.h"
#include "daemon/move.h"
#include "wire/consts.h"

/* A guest that a client is taking elsewhere, from its begin (if that protects it) or perform to
 * its confirmation. */
struct departure {
    struct departure *next, **prev;
    struct session *session; /* NULL: the client has gone */
    uint8_t uuid[UUID_LEN];
    bool is_performing; /* connecting or sending */
};

static struct departure *departure_find(const struct daemon *d, const uint8_t uuid[16])
{
    struct departure *p = d->departures;
    while (p && !uuid_eq(p->uuid, uuid))
        p = p->next;
    return p;
}

static void departure_add(struct call *c, const struct guest *g)
{
    struct departure *p = NEW(struct departure);
    p->session = c->session;
    memcpy(p->uuid, guest_uuid(g), UUID_LEN);
    p->next = c->daemon->departures;
    p->prev = &c->daemon->departures;
    if (p->next)
        p->next->prev = &p->next;
    c->daemon->departures = p;
}

static void departure_free(struct departure *p)
{
    if (!p)
        return;
    *p->prev = p->next;
    if (p->next)
        p->next->prev = p->prev;
    free(p);
}

static struct guest *guest_of(struct daemon *d, const uint8_t uuid[16])
{
    return host_find_uuid(d->host, uuid, NULL);
}

static void drop(struct daemon *d, const uint8_t uuid[16])
{
    struct guest *g = guest_of(d, uuid);
    departure_free(departure_find(d, uuid));
    if (g)
        guest_migrate_drop(g);
}

/* --- begin --- */

static int check_live(const struct daemon *d, const struct domain *config, struct err *e)
{
    if (config->type != GUEST_PV || !d->hostcaps.no_shadow)
        return 0;
    return fail(
        e, ERR_OPERATION_UNSUPPORTED,
        "domain '%s' is a PV guest, and this Xen is built without shadow paging, which a live "
        "migration of those needs: migrate it without --live",
        config->name);
}

/* Is it one that can leave this host? */
static int check(const struct daemon *daemon, const struct guest *g, const struct move *m,
                 struct err *e)
{
    const struct domain *d = guest_config(g, false);
    if (guest_domid(g) == 0)
        return fail(e, ERR_OPERATION_INVALID, "the host itself cannot be migrated");
    if (!guest_is_active(g) || !d)
        return fail(e, ERR_OPERATION_INVALID, "domain is not running");
    if (d->disable_migrate == TRI_YES)
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is configured not to be migrated",
                    guest_name(g));
    if (d->n_hostdevs)
        return fail(e, ERR_OPERATION_INVALID,
                    "domain '%s' has devices of the host and cannot be migrated", guest_name(g));
    return m->flags & VIR_MIGRATE_LIVE ? check_live(daemon, d, e) : 0;
}

struct domain *depart_config(const struct daemon *daemon, const struct guest *g,
                             const struct move *m, struct err *e)
{
    struct domain *d = NULL;
    struct conf_opts o = {.flags = CONF_INACTIVE};
    if (check(daemon, g, m, e))
        return NULL;
    if (!m->xml)
        return domain_copy(guest_config(g, false));
    if (conf_read(CONF_XML, m->xml, strlen(m->xml), &o, &d, e))
        return NULL;
    if (uuid_eq(d->uuid, guest_uuid(g)) && str_eq(d->name, guest_name(g)))
        return d;
    fail(e, ERR_OPERATION_INVALID, "the XML for the destination is of another domain than '%s'",
         guest_name(g));
    domain_free(d);
    return NULL;
}

void depart_cookie(const struct daemon *daemon, const struct domain *d, uint8_t **ret,
                   size_t *ret_n)
{
    char host[256] = "";
    struct cookie k = {
        .has_words = true, .name = mem_str(d->name), .stream_version = COOKIE_STREAM_VERSION};
    if (!gethostname(host, sizeof(host) - 1))
        k.hostname = mem_str(host);
    memcpy(k.uuid, d->uuid, UUID_LEN);
    cookie_describe(&k, &daemon->hostcaps);
    cookie_measure(&k, d);
    cookie_write(&k, ret, ret_n);
    cookie_clear(&k);
}

struct begin {
    struct call *call;
    struct move_answer answer;
    struct domain *config, *own; /* as it is to be there, as it is here */
    bool protects;
};

static void work_begin(void *arg)
{
    struct begin *b = arg;
    depart_cookie(b->call->daemon, b->own, b->answer.cookie, b->answer.n_cookie);
}

static int begun(struct begin *b)
{
    struct call *c = b->call;
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_SECURE | CONF_MIGRATABLE | CONF_INACTIVE};
    if (conf_write(CONF_XML, b->config, &o, &out, &c->err)) {
        str_clear(&out);
        return CALL_FAILED;
    }
    *b->answer.text = str_take(&out);
    return CALL_DONE;
}

static void after_begin(void *arg)
{
    struct begin *b = arg;
    struct call *c = b->call;
    int r = begun(b);
    if (b->protects && (r || !c->session))
        drop(c->daemon, b->config->uuid);
    domain_free(b->config);
    domain_free(b->own);
    free(b);
    call_finish(c, r);
}

int depart_begin(struct call *c, struct guest *g, const struct move *m, const struct move_answer *a)
{
    bool protects = m->flags & VIR_MIGRATE_CHANGE_PROTECTION;
    struct domain *d = depart_config(c->daemon, g, m, &c->err);
    if (!d)
        return CALL_FAILED;
    if (protects ? guest_migrate_begin(g, &c->err) : guest_migrate_check(g, &c->err)) {
        domain_free(d);
        return CALL_FAILED;
    }
    if (protects)
        departure_add(c, g);
    struct begin *b = NEW(struct begin);
    *b = (struct begin){.call = c,
                        .answer = *a,
                        .config = d,
                        .own = domain_copy(guest_config(g, false)),
                        .protects = protects};
    loop_work(c->daemon->loop, work_begin, after_begin, b);
    return CALL_LATER;
}

/* --- perform --- */

struct perform {
    struct call *call;
    struct move move;
    uint8_t uuid[UUID_LEN];
    int fd;
    bool has_words;
    char token[VERDICT_TOKEN];
    struct err err;
};

bool depart_has_words(const uint8_t *cookie, size_t n, char token[VERDICT_TOKEN])
{
    struct cookie k = {0};
    struct err e = {0};
    bool r = n && !cookie_read(cookie, n, &k, &e) && k.has_words;
    memcpy(token, k.token, VERDICT_TOKEN);
    cookie_clear(&k);
    return r;
}

/* What is sent is concluded, for a client or because it has gone. */
struct settling {
    struct daemon *daemon;
    struct call *call; /* NULL: nobody is told */
    uint8_t uuid[UUID_LEN];
    char *uri, *token; /* who may be asked, and is told that it need not keep it for us */
};

/* g: NULL when it is gone from here. */
static void settled(void *arg, struct guest *g, const struct err *e)
{
    struct settling *s = arg;
    struct daemon *d = s->daemon;
    if (!e->code && s->token && g && guest_is_active(g) && !d->is_stopping)
        inquiry_tell_later(d, s->uuid, s->uri, s->token);
    if (e->code && g && !d->is_stopping)
        (void)inquiry_start(d, g, NULL, NULL);
    if (s->call)
        call_guest_done(s->call, g, e);
    else if (e->code)
        log_msg(LOG_ERROR, "%s", e->msg);
    free(s->uri);
    free(s->token);
    free(s);
}

static struct settling *settling_new(struct daemon *d, struct call *c, const struct guest *g)
{
    struct migrate_terms t = {0};
    struct settling *s = NEW(struct settling);
    (void)guest_migrate_terms(g, &t);
    *s = (struct settling){
        .daemon = d, .call = c, .uri = mem_str(t.peer), .token = mem_str(t.token)};
    memcpy(s->uuid, guest_uuid(g), UUID_LEN);
    return s;
}

/* Its client has gone, and nobody else will say what became of it. */
static void settle_orphan(struct daemon *d, struct guest *g)
{
    struct err e = {0};
    struct settling *s = settling_new(d, NULL, g);
    if (guest_migrate_confirm(g, MIGRATE_UNKNOWN, false, settled, s, &e))
        settled(s, g, &e);
}

static void performed(struct perform *p, struct guest *g, const struct err *e)
{
    struct call *c = p->call;
    struct departure *d = departure_find(c->daemon, p->uuid);
    c->err = *e;
    if (d)
        d->is_performing = false;
    if (e->code) {
        drop(c->daemon, p->uuid);
        if (*p->token)
            inquiry_tell_later(c->daemon, p->uuid, p->move.uri, p->token);
    } else if (g && !(d && d->session)) {
        departure_free(d);
        settle_orphan(c->daemon, g);
    }
    free(p);
    call_finish(c, e->code ? CALL_FAILED : CALL_DONE);
}

static void on_sent(void *arg, struct guest *g, const struct err *e)
{
    performed(arg, g, e);
}

static void work_connect(void *arg)
{
    struct perform *p = arg;
    (void)datalink_connect(p->move.uri, &p->fd, &p->err);
}

static void set_terms(const struct perform *p, struct guest *g)
{
    const struct move *m = &p->move;
    bool is_known = *p->token;
    struct migrate_terms t = {is_known ? m->uri : NULL, is_known ? p->token : NULL,
                              m->flags & VIR_MIGRATE_UNDEFINE_SOURCE};
    guest_migrate_set_terms(g, &t);
}

static void after_connect(void *arg)
{
    struct perform *p = arg;
    struct call *c = p->call;
    struct departure *d = departure_find(c->daemon, p->uuid);
    struct guest *g = guest_of(c->daemon, p->uuid);
    bool is_live = p->move.flags & VIR_MIGRATE_LIVE;
    if (!p->err.code && !g)
        fail(&p->err, ERR_NO_DOMAIN, "the domain has ended");
    if (!p->err.code && !(d && d->session))
        fail(&p->err, ERR_OPERATION_ABORTED, "the client has gone");
    if (!p->err.code)
        set_terms(p, g);
    if (p->err.code)
        close_fd(&p->fd);
    else if (!guest_migrate_send(g, p->fd, is_live, p->has_words, on_sent, p, &p->err))
        return;
    performed(p, g, &p->err);
}

/* One migration of a guest at a time; a begin that did not protect it has left nothing here. */
static int claim(struct call *c, struct guest *g, const struct move *m)
{
    struct departure *d = departure_find(c->daemon, guest_uuid(g));
    if (d && (d->session != c->session || d->is_performing))
        return fail(&c->err, ERR_RESOURCE_BUSY, "domain '%s' is being migrated by another client",
                    guest_name(g));
    if (check(c->daemon, g, m, &c->err) || (!d && guest_migrate_begin(g, &c->err)))
        return -1;
    if (!d)
        departure_add(c, g);
    departure_find(c->daemon, guest_uuid(g))->is_performing = true;
    return 0;
}

int depart_perform(struct call *c, struct guest *g, const struct move *m)
{
    if (!m->uri)
        return fail(&c->err, ERR_INVALID_ARG, "no migration URI is given");
    if (claim(c, g, m))
        return CALL_FAILED;
    if (m->bandwidth)
        guest_migrate_set_speed(g, m->bandwidth << 20);
    struct perform *p = NEW(struct perform);
    *p = (struct perform){.call = c, .move = *m, .fd = -1};
    p->has_words = depart_has_words(m->cookie, m->n_cookie, p->token);
    memcpy(p->uuid, guest_uuid(g), UUID_LEN);
    loop_work(c->daemon->loop, work_connect, after_connect, p);
    return CALL_LATER;
}

/* --- confirm --- */

int depart_confirm(struct call *c, struct guest *g, const struct move *m)
{
    struct departure *d = departure_find(c->daemon, guest_uuid(g));
    enum migrate_end end = m->cancelled ? MIGRATE_CANCELLED : MIGRATE_DONE;
    bool undefines = m->flags & VIR_MIGRATE_UNDEFINE_SOURCE;
    if (d && d->session != c->session)
        return fail(&c->err, ERR_RESOURCE_BUSY, "domain '%s' is being migrated by another client",
                    guest_name(g));
    struct settling *s = settling_new(c->daemon, c, g);
    if (guest_migrate_confirm(g, end, undefines, settled, s, &c->err)) {
        struct err e = c->err; /* the call is not answered by a callback then */
        s->call = NULL;
        settled(s, g, &e);
        return CALL_FAILED;
    }
    departure_free(d);
    return CALL_LATER;
}

/* --- a client that goes --- */

void depart_forget(struct session *s)
{
    struct daemon *dm = s->daemon;
    for (struct departure *d = dm->departures, *next; d; d = next) {
        struct guest *g = guest_of(dm, d->uuid);
        bool is_sent = g && guest_is_sent(g);
        next = d->next;
        if (d->session != s)
            continue;
        d->session = NULL;
        if (!d->is_performing)
            departure_free(d);
        if (is_sent)
            settle_orphan(dm, g);
        else if (g) /* what is being sent is broken off */
            guest_migrate_drop(g);
    }
}
