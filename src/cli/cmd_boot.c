/* All guests at once, for a host that stops and starts: saved or shut down in the reverse of the
 * order in which they start, within a time limit; and started again. Each guest is another xvirt's
 * business, so that none waits for another. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/conf.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"

extern char **environ;

enum { TIMEOUT_S = 300, LOOK_MS = 200, LIST_MAX = 1 << 20, ORDER_LAST = INT32_MAX };
#define LIST_FILE "/var/lib/xvirt/guests-to-start"

struct one {
    char *name, uuid[UUID_TEXT];
    int64_t order;
    enum host_stop action;
    pid_t pid; /* of the xvirt that sees to it; 0: none */
    bool has_failed, has_ended;
};

struct all {
    struct ctl *ctl;
    struct one *items;
    size_t n_items;
    uint64_t until_ms;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void all_clear(struct all *l)
{
    for (size_t i = 0; i < l->n_items; i++)
        free(l->items[i].name);
    free(l->items);
}

/* ---- which ---- */
/* What its metadata says; a guest that cannot be asked is seen to last. */
static void read_wishes(struct client *conn, const struct wire_domain *d, struct one *ret)
{
    struct wire_domain_get_xml_desc_ret r = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE | CONF_RAW};
    CLEANUP_DOMAIN struct domain *config = NULL;
    ret->order = ORDER_LAST;
    if (call_domain_get_xml_desc(conn, &(struct wire_domain_get_xml_desc_args){*d, 0}, &r, NULL))
        return;
    if (!conf_read(CONF_XML, r.xml, strlen(r.xml), &o, &config, NULL)) {
        ret->order = num_or(config->autostart_order, ORDER_LAST);
        ret->action = config->host_stop;
    }
    free(r.xml);
}

/* listed: NULL, or a text with the uuids of those that count. */
static int find_guests(struct all *l, unsigned flags, const char *listed, struct err *e)
{
    struct wire_connect_list_all_domains_ret r = {0};
    struct client *conn = ctl_conn(l->ctl, e);
    if (!conn || call_connect_list_all_domains(
                     conn, &(struct wire_connect_list_all_domains_args){1, flags}, &r, e))
        return -1;
    for (size_t i = 0; i < r.n_domains; i++) {
        struct one x = {.name = mem_str(r.domains[i].name)};
        uuid_format(r.domains[i].uuid, x.uuid);
        if (!r.domains[i].id || (listed && !strstr(listed, x.uuid))) {
            free(x.name);
            continue;
        }
        read_wishes(conn, &r.domains[i], &x);
        VEC_PUSH(l->items, l->n_items, x);
    }
    wire_clear(&wire_type_connect_list_all_domains_ret, &r);
    return 0;
}

static bool is_running(struct all *l, const char *uuid)
{
    struct all running = {.ctl = l->ctl};
    struct err e = {0};
    bool r = find_guests(&running, VIR_CONNECT_LIST_DOMAINS_ACTIVE, uuid, &e) || running.n_items;
    all_clear(&running);
    return r;
}

/* ---- one xvirt a guest ---- */
static void spawn(struct all *l, struct one *x, const char *command)
{
    const char *uri = l->ctl->uri;
    char *argv[8];
    size_t n = 0;
    argv[n++] = (char *)"xvirt";
    argv[n++] = (char *)"-q";
    if (uri) {
        argv[n++] = (char *)"-c";
        argv[n++] = (char *)uri;
    }
    argv[n++] = (char *)command;
    argv[n++] = x->uuid;
    argv[n] = NULL;
    fflush(stdout);
    if (posix_spawn(&x->pid, "/proc/self/exe", NULL, NULL, argv, environ)) {
        x->pid = 0;
        x->has_failed = true;
    }
}

static void reap(struct one *x)
{
    int status;
    if (x->pid <= 0 || waitpid(x->pid, &status, WNOHANG) != x->pid)
        return;
    x->pid = 0;
    x->has_failed = !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Until each of these has ended as is wanted, or time is over. */
static void await(struct all *l, size_t from, size_t to,
                  bool (*is_done)(struct all *, struct one *))
{
    for (;;) {
        bool all_done = true;
        for (size_t i = from; i < to; i++) {
            struct one *x = &l->items[i];
            reap(x);
            if (!x->pid && !x->has_failed && !x->has_ended)
                x->has_ended = is_done(l, x);
            all_done &= x->has_failed || x->has_ended;
        }
        if (all_done || now_ms() >= l->until_ms)
            return;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000l}, NULL);
    }
}

