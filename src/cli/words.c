/* A command line from one string: blanks part words, quotes and backslash keep them together, ';'
 * stands alone. */
#include <ctype.h>

#include "base/str.h"
#include "base/vec.h"
#include "cmd.h"

void words_free(char **words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(words[i]);
    free(words);
}

/* Reads one word from *p on into w; false at an open quote. */
static bool word_read(const char **p, struct str *w)
{
    char quote = 0;
    for (; **p; (*p)++) {
        char ch = **p;
        if (!quote && (isspace((unsigned char)ch) || ch == ';'))
            return true;
        if (ch == quote) {
            quote = 0;
        } else if (!quote && (ch == '\'' || ch == '"')) {
            quote = ch;
        } else if (ch == '\\' && quote != '\'' && (*p)[1]) {
            str_addc(w, *++*p);
        } else {
            str_addc(w, ch);
        }
    }
    return !quote;
}

int words_split(const char *line, char ***ret, size_t *ret_n, struct err *e)
{
    char **words = NULL;
    size_t n = 0;
    for (const char *p = line;;) {
        while (isspace((unsigned char)*p))
            p++;
        if (!*p)
            break;
        struct str w = {0};
        if (*p == ';') {
            str_addc(&w, *p++);
        } else if (!word_read(&p, &w)) {
            str_clear(&w);
            words_free(words, n);
            return fail(e, ERR_INVALID_ARG, "missing closing quote in '%s'", line);
        }
        VEC_PUSH(words, n, str_take(&w));
    }
    *ret = words;
    *ret_n = n;
    return 0;
}
