/* polkit's word on a local client, through sd-bus. In a module of its own (libsystemd), loaded when
 * the configuration asks for polkit. */
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct polkit_subject { /* together they name one process: a number alone could be reused */
    const char *action;
    uid_t uid;
    pid_t pid;
    uint64_t start_ticks;
};

/* May take as long as a user needs to type a password: for workers. 0: granted. Codes:
 * ERR_AUTH_FAILED, ERR_AUTH_CANCELLED, ERR_AUTH_UNAVAILABLE (nobody to ask). */
typedef int polkit_check_fn(const struct polkit_subject *s, struct err *e);

polkit_check_fn *polkit_load(struct err *e); /* NULL: the module is not there */
