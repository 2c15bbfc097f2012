/* Guests that sleep in memory: Xen keeps them suspended until they are woken. */
#include "priv.h"
#include "tune.h"

static void work_sleep(void *arg)
{
    struct job *j = arg;
    (void)j->host->ops->sleep(j->host->hv, j->domid, &j->err);
}

/* A Xen that cannot suspend alone: a full guest has a button for it. */
static void press_button(struct job *j)
{
    struct err e = {0};
    if (j->host->ops->trigger(j->host->hv, j->domid, HV_TRIGGER_SLEEP, &e))
        return;
    j->err = (struct err){0};
}

static void end_sleep(struct job *j)
{
    struct guest *g = j->guest;
    if (j->err.code == ERR_NO_SUPPORT && g->live && g->live->type == GUEST_HVM)
        press_button(j);
    if (j->err.code)
        wrap(&j->err, "domain '%s'", g->name);
    else if (g->domid == j->domid)
        guest_change(g, CHANGE_ASLEEP);
}

const struct job_kind job_sleep = {.name = "sleep", .work = work_sleep, .end = end_sleep};

int guest_pm_suspend(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    if (guest_allows(g, OP_SHUTDOWN, e) || guest_check_idle(g, e))
        return -1;
    return job_run(job_new(g, &job_sleep, done, arg), e);
}

/* One that sleeps by its button is woken by it. */
static void work_wake(void *arg)
{
    struct job *j = arg;
    const struct hv_ops *ops = j->host->ops;
    (void)(j->number ? ops->resume : ops->wake)(j->host->hv, j->domid, &j->err);
}

static void end_wake(struct job *j)
{
    struct guest *g = j->guest;
    if (j->err.code)
        wrap(&j->err, "domain '%s'", g->name);
    else if (g->domid == j->domid)
        guest_change(g, CHANGE_AWAKE);
}

static const struct job_kind job_wake = {.name = "wake", .work = work_wake, .end = end_wake};

int guest_pm_wakeup(struct guest *g, guest_done *done, void *arg, struct err *e)
{
    struct hv_info i;
    if (g->state != GUEST_PMSUSPENDED)
        return fail(e, ERR_OPERATION_INVALID, "domain '%s' is not asleep", g->name);
    if (guest_check_idle(g, e) || g->host->ops->info(g->host->hv, g->domid, &i, e))
        return -1;
    struct job *j = job_new(g, &job_wake, done, arg);
    j->number = i.run == HV_SHUTDOWN;
    return job_run(j, e);
}
