/* The host: all guests, found by uuid, name and domid; the store of their definitions; their
 * events. It keeps itself true to the hypervisor: start-up matches domains and definitions by uuid,
 * later changes come as events. Loop thread only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/guest.h"
#include "hv/hv.h"

struct host;
struct loop;

struct host_options {
    const struct hv_ops *ops;
    const char *hv_options; /* for ops->open */
    const char *config_dir; /* definitions: NAME.xml, and autostart/NAME.xml links */
    const char *state_dir;  /* save/, dump/, console logs */
    bool autostart;
    unsigned autostart_parallel; /* guests that start at once; 0: some */
    uint64_t deadline_ms;        /* what a start, save, restore, dump ... may take; 0: no limit */
    void (*log)(int level, const char *text); /* any thread */
};

struct host *host_open(struct loop *l, const struct host_options *o, struct err *e);
void host_close(struct host *h); /* guests run on; accepts NULL */
struct hv *host_hv(struct host *h);
const struct hv_ops *host_ops(struct host *h);
struct events *host_events(struct host *h);

/* Returns the guest or NULL with ERR_NO_DOMAIN; borrowed, valid until the loop runs again. */
struct guest *host_find_uuid(struct host *h, const uint8_t uuid[16], struct err *e);
struct guest *host_find_name(struct host *h, const char *name, struct err *e);
struct guest *host_find_domid(struct host *h, int32_t domid, struct err *e);

/* Definitions change at once and reach the disk later: how many changes there were, and a call, on
 * the loop and never at once, when all that came after the first `since` are on disk, or with the
 * error of one that cannot be and was undone. */
typedef void written_fn(void *arg, const struct err *e);
uint64_t host_changes(const struct host *h);
void host_when_written(struct host *h, uint64_t since, written_fn *fn, void *arg);

/* All guests, by name. Caller frees the array with free. */
struct guest **host_guests(struct host *h, size_t *ret_n);

/* Takes over `d`, also on failure. Checked, completed, stored; a running guest keeps running as it
 * is. */
int host_define(struct host *h, struct domain *d, struct guest **ret, struct err *e);
/* Takes over `d`. Builds a guest without storing it (or starts the defined one of that uuid with
 * this configuration). */
int host_create(struct host *h, struct domain *d, unsigned flags, guest_done *done, void *arg,
                struct err *e);
/* changed: NULL or another configuration, borrowed. how: enum guest_save. */
int host_restore(struct host *h, const char *path, const struct domain *changed, unsigned how,
                 guest_done *done, void *arg, struct err *e);