/* Who waits for a guest any longer only keeps the host. */
static void leave(struct all *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (l->items[i].pid > 0) {
            kill(l->items[i].pid, SIGTERM);
            waitpid(l->items[i].pid, NULL, 0);
            l->items[i].pid = 0;
        }
}

static size_t end_of_order(const struct all *l, size_t from)
{
    size_t to = from;
    while (to < l->n_items && l->items[to].order == l->items[from].order)
        to++;
    return to;
}

static int ascending(const void *x, const void *y)
{
    const struct one *a = x, *b = y;
    return a->order != b->order ? (a->order < b->order ? -1 : 1) : strcmp(a->name, b->name);
}

static int descending(const void *x, const void *y)
{
    return ascending(y, x);
}

/* ---- stop ---- */
static const char *const stop_commands[] = {[HOST_STOP_SAVE] = "managedsave",
                                            [HOST_STOP_SHUTDOWN] = "shutdown",
                                            [HOST_STOP_DESTROY] = "destroy"};

static bool has_stopped(struct all *l, struct one *x)
{
    return !is_running(l, x->uuid);
}

static int write_list(const struct all *l, const char *path, struct err *e)
{
    CLEANUP_STR struct str text = {0};
    const char *slash = strrchr(path, '/');
    if (!slash)
        return fail(e, ERR_INVALID_ARG, "'%s' is not an absolute path", path);
    CLEANUP_FREE char *dir = mem_strn(path, slash == path ? 1 : (size_t)(slash - path));
    for (size_t i = 0; i < l->n_items; i++)
        if (l->items[i].action != HOST_STOP_IGNORE)
            str_addf(&text, "%s %s\n", l->items[i].uuid, l->items[i].name);
    return file_make_dirs(dir, 0755, e) ||
                   file_write_atomic(dir, slash + 1, str_get(&text), text.len, 0600, e)
               ? -1
               : 0;
}

static void stop_order(struct all *l, size_t from, size_t to, bool may_destroy)
{
    for (size_t i = from; i < to; i++) {
        struct one *x = &l->items[i];
        x->has_ended = x->action == HOST_STOP_IGNORE;
        if (!x->has_ended)
            spawn(l, x, stop_commands[x->action]);
    }
    await(l, from, to, has_stopped);
    leave(l, from, to);
    uint64_t until_ms = l->until_ms;
    for (size_t i = from; i < to && may_destroy; i++)
        if (!l->items[i].has_ended) {
            l->items[i].has_failed = false;
            spawn(l, &l->items[i], "destroy");
            l->until_ms = now_ms() + 10000;
        }
    await(l, from, to, has_stopped);
    l->until_ms = until_ms;
    for (size_t i = from; i < to; i++)
        if (l->items[i].action != HOST_STOP_IGNORE)
            done_print(l->ctl, "Domain '%s': %s", l->items[i].name,
                       l->items[i].has_ended ? "stopped" : "still runs");
}

static int timeout_of(const struct args *a, struct all *l, struct err *e)
{
    uint64_t timeout_s = TIMEOUT_S;
    if (arg_u64(a, "timeout", &timeout_s, e))
        return -1;
    if (timeout_s > 24 * 3600)
        return fail(e, ERR_INVALID_ARG, "a time limit of more than a day is none");
    l->until_ms = now_ms() + timeout_s * 1000;
    return 0;
}

static int count_left(const struct all *l, const char *what, struct err *e)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n_items; i++)
        n += !l->items[i].has_ended;
    return n ? fail(e, ERR_OPERATION_FAILED, "%zu of %zu domains %s", n, l->n_items, what) : 0;
}

static size_t count_orders(const struct all *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n_items; i = end_of_order(l, i))
        n++;
    return n;
}

