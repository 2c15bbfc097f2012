#include "core_rig.h"

#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char logged[65536];

void keep_log(int level, const char *text)
{
    size_t n = strlen(logged);
    snprintf(logged + n, sizeof(logged) - n, "%s\n", text);
}

void on_event(void *arg, const struct event *ev)
{
    static const char *const types[] = {"defined",   "undefined",   "started",
                                        "suspended", "resumed",     "stopped",
                                        "shutdown",  "pmsuspended", "crashed"};
    struct rig *r = arg;
    if (ev->id == EVENT_REBOOT)
        str_addf(&r->events, "%s reboot;", ev->name);
    else if (ev->id == EVENT_LIFECYCLE)
        str_addf(&r->events, "%s %s %d;", ev->name, types[ev->type], ev->detail);
}

int try_open(struct rig *r, struct err *e)
{
    CLEANUP_FREE char *conf = mem_printf("%s/conf", r->dir),
                      *state = mem_printf("%s/state", r->dir);
    struct host_options o = {.ops = &hv_sim_ops,
                             .hv_options = r->options,
                             .config_dir = conf,
                             .state_dir = state,
                             .autostart = r->autostart,
                             .log = keep_log};
    r->h = host_open(r->l, &o, e);
    if (!r->h)
        return -1;
    event_listen(host_events(r->h), on_event, r);
    return 0;
}

void open_rig(struct rig *r)
{
    struct err e = {0};
    if (try_open(r, &e))
        fail_msg("%s", e.msg);
}

int setup(void **state)
{
    signal(SIGPIPE, SIG_IGN); /* as xvirtd does */
    struct rig *r = NEW(struct rig);
    snprintf(r->dir, sizeof(r->dir), "/tmp/xvcore.XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    r->l = loop_new(NULL);
    r->options = mem_printf("mem=64G,boot=1,ack=2,down=4,timeout=40,persist=%s/xen", r->dir);
    logged[0] = 0;
    open_rig(r);
    *state = r;
    return 0;
}

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
    return remove(path);
}

int teardown(void **state)
{
    struct rig *r = *state;
    host_close(r->h);
    loop_free(r->l);
    nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    str_clear(&r->events);
    free(r->options);
    free(r);
    return 0;
}

void spin(struct rig *r, unsigned ms)
{
    loop_run_until(r->l, &(bool){false}, ms);
}

void expect(struct rig *r, const char *want)
{
    for (int i = 0; i < 600 && !strstr(str_get(&r->events), want); i++)
        spin(r, 5);
    if (!strstr(str_get(&r->events), want))
        fail_msg("events '%s', wanted '%s', log %s", str_get(&r->events), want, logged);
}

void forget_events(struct rig *r)
{
    str_clear(&r->events);
}

void order(struct rig *r, const char *line)
{
    CLEANUP_FREE char *copy = mem_str(line);
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    if (sim_order(host_hv(r->h), copy, &out, &e))
        fail_msg("%s: %s", line, e.msg);
}

void on_done(void *arg, struct guest *g, const struct err *e)
{
    struct waiting *w = arg;
    w->e = *e;
    w->g = g;
    w->is_done = true;
    w->calls++;
}

/* Waits for the end, which must be success. */
void await(struct rig *r, struct waiting *w)
{
    if (!loop_run_until(r->l, &w->is_done, 5000))
        fail_msg("not done; log %s", logged);
    if (w->e.code)
        fail_msg("%s", w->e.msg);
}

int await_error(struct rig *r, struct waiting *w)
{
    if (!loop_run_until(r->l, &w->is_done, 5000))
        fail_msg("not done; log %s", logged);
    assert_int_not_equal(w->e.code, 0);
    return w->e.code;
}

struct domain *model(const char *name, const char *cmdline)
{
    struct domain *d = domain_new();
    d->type = GUEST_PV;
    d->name = mem_str(name);
    uuid_random(d->uuid);
    d->memory_kib = d->memory_max_kib = NUM(65536);
    d->vcpus = d->vcpus_max = NUM(1);
    d->os.kernel = mem_str("/boot/vmlinuz");
    d->os.cmdline = mem_str(cmdline);
    DOMAIN_ADD(d, consoles)->type = CHR_PTY;
    return d;
}

static void on_written(void *arg, const struct err *e)
{
    on_done(arg, NULL, e);
}

void await_written(struct rig *r)
{
    struct waiting w = {0};
    host_when_written(r->h, host_changes(r->h), on_written, &w);
    await(r, &w);
}

struct guest *define(struct rig *r, struct domain *d)
{
    struct err e = {0};
    struct guest *g = NULL;
    if (host_define(r->h, d, &g, &e))
        fail_msg("%s", e.msg);
    await_written(r);
    return g;
}

struct guest *define_named(struct rig *r, const char *name, const char *cmdline)
{
    return define(r, model(name, cmdline));
}

void start(struct rig *r, struct guest *g)
{
    struct waiting w = {0};
    struct err e = {0};
    if (guest_start(g, 0, on_done, &w, &e))
        fail_msg("%s", e.msg);
    await(r, &w);
}

struct guest *started(struct rig *r, const char *name, const char *cmdline)
{
    struct guest *g = define_named(r, name, cmdline);
    start(r, g);
    forget_events(r);
    return g;
}

struct guest *created(struct rig *r, const char *name, const char *cmdline)
{
    struct waiting w = {0};
    struct err e = {0};
    if (host_create(r->h, model(name, cmdline), 0, on_done, &w, &e))
        fail_msg("%s", e.msg);
    await(r, &w);
    forget_events(r);
    return w.g;
}

void destroy(struct rig *r, struct guest *g)
{
    struct waiting w = {0};
    struct err e = {0};
    if (guest_destroy(g, on_done, &w, &e))
        fail_msg("%s", e.msg);
    await(r, &w);
}

struct guest *find(struct rig *r, const char *name)
{
    struct guest *g = host_find_name(r->h, name, NULL);
    if (!g)
        fail_msg("no guest '%s'; log %s", name, logged);
    return g;
}

void expect_state(struct guest *g, enum guest_state state, int reason)
{
    int why = -1;
    enum guest_state is = guest_state(g, &why);
    if (is != state || why != reason)
        fail_msg("state %d %d, wanted %d %d; log %s", is, why, state, reason, logged);
}

/* As kill -9 and a new start: the old host's memory is dropped, Xen's and the disk's state stay. */
void restart_daemon(struct rig *r)
{
    await_written(r);
    host_close(r->h);
    loop_free(r->l);
    r->l = loop_new(NULL);
    str_clear(&r->events);
    open_rig(r);
}
