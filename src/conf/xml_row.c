#include "conf/xml_row.h"

#include <inttypes.h>

#include "base/vec.h"

enum { SEEN_MAX = 64 }; /* more than a table has rows of one element each */

/* ---- kept XML ---- */
void xnode_from_xml(struct xnode *n, const struct xml *x)
{
    n->name = mem_str(x->name);
    if (x->text && *x->text)
        n->text = mem_str(x->text);
    for (size_t i = 0; i < x->n_attrs; i++) {
        struct attr *a = DOMAIN_ADD(n, attrs);
        a->name = mem_str(x->attrs[i].name);
        a->value = mem_str(x->attrs[i].value);
    }
    for (const struct xml *c = x->child; c; c = c->next)
        xnode_from_xml(DOMAIN_ADD(n, children), c);
}

void xnode_write(const struct xnode *n, struct xml_out *w)
{
    if (!n->name) {
        xml_out_text(w, n->text ? n->text : "");
        return;
    }
    if (*n->name == '!' || *n->name == '?') {
        xml_out_special(w, n->name, n->text ? n->text : "");
        return;
    }
    xml_out_open(w, n->name);
    xml_out_show(w);
    for (size_t i = 0; i < n->n_attrs; i++)
        xml_out_attr(w, n->attrs[i].name, n->attrs[i].value ? n->attrs[i].value : "");
    if (n->text && !n->n_children)
        xml_out_text(w, n->text);
    for (size_t i = 0; i < n->n_children; i++)
        if (!n->children[i].name || !strcmp(n->children[i].name, XML_CDATA))
            xml_out_inline(w);
    for (size_t i = 0; i < n->n_children; i++)
        xnode_write(&n->children[i], w);
    xml_out_close(w);
}

static struct xnode *keep(struct conf_ctx *c)
{
    struct xml_ctx *m = xml_of(c);
    *m->kept = vec_room(*m->kept, *m->n_kept, sizeof(**m->kept));
    struct kept *k = &(*m->kept)[(*m->n_kept)++];
    *k = (struct kept){.at = mem_str(m->at)};
    return &k->node;
}

static void write_kept(struct conf_ctx *c, const char *name, bool is_attr)
{
    struct xml_ctx *m = xml_of(c);
    for (size_t i = 0; i < *m->n_kept; i++) {
        const struct kept *k = &(*m->kept)[i];
        const char *n = k->node.name;
        if (!n || (n[0] == '@') != is_attr || strcmp(n + is_attr, name) ||
            strcmp(k->at ? k->at : "", m->at))
            continue;
        if (is_attr)
            xml_out_attr(m->w, name, k->node.text ? k->node.text : "");
        else
            xnode_write(&k->node, m->w);
    }
}

/* Going into an element: the record's own kept list, or the same one a step
 * deeper. Returns what leave() wants. */
struct place {
    struct kept **kept;
    size_t *n_kept;
    size_t at_len;
    char at[256];
};

static void enter(struct xml_ctx *m, const struct xtable *t, const void *rec, const char *name,
                  struct place *p)
{
    p->kept = m->kept;
    p->n_kept = m->n_kept;
    p->at_len = strlen(m->at);
    if (t->has_kept) {
        memcpy(p->at, m->at, p->at_len + 1);
        m->kept = (struct kept **)(void *)((char *)rec + t->kept);
        m->n_kept = (size_t *)(void *)((char *)rec + t->n_kept);
        m->at[0] = 0;
    } else if (name) {
        size_t n = strlen(name), at = p->at_len;
        if (at + n + 2 > sizeof(m->at))
            return;
        if (at)
            m->at[at++] = '/';
        memcpy(m->at + at, name, n + 1);
    }
}

static void leave(struct xml_ctx *m, const struct xtable *t, const struct place *p)
{
    m->kept = p->kept;
    m->n_kept = p->n_kept;
    if (t->has_kept)
        memcpy(m->at, p->at, p->at_len + 1);
    m->at[p->at_len] = 0;
}

/* ---- reading ---- */
static void *member(const struct xrow *r, const void *rec)
{
    return (char *)rec + r->r.offset;
}