static int stop_all(struct ctl *c, const struct args *a, struct all *l, struct err *e)
{
    const char *file = arg_str(a, "list"), *word = arg_str(a, "action");
    int action = word ? words_find(&host_stop_words, word) : HOST_STOP_SAVE;
    if (action <= 0)
        return fail(e, ERR_INVALID_ARG, "unknown action '%s': save, shutdown, destroy or ignore",
                    word);
    if (timeout_of(a, l, e) || find_guests(l, VIR_CONNECT_LIST_DOMAINS_ACTIVE, NULL, e))
        return -1;
    for (size_t i = 0; i < l->n_items; i++)
        if (!l->items[i].action)
            l->items[i].action = (enum host_stop)action;
    if (l->n_items)
        qsort(l->items, l->n_items, sizeof(*l->items), descending);
    if (write_list(l, file ? file : LIST_FILE, e))
        return -1;
    uint64_t end_ms = l->until_ms;
    for (size_t i = 0, to, left = count_orders(l); i < l->n_items; i = to, left--) {
        uint64_t now = now_ms(), rest = end_ms > now ? end_ms - now : 0;
        l->until_ms = now + rest / left; /* who does not obey leaves the others their share */
        to = end_of_order(l, i);
        stop_order(l, i, to, arg_has(a, "destroy"));
    }
    return count_left(l, "still run", e);
}

static int run_stop(struct ctl *c, const struct args *a, struct err *e)
{
    struct all l = {.ctl = c};
    ctl_trying(c, "Failed to stop all domains");
    int r = stop_all(c, a, &l, e);
    all_clear(&l);
    return r;
}

/* ---- start ---- */
static bool has_started(struct all *l, struct one *x)
{
    return is_running(l, x->uuid);
}

static int start_all(struct ctl *c, const struct args *a, struct all *l, struct err *e)
{
    const char *path = arg_str(a, "list") ? arg_str(a, "list") : LIST_FILE;
    CLEANUP_FREE char *listed = NULL;
    if (access(path, F_OK) && errno == ENOENT)
        return 0;
    if (file_read(path, LIST_MAX, &listed, NULL, e) || timeout_of(a, l, e) ||
        find_guests(l, VIR_CONNECT_LIST_DOMAINS_INACTIVE, listed, e))
        return -1;
    if (l->n_items)
        qsort(l->items, l->n_items, sizeof(*l->items), ascending);
    for (size_t i = 0, to; i < l->n_items; i = to) {
        to = end_of_order(l, i);
        for (size_t k = i; k < to; k++)
            spawn(l, &l->items[k], "start");
        await(l, i, to, has_started);
        leave(l, i, to);
    }
    for (size_t i = 0; i < l->n_items; i++)
        done_print(c, "Domain '%s': %s", l->items[i].name,
                   l->items[i].has_ended ? "started" : "does not run");
    if (unlink(path) && errno != ENOENT)
        return fail_errno(e, "cannot remove '%s'", path);
    return count_left(l, "do not run", e);
}

static int run_start(struct ctl *c, const struct args *a, struct err *e)
{
    struct all l = {.ctl = c};
    ctl_trying(c, "Failed to start the domains that ran");
    int r = start_all(c, a, &l, e);
    all_clear(&l);
    return r;
}

#define OPT_LIST \
    { \
        "list", OPT_STR, 0, WHAT_FILE, "file of those that ran (" LIST_FILE ")" \
    }
#define OPT_TIMEOUT \
    { \
        "timeout", OPT_NUM, 0, WHAT_TEXT, "seconds for all of them (300)" \
    }

extern const struct cmd cmds_boot[];
const struct cmd cmds_boot[] = {
    {"start-guests", GROUP_HOST, "start the domains that stop-guests has stopped",
     "Start what ran when the host stopped, in the order of their metadata.",
     OPTS(OPT_LIST, OPT_TIMEOUT), run_start},
    {"stop-guests", GROUP_HOST, "save or shut down all domains, before the host stops",
     "Save or shut down all domains, in parallel and in the reverse of the order in which they "
     "start, and note which they were.",
     OPTS({"action", OPT_STR, 0, WHAT_TEXT, "save (default), shutdown, destroy or ignore"},
          OPT_TIMEOUT, FLAG("destroy", "destroy what still runs when the time is over"), OPT_LIST),
     run_stop},
    {0},
};
