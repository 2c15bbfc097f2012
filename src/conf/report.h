/* What a conversion did with each key: for --report, --strict and the warnings. A report may be
 * NULL: then nothing is kept. It owns its texts. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"
#include "conf/value.h"

enum report_status {
    REPORT_CONVERTED = 1,
    REPORT_APPROXIMATED, /* says the nearest thing; the text tells the difference */
    REPORT_LOST,         /* the target has no word for it */
    REPORT_WARNING,      /* of the reader: odd, ignored or outdated input */
};

enum { REPORT_ENTRIES_MAX = 10000 };

struct report_entry {
    enum report_status status;
    char *key, *text, *file; /* text and file may be NULL */
    struct pos pos;
};

struct report {
    struct report_entry *entries;
    size_t n_entries;
    size_t n_dropped; /* beyond REPORT_ENTRIES_MAX */
};

void report_add(struct report *r, enum report_status status, const char *key, const char *file,
                struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 6, 7))); /* fmt may be NULL */
size_t report_count(const struct report *r, enum report_status status);
void report_text(const struct report *r,
                 struct str *out); /* "FILE:LINE:COL: KEY: STATUS: TEXT" a line */
void report_json(const struct report *r, struct str *out);
const char *report_status_name(enum report_status status);
void report_clear(struct report *r);
