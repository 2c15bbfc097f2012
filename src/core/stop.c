/* How guests end: asked to, destroyed, or by themselves; and what follows. */
#include "priv.h"

/* ---- asked to ---- */
static int begin_shutdown(struct job *j, struct err *e)
{
    return j->host->ops->shutdown(j->host->hv, j->domid, j->reboot, j->acpi, &j->wait, e);
}

static int ask(struct guest *g, bool reboot, bool acpi, struct job *heir_of, guest_done *done,
               void *arg, struct err *e)
{
    struct job *j = job_new(g, &job_shutdown, done, arg);
    j->reboot = reboot;
    j->acpi = acpi;
    if (job_run(j, e)) {
        if (e->code == ERR_OPERATION_UNSUPPORTED && !acpi && !reboot)
            return ask(g, false, true, heir_of, done, arg, e); /* deaf: see end_shutdown */
        return wrap(e, "domain '%s'", g->name);
    }
    if (heir_of) {
        j->waiters = take(heir_of->waiters);
        j->n_waiters = heir_of->n_waiters;
        heir_of->n_waiters = 0;
    }
    return 0;
}

/* A guest without paravirtual drivers is pressed the power button instead. */
static void end_shutdown(struct job *j)
{
    struct guest *g = j->guest;
    bool is_deaf = j->err.code == ERR_OPERATION_UNSUPPORTED && !j->acpi && !j->reboot;
    if (is_deaf && !g->job && g->domid == j->domid && guest_is_running(g) &&
        !ask(g, false, true, j, NULL, NULL, &j->err))
        return;
    if (j->err.code == ERR_NO_DOMAIN || (j->err.code && g->domid != j->domid))
        j->err = (struct err){0}; /* it ended: what was asked for */
    if (j->err.code)
        wrap(&j->err, "domain '%s'", g->name);
}

const struct job_kind job_shutdown = {
    .name = "shutdown", .begin = begin_shutdown, .end = end_shutdown, .can_join = true};

int guest_shutdown(struct guest *g, bool reboot, bool acpi, guest_done *done, void *arg,
                   struct err *e)
{
    if (guest_allows(g, OP_SHUTDOWN, e))
        return -1;
    if (g->job && g->job->kind == &job_shutdown && g->job->reboot == reboot &&
        job_join(g, &job_shutdown, done, arg))
        return 0;
    return guest_check_idle(g, e) ? -1 : ask(g, reboot, acpi, NULL, done, arg, e);
}

/* ---- destroyed ---- */
/* One that starts again keeps the devices that it has on loan. */
static int begin_destroy(struct job *j, struct err *e)
{
    const struct guest *g = j->guest;
    if (!j->is_restart && !g->is_foreign && g->domid == j->domid && !j->lent)
        j->lent = loan_all(g->live);
    return j->host->ops->destroy(j->host->hv, j->domid, &j->wait, e);
}

void guest_gone(struct guest *g, enum change c)
{
    if (g->domid == HV_DOMID_NONE)
        return;
    guest_set_domid(g, HV_DOMID_NONE);
    guest_set_live(g, NULL);
    guest_unclaim(g, NULL);
    g->is_foreign = false;
    guest_change(g, c);
    guest_outgoing_gone(g);
    g->is_arriving = false;
    job_answer_early(g, &job_shutdown);
}

/* Xen may have it still, dying: then it is gone for everybody but Xen. */
static bool is_there(struct host *h, uint32_t domid)
{
    struct hv_info i;
    struct err e = {0};
    if (h->ops->info(h->hv, domid, &i, &e))
        return e.code != ERR_NO_DOMAIN;
    return i.run != HV_DYING;
}

