/* What the daemon listens on beside its unix sockets, and what authentication needs: TCP, TLS, the
 * page for monitoring; the modules for TLS, SASL and polkit are loaded when something needs them.
 */
#pragma once
#include <stdbool.h>

#include "base/err.h"

struct daemon;
struct sockets;

/* listens: --listen was given; passed: what systemd listens at already. After the server is there,
 * before it accepts. */
int transports_open(struct daemon *d, bool listens, const struct sockets *passed, struct err *e);
/* What a configuration says of them, before it is taken. */
struct config;
int transports_check(const struct config *c, struct err *e);
/* Policy, audit file and certificates are read again; what cannot be read stays as it was. */
void transports_reload(struct daemon *d);
int transports_reload_tls(struct daemon *d, struct err *e); /* the certificates alone */
void transports_close(struct daemon *d);
