#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *must(void *p)
{
    if (p)
        return p;
    fputs("out of memory\n", stderr);
    abort();
}

void *mem_new(size_t n, size_t size)
{
    return must(calloc(n ? n : 1, size ? size : 1));
}

void *mem_grow(void *p, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        abort();
    return must(realloc(p, bytes ? bytes : 1));
}

char *mem_str(const char *s)
{
    return s ? must(strdup(s)) : NULL;
}

char *mem_strn(const char *s, size_t n)
{
    char *p = mem_new(n + 1, 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

void *mem_dup(const void *p, size_t n)
{
    return n ? memcpy(mem_new(n, 1), p, n) : NULL;
}

char *mem_printf(const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&s, fmt, ap);
    va_end(ap);
    return n < 0 ? must(NULL) : s;
}
