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

__attribute__((format(printf, 3, 4))) static bool error(struct py *x, struct pos pos,
                                                        const char *fmt, ...)
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
static const char *type_name(enum py_type type)
{
    static const char *const names[] = {"text", "number", "True or False", "fraction",
                                        "None", "list",   "tuple",         "?"};
    return names[type];
}

static void set_int(struct py *x, struct py_value *r, int64_t n)
{
    r->type = PY_INT;
    r->n = n;
    r->v.kind = VALUE_NUMBER;
    r->v.text = arena_printf(&x->c->arena, "%lld", (long long)n);
}

static void set_bool(struct py_value *r, bool b)
{
    r->type = PY_BOOL;
    r->n = b;
    r->v.kind = VALUE_NUMBER;
    r->v.text = b ? "1" : "0";
}

static bool set_text(struct py *x, struct py_value *r, struct str *s, struct pos pos)
{
    x->computed += s->len;
    if (s->len > CFG_TEXT_MAX || x->computed > PY_COMPUTED_MAX) {
        str_clear(s);
        return error(x, pos, "a text gets longer than %d bytes", CFG_TEXT_MAX);
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

static bool is_int(const struct py_value *v)
{
    return v->type == PY_INT || v->type == PY_BOOL;
}

static bool is_seq(const struct py_value *v)
{
    return v->type == PY_LIST || v->type == PY_TUPLE;
}

/* str(v); false for what has no plain text. */
static bool add_text(struct str *s, const struct py_value *v)
{
    if (is_seq(v) || v->type == PY_FLOAT || v->type == PY_BROKEN)
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
static struct py_value from_item(const struct value *v)
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

/* ---- operators ---- */
static bool join_lists(struct py *x, const struct py_value *a, const struct py_value *b,
                       struct py_value *ret)
{
    struct py_value r = {.type = a->type, .v = {.kind = VALUE_LIST, .pos = a->v.pos}};
    for (size_t i = 0; i < a->v.n_items + b->v.n_items; i++) {
        const struct value *from =
            i < a->v.n_items ? &a->v.items[i] : &b->v.items[i - a->v.n_items];
        if (!cfg_count(x->c, from->pos))
            return false;
        cfg_push(x->c, &r.v, from);
    }
    *ret = r;
    return true;
}

bool py_add(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
            struct py_value *ret)
{
    struct py_value r = {.v = {.pos = a->v.pos}};
    struct str s = {0};
    int64_t n;
    if (a->type == b->type && is_seq(a))
        return join_lists(x, a, b, ret);
    if (a->type == PY_STR && b->type == PY_STR) {
        str_add(&s, a->v.text);
        str_add(&s, b->v.text);
        if (!set_text(x, &r, &s, pos))
            return false;
    } else if (is_int(a) && is_int(b) && !__builtin_add_overflow(a->n, b->n, &n))
        set_int(x, &r, n);
    else
        return error(x, pos, "'+' of a %s and a %s", type_name(a->type), type_name(b->type));
    *ret = r;
    return true;
}

static bool repeat(struct py *x, const struct py_value *a, int64_t times, struct pos pos,
                   struct py_value *ret)
{
    struct str s = {0};
    size_t len = strlen(a->v.text), n = times < 0 ? 0 : (size_t)times;
    struct py_value r = {.v = {.pos = a->v.pos}};
    if (len && n > CFG_TEXT_MAX / len)
        return error(x, pos, "a text gets longer than %d bytes", CFG_TEXT_MAX);
    while (len && n--)
        str_add(&s, a->v.text);
    if (!set_text(x, &r, &s, pos))
        return false;
    *ret = r;
    return true;
}

static bool power(int64_t a, int64_t b, int64_t *ret)
{
    int64_t r = 1;
    if (b < 0)
        return false;
    if (a >= -1 && a <= 1)
        b = b ? 2 - (b & 1) : 0; /* the others overflow within 63 rounds */
    for (; b; b--)
        if (__builtin_mul_overflow(r, a, &r))
            return false;
    *ret = r;
    return true;
}

/* Rounds towards minus infinity, as Python does. */
static bool divide(int64_t a, int64_t b, int64_t *quotient, int64_t *rest)
{
    if (!b || (a == INT64_MIN && b == -1))
        return false;
    *quotient = a / b;
    *rest = a % b;
    if (*rest && (*rest < 0) != (b < 0)) {
        --*quotient;
        *rest += b;
    }
    return true;
}

static bool int_op(int op, int64_t a, int64_t b, int64_t *ret)
{
    int64_t unused;
    switch (op) {
    case '-':
        return !__builtin_sub_overflow(a, b, ret);
    case '*':
        return !__builtin_mul_overflow(a, b, ret);
    case '/':
    case OP2('/', '/'):
        return divide(a, b, ret, &unused);
    case '%':
        return divide(a, b, &unused, ret);
    case OP2('*', '*'):
        return power(a, b, ret);
    case OP2('<', '<'):
        return b >= 0 && b < 63 && !__builtin_mul_overflow(a, (int64_t)1 << b, ret);
    case OP2('>', '>'):
        *ret = b >= 0 && b < 63 ? a >> b : 0;
        return b >= 0;
    case '&':
        *ret = a & b;
        return true;
    case '|':
        *ret = a | b;
        return true;
    case '^':
        *ret = a ^ b;
        return true;
    }
    return false;
}

/* ---- "..." % values ---- */
struct format {
    char spec[24]; /* as printf has it, without the conversion */
    char conversion;
};

/* Behind '%'. False when it is none that is read here. */
static bool parse_format(const char **p, struct format *f)
{
    size_t n = 1;
    f->spec[0] = '%';
    size_t flags = strspn(*p, "-+ #0123456789.");
    if (flags > 8)
        return false;
    memcpy(f->spec + n, *p, flags);
    n += flags;
    *p += flags;
    while (**p == 'l' || **p == 'h' || **p == 'L')
        ++*p;
    f->conversion = **p;
    if (!f->conversion || !strchr("diuxXosc", f->conversion))
        return false;
    ++*p;
    bool is_text = f->conversion == 's' || f->conversion == 'c';
    snprintf(f->spec + n, sizeof(f->spec) - n, "%s%c", is_text ? "" : "ll",
             f->conversion == 'c'   ? 's'
             : f->conversion == 'u' ? 'd'
                                    : f->conversion);
    return true;
}

static bool add_formatted(struct str *s, const struct format *f, const struct py_value *v)
{
    CLEANUP_STR struct str text = {0};
    CLEANUP_FREE char *out = NULL;
    int n;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (f->conversion == 's' || f->conversion == 'c') {
        if (!add_text(&text, v) || (f->conversion == 'c' && (v->type != PY_STR || text.len != 1)))
            return false;
        n = asprintf(&out, f->spec, str_get(&text));
    } else {
        if (!is_int(v) || (v->n < 0 && strchr("xXo", f->conversion)))
            return false;
        n = asprintf(&out, f->spec, (long long)v->n);
    }
#pragma GCC diagnostic pop
    if (n < 0)
        return false;
    str_add(s, out);
    return true;
}

static bool format(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
                   struct py_value *ret)
{
    bool is_many = b->type == PY_TUPLE;
    size_t n = is_many ? b->v.n_items : 1, used = 0;
    struct str s = {0};
    struct py_value r = {.v = {.pos = a->v.pos}};
    struct format f;
    for (const char *p = a->v.text; *p;) {
        if (*p != '%') {
            str_addc(&s, *p++);
            continue;
        }
        if (*++p == '%') {
            str_addc(&s, *p++);
            continue;
        }
        struct py_value one = is_many && used < n ? from_item(&b->v.items[used]) : *b;
        if (!parse_format(&p, &f) || used == n || !add_formatted(&s, &f, &one)) {
            str_clear(&s);
            return error(x, pos, "%s",
                         used == n ? "'%': fewer values than the text asks for"
                                   : "'%': a format or value that is not read here");
        }
        used++;
    }
    if (used != n) {
        str_clear(&s);
        return error(x, pos, "%s", "'%': more values than the text asks for");
    }
    if (!set_text(x, &r, &s, pos))
        return false;
    *ret = r;
    return true;
}

static bool binary(struct py *x, int op, const struct py_value *a, const struct py_value *b,
                   struct pos pos, struct py_value *ret)
{
    int64_t n;
    if (op == '+')
        return py_add(x, a, b, pos, ret);
    if (op == '%' && a->type == PY_STR)
        return format(x, a, b, pos, ret);
    if (op == '*' && a->type == PY_STR && is_int(b))
        return repeat(x, a, b->n, pos, ret);
    if (is_int(a) && is_int(b) && int_op(op, a->n, b->n, &n)) {
        struct py_value r = {.v = {.pos = a->v.pos}};
        set_int(x, &r, n);
        *ret = r;
        return true;
    }
    return error(x, pos, "'%c' of a %s and a %s gives no constant", op & 0xff, type_name(a->type),
                 type_name(b->type));
}

/* ---- atoms ---- */
static bool expect(struct py *x, int op, const char *what)
{
    if (!py_is_op(x, op))
        return py_refuse(x, what);
    py_next(x);
    return true;
}

/* One line of every text in a list display, up to its closing bracket. */
static bool items(struct py *x, int close, struct py_value *ret, bool *ret_comma)
{
    *ret_comma = false;
    while (!py_is_op(x, close)) {
        struct py_value item;
        if (!py_test(x, &item) || !cfg_count(x->c, item.v.pos))
            return false;
        cfg_push(x->c, &ret->v, &item.v);
        if (ret->v.n_items == 1)
            ret->type = item.type, ret->n = item.n; /* for (x), which is x */
        if (py_is_op(x, close))
            break;
        if (!py_is_op(x, ','))
            return py_refuse(x, close == ']' ? "',' or ']'" : "',' or ')'");
        *ret_comma = true;
        py_next(x);
    }
    return true;
}

static bool display(struct py *x, int close, struct py_value *ret)
{
    struct py_value r = {.v = {.kind = VALUE_LIST, .pos = x->pos}};
    bool has_comma;
    py_next(x);
    if (!items(x, close, &r, &has_comma))
        return false;
    py_next(x);
    if (close == ')' && !has_comma && r.v.n_items == 1)
        r.v = r.v.items[0];
    else
        r.type = close == ')' ? PY_TUPLE : PY_LIST;
    *ret = r;
    return true;
}

static bool strings(struct py *x, struct py_value *ret)
{
    struct py_value r = {.type = PY_STR, .v = {VALUE_STRING, x->text, NULL, 0, x->pos}};
    struct pos pos = x->pos;
    py_next(x);
    if (x->token == P_STRING) {
        struct str s = {0};
        str_add(&s, r.v.text);
        for (; x->token == P_STRING; py_next(x))
            str_add(&s, x->text);
        if (!set_text(x, &r, &s, pos))
            return false;
    }
    *ret = r;
    return true;
}

/* The few calls with a constant meaning: str(x) int(x) len(x). */
static bool call_builtin(struct py *x, const char *name, struct pos pos, struct py_value *ret)
{
    struct py_value v, r = {.v = {.pos = pos}};
    struct str s = {0};
    if (!expect(x, '(', "'('") || !py_test(x, &v) || !expect(x, ')', "')'"))
        return false;
    if (!strcmp(name, "str") && add_text(&s, &v)) {
        if (!set_text(x, &r, &s, pos))
            return false;
    } else if (!strcmp(name, "int") && is_int(&v))
        set_int(x, &r, v.n);
    else if (!strcmp(name, "int") && v.type == PY_STR &&
             parse_i64(v.v.text, 10, INT64_MIN, INT64_MAX, &r.n))
        set_int(x, &r, r.n);
    else if (!strcmp(name, "len") && (v.type == PY_STR || is_seq(&v)))
        set_int(x, &r, (int64_t)(is_seq(&v) ? v.v.n_items : strlen(v.v.text)));
    else
        return error(x, pos, "%s() of a %s", name, type_name(v.type));
    *ret = r;
    return true;
}

static void set_machine(struct py *x, struct pos pos, struct py_value *ret)
{
    cfg_note(x->c, CFG_WARNING, pos, "the machine's name is taken as x86_64");
    *ret = (struct py_value){.type = PY_STR, .v = {VALUE_STRING, "x86_64", NULL, 0, pos}};
}

/* os.uname()[4]: the machine, which for a Xen host is x86_64. The other parts are no constants. */
static bool call_uname(struct py *x, struct pos pos, struct py_value *ret)
{
    if (!expect(x, '(', "'('") || !expect(x, ')', "')'") || !expect(x, '[', "'[4]'"))
        return false;
    if (x->token != P_INT || strcmp(x->text, "4"))
        return error(x, x->pos, "os.uname(): only [4], the machine, is known here");
    py_next(x);
    if (!expect(x, ']', "']'"))
        return false;
    set_machine(x, pos, ret);
    return true;
}

static bool call_machine(struct py *x, struct pos pos, struct py_value *ret)
{
    if (!expect(x, '(', "'('") || !expect(x, ')', "')'"))
        return false;
    set_machine(x, pos, ret);
    return true;
}

/* re.search("64", text) with a plain word: is it in the text? */
static bool call_search(struct py *x, struct pos pos, struct py_value *ret)
{
    struct py_value a, b;
    if (!expect(x, '(', "'('") || !py_test(x, &a) || !expect(x, ',', "','") || !py_test(x, &b) ||
        !expect(x, ')', "')'"))
        return false;
    if (a.type != PY_STR || b.type != PY_STR || strpbrk(a.v.text, "\\.^$*+?{}[]|()"))
        return error(x, pos, "re.search() with more than a plain word");
    *ret = (struct py_value){.v = {.pos = pos}};
    set_bool(ret, strstr(b.v.text, a.v.text));
    return true;
}

/* os.path.x as one word; the tokens are consumed. */
static const char *dotted(struct py *x)
{
    const char *name = x->text;
    py_next(x);
    while (py_is_op(x, '.')) {
        py_next(x);
        if (x->token != P_NAME)
            break;
        name = arena_printf(&x->c->arena, "%s.%s", name, x->text);
        py_next(x);
    }
    return name;
}

static bool constant(const char *name, struct pos pos, struct py_value *ret)
{
    struct py_value r = {.type = PY_NONE, .v = {.kind = VALUE_NONE, .pos = pos}};
    if (!strcmp(name, "True") || !strcmp(name, "False"))
        set_bool(&r, *name == 'T');
    else if (strcmp(name, "None"))
        return false;
    *ret = r;
    return true;
}

static bool variable(struct py *x, const char *name, struct pos pos, struct py_value *ret)
{
    struct cfg_setting *s = cfg_find(x->c, name);
    if (!s)
        return error(x, pos, "'%s' has no value in this file", name);
    s->is_used = true;
    *ret = from_item(&s->value);
    ret->type = (enum py_type)s->type;
    ret->v.pos = pos;
    return ret->type != PY_BROKEN; /* what is wrong with it was said there */
}

static bool name(struct py *x, struct py_value *ret)
{
    static const struct {
        const char *name;
        bool (*call)(struct py *x, struct pos pos, struct py_value *ret);
    } calls[] = {
        {"os.uname", call_uname}, {"platform.machine", call_machine}, {"re.search", call_search}};
    struct pos pos = x->pos;
    const char *word = dotted(x);
    if (constant(word, pos, ret))
        return true;
    if (!py_is_op(x, '('))
        return variable(x, word, pos, ret);
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        if (!strcmp(word, calls[i].name))
            return calls[i].call(x, pos, ret);
    if (!strcmp(word, "str") || !strcmp(word, "int") || !strcmp(word, "len"))
        return call_builtin(x, word, pos, ret);
    return error(x, pos, "call of %s()", word);
}

static bool atom(struct py *x, struct py_value *ret)
{
    if (x->token == P_STRING)
        return strings(x, ret);
    if (x->token == P_NAME)
        return name(x, ret);
    if (py_is_op(x, '['))
        return display(x, ']', ret);
    if (py_is_op(x, '('))
        return display(x, ')', ret);
    if (x->token != P_INT && x->token != P_FLOAT)
        return py_refuse(x, "a text, a number, a [list] or a (tuple)");
    *ret = (struct py_value){.v = {VALUE_NUMBER, x->text, NULL, 0, x->pos}};
    ret->type = x->token == P_INT ? PY_INT : PY_FLOAT;
    parse_i64(x->text, 10, 0, INT64_MAX, &ret->n);
    py_next(x);
    return true;
}

static bool index_of(struct py *x, const struct py_value *a, const struct py_value *i,
                     struct pos pos, struct py_value *ret)
{
    size_t n = a->type == PY_STR ? strlen(a->v.text) : a->v.n_items;
    int64_t at = i->n < 0 ? i->n + (int64_t)n : i->n;
    if (!is_int(i) || (a->type != PY_STR && !is_seq(a)) || at < 0 || (uint64_t)at >= n)
        return error(x, pos, "[index] of a %s, or out of its range", type_name(a->type));
    if (a->type != PY_STR) {
        *ret = from_item(&a->v.items[at]);
        return true;
    }
    struct py_value r = {.type = PY_STR, .v = {.kind = VALUE_STRING, .pos = a->v.pos}};
    r.v.text = arena_strn(&x->c->arena, a->v.text + at, 1);
    *ret = r;
    return true;
}

static bool postfix(struct py *x, struct py_value *ret)
{
    struct py_value v, i;
    if (!atom(x, &v))
        return false;
    while (py_is_op(x, '[')) {
        struct pos pos = x->pos;
        py_next(x);
        if (!py_test(x, &i) || !expect(x, ']', "']'") || !index_of(x, &v, &i, pos, &v))
            return false;
    }
    if (py_is_op(x, '.') || py_is_op(x, '('))
        return error(x, x->pos, "'%c': a call", x->op);
    *ret = v;
    return true;
}

static bool unary(struct py *x, struct py_value *ret);

static bool powers(struct py *x, struct py_value *ret)
{
    struct py_value a, b;
    struct pos pos;
    if (!postfix(x, &a))
        return false;
    if (py_is_op(x, OP2('*', '*'))) {
        pos = x->pos;
        py_next(x);
        if (!unary(x, &b) || !binary(x, OP2('*', '*'), &a, &b, pos, &a))
            return false;
    }
    *ret = a;
    return true;
}

static bool unary(struct py *x, struct py_value *ret)
{
    struct py_value v;
    int op = x->token == P_OP ? x->op : 0;
    struct pos pos = x->pos;
    if (op != '-' && op != '+' && op != '~')
        return powers(x, ret);
    if (++x->depth > CFG_DEPTH_MAX)
        return error(x, pos, "an expression nested deeper than %d", CFG_DEPTH_MAX);
    py_next(x);
    bool ok = unary(x, &v);
    x->depth--;
    if (!ok)
        return false;
    if (!is_int(&v) || v.n == INT64_MIN)
        return error(x, pos, "'%c' of a %s", op, type_name(v.type));
    set_int(x, &v, op == '-' ? -v.n : op == '~' ? ~v.n : v.n);
    v.v.pos = pos;
    *ret = v;
    return true;
}

/* Binary operators by how tightly they bind, the tightest last. */
static const int levels[][5] = {{'|'},      {'^'},
                                {'&'},      {OP2('<', '<'), OP2('>', '>')},
                                {'+', '-'}, {'*', '/', '%', OP2('/', '/')}};
enum { LEVELS = sizeof(levels) / sizeof(*levels) };

static int operator_of(const struct py *x, int level)
{
    for (int i = 0; x->token == P_OP && levels[level][i]; i++)
        if (x->op == levels[level][i])
            return x->op;
    return 0;
}

static bool arithmetic(struct py *x, int level, struct py_value *ret)
{
    struct py_value a, b;
    if (level == LEVELS)
        return unary(x, ret);
    if (!arithmetic(x, level + 1, &a))
        return false;
    for (int op; (op = operator_of(x, level));) {
        struct pos pos = x->pos;
        py_next(x);
        if (!arithmetic(x, level + 1, &b) || !binary(x, op, &a, &b, pos, &a))
            return false;
    }
    *ret = a;
    return true;
}

/* ---- comparisons ---- */
static bool compare(const struct py_value *a, const struct py_value *b, int op, bool *ret)
{
    int order;
    if (is_int(a) && is_int(b))
        order = (a->n > b->n) - (a->n < b->n);
    else if (a->type == PY_STR && b->type == PY_STR)
        order = strcmp(a->v.text, b->v.text);
    else if (op == OP2('=', '=') && a->type == PY_NONE && b->type == PY_NONE)
        order = 0;
    else if ((op == OP2('=', '=') || op == OP2('!', '=') || op == OP2('<', '>')) && !is_seq(a) &&
             !is_seq(b) && a->type != PY_FLOAT && b->type != PY_FLOAT)
        order = 1; /* of different types: never equal */
    else
        return false;
    switch (op) {
    case '<':
        *ret = order < 0;
        break;
    case '>':
        *ret = order > 0;
        break;
    case OP2('<', '='):
        *ret = order <= 0;
        break;
    case OP2('>', '='):
        *ret = order >= 0;
        break;
    case OP2('=', '='):
        *ret = order == 0;
        break;
    default:
        *ret = order != 0;
    }
    return true;
}

static bool contains(const struct py_value *list, const struct py_value *v, bool *ret)
{
    if (list->type == PY_STR && v->type == PY_STR) {
        *ret = strstr(list->v.text, v->v.text);
        return true;
    }
    if (!is_seq(list))
        return false;
    *ret = false;
    for (size_t i = 0; i < list->v.n_items && !*ret; i++) {
        struct py_value item = from_item(&list->v.items[i]);
        if (!compare(&item, v, OP2('=', '='), ret))
            return false;
    }
    return true;
}

enum { OP_IN = 1, OP_NOT_IN = 2 };

static int comparison_op(struct py *x)
{
    static const int ops[] = {'<',           '>',           OP2('<', '='), OP2('>', '='),
                              OP2('=', '='), OP2('!', '='), OP2('<', '>')};
    for (size_t i = 0; x->token == P_OP && i < sizeof(ops) / sizeof(*ops); i++)
        if (x->op == ops[i])
            return x->op;
    if (py_is_name(x, "in"))
        return OP_IN;
    return py_is_name(x, "not") ? OP_NOT_IN : 0;
}

static bool comparison(struct py *x, struct py_value *ret)
{
    struct py_value a, b;
    struct pos pos;
    bool r, ok;
    if (!arithmetic(x, 0, &a))
        return false;
    pos = x->pos;
    int op = comparison_op(x);
    if (op) {
        py_next(x);
        if (op == OP_NOT_IN && py_is_name(x, "in"))
            py_next(x);
        else if (op == OP_NOT_IN)
            return py_refuse(x, "'in' after 'not'");
        if (!arithmetic(x, 0, &b))
            return false;
        ok = op <= OP_NOT_IN ? contains(&b, &a, &r) : compare(&a, &b, op, &r);
        if (!ok)
            return error(x, pos, "a comparison of a %s and a %s", type_name(a.type),
                         type_name(b.type));
        a = (struct py_value){.v = {.pos = a.v.pos}};
        set_bool(&a, op == OP_NOT_IN ? !r : r);
    }
    *ret = a;
    return true;
}

static bool not_test(struct py *x, struct py_value *ret)
{
    struct pos pos = x->pos;
    bool is_negated = false;
    for (; py_is_name(x, "not"); py_next(x))
        is_negated = !is_negated;
    struct py_value v;
    if (!comparison(x, &v))
        return false;
    if (is_negated) {
        bool truth = py_is_true(&v);
        v = (struct py_value){.v = {.pos = pos}};
        set_bool(&v, !truth);
    }
    *ret = v;
    return true;
}

static bool and_test(struct py *x, struct py_value *ret)
{
    struct py_value a, b;
    if (!not_test(x, &a))
        return false;
    while (py_is_name(x, "and")) {
        py_next(x);
        if (!not_test(x, &b))
            return false;
        a = py_is_true(&a) ? b : a;
    }
    *ret = a;
    return true;
}

static bool or_test(struct py *x, struct py_value *ret)
{
    struct py_value a, b;
    if (!and_test(x, &a))
        return false;
    while (py_is_name(x, "or")) {
        py_next(x);
        if (!and_test(x, &b))
            return false;
        a = py_is_true(&a) ? a : b;
    }
    *ret = a;
    return true;
}

static bool conditional(struct py *x, struct py_value *ret)
{
    struct py_value a, condition, b;
    if (!or_test(x, &a))
        return false;
    if (py_is_name(x, "if")) {
        py_next(x);
        if (!or_test(x, &condition))
            return false;
        if (!py_is_name(x, "else"))
            return py_refuse(x, "'else'");
        py_next(x);
        if (!py_test(x, &b))
            return false;
        a = py_is_true(&condition) ? a : b;
    }
    *ret = a;
    return true;
}

bool py_test(struct py *x, struct py_value *ret)
{
    if (x->depth >= CFG_DEPTH_MAX)
        return error(x, x->pos, "an expression nested deeper than %d", CFG_DEPTH_MAX);
    x->depth++;
    bool ok = conditional(x, ret);
    x->depth--;
    return ok;
}

bool py_test_list(struct py *x, struct py_value *ret)
{
    struct py_value v;
    if (!py_test(x, &v))
        return false;
    if (!py_is_op(x, ',')) {
        *ret = v;
        return true;
    }
    struct py_value r = {.type = PY_TUPLE, .v = {.kind = VALUE_LIST, .pos = v.v.pos}};
    cfg_push(x->c, &r.v, &v.v);
    while (py_is_op(x, ',')) {
        py_next(x);
        if (x->token == P_NEWLINE || py_is_op(x, ';'))
            break;
        if (!py_test(x, &v) || !cfg_count(x->c, v.v.pos))
            return false;
        cfg_push(x->c, &r.v, &v.v);
    }
    *ret = r;
    return true;
}
