#include "daemon/gate.h"

#include "base/mem.h"
#include "base/str.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "daemon/object.h"
#include "daemon/relay.h"

enum { HELD_BYTES_MAX = 16 << 20 }; /* a client with more waiting is cut off */

struct held {
    struct held *next;
    struct object about; /* its names are owned */
    int callback_id;
    const struct wire_proc *proc;
    char *payload;
    size_t len;
};

struct gate {
    struct session *session; /* NULL: it has gone */
    struct held *first, **end;
    size_t bytes;
    bool is_asking;
};

static void held_free(struct held *h)
{
    free((char *)(uintptr_t)h->about.name);
    free((char *)(uintptr_t)h->about.key);
    free((char *)(uintptr_t)h->about.parent);
    free(h->payload);
    free(h);
}

static struct held *pop(struct gate *g)
{
    struct held *h = g->first;
    g->first = h->next;
    if (!g->first)
        g->end = &g->first;
    g->bytes -= h->len;
    return h;
}

static void gate_free(struct gate *g)
{
    while (g->first)
        held_free(pop(g));
    free(g);
}

void gate_close(struct session *s)
{
    struct gate *g = take(s->gate);
    if (!g)
        return;
    g->session = NULL;
    if (!g->is_asking)
        gate_free(g); /* else when the answer comes */
}

static bool is_listening(const struct session *s, int callback_id)
{
    for (size_t i = 0; i < s->n_registrations; i++)
        if (s->registrations[i].callback_id == callback_id)
            return true;
    return relay_listens(s, callback_id);
}

static void answered(void *arg, struct asks *a);

static void ask(struct gate *g)
{
    struct asks a = {0};
    for (struct held *h = g->first; h; h = h->next)
        (void)access_says(g->session, &a, "getattr", &h->about);
    g->is_asking = true;
    asks_go(g->session->daemon, &g->session->identity, &a, answered, g);
}

static void answered(void *arg, struct asks *a)
{
    struct gate *g = arg;
    g->is_asking = false;
    while (g->first && g->session) {
        int r = access_says(g->session, a, "getattr", &g->first->about);
        if (r == ASKS_OPEN)
            break;
        struct held *h = pop(g);
        if (r == ASKS_YES && is_listening(g->session, h->callback_id))
            session_send_raw(g->session, h->proc, h->payload, h->len);
        held_free(h);
    }
    if (!g->session)
        gate_free(g);
    else if (g->first)
        ask(g);
}

static struct gate *gate_of(struct session *s)
{
    if (!s->gate) {
        s->gate = NEW(struct gate);
        *s->gate = (struct gate){.session = s};
        s->gate->end = &s->gate->first;
    }
    return s->gate;
}

static void hold(struct gate *g, const struct object *o, int callback_id, const struct wire_proc *p,
                 const void *payload, size_t len)
{
    struct held *h = NEW(struct held);
    *h = (struct held){.about = *o, .callback_id = callback_id, .proc = p, .len = len};
    h->about.name = mem_str(o->name);
    h->about.key = mem_str(o->key);
    h->about.parent = mem_str(o->parent);
    h->payload = mem_strn(payload, len);
    *g->end = h;
    g->end = &h->next;
    g->bytes += len;
}

void gate_event(struct session *s, const struct object *o, int callback_id,
                const struct wire_proc *p, const void *payload, size_t len)
{
    struct asks a = {0};
    int r = access_is_guarded(s) ? access_says(s, &a, "getattr", o) : ASKS_YES;
    asks_clear(&a);
    if (r == ASKS_NO)
        return;
    if (r == ASKS_YES) {
        session_send_raw(s, p, payload, len);
        return;
    }
    struct gate *g = gate_of(s);
    if (g->bytes + len > HELD_BYTES_MAX) {
        session_too_slow(s);
        return;
    }
    hold(g, o, callback_id, p, payload, len);
    if (!g->is_asking)
        ask(g);
}
