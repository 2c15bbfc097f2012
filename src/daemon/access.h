/* Rights on single calls: what the row in the table of procedures needs, on the object that the
 * call is about, by the policy file (policy.h) and by polkit (asks.h), each where it is configured;
 * with both, both must grant it. Without either everything is granted. Loop thread only.
 *
 * polkit's answers take time: while one is missing these functions say no, and the question stands
 * in the call's list. Whoever carried out the call then asks (access_waits) and does it again. So a
 * handler must ask before it changes anything. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asks;
struct call;
struct err;
struct guest;
struct object;
struct session;
struct wire_domain;
struct wire_proc;

bool access_is_guarded(const struct session *s); /* may something be denied to it at all? */
/* Is the call to be done again, when its open questions have been answered? */
bool access_waits(const struct call *c);

/* Before the arguments are looked at: could this client carry out this procedure on anything? */
int access_before(const struct session *s, const struct wire_proc *p, struct err *e);
/* With the arguments, before the handler: on the object that they name or whose document they have
 * (of which nothing but the names is looked at). */
int access_call(struct call *c);
/* By handlers that learn of a guest later: from XML, or from a look-up. */
int access_guest(struct call *c, const char *name, const uint8_t uuid[16]);
/* Does the client get to know of this guest, in lists? */
bool access_sees(struct call *c, const char *name, const uint8_t uuid[16]);
/* The same of any object. */
bool access_sees_object(struct call *c, const struct object *o);
/* For events, which belong to no call: questions go to this list. */
int access_says(const struct session *s, struct asks *a, const char *right, const struct object *o);
/* The guests that it sees; caller frees. */
struct guest **access_guests(struct call *c, size_t *ret_n);
/* The guest that the arguments name, and how they name it; NULL: none, or not decoded. Borrowed. */
struct guest *access_target(struct call *c);
const struct wire_domain *access_argument(const struct call *c);
