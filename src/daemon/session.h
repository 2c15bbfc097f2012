/* One client: what it may do, what it has open, what it is told. It owns its registrations and
 * streams; its calls outlive it. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/daemon.h"
#include "daemon/identity.h"
#include "net/conn.h"

struct call;
struct gate;
struct link;
struct volume_stream;
struct stream;

enum { SESSION_REGISTRATIONS_MAX = 1024 };

/* A wish to be told of events. */
enum event_style {
    STYLE_LIFECYCLE, /* CONNECT_DOMAIN_EVENT_REGISTER: lifecycle only, old messages */
    STYLE_ANY,       /* CONNECT_DOMAIN_EVENT_REGISTER_ANY: old messages */
    STYLE_CALLBACK,  /* CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: messages with a callback id */
    STYLE_POOL,      /* CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: the same, of our pools */
};

struct registration {
    int callback_id;
    int event_id;
    enum event_style style;
    bool has_guest; /* only of this one (or pool) */
    uint8_t uuid[16];
};

/* How a client of a socket proves who it is. */
enum session_auth { SESSION_AUTH_NONE, SESSION_AUTH_SASL, SESSION_AUTH_POLKIT };

struct session {
    struct daemon *daemon;
    struct server *server; /* that counts it */
    struct server_socket from;
    uint64_t id;   /* never used again */
    int64_t since; /* seconds of the clock */
    struct conn *conn;
    struct session *next, **prev;
    struct call *calls; /* under way, newest first */
    struct link *links; /* to other daemons */
    struct volume_stream *volumes;
    struct registration *registrations;
    size_t n_registrations;
    int next_callback_id;
    struct gate *gate; /* events that wait for a right */
    struct identity identity;
    enum session_auth auth;
    struct sasl *sasl; /* an exchange under way */
    bool sasl_is_started;
    bool auth_is_busy; /* a worker has the exchange */
    unsigned n_auth_failures;
    struct loop_timer *auth_timer;
    bool is_authenticated;
    bool is_open; /* CONNECT_OPEN has been */
    bool has_keepalive; /* the client has asked for pings */
    bool is_readonly;
    bool wants_close_callback;
    bool is_too_slow; /* did not read its events; being closed */
};

/* Takes over the transport. */
void session_start(struct daemon *d, struct transport *t, const struct server_socket *from);
void session_authenticated(struct session *s);
bool session_auth_find(const char *name, enum session_auth *ret); /* NULL is "none" */
void session_close(struct session *s, const char *why);
