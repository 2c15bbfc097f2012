/* Scripting the simulated host: a command a line, from a file at the start or through a unix
 * socket, which answers "ok" or "error TEXT". What another toolstack or a guest would do, and
 * orders to delay, fail or hang operations. `help` lists the commands. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "sim.h"
#include "sim_priv.h"

enum { WORDS_MAX = 24, LINE_BYTES = 4096, SCRIPT_MAX = 1 << 20 };

struct line {
    struct hv *h;
    char *words[WORDS_MAX]; /* words[0] is the command */
    size_t n;
    struct str *out;
    int reason; /* of the command's row */
};

/* By name, or by id. */
static struct sim_dom *dom_of(struct line *l, struct err *e)
{
    struct sim_dom *d = sim_find_name(l->h, l->words[1]);
    uint32_t id;
    if (!d && parse_u32(l->words[1], 10, UINT32_MAX, &id))
        d = sim_find(l->h, id);
    if (!d)
        fail(e, ERR_NO_DOMAIN, "no domain '%s'", l->words[1]);
    return d;
}

static bool op_of(struct line *l, enum sim_op *ret, struct err *e)
{
    for (int i = 0; i < SIM_OPS_N; i++)
        if (str_eq(sim_op_names[i], l->words[1])) {
            *ret = (enum sim_op)i;
            return true;
        }
    fail(e, ERR_INVALID_ARG, "no operation '%s'", l->words[1]);
    return false;
}

static int do_list(struct line *l, struct err *e)
{
    static const char *const runs[] = {"running", "blocked", "paused", "shutdown", "dying"};
    for (size_t i = 0; i < l->h->n_doms; i++) {
        const struct sim_state *s = &l->h->doms[i]->s;
        str_addf(l->out, "%d %s %s%s\n", (int)s->domid.v, s->name ? s->name : "(null)",
                 runs[s->run.v], s->is_building ? " building" : "");
    }
    return 0;
}

static int set_key(struct domain *d, const char *key, const char *value, struct err *e)
{
    uint64_t n = 0;
    bool is_number = parse_u64(value, 10, INT64_MAX, &n);
    if (str_eq(key, "name"))
        str_set(&d->name, value);
    else if (str_eq(key, "cmdline"))
        str_set(&d->os.cmdline, value);
    else if (str_eq(key, "uuid") && uuid_parse(value, d->uuid))
        return 0;
    else if (str_eq(key, "memory") && is_number)
        d->memory_kib = d->memory_max_kib = NUM(n);
    else if (str_eq(key, "vcpus") && is_number)
        d->vcpus = d->vcpus_max = NUM(n);
    else if (str_eq(key, "type"))
        d->type = str_eq(value, "hvm") ? GUEST_HVM : str_eq(value, "pvh") ? GUEST_PVH : GUEST_PV;
    else if (str_eq(key, "disk")) {
        struct disk *k = DOMAIN_ADD(d, disks);
        k->type = DISK_FILE;
        k->source = mem_str(value);
        k->target = mem_printf("xvd%c", (int)('a' + d->n_disks - 1));
    } else
        return fail(e, ERR_INVALID_ARG, "bad setting %s=%s", key, value);
    return 0;
}

/* create name=N [uuid=U memory=KIB vcpus=N type=pv|pvh|hvm cmdline="..." disk=PATH] */
static int do_create(struct line *l, struct err *e)
{
    CLEANUP_DOMAIN struct domain *c = domain_new();
    c->type = GUEST_PV;
    c->memory_kib = c->memory_max_kib = NUM(65536);
    c->vcpus = c->vcpus_max = NUM(1);
    struct chr *console = DOMAIN_ADD(c, consoles);
    console->type = CHR_PTY;
    console->target = CHR_TARGET_XEN;
    uuid_random(c->uuid);
    for (size_t i = 1; i < l->n; i++) {
        char *value = strchr(l->words[i], '=');
        if (!value)
            return fail(e, ERR_INVALID_ARG, "what is '%s'?", l->words[i]);
        *value++ = 0;
        if (set_key(c, l->words[i], value, e))
            return -1;
    }
    if (str_empty(c->name) || sim_find_name(l->h, c->name))
        return fail(e, ERR_OPERATION_FAILED, "it needs a new name");
    struct sim_dom *d = sim_add(l->h, c);
    d->guest = sim_guest_open(l->h, (uint32_t)d->s.domid.v, e);
    if (!d->guest)
        return -1;
    d->s.name = mem_str(c->name);
    d->s.is_building = false;
    sim_set_run(l->h, d, HV_BLOCKED, 0);
    str_addf(l->out, "%d\n", (int)d->s.domid.v);
    return 0;
}

