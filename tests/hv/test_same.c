/* Two roads to libxl must meet: what hv/libxl fills in for a guest, and what xen-json says of it,
 * are the same libxl_domain_config, for every guest of our cases and of the corpus
 * (XVIRT_CORPUS). */
#include <dirent.h>

#include "base/file.h"
#include "conf/conf.h"
#include "conf/json.h"
#include "hv/libxl/xl.h"
#include "unit/test.h"

enum { XEN_HERE = 417 };

/* A real context needs a Xen. Reading and printing JSON does not: the context is only asked for its
 * logger and its list of allocations. */
static libxl_ctx *fake_ctx(void)
{
    static union {
        unsigned char bytes[65536];
        void *align;
    } fake;
    static xentoollog_logger_stdiostream *logger;
    if (!logger)
        logger = xtl_createlogger_stdiostream(stderr, XTL_WARN, 0);
    memset(fake.bytes, 0, sizeof(fake.bytes));
    memcpy(fake.bytes, &logger, sizeof(logger)); /* its first member */
    return (libxl_ctx *)fake.bytes;
}

struct tally {
    int same, differ, only_hv, only_json, refused;
};

/* Whoever starts a guest gives its displays ports; the two roads get the same ones. */
static void allocate_ports(struct domain *d)
{
    for (size_t i = 0; i < d->n_graphics; i++) {
        struct graphics *g = &d->graphics[i];
        if (g->autoport != TRI_YES)
            continue;
        g->port = NUM(5900 + i);
        g->autoport = TRI_NO;
    }
}

static char *through_hv(const struct domain *d, struct err *e)
{
    libxl_domain_config dc;
    char *json = NULL;
    libxl_domain_config_init(&dc);
    if (!xl_config_fill(NULL, d, &dc, e))
        json = libxl_domain_config_to_json(fake_ctx(), &dc);
    libxl_domain_config_dispose(&dc);
    return json;
}

static char *through_json(const struct domain *d, struct err *e)
{
    struct conf_opts o = {.flags = CONF_SECURE | CONF_INACTIVE, .xen = XEN_HERE};
    CLEANUP_STR struct str text = {0};
    libxl_domain_config dc;
    char *json = NULL;
    if (conf_write(CONF_JSON, d, &o, &text, e))
        return NULL;
    libxl_domain_config_init(&dc);
    if (libxl_domain_config_from_json(fake_ctx(), &dc, str_get(&text)))
        fail(e, ERR_INTERNAL, "libxl does not read %s", str_get(&text));
    else
        json = libxl_domain_config_to_json(fake_ctx(), &dc);
    libxl_domain_config_dispose(&dc);
    return json;
}

/* What both say, as a line a member. */
static void flatten(const struct json *v, const char *path, struct str *out)
{
    if (v->kind != JSON_OBJECT && v->kind != JSON_ARRAY)
        str_addf(out, "%s = %s\n", path, v->text ? v->text : json_kind_name(v->kind));
    for (size_t i = 0; i < v->n_items; i++) {
        CLEANUP_FREE char *below = v->items[i].key ? mem_printf("%s.%s", path, v->items[i].key)
                                                   : mem_printf("%s[%zu]", path, i);
        flatten(&v->items[i], below, out);
    }
}

static char *flat(const char *text)
{
    struct json v = {0};
    struct err e = {0};
    struct str out = {0};
    assert_int_equal(json_parse(text, strlen(text), &v, &e), 0);
    flatten(&v, "", &out);
    json_clear(&v);
    return str_take(&out);
}

/* Where the two differ on purpose. */
static const struct {
    const char *path, *why;
} differences[] = {
    {".b_info.numa_placement = False",
     "said where there is an affinity; libxl only warns otherwise"},
    {".b_info.type.hvm.spice.host = 127.0.0.1", "libvirt's default at the start of a guest"},
    {".b_info.type.hvm.ms_vm_genid[", "random where a new one is asked for"},
    {".b_info.type.hvm.firmware = ", "xen-json has no place for a rom loader that is no hvmloader"},
    {".b_info.vcpu_hard_affinity[0][", "'all' is as wide as the host"},
    {".b_info.nested_hvm = False", "xen-json: CPU features read back without it ask for it"},
    {".b_info.type.hvm.system_firmware = /usr/lib/xen/boot/ovmf.bin",
     "where the usual file is not there libxl takes its own"},
    {".usbctrls[", "libxl would give the same numbers"},
    {".pcidevs[0].seize = true", "managed devices: libvirt takes them from the host itself"},
};

