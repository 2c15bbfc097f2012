/* What libxl says becomes the reason of a failure: its lines, cleaned, the first ones only. */
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "hv/libxl/xl.h"
#include "unit/test.h"

struct heard {
    int level;
    char text[200];
};

static void on_log(void *arg, int level, const char *text)
{
    struct heard *h = arg;
    h->level = level;
    snprintf(h->text, sizeof(h->text), "%s", text);
}

struct given {
    struct heard heard;
    struct hv hv;
    struct xl_log log;
};

static void given(struct given *g)
{
    *g = (struct given){0};
    g->hv.events.log = on_log;
    g->hv.arg = &g->heard;
    xl_log_init(&g->log, &g->hv);
}

static void errors(struct given *g, const char *const *lines)
{
    for (; *lines; lines++)
        xtl_log(&g->log.vt, XTL_ERROR, -1, "libxl", "%s", *lines);
}

static void test_first_lines_are_the_reason(void **state)
{
    static const char *const lines[] = {
        "libxl_disk.c:45:f: Domain 3:Disk vdev=xvda failed to stat: /x",
        "libxl_create.c:13:g: Domain 3:Unable to set disk defaults for disk 0",
        "libxl_create.c:13:g: Domain 3:Unable to set disk defaults for disk 0",
        "libxl_a.c:1:h: third",
        "libxl_b.c:1:h: fourth",
        NULL};
    struct given g;
    struct err e = {0};
    given(&g);
    errors(&g, lines);
    assert_int_equal(xl_fail(&e, ERROR_FAIL, &g.log.here, NULL, "%s", ""), -1);
    assert_int_equal(e.code, ERR_OPERATION_FAILED);
    assert_string_equal(e.msg, "Disk vdev=xvda failed to stat: /x; Unable to set disk defaults for "
                               "disk 0; third");
}

static void test_a_script_speaks_for_itself(void **state)
{
    static const char *const lines[] = {
        "libxl_exec.c:117:r: /etc/xen/scripts/vif-bridge online [354] exited with error status 1",
        "libxl_device.c:1337:d: script: Could not find bridge device br7", NULL};
    struct given g;
    struct err e = {0};
    given(&g);
    errors(&g, lines);
    xl_fail(&e, ERROR_FAIL, &g.log.here, NULL, "cannot attach");
    assert_string_equal(e.msg, "cannot attach: Could not find bridge device br7 (the bridge does "
                               "not exist)");
}

static void test_a_reason_is_one_line(void **state)
{
    static const char *const lines[] = {
        "libxl_device.c:1337:d: script: Device /dev/sdb is mounted in a guest domain,\nand so "
        "cannot be mounted now.",
        NULL};
    struct given g;
    struct err e = {0};
    given(&g);
    errors(&g, lines);
    xl_fail(&e, ERROR_FAIL, &g.log.here, NULL, "%s", "");
    assert_string_equal(e.msg, "Device /dev/sdb is mounted in a guest domain, and so cannot be "
                               "mounted now. (the disk image is locked: another guest uses it)");
}

static void test_a_script_that_is_late_has_not_refused(void **state)
{
    static const char *const lines[] = {
        "libxl_aoutils.c:526:x: killing execution of /etc/xen/scripts/block add because of timeout",
        "libxl_create.c:1940:d: Unable to add vbd with id 51728", NULL};
    struct given g;
    struct err e = {0};
    given(&g);
    errors(&g, lines);
    xl_fail(&e, ERROR_FAIL, &g.log.here, NULL, "%s", "");
    assert_non_null(strstr(e.msg, "did not end in time"));
    assert_null(strstr(e.msg, "refused"));
}

/* given a device model's log longer than what is read of it; then its end is what is told */
static void test_a_long_log_tells_its_last_line(void **state)
{
    enum { LINES = 20000 };
    char path[] = "/tmp/xvirt-log-XXXXXX";
    struct given g;
    struct err e = {0};
    int fd = mkstemp(path);
    FILE *log = fdopen(fd, "w");
    for (int i = 0; i < LINES; i++)
        fprintf(log, "qemu: line %d\n", i);
    fputs("qemu: the last word\n\n", log);
    fclose(log);
    given(&g);
    CLEANUP_FREE char *line = mem_printf("libxl_dm.c:1:f: it has ended, consult logfile %s", path);
    errors(&g, (const char *const[]){line, NULL});
    xl_fail(&e, ERROR_FAIL, &g.log.here, NULL, "%s", "");
    unlink(path);
    assert_non_null(strstr(e.msg, "it said: qemu: the last word"));
}

