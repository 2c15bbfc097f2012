/* The event loop and its workers, on libuv: the only code with threads or locks. Everything here
 * but loop_post is called on the loop's thread, and every callback runs there, except work
 * functions (named work_*), which run on a thread of their own and may touch nothing but their
 * argument. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
typedef void loop_fn(void *arg);

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l); /* closes what is left; waits for running workers; accepts NULL */
int loop_run(struct loop *l);   /* until loop_stop */
void loop_stop(struct loop *l);
uint64_t loop_now_ms(struct loop *l); /* monotonic; the time at which this turn of the loop began */
bool loop_is_here(const struct loop *l); /* is this the loop's thread? for assertions */

/* Readiness of a descriptor; the descriptor stays the caller's and becomes non-blocking. Several
 * may be open on one descriptor. events: LOOP_READ | LOOP_WRITE, 0 pauses. An error of the
 * descriptor is told as LOOP_READ | LOOP_HANGUP. */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };
struct loop_fd;
typedef void loop_fd_fn(void *arg, int events);
struct loop_fd *loop_fd_open(struct loop *l, int fd, int events, loop_fd_fn *fn, void *arg,
                             struct err *e);
void loop_fd_set(struct loop_fd *f, int events);
void loop_fd_close(struct loop_fd *f); /* accepts NULL; may be called in its own callback; fd may be
                                          closed at once after */

struct loop_timer;
struct loop_timer *loop_timer_open(struct loop *l, loop_fn *fn, void *arg);
void loop_timer_start(struct loop_timer *t, uint64_t first_ms,
                      uint64_t repeat_ms); /* repeat 0: once */
void loop_timer_stop(struct loop_timer *t);
void loop_timer_close(struct loop_timer *t); /* accepts NULL */

/* A signal as an event. */
struct loop_signal;
struct loop_signal *loop_signal_open(struct loop *l, int signum, loop_fn *fn, void *arg,
                                     struct err *e);
void loop_signal_close(struct loop_signal *s); /* accepts NULL */

/* Runs fn after what is happening now, before the loop waits again; in order. Not cancelable. */
void loop_defer(struct loop *l, loop_fn *fn, void *arg);
/* The same from any thread. */
void loop_post(struct loop *l, loop_fn *fn, void *arg);

/* Runs work(arg) on a thread, then after(arg) on the loop. Up to LOOP_WORKERS_MAX at once, the
 * others wait in order. A worker that hangs holds only its own thread. What takes long waits while
 * as many of its kind run as may; others pass by it. */
enum { LOOP_WORKERS_MAX = 64 };
void loop_work(struct loop *l, loop_fn *work, loop_fn *after, void *arg);
void loop_work_long(struct loop *l, loop_fn *work, loop_fn *after, void *arg);
size_t loop_workers(const struct loop *l); /* how many run or wait */

/* How many threads there may be: max (1 to LOOP_WORKERS_MAX) for any work, and quick more that take
 * nothing long. Those that run go on. Without it: LOOP_WORKERS_MAX, for any work. */
struct loop_limits {
    size_t max, quick;
};
void loop_set_limits(struct loop *l, const struct loop_limits *limits);
struct loop_limits loop_limits(const struct loop *l);

/* For tests: runs the loop until *done is true or timeout_ms passed; returns *done. */
bool loop_run_until(struct loop *l, const bool *done, uint64_t timeout_ms);
