/* What a simulated guest does by itself: it boots, writes to its console, answers what is typed
 * there, and ends as its kernel's command line says, with the words of the lab's guests:
 * xv.poweroff=N xv.reboot=N xv.crash=N (seconds that it has run), xv.stubborn, xv.tick=N. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "sim_priv.h"

enum { LINE_MAX_BYTES = 256, TICK_MS = 2000 };

struct sim_guest {
    struct hv *h;
    uint32_t domid;
    int master, slave; /* the slave is held open, so that the console never hangs up */
    char tty[64];
    struct loop_fd *fd;
    struct loop_timer *timer;
    bool is_up; /* has written its first line */
    uint64_t tick_at, tick_ms;
    unsigned ticks;
    uint64_t end_at[2 + HV_CRASH]; /* by reason, age in ms; 0: never */
    char line[LINE_MAX_BYTES];
    size_t n_line;
};

bool sim_word(const struct domain *d, const char *word, char value[64])
{
    const char *texts[] = {d->os.cmdline, d->os.extra};
    size_t n = strlen(word);
    for (size_t i = 0; i < 2; i++)
        for (const char *p = texts[i]; p && (p = strstr(p, word)); p += n) {
            bool is_start = p == texts[i] || p[-1] == ' ';
            if (is_start && (!p[n] || p[n] == ' ' || p[n] == '=')) {
                const char *v = p[n] == '=' ? p + n + 1 : "";
                snprintf(value, 64, "%.*s", (int)strcspn(v, " "), v);
                return true;
            }
        }
    return false;
}

static uint64_t word_ms(const struct domain *d, const char *word, uint64_t otherwise)
{
    char text[64];
    double v;
    if (!sim_word(d, word, text) || !parse_double(text, &v) || v < 0 || v > 1e6)
        return otherwise;
    return (uint64_t)(v * 1000);
}

static int open_pty(struct sim_guest *g, struct err *e)
{
    struct termios t;
    g->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (g->master < 0 || grantpt(g->master) || unlockpt(g->master) ||
        ptsname_r(g->master, g->tty, sizeof(g->tty)))
        return fail_errno(e, "cannot make a console");
    g->slave = open(g->tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (g->slave < 0 || tcgetattr(g->slave, &t))
        return fail_errno(e, "cannot open console '%s'", g->tty);
    cfmakeraw(&t);
    return tcsetattr(g->slave, TCSANOW, &t) ? fail_errno(e, "cannot set up console") : 0;
}

struct sim_guest *sim_guest_open(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_guest *g = NEW(struct sim_guest);
    g->h = h;
    g->domid = domid;
    g->slave = -1;
    if (!open_pty(g, e))
        return g;
    sim_guest_free(g);
    return NULL;
}

void sim_guest_free(struct sim_guest *g)
{
    if (!g)
        return;
    loop_fd_close(g->fd);
    loop_timer_close(g->timer);
    close_fd(&g->master);
    close_fd(&g->slave);
    free(g);
}

const char *sim_guest_tty(const struct sim_guest *g)
{
    return g->tty;
}

/* What does not fit is lost, as on a console that nobody reads. */
__attribute__((format(printf, 2, 3))) static void say(struct sim_guest *g, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES * 2];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n >= (int)sizeof(text))
        n = sizeof(text) - 1;
    while (write(g->master, text, (size_t)n) < 0 && errno == EINTR)
        continue;
}

static void end(struct sim_dom *d, enum hv_reason reason)
{
    if (reason == HV_CRASH)
        say(d->guest, "XVIRT-GUEST-CRASH\r\n");
    sim_set_run(d->guest->h, d, HV_SHUTDOWN, reason);
}

static void run_line(struct sim_dom *d, const char *line)
{
    static const struct {
        const char *word;
        enum hv_reason reason;
    } words[] = {{"poweroff", HV_POWEROFF}, {"reboot", HV_REBOOT}, {"crash", HV_CRASH}};
    say(d->guest, "XVIRT-GUEST-ECHO %s\r\n", line);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(line, words[i].word))
            end(d, words[i].reason);
}

static void take_input(struct sim_dom *d, const char *bytes, size_t n)
{
    struct sim_guest *g = d->guest;
    for (size_t i = 0; i < n && sim_is_up(d); i++) {
        if (bytes[i] != '\r' && bytes[i] != '\n') {
            if (g->n_line < sizeof(g->line) - 1)
                g->line[g->n_line++] = bytes[i];
            continue;
        }
        g->line[g->n_line] = 0;
        if (g->n_line)
            run_line(d, g->line);
        g->n_line = 0;
    }
}