static int check_word(struct conf_ctx *c, const struct xrow *r, const char *text,
                      const struct xml *x)
{
    CLEANUP_STR struct str known = {0};
    for (size_t i = 0; r->oneof && r->oneof[i]; i++) {
        if (!strcmp(r->oneof[i], text))
            return 0;
        str_addf(&known, "%s%s", i ? ", " : "", r->oneof[i]);
    }
    if (!r->oneof)
        return 0;
    return xml_error(c, x, "'%s' of <%s> has an unknown value '%s' (known: %s)", r->r.key, x->name,
                     text, str_get(&known));
}

static int read_text(struct conf_ctx *c, const struct xrow *r, void *rec, const char *text,
                     const struct xml *x)
{
    CLEANUP_FREE char *trimmed = NULL;
    if (r->when & XW_TRIM ||
        (r->r.kind != ROW_STR && r->r.kind != ROW_STRS && r->place != X_ATTR)) {
        text += strspn(text, " \t\r\n");
        size_t n = strlen(text);
        while (n && strchr(" \t\r\n", text[n - 1]))
            n--;
        text = trimmed = mem_strn(text, n);
    }
    if (!*text && !(r->when & XW_EMPTY) && r->place != X_ATTR)
        return 0;
    if (r->implied && !strcmp(text, r->implied))
        return 0;
    if (check_word(c, r, text, x))
        return -1;
    return row_read_text(c, &r->r, rec, text, x->pos);
}

static void note_key(struct conf_ctx *c, enum report_status status, const struct xml *x,
                     const char *attr, bool follows, const char *text);

static int read_size(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    if (xml_kib(c, x, x->text ? x->text : "", xml_get(x, "unit"), member(r, rec)))
        return -1;
    if (c->o->report) { /* before its attributes are */
        note_key(c, REPORT_CONVERTED, x, NULL, false, NULL);
        ((struct xml *)x)->noted = true;
        for (size_t i = 0; i < x->n_attrs; i++)
            if (!strcmp(x->attrs[i].name, "unit")) {
                note_key(c, REPORT_CONVERTED, x, "unit", true, NULL);
                x->attrs[i].used = true;
            }
    }
    return r->sub ? xml_read_rows(c, r->sub, rec, x) : 0;
}

static int read_flag(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct place p;
    *(tri *)member(r, rec) = TRI_YES;
    if (!r->sub)
        return 0;
    enter(xml_of(c), r->sub, rec, x->name, &p);
    int rc = xml_read_rows(c, r->sub, rec, x);
    leave(xml_of(c), r->sub, &p);
    return rc;
}

static int read_state(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    const char *state = xml_get(x, "state");
    if (state)
        return row_read_text(c, &r->r, rec, state, x->pos);
    *(tri *)member(r, rec) = TRI_YES;
    return 0;
}

static int read_sub(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct place p;
    void *at = member(r, rec);
    if (r->place == X_OPT) {
        void **opt = at;
        if (*opt)
            return xml_error(c, x, "only one <%s> is allowed", x->name);
        at = *opt = mem_new(1, r->sub->item_size);
    }
    enter(xml_of(c), r->sub, at, x->name, &p);
    int rc = xml_read_rows(c, r->sub, at, x);
    leave(xml_of(c), r->sub, &p);
    return rc;
}

int xml_read_item(struct conf_ctx *c, const struct xtable *t, void *rec, const struct xml *x)
{
    struct place p;
    enter(xml_of(c), t, rec, x->name, &p);
    int rc = xml_read_rows(c, t, rec, x);
    leave(xml_of(c), t, &p);
    return rc;
}

static int read_list(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    char **items = member(r, rec);
    size_t *n = (size_t *)(void *)((char *)rec + r->r.count_offset);
    size_t size = r->sub->item_size;
    *items = vec_room(*items, *n, size);
    void *item = memset(*items + (*n)++ * size, 0, size);
    return xml_read_item(c, r->sub, item, x);
}

static int read_keep(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    if ((r->read && r->read(c, r, rec, x)) || xml_kept_check(c, x, xml_of(c)->at))
        return -1;
    struct xnode *n = keep(c);
    xnode_from_xml(n, x);
    xml_kept_settle(n, xml_of(c)->at);
    return 0;
}

