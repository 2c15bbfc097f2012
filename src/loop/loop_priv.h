/* The inside of struct loop, for loop/ alone. */
#pragma once
#include <uv.h>

#include "loop.h"

struct task { /* something to call */
    loop_fn *fn;
    void *arg;
};

struct tasks {
    struct task *items;
    size_t n_items;
};

struct work;
struct loop_fd;

struct loop {
    uv_loop_t uv;
    uv_thread_t thread;
    uv_async_t wake;     /* posts are waiting; keeps the loop alive */
    uv_prepare_t before; /* run deferred tasks before and after the wait for events */
    uv_check_t after;
    uv_idle_t busy;      /* active while deferred tasks are left, so that the loop does not wait */
    uv_mutex_t lock;     /* guards posted, and what workers share */
    struct tasks posted; /* from any thread */
    struct tasks deferred;
    struct loop_fd *changed; /* what they wait for has changed since libuv was told */
    /* workers; under the lock */
    struct work *waiting, **waiting_end; /* in order of arrival */
    size_t n_waiting, n_idle;            /* pieces of work; threads that wait for it */
    size_t n_long_waiting, n_long;       /* those of them that take long; and that run */
    struct loop_limits limits;           /* max 0: none set */
    bool is_closing;                     /* they wait no longer */
    uv_cond_t work_comes;
    /* workers; the loop's own */
    size_t n_threads, n_work; /* threads; pieces of work, running or waiting */
};

void handle_tell_changed(struct loop *l); /* before the loop waits */
void work_open(struct loop *l);
void work_close(struct loop *l); /* no work is left: ends the threads */

void loop_tasks_add(struct tasks *t, loop_fn *fn, void *arg);
