#include "log.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "str.h"

enum {
    FILTERS_MAX = 32,
    OUTPUTS_MAX = 4,
    MATCH_BYTES = 64,
    ARG_BYTES = 256,
    LINE_BYTES = 4096,
    SETTINGS = 2, /* one in use, one being written */
    LOG_DAEMON_FACILITY = 3 << 3,
};

enum log_kind { OUT_STDERR, OUT_JOURNALD, OUT_FILE, OUT_SYSLOG };

struct log_filter {
    enum log_level level;
    char match[MATCH_BYTES];
};

struct log_output {
    enum log_level level;
    enum log_kind kind;
    char arg[ARG_BYTES];
    int fd; /* of a file or syslog */
};

/* Read by every thread; never changed while it is the current one. */
struct log_settings {
    enum log_level least, lowest; /* lowest: of least and all filters */
    bool journal;
    struct log_filter filters[FILTERS_MAX];
    size_t n_filters;
    struct log_output outputs[OUTPUTS_MAX]; /* none: stderr */
    size_t n_outputs;
};

static struct log_settings settings[SETTINGS] = {{.least = LOG_WARN, .lowest = LOG_WARN}};
static atomic_int current;

static const struct {
    const char *name;
    bool has_arg;
} kinds[] = {[OUT_STDERR] = {"stderr", false},
             [OUT_JOURNALD] = {"journald", false},
             [OUT_FILE] = {"file", true},
             [OUT_SYSLOG] = {"syslog", true}};

static const struct log_settings *now(void)
{
    return &settings[atomic_load(&current)];
}

static struct log_settings *copy(void)
{
    struct log_settings *next = &settings[!atomic_load(&current)];
    *next = *now();
    return next;
}

static void use(struct log_settings *s)
{
    s->lowest = s->least;
    for (size_t i = 0; i < s->n_filters; i++)
        if (s->filters[i].level < s->lowest)
            s->lowest = s->filters[i].level;
    atomic_store(&current, (int)(s - settings));
}

void log_setup(enum log_level least, bool journal)
{
    struct log_settings *s = copy();
    s->least = least;
    s->journal = journal;
    use(s);
}

enum log_level log_level(void)
{
    return now()->least;
}

/* --- settings as text --- */

/* The next word: "LEVEL:REST"; false at the end. */
static bool next_word(const char **text, char *word, size_t size, bool *ret_fits)
{
    *text += strspn(*text, " \t\n");
    size_t n = strcspn(*text, " \t\n");
    *ret_fits = n < size;
    snprintf(word, size, "%.*s", (int)(n < size ? n : size - 1), *text);
    *text += n;
    return n > 0;
}

static bool parse_level(const char *word, enum log_level *ret, const char **ret_rest)
{
    if (*word < '0' + LOG_DEBUG || *word > '0' + LOG_ERROR || word[1] != ':' || !word[2])
        return false;
    *ret = (enum log_level)(*word - '0');
    *ret_rest = word + 2;
    return true;
}

int log_set_filters(const char *text, struct err *e)
{
    char word[MATCH_BYTES];
    bool fits;
    struct log_settings *s = copy();
    s->n_filters = 0;
    for (text = text ? text : ""; next_word(&text, word, sizeof(word), &fits); s->n_filters++) {
        const char *match;
        struct log_filter *f = &s->filters[s->n_filters];
        if (s->n_filters == FILTERS_MAX)
            return fail(e, ERR_INVALID_ARG, "there may be %d log filters", FILTERS_MAX);
        if (!fits || !parse_level(word, &f->level, &match))
            return fail(e, ERR_INVALID_ARG, "a log filter is LEVEL:MATCH, not '%s'", word);
        snprintf(f->match, sizeof(f->match), "%s", match);
        for (char *p = f->match; *p; p++) /* "daemon.relay" is src/daemon/relay.c */
            if (*p == '.')
                *p = '/';
    }
    use(s);
    return 0;
}

static int open_syslog(struct err *e)
{
    static const struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr))) {
        close(fd);
        fd = -1;
    }
    return fd < 0 ? fail_errno(e, "cannot reach syslog") : fd;
}

static int open_output(struct log_output *o, const char *word, const char *what, struct err *e)
{
    size_t n = strcspn(what, ":");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strlen(kinds[i].name) != n || strncmp(kinds[i].name, what, n) ||
            kinds[i].has_arg != (what[n] == ':' && what[n + 1]))
            continue;
        o->kind = (enum log_kind)i;
        o->fd = -1;
        snprintf(o->arg, sizeof(o->arg), "%s", kinds[i].has_arg ? what + n + 1 : "");
        if (o->kind == OUT_FILE && *o->arg != '/')
            return fail(e, ERR_INVALID_ARG, "the path in '%s' is not absolute", word);
        if (o->kind == OUT_FILE)
            o->fd = open(o->arg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (o->kind == OUT_FILE && o->fd < 0)
            return fail_errno(e, "cannot write to '%s'", o->arg);
        if (o->kind == OUT_SYSLOG)
            o->fd = open_syslog(e);
        return o->kind == OUT_SYSLOG && o->fd < 0 ? -1 : 0;
    }
    return fail(e, ERR_INVALID_ARG,
                "a log output is LEVEL:stderr, LEVEL:journald, LEVEL:syslog:NAME or "
                "LEVEL:file:PATH, not '%s'",
                word);
}

