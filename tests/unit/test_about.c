/* What the daemon tells of the host and of CPUs, keys and leases, where no virsh sees it. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/cpu.h"
#include "daemon/keys.h"
#include "daemon/lease.h"
#include "daemon/sysinfo.h"
#include "wire/consts.h"

static char dir[] = "/tmp/xvabout.XXXXXX";

static void put(const char *name, const char *text)
{
    struct err e;
    if (file_write_atomic(dir, name, text, strlen(text), 0600, &e))
        fail_msg("%s", e.msg);
}

static void firmware_is_shown_as_xml(void **state)
{
    struct err e = {0};
    CLEANUP_STR struct str out = {0};
    assert_int_equal(sysinfo_write(dir, &out, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG_UNSUPPORTED);
    str_clear(&out);
    put("bios_vendor", "A <Vendor> & Sons\n");
    put("product_serial", "\x01\xff bad  \n");
    put("product_uuid", "\n");
    assert_int_equal(sysinfo_write(dir, &out, &e), 0);
    assert_string_equal(out.p,
                        "<sysinfo type='smbios'>\n  <bios>\n"
                        "    <entry name='vendor'>A &lt;Vendor&gt; &amp; Sons</entry>\n  </bios>\n"
                        "  <system>\n    <entry name='serial'>?? bad</entry>\n  </system>\n"
                        "</sysinfo>\n");
}

static struct cpu_wanted cpu(const char *xml)
{
    struct cpu_wanted w;
    struct err e;
    if (cpu_parse(xml, &w, &e))
        fail_msg("%s", e.msg);
    return w;
}

static void cpus_are_compared_by_features(void **state)
{
    struct cpu_set haswell = cpu("<cpu><model>Haswell</model></cpu>").has;
    static const struct {
        const char *xml;
        int result;
    } cases[] = {
        {"<cpu><model>Haswell</model></cpu>", VIR_CPU_COMPARE_IDENTICAL},
        {"<cpu><model>Nehalem</model></cpu>", VIR_CPU_COMPARE_SUPERSET},
        {"<cpu match='strict'><model>Nehalem</model></cpu>", VIR_CPU_COMPARE_INCOMPATIBLE},
        {"<cpu><model>Skylake-Server-noTSX-IBRS</model></cpu>", VIR_CPU_COMPARE_INCOMPATIBLE},
        {"<cpu><model>Nehalem</model><feature name='avx2'/></cpu>", VIR_CPU_COMPARE_SUPERSET},
        {"<cpu><model>Nehalem</model><feature policy='forbid' name='avx2'/></cpu>",
         VIR_CPU_COMPARE_INCOMPATIBLE},
        {"<cpu><model>Nehalem</model><feature policy='forbid' name='sse4a'/></cpu>",
         VIR_CPU_COMPARE_SUPERSET},
        {"<cpu><model>Nehalem</model><feature policy='optional' name='sse4a'/></cpu>",
         VIR_CPU_COMPARE_SUPERSET},
        {"<cpu><arch>aarch64</arch><model>cortex-a57</model></cpu>", VIR_CPU_COMPARE_INCOMPATIBLE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct cpu_wanted w = cpu(cases[i].xml);
        if (cpu_compare(&haswell, &w) != cases[i].result)
            fail_msg("%s: %d", cases[i].xml, cpu_compare(&haswell, &w));
    }
}

static void bad_cpus_are_refused(void **state)
{
    static const char *const bad[] = {
        "", "<cpu", "<domain/>", "<cpu><model>none</model></cpu>",
        "<cpu><feature name='nonesuch'/></cpu>", "<cpu><feature/></cpu>",
        "<cpu><feature name='spec-ctrl'/></cpu>", /* known, but Xen's words do not have it */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct cpu_wanted w;
        struct err e = {0};
        if (!cpu_parse(bad[i], &w, &e) || !e.code)
            fail_msg("'%s' is taken", bad[i]);
    }
}

static void models_are_all_of_known_features(void **state)
{
    const char *name;
    for (size_t i = 0; (name = cpu_model_name(i)); i++) {
        struct err e;
        CLEANUP_STR struct str out = {0};
        CLEANUP_FREE char *xml = mem_printf("<cpu><model>%s</model></cpu>", name);
        struct cpu_wanted w = cpu(xml);
        assert_int_equal(cpu_write(&w.has, false, "", "", &out, &e), 0);
        CLEANUP_FREE char *line = mem_printf("<model>%s</model>\n", name);
        assert_string_equal(out.p, line); /* nothing beyond it */
    }
}

