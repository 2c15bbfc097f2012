/* The policy (policy.h) asked for a call: what its row in the table of procedures needs, on the
 * object that it is about. Without a policy everything is granted. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct err;
struct guest;
struct session;
struct wire_domain;
struct wire_proc;

/* Before the arguments are looked at: could this client carry out this procedure on anything? */
int access_before(const struct session *s, const struct wire_proc *p, struct err *e);
/* With the arguments, before the handler: on the guest that they name. */
int access_call(struct call *c);
/* By handlers that learn of a guest later: from XML, or from a look-up. */
int access_guest(struct call *c, const char *name, const uint8_t uuid[16]);
/* Does the client get to know of this guest, in lists and events? */
bool access_sees(const struct session *s, const char *name, const uint8_t uuid[16]);
/* May it know of anything of the kind that this call lists? Only guests are told apart. */
bool access_sees_any(const struct call *c);
/* The answer if not: an empty list, or a refusal where there is no such thing. */
int access_hide(struct call *c);
/* The guests that it sees; caller frees. */
struct guest **access_guests(struct call *c, size_t *ret_n);
/* The guest that the arguments name, and how they name it; NULL: none, or not decoded. Borrowed. */
struct guest *access_target(struct call *c);
const struct wire_domain *access_argument(const struct call *c);
