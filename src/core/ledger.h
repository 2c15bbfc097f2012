/* Definitions on their way to the disk, for core/ alone. What is defined changes at once; the disk,
 * which may be slow, follows by a worker, one change after another, in order. Nobody hears of a
 * change before it is there for good: answers wait for it (host_when_written), and so do all events
 * behind it. A change that cannot be written is undone, with those of its guest that came after it.
 * Loop thread only. */
#pragma once
#include "priv.h"

/* What is done with the files of one guest; all or, as far as the disk lets, nothing. */
struct store_change {
    const struct domain *save; /* its definition becomes this one; NULL: stays */
    const char *remove;        /* this name's definition and autostart go */
    unsigned links, on;        /* enum autostart_link: of these, those that are to be */
    const char *managed_to;    /* its managed save is of this name from now on */
    bool drops_managed;        /* or goes */
    bool drops_snaps;          /* with the files that are known of them; taken from g */
};
/* g NULL: save is of a guest that was not there. The caller changes g, from now on the truth. */
int store_change(struct host *h, struct guest *g, const struct store_change *c, struct err *e);
/* For those whose workers write the definition themselves: nothing of it is on its way. */
int guest_check_written(const struct guest *g, struct err *e);
int guest_check_managed(const struct guest *g, struct err *e); /* no managed save is on its way */
void ledger_close(struct host *h); /* who waits is told; what waits is written */
void ledger_free(struct ledger *l);
