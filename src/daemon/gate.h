/* Events on their way to a client that may not hear of everything. Without polkit a right is known
 * at once; with it, events wait here, in their order, until it has said whether the client may know
 * of the object. What the client has given up meanwhile is dropped. Loop thread only. */
#pragma once
#include <stddef.h>

struct object;
struct session;
struct wire_proc;

/* An encoded message about o, for the registration (or wish) of this number. */
void gate_event(struct session *s, const struct object *o, int callback_id,
                const struct wire_proc *p, const void *payload, size_t len);
void gate_close(struct session *s);
