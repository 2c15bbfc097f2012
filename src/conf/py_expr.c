/* Expressions: Python's grammar over constants. */
#include <string.h>

#include "base/str.h"
#include "conf/py.h"

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
        if (!py_set_text(x, &r, &s, pos))
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
    if (!strcmp(name, "str") && py_add_text(&s, &v)) {
        if (!py_set_text(x, &r, &s, pos))
            return false;
    } else if (!strcmp(name, "int") && py_is_int(&v))
        py_set_int(x, &r, v.n);
    else if (!strcmp(name, "int") && v.type == PY_STR &&
             parse_i64(v.v.text, 10, INT64_MIN, INT64_MAX, &r.n))
        py_set_int(x, &r, r.n);
    else if (!strcmp(name, "len") && (v.type == PY_STR || py_is_seq(&v)))
        py_set_int(x, &r, (int64_t)(py_is_seq(&v) ? v.v.n_items : strlen(v.v.text)));
    else
        return py_error(x, pos, "%s() of a %s", name, py_type_name(v.type));
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
        return py_error(x, x->pos, "os.uname(): only [4], the machine, is known here");
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
        return py_error(x, pos, "re.search() with more than a plain word");
    *ret = (struct py_value){.v = {.pos = pos}};
    py_set_bool(ret, strstr(b.v.text, a.v.text));
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
        py_set_bool(&r, *name == 'T');
    else if (strcmp(name, "None"))
        return false;
    *ret = r;
    return true;
}

static bool variable(struct py *x, const char *name, struct pos pos, struct py_value *ret)
{
    struct cfg_setting *s = cfg_find(x->c, name);
    if (!s)
        return py_error(x, pos, "'%s' has no value in this file", name);
    s->is_used = true;
    *ret = py_from_item(&s->value);
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
    return py_error(x, pos, "call of %s()", word);
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
    if (!py_is_int(i) || (a->type != PY_STR && !py_is_seq(a)) || at < 0 || (uint64_t)at >= n)
        return py_error(x, pos, "[index] of a %s, or out of its range", py_type_name(a->type));
    if (a->type != PY_STR) {
        *ret = py_from_item(&a->v.items[at]);
        return true;
    }
    struct py_value r = {.type = PY_STR, .v = {.kind = VALUE_STRING, .pos = a->v.pos}};
    r.v.text = arena_strn(&x->c->arena, a->v.text + at, 1);
    *ret = r;
    return true;
}

/* VALUE or NAME=VALUE */
static bool argument(struct py *x, struct py_value *ret, const char **ret_name)
{
    struct py ahead = *x;
    *ret_name = NULL;
    if (x->token == P_NAME) {
        const char *name = x->text;
        py_next(&ahead);
        if (py_is_op(&ahead, '=')) {
            *ret_name = name;
            *x = ahead;
            py_next(x);
        }
    }
    return py_test(x, ret);
}

enum { ARGUMENTS_MAX = 16 };

/* TEXT.format(...), the one method that is known */
static bool call_format(struct py *x, const struct py_value *text, struct py_value *ret)
{
    struct py_value values[ARGUMENTS_MAX];
    const char *names[ARGUMENTS_MAX];
    struct pos pos = x->pos;
    size_t n = 0;
    py_next(x);
    if (!py_is_name(x, "format"))
        return py_error(x, pos, "'.': a call");
    py_next(x);
    if (!expect(x, '(', "'('"))
        return false;
    while (!py_is_op(x, ')')) {
        if (n == ARGUMENTS_MAX)
            return py_error(x, x->pos, "more than %d values", ARGUMENTS_MAX);
        if (!argument(x, &values[n], &names[n]))
            return false;
        n++;
        if (py_is_op(x, ','))
            py_next(x);
        else if (!py_is_op(x, ')'))
            return py_refuse(x, "',' or ')'");
    }
    py_next(x);
    return py_format_call(x, text->v.text, values, names, n, pos, ret);
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
    if (py_is_op(x, '.') && v.type == PY_STR)
        return call_format(x, &v, ret);
    if (py_is_op(x, '.') || py_is_op(x, '('))
        return py_error(x, x->pos, "'%c': a call", x->op);
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
        if (!unary(x, &b) || !py_binary(x, OP2('*', '*'), &a, &b, pos, &a))
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
        return py_error(x, pos, "an expression nested deeper than %d", CFG_DEPTH_MAX);
    py_next(x);
    bool ok = unary(x, &v);
    x->depth--;
    if (!ok)
        return false;
    if (!py_is_int(&v) || v.n == INT64_MIN)
        return py_error(x, pos, "'%c' of a %s", op, py_type_name(v.type));
    py_set_int(x, &v, op == '-' ? -v.n : op == '~' ? ~v.n : v.n);
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
        if (!arithmetic(x, level + 1, &b) || !py_binary(x, op, &a, &b, pos, &a))
            return false;
    }
    *ret = a;
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
        ok = op <= OP_NOT_IN ? py_contains(&b, &a, &r) : py_compare(&a, &b, op, &r);
        if (!ok)
            return py_error(x, pos, "a comparison of a %s and a %s", py_type_name(a.type),
                            py_type_name(b.type));
        a = (struct py_value){.v = {.pos = a.v.pos}};
        py_set_bool(&a, op == OP_NOT_IN ? !r : r);
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
        py_set_bool(&v, !truth);
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
        return py_error(x, x->pos, "an expression nested deeper than %d", CFG_DEPTH_MAX);
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
