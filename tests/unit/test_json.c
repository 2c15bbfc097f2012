/* conf/json: the JSON reader and writer. */
#include "conf/json.h"
#include "test.h"

static struct json parse(const char *text)
{
    struct json v = {0};
    struct err e = {0};
    json_parse(text, strlen(text), &v, &e);
    assert_string_equal(e.msg, "");
    return v;
}

static void write_tree(struct json_out *o, const struct json *v)
{
    switch (v->kind) {
    case JSON_NULL:
        json_put_string(o, v->key, "null");
        break;
    case JSON_FALSE:
    case JSON_TRUE:
        json_put_bool(o, v->key, v->kind == JSON_TRUE);
        break;
    case JSON_NUMBER: {
        int64_t i;
        assert_true(parse_i64(v->text, 10, INT64_MIN, INT64_MAX, &i));
        json_put_int(o, v->key, i);
        break;
    }
    case JSON_STRING:
        json_put_string(o, v->key, v->text);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        json_open(o, v->key, v->kind == JSON_ARRAY ? '[' : '{');
        for (size_t i = 0; i < v->n_items; i++)
            write_tree(o, &v->items[i]);
        json_close(o, v->kind == JSON_ARRAY ? ']' : '}');
        break;
    }
}

static void prints_as_xl_does(void **state)
{
    struct json v =
        parse("{\"a\":[1,-2,true],\"b\":{},\"c\\n\":\"q\\\"\\\\\\u00e4\\ud83d\\ude00\\u0001\"}");
    CLEANUP_STR struct str out = {0};
    struct json_out o = {.text = &out};
    write_tree(&o, &v);
    assert_string_equal(str_get(&out),
                        "{\n"
                        "    \"a\": [\n"
                        "        1,\n"
                        "        -2,\n"
                        "        true\n"
                        "    ],\n"
                        "    \"b\": {\n"
                        "\n"
                        "    },\n"
                        "    \"c\\n\": \"q\\\"\\\\\xc3\xa4\xf0\x9f\x98\x80\\u0001\"\n"
                        "}");
    json_clear(&v);
}

static void knows_positions_and_members(void **state)
{
    struct json v = parse(" {\n  \"x\": 18446744073709551615,\n  \"y\": [1.5e3, null]}\n");
    assert_int_equal(v.line, 1);
    assert_int_equal(v.col, 2);
    const struct json *x = json_get(&v, "x"), *y = json_get(&v, "y");
    assert_string_equal(x->text, "18446744073709551615");
    assert_int_equal(x->line, 2);
    assert_int_equal(x->col, 8);
    assert_int_equal(y->n_items, 2);
    assert_string_equal(y->items[0].text, "1.5e3");
    assert_int_equal(y->items[1].kind, JSON_NULL);
    assert_null(json_get(&v, "z"));
    json_clear(&v);
}

static void refuses_with_position(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "line 1 column 1: expected a value, found the end of the input"},
        {"{\"a\":1,}", "line 1 column 8: expected '\"', found '}'"},
        {"{\"a\":1\n \"b\":2}", "line 2 column 2: expected ',' or '}', found '\"'"},
        {"[1 2]", "line 1 column 4: expected ',' or ']', found '2'"},
        {"[01]", "line 1 column 2: a number starts with 0"},
        {"[1.]", "line 1 column 4: expected a digit, found ']'"},
        {"[+1]", "line 1 column 2: expected a value, found '+'"},
        {"{\"a\":1,\"a\":2}", "line 1 column 11: member 'a' is there twice"},
        {"\"a", "line 1 column 3: expected '\"', found the end of the input"},
        {"\"a\nb\"", "line 1 column 3: expected a character or '\"', found byte 0x0a"},
        {"\"\\q\"", "line 1 column 3: expected an escape, found 'q'"},
        {"\"\\u00g0\"", "line 1 column 4: expected four hexadecimal digits, found '0'"},
        {"\"\\u0000\"", "line 1 column 8: character \\u0000 is not allowed"},
        {"\"\\ud800x\"",
         "line 1 column 8: expected the second half of a surrogate pair, found 'x'"},
        {"1 1", "line 1 column 3: expected the end of the input, found '1'"},
        {"nul", "line 1 column 1: expected a value, found 'n'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct json v = {0};
        struct err e = {0};
        assert_int_equal(json_parse(rows[i].text, strlen(rows[i].text), &v, &e), -1);
        assert_string_equal(e.msg, rows[i].message);
        assert_null(v.items);
    }
}

static void refuses_what_is_too_much(const char *unit, size_t n, const char *message)
{
    CLEANUP_STR struct str s = {0};
    struct json v = {0};
    struct err e = {0};
    for (size_t i = 0; i < n; i++)
        str_add(&s, i ? unit : "[\"");
    assert_int_equal(json_parse(s.p, s.len, &v, &e), -1);
    if (!strstr(e.msg, message))
        assert_string_equal(e.msg, message);
}

static void limits_hold(void **state)
{
    refuses_what_is_too_much("a", JSON_TEXT_MAX + 10, "longer than");
    refuses_what_is_too_much("\",\"", JSON_NODES_MAX + 10, "more than 200000 values");
    refuses_what_is_too_much("\",[\"", JSON_DEPTH_MAX + 10, "nested more than 64");
    refuses_what_is_too_much("\",\"             ", (4 << 20) / 15, "larger than");
}

static void an_object_has_only_so_many_members(void **state)
{
    CLEANUP_STR struct str s = {0};
    struct json v = {0};
    struct err e = {0};
    str_add(&s, "{\"m\":0");
    for (int i = 1; i < JSON_MEMBERS_MAX; i++)
        str_addf(&s, ",\"m%d\":0", i);
    str_add(&s, "}");
    assert_int_equal(json_parse(s.p, s.len, &v, &e), 0);
    json_clear(&v);
    str_cut(&s, s.len - 1);
    str_add(&s, ",\"x\":0}");
    assert_int_equal(json_parse(s.p, s.len, &v, &e), -1);
    assert_non_null(strstr(e.msg, "more than 1024 members"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_as_xl_does),
        cmocka_unit_test(knows_positions_and_members),
        cmocka_unit_test(refuses_with_position),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(an_object_has_only_so_many_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
