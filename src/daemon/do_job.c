/* What takes a guest some time: how far it is, how it has ended, stopping it. */
#include "daemon/do_job.h"

#include "base/str.h"
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

static int job_type(const struct guest_job_info *j)
{
    return j->total ? VIR_DOMAIN_JOB_BOUNDED : VIR_DOMAIN_JOB_UNBOUNDED;
}

static int ended_type(const struct guest_job_info *j)
{
    if (!j->err_code)
        return VIR_DOMAIN_JOB_COMPLETED;
    return j->err_code == ERR_OPERATION_ABORTED ? VIR_DOMAIN_JOB_CANCELLED : VIR_DOMAIN_JOB_FAILED;
}

static uint64_t remaining(const struct guest_job_info *j)
{
    return j->total > j->done ? j->total - j->done : 0;
}

/* At the speed of until now; 0 while there is none. */
static uint64_t remaining_ms(const struct guest_job_info *j)
{
    return j->done ? (uint64_t)((double)j->elapsed_ms * (double)remaining(j) / (double)j->done) : 0;
}

/* What runs is a job to clients when they know its operation. */
static bool is_busy(const struct guest *g, struct guest_job_info *ret)
{
    return guest_job_info(g, ret) && ret->operation;
}

static int do_job_info(struct call *c)
{
    const struct wire_domain_get_job_info_args *args = c->args;
    struct wire_domain_get_job_info_ret *ret = c->ret;
    struct guest_job_info j;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (!is_busy(g, &j))
        return CALL_DONE; /* VIR_DOMAIN_JOB_NONE */
    ret->type = job_type(&j);
    ret->timeElapsed = j.elapsed_ms;
    ret->timeRemaining = remaining_ms(&j);
    ret->dataTotal = ret->memTotal = j.total;
    ret->dataProcessed = ret->memProcessed = j.done;
    ret->dataRemaining = ret->memRemaining = remaining(&j);
    return CALL_DONE;
}

void job_params(const struct guest_job_info *j, bool has_ended, struct wire_typed_param **p,
                size_t *n)
{
    wire_param_add_int(p, n, "operation", j->operation);
    wire_param_add_uhyper(p, n, "time_elapsed", j->elapsed_ms);
    if (j->total) {
        const struct {
            const char *total, *done, *remaining;
        } names[] = {{"data_total", "data_processed", "data_remaining"},
                     {"memory_total", "memory_processed", "memory_remaining"}};
        if (!has_ended)
            wire_param_add_uhyper(p, n, "time_remaining", remaining_ms(j));
        for (size_t i = 0; i < 2; i++) {
            wire_param_add_uhyper(p, n, names[i].total, j->total);
            wire_param_add_uhyper(p, n, names[i].done, j->done);
            wire_param_add_uhyper(p, n, names[i].remaining, remaining(j));
        }
    }
    if (!has_ended)
        return;
    wire_param_add_bool(p, n, "success", !j->err_code);
    if (j->err_code)
        wire_param_add_string(p, n, "errmsg", j->err_msg);
}

static int do_job_stats(struct call *c)
{
    const struct wire_domain_get_job_stats_args *args = c->args;
    struct wire_domain_get_job_stats_ret *ret = c->ret;
    bool wants_ended = args->flags & VIR_DOMAIN_JOB_STATS_COMPLETED;
    bool keep = args->flags & VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED;
    struct guest_job_info j;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (wants_ended ? !guest_last_job(g, keep, &j) : !is_busy(g, &j))
        return CALL_DONE;
    ret->type = wants_ended ? ended_type(&j) : job_type(&j);
    job_params(&j, wants_ended, &ret->params, &ret->n_params);
    return CALL_DONE;
}

static int do_abort(struct call *c)
{
    const struct wire_domain_abort_job_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_abort_job(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_abort_flags(struct call *c)
{
    const struct wire_domain_abort_job_flags_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_abort_job(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

enum { STATS_FLAGS = VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED };

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_JOB_INFO, do_job_info},
    {WIRE_DOMAIN_GET_JOB_STATS, do_job_stats, STATS_FLAGS},
    {WIRE_DOMAIN_ABORT_JOB, do_abort},
    {WIRE_DOMAIN_ABORT_JOB_FLAGS, do_abort_flags},
};
const struct handlers do_job_handlers = HANDLERS(rows);
