/* The table between the model and libxl, without a Xen: every config/NAME.xml becomes a
 * libxl_domain_config, compared as JSON with NAME.json, and is read back, compared with NAME.back.
 * UPDATE=1 writes both anew. A NAME.xml with a NAME.err must be refused with that text. */
#include <dirent.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "conf/conf.h"
#include "hv/libxl/cpus.h"
#include "hv/libxl/xl.h"
#include "unit/test.h"

/* libxl's JSON and copy functions want a context for their memory and their log, and nothing else
 * of it; a real one needs a Xen. All ones is what its allocator's mark must be. */
static libxl_ctx *fake_ctx(void)
{
    static union {
        unsigned char bytes[65536];
        void *align;
    } fake;
    memset(fake.bytes, 0xff, sizeof(fake.bytes));
    return (libxl_ctx *)fake.bytes;
}

static char *read_text(const char *path)
{
    char *text = NULL;
    size_t len;
    return file_read(path, 1 << 20, &text, &len, NULL) ? NULL : text;
}

static void compare(const char *stem, const char *ext, const char *now)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s.%s", HV_CONFIGS, stem, ext);
    CLEANUP_FREE char *name = mem_printf("%s.%s", stem, ext);
    CLEANUP_FREE char *expected = read_text(path);
    if (getenv("UPDATE")) {
        assert_int_equal(file_write_atomic(HV_CONFIGS, name, now, strlen(now), 0644, NULL), 0);
        return;
    }
    if (!str_eq(expected, now))
        fail_msg("%s differs; now it is:\n%s", path, now);
}

static struct domain *read_domain(const char *stem)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s.xml", HV_CONFIGS, stem);
    CLEANUP_FREE char *text = read_text(path);
    struct domain *d = NULL;
    struct err e = {0};
    assert_non_null(text);
    struct conf_opts o = {.flags = CONF_FOREIGN};
    if (conf_read(CONF_XML, text, strlen(text), &o, &d, &e))
        fail_msg("%s: %s", stem, e.msg);
    return d;
}

/* to_json of every release ends with a newline, or not. */
static char *json_of(libxl_domain_config *dc)
{
    CLEANUP_FREE char *json = libxl_domain_config_to_json(fake_ctx(), dc);
    assert_non_null(json);
    return mem_printf("%s%s", json, str_ends(json, "\n") ? "" : "\n");
}

static void accepted(const char *stem, const struct domain *d, libxl_domain_config *dc)
{
    CLEANUP_FREE char *json = json_of(dc);
    compare(stem, "json", json);
    CLEANUP_DOMAIN struct domain *back = domain_new();
    struct err e = {0};
    CLEANUP_STR struct str xml = {0};
    struct conf_opts secure = {.flags = CONF_SECURE};
    if (xl_config_read(NULL, dc, back, &e) || conf_write(CONF_XML, back, &secure, &xml, &e))
        fail_msg("%s: %s", stem, e.msg);
    compare(stem, "back", str_get(&xml));
}

static void one(const char *stem)
{
    CLEANUP_DOMAIN struct domain *d = read_domain(stem);
    CLEANUP_FREE char *err_path = mem_printf("%s/%s.err", HV_CONFIGS, stem);
    libxl_domain_config dc;
    struct err e = {0};
    libxl_domain_config_init(&dc);
    int r = xl_config_fill(NULL, d, &dc, &e);
    if (!access(err_path, R_OK)) {
        assert_int_equal(r, -1);
        CLEANUP_FREE char *line = mem_printf("%s\n", e.msg);
        compare(stem, "err", line);
    } else if (r) {
        fail_msg("%s: %s", stem, e.msg);
    } else {
        accepted(stem, d, &dc);
    }
    libxl_domain_config_dispose(&dc);
}

/* A guest that could write to a disk that others only read would be believed by all of them. */
static void test_read_only_disks_are_so_for_xen(void **state)
{
    static const char text[] =
        "<domain type='xen'><name>ro</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        "<disk type='file' device='disk'><source file='/a'/><target dev='xvda'/><readonly/></disk>"
        "<disk type='block' device='disk'><source dev='/dev/b'/><target dev='xvdb'/><readonly/></disk>"
        "<disk type='file' device='cdrom'><source file='/c'/><target dev='hdc'/></disk>"
        "<disk type='file' device='disk'><source file='/d'/><target dev='xvdd'/><shareable/><readonly/></disk>"
        "<disk type='file' device='disk'><source file='/e'/><target dev='xvde'/></disk>"
        "</devices></domain>";
    struct domain *d = NULL;
    struct err e = {0};
    struct conf_opts o = {.flags = CONF_FOREIGN};
    assert_int_equal(conf_read(CONF_XML, text, strlen(text), &o, &d, &e), 0);
    CLEANUP_DOMAIN struct domain *read = d;
    libxl_domain_config dc;
    libxl_domain_config_init(&dc);
    if (xl_config_fill(NULL, read, &dc, &e))
        fail_msg("%s", e.msg);
    assert_int_equal(dc.num_disks, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(!!dc.disks[i].readwrite, i == 4);
    libxl_domain_config_dispose(&dc);
}

static void test_configs(void **state)
{
    DIR *dir = opendir(HV_CONFIGS);
    struct dirent *entry;
    int n = 0;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (!str_ends(entry->d_name, ".xml"))
            continue;
        CLEANUP_FREE char *stem = mem_strn(entry->d_name, strlen(entry->d_name) - 4);
        one(stem);
        n++;
    }
    closedir(dir);
    assert_true(n > 0);
}

/* Both spellings: a list until 4.16, an object with a list since. */
static void test_cpuid_is_read_from_json(void **state)
{
    static const char *const texts[] = {
        "{\"cpuid\": [ {\"leaf\": 1, \"ecx\": \"x0\"}, {\"leaf\": 7, \"subleaf\": 0, "
        "\"ebx\": \"1x\"} ], \"other\": [{\"leaf\": 9}]}",
        "{\"cpuid\":{\"cpuid\":[{\"leaf\":1,\"ecx\":\"x0\"},{\"leaf\":7,\"subleaf\":0,\"ebx\":"
        "\"1x\"}],\"msr\":[]}}"};
    for (size_t i = 0; i < 2; i++) {
        CLEANUP_DOMAIN struct domain *d = domain_new();
        cpuid_parse(texts[i], &d->cpu);
        assert_int_equal(d->cpu.n_leaves, 2);
        assert_string_equal(d->cpu.leaves[0].leaf, "0x1");
        assert_null(d->cpu.leaves[0].subleaf);
        assert_string_equal(d->cpu.leaves[0].ecx, "x0");
        assert_string_equal(d->cpu.leaves[1].subleaf, "0x0");
        assert_string_equal(d->cpu.leaves[1].ebx, "1x");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_configs), cmocka_unit_test(test_read_only_disks_are_so_for_xen),
                                       cmocka_unit_test(test_cpuid_is_read_from_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
