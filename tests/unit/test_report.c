/* Reports are complete: every key of an input stands in them once, with its place, whatever became
 * of it; and what nobody wrote is never lost. */
#include <dirent.h>

#include "base/file.h"
#include "conf/cfg.h"
#include "conf/conf.h"
#include "conf/json.h"
#include "conf/sxp.h"
#include "conf/xml.h"
#include "test.h"

static size_t count(const struct report *r, const char *key, struct pos pos)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_entries; i++) {
        const struct report_entry *x = &r->entries[i];
        n += str_eq(x->key, key) && x->pos.line == pos.line && x->pos.col == pos.col;
    }
    return n;
}

/* ---- XML ---- */

static int n_bad;
static void once(const struct report *r, const char *file, const char *key, struct pos pos)
{
    size_t n = count(r, key, pos);
    n_bad += n != 1;
    if (n != 1)
        print_error("%s:%d:%d: '%s' is told %zu times\n", file, pos.line, pos.col, key, n);
}

/* Returns how many keys there are. */
static size_t check_xml(const struct report *r, const char *file, const struct xml *x,
                        const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n_attrs; i++) {
        CLEANUP_FREE char *key = mem_printf("%s@%s", path, x->attrs[i].name);
        if (str_starts(x->attrs[i].name, "xmlns"))
            continue;
        once(r, file, key, x->pos);
        n++;
    }
    bool has_text = x->text && x->text[strspn(x->text, " \t\r\n")];
    if (x->parent && !x->child && (has_text || !x->n_attrs)) {
        once(r, file, path, x->pos);
        n++;
    }
    for (const struct xml *child = x->child; child; child = child->next) {
        CLEANUP_FREE char *below =
            mem_printf("%s%s%s", path, *path ? "/" : "", child->name ? child->name : "text");
        n += check_xml(r, file, child, below);
    }
    return n;
}

static size_t report_xml(const char *file, const char *text, size_t len, enum conf_format to)
{
    struct report r = {0};
    struct conf_opts in = {.flags = CONF_INACTIVE | CONF_FOREIGN, .report = &r};
    struct conf_opts out = {.flags = CONF_INACTIVE | CONF_SECURE, .report = &r};
    struct xml_doc doc = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    CLEANUP_STR struct str native = {0};
    struct err e = {0};
    size_t keys = 0;
    if (!conf_read(CONF_XML, text, len, &in, &d, &e) && !conf_write(to, d, &out, &native, &e)) {
        assert_int_equal(xml_parse(text, len, NULL, &doc, &e), 0);
        keys = check_xml(&r, file, doc.root, "");
        for (size_t i = 0; i < r.n_entries; i++) /* beside the keys, on the whole */
            keys += r.entries[i].status == REPORT_WARNING && !r.entries[i].pos.line;
        n_bad += keys != r.n_entries;
        if (keys != r.n_entries)
            print_error("%s: %zu keys, %zu entries\n", file, keys, r.n_entries);
        xml_clear(&doc);
    }
    report_clear(&r);
    return keys;
}

/* ---- S-expressions ---- */

/* What xend alone knows the inside of is one key. */
static bool is_opaque(const char *key)
{
    static const char *const names[] = {"security", "notes",   "cpuid", "cpuid_check", "pci",
                                        "serial",   "backend", "cpus",  "port"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(names[i], key))
            return true;
    return false;
}

static void check_sxp(const struct report *r, const char *file, const struct sxp *list, int depth,
                      int *ret_bad)
{
    for (size_t i = 1; i < list->n_items; i++) {
        const struct sxp *item = &list->items[i];
        size_t n = 0;
        if (!item->n_items || !item->items[0].text)
            continue;
        for (size_t k = 0; k < r->n_entries; k++)
            n += r->entries[k].pos.line == item->line && r->entries[k].pos.col == item->col;
        bool is_device = depth == 1 && str_eq(list->items[0].text, "device");
        bool is_leaf = is_opaque(item->items[0].text) && !is_device;
        for (size_t k = 1; !is_leaf && k < item->n_items && item->items[k].text; k++)
            is_leaf = true;
        if (is_leaf && n != 1)
            print_error("%s:%d:%d: '%s' is told %zu times\n", file, item->line, item->col,
                        item->items[0].text, n);
        *ret_bad += is_leaf && n != 1;
        if (is_device || !is_opaque(item->items[0].text))
            check_sxp(r, file, item, depth + 1, ret_bad);
    }
}

