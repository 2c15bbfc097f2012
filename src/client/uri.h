/* Connection URIs: DRIVER[+TRANSPORT]://[USER@][HOST][:PORT]/PATH[?NAME=VALUE&...]. Plain values;
 * the owner clears them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { URI_MAX = 4096 }; /* bytes of the text */

struct uri_param {
    char *name, *value; /* decoded */
};

struct uri {
    char *driver;      /* "xen" */
    char *transport;   /* "unix", "tcp", "tls", "ssh", "libssh2", ... or NULL when none is named */
    char *user, *host; /* decoded, an IPv6 address without brackets; NULL when absent or empty */
    int port;          /* 0: none */
    char *path;        /* decoded, "" or "/..." */
    struct uri_param *params;
    size_t n_params;
};

int uri_parse(const char *text, struct uri *ret, struct err *e); /* caller clears with uri_clear */
void uri_clear(struct uri *u);
const char *uri_param(const struct uri *u, const char *name); /* borrowed; NULL when absent */
char *uri_format(const struct uri *u);                        /* caller frees with free */

/* What CONNECT_OPEN sends: no transport, user, host or port, none of the parameters that are the
 * client's alone. Caller frees. */
char *uri_server_name(const struct uri *u);

bool uri_is_remote(const struct uri *u); /* names a host, or a transport that needs one */
