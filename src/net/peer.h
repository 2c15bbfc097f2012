/* Who is at the other end of a connection, as far as the kernel can tell. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PEER_ADDRESS = 80 };

struct peer {
    char address[PEER_ADDRESS]; /* "192.0.2.1:4711"; "" for a unix socket */
    bool is_local;              /* a unix socket: the members below are the kernel's word */
    uid_t uid;
    gid_t gid;
    pid_t pid;
    uint64_t start_ticks; /* of the process, since boot; 0: gone already. With pid it names one
                             process */
};

/* Asks the socket; a socket that is not a local one gives is_local = false. */
void peer_read(int fd, struct peer *ret);