static int read_element(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    switch (r->place) {
    case X_CHILD:
        return read_text(c, r, rec, x->text ? x->text : "", x);
    case X_SIZE:
        return read_size(c, r, rec, x);
    case X_FLAG:
        return read_flag(c, r, rec, x);
    case X_STATE:
        return read_state(c, r, rec, x);
    case X_ELEM:
    case X_OPT:
        return read_sub(c, r, rec, x);
    case X_LIST:
        return read_list(c, r, rec, x);
    case X_KEEP:
        return read_keep(c, r, rec, x);
    case X_HOOK:
        return r->read(c, r, rec, x);
    case X_ATTR:
    case X_TEXT:
    case X_INLINE:
    case X_KEEP_ATTR:
    case X_HOOK_ATTR:
        break;
    }
    return 0;
}

static bool is_attr(const struct xrow *r)
{
    return r->place == X_ATTR || r->place == X_KEEP_ATTR || r->place == X_HOOK_ATTR;
}

static int read_attr(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x,
                     const char *value)
{
    if (r->place == X_HOOK_ATTR)
        return r->read(c, r, rec, x);
    if (r->place == X_KEEP_ATTR) {
        if (check_word(c, r, value, x))
            return -1;
        struct xnode *n = keep(c);
        n->name = mem_printf("@%s", r->r.key);
        n->text = mem_str(value);
        return 0;
    }
    return read_text(c, r, rec, value, x);
}

static bool is_there(const struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    const struct xml_ctx *m = c->format;
    return !(r->when & XW_ACTIVE && m->inactive) && (!r->only || r->only(rec));
}

/* The row for a name, looked for from `from` on and then from the start: texts
 * in libvirt's own order find each row at once. rec moves to the struct of an
 * inline table. */
static const struct xrow *find(struct conf_ctx *c, const struct xtable *t, void **rec,
                               const char *name, const struct xml *child, size_t *from)
{
    for (size_t k = 0; k < t->n; k++) {
        size_t i = *from + k < t->n ? *from + k : *from + k - t->n;
        const struct xrow *r = &t->rows[i];
        if (r->place == X_INLINE) {
            void *inner = member(r, *rec);
            size_t zero = 0;
            const struct xrow *found = find(c, r->sub, &inner, name, child, &zero);
            if (found) {
                *rec = inner;
                *from = i;
                return found;
            }
        } else if (is_attr(r) == !child && r->place != X_TEXT && r->r.key[0] == name[0] &&
                   !strcmp(r->r.key, name) && is_there(c, r, *rec) &&
                   !(child && r->claims && !r->claims(child))) {
            *from = i;
            return r;
        }
    }
    return NULL;
}

/* ---- the report: every attribute, and every element that has none and no
 * elements in it ---- */

/* "devices/disk/driver@cache" */
static void note_key(struct conf_ctx *c, enum report_status status, const struct xml *x,
                     const char *attr, bool follows, const char *text)
{
    const struct xml *up[XML_DEPTH_LIMIT];
    CLEANUP_STR struct str key = {0};
    struct report *report = c->o->report;
    size_t n = 0, entries = report->n_entries;
    for (const struct xml *at = x; at && at->parent && n < XML_DEPTH_LIMIT; at = at->parent)
        up[n++] = at;
    for (; n; n--)
        str_addf(&key, "%s%s", key.len ? "/" : "", up[n - 1]->name ? up[n - 1]->name : "text");
    if (attr)
        str_addf(&key, "@%s", attr);
    struct domain *d = c->d;
    if (follows)
        c->d = NULL; /* what it said is its first part's */
    if (text)
        conf_note(c, status, str_get(&key), x->pos, "%s", text);
    else
        conf_note(c, status, str_get(&key), x->pos, NULL);
    c->d = d;
    if (report->n_entries > entries)
        report->entries[entries].follows = follows;
}

void xml_claim(struct conf_ctx *c, const struct xml *x, const char *attr)
{
    if (c->o->report && xml_get(x, attr))
        note_key(c, REPORT_CONVERTED, x, attr, false, NULL);
}

/* In other people's <metadata>: a comment, CDATA or an instruction. */
static bool is_special(const struct xml *x)
{
    return x->name && strchr("!?", *x->name);
}

/* Nothing in it will be told of; a namespace is none. */
static bool is_leaf(const struct xml *x)
{
    bool is_blank = !x->text || !x->text[strspn(x->text, " \t\r\n")];
    for (const struct xml *child = x->child; child; child = child->next)
        if (!is_special(child))
            return false;
    for (size_t i = 0; i < x->n_attrs; i++)
        if (!str_starts(x->attrs[i].name, "xmlns"))
            return !is_blank;
    return true;
}

