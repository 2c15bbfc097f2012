/* JSON as a tree with positions, and a writer in the layout that xl prints. Numbers stay text, so
 * that nothing is rounded. A value owns what is below it. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
    JSON_INPUT_MAX = 4 << 20, /* bytes of one document */
    JSON_DEPTH_MAX = 64,      /* objects and arrays within each other */
    JSON_NODES_MAX = 200000,  /* values of one document */
    JSON_TEXT_MAX = 64 << 10, /* bytes of one string or number */
    JSON_MEMBERS_MAX = 1024,  /* of one object; libxl's largest has about 80 */
};

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_kind kind;
    char *key;  /* of a member of an object */
    char *text; /* of a string, without escapes; of a number, as written */
    struct json *items;
    size_t n_items;
    int line, col; /* of the value, from 1 */
};

/* One value and nothing after it, or an error with line and column. Caller clears with json_clear.
 */
int json_parse(const char *text, size_t len, struct json *ret, struct err *e);
void json_clear(struct json *v);
struct json *json_get(const struct json *object, const char *key); /* borrowed; NULL when absent */
const char *json_kind_name(enum json_kind kind);                   /* "a number" */

/* Writing: containers are opened and closed in pairs; `key` is NULL inside arrays and on top. */
struct json_out {
    struct str *text;
    int depth;
    bool has_items; /* in the container that is open */
};
void json_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_out *o, char bracket);                 /* '}' or ']' */
void json_put_string(struct json_out *o, const char *key, const char *value);
void json_put_int(struct json_out *o, const char *key, int64_t value);
void json_put_uint(struct json_out *o, const char *key, uint64_t value);
void json_put_bool(struct json_out *o, const char *key, bool value);