static void old_words_of_xen_are_sorted(void **state)
{
    struct hv_host h = {.xen_major = 4, .xen_minor = 6, .hwcap = {1, 2, 3, 4, 5, 6, 7, 8}};
    struct cpu_set s;
    cpu_of_host(&h, &s);
    static const uint32_t old[] = {1, 5, 2, 7, 0, 8, 0, 0};
    assert_memory_equal(s.words, old, sizeof(old));
    h.xen_minor = 7;
    cpu_of_host(&h, &s);
    assert_memory_equal(s.words, h.hwcap, sizeof(h.hwcap));
}

static void keys_become_qemus(void **state)
{
    uint32_t q;
    char letter;
    assert_true(key_to_qemu(VIR_KEYCODE_SET_LINUX, 111, &q) && q == 0xd3);  /* delete */
    assert_true(key_to_qemu(VIR_KEYCODE_SET_XT, 0xe053, &q) && q == 0xd3);  /* the same */
    assert_true(key_to_qemu(VIR_KEYCODE_SET_QNUM, 0xd3, &q) && q == 0xd3);
    assert_false(key_to_qemu(VIR_KEYCODE_SET_LINUX, 0, &q));
    assert_false(key_to_qemu(VIR_KEYCODE_SET_LINUX, 84, &q));
    assert_false(key_to_qemu(VIR_KEYCODE_SET_LINUX, UINT32_MAX, &q));
    assert_false(key_to_qemu(VIR_KEYCODE_SET_XT, 0x1234, &q));
    assert_false(key_to_qemu(99, 30, &q));
    assert_true(key_letter(VIR_KEYCODE_SET_LINUX, 35, &letter) && letter == 'h');
    assert_true(key_letter(VIR_KEYCODE_SET_LINUX, 11, &letter) && letter == '0');
    assert_false(key_letter(VIR_KEYCODE_SET_LINUX, 56, &letter));
    assert_true(key_is_sysrq(VIR_KEYCODE_SET_LINUX, 99));
}

static void leases_of_bad_files_are_none(void **state)
{
    struct lease *l;
    size_t n;
    put("a.status", "[{\"ip-address\": \"192.0.2.1\", \"mac-address\": \"00:16:3e:00:00:01\"},"
                    "{\"ip-address\": \"nonsense\", \"mac-address\": \"00:16:3e:00:00:02\"},"
                    "{\"ip-address\": \"2001:db8::5\", \"mac-address\": \"00:16:3e:00:00:03\"},"
                    "{\"ip-address\": 5}, 7, null]");
    put("b.status", "[{\"ip-address\": ");
    put("dnsmasq.leases", "0 00:16:3e:00:00:04 192.0.2.4 a-host *\nx\n\n1 2 3\n"
                          "duid 00:01\n5 00:16:3e:00:00:05 192.0.2.5 * *\n");
    put("c.txt", "0 00:16:3e:00:00:06 192.0.2.6 * *\n");
    CLEANUP_FREE char *dirs = mem_printf("/nowhere::%s", dir);
    leases_read(dirs, &l, &n);
    assert_int_equal(n, 3); /* the one of dnsmasq that ended in 1970 is none */
    for (size_t i = 0; i < n; i++)
        if (l[i].mac[5] == 4)
            assert_string_equal(l[i].hostname, "a-host");
    leases_free(l, n);
}

static int make_dir(void **state)
{
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const files[] = {"bios_vendor", "product_serial", "product_uuid", "a.status",
                                        "b.status",    "dnsmasq.leases", "c.txt"};
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        CLEANUP_FREE char *path = mem_printf("%s/%s", dir, files[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(firmware_is_shown_as_xml),
        cmocka_unit_test(cpus_are_compared_by_features),
        cmocka_unit_test(bad_cpus_are_refused),
        cmocka_unit_test(models_are_all_of_known_features),
        cmocka_unit_test(old_words_of_xen_are_sorted),
        cmocka_unit_test(keys_become_qemus),
        cmocka_unit_test(leases_of_bad_files_are_none),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
