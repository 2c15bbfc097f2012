#include "client/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static long plain_recv(struct transport *t, void *data, size_t len, struct err *e)
{
    ssize_t n;
    do
        n = recv(t->fd, data, len, 0);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return TRANSPORT_AGAIN;
    return errno == ECONNRESET ? 0 : fail_errno(e, "cannot receive");
}

static long plain_send(struct transport *t, const void *data, size_t len, struct err *e)
{
    ssize_t n;
    do
        n = send(t->fd, data, len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EWOULDBLOCK ? TRANSPORT_AGAIN : fail_errno(e, "cannot send");
}

static void plain_close(struct transport *t)
{
    close_fd(&t->fd);
    t->fd = -1;
}

struct transport transport_of_socket(int fd)
{
    return (struct transport){
        .fd = fd, .recv = plain_recv, .send = plain_send, .close = plain_close};
}

int transport_wait(struct transport *t, short events, int timeout_ms, struct err *e)
{
    struct pollfd p = {t->fd, events, 0};
    int n;
    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail_errno(e, "cannot wait for the server");
    return n ? 0 : fail(e, ERR_OPERATION_TIMEOUT, "no answer within %d ms", timeout_ms);
}

/* What to do about it, behind the reason. */
static int no_connection(struct err *e, const char *where, bool is_local)
{
    static const struct {
        int code;
        bool is_local;
        const char *hint;
    } hints[] = {
        {ENOENT, true, "; no daemon runs there: start it ('systemctl start xvirtd')"},
        {ECONNREFUSED, true, "; nobody listens there any more: start the daemon again"},
        {EACCES, true, "; the socket is for others: work as root, or as one of its group"},
        {ECONNREFUSED, false,
         "; nobody listens there: the daemon has to run with --listen (for xen+tcp:// with "
         "listen_tcp too), or use xen+ssh://"},
        {ETIMEDOUT, false, "; is the host up, and does its firewall let this port through?"},
        {EHOSTUNREACH, false, "; is the host up, and is there a route to it?"},
        {ENETUNREACH, false, "; this machine has no route to that network"},
    };
    int code = errno;
    const char *hint = "";
    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
        if (hints[i].code == code && hints[i].is_local == is_local)
            hint = hints[i].hint;
    return fail(e, ERR_SYSTEM_ERROR, "cannot connect%s: %s%s", where, strerror(code), hint);
}

/* Connects to a unix socket. ret_errno (may be NULL) tells ENOENT and ECONNREFUSED (nobody listens)
 * from the rest. */
static int connect_unix(const char *path, struct transport *ret, int *ret_errno, struct err *e)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (ret_errno)
        *ret_errno = 0;
    if (strlen(path) >= sizeof(a.sun_path))
        return fail(e, ERR_INVALID_ARG, "socket path '%s' is too long", path);
    memcpy(a.sun_path, path, strlen(path));
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_errno(e, "cannot make a socket");
    if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
        if (ret_errno)
            *ret_errno = errno;
        CLEANUP_FREE char *where = mem_printf(" to '%s'", path);
        return no_connection(e, where, true);
    }
    if (fcntl(fd, F_SETFL, O_NONBLOCK))
        return fail_errno(e, "cannot set up '%s'", path);
    *ret = transport_of_socket(fd);
    fd = -1;
    return 0;
}

static int connect_address(const struct addrinfo *a, int timeout_ms, struct transport *ret,
                           struct err *e)
{
    CLEANUP_CLOSE int fd =
        socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return fail_errno(e, "cannot make a socket");
    struct transport t = transport_of_socket(fd);
    int one = 1, problem = 0;
    socklen_t len = sizeof(problem);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(fd, a->ai_addr, a->ai_addrlen)) {
        if (errno != EINPROGRESS)
            return no_connection(e, "", false);
        if (transport_wait(&t, POLLOUT, timeout_ms, e))
            return -1;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len))
            return fail_errno(e, "cannot connect");
        errno = problem;
        if (problem)
            return no_connection(e, "", false);
    }
    *ret = t;
    fd = -1;
    return 0;
}

