#include "conf/py.h"

#include <string.h>

#include "base/str.h"

static const char no_python[] =
    "xvirt reads constants and does not run Python: write the values out";

static bool statements(struct py *x, int indent);

/* To the next logical line. */
static void skip_line(struct py *x)
{
    while (x->token != P_NEWLINE && x->token != P_END)
        py_next(x);
    if (x->token == P_NEWLINE)
        py_next(x);
}

/* After a mistake: newlines count again, at once. */
static void skip_broken(struct py *x)
{
    if (x->token != P_NEWLINE && x->token != P_END && x->brackets) {
        x->brackets = 0;
        const char *e = memchr(x->p, '\n', (size_t)(x->end - x->p));
        if (x->line_start <= x->p) /* rest of this line */
            x->p = e ? e : x->end;
        py_next(x);
    }
    x->brackets = 0;
    skip_line(x);
}

/* The lines that belong to a statement at `indent`. */
static void skip_block(struct py *x, int indent)
{
    while (x->token != P_END && x->indent > indent)
        skip_line(x);
}

static bool refuse(struct py *x, struct pos pos, const char *what)
{
    cfg_note(x->c, CFG_ERROR, pos, "'%s': %s", what, no_python);
    return false;
}

static bool assign(struct py *x, const char *name, struct pos pos, const struct py_value *v)
{
    if (!cfg_set(x->c, name, pos, &v->v))
        return false;
    cfg_find(x->c, name)->type = (int)v->type;
    return true;
}

/* Later uses of a name whose value could not be read are not a second mistake. */
static bool assign_broken(struct py *x, const char *name, struct pos pos)
{
    struct py_value v = {.type = PY_BROKEN, .v = {.kind = VALUE_NONE, .pos = pos}};
    assign(x, name, pos, &v);
    return false;
}

static bool add_assign(struct py *x, const char *name, struct pos pos)
{
    struct cfg_setting *s = cfg_find(x->c, name);
    struct pos op = x->pos;
    struct py_value v, old;
    if (!s) {
        cfg_note(x->c, CFG_ERROR, pos, "'%s +=': it has no value in this file", name);
        return false;
    }
    py_next(x);
    if (!py_test_list(x, &v))
        return assign_broken(x, name, pos);
    old = (struct py_value){.type = (enum py_type)s->type, .v = s->value};
    if (old.type == PY_BROKEN)
        return false;
    if (old.type == PY_INT || old.type == PY_BOOL)
        parse_i64(s->value.text, 10, INT64_MIN, INT64_MAX, &old.n);
    if (!py_add(x, &old, &v, op, &v))
        return assign_broken(x, name, pos);
    s->is_used = true;
    return assign(x, name, pos, &v);
}

enum { TARGETS_MAX = 16 };

static bool is_before_assign(const struct py *x)
{
    const char *p = x->p;
    while (p < x->end && (*p == ' ' || *p == '\t'))
        p++;
    return p < x->end && *p == '=' && !(p + 1 < x->end && p[1] == '=');
}

/* a = b = value */
static bool assignment(struct py *x, const char *name, struct pos pos)
{
    struct {
        const char *name;
        struct pos pos;
    } targets[TARGETS_MAX] = {{name, pos}};
    int n = 1;
    struct py_value v;
    for (;;) {
        py_next(x);
        if (x->token != P_NAME || n == TARGETS_MAX || !is_before_assign(x))
            break;
        targets[n].name = x->text;
        targets[n++].pos = x->pos;
        py_next(x);
    }
    bool ok = py_test_list(x, &v);
    for (int i = 0; i < n; i++)
        ok = ok ? assign(x, targets[i].name, targets[i].pos, &v)
                : assign_broken(x, targets[i].name, targets[i].pos);
    return ok;
}

