#include "test.h"

#include "conf/conf.h"

#define GUEST(head, devices) \
    "<domain type='xen'><name>g</name><memory>65536</memory>" head \
    "<os><type>hvm</type></os><devices>" devices "</devices></domain>"

static void told(const char *xml, enum conf_format format, unsigned flags, struct report *report)
{
    struct conf_opts in = {.flags = CONF_INACTIVE}, out = {.flags = flags, .report = report};
    CLEANUP_STR struct str text = {0};
    struct domain *d = NULL;
    struct err e = {0};
    if (conf_read(CONF_XML, xml, strlen(xml), &in, &d, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(conf_write(format, d, &out, &text, &e), 0);
    domain_free(d);
}

static bool has(const struct report *r, enum report_status status, const char *key,
                const char *text)
{
    for (size_t i = 0; i < r->n_entries; i++)
        if (r->entries[i].status == status && str_eq(r->entries[i].key, key) &&
            (!text || str_eq(r->entries[i].text, text)))
            return true;
    return false;
}

static void xl_tells_what_it_cannot_say(void **state)
{
    struct report r = {0};
    told(GUEST("<title>T</title><blkiotune><weight>5</weight></blkiotune>",
               "<disk type='file'><driver name='qemu' cache='none'/><source file='/a'/>"
               "<target dev='hda'/><iotune><total_bytes_sec>1</total_bytes_sec></iotune></disk>"
               "<watchdog model='ib700'/>"),
         CONF_XL, CONF_INACTIVE | CONF_SECURE, &r);
    assert_true(has(&r, REPORT_LOST, "title", "\"T\""));
    assert_true(has(&r, REPORT_LOST, "disks[0].cache", "\"none\""));
    assert_true(has(&r, REPORT_LOST, "blkiotune", NULL));
    assert_true(has(&r, REPORT_LOST, "devices/watchdog", NULL));
    assert_true(has(&r, REPORT_LOST, "iotune", NULL));
    assert_false(has(&r, REPORT_LOST, "name", NULL));
    assert_false(has(&r, REPORT_LOST, "disks[0].source", NULL));
    report_clear(&r);
}

static void xml_loses_nothing(void **state)
{
    struct report r = {0};
    told(GUEST("<title>T</title>", "<watchdog model='ib700'/>"), CONF_XML,
         CONF_INACTIVE | CONF_SECURE, &r);
    assert_int_equal(report_count(&r, REPORT_LOST) + report_count(&r, REPORT_APPROXIMATED), 0);
    report_clear(&r);
}

static void passwords_are_not_told(void **state)
{
    struct report r = {0};
    CLEANUP_STR struct str text = {0};
    told(GUEST("", "<graphics type='vnc' passwd='s3cret'/>"), CONF_XML, CONF_INACTIVE, &r);
    report_text(&r, &text);
    assert_null(strstr(str_get(&text), "s3cret"));
    report_clear(&r);
}

static void what_is_read_is_told_with_its_place(void **state)
{
    static const char xml[] = GUEST("", "\n<disk><target dev='hda' bus='ide'/><readonly/></disk>");
    struct report r = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE, .report = &r};
    struct domain *d = NULL;
    assert_int_equal(conf_read(CONF_XML, xml, sizeof(xml) - 1, &o, &d, NULL), 0);
    assert_true(has(&r, REPORT_CONVERTED, "devices/disk/target@bus", NULL));
    assert_true(has(&r, REPORT_CONVERTED, "devices/disk/readonly", NULL));
    assert_true(has(&r, REPORT_CONVERTED, "memory", NULL));
    for (size_t i = 0; i < r.n_entries; i++)
        if (str_eq(r.entries[i].key, "devices/disk/target@bus"))
            assert_true(r.entries[i].pos.line == 2 && r.entries[i].pos.col == 7);
    domain_free(d);
    report_clear(&r);
}

/* libxl says the same in other words: sets of CPUs and bits, and each device for itself. */
static void what_libxl_says_in_other_words_is_no_loss(void **state)
{
    static const char xl[] =
        "name = 'g'\ntype = 'hvm'\nmemory = 64\nvcpus = 4\ncpus = '0-3,^1'\n"
        "cpus_soft = [ '1', '0-3,^2', 'all', '5' ]\nviridian = [ 'freq', 'base', '!stimer' ]\n"
        "cpuid = 'host,tm=0,aes=1,3dnow=x'\npci = [ '01:00.0', '01:00.1,permissive=0' ]\n"
        "pci_permissive = 1\npci_msitranslate = 1\npci_seize = 0\nvnc = 1\n";
    struct report r = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE, .report = &r};
    CLEANUP_STR struct str text = {0}, told_text = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    assert_int_equal(conf_read(CONF_XL, xl, strlen(xl), &o, &d, NULL), 0);
    assert_int_equal(conf_write(CONF_JSON, d, &o, &text, NULL), 0);
    report_text(&r, &told_text);
    if (report_count(&r, REPORT_LOST) + report_count(&r, REPORT_APPROXIMATED))
        fail_msg("%s", str_get(&told_text));
    report_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xl_tells_what_it_cannot_say),
        cmocka_unit_test(xml_loses_nothing),
        cmocka_unit_test(passwords_are_not_told),
        cmocka_unit_test(what_is_read_is_told_with_its_place),
        cmocka_unit_test(what_libxl_says_in_other_words_is_no_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
