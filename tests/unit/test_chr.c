/* conf/chr: the words for character devices. */
#include "conf/chr.h"
#include "conf/row.h"
#include "test.h"

static const struct conf_opts plain;

static void words_become_devices_and_back(void **state)
{
    static const char *const texts[] = {
        "null",         "vc",
        "pty",          "stdio",
        "file:/a b",    "pipe:/p",
        "/dev/ttyS0",   "tcp:localhost:9999",
        "tcp::1",       "tcp:[::1]:80,server,nowait",
        "telnet:h:23",  "udp:localhost:9998@localhost:9999",
        "udp::9999@:0", "udp:h:1@:2",
        "unix:/run/s",  "unix:/run/s,server,nowait",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct err e = {0};
        struct conf_ctx c = {.o = &plain, .e = &e};
        struct chr chr = {0};
        CLEANUP_STR struct str out = {0};
        assert_int_equal(chr_parse(&c, (struct pos){0}, "serial", texts[i], &chr), 0);
        assert_int_equal(chr_format(&c, "serial", &chr, &out), 0);
        assert_string_equal(str_get(&out), texts[i]);
        rec_clear(&chr_rec, &chr);
    }
}

static void parts_go_where_they_belong(void **state)
{
    struct err e = {0};
    struct conf_ctx c = {.o = &plain, .e = &e};
    struct chr chr = {0};
    chr_parse(&c, (struct pos){0}, "serial", "telnet:localhost:9999,server,nowait", &chr);
    assert_int_equal(chr.type, CHR_TCP);
    assert_int_equal(chr.telnet, TRI_YES);
    assert_int_equal(chr.listen, TRI_YES);
    assert_string_equal(chr.host, "localhost");
    assert_string_equal(chr.service, "9999");
    rec_clear(&chr_rec, &chr);
    chr_parse(&c, (struct pos){0}, "serial", "udp:a:1@b:2", &chr);
    assert_string_equal(chr.bind_host, "b");
    assert_string_equal(chr.bind_service, "2");
    rec_clear(&chr_rec, &chr);
}

/* QEMU has more kinds of devices and more options than the model has members for. */
static void texts_beyond_the_members_are_kept(void **state)
{
    static const char *const texts[] = {"ptyx",           "mon:stdio",       "vc:80Cx24C",
                                        "tcp:h:1,server", "tcp:h:1,nodelay", "unix:/x,server"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct conf_ctx c = {.o = &plain};
        struct chr chr = {0};
        CLEANUP_STR struct str out = {0};
        assert_int_equal(chr_parse(&c, (struct pos){0}, "serial", texts[i], &chr), 0);
        assert_string_equal(chr.native, texts[i]);
        assert_int_equal(chr_format(&c, "serial", &chr, &out), 0);
        assert_string_equal(str_get(&out), texts[i]);
        rec_clear(&chr_rec, &chr);
    }
}

static void a_kept_text_yields_to_an_edited_member(void **state)
{
    struct conf_ctx c = {.o = &plain};
    struct chr chr = {0};
    CLEANUP_STR struct str out = {0};
    assert_int_equal(chr_parse(&c, (struct pos){0}, "serial", "tcp:h:1,server", &chr), 0);
    str_set(&chr.host, "other");
    assert_int_equal(chr_format(&c, "serial", &chr, &out), 0);
    assert_string_equal(str_get(&out), "tcp:other:1,server,nowait");
    rec_clear(&chr_rec, &chr);
}

static void nonsense_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "tcp:9999", "tcp:host:", "udp:host:", "udp:a:1@b", "file:", "unix:,server"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct err e = {0};
        struct conf_ctx c = {.o = &plain, .e = &e};
        struct chr chr = {0};
        assert_int_equal(chr_parse(&c, (struct pos){3, 4}, "serial", texts[i], &chr), -1);
        assert_true(str_starts(e.msg, "line 3:4: 'serial' "));
        rec_clear(&chr_rec, &chr);
    }
}

static void what_the_words_cannot_say_is_an_error(void **state)
{
    struct err e = {0};
    struct conf_ctx c = {.o = &plain, .e = &e};
    struct chr chr = {.type = CHR_SPICEVMC};
    CLEANUP_STR struct str out = {0};
    assert_int_equal(chr_format(&c, "serial", &chr, &out), -1);
    assert_string_equal(e.msg, "'serial' cannot be a device of type 'spicevmc'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_devices_and_back),
        cmocka_unit_test(parts_go_where_they_belong),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(texts_beyond_the_members_are_kept),
        cmocka_unit_test(a_kept_text_yields_to_an_edited_member),
        cmocka_unit_test(what_the_words_cannot_say_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
