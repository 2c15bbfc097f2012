#include "conf/row.h"

#include <inttypes.h>

#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"

int conf_error(struct conf_ctx *c, struct pos pos, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    struct err *e = c->e;
    if (c->n_errors++ >= CONF_ERRORS_MAX || !e)
        return -1;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    CLEANUP_STR struct str all = {0};
    if (c->n_errors > 1)
        str_addf(&all, "%s\n", e->msg);
    if (c->o->filename)
        str_addf(&all, "%s:", c->o->filename);
    if (pos.line)
        str_addf(&all, "%s%d:%d:", c->o->filename ? "" : "line ", pos.line, pos.col);
    str_addf(&all, "%s%s", all.len && (c->o->filename || pos.line) ? " " : "", text);
    return fail(e, ERR_XML_ERROR, "%s", str_get(&all));
}

void conf_note(struct conf_ctx *c, enum report_status status, const char *key, struct pos pos,
               const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    long entry;
    if (!c->o->report)
        return;
    if (c->place)
        pos = c->place(c, key, pos);
    if (fmt) {
        va_start(ap, fmt);
        vsnprintf(text, sizeof(text), fmt, ap);
        va_end(ap);
    }
    if (fmt)
        entry = report_add(c->o->report, status, key, c->o->filename, pos, "%s", text);
    else
        entry = report_add(c->o->report, status, key, c->o->filename, pos, NULL);
    if (status == REPORT_CONVERTED && entry >= 0 && c->d)
        report_claim(c->o->report, c->d, entry);
}

static uint32_t slot_of(const char *key, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)key[i]) * 16777619u;
    return (h ^ (h >> 15)) & (ROW_SLOTS - 1);
}

void row_index(struct row_index *x, const struct row *rows, size_t n)
{
    memset(x->slots, 0, sizeof(x->slots));
    x->rows = rows;
    for (size_t i = 0; i < n && i < ROW_ROWS_MAX; i++) {
        uint32_t s = slot_of(rows[i].key, strlen(rows[i].key));
        while (x->slots[s])
            s = (s + 1) & (ROW_SLOTS - 1);
        x->slots[s] = (uint16_t)(i + 1);
    }
}

const struct row *row_find(const struct row_index *x, const char *key, size_t len)
{
    for (uint32_t s = slot_of(key, len); x->slots[s]; s = (s + 1) & (ROW_SLOTS - 1)) {
        const struct row *r = &x->rows[x->slots[s] - 1];
        if (!strncmp(r->key, key, len) && !r->key[len])
            return r;
    }
    return NULL;
}

bool row_applies(const struct row *r, enum guest_type type)
{
    unsigned types = r->applies & (ROW_PV | ROW_HVM | ROW_PVH);
    switch (type) {
    case GUEST_PV:
        return !types || types & ROW_PV;
    case GUEST_HVM:
        return !types || types & ROW_HVM;
    case GUEST_PVH:
        return !types || types & ROW_PVH;
    }
    return true;
}

static void *at(const struct row *r, const void *rec)
{
    return (char *)rec + r->offset;
}

static size_t *count_at(const struct row *r, const void *rec)
{
    return (size_t *)(void *)((char *)rec + r->count_offset);
}

static int read_number(struct conf_ctx *c, const struct row *r, const char *text, struct pos pos,
                       int64_t *ret)
{
    int64_t unit = r->unit ? r->unit : 1;
    int64_t max = r->min || r->max ? r->max : INT64_MAX / unit;
    int64_t n;
    if (!parse_i64(text, r->base, r->min, max, &n)) {
        if (r->min || r->max)
            return conf_error(c, pos, "'%s' is not a number from %" PRId64 " to %" PRId64 ": '%s'",
                              r->key, r->min, r->max, text);
        return conf_error(c, pos, "'%s' is not a number: '%s'", r->key, text);
    }
    if (__builtin_mul_overflow(n, unit, ret))
        return conf_error(c, pos, "'%s' is too large: '%s'", r->key, text);
    return 0;
}

