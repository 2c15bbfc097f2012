/* conf/json_domain: the xen-json format. The files of tests/conf/json are as xl prints them. */
#include "base/file.h"
#include "conf/conf.h"
#include "test.h"

static char *file(const char *name)
{
    char path[256];
    char *text = NULL;
    size_t len;
    struct err e = {0};
    snprintf(path, sizeof(path), TESTS "/conf/json/%s.json", name);
    file_read(path, 1 << 20, &text, &len, &e);
    assert_string_equal(e.msg, "");
    return text;
}

static struct domain *parse(const char *text, struct report *report)
{
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_RAW, .report = report};
    conf_read(CONF_JSON, text, strlen(text), &o, &d, &e);
    assert_string_equal(e.msg, "");
    return d;
}

static char *print(const struct domain *d, int xen, struct err *e)
{
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_SECURE, .xen = xen};
    if (conf_write(CONF_JSON, d, &o, &out, e)) {
        str_clear(&out);
        return mem_str("");
    }
    return str_take(&out);
}

static void stays_the_same(const char *name)
{
    CLEANUP_FREE char *text = file(name);
    struct report report = {0};
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = parse(text, &report);
    CLEANUP_FREE char *again = print(d, 0, &e);
    assert_string_equal(e.msg, "");
    assert_string_equal(again, text);
    for (size_t i = 0; i < report.n_entries; i++)
        if (report.entries[i].status != REPORT_CONVERTED)
            assert_string_equal(report.entries[i].key, "");
    assert_true(report.n_entries > 5);
    report_clear(&report);
    CLEANUP_DOMAIN struct domain *second = parse(again, NULL);
    CLEANUP_STR struct str path = {0};
    domain_equal(d, second, &path);
    assert_string_equal(str_get(&path), "");
}

static void every_field_of_an_hvm_guest(void **state)
{
    stays_the_same("hvm");
}

static void pv_and_pvh_guests(void **state)
{
    stays_the_same("pv");
    stays_the_same("pvh");
}

static void reads_what_xl_list_prints(void **state)
{
    CLEANUP_FREE char *one = file("pv");
    CLEANUP_FREE char *text =
        mem_printf("[{\"domid\": 0, \"config\": %s}, {\"domid\": 7, \"config\": %s}]", one, one);
    struct domains list = {0};
    struct err e = {0};
    assert_int_equal(conf_read_all(CONF_JSON, text, strlen(text), NULL, &list, &e), 0);
    assert_int_equal(list.n_items, 2);
    assert_int_equal(list.items[1]->id.v, 7);
    assert_string_equal(list.items[1]->name, "pv");
    domains_clear(&list);
}

static void older_releases_refuse_by_name(void **state)
{
    struct err e = {0};
    CLEANUP_FREE char *text = file("hvm");
    CLEANUP_DOMAIN struct domain *d = parse(text, NULL);
    CLEANUP_FREE char *out = print(d, 406, &e);
    static const char *const messages[] = {
        "'c_info.passthrough' needs Xen 4.13; this is 4.6",
        "'b_info.max_grant_frames' needs Xen 4.10; this is 4.6",
        "'b_info.max_grant_version' needs Xen 4.16; this is 4.6",
        "'disks.trusted' needs Xen 4.17; this is 4.16",
    };
    assert_string_equal(out, "");
    for (size_t i = 0; i < 3; i++)
        if (!strstr(e.msg, messages[i]))
            assert_string_equal(e.msg, messages[i]);
    e = (struct err){0};
    free(out);
    out = print(d, 416, &e);
    if (!strstr(e.msg, messages[3]))
        assert_string_equal(e.msg, messages[3]);
}

static void older_releases_have_older_places(void **state)
{
    struct err e = {0};
    struct domain d = {.type = GUEST_HVM,
                       .name = (char *)"n",
                       .features = {.apic = TRI_YES, .acpi = TRI_NO},
                       .nested_hvm = TRI_YES};
    CLEANUP_FREE char *now = print(&d, 417, &e), *then = print(&d, 406, &e);
    assert_string_equal(e.msg, "");
    const char *hvm = strstr(now, "type.hvm");
    assert_null(strstr(hvm, "\"apic\""));
    assert_null(strstr(hvm, "nested_hvm"));
    hvm = strstr(then, "type.hvm");
    assert_non_null(strstr(hvm, "\"apic\": \"True\""));
    assert_non_null(strstr(hvm, "\"acpi\": \"False\""));
    assert_non_null(strstr(hvm, "\"nested_hvm\": \"True\""));
    assert_null(strstr(then, "arch_x86"));
    struct domain pv = {.type = GUEST_PV, .name = (char *)"n", .bootloader = (char *)"grub"};
    CLEANUP_FREE char *old_pv = print(&pv, 409, &e);
    assert_non_null(strstr(strstr(old_pv, "type.pv"), "\"bootloader\": \"grub\""));
}

static void passwords_are_secret(void **state)
{
    struct graphics g = {.type = GFX_VNC, .passwd = (char *)"hush"};
    struct domain d = {.type = GUEST_HVM, .name = (char *)"n", .graphics = &g, .n_graphics = 1};
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    assert_int_equal(conf_write(CONF_JSON, &d, NULL, &out, &e), 0);
    assert_null(strstr(str_get(&out), "hush"));
}

static void errors_tell_all_with_position(void **state)
{
    static const char text[] =
        "{\n \"c_info\": {\"type\": \"hvm\", \"name\": \"n\", \"uuid\": \"x\"},\n"
        " \"b_info\": {\"max_vcpus\": \"2\", \"acpi\": \"yes\",\n"
        "  \"type.hvm\": {\"bios\": \"award\", \"serial\": \"tcp:1\"}},\n"
        " \"disks\": [{\"format\": \"zip\"}],\n \"on_crash\": \"explode\"}";
    static const char *const messages[] = {
        "f:2:49: 'uuid' is not a uuid: 'x'",
        "f:3:26: 'max_vcpus' must be a number, not a string",
        "f:3:39: 'acpi' must be 'True', 'False' or '<default>', not 'yes'",
        "'bios' has an unknown value 'award'",
        "f:4:43: 'serial' must look like 'HOST:PORT[,server]', not '1'",
        "f:5:23: 'format' has an unknown value 'zip'",
        "f:6:14: 'on_crash' has an unknown value 'explode'",
    };
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.filename = "f"};
    assert_int_equal(conf_read(CONF_JSON, text, strlen(text), &o, &d, &e), -1);
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
        if (!strstr(e.msg, messages[i]))
            assert_string_equal(e.msg, messages[i]);
    e = (struct err){0};
    assert_int_equal(conf_read(CONF_JSON, "{}", 2, &o, &d, &e), -1);
    assert_string_equal(e.msg, "f:1:1: this is no libxl_domain_config: it has no 'c_info'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_an_hvm_guest),
        cmocka_unit_test(pv_and_pvh_guests),
        cmocka_unit_test(reads_what_xl_list_prints),
        cmocka_unit_test(older_releases_refuse_by_name),
        cmocka_unit_test(older_releases_have_older_places),
        cmocka_unit_test(passwords_are_secret),
        cmocka_unit_test(errors_tell_all_with_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
