/* What the daemon listens on beside its unix sockets, and what authentication needs: TCP, TLS, the
 * page for monitoring; the modules for TLS, SASL and polkit are loaded when something needs them. */
#pragma once
#include <stdbool.h>

#include "base/err.h"

struct daemon;

/* listens: --listen was given. After the server is there, before it accepts. */
int transports_open(struct daemon *d, bool listens, struct err *e);
/* Policy, audit file and certificates are read again; what cannot be read stays as it was. */
void transports_reload(struct daemon *d);
void transports_close(struct daemon *d);
