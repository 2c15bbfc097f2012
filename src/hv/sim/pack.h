/* A record as text that holds exactly what is set in it, by its table: for the simulated host's
 * state and saved guests. "name LENGTH:VALUE" a line; lists repeat their name. Any thread. */
#pragma once
#include "base/err.h"
#include "model/rec.h"

enum { PACK_DEPTH_MAX = 32 };

void pack(const struct rec *r, const void *p, struct str *out);
/* `p` must be empty. On failure it holds what was read so far. */
int unpack(const struct rec *r, const char *text, size_t len, void *p, struct err *e);
