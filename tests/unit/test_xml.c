#include "test.h"

#include "../lib/random_model.h"
#include "base/file.h"
#include "conf/conf.h"

static struct domain *read(const char *text, unsigned flags, struct err *e)
{
    struct conf_opts o = {.flags = flags};
    struct domain *d = NULL;
    return conf_read(CONF_XML, text, strlen(text), &o, &d, e) ? NULL : d;
}

static char *write(const struct domain *d, unsigned flags)
{
    struct conf_opts o = {.flags = flags};
    struct str out = {0};
    struct err e = {0};
    assert_int_equal(conf_write(CONF_XML, d, &o, &out, &e), 0);
    return str_take(&out);
}

static void what_is_written_reads_back(void **state)
{
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        struct err e = {0};
        CLEANUP_STR struct str path = {0};
        CLEANUP_DOMAIN struct domain *d = random_domain(seed);
        CLEANUP_FREE char *text = write(d, CONF_SECURE);
        CLEANUP_DOMAIN struct domain *again = read(text, CONF_RAW, &e);
        if (!again)
            fail_msg("seed %d: %s\n%s", (int)seed, e.msg, text);
        if (!domain_equal(d, again, &path))
            fail_msg("seed %d loses %s\n%s", (int)seed, str_get(&path), text);
    }
}

#define GUEST(body) \
    "<domain type='xen'><name>g</name><memory>1024</memory><os><type>hvm</type></os>" body \
    "</domain>"

static void errors_tell_the_place(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the document is empty"},
        {"<a", "line 1:3: Couldn't find end of Start Tag a line 1"},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><domain/>", "line 1:13: a document type is not allowed"},
        {"<network/>", "line 1:1: the document is a <network>, not a <domain>"},
        {"<domain>\n  <name/>\n</domain>", "line 1:1: the domain has no <name>"},
        {"<domain>\n <name>a</name>\n <memory unit='x'>1</memory>\n <vcpu>no</vcpu>\n</domain>",
         "line 3:2: <memory> has an unknown unit 'x'\n"
         "line 4:2: 'text' is not a number from 1 to 65535: 'no'"},
        {"<domain type='kvm'><name>a</name></domain>",
         "line 1:1: a <domain type='kvm'> is not a guest of Xen"},
        {GUEST("<devices><disk/></devices>"), "line 1:89: a <disk> has no <target dev=''>"},
        {GUEST("<devices>\n<controller type='wrong'/></devices>"),
         "line 2:1: 'type' has an unknown value 'wrong' (known: ide, fdc, scsi, sata, "
         "virtio-serial, ccid, usb, pci, xenbus, isa, nvme)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct err e = {0};
        assert_null(read(cases[i].text, CONF_INACTIVE, &e));
        assert_string_equal(e.msg, cases[i].message);
    }
}

static void limits_hold(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str deep = {0}, wide = {0};
    for (int i = 0; i < 100; i++)
        str_add(&deep, "<a>");
    assert_null(read(str_get(&deep), 0, &e));
    assert_non_null(strstr(e.msg, "elements are nested too deeply"));
    str_add(&wide, "<a");
    for (int i = 0; i < 300; i++)
        str_addf(&wide, " a%d=''", i);
    str_add(&wide, "/>");
    assert_null(read(str_get(&wide), 0, &e));
    assert_non_null(strstr(e.msg, "too many attributes"));
}

static void what_xen_ignores_is_kept_at_its_place(void **state)
{
    static const char text[] = "<domain type='xen'>\n"
                               "  <name>g</name>\n"
                               "  <metadata>\n"
                               "    <app:x xmlns:app=\"http://app\" a=\"1\">\n"
                               "      <app:y>a <b>mixed</b> text</app:y>\n"
                               "      <app:z/>\n"
                               "    </app:x>\n"
                               "  </metadata>\n"
                               "  <memory unit='KiB'>1024</memory>\n"
                               "  <blkiotune>\n"
                               "    <weight>500</weight>\n"
                               "  </blkiotune>\n"
                               "  <os>\n"
                               "    <type>linux</type>\n"
                               "    <bootmenu enable='yes'/>\n"
                               "  </os>\n"
                               "  <features>\n"
                               "    <pmu state='on'/>\n"
                               "  </features>\n"
                               "  <devices>\n"
                               "    <disk type='file' device='disk' rawio='yes'>\n"
                               "      <driver name='qemu' type='raw' error_policy='stop'/>\n"
                               "      <target dev='xvda'/>\n"
                               "      <iotune>\n"
                               "        <total_bytes_sec>10</total_bytes_sec>\n"
                               "      </iotune>\n"
                               "    </disk>\n"
                               "    <filesystem type='mount' accessmode='passthrough'>\n"
                               "      <source dir='/a&amp;b'/>\n"
                               "    </filesystem>\n"
                               "    <hostdev mode='subsystem' type='scsi' managed='no'>\n"
                               "      <source/>\n"
                               "    </hostdev>\n"
                               "  </devices>\n"
                               "</domain>\n";
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = read(text, CONF_RAW | CONF_INACTIVE, &e);
    assert_non_null(d);
    CLEANUP_FREE char *again = write(d, 0);
    assert_string_equal(again, text);
}

static void passwords_need_asking(void **state)
{
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d =
        read(GUEST("<devices><graphics type='vnc' passwd='s3cret'/></devices>"), 0, &e);
    CLEANUP_FREE char *open = write(d, CONF_INACTIVE), *secret = write(d, CONF_SECURE);
    assert_null(strstr(open, "s3cret"));
    assert_non_null(strstr(secret, "passwd='s3cret'"));
}