static int do_destroy(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (!d || !d->s.domid.v)
        return d ? fail(e, ERR_OPERATION_INVALID, "not domain 0") : -1;
    sim_remove(l->h, d);
    return 0;
}

static int do_end(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (!d || !d->guest)
        return d ? fail(e, ERR_OPERATION_INVALID, "it does not run") : -1;
    sim_set_run(l->h, d, HV_SHUTDOWN, (enum hv_reason)l->reason);
    return 0;
}

static int do_rename(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (!d)
        return -1;
    str_set(&d->s.name, l->words[2]);
    sim_save_state(l->h, d);
    sim_tell(l->h, SIM_CHANGED, (uint32_t)d->s.domid.v, 0);
    return 0;
}

/* reason: enum hv_run */
static int do_run(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (!d)
        return -1;
    sim_set_run(l->h, d, (enum hv_run)l->reason, 0);
    sim_tell(l->h, SIM_CHANGED, (uint32_t)d->s.domid.v, 0);
    return 0;
}

static int do_memory(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    uint64_t kib;
    if (!d || !parse_u64(l->words[2], 10, (uint64_t)d->s.mem_max_kib.v, &kib))
        return d ? fail(e, ERR_INVALID_ARG, "how many KiB?") : -1;
    d->s.mem_kib = NUM((int64_t)kib);
    sim_tell(l->h, SIM_CHANGED, (uint32_t)d->s.domid.v, 0);
    return 0;
}

static int do_stubborn(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (!d)
        return -1;
    d->s.is_stubborn = str_eq(l->words[2], "on");
    return 0;
}

static int do_zombie(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (d)
        d->s.is_zombie = true;
    return d ? 0 : -1;
}

static int do_delay(struct line *l, struct err *e)
{
    enum sim_op op;
    uint32_t ms;
    if (!op_of(l, &op, e) || !parse_u32(l->words[2], 10, 1 << 30, &ms))
        return e->code ? -1 : fail(e, ERR_INVALID_ARG, "how many ms?");
    l->h->faults[op].delay_ms = ms;
    return 0;
}

/* fail OP COUNT TEXT [CODE] */
static int do_fail(struct line *l, struct err *e)
{
    enum sim_op op;
    uint32_t count, code = 0;
    if (!op_of(l, &op, e))
        return -1;
    if (!parse_u32(l->words[2], 10, UINT32_MAX, &count) ||
        (l->n > 4 && !parse_u32(l->words[4], 10, 1000, &code)))
        return fail(e, ERR_INVALID_ARG, "fail OP COUNT TEXT [CODE]");
    struct sim_fault *f = &l->h->faults[op];
    f->fail_count = count;
    f->fail_code = code;
    str_set(&f->fail_text, l->words[3]);
    return 0;
}

static int do_die(struct line *l, struct err *e)
{
    enum sim_op op;
    if (!op_of(l, &op, e))
        return -1;
    l->h->faults[op].is_deadly = true;
    return 0;
}

static int do_hang(struct line *l, struct err *e)
{
    enum sim_op op;
    if (!op_of(l, &op, e))
        return -1;
    l->h->faults[op].hangs = l->reason;
    if (!l->reason)
        sim_unhang(l->h, op);
    return 0;
}

static int do_next(struct line *l, struct err *e)
{
    uint32_t id;
    if (!parse_u32(l->words[1], 10, 0x7ff0, &id) || sim_find(l->h, id))
        return fail(e, ERR_INVALID_ARG, "not a free id");
    l->h->next_domid = id;
    return 0;
}

/* reason: notes, or disks that do not work */
static int do_note(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    const char *value = l->n > 3 ? l->words[3] : NULL;
    if (d && l->reason)
        sim_kv_set(&d->more.broken, &d->more.n_broken, l->words[2], value);
    else if (d)
        sim_kv_set(&d->more.notes, &d->more.n_notes, l->words[2], value);
    return d ? 0 : -1;
}