static void close_outputs(struct log_output *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].fd >= 0)
            close(o[i].fd);
}

static int parse_outputs(struct log_settings *s, const char *text, struct err *e)
{
    char word[ARG_BYTES];
    bool fits;
    for (; next_word(&text, word, sizeof(word), &fits); s->n_outputs++) {
        const char *what;
        struct log_output *o = &s->outputs[s->n_outputs];
        if (s->n_outputs == OUTPUTS_MAX)
            return fail(e, ERR_INVALID_ARG, "there may be %d log outputs", OUTPUTS_MAX);
        if (!fits || !parse_level(word, &o->level, &what))
            return fail(e, ERR_INVALID_ARG, "a log output is LEVEL:WHERE, not '%s'", word);
        if (open_output(o, word, what, e))
            return -1;
    }
    return 0;
}

/* A worker may be in the middle of a message, so the files of before are closed one change later.
 */
int log_set_outputs(const char *text, struct err *e)
{
    static struct log_output old[OUTPUTS_MAX];
    static size_t n_old;
    struct log_settings *s = copy();
    s->n_outputs = 0;
    if (parse_outputs(s, text ? text : "", e)) {
        close_outputs(s->outputs, s->n_outputs);
        return -1;
    }
    close_outputs(old, n_old);
    n_old = now()->n_outputs;
    memcpy(old, now()->outputs, sizeof(old));
    use(s);
    return 0;
}

size_t log_filters(struct str *out)
{
    const struct log_settings *s = now();
    for (size_t i = 0; i < s->n_filters; i++)
        str_addf(out, "%s%d:%s", i ? " " : "", (int)s->filters[i].level, s->filters[i].match);
    return s->n_filters;
}

size_t log_outputs(struct str *out)
{
    const struct log_settings *s = now();
    for (size_t i = 0; i < s->n_outputs; i++) {
        const struct log_output *o = &s->outputs[i];
        str_addf(out, "%s%d:%s%s%s", i ? " " : "", (int)o->level, kinds[o->kind].name,
                 *o->arg ? ":" : "", o->arg);
    }
    if (!s->n_outputs)
        str_addf(out, "%d:%s", (int)s->least, kinds[s->journal ? OUT_JOURNALD : OUT_STDERR].name);
    return s->n_outputs ? s->n_outputs : 1;
}

/* --- messages --- */

bool log_wants_from(enum log_level level, const char *file)
{
    const struct log_settings *s = now();
    if (level < s->lowest)
        return false;
    for (size_t i = 0; i < s->n_filters; i++)
        if (strstr(file, s->filters[i].match))
            return level >= s->filters[i].level;
    return level >= s->least;
}

static const char *const plain[] = {"", "debug: ", "info: ", "warning: ", "error: "};
static const int priorities[] = {0, 7, 6, 4, 3};

static void put(const struct log_output *o, enum log_level level, const char *text, size_t len)
{
    char line[LINE_BYTES + ARG_BYTES + 64], when[32] = "";
    int n = 0;
    struct tm tm;
    time_t t = time(NULL);
    switch (o->kind) {
    case OUT_STDERR:
        n = snprintf(line, sizeof(line), "%s%.*s\n", plain[level], (int)len, text);
        break;
    case OUT_JOURNALD:
        n = snprintf(line, sizeof(line), "<%d>%.*s\n", priorities[level], (int)len, text);
        break;
    case OUT_FILE:
        if (gmtime_r(&t, &tm))
            strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ ", &tm);
        n = snprintf(line, sizeof(line), "%s%s%.*s\n", when, plain[level], (int)len, text);
        break;
    case OUT_SYSLOG:
        n = snprintf(line, sizeof(line), "<%d>%s[%d]: %.*s",
                     LOG_DAEMON_FACILITY | priorities[level], o->arg, (int)getpid(), (int)len,
                     text);
        break;
    }
    if (n > 0)
        (void)!write(o->fd >= 0 ? o->fd : STDERR_FILENO, line,
                     (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void log_from(enum log_level level, const char *file, const char *fmt, ...)
{
    char line[LINE_BYTES];
    if (!log_wants_from(level, file))
        return;
    const struct log_settings *s = now();
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;
    for (size_t i = 0; i < len; i++) /* one message stays one line, whatever a guest put into it */
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    const struct log_output standard = {.kind = s->journal ? OUT_JOURNALD : OUT_STDERR, .fd = -1};
    if (!s->n_outputs)
        put(&standard, level, line, len);
    for (size_t i = 0; i < s->n_outputs; i++)
        if (level >= s->outputs[i].level)
            put(&s->outputs[i], level, line, len);
}
