/* What waits for guests and backends: each operation is a struct sim_wait with a timer; what it
 * does at its end is in its row. */
#include "hv/device.h"
#include "sim_priv.h"

struct sim_wait {
    struct hv *h;
    struct hv_wait *w;
    enum sim_op op;
    uint32_t domid;
    struct loop_timer *timer;
    unsigned reason;      /* shutdown: enum hv_reason */
    uint32_t vcpus;       /* set_vcpus: how many */
    uint64_t online;      /* and which of the first 64 */
    struct hv_device dev; /* attach, detach, change_media */
};

static void wait_free(struct sim_wait *s)
{
    struct hv *h = s->h;
    for (size_t i = 0; i < h->n_waits; i++)
        if (h->waits[i] == s) {
            VEC_REMOVE(h->waits, h->n_waits, i);
            break;
        }
    loop_timer_close(s->timer);
    free(s);
}

static int end_shutdown(struct sim_wait *s, struct sim_dom *d, struct err *e);
static int end_destroy(struct sim_wait *s, struct sim_dom *d, struct err *e);
static int end_vcpus(struct sim_wait *s, struct sim_dom *d, struct err *e);
static int end_device(struct sim_wait *s, struct sim_dom *d, struct err *e);

static int finish(struct sim_wait *s, struct err *e)
{
    struct hv *h = s->h;
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, s->domid);
    int r = sim_fault(h, s->op, e);
    if (!r && !d)
        r = sim_no_domain(e, s->domid);
    if (!r && s->op == SIM_shutdown)
        r = end_shutdown(s, d, e);
    else if (!r && s->op == SIM_destroy)
        r = end_destroy(s, d, e);
    else if (!r && s->op == SIM_set_vcpus)
        r = end_vcpus(s, d, e);
    else if (!r)
        r = end_device(s, d, e);
    lock_leave(h->lock);
    return r;
}

static void on_end(void *arg)
{
    struct sim_wait *s = arg;
    if (s->h->faults[s->op].hangs)
        return; /* until sim_unhang */
    struct err e = {0};
    finish(s, &e);
    struct hv_wait *w = s->w;
    wait_free(s);
    w->done(w, &e);
}

static struct sim_wait *start(struct hv *h, enum sim_op op, uint32_t domid, struct hv_wait *w,
                              uint64_t ms)
{
    struct sim_wait *s = NEW(struct sim_wait);
    *s = (struct sim_wait){.h = h, .w = w, .op = op, .domid = domid};
    s->timer = loop_timer_open(h->loop, on_end, s);
    VEC_PUSH(h->waits, h->n_waits, s);
    loop_timer_start(s->timer, ms + h->faults[op].delay_ms, 0);
    return s;
}

void sim_unhang(struct hv *h, enum sim_op op)
{
    for (size_t i = 0; i < h->n_waits; i++)
        if (h->waits[i]->op == op)
            loop_timer_start(h->waits[i]->timer, 0, 0);
}

void sim_waits_close(struct hv *h)
{
    while (h->n_waits)
        wait_free(h->waits[0]);
    free(h->waits);
}

/* Borrowed while nothing else runs: only for checks before the start. */
static struct sim_dom *look(struct hv *h, uint32_t domid, struct err *e)
{
    lock_enter(h->lock);
    struct sim_dom *d = sim_find(h, domid);
    lock_leave(h->lock);
    if (!d)
        sim_no_domain(e, domid);
    return d;
}

int sim_shutdown(struct hv *h, uint32_t domid, bool reboot, bool acpi, struct hv_wait *w,
                 struct err *e)
{
    struct sim_dom *d = look(h, domid, e);
    if (!d)
        return -1;
    if (!sim_is_up(d) || d->s.is_building)
        return fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    bool hears = d->s.since_ms.set && !d->s.is_stubborn;
    struct sim_wait *s = start(h, SIM_shutdown, domid, w, hears ? h->o.ack_ms : h->o.timeout_ms);
    s->reason = reboot ? HV_REBOOT : HV_POWEROFF;
    return 0;
}

