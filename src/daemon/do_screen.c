/* A guest's keyboard, screen and channels, for those who cannot sit at it: all but
 * channels go through its device model's monitor. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/guest.h"
#include "daemon/keys.h"
#include "daemon/later.h"
#include "daemon/stream.h"
#include "wire/consts.h"

enum {
    LINE_BYTES = 512,
    PICTURE_MAX = 64 << 20,
    HOLD_MAX_MS = 60000,
    PATH_BYTES = 256,
    DISPLAY_MAX_S = 5
};

struct monitor {
    struct later later;
    uint32_t domid;
    char line[LINE_BYTES], path[PATH_BYTES];
    char *picture;
    size_t len;
};

/* QEMU answers a line with nothing, or with what is wrong. */
static int work_line(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct monitor *x = arg;
    CLEANUP_FREE char *said = NULL;
    if (ops->monitor(hv, x->domid, x->line, &said, e))
        return -1;
    if (str_empty(said))
        return 0;
    said[strcspn(said, "\r\n")] = 0;
    return fail(e, ERR_OPERATION_FAILED, "the device model says: %s", said);
}

/* A line for the guest's device model; the caller's until call_later takes it. */
static struct monitor *monitor_new(const struct guest *g, const char *line)
{
    struct monitor *x = NEW(struct monitor);
    x->domid = (uint32_t)guest_domid(g);
    snprintf(x->line, sizeof(x->line), "%s", line);
    return x;
}

/* --- keys --- */

/* A paravirtual Linux has no keyboard, but takes Alt-SysRq's letters from Xen. */
static int send_sysrq(struct call *c, const struct guest *g,
                      const struct wire_domain_send_key_args *args)
{
    struct host *h = c->daemon->host;
    char letter = 0;
    bool has_sysrq = false;
    for (size_t i = 0; i < args->n_keycodes; i++) {
        has_sysrq = has_sysrq || key_is_sysrq(args->codeset, args->keycodes[i]);
        (void)key_letter(args->codeset, args->keycodes[i], &letter);
    }
    if (!has_sysrq || !letter)
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "domain '%s' has no keyboard: only Alt, SysRq and a letter can be sent to it",
                    guest_name(g));
    if (guest_check_own(g, &c->err)) /* its letters end the host */
        return CALL_FAILED;
    return host_ops(h)->sysrq(host_hv(h), (uint32_t)guest_domid(g), letter, &c->err) ? CALL_FAILED
                                                                                     : CALL_DONE;
}

static int do_send_key(struct call *c)
{
    const struct wire_domain_send_key_args *args = c->args;
    const struct guest *g = call_running_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, false) : NULL;
    if (!g)
        return CALL_FAILED;
    if (!args->n_keycodes || args->holdtime > HOLD_MAX_MS)
        return fail(&c->err, ERR_INVALID_ARG, "no keys, or held for more than %d ms", HOLD_MAX_MS);
    if (d && d->type != GUEST_HVM && !d->n_graphics)
        return send_sysrq(c, g, args);
    struct str line = {0};
    str_add(&line, "sendkey ");
    for (size_t i = 0; i < args->n_keycodes; i++) {
        uint32_t key;
        if (!key_to_qemu(args->codeset, args->keycodes[i], &key)) {
            str_clear(&line);
            return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED,
                        "key %u of code set %u is not known: sets linux, xt, atset1 and qnum are",
                        args->keycodes[i], args->codeset);
        }
        str_addf(&line, "%s0x%02x", i ? "-" : "", key);
    }
    if (args->holdtime)
        str_addf(&line, " %u", args->holdtime);
    struct monitor *x = monitor_new(g, str_get(&line));
    str_clear(&line);
    return call_later(c, work_line, &x->later);
}

/* --- the picture --- */

static int work_picture(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct monitor *x = arg;
    int r = work_line(x, ops, hv, e);
    if (!r)
        r = file_read(x->path, PICTURE_MAX, &x->picture, &x->len, e);
    (void)unlink(x->path);
    return r;
}

static void picture_clear(struct later *later)
{
    free(((struct monitor *)later)->picture);
}

struct feed {
    int fd;
    char *bytes;
    size_t len;
};

/* As fast as the client reads; it may leave at any time. */
static void work_feed(void *arg)
{
    struct feed *f = arg;
    (void)file_write_all(f->fd, f->bytes, f->len, NULL);
    close(f->fd);
}

static void fed(void *arg)
{
    struct feed *f = arg;
    free(f->bytes);
    free(f);
}

static int picture_found(struct call *c, struct later *later)
{
    struct monitor *x = (struct monitor *)later;
    struct wire_domain_screenshot_ret *ret = c->ret;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return fail_errno(&c->err, "cannot make a pipe");
    if (stream_open_fd(c, ends[0])) {
        close(ends[1]);
        return CALL_FAILED;
    }
    struct feed *f = NEW(struct feed);
    *f = (struct feed){.fd = ends[1], .bytes = take(x->picture), .len = x->len};
    loop_work(c->daemon->loop, work_feed, fed, f);
    ret->mime = mem_str("image/x-portable-pixmap");
    return CALL_DONE;
}

