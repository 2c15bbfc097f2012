/* Memory. Sizes that come from outside are bounded by their reader before they get here; what
 * remains is small, and running out of it ends the program (abort) with a line on stderr: every
 * state that matters is on disk or in Xen. */
#pragma once
#include <stdlib.h>

void *mem_new(size_t n, size_t size); /* zeroed array; never NULL; caller frees with free */
void *mem_grow(void *p, size_t n, size_t size); /* realloc with overflow check; never NULL */
char *mem_str(const char *s);                   /* copy; NULL stays NULL; caller frees with free */
char *mem_strn(const char *s, size_t n);        /* copy of n bytes with a NUL */
void *mem_dup(const void *p, size_t n);         /* copy of n bytes; NULL for n == 0 */
__attribute__((format(printf, 1, 2))) char *mem_printf(const char *fmt, ...);

#define NEW(type) ((type *)mem_new(1, sizeof(type)))

static inline void free_ptr(void *p)
{
    free(*(void **)p);
}
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define CLEANUP_FREE CLEANUP(free_ptr)

/* Gives away a local: returns its value and leaves NULL behind, so that its cleanup does nothing.
 */
#define take(p) \
    __extension__({ \
        __typeof__(p) take_ = (p); \
        (p) = NULL; \
        take_; \
    })
