/* The connection that a migrating guest's memory goes over: plain TCP from the source to the
 * destination, at "tcp://HOST:PORT". Slow functions are for workers. */
#pragma once
#include <stddef.h>

#include "base/err.h"

enum { DATALINK_PORT_FIRST = 49152, DATALINK_PORT_LAST = 49216, DATALINK_ADDRESSES = 8 };

/* "tcp://HOST[:PORT]" or "HOST[:PORT]". Caller frees *ret_host; *ret_port is 0 when none is named.
 */
int datalink_parse(const char *uri, char **ret_host, int *ret_port, struct err *e);
char *datalink_uri(const char *host, int port); /* caller frees */

/* Slow. Listens for one connection on every address of host (NULL: of this machine), at port or,
 * if that is 0, at a free one of the range. Caller closes fds. */
int datalink_listen(const char *host, int *port, int fds[DATALINK_ADDRESSES], size_t *ret_n,
                    struct err *e);
/* Slow: resolves and connects. The socket blocks. */
int datalink_connect(const char *uri, int *ret_fd, struct err *e);
/* Blocking, and a peer that is silent for a minute is dead. */
void datalink_setup(int fd);