static int do_screenshot(struct call *c)
{
    const struct wire_domain_screenshot_args *args = c->args;
    const struct guest *g = call_running_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->screen)
        return fail(&c->err, ERR_INVALID_ARG, "there is no screen %u, only 0", args->screen);
    struct monitor *x = monitor_new(g, "");
    x->later.after = picture_found;
    x->later.clear = picture_clear;
    snprintf(x->path, sizeof(x->path), "%s/screen-%u-%llx.ppm", c->daemon->run_dir, x->domid,
             (unsigned long long)c->began_ns);
    snprintf(x->line, sizeof(x->line), "screendump %s", x->path);
    return call_later(c, work_picture, &x->later);
}

/* --- channels --- */

static int socket_open(struct call *c, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a.sun_path))
        return fail(&c->err, ERR_OPERATION_FAILED, "the socket's path '%s' is too long", path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof(a)))
        return fd;
    fail_errno(&c->err, "cannot connect to '%s'", path);
    close_fd(&fd);
    return -1;
}

/* name: NULL: the first. */
static int do_channel(struct call *c)
{
    const struct wire_domain_open_channel_args *args = c->args;
    struct host *h = c->daemon->host;
    char path[HV_CONSOLE_PATH_MAX];
    bool is_socket;
    const struct guest *g = call_running_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, false) : NULL;
    if (!g)
        return CALL_FAILED;
    const char *name = args->name;
    if (!name && d && d->n_channels)
        name = d->channels[0].name;
    if (!name)
        return fail(&c->err, ERR_INVALID_ARG, "domain '%s' has no channel", guest_name(g));
    if (host_ops(h)->channel(host_hv(h), (uint32_t)guest_domid(g), name, path, &is_socket, &c->err))
        return CALL_FAILED;
    if (!is_socket)
        return stream_open_tty(c, path, args->flags & VIR_DOMAIN_CHANNEL_FORCE, false) ? CALL_FAILED
                                                                                       : CALL_DONE;
    int fd = socket_open(c, path);
    return fd < 0 || stream_open_fd(c, fd) ? CALL_FAILED : CALL_DONE;
}

/* --- its display, for clients that cannot reach its port --- */

struct display {
    struct later later;
    struct sockaddr_storage to;
    socklen_t len;
    int fd;
};

static void display_clear(struct later *later)
{
    struct display *x = (struct display *)later;
    if (x->fd >= 0)
        close(x->fd);
}

static int work_connect(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct display *x = arg;
    const struct timeval limit = {.tv_sec = DISPLAY_MAX_S};
    x->fd = socket(x->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (x->fd < 0 || setsockopt(x->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
        connect(x->fd, (struct sockaddr *)&x->to, x->len))
        return fail_errno(e, "cannot connect to the display");
    const struct timeval none = {0};
    (void)setsockopt(x->fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none));
    return 0;
}

static int display_found(struct call *c, struct later *later)
{
    struct display *x = (struct display *)later;
    c->has_fd = true;
    c->fd = x->fd;
    x->fd = -1;
    return CALL_DONE;
}

/* Where the device model listens; "everywhere" is reached here. */
static int display_address(const struct graphics *g, struct display *x, struct err *e)
{
    const struct listen *l = g->n_listens ? &g->listens[0] : NULL;
    const char *host = l && !str_empty(l->address) ? l->address : "127.0.0.1";
    int64_t port = num_or(g->port, -1);
    struct sockaddr_in *v4 = (struct sockaddr_in *)&x->to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&x->to;
    if (port <= 0 || port > UINT16_MAX)
        return fail(e, ERR_OPERATION_FAILED, "the display has no port");
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
            v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        x->len = sizeof(*v4);
    } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
            v6->sin6_addr = in6addr_loopback;
        x->len = sizeof(*v6);
    } else {
        return fail(e, ERR_OPERATION_FAILED, "the display's address '%s' is none", host);
    }
    return 0;
}

/* A display with a password asks for it here too: that cannot be skipped from outside. */
static int do_graphics_fd(struct call *c)
{
    const struct wire_domain_open_graphics_fd_args *args = c->args;
    struct host *h = c->daemon->host;
    struct guest *g = call_running_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, false) : NULL;
    if (!d)
        return CALL_FAILED;
    if (!c->session || !conn_transport(c->session->conn)->ops->send_fd)
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "a descriptor can be had over a local socket alone");
    if (args->idx >= d->n_graphics)
        return fail(&c->err, ERR_INVALID_ARG, "domain '%s' has no display %u", guest_name(g),
                    args->idx);
    CLEANUP_DOMAIN struct domain *now = domain_copy(d);
    struct display *x = NEW(struct display);
    x->fd = -1;
    x->later.after = display_found;
    x->later.clear = display_clear;
    if (host_ops(h)->live(host_hv(h), (uint32_t)guest_domid(g), now, &c->err) ||
        display_address(&now->graphics[args->idx], x, &c->err)) {
        free(x);
        return CALL_FAILED;
    }
    return call_later(c, work_connect, &x->later);
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_OPEN_GRAPHICS_FD, do_graphics_fd, VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH},
    {WIRE_DOMAIN_SEND_KEY, do_send_key},
    {WIRE_DOMAIN_SCREENSHOT, do_screenshot},
    {WIRE_DOMAIN_OPEN_CHANNEL, do_channel, VIR_DOMAIN_CHANNEL_FORCE},
};
const struct handlers do_screen_handlers = HANDLERS(rows);
