/* The constant subset of Python 2 that xm files use. Nothing is executed: assignments of texts,
 * numbers, lists, tuples, None, True, False and of expressions of them (+ - * / // % **
 * comparisons, and or not, x if y else z, [index], "text %d" % values, str() int() len()) with
 * names assigned further up; `if` with such a condition; imports are ignored. os.uname()[4] and
 * platform.machine() are x86_64 (with a warning) and re.search() takes plain words: enough for the
 * arch_libdir lines of the shipped examples. All else is refused, with its place. Here: what the
 * lexer (py_lex.c), the values (py_value.c, py_ops.c, py_format.c), the expressions (py_expr.c) and
 * the statements (py.c) share. */
#pragma once
#include "base/str.h"
#include "conf/cfg.h"

enum py_token {
    P_END,
    P_NEWLINE,
    P_NAME,
    P_INT,
    P_FLOAT,
    P_STRING,
    P_OP,
    P_BAD, /* said already */
};

enum py_type { PY_STR, PY_INT, PY_BOOL, PY_FLOAT, PY_NONE, PY_LIST, PY_TUPLE, PY_BROKEN };

struct py_value {
    enum py_type type;
    int64_t n;      /* PY_INT, PY_BOOL */
    struct value v; /* as the tables will see it; of all but PY_BROKEN */
};

struct py {
    struct cfg *c;
    const char *p, *end, *line_start;
    int line;
    int brackets;     /* open ones: newlines do not count inside */
    bool is_at_start; /* of a logical line */
    int depth;        /* of expressions */
    size_t computed;  /* bytes of texts made by operators */
    /* the current token */
    enum py_token token;
    const char *from;
    struct pos pos;
    int indent;       /* of the logical line that it stands on */
    const char *text; /* P_NAME, P_INT (decimal), P_FLOAT, P_STRING: in the arena */
    int op;           /* P_OP: its character, or OP2 */
};
#define OP2(a, b) ((a) << 8 | (b))

/* py_lex.c */
void py_next(struct py *x);
bool py_is_op(const struct py *x, int op);
bool py_is_name(const struct py *x, const char *name);

/* py_value.c */
bool py_refuse(struct py *x, const char *expected); /* "'FOUND': EXPECTED" here; always false */
__attribute__((format(printf, 3, 4))) bool py_error(struct py *x, struct pos pos, const char *fmt,
                                                    ...); /* always false */
const char *py_type_name(enum py_type type);
void py_set_int(struct py *x, struct py_value *r, int64_t n);
void py_set_bool(struct py_value *r, bool b);
/* Takes over s. */
bool py_set_text(struct py *x, struct py_value *r, struct str *s, struct pos pos);
bool py_is_true(const struct py_value *v);
bool py_is_int(const struct py_value *v);
bool py_is_seq(const struct py_value *v);
bool py_add_text(struct str *s, const struct py_value *v); /* as str() has it */
struct py_value py_from_item(const struct value *v);

/* py_ops.c, py_format.c, py_expr.c. Each says what is wrong and returns false. */
bool py_add(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
            struct py_value *ret);
bool py_binary(struct py *x, int op, const struct py_value *a, const struct py_value *b,
               struct pos pos, struct py_value *ret);
/* These two say nothing: false where there is no answer. */
bool py_compare(const struct py_value *a, const struct py_value *b, int op, bool *ret);
bool py_contains(const struct py_value *list, const struct py_value *v, bool *ret);
bool py_format(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
               struct py_value *ret); /* a % b */
/* a.format(...): n values, named where names[i] is not NULL. */
bool py_format_call(struct py *x, const char *pattern, const struct py_value *values,
                    const char *const *names, size_t n, struct pos pos, struct py_value *ret);
bool py_test(struct py *x, struct py_value *ret);      /* one expression */
bool py_test_list(struct py *x, struct py_value *ret); /* a, b is a tuple */
