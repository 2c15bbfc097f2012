/* Listening on TCP, and the addresses of such connections. Loop thread. */
#pragma once
#include "net/server.h"

enum { TCP_ADDRESS = 80 };

/* host NULL: every address of this machine, IPv4 and IPv6; a name may have several. */
int tcp_listen(struct server *s, const char *host, const char *port,
               const struct server_socket *kind, struct err *e);
void tcp_setup(int fd); /* an accepted connection: small frames leave at once */
/* "ADDRESS;PORT" with separator ';'. A unix socket is 127.0.0.1 and port 0, which is what SASL's
 * users expect: false then. */
bool tcp_address(int fd, bool remote, char separator, char ret[TCP_ADDRESS]);
