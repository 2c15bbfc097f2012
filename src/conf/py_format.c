/* Texts put together from a pattern: "..." % values and "...".format(values). */
#include <string.h>

#include "base/str.h"
#include "conf/py.h"

/* ---- "..." % values ---- */
enum { FLAGS_MAX = 5 }; /* characters of flags, width and precision: at most 99999 wide */
struct format {
    char spec[24]; /* as printf has it, without the conversion */
    char conversion;
};

/* Behind '%'. False when it is none that is read here. */
static bool parse_format(const char **p, struct format *f)
{
    size_t n = 1;
    f->spec[0] = '%';
    size_t flags = strspn(*p, "-+ #0123456789.");
    if (flags > FLAGS_MAX)
        return false;
    memcpy(f->spec + n, *p, flags);
    n += flags;
    *p += flags;
    while (**p == 'l' || **p == 'h' || **p == 'L')
        ++*p;
    f->conversion = **p;
    if (!f->conversion || !strchr("diuxXosc", f->conversion))
        return false;
    ++*p;
    bool is_text = f->conversion == 's' || f->conversion == 'c';
    snprintf(f->spec + n, sizeof(f->spec) - n, "%s%c", is_text ? "" : "ll",
             f->conversion == 'c'   ? 's'
             : f->conversion == 'u' ? 'd'
                                    : f->conversion);
    return true;
}

static bool add_formatted(struct str *s, const struct format *f, const struct py_value *v)
{
    CLEANUP_STR struct str text = {0};
    CLEANUP_FREE char *out = NULL;
    int n;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (f->conversion == 's' || f->conversion == 'c') {
        if (!py_add_text(&text, v) ||
            (f->conversion == 'c' && (v->type != PY_STR || text.len != 1)))
            return false;
        n = asprintf(&out, f->spec, str_get(&text));
    } else {
        if (!py_is_int(v) || (v->n < 0 && strchr("xXo", f->conversion)))
            return false;
        n = asprintf(&out, f->spec, (long long)v->n);
    }
#pragma GCC diagnostic pop
    if (n < 0)
        return false;
    str_add(s, out);
    return true;
}

bool py_format(struct py *x, const struct py_value *a, const struct py_value *b, struct pos pos,
               struct py_value *ret)
{
    bool is_many = b->type == PY_TUPLE;
    size_t n = is_many ? b->v.n_items : 1, used = 0;
    struct str s = {0};
    struct py_value r = {.v = {.pos = a->v.pos}};
    struct format f;
    for (const char *p = a->v.text; *p && s.len <= CFG_TEXT_MAX;) {
        if (*p != '%') {
            str_addc(&s, *p++);
            continue;
        }
        if (*++p == '%') {
            str_addc(&s, *p++);
            continue;
        }
        struct py_value one = is_many && used < n ? py_from_item(&b->v.items[used]) : *b;
        if (!parse_format(&p, &f) || used == n || !add_formatted(&s, &f, &one)) {
            str_clear(&s);
            return py_error(x, pos, "%s",
                            used == n ? "'%': fewer values than the text asks for"
                                      : "'%': a format or value that is not read here");
        }
        used++;
    }
    if (used != n && s.len <= CFG_TEXT_MAX) {
        str_clear(&s);
        return py_error(x, pos, "%s", "'%': more values than the text asks for");
    }
    if (!py_set_text(x, &r, &s, pos))
        return false;
    *ret = r;
    return true;
}

/* ---- "...".format(...) ---- */
struct field { /* {NAME:[0][WIDTH][d|x|X|s]} */
    const char *name;
    size_t name_len;
    bool is_zero;
    int width;
    char type; /* 0: as str() has it */
};

/* Behind '{'. False when it is none that is read here. */
static bool parse_field(const char **p, struct field *f)
{
    const char *end = strchr(*p, '}');
    *f = (struct field){.name = *p};
    if (!end)
        return false;
    f->name_len = strcspn(*p, ":}");
    if (f->name_len !=
        strspn(*p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"))
        return false;
    *p += f->name_len;
    if (**p == ':') {
        ++*p;
        f->is_zero = **p == '0';
        for (int digits = 0; **p >= '0' && **p <= '9'; ++*p)
            if (++digits > 3)
                return false;
            else
                f->width = f->width * 10 + **p - '0';
        if (**p && strchr("dxXs", **p))
            f->type = *(*p)++;
    }
    return *(*p)++ == '}';
}

static const struct py_value *find_value(const struct field *f, const struct py_value *values,
                                         const char *const *names, size_t n, size_t *next)
{
    int64_t at;
    CLEANUP_FREE char *name = mem_strn(f->name, f->name_len);
    for (size_t i = 0; i < n; i++)
        if (names[i] && !strcmp(names[i], name))
            return &values[i];
    if (!*name)
        at = (int64_t)(*next)++;
    else if (!parse_i64(name, 10, 0, INT32_MAX, &at))
        return NULL;
    return (size_t)at < n && !names[at] ? &values[at] : NULL;
}

static bool add_field(struct str *s, const struct field *f, const struct py_value *v)
{
    CLEANUP_STR struct str text = {0};
    bool is_number = f->type == 'd' || f->type == 'x' || f->type == 'X';
    if (is_number && (v->type != PY_INT || (v->n < 0 && f->type != 'd')))
        return false;
    if (f->type == 'x' || f->type == 'X')
        str_addf(&text, f->type == 'x' ? "%llx" : "%llX", (unsigned long long)v->n);
    else if (!py_add_text(&text, v))
        return false;
    bool is_right = v->type == PY_INT;
    if (f->is_zero && (!is_right || v->n < 0))
        return false;
    size_t fill = (size_t)f->width > text.len ? (size_t)f->width - text.len : 0;
    for (size_t i = 0; is_right && i < fill; i++)
        str_addc(s, f->is_zero ? '0' : ' ');
    str_add(s, str_get(&text));
    for (size_t i = 0; !is_right && i < fill; i++)
        str_addc(s, ' ');
    return true;
}

bool py_format_call(struct py *x, const char *pattern, const struct py_value *values,
                    const char *const *names, size_t n, struct pos pos, struct py_value *ret)
{
    struct str s = {0};
    struct field f;
    size_t next = 0;
    struct py_value r = {.v = {.pos = pos}};
    for (const char *p = pattern; *p && s.len <= CFG_TEXT_MAX;) {
        bool is_brace = *p == '{' || *p == '}';
        if (is_brace && p[1] == *p)
            p++; /* doubled: itself */
        else if (is_brace) {
            const struct py_value *v = NULL;
            bool ok = *p++ == '{' && parse_field(&p, &f) &&
                      (v = find_value(&f, values, names, n, &next)) && add_field(&s, &f, v);
            if (ok)
                continue;
            str_clear(&s);
            return py_error(x, pos, "a field or value of format() that is not read here");
        }
        str_addc(&s, *p++);
    }
    if (!py_set_text(x, &r, &s, pos))
        return false;
    *ret = r;
    return true;
}
