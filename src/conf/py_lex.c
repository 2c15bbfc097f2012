#include <string.h>

#include "base/str.h"

#include "conf/py.h"

static struct pos here(const struct py *x)
{
    return (struct pos){x->line, (int)(x->p - x->line_start) + 1};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(char c)
{
    return is_name_start(c) || is_digit(c);
}

static void newline(struct py *x) /* p stands behind it */
{
    x->line++;
    x->line_start = x->p;
}

static enum py_token bad(struct py *x, struct pos pos, const char *found, size_t n,
                         const char *expected)
{
    char buf[CFG_EXCERPT];
    cfg_note(x->c, CFG_ERROR, pos, "'%s': expected %s", cfg_excerpt(found, n, buf), expected);
    return P_BAD;
}

/* Digits of base 8 or 16 behind a backslash; at least `least`. */
static bool escape_number(struct py *x, int base, int least, int most, char *ret)
{
    int value = 0, n = 0;
    for (int d; n < most && x->p < x->end && (d = hex_digit(*x->p)) >= 0 && d < base; n++, x->p++)
        value = value * base + d;
    *ret = (char)value;
    return n >= least && value > 0 && value < 256;
}

/* Behind a backslash. Appends to *out; unknown escapes stay as they are, as in Python. */
static bool lex_escape(struct py *x, char **out)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *start = x->p, *at = *x->p ? strchr(from, *x->p) : NULL;
    struct pos pos = here(x);
    char c = *x->p;
    pos.col--;
    if (c == '\n' || (c == '\r' && x->p + 1 < x->end && x->p[1] == '\n')) {
        x->p += c == '\r' ? 2 : 1;
        newline(x);
        return true;
    }
    if (at) {
        *(*out)++ = to[at - from];
        x->p++;
        return true;
    }
    if (c == 'x' || (c >= '0' && c <= '7')) {
        x->p += c == 'x';
        if (escape_number(x, c == 'x' ? 16 : 8, c == 'x' ? 2 : 1, c == 'x' ? 2 : 3, *out))
            return (*out)++, true;
        return bad(x, pos, start - 1, (size_t)(x->p - start) + 1,
                   "an escape of a character that is not NUL"),
               false;
    }
    *(*out)++ = '\\';
    return true;
}

static bool ends_string(const struct py *x, char quote, int n_quotes)
{
    if (x->end - x->p < n_quotes)
        return false;
    return *x->p == quote && (n_quotes == 1 || (x->p[1] == quote && x->p[2] == quote));
}

/* One character of a text; false after an error. */
static bool lex_char(struct py *x, bool is_raw, bool is_long, char **out)
{
    char c = *x->p++;
    if (!c)
        return bad(x, (struct pos){x->line, (int)(x->p - x->line_start)}, x->p - 1, 1,
                   "a text without NUL bytes"),
               false;
    if (c == '\\' && x->p < x->end) {
        if (!is_raw)
            return lex_escape(x, out);
        *(*out)++ = c; /* a raw text keeps both */
        c = *x->p++;
    }
    if (c == '\r' && is_long && x->p < x->end && *x->p == '\n')
        return true;
    if (c == '\n')
        newline(x);
    *(*out)++ = c;
    return true;
}

static enum py_token lex_string(struct py *x, bool is_raw)
{
    char quote = *x->p;
    int n = x->end - x->p >= 3 && x->p[1] == quote && x->p[2] == quote ? 3 : 1;
    x->p += n;
    /* the longest it can be: to the last such quote on the line, or to the end of the text */
    const char *e = x->p;
    while (e < x->end && !(n == 1 && (*e == quote || *e == '\n')) &&
           !(n == 3 && x->end - e >= 3 && *e == quote && e[1] == quote && e[2] == quote))
        e += *e == '\\' && e + 1 < x->end ? 2 : 1;
    char *out = arena_new(&x->c->arena, (size_t)(e - x->p) + 2);
    bool is_good = true;
    x->text = out;
    while (x->p < x->end && !ends_string(x, quote, n) && !(n == 1 && *x->p == '\n'))
        is_good &= lex_char(x, is_raw, n == 3, &out);
    if (!ends_string(x, quote, n))
        return bad(x, x->pos, x->from, (size_t)(x->p - x->from),
                   n == 3 ? "a closing triple quote" : "a closing quote on the same line");
    x->p += n;
    return is_good ? P_STRING : P_BAD;
}

static enum py_token lex_float(struct py *x)
{
    double d;
    while (x->p < x->end && (is_name_char(*x->p) || *x->p == '.' ||
                             ((*x->p == '-' || *x->p == '+') && (x->p[-1] | 32) == 'e')))
        x->p++;
    x->text = arena_strn(&x->c->arena, x->from, (size_t)(x->p - x->from));
    if (!parse_double(x->text, &d))
        return bad(x, x->pos, x->from, (size_t)(x->p - x->from), "a number");
    return P_FLOAT;
}

