#include "daemon/inquiry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/client.h"
#include "client/uri.h"
#include "core/host.h"
#include "core/migrate.h"
#include "daemon/answer.h"
#include "daemon/cookie.h"
#include "daemon/daemon.h"
#include "wire/consts.h"

enum {
    PATIENT_TRIES = 15, /* then whoever waits is told that nobody answers */
    ASK_EVERY_MS = 2000,
    ASK_RARELY_MS = 30000, /* for as long as it takes */
};

struct inquiry {
    struct inquiry *next, **prev;
    struct daemon *daemon;
    uint8_t uuid[UUID_LEN];
    char *peer, *token; /* struct migrate_terms */
    bool undefines;
    struct loop_timer *timer;
    unsigned n_tries;
    bool is_busy; /* a worker has it */
    bool stops;
    enum migrate_end end;
    inquiry_fn *done;
    void *arg;
};

int inquiry_check_uri(const char *text, struct err *e)
{
    static const char *const transports[] = {"unix", "tcp", "tls", "ssh"};
    static const char *const params[] = {"socket", "mode", "no_verify", "no_tty"};
    struct uri CLEANUP(uri_clear) u = {0};
    bool is_good = false;
    if (uri_parse(text, &u, e))
        return wrap(e, "destination '%s'", text);
    for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++)
        is_good |= !u.transport || str_eq(u.transport, transports[i]);
    if (!is_good)
        return fail(e, ERR_INVALID_ARG, "transport '%s' is not possible in a migration",
                    u.transport);
    for (size_t i = 0; i < u.n_params; i++) {
        is_good = false;
        for (size_t k = 0; k < sizeof(params) / sizeof(*params); k++)
            is_good |= str_eq(u.params[i].name, params[k]);
        if (!is_good)
            return fail(e, ERR_INVALID_ARG,
                        "parameter '%s' is not possible in the URI of a "
                        "migration's destination",
                        u.params[i].name);
    }
    return 0;
}

struct client *inquiry_connect(const struct daemon *d, const char *uri, struct err *e)
{
    const struct config *k = &d->config;
    int interval = k->libxl_keepalive_interval;
    const struct client_options o = {.keepalive_interval_s = interval > 0 ? interval : -1,
                                     .keepalive_count = (int)k->libxl_keepalive_count};
    struct client *conn = client_open(uri, &o, e);
    if (!conn)
        return NULL;
    (void)client_has_feature(conn, VIR_DRV_FEATURE_PROGRAM_KEEPALIVE); /* it notices our end too */
    if (client_has_feature(conn, VIR_DRV_FEATURE_MIGRATION_PARAMS))
        return conn;
    fail(e, ERR_OPERATION_UNSUPPORTED, "the destination '%s' does not know this migration", uri);
    client_close(conn);
    return NULL;
}

/* --- the worker --- */

static enum migrate_end end_of_state(struct client *conn, const struct wire_domain *dom)
{
    struct wire_domain_get_state_args args = {.dom = *dom};
    struct wire_domain_get_state_ret state = {0};
    struct err e = {0};
    if (client_call(conn, WIRE_DOMAIN_GET_STATE, &args, &state, &e))
        return MIGRATE_UNKNOWN;
    if (state.state == VIR_DOMAIN_PAUSED && state.reason == VIR_DOMAIN_PAUSED_MIGRATION)
        return MIGRATE_UNKNOWN;              /* not finished yet */
    return state.state == VIR_DOMAIN_SHUTOFF /* defined there from an earlier time */
               ? MIGRATE_CANCELLED
               : MIGRATE_DONE;
}

/* By calls of the remote protocol: what a daemon that knows no tokens can tell. */
static enum migrate_end ask_daemon(const struct inquiry *a)
{
    struct err e = {0};
    struct wire_domain_lookup_by_uuid_args args;
    struct wire_domain_lookup_by_uuid_ret ret = {0};
    enum migrate_end end = MIGRATE_UNKNOWN;
    struct client *conn = inquiry_connect(a->daemon, a->peer, &e);
    if (!conn)
        return end;
    memcpy(args.uuid, a->uuid, UUID_LEN);
    if (!client_call(conn, WIRE_DOMAIN_LOOKUP_BY_UUID, &args, &ret, &e)) {
        end = end_of_state(conn, &ret.dom);
        wire_clear(&wire_type_domain_lookup_by_uuid_ret, &ret);
    } else if (e.code == ERR_NO_DOMAIN) {
        end = MIGRATE_CANCELLED;
    }
    client_close(conn);
    return end;
}

