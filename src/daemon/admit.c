#include "daemon/admit.h"

#include <string.h>

#include "base/mem.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "daemon/relay.h"
#include "daemon/sieve.h"
#include "daemon/stream.h"

/* As it was before it was carried out. */
static void rewind_call(struct call *c)
{
    if (c->proc->ret)
        wire_clear(c->proc->ret, c->ret);
    str_clear(&c->body);
    stream_cancel(take(c->stream));
    c->wrap = NULL;
    c->then = NULL;
    c->err = (struct err){0};
}

static void keep(struct call *c, const struct conn_frame *f)
{
    if (c->has_kept)
        return;
    str_addn(&c->kept, (const char *)f->payload, f->len);
    c->has_kept = true;
}

static void again(struct call *c)
{
    struct conn_frame f = {
        .head = c->head, .payload = (const uint8_t *)c->kept.p, .len = c->kept.len};
    if (!c->session) {
        call_finish(c, CALL_FAILED);
        return;
    }
    c->changes = host_changes(c->daemon->host);
    int r = admit_call(c, &f);
    c->has_changed = host_changes(c->daemon->host) != c->changes;
    if (r != CALL_LATER)
        call_finish(c, r);
}

static void asked(void *arg, struct asks *a)
{
    struct call *c = arg;
    c->asks = *a;
    *a = (struct asks){0};
    again(c);
}

static void resolved(struct call *c, int r)
{
    if (r == CALL_DONE)
        again(c);
    else
        call_finish(c, r);
}

int admit_call(struct call *c, const struct conn_frame *f)
{
    if (c->proc->relay && access_is_guarded(c->session))
        keep(c, f); /* its end may find out that it has to be done again */
    if (access_is_guarded(c->session) && !c->is_resolved && relay_must_resolve(c)) {
        c->is_resolved = true;
        keep(c, f);
        int r = relay_resolve(c, resolved);
        if (r != CALL_DONE)
            return r;
    }
    int r = access_call(c) ? CALL_FAILED : call_run(c, f);
    if (r == CALL_LATER || !access_waits(c))
        return r;
    keep(c, f);
    rewind_call(c);
    c->n_rounds++;
    asks_go(c->daemon, &c->session->identity, &c->asks, asked, c);
    return CALL_LATER;
}

/* --- answers --- */

static void asked_of_answer(void *arg, struct asks *a)
{
    struct call *c = arg;
    c->asks = *a;
    *a = (struct asks){0};
    call_finish(c, CALL_DONE);
}

int admit_answer(struct call *c)
{
    if (!access_is_guarded(c->session) || !sieve_wants(c))
        return CALL_DONE;
    if (access_waits(c)) { /* a handler has left out what may be seen */
        rewind_call(c);
        c->n_rounds++;
        asks_go(c->daemon, &c->session->identity, &c->asks, asked, c);
        return CALL_LATER;
    }
    if (!c->has_raw && c->proc->filter)
        return CALL_DONE; /* our own lists are made of what may be seen */
    int r = sieve_answer(c);
    if (r == CALL_FAILED && access_waits(c)) {
        c->err = (struct err){0};
        c->n_rounds++;
        asks_go(c->daemon, &c->session->identity, &c->asks, asked_of_answer, c);
        return CALL_LATER;
    }
    return r;
}