static const char unknown[] = "unknown, ignored";

/* A hook asks for the attributes that it knows, unless it takes the element as
 * a whole. */
static void note_unasked(struct conf_ctx *c, struct xml *x)
{
    bool any = false;
    for (size_t i = 0; i < x->n_attrs; i++)
        any |= x->attrs[i].looked;
    for (size_t i = 0; any && i < x->n_attrs; i++) {
        if (x->attrs[i].used || x->attrs[i].looked)
            continue;
        x->attrs[i].used = true;
        note_key(c, REPORT_LOST, x, x->attrs[i].name, false, unknown);
    }
    for (struct xml *child = x->child; child; child = child->next)
        note_unasked(c, child);
}

/* What nobody has noted yet, in x and below. */
static void note_rest(struct conf_ctx *c, enum report_status status, struct xml *x,
                      const char *text, bool *follows)
{
    for (size_t i = 0; i < x->n_attrs; i++) {
        if (x->attrs[i].used)
            continue;
        x->attrs[i].used = true;
        note_key(c, status, x, x->attrs[i].name, *follows, text);
        *follows = true;
    }
    if (is_leaf(x) && !x->noted) {
        note_key(c, status, x, NULL, *follows, text);
        *follows = true;
    }
    x->noted = true;
    for (struct xml *child = x->child; child; child = child->next)
        if (!is_special(child))
            note_rest(c, status, child, text, follows);
}

void xml_lose(struct conf_ctx *c, struct xml *x, const char *why)
{
    bool follows = false;
    if (c->o->report)
        note_rest(c, REPORT_LOST, x, why, &follows);
}

/* After an element was read by its row: a leaf itself, and what is in it, where
 * the row looks inside. An attribute that it does not look at is lost. */
static void note_element(struct conf_ctx *c, const struct xrow *r, struct xml *x)
{
    bool follows = false;
    if (!c->o->report)
        return;
    bool is_plain = r->place == X_CHILD || r->place == X_FLAG || r->place == X_SIZE;
    if (is_plain && !x->noted) {
        note_key(c, REPORT_CONVERTED, x, NULL, false, NULL);
        x->noted = true;
    }
    if (r->place == X_HOOK)
        note_unasked(c, x);
    note_rest(c, is_plain ? REPORT_LOST : REPORT_CONVERTED, x, is_plain ? unknown : NULL, &follows);
    report_claim(c->o->report, c->d, -1);
}

static void note_attr(struct conf_ctx *c, const struct xml *x, struct xml_attr *a)
{
    if (!c->o->report || a->used)
        return;
    a->used = true;
    note_key(c, REPORT_CONVERTED, x, a->name, false, NULL);
}

/* The kept list of a struct in an inline table is that struct's. */
static int read_one(struct conf_ctx *c, const struct xtable *t, const struct xrow *r, void *rec,
                    void *inner, const struct xml *x, const char *value)
{
    const struct xtable *in = NULL;
    for (size_t i = 0; rec != inner && i < t->n; i++)
        if (t->rows[i].place == X_INLINE && member(&t->rows[i], rec) == inner)
            in = t->rows[i].sub;
    struct place p;
    if (in && in->has_kept)
        enter(xml_of(c), in, inner, NULL, &p);
    int rc = value ? read_attr(c, r, inner, x, value) : read_element(c, r, inner, x);
    if (in && in->has_kept)
        leave(xml_of(c), in, &p);
    return rc;
}

/* The row of a name that is not for this document or this record. */
static const struct xrow *absent_row(const struct xtable *t, const char *name)
{
    const struct xrow *found = NULL;
    for (size_t i = 0; i < t->n && !found; i++) {
        const struct xrow *r = &t->rows[i];
        if (r->place == X_INLINE)
            found = absent_row(r->sub, name);
        else if (!strcmp(r->r.key, name))
            found = r;
    }
    return found;
}

