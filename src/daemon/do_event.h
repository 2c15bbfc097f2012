/* Events to the clients that asked for them. */
#pragma once
#include "core/event.h"
#include "daemon/session.h"

struct call;
struct pool;

void events_deliver(void *arg, const struct event *ev); /* event_fn; arg: struct daemon */
/* Of a pool of ours; told later in this turn of the loop. */
void pool_event(struct daemon *d, const struct pool *p, int id, int type);

/* By handlers: their return values. */
int registration_add(struct call *c, struct registration r); /* under next_callback_id */
/* number: of the callback for the styles that have one, else of the event */
int registration_drop(struct call *c, enum event_style style, int number);
