/* What a client may not know of is taken out of lists and look-ups of pools, volumes, networks,
 * node devices, interfaces, secrets and network filters, ours and other daemons'. Loop thread only.
 */
#pragma once
#include <stdbool.h>

#include "base/str.h"

struct call;

bool sieve_wants(const struct call *c); /* is it a list or a look-up of such objects? */
/* The request that another daemon gets instead, so that its answer can be sieved: a list where
 * numbers are asked for. Returns its procedure; payload is changed. */
int sieve_request(const struct call *c, struct str *payload);
/* Changes the answer, in c->raw or c->ret. CALL_DONE, or CALL_FAILED with c->err: the client may
 * not see it, or not all is known yet (access_waits). */
int sieve_answer(struct call *c);
