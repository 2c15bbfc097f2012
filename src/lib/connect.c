#include "base/str.h"
#include "client/calls.h"
#include "lib.h"
#include "wire/consts.h"

/* The caller's questions are the client's, member by member. */
static int ask(void *context, struct client_question *questions, size_t n, struct err *e)
{
    struct xvirt_conn *c = context;
    struct xvirt_question *q = mem_new(n, sizeof(*q));
    for (size_t i = 0; i < n; i++)
        q[i] = (struct xvirt_question){questions[i].type, questions[i].prompt,
                                       questions[i].challenge, questions[i].fallback, NULL};
    int rc = c->ask(c->ask_arg, q, n);
    for (size_t i = 0; i < n; i++)
        questions[i].answer = q[i].answer;
    free(q);
    return rc ? fail(e, ERR_AUTH_CANCELLED, "authentication was cancelled") : 0;
}

static void on_event(void *context, int proc, const void *msg)
{
    struct xvirt_conn *c = context;
    const struct wire_domain_event_callback_lifecycle_msg *m = msg;
    if (proc != WIRE_DOMAIN_EVENT_CALLBACK_LIFECYCLE || !c->on_event)
        return;
    struct xvirt_guest g = {.name = m->msg.dom.name, .id = m->msg.dom.id};
    memcpy(g.uuid, m->msg.dom.uuid, sizeof(g.uuid));
    c->on_event(c->event_arg, &g, m->msg.event, m->msg.detail);
}

struct xvirt_conn *xvirt_open(const char *uri, const struct xvirt_connecting *how,
                              struct xvirt_error *e)
{
    static const struct xvirt_connecting plain;
    const struct xvirt_connecting *h = how ? how : &plain;
    struct xvirt_conn *c = NEW(struct xvirt_conn);
    struct client_options o = {.is_readonly = h->is_readonly,
                               .ask = h->ask ? ask : NULL,
                               .ask_context = c,
                               .connect_timeout_ms = h->connect_timeout_ms,
                               .call_timeout_ms = h->call_timeout_ms,
                               .keepalive_interval_s = h->keepalive_interval_s,
                               .keepalive_count = h->keepalive_count};
    struct err why = {0};
    c->ask = h->ask;
    c->ask_arg = h->ask_arg;
    c->client = client_open(uri, &o, &why);
    if (c->client) {
        client_on_event(c->client, on_event, c);
        return c;
    }
    lib_told(&why, e, -1);
    free(c);
    return NULL;
}

void xvirt_close(struct xvirt_conn *c)
{
    if (!c)
        return;
    client_close(c->client);
    free(c);
}

bool xvirt_is_alive(const struct xvirt_conn *c)
{
    return client_is_alive(c->client);
}

char *xvirt_hostname(struct xvirt_conn *c, struct xvirt_error *e)
{
    struct wire_connect_get_hostname_ret r;
    struct err why = {0};
    return call_connect_get_hostname(c->client, &r, &why) ? lib_told(&why, e, 0), NULL : r.hostname;
}

int xvirt_watch(struct xvirt_conn *c, xvirt_event_fn *fn, void *arg, struct xvirt_error *e)
{
    struct wire_connect_domain_event_callback_register_any_args args = {
        .eventID = VIR_DOMAIN_EVENT_ID_LIFECYCLE};
    struct wire_connect_domain_event_callback_register_any_ret r;
    struct err why = {0};
    bool is_first = !c->on_event;
    c->on_event = fn;
    c->event_arg = arg;
    if (!is_first || !call_connect_domain_event_callback_register_any(c->client, &args, &r, &why))
        return 0;
    c->on_event = NULL;
    return lib_told(&why, e, -1);
}

int xvirt_wait(struct xvirt_conn *c, int timeout_ms, struct xvirt_error *e)
{
    struct err why = {0};
    int rc = client_poll(c->client, NULL, 0, timeout_ms, &why);
    return rc < 0 ? lib_told(&why, e, -1) : rc;
}
