/* Memory for guests that are about to be built. Where dom0 may give memory (no dom0_mem on Xen's
 * command line), it is asked for what is missing. Builds run side by side: each promises itself
 * what it needs first, so no byte is counted for two of them. */
#include "xl.h"

enum { TRIES = 4, WAIT_S = 10 };

/* What all promises together miss is asked of dom0, unless it is already on its way. Hypercalls
 * and one xenstore write: the lock is held for microseconds. */
static int ask(struct hv *h, struct op *o, bool *ret_enough)
{
    uint64_t free_kib, target_kib;
    libxl_dominfo dom0;
    libxl_dominfo_init(&dom0);
    lock_enter(h->lock);
    int rc = xl_free_memory(o->ctx, &free_kib);
    if (!rc)
        rc = xl_memory_target(o->ctx, 0, &target_kib);
    if (!rc)
        rc = libxl_domain_info(o->ctx, &dom0, 0);
    *ret_enough = !rc && free_kib >= h->promised_kib;
    if (!rc && !*ret_enough) {
        uint64_t coming = dom0.current_memkb > target_kib ? dom0.current_memkb - target_kib : 0;
        uint64_t missing = h->promised_kib - free_kib;
        if (missing > coming)
            rc = libxl_set_memory_target(o->ctx, 0, -(int64_t)(missing - coming), 1, 0);
    }
    lock_leave(h->lock);
    libxl_dominfo_dispose(&dom0);
    return rc;
}

int memory_promise(struct hv *h, struct op *o, libxl_domain_config *dc, uint64_t *ret_kib,
                   struct err *e)
{
    *ret_kib = 0;
    if (!h->may_balloon)
        return 0;
    uint64_t need_kib;
    bool enough = false;
    int rc = xl_need_memory(o->ctx, dc, &need_kib);
    if (!rc) {
        lock_enter(h->lock);
        h->promised_kib += need_kib;
        lock_leave(h->lock);
        *ret_kib = need_kib;
        rc = ask(h, o, &enough);
    }
    for (int i = 0; i < TRIES && !rc && !enough; i++) {
        libxl_wait_for_memory_target(o->ctx, 0, WAIT_S);
        rc = ask(h, o, &enough);
    }
    if (enough)
        return 0;
    memory_release(h, *ret_kib);
    return xl_fail(e, rc ? rc : ERROR_FAIL, &o->log.here, NULL,
                   "cannot free %llu MiB of memory for the guest, dom0 does not give enough",
                   (unsigned long long)(*ret_kib / 1024));
}

void memory_release(struct hv *h, uint64_t kib)
{
    lock_enter(h->lock);
    h->promised_kib -= kib;
    lock_leave(h->lock);
}
