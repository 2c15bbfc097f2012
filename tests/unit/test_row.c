#include "test.h"

#include "conf/row.h"

static const struct row rows[] = {
    R_STR("name", domain, name),
    R_NUM("memory", domain, memory_kib, .unit = 1024),
    R_NUM("slots", domain, hotplug_slots, .min = 1, .max = 9),
    R_TRI("acpi", domain, features.acpi),
    R_TRI("hap", domain, features.hap, .yes = "on", .no = "off"),
    R_ENUM("on_crash", domain, on_crash, lifecycle),
    R_UUID("uuid", domain, uuid),
    R_STRS("args", domain, dm_args, n_dm_args),
    R_U32S("irqs", domain, irqs, n_irqs),
    R_IGNORE("old", "nobody needs it"),
};

struct fixture {
    struct conf_opts o;
    struct err e;
    struct report report;
    struct conf_ctx c;
    struct domain *d;
    struct row_index x;
};

static void setup(struct fixture *f)
{
    *f = (struct fixture){.o = {.filename = "a.cfg"}};
    f->o.report = &f->report;
    f->c = (struct conf_ctx){.o = &f->o, .e = &f->e};
    f->d = domain_new();
    row_index(&f->x, rows, sizeof(rows) / sizeof(*rows));
}

static void teardown(struct fixture *f)
{
    domain_free(f->d);
    report_clear(&f->report);
}

static int set(struct fixture *f, const char *key, const char *text)
{
    struct value v = {VALUE_STRING, text, NULL, 0, {3, 5}};
    return row_read(&f->c, row_find(&f->x, key, strlen(key)), f->d, &v);
}

static void assert_text(struct fixture *f, const char *key, size_t i, const char *expected)
{
    CLEANUP_STR struct str out = {0};
    const struct row *r = row_find(&f->x, key, strlen(key));
    assert_int_equal(row_text(r, f->d, i, &out), expected != NULL);
    if (expected)
        assert_string_equal(str_get(&out), expected);
}

static void every_key_is_found(void **state)
{
    struct row_index x;
    row_index(&x, rows, sizeof(rows) / sizeof(*rows));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_ptr_equal(row_find(&x, rows[i].key, strlen(rows[i].key)), &rows[i]);
    assert_null(row_find(&x, "nam", 3));
    assert_null(row_find(&x, "names", 5));
}

static void values_go_both_ways(void **state)
{
    struct fixture f;
    setup(&f);
    assert_int_equal(set(&f, "name", "n"), 0);
    assert_int_equal(set(&f, "memory", "0x10"), 0);
    assert_int_equal(set(&f, "acpi", "7"), 0);
    assert_int_equal(set(&f, "hap", "off"), 0);
    assert_int_equal(set(&f, "on_crash", "preserve"), 0);
    assert_int_equal(set(&f, "args", "-a"), 0);
    assert_int_equal(f.d->memory_kib.v, 16384);
    f.d->memory_kib.v++;
    assert_text(&f, "name", 0, "n");
    assert_text(&f, "memory", 0, "17");
    assert_text(&f, "acpi", 0, "1");
    assert_text(&f, "hap", 0, "off");
    assert_text(&f, "on_crash", 0, "preserve");
    assert_text(&f, "args", 0, "-a");
    assert_text(&f, "args", 1, NULL);
    assert_text(&f, "uuid", 0, NULL);
    teardown(&f);
}

static void lists_are_read(void **state)
{
    struct fixture f;
    setup(&f);
    struct value items[2] = {{VALUE_NUMBER, "5", NULL, 0, {1, 1}},
                             {VALUE_NUMBER, "010", NULL, 0, {1, 3}}};
    struct value list = {VALUE_LIST, NULL, items, 2, {1, 1}};
    assert_int_equal(row_read(&f.c, row_find(&f.x, "irqs", 4), f.d, &list), 0);
    assert_text(&f, "irqs", 1, "8");
    assert_int_equal(row_read(&f.c, row_find(&f.x, "name", 4), f.d, &list), -1);
    assert_string_equal(f.e.msg, "a.cfg:1:1: 'name' cannot be a list");
    teardown(&f);
}

static void errors_add_up_and_tell_the_place(void **state)
{
    struct fixture f;
    setup(&f);
    assert_int_equal(set(&f, "memory", "much"), -1);
    assert_int_equal(set(&f, "slots", "10"), -1);
    assert_int_equal(set(&f, "hap", "1"), -1);
    assert_int_equal(set(&f, "memory", "9223372036854775807"), -1);
    assert_string_equal(f.e.msg, "a.cfg:3:5: 'memory' is not a number: 'much'\n"
                                 "a.cfg:3:5: 'slots' is not a number from 1 to 9: '10'\n"
                                 "a.cfg:3:5: 'hap' must be 'on' or 'off', not '1'\n"
                                 "a.cfg:3:5: 'memory' is not a number: '9223372036854775807'");
    teardown(&f);
}

static void the_report_tells_what_was_lost(void **state)
{
    struct fixture f;
    setup(&f);
    CLEANUP_STR struct str out = {0}, json = {0};
    assert_int_equal(set(&f, "old", "1"), 0);
    report_add(&f.report, REPORT_CONVERTED, "a\"b", NULL, (struct pos){0}, NULL);
    report_text(&f.report, &out);
    assert_string_equal(str_get(&out), "a.cfg:3:5: old: lost: nobody needs it\na\"b: converted\n");
    report_json(&f.report, &json);
    assert_string_equal(
        str_get(&json),
        "[\n  { \"status\": \"lost\", \"key\": \"old\", \"text\": \"nobody needs it\", "
        "\"file\": \"a.cfg\", \"line\": 3, \"column\": 5 },\n"
        "  { \"status\": \"converted\", \"key\": \"a\\\"b\" }\n]\n");
    assert_int_equal(report_count(&f.report, REPORT_LOST), 1);
    teardown(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_found),
        cmocka_unit_test(values_go_both_ways),
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(errors_add_up_and_tell_the_place),
        cmocka_unit_test(the_report_tells_what_was_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
