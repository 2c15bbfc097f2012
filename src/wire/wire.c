#include "wire/wire.h"

#include <assert.h>
#include <string.h>

#include "wire/remote.h"

/* gen_wire.py refuses deeper nesting than this, so recursion needs no counter. */

struct reader {
    const uint8_t *p;
    size_t left;
    struct err *e;
};

static const size_t scalar_size[] = {
    [WIRE_K_INT] = sizeof(int),
    [WIRE_K_UINT] = sizeof(uint32_t),
    [WIRE_K_HYPER] = sizeof(int64_t),
    [WIRE_K_UHYPER] = sizeof(uint64_t),
    [WIRE_K_DOUBLE] = sizeof(double),
    [WIRE_K_CHAR] = 1,
    [WIRE_K_UCHAR] = 1,
    [WIRE_K_USHORT] = sizeof(unsigned short),
    [WIRE_K_ENUM] = sizeof(int),
    [WIRE_K_STRING] = sizeof(char *),
    [WIRE_K_OPAQUE] = 1,
};

static size_t element_size(const struct wire_field *f)
{
    return f->kind == WIRE_K_STRUCT ? f->type->size : scalar_size[f->kind];
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

static int bad(struct err *e, const char *field, const char *what)
{
    fail(e, ERR_RPC, "bad message: '%s' %s", field, what);
    if (e)
        e->domain = ERR_FROM_RPC;
    return -1;
}

static uint32_t load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int get_u32(struct reader *r, const struct wire_field *f, uint32_t *ret)
{
    if (r->left < 4)
        return bad(r->e, f->name, "ends early");
    *ret = load_u32(r->p);
    r->p += 4;
    r->left -= 4;
    return 0;
}

static int get_u64(struct reader *r, const struct wire_field *f, void *ret)
{
    if (r->left < 8)
        return bad(r->e, f->name, "ends early");
    uint64_t v = (uint64_t)load_u32(r->p) << 32 | load_u32(r->p + 4);
    memcpy(ret, &v, sizeof(v));
    r->p += 8;
    r->left -= 8;
    return 0;
}

static bool enum_has(const struct wire_type *t, int v)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].tag == v)
            return true;
    return false;
}

/* char: peers send 128..255 signed or unsigned, by their processor. */
static int store_small(struct reader *r, const struct wire_field *f, int32_t v, void *dst)
{
    static const int32_t from[] = {[WIRE_K_CHAR] = -128, [WIRE_K_UCHAR] = 0, [WIRE_K_USHORT] = 0};
    static const int32_t to[] = {
        [WIRE_K_CHAR] = 255, [WIRE_K_UCHAR] = 255, [WIRE_K_USHORT] = 65535};
    if (v < from[f->kind] || v > to[f->kind])
        return bad(r->e, f->name, "does not fit its type");
    if (f->kind == WIRE_K_USHORT)
        *(unsigned short *)dst = (unsigned short)v;
    else
        *(uint8_t *)dst = (uint8_t)v;
    return 0;
}

static int get_string(struct reader *r, const struct wire_field *f, uint32_t max, char **ret)
{
    uint32_t n;
    if (get_u32(r, f, &n))
        return -1;
    if (n > max)
        return bad(r->e, f->name, "is over its limit");
    if (padded(n) > r->left)
        return bad(r->e, f->name, "ends early");
    if (memchr(r->p, 0, n))
        return bad(r->e, f->name, "has a NUL inside");
    *ret = mem_strn((const char *)r->p, n);
    r->p += padded(n);
    r->left -= padded(n);
    return 0;
}

static int get_type(struct reader *r, const struct wire_type *t, void *dst);

static uint32_t string_max(const struct wire_field *f)
{
    return f->shape == WIRE_S_ARRAY ? WIRE_STRING_MAX : f->max;
}

static int get_one(struct reader *r, const struct wire_field *f, void *dst)
{
    uint32_t v;
    switch ((enum wire_kind)f->kind) {
    case WIRE_K_HYPER:
    case WIRE_K_UHYPER:
    case WIRE_K_DOUBLE:
        return get_u64(r, f, dst);
    case WIRE_K_STRING:
        return get_string(r, f, string_max(f), dst);
    case WIRE_K_STRUCT:
        return get_type(r, f->type, dst);
    case WIRE_K_OPAQUE: /* has a shape of its own */
        return 0;
    case WIRE_K_INT:
    case WIRE_K_UINT:
    case WIRE_K_CHAR:
    case WIRE_K_UCHAR:
    case WIRE_K_USHORT:
    case WIRE_K_ENUM:
        break;
    }
    if (get_u32(r, f, &v))
        return -1;
    if (f->kind == WIRE_K_CHAR || f->kind == WIRE_K_UCHAR || f->kind == WIRE_K_USHORT)
        return store_small(r, f, (int32_t)v, dst);
    if (f->kind == WIRE_K_ENUM && !enum_has(f->type, (int)v))
        return bad(r->e, f->name, "has an unknown value");
    memcpy(dst, &v, sizeof(v));
    return 0;
}

