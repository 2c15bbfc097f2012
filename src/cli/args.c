/* Options of a command from its words, by the command's rows. */
#include "cmd.h"

#include "base/str.h"

static int opt_index(const struct cmd *cmd, const char *name, size_t len)
{
    for (int i = 0; cmd->opts && cmd->opts[i].name; i++)
        if (strlen(cmd->opts[i].name) == len && !memcmp(cmd->opts[i].name, name, len))
            return i;
    return -1;
}

static int add_more(struct args *a, const char *word, struct err *e)
{
    if (a->n_more == ARGS_MAX)
        return fail(e, ERR_INVALID_ARG, "more than %d words", ARGS_MAX);
    a->more[a->n_more++] = word;
    return 0;
}

static int set_long(struct args *a, const char *word, const char *next, size_t *used, struct err *e)
{
    const char *name = word + 2, *eq = strchr(name, '=');
    size_t len = eq ? (size_t)(eq - name) : strlen(name);
    const char *value = eq ? eq + 1 : next;
    if (len == 6 && !memcmp(name, "format", 6) &&
        (str_eq(value, "json") || str_eq(value, "table"))) {
        a->json = str_eq(value, "json"); /* how to print; no native format has these names */
        a->table = !a->json;
        *used = eq ? 1 : 2;
        return 0;
    }
    int i = opt_index(a->cmd, name, len);
    if (i < 0 && !strcmp(name, "help")) {
        a->help = true;
        return 0;
    }
    if (i < 0)
        return fail(e, ERR_INVALID_ARG, "command '%s' doesn't support option --%.*s", a->cmd->name,
                    (int)len, name);
    const struct opt *o = &a->cmd->opts[i];
    if (a->values[i])
        return fail(e, ERR_INVALID_ARG, "option --%s already seen", o->name);
    if (o->kind == OPT_FLAG) {
        if (eq)
            return fail(e, ERR_INVALID_ARG, "invalid '=' after option --%s", o->name);
        a->values[i] = "";
        return 0;
    }
    if (!eq && !next)
        return fail(e, ERR_INVALID_ARG, "expected syntax: --%s <%s>", o->name,
                    o->kind == OPT_NUM ? "number" : "string");
    if (!eq)
        *used = 2;
    if (o->kind == OPT_ARGV)
        return add_more(a, value, e);
    a->values[i] = value;
    return 0;
}

static int set_data(struct args *a, const char *word, struct err *e)
{
    for (int i = 0; a->cmd->opts && a->cmd->opts[i].name; i++) {
        const struct opt *o = &a->cmd->opts[i];
        if (o->kind == OPT_ARGV)
            return add_more(a, word, e);
        if (o->kind != OPT_FLAG && !(o->flags & OPT_NAMED) && !a->values[i]) {
            a->values[i] = word;
            return 0;
        }
    }
    return fail(e, ERR_INVALID_ARG, "unexpected data '%s'", word);
}

static int check_complete(const struct args *a, struct err *e)
{
    for (int i = 0; a->cmd->opts && a->cmd->opts[i].name; i++) {
        const struct opt *o = &a->cmd->opts[i];
        bool given = a->values[i] || (o->kind == OPT_ARGV && a->n_more);
        if ((o->flags & OPT_REQUIRED) && !given)
            return fail(e, ERR_INVALID_ARG,
                        o->flags & OPT_NAMED ? "command '%s' requires --%s option"
                                             : "command '%s' requires <%s> option",
                        a->cmd->name, o->name);
    }
    return 0;
}

int args_parse(const struct cmd *cmd, size_t n, char *const *words, struct args *a, struct err *e)
{
    *a = (struct args){.cmd = cmd};
    bool only_data = false;
    for (size_t i = 0; i < n;) {
        const char *w = words[i];
        size_t used = 1;
        if (!only_data && str_eq(w, "--")) {
            only_data = true;
        } else if (!only_data && str_starts(w, "--")) {
            if (set_long(a, w, i + 1 < n ? words[i + 1] : NULL, &used, e))
                return -1;
        } else if (set_data(a, w, e)) {
            return -1;
        }
        i += used;
    }
    return a->help ? 0 : check_complete(a, e);
}

static int find(const struct args *a, const char *name)
{
    int i = opt_index(a->cmd, name, strlen(name));
    if (i < 0)
        abort(); /* a command asks for an option that its row lacks */
    return i;
}

bool arg_has(const struct args *a, const char *name)
{
    return a->values[find(a, name)] != NULL;
}

const char *arg_str(const struct args *a, const char *name)
{
    return a->values[find(a, name)];
}

int arg_u64(const struct args *a, const char *name, uint64_t *ret, struct err *e)
{
    const char *v = arg_str(a, name);
    if (v && !parse_u64(v, 0, UINT64_MAX, ret))
        return fail(e, ERR_INVALID_ARG,
                    "numeric value '%s' for <%s> option is malformed or out of range", v, name);
    return 0;
}
