/* Local and TCP sockets, and which of the local ones a URI means. */
#pragma once
#include "client/transport.h"
#include "client/uri.h"

/* Connects to any address of host, in the order that the resolver gives. */
int socket_tcp(const char *host, int port, int timeout_ms, struct transport *ret, struct err *e);

/* Connects to the daemon for a local URI. *ret_absent: no daemon runs (nothing listens anywhere).
 */
int socket_local(const struct uri *u, bool is_readonly, struct transport *ret, bool *ret_absent,
                 struct err *e);
