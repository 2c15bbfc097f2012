/* What takes a guest some time: how far it is, stopping it, and what is left of it on disk. */
#include "base/str.h"
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

static int job_type(const struct guest_job_info *j)
{
    return j->total ? VIR_DOMAIN_JOB_BOUNDED : VIR_DOMAIN_JOB_UNBOUNDED;
}

static int do_job_info(struct call *c)
{
    const struct wire_domain_get_job_info_args *args = c->args;
    struct wire_domain_get_job_info_ret *ret = c->ret;
    struct guest_job_info j;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (!guest_job_info(g, &j))
        return CALL_DONE; /* VIR_DOMAIN_JOB_NONE */
    ret->type = job_type(&j);
    ret->timeElapsed = j.elapsed_ms;
    ret->dataTotal = ret->memTotal = j.total;
    ret->dataProcessed = ret->memProcessed = j.done;
    ret->dataRemaining = ret->memRemaining = j.total > j.done ? j.total - j.done : 0;
    return CALL_DONE;
}

static int do_job_stats(struct call *c)
{
    const struct wire_domain_get_job_stats_args *args = c->args;
    struct wire_domain_get_job_stats_ret *ret = c->ret;
    struct guest_job_info j;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (!guest_job_info(g, &j))
        return CALL_DONE;
    ret->type = job_type(&j);
    wire_param_add_uhyper(&ret->params, &ret->n_params, "time_elapsed", j.elapsed_ms);
    if (!j.total)
        return CALL_DONE;
    wire_param_add_uhyper(&ret->params, &ret->n_params, "data_total", j.total);
    wire_param_add_uhyper(&ret->params, &ret->n_params, "data_processed", j.done);
    wire_param_add_uhyper(&ret->params, &ret->n_params, "data_remaining",
                          j.total > j.done ? j.total - j.done : 0);
    return CALL_DONE;
}

static int do_abort(struct call *c)
{
    const struct wire_domain_abort_job_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_abort_job(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_managed_save_remove(struct call *c)
{
    const struct wire_domain_managed_save_remove_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_managed_save_remove(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

/* LIVE is always so: the guest is not stopped for it by this call. */
static int do_core_dump(struct call *c)
{
    const struct wire_domain_core_dump_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->to[0] != '/')
        return fail(&c->err, ERR_INVALID_ARG, "the path '%s' does not start at /", args->to);
    if (guest_dump(g, args->to, args->flags & VIR_DUMP_CRASH, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_JOB_INFO, do_job_info},
    {WIRE_DOMAIN_GET_JOB_STATS, do_job_stats},
    {WIRE_DOMAIN_ABORT_JOB, do_abort},
    {WIRE_DOMAIN_MANAGED_SAVE_REMOVE, do_managed_save_remove},
    {WIRE_DOMAIN_CORE_DUMP, do_core_dump, VIR_DUMP_LIVE | VIR_DUMP_CRASH},
};
const struct handlers do_job_handlers = HANDLERS(rows);
