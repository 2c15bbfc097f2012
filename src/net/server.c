#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "loop/loop.h"
#include "net/greet.h"
#include "net/tcp.h"

enum {
    ACCEPT_AT_ONCE = 32,    /* so that a flood leaves the loop some air */
    ACCEPT_RETRY_MS = 5000, /* after running out of descriptors */
};

struct listener {
    struct server *server;
    struct server_socket kind;
    int fd;
    struct loop_fd *watch;
    char *path; /* removed at the end if it is still this socket; NULL: somebody else's */
    dev_t dev;
    ino_t ino;
};

struct server {
    struct loop *loop;
    struct server_limits limits;
    const struct server_ops *ops;
    void *arg;
    struct listener **listeners;
    size_t n_listeners;
    struct greeter *greeter;
    struct loop_timer *retry;
    unsigned n_clients, n_anonymous;
    bool is_waiting; /* for descriptors */
};

static void server_retry(void *arg);
static void server_greeted(void *arg, struct transport *t, const struct server_socket *from,
                           const struct peer *who, const char *why);

struct server *server_new(struct loop *l, const struct server_limits *limits,
                          const struct server_ops *ops, void *arg)
{
    struct server *s = NEW(struct server);
    *s = (struct server){.loop = l, .limits = *limits, .ops = ops, .arg = arg};
    s->retry = loop_timer_open(l, server_retry, s);
    s->greeter = greeter_new(l, server_greeted, s);
    return s;
}

static void listener_free(struct listener *l)
{
    struct stat st;
    loop_fd_close(l->watch);
    close(l->fd);
    if (l->path && !lstat(l->path, &st) && st.st_dev == l->dev && st.st_ino == l->ino)
        unlink(l->path);
    free(l->path);
    free(l);
}

void server_free(struct server *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_listeners; i++)
        listener_free(s->listeners[i]);
    free(s->listeners);
    greeter_free(s->greeter);
    loop_timer_close(s->retry);
    free(s);
}

const struct server_limits *server_limits(const struct server *s)
{
    return &s->limits;
}

unsigned server_n_clients(const struct server *s)
{
    return s->n_clients;
}

unsigned server_n_anonymous(const struct server *s)
{
    return s->n_anonymous;
}

/* --- accepting, as far as the limits allow --- */

static bool server_has_room(const struct server *s)
{
    return !s->is_waiting && s->n_clients < s->limits.max_clients &&
           s->n_anonymous < s->limits.max_anonymous;
}

static void server_watch(struct server *s)
{
    int events = server_has_room(s) ? LOOP_READ : 0;
    for (size_t i = 0; i < s->n_listeners; i++)
        loop_fd_set(s->listeners[i]->watch, events);
}

void server_set_limits(struct server *s, const struct server_limits *limits)
{
    s->limits = *limits;
    server_watch(s);
}

static void server_retry(void *arg)
{
    struct server *s = arg;
    s->is_waiting = false;
    server_watch(s);
}

void server_client_came(struct server *s)
{
    s->n_clients++;
    s->n_anonymous++;
    if (!server_has_room(s))
        server_watch(s);
}

void server_client_known(struct server *s)
{
    bool had_room = server_has_room(s);
    s->n_anonymous--;
    if (!had_room)
        server_watch(s);
}

void server_client_left(struct server *s, bool was_known)
{
    bool had_room = server_has_room(s);
    s->n_clients--;
    if (!was_known)
        s->n_anonymous--;
    if (!had_room)
        server_watch(s);
}

void server_set_tls(struct server *s, const struct net_remote *remote, struct tls_server *tls)
{
    greeter_set_tls(s->greeter, remote, tls);
}

/* While its handshake lasts a client counts as one that has not authenticated. */
static void server_greeted(void *arg, struct transport *t, const struct server_socket *from,
                           const struct peer *who, const char *why)
{
    struct server *s = arg;
    server_client_left(s, false);
    if (t)
        s->ops->accepted(s->arg, t, from);
    else if (s->ops->refused)
        s->ops->refused(s->arg, who, why);
}

