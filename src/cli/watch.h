/* Waiting for events for a long time: until one comes, for ever, or until a time-out or ^C. With
 * --loop a connection that breaks is opened again, and that is said. */
#pragma once
#include "client/client.h"
#include "cmd.h"

enum { WATCH_MAX = 64 };

struct watch {
    struct ctl *c;
    bool loop;
    uint64_t timeout_s; /* 0: none */
    unsigned count;     /* events that came; the callback counts */
    client_event_fn *on_event;
    void *context;
    /* Tells the server what is wanted; again after each reconnection. */
    int (*subscribe)(void *context, struct client *conn, struct err *e);
    int forget; /* procedure: no longer, by the number that subscribing answered */
    int callbacks[WATCH_MAX];
    size_t n_callbacks;
};
void watch_add(struct watch *w, int callback); /* for subscribe */

/* Waits; prints the last line ("events received: 3"). Fails when nothing came in time. */
int watch_run(struct watch *w, struct err *e);
/* --timeout in seconds, checked. */
struct args;
int watch_timeout(const struct args *a, uint64_t *ret, struct err *e);
/* "2026-01-31 12:00:00.123+0000"; caller frees. */
char *watch_stamp(void);
