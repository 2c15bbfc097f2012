/* Where a connection's bytes come from and go to: a plain socket, or a layer (TLS, SASL) above one.
 * Nonblocking; loop thread. A transport owns its descriptor. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct transport;

enum { TRANSPORT_FDS_MAX = 32 };

/* Descriptors that came along with bytes; the receiver owns them. */
struct transport_fds {
    int fd[TRANSPORT_FDS_MAX];
    size_t n;
};

struct transport_ops {
    const char *name;
    bool passes_fds; /* recv may fill fds */
    /* Bytes read, 0 at the end, -1 with errno (EAGAIN: later). Never more than one control message
     * a call, so that fds->n > 0 says: they belong to the last of these bytes. */
    ssize_t (*recv)(struct transport *t, void *buf, size_t n, struct transport_fds *fds);
    ssize_t (*send)(struct transport *t, const void *buf, size_t n);
    /* A byte and a descriptor along with it: 1, or -1 with errno. NULL: it cannot. */
    ssize_t (*send_fd)(struct transport *t, int fd);
    /* Has it bytes for recv that the loop cannot see? NULL: never. */
    bool (*pending)(struct transport *t);
    void (*close)(struct transport *t); /* frees t too */
};

struct transport {
    const struct transport_ops *ops;
    int fd;                /* what the loop waits on */
    unsigned ssf;          /* bits of encryption */
    const char *x509_name; /* of the client's certificate, in its own order; borrowed; or NULL */
};

/* Takes over the socket. passes_fds: it is a unix socket. */
struct transport *transport_plain(int fd, bool passes_fds);
