/* The constant subset of Python 2 that xm files use. Nothing is executed: assignments of texts,
 * numbers, lists, tuples, None, True, False and of expressions of them (+ - * / // % **
 * comparisons, and or not, x if y else z, [index], "text %d" % values, str() int() len()) with
 * names assigned further up; `if` with such a condition; imports are ignored. os.uname()[4] and
 * platform.machine() are x86_64 (with a warning) and re.search() takes plain words: enough for the
 * arch_libdir lines of the shipped examples. All else is refused, with its place. Here: what the
 * lexer (py_lex.c), the expressions (py_expr.c) and the statements (py.c) share. */
#pragma once
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

/* py_expr.c. Each says what is wrong and returns false. */
bool py_test(struct py *x, struct py_value *ret);      /* one expression */
bool py_test_list(struct py *x, struct py_value *ret); /* a, b is a tuple */
bool py_is_true(const struct py_value *v);
bool py_add(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
            struct py_value *ret);
/* "'FOUND': EXPECTED" at the current token; always false. */
bool py_refuse(struct py *x, const char *expected);
