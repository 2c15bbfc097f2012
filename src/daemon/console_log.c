#include "daemon/console_log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/guest.h"
#include "daemon/daemon.h"

enum {
    CHUNK = 16384,
    CONSOLES_MAX = 8, /* of a guest */
    TRY_FIRST_MS = 100,
    TRIES_MAX = 9, /* the last about 25 s after the first */
    LOG_MIN_KIB = 4,
    BACKUPS_MAX = 100
};

struct console {
    struct console *next, **prev;
    struct consoles *all;
    char *path, *log_path;
    int tty, log;
    uint64_t log_size;
    struct loop_fd *watch;
    int peer; /* our end of what a client reads; -1: none */
    struct loop_fd *peer_watch;
    bool is_full;   /* the client does not keep up: the console waits */
    char in[CHUNK]; /* what was typed and the console has not taken */
    size_t in_len;
};

/* A guest whose terminals may not all be there yet. */
struct search {
    struct search *next, **prev;
    struct consoles *all;
    uint8_t uuid[16];
    unsigned tries;
    struct loop_timer *timer;
};

struct consoles {
    struct daemon *daemon;
    char *dir;
    struct console *items;
    struct search *searches;
    struct event_listener *listener;
};

#define LINK(list, x) \
    ((x)->next = (list), (x)->prev = &(list), \
     (list) ? (void)((list)->prev = &(x)->next) : (void)0, (list) = (x))
#define UNLINK(x) \
    (*(x)->prev = (x)->next, (x)->next ? (void)((x)->next->prev = (x)->prev) : (void)0)

