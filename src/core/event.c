#include "event.h"

#include "priv.h"

struct queued_event {
    struct event event;
    uint64_t change; /* told when this one is on disk */
};

void events_open(struct events *ev, struct loop *l, const struct ledger *ledger,
                 void (*idle)(void *arg), void *arg)
{
    *ev = (struct events){.loop = l, .ledger = ledger, .idle = idle, .arg = arg};
}

static void event_clear(struct event *e)
{
    free(e->name);
    free(e->text);
    free(e->path);
    free(e->job);
    for (size_t i = 0; i < e->n_params; i++) {
        free(e->params[i].name);
        free(e->params[i].text);
    }
    free(e->params);
}

void events_close(struct events *ev)
{
    for (size_t i = 0; i < ev->n_queue; i++)
        event_clear(&ev->queue[i].event);
    free(ev->queue);
    for (size_t i = 0; i < ev->n_listeners; i++)
        free(ev->listeners[i]);
    free(ev->listeners);
    *ev = (struct events){.idle = ev->idle,
                          .arg = ev->arg,
                          .is_posted = ev->is_posted,
                          .is_telling = ev->is_telling,
                          .is_closed = true};
}

static void bury(struct events *ev)
{
    for (size_t i = ev->n_listeners; i--;)
        if (ev->listeners[i]->is_dead) {
            free(ev->listeners[i]);
            VEC_REMOVE(ev->listeners, ev->n_listeners, i);
        }
}

/* Listeners that come while an event is told hear the next one. */
static void tell(struct events *ev, const struct event *e)
{
    size_t n = ev->n_listeners;
    for (size_t i = 0; i < n && i < ev->n_listeners; i++)
        if (!ev->listeners[i]->is_dead)
            ev->listeners[i]->fn(ev->listeners[i]->arg, e);
}

static size_t count_ready(const struct events *ev)
{
    size_t n = 0;
    while (n < ev->n_queue && ev->queue[n].change <= ev->ledger->written)
        n++;
    return n;
}

/* The first n, for the caller to free; what they leave moves up. */
static struct queued_event *take_first(struct events *ev, size_t n)
{
    struct queued_event *all = take(ev->queue), *rest = NULL;
    size_t n_all = ev->n_queue;
    ev->n_queue = 0;
    for (size_t i = n; i < n_all; i++)
        VEC_PUSH(rest, ev->n_queue, all[i]);
    ev->queue = rest;
    return all;
}

static void tell_queue(void *arg)
{
    struct events *ev = arg;
    size_t n = ev->is_closed ? 0 : count_ready(ev);
    struct queued_event *queue = take_first(ev, n);
    ev->is_posted = false;
    ev->is_telling = true;
    for (size_t i = 0; i < n; i++) {
        tell(ev, &queue[i].event);
        event_clear(&queue[i].event);
    }
    ev->is_telling = false;
    free(queue);
    bury(ev);
    ev->idle(ev->arg);
}

void events_poke(struct events *ev)
{
    if (ev->is_closed || ev->is_posted || !count_ready(ev))
        return;
    ev->is_posted = true;
    loop_defer(ev->loop, tell_queue, ev);
}

static bool is_of_definition(const struct event *e)
{
    return e->id == EVENT_METADATA_CHANGE ||
           (e->id == EVENT_LIFECYCLE && (e->type == 0 || e->type == 1));
}

void events_drop(struct events *ev, const uint8_t uuid[16], uint64_t change)
{
    for (size_t i = ev->n_queue; i--;) {
        struct queued_event *q = &ev->queue[i];
        if (q->change != change || !uuid_eq(q->event.uuid, uuid) || !is_of_definition(&q->event))
            continue;
        event_clear(&q->event);
        VEC_REMOVE(ev->queue, ev->n_queue, i);
    }
}

void events_add(struct events *ev, struct event e)
{
    if (ev->is_closed) {
        event_clear(&e);
        return;
    }
    VEC_PUSH(ev->queue, ev->n_queue, ((struct queued_event){e, ev->ledger->queued}));
    events_poke(ev);
}

struct event_listener *event_listen(struct events *ev, event_fn *fn, void *arg)
{
    struct event_listener *l = NEW(struct event_listener);
    *l = (struct event_listener){ev, fn, arg, false};
    VEC_PUSH(ev->listeners, ev->n_listeners, l);
    return l;
}

void event_unlisten(struct event_listener *l)
{
    if (!l)
        return;
    l->is_dead = true;
    if (!l->owner->is_telling)
        bury(l->owner);
}
