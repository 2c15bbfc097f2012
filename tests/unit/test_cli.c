/* cli/: words of a line, options of a command, tables. */
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/opts.h"
#include "test.h"

static const struct opt opts[] = {
    {"domain", OPT_STR, OPT_REQUIRED, WHAT_DOMAIN, "d"},
    {"mode", OPT_STR, OPT_NAMED, WHAT_TEXT, "m"},
    {"all", OPT_FLAG, 0, WHAT_TEXT, "a"},
    {"count", OPT_NUM, 0, WHAT_TEXT, "c"},
    {"more", OPT_ARGV, 0, WHAT_TEXT, "x"},
    {0},
};
static const struct cmd cmd = {"try", GROUP_DOMAIN, "h", NULL, opts, NULL};

static int parse(struct args *a, struct err *e, size_t n, const char *const *words)
{
    return args_parse(&cmd, n, (char *const *)words, a, e);
}
#define PARSE(...) \
    parse(&a, &e, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
          (const char *[]){__VA_ARGS__})

static void options_in_every_spelling(void **state)
{
    struct args a;
    struct err e = {0};
    uint64_t n = 7;
    assert_int_equal(PARSE("web", "--mode", "acpi", "--all", "7", "x", "y"), 0);
    assert_string_equal(arg_str(&a, "domain"), "web");
    assert_string_equal(arg_str(&a, "mode"), "acpi");
    assert_true(arg_has(&a, "all"));
    assert_int_equal(a.n_more, 2);
    assert_string_equal(a.more[1], "y");
    assert_string_equal(arg_str(&a, "count"), "7"); /* by its place */
    assert_int_equal(PARSE("--mode=acpi,paravirt", "--domain", "web"), 0);
    assert_string_equal(arg_str(&a, "mode"), "acpi,paravirt");
    assert_false(arg_has(&a, "all"));
    assert_int_equal(arg_u64(&a, "count", &n, &e), 0);
    assert_int_equal(n, 7);
    assert_int_equal(PARSE("--", "--odd-name"), 0);
    assert_string_equal(arg_str(&a, "domain"), "--odd-name");
    assert_int_equal(PARSE("web", "--format", "json"), 0);
    assert_true(a.json);
    assert_int_equal(PARSE("--help"), 0); /* though nothing says which domain */
    assert_true(a.help);
}

static void wrong_options_are_named(void **state)
{
    struct args a;
    struct err e = {0};
    uint64_t n;
    assert_int_equal(PARSE("--all"), -1);
    assert_string_equal(e.msg, "command 'try' requires <domain> option");
    assert_int_equal(PARSE("web", "--nosuch"), -1);
    assert_string_equal(e.msg, "command 'try' doesn't support option --nosuch");
    assert_int_equal(PARSE("web", "--all", "--all"), -1);
    assert_string_equal(e.msg, "option --all already seen");
    assert_int_equal(PARSE("web", "--mode"), -1);
    assert_string_equal(e.msg, "expected syntax: --mode <string>");
    assert_int_equal(PARSE("web", "--all=1"), -1);
    assert_int_equal(PARSE("web", "--help=1"), -1);
    assert_string_equal(e.msg, "command 'try' doesn't support option --help");
    assert_int_equal(PARSE("web", "--count", "12x"), 0);
    assert_int_equal(arg_u64(&a, "count", &n, &e), -1);
    assert_non_null(strstr(e.msg, "12x"));
}

static void many_words_are_bounded(void **state)
{
    const char *words[ARGS_MAX + 3];
    struct args a;
    struct err e = {0};
    for (size_t i = 0; i < ARGS_MAX + 3; i++)
        words[i] = "w";
    assert_int_equal(parse(&a, &e, ARGS_MAX + 2, words), 0);
    assert_int_equal(a.n_more, ARGS_MAX);
    assert_int_equal(parse(&a, &e, ARGS_MAX + 3, words), -1);
    const char *opt_words[2 * ARGS_MAX + 3] = {"web"};
    for (size_t i = 1; i < 2 * ARGS_MAX + 3; i++)
        opt_words[i] = i % 2 ? "--more" : "x";
    assert_int_equal(parse(&a, &e, 2 * ARGS_MAX + 3, opt_words), -1);
}

static void lines_become_words(void **state)
{
    char **w = NULL;
    size_t n = 0;
    struct err e = {0};
    assert_int_equal(words_split("  list --all; echo 'a b' \"c \\\" d\" e\\ f;", &w, &n, &e), 0);
    const char *const expected[] = {"list", "--all", ";", "echo", "a b", "c \" d", "e f", ";"};
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(w[i], expected[i]);
    words_free(w, n);
    assert_int_equal(words_split("echo 'open", &w, &n, &e), -1);
    assert_non_null(strstr(e.msg, "missing closing quote"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_in_every_spelling),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(many_words_are_bounded),
        cmocka_unit_test(lines_become_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
