/* TLS and SASL for connections from other hosts: a module, since a daemon that serves local sockets
 * alone should not carry GnuTLS and SASL in its memory. Loaded once, when the configuration asks
 * for one of them; stays loaded. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/transport.h"

enum { NET_REMOTE_ABI = 1 };

struct net_names { /* a list of patterns; has = false: nothing was configured, all may pass */
    char *const *items;
    size_t n;
    bool has;
};

/* Borrowed for the call that makes the object. */
struct tls_options {
    const char *ca, *crl, *cert, *key; /* files; crl may be NULL or missing */
    const char *priority;              /* GnuTLS's words, NULL: its own choice */
    bool verify;                       /* clients need a certificate */
    bool check_own;                    /* refuse to start with unfit files */
    struct net_names allowed;          /* subject names of clients */
};

struct sasl_options {
    const char *local, *remote; /* "ADDRESS;PORT" */
    unsigned outer_ssf;         /* bits of the encryption below */
    unsigned min_ssf;           /* of SASL's own layer; 0: none is wanted */
    struct net_names allowed;   /* user names */
};

/* What a step of an exchange says. */
struct sasl_say {
    const char *data; /* NULL: no data; borrowed until the next step */
    size_t n;
    bool is_complete;
};

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

struct tls_server;
struct sasl;

struct net_remote {
    int abi;

    /* Files are read here, once. NULL: *e says which is unfit. */
    struct tls_server *(*tls_open)(const struct tls_options *o, struct err *e);
    /* Connections that were made with it go on. */
    void (*tls_close)(struct tls_server *s);
    /* Takes over fd in any case; NULL: it is closed. */
    struct transport *(*tls_transport)(struct tls_server *s, int fd, struct err *e);
    /* Until TLS_DONE the transport may not be used otherwise. A client that is refused is
     * TLS_FAILED after the handshake, before it hears anything of ours. */
    enum tls_step (*tls_handshake)(struct transport *t, struct err *e);

    /* SASL may wait for files or other daemons in sasl_step, which belongs into a worker, one at a
     * time for one exchange. The rest is for the loop. */
    struct sasl *(*sasl_new)(const struct sasl_options *o, struct err *e);
    void (*sasl_free)(struct sasl *s);
    /* Comma separated; caller frees; NULL: none fits. */
    char *(*sasl_mechanisms)(struct sasl *s, struct err *e);
    /* mech NULL: a later step. data NULL: no data, as opposed to empty. Fails with ERR_AUTH_FAILED
     * when the client is refused; then the exchange is over. */
    int (*sasl_step)(struct sasl *s, const char *mech, const char *data, size_t n,
                     struct sasl_say *ret, struct err *e);
    const char *(*sasl_user)(const struct sasl *s); /* after is_complete; borrowed */
    unsigned (*sasl_ssf)(const struct sasl *s);     /* 0: no layer */
    /* A layer above `inner`; takes over both. */
    struct transport *(*sasl_layer)(struct sasl *s, struct transport *inner);
};

/* dir NULL: where it is installed, or built. NULL: *e says why. */
const struct net_remote *net_remote_load(const char *dir, struct err *e);