static enum migrate_end ask_answerer(const struct inquiry *a)
{
    enum word w = answer_ask(a->peer, a->token);
    if (w == WORD_DONE)
        return MIGRATE_DONE;
    return w == WORD_FAILED ? MIGRATE_CANCELLED : MIGRATE_UNKNOWN;
}

/* A data link of its own, or the daemon that the data went through? */
static bool is_link(const char *peer)
{
    return str_starts(peer, "tcp:");
}

/* Through a tunnel nothing else is open: a finish that finishes nothing, with the token in its
 * cookie. Returns the error's code. */
static int say_token(const struct daemon *d, const uint8_t uuid[16], const char *peer,
                     const char *token, bool asks)
{
    struct err e = {0};
    struct cookie k = {.has_words = true, .asks = asks, .tells = !asks};
    struct wire_domain_migrate_finish3_params_args args = {.cancelled = true};
    struct wire_domain_migrate_finish3_params_ret ret = {0};
    struct client *conn = inquiry_connect(d, peer, &e);
    if (!conn)
        return ERR_RPC;
    memcpy(k.uuid, uuid, UUID_LEN);
    snprintf(k.token, sizeof(k.token), "%s", token);
    cookie_write(&k, &args.cookie_in, &args.n_cookie_in);
    int r = client_call(conn, WIRE_DOMAIN_MIGRATE_FINISH3_PARAMS, &args, &ret, &e);
    if (!r)
        wire_clear(&wire_type_domain_migrate_finish3_params_ret, &ret);
    free(args.cookie_in);
    client_close(conn);
    return r ? e.code : 0;
}

static enum migrate_end ask_by_token(const struct inquiry *a)
{
    int code = say_token(a->daemon, a->uuid, a->peer, a->token, true);
    if (!code)
        return MIGRATE_DONE;
    return code == ERR_OPERATION_ABORTED ? MIGRATE_CANCELLED : MIGRATE_UNKNOWN;
}

static void work_ask(void *arg)
{
    struct inquiry *a = arg;
    a->end = !a->token ? ask_daemon(a) : is_link(a->peer) ? ask_answerer(a) : ask_by_token(a);
}

void inquiry_tell(const struct daemon *d, const uint8_t uuid[16], const char *peer,
                  const char *token)
{
    if (is_link(peer))
        answer_tell(peer, token);
    else
        (void)say_token(d, uuid, peer, token, false);
}

static void work_tell(void *arg)
{
    struct inquiry *a = arg;
    if (a->token)
        inquiry_tell(a->daemon, a->uuid, a->peer, a->token);
}

/* --- the loop --- */

static struct guest *guest_of(const struct inquiry *a)
{
    return host_find_uuid(a->daemon->host, a->uuid, NULL);
}

static void inquiry_free(struct inquiry *a)
{
    *a->prev = a->next;
    if (a->next)
        a->next->prev = a->prev;
    loop_timer_close(a->timer);
    free(a->peer);
    free(a->token);
    free(a);
}

static void tell_waiting(struct inquiry *a, const struct err *e)
{
    inquiry_fn *done = a->done;
    a->done = NULL;
    if (done)
        done(a->arg, e);
}

static void on_time(void *arg);
static void after_ask(void *arg);
static void after_tell(void *arg);

static void ask_later(struct inquiry *a)
{
    if (++a->n_tries == PATIENT_TRIES) {
        struct err e = {0};
        fail(&e, ERR_OPERATION_FAILED,
             "the guest was sent, and the destination does not answer whether it runs there: it "
             "stays suspended here until that host answers; resume it if that host does not run "
             "it, destroy it if it does");
        tell_waiting(a, &e);
    }
    loop_timer_start(a->timer, a->n_tries < PATIENT_TRIES ? ASK_EVERY_MS : ASK_RARELY_MS, 0);
}

static void ask_now(struct inquiry *a)
{
    a->is_busy = true;
    loop_work(a->daemon->loop, work_ask, after_ask, a);
}

