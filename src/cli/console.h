/* The interactive console of a guest. */
#pragma once
#include "cmd.h"

struct wire_domain;

/* Connects the terminal with the guest's console until the escape character, the end of either
 * side, or an error; a guest that reboots is connected with again. Without a terminal on stdin it copies: what the guest prints to stdout, stdin
 * to the guest, until the guest's side ends. */
int console_run(struct ctl *c, const struct wire_domain *d, const char *device, unsigned flags,
                struct err *e);
