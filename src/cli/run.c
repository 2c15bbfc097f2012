/* From words to commands: look-up, parsing, running, errors as virsh prints them. */
#include <stdarg.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/str.h"
#include "client/client.h"
#include "cmd.h"
#include "hint.h"
#include "tty.h"
#include "wire/consts.h"

const struct cmd *cmd_find(const char *name)
{
    for (size_t t = 0; cmd_tables[t]; t++)
        for (const struct cmd *c = cmd_tables[t]; c->name; c++)
            if (str_eq(c->name, name))
                return c;
    return NULL;
}

void ctl_trying(struct ctl *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->what, sizeof(c->what), fmt, ap);
    va_end(ap);
}

static void error_print(const struct ctl *c, const struct err *e)
{
    fflush(stdout);
    if (c->what[0])
        fprintf(stderr, "error: %s\n", c->what);
    if (!e->msg[0])
        return; /* the command has said it all */
    const char *red = c->color ? "\033[31m" : "", *off = c->color ? "\033[0m" : "";
    fprintf(stderr, "%serror:%s %s\n", red, off, e->msg);
}

static uint64_t now_us(void)
{
    struct timeval t;
    gettimeofday(&t, NULL);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static int run_one(struct ctl *c, size_t n, char *const *words)
{
    struct err e = {0};
    struct args a = {0};
    uint64_t begin = now_us();
    c->what[0] = 0;
    c->bare = false;
    const struct cmd *cmd = cmd_find(words[0]);
    if (!cmd)
        fail(&e, ERR_INVALID_ARG, "unknown command: '%s'", words[0]);
    bool json = c->json;
    int r = cmd ? args_parse(cmd, n - 1, words + 1, &a, &e) : -1;
    bool usage = r;
    if (!r && a.help) {
        help_cmd(cmd);
    } else if (!r) {
        c->json = a.json || (json && !a.table);
        r = cmd->run(c, &a, &e);
        c->json = json;
    }
    if (r) {
        error_print(c, &e);
        if (e.msg[0])
            hint_print(&e, n, words);
    }
    if (c->timing)
        printf("\n(Time: %.3f ms)\n\n", (double)(now_us() - begin) / 1000);
    else if (!usage && a.cmd && !c->quiet && !c->json && !a.json && !c->bare)
        putchar('\n');
    fflush(stdout);
    return r ? 1 : 0;
}

int cmd_run(struct ctl *c, size_t n, char *const *words)
{
    for (size_t i = 0; i < n && !c->leave;) {
        size_t end = i;
        while (end < n && !str_eq(words[end], ";"))
            end++;
        if (end > i && run_one(c, end - i, words + i))
            return 1;
        i = end + 1;
    }
    return 0;
}

/* Asks on the terminal what authentication needs to know. */
static int ask_terminal(void *context, struct client_question *q, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        bool echo = q[i].type != VIR_CRED_PASSPHRASE && q[i].type != VIR_CRED_NOECHOPROMPT;
        q[i].answer = tty_ask(q[i].prompt ? q[i].prompt : "answer", echo);
        if (!q[i].answer)
            return fail(e, ERR_AUTH_CANCELLED, "no answer was given for '%s'",
                        q[i].prompt ? q[i].prompt : "");
    }
    return 0;
}

struct client *ctl_conn(struct ctl *c, struct err *e)
{
    if (c->conn_ && !client_is_alive(c->conn_)) {
        client_close(c->conn_);
        c->conn_ = NULL;
    }
    struct client_options options = {
        .is_readonly = c->readonly,
        .ask = isatty(0) ? ask_terminal : NULL,
        .keepalive_interval_s = c->keepalive_s == 0  ? -1
                                : c->keepalive_s < 0 ? 0
                                                     : c->keepalive_s,
        .keepalive_count = c->keepalive_count < 0 ? 0 : c->keepalive_count,
    };
    if (!c->conn_ && !(c->conn_ = client_open(c->uri, &options, e)))
        ctl_trying(c, "failed to connect to the hypervisor");
    return c->conn_;
}
