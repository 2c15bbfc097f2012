#include "conf/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

struct builder {
    xmlParserCtxtPtr parser;
    struct xml_doc *doc;
    struct xml *current;
    struct str text; /* character data since the last tag */
    const char *filename;
    struct err *e;
    int depth, n_errors;
    size_t n;
};

static struct pos here(const struct builder *b)
{
    const xmlParserInput *in = b->parser->input;
    return in ? (struct pos){in->line, in->col} : (struct pos){0, 0};
}

/* The position of the '<' of the tag that the parser has just read. */
static struct pos tag_start(const struct builder *b)
{
    const xmlParserInput *in = b->parser->input;
    const char *base = (const char *)in->base, *cur = (const char *)in->cur;
    const char *lt = cur > base ? memrchr(base, '<', (size_t)(cur - base)) : NULL;
    int line = in->line;
    if (!lt)
        return here(b);
    for (const char *p = lt; (p = memchr(p, '\n', (size_t)(cur - p))); p++)
        line--;
    const char *nl = lt > base ? memrchr(base, '\n', (size_t)(lt - base)) : NULL;
    return (struct pos){line, (int)(nl ? lt - nl : lt - base + 1)};
}

static void stop(struct builder *b, int code, struct pos pos, const char *what)
{
    if (b->n_errors++)
        return;
    fail(b->e, code, "%s%s%d:%d: %s", b->filename ? b->filename : "line ", b->filename ? ":" : "",
         pos.line, pos.col, what);
    xmlStopParser(b->parser);
}

static void add_child(struct xml *up, struct xml *x)
{
    x->parent = up;
    if (up->last)
        up->last->next = x;
    else
        up->child = x;
    up->last = x;
}

static void end_text(struct builder *b, bool at_end)
{
    struct xml *x = b->current;
    const char *text = str_get(&b->text);
    if (at_end && !x->child) {
        x->text = arena_strn(&b->doc->arena, text, b->text.len);
    } else if (text[strspn(text, " \t\r\n")]) {
        struct xml *piece = arena_new(&b->doc->arena, sizeof(*piece));
        piece->text = arena_strn(&b->doc->arena, text, b->text.len);
        piece->pos = x->pos;
        add_child(x, piece);
    }
    str_cut(&b->text, 0);
}

static const char *full_name(struct builder *b, const xmlChar *name, const xmlChar *prefix,
                             const xmlChar *uri)
{
    const char *p = (const char *)prefix, *u = (const char *)uri;
    size_t n = strlen((const char *)name), k;
    if (u && !strcmp(u, XML_NS_XEN))
        p = "xen";
    else if (u && !strcmp(u, XML_NS_XVIRT))
        p = "xvirt";
    if (!p)
        return arena_strn(&b->doc->arena, (const char *)name, n);
    k = strlen(p);
    char *full = arena_new(&b->doc->arena, k + n + 2);
    memcpy(full, p, k);
    full[k] = ':';
    memcpy(full + k + 1, name, n);
    return full;
}

static const char *xmlns_name(struct builder *b, const xmlChar *prefix)
{
    if (!prefix)
        return "xmlns";
    size_t n = strlen((const char *)prefix);
    char *name = arena_new(&b->doc->arena, n + 7);
    memcpy(name, "xmlns:", 6);
    memcpy(name + 6, prefix, n);
    return name;
}

static void add_attrs(struct builder *b, struct xml *x, int n_ns, const xmlChar **ns, int n,
                      const xmlChar **attrs)
{
    x->attrs = arena_new(&b->doc->arena, (size_t)(n + n_ns) * sizeof(*x->attrs));
    for (int i = 0; i < n_ns; i++)
        x->attrs[x->n_attrs++] =
            (struct xml_attr){xmlns_name(b, ns[2 * i]),
                              arena_strn(&b->doc->arena, (const char *)ns[2 * i + 1],
                                         strlen((const char *)ns[2 * i + 1])),
                              true};
    for (int i = 0; i < n; i++) {
        const xmlChar **a = attrs + 5 * i;
        x->attrs[x->n_attrs++] = (struct xml_attr){
            full_name(b, a[0], a[1], a[2]),
            arena_strn(&b->doc->arena, (const char *)a[3], (size_t)(a[4] - a[3])), false};
    }
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n, int n_defaulted, const xmlChar **attrs)
{
    struct builder *b = user;
    struct xml *up = b->current;
    (void)n_defaulted;
    if (b->n_errors)
        return;
    if (++b->depth > XML_DEPTH_LIMIT)
        return stop(b, ERR_XML_ERROR, here(b), "elements are nested too deeply");
    if (++b->n > XML_ELEMENTS_LIMIT)
        return stop(b, ERR_XML_ERROR, here(b), "too many elements");
    if (n + n_ns > XML_ATTRS_LIMIT)
        return stop(b, ERR_XML_ERROR, here(b), "too many attributes");
    if (up)
        end_text(b, false);
    struct xml *x = arena_new(&b->doc->arena, sizeof(*x));
    x->name = full_name(b, name, prefix, uri);
    x->pos = tag_start(b);
    add_attrs(b, x, n_ns, ns, n, attrs);
    if (up)
        add_child(up, x);
    else
        b->doc->root = x;
    b->current = x;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct builder *b = user;
    (void)name, (void)prefix, (void)uri;
    if (b->n_errors)
        return;
    end_text(b, true);
    b->current = b->current->parent;
    b->depth--;
}