static void a_running_guest_shows_more(void **state)
{
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = read(
        "<domain type='xen' id='7'><name>g</name><memory>1024</memory><os><type>linux</type></os>"
        "<devices><console type='pty'><source path='/dev/pts/4'/></console>"
        "<interface type='bridge'><source bridge='b'/><target dev='vif7.0'/></interface>"
        "</devices></domain>",
        0, &e);
    assert_non_null(d);
    CLEANUP_FREE char *active = write(d, 0), *inactive = write(d, CONF_INACTIVE);
    assert_non_null(strstr(active, "<domain type='xen' id='7'>"));
    assert_non_null(strstr(active, "<console type='pty' tty='/dev/pts/4'>\n"
                                   "      <source path='/dev/pts/4'/>\n"));
    assert_non_null(strstr(active, "<target dev='vif7.0'/>"));
    assert_null(strstr(inactive, "id='7'"));
    assert_null(strstr(inactive, "/dev/pts"));
    assert_null(strstr(inactive, "vif7.0"));
}

static void what_libvirt_has_no_word_for_is_in_metadata(void **state)
{
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = read(GUEST(""), CONF_INACTIVE, &e);
    d->nx = TRI_NO;
    struct disk *k = DOMAIN_ADD(d, disks);
    str_set(&k->target, "xvda");
    str_set(&k->script, "block-iscsi");
    CLEANUP_FREE char *text = write(d, 0);
    assert_non_null(strstr(text,
                           "  <metadata>\n"
                           "    <xvirt:domain xmlns:xvirt='https://xvirt.org/schemas/domain/1.0'>\n"
                           "      <xvirt:disk index='0' key='xvda' script='block-iscsi'/>\n"
                           "      <xvirt:nx state='off'/>\n"
                           "    </xvirt:domain>\n"
                           "  </metadata>\n"));
    CLEANUP_DOMAIN struct domain *again = read(text, CONF_INACTIVE, &e);
    assert_int_equal(again->nx, TRI_NO);
    assert_string_equal(again->disks[0].script, "block-iscsi");
}

/* Every element that can stand in our part of <metadata> is in its document. */
static void the_metadata_is_documented(void **state)
{
    static const char *const macros[] = {"    E_", "    XH(", "    XL", "    ADDITIONS("};
    CLEANUP_FREE char *rows = NULL, *docs = NULL;
    size_t len, n = 0;
    assert_int_equal(file_read(TESTS "/../src/conf/xml_extra.c", 1 << 20, &rows, &len, NULL), 0);
    assert_int_equal(file_read(TESTS "/../docs/metadata.md", 1 << 20, &docs, &len, NULL), 0);
    char *line = strstr(rows, "extra_rows[] = {");
    assert_non_null(line);
    for (; (line = strchr(line, '\n')); line++) {
        char *key = strchr(line + 1, '"'), *end = key ? strchr(key + 1, '"') : NULL;
        bool is_row = false;
        for (size_t i = 0; i < 4; i++)
            is_row = is_row || str_starts(line + 1, macros[i]);
        if (!is_row || !end)
            continue;
        CLEANUP_FREE char *name = mem_strn(key + 1, (size_t)(end - key - 1));
        if (!strstr(docs, name))
            fail_msg("docs/metadata.md does not tell of '%s'", name);
        n++;
    }
    assert_true(n > 100);
}

static void the_order_of_disks_is_kept(void **state)
{
    static const char *const targets[] = {"hda", "sda", "hdc", "hdb"};
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = read(GUEST(""), CONF_INACTIVE, &e);
    for (int i = 0; i < 4; i++) {
        struct disk *k = DOMAIN_ADD(d, disks);
        str_set(&k->target, targets[i]);
        k->bus = i == 1 ? BUS_SCSI : BUS_IDE;
    }
    CLEANUP_FREE char *text = write(d, 0);
    CLEANUP_DOMAIN struct domain *again = read(text, CONF_INACTIVE, &e);
    for (int i = 0; i < 4; i++)
        assert_string_equal(again->disks[i].target, targets[i]);
}

static void unknown_words_are_told(void **state)
{
    struct report report = {0};
    struct conf_opts o = {.report = &report, .flags = CONF_INACTIVE};
    struct err e = {0};
    struct domain *d = NULL;
    CLEANUP_STR struct str text = {0};
    const char *xml = GUEST("<clock sync='x'/><thing/>");
    assert_int_equal(conf_read(CONF_XML, xml, strlen(xml), &o, &d, &e), 0);
    for (size_t i = 0; i < report.n_entries; i++)
        if (report.entries[i].status == REPORT_LOST)
            str_addf(&text, "%d:%d: %s: %s\n", report.entries[i].pos.line,
                     report.entries[i].pos.col, report.entries[i].key, report.entries[i].text);
    assert_string_equal(str_get(&text), "1:80: clock@sync: unknown, ignored\n"
                                        "1:97: thing: unknown, ignored\n");
    domain_free(d);
    report_clear(&report);
}

static void texts_that_are_no_utf8_are_refused(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str out = {0};
    CLEANUP_DOMAIN struct domain *d = read(GUEST(""), 0, &e);
    str_set(&d->title, "\xff");
    assert_int_equal(conf_write(CONF_XML, d, NULL, &out, &e), -1);
    assert_string_equal(e.msg, "the text of 'title' is not UTF-8, which XML needs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(errors_tell_the_place),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(what_xen_ignores_is_kept_at_its_place),
        cmocka_unit_test(passwords_need_asking),
        cmocka_unit_test(a_running_guest_shows_more),
        cmocka_unit_test(what_libvirt_has_no_word_for_is_in_metadata),
        cmocka_unit_test(the_metadata_is_documented),
        cmocka_unit_test(the_order_of_disks_is_kept),
        cmocka_unit_test(unknown_words_are_told),
        cmocka_unit_test(texts_that_are_no_utf8_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