static void note_unread(struct conf_ctx *c, const struct xtable *t, struct xml *x,
                        struct xml_attr *a)
{
    const char *name = a ? a->name : x->name ? x->name : "";
    bool follows = false;
    if (!c->o->report || (a && (a->used || !strcmp(name, "unit"))))
        return;
    const struct xrow *r = absent_row(t, name);
    bool is_live = r && r->when & XW_ACTIVE;
    enum report_status status = is_live ? REPORT_CONVERTED : REPORT_LOST;
    const char *text = is_live ? "is for running guests" : r ? "means nothing here" : unknown;
    if (!a) {
        note_rest(c, status, x, text, &follows);
        return;
    }
    a->used = true;
    note_key(c, status, x, name, false, text);
}

/* Rows that an element was read by: of two that can be one only, libvirt takes
 * the first. */
struct seen {
    const struct xrow *rows[SEEN_MAX];
    size_t n;
};

static bool is_again(struct seen *seen, const struct xrow *r)
{
    bool is_list = r->r.kind == ROW_STRS || r->r.kind == ROW_U32S;
    if (!(r->place == X_CHILD && !is_list) && r->place != X_SIZE &&
        !(r->place == X_ELEM && !(r->when & XW_MERGE)) &&
        !(r->place == X_KEEP && !(r->when & XW_LIST)))
        return false;
    for (size_t i = 0; i < seen->n; i++)
        if (seen->rows[i] == r)
            return true;
    if (seen->n < SEEN_MAX)
        seen->rows[seen->n++] = r;
    return false;
}

int xml_read_rows(struct conf_ctx *c, const struct xtable *t, void *rec, const struct xml *x)
{
    struct seen seen = {.n = 0};
    size_t from = 0;
    int rc = t->before ? t->before(c, rec, x) : 0;
    for (size_t i = 0; i < x->n_attrs; i++) {
        void *inner = rec;
        const struct xrow *r = find(c, t, &inner, x->attrs[i].name, NULL, &from);
        if (!r)
            note_unread(c, t, (struct xml *)x, &x->attrs[i]);
        else if (read_one(c, t, r, rec, inner, x, x->attrs[i].value))
            rc = -1;
        else
            note_attr(c, x, &x->attrs[i]);
    }
    for (struct xml *child = x->child; child; child = child->next) {
        void *inner = rec;
        const char *name = child->name ? child->name + xml_of(c)->skip : "";
        const struct xrow *r = *name ? find(c, t, &inner, name, child, &from) : NULL;
        if (!r)
            note_unread(c, t, child, NULL);
        else if (is_again(&seen, r))
            xml_lose(c, child, "is said before, ignored");
        else if (read_one(c, t, r, rec, inner, child, NULL))
            rc = -1;
        else
            note_element(c, r, child);
    }
    for (size_t i = 0; i < t->n; i++) {
        const struct xrow *r = &t->rows[i];
        if (r->place == X_TEXT && x->text && read_text(c, r, rec, x->text, x))
            rc = -1;
        if (r->when & XW_MANDATORY && !xml_get(x, r->r.key) && !row_is_set(&r->r, rec))
            rc = xml_error(c, x, "<%s> has no '%s'", x->name, r->r.key);
    }
    if (!rc && t->after)
        rc = t->after(c, rec, x);
    if (c->o->report)
        report_claim(c->o->report, c->d, -1);
    return rc;
}

/* ---- writing ---- */
static const char *text_of(const struct xrow *r, const void *rec, struct str *out)
{
    str_cut(out, 0);
    if (r->r.kind == ROW_STR && row_is_set(&r->r, rec))
        return *(char *const *)member(r, rec);
    if (row_text(&r->r, rec, 0, out))
        return str_get(out);
    return r->implied;
}

static void write_size(struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    struct xml_out *w = xml_of(c)->w;
    const struct num *n = member(r, rec);
    if (!n->set)
        return;
    xml_out_open(w, r->r.key);
    if (r->sub)
        xml_write_rows(c, r->sub, rec);
    xml_out_attr(w, "unit", "KiB");
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, n->v);
    xml_out_text(w, text);
    xml_out_close(w);
}

static void write_sub(struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    struct xml_ctx *m = xml_of(c);
    struct place p;
    const void *at = member(r, rec);
    if (r->place == X_OPT && !(at = *(void *const *)at))
        return;
    xml_out_open(m->w, r->r.key);
    if (r->when & XW_ALWAYS || r->place == X_OPT)
        xml_out_show(m->w);
    if (r->when & XW_BLOCK)
        xml_out_block(m->w);
    enter(m, r->sub, at, r->r.key, &p);
    xml_write_rows(c, r->sub, at);
    leave(m, r->sub, &p);
    xml_out_close(m->w);
}

