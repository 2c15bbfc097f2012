/* libxvirt as another program sees it: its header alone. Calls are tested by examples/guest.c. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xvirt/xvirt.h>

#include <cmocka.h>

static const char xl[] = "name = 'web'\nmemory = 64\nkernel = '/boot/k'\n"
                         "vnc = 1\nvncpasswd = 'secret'\nzork = 3\n";

static char *convert(enum xvirt_format from, const char *text, enum xvirt_format to,
                     const struct xvirt_conversion *how, struct xvirt_error *e)
{
    return xvirt_convert(from, text, strlen(text), to, how, NULL, e);
}

static void formats_have_names(void **state)
{
    for (int f = XVIRT_XML; f <= XVIRT_JSON; f++)
        assert_int_equal(xvirt_format_find(xvirt_format_name((enum xvirt_format)f)), f);
    assert_int_equal(xvirt_format_find("xen-zork"), 0);
    assert_int_equal(xvirt_format_find(NULL), 0);
    assert_null(xvirt_format_name((enum xvirt_format)0));
    assert_null(xvirt_format_name((enum xvirt_format)6));
    assert_non_null(strchr(xvirt_version(), '.'));
}

static void each_format_becomes_each(void **state)
{
    struct xvirt_error e;
    char *xml = convert(XVIRT_XL, xl, XVIRT_XML, NULL, &e);
    assert_non_null(xml);
    assert_non_null(strstr(xml, "<name>web</name>"));
    for (int f = XVIRT_XML; f <= XVIRT_JSON; f++) {
        char *there = convert(XVIRT_XML, xml, (enum xvirt_format)f, NULL, &e);
        char *back = there ? convert((enum xvirt_format)f, there, XVIRT_XML, NULL, &e) : NULL;
        if (!back)
            fail_msg("%s: %s", xvirt_format_name((enum xvirt_format)f), e.message);
        assert_non_null(strstr(back, "<name>web</name>"));
        assert_non_null(strstr(back, "<kernel>/boot/k</kernel>"));
        free(there);
        free(back);
    }
    free(xml);
}

static void passwords_can_stay_behind(void **state)
{
    struct xvirt_conversion how = {.flags = XVIRT_NO_PASSWORDS};
    char *with = convert(XVIRT_XL, xl, XVIRT_XML, NULL, NULL);
    char *without = convert(XVIRT_XL, xl, XVIRT_XML, &how, NULL);
    assert_non_null(strstr(with, "secret"));
    assert_null(strstr(without, "secret"));
    free(with);
    free(without);
}

/* Each key of the text once, in its order. */
static void reports_tell_every_key(void **state)
{
    static const char *const keys[] = {"name", "memory", "kernel", "vnc", "vncpasswd", "zork"};
    struct xvirt_conversion how = {.filename = "web.cfg"};
    struct xvirt_report *r;
    char *xml = xvirt_convert(XVIRT_XL, xl, strlen(xl), XVIRT_XML, &how, &r, NULL);
    assert_non_null(xml);
    assert_int_equal(xvirt_report_count(r), 6);
    for (size_t i = 0; i < 6; i++) {
        struct xvirt_key k = xvirt_report_key(r, i);
        assert_string_equal(k.key, keys[i]);
        assert_int_equal(k.line, i + 1);
        assert_int_equal(k.column, 1);
        assert_int_equal(k.fate, i < 5 ? XVIRT_CONVERTED : XVIRT_WARNING);
        assert_string_equal(k.file, "web.cfg");
    }
    assert_null(xvirt_report_key(r, 6).key);
    char *text = xvirt_report_text(r), *json = xvirt_report_json(r);
    assert_non_null(strstr(text, "web.cfg:6:1: zork: warning:"));
    assert_int_equal(json[0], '[');
    free(text);
    free(json);
    xvirt_report_free(r);
    free(xml);
    assert_int_equal(xvirt_report_count(NULL), 0);
    xvirt_report_free(NULL);
}

static void losses_can_be_failures(void **state)
{
    static const char lossy[] = "name = 'web'\nmemory = 64\nkernel = '/boot/k'\n"
                                "disk = [ 'script=x,vdev=xvda,format=raw,target=/d' ]\n";
    struct xvirt_conversion how = {.flags = XVIRT_STRICT};
    struct xvirt_error e = {0};
    struct xvirt_report *r;
    char *xm = convert(XVIRT_XL, lossy, XVIRT_XM, NULL, &e);
    assert_non_null(xm);
    free(xm);
    assert_null(xvirt_convert(XVIRT_XL, lossy, strlen(lossy), XVIRT_XM, &how, &r, &e));
    assert_int_equal(e.code, 67);
    assert_non_null(strstr(e.message, "lost"));
    char *text = xvirt_report_text(r);
    assert_non_null(strstr(text, "disk.script: lost"));
    free(text);
    xvirt_report_free(r);
}

