/* Bytes to and from a server, whatever carries them: four functions and a descriptor to poll.
 * Layers (TLS, SASL) take over the transport below them. Descriptors do not block. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { TRANSPORT_AGAIN = -2 };

struct transport {
    int fd; /* to poll */
    void *state;
    /* Bytes moved (> 0), TRANSPORT_AGAIN when it would block, -1 on failure; recv: 0 when the peer
     * has closed. */
    long (*recv)(struct transport *t, void *data, size_t len, struct err *e);
    long (*send)(struct transport *t, const void *data, size_t len, struct err *e);
    bool (*is_ready)(struct transport *t); /* received bytes that poll does not see; NULL: never */
    void (*close)(struct transport *t);
    unsigned ssf; /* bits of encryption */
};

/* A connected, non-blocking socket; takes over fd. */
struct transport transport_of_socket(int fd);

int transport_wait(struct transport *t, short events, int timeout_ms,
                   struct err *e); /* ERR_OPERATION_TIMEOUT */
