#include "pack.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/uuid.h"

static void *member(const struct field *f, const void *p)
{
    return (char *)p + f->offset;
}

static void put(struct str *out, const char *name, const char *value, size_t len)
{
    str_addf(out, "%s %zu:", name, len);
    str_addn(out, value, len);
    str_addc(out, '\n');
}

static void put_text(struct str *out, const char *name, const char *value)
{
    if (value)
        put(out, name, value, strlen(value));
}

static void put_number(struct str *out, const char *name, int64_t v)
{
    char text[24];
    put(out, name, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, v));
}

static void put_record(struct str *out, const char *name, const struct rec *r, const void *p)
{
    CLEANUP_STR struct str inner = {0};
    pack(r, p, &inner);
    put(out, name, str_get(&inner), inner.len);
}

static void put_bytes(struct str *out, const char *name, const uint8_t *b, size_t n)
{
    CLEANUP_STR struct str hex = {0};
    for (size_t i = 0; i < n; i++)
        str_addf(&hex, "%02x", b[i]);
    put(out, name, hex.p, hex.len);
}

static void put_items(struct str *out, const struct field *f, const void *p)
{
    for (size_t i = 0; i < rec_count(f, p); i++) {
        const void *item = rec_item(f, p, i);
        if (f->kind == REC_STRS)
            put_text(out, f->name, *(char *const *)item);
        else if (f->kind == REC_U32S)
            put_number(out, f->name, *(const uint32_t *)item);
        else if (f->kind == REC_ENUMS)
            put_number(out, f->name, *(const int *)item);
        else
            put_record(out, f->name, f->sub, item);
    }
}

static void put_field(struct str *out, const struct field *f, const void *p)
{
    const void *m = member(f, p);
    switch (f->kind) {
    case REC_STR:
        put_text(out, f->name, *(char *const *)m);
        break;
    case REC_TRI:
    case REC_ENUM:
        if (*(const int *)m)
            put_number(out, f->name, *(const int *)m);
        break;
    case REC_BOOL:
        if (*(const bool *)m)
            put_number(out, f->name, 1);
        break;
    case REC_NUM:
        if (((const struct num *)m)->set)
            put_number(out, f->name, ((const struct num *)m)->v);
        break;
    case REC_UUID:
        if (!uuid_is_zero(m))
            put_bytes(out, f->name, m, UUID_LEN);
        break;
    case REC_MAC:
        if (((const struct mac *)m)->set)
            put_bytes(out, f->name, ((const struct mac *)m)->b, 6);
        break;
    case REC_SUB:
        if (!rec_is_empty(f->sub, m))
            put_record(out, f->name, f->sub, m);
        break;
    case REC_STRS:
    case REC_U32S:
    case REC_ENUMS:
    case REC_LIST:
    case REC_OPT:
        put_items(out, f, p);
        break;
    case REC_MARK:
        break;
    }
}

void pack(const struct rec *r, const void *p, struct str *out)
{
    for (size_t i = 0; i < r->n; i++)
        put_field(out, &r->fields[i], p);
}

static bool get_bytes(const char *hex, size_t len, uint8_t *b, size_t n)
{
    if (len != n * 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        char two[3] = {hex[i * 2], hex[i * 2 + 1], 0};
        uint64_t v;
        if (!parse_u64(two, 16, 255, &v))
            return false;
        b[i] = (uint8_t)v;
    }
    return true;
}

static int unpack_at(const struct rec *r, const char *text, size_t len, void *p, int depth,
                     struct err *e);

static int get_record(const struct field *f, const char *value, size_t len, void *to, int depth,
                      struct err *e)
{
    if (depth >= PACK_DEPTH_MAX)
        return fail(e, ERR_OPERATION_FAILED, "records are nested too deeply");
    return unpack_at(f->sub, value, len, to, depth + 1, e);
}

static bool get_number(const struct field *f, int64_t v, void *p)
{
    void *m = member(f, p);
    switch (f->kind) {
    case REC_TRI:
    case REC_ENUM:
        *(int *)m = (int)v;
        return v >= 0 && v <= INT32_MAX;
    case REC_BOOL:
        *(bool *)m = v;
        return true;
    case REC_NUM:
        *(struct num *)m = NUM(v);
        return true;
    case REC_U32S:
        *(uint32_t *)rec_append(f, p) = (uint32_t)v;
        return v >= 0 && v <= UINT32_MAX;
    case REC_ENUMS:
        *(int *)rec_append(f, p) = (int)v;
        return v >= 0 && v <= INT32_MAX;
    case REC_STR:
    case REC_UUID:
    case REC_MAC:
    case REC_STRS:
    case REC_SUB:
    case REC_LIST:
    case REC_OPT:
    case REC_MARK:
        break;
    }
    return false;
}

static int get_field(const struct field *f, const char *value, size_t len, void *p, int depth,
                     struct err *e)
{
    void *m = member(f, p);
    bool good = true;
    if (f->kind == REC_STR) {
        free(*(char **)m);
        *(char **)m = mem_strn(value, len);
    } else if (f->kind == REC_STRS) {
        *(char **)rec_append(f, p) = mem_strn(value, len);
    } else if (f->kind == REC_SUB) {
        return get_record(f, value, len, m, depth, e);
    } else if (f->kind == REC_LIST || f->kind == REC_OPT) {
        return get_record(f, value, len, rec_append(f, p), depth, e);
    } else if (f->kind == REC_UUID) {
        good = get_bytes(value, len, m, UUID_LEN);
    } else if (f->kind == REC_MAC) {
        good = ((struct mac *)m)->set = get_bytes(value, len, ((struct mac *)m)->b, 6);
    } else {
        int64_t v;
        CLEANUP_FREE char *digits = mem_strn(value, len < 24 ? len : 24);
        good = parse_i64(digits, 10, INT64_MIN, INT64_MAX, &v) && get_number(f, v, p);
    }
    return good ? 0 : fail(e, ERR_OPERATION_FAILED, "bad value of '%s'", f->name);
}

/* Takes "NAME LENGTH:" off the front. */
static bool head(const char **at, const char *end, char name[64], size_t *ret_len)
{
    const char *blank = memchr(*at, ' ', (size_t)(end - *at));
    const char *colon = blank ? memchr(blank, ':', (size_t)(end - blank)) : NULL;
    if (!colon || blank - *at >= 64 || colon - blank > 20)
        return false;
    memcpy(name, *at, (size_t)(blank - *at));
    name[blank - *at] = 0;
    CLEANUP_FREE char *digits = mem_strn(blank + 1, (size_t)(colon - blank - 1));
    uint64_t len;
    *at = colon + 1;
    if (!parse_u64(digits, 10, (uint64_t)(end - *at), &len))
        return false;
    *ret_len = (size_t)len;
    return *at + len < end && (*at)[len] == '\n';
}

static int unpack_at(const struct rec *r, const char *text, size_t len, void *p, int depth,
                     struct err *e)
{
    const char *end = text + len;
    while (text < end) {
        char name[64];
        size_t n;
        if (!head(&text, end, name, &n))
            return fail(e, ERR_OPERATION_FAILED, "record '%s' is damaged", r->name);
        const struct field *f = rec_field(r, name);
        if (f && get_field(f, text, n, p, depth, e))
            return wrap(e, "record '%s'", r->name);
        text += n + 1;
    }
    return 0;
}

int unpack(const struct rec *r, const char *text, size_t len, void *p, struct err *e)
{
    return unpack_at(r, text, len, p, 0, e);
}