static void refused(enum xvirt_format from, const char *text, size_t len, enum xvirt_format to,
                    unsigned flags, const char *message)
{
    struct xvirt_conversion how = {.flags = flags, .filename = "f"};
    struct xvirt_error e = {0};
    assert_null(xvirt_convert(from, text, len, to, &how, NULL, &e));
    assert_int_not_equal(e.code, 0);
    if (!strstr(e.message, message))
        fail_msg("'%s' is not in '%s'", message, e.message);
    assert_null(xvirt_convert(from, text, len, to, &how, NULL, NULL));
}

static void mistakes_are_told(void **state)
{
    enum { MUCH = (4 << 20) + 1 };
    char *much = calloc(1, MUCH);
    memset(much, '#', MUCH - 1);
    refused(XVIRT_XL, "name = [", 8, XVIRT_XML, 0, "f:1:");
    refused(XVIRT_XML, "<domain", 7, XVIRT_XL, 0, "f:1:");
    refused(XVIRT_XL, xl, strlen(xl), (enum xvirt_format)9, 0, "unknown format 9");
    refused((enum xvirt_format)0, xl, strlen(xl), XVIRT_XML, 0, "unknown format 0");
    refused(XVIRT_XL, xl, strlen(xl), XVIRT_XML, 64, "unknown flags 0x40");
    refused(XVIRT_XL, much, MUCH, XVIRT_XML, 0, "");
    refused(XVIRT_SXPR, "", 0, XVIRT_XML, 0, "");
    free(much);
}

static const char two[] =
    "(domain (name one) (memory 64) (uuid 8f07fe28-753f-2729-d76d-bdbd892f949a)"
    "(image (linux (kernel /k))))\n"
    "(domain (name two) (memory 64) (uuid 8f07fe28-753f-2729-d76d-bdbd892f949b)"
    "(image (linux (kernel /k))))\n";

enum { NAMES = 32 };

static int note_name(void *arg, const char *name, const char *text)
{
    char *names = arg;
    assert_non_null(strstr(text, name));
    size_t n = strlen(names);
    snprintf(names + n, NAMES - n, "%s", name);
    return !strcmp(names, "stop") ? 7 : 0;
}

static void a_text_has_any_number_of_guests(void **state)
{
    char names[NAMES] = "", stop[NAMES] = "st";
    struct xvirt_error e = {0};
    assert_int_equal(xvirt_convert_each(XVIRT_SXPR, two, strlen(two), XVIRT_XL, NULL, note_name,
                                        names, NULL, &e),
                     0);
    assert_string_equal(names, "onetwo");
    refused(XVIRT_SXPR, two, strlen(two), XVIRT_XL, 0, "expected one guest, found 2");
    static const char op[] = "(domain (name op) (uuid 8f07fe28-753f-2729-d76d-bdbd892f949c) "
                             "(memory 64) (image (linux (kernel /k))))";
    e.code = 0;
    assert_int_equal(
        xvirt_convert_each(XVIRT_SXPR, op, strlen(op), XVIRT_XL, NULL, note_name, stop, NULL, &e),
        7); /* what fn says */
    assert_int_equal(e.code, 0);
}

enum { THREADS = 4, ROUNDS = 25 };

static void *convert_often(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        char *xml = convert(XVIRT_XL, xl, XVIRT_XML, NULL, NULL);
        char *back = xml ? convert(XVIRT_XML, xml, XVIRT_SXPR, NULL, NULL) : NULL;
        *(int *)arg += back && strstr(back, "web");
        free(xml);
        free(back);
    }
    return NULL;
}

static void any_thread_converts(void **state)
{
    pthread_t threads[THREADS];
    int done[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, convert_often, &done[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(done[i], ROUNDS);
    }
}

static void a_server_that_is_not_there_is_told(void **state)
{
    struct xvirt_error e = {0};
    assert_null(xvirt_open("xen+unix:///system?socket=/nonexistent/sock", NULL, &e));
    assert_non_null(strstr(e.message, "/nonexistent/sock"));
    assert_null(xvirt_open("zork://", NULL, &e));
    assert_null(xvirt_open("zork://", NULL, NULL));
    xvirt_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(each_format_becomes_each),
        cmocka_unit_test(passwords_can_stay_behind),
        cmocka_unit_test(reports_tell_every_key),
        cmocka_unit_test(losses_can_be_failures),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_text_has_any_number_of_guests),
        cmocka_unit_test(any_thread_converts),
        cmocka_unit_test(a_server_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