int socket_tcp(const char *host, int port, int timeout_ms, struct transport *ret, struct err *e)
{
    char service[16];
    snprintf(service, sizeof(service), "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int r = getaddrinfo(host, service, &hints, &list);
    if (r)
        return fail(e, ERR_UNKNOWN_HOST, "cannot find host '%s': %s", host, gai_strerror(r));
    r = -1;
    for (struct addrinfo *a = list; a && r; a = a->ai_next)
        r = connect_address(a, timeout_ms, ret, e);
    freeaddrinfo(list);
    return r ? wrap(e, "host '%s' port %d", host, port) : 0;
}

/* Where daemons listen, in the order that they are tried; the read-only socket is the same with
 * "-ro". */
static const struct {
    const char *driver; /* NULL: any */
    const char *mode;   /* of the URI's mode=; auto takes all */
    const char *path;   /* "$": $XDG_RUNTIME_DIR or ~/.cache, of a user who is not root */
} sockets[] = {
    {"xen", "xvirt", "/run/xvirt/libvirt-sock"},
    {"xen", "xvirt", "$/xvirt/libvirt-sock"},
    {"xen", "direct", "/run/libvirt/virtxend-sock"},
    {"qemu", "direct", "/run/libvirt/virtqemud-sock"},
    {"lxc", "direct", "/run/libvirt/virtlxcd-sock"},
    {"vbox", "direct", "/run/libvirt/virtvboxd-sock"},
    {"bhyve", "direct", "/run/libvirt/virtbhyved-sock"},
    {"vz", "direct", "/run/libvirt/virtvzd-sock"},
    {"network", "direct", "/run/libvirt/virtnetworkd-sock"},
    {"storage", "direct", "/run/libvirt/virtstoraged-sock"},
    {"nodedev", "direct", "/run/libvirt/virtnodedevd-sock"},
    {"interface", "direct", "/run/libvirt/virtinterfaced-sock"},
    {"secret", "direct", "/run/libvirt/virtsecretd-sock"},
    {"nwfilter", "direct", "/run/libvirt/virtnwfilterd-sock"},
    {NULL, "legacy", "/run/libvirt/libvirt-sock"},
};

/* Caller frees; NULL when the socket is not for this user. */
static char *socket_path(const char *path, bool is_readonly)
{
    const char *dir = getenv("XDG_RUNTIME_DIR"), *home = getenv("HOME"),
               *end = is_readonly ? "-ro" : "";
    if (path[0] != '$')
        return mem_printf("%s%s", path, end);
    if (!geteuid())
        return NULL;
    if (!str_empty(dir))
        return mem_printf("%s%s%s", dir, path + 1, end);
    return str_empty(home) ? NULL : mem_printf("%s/.cache%s%s", home, path + 1, end);
}

static int absent(const struct uri *u, const char *tried, struct err *e)
{
    bool for_xen = str_eq(u->driver, "xen");
    return fail(e, ERR_NO_CONNECT, "no daemon is running for '%s://' (nothing listens on%s); %s",
                u->driver, tried,
                for_xen ? "start it ('systemctl start xvirtd'), or work as root"
                        : "start libvirtd or virtproxyd");
}

int socket_local(const struct uri *u, bool is_readonly, struct transport *ret, bool *ret_absent,
                 struct err *e)
{
    CLEANUP_STR struct str tried = {0};
    const char *mode = uri_param(u, "mode"), *path = uri_param(u, "socket");
    int why;
    *ret_absent = false;
    if (path)
        return connect_unix(path, ret, NULL, e);
    if (str_eq(mode, "auto"))
        mode = NULL;
    for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++) {
        if ((sockets[i].driver && !str_eq(sockets[i].driver, u->driver)) ||
            (mode && !str_eq(mode, sockets[i].mode)))
            continue;
        CLEANUP_FREE char *full = socket_path(sockets[i].path, is_readonly);
        if (!full)
            continue;
        if (!connect_unix(full, ret, &why, e))
            return 0;
        if (why == EACCES || why == EPERM)
            return wrap(
                e, "not allowed; be root, join the group that owns the socket, or try read-only");
        if (why != ENOENT && why != ECONNREFUSED && why != ENOTDIR)
            return -1;
        str_addf(&tried, "%s %s", tried.len ? "," : "", full);
    }
    if (mode && !tried.len)
        return fail(e, ERR_INVALID_ARG, "mode '%s' does not fit '%s://'", mode, u->driver);
    *ret_absent = true;
    return absent(u, str_get(&tried), e);
}
