#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { ARENA_BLOCK = 8192, ARENA_ALIGN = sizeof(void *) };

struct arena_block {
    struct arena_block *next;
    char data[];
};

static void arena_grow(struct arena *a, size_t bytes)
{
    size_t size = ARENA_BLOCK;
    while (size < bytes && size < SIZE_MAX / 4)
        size *= 2;
    if (a->total > size)
        size = a->total; /* doubles, so a large document needs few blocks */
    struct arena_block *b = mem_new(1, sizeof(*b) + size);
    b->next = a->blocks;
    a->blocks = b;
    a->at = b->data;
    a->end = b->data + size;
    a->total += size;
}

void *arena_new(struct arena *a, size_t bytes)
{
    size_t need = (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (!a->at || (size_t)(a->end - a->at) < need)
        arena_grow(a, need);
    void *p = a->at;
    a->at += need;
    return p;
}

char *arena_strn(struct arena *a, const char *s, size_t n)
{
    char *p = arena_new(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    size_t size = n < 0 ? 1 : (size_t)n + 1;
    char *p = arena_new(a, size);
    vsnprintf(p, size, fmt, again);
    va_end(again);
    return p;
}

void arena_clear(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){0};
}
