/* Rows over JSON objects. */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/json_rows.h"
#include "model/cpuset.h"

static const struct row *find_row(const struct row_table *t, const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].key, key))
            return &t->rows[i];
    return NULL;
}

/* ---- reading ---- */

int json_want(struct conf_ctx *c, const char *key, const struct json *v, enum json_kind kind)
{
    if (v->kind == kind)
        return 0;
    return conf_error(c, json_pos(v), "'%s' must be %s, not %s", key, json_kind_name(kind),
                      json_kind_name(v->kind));
}

int json_want_int(struct conf_ctx *c, const char *key, const struct json *v, int64_t min,
                  int64_t max, int64_t *ret)
{
    if (json_want(c, key, v, JSON_NUMBER))
        return -1;
    if (!parse_i64(v->text, 10, min, max, ret))
        return conf_error(c, json_pos(v),
                          "'%s' is not a number from %" PRId64 " to %" PRId64 ": %s", key, min, max,
                          v->text);
    return 0;
}

const char *json_want_text(struct conf_ctx *c, const char *key, const struct json *v)
{
    return json_want(c, key, v, JSON_STRING) ? NULL : v->text;
}

tri json_want_tri(struct conf_ctx *c, const char *key, const struct json *v)
{
    const char *text = json_want_text(c, key, v);
    if (text && strcmp(text, "True") && strcmp(text, "False") && strcmp(text, "<default>"))
        conf_error(c, json_pos(v), "'%s' must be 'True', 'False' or '<default>', not '%s'", key,
                   text);
    return str_eq(text, "True") ? TRI_YES : str_eq(text, "False") ? TRI_NO : TRI_UNSET;
}

static int read_array(struct conf_ctx *c, const struct row *r, void *rec, const struct json *v)
{
    int rc = json_want(c, r->key, v, JSON_ARRAY);
    for (size_t i = 0; !rc && i < v->n_items; i++) {
        const struct json *item = &v->items[i];
        rc = json_want(c, r->key, item, r->kind == ROW_STRS ? JSON_STRING : JSON_NUMBER);
        if (!rc)
            rc = row_read_text(c, r, rec, item->text, json_pos(item));
    }
    return rc;
}

static int read_scalar(struct conf_ctx *c, const struct row *r, void *rec, const struct json *v)
{
    bool is_flag = r->flags & JSON_BOOL && (v->kind == JSON_TRUE || v->kind == JSON_FALSE);
    bool is_text = !row_is_number(r);
    if (is_flag)
        return row_read_text(c, r, rec, v->kind == JSON_TRUE ? "1" : "0", json_pos(v));
    if (r->kind == ROW_TRI && r->yes && str_eq(v->text, "<default>"))
        return 0;
    if (json_want(c, r->key, v, is_text ? JSON_STRING : JSON_NUMBER))
        return -1;
    return row_read_text(c, r, rec, v->text, json_pos(v));
}

static int read_row(struct conf_ctx *c, const struct row *r, void *rec, const struct json *v)
{
    if (v->kind == JSON_NULL)
        return 0;
    if (r->kind == ROW_STRS || r->kind == ROW_U32S)
        return read_array(c, r, rec, v);
    if (r->kind != ROW_HOOK)
        return read_scalar(c, r, rec, v);
    const struct json *outer = json_io(c)->node;
    json_io(c)->node = v;
    int rc = r->read(c, r, rec, &(struct value){.kind = VALUE_LIST, .pos = json_pos(v)});
    json_io(c)->node = outer;
    return rc;
}

static void note(struct conf_ctx *c, enum report_status status, const char *prefix,
                 const struct json *v, const char *text)
{
    CLEANUP_FREE char *key = mem_printf("%s%s", prefix, v->key);
    if (text)
        conf_note(c, status, key, json_pos(v), "%s", text);
    else
        conf_note(c, status, key, json_pos(v), NULL);
}

