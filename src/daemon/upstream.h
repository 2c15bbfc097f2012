/* A connection to another daemon of libvirt's family, as its client: opened on behalf of one of
 * ours, with that client's identity and right. Calls are frames with any payload; answers and
 * everything else that comes are handed on as they are. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/conn.h"

struct identity;
struct loop;
struct upstream;

struct upstream_ops {
    /* Events and stream frames; each must be let go by upstream_release. */
    void (*frame)(void *arg, const struct conn_frame *f);
    /* The daemon went away, or would not have us; calls under way have been told. The object is
     * gone after. */
    void (*closed)(void *arg, const char *why);
};

/* The answer, or NULL and why there will be none. */
typedef void upstream_reply_fn(void *arg, const struct conn_frame *f, const char *why);

/* path is its socket, uri what is opened there. NULL: nobody answers there. */
struct upstream *upstream_open(struct loop *l, const char *path, const char *uri, bool is_readonly,
                               const struct identity *who, const struct upstream_ops *ops,
                               void *arg);
/* Calls under way are told; ops are not called any more. Accepts NULL. */
void upstream_close(struct upstream *u);

/* Returns the serial that the call has there. It may wait until the connection is open. */
uint32_t upstream_call(struct upstream *u, int proc, const void *payload, size_t len,
                       upstream_reply_fn *fn, void *arg);
/* A stream frame; `sent` as in conn_send_then. */
void upstream_stream(struct upstream *u, const struct wire_header *h, const void *payload,
                     size_t len, conn_sent_fn *sent, void *arg);
void upstream_release(struct upstream *u);
