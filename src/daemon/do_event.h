/* Events from the core to the clients that asked for them. */
#pragma once
#include "core/event.h"

void events_deliver(void *arg, const struct event *ev); /* event_fn; arg: struct daemon */
