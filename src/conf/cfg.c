/* The syntax of xl.cfg, as libxlutil reads it (flex and bison there, by hand here).
 *     file := { sep | setting sep } [ setting ]       setting := KEY ('=' | '+=') value
 *     value := STRING | NUMBER | '[' [ value { ',' value } [ ',' ] ] ']'     sep := NEWLINE | ';'
 * Newlines are free inside brackets. What libxlutil refuses without need is read with a warning. */
#include "conf/cfg.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum token {
    T_END,
    T_NEWLINE,
    T_SEMICOLON,
    T_COMMA,
    T_OPEN,
    T_CLOSE,
    T_SET,
    T_ADD,
    T_KEY,
    T_NUMBER,
    T_STRING,
    T_BAD, /* said already */
};

enum { WARN_CR = 1, WARN_LAST_COMMENT = 2, WARN_BOM = 4 }; /* mentioned once a file */

struct lexer {
    struct cfg *c;
    const char *p, *end, *line_start;
    int line;
    /* the current token */
    enum token token;
    const char *from; /* its first character */
    struct pos pos;
    const char *text; /* T_KEY, T_NUMBER, T_STRING: in the arena */
};

static struct pos here(const struct lexer *x, int off)
{
    return (struct pos){x->line, (int)(x->p - x->line_start) + 1 + off};
}

static void error_at(struct lexer *x, const char *found, size_t n, const char *expected)
{
    char buf[64];
    if (n)
        cfg_note(x->c, CFG_ERROR, x->pos, "'%s': expected %s", cfg_excerpt(found, n, buf),
                 expected);
    else
        cfg_note(x->c, CFG_ERROR, x->pos, "%s: expected %s",
                 x->token == T_END ? "end of file" : "end of line", expected);
}

static void warn_once(struct lexer *x, uint32_t bit, const char *what)
{
    if (!(x->c->warned & bit))
        cfg_note(x->c, CFG_WARNING, here(x, 0), "%s", what);
    x->c->warned |= bit;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_key_char(char c)
{
    return is_lower(c) || is_digit(c) || c == '_' || c == '.';
}

static bool is_number_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || c == 'x';
}

static bool is_word_char(char c)
{
    return is_key_char(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '+';
}

static void newline(struct lexer *x)
{
    x->line++;
    x->line_start = x->p;
}

static enum token bad(struct lexer *x, const char *expected)
{
    const char *e = x->from + 1;
    if (e == x->end && *x->from) {
        char buf[64];
        cfg_note(x->c, CFG_WARNING, x->pos,
                 "'%s': stray last character of the file, ignored as xl does",
                 cfg_excerpt(x->from, 1, buf));
        x->p = e;
        return T_END;
    }
    while (e < x->end && is_word_char(*e))
        e++;
    error_at(x, x->from, (size_t)(e - x->from), expected);
    return T_BAD;
}

/* \xHH and \ooo: in libxlutil's grammar, but its code refuses the first and loses the second. */
static bool lex_number_escape(struct lexer *x, char *ret)
{
    bool hex = *x->p == 'x';
    const char *p = x->p + hex;
    int value = 0, digits = 0, max = hex ? 2 : 3;
    for (int d; digits < max && p < x->end && (d = hex_digit(*p)) >= 0 && d < (hex ? 16 : 8); p++) {
        value = value * (hex ? 16 : 8) + d;
        digits++;
    }
    if (!digits || !value || value > 255)
        return false;
    cfg_note(x->c, CFG_WARNING, here(x, -1),
             "'\\%.*s': xl misreads numeric escapes; taken as the character %d", (int)(p - x->p),
             x->p, value);
    *ret = (char)value;
    x->p = p;
    return true;
}

static bool lex_escape(struct lexer *x, char *ret)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *at = x->p < x->end && *x->p ? strchr(from, *x->p) : NULL;
    if (at) {
        *ret = to[at - from];
        x->p++;
        return true;
    }
    if (x->p < x->end && (*x->p == 'x' || (*x->p >= '0' && *x->p <= '7')) &&
        lex_number_escape(x, ret))
        return true;
    char buf[64];
    cfg_note(x->c, CFG_ERROR, here(x, -1),
             "'%s': expected one of \\\\ \\' \\\" \\a \\b \\f \\n \\r \\t \\v",
             cfg_excerpt(x->p - 1, x->p < x->end && *x->p != '\n' ? 2 : 1, buf));
    return false;
}