static int read_tri(struct conf_ctx *c, const struct row *r, const char *text, struct pos pos,
                    tri *ret)
{
    int64_t n;
    if (r->yes) {
        if (!strcmp(text, r->yes) || !strcmp(text, r->no)) {
            *ret = strcmp(text, r->yes) ? TRI_NO : TRI_YES;
            return 0;
        }
        return conf_error(c, pos, "'%s' must be '%s' or '%s', not '%s'", r->key, r->yes, r->no,
                          text);
    }
    if (!parse_i64(text, 0, INT64_MIN, INT64_MAX, &n))
        return conf_error(c, pos, "'%s' must be 0 or 1, not '%s'", r->key, text);
    *ret = n ? TRI_YES : TRI_NO;
    return 0;
}

static int read_enum(struct conf_ctx *c, const struct row *r, const char *text, struct pos pos,
                     int *ret)
{
    int n = words_find(r->words, text);
    if (n < 0) {
        CLEANUP_STR struct str list = {0};
        for (int i = 1; i < r->words->n; i++)
            if (r->words->names[i])
                str_addf(&list, "%s%s", list.len ? ", " : "", r->words->names[i]);
        return conf_error(c, pos, "'%s' has an unknown value '%s' (known: %s)", r->key, text,
                          str_get(&list));
    }
    *ret = n;
    return 0;
}

static bool parse_mac(const char *s, struct mac *ret)
{
    struct mac m = {.set = true};
    for (int i = 0; i < 6; i++) {
        int hi = hex_digit(*s), lo = hi < 0 ? -1 : hex_digit(s[1]);
        if (hi < 0)
            return false;
        m.b[i] = (uint8_t)(lo < 0 ? hi : hi * 16 + lo);
        s += lo < 0 ? 1 : 2;
        if (i < 5 ? !*s || hex_digit(*s) >= 0 : *s != 0)
            return false;
        s++;
    }
    *ret = m;
    return true;
}

static int read_item(struct conf_ctx *c, const struct row *r, void *rec, const char *text,
                     struct pos pos)
{
    int64_t n = 0;
    if (r->kind == ROW_STRS) {
        char ***list = at(r, rec);
        VEC_PUSH(*list, *count_at(r, rec), mem_str(text));
        return 0;
    }
    if (read_number(c, r, text, pos, &n))
        return -1;
    if (n < 0 || n > UINT32_MAX)
        return conf_error(c, pos, "'%s' holds a number out of range: '%s'", r->key, text);
    uint32_t **list = at(r, rec);
    VEC_PUSH(*list, *count_at(r, rec), (uint32_t)n);
    return 0;
}

int row_read_text(struct conf_ctx *c, const struct row *r, void *rec, const char *text,
                  struct pos pos)
{
    int64_t n;
    switch (r->kind) {
    case ROW_STR:
        str_set(at(r, rec), text);
        return 0;
    case ROW_TRI:
        return read_tri(c, r, text, pos, at(r, rec));
    case ROW_BOOL:
        *(bool *)at(r, rec) = true;
        return 0;
    case ROW_NUM:
        if (read_number(c, r, text, pos, &n))
            return -1;
        *(struct num *)at(r, rec) = NUM(n);
        return 0;
    case ROW_ENUM:
        return read_enum(c, r, text, pos, at(r, rec));
    case ROW_UUID:
        if (!uuid_parse(text, at(r, rec)))
            return conf_error(c, pos, "'%s' is not a uuid: '%s'", r->key, text);
        return 0;
    case ROW_MAC:
        if (!parse_mac(text, at(r, rec)))
            return conf_error(c, pos, "'%s' is not a hardware address: '%s'", r->key, text);
        return 0;
    case ROW_STRS:
    case ROW_U32S:
        return read_item(c, r, rec, text, pos);
    case ROW_HOOK:
        return r->read(c, r, rec, &(struct value){VALUE_STRING, text, NULL, 0, pos});
    case ROW_IGNORE:
        break;
    }
    return 0;
}

