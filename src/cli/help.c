/* Help from the rows: the list of commands, one command, in virsh's layout. */
#include <unistd.h>

#include "base/str.h"
#include "client/client.h"
#include "cmd.h"
#include "opts.h"
#include "out.h"
#include "scd.h"

/* Title and word of a group. */
static const struct {
    const char *title, *word;
} groups[GROUPS] = {
    [GROUP_DOMAIN] = {"Domain Management", "domain"},
    [GROUP_MONITOR] = {"Domain Monitoring", "monitor"},
    [GROUP_EVENTS] = {"Domain Events", "events"},
    [GROUP_HOST] = {"Host and Hypervisor", "host"},
    [GROUP_SNAPSHOT] = {"Snapshot", "snapshot"},
    [GROUP_IFACE] = {"Interface", "interface"},
    [GROUP_FILTER] = {"Network Filter", "filter"},
    [GROUP_NETWORK] = {"Networking", "network"},
    [GROUP_NODEDEV] = {"Node Device", "nodedev"},
    [GROUP_SECRET] = {"Secret", "secret"},
    [GROUP_POOL] = {"Storage Pool", "pool"},
    [GROUP_VOLUME] = {"Storage Volume", "volume"},
    [GROUP_CONVERT] = {"Configuration", "convert"},
    [GROUP_SHELL] = {"xvirt itself", "xvirt"},
};

static void help_group(int group)
{
    printf(" %s (help keyword '%s'):\n", groups[group].title, groups[group].word);
    for (size_t t = 0; cmd_tables[t]; t++)
        for (const struct cmd *c = cmd_tables[t]; c->name; c++)
            if ((int)c->group == group && c->help)
                printf("    %-30s %s\n", c->name, c->help);
    putchar('\n');
}

void help_all(void)
{
    puts("Grouped commands:\n");
    for (int g = 0; g < GROUPS; g++)
        help_group(g);
}

static void synopsis(const struct cmd *cmd)
{
    printf("\n  SYNOPSIS\n    %s", cmd->name);
    for (const struct opt *o = cmd->opts; o && o->name; o++) {
        const char *kind = o->kind == OPT_NUM ? "number" : "string";
        if (o->kind == OPT_FLAG)
            printf(" [--%s]", o->name);
        else if (o->kind == OPT_ARGV)
            printf(o->flags & OPT_REQUIRED ? " {[--%s] <string>}..." : " [[--%s] <string>]...",
                   o->name);
        else if (o->flags & OPT_REQUIRED)
            printf(o->flags & OPT_NAMED ? " --%s <%s>" : " <%s>", o->name, kind);
        else
            printf(" [--%s <%s>]", o->name, kind);
    }
    putchar('\n');
}

static void option_help(const struct opt *o)
{
    const char *kind = o->kind == OPT_NUM ? "number" : "string";
    bool by_place = o->flags & OPT_REQUIRED && !(o->flags & OPT_NAMED);
    CLEANUP_FREE char *left =
        o->kind == OPT_FLAG
            ? mem_printf("--%s", o->name)
            : mem_printf(by_place || o->kind == OPT_ARGV ? "[--%s] <%s>" : "--%s <%s>", o->name,
                         kind);
    printf("    %-15s  %s\n", left, o->help);
}

void help_cmd(const struct cmd *cmd)
{
    printf("  NAME\n    %s - %s\n", cmd->name, cmd->help);
    synopsis(cmd);
    if (cmd->text)
        printf("\n  DESCRIPTION\n    %s\n", cmd->text);
    if (cmd->opts && cmd->opts->name)
        printf("\n  OPTIONS\n");
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        option_help(o);
}

static int run_help(struct ctl *c, const struct args *a, struct err *e)
{
    const char *name = arg_str(a, "command");
    if (!name) {
        help_all();
        return 0;
    }
    for (int g = 0; g < GROUPS; g++)
        if (str_eq(name, groups[g].word)) {
            help_group(g);
            return 0;
        }
    const struct cmd *cmd = cmd_find(name);
    if (!cmd)
        return fail(e, ERR_INVALID_ARG, "command or command group '%s' doesn't exist", name);
    help_cmd(cmd);
    return 0;
}

void scd_text(const char *s)
{
    for (; *s; s++) {
        if (strchr("*_\\<>#[]~`", *s))
            putchar('\\');
        putchar(*s);
    }
}

static void manual_option(const struct opt *o)
{
    if (o->flags & OPT_REQUIRED && !(o->flags & OPT_NAMED))
        printf("_%s_", o->name);
    else
        printf(o->kind == OPT_FLAG ? "*--%s*" : "*--%s* _VALUE_", o->name);
    fputs("\n\t", stdout);
    scd_text(o->help);
    fputs("\n\n", stdout);
}

