/* S-expressions as xend printed them and libvirt wrote them: a tree of texts with positions.
 * A list has items; everything else is a text, there are no numbers. The document owns its tree. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum {
    SXP_INPUT_MAX = 4 << 20, /* bytes of one document */
    SXP_DEPTH_MAX = 64,      /* lists within lists; xend printed 7 at most */
    SXP_NODES_MAX = 200000,  /* texts and lists of one document */
    SXP_TEXT_MAX = 64 << 10, /* bytes of one text */
};

struct sxp {
    char *text; /* NULL for a list */
    struct sxp *items;
    size_t n_items;
    int line, col; /* of its first character, from 1 */
    bool is_used;  /* free for the reader of the tree: what it has converted */
};

/* A stream of expressions. Two slips that libvirt let pass, and that files in the field have, are
 * let pass here too and told by position: lists still open at the end of the input, and closing
 * brackets after the last expression. 0 means none. */
struct sxp_doc {
    struct sxp *items;
    size_t n_items;
    int unclosed_line, unclosed_col; /* the innermost list that was not closed */
    int stray_line, stray_col;       /* the first closing bracket too many */
    bool has_bom;                    /* a byte order mark in front, which xend takes for a text */
};

/* Whole input or an error with line and column; caller clears with sxp_clear. */
int sxp_parse(const char *text, size_t len, struct sxp_doc *ret, struct err *e);
void sxp_clear(struct sxp_doc *doc);

bool sxp_is(const struct sxp *s, const char *key); /* a list that starts with the text `key` */

/* The first list named by each part of a path below s, such as "image/hvm/boot"; NULL when there is
 * none. Borrowed. */
struct sxp *sxp_find(const struct sxp *s, const char *path);

/* The text after the key; NULL when there is none or it is a list. Borrowed. */
const char *sxp_value(const struct sxp *s);

/* Writing: (key 'value'), with \ and ' protected, which both libvirt's and xend's readers take. */
void sxp_put_text(struct str *out, const char *key, const char *value);
/* (key value), quoted only where a bare word would be read differently. */
void sxp_put_word(struct str *out, const char *key, const char *value);
void sxp_put_number(struct str *out, const char *key, long long value);
void sxp_add_word(struct str *out, const char *word);
