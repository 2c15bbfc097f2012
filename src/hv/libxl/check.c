/* Whether this host has what a guest needs, before anybody sends it here. Nothing is changed. */
#include <unistd.h>

#include "config.h"
#include "xl.h"

/* Another script, or another domain, knows its own bridges. */
static int check_nic(const struct nic *n, struct err *e)
{
    if (str_empty(n->bridge) || n->script || n->backend_domain)
        return 0;
    CLEANUP_FREE char *path = mem_printf("/sys/class/net/%s", n->bridge);
    return access(path, F_OK)
               ? fail(e, ERR_OPERATION_FAILED, "bridge '%s' does not exist on this host", n->bridge)
               : 0;
}

/* What dom0 has counts where it may be asked for it. */
static int check_memory(struct hv *h, struct op *o, libxl_domain_config *dc, struct err *e)
{
    uint64_t need_kib, free_kib, dom0_kib = 0;
    libxl_dominfo dom0;
    libxl_dominfo_init(&dom0);
    int rc = xl_need_memory(o->ctx, dc, &need_kib);
    if (!rc)
        rc = xl_free_memory(o->ctx, &free_kib);
    if (!rc && h->may_balloon && !(rc = libxl_domain_info(o->ctx, &dom0, 0)))
        dom0_kib = dom0.current_memkb;
    libxl_dominfo_dispose(&dom0);
    if (rc)
        return xl_fail(e, rc, &o->log.here, NULL, "cannot find out how much memory is free");
    if (need_kib > free_kib + dom0_kib)
        return fail(e, ERR_OPERATION_FAILED,
                    "not enough free memory: %llu MiB are needed, %llu MiB are free",
                    (unsigned long long)need_kib >> 10, (unsigned long long)free_kib >> 10);
    return 0;
}

int check_needs(struct hv *h, const struct domain *d, struct err *e)
{
    struct op o;
    for (size_t i = 0; i < d->n_nics; i++)
        if (check_nic(&d->nics[i], e))
            return -1;
    if (op_open(h, NULL, &o, e))
        return -1;
    libxl_domain_config dc;
    libxl_domain_config_init(&dc);
    int r = xl_config_fill(o.ctx, d, &dc, e) || check_memory(h, &o, &dc, e) ? -1 : 0;
    libxl_domain_config_dispose(&dc);
    op_close(&o);
    return r;
}
