/* Descriptors, timers and signals. Each is a libuv handle as its first member, freed when libuv has
 * let go of it. */
#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "loop_priv.h"

struct loop_fd {
    uv_poll_t uv; /* first: loop_free frees handles by their address */
    struct loop *loop;
    int own_fd; /* a copy where another handle watches the same descriptor; -1: none */
    int wanted; /* what the owner waits for; libuv is told before the loop waits again */
    int told;   /* what libuv has been told; system calls are made where the two differ then */
    struct loop_fd *next_changed, **prev_changed; /* in the loop's list of those; prev NULL: not */
    loop_fd_fn *fn;
    void *arg;
};

struct loop_timer {
    uv_timer_t uv;
    loop_fn *fn;
    void *arg;
};

struct loop_signal {
    uv_signal_t uv;
    loop_fn *fn;
    void *arg;
};

static void free_handle(uv_handle_t *h)
{
    free(h);
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct loop_fd *f = (struct loop_fd *)h;
    int told = LOOP_READ | LOOP_HANGUP;
    if (status)
        f->told = 0; /* libuv has stopped it */
    else
        told = (events & UV_READABLE ? LOOP_READ : 0) | (events & UV_WRITABLE ? LOOP_WRITE : 0) |
               (events & UV_DISCONNECT ? LOOP_HANGUP : 0);
    /* what is not wanted any more since the loop woke up */
    told &= f->wanted & LOOP_READ ? f->wanted | LOOP_HANGUP : f->wanted;
    if (told)
        f->fn(f->arg, told);
}

/* libuv takes a descriptor once a loop; a second watcher gets a copy of it. */
static int poll_init(struct loop *l, struct loop_fd *f, int fd)
{
    f->own_fd = -1;
    int r = uv_poll_init(&l->uv, &f->uv, fd);
    if (r != UV_EEXIST)
        return r;
    f->own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return f->own_fd < 0 ? UV_EMFILE : uv_poll_init(&l->uv, &f->uv, f->own_fd);
}

static void unlist_changed(struct loop_fd *f)
{
    if (!f->prev_changed)
        return;
    *f->prev_changed = f->next_changed;
    if (f->next_changed)
        f->next_changed->prev_changed = f->prev_changed;
    f->prev_changed = NULL;
}

static void tell_libuv(struct loop_fd *f)
{
    int events = f->wanted;
    if (f->told == events)
        return;
    f->told = events;
    int uv = (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
    if (events & LOOP_READ) /* only who reads can do something about it */
        uv |= UV_DISCONNECT;
    if (uv)
        uv_poll_start(&f->uv, uv, on_poll);
    else
        uv_poll_stop(&f->uv);
}

struct loop_fd *loop_fd_open(struct loop *l, int fd, int events, loop_fd_fn *fn, void *arg,
                             struct err *e)
{
    assert(loop_is_here(l));
    struct loop_fd *f = NEW(struct loop_fd);
    f->loop = l;
    f->fn = fn;
    f->arg = arg;
    int r = poll_init(l, f, fd);
    if (r) {
        close_fd(&f->own_fd);
        free(f);
        fail(e, ERR_SYSTEM_ERROR, "cannot watch descriptor %d: %s", fd, uv_strerror(r));
        return NULL;
    }
    f->wanted = events;
    tell_libuv(f); /* now: a second watcher of the descriptor must find it taken */
    return f;
}

void handle_tell_changed(struct loop *l)
{
    while (l->changed) {
        struct loop_fd *f = l->changed;
        unlist_changed(f);
        tell_libuv(f);
    }
}

void loop_fd_set(struct loop_fd *f, int events)
{
    struct loop *l = f->loop;
    f->wanted = events;
    if (f->prev_changed || f->told == events)
        return;
    f->next_changed = l->changed;
    if (l->changed)
        l->changed->prev_changed = &f->next_changed;
    f->prev_changed = &l->changed;
    l->changed = f;
}

void loop_fd_close(struct loop_fd *f)
{
    if (!f)
        return;
    unlist_changed(f);
    uv_close((uv_handle_t *)&f->uv, free_handle);
    close_fd(&f->own_fd);
}

static void on_timer(uv_timer_t *h)
{
    struct loop_timer *t = (struct loop_timer *)h;
    t->fn(t->arg);
}

struct loop_timer *loop_timer_open(struct loop *l, loop_fn *fn, void *arg)
{
    assert(loop_is_here(l));
    struct loop_timer *t = NEW(struct loop_timer);
    t->fn = fn;
    t->arg = arg;
    uv_timer_init(&l->uv, &t->uv);
    return t;
}

void loop_timer_start(struct loop_timer *t, uint64_t first_ms, uint64_t repeat_ms)
{
    uv_timer_start(&t->uv, on_timer, first_ms, repeat_ms);
}

void loop_timer_stop(struct loop_timer *t)
{
    uv_timer_stop(&t->uv);
}

void loop_timer_close(struct loop_timer *t)
{
    if (t)
        uv_close((uv_handle_t *)&t->uv, free_handle);
}

static void on_signal(uv_signal_t *h, int signum)
{
    struct loop_signal *s = (struct loop_signal *)h;
    s->fn(s->arg);
}

struct loop_signal *loop_signal_open(struct loop *l, int signum, loop_fn *fn, void *arg,
                                     struct err *e)
{
    struct loop_signal *s = NEW(struct loop_signal);
    s->fn = fn;
    s->arg = arg;
    uv_signal_init(&l->uv, &s->uv);
    int r = uv_signal_start(&s->uv, on_signal, signum);
    if (!r)
        return s;
    loop_signal_close(s);
    fail(e, ERR_SYSTEM_ERROR, "cannot catch signal %d: %s", signum, uv_strerror(r));
    return NULL;
}

void loop_signal_close(struct loop_signal *s)
{
    if (s)
        uv_close((uv_handle_t *)&s->uv, free_handle);
}
