/* What every part of the reader of Python does with values, and how it refuses. */
#include <string.h>

#include "base/str.h"
#include "conf/py.h"

enum { PY_COMPUTED_MAX = 16 << 20 }; /* bytes of all texts that operators made, one file */

static const char no_python[] =
    "; xvirt reads constants and does not run Python: write the value out";

bool py_refuse(struct py *x, const char *expected)
{
    char buf[CFG_EXCERPT];
    if (x->token == P_BAD)
        return false;
    if (x->token == P_END || x->token == P_NEWLINE)
        cfg_note(x->c, CFG_ERROR, x->pos, "%s: expected %s",
                 x->token == P_END ? "end of file" : "end of line", expected);
    else
        cfg_note(x->c, CFG_ERROR, x->pos, "'%s': expected %s",
                 cfg_excerpt(x->from, (size_t)(x->p - x->from), buf), expected);
    return false;
}

bool py_error(struct py *x, struct pos pos, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    cfg_note(x->c, CFG_ERROR, pos, "%s%s", text, no_python);
    return false;
}

/* ---- values ---- */
const char *py_type_name(enum py_type type)
{
    static const char *const names[] = {"text", "number", "True or False", "fraction",
                                        "None", "list",   "tuple",         "?"};
    return names[type];
}

void py_set_int(struct py *x, struct py_value *r, int64_t n)
{
    r->type = PY_INT;
    r->n = n;
    r->v.kind = VALUE_NUMBER;
    r->v.text = arena_printf(&x->c->arena, "%lld", (long long)n);
}

void py_set_bool(struct py_value *r, bool b)
{
    r->type = PY_BOOL;
    r->n = b;
    r->v.kind = VALUE_NUMBER;
    r->v.text = b ? "1" : "0";
}

bool py_set_text(struct py *x, struct py_value *r, struct str *s, struct pos pos)
{
    x->computed += s->len;
    if (s->len > CFG_TEXT_MAX || x->computed > PY_COMPUTED_MAX) {
        str_clear(s);
        return py_error(x, pos, "a text gets longer than %d bytes", CFG_TEXT_MAX);
    }
    r->type = PY_STR;
    r->v.kind = VALUE_STRING;
    r->v.text = arena_strn(&x->c->arena, str_get(s), s->len);
    str_clear(s);
    return true;
}

bool py_is_true(const struct py_value *v)
{
    double d = 0;
    switch (v->type) {
    case PY_STR:
        return *v->v.text;
    case PY_INT:
    case PY_BOOL:
        return v->n != 0;
    case PY_FLOAT:
        return parse_double(v->v.text, &d) && d != 0;
    case PY_LIST:
    case PY_TUPLE:
        return v->v.n_items != 0;
    case PY_NONE:
    case PY_BROKEN:
        break;
    }
    return false;
}

bool py_is_int(const struct py_value *v)
{
    return v->type == PY_INT || v->type == PY_BOOL;
}

bool py_is_seq(const struct py_value *v)
{
    return v->type == PY_LIST || v->type == PY_TUPLE;
}

/* str(v); false for what has no plain text. */
bool py_add_text(struct str *s, const struct py_value *v)
{
    if (py_is_seq(v) || v->type == PY_FLOAT || v->type == PY_BROKEN)
        return false;
    if (v->type == PY_NONE)
        str_add(s, "None");
    else if (v->type == PY_BOOL)
        str_add(s, v->n ? "True" : "False");
    else
        str_add(s, v->v.text);
    return true;
}

/* An item of a list, which forgot whether it was True or 1. */
struct py_value py_from_item(const struct value *v)
{
    struct py_value r = {.v = *v};
    switch (v->kind) {
    case VALUE_STRING:
        r.type = PY_STR;
        break;
    case VALUE_NUMBER:
        r.type = parse_i64(v->text, 10, INT64_MIN, INT64_MAX, &r.n) ? PY_INT : PY_FLOAT;
        break;
    case VALUE_LIST:
        r.type = PY_LIST;
        break;
    case VALUE_NONE:
        r.type = PY_NONE;
        break;
    }
    return r;
}