static void every_list_is_told_once(void **state)
{
    static const char *const files[] = {"hvm", "pv"};
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        CLEANUP_FREE char *path = mem_printf("%s/conf/sxpr/%s.sxp", TESTS, files[i]), *text = NULL;
        CLEANUP_DOMAIN struct domain *d = NULL;
        struct report r = {0};
        struct sxp_doc doc = {0};
        struct conf_opts o = {.flags = CONF_INACTIVE, .report = &r};
        struct err e = {0};
        size_t len;
        assert_int_equal(file_read(path, CONF_INPUT_MAX, &text, &len, &e), 0);
        assert_int_equal(conf_read(CONF_SXPR, text, len, &o, &d, &e), 0);
        assert_int_equal(sxp_parse(text, len, &doc, &e), 0);
        int bad = 0;
        check_sxp(&r, path, &doc.items[0], 0, &bad);
        assert_int_equal(bad, 0);
        sxp_clear(&doc);
        report_clear(&r);
    }
}

/* ---- configuration files and JSON ---- */

/* What is told at each place: place -> number of entries; those that nobody asked for are strays.
 */
struct told {
    const struct report *r;
    const char *file;
    struct hash places;
    size_t n_asked;
};

static void add_place(struct told *t, struct pos pos, intptr_t n)
{
    CLEANUP_FREE char *key = mem_printf("%d:%d", pos.line, pos.col);
    n += (intptr_t)hash_get(&t->places, key, strlen(key));
    hash_put(&t->places, key, strlen(key), (void *)n);
}

static struct told told_of(const struct report *r, const char *file)
{
    struct told t = {.r = r, .file = file};
    for (size_t i = 0; i < r->n_entries; i++)
        if (r->entries[i].pos.line && strcmp(r->entries[i].key, "syntax"))
            add_place(&t, r->entries[i].pos, 1);
    return t;
}

static void ask(struct told *t, const char *key, struct pos pos)
{
    CLEANUP_FREE char *place = mem_printf("%d:%d", pos.line, pos.col);
    intptr_t n = (intptr_t)hash_get(&t->places, place, strlen(place));
    n_bad += n != 1;
    if (n != 1)
        print_error("%s:%s: '%s' is told %zd times\n", t->file, place, key, n);
    if (n)
        hash_put(&t->places, place, strlen(place), (void *)(n - 1));
    t->n_asked++;
}

static void no_strays(struct told *t)
{
    for (size_t i = 0; i < t->r->n_entries; i++) {
        const struct report_entry *x = &t->r->entries[i];
        CLEANUP_FREE char *place = mem_printf("%d:%d", x->pos.line, x->pos.col);
        bool is_stray = hash_get(&t->places, place, strlen(place)) && strcmp(x->key, "syntax");
        n_bad += is_stray;
        if (is_stray)
            print_error("%s:%s: '%s' is no key of the text\n", t->file, place, x->key);
    }
    hash_clear(&t->places);
}