/* libvirt writes a text with both kinds of quotes, or of several lines, in three quotes. */
static enum token lex_triple(struct lexer *x)
{
    cfg_note(x->c, CFG_WARNING, x->pos,
             "\"\"\": libvirt's way to quote, which xl refuses; use \\\" and \\n inside \"...\"");
    const char *from = x->p += 3;
    for (; x->end - x->p >= 3 && memcmp(x->p, "\"\"\"", 3); x->p++)
        if (*x->p == '\n') {
            x->line++;
            x->line_start = x->p + 1;
        }
    if (x->end - x->p < 3) {
        x->p = x->end;
        error_at(x, "\"\"\"", 3, "a closing \"\"\" before the end of the file");
        return T_BAD;
    }
    size_t n = (size_t)(x->p - from);
    x->text = arena_strn(&x->c->arena, from, n);
    x->p += 3;
    return memchr(x->text, '\0', n) ? bad(x, "a text without NUL bytes") : T_STRING;
}

static enum token lex_string(struct lexer *x)
{
    char quote = *x->p;
    if (x->p + 1 == x->end)
        return bad(x, NULL);
    if (quote == '"' && x->end - x->p >= 3 && x->p[1] == '"' && x->p[2] == '"')
        return lex_triple(x);
    const char *e = ++x->p;
    while (e < x->end && *e != quote && *e != '\n')
        e += *e == '\\' && e + 1 < x->end && e[1] != '\n' ? 2 : 1;
    char *out = arena_new(&x->c->arena, (size_t)(e - x->p) + 1), *start = out;
    bool is_good = true;
    while (x->p < x->end && *x->p != quote && *x->p != '\n') {
        char c = *x->p++;
        if (c == '\\')
            is_good &= lex_escape(x, &c);
        if (!c) {
            cfg_note(x->c, CFG_ERROR, here(x, -1), "NUL byte: expected text");
            is_good = false;
        }
        *out++ = c;
    }
    if (x->p >= x->end || *x->p != quote) {
        const char *rest = x->from;
        error_at(x, rest, (size_t)(x->p - rest), "a closing quote on the same line");
        return T_BAD;
    }
    x->p++;
    x->text = start;
    return is_good ? T_STRING : T_BAD;
}

static enum token lex_run(struct lexer *x, bool (*is_part)(char), enum token token)
{
    const char *e = x->p + 1;
    while (e < x->end && is_part(*e))
        e++;
    x->text = arena_strn(&x->c->arena, x->p, (size_t)(e - x->p));
    x->p = e;
    return token;
}

/* Blanks, comments, and the carriage returns of DOS files. */
static void lex_blanks(struct lexer *x)
{
    for (; x->p < x->end; x->p++) {
        if (*x->p == '\r' && (x->p + 1 == x->end || x->p[1] == '\n'))
            warn_once(x, WARN_CR, "carriage return at the end of the line: xl refuses DOS files");
        else if (*x->p == '#') {
            const char *e = memchr(x->p, '\n', (size_t)(x->end - x->p));
            if (!e)
                warn_once(x, WARN_LAST_COMMENT,
                          "comment at the end of the file without a newline: xl refuses it");
            x->p = (e ? e : x->end) - 1;
        } else if (*x->p != ' ' && *x->p != '\t')
            break;
    }
}

static enum token lex_negative(struct lexer *x)
{
    x->p++;
    if (x->p >= x->end || !is_digit(*x->p))
        return bad(x, "a quoted string, a number or a [list]; is this an xm (Python) file?");
    cfg_note(x->c, CFG_WARNING, x->pos,
             "negative number without quotes: xl refuses it, libvirt writes it");
    x->p--;
    return lex_run(x, is_number_char, T_NUMBER);
}

static enum token lex_one(struct lexer *x)
{
    static const char single[] = "\n;,[]=";
    static const enum token singles[] = {T_NEWLINE, T_SEMICOLON, T_COMMA, T_OPEN, T_CLOSE, T_SET};
    char c = *x->p;
    const char *at = c ? strchr(single, c) : NULL;
    if (at) {
        x->p++;
        return singles[at - single];
    }
    if (c == '"' || c == '\'')
        return lex_string(x);
    if (is_lower(c))
        return lex_run(x, is_key_char, T_KEY);
    if (is_digit(c))
        return lex_run(x, is_number_char, T_NUMBER);
    if (c == '-')
        return lex_negative(x);
    if (c == '+' && x->p + 1 < x->end && x->p[1] == '=') {
        x->p += 2;
        return T_ADD;
    }
    if (c >= 'A' && c <= 'Z')
        return bad(x, "lower case letters, a quoted string or a number");
    return bad(x, c == '(' || c == '%' || c == '+' || c == '.'
                      ? "a setting; is this an xm (Python) file?"
                      : "a setting 'key = value'");
}

static void next(struct lexer *x)
{
    if (x->token == T_NEWLINE)
        newline(x);
    lex_blanks(x);
    x->from = x->p;
    x->pos = here(x, 0);
    x->token = x->p < x->end ? lex_one(x) : T_END;
}

static void skip_newlines(struct lexer *x)
{
    while (x->token == T_NEWLINE)
        next(x);
}