static void on_input(void *arg, int events)
{
    struct sim_guest *g = arg;
    char bytes[512];
    ssize_t n = read(g->master, bytes, sizeof(bytes));
    if (n <= 0)
        return;
    lock_enter(g->h->lock);
    struct sim_dom *d = sim_find(g->h, g->domid);
    if (d && d->s.since_ms.set)
        take_input(d, bytes, (size_t)n);
    lock_leave(g->h->lock);
}

static void boot(struct sim_dom *d)
{
    struct sim_guest *g = d->guest;
    CLEANUP_STR struct str net = {0}, disk = {0};
    for (size_t i = 0; i < d->s.config->n_nics; i++) {
        const uint8_t *m = d->s.config->nics[i].mac.b;
        str_addf(&net, "%seth%zu:%02x:%02x:%02x:%02x:%02x:%02x", i ? "," : "", i, m[0], m[1], m[2],
                 m[3], m[4], m[5]);
    }
    for (size_t i = 0; i < d->s.config->n_disks; i++)
        str_addf(&disk, "%s%s:81920", i ? "," : "", d->s.config->disks[i].target);
    say(g, "XVIRT-GUEST-UP name=%s net=%s disk=%s\r\n", d->s.name, str_get(&net), str_get(&disk));
    g->is_up = true;
}

/* The next age at which something happens. */
static uint64_t next_at(const struct sim_guest *g)
{
    uint64_t at = g->is_up ? UINT64_MAX : g->h->o.boot_ms;
    if (g->is_up && g->tick_ms)
        at = g->tick_at;
    for (size_t i = 0; i < sizeof(g->end_at) / sizeof(*g->end_at); i++)
        if (g->end_at[i] && g->end_at[i] < at)
            at = g->end_at[i];
    return at;
}

static void arm(struct sim_dom *d)
{
    struct sim_guest *g = d->guest;
    uint64_t at = next_at(g), age = sim_age_ms(d);
    if (at == UINT64_MAX || !d->s.since_ms.set)
        loop_timer_stop(g->timer);
    else
        loop_timer_start(g->timer, at > age ? at - age : 0, 0);
}

static void act(struct sim_dom *d)
{
    struct sim_guest *g = d->guest;
    uint64_t age = sim_age_ms(d);
    if (!g->is_up && age >= g->h->o.boot_ms) {
        boot(d);
        g->tick_at = age + g->tick_ms;
    } else if (g->is_up && g->tick_ms && age >= g->tick_at) {
        say(g, "XVIRT-GUEST-TICK %u cpus=%u\r\n", ++g->ticks, (unsigned)d->s.vcpus.v);
        g->tick_at = age + g->tick_ms;
    }
    for (size_t i = 0; i < sizeof(g->end_at) / sizeof(*g->end_at); i++)
        if (g->end_at[i] && age >= g->end_at[i]) {
            g->end_at[i] = 0;
            end(d, (enum hv_reason)i);
            return;
        }
}

static void on_timer(void *arg)
{
    struct sim_guest *g = arg;
    lock_enter(g->h->lock);
    struct sim_dom *d = sim_find(g->h, g->domid);
    if (d && d->s.since_ms.set)
        act(d);
    if (d)
        arm(d);
    lock_leave(g->h->lock);
}

static void read_words(struct sim_guest *g, struct sim_dom *d)
{
    const struct domain *c = d->s.config;
    g->end_at[HV_POWEROFF] = word_ms(c, "xv.poweroff", 0);
    g->end_at[HV_REBOOT] = word_ms(c, "xv.reboot", 0);
    g->end_at[HV_CRASH] = word_ms(c, "xv.crash", 0);
    g->tick_ms = word_ms(c, "xv.tick", TICK_MS);
}

void sim_guest_run(struct sim_dom *d)
{
    struct sim_guest *g = d->guest;
    if (!g->timer) {
        struct err e = {0};
        read_words(g, d);
        g->timer = loop_timer_open(g->h->loop, on_timer, g);
        g->fd = loop_fd_open(g->h->loop, g->master, LOOP_READ, on_input, g, &e);
        if (!g->fd)
            g->h->events.log(g->h->arg, LOG_ERROR, e.msg);
    }
    arm(d);
}

/* It boots again when it is run. */
void sim_guest_reset(struct sim_dom *d)
{
    d->s.age_ms = NUM(0);
    d->guest->is_up = false;
    d->guest->ticks = 0;
}

/* It may be asked to end before it was told to run. */
void sim_guest_end(struct sim_dom *d, enum hv_reason reason, uint64_t after_ms)
{
    if (!d->guest->timer)
        sim_guest_run(d);
    d->guest->end_at[reason] = sim_age_ms(d) + after_ms + 1;
    arm(d);
}