/* Lists of comma lists: each word of theirs is told. */
static bool has_words(const char *key)
{
    static const char *const keys[] = {"disk", "vif",     "pci",    "usbctrl", "usbdev",
                                       "vfb",  "channel", "vtpm",   "pvcalls", "vdispl",
                                       "vkb",  "p9",      "virtio", "rdm"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (!strcmp(keys[i], key))
            return true;
    return false;
}

/* Whose first word, such as host or CARD, says what the others are. */
static bool has_head(const char *key)
{
    return !strcmp(key, "cpuid") || !strcmp(key, "vsnd");
}

static void ask_words(struct told *t, const char *key, const struct value *v)
{
    struct pos pos = {v->pos.line, v->pos.col + (v->kind == VALUE_STRING)};
    const char *start = v->text;
    for (const char *p = start; p && v->kind != VALUE_LIST && *p;) {
        p += strspn(p, " \t\n\r");
        size_t n = strcspn(p, ",");
        struct pos at = {pos.line, pos.col + (int)(p - start)};
        bool is_head = p == start && has_head(key);
        if (str_starts(p, "type=virtio,")) /* takes the next word too */
            n += 1 + strcspn(p + n + 1, ",");
        if (n && !is_head)
            ask(t, key, at);
        if (str_eq(key, "disk") && str_starts(p, "target="))
            break; /* to the end */
        p += n + (p[n] == ',');
    }
}

static void ask_setting(struct told *t, const struct cfg_setting *s, bool is_read)
{
    ask(t, s->name, s->pos);
    if (is_read && !strcmp(s->name, "vnuma"))
        for (size_t i = 0; i < s->value.n_items; i++)
            for (size_t k = 0; k < s->value.items[i].n_items; k++)
                ask(t, s->name, s->value.items[i].items[k].pos);
    if (is_read && !strcmp(s->name, "vsnd"))
        for (size_t i = 0; i < s->value.n_items; i++)
            for (size_t k = 0; k < s->value.items[i].n_items; k++)
                ask_words(t, s->name, &s->value.items[i].items[k]);
    if (is_read && !strcmp(s->name, "cpuid") && s->value.kind == VALUE_STRING)
        ask_words(t, s->name, &s->value);
    if (!is_read || !has_words(s->name))
        return;
    if (s->value.kind != VALUE_LIST)
        ask_words(t, s->name, &s->value);
    for (size_t i = 0; i < s->value.n_items; i++)
        ask_words(t, s->name, &s->value.items[i]);
}

static bool is_passed_over(const struct report *r, const struct cfg_setting *s)
{
    for (size_t i = 0; i < r->n_entries; i++) {
        const struct report_entry *x = &r->entries[i];
        if (x->pos.line == s->pos.line && x->pos.col == s->pos.col && x->text &&
            strstr(x->text, "ignored"))
            return true;
    }
    return false;
}

static void check_cfg(struct told *t, enum conf_format from, const char *text, size_t len)
{
    struct cfg f = {0};
    assert_int_equal((from == CONF_XM ? py_parse : cfg_parse)(&f, text, len), 0);
    for (size_t i = 0; i < f.n_settings; i++) {
        const struct cfg_setting *s = &f.settings[i];
        CLEANUP_FREE char *place = mem_printf("%d:%d", s->pos.line, s->pos.col);
        bool is_told = hash_get(&t->places, place, strlen(place));
        if (!s->is_used || is_told) /* xm: a name that other values are made of is no key */
            ask_setting(t, s, !s->is_shadowed && !is_passed_over(t->r, s));
    }
    cfg_clear(&f);
}

static void check_json(struct told *t, const struct json *v)
{
    bool is_leaf = v->kind != JSON_OBJECT &&
                   (v->kind != JSON_ARRAY || !v->n_items || v->items[0].kind != JSON_OBJECT);
    if (v->key && is_leaf && v->kind != JSON_NULL)
        ask(t, v->key, (struct pos){v->line, v->col});
    for (size_t i = 0; !is_leaf && i < v->n_items; i++)
        check_json(t, &v->items[i]);
}

static size_t report_native(const char *file, enum conf_format from, const char *text, size_t len,
                            enum conf_format to)
{
    struct report r = {0};
    struct conf_opts in = {.flags = CONF_INACTIVE, .report = &r, .filename = file};
    struct conf_opts out = {.flags = CONF_INACTIVE | CONF_SECURE, .report = &r};
    struct domains all = {0};
    struct err e = {0};
    if (conf_read_all(from, text, len, &in, &all, &e)) {
        report_clear(&r);
        return 0;
    }
    for (size_t i = 0; i < all.n_items; i++) {
        CLEANUP_STR struct str native = {0};
        conf_write(to, all.items[i], &out, &native, &e);
    }
    struct told t = told_of(&r, file);
    if (from == CONF_JSON) {
        struct json doc = {0};
        assert_int_equal(json_parse(text, len, &doc, &e), 0);
        check_json(&t, &doc);
        json_clear(&doc);
    } else {
        check_cfg(&t, from, text, len);
    }
    no_strays(&t);
    domains_clear(&all);
    report_clear(&r);
    return t.n_asked;
}

/* ---- folders of files ---- */

/* Each of them to each format; returns how many keys they have. */
static size_t each_file(const char *folder, const char *suffix, enum conf_format from)
{
    static const enum conf_format formats[] = {CONF_XML, CONF_XL, CONF_XM, CONF_SXPR, CONF_JSON};
    struct dirent **list = NULL;
    size_t keys = 0;
    int n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        CLEANUP_FREE char *path = mem_printf("%s/%s", folder, list[i]->d_name), *text = NULL;
        size_t len;
        struct err e = {0};
        if (str_ends(path, suffix) && !file_read(path, CONF_INPUT_MAX, &text, &len, &e))
            for (size_t k = 0; k < sizeof(formats) / sizeof(*formats); k++)
                keys += from == CONF_XML ? report_xml(path, text, len, formats[k])
                                         : report_native(path, from, text, len, formats[k]);
        free(list[i]);
    }
    free(list);
    return keys;
}

