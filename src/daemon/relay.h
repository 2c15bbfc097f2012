/* Calls that other daemons of the host answer (column relay of the protocol's table): storage,
 * networks, node devices, interfaces, secrets and network filters. Frames are handed on as they
 * are, under other serials and callback ids, over a connection for each client and driver that is
 * made when it is first needed, and made again for the client's events when the other daemon has
 * been restarted. Rights have been checked before. Loop thread only. */
#pragma once
#include <stdbool.h>

struct call;
struct conn_frame;
struct session;
struct wire_proc;

/* Is there a daemon that answers this call? Connects to it. */
bool relay_takes(struct session *s, const struct wire_proc *p);
/* Do the arguments name an object by its uuid alone, of which the name has to be known? */
bool relay_must_resolve(const struct call *c);
/* Finds it: c->resolved_name. CALL_LATER: done is called, with CALL_DONE, or CALL_FAILED and
 * c->err.
 */
int relay_resolve(struct call *c, void (*done)(struct call *c, int r));
/* Is it the number of a registration for events of another daemon? */
bool relay_listens(const struct session *s, int callback_id);
/* Hands it on; CALL_LATER, CALL_FAILED, or CALL_DONE when there is nobody to ask. */
int relay_call(struct call *c, const struct conn_frame *f);
/* A stream frame of the client: is it one of a relayed stream? Answers or releases it then. */
bool relay_stream(struct session *s, const struct conn_frame *f);
void relay_close(struct session *s);
