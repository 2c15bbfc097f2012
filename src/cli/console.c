#include "console.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "tty.h"
#include "wire/consts.h"

struct console {
    struct client *conn;
    struct client_stream *stream;
    char escape;
    bool raw, input_open, done;
};

/* Everything that the guest has said by now. */
static int from_guest(struct console *k, struct err *e)
{
    char buf[4096];
    for (;;) {
        long n = client_stream_recv(k->stream, buf, sizeof(buf), 0, NULL, e);
        if (n == CLIENT_AGAIN)
            return 0;
        if (n <= 0) {
            k->done = true;
            return n < 0 ? -1 : 0;
        }
        if (file_write_all(1, buf, (size_t)n, e))
            return -1;
    }
}

static int from_user(struct console *k, struct err *e)
{
    char buf[1024];
    ssize_t n = read(0, buf, sizeof(buf));
    if (n < 0 && errno == EINTR)
        return 0;
    if (n <= 0) {
        k->input_open = false;
        return 0;
    }
    char *end = k->raw ? memchr(buf, k->escape, (size_t)n) : NULL;
    k->done = end != NULL;
    size_t len = end ? (size_t)(end - buf) : (size_t)n;
    return len ? client_stream_send(k->stream, buf, len, e) : 0;
}

static int copy(struct console *k, struct err *e)
{
    while (!k->done) {
        struct pollfd in = {.fd = k->input_open ? 0 : -1, .events = POLLIN};
        if (client_poll(k->conn, &in, 1, -1, e) < 0)
            return -1;
        if ((in.revents && from_user(k, e)) || (!k->done && from_guest(k, e)))
            return -1;
    }
    return 0;
}

int console_run(struct ctl *c, const struct wire_domain *d, const char *device, unsigned flags,
                struct err *e)
{
    struct wire_domain_open_console_args args = {*d, (char *)device, flags};
    struct console k = {.conn = c->conn_, .escape = c->escape, .input_open = true};
    struct termios old;
    if (isatty(0) && !c->quiet) {
        printf("Connected to domain '%s'\nEscape character is ^%c (Ctrl + %c)\n", d->name,
               c->escape | 0x40, c->escape | 0x40);
        fflush(stdout);
    }
    k.stream = client_stream_open(c->conn_, WIRE_DOMAIN_OPEN_CONSOLE, &args, NULL, e);
    if (!k.stream)
        return -1;
    k.raw = tty_raw(&old);
    int r = copy(&k, e);
    if (k.raw) {
        tty_restore(&old);
        putchar('\n');
    }
    if (r) {
        client_stream_abort(k.stream, NULL);
        return -1;
    }
    return client_stream_finish(k.stream, e);
}
