#include "net/transport.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static ssize_t socket_send(struct transport *t, const void *buf, size_t n)
{
    ssize_t r;
    do
        r = send(t->fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (r < 0 && errno == EINTR);
    return r;
}

static ssize_t socket_recv(struct transport *t, void *buf, size_t n, struct transport_fds *fds)
{
    fds->n = 0;
    ssize_t r;
    do
        r = recv(t->fd, buf, n, MSG_DONTWAIT);
    while (r < 0 && errno == EINTR);
    return r;
}

/* Keeps what fits of one control message; the kernel closes what did not fit into the buffer. */
static void fds_take(struct transport_fds *fds, struct cmsghdr *cm)
{
    size_t n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const unsigned char *data = CMSG_DATA(cm);
    for (size_t i = 0; i < n; i++) {
        int fd;
        memcpy(&fd, data + i * sizeof(int), sizeof(fd));
        if (fds->n < TRANSPORT_FDS_MAX)
            fds->fd[fds->n++] = fd;
        else
            close(fd);
    }
}

static ssize_t unix_recv(struct transport *t, void *buf, size_t n, struct transport_fds *fds)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * TRANSPORT_FDS_MAX)];
    } control;
    struct iovec io = {.iov_base = buf, .iov_len = n};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    fds->n = 0;
    ssize_t r;
    do
        r = recvmsg(t->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return r;
    for (struct cmsghdr *cm = CMSG_FIRSTHDR(&m); cm; cm = CMSG_NXTHDR(&m, cm))
        if (cm->cmsg_level == SOL_SOCKET && cm->cmsg_type == SCM_RIGHTS)
            fds_take(fds, cm);
    return r;
}

static ssize_t unix_send_fd(struct transport *t, int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte = 0;
    struct iovec io = {.iov_base = &byte, .iov_len = 1};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *cm = CMSG_FIRSTHDR(&m);
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
    ssize_t r;
    do
        r = sendmsg(t->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (r < 0 && errno == EINTR);
    return r;
}

static void socket_close(struct transport *t)
{
    close(t->fd);
    free(t);
}

static const struct transport_ops unix_ops = {
    .name = "unix",
    .passes_fds = true,
    .recv = unix_recv,
    .send = socket_send,
    .send_fd = unix_send_fd,
    .close = socket_close,
};

static const struct transport_ops tcp_ops = {
    .name = "tcp",
    .recv = socket_recv,
    .send = socket_send,
    .close = socket_close,
};

struct transport *transport_plain(int fd, bool passes_fds)
{
    struct transport *t = NEW(struct transport);
    t->ops = passes_fds ? &unix_ops : &tcp_ops;
    t->fd = fd;
    return t;
}
