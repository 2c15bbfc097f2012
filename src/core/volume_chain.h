/* An image and the images that it is a difference to. Whoever could write to the image (a guest to
 * its disk, a client to a volume) chose their names, and qemu-img reads as root what it is told to:
 * so they are found and opened here, and have to be volumes too. For workers. */
#pragma once
#include <stddef.h>

#include "base/err.h"

enum { VOLUME_CHAIN_MAX = 12 };

struct volume_chain { /* the image itself is the first */
    int fds[VOLUME_CHAIN_MAX];
    const char *formats[VOLUME_CHAIN_MAX]; /* constant */
    size_t n;
};

/* Takes over the descriptor, also when it fails. All below has to lie in one of the folders, of
 * which NULL is the last. */
int volume_chain_open(int fd, const char *name, const char *const dirs[], struct volume_chain *ret,
                      struct err *e);
void volume_chain_close(struct volume_chain *c);
