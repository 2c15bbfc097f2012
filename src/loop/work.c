/* Workers: threads that run one piece of work after another, up to a limit; they stay for a moment
 * after the last one, and a host at rest has none. */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>

#include "base/mem.h"
#include "loop_priv.h"

enum { WORKER_STACK = 1 << 20 };
static const uint64_t LINGER_NS = 200 * 1000 * 1000;

struct worker {
    struct loop *loop;
    uv_thread_t thread;
};

struct work {
    struct loop *loop;
    loop_fn *work, *after;
    void *arg;
    struct work *next;
    bool is_long;
};

void work_open(struct loop *l)
{
    uv_cond_init(&l->work_comes);
    l->waiting_end = &l->waiting;
}

/* --- under the lock --- */

static size_t long_places(const struct loop *l)
{
    size_t max = loop_limits(l).max;
    return max > l->n_long ? max - l->n_long : 0;
}

/* How many of those that wait could run at once, had they a thread. */
static size_t n_ready(const struct loop *l)
{
    size_t places = long_places(l);
    return l->n_waiting - l->n_long_waiting +
           (l->n_long_waiting < places ? l->n_long_waiting : places);
}

/* Takes the first that may run off the list; NULL: none. */
static struct work *take_ready(struct loop *l)
{
    struct work **at = &l->waiting, *w;
    bool has_place = long_places(l) > 0;
    while ((w = *at) && w->is_long && !has_place)
        at = &w->next;
    if (!w)
        return NULL;
    *at = w->next;
    if (!*at)
        l->waiting_end = at;
    l->n_waiting--;
    l->n_long_waiting -= w->is_long;
    l->n_long += w->is_long;
    return w;
}

/* --- threads --- */

/* The next piece of work; NULL: there has been none for a while, and the thread is to end. */
static struct work *next_work(struct loop *l)
{
    int r = 0;
    uv_mutex_lock(&l->lock);
    l->n_idle++;
    while (!n_ready(l) && !l->is_closing && !r)
        r = uv_cond_timedwait(&l->work_comes, &l->lock, LINGER_NS);
    struct work *w = take_ready(l);
    l->n_idle--;
    uv_mutex_unlock(&l->lock);
    return w;
}

static void on_done(void *arg)
{
    struct work *w = arg;
    w->loop->n_work--;
    w->after(w->arg);
    free(w);
}

static void on_end(void *arg);

static void worker_thread(void *arg)
{
    struct worker *t = arg;
    struct work *w;
    while ((w = next_work(t->loop))) {
        w->work(w->arg);
        uv_mutex_lock(&t->loop->lock);
        t->loop->n_long -= w->is_long;
        uv_mutex_unlock(&t->loop->lock);
        loop_post(w->loop, on_done, w);
    }
    loop_post(t->loop, on_end, t);
}

static size_t max_threads(const struct loop *l)
{
    struct loop_limits limits = loop_limits(l);
    return limits.max + limits.quick;
}

/* No thread to be had: with workers there the work waits for one of them. */
static void add_thread(struct loop *l)
{
    uv_thread_options_t o = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = WORKER_STACK};
    struct worker *t = NEW(struct worker);
    t->loop = l;
    int r = uv_thread_create_ex(&t->thread, &o, worker_thread, t);
    if (r && !l->n_threads) {
        fprintf(stderr, "cannot start a thread: %s\n", uv_strerror(r));
        abort();
    }
    if (r)
        free(t);
    else
        l->n_threads++;
}

static void on_end(void *arg)
{
    struct worker *t = arg;
    struct loop *l = t->loop;
    uv_thread_join(&t->thread);
    free(t);
    l->n_threads--;
    uv_mutex_lock(&l->lock);
    bool is_short = n_ready(l) > l->n_idle;
    uv_mutex_unlock(&l->lock);
    if (is_short && l->n_threads < max_threads(l))
        add_thread(l);
    if (!l->n_threads) /* a burst is over: what it took goes back to the system */
        malloc_trim(0);
}

static void add_work(struct loop *l, struct work what)
{
    assert(loop_is_here(l));
    struct work *w = NEW(struct work);
    *w = what;
    w->loop = l;
    uv_mutex_lock(&l->lock);
    *l->waiting_end = w;
    l->waiting_end = &w->next;
    l->n_waiting++;
    l->n_long_waiting += w->is_long;
    bool has_idle = l->n_idle >= n_ready(l);
    uv_cond_signal(&l->work_comes);
    uv_mutex_unlock(&l->lock);
    l->n_work++;
    if (!has_idle && l->n_threads < max_threads(l))
        add_thread(l);
}

void loop_work(struct loop *l, loop_fn *work, loop_fn *after, void *arg)
{
    add_work(l, (struct work){.work = work, .after = after, .arg = arg});
}

void loop_work_long(struct loop *l, loop_fn *work, loop_fn *after, void *arg)
{
    add_work(l, (struct work){.work = work, .after = after, .arg = arg, .is_long = true});
}

struct loop_limits loop_limits(const struct loop *l)
{
    return l->limits.max ? l->limits : (struct loop_limits){.max = LOOP_WORKERS_MAX};
}

void loop_set_limits(struct loop *l, const struct loop_limits *limits)
{
    uv_mutex_lock(&l->lock);
    l->limits = *limits;
    uv_mutex_unlock(&l->lock);
    for (size_t i = l->n_threads; i < max_threads(l) && i < l->n_work; i++)
        add_thread(l);
}

size_t loop_workers(const struct loop *l)
{
    return l->n_work;
}

void work_close(struct loop *l)
{
    uv_mutex_lock(&l->lock);
    l->is_closing = true;
    uv_cond_broadcast(&l->work_comes);
    uv_mutex_unlock(&l->lock);
    while (l->n_threads)
        uv_run(&l->uv, UV_RUN_ONCE);
    uv_cond_destroy(&l->work_comes);
}