static bool is_keyword(const char *name)
{
    static const char *const words[] = {"for",     "while",  "def",     "class",  "try",   "except",
                                        "finally", "with",   "print",   "exec",   "del",   "return",
                                        "raise",   "assert", "global",  "lambda", "yield", "elif",
                                        "else",    "break",  "continue"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (!strcmp(words[i], name))
            return true;
    return false;
}

static bool expression_statement(struct py *x)
{
    struct py_value v;
    struct pos pos = x->pos;
    bool is_text = x->token == P_STRING;
    if (!py_test_list(x, &v))
        return false;
    if (is_text && v.type == PY_STR)
        return true; /* a comment written as a text */
    cfg_note(x->c, CFG_ERROR, pos, "a value that goes nowhere: expected 'name = value'");
    return false;
}

static bool simple_statement(struct py *x)
{
    struct pos pos = x->pos;
    const char *name = x->text;
    if (x->token != P_NAME)
        return expression_statement(x);
    if (py_is_name(x, "import") || py_is_name(x, "from")) {
        while (x->token != P_NEWLINE && x->token != P_END && !py_is_op(x, ';'))
            py_next(x);
        return true;
    }
    if (py_is_name(x, "pass")) {
        py_next(x);
        return true;
    }
    if (is_keyword(name))
        return refuse(x, pos, name);
    struct py ahead = *x;
    py_next(&ahead);
    if (py_is_op(&ahead, '=')) {
        *x = ahead;
        return assignment(x, name, pos);
    }
    if (py_is_op(&ahead, OP2('+', '='))) {
        *x = ahead;
        return add_assign(x, name, pos);
    }
    if (ahead.token == P_OP && strchr("([.,", ahead.op))
        return refuse(x, pos, name);
    if (ahead.token == P_OP && ahead.op >= 256 && (ahead.op & 0xff) == '=')
        return refuse(x, ahead.pos, arena_printf(&x->c->arena, "%c=", ahead.op >> 8));
    *x = ahead;
    return py_refuse(x, "'name = value'");
}

/* a = 1; b = 2 */
static bool statement_line(struct py *x)
{
    for (;;) {
        if (!simple_statement(x))
            return false;
        if (x->token == P_NEWLINE || x->token == P_END)
            break;
        if (!py_is_op(x, ';'))
            return py_refuse(x, "the end of the line or ';'");
        while (py_is_op(x, ';'))
            py_next(x);
        if (x->token == P_NEWLINE || x->token == P_END)
            break;
    }
    skip_line(x);
    return true;
}

/* What stands behind "if x:", on the line or below it. */
static bool suite(struct py *x, int indent, bool is_run)
{
    if (!py_is_op(x, ':'))
        return py_refuse(x, "':'");
    py_next(x);
    if (x->token != P_NEWLINE) {
        if (is_run)
            return statement_line(x);
        skip_line(x);
        return true;
    }
    py_next(x);
    if (x->token == P_END || x->indent <= indent)
        return py_refuse(x, "lines indented below 'if'");
    if (is_run)
        return statements(x, x->indent);
    skip_block(x, indent);
    return true;
}

/* if, elif, else with conditions that are constants. */
static bool if_statement(struct py *x)
{
    int indent = x->indent;
    bool is_done = false;
    for (;;) {
        bool is_else = py_is_name(x, "else"), is_true = true;
        py_next(x);
        struct py_value v;
        if (!is_else && !py_test(x, &v))
            return false;
        if (!is_else)
            is_true = py_is_true(&v);
        if (!suite(x, indent, is_true && !is_done))
            return false;
        is_done |= is_true;
        if (x->token == P_END || x->indent != indent || is_else ||
            (!py_is_name(x, "elif") && !py_is_name(x, "else")))
            return true;
    }
}

static bool statement(struct py *x)
{
    return py_is_name(x, "if") ? if_statement(x) : statement_line(x);
}

/* A block: lines at one indent, to the first line with less. Goes on after mistakes. */
static bool statements(struct py *x, int indent)
{
    while (x->token != P_END && x->indent >= indent) {
        int line_indent = x->indent;
        if (line_indent > indent && indent == 0) {
            if (!(x->c->warned & 1))
                cfg_note(x->c, CFG_WARNING, x->pos, "indented line: Python refuses it");
            x->c->warned |= 1;
        } else if (line_indent > indent)
            py_refuse(x, "the same indent as the line above");
        if (!statement(x)) {
            skip_broken(x);
            skip_block(x, line_indent);
        }
        if (x->c->n_errors >= CFG_NOTES_MAX)
            return false;
    }
    return true;
}

int py_parse(struct cfg *c, const char *text, size_t len)
{
    if (len > CFG_INPUT_MAX) {
        cfg_note(c, CFG_ERROR, (struct pos){1, 1}, "file of %zu bytes: expected at most %d", len,
                 CFG_INPUT_MAX);
        return -1;
    }
    struct py x = {.c = c, .p = text, .end = text + len, .line_start = text, .line = 1};
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        x.p += 3;
    x.is_at_start = true;
    py_next(&x);
    statements(&x, 0);
    return c->n_errors ? -1 : 0;
}
