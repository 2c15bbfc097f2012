/* A format is a table of rows: one row a key, naming the member of the model that it fills and how
 * it is spelled. The formats' readers find a key's row and call row_read; their writers walk the
 * rows in order and call row_write. Irregular keys have hooks, which do both for themselves.
 *
 *   static const struct row rows[] = {
 *       R_STR("name", domain, name, .doc = "name of the guest"),
 *       R_NUM("memory", domain, memory_kib, .unit = 1024, .doc = "current size, in MiB"),
 *       R_TRI("acpi", domain, features.acpi, .applies = ROW_HVM | ROW_PVH, .dflt = "1", .doc =
 * "..."), R_ENUM("on_crash", domain, on_crash, lifecycle, .doc = "..."), R_HOOK("disk", read_disks,
 * write_disks, .type = "list of disks", .doc = "..."),
 *   };
 *
 * The first two arguments after the key are the struct and the (dotted) member; its type is checked
 * when compiling. */
#pragma once
#include "base/err.h"
#include "conf/conf.h"
#include "conf/report.h"
#include "conf/value.h"
#include "model/domain.h"

struct codec;
/* One conversion under way. Lives on the stack of conf_read or conf_write. */
struct conf_ctx {
    const struct conf_opts *o;
    struct err *e;
    int n_errors;
    struct domain *d;        /* reading: the guest as far as it is known */
    const struct domain *wd; /* writing: the guest */
    const struct codec *codec;
    void *format; /* the reader's or writer's own */
    /* reading: where a key stands whose value is at `pos`; may be NULL */
    struct pos (*place)(struct conf_ctx *c, const char *key, struct pos pos);
};

/* Adds "FILE:LINE:COL: MESSAGE" as a line to the error's text, and returns -1. Reading may go on,
 * to find more; a conversion with errors fails in the end. After CONF_ERRORS_MAX nothing more is
 * added. */
int conf_error(struct conf_ctx *c, struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Short for report_add with the context's file. fmt may be NULL. */
void conf_note(struct conf_ctx *c, enum report_status status, const char *key, struct pos pos,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));

enum row_kind {
    ROW_STR,
    ROW_TRI,
    ROW_BOOL,
    ROW_NUM,
    ROW_ENUM,
    ROW_UUID,
    ROW_MAC,
    ROW_STRS,   /* list of texts; a lone text is a list of one */
    ROW_U32S,   /* list of numbers */
    ROW_HOOK,   /* read and write do all */
    ROW_IGNORE, /* read and dropped, with `loss` as the reason */
};

enum row_applies {
    ROW_PV = 1,
    ROW_HVM = 2,
    ROW_PVH = 4,
    ROW_X86 = 8, /* neither X86 nor ARM: both */
    ROW_ARM = 16,
    ROW_ANY = 0, /* everything */
};

enum row_flags {
    ROW_READ_ONLY = 1,  /* never written: an old spelling */
    ROW_DEPRECATED = 2, /* read with a warning */
    ROW_SECRET = 4,     /* written with CONF_SECURE only */
    ROW_ALWAYS = 8,     /* hooks: called even when nothing is set */
};

#define XEN(major, minor) ((major)*100 + (minor))

