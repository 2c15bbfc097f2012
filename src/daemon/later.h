/* Calls that a worker finds the answer of. */
#pragma once
#include "core/ask.h"
#include "daemon/dispatch.h"

/* The first member of what such a call carries along; allocated with malloc. */
struct later {
    struct call *call;
    int (*after)(struct call *c, struct later *x); /* on the loop: fills the answer; may be NULL */
    void (*clear)(struct later *x);                /* what x owns; may be NULL */
};
/* Takes over x. Returns CALL_LATER. */
int call_later(struct call *c, ask_fn *work, struct later *x);
