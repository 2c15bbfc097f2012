/* Operators on constants. */
#include <string.h>

#include "base/str.h"
#include "conf/py.h"

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
    if (a->type == b->type && py_is_seq(a))
        return join_lists(x, a, b, ret);
    if (a->type == PY_STR && b->type == PY_STR) {
        str_add(&s, a->v.text);
        str_add(&s, b->v.text);
        if (!py_set_text(x, &r, &s, pos))
            return false;
    } else if (py_is_int(a) && py_is_int(b) && !__builtin_add_overflow(a->n, b->n, &n))
        py_set_int(x, &r, n);
    else
        return py_error(x, pos, "'+' of a %s and a %s", py_type_name(a->type),
                        py_type_name(b->type));
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
        return py_error(x, pos, "a text gets longer than %d bytes", CFG_TEXT_MAX);
    while (len && n--)
        str_add(&s, a->v.text);
    if (!py_set_text(x, &r, &s, pos))
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

bool py_binary(struct py *x, int op, const struct py_value *a, const struct py_value *b,
               struct pos pos, struct py_value *ret)
{
    int64_t n;
    if (op == '+')
        return py_add(x, a, b, pos, ret);
    if (op == '%' && a->type == PY_STR)
        return py_format(x, a, b, pos, ret);
    if (op == '*' && a->type == PY_STR && py_is_int(b))
        return repeat(x, a, b->n, pos, ret);
    if (op == '*' && b->type == PY_STR && py_is_int(a))
        return repeat(x, b, a->n, pos, ret);
    if (py_is_int(a) && py_is_int(b) && int_op(op, a->n, b->n, &n)) {
        struct py_value r = {.v = {.pos = a->v.pos}};
        py_set_int(x, &r, n);
        *ret = r;
        return true;
    }
    return py_error(x, pos, "'%c' of a %s and a %s gives no constant", op & 0xff,
                    py_type_name(a->type), py_type_name(b->type));
}

/* ---- comparisons ---- */
bool py_compare(const struct py_value *a, const struct py_value *b, int op, bool *ret)
{
    int order;
    if (py_is_int(a) && py_is_int(b))
        order = (a->n > b->n) - (a->n < b->n);
    else if (a->type == PY_STR && b->type == PY_STR)
        order = strcmp(a->v.text, b->v.text);
    else if (op == OP2('=', '=') && a->type == PY_NONE && b->type == PY_NONE)
        order = 0;
    else if ((op == OP2('=', '=') || op == OP2('!', '=') || op == OP2('<', '>')) && !py_is_seq(a) &&
             !py_is_seq(b) && a->type != PY_FLOAT && b->type != PY_FLOAT)
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

bool py_contains(const struct py_value *list, const struct py_value *v, bool *ret)
{
    if (list->type == PY_STR && v->type == PY_STR) {
        *ret = strstr(list->v.text, v->v.text);
        return true;
    }
    if (!py_is_seq(list))
        return false;
    *ret = false;
    for (size_t i = 0; i < list->v.n_items && !*ret; i++) {
        struct py_value item = py_from_item(&list->v.items[i]);
        if (!py_compare(&item, v, OP2('=', '='), ret))
            return false;
    }
    return true;
}
