/* virt-ssh-helper [-r] URI: what `ssh HOST virt-ssh-helper ...` runs at the other end. Finds the
 * daemon's socket as a local client would, and moves bytes between it and stdin and stdout. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "client/direct.h"
#include "client/socket.h"
#include "client/uri.h"

enum { BLOCK = 65536, EXIT_USAGE = 2 };

/* One direction: bytes read and not yet written. */
struct way {
    int from, to;
    char data[BLOCK];
    size_t at, n;
    bool is_over; /* no more will come, and all that came is written */
};

static bool is_passing(int problem)
{
    return problem == EAGAIN || problem == EINTR;
}

/* false: this end is broken. */
static bool move(struct way *w)
{
    if (w->at == w->n) {
        ssize_t n = read(w->from, w->data, sizeof(w->data));
        if (n < 0)
            return is_passing(errno);
        w->at = 0;
        w->n = (size_t)n;
        w->is_over = n == 0;
    }
    while (w->at < w->n) {
        ssize_t n = write(w->to, w->data + w->at, w->n - w->at);
        if (n < 0)
            return is_passing(errno);
        w->at += (size_t)n;
    }
    return true;
}

static struct pollfd wish(const struct way *w)
{
    if (w->is_over)
        return (struct pollfd){.fd = -1};
    if (w->at < w->n)
        return (struct pollfd){.fd = w->to, .events = POLLOUT};
    return (struct pollfd){.fd = w->from, .events = POLLIN};
}

/* Until the daemon has closed: a client that sends no more may still be owed answers. */
static int shuttle(int fd)
{
    static struct way up = {.from = STDIN_FILENO}, down = {.to = STDOUT_FILENO};
    up.to = down.from = fd;
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
    while (!down.is_over) {
        struct pollfd p[2] = {wish(&up), wish(&down)};
        bool was_over = up.is_over;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (p[0].revents && !move(&up))
            return 1;
        if (up.is_over && !was_over)
            shutdown(fd, SHUT_WR);
        if (p[1].revents && !move(&down))
            return 1;
    }
    return 0;
}

static int usage(void)
{
    fputs("usage: virt-ssh-helper [-r] URI\n"
          "Connects stdin and stdout to the daemon that serves the URI on this host, e.g. "
          "xen:///system.\n"
          "  -r   the read-only socket\n",
          stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct uri u = {0};
    struct transport t;
    struct err e;
    bool readonly = false, absent = false;
    for (int opt; (opt = getopt(argc, argv, "r")) != -1;) {
        if (opt != 'r')
            return usage();
        readonly = true;
    }
    if (optind != argc - 1)
        return usage();
    signal(SIGPIPE, SIG_IGN);
    int r = uri_parse(argv[optind], &u, &e);
    if (!r && uri_is_remote(&u))
        r = fail(&e, ERR_INVALID_ARG, "'%s' is not on this host", argv[optind]);
    if (!r) {
        r = socket_local(&u, readonly, &t, &absent, &e);
        if (r && absent && direct_is_meant(&u))
            r = direct_start(&t, &e);
    }
    uri_clear(&u);
    if (!r)
        return shuttle(t.fd);
    fprintf(stderr, "virt-ssh-helper: %s\n", e.msg);
    return 1;
}
