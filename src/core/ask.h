/* Questions that take their time, to the hypervisor or to the host's files: a worker asks, the loop
 * hears the answer. Nothing of a guest changes by them, so they are no jobs. */
#pragma once
#include "core/host.h"

/* On a worker: may touch arg, and the hypervisor as its BUILD operations do. */
typedef int ask_fn(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e);
/* On the loop, always. is_closing: the host goes; only arg is left to be freed. */
typedef void ask_done(void *arg, bool is_closing, const struct err *e);
void host_ask(struct host *h, ask_fn *fn, ask_done *done, void *arg);