static void on_text(void *user, const xmlChar *text, int len)
{
    struct builder *b = user;
    if (!b->n_errors && b->current)
        str_addn(&b->text, (const char *)text, (size_t)len);
}

/* Inside of an element of other people's in <metadata>. */
static bool is_foreign(const struct builder *b)
{
    const struct xml *x = b->current;
    const struct xml *up = x ? x->parent : NULL;
    for (; up && up->parent; x = up, up = up->parent)
        if (up->parent == b->doc->root)
            return !strcmp(up->name, "metadata") && strcmp(x->name, "xvirt:domain");
    return false;
}

static void add_special(struct builder *b, const char *name, const char *text, size_t len)
{
    if (b->n_errors)
        return;
    if (++b->n > XML_ELEMENTS_LIMIT)
        return stop(b, ERR_XML_ERROR, here(b), "too many elements");
    end_text(b, false);
    struct xml *x = arena_new(&b->doc->arena, sizeof(*x));
    x->name = arena_strn(&b->doc->arena, name, strlen(name));
    x->text = arena_strn(&b->doc->arena, text, len);
    x->pos = here(b);
    add_child(b->current, x);
}

static void on_comment(void *user, const xmlChar *text)
{
    struct builder *b = user;
    if (is_foreign(b))
        add_special(b, XML_COMMENT, (const char *)text, strlen((const char *)text));
}

static void on_instruction(void *user, const xmlChar *target, const xmlChar *data)
{
    struct builder *b = user;
    char name[64];
    const char *text = data ? (const char *)data : "";
    if (!is_foreign(b))
        return;
    if (strlen((const char *)target) >= sizeof(name) - 1)
        return stop(b, ERR_XML_ERROR, here(b), "the name of an instruction is too long");
    snprintf(name, sizeof(name), "?%s", (const char *)target);
    add_special(b, name, text, strlen(text));
}

static void on_cdata(void *user, const xmlChar *text, int len)
{
    struct builder *b = user;
    if (is_foreign(b))
        add_special(b, XML_CDATA, (const char *)text, (size_t)len);
    else
        on_text(user, text, len);
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *id, const xmlChar *system_id)
{
    struct builder *b = user;
    (void)name, (void)id, (void)system_id;
    stop(b, ERR_XML_ERROR, here(b), "a document type is not allowed");
}

/* libxml2 2.12 made the error constant. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *parser_error;
#else
typedef xmlErrorPtr parser_error;
#endif

static void on_error(void *user, parser_error error)
{
    struct builder *b = user;
    char text[512];
    if (error->level < XML_ERR_ERROR || b->n_errors)
        return;
    snprintf(text, sizeof(text), "%s", error->message ? error->message : "not well-formed");
    text[strcspn(text, "\n")] = 0;
    stop(b, ERR_XML_DETAIL, (struct pos){error->line, error->int2}, text);
}

static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .comment = on_comment,
    .processingInstruction = on_instruction,
    .internalSubset = on_doctype,
    .serror = on_error,
};

/* What libxml2 has no parser for at hand: it would go to stderr. The document fails all the same.
 */
__attribute__((format(printf, 2, 3))) static void ignore(void *arg, const char *fmt, ...)
{
}

int xml_parse(const char *text, size_t len, const char *filename, struct xml_doc *ret,
              struct err *e)
{
    struct xml_doc doc = {0};
    if (len > XML_INPUT_LIMIT)
        return fail(e, ERR_XML_ERROR, "the document is longer than %d bytes", XML_INPUT_LIMIT);
    if (!len)
        return fail(e, ERR_XML_DETAIL, "the document is empty");
    struct builder b = {.doc = &doc, .filename = filename, .e = e};
    b.parser = xmlCreateMemoryParserCtxt(text, (int)len);
    if (!b.parser)
        return fail(e, ERR_INTERNAL, "cannot start the XML parser");
    xmlSetGenericErrorFunc(NULL, ignore); /* of this thread */
    xmlCtxtUseOptions(b.parser, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOCDATA);
    *b.parser->sax = handler;
    b.parser->userData = &b;
    xmlParseDocument(b.parser);
    if (!b.n_errors && (!b.parser->wellFormed || !doc.root))
        stop(&b, ERR_XML_DETAIL, here(&b), "not well-formed");
    xmlFreeParserCtxt(b.parser);
    str_clear(&b.text);
    if (b.n_errors) {
        arena_clear(&doc.arena);
        return -1;
    }
    *ret = doc;
    return 0;
}

void xml_clear(struct xml_doc *doc)
{
    arena_clear(&doc->arena);
    *doc = (struct xml_doc){0};
}

const char *xml_get(const struct xml *x, const char *attr)
{
    for (size_t i = 0; i < x->n_attrs; i++)
        if (!strcmp(x->attrs[i].name, attr)) {
            x->attrs[i].looked = true;
            return x->attrs[i].value;
        }
    return NULL;
}

const struct xml *xml_child(const struct xml *x, const char *name)
{
    for (const struct xml *c = x->child; c; c = c->next)
        if (c->name && !strcmp(c->name, name))
            return c;
    return NULL;
}
