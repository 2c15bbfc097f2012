#include "event.h"

#include "priv.h"

void events_open(struct events *ev, struct loop *l, void (*idle)(void *arg), void *arg)
{
    *ev = (struct events){.loop = l, .idle = idle, .arg = arg};
}

static void event_clear(struct event *e)
{
    free(e->name);
    free(e->text);
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
        event_clear(&ev->queue[i]);
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

static void tell_queue(void *arg)
{
    struct events *ev = arg;
    struct event *queue = ev->queue;
    size_t n = ev->n_queue;
    ev->queue = NULL;
    ev->n_queue = 0;
    ev->is_posted = false;
    ev->is_telling = true;
    for (size_t i = 0; i < n; i++) {
        tell(ev, &queue[i]);
        event_clear(&queue[i]);
    }
    ev->is_telling = false;
    free(queue);
    bury(ev);
    ev->idle(ev->arg);
}

void events_add(struct events *ev, struct event e)
{
    if (ev->is_closed) {
        event_clear(&e);
        return;
    }
    VEC_PUSH(ev->queue, ev->n_queue, e);
    if (!ev->is_posted)
        loop_defer(ev->loop, tell_queue, ev);
    ev->is_posted = true;
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