/* The commands as scdoc source, for the manual page. */
static int run_manual(struct ctl *c, const struct args *a, struct err *e)
{
    c->quiet = true;
    for (int g = 0; g < GROUPS; g++) {
        printf("# %s\n\n", groups[g].title);
        for (size_t t = 0; cmd_tables[t]; t++)
            for (const struct cmd *k = cmd_tables[t]; k->name; k++) {
                if ((int)k->group != g || !k->help)
                    continue;
                printf("## %s\n\n", k->name);
                scd_text(k->help);
                fputs(".\n\n", stdout);
                for (const struct opt *o = k->opts; o && o->name; o++)
                    manual_option(o);
            }
    }
    return 0;
}

static int run_quit(struct ctl *c, const struct args *a, struct err *e)
{
    c->leave = true;
    return 0;
}

static int run_cd(struct ctl *c, const struct args *a, struct err *e)
{
    const char *to = arg_str(a, "dir");
    if (!c->interactive)
        return fail(e, ERR_INVALID_ARG, "cd: command valid only in interactive mode");
    if (!to)
        to = getenv("HOME");
    return to && !chdir(to) ? 0 : fail_errno(e, "cd: cannot change to '%s'", to ? to : "");
}

static int run_pwd(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_FREE char *here = realpath(".", NULL);
    if (!here)
        return fail_errno(e, "pwd: cannot get current directory");
    text_print(c, "directory", here);
    return 0;
}

/* One word, so that a shell reads it as it is. */
static void add_quoted(struct str *s, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%_+=:,./-";
    if (*word && !word[strspn(word, plain)]) {
        str_add(s, word);
        return;
    }
    str_addc(s, '\'');
    for (; *word; word++)
        if (*word == '\'')
            str_add(s, "'\\''");
        else
            str_addc(s, *word);
    str_addc(s, '\'');
}

static void add_xml(struct str *s, const char *word)
{
    static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};
    static const char signs[] = "<>&\"'";
    for (; *word; word++) {
        const char *at = strchr(signs, *word);
        if (at)
            str_add(s, names[at - signs]);
        else
            str_addc(s, *word);
    }
}

static int run_echo(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_STR struct str out = {0};
    for (size_t i = 0; i < a->n_more; i++) {
        CLEANUP_STR struct str word = {0};
        if (arg_has(a, "xml"))
            add_xml(&word, a->more[i]);
        else
            str_add(&word, a->more[i]);
        if (i)
            str_addc(&out, arg_has(a, "split") ? '\n' : ' ');
        if (arg_has(a, "shell"))
            add_quoted(&out, str_get(&word));
        else
            str_add(&out, str_get(&word));
    }
    fprintf(arg_has(a, "err") ? stderr : stdout, "%s\n", str_get(&out));
    c->bare = true;
    return 0;
}

static void print_line(void *arg, const char *word)
{
    puts(word);
}

static int run_complete(struct ctl *c, const struct args *a, struct err *e)
{
    complete_words(c, a->n_more, (char *const *)a->more, print_line, NULL);
    return 0;
}

static int run_connect(struct ctl *c, const struct args *a, struct err *e)
{
    client_close(c->conn_);
    c->conn_ = NULL;
    if (arg_str(a, "name")) {
        str_set(&c->own_uri, arg_str(a, "name"));
        c->uri = c->own_uri;
    }
    c->readonly = arg_has(a, "readonly");
    return ctl_conn(c, e) ? 0 : -1;
}

extern const struct cmd cmds_shell[];
const struct cmd cmds_shell[] = {
    {"help", GROUP_SHELL, "print help",
     "Prints global help, command specific help, or help for a group of related commands.",
     (const struct opt[]){{"command", OPT_STR, 0, WHAT_TEXT, "command or command group"}, {0}},
     run_help},
    {"connect", GROUP_SHELL, "(re)connect to hypervisor",
     "Connect to local hypervisor. This is a built-in command after shell start up.",
     (const struct opt[]){{"name", OPT_STR, 0, WHAT_TEXT, "hypervisor connection URI"},
                          {"readonly", OPT_FLAG, 0, WHAT_TEXT, "read-only connection"},
                          {0}},
     run_connect},
    {"cd", GROUP_SHELL, "change the current directory", NULL,
     OPTS(MAY("dir", WHAT_FILE, "where to; home without")), run_cd},
    {"echo", GROUP_SHELL, "echo arguments", "Echo back arguments, possibly with quoting.",
     OPTS(FLAG("shell", "quoted for a shell"), FLAG("xml", "quoted for XML"),
          FLAG("split", "one a line"), FLAG("err", "to standard error"),
          {"arg", OPT_ARGV, 0, WHAT_TEXT, "arguments to echo"}),
     run_echo},
    {"pwd", GROUP_SHELL, "print the current directory", NULL, NULL, run_pwd},
    {"quit", GROUP_SHELL, "quit this interactive terminal", NULL, NULL, run_quit},
    {"exit", GROUP_SHELL, "quit this interactive terminal", NULL, NULL, run_quit},
    {"complete", GROUP_SHELL, NULL, NULL,
     (const struct opt[]){{"words", OPT_ARGV, 0, WHAT_TEXT, "the words so far"}, {0}},
     run_complete},
    {"manual", GROUP_SHELL, NULL, NULL, NULL, run_manual},
    {0},
};
