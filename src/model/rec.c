#include "rec.h"

#include <inttypes.h>

#include "base/uuid.h"
#include "base/vec.h"

static void *at(const struct field *f, const void *p)
{
    return (char *)p + f->offset;
}

static size_t *count_at(const struct field *f, const void *p)
{
    return (size_t *)(void *)((char *)p + f->count_offset);
}

static size_t item_size(const struct field *f)
{
    switch (f->kind) {
    case REC_STRS:
        return sizeof(char *);
    case REC_U32S:
        return sizeof(uint32_t);
    case REC_ENUMS:
        return sizeof(int);
    case REC_LIST:
    case REC_OPT:
        return f->sub->size;
    case REC_STR:
    case REC_TRI:
    case REC_BOOL:
    case REC_NUM:
    case REC_ENUM:
    case REC_UUID:
    case REC_MAC:
    case REC_SUB:
    case REC_MARK:
        break;
    }
    return 0;
}

size_t field_size(const struct field *f)
{
    switch (f->kind) {
    case REC_TRI:
        return sizeof(tri);
    case REC_BOOL:
        return sizeof(bool);
    case REC_NUM:
        return sizeof(struct num);
    case REC_ENUM:
        return sizeof(int);
    case REC_UUID:
        return UUID_LEN;
    case REC_MAC:
        return sizeof(struct mac);
    case REC_SUB:
        return f->sub->size;
    case REC_MARK:
        return sizeof(uint32_t);
    case REC_STR:
    case REC_STRS:
    case REC_U32S:
    case REC_ENUMS:
    case REC_LIST:
    case REC_OPT:
        break;
    }
    return sizeof(void *);
}

static bool is_list(const struct field *f)
{
    return f->kind == REC_STRS || f->kind == REC_U32S || f->kind == REC_ENUMS ||
           f->kind == REC_LIST;
}

size_t rec_count(const struct field *f, const void *p)
{
    if (f->kind == REC_OPT)
        return *(void **)at(f, p) ? 1 : 0;
    return is_list(f) ? *count_at(f, p) : 0;
}

void *rec_item(const struct field *f, const void *p, size_t i)
{
    return *(char **)at(f, p) + i * item_size(f);
}

void *rec_append(const struct field *f, void *p)
{
    char **items = at(f, p);
    if (f->kind == REC_OPT)
        return *items ? *items : (*items = mem_new(1, f->sub->size));
    size_t *n = count_at(f, p);
    size_t size = item_size(f);
    *items = vec_room(*items, *n, size);
    return memset(*items + (*n)++ * size, 0, size);
}

static void clear_item(const struct field *f, void *item)
{
    if (f->kind == REC_STRS)
        free(*(char **)item);
    else if (f->sub)
        rec_clear(f->sub, item);
}

void rec_remove(const struct field *f, void *p, size_t i)
{
    size_t *n = count_at(f, p);
    char *item = rec_item(f, p, i);
    size_t size = item_size(f);
    clear_item(f, item);
    memmove(item, item + size, (*n - i - 1) * size);
    (*n)--;
}

void rec_clear(const struct rec *r, void *p)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        void *m = at(f, p);
        if (f->kind == REC_SUB) {
            rec_clear(f->sub, m);
        } else if (f->kind == REC_STR) {
            free(*(char **)m);
        } else if (is_list(f) || f->kind == REC_OPT) {
            for (size_t k = 0; k < rec_count(f, p); k++)
                clear_item(f, rec_item(f, p, k));
            free(*(void **)m);
        }
    }
    memset(p, 0, r->size);
}

static void copy_list(const struct field *f, void *dst, const void *src)
{
    size_t n = rec_count(f, src);
    size_t room = 1;
    *(void **)at(f, dst) = NULL;
    if (f->kind != REC_OPT)
        *count_at(f, dst) = n;
    if (!n)
        return;
    while (room < n)
        room *= 2; /* VEC_PUSH counts on it */
    *(void **)at(f, dst) = mem_new(room, item_size(f));
    for (size_t i = 0; i < n; i++) {
        const void *from = rec_item(f, src, i);
        void *to = rec_item(f, dst, i);
        if (f->kind == REC_STRS)
            *(char **)to = mem_str(*(char *const *)from);
        else if (f->sub)
            rec_copy(f->sub, to, from);
        else
            memcpy(to, from, item_size(f));
    }
}