/* Numbers, texts, and lists of them; the others have fields, which are told one by one. */
static bool is_leaf(const struct json *v)
{
    return v->kind != JSON_OBJECT &&
           (v->kind != JSON_ARRAY || !v->n_items || v->items[0].kind != JSON_OBJECT);
}

/* `t` NULL: whatever there is has its place. `lost` NULL: what the table has was read. */
static void note_fields(struct conf_ctx *c, const struct row_table *t, const char *prefix,
                        const struct json *v, const char *lost)
{
    for (size_t i = 0; i < v->n_items; i++) {
        const struct json *x = &v->items[i];
        if (!x->key) {
            note_fields(c, t, prefix, x, lost);
            continue;
        }
        const struct row *r = t ? find_row(t, x->key) : NULL;
        const char *why = lost || !t || (r && r->kind != ROW_IGNORE) ? lost
                          : r                                        ? r->loss
                                                                     : "unknown field";
        CLEANUP_FREE char *below = mem_printf("%s%s.", prefix, x->key);
        if (is_leaf(x))
            note(c, why ? REPORT_LOST : REPORT_CONVERTED, prefix, x, why);
        else if (r && r->sub)
            note_fields(c, r->sub, r->sub->prefix, x, why);
        else
            note_fields(c, NULL, below, x, why);
    }
}

void json_note_fields(struct conf_ctx *c, const struct row_table *t, const struct json *v,
                      const char *lost)
{
    if (c->o->report)
        note_fields(c, t, t->prefix, v, lost);
}

/* What the reader of a field has not told by itself. */
static void note_field(struct conf_ctx *c, const struct row_table *t, const struct row *r,
                       const struct json *v, const char *lost)
{
    if (!c->o->report)
        return;
    CLEANUP_FREE char *below = mem_printf("%s%s.", t->prefix, v->key);
    if (is_leaf(v))
        note(c, lost ? REPORT_LOST : REPORT_CONVERTED, t->prefix, v, lost);
    else
        note_fields(c, r ? r->sub : NULL, r && r->sub ? r->sub->prefix : below, v, lost);
}

void json_note_rest(struct conf_ctx *c, const struct row_table *t, const struct json *v,
                    const struct json *told)
{
    for (size_t i = 0; c->o->report && i < v->n_items; i++)
        if (&v->items[i] != told)
            note_field(c, t, find_row(t, v->items[i].key), &v->items[i],
                       find_row(t, v->items[i].key) ? NULL : "unknown field");
}

/* Readers that go through the rows of what is inside. */
static bool tells_itself(const struct row *r)
{
    return r->kind == ROW_HOOK && (r->read == json_read_object || r->read == json_read_list);
}

int json_read_rows(struct conf_ctx *c, const struct row_table *t, void *rec,
                   const struct json *object)
{
    int rc = 0;
    for (size_t i = 0; i < object->n_items; i++) {
        const struct json *v = &object->items[i];
        const struct row *r = find_row(t, v->key);
        const char *lost = !r ? "unknown field" : r->kind == ROW_IGNORE ? r->loss : NULL;
        int one = lost ? 0 : read_row(c, r, rec, v);
        if (!one && (lost || is_leaf(v) || !tells_itself(r)))
            note_field(c, t, r, v, lost);
        rc |= one;
    }
    return rc;
}

int json_read_object(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    if (json_want(c, r->key, node, JSON_OBJECT))
        return -1;
    return json_read_rows(c, r->sub, rec, node);
}

int json_read_list(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    void **items = row_at(r, rec);
    size_t *n = (size_t *)(void *)((char *)rec + r->count_offset);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        if (json_want(c, r->key, &node->items[i], JSON_OBJECT))
            return -1;
        *items = vec_room(*items, *n, r->item->size);
        char *item = (char *)*items + r->item->size * (*n)++;
        memset(item, 0, r->item->size);
        rc = json_read_rows(c, r->sub, item, &node->items[i]);
    }
    return rc;
}

