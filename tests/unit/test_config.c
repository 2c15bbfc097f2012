/* The daemon's configuration file: values, lists, and mistakes with their lines. */
#include "test.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "daemon/config.h"
#include "daemon/hostid.h"

static void defaults(void **state)
{
    struct config c;
    config_default(&c);
    assert_int_equal(c.max_clients, 5000);
    assert_int_equal(c.max_client_requests, 5);
    assert_int_equal(c.keepalive_interval, 5);
    assert_string_equal(c.unix_sock_ro_perms, "0777");
    assert_true(c.autostart);
    assert_null(c.unix_sock_group);
    config_clear(&c);
}

static void values(void **state)
{
    static const char text[] = "# comment\n"
                               "max_clients = 7\n"
                               "\tunix_sock_group = \"libvirt\" # behind\n"
                               "keepalive_interval=-1\n"
                               "access_drivers = [ \"polkit\", # one\n"
                               "  'b\\'c',\n"
                               "]\n"
                               "audit_logging = 1\n";
    struct config c;
    struct err e;
    config_default(&c);
    assert_int_equal(config_parse(&c, CONFIG_XVIRTD, "f", text, &e), 0);
    assert_int_equal(c.max_clients, 7);
    assert_string_equal(c.unix_sock_group, "libvirt");
    assert_int_equal(c.keepalive_interval, -1);
    assert_int_equal(c.access_drivers.n, 2);
    assert_string_equal(c.access_drivers.items[0], "polkit");
    assert_string_equal(c.access_drivers.items[1], "b'c");
    assert_true(c.audit_logging);
    config_clear(&c);
}

/* Every mistake is told, and what is right counts all the same. */
static void mistakes(void **state)
{
    static const char text[] = "max_clients = 7\n"
                               "no_such_key = 1\n"
                               "max_workers = \"x\"\n"
                               "log_filters = \"open\n"
                               "just words\n"
                               "audit_logging = 2\n"
                               "access_drivers = \"a\"\n"
                               "prio_workers = 3 4\n"
                               "max_queued_clients = 9\n";
    struct config c;
    struct err e;
    config_default(&c);
    assert_int_equal(config_parse(&c, CONFIG_XVIRTD, "f.conf", text, &e), -1);
    assert_string_equal(e.msg, "f.conf:2: unknown key 'no_such_key'\n"
                               "f.conf:3: 'max_workers' must be a number\n"
                               "f.conf:4: a text that does not end\n"
                               "f.conf:5: expected 'key = value'\n"
                               "f.conf:6: 'audit_logging' must be 0 or 1\n"
                               "f.conf:7: 'access_drivers' must be a list of texts\n"
                               "f.conf:8: something after the value of 'prio_workers'");
    assert_int_equal(c.max_clients, 7);
    assert_int_equal(c.max_queued_clients, 9);
    config_clear(&c);
}

static void modes(void **state)
{
    unsigned mode;
    assert_true(config_mode("0770", &mode));
    assert_int_equal(mode, 0770);
    assert_false(config_mode("0888", &mode));
    assert_false(config_mode("10000", &mode));
}

static void missing_file(void **state)
{
    struct config c;
    struct err e;
    config_default(&c);
    assert_int_equal(config_read(&c, CONFIG_XVIRTD, "/nonexistent/x", false, &e), 0);
    assert_int_equal(config_read(&c, CONFIG_XVIRTD, "/nonexistent/x", true, &e), -1);
    config_clear(&c);
}

/* The text that --help and the manual show reads back as the defaults. */
static void reference(void **state)
{
    struct str s = {0};
    config_reference(CONFIG_XVIRTD, &s);
    assert_non_null(strstr(str_get(&s), "#max_client_requests = 5\n"));
    assert_non_null(strstr(str_get(&s), "#unix_sock_ro_perms = \"0777\"\n"));
    str_clear(&s);
}

