#include "wire_values.h"

#include <string.h>

static uint64_t roll(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static size_t element_size(const struct wire_field *f)
{
    switch ((enum wire_kind)f->kind) {
    case WIRE_K_STRUCT:
        return f->type->size;
    case WIRE_K_STRING:
        return sizeof(char *);
    case WIRE_K_HYPER:
    case WIRE_K_UHYPER:
    case WIRE_K_DOUBLE:
        return 8;
    case WIRE_K_CHAR:
    case WIRE_K_UCHAR:
    case WIRE_K_OPAQUE:
        return 1;
    case WIRE_K_USHORT:
        return 2;
    case WIRE_K_INT:
    case WIRE_K_UINT:
    case WIRE_K_ENUM:
        return 4;
    }
    return 0;
}

static char *random_text(uint64_t *seed)
{
    size_t n = roll(seed) % 24;
    char *s = mem_new(n + 1, 1);
    for (size_t i = 0; i < n; i++)
        s[i] = (char)(roll(seed) % 255 + 1);
    return s;
}

static void random_one(const struct wire_field *f, void *dst, uint64_t *seed)
{
    uint64_t v = roll(seed);
    double d = (double)(int64_t)v / 3;
    int member;
    if (f->kind == WIRE_K_STRUCT) {
        wire_random(f->type, dst, seed);
    } else if (f->kind == WIRE_K_STRING) {
        *(char **)dst = random_text(seed);
    } else if (f->kind == WIRE_K_DOUBLE) {
        memcpy(dst, &d, sizeof(d));
    } else if (f->kind == WIRE_K_ENUM) {
        member = f->type->fields[v % f->type->n_fields].tag;
        memcpy(dst, &member, sizeof(member));
    } else {
        memcpy(dst, &v, element_size(f));
    }
}

static void random_array(const struct wire_field *f, char *base, uint64_t *seed)
{
    size_t n = roll(seed) % 6, size = element_size(f);
    if (!n)
        return;
    char *p = mem_new(n, size);
    for (size_t i = 0; i < n; i++)
        random_one(f, p + i * size, seed);
    *(void **)(base + f->offset) = p;
    *(size_t *)(base + f->n_offset) = n;
}

static void random_field(const struct wire_field *f, char *base, uint64_t *seed)
{
    char *at = base + f->offset;
    switch ((enum wire_shape)f->shape) {
    case WIRE_S_ONE:
        random_one(f, at, seed);
        break;
    case WIRE_S_FIXED:
        for (size_t i = 0; i < f->max; i++)
            random_one(f, at + i * element_size(f), seed);
        break;
    case WIRE_S_ARRAY:
        random_array(f, base, seed);
        break;
    case WIRE_S_OPTIONAL:
        if (!(roll(seed) & 1))
            break;
        if (f->kind == WIRE_K_STRING) {
            *(char **)at = random_text(seed);
        } else {
            *(void **)at = mem_new(1, element_size(f));
            random_one(f, *(void **)at, seed);
        }
        break;
    }
}

void wire_random(const struct wire_type *t, void *ret, uint64_t *seed)
{
    memset(ret, 0, t->size);
    if (t->is_union) {
        const struct wire_field *arm = &t->fields[roll(seed) % t->n_fields];
        *(int *)ret = arm->tag;
        random_field(arm, ret, seed);
        return;
    }
    for (size_t i = 0; i < t->n_fields; i++)
        random_field(&t->fields[i], ret, seed);
}

static void word(struct str *out, uint32_t v)
{
    char b[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
    str_addn(out, b, 4);
}

static void fill(struct str *out, char c, size_t n)
{
    char block[4096];
    memset(block, c, n < sizeof(block) ? n : sizeof(block));
    for (; n > sizeof(block); n -= sizeof(block))
        str_addn(out, block, sizeof(block));
    str_addn(out, block, n);
}

static void smallest_one(const struct wire_field *f, struct str *out)
{
    if (f->kind == WIRE_K_STRUCT)
        wire_smallest(f->type, NULL, 0, true, out);
    else if (f->kind == WIRE_K_ENUM)
        word(out, (uint32_t)f->type->fields[0].tag);
    else
        fill(out, 0, f->least);
}

static void long_field(const struct wire_field *f, uint32_t length, bool content, struct str *out)
{
    if (f->shape == WIRE_S_OPTIONAL)
        word(out, 1);
    word(out, length);
    if (!content)
        return;
    if (f->kind == WIRE_K_OPAQUE || (f->kind == WIRE_K_STRING && f->shape != WIRE_S_ARRAY)) {
        fill(out, 'a', length);
        fill(out, 0, -length & 3);
        return;
    }
    for (uint32_t i = 0; i < length; i++)
        smallest_one(f, out);
}

static void smallest_field(const struct wire_field *f, struct str *out)
{
    if (f->shape == WIRE_S_OPTIONAL || f->shape == WIRE_S_ARRAY)
        word(out, 0);
    else if (f->shape == WIRE_S_FIXED && f->kind == WIRE_K_OPAQUE)
        fill(out, 0, (f->max + 3) & ~3u);
    else
        for (uint32_t i = 0; i < (f->shape == WIRE_S_FIXED ? f->max : 1); i++)
            smallest_one(f, out);
}

void wire_smallest(const struct wire_type *t, const struct wire_field *field, uint32_t length,
                   bool content, struct str *out)
{
    size_t n = t->is_union ? 1 : t->n_fields, start = out->len;
    const struct wire_field *fields = t->is_union && field ? field : t->fields;
    if (t->is_union)
        word(out, (uint32_t)fields[0].tag);
    for (size_t i = 0; i < n; i++) {
        if (&fields[i] != field) {
            smallest_field(&fields[i], out);
            continue;
        }
        long_field(field, length, content, out);
        if (!content) {
            fill(out, 0, out->len - start < t->least ? t->least - (out->len - start) : 0);
            return;
        }
    }
}
