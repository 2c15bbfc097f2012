#include "net/tcp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* One socket an address, so that IPv4 and IPv6 never get in each other's way. The address may come
 * up later than we do. */
static int listen_at(struct server *s, const struct addrinfo *a, const struct server_socket *kind,
                     struct err *e)
{
    static const int on = 1;
    CLEANUP_CLOSE int fd =
        socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return fail_errno(e, "cannot make a socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
    if (a->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, server_limits(s)->backlog))
        return fail_errno(e, "cannot listen");
    if (server_listen_fd(s, fd, kind, e))
        return -1;
    fd = -1;
    return 0;
}

int tcp_listen(struct server *s, const char *host, const char *port,
               const struct server_socket *kind, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    int r = getaddrinfo(host, port, &hints, &list), n = 0;
    const char *where = host ? host : "all addresses";
    if (r)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "cannot listen on '%s', port '%s': %s", where, port,
                    gai_strerror(r));
    r = 0;
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        int bad = listen_at(s, a, kind, e);
        if (bad && errno == EAFNOSUPPORT)
            continue; /* a kernel without IPv6 */
        r |= bad;
        n += !bad;
    }
    freeaddrinfo(list);
    if (r || !n)
        return wrap(e, "'%s', port '%s'", where, port);
    return 0;
}

void tcp_setup(int fd)
{
    static const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

bool tcp_address(int fd, bool remote, char separator, char ret[TCP_ADDRESS])
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof(a);
    char host[NI_MAXHOST], port[16];
    int r = remote ? getpeername(fd, (struct sockaddr *)&a, &len)
                   : getsockname(fd, (struct sockaddr *)&a, &len);
    if (r || (a.ss_family != AF_INET && a.ss_family != AF_INET6) ||
        getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV)) {
        snprintf(ret, TCP_ADDRESS, "127.0.0.1%c0", separator);
        return false;
    }
    snprintf(ret, TCP_ADDRESS, "%.70s%c%.8s", host, separator, port);
    return true;
}