/* The two files have keys of the same name. */
static void libxl_conf(void **state)
{
    struct config c;
    struct err e;
    config_default(&c);
    assert_int_equal(c.libxl_autoballoon, -1);
    assert_true(c.libxl_nested_hvm);
    const char *text = "autoballoon = 0\nnested_hvm = 0\nkeepalive_interval = 9\n"
                       "firmwares = [ \"/a/ovmf.fd\", \"/b.fd\" ]\nlock_manager = \"lockd\"\n";
    assert_int_equal(config_parse(&c, CONFIG_LIBXL, "libxl.conf", text, &e), 0);
    assert_int_equal(c.libxl_autoballoon, 0);
    assert_false(c.libxl_nested_hvm);
    assert_int_equal(c.libxl_keepalive_interval, 9);
    assert_int_equal(c.keepalive_interval, 5);
    assert_int_equal(c.libxl_firmwares.n, 2);
    assert_string_equal(c.libxl_firmwares.items[0], "/a/ovmf.fd");
    assert_int_equal(config_parse(&c, CONFIG_LIBXL, "libxl.conf", "max_clients = 3\n", &e), -1);
    assert_string_equal(e.msg, "libxl.conf:1: unknown key 'max_clients'");
    assert_int_equal(config_parse(&c, CONFIG_XVIRTD, "xvirtd.conf", "autoballoon = 1\n", &e), -1);
    config_clear(&c);
}

/* Keys that are there for the sake of libvirt's files: who sets one is told. */
static void idle_keys(void **state)
{
    struct config c;
    struct err e;
    config_default(&c);
    assert_int_equal(config_parse(&c, CONFIG_XVIRTD, "f", "max_clients = 2\nmin_workers = 3\n", &e),
                     0);
    assert_int_equal(config_parse(&c, CONFIG_LIBXL, "l", "lock_manager = \"lockd\"\n", &e), 0);
    assert_int_equal(c.idle.n, 2);
    assert_string_equal(c.idle.items[0],
                        "f:2: key 'min_workers' has no effect: workers come and go by themselves");
    assert_string_equal(
        c.idle.items[1],
        "l:1: key 'lock_manager' has no effect: Xen itself locks the disks of guests");
    config_clear(&c);
}

/* What host_uuid and host_uuid_source come to, with this in the machine's file. */
static const char *host_id(const char *conf, const char *file, struct err *e)
{
    static char text[UUID_TEXT];
    char path[] = "/tmp/xvirt-test-machine-id-XXXXXX";
    struct config c;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, file, strlen(file)) == (ssize_t)strlen(file));
    close(fd);
    config_default(&c);
    assert_int_equal(config_parse(&c, CONFIG_XVIRTD, "f", conf, e), 0);
    int r = hostid_read(&c, path, e);
    uuid_format(c.host_id, text);
    config_clear(&c);
    unlink(path);
    return r ? NULL : text;
}

static void host_uuids(void **state)
{
    static const char machine[] = "host_uuid_source = \"machine-id\"\n";
    static const char id[] = "0123456789abcdef0123456789abcdef\n";
    struct err e;
    assert_string_equal(host_id("", id, &e), "00000000-0000-0000-0000-000000000000");
    assert_string_equal(host_id(machine, id, &e), "01234567-89ab-cdef-0123-456789abcdef");
    assert_string_equal(host_id("host_uuid = \"c7a5fdb2-cdaf-9455-926a-d65c16db1809\"\n", id, &e),
                        "c7a5fdb2-cdaf-9455-926a-d65c16db1809");
    assert_null(host_id(machine, "uninitialized\n", &e));
    assert_null(host_id("host_uuid_source = \"dice\"\n", id, &e));
    assert_string_equal(e.msg, "host_uuid_source is smbios or machine-id, not 'dice'");
    assert_null(host_id("host_uuid = \"eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee\"\n", id, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),   cmocka_unit_test(values),       cmocka_unit_test(mistakes),
        cmocka_unit_test(modes),      cmocka_unit_test(missing_file), cmocka_unit_test(reference),
        cmocka_unit_test(libxl_conf), cmocka_unit_test(idle_keys),    cmocka_unit_test(host_uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