struct row_table;
struct row {
    const char *key;
    enum row_kind kind;
    uint32_t offset, count_offset;
    const struct words *words; /* ROW_ENUM: this format's spellings */
    const char *yes, *no;      /* ROW_TRI: this format's words; NULL: "1" and "0" */
    int64_t unit; /* ROW_NUM: member = number in the file * unit; 0 is 1; rounded up when written */
    int64_t min, max; /* of the number in the file; both 0: 0 to INT64_MAX / unit */
    int base;         /* of the number in the file; 0: C's prefixes */
    int (*read)(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
    /* Writes the whole entry to the format's writer, nothing when there is nothing to say. */
    int (*write)(struct conf_ctx *c, const struct row *r, const void *rec);
    const struct row_table *sub; /* formats that nest: the rows of what is inside */
    const struct rec *item;      /* and, for a list, its records */
    unsigned applies, flags;
    int since, until; /* XEN(4, 7); 0: always, or still */
    /* for the key reference */
    const char *type, *dflt, *doc, *xml, *loss;
};

#define ROW_AT(T, m, type) .offset = offsetof(struct T, m) + REC_CHECK(REC_SAME(T, m, type))
#define R_STR(k, T, m, ...) \
    { \
        .key = k, .kind = ROW_STR, ROW_AT(T, m, char *), __VA_ARGS__ \
    }
#define R_TRI(k, T, m, ...) \
    { \
        .key = k, .kind = ROW_TRI, ROW_AT(T, m, tri), __VA_ARGS__ \
    }
#define R_NUM(k, T, m, ...) \
    { \
        .key = k, .kind = ROW_NUM, ROW_AT(T, m, struct num), __VA_ARGS__ \
    }
/* The enum's own words; another list with .words = &mine_words */
#define R_ENUM(k, T, m, en, ...) \
    { \
        .key = k, .kind = ROW_ENUM, .words = &en##_words, ROW_AT(T, m, enum en), __VA_ARGS__ \
    }
#define R_WORDS(k, T, m, en, w, ...) \
    { \
        .key = k, .kind = ROW_ENUM, .words = w, ROW_AT(T, m, enum en), __VA_ARGS__ \
    }
#define R_UUID(k, T, m, ...) \
    { \
        .key = k, .kind = ROW_UUID, ROW_AT(T, m, uint8_t[16]), __VA_ARGS__ \
    }
#define R_MAC(k, T, m, ...) \
    { \
        .key = k, .kind = ROW_MAC, ROW_AT(T, m, struct mac), __VA_ARGS__ \
    }
/* Lists: the member and its count. */
#define R_STRS(k, T, m, n, ...) \
    { \
        .key = k, .kind = ROW_STRS, .count_offset = offsetof(struct T, n), ROW_AT(T, m, char **), \
        __VA_ARGS__ \
    }
#define R_U32S(k, T, m, n, ...) \
    { \
        .key = k, .kind = ROW_U32S, .count_offset = offsetof(struct T, n), \
        ROW_AT(T, m, uint32_t *), __VA_ARGS__ \
    }
#define R_HOOK(k, rd, wr, ...) \
    { \
        .key = k, .kind = ROW_HOOK, .read = rd, .write = wr, __VA_ARGS__ \
    }
#define R_IGNORE(k, why, ...) \
    { \
        .key = k, .kind = ROW_IGNORE, .loss = why, __VA_ARGS__ \
    }

/* A row's key -> row. Cheap to build (about a microsecond for 200 rows) and then constant time; on
 * the stack. */
enum { ROW_SLOTS = 1024, ROW_ROWS_MAX = 500 };
struct row_index {
    const struct row *rows;
    uint16_t slots[ROW_SLOTS]; /* row number + 1 */
};
void row_index(struct row_index *x, const struct row *rows, size_t n);
const struct row *row_find(const struct row_index *x, const char *key,
                           size_t len); /* NULL when unknown */

/* Does the row apply to this type of guest? Unset type: yes. */
bool row_applies(const struct row *r, enum guest_type type);

/* Converts v into the row's member of rec (calling the hook where there is one). Accepts a number
 * where a text is wanted and the other way round. Errors name the key and tell what is expected. */
int row_read(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v);
/* The same from a plain text. */
int row_read_text(struct conf_ctx *c, const struct row *r, void *rec, const char *text,
                  struct pos pos);
bool row_is_set(const struct row *r, const void *rec); /* hooks: true */
/* Appends the member as text (one item for lists: item i); false when it is unset. Not for hooks.
 */
bool row_text(const struct row *r, const void *rec, size_t i, struct str *out);
size_t row_count(const struct row *r, const void *rec); /* of a list kind; 1 or 0 for the others */
bool row_is_number(
    const struct row *r); /* its text needs no quotes: TRI without words, NUM, U32S */
