/* Values of any wire type, made from its table: random ones, and the bytes of the smallest one. */
#pragma once
#include "base/str.h"
#include "wire/wire.h"

/* Fills *ret (t->size bytes, caller clears with wire_clear); *seed moves on. Counts and lengths
 * stay below 6 and 24. */
void wire_random(const struct wire_type *t, void *ret, uint64_t *seed);

/* Appends the smallest value, but with `field` (of t itself; may be NULL) as long as `length`: a
 * string's bytes, an array's elements. `content` false leaves out everything behind its length
 * word. */
void wire_smallest(const struct wire_type *t, const struct wire_field *field, uint32_t length,
                   bool content, struct str *out);