static void unexpected(struct lexer *x, const char *expected)
{
    if (x->token == T_BAD)
        return;
    size_t n = x->token == T_END || x->token == T_NEWLINE ? 0 : (size_t)(x->p - x->from);
    error_at(x, x->from, n, expected);
}

static bool parse_value(struct lexer *x, int depth, struct value *ret);

static bool parse_list(struct lexer *x, int depth, struct value *ret)
{
    if (depth >= CFG_DEPTH_MAX) {
        cfg_note(x->c, CFG_ERROR, x->pos, "lists nested deeper than %d", CFG_DEPTH_MAX);
        return false;
    }
    *ret = (struct value){.kind = VALUE_LIST, .pos = x->pos};
    next(x);
    skip_newlines(x);
    while (x->token != T_CLOSE) {
        struct value item;
        if (!parse_value(x, depth + 1, &item))
            return false;
        cfg_push(x->c, ret, &item);
        skip_newlines(x);
        if (x->token == T_CLOSE)
            break;
        if (x->token != T_COMMA) {
            unexpected(x, "',' or ']'");
            return false;
        }
        next(x);
        skip_newlines(x);
    }
    next(x);
    return true;
}

static bool parse_value(struct lexer *x, int depth, struct value *ret)
{
    if (!cfg_count(x->c, x->pos))
        return false;
    if (x->token == T_OPEN)
        return parse_list(x, depth, ret);
    if (x->token != T_STRING && x->token != T_NUMBER) {
        unexpected(x, x->token == T_KEY
                          ? "a quoted string, a number or a [list]; a bare word needs quotes"
                          : "a quoted string, a number or a [list]");
        return false;
    }
    *ret = (struct value){
        .kind = x->token == T_STRING ? VALUE_STRING : VALUE_NUMBER, .text = x->text, .pos = x->pos};
    next(x);
    return true;
}

static bool add_to(struct lexer *x, struct cfg_setting *s, const struct value *v)
{
    if ((s->value.kind == VALUE_LIST) != (v->kind == VALUE_LIST)) {
        cfg_note(x->c, CFG_ERROR, v->pos, "'%s +=': line %d made it a %s, expected the same",
                 s->name, s->pos.line, s->value.kind == VALUE_LIST ? "list" : "string");
        return false;
    }
    if (v->kind != VALUE_LIST)
        return cfg_text_add(x->c, s, v->text);
    for (size_t i = 0; i < v->n_items; i++)
        cfg_push(x->c, &s->value, &v->items[i]);
    return true;
}

static bool parse_setting(struct lexer *x)
{
    const char *name = x->text;
    struct pos pos = x->pos;
    struct value v;
    if (x->token != T_KEY) {
        unexpected(x, "a setting 'key = value'");
        return false;
    }
    next(x);
    enum token op = x->token;
    if (op != T_SET && op != T_ADD) {
        unexpected(x, "'=' or '+='");
        return false;
    }
    next(x);
    if (!parse_value(x, 0, &v))
        return false;
    if (x->token != T_NEWLINE && x->token != T_SEMICOLON && x->token != T_END) {
        unexpected(x, "the end of the line or ';' after a value");
        return false;
    }
    struct cfg_setting *old = op == T_ADD ? cfg_find(x->c, name) : NULL;
    return old ? add_to(x, old, &v) : cfg_set(x->c, name, pos, &v);
}

/* Does a setting seem to start here? Where reading goes on after an error. */
static bool looks_like_setting(const char *p, const char *end)
{
    if (p >= end || !is_lower(*p))
        return false;
    while (p < end && is_key_char(*p))
        p++;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p < end && (*p == '=' || (*p == '+' && p + 1 < end && p[1] == '='));
}

static void resync(struct lexer *x)
{
    if (x->token == T_NEWLINE) /* the offending token was the line's end */
        newline(x);
    while (x->p < x->end && !(x->p == x->line_start && looks_like_setting(x->p, x->end)))
        if (*x->p++ == '\n')
            newline(x);
    x->token = T_SEMICOLON;
    next(x);
}

int cfg_parse(struct cfg *c, const char *text, size_t len)
{
    if (len > CFG_INPUT_MAX) {
        cfg_note(c, CFG_ERROR, (struct pos){1, 1}, "file of %zu bytes: expected at most %d", len,
                 CFG_INPUT_MAX);
        return -1;
    }
    struct lexer x = {.c = c, .p = text, .end = text + len, .line_start = text, .line = 1};
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        warn_once(&x, WARN_BOM, "byte order mark at the start of the file: xl refuses it");
        x.p += 3;
    }
    for (next(&x); x.token != T_END;) {
        if (x.token == T_NEWLINE || x.token == T_SEMICOLON)
            next(&x);
        else if (!parse_setting(&x)) {
            if (c->n_errors >= CFG_NOTES_MAX)
                break;
            resync(&x);
        }
    }
    return c->n_errors ? -1 : 0;
}
