/* The sockets that clients connect to: made here, or by systemd and passed in. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "daemon/systemd.h"
#include "net/server.h"

struct daemon;

enum { N_UNIX_SOCKETS = 6 };

/* What systemd made. */
struct sockets {
    struct {
        int fd;
        struct server_socket kind;
    } passed[SYSTEMD_FDS_MAX];
    size_t n_passed;
    bool have[N_UNIX_SOCKETS]; /* it is among them */
    bool has_tls, has_tcp;
};

/* Looks at what was passed; to be done once, before anything listens. */
int sockets_find(const struct daemon *d, struct sockets *ret, struct err *e);
/* Listens at those, and at the local ones that are not among them. */
int sockets_open(struct daemon *d, const struct sockets *s, struct err *e);