static int end_shutdown(struct sim_wait *s, struct sim_dom *d, struct err *e)
{
    if (!d->s.since_ms.set || d->s.is_stubborn)
        return fail(e, ERR_OPERATION_TIMEOUT, "the guest did not answer the request within %llu ms",
                    (unsigned long long)s->h->o.timeout_ms);
    sim_guest_end(d, (enum hv_reason)s->reason, s->h->o.down_ms);
    return 0;
}

int sim_destroy(struct hv *h, uint32_t domid, struct hv_wait *w, struct err *e)
{
    struct sim_dom *d = look(h, domid, e);
    if (!d)
        return -1;
    if (!domid)
        return fail(e, ERR_OPERATION_INVALID, "domain 0 cannot be destroyed");
    lock_enter(h->lock);
    if (sim_is_up(d)) /* as libxl does first; it dies when its devices are gone */
        sim_set_run(h, d, HV_PAUSED, 0);
    lock_leave(h->lock);
    start(h, SIM_destroy, domid, w, 2);
    return 0;
}

/* A zombie stays until the script reaps it. */
static int end_destroy(struct sim_wait *s, struct sim_dom *d, struct err *e)
{
    if (d->s.is_zombie)
        sim_set_run(s->h, d, HV_DYING, 0);
    else
        sim_remove(s->h, d);
    return 0;
}

int sim_set_vcpus(struct hv *h, uint32_t domid, const uint8_t *online, size_t len,
                  struct hv_wait *w, struct err *e)
{
    if (!look(h, domid, e))
        return -1;
    struct sim_wait *s = start(h, SIM_set_vcpus, domid, w, h->o.ack_ms);
    for (size_t i = 0; i < len * 8; i++)
        s->vcpus += online[i / 8] >> i % 8 & 1;
    for (size_t i = 0; i < len && i < sizeof(s->online); i++)
        s->online |= (uint64_t)online[i] << i * 8;
    return 0;
}

static int end_vcpus(struct sim_wait *s, struct sim_dom *d, struct err *e)
{
    d->s.vcpus = NUM(s->vcpus);
    d->more.online = s->online;
    d->s.config->vcpus = NUM(s->vcpus);
    sim_save_state(s->h, d);
    return 0;
}

static int start_device(struct hv *h, enum sim_op op, uint32_t domid, struct hv_device dev,
                        struct hv_wait *w, struct err *e)
{
    struct sim_dom *d = look(h, domid, e);
    if (!d || (op != SIM_detach && sim_check_device(h, &dev, e)))
        return -1;
    if (!sim_is_up(d) || d->s.is_building)
        return fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    bool waits = op == SIM_detach && d->s.is_stubborn;
    start(h, op, domid, w, waits ? h->o.timeout_ms : h->o.ack_ms)->dev = dev;
    return 0;
}

int sim_attach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
               struct err *e)
{
    lock_enter(h->lock);
    int r = d->kind == HV_HOSTDEV ? sim_take_pci(h, d->device, e) : 0;
    lock_leave(h->lock);
    return r ? r : start_device(h, SIM_attach, domid, *d, w, e);
}

int sim_detach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
               struct err *e)
{
    return start_device(h, SIM_detach, domid, *d, w, e);
}

int sim_change_media(struct hv *h, uint32_t domid, const struct disk *d, struct hv_wait *w,
                     struct err *e)
{
    return start_device(h, SIM_change_media, domid, (struct hv_device){HV_DISK, d}, w, e);
}

static int end_device(struct sim_wait *s, struct sim_dom *d, struct err *e)
{
    int r;
    if (s->op == SIM_detach && d->s.is_stubborn)
        return fail(e, ERR_OPERATION_TIMEOUT, "the guest did not let the device go");
    if (s->op == SIM_attach)
        r = hv_device_add(d->s.config, &s->dev, e);
    else if (s->op == SIM_detach)
        r = hv_device_remove(d->s.config, &s->dev, e);
    else
        r = hv_device_replace(d->s.config, &s->dev, e);
    if (!r)
        sim_save_state(s->h, d);
    return r;
}
