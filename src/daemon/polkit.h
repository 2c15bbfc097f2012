/* polkit's word on a local client, through sd-bus. In a module of its own (libsystemd), loaded when
 * the configuration asks for polkit. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { POLKIT_ABI = 1, POLKIT_DETAILS_MAX = 5 };

struct polkit_subject { /* together they name one process: a number alone could be reused */
    uid_t uid;
    pid_t pid;
    uint64_t start_ticks;
};

struct polkit_detail {
    const char *name, *value;
};

struct polkit_question {
    char *action;
    struct polkit_detail details[POLKIT_DETAILS_MAX];
    size_t n_details;
    bool is_granted; /* the answer */
};

struct polkit_ops {
    int abi; /* POLKIT_ABI */
    /* May take as long as a user needs to type a password: for workers. 0: granted. Codes:
     * ERR_AUTH_FAILED, ERR_AUTH_CANCELLED, ERR_AUTH_UNAVAILABLE (nobody to ask). */
    int (*check)(const struct polkit_subject *s, const char *action, struct err *e);
    /* Asks all of them, without a word to the user, and no longer than this: for workers too. What
     * was not answered is not granted; *e says why, and is untouched else. */
    void (*ask)(const struct polkit_subject *s, struct polkit_question *q, size_t n,
                uint64_t timeout_ms, struct err *e);
};

const struct polkit_ops *polkit_load(struct err *e); /* NULL: the module is not there */