static void test_places_in_sources_are_left_out(void **state)
{
    static const char *const lines[] = {
        "panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found: Invalid kernel", NULL};
    struct given g;
    given(&g);
    errors(&g, lines);
    assert_string_equal(g.log.here.text, "no loader found: Invalid kernel");
}

static void test_a_waiting_operation_has_its_own_lines(void **state)
{
    static const char *const lines[] = {"libxl_x.c:1:f: Domain 7:of seven",
                                        "libxl_x.c:1:f: Domain 8:of eight", "of nobody", NULL};
    struct given g;
    given(&g);
    struct wait seven = {.domid = 7}, eight = {.domid = 8, .next = &seven};
    g.hv.waits = &eight;
    g.log.is_loops = true;
    errors(&g, lines);
    assert_string_equal(seven.said.text, "of seven");
    assert_string_equal(eight.said.text, "of eight");
    assert_string_equal(g.log.here.text, "of nobody");
    assert_int_equal(g.heard.level, LOG_ERROR);
}

static void test_lines_without_a_name_go_to_the_one_they_can_be_of(void **state)
{
    static const char *const lines[] = {"of a script", NULL};
    struct given g;
    given(&g);
    struct wait one = {.domid = 7, .has_device = true}, two = {.domid = 8, .next = &one};
    g.hv.waits = &two;
    g.log.is_loops = g.log.is_turn = true;
    errors(&g, lines);
    assert_string_equal(one.said.text, "of a script");
    assert_string_equal(two.said.text, "");
    two.has_device = true; /* now it may be either's */
    errors(&g, (const char *const[]){"of somebody", NULL});
    assert_string_equal(one.said.text, "of a script");
    assert_string_equal(g.log.here.text, "of somebody");
    g.log.is_turn = false;
    g.hv.starting = &two;
    errors(&g, (const char *const[]){"of the call", NULL});
    assert_string_equal(two.said.text, "of the call");
}

static void test_the_daemon_hears_it_too(void **state)
{
    struct given g;
    given(&g);
    xtl_log(&g.log.vt, XTL_WARN, 2, "xc", "line %d", 1);
    assert_int_equal(g.heard.level, LOG_WARN);
    assert_string_equal(g.heard.text, "xc: line 1: No such file or directory");
    assert_string_equal(g.log.here.text, ""); /* a warning is no reason */
}

static void test_codes(void **state)
{
    struct err e = {0};
    xl_fail(&e, ERROR_DOMAIN_NOTFOUND, NULL, NULL, "x");
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    xl_fail(&e, ERROR_ABORTED, NULL, NULL, "x");
    assert_int_equal(e.code, ERR_OPERATION_ABORTED);
    xl_fail(&e, ERROR_NOPARAVIRT, NULL, NULL, "cannot shut down");
    assert_int_equal(e.code, ERR_OPERATION_UNSUPPORTED);
    assert_string_equal(
        e.msg, "cannot shut down: the guest has no paravirtual drivers to take the request");
}

static void test_a_long_line_is_cut(void **state)
{
    struct given g;
    given(&g);
    char line[4000];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = 0;
    xtl_log(&g.log.vt, XTL_ERROR, 5, "libxl", "%s", line);
    xtl_log(&g.log.vt, XTL_ERROR, -1, "libxl", "%s", line);
    assert_true(g.log.here.len < sizeof(g.log.here.text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_lines_are_the_reason),
        cmocka_unit_test(test_a_script_speaks_for_itself),
        cmocka_unit_test(test_a_reason_is_one_line),
        cmocka_unit_test(test_a_script_that_is_late_has_not_refused),
        cmocka_unit_test(test_a_long_log_tells_its_last_line),
        cmocka_unit_test(test_places_in_sources_are_left_out),
        cmocka_unit_test(test_a_waiting_operation_has_its_own_lines),
        cmocka_unit_test(test_lines_without_a_name_go_to_the_one_they_can_be_of),
        cmocka_unit_test(test_the_daemon_hears_it_too),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_a_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
