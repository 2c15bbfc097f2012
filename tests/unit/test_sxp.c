/* conf/sxp: the S-expression reader and writer. */
#include "conf/sxp.h"
#include "test.h"

static struct sxp_doc parse(const char *text)
{
    struct sxp_doc doc = {0};
    struct err e = {0};
    sxp_parse(text, strlen(text), &doc, &e);
    assert_string_equal(e.msg, "");
    return doc;
}

/* The tree in one spelling, so that a test is a line. */
static void show(struct str *out, const struct sxp *s)
{
    if (s->text) {
        str_addf(out, "%s", s->text);
        return;
    }
    str_addc(out, '[');
    for (size_t i = 0; i < s->n_items; i++) {
        if (i)
            str_addc(out, '|');
        show(out, &s->items[i]);
    }
    str_addc(out, ']');
}

static void reads_what_both_programs_print(void **state)
{
    static const struct {
        const char *text, *tree;
    } rows[] = {
        {"(a b)", "[a|b]"},
        {"  (a\n\t(b 1) (c)) ", "[a|[b|1]|[c]]"},
        {"(a '' \"\" ())", "[a|||[]]"},
        {"(key )", "[key]"},
        {"(a 'x y(z)' \"it's\")", "[a|x y(z)|it's]"},
        {"(a 'it\\'s' 'b\\\\c' 'q\\\"')", "[a|it's|b\\c|q\"]"},
        {"(a '\\t\\n' '\\x41\\102\\0603' '\\q')", "[a|\t\n|AB03|\\q]"},
        {"(a '\\xzz' '\\377')", "[a|\\xzz|\xff]"},
        {"# one\n(a # two (\n b)#three", "[a|b]"},
        {"(a say\"x\" o'clock file:/a#b)", "[a|say\"x\"|o'clock|file:/a#b]"},
        {"(a 'b'c)", "[a|b|c]"},
        {"(a(b)c)", "[a|[b]|c]"},
        {"atom", "atom"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sxp_doc doc = parse(rows[i].text);
        CLEANUP_STR struct str tree = {0};
        assert_int_equal(doc.n_items, 1);
        show(&tree, &doc.items[0]);
        assert_string_equal(str_get(&tree), rows[i].tree);
        assert_int_equal(doc.unclosed_line | doc.stray_line, 0);
        sxp_clear(&doc);
    }
}

static void reads_a_stream(void **state)
{
    struct sxp_doc doc = parse("(domain (domid 0))\n(domain (domid 7))\n");
    assert_int_equal(doc.n_items, 2);
    assert_string_equal(sxp_value(sxp_find(&doc.items[1], "domid")), "7");
    assert_int_equal(doc.items[1].line, 2);
    assert_int_equal(doc.items[1].items[1].col, 9);
    sxp_clear(&doc);
    doc = parse(" # nothing\n");
    assert_int_equal(doc.n_items, 0);
    sxp_clear(&doc);
}

static void tells_slips_by_position(void **state)
{
    struct sxp_doc doc = parse("(domain\n (name x)\n (image (linux)");
    assert_string_equal(sxp_value(sxp_find(&doc.items[0], "name")), "x");
    assert_int_equal(doc.unclosed_line, 3);
    assert_int_equal(doc.unclosed_col, 2);
    sxp_clear(&doc);
    doc = parse("(domain\n (name x)) )\n)");
    assert_int_equal(doc.n_items, 1);
    assert_int_equal(doc.stray_line, 2);
    assert_int_equal(doc.stray_col, 12);
    sxp_clear(&doc);
}

static void takes_the_first_match_at_each_level(void **state)
{
    struct sxp_doc doc =
        parse("(d (x 1) (image (linux (root a)) (linux (args b)))(x 2)(e)(l (m)))");
    const struct sxp *d = &doc.items[0];
    assert_true(sxp_is(d, "d"));
    assert_string_equal(sxp_value(sxp_find(d, "x")), "1");
    assert_string_equal(sxp_value(sxp_find(d, "image/linux/root")), "a");
    assert_null(sxp_find(d, "image/linux/args"));
    assert_null(sxp_find(d, "image/hvm"));
    assert_non_null(sxp_find(d, "e"));
    assert_null(sxp_value(sxp_find(d, "e")));
    assert_null(sxp_value(sxp_find(d, "l")));
    assert_null(sxp_value(sxp_find(d, "none")));
    sxp_clear(&doc);
}

static void refuses_with_position(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"(a\n  'b)", "line 2 column 3: the text that starts here has no closing '"},
        {"(a))(b)", "line 1 column 4: ')' closes no list"},
        {"(a '\\x00')", "line 1 column 9: a NUL character is not allowed"},
        {"(a '\\777')", "line 1 column 9: bad character code after a backslash"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sxp_doc doc = {0};
        struct err e = {0};
        assert_int_equal(sxp_parse(rows[i].text, strlen(rows[i].text), &doc, &e), -1);
        assert_string_equal(e.msg, rows[i].message);
        assert_null(doc.items);
    }
}

static void refuses_what_is_too_much(const char *unit, size_t n, const char *message)
{
    CLEANUP_STR struct str s = {0};
    struct sxp_doc doc = {0};
    struct err e = {0};
    str_add(&s, "(a ");
    for (size_t i = 0; i < n; i++)
        str_add(&s, unit);
    assert_int_equal(sxp_parse(s.p, s.len, &doc, &e), -1);
    assert_non_null(strstr(e.msg, message));
}

static void limits_hold(void **state)
{
    refuses_what_is_too_much("(", SXP_DEPTH_MAX, "nested");
    refuses_what_is_too_much("a ", SXP_NODES_MAX, "words and lists");
    refuses_what_is_too_much("a", SXP_TEXT_MAX + 1, "longer than");
    refuses_what_is_too_much(" ", SXP_INPUT_MAX, "larger than");
}

static void writes_what_it_reads(void **state)
{
    static const char *const texts[] = {"",          "plain", "a b",      "it's \\ here", "(x)",
                                        "a\"b",      "\\n",   "#c",       "-b---",        "0x01",
                                        "tab\there", "x\\'",  "\xc3\xa4", "a;b{c}",       "\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        CLEANUP_STR struct str out = {0};
        str_add(&out, "(vm ");
        sxp_put_text(&out, "a", texts[i]);
        sxp_put_word(&out, "b", texts[i]);
        sxp_put_number(&out, "c", -5);
        str_addc(&out, ')');
        struct sxp_doc doc = parse(str_get(&out));
        assert_string_equal(sxp_value(sxp_find(&doc.items[0], "a")), texts[i]);
        assert_string_equal(sxp_value(sxp_find(&doc.items[0], "b")), texts[i]);
        assert_string_equal(sxp_value(sxp_find(&doc.items[0], "c")), "-5");
        sxp_clear(&doc);
    }
}

static void quotes_like_libvirt(void **state)
{
    CLEANUP_STR struct str out = {0};
    sxp_put_text(&out, "uname", "file:/root/'\\some.img");
    sxp_put_word(&out, "boot", "c");
    assert_string_equal(str_get(&out), "(uname 'file:/root/\\'\\\\some.img')(boot c)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_both_programs_print),
        cmocka_unit_test(reads_a_stream),
        cmocka_unit_test(tells_slips_by_position),
        cmocka_unit_test(takes_the_first_match_at_each_level),
        cmocka_unit_test(refuses_with_position),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(quotes_like_libvirt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
