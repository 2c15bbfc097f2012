/* What the tests of core/ share: a host on the simulated hypervisor in a folder of its own, its
 * events as text, and steps that must succeed. */
#pragma once
// clang-format off
#include "../unit/test.h"
// clang-format on
#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/host.h"
#include "hv/sim/sim.h"
#include "loop/loop.h"

struct rig {
    struct loop *l;
    struct host *h;
    struct str events; /* "web started 0;web stopped 1;" */
    char dir[32];
    char *options;
    bool autostart;
};

struct waiting {
    struct err e;
    struct guest *g;
    bool is_done;
    int calls;
};

extern char logged[65536]; /* what the host has logged */
int try_open(struct rig *r, struct err *e);
void open_rig(struct rig *r);
int setup(void **state);
int teardown(void **state);
void spin(struct rig *r, unsigned ms);
void expect(struct rig *r, const char *want);
void forget_events(struct rig *r);
void order(struct rig *r, const char *line);
void on_done(void *arg, struct guest *g, const struct err *e);
void await(struct rig *r, struct waiting *w);
int await_error(struct rig *r, struct waiting *w);
struct domain *model(const char *name, const char *cmdline);
/* What was changed is on disk, and told. */
void await_written(struct rig *r);
struct guest *define(struct rig *r, struct domain *d);
struct guest *define_named(struct rig *r, const char *name, const char *cmdline);
void start(struct rig *r, struct guest *g);
struct guest *started(struct rig *r, const char *name, const char *cmdline);
struct guest *created(struct rig *r, const char *name, const char *cmdline);
void destroy(struct rig *r, struct guest *g);
struct guest *find(struct rig *r, const char *name);
void expect_state(struct guest *g, enum guest_state state, int reason);
void restart_daemon(struct rig *r);
void keep_log(int level, const char *text);
void on_event(void *arg, const struct event *ev); /* arg: the rig */
