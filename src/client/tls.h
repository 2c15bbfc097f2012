/* TLS under the protocol: the client's side, over any transport. */
#pragma once
#include "client/transport.h"
#include "client/uri.h"

/* Takes over *t and replaces it: handshake, check of the server's certificate against its name, and
 * the byte with which the server accepts us. On failure *t is closed. URI parameters: pkipath,
 * no_verify, no_sanity, tls_priority. */
int tls_start(const struct uri *u, const char *host, int timeout_ms, struct transport *t,
              struct err *e);
