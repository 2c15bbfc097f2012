/* Delays, failures and hangs that a script has ordered. */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "sim_priv.h"

enum { STEP_MS = 5 };

#define NAME(name) #name,
const char *const sim_op_names[SIM_OPS_N] = {SIM_OPS(NAME)};

int sim_fault(struct hv *h, enum sim_op op, struct err *e)
{
    struct sim_fault *f = &h->faults[op];
    if (f->is_deadly)
        kill(getpid(), SIGKILL);
    if (!f->fail_count)
        return 0;
    f->fail_count--;
    return fail(e, f->fail_code ? (int)f->fail_code : ERR_OPERATION_FAILED, "%s",
                f->fail_text ? f->fail_text : "ordered by the script");
}

bool sim_pause_ms(struct hv *h, unsigned ms, struct hv_progress *p)
{
    for (unsigned passed = 0; passed < ms; passed += STEP_MS) {
        if (p && __atomic_load_n(&p->abort_wanted, __ATOMIC_ACQUIRE))
            return false;
        unsigned step = ms - passed < STEP_MS ? ms - passed : STEP_MS;
        nanosleep(&(struct timespec){.tv_nsec = step * 1000000l}, NULL);
    }
    return !p || !__atomic_load_n(&p->abort_wanted, __ATOMIC_ACQUIRE);
}

static bool hangs(struct hv *h, enum sim_op op)
{
    lock_enter(h->lock);
    bool r = h->faults[op].hangs && !h->is_closed;
    lock_leave(h->lock);
    return r;
}

int sim_work(struct hv *h, enum sim_op op, struct hv_progress *p, struct err *e)
{
    lock_enter(h->lock);
    unsigned ms = op == SIM_save ? 0 : h->faults[op].delay_ms; /* save spreads it over its chunks */
    lock_leave(h->lock);
    bool is_wanted = sim_pause_ms(h, ms, p);
    while (is_wanted && hangs(h, op))
        is_wanted = sim_pause_ms(h, STEP_MS, p);
    if (!is_wanted)
        return fail(e, ERR_OPERATION_ABORTED, "%s was aborted", sim_op_names[op]);
    lock_enter(h->lock);
    int r = sim_fault(h, op, e);
    lock_leave(h->lock);
    return r;
}

struct sim_dom *sim_enter(struct hv *h, enum sim_op op, uint32_t domid, struct err *e)
{
    lock_enter(h->lock);
    struct sim_dom *d = NULL;
    if (!sim_fault(h, op, e) && !(d = sim_find(h, domid)))
        sim_no_domain(e, domid);
    if (!d)
        lock_leave(h->lock);
    return d;
}