/* ---- the file ---- */
static int open_log(struct console *k)
{
    struct stat s;
    k->log = open(k->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    k->log_size = k->log >= 0 && !fstat(k->log, &s) ? (uint64_t)s.st_size : 0;
    if (k->log < 0)
        log_msg(LOG_ERROR, "cannot open '%s': %s", k->log_path, strerror(errno));
    return k->log;
}

/* NAME.log becomes NAME.log.1, that NAME.log.2, the oldest goes. */
static void rotate(struct console *k)
{
    const struct config *c = &k->all->daemon->config;
    close_fd(&k->log);
    unsigned n = c->console_log_backups < BACKUPS_MAX ? c->console_log_backups : BACKUPS_MAX;
    for (unsigned i = n; i; i--) {
        CLEANUP_FREE char *to = mem_printf("%s.%u", k->log_path, i);
        CLEANUP_FREE char *from =
            i > 1 ? mem_printf("%s.%u", k->log_path, i - 1) : mem_str(k->log_path);
        (void)rename(from, to);
    }
    if (!n)
        (void)unlink(k->log_path);
    open_log(k);
}

static void write_log(struct console *k, const char *bytes, size_t n)
{
    const struct config *c = &k->all->daemon->config;
    uint64_t kib = c->console_log_max_kib < LOG_MIN_KIB ? LOG_MIN_KIB : c->console_log_max_kib;
    struct err e = {0};
    if (k->log >= 0 && k->log_size + n > kib << 10)
        rotate(k);
    if (k->log < 0)
        return;
    if (file_write_all(k->log, bytes, n, &e)) { /* the console goes on, without its log */
        log_msg(LOG_ERROR, "'%s': %s", k->log_path, e.msg);
        close_fd(&k->log);
        k->log = -1;
    }
    k->log_size += n;
}

/* ---- bytes ---- */
static void watch(struct console *k)
{
    loop_fd_set(k->watch, (k->is_full ? 0 : LOOP_READ) | (k->in_len ? LOOP_WRITE : 0));
    if (k->peer_watch)
        loop_fd_set(k->peer_watch, (k->in_len ? 0 : LOOP_READ) | (k->is_full ? LOOP_WRITE : 0));
}

static void drop_peer(struct console *k)
{
    loop_fd_close(k->peer_watch);
    k->peer_watch = NULL;
    close_fd(&k->peer);
    k->peer = -1;
    k->is_full = false;
}

static void console_free(struct console *k)
{
    UNLINK(k);
    drop_peer(k);
    loop_fd_close(k->watch);
    close_fd(&k->tty);
    close_fd(&k->log);
    free(k->path);
    free(k->log_path);
    free(k);
}

/* The socket's buffer has room for many chunks; what it does not take is lost to the client, not to
 * the log. */
static void give(struct console *k, const char *bytes, size_t n)
{
    if (k->peer < 0)
        return;
    ssize_t sent = send(k->peer, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        drop_peer(k);
    else
        k->is_full = sent < 0 || (size_t)sent < n;
}

static void type(struct console *k)
{
    ssize_t n = k->in_len ? write(k->tty, k->in, k->in_len) : 0;
    if (n > 0)
        memmove(k->in, k->in + n, k->in_len -= (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        k->in_len = 0; /* nobody is there: reading tells */
}

static void on_tty(void *arg, int events)
{
    struct console *k = arg;
    char bytes[CHUNK];
    if (events & LOOP_WRITE)
        type(k);
    ssize_t n = k->is_full ? -2 : read(k->tty, bytes, sizeof(bytes));
    if (n == -2 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
        watch(k);
        return;
    }
    if (n <= 0) { /* the guest is gone */
        console_free(k);
        return;
    }
    write_log(k, bytes, (size_t)n);
    give(k, bytes, (size_t)n);
    watch(k);
}

static void on_peer(void *arg, int events)
{
    struct console *k = arg;
    if (events & LOOP_WRITE)
        k->is_full = false;
    bool reads = events & (LOOP_READ | LOOP_HANGUP) && !k->in_len;
    ssize_t n = reads ? recv(k->peer, k->in, sizeof(k->in), 0) : -2;
    if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
        drop_peer(k);
    if (n > 0)
        k->in_len = (size_t)n;
    type(k);
    watch(k);
}

int consoles_attach(struct consoles *l, const char *path)
{
    int ends[2];
    struct err e = {0};
    struct console *k = l ? l->items : NULL;
    while (k && !str_eq(k->path, path))
        k = k->next;
    if (!k || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
        return -1;
    drop_peer(k); /* the one before has been ended, or has ended */
    k->peer = ends[0];
    k->peer_watch = loop_fd_open(l->daemon->loop, k->peer, LOOP_READ, on_peer, k, &e);
    if (k->peer_watch)
        return ends[1];
    drop_peer(k);
    close(ends[1]);
    return -1;
}

/* ---- which ---- */
static bool is_known(const struct consoles *l, const char *path)
{
    for (const struct console *k = l->items; k; k = k->next)
        if (str_eq(k->path, path))
            return true;
    return false;
}

static void add(struct consoles *l, const struct guest *g, const char *alias, const char *path)
{
    struct err e = {0};
    struct console *k = NEW(struct console);
    *k = (struct console){.all = l,
                          .path = mem_str(path),
                          .log_path = mem_printf("%s/%s-%s.log", l->dir, guest_name(g), alias),
                          .log = -1,
                          .peer = -1};
    LINK(l->items, k);
    k->tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (k->tty >= 0)
        k->watch = loop_fd_open(l->daemon->loop, k->tty, LOOP_READ, on_tty, k, &e);
    if (k->watch && open_log(k) >= 0)
        return;
    log_msg(LOG_WARN, "console '%s' of domain '%s' is not logged", path, guest_name(g));
    console_free(k);
}

/* True: all that there are have been found. */
static bool look(struct consoles *l, struct guest *g)
{
    static const char *const words[] = {"serial", "console"};
    bool has_all = true;
    for (size_t i = 0; i < 2 * CONSOLES_MAX; i++) {
        char path[HV_CONSOLE_PATH_MAX];
        struct err e = {0};
        CLEANUP_FREE char *alias = mem_printf("%s%zu", words[i / CONSOLES_MAX], i % CONSOLES_MAX);
        if (!guest_console_path(g, alias, path, &e)) {
            if (!is_known(l, path))
                add(l, g, alias, path);
        } else if (e.code != ERR_INVALID_ARG) /* there is one, without a terminal yet */
            has_all = false;
    }
    return has_all;
}

static void search_free(struct search *s)
{
    UNLINK(s);
    loop_timer_close(s->timer);
    free(s);
}

static void on_search(void *arg)
{
    struct search *s = arg;
    struct guest *g = host_find_uuid(s->all->daemon->host, s->uuid, NULL);
    if (!g || !guest_is_active(g) || look(s->all, g) || s->tries == TRIES_MAX) {
        search_free(s);
        return;
    }
    loop_timer_start(s->timer, (uint64_t)TRY_FIRST_MS << s->tries, 0);
    s->tries++;
}

static void find_consoles(struct consoles *l, const uint8_t uuid[16])
{
    struct search *s = NEW(struct search);
    *s = (struct search){.all = l};
    memcpy(s->uuid, uuid, sizeof(s->uuid));
    s->timer = loop_timer_open(l->daemon->loop, on_search, s);
    LINK(l->searches, s);
    on_search(s);
}

/* Started, or come from another host. */
static void on_event(void *arg, const struct event *ev)
{
    if (ev->id == EVENT_LIFECYCLE && ev->type == 2)
        find_consoles(arg, ev->uuid);
}

struct consoles *consoles_open(struct daemon *d, const char *dir)
{
    struct err e = {0};
    size_t n;
    if (!d->config.console_log)
        return NULL;
    if (file_make_dirs(dir, 0700, &e)) {
        log_msg(LOG_ERROR, "consoles are not logged: %s", e.msg);
        return NULL;
    }
    struct consoles *l = NEW(struct consoles);
    *l = (struct consoles){.daemon = d, .dir = mem_str(dir)};
    l->listener = event_listen(host_events(d->host), on_event, l);
    CLEANUP_FREE struct guest **all = host_guests(d->host, &n);
    for (size_t i = 0; i < n; i++)
        if (guest_is_active(all[i]) && guest_domid(all[i]))
            find_consoles(l, guest_uuid(all[i]));
    return l;
}

void consoles_close(struct consoles *l)
{
    if (!l)
        return;
    event_unlisten(l->listener);
    while (l->items)
        console_free(l->items);
    while (l->searches)
        search_free(l->searches);
    free(l->dir);
    free(l);
}
