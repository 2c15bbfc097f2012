/* Who did what, from where, on which guest, with what result: a line for every call that may change
 * something and for every authentication, in the file `audit_file` and, with `audit_logging`, in
 * the log. Loop thread only. */
#pragma once
#include "base/err.h"

struct audit;
struct call;
struct config;
struct session;

/* NULL: nothing is to be written, or *e says why it cannot be (e->code is 0 otherwise). */
struct audit *audit_open(const struct config *c, struct err *e);
void audit_close(struct audit *a); /* accepts NULL */

void audit_auth(const struct session *s, const struct err *why); /* why NULL: it succeeded */
void audit_call(struct call *c, int r);                          /* before it is answered */
