#include "test.h"

#include "conf/caps_xml.h"

static const struct caps_cpu cpus[] = {{0, 0, 0, 0}, {1, 0, 0, 0}, {2, 0, 0, 1}, {3, 0, 0, 1}};
static const uint32_t distances[] = {10};
static const struct caps_cell cell = {0, 1048576, distances, cpus, 4};
static const char *const features[] = {"pae", "vmx"};
static const struct caps host = {
    .host_uuid = {1, 2, 3},
    .features = features,
    .n_features = 2,
    .has_iommu = true,
    .cells = &cell,
    .n_cells = 1,
    .has_pv = true,
    .has_hvm = true,
    .has_pvh = true,
    .has_hap = true,
};

static void the_host_and_its_guests(void **state)
{
    CLEANUP_STR struct str out = {0};
    caps_xml_write(&host, &out);
    const char *text = str_get(&out);
    assert_non_null(strstr(text, "<capabilities>\n\n  <host>\n    <uuid>01020300-"));
    assert_non_null(strstr(
        text, "      <arch>x86_64</arch>\n      <features>\n        <pae/>\n        <vmx/>\n"));
    assert_non_null(strstr(text, "<iommu support='yes'/>"));
    assert_non_null(strstr(text, "<memory unit='KiB'>1048576</memory>"));
    assert_non_null(strstr(text, "<sibling id='0' value='10'/>"));
    assert_non_null(strstr(
        text, "<cpu id='2' socket_id='0' die_id='0' cluster_id='0' core_id='1' siblings='2-3'/>"));
    assert_non_null(strstr(
        text, "  </host>\n\n  <guest>\n    <os_type>xen</os_type>\n    <arch name='x86_64'>\n"));
    assert_non_null(
        strstr(text, "<machine>xenfv</machine>\n      <domain type='xen'/>\n    </arch>\n"));
    assert_non_null(strstr(text, "<hap default='on' toggle='yes'/>"));
    assert_true(str_ends(text, "  </guest>\n\n</capabilities>\n"));
}

static void a_host_without_pv(void **state)
{
    CLEANUP_STR struct str out = {0};
    struct caps c = host;
    c.has_pv = false;
    caps_xml_write(&c, &out);
    assert_null(strstr(str_get(&out), "xenpv<"));
}

static const char xenpv[] = "<domainCapabilities>\n"
                            "  <path>/usr/bin/qemu-system-x86_64</path>\n"
                            "  <domain>xen</domain>\n"
                            "  <machine>xenpv</machine>\n"
                            "  <arch>x86_64</arch>\n"
                            "  <vcpu max='512'/>\n"
                            "  <iothreads supported='no'/>\n"
                            "  <os supported='yes'>\n"
                            "    <loader supported='no'/>\n"
                            "  </os>\n";

static void what_a_pv_guest_can_have(void **state)
{
    CLEANUP_STR struct str out = {0};
    struct caps_query q = {.emulator = "/usr/bin/qemu-system-x86_64"};
    assert_int_equal(caps_xml_domain(&host, &q, &out, NULL), 0);
    assert_true(str_starts(str_get(&out), xenpv));
    assert_true(str_ends(str_get(&out),
                         "    <sgx supported='no'/>\n  </features>\n</domainCapabilities>\n"));
}

static void what_the_host_has_not_is_refused(void **state)
{
    CLEANUP_STR struct str out = {0};
    struct err e = {0};
    assert_int_equal(caps_xml_domain(&host, &(struct caps_query){.machine = "pc"}, &out, &e), -1);
    assert_string_equal(e.msg, "no guests of the machine type 'pc' here");
    assert_int_equal(caps_xml_domain(&host, &(struct caps_query){.arch = "i686"}, &out, &e), -1);
    assert_int_equal(caps_xml_domain(&host, &(struct caps_query){.virt_type = "kvm"}, &out, &e),
                     -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_and_its_guests),
        cmocka_unit_test(a_host_without_pv),
        cmocka_unit_test(what_a_pv_guest_can_have),
        cmocka_unit_test(what_the_host_has_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