static int get_elements(struct reader *r, const struct wire_field *f, char *dst, size_t n)
{
    if (f->kind == WIRE_K_OPAQUE) {
        if (padded(n) > r->left)
            return bad(r->e, f->name, "ends early");
        if (n)
            memcpy(dst, r->p, n);
        r->p += padded(n);
        r->left -= padded(n);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if (get_one(r, f, dst + i * element_size(f)))
            return -1;
    return 0;
}

/* A count is checked against its limit and against the bytes that are left before anything is
 * allocated for it. */
static int get_array(struct reader *r, const struct wire_field *f, char *base)
{
    uint32_t n;
    if (get_u32(r, f, &n))
        return -1;
    if (n > f->max)
        return bad(r->e, f->name, "is over its limit");
    size_t least = f->kind == WIRE_K_OPAQUE ? 1 : f->least;
    if (n > r->left / least)
        return bad(r->e, f->name, "ends early");
    if (!n)
        return 0;
    size_t room = 1;
    while (room < n + 1)
        room *= 2;
    char *p = mem_new(room, element_size(f));
    *(void **)(base + f->offset) = p;
    *(size_t *)(base + f->n_offset) = n;
    return get_elements(r, f, p, n);
}

static int get_optional(struct reader *r, const struct wire_field *f, void **dst)
{
    uint32_t there;
    if (get_u32(r, f, &there))
        return -1;
    if (there > 1)
        return bad(r->e, f->name, "is neither present nor absent");
    if (!there)
        return 0;
    if (f->kind == WIRE_K_STRING)
        return get_one(r, f, dst);
    *dst = mem_new(1, element_size(f));
    return get_one(r, f, *dst);
}

static int get_field(struct reader *r, const struct wire_field *f, char *base)
{
    switch ((enum wire_shape)f->shape) {
    case WIRE_S_ONE:
        return get_one(r, f, base + f->offset);
    case WIRE_S_OPTIONAL:
        return get_optional(r, f, (void **)(base + f->offset));
    case WIRE_S_ARRAY:
        return get_array(r, f, base);
    case WIRE_S_FIXED:
        return get_elements(r, f, base + f->offset, f->max);
    }
    return -1;
}

static const struct wire_field *union_arm(const struct wire_type *t, int tag)
{
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i].tag == tag)
            return &t->fields[i];
    return NULL;
}

static int get_union(struct reader *r, const struct wire_type *t, char *dst)
{
    uint32_t tag;
    if (get_u32(r, &t->fields[0], &tag))
        return -1;
    const struct wire_field *arm = union_arm(t, (int)tag);
    if (!arm)
        return bad(r->e, t->name, "has an unknown type");
    *(int *)dst = (int)tag;
    return get_field(r, arm, dst);
}

static int get_type(struct reader *r, const struct wire_type *t, void *dst)
{
    if (r->left < t->least)
        return bad(r->e, t->name, "ends early");
    if (t->is_union)
        return get_union(r, t, dst);
    for (size_t i = 0; i < t->n_fields; i++)
        if (get_field(r, &t->fields[i], dst))
            return -1;
    return 0;
}

int wire_decode(const struct wire_type *t, const void *bytes, size_t len, void *ret, struct err *e)
{
    if (!t)
        return 0;
    memset(ret, 0, t->size);
    struct reader r = {bytes, len, e};
    if (!get_type(&r, t, ret))
        return 0;
    wire_clear(t, ret);
    return -1;
}

static void store_u32(char *p, uint32_t v)
{
    p[0] = (char)(v >> 24);
    p[1] = (char)(v >> 16);
    p[2] = (char)(v >> 8);
    p[3] = (char)v;
}

static void put_u32(struct str *out, uint32_t v)
{
    store_u32(str_grow(out, 4), v);
}

static void put_u64(struct str *out, const void *src)
{
    uint64_t v;
    memcpy(&v, src, sizeof(v));
    char *p = str_grow(out, 8);
    store_u32(p, (uint32_t)(v >> 32));
    store_u32(p + 4, (uint32_t)v);
}

static void put_bytes(struct str *out, const void *bytes, size_t n)
{
    char *p = str_grow(out, padded(n));
    if (n)
        memcpy(p, bytes, n);
    memset(p + n, 0, padded(n) - n);
}

static int put_string(struct str *out, const struct wire_field *f, const char *s, struct err *e)
{
    size_t n = s ? strlen(s) : 0;
    if (n > string_max(f))
        return bad(e, f->name, "is over its limit");
    put_u32(out, (uint32_t)n);
    put_bytes(out, s, n);
    return 0;
}

static int put_type(struct str *out, const struct wire_type *t, const void *src, struct err *e);

