#include "daemon/stats.h"

#include <strings.h>

#include "base/str.h"
#include "core/tune.h"
#include "daemon/live.h"

static void add_known(int64_t *sum, int64_t n)
{
    if (n >= 0)
        *sum = (*sum < 0 ? 0 : *sum) + n;
}

static void block_add(struct hv_block_stats *sum, const struct hv_block_stats *s)
{
    add_known(&sum->rd_req, s->rd_req);
    add_known(&sum->rd_bytes, s->rd_bytes);
    add_known(&sum->wr_req, s->wr_req);
    add_known(&sum->wr_bytes, s->wr_bytes);
    add_known(&sum->flush_req, s->flush_req);
    add_known(&sum->errs, s->errs);
}

int stats_block(struct host *h, const struct guest *g, const char *path, struct hv_block_stats *ret,
                struct err *e)
{
    struct hv_block_stats sum = {-1, -1, -1, -1, -1, -1};
    const struct domain *d = live_config(g, e);
    bool found = false;
    for (size_t i = 0; d && i < d->n_disks; i++) {
        const struct disk *k = &d->disks[i];
        struct hv_block_stats one;
        if (*path && !str_eq(path, k->target) && !str_eq(path, k->source))
            continue;
        if (host_ops(h)->block_stats(host_hv(h), (uint32_t)guest_domid(g), k->target, &one, e))
            return -1;
        block_add(&sum, &one);
        found = true;
    }
    if (!d)
        return -1;
    if (!found && *path)
        return fail(e, ERR_INVALID_ARG, "invalid path: '%s' is no disk of the domain", path);
    *ret = sum;
    return 0;
}

uint32_t stats_nic(const struct guest *g, const struct domain *d, size_t i,
                   char name[STATS_NAME_MAX])
{
    uint32_t devid = (uint32_t)num_or(d->nics[i].devid, (int64_t)i);
    if (d->nics[i].ifname)
        snprintf(name, STATS_NAME_MAX, "%s", d->nics[i].ifname);
    else
        snprintf(name, STATS_NAME_MAX, "vif%d.%u", guest_domid(g), devid);
    return devid;
}

static bool nic_is(const struct nic *n, const char *name, const char *asked)
{
    char mac[18];
    const uint8_t *b = n->mac.b;
    snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    return str_eq(name, asked) || (n->mac.set && !strcasecmp(mac, asked));
}

const struct nic *stats_find_nic(struct guest *g, const char *device, unsigned affect,
                                 struct err *e)
{
    const struct domain *d = guest_config(g, affect == AFFECT_CONFIG);
    if (affect == AFFECT_LIVE && !live_config(g, e))
        return NULL;
    for (size_t i = 0; d && i < d->n_nics; i++) {
        char name[STATS_NAME_MAX];
        stats_nic(g, d, i, name);
        if (nic_is(&d->nics[i], name, device))
            return &d->nics[i];
    }
    fail(e, ERR_INVALID_ARG, "'%s' is no interface of the domain", device);
    return NULL;
}

int stats_net(struct host *h, const struct guest *g, const char *device, struct hv_net_stats *ret,
              struct err *e)
{
    const struct domain *d = live_config(g, e);
    for (size_t i = 0; d && i < d->n_nics; i++) {
        char name[STATS_NAME_MAX];
        uint32_t devid = stats_nic(g, d, i, name);
        if (nic_is(&d->nics[i], name, device))
            return host_ops(h)->net_stats(host_hv(h), (uint32_t)guest_domid(g), devid, ret, e);
    }
    return d ? fail(e, ERR_INVALID_ARG, "'%s' is no interface of the domain", device) : -1;
}
