#include "map.h"

#include "base/mem.h"
#include "base/str.h"

void map_bool_write(tri m, libxl_defbool *x)
{
    if (m != TRI_UNSET)
        libxl_defbool_set(x, m == TRI_YES);
}

tri map_bool_read(const libxl_defbool *x)
{
    if (libxl_defbool_is_default(*x))
        return TRI_UNSET;
    return libxl_defbool_val(*x) ? TRI_YES : TRI_NO;
}

static void int_put(void *at, size_t size, int64_t v)
{
    switch (size) {
    case 1:
        *(uint8_t *)at = (uint8_t)v;
        break;
    case 2:
        *(uint16_t *)at = (uint16_t)v;
        break;
    case 4:
        *(uint32_t *)at = (uint32_t)v;
        break;
    default:
        *(uint64_t *)at = (uint64_t)v;
    }
}

static uint64_t int_get(const void *at, size_t size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const uint32_t *)at;
    default:
        return *(const uint64_t *)at;
    }
}

/* Equal in the width that libxl has: its "unset" is often all ones. */
static bool is_unset(const struct map_row *r, uint64_t v, size_t size)
{
    uint64_t mask = size == 8 ? UINT64_MAX : (1ull << (size * 8)) - 1;
    return v == ((uint64_t)r->unset & mask);
}

static int num_write(const struct map_row *r, const struct num *m, void *x, struct err *e)
{
    if (!m->set)
        return 0;
    int64_t max = r->x_size == 8 ? INT64_MAX : (int64_t)((1ull << (r->x_size * 8)) - 1);
    if (m->v > max || m->v < -(max / 2) - 1)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "%s: %lld is out of range", r->key, (long long)m->v);
    int_put(x, r->x_size, m->v);
    return 0;
}

static void num_read(const struct map_row *r, const void *x, struct num *m)
{
    uint64_t v = int_get(x, r->x_size);
    if (is_unset(r, v, r->x_size))
        return;
    *m = r->x_size == 4 && (int32_t)v < 0 && r->unset < 0 ? NUM((int32_t)v) : NUM(v);
}

static int enum_write(const struct map_row *r, const int *m, int *x, struct err *e)
{
    if (!*m)
        return 0;
    for (size_t i = 0; i < r->n_pairs; i++)
        if (r->pairs[i].m == *m) {
            *x = r->pairs[i].x;
            return 0;
        }
    return fail(e, ERR_CONFIG_UNSUPPORTED, "%s: this Xen does not have the value", r->key);
}

static void enum_read(const struct map_row *r, const int *x, int *m)
{
    if (*x == (int)r->unset)
        return;
    for (size_t i = 0; i < r->n_pairs; i++)
        if (r->pairs[i].x == *x) {
            *m = r->pairs[i].m;
            return;
        }
}

void map_strs_write(char *const *m, size_t n, libxl_string_list *x)
{
    if (!n)
        return;
    *x = mem_new(n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++)
        (*x)[i] = mem_str(m[i] ? m[i] : "");
}

static void strs_read(const libxl_string_list *x, char ***m, size_t *n)
{
    for (char **s = *x; s && *s; s++) {
        char *copy = mem_str(*s);
        VEC_PUSH(*m, *n, copy);
    }
}

static void pairs_write(const struct attr *m, size_t n, libxl_key_value_list *x)
{
    if (!n)
        return;
    *x = mem_new(2 * n + 2, sizeof(char *));
    for (size_t i = 0; i < n; i++) {
        (*x)[2 * i] = mem_str(m[i].name);
        (*x)[2 * i + 1] = mem_str(m[i].value ? m[i].value : "");
    }
}

static void pairs_read(const libxl_key_value_list *x, struct attr **m, size_t *n)
{
    for (char **s = *x; s && *s; s += 2) {
        struct attr a = {mem_str(s[0]), mem_str(s[1] ? s[1] : "")};
        VEC_PUSH(*m, *n, a);
    }
}

void *map_array_add(void **array, int *num, size_t size, void (*init)(void *))
{
    *array = mem_grow(*array, (size_t)*num + 1, size);
    void *item = (char *)*array + (size_t)*num * size;
    memset(item, 0, size);
    init(item);
    ++*num;
    return item;
}

