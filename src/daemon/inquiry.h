/* The source of a migration whose leaders are gone, or have not heard: asks the destination what
 * became of the guest until it says, and concludes it here. The last daemon's guests too. Loop
 * thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct client;
struct daemon;
struct guest;

typedef void inquiry_fn(void *arg, const struct err *e);

/* g is sent. done (may be NULL) is told when it is concluded, or, with an error, when nobody has
 * answered for a while; it is asked for longer. False: there is nobody to ask, nothing follows. */
bool inquiry_start(struct daemon *d, const struct guest *g, inquiry_fn *done, void *arg);
void inquiry_start_all(struct daemon *d);
void inquiry_stop_all(struct daemon *d);

/* A URI of a destination's daemon: none that lets a client run programs or read files of this host
 * with our rights. */
int inquiry_check_uri(const char *uri, struct err *e);
/* A destination whose token we have need not keep for us what it knows of the guest. Slow; by a
 * worker. */
void inquiry_tell(const struct daemon *d, const uint8_t uuid[16], const char *peer,
                  const char *token);
void inquiry_tell_later(struct daemon *d, const uint8_t uuid[16], const char *peer,
                        const char *token);
/* Slow. Opens it as the leader of a migration does. NULL: e says why. */
struct client *inquiry_connect(const struct daemon *d, const char *uri, struct err *e);
