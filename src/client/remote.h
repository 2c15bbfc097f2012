/* TLS and SASL live in a module, so that a command that needs neither does not load their libraries
 * (GnuTLS alone takes longer to load than most commands run). The module carries its own copy of
 * what it needs of base, wire and client; it changes the client only through this table. */
#pragma once
#include "client/client.h"
#include "client/transport.h"
#include "client/uri.h"

enum { CLIENT_REMOTE_ABI = 2 };

typedef int client_call_fn(struct client *c, int proc, const void *args, void *ret, struct err *e);

struct pki_files {
    const char *cert_dir, *cert, *key_dir, *key;
};

struct pki_leaf { /* hosts: a server's certificate; none: a client's */
    const char *name;
    const char *const *hosts; /* names and addresses */
    size_t n_hosts;
    int days;
};

struct client_remote {
    int abi;
    /* Takes over *t and replaces it: handshake, check of the server's certificate against its name,
     * and the byte with which the server accepts us. On failure *t is closed. URI parameters:
     * pkipath, no_verify, no_sanity, tls_priority. */
    int (*tls_start)(const struct uri *u, const char *host, int timeout_ms, struct transport *t,
                     struct err *e);
    /* `call` is client_call. mech NULL: the best of those that the server offers. Afterwards c's
     * transport may be encrypted. */
    int (*sasl_run)(struct client *c, client_call_fn *call, const struct uri *u, const char *mech,
                    const struct client_options *o, struct err *e);
    /* An authority; one that is there already is only looked at. */
    int (*pki_authority)(const struct pki_files *f, const char *name, int days, bool *ret_made,
                         struct err *e);
    int (*pki_leaf)(const struct pki_files *ca, const struct pki_files *f,
                    const struct pki_leaf *leaf, struct err *e);
};

/* Loads the module once; stays loaded. NULL: it is not installed, *e says where it was looked for.
 */
const struct client_remote *client_remote_load(struct err *e);
