/* conf/sxp_domain: the xen-sxpr format. The files are in tests/conf/sxpr; X.sxp becomes X.out. */
#include "base/file.h"
#include "conf/conf.h"
#include "test.h"

static char *file(const char *name, const char *suffix)
{
    char path[256];
    char *text = NULL;
    size_t len;
    struct err e = {0};
    snprintf(path, sizeof(path), TESTS "/conf/sxpr/%s%s", name, suffix);
    if (!file_read(path, 1 << 20, &text, &len, &e))
        return text;
    return mem_str("");
}

static struct domain *parse(const char *text, unsigned flags)
{
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_RAW | flags};
    conf_read(CONF_SXPR, text, strlen(text), &o, &d, &e);
    assert_string_equal(e.msg, "");
    return d;
}

static char *print(const struct domain *d)
{
    struct str out = {0};
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_SECURE};
    conf_write(CONF_SXPR, d, &o, &out, &e);
    assert_string_equal(e.msg, "");
    str_addc(&out, '\n');
    return str_take(&out);
}

static void reads_and_writes(const char *name)
{
    CLEANUP_FREE char *input = file(name, ".sxp"), *want = file(name, ".out");
    CLEANUP_DOMAIN struct domain *d = parse(input, CONF_INACTIVE);
    CLEANUP_FREE char *text = print(d);
    if (getenv("UPDATE"))
        assert_int_equal(0, file_write_atomic(TESTS "/conf/sxpr",
                                              str_eq(name, "hvm") ? "hvm.out" : "pv.out", text,
                                              strlen(text), 0644, NULL));
    else
        assert_string_equal(text, want);
    CLEANUP_DOMAIN struct domain *again = parse(text, CONF_INACTIVE);
    CLEANUP_STR struct str path = {0};
    again->id = d->id; /* what is written is a definition */
    domain_equal(d, again, &path);
    assert_string_equal(str_get(&path), "");
}

static void every_key_of_an_hvm_guest(void **state)
{
    reads_and_writes("hvm");
}

static void every_key_of_a_pv_guest(void **state)
{
    reads_and_writes("pv");
}

/* Every row of the tables is used by one of the two files. */
static void nothing_is_unknown(void **state)
{
    static const char *const names[] = {"hvm", "pv"};
    for (int i = 0; i < 2; i++) {
        CLEANUP_FREE char *input = file(names[i], ".sxp");
        struct report report = {0};
        struct domain *d = NULL;
        struct conf_opts o = {.report = &report};
        assert_int_equal(conf_read(CONF_SXPR, input, strlen(input), &o, &d, NULL), 0);
        for (size_t k = 0; k < report.n_entries; k++)
            if (report.entries[k].status != REPORT_CONVERTED &&
                !str_starts(report.entries[k].key, "device/console/")) /* a PV guest's */
                assert_string_equal(report.entries[k].key, "");
        assert_true(report.n_entries > 20);
        report_clear(&report);
        domain_free(d);
    }
}

static void reads_a_dump_of_several(void **state)
{
    CLEANUP_FREE char *one = file("pv", ".sxp");
    CLEANUP_FREE char *text = mem_printf("%s\n%s", one, one);
    struct domains list = {0};
    struct err e = {0};
    struct domain *d = NULL;
    assert_int_equal(conf_read_all(CONF_SXPR, text, strlen(text), NULL, &list, &e), 0);
    assert_int_equal(list.n_items, 2);
    assert_string_equal(list.items[1]->name, "pv 'quoted'");
    domains_clear(&list);
    assert_int_equal(conf_read(CONF_SXPR, text, strlen(text), NULL, &d, &e), -1);
    assert_string_equal(e.msg, "expected one guest, found 2");
}

static void the_bootable_disk_comes_first(void **state)
{
    CLEANUP_DOMAIN struct domain *d =
        parse("(domain (name a)(uuid 596a5d2171f48fb2e068e2386a5c413e)(bootloader)"
              "(device (vbd (dev xvda)(uname phy:a)))(device (vbd (dev xvdb)(uname phy:b)))"
              "(device (vbd (dev xvdc)(uname phy:c)(bootable 1))))",
              0);
    assert_string_equal(d->disks[0].target, "xvdc");
    assert_string_equal(d->disks[1].target, "xvdb");
    assert_string_equal(d->disks[2].target, "xvda");
}

static void running_guests_get_interface_names(void **state)
{
    const char *text =
        "(domain (domid 5)(name a)(uuid 596a5d2171f48fb2e068e2386a5c413e)(bootloader)"
        "(device (vif (bridge b)))(device (vif (vifname n))))";
    CLEANUP_DOMAIN struct domain *d = parse(text, 0);
    assert_string_equal(d->nics[0].ifname, "vif5.0");
    assert_string_equal(d->nics[1].ifname, "n");
}

static void errors_tell_all_with_position(void **state)
{
    static const char text[] = "(domain (name a)\n"
                               " (on_crash explode)\n"
                               " (vcpus many)\n"
                               " (image (hvm (boot c)))\n"
                               " (device (vbd (uname phy:x)))\n"
                               " (device (vif (mac 00:16)))\n"
                               " (device (pci (dev (bus 1)))))";
    static const char *const messages[] = {
        "f:1:1: the domain has no (uuid ...)",
    };
    static const char *const more[] = {
        "f:2:12: 'on_crash' has an unknown value 'explode'",
        "f:3:9: 'vcpus' is not a number: 'many'",
        "f:4:9: an hvm image needs a (loader ...) or a (kernel ...)",
        "f:5:10: a disk needs a (dev ...)",
        "f:6:20: 'mac' is not a hardware address: '00:16'",
        "f:7:15: a PCI device needs domain, bus, slot and func",
    };
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.filename = "f"};
    assert_int_equal(conf_read(CONF_SXPR, text, strlen(text), &o, &d, &e), -1);
    assert_string_equal(e.msg, messages[0]);
    CLEANUP_FREE char *with_uuid =
        mem_printf("(domain (uuid 596a5d2171f48fb2e068e2386a5c413e)%s", text + strlen("(domain "));
    e = (struct err){0};
    assert_int_equal(conf_read(CONF_SXPR, with_uuid, strlen(with_uuid), &o, &d, &e), -1);
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
        if (!strstr(e.msg, more[i]))
            assert_string_equal(e.msg, more[i]);
}

static void says_what_it_cannot_write(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str out = {0};
    struct domain d = {.type = GUEST_PVH};
    assert_int_equal(conf_write(CONF_SXPR, &d, NULL, &out, &e), -1);
    assert_string_equal(e.msg, "xend knows no guests of type pvh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_an_hvm_guest),
        cmocka_unit_test(every_key_of_a_pv_guest),
        cmocka_unit_test(nothing_is_unknown),
        cmocka_unit_test(reads_a_dump_of_several),
        cmocka_unit_test(the_bootable_disk_comes_first),
        cmocka_unit_test(running_guests_get_interface_names),
        cmocka_unit_test(errors_tell_all_with_position),
        cmocka_unit_test(says_what_it_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
