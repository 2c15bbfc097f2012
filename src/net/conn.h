/* One connection: bytes in, whole frames out to its owner; frames in, bytes out. Loop thread only.
 *
 * Back-pressure: every frame given to the owner counts as one request until the owner has answered
 * it (conn_send with CONN_ANSWER, counted off when the last byte has left) or let it go
 * (conn_release). At the limit the socket is not read, so a client's own calls are the bound of the
 * memory that it can take. Keepalive frames are handled here and do not count.
 *
 * A connection is closed by either side, an error or a limit; its owner is told once and must not
 * use it after. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/peer.h"
#include "net/transport.h"
#include "wire/frame.h"
#include "wire/remote.h"

struct conn;
struct loop;

enum { CONN_FDS_MAX = TRANSPORT_FDS_MAX };

/* A frame that came in; borrowed for the length of the call. */
struct conn_frame {
    struct wire_header head;
    const uint8_t *payload;
    size_t len;
    const int *fds; /* head.n_fds of them, closed when the call returns */
};

struct conn_ops {
    void (*frame)(void *arg, const struct conn_frame *f);
    void (*closed)(void *arg, const char *why);
};

struct conn_limits {
    unsigned max_requests;
    int keepalive_interval_s; /* <= 0: never ping */
    unsigned keepalive_count;
};

/* Takes over the transport. `limits` is borrowed for the connection's life. */
struct conn *conn_open(struct loop *l, struct transport *t, const struct conn_limits *limits,
                       const struct conn_ops *ops, void *arg, struct err *e);
const struct peer *conn_peer(const struct conn *c);           /* borrowed, as long as c */
const struct transport *conn_transport(const struct conn *c); /* borrowed, until it is wrapped */

enum conn_kind {
    CONN_EXTRA,  /* an event, stream data */
    CONN_ANSWER, /* ends a request */
};
typedef void conn_sent_fn(void *arg);

/* Takes the frame out of the buffer, which is empty after. May fail later, which closes the
 * connection. */
void conn_send(struct conn *c, struct str *frame, enum conn_kind kind);
/* The same; `sent` is called from the loop when the last byte has left, or never if the connection
 * closes before. */
void conn_send_then(struct conn *c, struct str *frame, enum conn_kind kind, conn_sent_fn *sent,
                    void *arg);
/* An answer with a descriptor behind it, which is taken over; the frame's head announces it. Only
 * where the transport passes descriptors. */
void conn_send_fd(struct conn *c, struct str *frame, int fd);
/* An answer, the last frame without a layer: nothing is read until it has left, then `layer` takes
 * the transport and gives the one above it. A peer that sends more before it has this answer is
 * closed: those bytes are not protected. */
typedef struct transport *conn_wrap_fn(void *arg, struct transport *inner);
void conn_send_and_wrap(struct conn *c, struct str *frame, conn_wrap_fn *layer, void *arg);
void conn_unsent(struct conn *c, const void *arg); /* no `sent` call with this arg any more */
size_t conn_queued(const struct conn *c);          /* bytes that wait to be sent */
void conn_release(struct conn *c);                 /* a request that gets no answer */

/* Pings from now on: the client said that it knows them. */
void conn_keepalive(struct conn *c);

/* Frames that wait are sent, nothing is read any more, then it closes. */
void conn_finish(struct conn *c);
/* It closes later in this turn of the loop: for callers that are in the middle of something. */
void conn_abort(struct conn *c, const char *why);
/* At once; the owner is told with `why`. */
void conn_close(struct conn *c, const char *why);
