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
};

void work_open(struct loop *l)
{
    uv_cond_init(&l->work_comes);
    l->waiting_end = &l->waiting;
}

/* The next piece of work; NULL: there has been none for a while, and the thread is to end. */
static struct work *next_work(struct loop *l)
{
    int r = 0;
    uv_mutex_lock(&l->lock);
    l->n_idle++;
    while (!l->waiting && !l->is_closing && !r)
        r = uv_cond_timedwait(&l->work_comes, &l->lock, LINGER_NS);
    struct work *w = l->waiting;
    if (w) {
        l->waiting = w->next;
        l->n_waiting--;
        if (!l->waiting)
            l->waiting_end = &l->waiting;
    }
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
        loop_post(w->loop, on_done, w);
    }
    loop_post(t->loop, on_end, t);
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
    bool is_short = l->n_waiting > l->n_idle;
    uv_mutex_unlock(&l->lock);
    if (is_short && l->n_threads < loop_max_workers(l))
        add_thread(l);
    if (!l->n_threads) /* a burst is over: what it took goes back to the system */
        malloc_trim(0);
}

void loop_work(struct loop *l, loop_fn *work, loop_fn *after, void *arg)
{
    assert(loop_is_here(l));
    struct work *w = NEW(struct work);
    *w = (struct work){.loop = l, .work = work, .after = after, .arg = arg};
    uv_mutex_lock(&l->lock);
    *l->waiting_end = w;
    l->waiting_end = &w->next;
    l->n_waiting++;
    bool has_idle = l->n_idle >= l->n_waiting;
    uv_cond_signal(&l->work_comes);
    uv_mutex_unlock(&l->lock);
    l->n_work++;
    if (!has_idle && l->n_threads < loop_max_workers(l))
        add_thread(l);
}

size_t loop_max_workers(const struct loop *l)
{
    return l->max_threads ? l->max_threads : LOOP_WORKERS_MAX;
}

void loop_set_max_workers(struct loop *l, size_t n)
{
    l->max_threads = n;
    for (size_t i = l->n_threads; i < n && i < l->n_work; i++)
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
