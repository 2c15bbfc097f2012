#include "conf/spec.h"

void spec_open(struct spec_cursor *x, const struct value *v)
{
    x->copy = mem_str(v->text);
    x->text = x->start = x->copy;
    x->pos = v->pos;
    if (v->kind == VALUE_STRING)
        x->pos.col++; /* behind the quote */
}

void spec_close(struct spec_cursor *x)
{
    free(x->copy);
}

static struct pos place(const struct spec_cursor *x, const char *at)
{
    struct pos pos = x->pos;
    pos.col += (int)(at - x->start);
    return pos;
}

bool spec_next(struct spec_cursor *x, char separator, struct spec_part *ret)
{
    if (!x->text)
        return false;
    char *p = (char *)x->text;
    p += strspn(p, " \t\n\r");
    char *end = strchr(p, separator);
    *ret = (struct spec_part){.key = p, .pos = place(x, p)};
    char *equals = strchr(p, '=');
    if (equals && (!end || equals < end)) {
        *equals = '\0';
        ret->value = equals + 1;
    }
    x->text = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return true;
}

static void trim(char *s)
{
    size_t n = strlen(s);
    while (n && strchr(" \t\n\r", s[n - 1]))
        s[--n] = '\0';
}

void spec_note(struct conf_ctx *c, const struct row_table *t, const char *key,
               enum report_status status, struct pos pos, const char *text)
{
    if (!c->o->report)
        return;
    CLEANUP_FREE char *name = mem_printf("%s%s", t->prefix, key);
    if (text)
        conf_note(c, status, name, pos, "%s", text);
    else
        conf_note(c, status, name, pos, NULL);
}

static int read_value(struct conf_ctx *c, const struct row_table *t, const struct row *r, void *rec,
                      struct spec_part *p)
{
    struct value v = {
        .kind = p->value ? VALUE_STRING : VALUE_NONE, .text = p->value, .pos = p->pos};
    if (r->flags & ROW_DEPRECATED)
        spec_note(c, t, r->key, REPORT_WARNING, p->pos, "an old spelling");
    if (r->kind == ROW_IGNORE) {
        spec_note(c, t, r->key, REPORT_LOST, p->pos, r->loss);
        return 0;
    }
    if (!p->value && r->kind != ROW_HOOK)
        return conf_error(c, p->pos, "'%s' needs a value: '%s='", r->key, r->key);
    return row_read(c, r, rec, &v);
}

static int read_part(struct conf_ctx *c, const struct row_table *t, const struct row *r, void *rec,
                     struct spec_part *p)
{
    if (read_value(c, t, r, rec, p))
        return -1;
    if (r->kind != ROW_IGNORE)
        spec_note(c, t, r->key, REPORT_CONVERTED, p->pos, NULL);
    return 0;
}

static const struct row *find(const struct row_table *t, const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].key, key))
            return &t->rows[i];
    return NULL;
}

static int tell_unknown(struct conf_ctx *c, const struct row_table *t, const struct spec_part *p,
                        unsigned flags)
{
    CLEANUP_STR struct str key = {0};
    int n = (int)strcspn(t->prefix, ".");
    str_addf(&key, "%s%s", t->prefix, p->key);
    if (flags & (SPEC_IGNORE | SPEC_LOSE)) {
        conf_note(c, flags & SPEC_IGNORE ? REPORT_WARNING : REPORT_LOST, key.p, p->pos,
                  "'%s' is no word of '%.*s'", p->key, n, t->prefix);
        return 0;
    }
    CLEANUP_STR struct str known = {0};
    for (size_t i = 0; i < t->n; i++)
        if (!(t->rows[i].flags & ROW_READ_ONLY))
            str_addf(&known, "%s%s", known.len ? ", " : "", t->rows[i].key);
    return conf_error(c, p->pos, "'%s' is no word of '%.*s': expected %s", p->key, n, t->prefix,
                      str_get(&known));
}

static int check_complete(struct conf_ctx *c, const struct row_table *t, const void *rec,
                          const struct value *v)
{
    int rc = 0;
    for (size_t i = 0; i < t->n && !(c->o->flags & CONF_RAW); i++)
        if (t->rows[i].flags & SPEC_MUST && !row_is_set(&t->rows[i], rec))
            rc = conf_error(c, v->pos, "'%s': '%s=' is missing", v->text, t->rows[i].key);
    return rc;
}

int spec_read(struct conf_ctx *c, const struct row_table *t, void *rec, const struct value *v,
              unsigned flags)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    int rc = 0;
    spec_open(&x, v);
    while (spec_next(&x, ',', &p)) {
        if (!p.value || flags & SPEC_TRIM)
            trim((char *)p.key);
        if (p.value && flags & SPEC_TRIM) {
            p.value += strspn(p.value, " \t");
            trim((char *)p.value);
        }
        if (!*p.key && !p.value)
            continue;
        const struct row *r = find(t, p.key);
        if (r)
            rc |= read_part(c, t, r, rec, &p);
        else
            rc |= tell_unknown(c, t, &p, flags);
    }
    return rc ? rc : check_complete(c, t, rec, v);
}

void spec_put(struct conf_ctx *c, const char *key, const char *value)
{
    struct str *s = &cfg_out(c)->item;
    if (value && strchr(value, ',')) {
        conf_note(c, REPORT_LOST, key, (struct pos){0}, "'%s' holds a comma, which '%s' cannot say",
                  value, cfg_out(c)->key);
        return;
    }
    if (s->len)
        str_addc(s, ',');
    str_add(s, key);
    if (value) {
        str_addc(s, '=');
        str_add(s, value);
    }
}

void spec_putf(struct conf_ctx *c, const char *key, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    spec_put(c, key, text);
}

int spec_write(struct conf_ctx *c, const struct row_table *t, const void *rec)
{
    CLEANUP_STR struct str text = {0};
    int rc = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct row *r = &t->rows[i];
        if (r->flags & ROW_READ_ONLY)
            continue;
        if (r->flags & SPEC_XM && cfg_out(c)->dialect == CFG_XL) {
            if (row_is_set(r, rec))
                spec_note(c, t, r->key, REPORT_LOST, (struct pos){0}, "xl has no such word");
            continue;
        }
        str_cut(&text, 0);
        if (r->write)
            rc |= r->write(c, r, rec);
        else if (r->kind != ROW_HOOK && row_text(r, rec, 0, &text))
            spec_put(c, r->key, str_get(&text));
    }
    return rc;
}

void spec_item(struct conf_ctx *c)
{
    struct cfg_out *o = cfg_out(c);
    cfg_list_text(o, str_get(&o->item));
    str_cut(&o->item, 0);
}

bool spec_is_text(struct conf_ctx *c, const struct row *r, const struct value *v)
{
    if (v->kind == VALUE_STRING || v->kind == VALUE_NUMBER)
        return true;
    conf_error(c, v->pos, "'%s' wants a text%s", r->key,
               v->kind == VALUE_LIST ? ", not a list" : "");
    return false;
}