static void every_attribute_and_element_is_told_once(void **state)
{
    static const char *const corpus[] = {"libvirt-11.3.0/genericxml2xmlindata",
                                         "libvirt-11.3.0/xlconfigdata",
                                         "libvirt-11.3.0/libxlxml2domconfigdata", "realworld/xml"};
    const char *where = getenv("XVIRT_CORPUS");
    n_bad = 0;
    assert_true(each_file(TESTS "/hv/config", ".xml", CONF_XML) > 1000);
    for (size_t i = 0; where && i < sizeof(corpus) / sizeof(*corpus); i++) {
        CLEANUP_FREE char *folder = mem_printf("%s/%s", where, corpus[i]);
        if (each_file(folder, ".xml", CONF_XML) < 100)
            fail_msg("%s: hardly anything is read", folder);
    }
    assert_int_equal(n_bad, 0);
}

static void every_setting_and_word_is_told_once(void **state)
{
    static const struct {
        const char *folder, *suffix;
        enum conf_format format;
    } corpus[] = {{"realworld/xl", ".cfg", CONF_XL},
                  {"xen/embedded", ".cfg", CONF_XL},
                  {"libvirt-11.3.0/xlconfigdata", ".cfg", CONF_XL},
                  {"libvirt-11.3.0/xmconfigdata", ".cfg", CONF_XM},
                  {"xen/examples-4.1", "", CONF_XM},
                  {"xen/examples-4.4", "", CONF_XM}};
    const char *where = getenv("XVIRT_CORPUS");
    n_bad = 0;
    assert_true(each_file(TESTS "/conf/xl", ".cfg", CONF_XL) > 1000);
    assert_true(each_file(TESTS "/conf/xm", ".cfg", CONF_XM) > 500);
    for (size_t i = 0; where && i < sizeof(corpus) / sizeof(*corpus); i++) {
        CLEANUP_FREE char *folder = mem_printf("%s/%s", where, corpus[i].folder);
        assert_true(each_file(folder, corpus[i].suffix, corpus[i].format) > 0);
    }
    assert_int_equal(n_bad, 0);
}

static void every_field_is_told_once(void **state)
{
    n_bad = 0;
    assert_true(each_file(TESTS "/conf/json", ".json", CONF_JSON) > 500);
    assert_int_equal(n_bad, 0);
}