/* 10 010 0o10 0x10 0b10 10L, as Python 2 reads them */
static enum py_token lex_number(struct py *x)
{
    const char *e = x->p;
    while (e < x->end && is_name_char(*e))
        e++;
    bool is_hex = e - x->p > 1 && *x->p == '0' && (x->p[1] | 32) == 'x';
    if ((e < x->end && *e == '.') || (!is_hex && memchr(x->p, 'e', (size_t)(e - x->p))))
        return lex_float(x);
    size_t n = (size_t)(e - x->p);
    char *digits = arena_strn(&x->c->arena, x->p, n);
    int base = 10;
    int64_t value;
    x->p = e;
    if (n > 1 && (digits[n - 1] | 32) == 'l')
        digits[--n] = '\0';
    if (n > 1 && digits[0] == '0') {
        char kind = (char)(digits[1] | 32);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        digits += kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1;
    }
    if (!parse_i64(digits, base, 0, INT64_MAX, &value))
        return bad(x, x->pos, x->from, (size_t)(e - x->from), "a number of at most 63 bits");
    x->text = arena_printf(&x->c->arena, "%lld", (long long)value);
    return P_INT;
}

static enum py_token lex_name(struct py *x)
{
    const char *e = x->p;
    while (e < x->end && is_name_char(*e))
        e++;
    size_t n = (size_t)(e - x->p);
    if (e < x->end && (*e == '"' || *e == '\'') && n <= 2 && strspn(x->p, "rRuUbB") >= n) {
        bool is_raw = memchr(x->p, 'r', n) || memchr(x->p, 'R', n);
        x->p = e;
        return lex_string(x, is_raw);
    }
    x->text = arena_strn(&x->c->arena, x->p, n);
    x->p = e;
    return P_NAME;
}

static enum py_token lex_op(struct py *x)
{
    static const char doubles[][3] = {"**", "//", "==", "!=", "<>", "<=", ">=", "<<", ">>",
                                      "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^="};
    static const char singles[] = "+-*/%()[]{},:.;=<>|&^~`@";
    for (size_t i = 0; i < sizeof(doubles) / sizeof(*doubles) && x->end - x->p >= 2; i++)
        if (!memcmp(x->p, doubles[i], 2)) {
            x->op = OP2(x->p[0], x->p[1]);
            x->p += 2;
            return P_OP;
        }
    x->op = *x->p++;
    if (!x->op || !strchr(singles, x->op))
        return bad(x, x->pos, x->from, 1, "a name, a text, a number or an operator");
    if (strchr("([{", x->op))
        x->brackets++;
    if (strchr(")]}", x->op) && x->brackets)
        x->brackets--;
    return P_OP;
}

/* Blanks, comments, joined lines; true when a newline that counts was passed. */
static bool skip_blanks(struct py *x)
{
    for (; x->p < x->end; x->p++) {
        char c = *x->p;
        if (c == '#')
            while (x->p + 1 < x->end && x->p[1] != '\n')
                x->p++;
        else if (c == '\\' && x->p + 1 < x->end && x->p[1] == '\n') {
            x->p += 2;
            newline(x);
            x->p--;
        } else if (c == '\n') {
            x->p++;
            newline(x);
            if (!x->brackets && !x->is_at_start)
                return true;
            x->p--;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\f')
            break;
    }
    return false;
}

static int indent_of(const struct py *x)
{
    int n = 0;
    for (const char *p = x->line_start; p < x->p; p++)
        n = *p == '\t' ? (n / 8 + 1) * 8 : n + 1;
    return n;
}

void py_next(struct py *x)
{
    struct pos end = here(x);
    if (skip_blanks(x)) {
        x->pos = end;
        x->token = P_NEWLINE;
        x->is_at_start = true;
        return;
    }
    x->from = x->p;
    x->pos = here(x);
    if (x->p >= x->end) {
        x->token = x->is_at_start || x->brackets ? P_END : P_NEWLINE;
        x->is_at_start = true;
        x->indent = 0;
        return;
    }
    if (x->is_at_start)
        x->indent = indent_of(x);
    x->is_at_start = false;
    if (*x->p == '"' || *x->p == '\'')
        x->token = lex_string(x, false);
    else if (is_digit(*x->p))
        x->token = lex_number(x);
    else if (*x->p == '.' && x->p + 1 < x->end && is_digit(x->p[1]))
        x->token = lex_float(x);
    else if (is_name_start(*x->p))
        x->token = lex_name(x);
    else
        x->token = lex_op(x);
}

bool py_is_op(const struct py *x, int op)
{
    return x->token == P_OP && x->op == op;
}

bool py_is_name(const struct py *x, const char *name)
{
    return x->token == P_NAME && !strcmp(x->text, name);
}
