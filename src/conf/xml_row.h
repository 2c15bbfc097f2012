/* An element of libvirt's XML is a table: a row an attribute or child, in the order in which
 * libvirt prints them. One walk reads by the table (attributes and children in any order), one
 * writes. A name that no row has is dropped with a warning, as libvirt drops it. */
#pragma once
#include "conf/row.h"
#include "conf/xml.h"

enum xml_place {
    X_ATTR,   /* an attribute */
    X_TEXT,   /* the element's own text */
    X_CHILD,  /* <key>text</key> */
    X_SIZE,   /* <key unit='KiB'>number</key>; further attributes by `sub` */
    X_FLAG,   /* <key/> is yes; with attributes by `sub`, for the same struct */
    X_STATE,  /* <key state='on|off'/>; without state: yes */
    X_ELEM,   /* <key>, by `sub` */
    X_INLINE, /* no element: the rows of `sub` at this place, for the struct at `offset` */
    X_LIST,   /* <key>, an item a time, by `sub` */
    X_OPT,    /* the same, for a pointer to one */
    X_KEEP,   /* <key>, kept as it is */
    X_KEEP_ATTR,
    X_HOOK,      /* <key>, by the row's functions */
    X_HOOK_ATTR, /* attribute, by the row's functions */
};

enum xml_when {
    XW_ALWAYS = 1,  /* the element is printed even when empty */
    XW_MERGE = 128, /* several are as one */
    XW_BLOCK = 64,  /* the same, with an end tag of its own */
    XW_ACTIVE = 2,  /* read and written in active documents only */
    XW_SECURE = 4,  /* written with CONF_SECURE only */
    XW_EMPTY = 8,   /* an empty text is said, not unset */
    XW_MANDATORY = 16,
    XW_TRIM = 32,  /* blanks around the text do not count */
    XW_LIST = 256, /* X_KEEP: there may be several; of others the first counts */
};

struct xtable;
struct xrow {
    struct row r;
    enum xml_place place;
    unsigned when;
    const char *implied;      /* the word for unset: not stored when read, printed when unset */
    const char *const *oneof; /* texts: the words that libvirt knows, up to NULL */
    const struct xtable *sub;
    bool (*only)(const void *rec);  /* the row is there for such records only */
    bool (*shown)(const void *rec); /* it is written for such records only */
    /* X_HOOK, X_HOOK_ATTR. x is the element, or for an attribute the element that has it.
     * X_KEEP: a check of what is kept. Returns 0 or -1 after conf_error. */
    int (*read)(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x);
    void (*write)(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w);
    /* X_LIST: is this element one of ours? NULL: always. Otherwise a later row of the name has it.
     */
    bool (*claims)(const struct xml *x);
};

struct xtable {
    const struct xrow *rows;
    size_t n;
    size_t item_size; /* of X_LIST and X_OPT */
    const struct rec *rec;
    bool has_kept;       /* the record has a member list kept */
    size_t kept, n_kept; /* its offsets */
    /* Before all rows are read, and after. */
    int (*before)(struct conf_ctx *c, void *rec, const struct xml *x);
    int (*after)(struct conf_ctx *c, void *rec, const struct xml *x);
};

/* Reading and writing keep their place here (conf_ctx.format). */
struct xml_ctx {
    struct xml_out *w;
    bool inactive;
    /* Whose kept list takes what is kept, and where below it we are. */
    struct kept **kept;
    size_t *n_kept;
    char at[256];
    size_t skip;             /* bytes of the prefix of the names being read */
    const struct xml *extra; /* our part of <metadata>, read last */
    size_t primary;          /* number + 1 of the video that says it is */
};

#define XTABLE(list) .rows = list, .n = sizeof(list) / sizeof(*list)
#define XITEM(T) .item_size = sizeof(struct T), .rec = &T##_rec
#define XKEPT_DEV(T) \
    .has_kept = true, .kept = offsetof(struct T, dev.kept), .n_kept = offsetof(struct T, dev.n_kept)