static int list_write(const struct map_row *r, const struct map_env *env, const char *m, char *x,
                      struct err *e)
{
    const struct map_table *t = r->items;
    const char *items = *(char *const *)(m + r->m);
    size_t n = *(const size_t *)(m + r->m_n);
    for (size_t i = 0; i < n; i++) {
        void *item = map_array_add((void **)(x + r->x), (int *)(x + r->x_n), t->x_size, t->x_init);
        if (map_write(t, env, items + i * t->m_size, item, e))
            return wrap(e, "%s %zu", r->key, i + 1);
    }
    return 0;
}

static void list_read(const struct map_row *r, const struct map_env *env, const char *x, char *m)
{
    const struct map_table *t = r->items;
    const char *items = *(char *const *)(x + r->x);
    int num = *(const int *)(x + r->x_n);
    char **list = (char **)(m + r->m);
    size_t *n = (size_t *)(m + r->m_n);
    for (int i = 0; i < num; i++) {
        *list = vec_room(*list, *n, t->m_size);
        char *item = *list + (*n)++ * t->m_size;
        memset(item, 0, t->m_size);
        map_read(t, env, items + (size_t)i * t->x_size, item);
    }
}

static int absent_write(const struct map_row *r, const unsigned char *m, struct err *e)
{
    for (size_t i = 0; i < r->m_size; i++)
        if (m[i])
            return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have '%s'", r->key);
    return 0;
}

static int row_write(const struct map_row *r, const struct map_env *env, const char *m, char *x,
                     struct err *e)
{
    const void *from = m + r->m;
    void *to = x + r->x;
    switch (r->kind) {
    case MAP_STR:
        if (*(char *const *)from) {
            free(*(char **)to);
            *(char **)to = mem_str(*(char *const *)from);
        }
        return 0;
    case MAP_BOOL:
        map_bool_write(*(const tri *)from, to);
        return 0;
    case MAP_FLAG:
        if (*(const tri *)from != TRI_UNSET)
            int_put(to, r->x_size, *(const tri *)from == TRI_YES);
        return 0;
    case MAP_NUM:
        return num_write(r, from, to, e);
    case MAP_ENUM:
        return enum_write(r, from, to, e);
    case MAP_STRS:
        map_strs_write(*(char **const *)from, *(const size_t *)(m + r->m_n), to);
        return 0;
    case MAP_PAIRS:
        pairs_write(*(struct attr *const *)from, *(const size_t *)(m + r->m_n), to);
        return 0;
    case MAP_UUID:
        memcpy(libxl_uuid_bytearray(to), from, 16);
        return 0;
    case MAP_LIST:
        return list_write(r, env, m, x, e);
    case MAP_HOOK:
        return r->write(env, m, x, e);
    case MAP_ABSENT:
        return absent_write(r, from, e);
    }
    return 0;
}

static void row_read(const struct map_row *r, const struct map_env *env, const char *x, char *m)
{
    const void *from = x + r->x;
    void *to = m + r->m;
    switch (r->kind) {
    case MAP_STR:
        str_set(to, *(char *const *)from);
        break;
    case MAP_BOOL:
        *(tri *)to = map_bool_read(from);
        break;
    case MAP_FLAG:
        if (!is_unset(r, int_get(from, r->x_size), r->x_size))
            *(tri *)to = int_get(from, r->x_size) ? TRI_YES : TRI_NO;
        break;
    case MAP_NUM:
        num_read(r, from, to);
        break;
    case MAP_ENUM:
        enum_read(r, from, to);
        break;
    case MAP_STRS:
        strs_read(from, to, (size_t *)(m + r->m_n));
        break;
    case MAP_PAIRS:
        pairs_read(from, to, (size_t *)(m + r->m_n));
        break;
    case MAP_UUID:
        memcpy(to, libxl_uuid_bytearray_const(from), 16);
        break;
    case MAP_LIST:
        list_read(r, env, x, m);
        break;
    case MAP_HOOK:
        r->read(env, x, m);
        break;
    case MAP_ABSENT:
        break;
    }
}

int map_write(const struct map_table *t, const struct map_env *env, const void *m, void *x,
              struct err *e)
{
    for (size_t i = 0; i < t->n; i++)
        if ((t->rows[i].on & env->type) && row_write(&t->rows[i], env, m, x, e))
            return -1;
    return 0;
}

void map_read(const struct map_table *t, const struct map_env *env, const void *x, void *m)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].on & env->type)
            row_read(&t->rows[i], env, x, m);
}

void map_bitmap(libxl_bitmap *ret, unsigned bits)
{
    ret->size = (bits + 7) / 8;
    ret->map = mem_new(ret->size, 1);
}