void rec_copy(const struct rec *r, void *dst, const void *src)
{
    memset(dst, 0, r->size);
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (f->kind == REC_SUB)
            rec_copy(f->sub, at(f, dst), at(f, src));
        else if (f->kind == REC_STR)
            *(char **)at(f, dst) = mem_str(*(char **)at(f, src));
        else if (is_list(f) || f->kind == REC_OPT)
            copy_list(f, dst, src);
        else
            memcpy(at(f, dst), at(f, src), field_size(f));
    }
}

static bool plain_equal(const struct field *f, const void *a, const void *b)
{
    if (f->kind == REC_MARK)
        return true;
    if (f->kind == REC_STR || f->kind == REC_STRS)
        return str_eq(*(char *const *)a, *(char *const *)b);
    if (f->kind == REC_NUM) {
        const struct num *x = a, *y = b;
        return x->set == y->set && (!x->set || x->v == y->v);
    }
    if (f->kind == REC_MAC) {
        const struct mac *x = a, *y = b;
        return x->set == y->set && (!x->set || !memcmp(x->b, y->b, sizeof(x->b)));
    }
    return !memcmp(a, b, is_list(f) ? item_size(f) : field_size(f));
}

static bool equal_at(const struct rec *r, const void *a, const void *b, struct str *path);

static bool list_equal(const struct field *f, const void *a, const void *b, struct str *path)
{
    size_t n = rec_count(f, a);
    size_t base = path ? path->len : 0;
    if (n != rec_count(f, b)) {
        if (path)
            str_addf(path, " (%zu items, %zu items)", n, rec_count(f, b));
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const void *x = rec_item(f, a, i), *y = rec_item(f, b, i);
        if (path && f->kind != REC_OPT)
            str_addf(path, "[%zu]", i);
        if (!(f->sub ? equal_at(f->sub, x, y, path) : plain_equal(f, x, y)))
            return false;
        if (path)
            str_cut(path, base);
    }
    return true;
}

static bool equal_at(const struct rec *r, const void *a, const void *b, struct str *path)
{
    size_t base = path ? path->len : 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        bool same;
        if (path)
            str_addf(path, "%s%s", base ? "." : "", f->name);
        if (f->kind == REC_SUB)
            same = equal_at(f->sub, at(f, a), at(f, b), path);
        else if (is_list(f) || f->kind == REC_OPT)
            same = list_equal(f, a, b, path);
        else
            same = plain_equal(f, at(f, a), at(f, b));
        if (!same)
            return false;
        if (path)
            str_cut(path, base);
    }
    return true;
}

bool rec_equal(const struct rec *r, const void *a, const void *b, struct str *path)
{
    if (path)
        str_cut(path, 0);
    return equal_at(r, a, b, path);
}

struct diff {
    rec_differs *differs;
    void *arg;
    struct str path;
};

static void diff_at(const struct rec *r, const void *a, const void *b, struct diff *diff);

static void diff_list(const struct field *f, const void *a, const void *b, struct diff *diff)
{
    size_t n = rec_count(f, a), m = rec_count(f, b), base = diff->path.len;
    for (size_t i = 0; i < n || i < m; i++) {
        const void *x = i < n ? rec_item(f, a, i) : NULL, *y = i < m ? rec_item(f, b, i) : NULL;
        if (f->kind != REC_OPT)
            str_addf(&diff->path, "[%zu]", i);
        if (x && y && f->sub)
            diff_at(f->sub, x, y, diff);
        else if (!x || !y || !plain_equal(f, x, y))
            diff->differs(diff->arg, str_get(&diff->path), f, x, y);
        str_cut(&diff->path, base);
    }
}

static void diff_at(const struct rec *r, const void *a, const void *b, struct diff *diff)
{
    size_t base = diff->path.len;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const void *x = at(f, a), *y = at(f, b);
        str_addf(&diff->path, "%s%s", base ? "." : "", f->name);
        if (f->kind == REC_SUB)
            diff_at(f->sub, x, y, diff);
        else if (is_list(f) || f->kind == REC_OPT)
            diff_list(f, a, b, diff);
        else if (!plain_equal(f, x, y))
            diff->differs(diff->arg, str_get(&diff->path), f, x, y);
        str_cut(&diff->path, base);
    }
}

void rec_diff(const struct rec *r, const void *a, const void *b, rec_differs *differs, void *arg)
{
    struct diff diff = {.differs = differs, .arg = arg};
    diff_at(r, a, b, &diff);
    str_clear(&diff.path);
}