int json_read_nothing(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return 0; /* another row reads it along */
}

int json_read_backend(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    char **name = row_at(r, rec);
    int64_t id;
    if (json_want_int(c, r->key, json_io(c)->node, 0, UINT32_MAX, &id))
        return -1;
    if (id && !*name)
        *name = mem_printf("%" PRId64, id);
    return 0;
}

int json_read_number(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    int64_t n;
    if (json_want_int(c, r->key, json_io(c)->node, 0, r->max ? r->max : INT64_MAX, &n))
        return -1;
    *(struct num *)row_at(r, rec) = NUM(n);
    return 0;
}

int json_read_bits(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct cpuset set = {0};
    if (json_want(c, r->key, node, JSON_ARRAY))
        return -1;
    for (size_t i = 0; i < node->n_items; i++) {
        int64_t bit;
        if (json_want_int(c, r->key, &node->items[i], 0, CPUSET_MAX - 1, &bit))
            return -1;
        set.bits[bit / 64] |= UINT64_C(1) << bit % 64;
    }
    if (node->n_items) {
        CLEANUP_FREE char *text = cpuset_format(&set);
        str_set(row_at(r, rec), text);
    }
    return 0;
}

int json_read_attrs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = json_io(c)->node;
    struct attr **attrs = row_at(r, rec);
    size_t *n = (size_t *)(void *)((char *)rec + r->count_offset);
    if (json_want(c, r->key, node, JSON_OBJECT))
        return -1;
    for (size_t i = 0; i < node->n_items; i++) {
        const char *text = json_want_text(c, node->items[i].key, &node->items[i]);
        if (!text)
            return -1;
        VEC_PUSH(*attrs, *n, ((struct attr){mem_str(node->items[i].key), mem_str(text)}));
    }
    return 0;
}

/* ---- writing ---- */

bool json_has_since(struct conf_ctx *c, int since)
{
    return !c->o->xen || c->o->xen >= since;
}

/* Does this Xen have the field? When it has no place for it at all, that is an error by name. */
static int check_release(struct conf_ctx *c, const struct row_table *t, const struct row *r,
                         bool *ret)
{
    *ret = json_has_since(c, r->since) && (!r->until || (c->o->xen && c->o->xen <= r->until));
    if (json_has_since(c, r->since) || r->flags & JSON_OLDER)
        return 0;
    return conf_error(c, (struct pos){0}, "'%s%s' needs Xen %d.%d; this is %d.%d", t->prefix,
                      r->key, r->since / 100, r->since % 100, c->o->xen / 100, c->o->xen % 100);
}

static void write_array(struct conf_ctx *c, const struct row *r, const void *rec)
{
    struct json_out *out = &json_io(c)->out;
    json_open(out, r->key, '[');
    for (size_t i = 0; i < row_count(r, rec); i++) {
        CLEANUP_STR struct str text = {0};
        row_text(r, rec, i, &text);
        if (r->kind == ROW_STRS)
            json_put_string(out, NULL, str_get(&text));
        else
            json_put_uint(out, NULL, (*(uint32_t *const *)row_at(r, rec))[i]);
    }
    json_close(out, ']');
}

static int write_scalar(struct conf_ctx *c, const struct row *r, const void *rec)
{
    struct json_out *out = &json_io(c)->out;
    CLEANUP_STR struct str text = {0};
    int64_t n;
    if (r->kind == ROW_STR && !(r->flags & JSON_DROP)) {
        json_put_string(out, r->key, *(char *const *)row_at(r, rec));
        return 0;
    }
    if (!row_text(r, rec, 0, &text))
        return conf_error(c, (struct pos){0}, "'%s' has a value that libxl does not know", r->key);
    if (r->flags & JSON_DROP && str_eq(str_get(&text), r->dflt))
        return 0;
    if (r->flags & JSON_BOOL)
        json_put_bool(out, r->key, str_eq(str_get(&text), "1"));
    else if (row_is_number(r) && parse_i64(str_get(&text), 10, INT64_MIN, INT64_MAX, &n))
        json_put_int(out, r->key, n);
    else
        json_put_string(out, r->key, str_get(&text));
    return 0;
}

