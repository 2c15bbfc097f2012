#include "hint.h"

#include <unistd.h>

#include "base/str.h"

enum { WORD_MAX = 48, NEAR = 2 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters are to be changed, put in or left out to make one word of the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1], n = strlen(b);
    if (n > WORD_MAX || strlen(a) > WORD_MAX)
        return SIZE_MAX;
    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t k = 1; k <= n; k++) {
            size_t above = row[k], here = corner + (a[i - 1] != b[k - 1]);
            row[k] = least(here, least(above, row[k - 1]) + 1);
            corner = above;
        }
    }
    return row[n];
}

static const char *nearest_command(const char *word)
{
    const char *best = NULL;
    size_t near = NEAR + 1;
    for (size_t t = 0; cmd_tables[t]; t++)
        for (const struct cmd *c = cmd_tables[t]; c->name; c++) {
            size_t d = c->help ? distance(word, c->name) : SIZE_MAX;
            if (d < near) {
                near = d;
                best = c->name;
            }
        }
    return best;
}

static const struct {
    int code;
    const char *text;
} hints[] = {
    {ERR_NO_DOMAIN, "'xvirt list --all' shows which domains there are"},
    {ERR_NO_CONNECT, "is the daemon running? 'systemctl status xvirtd'; -c names another host"},
    {ERR_AUTH_FAILED,
     "authfile=FILE in the URI names a file with credentials; root needs none here"},
    {ERR_OPERATION_DENIED, "a read-only connection (-r), or a right that is missing"},
    {ERR_NO_SUPPORT, "this host cannot do that; 'xvirt domcapabilities' tells what it can"},
    {ERR_NO_DOMAIN_METADATA, "'xvirt dumpxml' shows all that is kept with the domain"},
};

void hint_print(const struct err *e, size_t n, char *const *words)
{
    const struct cmd *cmd = cmd_find(words[0]);
    const char *near = cmd ? NULL : nearest_command(words[0]);
    if (!isatty(2))
        return;
    if (near)
        fprintf(stderr, "hint: did you mean '%s'?\n", near);
    else if (!cmd)
        fprintf(stderr, "hint: 'help' lists the commands\n");
    else if (strstr(e->msg, "option"))
        fprintf(stderr, "hint: 'help %s' shows its options\n", cmd->name);
    for (size_t i = 0; cmd && i < sizeof(hints) / sizeof(*hints); i++)
        if (hints[i].code == e->code)
            fprintf(stderr, "hint: %s\n", hints[i].text);
}
