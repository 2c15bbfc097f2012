/* The hotplug scripts that a daemon before this one has started and that still run. What they see
 * to is taken away when they have ended: one that ends later would write into xenstore where nobody
 * tidies up. The loop's. */
#pragma once
#include "xl.h"

void scripts_open(struct hv *h);
void scripts_close(struct hv *h);

/* False: none runs for this domain. Else `fn` is called when the last one has ended, or has had its
 * time. */
bool scripts_wait(struct hv *h, uint32_t domid, loop_fn *fn, void *arg);
