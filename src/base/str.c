#include "str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "unbanned.h"

static void str_room(struct str *s, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(s->len, more + 1, &need))
        abort();
    if (need <= s->cap)
        return;
    size_t cap = s->cap ? s->cap : 64;
    while (cap < need)
        cap *= 2;
    s->p = mem_grow(s->p, cap, 1);
    s->cap = cap;
}

void str_clear(struct str *s)
{
    free(s->p);
    *s = (struct str){0};
}

char *str_grow(struct str *s, size_t n)
{
    str_room(s, n);
    char *p = s->p + s->len;
    s->len += n;
    s->p[s->len] = 0;
    return p;
}

void str_addn(struct str *s, const char *bytes, size_t n)
{
    char *p = str_grow(s, n);
    if (n)
        memcpy(p, bytes, n);
}

void str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
    if (s->len + 1 < s->cap) {
        s->p[s->len++] = c;
        s->p[s->len] = 0;
        return;
    }
    str_addn(s, &c, 1);
}

void str_addi(struct str *s, int64_t n, unsigned base)
{
    char digits[24], *p = digits + sizeof(digits);
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        *--p = "0123456789abcdef"[left % base];
    while (left /= base);
    if (n < 0)
        *--p = '-';
    str_addn(s, p, (size_t)(digits + sizeof(digits) - p));
}

void str_addf(struct str *s, const char *fmt, ...)
{
    char small[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    if ((size_t)n < sizeof(small)) {
        str_addn(s, small, (size_t)n);
        return;
    }
    str_room(s, (size_t)n);
    va_start(ap, fmt);
    vsnprintf(s->p + s->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    s->len += (size_t)n;
}

void str_cut(struct str *s, size_t len)
{
    if (len >= s->len)
        return;
    s->len = len;
    s->p[len] = 0;
}

char *str_take(struct str *s)
{
    char *p = s->p ? s->p : mem_str("");
    *s = (struct str){0};
    return p;
}

const char *str_get(const struct str *s)
{
    return s->p ? s->p : "";
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

bool str_starts(const char *s, const char *prefix)
{
    return s && !strncmp(s, prefix, strlen(prefix));
}

bool str_ends(const char *s, const char *suffix)
{
    if (!s)
        return false;
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && !memcmp(s + n - m, suffix, m);
}

bool str_empty(const char *s)
{
    return !s || !*s;
}

void str_set(char **dst, const char *src)
{
    char *copy = mem_str(src);
    free(*dst);
    *dst = copy;
}

bool parse_u64(const char *s, int base, uint64_t max, uint64_t *ret)
{
    if (!s || !isalnum((unsigned char)*s))
        return false;
    char *end;
    errno = 0;
    unsigned long long v = strtoull(s, &end, base);
    if (errno || *end || v > max)
        return false;
    *ret = v;
    return true;
}

bool parse_i64(const char *s, int base, int64_t min, int64_t max, int64_t *ret)
{
    if (!s ||
        !(isalnum((unsigned char)*s) || ((*s == '-' || *s == '+') && isalnum((unsigned char)s[1]))))
        return false;
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, base);
    if (errno || *end || v < min || v > max)
        return false;
    *ret = v;
    return true;
}

bool parse_u32(const char *s, int base, uint32_t max, uint32_t *ret)
{
    uint64_t v;
    if (!parse_u64(s, base, max, &v))
        return false;
    *ret = (uint32_t)v;
    return true;
}

bool parse_double(const char *s, double *ret)
{
    if (!s || !(isdigit((unsigned char)*s) || *s == '-' || *s == '.'))
        return false;
    char *end;
    errno = 0;
    double v = strtod(s, &end);
    if (errno || *end || !isfinite(v))
        return false;
    *ret = v;
    return true;
}

/* After a mismatch only the last '*' can be stretched, so this takes no more than n * m steps. */
bool str_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (*pattern && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
