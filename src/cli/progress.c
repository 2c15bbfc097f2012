#include "progress.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "out.h"

enum { TICK_MS = 500, BAR = 30 };

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
    interrupted = 1;
}

struct watch {
    struct ctl *c;
    const struct progress *p;
    struct wire_domain found; /* looked up by name, once it is there */
    bool is_shown, is_terminal, is_late;
};

static const struct wire_domain *guest_of(struct watch *w)
{
    if (w->p->of)
        return w->p->of;
    if (!w->found.name && w->p->name) {
        struct wire_domain_lookup_by_name_ret r;
        if (!call_domain_lookup_by_name(
                w->c->conn_, &(struct wire_domain_lookup_by_name_args){(char *)w->p->name}, &r,
                NULL))
            w->found = r.dom;
    }
    return w->found.name ? &w->found : NULL;
}

static void bar_print(const struct watch *w, int percent, uint64_t done, uint64_t total,
                      uint64_t ms)
{
    char bar[BAR + 1];
    if (!w->is_terminal) {
        fprintf(stderr, "\r%s: [%3d %%]", w->p->label, percent);
        return;
    }
    for (int i = 0; i < BAR; i++)
        bar[i] = i * 100 < percent * BAR ? '#' : ' ';
    bar[BAR] = 0;
    CLEANUP_FREE char *part = size_text(done, 2), *all = size_text(total, 2),
                      *rate = size_text(ms ? done * 1000 / ms : 0, 2);
    fprintf(stderr, "\r%s: [%s] %3d %%  %s of %s, %s/s \033[K", w->p->label, bar, percent, part,
            all, rate);
}

static void show(struct watch *w)
{
    const struct wire_domain *d = guest_of(w);
    struct wire_domain_get_job_info_ret r;
    if (!d ||
        call_domain_get_job_info(w->c->conn_, &(struct wire_domain_get_job_info_args){*d}, &r,
                                 NULL) ||
        !r.type || !r.dataTotal)
        return;
    uint64_t done = r.dataTotal > r.dataRemaining ? r.dataTotal - r.dataRemaining : 0;
    int percent = (int)((double)done * 100 / (double)r.dataTotal);
    bar_print(w, percent > 99 ? 99 : percent, done, r.dataTotal, r.timeElapsed);
    w->is_shown = true;
}

static void abort_job(struct watch *w)
{
    const struct wire_domain *d = guest_of(w);
    interrupted = 0;
    if (d)
        call_domain_abort_job(w->c->conn_, &(struct wire_domain_abort_job_args){*d}, NULL);
}

/* So that it has nothing more to send; a hypervisor that cannot do that in the middle says so. */
static void suspend(struct watch *w)
{
    struct err e = {0};
    const struct wire_domain *d = guest_of(w);
    w->is_late = true;
    if (d && call_domain_suspend(w->c->conn_, &(struct wire_domain_suspend_args){*d}, &e))
        fprintf(stderr, "\nwarning: the guest is not suspended after the timeout: %s\n", e.msg);
}

static uint64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

static int wait_for(struct watch *w, struct client_call *call, void *ret, struct err *e)
{
    uint64_t began_s = now_s(), after_s = w->p->suspend_after_s;
    bool wanted = w->p->verbose || (w->is_terminal && !w->c->quiet && !w->c->json);
    while (!client_call_is_done(call)) {
        if (client_poll(w->c->conn_, NULL, 0, TICK_MS, e) < 0)
            break;
        if (interrupted)
            abort_job(w);
        if (after_s && !w->is_late && now_s() - began_s >= after_s)
            suspend(w);
        if (wanted && !client_call_is_done(call))
            show(w);
    }
    int r = client_call_finish(call, ret, e);
    if (!r && (w->is_shown || w->p->verbose) && !w->is_terminal)
        fprintf(stderr, "\r%s: [100 %%]", w->p->label);
    else if (w->is_shown)
        fprintf(stderr, "\r%s: %s\033[K\n", w->p->label, r ? "ended" : "done");
    return r;
}

int progress_call(struct ctl *c, const struct progress *p, int proc, const void *args, void *ret,
                  struct err *e)
{
    struct watch w = {.c = c, .p = p, .is_terminal = isatty(2)};
    struct sigaction act = {.sa_handler = on_signal}, old;
    struct client_call *call = client_call_start(c->conn_, proc, args, e);
    if (!call)
        return -1;
    interrupted = 0;
    sigaction(SIGINT, &act, &old);
    int r = wait_for(&w, call, ret, e);
    sigaction(SIGINT, &old, NULL);
    lookup_drop(&w.found);
    return r;
}