static int put_one(struct str *out, const struct wire_field *f, const void *src, struct err *e)
{
    switch ((enum wire_kind)f->kind) {
    case WIRE_K_INT:
    case WIRE_K_UINT:
    case WIRE_K_ENUM:
        put_u32(out, *(const uint32_t *)src);
        return 0;
    case WIRE_K_HYPER:
    case WIRE_K_UHYPER:
    case WIRE_K_DOUBLE:
        put_u64(out, src);
        return 0;
    case WIRE_K_CHAR:
        put_u32(out, (uint32_t)(int32_t) * (const signed char *)src);
        return 0;
    case WIRE_K_UCHAR:
        put_u32(out, *(const uint8_t *)src);
        return 0;
    case WIRE_K_USHORT:
        put_u32(out, *(const unsigned short *)src);
        return 0;
    case WIRE_K_STRING:
        return put_string(out, f, *(char *const *)src, e);
    case WIRE_K_STRUCT:
        return put_type(out, f->type, src, e);
    case WIRE_K_OPAQUE:
        break;
    }
    return 0;
}

static int put_elements(struct str *out, const struct wire_field *f, const char *src, size_t n,
                        struct err *e)
{
    if (f->kind == WIRE_K_OPAQUE) {
        put_bytes(out, src, n);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if (put_one(out, f, src + i * element_size(f), e))
            return -1;
    return 0;
}

static int put_field(struct str *out, const struct wire_field *f, const char *base, struct err *e)
{
    const char *at = base + f->offset;
    void *p;
    size_t n;
    switch ((enum wire_shape)f->shape) {
    case WIRE_S_ONE:
        return put_one(out, f, at, e);
    case WIRE_S_FIXED:
        return put_elements(out, f, at, f->max, e);
    case WIRE_S_OPTIONAL:
        memcpy(&p, at, sizeof(p));
        put_u32(out, p != NULL);
        return p ? put_one(out, f, f->kind == WIRE_K_STRING ? at : p, e) : 0;
    case WIRE_S_ARRAY:
        memcpy(&p, at, sizeof(p));
        memcpy(&n, base + f->n_offset, sizeof(n));
        if (n > f->max)
            return bad(e, f->name, "is over its limit");
        put_u32(out, (uint32_t)n);
        return put_elements(out, f, p, n, e);
    }
    return -1;
}

static int put_type(struct str *out, const struct wire_type *t, const void *src, struct err *e)
{
    if (t->is_union) {
        int tag = *(const int *)src;
        const struct wire_field *arm = union_arm(t, tag);
        if (!arm)
            return bad(e, t->name, "has an unknown type");
        put_u32(out, (uint32_t)tag);
        return put_field(out, arm, src, e);
    }
    for (size_t i = 0; i < t->n_fields; i++)
        if (put_field(out, &t->fields[i], src, e))
            return -1;
    return 0;
}

int wire_encode(const struct wire_type *t, const void *value, struct str *out, struct err *e)
{
    size_t start = out->len;
    if (!t || !put_type(out, t, value, e))
        return 0;
    str_cut(out, start);
    return -1;
}

size_t wire_list_begin(struct str *out)
{
    put_u32(out, 0);
    return out->len - 4;
}

int wire_list_end(const struct wire_field *f, struct str *out, size_t begin, size_t n,
                  struct err *e)
{
    assert(f->shape == WIRE_S_ARRAY);
    if (n > f->max)
        return bad(e, f->name, "is over its limit");
    store_u32(out->p + begin, (uint32_t)n);
    return 0;
}

static void clear_elements(const struct wire_field *f, char *p, size_t n)
{
    if (f->kind != WIRE_K_STRING && f->kind != WIRE_K_STRUCT)
        return;
    for (size_t i = 0; i < n; i++, p += element_size(f)) {
        if (f->kind == WIRE_K_STRUCT)
            wire_clear(f->type, p);
        else
            free_ptr(p);
    }
}

static void clear_field(const struct wire_field *f, char *base)
{
    char *at = base + f->offset;
    if (f->shape == WIRE_S_ONE || (f->shape == WIRE_S_OPTIONAL && f->kind == WIRE_K_STRING)) {
        clear_elements(f, at, 1);
        return;
    }
    if (f->shape == WIRE_S_FIXED) {
        clear_elements(f, at, f->max);
        return;
    }
    void *p;
    size_t n = 1;
    memcpy(&p, at, sizeof(p));
    if (f->shape == WIRE_S_ARRAY)
        memcpy(&n, base + f->n_offset, sizeof(n));
    if (p)
        clear_elements(f, p, n);
    free(p);
}

void wire_clear(const struct wire_type *t, void *value)
{
    if (!t || !value)
        return;
    if (t->is_union) {
        const struct wire_field *arm = union_arm(t, *(int *)value);
        if (arm)
            clear_field(arm, value);
    } else {
        for (size_t i = 0; i < t->n_fields; i++)
            clear_field(&t->fields[i], value);
    }
    memset(value, 0, t->size);
}

bool wire_equal(const struct wire_type *t, const void *a, const void *b)
{
    CLEANUP_STR struct str x = {0}, y = {0};
    if (wire_encode(t, a, &x, NULL) || wire_encode(t, b, &y, NULL))
        return false;
    return x.len == y.len && (!x.len || !memcmp(x.p, y.p, x.len));
}

int wire_copy(const struct wire_type *t, void *ret, const void *value, struct err *e)
{
    CLEANUP_STR struct str s = {0};
    if (wire_encode(t, value, &s, e))
        return -1;
    return wire_decode(t, s.p, s.len, ret, e);
}