void xml_write_item(struct conf_ctx *c, const struct xtable *t, const void *rec, const char *name)
{
    struct xml_ctx *m = xml_of(c);
    struct place p;
    xml_out_open(m->w, name);
    xml_out_show(m->w);
    enter(m, t, rec, name, &p);
    xml_write_rows(c, t, rec);
    leave(m, t, &p);
    xml_out_close(m->w);
}

static void write_list(struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    const char *items = *(char *const *)member(r, rec);
    size_t n = *(const size_t *)(const void *)((const char *)rec + r->r.count_offset);
    for (size_t i = 0; i < n; i++)
        xml_write_item(c, r->sub, items + i * r->sub->item_size, r->r.key);
}

static void write_texts(struct conf_ctx *c, const struct xrow *r, const void *rec, struct str *text)
{
    for (size_t i = 0; i < row_count(&r->r, rec); i++) {
        str_cut(text, 0);
        if (row_text(&r->r, rec, i, text))
            xml_out_element(xml_of(c)->w, r->r.key, str_get(text));
    }
}

static void write_inline(struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    struct place p;
    enter(xml_of(c), r->sub, member(r, rec), NULL, &p);
    xml_write_rows(c, r->sub, member(r, rec));
    leave(xml_of(c), r->sub, &p);
}

static void write_child(struct conf_ctx *c, const struct xrow *r, const void *rec, struct str *out)
{
    struct xml_out *w = xml_of(c)->w;
    if (r->r.kind == ROW_STRS || r->r.kind == ROW_U32S) {
        write_texts(c, r, rec, out);
        return;
    }
    const char *text = text_of(r, rec, out);
    if (text)
        xml_out_element(w, r->r.key, text);
}

static void write_state(struct conf_ctx *c, const struct xrow *r, const void *rec)
{
    struct xml_out *w = xml_of(c)->w;
    tri state = *(const tri *)member(r, rec);
    if (state == TRI_UNSET || (r->place == X_FLAG && state == TRI_NO))
        return;
    xml_out_open(w, r->r.key);
    xml_out_show(w);
    if (r->place == X_STATE)
        xml_out_attr(w, "state", state == TRI_YES ? r->r.yes : r->r.no);
    if (r->sub) {
        struct place p;
        enter(xml_of(c), r->sub, rec, r->r.key, &p);
        xml_write_rows(c, r->sub, rec);
        leave(xml_of(c), r->sub, &p);
    }
    xml_out_close(w);
}

static void write_row(struct conf_ctx *c, const struct xrow *r, const void *rec, struct str *out)
{
    struct xml_out *w = xml_of(c)->w;
    const char *text;
    switch (r->place) {
    case X_ATTR:
        if ((text = text_of(r, rec, out)))
            xml_out_attr(w, r->r.key, text);
        break;
    case X_TEXT:
        if ((text = text_of(r, rec, out)))
            xml_out_text(w, text);
        break;
    case X_CHILD:
        write_child(c, r, rec, out);
        break;
    case X_SIZE:
        write_size(c, r, rec);
        break;
    case X_FLAG:
    case X_STATE:
        write_state(c, r, rec);
        break;
    case X_ELEM:
    case X_OPT:
        write_sub(c, r, rec);
        break;
    case X_INLINE:
        write_inline(c, r, rec);
        break;
    case X_LIST:
        write_list(c, r, rec);
        break;
    case X_KEEP:
        write_kept(c, r->r.key, false);
        break;
    case X_KEEP_ATTR:
        write_kept(c, r->r.key, true);
        break;
    case X_HOOK:
    case X_HOOK_ATTR:
        r->write(c, r, rec, w);
        break;
    }
}

void xml_write_rows(struct conf_ctx *c, const struct xtable *t, const void *rec)
{
    CLEANUP_STR struct str out = {0};
    bool secure = c->o->flags & CONF_SECURE;
    for (size_t i = 0; i < t->n; i++)
        if (is_there(c, &t->rows[i], rec) && !(t->rows[i].when & XW_SECURE && !secure) &&
            (!t->rows[i].shown || t->rows[i].shown(rec)))
            write_row(c, &t->rows[i], rec, &out);
}
