#include "test.h"

#include "conf/xml_device.h"

static struct domain *read(const char *text, unsigned flags, struct err *e)
{
    struct conf_opts o = {.flags = flags};
    struct domain *d = NULL;
    return xml_device_read(text, strlen(text), GUEST_HVM, &o, &d, e) ? NULL : d;
}

static void a_disk_is_completed(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str out = {0};
    CLEANUP_DOMAIN struct domain *d =
        read("<disk type='block'><source dev='/dev/vg/a'/><target dev='hdb'/></disk>", 0, &e);
    assert_non_null(d);
    assert_int_equal(d->n_disks, 1);
    assert_int_equal(xml_device_write(d, NULL, &out, &e), 0);
    assert_string_equal(str_get(&out),
                        "<disk type='block' device='disk'>\n"
                        "  <driver type='raw'/>\n"
                        "  <source dev='/dev/vg/a'/>\n"
                        "  <target dev='hdb' bus='ide'/>\n"
                        "  <address type='drive' controller='0' bus='0' target='0' unit='1'/>\n"
                        "</disk>\n");
}

static void a_raw_interface_stays_as_it_is(void **state)
{
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *raw =
        read("<interface type='bridge'><source bridge='b'/></interface>", CONF_RAW, &e);
    CLEANUP_DOMAIN struct domain *whole =
        read("<interface type='bridge'><source bridge='b'/></interface>", 0, &e);
    assert_false(raw->nics[0].mac.set);
    assert_true(whole->nics[0].mac.set);
    assert_int_equal(whole->nics[0].mac.b[2], 0x3e);
}

static void a_kept_device_is_one_too(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str out = {0};
    CLEANUP_DOMAIN struct domain *d = read("<watchdog model='i6300esb' action='reset'/>", 0, &e);
    assert_non_null(d);
    assert_int_equal(xml_device_write(d, NULL, &out, &e), 0);
    assert_string_equal(str_get(&out), "<watchdog model='i6300esb' action='reset'/>\n");
}

static void what_is_no_device_is_refused(void **state)
{
    struct err e = {0};
    assert_null(read("<title>x</title>", 0, &e));
    assert_string_equal(e.msg, "line 1:1: <title> is no device");
    assert_null(read("<interface type='bridge'/>", 0, &e));
    assert_string_equal(e.msg, "line 1:1: an <interface type='bridge'> has no <source bridge=''>");
    assert_null(read("<disk", 0, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_is_completed),
        cmocka_unit_test(a_raw_interface_stays_as_it_is),
        cmocka_unit_test(a_kept_device_is_one_too),
        cmocka_unit_test(what_is_no_device_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
