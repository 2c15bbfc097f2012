/* Live migration, the guest's side: the daemon calls these as the steps of the protocol arrive, and
 * brings the connected sockets (blocking; taken over). At no instant do both sides run the guest:
 * what arrives stays paused until it is finished, what was sent stays suspended until it is
 * confirmed. Loop thread. */
#pragma once
#include "core/guest.h"

struct host;

/* ---- where it runs ---- */
int guest_migrate_check(const struct guest *g, struct err *e); /* could it be sent now? */
/* Sends it. On success it is suspended and waits for its confirmation; on failure it runs on. */
int guest_migrate_send(struct guest *g, int fd, bool live, guest_done *done, void *arg,
                       struct err *e);
/* cancelled: it runs on here. Else it is destroyed, and undefined if that is asked for. */
int guest_migrate_confirm(struct guest *g, bool cancelled, bool undefine, guest_done *done,
                          void *arg, struct err *e);

/* ---- where it comes to ---- */
/* Takes over d. Keeps name and uuid for it; it must be finished, be it cancelled. */
int host_migrate_prepare(struct host *h, struct domain *d, struct guest **ret, struct err *e);
/* Builds it from the socket. done: all has come, or not (then nothing of it is left but the place).
 */
int guest_migrate_receive(struct guest *g, int fd, guest_done *done, void *arg, struct err *e);
/* cancelled: what has come is removed. Else it runs (unless paused), once all has come. */
int guest_migrate_finish(struct guest *g, bool cancelled, bool paused, bool persist,
                         guest_done *done, void *arg, struct err *e);