/* ---- what is implied ---- */

static const char pv[] =
    "<domain type='xen'><name>f</name><bootloader>/usr/bin/pygrub</bootloader>"
    "<os><type>linux</type></os><memory>131072</memory><vcpu>1</vcpu><devices>"
    "<disk type='file'><source file='/img/f.img'/><target dev='sda1'/></disk>"
    "<interface type='bridge'><source bridge='xenbr0'/><mac address='aa:00:00:00:00:11'/>"
    "<script path='/etc/xen/scripts/vif-bridge'/></interface>"
    "<graphics type='vnc' port='-1'/><console tty='/dev/pts/5'/></devices></domain>";
static const char hvm[] =
    "<domain type='xen' id='3'><name>h</name><uuid>4dea22b31d52d8f32516782e98ab3fa0</uuid>"
    "<os><type>hvm</type><loader>/usr/lib/xen/boot/hvmloader</loader><boot dev='hd'/></os>"
    "<memory>524288</memory><vcpu>1</vcpu><on_crash>restart</on_crash>"
    "<features><pae/><acpi/><apic/></features><clock offset='utc'/><devices>"
    "<emulator>/usr/lib/xen/bin/qemu-dm</emulator>"
    "<interface type='bridge'><source bridge='xenbr0'/><mac address='00:16:3e:5d:c7:9e'/>"
    "<script path='vif-bridge'/></interface>"
    "<disk type='file'><source file='/img/root'/><target dev='hda'/></disk>"
    "<disk type='file' device='cdrom'><source file='/img/cd.iso'/><target dev='hdc'/><readonly/>"
    "</disk>%s<graphics type='vnc' port='5904'/></devices></domain>";

static void nothing_is_lost(const char *xml, enum conf_format to)
{
    struct report r = {0};
    struct conf_opts in = {.flags = CONF_INACTIVE, .report = &r};
    struct conf_opts out = {.flags = CONF_INACTIVE | CONF_SECURE, .report = &r};
    CLEANUP_STR struct str text = {0}, told = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct err e = {0};
    if (conf_read(CONF_XML, xml, strlen(xml), &in, &d, &e) || conf_write(to, d, &out, &text, &e))
        fail_msg("%s", e.msg);
    report_text(&r, &told);
    if (report_count(&r, REPORT_LOST) + report_count(&r, REPORT_APPROXIMATED))
        fail_msg("%s: %s", conf_format_name(to), str_get(&told));
    report_clear(&r);
}

/* Addresses, buses, controllers, inputs, a memory balloon: libvirt gives them to every guest. */
static void what_is_implied_is_no_loss(void **state)
{
    CLEANUP_FREE char *plain = mem_printf(hvm, "");
    CLEANUP_FREE char *floppy =
        mem_printf(hvm, "<disk type='file' device='floppy'><source file='/img/fd'/>"
                        "<target dev='fda'/></disk>");
    nothing_is_lost(pv, CONF_XL);
    nothing_is_lost(pv, CONF_XM);
    nothing_is_lost(pv, CONF_SXPR);
    nothing_is_lost(pv, CONF_JSON);
    nothing_is_lost(plain, CONF_XL);
    nothing_is_lost(plain, CONF_XM);
    nothing_is_lost(plain, CONF_SXPR);
    nothing_is_lost(plain, CONF_JSON);
    nothing_is_lost(floppy, CONF_SXPR);
}

