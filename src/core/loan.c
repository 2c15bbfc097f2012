/* PCI devices of the host that guests have on loan (managed='yes'): Xen takes them from their
 * drivers, and leaves it to others to give them back. */
#include "hv/device.h"
#include "priv.h"

static bool is_lent(const struct hostdev *d)
{
    return d->type == HOSTDEV_PCI && d->managed == TRI_YES && !d->name;
}

static void add(struct domain **lent, const struct hostdev *d)
{
    if (!is_lent(d))
        return;
    if (!*lent)
        *lent = domain_new();
    rec_copy(&hostdev_rec, DOMAIN_ADD(*lent, hostdevs), d);
}

struct domain *loan_all(const struct domain *of)
{
    struct domain *lent = NULL;
    for (size_t i = 0; of && i < of->n_hostdevs; i++)
        add(&lent, &of->hostdevs[i]);
    return lent;
}

struct domain *loan_one(const struct domain *of, const struct hv_device *d)
{
    struct domain *lent = NULL;
    size_t i = of && d->kind == HV_HOSTDEV ? hv_device_find(of, d) : SIZE_MAX;
    if (i != SIZE_MAX)
        add(&lent, &of->hostdevs[i]);
    return lent;
}

/* One that no driver was taken from, or that another guest has by now, stays as it is. */
void loan_return(const struct host *h, const struct domain *lent, struct err *e)
{
    for (size_t i = 0; lent && i < lent->n_hostdevs; i++) {
        const struct hostdev *d = &lent->hostdevs[i];
        const struct hv_pci at = {(uint32_t)num_or(d->domain, 0), (uint8_t)num_or(d->bus, 0),
                                  (uint8_t)num_or(d->slot, 0), (uint8_t)num_or(d->function, 0)};
        struct err own = {0};
        if (is_lent(d) && h->ops->pci(h->hv, HV_PCI_REATTACH, &at, &own) &&
            own.code != ERR_OPERATION_INVALID && !e->code)
            *e = own;
    }
}

/* ---- those of a guest that another toolstack has ended ---- */
static void work_return(void *arg)
{
    struct job *j = arg;
    loan_return(j->host, j->lent, &j->err);
}

static void end_return(struct job *j)
{
    if (j->err.code)
        host_log(j->host, LOG_WARN, "domain '%s': %s", j->guest->name, j->err.msg);
}

static const struct job_kind job_return = {
    .name = "give devices back", .work = work_return, .end = end_return};

void guest_return_loans(struct guest *g, struct domain *lent)
{
    struct err e = {0};
    if (!lent || g->job) {
        domain_free(lent);
        return;
    }
    struct job *j = job_new(g, &job_return, NULL, NULL);
    j->lent = lent;
    (void)job_run(j, &e); /* one for a worker always begins */
}
