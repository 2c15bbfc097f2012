/* JSON output; the only file of cli/ that knows json-c. */
#include <json-c/json.h>

#include "base/str.h"
#include "out.h"

struct json_rows {
    json_object *array, *last;
};

static struct json_object *json_of_cell(enum col_kind kind, const char *text)
{
    int64_t i;
    uint64_t u;
    if (!text)
        return NULL;
    if (kind == COL_BOOL)
        return json_object_new_boolean(str_eq(text, "yes") || str_eq(text, "enable") ||
                                       str_eq(text, "1") || str_eq(text, "on"));
    if (kind == COL_NUMBER && parse_i64(text, 10, INT64_MIN, INT64_MAX, &i))
        return json_object_new_int64(i);
    if (kind == COL_NUMBER && parse_u64(text, 10, UINT64_MAX, &u))
        return json_object_new_uint64(u);
    double d;
    if (kind == COL_NUMBER && parse_double(text, &d))
        return json_object_new_double_s(d, text);
    return kind == COL_NUMBER ? NULL : json_object_new_string(text);
}

static void print_and_put(json_object *o, int flags)
{
    puts(json_object_to_json_string_ext(o, flags | JSON_C_TO_STRING_SPACED |
                                               JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}

void json_table_print(const struct table *t)
{
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < t->n_cells; i += t->n_cols) {
        json_object *row = json_object_new_object();
        for (size_t k = 0; k < t->n_cols; k++)
            json_object_object_add(row, t->cols[k].key,
                                   json_of_cell(t->cols[k].kind, t->cells[i + k]));
        json_object_array_add(array, row);
    }
    print_and_put(array, JSON_C_TO_STRING_PRETTY);
}

void json_facts_print(const struct facts *f)
{
    json_object *o = json_object_new_object();
    for (size_t i = 0; i < f->n_cols; i++)
        json_object_object_add(o, f->cols[i].key, json_of_cell(f->cols[i].kind, f->table.cells[i]));
    print_and_put(o, JSON_C_TO_STRING_PRETTY);
}

void json_text_print(const char *key, const char *text)
{
    json_object *o = json_object_new_object();
    json_object_object_add(o, key, json_object_new_string(text));
    print_and_put(o, JSON_C_TO_STRING_PRETTY);
}

struct json_rows *json_rows_new(void)
{
    struct json_rows *r = NEW(struct json_rows);
    r->array = json_object_new_array();
    return r;
}

void json_rows_object(struct json_rows *r)
{
    r->last = json_object_new_object();
    json_object_array_add(r->array, r->last);
}

void json_rows_set(struct json_rows *r, const char *key, enum col_kind kind, const char *text)
{
    json_object_object_add(r->last, key, json_of_cell(kind, text));
}

void json_rows_print(struct json_rows *r, bool line)
{
    json_object *o = line ? r->last : r->array;
    puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_SPACED |
                                               JSON_C_TO_STRING_NOSLASHESCAPE |
                                               (line ? 0 : JSON_C_TO_STRING_PRETTY)));
    fflush(stdout);
}

void json_rows_free(struct json_rows *r)
{
    if (!r)
        return;
    json_object_put(r->array);
    free(r);
}