#define XKEPT(T, m) \
    .has_kept = true, .kept = offsetof(struct T, m), .n_kept = offsetof(struct T, n_##m)

/* A hook that reads an attribute after all others were: what is new is the attribute's. */
void xml_claim(struct conf_ctx *c, const struct xml *x, const char *attr);
/* For hooks: x and all in it is told as lost. */
void xml_lose(struct conf_ctx *c, struct xml *x, const char *why);
int xml_read_rows(struct conf_ctx *c, const struct xtable *t, void *rec, const struct xml *x);
void xml_write_rows(struct conf_ctx *c, const struct xtable *t, const void *rec);
/* One element of a list by its table; rec is an empty item. */
int xml_read_item(struct conf_ctx *c, const struct xtable *t, void *rec, const struct xml *x);
void xml_write_item(struct conf_ctx *c, const struct xtable *t, const void *rec, const char *name);

static inline struct xml_ctx *xml_of(struct conf_ctx *c)
{
    return c->format;
}

/* CONF_RAW takes what a text says, sense or not. */
static inline bool xml_checks(const struct conf_ctx *c)
{
    return !(c->o->flags & CONF_RAW);
}

/* Puts an element that is kept in the shape in which libvirt prints it. `at`: the path it is kept
 * at. */
void xml_kept_settle(struct xnode *n, const char *at);
/* What libvirt asks of it: words that it knows, numbers, what has to be there. */
int xml_kept_check(struct conf_ctx *c, const struct xml *x, const char *at);

void xnode_from_xml(struct xnode *n, const struct xml *x);
void xnode_write(const struct xnode *n, struct xml_out *w);

/* For hooks: attribute to member, with the messages of row_read_text. */
int xml_error(struct conf_ctx *c, const struct xml *x, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int xml_mandatory(struct conf_ctx *c, const struct xml *x, const char *attr, const char **ret);
int xml_num(struct conf_ctx *c, const struct xml *x, const char *attr, int base, int64_t min,
            int64_t max, struct num *ret); /* absent: unset */
int xml_tri(struct conf_ctx *c, const struct xml *x, const char *attr, const char *yes,
            const char *no, tri *ret);
int xml_enum(struct conf_ctx *c, const struct xml *x, const char *attr, const struct words *words,
             int *ret);
void xml_str(const struct xml *x, const char *attr, char **ret); /* frees the old */
int xml_kib(struct conf_ctx *c, const struct xml *x, const char *text, const char *unit,
            struct num *ret); /* rounded up */

#define ONEOF(...) \
    .oneof = (const char *const[]) \
    { \
        __VA_ARGS__, NULL \
    }
#define YES_NO .yes = "yes", .no = "no"
#define ON_OFF .yes = "on", .no = "off"
/* Rows: place, key, struct, member; then further members of struct xrow. `R` is what goes in .r */
#define XR(...) .r = __VA_ARGS__
#define XA_STR(k, T, m, ...) \
    { \
        .place = X_ATTR, .r = R_STR(k, T, m), __VA_ARGS__ \
    }
#define XA_NUM(k, T, m, ...) \
    { \
        .place = X_ATTR, .r = R_NUM(k, T, m, .base = 10), __VA_ARGS__ \
    }
#define XA_INT(k, T, m, lo, hi, ...) \
    { \
        .place = X_ATTR, .r = R_NUM(k, T, m, .base = 10, .min = lo, .max = hi), __VA_ARGS__ \
    }
#define XA_YES(k, T, m, ...) \
    { \
        .place = X_ATTR, .r = R_TRI(k, T, m, YES_NO), __VA_ARGS__ \
    }
#define XA_ON(k, T, m, ...) \
    { \
        .place = X_ATTR, .r = R_TRI(k, T, m, ON_OFF), __VA_ARGS__ \
    }
#define XA_ENUM(k, T, m, e, ...) \
    { \
        .place = X_ATTR, .r = R_ENUM(k, T, m, e), __VA_ARGS__ \
    }
#define XA_WORDS(k, T, m, e, w, ...) \
    { \
        .place = X_ATTR, .r = R_WORDS(k, T, m, e, w), __VA_ARGS__ \
    }
#define XT_STR(T, m, ...) \
    { \
        .place = X_TEXT, .r = R_STR("text", T, m), __VA_ARGS__ \
    }
#define XT_NUM(T, m, ...) \
    { \
        .place = X_TEXT, .r = R_NUM("text", T, m, .base = 10), __VA_ARGS__ \
    }
#define XC_STR(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_STR(k, T, m), __VA_ARGS__ \
    }
#define XC_NUM(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_NUM(k, T, m, .base = 10), __VA_ARGS__ \
    }
