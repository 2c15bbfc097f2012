/* Bytes between a volume and the stream frames of one call. A worker reads or writes one chunk at a
 * time; nobody waits for a client that is slow. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct call;
struct conn_frame;
struct session;

/* Takes over fd. length 0: as much as there is, or comes. Frames flow after the call's answer. */
void volume_stream_open(struct call *c, int fd, bool writes, uint64_t offset, uint64_t length,
                        bool may_have_holes);
/* A stream frame of the client: is it one of these? Answers or releases it then. */
bool volume_stream_frame(struct session *s, const struct conn_frame *f);
void volume_stream_close_all(struct session *s);
