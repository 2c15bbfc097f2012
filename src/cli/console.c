#include "console.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "tty.h"
#include "wire/consts.h"

enum { REBOOT_MAX_MS = 60000, STOPPED_MAX_MS = 5000, AGAIN_MS = 200, N_EVENTS = 2 };

struct console {
    struct client *conn;
    const struct wire_domain *domain;
    struct client_stream *stream;
    char escape;
    bool raw, input_open, done, has_left;
    /* what became of the guest, as events tell it */
    bool reboots, is_off, is_back;
    int callbacks[N_EVENTS];
    size_t n_callbacks;
};

/* ---- the guest, which may come back ---- */
static void on_event(void *context, int proc, const void *msg)
{
    struct console *k = context;
    if (proc == WIRE_DOMAIN_EVENT_CALLBACK_REBOOT) {
        const struct wire_domain_event_callback_reboot_msg *m = msg;
        k->reboots |= uuid_eq(m->msg.dom.uuid, k->domain->uuid);
    } else if (proc == WIRE_DOMAIN_EVENT_CALLBACK_LIFECYCLE) {
        const struct wire_domain_event_callback_lifecycle_msg *m = msg;
        if (!uuid_eq(m->msg.dom.uuid, k->domain->uuid))
            return;
        if (m->msg.event == VIR_DOMAIN_EVENT_STOPPED)
            k->is_off = true;
        k->is_back |= m->msg.event == VIR_DOMAIN_EVENT_STARTED;
    }
}

/* Where events are not to be had, the console ends with the guest's run. */
static void listen_to_guest(struct console *k)
{
    static const int ids[N_EVENTS] = {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_ID_REBOOT};
    client_on_event(k->conn, on_event, k);
    for (size_t i = 0; i < N_EVENTS; i++) {
        struct wire_connect_domain_event_callback_register_any_args args = {
            ids[i], (struct wire_domain *)k->domain};
        struct wire_connect_domain_event_callback_register_any_ret ret;
        if (call_connect_domain_event_callback_register_any(k->conn, &args, &ret, NULL))
            return;
        k->callbacks[k->n_callbacks++] = ret.callbackID;
    }
}

static void forget_guest(struct console *k)
{
    for (size_t i = 0; client_is_alive(k->conn) && i < k->n_callbacks; i++)
        (void)call_connect_domain_event_callback_deregister_any(
            k->conn,
            &(struct wire_connect_domain_event_callback_deregister_any_args){k->callbacks[i]},
            NULL);
    client_on_event(k->conn, NULL, NULL);
}

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
    k->done = k->has_left = end != NULL;
    size_t len = end ? (size_t)(end - buf) : (size_t)n;
    return len && k->stream ? client_stream_send(k->stream, buf, len, e) : 0;
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

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What is typed while there is no console is for nobody, but the escape character. */
static int wait_a_moment(struct console *k, struct err *e)
{
    struct pollfd in = {.fd = k->input_open ? 0 : -1, .events = POLLIN};
    return client_poll(k->conn, &in, 1, AGAIN_MS, e) < 0 || (in.revents && from_user(k, e)) ? -1
                                                                                            : 0;
}

/* Its console has ended, its events may not all be here: does it run again? */
static bool comes_back(struct console *k)
{
    int64_t begin = now_ms();
    struct err e = {0};
    for (;;) {
        int64_t took = now_ms() - begin;
        if (k->reboots && k->is_back)
            return true;
        if (k->reboots ? took > REBOOT_MAX_MS : k->is_off || took > STOPPED_MAX_MS)
            return false;
        if (wait_a_moment(k, &e) || k->has_left)
            return false;
    }
}

static int open_stream(struct console *k, const struct wire_domain_open_console_args *args,
                       struct err *e)
{
    k->stream = client_stream_open(k->conn, WIRE_DOMAIN_OPEN_CONSOLE, args, NULL, e);
    k->done = false;
    return k->stream ? 0 : -1;
}

/* A guest that has just begun has its console in a moment. */
static int open_again(struct console *k, const struct wire_domain_open_console_args *args,
                      struct err *e)
{
    k->reboots = k->is_back = false;
    fputs("\r\n[the guest has rebooted]\r\n", stdout);
    fflush(stdout);
    int64_t begin = now_ms();
    while (open_stream(k, args, e)) {
        struct err why;
        if (now_ms() - begin > STOPPED_MAX_MS || wait_a_moment(k, &why) || k->has_left)
            return -1;
    }
    return 0;
}

static int run_stream(struct console *k, struct err *e)
{
    struct client_stream *s = k->stream;
    int r = copy(k, e);
    k->stream = NULL;
    if (!r)
        return client_stream_finish(s, e);
    client_stream_abort(s, NULL);
    return -1;
}

/* On a terminal, over the guest's reboots. */
static int run_all(struct console *k, const struct wire_domain_open_console_args *args,
                   struct err *e)
{
    int r = run_stream(k, e);
    while (!r && !k->has_left && k->n_callbacks == N_EVENTS && comes_back(k))
        r = open_again(k, args, e) ? -1 : run_stream(k, e);
    return k->has_left ? 0 : r;
}

int console_run(struct ctl *c, const struct wire_domain *d, const char *device, unsigned flags,
                struct err *e)
{
    struct wire_domain_open_console_args args = {*d, (char *)device, flags};
    struct console k = {.conn = c->conn_, .domain = d, .escape = c->escape, .input_open = true};
    struct termios old;
    if (isatty(0) && !c->quiet) {
        printf("Connected to domain '%s'\nEscape character is ^%c (Ctrl + %c)\n", d->name,
               c->escape | 0x40, c->escape | 0x40);
        fflush(stdout);
    }
    if (open_stream(&k, &args, e))
        return -1;
    k.raw = tty_raw(&old);
    if (k.raw)
        listen_to_guest(&k);
    int r = run_all(&k, &args, e);
    if (k.raw) {
        tty_restore(&old);
        putchar('\n');
        forget_guest(&k);
    }
    return r;
}