static int read_list(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int rc = 0;
    if (r->kind != ROW_STRS && r->kind != ROW_U32S)
        return conf_error(c, v->pos, "'%s' cannot be a list", r->key);
    for (size_t i = 0; i < v->n_items; i++) {
        const struct value *item = &v->items[i];
        if (item->kind == VALUE_LIST || !item->text)
            rc = conf_error(c, item->pos, "'%s' wants a list of plain values", r->key);
        else if (read_item(c, r, rec, item->text, item->pos))
            rc = -1;
    }
    return rc;
}

int row_read(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    if (r->kind == ROW_HOOK)
        return r->read(c, r, rec, v);
    if (r->kind == ROW_IGNORE) {
        conf_note(c, REPORT_LOST, r->key, v->pos, "%s", r->loss);
        return 0;
    }
    if (v->kind == VALUE_LIST)
        return read_list(c, r, rec, v);
    if (v->kind == VALUE_NONE)
        return 0;
    return row_read_text(c, r, rec, v->text, v->pos);
}

size_t row_count(const struct row *r, const void *rec)
{
    if (r->kind == ROW_STRS || r->kind == ROW_U32S)
        return *count_at(r, rec);
    return row_is_set(r, rec);
}

bool row_is_set(const struct row *r, const void *rec)
{
    const void *m = at(r, rec);
    switch (r->kind) {
    case ROW_STR:
        return *(char *const *)m;
    case ROW_TRI:
        return *(const tri *)m != TRI_UNSET;
    case ROW_BOOL:
        return *(const bool *)m;
    case ROW_NUM:
        return ((const struct num *)m)->set;
    case ROW_ENUM:
        return *(const int *)m != 0;
    case ROW_UUID:
        return !uuid_is_zero(m);
    case ROW_MAC:
        return ((const struct mac *)m)->set;
    case ROW_STRS:
    case ROW_U32S:
        return *count_at(r, rec) != 0;
    case ROW_HOOK:
        return true;
    case ROW_IGNORE:
        return false;
    }
    return false;
}

bool row_is_number(const struct row *r)
{
    return (r->kind == ROW_TRI && !r->yes) || r->kind == ROW_NUM || r->kind == ROW_U32S;
}

static void number_text(const struct row *r, int64_t n, struct str *out)
{
    int64_t unit = r->unit ? r->unit : 1;
    str_addi(out, n / unit + (n % unit ? 1 : 0), r->base == 16 ? 16 : 10);
}

bool row_text(const struct row *r, const void *rec, size_t i, struct str *out)
{
    const void *m = at(r, rec);
    const struct mac *mac = m;
    char uuid[UUID_TEXT];
    if (!row_is_set(r, rec) || i >= row_count(r, rec))
        return false;
    switch (r->kind) {
    case ROW_STR:
        str_add(out, *(char *const *)m);
        break;
    case ROW_TRI:
        str_add(out, *(const tri *)m == TRI_YES ? r->yes ? r->yes : "1" : r->no ? r->no : "0");
        break;
    case ROW_NUM:
        number_text(r, ((const struct num *)m)->v, out);
        break;
    case ROW_ENUM:
        if (!words_name(r->words, *(const int *)m))
            return false;
        str_add(out, words_name(r->words, *(const int *)m));
        break;
    case ROW_UUID:
        str_add(out, uuid_format(m, uuid));
        break;
    case ROW_MAC:
        str_addf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0], mac->b[1], mac->b[2], mac->b[3],
                 mac->b[4], mac->b[5]);
        break;
    case ROW_STRS:
        str_add(out, (*(char **const *)m)[i]);
        break;
    case ROW_U32S:
        number_text(r, (*(uint32_t *const *)m)[i], out);
        break;
    case ROW_BOOL:
    case ROW_HOOK:
    case ROW_IGNORE:
        return false;
    }
    return true;
}
