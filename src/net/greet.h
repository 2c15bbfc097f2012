/* The time between accepting a TLS connection and knowing that its client may come in: handshake,
 * check of its certificate, the byte that says so. Each has GREET_MS for it. Loop thread only. */
#pragma once
#include "net/remote.h"
#include "net/server.h"

enum { GREET_MS = 10000 };

struct greeter;

/* Told once for each connection; t is taken over, NULL when the client was refused: `why` says it.
 */
typedef void greet_done_fn(void *arg, struct transport *t, const struct server_socket *from,
                           const struct peer *who, const char *why);

struct greeter *greeter_new(struct loop *l, greet_done_fn *done, void *arg);
void greeter_free(struct greeter *g); /* drops those who wait, without telling; accepts NULL */
/* From now on; takes over tls, closes the one before. */
void greeter_set_tls(struct greeter *g, const struct net_remote *remote, struct tls_server *tls);
void greeter_accept(struct greeter *g, int fd,
                    const struct server_socket *from); /* takes over fd */