/* A network disk, VLANs and addresses are one text each in native formats. */
static void what_is_one_text_is_no_loss(void **state)
{
    static const char xml[] =
        "<domain type='xen'><name>f</name><memory>131072</memory><vcpu>1</vcpu>"
        "<os><type>linux</type><kernel>/k</kernel></os><devices>"
        "<disk type='network'><driver name='qemu' type='raw'/>"
        "<source protocol='rbd' name='pool/image'><host name='mon1' port='6321'/>"
        "<host name='[2001:db8::1]'/><snapshot name='s'/></source><target dev='xvda'/></disk>"
        "<interface type='bridge'><mac address='aa:00:00:00:00:11'/><source bridge='ovs0'/>"
        "<vlan trunk='yes'><tag id='42'/><tag id='43'/></vlan><virtualport type='openvswitch'/>"
        "</interface><interface type='bridge'><mac address='aa:00:00:00:00:12'/>"
        "<source bridge='ovs0'/><vlan><tag id='7'/></vlan><virtualport type='openvswitch'/>"
        "<ip address='10.0.0.1' prefix='24'/><ip address='2001:db8::2'/>"
        "<script path='vif-openvswitch'/></interface></devices></domain>";
    nothing_is_lost(xml, CONF_XL);
    nothing_is_lost(xml, CONF_JSON);
}

/* What is not as it was when this XML becomes an xl file, a line each. */
static void expect_changes(const char *xml, const char *expected)
{
    struct report r = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE, .report = &r, .filename = "f"};
    CLEANUP_STR struct str text = {0}, told = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct err e = {0};
    assert_int_equal(conf_read(CONF_XML, xml, strlen(xml), &o, &d, &e), 0);
    assert_int_equal(conf_write(CONF_XL, d, &o, &text, &e), 0);
    for (size_t i = 0; i < r.n_entries; i++)
        if (r.entries[i].status != REPORT_CONVERTED)
            str_addf(&told, "%d:%d: %s: %s: %s\n", r.entries[i].pos.line, r.entries[i].pos.col,
                     r.entries[i].key, report_status_name(r.entries[i].status), r.entries[i].text);
    assert_string_equal(str_get(&told), expected);
    report_clear(&r);
}

static void a_loss_has_the_place_of_its_key(void **state)
{
    expect_changes("<domain type='xen'><name>g</name><memory>65536</memory><os><type>linux</type>"
                   "<kernel>/k</kernel></os><devices>\n"
                   "<disk type='file'><driver name='qemu' cache='none'/><source file='/b'/>"
                   "<target dev='xvdb'/></disk>\n"
                   "<disk type='file'><source file='/a'/><target dev='xvda'/><serial>S</serial>"
                   "</disk>\n</devices></domain>",
                   "2:19: devices/disk/driver@cache: lost: \"none\"\n"
                   "3:58: devices/disk/serial: lost: \"S\"\n");
}

/* Nested virtualisation, the TSC and a USB controller are said in other words. */
static void what_has_another_name_is_no_loss(void **state)
{
    static const char *const xml[] = {
        "<domain type='xen'><name>f</name><memory>131072</memory><vcpu>1</vcpu>"
        "<os><type>hvm</type></os><cpu mode='host-passthrough'>"
        "<feature policy='disable' name='vmx'/></cpu><clock offset='utc'>"
        "<timer name='tsc' present='yes' mode='native'/></clock><devices>"
        "<controller type='usb' index='0' model='qusb2' ports='6'/></devices></domain>",
        "<domain type='xen'><name>f</name><memory>131072</memory><vcpu>1</vcpu>"
        "<os><type>hvm</type></os><cpu mode='host-passthrough'/></domain>",
    };
    for (size_t i = 0; i < 2; i++) {
        nothing_is_lost(xml[i], CONF_XL);
        nothing_is_lost(xml[i], CONF_JSON);
    }
}

#define HYPERV(x) \
    "<domain " \
    "type='xen'><name>g</name><memory>65536</memory><os><type>hvm</type></os><features>\n" x \
    "</features></domain>"

