#include "loop.h"

#include <assert.h>

#include "base/mem.h"
#include "base/vec.h"
#include "loop_priv.h"

void loop_tasks_add(struct tasks *t, loop_fn *fn, void *arg)
{
    VEC_PUSH(t->items, t->n_items, ((struct task){fn, arg}));
}

static void tasks_run(struct tasks *t)
{
    struct tasks now = *t;
    *t = (struct tasks){0};
    for (size_t i = 0; i < now.n_items; i++)
        now.items[i].fn(now.items[i].arg);
    free(now.items);
}

static void idle(uv_idle_t *h)
{
}

/* One batch only: a task that defers itself must not keep the descriptors from being looked at. */
static void run_deferred(struct loop *l)
{
    tasks_run(&l->deferred);
    if (l->deferred.n_items)
        uv_idle_start(&l->busy, idle);
    else
        uv_idle_stop(&l->busy);
}

static void on_prepare(uv_prepare_t *h)
{
    run_deferred(h->data);
    handle_tell_changed(h->data);
}

static void on_check(uv_check_t *h)
{
    run_deferred(h->data);
}

static void on_wake(uv_async_t *h)
{
    struct loop *l = h->data;
    uv_mutex_lock(&l->lock);
    struct tasks now = l->posted;
    l->posted = (struct tasks){0};
    uv_mutex_unlock(&l->lock);
    tasks_run(&now);
}

struct loop *loop_new(struct err *e)
{
    struct loop *l = NEW(struct loop);
    int r = uv_loop_init(&l->uv);
    if (r) {
        free(l);
        fail(e, ERR_SYSTEM_ERROR, "cannot make an event loop: %s", uv_strerror(r));
        return NULL;
    }
    uv_mutex_init(&l->lock);
    uv_async_init(&l->uv, &l->wake, on_wake);
    uv_prepare_init(&l->uv, &l->before);
    uv_check_init(&l->uv, &l->after);
    uv_idle_init(&l->uv, &l->busy);
    l->wake.data = l->before.data = l->after.data = l->busy.data = l;
    uv_prepare_start(&l->before, on_prepare);
    uv_check_start(&l->after, on_check);
    l->thread = uv_thread_self();
    work_open(l);
    return l;
}

static bool is_own(const struct loop *l, const uv_handle_t *h)
{
    return h == (const uv_handle_t *)&l->wake || h == (const uv_handle_t *)&l->before ||
           h == (const uv_handle_t *)&l->after || h == (const uv_handle_t *)&l->busy;
}

static void free_handle(uv_handle_t *h)
{
    free(h);
}

static void close_handle(uv_handle_t *h, void *arg)
{
    if (!uv_is_closing(h))
        uv_close(h, is_own(arg, h) ? NULL : free_handle);
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (loop_workers(l))
        uv_run(&l->uv, UV_RUN_ONCE);
    work_close(l);
    on_wake(&l->wake);
    while (l->deferred.n_items)
        tasks_run(&l->deferred);
    uv_walk(&l->uv, close_handle, l);
    uv_run(&l->uv, UV_RUN_DEFAULT);
    int r = uv_loop_close(&l->uv);
    assert(!r);
    (void)r;
    uv_mutex_destroy(&l->lock);
    free(l->posted.items);
    free(l);
}

int loop_run(struct loop *l)
{
    l->thread = uv_thread_self();
    return uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

uint64_t loop_now_ms(struct loop *l)
{
    return uv_now(&l->uv);
}

bool loop_is_here(const struct loop *l)
{
    uv_thread_t self = uv_thread_self();
    return uv_thread_equal(&self, &l->thread);
}

void loop_defer(struct loop *l, loop_fn *fn, void *arg)
{
    assert(loop_is_here(l));
    loop_tasks_add(&l->deferred, fn, arg);
}

void loop_post(struct loop *l, loop_fn *fn, void *arg)
{
    uv_mutex_lock(&l->lock);
    loop_tasks_add(&l->posted, fn, arg);
    uv_mutex_unlock(&l->lock);
    uv_async_send(&l->wake);
}

struct until {
    struct loop *loop;
    bool is_late;
};

/* uv_run lets timers run before it waits, too, and would not look at what they say. */
static void end_wait(void *arg)
{
    struct until *u = arg;
    u->is_late = true;
    uv_stop(&u->loop->uv);
}

bool loop_run_until(struct loop *l, const bool *done, uint64_t timeout_ms)
{
    l->thread = uv_thread_self();
    struct until u = {.loop = l};
    struct loop_timer *t = loop_timer_open(l, end_wait, &u);
    uv_update_time(&l->uv);
    loop_timer_start(t, timeout_ms, 0);
    while (!*done && !u.is_late)
        uv_run(&l->uv, UV_RUN_ONCE);
    loop_timer_close(t);
    return *done;
}
