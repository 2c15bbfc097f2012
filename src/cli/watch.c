#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

#include "base/str.h"
#include "wire/consts.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000 };

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
    interrupted = 1;
}

char *watch_stamp(void)
{
    struct timeval now;
    struct tm tm;
    char date[64];
    gettimeofday(&now, NULL);
    time_t seconds = now.tv_sec;
    gmtime_r(&seconds, &tm);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
    return mem_printf("%s.%03ld+0000", date, (long)now.tv_usec / 1000);
}

int watch_timeout(const struct args *a, uint64_t *ret, struct err *e)
{
    if (arg_u64(a, "timeout", ret, e))
        return -1;
    return *ret > INT32_MAX / 1000 ? fail(e, ERR_INVALID_ARG, "a timeout of %s seconds is too long",
                                          arg_str(a, "timeout"))
                                   : 0;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Milliseconds until the end; -1: there is none. */
static int left_ms(const struct watch *w, int64_t end)
{
    int64_t left = end - now_ms();
    return !w->timeout_s ? -1 : left > 0 ? (int)left : 0;
}

void watch_add(struct watch *w, int callback)
{
    if (w->n_callbacks < WATCH_MAX)
        w->callbacks[w->n_callbacks++] = callback;
}

/* A shell may go on with the connection. */
static void forget_all(struct watch *w)
{
    struct client *conn = w->c->conn_;
    for (size_t i = 0; conn && client_is_alive(conn) && i < w->n_callbacks; i++)
        client_call(conn, w->forget, &w->callbacks[i], NULL, NULL);
    if (conn)
        client_on_event(conn, NULL, NULL);
}

static int begin(struct watch *w, struct err *e)
{
    struct client *conn = ctl_conn(w->c, e);
    if (!conn)
        return -1;
    w->n_callbacks = 0;
    if (!w->c->interactive) /* the server may ping us, as we listen from now on to the end */
        client_has_feature(conn, VIR_DRV_FEATURE_PROGRAM_KEEPALIVE);
    client_on_event(conn, w->on_event, w->context);
    return w->subscribe(w->context, conn, e);
}

/* A server that restarts is back in a moment; one that is away for long is not pestered. */
static int again(struct watch *w, int64_t end, struct err *e)
{
    int pause = FIRST_PAUSE_MS;
    fprintf(stderr, "%s; waiting for it to come back\n", e->msg);
    for (;;) {
        int left = left_ms(w, end);
        if (interrupted || !left)
            return 0;
        poll(NULL, 0, left > 0 && left < pause ? left : pause);
        if (interrupted)
            return 0;
        *e = (struct err){0};
        if (!begin(w, e)) {
            fprintf(stderr, "connected again; what happened meanwhile was not seen\n");
            return 0;
        }
        if (e->code == ERR_AUTH_FAILED || e->code == ERR_AUTH_CANCELLED)
            return -1;
        pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
    }
}

/* 0: done, 1: time is over, -1: failed. */
static int wait_all(struct watch *w, struct err *e)
{
    int64_t end = now_ms() + (int64_t)w->timeout_s * 1000;
    while (!interrupted && (w->loop || !w->count)) {
        int left = left_ms(w, end);
        if (!left)
            return 1;
        if (!w->c->conn_ || client_poll(w->c->conn_, NULL, 0, left, e) < 0) {
            if (interrupted)
                return 0;
            if (!w->loop || again(w, end, e))
                return -1;
        }
    }
    return 0;
}

int watch_run(struct watch *w, struct err *e)
{
    struct sigaction act = {.sa_handler = on_signal}, old;
    interrupted = 0;
    if (begin(w, e))
        return -1;
    sigaction(SIGINT, &act, &old);
    int r = wait_all(w, e);
    sigaction(SIGINT, &old, NULL);
    forget_all(w);
    if (r < 0)
        return -1;
    if (!w->c->json)
        printf("%sevents received: %u\n",
               r == 1        ? "event loop timed out\n"
               : interrupted ? "event loop interrupted\n"
                             : "",
               w->count);
    if (r == 1 && !w->count) /* nothing came in time: a failure, without more words than those */
        return fail(e, ERR_OPERATION_TIMEOUT, "%s", "");
    return 0;
}
