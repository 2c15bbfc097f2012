/* Memory that is freed all at once: what a parser builds lives exactly as long as its document.
 * Owner: the document. Any thread, one at a time. */
#pragma once
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks; /* newest first */
    char *at, *end;
    size_t total; /* bytes taken from the heap so far */
};

void *arena_new(struct arena *a, size_t bytes); /* zeroed, aligned for pointers; never NULL */
char *arena_strn(struct arena *a, const char *s, size_t n); /* copy with a NUL */
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *fmt, ...);
void arena_clear(struct arena *a); /* frees everything */
