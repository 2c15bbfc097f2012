/* A command of xvirt is a row: name, options, text, function. Parsing, help, completion and the
 * manual page are made from the rows. Names, options and layout are virsh's, so that habits and
 * scripts carry over. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct client;

enum opt_kind {
    OPT_FLAG,
    OPT_STR,
    OPT_NUM,
    OPT_ARGV
}; /* OPT_ARGV: any number of words, last row only */

/* What a value is, for completion. */
enum opt_what {
    WHAT_TEXT,
    WHAT_DOMAIN,
    WHAT_ACTIVE,
    WHAT_INACTIVE,
    WHAT_FILE,
    WHAT_NATIVE,
    WHAT_EVENT,
    WHAT_MODE,
    WHAT_NETWORK,
    WHAT_POOL,
    WHAT_NODEDEV,
    WHAT_IFACE,
    WHAT_NWFILTER,
};

/* A value may be given by place, in the order of the rows, unless its row is OPT_NAMED. */
enum { OPT_REQUIRED = 1, OPT_NAMED = 2 };

struct opt {
    const char *name; /* NULL ends the list */
    enum opt_kind kind;
    int flags;
    enum opt_what what;
    const char *help;
};

enum cmd_group {
    GROUP_DOMAIN,
    GROUP_MONITOR,
    GROUP_EVENTS,
    GROUP_HOST,
    GROUP_SNAPSHOT,
    GROUP_IFACE,
    GROUP_FILTER,
    GROUP_NETWORK,
    GROUP_NODEDEV,
    GROUP_SECRET,
    GROUP_POOL,
    GROUP_VOLUME,
    GROUP_CONVERT,
    GROUP_SHELL,
    GROUPS
};

/* What the program runs with: the connection is opened by the first command that asks for it. */
struct ctl {
    const char *uri; /* NULL: the default */
    char *own_uri;   /* that of the command connect; uri is it then */
    bool readonly, quiet, json, timing;
    bool color;
    char escape;                      /* console: this control character ends it */
    int keepalive_s, keepalive_count; /* -1: the default */
    struct client *conn_;
    bool interactive;
    bool leave;     /* the shell ends */
    bool bare;      /* no blank line after this command */
    char what[256]; /* what the command was about, for the first line of an error; "" for none */
};

enum { ARGS_MAX = 256 };
struct args {
    const struct cmd *cmd;
    const char *values[ARGS_MAX]; /* by option row; flags: "" when given */
    const char *more[ARGS_MAX];   /* words of OPT_ARGV */
    size_t n_more;
    bool json, table; /* --format json, --format table among the words */
    bool help;        /* --help among them: nothing is run */
};

struct cmd {
    const char *name;
    enum cmd_group group;
    const char *help; /* one line */
    const char *text; /* the longer description, or NULL */
    const struct opt *opts;
    int (*run)(struct ctl *c, const struct args *a, struct err *e);
    const void *how; /* what a generic `run` does for this row: struct thin, struct edit */
};

extern const struct cmd
    *const cmd_tables[]; /* each ends with a row without a name; NULL at the end */
const struct cmd *cmd_find(const char *name);

/* Reads words (without the command's name) into *a. Borrowed: words must outlive a. */
int args_parse(const struct cmd *cmd, size_t n, char *const *words, struct args *a, struct err *e);
bool arg_has(const struct args *a, const char *name);
const char *arg_str(const struct args *a, const char *name); /* NULL when absent */
int arg_u64(const struct args *a, const char *name, uint64_t *ret,
            struct err *e); /* *ret is left alone when absent */

/* Says what is being tried: "Failed to start domain 'x'" goes before the reason, as virsh prints
 * it. */
__attribute__((format(printf, 2, 3))) void ctl_trying(struct ctl *c, const char *fmt, ...);

/* The connection, opened if need be. NULL with e filled. */
struct client *ctl_conn(struct ctl *c, struct err *e);

/* Splits a line as a shell does (quotes, backslash); several commands stand between ';'. Caller
 * frees with words_free. */
int words_split(const char *line, char ***ret, size_t *ret_n, struct err *e);
void words_free(char **words, size_t n);

/* Help texts, from the rows. */
void help_all(void);
void help_cmd(const struct cmd *cmd);

/* Candidates for the last of n words, one a line (bash completion, the shell). */
void complete_words(struct ctl *c, size_t n, char *const *words,
                    void (*each)(void *arg, const char *word), void *arg);

/* The interactive shell; the exit status. */
int shell_run(struct ctl *c);

/* Runs the commands of n words, ';' between them; prints errors; the exit status. */
int cmd_run(struct ctl *c, size_t n, char *const *words);
