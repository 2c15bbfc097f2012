/* The interactive shell, on libedit; without a terminal it reads lines from stdin. */
#include <histedit.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "cmd.h"

static char *prompt(EditLine *el)
{
    static char text[] = "xvirt # ";
    return text;
}

struct matches {
    char **words;
    size_t n;
};

static void match_add(void *arg, const char *word)
{
    struct matches *m = arg;
    VEC_PUSH(m->words, m->n, mem_str(word));
}

static size_t common_len(const struct matches *m)
{
    size_t len = m->n ? strlen(m->words[0]) : 0;
    for (size_t i = 1; i < m->n; i++)
        for (size_t k = 0; k < len; k++)
            if (m->words[i][k] != m->words[0][k])
                len = k;
    return len;
}

static unsigned char complete_key(EditLine *el, int ch)
{
    const LineInfo *line = el_line(el);
    CLEANUP_FREE char *text = mem_strn(line->buffer, (size_t)(line->cursor - line->buffer));
    char **words = NULL;
    size_t n = 0;
    struct ctl *c = NULL;
    el_get(el, EL_CLIENTDATA, &c);
    if (words_split(text, &words, &n, NULL))
        return CC_ERROR;
    if (!n || str_ends(text, " "))
        VEC_PUSH(words, n, mem_str(""));
    struct matches m = {0};
    complete_words(c, n, words, match_add, &m);
    size_t have = strlen(words[n - 1]), len = common_len(&m);
    unsigned char r = CC_ERROR;
    if (len > have || m.n == 1) {
        CLEANUP_FREE char *rest = mem_strn(m.words[0] + have, len - have);
        el_insertstr(el, rest);
        if (m.n == 1)
            el_insertstr(el, " ");
        r = CC_REFRESH;
    } else if (m.n) {
        putchar('\n');
        for (size_t i = 0; i < m.n; i++)
            printf("%s%s", m.words[i], i + 1 < m.n ? "  " : "\n");
        r = CC_REDISPLAY;
    }
    words_free(m.words, m.n);
    words_free(words, n);
    return r;
}

static int run_line(struct ctl *c, const char *line)
{
    char **words = NULL;
    size_t n = 0;
    struct err e = {0};
    if (words_split(line, &words, &n, &e)) {
        fprintf(stderr, "error: %s\n", e.msg);
        return 1;
    }
    int r = cmd_run(c, n, words);
    words_free(words, n);
    return r;
}

static int shell_plain(struct ctl *c)
{
    char *line = NULL;
    size_t cap = 0;
    int r = 0;
    while (!c->leave && getline(&line, &cap, stdin) > 0)
        r = run_line(c, line);
    free(line);
    return r;
}

static int shell_edit(struct ctl *c)
{
    EditLine *el = el_init("xvirt", stdin, stdout, stderr);
    History *past = history_init();
    HistEvent ev;
    history(past, &ev, H_SETSIZE, 500);
    el_set(el, EL_PROMPT, prompt);
    el_set(el, EL_EDITOR, "emacs");
    el_set(el, EL_HIST, history, past);
    el_set(el, EL_CLIENTDATA, c);
    el_set(el, EL_ADDFN, "xvirt-complete", "complete", complete_key);
    el_set(el, EL_BIND, "^I", "xvirt-complete", NULL);
    printf("Welcome to xvirt, the Xen management terminal.\n\n"
           "Type:  'help' for help with commands\n       'quit' to quit\n\n");
    int n;
    const char *line;
    while (!c->leave && (line = el_gets(el, &n)) && n > 0) {
        if (n > 1)
            history(past, &ev, H_ENTER, line);
        run_line(c, line);
    }
    putchar('\n');
    history_end(past);
    el_end(el);
    return 0;
}

int shell_run(struct ctl *c)
{
    c->interactive = isatty(0);
    return c->interactive ? shell_edit(c) : shell_plain(c);
}
