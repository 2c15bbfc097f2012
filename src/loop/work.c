/* Workers: a thread a piece of work, up to a limit, the rest in a queue. */
#include <assert.h>
#include <malloc.h>
#include <stdio.h>

#include "base/mem.h"
#include "loop_priv.h"

enum { WORKER_STACK = 1 << 20 };

struct worker {
    struct loop *loop;
    uv_thread_t thread;
    loop_fn *work, *after;
    void *arg;
    struct worker *next;
};

static void start_waiting(struct loop *l);

static void on_done(void *arg)
{
    struct worker *w = arg;
    struct loop *l = w->loop;
    uv_thread_join(&w->thread);
    l->n_running--;
    start_waiting(l);
    w->after(w->arg);
    free(w);
    if (!l->n_running) /* a burst is over: what it took goes back to the system */
        malloc_trim(0);
}

static void work_thread(void *arg)
{
    struct worker *w = arg;
    w->work(w->arg);
    loop_post(w->loop, on_done, w);
}

/* No thread to be had: with workers running the work waits for one of them to end. */
static bool start(struct loop *l, struct worker *w)
{
    uv_thread_options_t o = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = WORKER_STACK};
    int r = uv_thread_create_ex(&w->thread, &o, work_thread, w);
    if (r && !l->n_running) {
        fprintf(stderr, "cannot start a thread: %s\n", uv_strerror(r));
        abort();
    }
    if (!r)
        l->n_running++;
    return !r;
}

static void start_waiting(struct loop *l)
{
    while (l->waiting && l->n_running < LOOP_WORKERS_MAX && start(l, l->waiting)) {
        l->waiting = l->waiting->next;
        if (!l->waiting)
            l->waiting_end = &l->waiting;
        l->n_waiting--;
    }
}

void loop_work(struct loop *l, loop_fn *work, loop_fn *after, void *arg)
{
    assert(loop_is_here(l));
    struct worker *w = NEW(struct worker);
    *w = (struct worker){.loop = l, .work = work, .after = after, .arg = arg};
    *l->waiting_end = w;
    l->waiting_end = &w->next;
    l->n_waiting++;
    start_waiting(l);
}

size_t loop_workers(const struct loop *l)
{
    return l->n_running + l->n_waiting;
}