struct follow {
    bool is_near;
    rec_member *differs;
    void *arg;
    struct str path;
};

static void take_value(const struct field *f, void *to, const void *from)
{
    if (f->kind == REC_STR || f->kind == REC_STRS)
        str_set(to, *(char *const *)from);
    else if (f->kind == REC_LIST || f->kind == REC_OPT)
        rec_copy(f->sub, to, from);
    else
        memcpy(to, from, is_list(f) ? item_size(f) : field_size(f));
}

static void drop_items(const struct field *f, void *p, size_t n)
{
    while (rec_count(f, p) > n && f->kind != REC_OPT)
        rec_remove(f, p, rec_count(f, p) - 1);
    if (rec_count(f, p) > n) {
        clear_item(f, rec_item(f, p, 0));
        free(*(void **)at(f, p));
        *(void **)at(f, p) = NULL;
    }
}

static void follow_at(const struct rec *r, void *before, const void *now, struct follow *w);

static void follow_item(const struct field *f, void *before, const void *now, struct follow *w)
{
    if (f->sub) {
        follow_at(f->sub, before, now, w);
        return;
    }
    w->differs(w->arg, str_get(&w->path), f, now);
    take_value(f, before, now);
}

static void follow_list(const struct field *f, void *before, const void *now, struct follow *w)
{
    size_t n = rec_count(f, now), m = rec_count(f, before), base = w->path.len;
    drop_items(f, before, n);
    m = m < n ? m : n;
    for (size_t i = w->is_near && m ? m - 1 : 0; i < n; i++) {
        const void *x = rec_item(f, now, i);
        void *y = i < m ? rec_item(f, before, i) : NULL;
        if (y && (f->sub ? rec_equal(f->sub, x, y, NULL) : plain_equal(f, x, y)))
            continue;
        str_addf(&w->path, "%s%s", base ? "." : "", f->name);
        if (f->kind != REC_OPT)
            str_addf(&w->path, "[%zu]", i);
        if (y) {
            follow_item(f, y, x, w);
        } else {
            w->differs(w->arg, str_get(&w->path), f, x);
            take_value(f, rec_append(f, before), x);
        }
        str_cut(&w->path, base);
    }
}

static void follow_at(const struct rec *r, void *before, const void *now, struct follow *w)
{
    size_t base = w->path.len;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        const void *x = at(f, now);
        void *y = at(f, before);
        if (is_list(f) || f->kind == REC_OPT) {
            follow_list(f, before, now, w);
        } else if (f->kind == REC_SUB ? !rec_equal(f->sub, x, y, NULL) : !plain_equal(f, x, y)) {
            str_addf(&w->path, "%s%s", base ? "." : "", f->name);
            follow_item(f, y, x, w);
            str_cut(&w->path, base);
        }
    }
}

void rec_follow(const struct rec *r, void *before, const void *now, bool is_near,
                rec_member *differs, void *arg)
{
    struct follow w = {.is_near = is_near, .differs = differs, .arg = arg};
    follow_at(r, before, now, &w);
    str_clear(&w.path);
}

static bool field_is_empty(const struct field *f, const void *p)
{
    static const uint8_t zero[UUID_LEN];
    const void *m = at(f, p);
    if (f->kind == REC_MARK)
        return true;
    if (is_list(f) || f->kind == REC_OPT)
        return !rec_count(f, p);
    if (f->kind == REC_SUB)
        return rec_is_empty(f->sub, m);
    if (f->kind == REC_STR)
        return !*(char *const *)m;
    if (f->kind == REC_NUM)
        return !((const struct num *)m)->set;
    if (f->kind == REC_MAC)
        return !((const struct mac *)m)->set;
    return !memcmp(m, zero, field_size(f));
}

bool rec_is_empty(const struct rec *r, const void *p)
{
    for (size_t i = 0; i < r->n; i++)
        if (!field_is_empty(&r->fields[i], p))
            return false;
    return true;
}

