#include "snapshot_xml.h"

#include "base/vec.h"
#include "conf/conf.h"
#include "conf/xml.h"

__attribute__((format(printf, 3, 4))) static int bad(const struct xml *x, struct err *e,
                                                     const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return fail(e, ERR_XML_ERROR, "line %d:%d: %s", x->pos.line, x->pos.col, text);
}

/* The number of the word; 0 when there is no text. */
static int find_word(const struct xml *x, const char *what, const char *text,
                     const struct words *words, int *ret, struct err *e)
{
    CLEANUP_STR struct str known = {0};
    int n = text ? words_find(words, text) : 0;
    if (n >= 0) {
        *ret = n;
        return 0;
    }
    for (int i = 1; i < words->n; i++)
        str_addf(&known, "%s%s", i > 1 ? ", " : "", words->names[i]);
    return bad(x, e, "%s has an unknown value '%s' (known: %s)", what, text, str_get(&known));
}

static int word(const struct xml *x, const char *attr, const struct words *words, int *ret,
                struct err *e)
{
    CLEANUP_FREE char *what = mem_printf("'%s' of <%s>", attr, x->name);
    return find_word(x, what, xml_get(x, attr), words, ret, e);
}

static const char *child_text(const struct xml *x, const char *name)
{
    const struct xml *c = x ? xml_child(x, name) : NULL;
    return c && !str_empty(c->text) ? c->text : NULL;
}

static const char *child_attr(const struct xml *x, const char *name, const char *attr)
{
    const struct xml *c = xml_child(x, name);
    return c ? xml_get(c, attr) : NULL;
}

static int read_disk(const struct xml *x, struct snapshot *s, struct err *e)
{
    int place = 0, type = 0;
    const char *name = xml_get(x, "name");
    if (str_empty(name))
        return bad(x, e, "<disk> of a snapshot needs a 'name'");
    if (s->n_disks == SNAPSHOT_DISKS_MAX)
        return bad(x, e, "more than %d disks in a snapshot", SNAPSHOT_DISKS_MAX);
    if (snapshot_disk_find(s, name))
        return bad(x, e, "disk '%s' of the snapshot stands there twice", name);
    if (word(x, "snapshot", &snap_place_words, &place, e) ||
        word(x, "type", &disk_type_words, &type, e))
        return -1;
    const char *file = child_attr(x, "source", "file"), *dev = child_attr(x, "source", "dev");
    struct snapshot_disk *d = DOMAIN_ADD(s, disks);
    d->name = mem_str(name);
    d->place = place ? (enum snap_place)place : file || dev ? SNAP_EXTERNAL : 0;
    d->type = type ? (enum disk_type)type : dev ? DISK_BLOCK : file ? DISK_FILE : 0;
    d->format = mem_str(child_attr(x, "driver", "type"));
    d->source = mem_str(file ? file : dev);
    return 0;
}

static int read_disks(const struct xml *x, struct snapshot *s, struct err *e)
{
    for (const struct xml *c = x ? x->child : NULL; c; c = c->next)
        if (str_eq(c->name, "disk") && read_disk(c, s, e))
            return -1;
    return 0;
}

static int read_memory(const struct xml *x, struct snapshot *s, struct err *e)
{
    int place = 0;
    if (x && word(x, "snapshot", &snap_place_words, &place, e))
        return -1;
    s->memory_file = mem_str(x ? xml_get(x, "file") : NULL);
    s->memory = place ? (enum snap_place)place : s->memory_file ? SNAP_EXTERNAL : 0;
    return s->memory == SNAP_EXTERNAL && !s->memory_file
               ? bad(x, e, "external memory of a snapshot needs a 'file'")
               : 0;
}

/* The element as it stands in the text; what is within a text would be escaped. */
static int read_domain(const char *text, struct snapshot *s, struct err *e)
{
    static const char end[] = "</domain>";
    struct conf_opts o = {.flags = CONF_INACTIVE};
    const char *from = strstr(text, "<domain "), *plain = strstr(text, "<domain>"), *to = NULL;
    if (!from || (plain && plain < from))
        from = plain;
    for (const char *at = from ? strstr(from, end) : NULL; at; at = strstr(at + 1, end))
        to = at + strlen(end);
    if (!from || !to)
        return fail(e, ERR_XML_ERROR, "the snapshot's <domain> is not to be found");
    if (conf_read(CONF_XML, from, (size_t)(to - from), &o, &s->domain, e))
        return wrap(e, "the snapshot's <domain>, its own lines");
    return 0;
}

