/* The inside of a client: frames over a transport, the one call that waits, kept events, open
 * streams, keepalive. For client.c and stream.c alone. */
#pragma once
#include "base/str.h"
#include "client/client.h"
#include "client/transport.h"
#include "wire/frame.h"

enum {
    EVENTS_KEPT_MAX = 16384,  /* frames; the oldest is dropped above it */
    STREAM_OUT_MAX = 1 << 20, /* bytes of stream data waiting to be sent */
    STREAM_PIECE_MAX = WIRE_STREAM_CHUNK,
};

struct kept_event {
    const struct wire_proc *proc;
    void *msg;
};

/* A call that the server has not answered, or whose answer has not been read. */
struct client_call {
    struct client *c;
    struct client_call *next;
    const struct wire_proc *proc;
    uint32_t program, serial;
    bool is_done;
    bool has_failed;
    struct str payload;
    struct err why; /* has_failed */
};

struct client {
    struct transport t;
    char *uri;
    bool is_readonly, is_open, is_dead;
    struct err why_dead;
    int call_timeout_ms;
    struct str in, out;
    size_t out_at;             /* bytes of out already sent */
    size_t in_at;              /* bytes of in already handled */
    uint32_t serial;           /* of the next call */
    uint32_t fds_to_skip;      /* bytes that carry descriptors nobody asked for */
    struct client_call *calls; /* under way; borrowed from those who wait */
    struct kept_event *events;
    size_t n_events;
    client_event_fn *event_fn;
    void *event_context;
    struct client_stream *streams;
    uint64_t features_asked, features; /* bit per VIR_DRV_FEATURE */
    int64_t heard_ms, listened_ms; /* the last word of the server; until when somebody listened */
    int keepalive_interval_ms, keepalive_count, pings;
};

int64_t now_ms(void);

/* Sends what is to be sent, waits up to timeout_ms (below 0: for ever) for the server or the
 * caller's descriptors, handles every whole frame. 1: something came, 0: time is over, -1: dead. */
int conn_pump(struct client *c, struct pollfd *own, size_t n_own, int timeout_ms, struct err *e);

/* Pumps until *done; timeout_ms 0: no limit. */
int conn_wait(struct client *c, const bool *done, int timeout_ms, struct err *e);

int conn_check(const struct client *c, struct err *e); /* -1 with the reason when dead */

/* stream.c: a type 3 or 6 frame came. */
void conn_stream_frame(struct client *c, const struct wire_header *h, const void *payload,
                       size_t len);
void conn_stream_free_all(struct client *c);
