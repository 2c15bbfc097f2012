/* XML in: a text becomes a tree of elements with positions, owned by its document. XML out:
 * elements with attributes, printed as libvirt prints them. Nothing is fetched, there are no
 * entities but XML's own five, and a document type is refused. Any thread. */
#pragma once
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/arena.h"
#include "conf/value.h"

enum {
    XML_INPUT_LIMIT = 4 << 20,   /* bytes of a text */
    XML_DEPTH_LIMIT = 64,        /* elements within elements */
    XML_ELEMENTS_LIMIT = 200000, /* of a document */
    XML_ATTRS_LIMIT = 200,       /* of an element */
};

#define XML_NS_XEN "http://libvirt.org/schemas/domain/xen/1.0"
#define XML_NS_XVIRT "https://xvirt.org/schemas/domain/1.0"

#define XML_COMMENT "!--"
#define XML_CDATA "![CDATA["

struct xml_attr {
    const char *name, *value; /* "xmlns:p" for a declaration */
    bool used;                /* told of in the report */
    bool looked;              /* somebody asked for it */
};

struct xml {
    /* "memory", or "PREFIX:name"; libvirt's Xen namespace has the prefix xen and ours xvirt,
     * however the text calls them. NULL for a piece of text between elements. In other people's
     * <metadata> also XML_COMMENT, XML_CDATA and "?TARGET" of an instruction, with the text. */
    const char *name;
    const char *text; /* of an element without elements in it; never NULL for one */
    struct xml_attr *attrs;
    size_t n_attrs;
    struct xml *child, *last, *next, *parent;
    struct pos pos; /* of its '<' */
    bool noted;     /* by its reader, in the report */
};

struct xml_doc {
    struct arena arena;
    struct xml *root;
};

/* The document, or an error with line and column; caller clears with xml_clear. */
int xml_parse(const char *text, size_t len, const char *filename, struct xml_doc *ret,
              struct err *e);
void xml_clear(struct xml_doc *doc);
const char *xml_get(const struct xml *x, const char *attr);         /* NULL when absent */
const struct xml *xml_child(const struct xml *x, const char *name); /* the first, or NULL */
int64_t xml_unit_bytes(const char *unit); /* "KiB", "MB", ...; 0: there is no such unit */

/* ---- out ---- */
enum { XML_OUT_DEPTH = 80 };

struct xml_level {
    const char *prefix, *name;
    enum { LEVEL_CLOSED, LEVEL_TAG, LEVEL_CHILDREN, LEVEL_TEXT } state;
};

/* An element appears when its first attribute, text or child does, and only then. */
struct xml_out {
    struct str *s;
    struct xml_level levels[XML_OUT_DEPTH];
    int depth;
    const char *prefix; /* put before the names of elements: "xvirt:"; NULL: nothing */
    int inline_from;    /* depth of an element with text between its children; 0: none */
    bool is_foreign;    /* spelled as libxml2 spells it, with double quotes: <metadata> */
    bool is_bad;        /* a text was not UTF-8 */
    bool is_cut;        /* control characters, which XML cannot say, were dropped */
};

bool xml_is_text(const char *text);                     /* UTF-8; NULL is */
void xml_out_open(struct xml_out *w, const char *name); /* name: borrowed until closed */
void xml_out_show(struct xml_out *w);                   /* the open element, even when empty */
void xml_out_block(struct xml_out *w); /* with an end tag of its own, even when empty */
void xml_out_attr(struct xml_out *w, const char *name, const char *value);
__attribute__((format(printf, 3, 4))) void xml_out_attrf(struct xml_out *w, const char *name,
                                                         const char *fmt, ...);
/* Hexadecimal with 0x and at least width digits, decimal for width 0. */
void xml_out_number(struct xml_out *w, const char *name, int64_t n, int width);
/* The element then has no children, or is inline. */
void xml_out_text(struct xml_out *w, const char *text);
/* A comment, CDATA or an instruction, by the name that struct xml gives it. */
void xml_out_special(struct xml_out *w, const char *name, const char *text);
/* Children of the open element follow each other and its texts without a line break. */
void xml_out_inline(struct xml_out *w);
void xml_out_close(struct xml_out *w);
void xml_out_element(struct xml_out *w, const char *name, const char *text); /* <name>text</name> */
/* An element of a document, with all that is in it. */
void xml_out_tree(struct xml_out *w, const struct xml *x);
