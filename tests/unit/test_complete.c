#include "test.h"

#include "model/check.h"
#include "model/complete.h"
#include "model/cpuset.h"
#include "model/diskname.h"

static struct domain *guest(enum guest_type type)
{
    struct domain *d = domain_new();
    d->type = type;
    d->name = mem_str("g");
    d->memory_max_kib = NUM(1024);
    return d;
}

static struct disk *add_disk(struct domain *d, const char *target)
{
    struct disk *k = DOMAIN_ADD(d, disks);
    k->target = mem_str(target);
    return k;
}

static void lists_of_cpus(void **state)
{
    static const char *const cases[][2] = {
        {"3,0-1", "0-1,3"}, {"0-3,^1", "0,2-3"}, {" 5 ", "5"}, {"all", NULL},   {"3-1", NULL},
        {"1,", NULL},       {"4096", NULL},      {"", NULL},   {"4095", "4095"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CLEANUP_FREE char *text = cpuset_canonical(cases[i][0]);
        assert_true(str_eq(text, cases[i][1]));
    }
    assert_true(cpuset_is_plain("0,2-3"));
    assert_false(cpuset_is_plain("2-3,0"));
}

static void names_of_disks(void **state)
{
    assert_int_equal(disk_number("hda"), 0);
    assert_int_equal(disk_number("xvdaa3"), 26);
    assert_int_equal(disk_number("hd"), -1);
    assert_int_equal(disk_number("hda1x"), -1);
    assert_int_equal(disk_number("d0p1"), -1);
    assert_int_equal(disk_bus_of("sdb", DISK_DISK), BUS_SCSI);
    assert_int_equal(disk_bus_of("sdb", DISK_FLOPPY), BUS_FDC);
    assert_int_equal(disk_bus_of("odd", DISK_DISK), BUS_IDE);
}

static void an_hvm_guest_is_made_whole(void **state)
{
    CLEANUP_DOMAIN struct domain *d = guest(GUEST_HVM);
    (void)add_disk(d, "hdg");
    DOMAIN_ADD(d, graphics)->type = GFX_VNC;
    assert_int_equal(domain_complete(d, NULL, 0, NULL), 0);
    assert_string_equal(d->os.machine, "xenfv");
    assert_int_equal(d->memory_kib.v, 1024);
    assert_int_equal(d->os.boot[0], BOOT_HD);
    assert_int_equal(d->features.pae, TRI_YES);
    assert_int_equal(d->n_controllers, 3);
    assert_int_equal(d->controllers[0].type, CTL_XENBUS);
    assert_int_equal(d->controllers[2].index.v, 1);
    assert_int_equal(d->disks[0].dev.address.controller.v, 1);
    assert_int_equal(d->disks[0].dev.address.bus.v, 1);
    assert_int_equal(d->videos[0].type, VIDEO_CIRRUS);
    assert_int_equal(d->videos[0].vram_kib.v, 8192);
    assert_int_equal(d->n_inputs, 2);
    assert_int_equal(d->n_consoles, 0);
}

static void a_pv_guest_gets_a_console(void **state)
{
    CLEANUP_DOMAIN struct domain *d = guest(GUEST_PV);
    assert_int_equal(domain_complete(d, NULL, 0, NULL), 0);
    assert_int_equal(d->consoles[0].target, CHR_TARGET_XEN);
    assert_int_equal(d->consoles[0].port.v, 0);
    assert_int_equal(d->inputs[0].bus, INPUT_BUS_XEN);
    assert_int_equal(domain_check_from(d, NULL, 0, NULL), 0);
}

static void a_serial_port_is_the_console_too(void **state)
{
    CLEANUP_DOMAIN struct domain *d = guest(GUEST_HVM);
    DOMAIN_ADD(d, serials)->type = CHR_FILE;
    assert_int_equal(domain_complete(d, NULL, 0, NULL), 0);
    assert_int_equal(d->n_consoles, 1);
    assert_int_equal(d->consoles[0].target, CHR_TARGET_SERIAL);
}

static void no_memory_is_an_error(void **state)
{
    CLEANUP_DOMAIN struct domain *d = guest(GUEST_PV);
    struct err e = {0};
    d->memory_max_kib.set = false;
    assert_int_equal(domain_complete(d, NULL, 0, &e), -1);
    assert_string_equal(e.msg, "the guest has no memory size");
}

static void assert_refused(struct domain *d, const char *why)
{
    struct err e = {0};
    assert_int_not_equal(domain_check_from(d, NULL, 0, &e), 0);
    assert_string_equal(e.msg, why);
    domain_free(d);
}

static void what_breaks_a_rule_is_refused(void **state)
{
    struct domain *d = guest(GUEST_PV);
    str_set(&d->name, "a/b");
    assert_refused(d, "the name 'a/b' of the guest has a '/' or a line break in it");
    d = guest(GUEST_PV);
    add_disk(d, "xvda");
    add_disk(d, "xvda");
    assert_refused(d, "two disks with the target 'xvda'");
    d = guest(GUEST_PV);
    add_disk(d, "xvda")->dev.boot_order = NUM(1);
    add_disk(d, "xvdb")->dev.boot_order = NUM(1);
    assert_refused(d, "the boot order 1 is used twice");
    d = guest(GUEST_PV);
    d->vcpus = NUM(3);
    d->vcpus_max = NUM(2);
    assert_refused(d, "3 vCPUs are not between 1 and the maximum, 2");
    d = guest(GUEST_PV);
    str_set(&DOMAIN_ADD(d, sounds)->model, "usb");
    assert_refused(d, "sound model 'usb' (known: ich6, es1370, ac97, sb16)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_cpus),
        cmocka_unit_test(names_of_disks),
        cmocka_unit_test(an_hvm_guest_is_made_whole),
        cmocka_unit_test(a_pv_guest_gets_a_console),
        cmocka_unit_test(a_serial_port_is_the_console_too),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(what_breaks_a_rule_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
