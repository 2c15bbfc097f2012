/* xvirt, the command: global options, then commands, or the shell. */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "base/str.h"
#include "client/client.h"
#include "cmd.h"
#include "version.h"

static void usage(FILE *to)
{
    fputs("\nxvirt [options]... [<command_string>]\n"
          "xvirt [options]... <command> [args...]\n\n"
          "  options:\n"
          "    -c | --connect=URI      hypervisor connection URI (xen:///system)\n"
          "    -r | --readonly         connect readonly\n"
          "    -q | --quiet            quiet mode\n"
          "         --format=FORMAT    how to print: table or json\n"
          "    -t | --timing           print timing information\n"
          "    -e | --escape <char>    set escape sequence for console\n"
          "    -k | --keepalive-interval=NUM\n"
          "                            keepalive interval in seconds, 0 for disable\n"
          "    -K | --keepalive-count=NUM\n"
          "                            number of possible missed keepalive messages\n"
          "    -h | --help             this help\n"
          "    -v | --version          version\n"
          "  commands (non interactive mode):\n\n",
          to);
}

static int bad(const char *what, const char *value)
{
    fprintf(stderr, "error: %s '%s'\n", what, value);
    return 1;
}

static bool set_escape(struct ctl *c, const char *s)
{
    if (s[0] == '^' && s[1] >= '@' && s[1] <= '_' && !s[2])
        c->escape = (char)(s[1] & 0x1f);
    else if (s[0] && !s[1])
        c->escape = s[0];
    else
        return false;
    return true;
}

static bool set_number(const char *s, int *ret)
{
    uint32_t v;
    if (!parse_u32(s, 10, 3600, &v))
        return false;
    *ret = (int)v;
    return true;
}

/* Returns -1 to go on, else the exit status. */
static int global_option(struct ctl *c, int opt, const char *value)
{
    switch (opt) {
    case 'c':
        c->uri = value;
        return -1;
    case 'r':
        c->readonly = true;
        return -1;
    case 'q':
        c->quiet = true;
        return -1;
    case 't':
        c->timing = true;
        return -1;
    case 'd':
    case 'l':
        return -1; /* virsh's debug level and log file: accepted */
    case 'f':
        c->json = str_eq(value, "json");
        return c->json || str_eq(value, "table") ? -1
                                                 : bad("--format takes json or table, not", value);
    case 'e':
        return set_escape(c, value) ? -1 : bad("invalid escape sequence", value);
    case 'k':
        return set_number(value, &c->keepalive_s)
                   ? -1
                   : bad("option --keepalive-interval takes seconds, not", value);
    case 'K':
        return set_number(value, &c->keepalive_count)
                   ? -1
                   : bad("option --keepalive-count takes a number, not", value);
    case 'h':
        usage(stdout);
        help_all();
        return 0;
    case 'v':
    case 'V':
        puts(XVIRT_VERSION);
        return 0;
    default:
        usage(stderr);
        return 1;
    }
}

static int parse_globals(struct ctl *c, int argc, char **argv)
{
    static const struct option longs[] = {
        {"connect", 1, NULL, 'c'},
        {"readonly", 0, NULL, 'r'},
        {"quiet", 0, NULL, 'q'},
        {"format", 1, NULL, 'f'},
        {"timing", 0, NULL, 't'},
        {"escape", 1, NULL, 'e'},
        {"help", 0, NULL, 'h'},
        {"version", 2, NULL, 'v'},
        {"debug", 1, NULL, 'd'},
        {"log", 1, NULL, 'l'},
        {"keepalive-interval", 1, NULL, 'k'},
        {"keepalive-count", 1, NULL, 'K'},
        {0},
    };
    int opt;
    while ((opt = getopt_long(argc, argv, "+c:rqte:k:K:d:l:hvV", longs, NULL)) != -1) {
        int r = global_option(c, opt, optarg);
        if (r >= 0)
            return r;
    }
    return -1;
}

static const char *default_uri(void)
{
    static const char *const names[] = {"XVIRT_DEFAULT_URI", "VIRSH_DEFAULT_CONNECT_URI",
                                        "LIBVIRT_DEFAULT_URI"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!str_empty(getenv(names[i])))
            return getenv(names[i]);
    return NULL;
}

/* One argument with blanks is a command line, as for virsh. */
static int run_words(struct ctl *c, int n, char **words)
{
    if (n != 1)
        return cmd_run(c, (size_t)n, words);
    char **split = NULL;
    size_t count = 0;
    struct err e = {0};
    if (words_split(words[0], &split, &count, &e))
        return bad("cannot read the command line:", e.msg);
    int r = cmd_run(c, count, split);
    words_free(split, count);
    return r;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    struct ctl c = {.uri = default_uri(), .escape = 0x1d, .keepalive_s = -1, .keepalive_count = -1};
    c.color = isatty(2) && str_empty(getenv("NO_COLOR"));
    int r = parse_globals(&c, argc, argv);
    if (r >= 0)
        return r;
    r = optind < argc ? run_words(&c, argc - optind, argv + optind) : shell_run(&c);
    client_close(c.conn_);
    free(c.own_uri);
    if (fflush(stdout) || ferror(stdout))
        return bad("cannot write to", "standard output");
    return r;
}