static void on_time(void *arg)
{
    ask_now(arg);
}

/* g: NULL when it is gone from here. */
static void on_concluded(void *arg, struct guest *g, const struct err *e)
{
    struct inquiry *a = arg;
    if (e->code)
        log_msg(LOG_ERROR, "%s", e->msg);
    if (a->stops) {
        inquiry_free(a);
        return;
    }
    a->is_busy = true;
    tell_waiting(a, e);
    loop_work(a->daemon->loop, work_tell, after_tell, a);
}

static void after_tell(void *arg)
{
    inquiry_free(arg);
}

static void after_ask(void *arg)
{
    struct inquiry *a = arg;
    struct guest *g = a->stops ? NULL : guest_of(a);
    struct err e = {0};
    bool is_open = g && guest_is_sent(g);
    a->is_busy = false;
    if (!is_open) { /* somebody has decided it */
        tell_waiting(a, &e);
        inquiry_free(a);
    } else if (a->end == MIGRATE_UNKNOWN) {
        ask_later(a);
    } else {
        log_msg(LOG_WARN, "domain '%s' was sent to another host, which %s", guest_name(g),
                a->end == MIGRATE_DONE ? "runs it: it goes from here"
                                       : "does not run it: it runs on here");
        a->is_busy = true;
        if (guest_migrate_confirm(g, a->end, a->undefines, on_concluded, a, &e)) {
            a->is_busy = false;
            ask_later(a);
        }
    }
}

static bool is_asked(const struct daemon *d, const uint8_t uuid[16])
{
    for (const struct inquiry *a = d->inquiries; a; a = a->next)
        if (uuid_eq(a->uuid, uuid))
            return true;
    return false;
}

bool inquiry_start(struct daemon *d, const struct guest *g, inquiry_fn *done, void *arg)
{
    struct migrate_terms t;
    struct err e = {0};
    if (!guest_migrate_terms(g, &t) || is_asked(d, guest_uuid(g)) ||
        (!(t.token && is_link(t.peer)) && inquiry_check_uri(t.peer, &e)))
        return false;
    struct inquiry *a = NEW(struct inquiry);
    *a = (struct inquiry){.next = d->inquiries,
                          .prev = &d->inquiries,
                          .daemon = d,
                          .peer = mem_str(t.peer),
                          .token = mem_str(t.token),
                          .undefines = t.undefines,
                          .done = done,
                          .arg = arg};
    memcpy(a->uuid, guest_uuid(g), UUID_LEN);
    if (a->next)
        a->next->prev = &a->next;
    d->inquiries = a;
    a->timer = loop_timer_open(d->loop, on_time, a);
    ask_now(a);
    return true;
}

void inquiry_start_all(struct daemon *d)
{
    size_t n;
    struct guest **all = host_guests(d->host, &n);
    for (size_t i = 0; i < n; i++)
        (void)inquiry_start(d, all[i], NULL, NULL);
    free(all);
}

/* Those that a worker has are freed when it ends. */
void inquiry_stop_all(struct daemon *d)
{
    struct err e;
    fail(&e, ERR_OPERATION_ABORTED, "the daemon stops");
    for (struct inquiry *a = d->inquiries, *next; a; a = next) {
        next = a->next;
        a->stops = true;
        tell_waiting(a, &e);
        if (!a->is_busy)
            inquiry_free(a);
    }
}

/* --- telling alone --- */

struct telling {
    const struct daemon *daemon;
    uint8_t uuid[UUID_LEN];
    char *peer, *token;
};

static void work_tell_alone(void *arg)
{
    const struct telling *t = arg;
    inquiry_tell(t->daemon, t->uuid, t->peer, t->token);
}

static void after_tell_alone(void *arg)
{
    struct telling *t = arg;
    free(t->peer);
    free(t->token);
    free(t);
}

void inquiry_tell_later(struct daemon *d, const uint8_t uuid[16], const char *peer,
                        const char *token)
{
    struct telling *t = NEW(struct telling);
    *t = (struct telling){.daemon = d, .peer = mem_str(peer), .token = mem_str(token)};
    memcpy(t->uuid, uuid, UUID_LEN);
    loop_work(d->loop, work_tell_alone, after_tell_alone, t);
}
