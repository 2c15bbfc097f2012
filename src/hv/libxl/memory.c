/* Memory for guests that are about to be built. Where dom0 may give memory (no dom0_mem on Xen's
 * command line), it is asked for what is missing. Builds run side by side: each promises itself
 * what it needs first, so no byte is given to two of them; what a half-built one has taken already
 * is not asked for once more. */
#include "xl.h"

enum { TRIES = 4, WAIT_S = 10 };

/* Of all promises together, what is not there; dom0 may have it on its way. */
static int look(struct hv *h, struct op *o, uint64_t *ret_missing_kib)
{
    int n = 0;
    uint64_t free_kib = 0;
    libxl_dominfo *doms = libxl_list_domain(o->ctx, &n);
    int rc = doms ? xl_free_memory(o->ctx, &free_kib) : ERROR_FAIL;
    uint64_t open_kib = rc ? 0 : promises_open_kib(h->promises, doms, n);
    *ret_missing_kib = open_kib > free_kib ? open_kib - free_kib : 0;
    if (doms)
        libxl_dominfo_list_free(doms, n);
    return rc;
}

static int take_from_dom0(struct op *o, uint64_t missing_kib)
{
    uint64_t target_kib;
    libxl_dominfo dom0;
    libxl_dominfo_init(&dom0);
    int rc = xl_memory_target(o->ctx, 0, &target_kib);
    if (!rc)
        rc = libxl_domain_info(o->ctx, &dom0, 0);
    uint64_t has_kib = dom0.current_memkb;
    uint64_t coming_kib = !rc && has_kib > target_kib ? has_kib - target_kib : 0;
    if (!rc && missing_kib > coming_kib)
        rc = libxl_set_memory_target(o->ctx, 0, -(int64_t)(missing_kib - coming_kib), 1, 0);
    libxl_dominfo_dispose(&dom0);
    return rc;
}

/* Hypercalls and one xenstore write: the lock is held for microseconds. */
static int ask(struct hv *h, struct op *o, bool *ret_enough)
{
    uint64_t missing_kib = 0;
    lock_enter(h->lock);
    int rc = look(h, o, &missing_kib);
    if (!rc && missing_kib)
        rc = take_from_dom0(o, missing_kib);
    lock_leave(h->lock);
    *ret_enough = !rc && !missing_kib;
    return rc;
}

static void promise_add(struct hv *h, struct promise *p)
{
    lock_enter(h->lock);
    p->next = h->promises;
    h->promises = p;
    lock_leave(h->lock);
}

void memory_release(struct hv *h, struct promise *p)
{
    lock_enter(h->lock);
    for (struct promise **at = &h->promises; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    lock_leave(h->lock);
}

static bool is_aborted(const struct op *o)
{
    const struct hv_progress *p = o->log.progress;
    return p && __atomic_load_n(&p->abort_wanted, __ATOMIC_RELAXED);
}

int memory_promise(struct hv *h, struct op *o, libxl_domain_config *dc, struct promise *ret,
                   struct err *e)
{
    *ret = (struct promise){0};
    if (!h->may_balloon)
        return 0;
    bool enough = false;
    int rc = xl_need_memory(o->ctx, dc, &ret->need_kib);
    if (!rc) {
        memcpy(ret->uuid, libxl_uuid_bytearray(&dc->c_info.uuid), sizeof(ret->uuid));
        if (dc->b_info.shadow_memkb != (xl_memkb)LIBXL_MEMKB_DEFAULT)
            ret->shadow_kib = dc->b_info.shadow_memkb;
        promise_add(h, ret);
        rc = ask(h, o, &enough);
    }
    for (int i = 0; i < TRIES && !rc && !enough && !is_aborted(o); i++) {
        libxl_wait_for_memory_target(o->ctx, 0, WAIT_S);
        rc = ask(h, o, &enough);
    }
    if (enough)
        return 0;
    memory_release(h, ret);
    if (!rc && is_aborted(o))
        rc = ERROR_ABORTED;
    return xl_fail(e, rc ? rc : ERROR_FAIL, &o->log.here, NULL,
                   "cannot free %llu MiB of memory for the guest, dom0 does not give enough",
                   (unsigned long long)(ret->need_kib / 1024));
}
