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

struct worker;

struct loop {
    uv_loop_t uv;
    uv_thread_t thread;
    uv_async_t wake;     /* posts are waiting; keeps the loop alive */
    uv_prepare_t before; /* run deferred tasks before and after the wait for events */
    uv_check_t after;
    uv_idle_t busy;      /* active while deferred tasks are left, so that the loop does not wait */
    uv_mutex_t lock;     /* guards posted */
    struct tasks posted; /* from any thread */
    struct tasks deferred;
    struct worker *waiting, **waiting_end; /* work in order of arrival */
    size_t n_running, n_waiting;
};

void loop_tasks_add(struct tasks *t, loop_fn *fn, void *arg);