/* A hook that writes nothing has nothing to say, whatever the release. */
static int write_hook(struct conf_ctx *c, const struct row_table *t, const struct row *r,
                      const void *rec)
{
    struct json_out *out = &json_io(c)->out, before = *out;
    size_t len = out->text->len;
    bool is_there;
    int rc = r->write ? r->write(c, r, rec) : 0;
    if (rc || out->text->len == len)
        return rc;
    rc = check_release(c, t, r, &is_there);
    if (!is_there) {
        str_cut(out->text, len);
        *out = before;
    }
    return rc;
}

int json_write_rows(struct conf_ctx *c, const struct row_table *t, const void *rec)
{
    int rc = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];
        bool is_there = true, is_secret = r->flags & ROW_SECRET && !(c->o->flags & CONF_SECURE);
        if (r->flags & ROW_READ_ONLY || r->kind == ROW_IGNORE || is_secret)
            continue;
        if (!row_applies(r, c->wd->type))
            continue;
        if (r->kind == ROW_HOOK) {
            rc |= write_hook(c, t, r, rec);
        } else if (row_is_set(r, rec)) {
            rc |= check_release(c, t, r, &is_there);
            if (is_there && (r->kind == ROW_STRS || r->kind == ROW_U32S))
                write_array(c, r, rec);
            else if (is_there)
                rc |= write_scalar(c, r, rec);
        }
    }
    return rc;
}

int json_write_object(struct conf_ctx *c, const struct row *r, const void *rec)
{
    json_open(&json_io(c)->out, r->key, '{');
    int rc = json_write_rows(c, r->sub, rec);
    json_close(&json_io(c)->out, '}');
    return rc;
}

int json_write_list(struct conf_ctx *c, const struct row *r, const void *rec)
{
    struct json_out *out = &json_io(c)->out;
    const char *items = *(char *const *)row_at(r, rec);
    size_t n = *(const size_t *)(const void *)((const char *)rec + r->count_offset);
    int rc = 0;
    if (!n)
        return 0;
    json_open(out, r->key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(out, NULL, '{');
        rc |= json_write_rows(c, r->sub, items + i * r->item->size);
        json_close(out, '}');
    }
    json_close(out, ']');
    return rc;
}

int json_write_bits(struct conf_ctx *c, const char *key, const char *text)
{
    struct json_out *out = &json_io(c)->out;
    struct cpuset set;
    if (!text)
        return 0;
    if (!cpuset_parse(text, &set))
        return conf_error(c, (struct pos){0},
                          "'%s': '%s' depends on the host; this format wants plain numbers",
                          key ? key : "cpus", text);
    json_open(out, key, '[');
    for (unsigned i = 0; i < CPUSET_MAX / 64; i++)
        for (uint64_t bits = set.bits[i]; bits; bits &= bits - 1)
            json_put_uint(out, NULL, i * 64 + (unsigned)__builtin_ctzll(bits));
    json_close(out, ']');
    return 0;
}

int json_write_attrs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct attr *attrs = *(struct attr *const *)row_at(r, rec);
    size_t n = *(const size_t *)(const void *)((const char *)rec + r->count_offset);
    if (!n)
        return 0;
    json_open(&json_io(c)->out, r->key, '{');
    for (size_t i = 0; i < n; i++)
        json_put_string(&json_io(c)->out, attrs[i].name, attrs[i].value ? attrs[i].value : "");
    json_close(&json_io(c)->out, '}');
    return 0;
}

void json_put_tri(struct conf_ctx *c, const char *key, tri value)
{
    if (value)
        json_put_string(&json_io(c)->out, key, value == TRI_YES ? "True" : "False");
}
