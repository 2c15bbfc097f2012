/* A growing array by its two members: `struct x *items; size_t n_items;`. Capacity is the next
 * power of two of the count, so no third member is kept: VEC_PUSH on a count that is a power of two
 * (or zero) makes room. */
#pragma once
#include "mem.h"

static inline void *vec_room(void *p, size_t n, size_t size)
{
    if (n && (n & (n - 1)))
        return p; /* between powers of two there is room */
    return mem_grow(p, n ? n * 2 : 1, size);
}

/* Appends a copy of `value`; an lvalue pair (p, n). */
#define VEC_PUSH(p, n, value) ((p) = vec_room((p), (n), sizeof(*(p))), (p)[(n)++] = (value))

/* Removes item i, keeping the order. */
#define VEC_REMOVE(p, n, i) (memmove((p) + (i), (p) + (i) + 1, ((n) - (i)-1) * sizeof(*(p))), (n)--)
