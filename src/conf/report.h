/* What a conversion did with each key: for --report, --strict and the warnings. A report may be
 * NULL: then nothing is kept. It owns its texts. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/str.h"
#include "conf/value.h"

enum report_status {
    REPORT_CONVERTED = 1,
    REPORT_APPROXIMATED, /* says the nearest thing; the text tells the difference */
    REPORT_LOST,         /* the target has no word for it */
    REPORT_WARNING,      /* of the reader: odd, ignored or outdated input */
};

enum { REPORT_ENTRIES_MAX = 100000 };

struct report_entry {
    enum report_status status;
    char *key, *text, *file; /* text and file may be NULL */
    struct pos pos;
    size_t n_members, n_lost; /* of the guest, that the key said */
    bool is_near;             /* one of them is approximated */
    bool follows;             /* a part of the key in front of it: it shares its fate */
};

struct domain;
struct domains;
struct prov;
struct report {
    struct report_entry *entries;
    size_t n_entries;
    struct hash places; /* key and place -> entry + 1 */
    size_t n_dropped;   /* beyond REPORT_ENTRIES_MAX */
    struct prov *provs; /* what said each member of each guest that was read */
    size_t n_provs;
};

/* Returns the number of the entry, -1 when there is none. A key is told once: what else is said of
 * the same key at the same place goes into its entry. */
long report_add(struct report *r, enum report_status status, const char *key, const char *file,
                struct pos pos, const char *fmt, ...)
    __attribute__((format(printf, 6, 7))); /* fmt may be NULL */

/* Reading: all that d says and did not say before is the entry's; -1: nobody's. */
void report_claim(struct report *r, struct domain *d, long entry);
/* Reading is done: these are the guests, in order. only_keys: see struct prov. */
void report_read(struct report *r, const struct domains *list, size_t first_prov, bool only_keys);
/* The guest was settled or completed: what it says now in place of what a key said is told. */
void report_changes(struct report *r, const struct domain *d);
const struct prov *report_prov(const struct report *r, const struct domain *d); /* or NULL */
/* Writing: the entry's key loses the member at the path. */
void report_lose(struct report *r, size_t entry, enum report_status status, const char *path,
                 const char *text);
/* The same for all that the key said. */
void report_lose_all(struct report *r, size_t entry, const char *text);
/* Writing is done: entries get their final status, and what the writer noted without a place, from
 * entry `first` to `end`, goes where the keys themselves tell of it. */
void report_settle(struct report *r, size_t first, size_t end, bool has_keys);
size_t report_count(const struct report *r, enum report_status status);
/* The entries in the order of the text, those without a place behind them. Caller frees. */
const struct report_entry **report_order(const struct report *r);
/* "FILE:LINE:COL: KEY: STATUS: TEXT" a line */
void report_text(const struct report *r, struct str *out);
void report_line(const struct report_entry *x, struct str *out);
void report_json(const struct report *r, struct str *out);
const char *report_status_name(enum report_status status);
void report_clear(struct report *r);
