/* A configuration file by a table of keys: the codecs xen-xl and xen-xm. */
#include "conf/cfg.h"
#include "conf/xl_doc.h"

static const struct row_table *table_of(enum cfg_dialect dialect)
{
    return dialect == CFG_XM ? &xm_table : &xl_table;
}

static void tell_notes(struct conf_ctx *c, const struct cfg *f)
{
    for (size_t i = 0; i < f->n_notes; i++) {
        const struct cfg_note *n = &f->notes[i];
        if (n->level == CFG_ERROR)
            conf_error(c, n->pos, "%s", n->text);
        else
            conf_note(c, REPORT_WARNING, "syntax", n->pos, "%s", n->text);
    }
}

static void tell_unknown(struct conf_ctx *c, const struct cfg_setting *s)
{
    if (s->is_shadowed)
        conf_note(c, REPORT_WARNING, s->name, s->pos,
                  "set again further down; this does not count");
    else if (!s->is_used)
        conf_note(c, REPORT_WARNING, s->name, s->pos, "unknown key, ignored as xl and xm do");
}

/* The guest types that a key is for, where they leave out this one. */
static const char *other_types(const struct row *r)
{
    switch (r->applies & (ROW_PV | ROW_HVM | ROW_PVH)) {
    case ROW_PV:
        return "PV";
    case ROW_HVM:
        return "HVM";
    case ROW_PVH:
        return "PVH";
    case ROW_PV | ROW_HVM:
        return "PV and HVM";
    case ROW_PV | ROW_PVH:
        return "PV and PVH";
    case ROW_HVM | ROW_PVH:
        return "HVM and PVH";
    }
    return "all";
}

/* xm takes yes and no for a boolean. */
static struct value xm_value(const struct row *r, const struct value *v)
{
    struct value yes = {VALUE_NUMBER, "1", NULL, 0, v->pos},
                 no = {VALUE_NUMBER, "0", NULL, 0, v->pos};
    if (r->kind != ROW_TRI || v->kind != VALUE_STRING)
        return *v;
    return !strcmp(v->text, "yes") ? yes : !strcmp(v->text, "no") ? no : *v;
}

/* What is there in place of what xl wants; NULL: nothing is wrong. */
static const char *wrong_kind(const struct row *r, const struct value *v)
{
    int64_t n;
    bool is_list = r->kind == ROW_STRS || r->kind == ROW_U32S || r->flags & XL_LIST;
    bool is_atom = !is_list && r->kind != ROW_IGNORE && (r->kind != ROW_HOOK || r->flags & XL_ATOM);
    if (v->kind == VALUE_LIST)
        return is_atom ? "a list" : NULL;
    if (is_list)
        return "no list";
    bool is_number = r->kind == ROW_NUM || (r->kind == ROW_TRI && !r->yes) || r->flags & XL_BOOL;
    return is_number && !parse_i64(v->text, 0, INT64_MIN, INT64_MAX, &n) ? "no number" : NULL;
}

/* xl warns of a value of the wrong kind and goes on as if the key were not there; a few are
 * fatal. */
static int tell_wrong_kind(struct conf_ctx *c, const struct row *r, const struct value *v,
                           const char *what)
{
    if (r->flags & XL_FATAL)
        return conf_error(c, v->pos, "'%s' is %s: expected %s", r->key, what, r->type);
    conf_note(c, REPORT_WARNING, r->key, v->pos, "%s where %s is wanted, ignored as xl does", what,
              r->type);
    return 0;
}