static bool is_known(const char *line)
{
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++)
        if (str_starts(line, differences[i].path))
            return true;
    return false;
}

/* Lines of a that are not in b. */
static int print_missing(const char *name, const char *a, const char *b, const char *sign)
{
    int n = 0;
    CLEANUP_FREE char *around = mem_printf("\n%s", b);
    for (; *a; a += strcspn(a, "\n") + 1) {
        CLEANUP_FREE char *line = mem_printf("\n%.*s\n", (int)strcspn(a, "\n"), a);
        if (strstr(around, line) || is_known(line + 1))
            continue;
        printf("%s: %s%s", name, sign, line + 1);
        n++;
    }
    return n;
}

static void one_guest(const char *name, const struct domain *from, struct tally *tally)
{
    CLEANUP_DOMAIN struct domain *d = domain_copy(from);
    struct err e = {0}, f = {0};
    allocate_ports(d);
    CLEANUP_FREE char *hv = through_hv(d, &e), *json = through_json(d, &f);
    if (!hv || !json) {
        tally->refused += !hv && !json;
        tally->only_hv += hv && !json;
        tally->only_json += json && !hv;
        if (getenv("VERBOSE"))
            printf("%s: hv/libxl: %s; xen-json: %.200s\n", name, hv ? "yes" : e.msg,
                   json ? "yes" : f.msg);
        return;
    }
    CLEANUP_FREE char *a = flat(hv), *b = flat(json);
    bool differ =
        print_missing(name, a, b, "only hv/libxl: ") + print_missing(name, b, a, "only xen-json: ");
    tally->same += !differ;
    tally->differ += differ;
}

static void one_file(const char *path, enum conf_format format, struct tally *tally)
{
    CLEANUP_FREE char *text = NULL;
    CLEANUP(domains_clear) struct domains all = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE};
    struct err e = {0};
    size_t len;
    if (file_read(path, CONF_INPUT_MAX, &text, &len, &e) ||
        conf_read_all(format, text, len, &o, &all, &e))
        return; /* other tests tell */
    for (size_t i = 0; i < all.n_items; i++)
        one_guest(path, all.items[i], tally);
}

static void one_folder(const char *folder, const char *ending, enum conf_format format,
                       struct tally *tally)
{
    struct dirent **list = NULL;
    int n = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        CLEANUP_FREE char *path = mem_printf("%s/%s", folder, list[i]->d_name);
        if (str_ends(list[i]->d_name, ending))
            one_file(path, format, tally);
        free(list[i]);
    }
    free(list);
}

static void both_roads_meet(void **state)
{
    static const struct {
        const char *folder, *ending;
        enum conf_format format;
    } ours[] = {{"hv/config", ".xml", CONF_XML},
                {"conf/xl", ".cfg", CONF_XL},
                {"conf/xm", ".cfg", CONF_XM},
                {"conf/sxpr", ".sxp", CONF_SXPR},
                {"conf/json", ".json", CONF_JSON}},
      corpus[] = {{"libvirt-11.3.0/libxlxml2domconfigdata", ".xml", CONF_XML},
                  {"libvirt-11.3.0/xlconfigdata", ".cfg", CONF_XL},
                  {"libvirt-11.3.0/xmconfigdata", ".cfg", CONF_XM},
                  {"libvirt-4.5.0/sexpr2xmldata", ".sexpr", CONF_SXPR},
                  {"realworld/xl", "", CONF_XL},
                  {"realworld/xml", ".xml", CONF_XML},
                  {"realworld/sxpr", "", CONF_SXPR}};
    struct tally tally = {0};
    const char *where = getenv("XVIRT_CORPUS");
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
        CLEANUP_FREE char *folder = mem_printf("%s/%s", TESTS, ours[i].folder);
        one_folder(folder, ours[i].ending, ours[i].format, &tally);
    }
    for (size_t i = 0; where && i < sizeof(corpus) / sizeof(*corpus); i++) {
        CLEANUP_FREE char *folder = mem_printf("%s/%s", where, corpus[i].folder);
        one_folder(folder, corpus[i].ending, corpus[i].format, &tally);
    }
    printf("%d the same, %d refused by both, %d by xen-json only, %d by hv/libxl only\n",
           tally.same, tally.refused, tally.only_hv, tally.only_json);
    assert_int_equal(tally.differ, 0);
    assert_true(tally.same > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_roads_meet)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
