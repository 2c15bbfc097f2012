/* A call that takes long, with its progress shown, and ^C that aborts the job instead of us. */
#pragma once
#include "cmd.h"

struct wire_domain;

struct progress {
    const char *label;            /* "Save" */
    const struct wire_domain *of; /* the guest whose job it is; NULL: the one called name */
    const char *name;             /* NULL: nothing can be shown */
    bool verbose;                 /* shown also where stderr is no terminal */
    uint64_t suspend_after_s;     /* the guest is suspended when it takes longer; 0: never */
};
int progress_call(struct ctl *c, const struct progress *p, int proc, const void *args, void *ret,
                  struct err *e);
