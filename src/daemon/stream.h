/* Bytes between a descriptor (a console's tty) and the stream frames of one call. One frame a
 * direction is under way: the tty is read again when the last frame has left, the client's next
 * frame counts as handled when the tty has taken it. Loop thread only. */
#pragma once
#include <stdbool.h>

#include "base/err.h"
#include "daemon/session.h"

struct call;
struct stream;

enum { STREAM_CHUNK_MAX = 65536 };

/* Opens `path` for the call: frames flow after its answer. One stream a path: another one is
 * ERR_OPERATION_FAILED, or ended when `force`. `exclusive`: also nobody else on the host. */
int stream_open_tty(struct call *c, const char *path, bool force, bool exclusive);
/* What the client sends goes to fd (taken over); the client has not gone. */
int stream_open_sink(struct call *c, int fd);
/* The same from a descriptor that polls (a pipe, a socket); takes it over, also on failure. */
int stream_open_fd(struct call *c, int fd);
void stream_cancel(struct stream *st); /* the call failed; accepts NULL */
void stream_flow(void *arg);           /* conn_sent_fn: the last frame has left */
void stream_frame(struct session *s, const struct conn_frame *f);
void stream_close_all(struct session *s);
