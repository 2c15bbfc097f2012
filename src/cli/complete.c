/* Candidates for the last word of a line, from the rows; names of guests from the host, never
 * asking for a password. */
#include "base/str.h"
#include "cmd.h"
#include "lookup.h"
#include "object.h"

struct want {
    const char *prefix;
    void (*each)(void *arg, const char *word);
    void *arg;
};

static void offer(const struct want *w, const char *word)
{
    if (str_starts(word, w->prefix))
        w->each(w->arg, word);
}

static void offer_list(const struct want *w, const char *const *list)
{
    for (; *list; list++)
        offer(w, *list);
}

static void offer_name(void *arg, const char *name)
{
    offer(arg, name);
}

static void offer_what(struct ctl *c, enum opt_what what, struct want *w)
{
    static const char *const natives[] = {"xen-xl", "xen-xm", "xen-sxpr", "xen-json", NULL};
    static const char *const modes[] = {"acpi", "agent", "initctl", "signal", "paravirt", NULL};
    switch (what) {
    case WHAT_DOMAIN:
        lookup_names(c, LOOKUP_ACTIVE | LOOKUP_INACTIVE, offer_name, w);
        break;
    case WHAT_ACTIVE:
        lookup_names(c, LOOKUP_ACTIVE, offer_name, w);
        break;
    case WHAT_INACTIVE:
        lookup_names(c, LOOKUP_INACTIVE, offer_name, w);
        break;
    case WHAT_NATIVE:
        offer_list(w, natives);
        break;
    case WHAT_MODE:
        offer_list(w, modes);
        break;
    case WHAT_EVENT:
        offer_list(w, lookup_event_names);
        break;
    case WHAT_NETWORK:
        object_names(c, OBJ_NETWORK, offer_name, w);
        break;
    case WHAT_POOL:
        object_names(c, OBJ_POOL, offer_name, w);
        break;
    case WHAT_NODEDEV:
        object_names(c, OBJ_NODEDEV, offer_name, w);
        break;
    case WHAT_IFACE:
        object_names(c, OBJ_IFACE, offer_name, w);
        break;
    case WHAT_NWFILTER:
        object_names(c, OBJ_NWFILTER, offer_name, w);
        break;
    case WHAT_FILE: /* the shell does that better */
    case WHAT_TEXT:
        break;
    }
}

static void offer_commands(const struct want *w)
{
    for (size_t t = 0; cmd_tables[t]; t++)
        for (const struct cmd *c = cmd_tables[t]; c->name; c++)
            if (c->help)
                offer(w, c->name);
}

static bool word_given(size_t n, char *const *words, const char *name)
{
    for (size_t i = 1; i + 1 < n; i++)
        if (str_starts(words[i], "--") && str_eq(words[i] + 2, name))
            return true;
    return false;
}

static void offer_options(const struct cmd *cmd, size_t n, char *const *words, const struct want *w)
{
    for (const struct opt *o = cmd->opts; o && o->name; o++) {
        CLEANUP_FREE char *text = mem_printf("--%s", o->name);
        if (o->kind != OPT_ARGV && !word_given(n, words, o->name))
            offer(w, text);
    }
}

static const struct opt *opt_named(const struct cmd *cmd, const char *word)
{
    for (const struct opt *o = cmd->opts; o && o->name && str_starts(word, "--"); o++)
        if (str_eq(o->name, word + 2))
            return o;
    return NULL;
}

/* The row that the last word fills: that of the option before it, or the next free positional one.
 */
static const struct opt *row_of_last(const struct cmd *cmd, size_t n, char *const *words)
{
    const struct opt *before = opt_named(cmd, words[n - 2]);
    if (n > 2 && before && before->kind != OPT_FLAG)
        return before;
    size_t data = 0;
    for (size_t i = 1; i + 1 < n; i++) {
        const struct opt *o = opt_named(cmd, words[i]);
        if (o && o->kind != OPT_FLAG)
            i++;
        else if (!o)
            data++;
    }
    for (const struct opt *o = cmd->opts; o && o->name; o++) {
        if (o->kind == OPT_ARGV)
            return o;
        if (o->kind != OPT_FLAG && !(o->flags & OPT_NAMED) && !word_given(n, words, o->name) &&
            !data--)
            return o;
    }
    return NULL;
}

void complete_words(struct ctl *c, size_t n, char *const *words,
                    void (*each)(void *arg, const char *word), void *arg)
{
    if (!n)
        return;
    struct want w = {words[n - 1], each, arg};
    const struct cmd *cmd = n > 1 ? cmd_find(words[0]) : NULL;
    if (n == 1) {
        offer_commands(&w);
        return;
    }
    if (!cmd)
        return;
    const struct opt *row = row_of_last(cmd, n, words);
    if (str_starts(w.prefix, "-") || !row)
        offer_options(cmd, n, words, &w);
    else
        offer_what(c, row->what, &w);
}