/* Features of <hyperv> are groups of viridian to Xen: only what those do not say is lost. */
static void hyperv_is_not_lost(void **state)
{
    expect_changes(HYPERV("<hyperv mode='passthrough'/>"), "");
    expect_changes(HYPERV("<hyperv><relaxed state='on'/><vapic state='on'/><synic state='off'/>"
                          "<stimer state='on'/><ipi state='on'/></hyperv>"),
                   "");
    expect_changes(HYPERV("<hyperv mode='custom'>\n<spinlocks state='on' retries='8191'/>\n"
                          "<stimer state='on'>\n<direct state='on'/></stimer></hyperv>"),
                   "3:1: features/hyperv/spinlocks@state: lost: name: \"spinlocks\"; state: yes\n"
                   "3:1: features/hyperv/spinlocks@retries: lost: 8191\n"
                   "5:1: features/hyperv/stimer/direct@state: lost: yes\n");
}

/* A loss at each end of a guest with thousands of keys has its place. */
enum { MANY_DISKS = 1200 };

static void expect_lost(const struct report *r, const char *key, int line)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_entries; i++)
        if (r->entries[i].status == REPORT_LOST && r->entries[i].pos.line == line)
            n += str_eq(r->entries[i].key, key);
    if (n != 1)
        fail_msg("line %d: '%s' is told to be lost %zu times", line, key, n);
}

static void losses_of(enum conf_format from, const char *text, enum conf_format to,
                      struct report *r)
{
    struct conf_opts o = {.flags = CONF_INACTIVE, .report = r};
    CLEANUP_STR struct str out = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct err e = {0};
    if (conf_read(from, text, strlen(text), &o, &d, &e) || conf_write(to, d, &o, &out, &e))
        fail_msg("%s", e.msg);
}

static void the_last_of_thousands_of_keys_has_its_place(void **state)
{
    CLEANUP_STR struct str xml = {0}, xl = {0};
    struct report r = {0};
    str_add(&xml, "<domain type='xen'><name>g</name><memory>65536</memory><os><type>linux</type>"
                  "<kernel>/k</kernel></os><devices>");
    str_add(&xl, "name = 'g'\nmemory = 64\nkernel = '/k'\ndisk = [");
    for (int i = 0; i < MANY_DISKS; i++) {
        str_addf(&xml,
                 "\n<disk type='file'><driver name='qemu' type='raw'/><source file='/%d'/>"
                 "<target dev='xvd%c%c%c'/>%s</disk>",
                 i, 'a' + i / 676, 'a' + i / 26 % 26, 'a' + i % 26,
                 i % 400 ? "" : "<serial>S</serial>");
        str_addf(&xl, "\n\"format=raw,vdev=xvd%c%c%c,access=rw,%starget=/%d\",", 'a' + i / 676,
                 'a' + i / 26 % 26, 'a' + i % 26, i % 400 ? "" : "script=x,", i);
    }
    str_add(&xml, "\n</devices></domain>");
    str_add(&xl, "]\n");
    losses_of(CONF_XML, str_get(&xml), CONF_XL, &r);
    for (int i = 0; i < MANY_DISKS; i += 400)
        expect_lost(&r, "devices/disk/serial", i + 2);
    assert_int_equal(report_count(&r, REPORT_LOST), MANY_DISKS / 400);
    report_clear(&r);
    losses_of(CONF_XL, str_get(&xl), CONF_XM, &r);
    for (int i = 0; i < MANY_DISKS; i += 400)
        expect_lost(&r, "disk.script", i + 5);
    assert_true(r.n_entries > 4 * MANY_DISKS);
    report_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attribute_and_element_is_told_once),
        cmocka_unit_test(every_list_is_told_once),
        cmocka_unit_test(every_setting_and_word_is_told_once),
        cmocka_unit_test(every_field_is_told_once),
        cmocka_unit_test(what_is_implied_is_no_loss),
        cmocka_unit_test(what_is_one_text_is_no_loss),
        cmocka_unit_test(a_loss_has_the_place_of_its_key),
        cmocka_unit_test(what_has_another_name_is_no_loss),
        cmocka_unit_test(hyperv_is_not_lost),
        cmocka_unit_test(the_last_of_thousands_of_keys_has_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
