#include "daemon/datalink.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/socket.h"

enum { CONNECT_MS = 30000, DEAD_MS = 60000, PROBE_S = 10, PROBES = 5 };

int datalink_parse(const char *uri, char **ret_host, int *ret_port, struct err *e)
{
    struct uri CLEANUP(uri_clear) u = {0};
    CLEANUP_FREE char *text = strstr(uri, "://") ? mem_str(uri) : mem_printf("tcp://%s", uri);
    if (uri_parse(text, &u, e))
        return wrap(e, "migration URI '%s'", uri);
    if (!str_eq(u.driver, "tcp") || u.transport || u.user || u.n_params ||
        (!str_empty(u.path) && !str_eq(u.path, "/")))
        return fail(e, ERR_INVALID_ARG, "migration URI '%s': only tcp://HOST[:PORT] is possible",
                    uri);
    if (!u.host)
        return fail(e, ERR_INVALID_ARG, "migration URI '%s' names no host", uri);
    *ret_host = take(u.host);
    *ret_port = u.port;
    return 0;
}

char *datalink_uri(const char *host, int port)
{
    bool is_v6 = strchr(host, ':');
    return mem_printf("tcp://%s%s%s:%d", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

void datalink_setup(int fd)
{
    static const int on = 1, dead = DEAD_MS, probe = PROBE_S, probes = PROBES;
    int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &probe, sizeof(probe));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe, sizeof(probe));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof(dead));
}

/* --- the destination --- */

static int listen_at(const struct addrinfo *a, int port, struct err *e)
{
    static const int on = 1;
    struct sockaddr_storage at = {0};
    CLEANUP_CLOSE int fd =
        socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return fail_errno(e, "cannot make a socket");
    memcpy(&at, a->ai_addr, a->ai_addrlen);
    if (a->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        ((struct sockaddr_in6 *)&at)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)&at)->sin_port = htons((uint16_t)port);
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&at, a->ai_addrlen) || listen(fd, 1))
        return fail_errno(e, "cannot listen at port %d", port);
    int r = fd;
    fd = -1;
    return r;
}

/* All addresses of the list at one port; a family that the kernel lacks is passed over. */
static int listen_all(const struct addrinfo *list, int port, int fds[DATALINK_ADDRESSES],
                      size_t *ret_n, struct err *e)
{
    size_t n = 0;
    int why = 0;
    for (const struct addrinfo *a = list; a && n < DATALINK_ADDRESSES; a = a->ai_next) {
        int fd = listen_at(a, port, e);
        if (fd >= 0)
            fds[n++] = fd;
        else if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
            why = errno;
    }
    if (n && !why) {
        *ret_n = n;
        return 0;
    }
    while (n)
        close(fds[--n]);
    errno = why;
    return -1;
}

int datalink_listen(const char *host, int *port, int fds[DATALINK_ADDRESSES], size_t *ret_n,
                    struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    struct err why = {0}; /* a port that is taken is no failure while there are others */
    int first = *port ? *port : DATALINK_PORT_FIRST, last = *port ? *port : DATALINK_PORT_LAST;
    int r = getaddrinfo(host, "0", &hints, &list);
    if (r)
        return fail(e, ERR_UNKNOWN_HOST, "cannot find host '%s': %s", host, gai_strerror(r));
    r = -1;
    for (int p = first; r && p <= last; p++)
        if (!(r = listen_all(list, p, fds, ret_n, &why)))
            *port = p;
    freeaddrinfo(list);
    if (r)
        *e = why;
    if (r && first != last)
        return fail(e, ERR_OPERATION_FAILED, "none of the ports %d to %d is free for the migration",
                    first, last);
    return r ? wrap(e, "host '%s'", host ? host : "any address") : 0;
}

/* --- the source --- */

int datalink_connect(const char *uri, int *ret_fd, struct err *e)
{
    CLEANUP_FREE char *host = NULL;
    struct transport t;
    int port = 0;
    if (datalink_parse(uri, &host, &port, e))
        return -1;
    if (!port)
        return fail(e, ERR_INVALID_ARG, "migration URI '%s' names no port", uri);
    if (socket_tcp(host, port, CONNECT_MS, &t, e))
        return wrap(e, "cannot connect to the destination");
    datalink_setup(t.fd);
    *ret_fd = t.fd;
    return 0;
}