static int do_keys(struct line *l, struct err *e)
{
    struct sim_dom *d = dom_of(l, e);
    if (d)
        str_addf(l->out, "%s\n", d->more.keys ? d->more.keys : "");
    return d ? 0 : -1;
}

static int do_pcis(struct line *l, struct err *e)
{
    for (size_t i = 0; i < sizeof(l->h->pcis) / sizeof(*l->h->pcis); i++) {
        const struct sim_pci *p = &l->h->pcis[i];
        str_addf(l->out, "%04x:%02x:%02x.%x %s %u\n", p->at.domain, p->at.bus, p->at.slot,
                 p->at.function, p->is_detached ? "detached" : "host", p->resets);
    }
    return 0;
}

/* All guests are gone at once, and nobody is told. */
static int do_lose(struct line *l, struct err *e)
{
    while (l->h->n_doms > 1) {
        struct sim_dom *d = l->h->doms[l->h->n_doms - 1];
        d->is_watched = false;
        sim_remove(l->h, d);
    }
    return 0;
}

static int do_help(struct line *l, struct err *e);

static const struct command {
    const char *name;
    size_t words; /* at least, with the command */
    int (*fn)(struct line *l, struct err *e);
    int reason;
    const char *doc;
} commands[] = {
    {"help", 1, do_help, 0, ""},
    {"list", 1, do_list, 0, ""},
    {"create", 2, do_create, 0, "name=N [uuid= memory=KIB vcpus= type= cmdline=\"\" disk=PATH]"},
    {"destroy", 2, do_destroy, 0, "GUEST: as another toolstack does"},
    {"rename", 3, do_rename, 0, "GUEST NAME"},
    {"pause", 2, do_run, HV_PAUSED, "GUEST"},
    {"unpause", 2, do_run, HV_BLOCKED, "GUEST"},
    {"poweroff", 2, do_end, HV_POWEROFF, "GUEST: by itself"},
    {"reboot", 2, do_end, HV_REBOOT, "GUEST: by itself"},
    {"soft-reset", 2, do_end, HV_SOFT_RESET, "GUEST: its kernel has kexec'd"},
    {"crash", 2, do_end, HV_CRASH, "GUEST"},
    {"watchdog", 2, do_end, HV_WATCHDOG, "GUEST"},
    {"suspend", 2, do_end, HV_SUSPEND, "GUEST"},
    {"memory", 3, do_memory, 0, "GUEST KIB: as another toolstack sets its balloon"},
    {"stubborn", 3, do_stubborn, 0, "GUEST on|off: ignores requests"},
    {"zombie", 2, do_zombie, 0, "GUEST: stays dying when destroyed"},
    {"reap", 2, do_destroy, 0, "GUEST: a zombie goes"},
    {"delay", 3, do_delay, 0, "OP MS"},
    {"fail", 4, do_fail, 0, "OP COUNT TEXT [CODE]"},
    {"die", 2, do_die, 0, "OP: the daemon is killed when it comes to it"},
    {"hang", 2, do_hang, 1, "OP"},
    {"unhang", 2, do_hang, 0, "OP"},
    {"note", 3, do_note, 0, "GUEST KEY [TEXT]: what it says of itself"},
    {"break-disk", 3, do_note, 1, "GUEST DISK [WHY]"},
    {"keys", 2, do_keys, 0, "GUEST: the last that were sent to it"},
    {"pcis", 1, do_pcis, 0, ": the host's PCI devices, and how often each was reset"},
    {"next-domid", 2, do_next, 0, "N"},
    {"lose", 1, do_lose, 0, ": all guests vanish silently"},
};

static int do_help(struct line *l, struct err *e)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        str_addf(l->out, "%s %s\n", commands[i].name, commands[i].doc);
    return 0;
}

/* Words are parted by blanks; "..." keeps them together. */
static bool split(struct line *l, char *text)
{
    for (char *p = text, *to; *p;) {
        while (*p == ' ' || *p == '\t')
            p++;
        if (!*p || *p == '#')
            break;
        if (l->n == WORDS_MAX)
            return false;
        l->words[l->n++] = to = p;
        bool quoted = false, more = true;
        for (; *p && (more = quoted || (*p != ' ' && *p != '\t')); p++)
            if (*p == '"')
                quoted = !quoted;
            else
                *to++ = *p;
        if (!more)
            p++;
        *to = 0;
    }
    return true;
}