void rec_value(const struct field *f, const void *m, struct str *out)
{
    char text[UUID_TEXT];
    const struct mac *mac = m;
    switch (f->kind) {
    case REC_STR:
    case REC_STRS:
        str_addf(out, "\"%s\"", *(char *const *)m);
        break;
    case REC_TRI:
        str_add(out, *(const tri *)m == TRI_YES ? "yes" : "no");
        break;
    case REC_BOOL:
        str_add(out, *(const bool *)m ? "true" : "false");
        break;
    case REC_NUM:
        str_addf(out, "%" PRId64, ((const struct num *)m)->v);
        break;
    case REC_U32S:
        str_addf(out, "%" PRIu32, *(const uint32_t *)m);
        break;
    case REC_ENUM:
    case REC_ENUMS:
        str_add(out, words_name(f->words, *(const int *)m));
        break;
    case REC_UUID:
        str_add(out, uuid_format(m, text));
        break;
    case REC_MAC:
        str_addf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac->b[0], mac->b[1], mac->b[2], mac->b[3],
                 mac->b[4], mac->b[5]);
        break;
    case REC_SUB:
    case REC_LIST:
    case REC_OPT:
    case REC_MARK:
        break;
    }
}

static void each_at(const struct rec *r, const void *p, struct str *path, rec_member *each,
                    void *arg);

static void each_list(const struct field *f, const void *p, struct str *path, rec_member *each,
                      void *arg)
{
    size_t base = path->len;
    for (size_t i = 0; i < rec_count(f, p); i++) {
        const void *item = rec_item(f, p, i);
        if (f->kind != REC_OPT)
            str_addf(path, "[%zu]", i);
        if (f->sub)
            each_at(f->sub, item, path, each, arg);
        else
            each(arg, str_get(path), f, item);
        str_cut(path, base);
    }
}

static void each_at(const struct rec *r, const void *p, struct str *path, rec_member *each,
                    void *arg)
{
    size_t base = path->len;
    if (rec_is_empty(r, p)) /* that it is there may be all there is to say */
        each(arg, str_get(path), NULL, p);
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (field_is_empty(f, p))
            continue;
        str_addf(path, "%s%s", base ? "." : "", f->name);
        if (f->kind == REC_SUB)
            each_at(f->sub, at(f, p), path, each, arg);
        else if (is_list(f) || f->kind == REC_OPT)
            each_list(f, p, path, each, arg);
        else
            each(arg, str_get(path), f, at(f, p));
        str_cut(path, base);
    }
}

void rec_each(const struct field *f, const void *m, const char *path, rec_member *each, void *arg)
{
    CLEANUP_STR struct str at_path = {0};
    str_add(&at_path, path);
    if (f->sub)
        each_at(f->sub, m, &at_path, each, arg);
    else
        each(arg, path, f, m);
}

static void dump_at(const struct rec *r, const void *p, struct str *path, struct str *out);

static void dump_list(const struct field *f, const void *p, struct str *path, struct str *out)
{
    size_t base = path->len;
    for (size_t i = 0; i < rec_count(f, p); i++) {
        if (f->kind != REC_OPT)
            str_addf(path, "[%zu]", i);
        if (f->sub) {
            if (rec_is_empty(f->sub, rec_item(f, p, i)))
                str_addf(out, "%s\n", str_get(path));
            dump_at(f->sub, rec_item(f, p, i), path, out);
        } else {
            str_addf(out, "%s = ", str_get(path));
            rec_value(f, rec_item(f, p, i), out);
            str_addc(out, '\n');
        }
        str_cut(path, base);
    }
}

static void dump_at(const struct rec *r, const void *p, struct str *path, struct str *out)
{
    size_t base = path->len;
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        if (field_is_empty(f, p))
            continue;
        str_addf(path, "%s%s", base ? "." : "", f->name);
        if (f->kind == REC_SUB) {
            dump_at(f->sub, at(f, p), path, out);
        } else if (is_list(f) || f->kind == REC_OPT) {
            dump_list(f, p, path, out);
        } else {
            str_addf(out, "%s = ", str_get(path));
            rec_value(f, at(f, p), out);
            str_addc(out, '\n');
        }
        str_cut(path, base);
    }
}

void rec_dump(const struct rec *r, const void *p, struct str *out)
{
    CLEANUP_STR struct str path = {0};
    dump_at(r, p, &path, out);
}

const struct field *rec_field(const struct rec *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (!strcmp(r->fields[i].name, name))
            return &r->fields[i];
    return NULL;
}

int words_find(const struct words *w, const char *text)
{
    for (int i = 1; i < w->n; i++)
        if (w->names[i] && !strcmp(w->names[i], text))
            return i;
    return -1;
}

const char *words_name(const struct words *w, int value)
{
    return value > 0 && value < w->n ? w->names[value] : NULL;
}
