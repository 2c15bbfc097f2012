/* What a configuration file says before anybody knows what it means: texts, numbers and lists, each
 * with its place. The readers of xl, xm and S-expressions hand these to the rows (row.h). Texts are
 * borrowed from the reader. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct pos { /* from 1; 0 where unknown */
    int line, col;
};

enum value_kind {
    VALUE_NONE,   /* the key without a value; Python's None */
    VALUE_STRING, /* was quoted, or is a word */
    VALUE_NUMBER, /* as written: "010", "0x10", "-1" */
    VALUE_LIST,
};

struct value {
    enum value_kind kind;
    const char *text;    /* of a string or a number */
    struct value *items; /* of a list */
    size_t n_items;
    struct pos pos;
};