static void server_accept(struct server *s, int fd, const struct server_socket *from)
{
    if (!from->is_unix)
        tcp_setup(fd);
    if (!from->is_tls) {
        s->ops->accepted(s->arg, transport_plain(fd, from->is_unix), from);
        return;
    }
    server_client_came(s);
    greeter_accept(s->greeter, fd, from);
}

static void listener_ready(void *arg, int events)
{
    struct listener *l = arg;
    struct server *s = l->server;
    for (int i = 0; i < ACCEPT_AT_ONCE && server_has_room(s); i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            server_accept(s, fd, &l->kind);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            s->is_waiting = true;
            server_watch(s);
            loop_timer_start(s->retry, ACCEPT_RETRY_MS, 0);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return; /* nobody is waiting any more */
        }
    }
}

/* --- listening --- */

static struct listener *listener_new(struct server *s, int fd, const struct server_socket *kind,
                                     struct err *e)
{
    struct listener *l = NEW(struct listener);
    *l = (struct listener){.server = s, .kind = *kind, .fd = fd};
    int events = server_has_room(s) ? LOOP_READ : 0;
    l->watch = loop_fd_open(s->loop, fd, events, listener_ready, l, e);
    if (!l->watch) {
        free(l);
        return NULL;
    }
    VEC_PUSH(s->listeners, s->n_listeners, l);
    return l;
}

int server_listen_fd(struct server *s, int fd, const struct server_socket *kind, struct err *e)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
        return fail_errno(e, "cannot use the socket passed as descriptor %d", fd);
    return listener_new(s, fd, kind, e) ? 0 : -1;
}

static int unix_address(const char *path, struct sockaddr_un *ret, struct err *e)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof(ret->sun_path))
        return fail(e, ERR_SYSTEM_ERROR, "socket path '%s' is longer than %zu bytes", path,
                    sizeof(ret->sun_path) - 1);
    memcpy(ret->sun_path, path, n);
    return 0;
}

/* Does somebody answer there? A socket without a listener refuses. */
static bool unix_is_alive(const struct sockaddr_un *addr)
{
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return true;
    if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)))
        return true;
    return errno == EAGAIN; /* its queue is full */
}

static int unix_bind(const char *path, mode_t mode, const char *group, struct err *e)
{
    struct sockaddr_un addr;
    if (unix_address(path, &addr, e))
        return -1;
    struct stat st;
    if (!lstat(path, &st)) {
        if (!S_ISSOCK(st.st_mode))
            return fail(e, ERR_SYSTEM_ERROR, "'%s' is there and is not a socket", path);
        if (unix_is_alive(&addr))
            return fail(e, ERR_SYSTEM_ERROR, "another daemon answers at '%s'", path);
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(e, "cannot make a socket");
    mode_t old = umask(0777); /* nobody connects before the mode is right */
    int r = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
    umask(old);
    const struct group *gr = str_empty(group) ? NULL : getgrnam(group);
    if (r)
        fail_errno(e, "cannot make the socket '%s'", path);
    else if (!str_empty(group) && !gr)
        r = fail(e, ERR_SYSTEM_ERROR, "there is no group '%s'", group);
    else if ((gr && chown(path, (uid_t)-1, gr->gr_gid)) || chmod(path, mode))
        r = fail_errno(e, "cannot set owner and mode of '%s'", path);
    if (!r)
        return fd;
    close(fd);
    return -1;
}

int server_listen_unix(struct server *s, const char *dir, const char *name, mode_t mode,
                       const char *group, const struct server_socket *kind, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, name);
    struct stat st;
    int fd = unix_bind(path, mode, group, e);
    if (fd < 0)
        return -1;
    if (listen(fd, s->limits.backlog) || lstat(path, &st)) {
        fail_errno(e, "cannot listen at '%s'", path);
        close(fd);
        return -1;
    }
    struct listener *l = listener_new(s, fd, kind, e);
    if (!l) {
        close(fd);
        return -1;
    }
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    l->path = take(path);
    return 0;
}
