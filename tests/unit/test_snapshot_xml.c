#include "test.h"

#include "conf/snapshot_xml.h"

static const char good[] =
    "<domainsnapshot>\n<name>a</name><description>x &lt;domain> y</description>\n"
    "<state>shutoff</state><parent><name>b</name></parent><creationTime>77</creationTime>\n"
    "<memory snapshot='external' file='/m'/>\n"
    "<disks><disk name='xvda' snapshot='external' type='file'><driver type='qcow2'/>"
    "<source file='/d'/></disk><disk name='xvdb' snapshot='no'/></disks>\n"
    "<domain type='xen'><name>g</name><memory>1024</memory><os><type>hvm</type></os></domain>\n"
    "</domainsnapshot>\n";

static void what_is_said_is_read(void **state)
{
    CLEANUP_SNAPSHOT struct snapshot *s = NULL;
    struct err e = {0};
    assert_int_equal(snapshot_xml_read(good, strlen(good), &s, &e), 0);
    assert_string_equal(s->name, "a");
    assert_string_equal(s->parent, "b");
    assert_int_equal(s->state, SNAP_SHUTOFF);
    assert_int_equal(s->created.v, 77);
    assert_string_equal(s->memory_file, "/m");
    assert_int_equal(s->n_disks, 2);
    assert_string_equal(s->disks[0].source, "/d");
    assert_string_equal(s->domain->name, "g");
}

#define SNAP(body) "<domainsnapshot>\n" body "</domainsnapshot>"

static void errors_tell_place_and_reason(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the document is empty"},
        {"<domain/>", "line 1:1: expected <domainsnapshot>, found <domain>"},
        {SNAP("<state>asleep</state>"),
         "line 2:1: <state> has an unknown value 'asleep' (known: running, paused, shutoff, "
         "disk-snapshot)"},
        {SNAP("<creationTime>soon</creationTime>"),
         "line 2:1: <creationTime> is no number of seconds: 'soon'"},
        {SNAP("<creationTime>99999999999999999999</creationTime>"),
         "line 2:1: <creationTime> is no number of seconds: '99999999999999999999'"},
        {SNAP("<creationTime>-1</creationTime>"),
         "line 2:1: <creationTime> is no number of seconds: '-1'"},
        {SNAP("<memory snapshot='external'/>"),
         "line 2:1: external memory of a snapshot needs a 'file'"},
        {SNAP("<memory snapshot='here'/>"), "line 2:1: 'snapshot' of <memory> has an unknown value "
                                            "'here' (known: no, internal, external)"},
        {SNAP("<disks>\n<disk/></disks>"), "line 3:1: <disk> of a snapshot needs a 'name'"},
        {SNAP("<disks><disk name='a'/>\n<disk name='a'/></disks>"),
         "line 3:1: disk 'a' of the snapshot stands there twice"},
        {SNAP("<disks><disk name='a' type='tape'/></disks>"),
         "line 2:8: 'type' of <disk> has an unknown value 'tape' (known: file, block, dir, "
         "network, "
         "volume, nvme, vhostuser, vhostvdpa)"},
        {SNAP("<domain><name/></domain>"),
         "the snapshot's <domain>, its own lines: line 1:1: the domain has no <name>"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CLEANUP_SNAPSHOT struct snapshot *s = NULL;
        struct err e = {0};
        assert_int_equal(snapshot_xml_read(cases[i].text, strlen(cases[i].text), &s, &e), -1);
        assert_string_equal(e.msg, cases[i].message);
        assert_null(s);
    }
}

static void half_a_text_is_refused(void **state)
{
    for (size_t n = 0; n + 2 < strlen(good); n++) {
        CLEANUP_SNAPSHOT struct snapshot *s = NULL;
        struct err e = {0};
        assert_int_equal(snapshot_xml_read(good, n, &s, &e), -1);
        assert_true(e.msg[0] != '\0');
    }
}

static void depth_and_number_are_bounded(void **state)
{
    CLEANUP_STR struct str deep = {0}, many = {0};
    for (int i = 0; i < 100000; i++)
        str_add(&deep, "<domainsnapshot>");
    str_add(&many, "<domainsnapshot><disks>");
    for (int i = 0; i <= SNAPSHOT_DISKS_MAX; i++)
        str_addf(&many, "<disk name='d%d'/>", i);
    str_add(&many, "</disks></domainsnapshot>");
    CLEANUP_SNAPSHOT struct snapshot *s = NULL;
    struct err e = {0}, e2 = {0};
    assert_int_equal(snapshot_xml_read(deep.p, deep.len, &s, &e), -1);
    assert_int_equal(snapshot_xml_read(many.p, many.len, &s, &e2), -1);
    assert_non_null(strstr(e2.msg, "more than 1024 disks in a snapshot"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_read),
        cmocka_unit_test(errors_tell_place_and_reason),
        cmocka_unit_test(half_a_text_is_refused),
        cmocka_unit_test(depth_and_number_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
