/* Strings: a growing buffer, comparisons that accept NULL, and numbers from text with every check.
 */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

/* Zero is empty. `p` is NULL or NUL-terminated. */
struct str {
    char *p;
    size_t len, cap;
};

void str_clear(struct str *s); /* frees */
void str_add(struct str *s, const char *text);
/* n bytes more at the end, for the caller to fill. */
char *str_grow(struct str *s, size_t n);
void str_addn(struct str *s, const char *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addi(struct str *s, int64_t n, unsigned base); /* 10 or 16; much faster than str_addf */
__attribute__((format(printf, 2, 3))) void str_addf(struct str *s, const char *fmt, ...);
void str_cut(struct str *s, size_t len); /* shortens to len bytes */
char *str_take(struct str *s); /* the text, never NULL; caller frees with free; s is empty after */
const char *str_get(const struct str *s); /* the text, never NULL; borrowed until s changes */
#define CLEANUP_STR CLEANUP(str_clear)

bool str_eq(const char *a, const char *b); /* NULL equals NULL only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* The whole text fits the pattern; '*' is any text, '?' any one byte, nothing else is special. */
bool str_glob(const char *pattern, const char *text);
bool str_empty(const char *s);             /* NULL or "" */
void str_set(char **dst, const char *src); /* frees the old, copies the new (NULL allowed) */

/* The whole text must be a number in the base (0: C's prefixes) within min..max; no blanks, no sign
 * for the unsigned. */
bool parse_u64(const char *s, int base, uint64_t max, uint64_t *ret);
bool parse_i64(const char *s, int base, int64_t min, int64_t max, int64_t *ret);
bool parse_u32(const char *s, int base, uint32_t max, uint32_t *ret);
int hex_digit(char c);                         /* 0 to 15, or -1 */
bool parse_double(const char *s, double *ret); /* C locale, finite */