#define XC_TRI(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_TRI(k, T, m, YES_NO), __VA_ARGS__ \
    }
#define XC_ENUM(k, T, m, e, ...) \
    { \
        .place = X_CHILD, .r = R_ENUM(k, T, m, e), __VA_ARGS__ \
    }
#define XC_WORDS(k, T, m, e, w, ...) \
    { \
        .place = X_CHILD, .r = R_WORDS(k, T, m, e, w), __VA_ARGS__ \
    }
#define XC_UUID(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_UUID(k, T, m), __VA_ARGS__ \
    }
#define XC_STRS(k, T, m, ...) \
    { \
        .place = X_CHILD, .r = R_STRS(k, T, m, n_##m), __VA_ARGS__ \
    }
#define XC_SIZE(k, T, m, ...) \
    { \
        .place = X_SIZE, .r = R_NUM(k, T, m, .base = 10), __VA_ARGS__ \
    }
#define XF_TRI(k, T, m, ...) \
    { \
        .place = X_FLAG, .r = R_TRI(k, T, m), __VA_ARGS__ \
    }
#define XS_TRI(k, T, m, ...) \
    { \
        .place = X_STATE, .r = R_TRI(k, T, m, ON_OFF), __VA_ARGS__ \
    }
#define XE(k, table, ...) \
    { \
        .place = X_ELEM, .r = {.key = k}, .sub = &table, __VA_ARGS__ \
    }
#define XE_AT(k, T, m, S, table, ...) \
    { \
        .place = X_ELEM, .r = {.key = k, ROW_AT(T, m, struct S)}, .sub = &table, __VA_ARGS__ \
    }
#define XI_AT(T, m, S, table, ...) \
    { \
        .place = X_INLINE, .r = {.key = "", ROW_AT(T, m, struct S)}, .sub = &table, __VA_ARGS__ \
    }
#define XL(k, T, m, S, table, ...) \
    { \
        .place = X_LIST, .sub = &table, \
        .r = {.key = k, ROW_AT(T, m, struct S *), .count_offset = offsetof(struct T, n_##m)}, \
        __VA_ARGS__ \
    }
#define XO(k, T, m, S, table, ...) \
    { \
        .place = X_OPT, .r = {.key = k, ROW_AT(T, m, struct S *)}, .sub = &table, __VA_ARGS__ \
    }
#define XK(k, ...) \
    { \
        .place = X_KEEP, .r = {.key = k}, __VA_ARGS__ \
    }
#define XK_LIST(k, ...) XK(k, .when = XW_LIST, __VA_ARGS__)
#define XK_ATTR(k, ...) \
    { \
        .place = X_KEEP_ATTR, .r = {.key = k}, __VA_ARGS__ \
    }
#define XH(k, rd, wr, ...) \
    { \
        .place = X_HOOK, .r = {.key = k}, .read = rd, .write = wr, __VA_ARGS__ \
    }
#define XH_ATTR(k, rd, wr, ...) \
    { \
        .place = X_HOOK_ATTR, .r = {.key = k}, .read = rd, .write = wr, __VA_ARGS__ \
    }
