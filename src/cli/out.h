/* What commands print: tables in virsh's layout, "Name: value" lists, or JSON of the same facts. */
#pragma once
#include "cmd.h"

/* A column: its heading, and its key in JSON. kind tells JSON what the text is. */
enum col_kind { COL_TEXT, COL_NUMBER, COL_BOOL };
struct col {
    const char *title, *key;
    enum col_kind kind;
};

struct table {
    const struct col *cols;
    size_t n_cols;
    char **cells; /* n_rows * n_cols; NULL is an empty cell, null in JSON */
    size_t n_cells;
};

void table_add(struct table *t, const char *cell); /* copies; next cell of the row */
__attribute__((format(printf, 2, 3))) void table_addf(struct table *t, const char *fmt, ...);
/* A size: with a unit for people, bytes in JSON, "-" when it is not known. */
void table_add_bytes(const struct ctl *c, struct table *t, bool known, uint64_t bytes);
char *size_text(uint64_t bytes, int decimals); /* "1.50 GiB"; caller frees */
void table_print(const struct ctl *c, const struct table *t);
void table_clear(struct table *t);

/* A list of facts about one thing: "Title:    value" lines, width as virsh has it (16 for dominfo,
 * 21 for nodeinfo). */
struct facts {
    struct table table; /* two cells a fact */
    struct col *cols;
    size_t n_cols;
};
void fact_add(struct facts *f, const char *title, const char *key, enum col_kind kind,
              const char *value);
__attribute__((format(printf, 5, 6))) void fact_addf(struct facts *f, const char *title,
                                                     const char *key, enum col_kind kind,
                                                     const char *fmt, ...);
void facts_print(const struct ctl *c, const struct facts *f, int width);
void facts_clear(struct facts *f);

/* One text as the whole answer: a line; or {"key": "text"}. */
void text_print(const struct ctl *c, const char *key, const char *text);
/* "Domain 'x' started" and the like: not in quiet mode, not in JSON. */
__attribute__((format(printf, 2, 3))) void done_print(const struct ctl *c, const char *fmt, ...);

/* cli/json.c, the only place that knows json-c. */
struct json_object;
void json_table_print(const struct table *t);
void json_facts_print(const struct facts *f);
void json_text_print(const char *key, const char *text);
/* Objects of typed values, for domstats: arrays of {name: ..., key: value}. */
struct json_rows;
struct json_rows *json_rows_new(void);
void json_rows_object(struct json_rows *r);
void json_rows_set(struct json_rows *r, const char *key, enum col_kind kind, const char *text);
void json_rows_print(struct json_rows *r,
                     bool line); /* line: the last object alone on one line (event streams) */
void json_rows_free(struct json_rows *r);