/* Words that libxl compares without regard to case. Points v at *copy, which the caller frees. */
static void lower(const struct row *r, struct value *v, char **copy)
{
    if (!(r->flags & XL_NOCASE) || v->kind != VALUE_STRING)
        return;
    *copy = mem_str(v->text);
    for (char *p = *copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p += 'a' - 'A';
    v->text = *copy;
}

static int read_key(struct conf_ctx *c, const struct row *r, struct xl_doc *x,
                    const struct cfg_setting *s)
{
    if (!row_applies(r, x->d.type)) {
        conf_note(c, REPORT_WARNING, r->key, s->pos, "is for %s guests, ignored here",
                  other_types(r));
        return 0;
    }
    if (r->flags & ROW_DEPRECATED)
        conf_note(c, REPORT_WARNING, r->key, s->pos, "outdated: %s", r->doc);
    if (s->value.kind == VALUE_NONE) {
        conf_note(c, REPORT_CONVERTED, r->key, s->pos, NULL);
        return 0;
    }
    bool is_xm = cfg_out(c)->dialect == CFG_XM;
    const char *wrong = is_xm ? NULL : wrong_kind(r, &s->value);
    if (wrong)
        return tell_wrong_kind(c, r, &s->value, wrong);
    int errors = c->n_errors;
    CLEANUP_FREE char *copy = NULL;
    struct value v = is_xm ? xm_value(r, &s->value) : s->value;
    if (!is_xm)
        lower(r, &v, &copy);
    if (row_read(c, r, x, &v) || c->n_errors > errors)
        return -1;
    if (r->kind != ROW_IGNORE)
        conf_note(c, REPORT_CONVERTED, r->key, s->pos, NULL);
    return 0;
}

/* A key is told where it stands, not where its value or a part of that does. */
static struct pos key_place(struct conf_ctx *c, const char *key, struct pos pos)
{
    const struct cfg_setting *s = cfg_find(cfg_out(c)->file, key);
    return s ? s->pos : pos;
}

/* In the table's order, whatever the file's is: a key may look at what those in front of it said.
 */
static int read_keys(struct conf_ctx *c, const struct row_table *t, struct xl_doc *x,
                     const struct cfg *f)
{
    const struct cfg_setting *found[ROW_ROWS_MAX] = {0};
    struct row_index index;
    int rc = 0;
    row_index(&index, t->rows, t->n);
    for (size_t i = 0; i < f->n_settings; i++) {
        const struct cfg_setting *s = &f->settings[i];
        const struct row *r = s->is_shadowed ? NULL : row_find(&index, s->name, strlen(s->name));
        if (r)
            found[r - t->rows] = s;
        else
            tell_unknown(c, s);
    }
    c->place = key_place;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < t->n; i++)
            if (found[i] && (t->rows[i].flags & XL_FIRST ? 0 : 1) == pass)
                rc |= read_key(c, &t->rows[i], x, found[i]);
        if (!x->d.type)
            x->d.type = GUEST_PV; /* which keys apply depends on it */
    }
    return rc;
}

struct pos xl_pos(struct conf_ctx *c, const char *key)
{
    const struct cfg_setting *s = cfg_out(c)->file ? cfg_find(cfg_out(c)->file, key) : NULL;
    return s ? s->value.pos : (struct pos){0};
}

static int read_doc(struct conf_ctx *c, enum cfg_dialect dialect, const char *text, size_t len,
                    struct xl_doc *x)
{
    struct cfg f = {0};
    int rc = dialect == CFG_XM ? py_parse(&f, text, len) : cfg_parse(&f, text, len);
    tell_notes(c, &f);
    cfg_out(c)->file = &f;
    x->has_cmdline = cfg_find(&f, "cmdline");
    if (!rc)
        rc = read_keys(c, table_of(dialect), x, &f);
    if (!rc)
        rc = xl_settle(c, x);
    if (!rc && !(c->o->flags & CONF_RAW))
        rc = xl_defaults(c, x, dialect);
    cfg_clear(&f);
    c->place = NULL;
    cfg_out(c)->file = NULL;
    return rc;
}

static enum cfg_dialect dialect_of(const struct conf_ctx *c)
{
    return c->codec->format == CONF_XM ? CFG_XM : CFG_XL;
}

int xl_read_file(struct conf_ctx *c, const char *text, size_t len, struct domains *ret)
{
    enum cfg_dialect dialect = dialect_of(c);
    struct xl_doc x = {0};
    struct cfg_out o = {.dialect = dialect}; /* the hooks ask for the dialect */
    c->format = &o;
    c->d = &x.d;
    int rc = read_doc(c, dialect, text, len, &x);
    struct domain *d = domain_new();
    *d = x.d; /* moved */
    c->d = d;
    domains_add(ret, d);
    x.d = (struct domain){0};
    rec_clear(&xl_extra_rec, &x);
    return rc;
}

static void write_key(struct conf_ctx *c, const struct row *r, const struct xl_doc *x)
{
    bool is_plain = r->kind != ROW_HOOK && r->kind != ROW_IGNORE;
    if (row_applies(r, x->d.type))
        cfg_put_row(c, r, x);
    else if (is_plain && row_is_set(r, x) && !(r->flags & ROW_READ_ONLY))
        conf_note(c, REPORT_LOST, r->key, (struct pos){0}, "is for %s guests only", other_types(r));
}

int xl_write_file(struct conf_ctx *c, const struct domain *d, struct str *out)
{
    enum cfg_dialect dialect = dialect_of(c);
    struct cfg_out o = {.out = out, .dialect = dialect};
    struct xl_doc x = {.d = *d}; /* borrowed */
    const struct row_table *t = table_of(dialect);
    c->format = &o;
    xl_spread(c, &x, dialect);
    for (size_t i = 0; i < t->n; i++)
        write_key(c, &t->rows[i], &x);
    str_clear(&o.item);
    str_clear(&x.cmdline_text);
    return c->n_errors ? -1 : 0;
}

int xl_each(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v,
            xl_text_fn *fn)
{
    int rc = 0;
    if (v->kind != VALUE_LIST)
        return v->text ? fn(c, rec, v) : 0;
    for (size_t i = 0; i < v->n_items; i++) {
        const struct value *item = &v->items[i];
        if (item->kind == VALUE_LIST)
            rc = conf_error(c, item->pos, "'%s' wants a list of texts, not of lists", r->key);
        else if (item->text && fn(c, rec, item))
            rc = -1;
    }
    return rc;
}