static int read_root(const struct xml *x, const char *text, struct snapshot *s, struct err *e)
{
    const char *created = child_text(x, "creationTime"), *state = child_text(x, "state");
    int64_t at;
    if (!str_eq(x->name, "domainsnapshot"))
        return bad(x, e, "expected <domainsnapshot>, found <%s>", x->name);
    s->name = mem_str(child_text(x, "name"));
    s->description = mem_str(child_text(x, "description"));
    s->parent = mem_str(child_text(xml_child(x, "parent"), "name"));
    if (created && !parse_i64(created, 10, 0, INT64_MAX, &at))
        return bad(xml_child(x, "creationTime"), e, "<creationTime> is no number of seconds: '%s'",
                   created);
    if (created)
        s->created = NUM(at);
    int n = 0;
    if (state && find_word(xml_child(x, "state"), "<state>", state, &snap_state_words, &n, e))
        return -1;
    s->state = (enum snap_state)n;
    if (read_memory(xml_child(x, "memory"), s, e) || read_disks(xml_child(x, "disks"), s, e))
        return -1;
    const struct xml *d = xml_child(x, "domain");
    return d && d->child ? read_domain(text, s, e) : 0;
}

int snapshot_xml_read(const char *text, size_t len, struct snapshot **ret, struct err *e)
{
    CLEANUP_SNAPSHOT struct snapshot *s = snapshot_new();
    CLEANUP_FREE char *copy = mem_strn(text, len);
    struct xml_doc doc;
    if (xml_parse(text, len, NULL, &doc, e))
        return -1;
    int r = read_root(doc.root, copy, s, e);
    xml_clear(&doc);
    if (!r)
        *ret = take(s);
    return r;
}

/* ---- out ---- */
static void write_disk(struct xml_out *w, const struct snapshot_disk *d)
{
    xml_out_open(w, "disk");
    xml_out_attr(w, "name", d->name);
    xml_out_attr(w, "snapshot", words_name(&snap_place_words, d->place));
    if (d->type)
        xml_out_attr(w, "type", words_name(&disk_type_words, d->type));
    if (d->format) {
        xml_out_open(w, "driver");
        xml_out_attr(w, "type", d->format);
        xml_out_close(w);
    }
    if (d->source) {
        xml_out_open(w, "source");
        xml_out_attr(w, d->type == DISK_BLOCK ? "dev" : "file", d->source);
        xml_out_close(w);
    }
    xml_out_close(w);
}

static void write_parent(struct xml_out *w, const struct snapshot *s)
{
    if (!s->parent)
        return;
    xml_out_open(w, "parent");
    xml_out_element(w, "name", s->parent);
    xml_out_close(w);
}

/* Deeper by two blanks; a text within it keeps its own lines. */
static int write_domain(const struct snapshot *s, bool secure, struct str *out, struct err *e)
{
    CLEANUP_STR struct str xml = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE | (secure ? CONF_SECURE : 0)};
    if (conf_write(CONF_XML, s->domain, &o, &xml, e))
        return -1;
    for (const char *line = str_get(&xml); *line;) {
        size_t n = strcspn(line, "\n");
        n += line[n] == '\n';
        if (line[strspn(line, " ")] == '<')
            str_add(out, "  ");
        str_addn(out, line, n);
        line += n;
    }
    return 0;
}

int snapshot_xml_write(const struct snapshot *s, bool secure, struct str *out, struct err *e)
{
    static const char end[] = "</domainsnapshot>\n";
    struct xml_out w = {.s = out};
    xml_out_open(&w, "domainsnapshot");
    xml_out_element(&w, "name", s->name);
    if (s->description)
        xml_out_element(&w, "description", s->description);
    if (s->state)
        xml_out_element(&w, "state", words_name(&snap_state_words, s->state));
    write_parent(&w, s);
    if (s->created.set) {
        CLEANUP_FREE char *at = mem_printf("%lld", (long long)s->created.v);
        xml_out_element(&w, "creationTime", at);
    }
    if (s->memory) {
        xml_out_open(&w, "memory");
        xml_out_attr(&w, "snapshot", words_name(&snap_place_words, s->memory));
        if (s->memory_file)
            xml_out_attr(&w, "file", s->memory_file);
        xml_out_close(&w);
    }
    xml_out_open(&w, "disks");
    for (size_t i = 0; i < s->n_disks; i++)
        write_disk(&w, &s->disks[i]);
    xml_out_close(&w);
    xml_out_close(&w);
    if (!s->domain)
        return 0;
    if (!str_ends(str_get(out), end))
        return fail(e, ERR_INTERNAL, "the snapshot's XML has no end");
    str_cut(out, out->len - strlen(end));
    int r = write_domain(s, secure, out, e);
    str_add(out, end);
    return r;
}