int sim_order(struct hv *h, char *text, struct str *out, struct err *e)
{
    struct line l = {.h = h, .out = out};
    if (!split(&l, text))
        return fail(e, ERR_INVALID_ARG, "too many words");
    if (!l.n)
        return 0;
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        const struct command *c = &commands[i];
        if (!str_eq(c->name, l.words[0]))
            continue;
        if (l.n < c->words)
            return fail(e, ERR_INVALID_ARG, "%s %s", c->name, c->doc);
        l.reason = c->reason;
        lock_enter(h->lock);
        int r = c->fn(&l, e);
        lock_leave(h->lock);
        return r;
    }
    return fail(e, ERR_INVALID_ARG, "no command '%s'; try help", l.words[0]);
}

int sim_script(struct hv *h, const char *path, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP_STR struct str out = {0};
    if (file_read(path, SCRIPT_MAX, &text, NULL, e))
        return -1;
    char *rest = text, *line;
    for (int n = 1; (line = strsep(&rest, "\n")); n++)
        if (sim_order(h, line, &out, e))
            return wrap(e, "'%s' line %d", path, n);
    return 0;
}

struct client {
    struct sim_control *control;
    int fd;
    struct loop_fd *watch;
    char line[LINE_BYTES];
    size_t n;
};

struct sim_control {
    struct hv *h;
    int fd;
    char *path;
    struct loop_fd *watch;
    struct client **clients;
    size_t n_clients;
};

static void client_close(struct client *c)
{
    struct sim_control *k = c->control;
    for (size_t i = 0; i < k->n_clients; i++)
        if (k->clients[i] == c) {
            VEC_REMOVE(k->clients, k->n_clients, i);
            break;
        }
    loop_fd_close(c->watch);
    close(c->fd);
    free(c);
}

static void answer(struct client *c, char *text)
{
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    if (sim_order(c->control->h, text, &out, &e))
        str_addf(&out, "error %s\n", e.msg);
    else
        str_add(&out, "ok\n");
    (void)send(c->fd, out.p, out.len, MSG_NOSIGNAL);
}

static void take_lines(struct client *c)
{
    char *newline;
    while ((newline = memchr(c->line, '\n', c->n))) {
        *newline = 0;
        size_t used = (size_t)(newline - c->line) + 1;
        answer(c, c->line);
        c->n -= used;
        memmove(c->line, c->line + used, c->n);
    }
}

static void on_client(void *arg, int events)
{
    struct client *c = arg;
    ssize_t n = recv(c->fd, c->line + c->n, sizeof(c->line) - c->n, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        c->n += (size_t)n;
        take_lines(c);
    }
    if (n <= 0 || c->n == sizeof(c->line))
        client_close(c);
}

static void on_connection(void *arg, int events)
{
    struct sim_control *k = arg;
    struct err e = {0};
    int fd = accept4(k->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct client *c = NEW(struct client);
    *c = (struct client){.control = k, .fd = fd};
    VEC_PUSH(k->clients, k->n_clients, c);
    c->watch = loop_fd_open(k->h->loop, fd, LOOP_READ, on_client, c, &e);
    if (!c->watch)
        client_close(c);
}

struct sim_control *sim_control_open(struct hv *h, const char *path, struct err *e)
{
    struct sim_control *k = NEW(struct sim_control);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    k->h = h;
    k->path = mem_str(path);
    k->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    (void)unlink(path);
    if (k->fd < 0 || strlen(path) >= sizeof(a.sun_path) ||
        bind(k->fd, (struct sockaddr *)&a, sizeof(a)) || listen(k->fd, 16))
        fail_errno(e, "cannot listen on '%s'", path);
    else
        k->watch = loop_fd_open(h->loop, k->fd, LOOP_READ, on_connection, k, e);
    if (k->watch)
        return k;
    sim_control_close(k);
    return NULL;
}

void sim_control_close(struct sim_control *k)
{
    if (!k)
        return;
    while (k->n_clients)
        client_close(k->clients[0]);
    free(k->clients);
    loop_fd_close(k->watch);
    close_fd(&k->fd);
    (void)unlink(k->path);
    free(k->path);
    free(k);
}
