#include "net/greet.h"

#include "base/mem.h"
#include "loop/loop.h"

struct greeting {
    struct greeter *greeter;
    struct greeting *next, **prev;
    struct transport *transport;
    struct loop_fd *watch;
    struct loop_timer *timer;
    struct server_socket from;
    struct peer who;
    const struct net_remote *remote;
};

struct greeter {
    struct loop *loop;
    greet_done_fn *done;
    void *arg;
    const struct net_remote *remote;
    struct tls_server *tls;
    struct greeting *all;
};

struct greeter *greeter_new(struct loop *l, greet_done_fn *done, void *arg)
{
    struct greeter *g = NEW(struct greeter);
    *g = (struct greeter){.loop = l, .done = done, .arg = arg};
    return g;
}

/* The transport is the caller's. */
static void greeting_free(struct greeting *x)
{
    loop_fd_close(x->watch);
    loop_timer_close(x->timer);
    *x->prev = x->next;
    if (x->next)
        x->next->prev = x->prev;
    free(x);
}

void greeter_free(struct greeter *g)
{
    if (!g)
        return;
    for (struct greeting *x = g->all, *next; x; x = next) {
        next = x->next;
        struct transport *t = x->transport;
        greeting_free(x);
        t->ops->close(t);
    }
    if (g->tls)
        g->remote->tls_close(g->tls);
    free(g);
}

void greeter_set_tls(struct greeter *g, const struct net_remote *remote, struct tls_server *tls)
{
    if (g->tls)
        g->remote->tls_close(g->tls);
    g->remote = remote;
    g->tls = tls;
}

/* why NULL: it may come in. */
static void finish(struct greeting *x, const char *why)
{
    struct greeter *g = x->greeter;
    struct transport *t = x->transport;
    struct server_socket from = x->from;
    struct peer who = x->who;
    greeting_free(x);
    if (why)
        t->ops->close(t);
    g->done(g->arg, why ? NULL : t, &from, &who, why);
}

static void too_slow(void *arg)
{
    finish(arg, "TLS: the handshake takes too long");
}

static void ready(void *arg, int events)
{
    struct greeting *x = arg;
    struct err e;
    switch (x->remote->tls_handshake(x->transport, &e)) {
    case TLS_DONE:
        finish(x, NULL);
        return;
    case TLS_FAILED:
        finish(x, e.msg);
        return;
    case TLS_WANTS_READ:
        loop_fd_set(x->watch, LOOP_READ);
        return;
    case TLS_WANTS_WRITE:
        loop_fd_set(x->watch, LOOP_WRITE);
        return;
    }
}

void greeter_accept(struct greeter *g, int fd, const struct server_socket *from)
{
    struct err e;
    struct greeting *x = NEW(struct greeting);
    *x = (struct greeting){.greeter = g, .from = *from, .remote = g->remote};
    peer_read(fd, &x->who);
    x->transport = g->remote->tls_transport(g->tls, fd, &e);
    x->watch = x->transport ? loop_fd_open(g->loop, fd, LOOP_READ, ready, x, &e) : NULL;
    if (!x->watch) {
        if (x->transport)
            x->transport->ops->close(x->transport);
        g->done(g->arg, NULL, from, &x->who, e.msg);
        free(x);
        return;
    }
    x->timer = loop_timer_open(g->loop, too_slow, x);
    loop_timer_start(x->timer, GREET_MS, 0);
    x->next = g->all;
    x->prev = &g->all;
    if (x->next)
        x->next->prev = &x->next;
    g->all = x;
}
