/* Counters of a running guest's devices, found by the names that clients use. */
#pragma once
#include "core/host.h"

/* path: a target (xvda), a source, or "" for the sum of all disks. */
int stats_block(struct host *h, const struct guest *g, const char *path, struct hv_block_stats *ret,
                struct err *e);
/* device: the name of the host's interface, or the MAC address. */
int stats_net(struct host *h, const struct guest *g, const char *device, struct hv_net_stats *ret,
              struct err *e);
/* The one of that name in what runs, or of that MAC address in what the guest has there (affect as
 * in tune.h); borrowed. */
const struct nic *stats_find_nic(struct guest *g, const char *device, unsigned affect,
                                 struct err *e);
/* The name of the host's interface of a nic, and the number that Xen knows it by. */
enum { STATS_NAME_MAX = 64 };
uint32_t stats_nic(const struct guest *g, const struct domain *d, size_t i,
                   char name[STATS_NAME_MAX]);
