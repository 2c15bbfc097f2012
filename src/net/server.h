/* Listening sockets and the connections that come out of them: how many there may be, and what each
 * starts with. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/conn.h"

struct server;

struct server_limits {
    unsigned max_clients;   /* nobody is accepted above it */
    unsigned max_anonymous; /* the same for clients that have not authenticated yet */
    int backlog;            /* the kernel's queue in front of that */
    struct conn_limits conn;
};

/* What a listening socket is, for whoever answers there. */
struct server_socket {
    bool is_readonly;
    bool is_unix;
    bool is_tls;   /* the handshake is done before the owner hears of a client */
    bool is_http;  /* a page for monitoring, no frames */
    bool is_admin; /* for looking after the daemon itself */
};

struct net_remote;
struct tls_server;

/* A client was accepted. Returns what conn_ops get as `arg`, after conn_open with it, or NULL: the
 * transport is closed then. Takes over t either way. */
struct server_ops {
    void (*accepted)(void *arg, struct transport *t, const struct server_socket *from);
    /* A client that did not get that far; fd-less. NULL: nobody wants to know. */
    void (*refused)(void *arg, const struct peer *who, const char *why);
};

struct server *server_new(struct loop *l, const struct server_limits *limits,
                          const struct server_ops *ops, void *arg);
void server_free(struct server *s); /* closes the listening sockets, not the connections */
/* New limits count from now on; connections that are there stay. */
void server_set_limits(struct server *s, const struct server_limits *limits);
const struct server_limits *server_limits(const struct server *s); /* borrowed, as long as s */

/* Makes a unix socket at dir/name. A stale one is replaced; one that somebody answers at is an
 * error. Removed by server_free. */
int server_listen_unix(struct server *s, const char *dir, const char *name, mode_t mode,
                       const char *group, const struct server_socket *kind, struct err *e);
/* Takes over a socket that already listens (from systemd). */
int server_listen_fd(struct server *s, int fd, const struct server_socket *kind, struct err *e);
/* What TLS sockets use from now on; takes over tls. Before the first of them listens. */
void server_set_tls(struct server *s, const struct net_remote *remote, struct tls_server *tls);

/* The owner counts its clients here, so that the limits hold. */
void server_client_came(struct server *s);
void server_client_known(struct server *s); /* it has authenticated */
void server_client_left(struct server *s, bool was_known);
unsigned server_n_clients(const struct server *s);
unsigned server_n_anonymous(const struct server *s);