void guest_undefine_gone(struct guest *g)
{
    struct err e = {0};
    if (guest_undefine(g, true, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}

static void end_destroy(struct job *j)
{
    struct guest *g = j->guest;
    if (j->err.code && g->domid == j->domid && is_there(g->host, j->domid)) {
        wrap(&j->err, "cannot destroy domain '%s'", g->name);
        g->is_ending = false;
        return;
    }
    j->err = (struct err){0};
    if (g->domid == j->domid)
        guest_gone(g, j->change);
    if (j->undefines && g->def)
        guest_undefine_gone(g);
    if (j->is_restart && g->domid == HV_DOMID_NONE && !g->next)
        guest_restart_later(g);
}

const struct job_kind job_destroy = {.name = "destroy",
                                     .begin = begin_destroy,
                                     .end = end_destroy,
                                     .can_join = true,
                                     .is_journaled = true};

static struct job *new_destroy(struct guest *g, enum change c, bool is_restart)
{
    struct job *j = job_new(g, &job_destroy, NULL, NULL);
    j->change = c;
    j->is_restart = is_restart;
    return j;
}

int guest_end(struct guest *g, enum change c, bool is_restart, struct job *heir_of, struct err *e)
{
    struct job *j = new_destroy(g, c, is_restart);
    if (g->job && g->job->kind->work) { /* after what a worker does with it now */
        job_abort(g->job);
        if (g->next)
            job_free(j);
        else
            g->next = j;
        return 0;
    }
    if (job_run(j, e))
        return -1;
    if (heir_of) {
        j->waiters = take(heir_of->waiters);
        j->n_waiters = heir_of->n_waiters;
        heir_of->n_waiters = 0;
    }
    return 0;
}

int guest_end_undefining(struct guest *g, enum change c, struct err *e)
{
    struct job *j = new_destroy(g, c, false);
    j->undefines = true;
    return job_run(j, e);
}

int guest_destroy(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    bool is_building = g->job && g->job->kind->work;
    if (g->is_restarting) { /* it is off already: there is only the restart to forget */
        guest_stop_restart(g);
        return guest_tell_later(g, done, arg);
    }
    if (!is_building && guest_allows(g, OP_DESTROY, e))
        return -1;
    if (job_join(g, &job_destroy, done, arg))
        return 0;
    if (is_building) {
        g->next = new_destroy(g, CHANGE_DESTROYED, false);
        job_abort(g->job);
    } else if (guest_end(g, CHANGE_DESTROYED, false, NULL, e))
        return wrap(e, "domain '%s'", g->name);
    job_join(g, &job_destroy, done, arg);
    return 0;
}

/* ---- by themselves ---- */
static const struct stop {
    size_t action; /* member of struct domain */
    enum lifecycle otherwise;
    enum change change, kept;
} stops[] = {
    [HV_POWEROFF] = {offsetof(struct domain, on_poweroff), LIFE_DESTROY, CHANGE_SHUT_DOWN,
                     CHANGE_STOPPED_KEPT},
    [HV_REBOOT] = {offsetof(struct domain, on_reboot), LIFE_RESTART, CHANGE_SHUT_DOWN,
                   CHANGE_STOPPED_KEPT},
    [HV_CRASH] = {offsetof(struct domain, on_crash), LIFE_DESTROY, CHANGE_CRASHED,
                  CHANGE_CRASHED_KEPT},
    [HV_WATCHDOG] = {offsetof(struct domain, on_watchdog), LIFE_DESTROY, CHANGE_CRASHED,
                     CHANGE_CRASHED_KEPT},
    [HV_SOFT_RESET] = {offsetof(struct domain, on_soft_reset), LIFE_SOFT_RESET, CHANGE_SHUT_DOWN,
                       CHANGE_STOPPED_KEPT},
};

static const struct action {
    bool dumps, stays, restarts, renames, resets;
} actions[] = {
    [LIFE_DESTROY] = {0},
    [LIFE_RESTART] = {.restarts = true},
    [LIFE_RENAME_RESTART] = {.restarts = true, .renames = true},
    [LIFE_PRESERVE] = {.stays = true},
    [LIFE_COREDUMP_DESTROY] = {.dumps = true},
    [LIFE_COREDUMP_RESTART] = {.dumps = true, .restarts = true},
    [LIFE_SOFT_RESET] = {.restarts = true, .resets = true},
};

static const struct stop *stop_of(enum hv_reason reason)
{
    bool is_known = reason < sizeof(stops) / sizeof(*stops) && stops[reason].otherwise;
    return is_known ? &stops[reason] : &stops[HV_CRASH];
}

static enum lifecycle action_of(const struct guest *g, const struct stop *s)
{
    const struct domain *d = g->live ? g->live : g->def;
    enum lifecycle set = d ? *(const enum lifecycle *)((const char *)d + s->action) : 0;
    return set ? set : s->otherwise;
}

/* The old domain stays under another name, for somebody to look into. */
static int put_aside(struct guest *g, enum change c, struct err *e)
{
    struct host *h = g->host;
    uint8_t uuid[UUID_LEN];
    uint32_t domid = g->domid;
    CLEANUP_FREE char *name = NULL;
    for (unsigned i = 1; !name || host_get_name(h, name); i++) {
        free(name);
        name = mem_printf("%s-%u", g->name, i);
    }
    uuid_random(uuid);
    if (h->ops->preserve(h->hv, domid, name, uuid, e))
        return -1;
    guest_gone(g, c);
    host_adopt(h, domid, true);
    return 0;
}

static void follow(struct guest *g, const struct stop *s, const struct action *a)
{
    struct err e = {0};
    if (a->stays) {
        guest_change(g, s->kept);
        return;
    }
    if (a->renames && !put_aside(g, s->change, &e)) {
        guest_restart_later(g);
        return;
    }
    if (guest_end(g, s->change, a->restarts, NULL, &e))
        host_log(g->host, LOG_ERROR, "domain '%s' has stopped and cannot be removed: %s", g->name,
                 e.msg);
}

/* A dump that fails must not keep the guest from its restart. */
static void work_stop_dump(void *arg)
{
    struct job *j = arg;
    j->host->ops->dump(j->host->hv, j->domid, j->path, &j->progress, &j->err);
}

static void end_stop_dump(struct job *j)
{
    struct guest *g = j->guest;
    if (j->err.code)
        host_log(g->host, LOG_ERROR, "domain '%s': core dump: %s", g->name, j->err.msg);
    if (g->domid != j->domid)
        return;
    struct action a = {.restarts = j->is_restart};
    follow(g, &stops[j->change], &a);
}

static const struct job_kind job_stop_dump = {
    .name = "dump", .work = work_stop_dump, .end = end_stop_dump};

static bool dump_first(struct guest *g, const struct stop *s, const struct action *a)
{
    struct err e = {0};
    struct job *j = job_new(g, &job_stop_dump, NULL, NULL);
    j->path = store_dump_path(g->host, g->name);
    j->change = (enum change)(s - stops);
    j->is_restart = a->restarts;
    return !job_run(j, &e);
}

/* A kernel that has kexec'd, for a crash dump mostly, goes on in the memory that it has. Where that
 * fails the guest is restarted. */
static void work_soft_reset(void *arg)
{
    struct job *j = arg;
    j->host->ops->soft_reset(j->host->hv, j->domid, &j->err);
}

static int run_again(struct guest *g, struct err *e)
{
    const struct hv_ops *ops = g->host->ops;
    return ops->watch(g->host->hv, g->domid, e) || ops->unpause(g->host->hv, g->domid, e) ? -1 : 0;
}

static void end_soft_reset(struct job *j)
{
    struct guest *g = j->guest;
    if (g->domid != j->domid)
        return;
    if (!j->err.code && !run_again(g, &j->err)) {
        g->is_ending = false;
        g->gone_as = CHANGE_DESTROYED;
        g->state = GUEST_RUNNING;
        g->reason = 1;
        guest_event(g, EVENT_REBOOT, 0, 0);
        guest_refresh_live(g);
        return;
    }
    host_log(g->host, LOG_ERROR, "domain '%s': soft reset: %s", g->name, j->err.msg);
    follow(g, &stops[HV_SOFT_RESET], &actions[LIFE_RESTART]);
}

static const struct job_kind job_soft_reset = {
    .name = "soft reset", .work = work_soft_reset, .end = end_soft_reset};

static bool reset_instead(struct guest *g)
{
    struct err e = {0};
    return !job_run(job_new(g, &job_soft_reset, NULL, NULL), &e);
}

/* Asleep or being saved by somebody else: it may come back. */
static void sleep_on(struct guest *g)
{
    g->state = GUEST_PAUSED;
    g->reason = 3;
    g->gone_as = CHANGE_SAVED;
}

void guest_stopped(struct guest *g, enum hv_reason reason)
{
    bool is_ours = g->job && (g->job->kind == &job_save || g->job->kind == &job_destroy);
    is_ours |= g->is_sent || (guest_is_in_snapshot(g) && g->job && g->job->kind->work) ||
               (g->job && g->job->kind == &job_send);
    bool is_asleep = g->state == GUEST_PMSUSPENDED || (g->job && g->job->kind == &job_sleep);
    if (is_ours || g->is_ending || (is_asleep && reason == HV_SUSPEND))
        return;
    if (reason == HV_SUSPEND) {
        sleep_on(g);
        return;
    }
    const struct stop *s = stop_of(reason);
    const struct action *a = &actions[action_of(g, s)];
    g->is_ending = true;
    g->gone_as = s->change;
    if (reason == HV_REBOOT)
        guest_event(g, EVENT_REBOOT, 0, 0);
    if (reason == HV_WATCHDOG) /* virDomainEventWatchdogAction */
        guest_event(g, EVENT_WATCHDOG, a->stays ? 1 : a->restarts ? 2 : 3, 0);
    g->state = s->change == CHANGE_CRASHED ? GUEST_CRASHED : GUEST_SHUTDOWN;
    g->reason = 0;
    if (g->is_foreign) /* whoever started it sees to what follows */
        return;
    bool can_work = !(g->job && g->job->kind->work);
    if (can_work && ((a->dumps && dump_first(g, s, a)) || (a->resets && reset_instead(g))))
        return;
    follow(g, s, a);
}

/* ---- by the reset button ---- */
/* No Xen answers its own trigger for it, and QEMU, told so by its monitor, resets its devices under
 * processors that go on. So the domain ends at once, as one that reboots. */
int guest_end_reset(struct guest *g, struct job *heir_of, struct err *e)
{
    bool comes_back = action_of(g, &stops[HV_REBOOT]) != LIFE_DESTROY;
    if (guest_end(g, CHANGE_SHUT_DOWN, comes_back, heir_of, e))
        return wrap(e, "domain '%s'", g->name);
    g->gone_as = CHANGE_SHUT_DOWN;
    g->n_quick = 0; /* it did not end by itself */
    guest_event(g, EVENT_REBOOT, 0, 0);
    return 0;
}

int guest_reset(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    if (guest_check_free(g, OP_DESTROY, e) ||
        (g->job && g->job->kind == &job_destroy && guest_check_job(g, e)) ||
        guest_end_reset(g, NULL, e))
        return -1;
    job_join(g, &job_destroy, done, arg);
    return 0;
}

/* ---- and come again ---- */
enum { QUICK_MS = 10000, FREE_RESTARTS = 3, WAIT_MAX_MS = 60000 };

static uint64_t restart_delay_ms(struct guest *g)
{
    uint64_t ran = loop_now_ms(g->host->loop) - g->started_ms;
    g->n_quick = ran < QUICK_MS ? g->n_quick + 1 : 0;
    if (g->n_quick <= FREE_RESTARTS)
        return 0;
    unsigned shift = g->n_quick - FREE_RESTARTS - 1;
    return shift < 6 ? (uint64_t)1000 << shift : WAIT_MAX_MS;
}

static void on_restart(void *arg)
{
    struct guest *g = arg;
    struct err e = {0};
    g->is_restarting = false;
    const struct domain *from = g->def ? g->def : g->again;
    struct build b = {.config = from ? domain_copy(from) : NULL, .is_restart = true};
    bool can = from && !g->job && g->domid == HV_DOMID_NONE;
    if (can && guest_build(g, &b, NULL, NULL, &e))
        host_log(g->host, LOG_ERROR, "domain '%s' cannot be started again: %s", g->name, e.msg);
    domain_free(b.config);
    guest_release(g);
}

void guest_restart_later(struct guest *g)
{
    uint64_t ms = restart_delay_ms(g);
    if (!g->restart)
        g->restart = loop_timer_open(g->host->loop, on_restart, g);
    g->is_restarting = true;
    if (ms)
        host_log(g->host, LOG_WARN, "domain '%s' stops again and again: it is started in %llu s",
                 g->name, (unsigned long long)ms / 1000);
    loop_timer_start(g->restart, ms, 0);
}

void guest_stop_restart(struct guest *g)
{
    g->is_restarting = false;
    if (g->restart)
        loop_timer_stop(g->restart);
}
