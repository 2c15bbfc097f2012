/* The xl.cfg reader: values, positions, and every message. Where libxlutil is present, the same
 * texts are given to it (diff_cfg.c); here stands what must hold without it. */
#include "test.h"

#include <string.h>

#include "base/str.h"
#include "conf/cfg.h"

static void value_text(struct str *s, const struct value *v)
{
    if (v->kind != VALUE_LIST) {
        str_addf(s, v->kind == VALUE_STRING ? "'%s'" : "%s", v->text);
        return;
    }
    str_add(s, "[");
    for (size_t i = 0; i < v->n_items; i++) {
        str_add(s, i ? "," : "");
        value_text(s, &v->items[i]);
    }
    str_add(s, "]");
}

/* "name@line:col=value;..." of what counts, then "W|E line:col text" a note. */
static char *read_text(const char *text, size_t len)
{
    struct cfg c = {0};
    struct str s = {0};
    int r = cfg_parse(&c, text, len);
    for (size_t i = 0; !r && i < c.n_settings; i++) {
        if (c.settings[i].is_shadowed)
            continue;
        str_addf(&s, "%s@%d:%d=", c.settings[i].name, c.settings[i].pos.line,
                 c.settings[i].pos.col);
        value_text(&s, &c.settings[i].value);
        str_add(&s, ";");
    }
    for (size_t i = 0; i < c.n_notes; i++)
        str_addf(&s, "%s%c %d:%d %s", s.len ? "\n" : "", c.notes[i].level == CFG_ERROR ? 'E' : 'W',
                 c.notes[i].pos.line, c.notes[i].pos.col, c.notes[i].text);
    assert_int_equal(r, c.n_errors ? -1 : 0);
    cfg_clear(&c);
    return str_take(&s);
}

struct row {
    const char *text, *expected;
};

static const struct row rows[] = {
    {"", ""},
    {" \t\n\n;;\n", ""},
    {"a=1", "a@1:1=1;"},
    {"a = 'x'\n  b.c_2=\"y\";c=0x1f", "a@1:1='x';b.c_2@2:3='y';c@2:13=0x1f;"},
    {"a=[]\nb=[ 'x', # one\n 2,\n]\n", "a@1:1=[];b@2:1=['x',2];"},
    {"a=[[1],[2,['x']]]", "a@1:1=[[1],[2,['x']]];"},
    {"a=1\na='2'\n", "a@2:1='2';"},
    {"a='x'\na+='y'\na+='z'\n", "a@1:1='xyz';"},
    {"a+=['x']\na+=[]\na+=['y','z']\na+=['q']", "a@1:1=['x','y','z','q'];"},
    {"a='\\\\\\'\\\"\\t'", "a@1:1='\\'\"\t';"},
    {"# only a comment\n", ""},
    /* leniencies */
    {"a=1\r\nb=2\r\n",
     "a@1:1=1;b@2:1=2;\nW 1:4 carriage return at the end of the line: xl refuses DOS files"},
    {"a=1 # x", "a@1:1=1;\nW 1:5 comment at the end of the file without a newline: xl refuses it"},
    {"\xef\xbb\xbf"
     "a=1",
     "a@1:4=1;\nW 1:1 byte order mark at the start of the file: xl refuses it"},
    {"a='\\x41\\102'",
     "a@1:1='AB';\nW 1:4 '\\x41': xl misreads numeric escapes; taken as the character 65\n"
     "W 1:8 '\\102': xl misreads numeric escapes; taken as the character 66"},
    {"a=-5", "a@1:1=-5;\nW 1:3 negative number without quotes: xl refuses it, libvirt writes it"},
    {"a=\"\"\"x\ny\"z\"\"\"\nb=",
     "W 1:3 \"\"\": libvirt's way to quote, which xl refuses; use \\\" and \\n inside \"...\"\n"
     "E 3:3 end of file: expected a quoted string, a number or a [list]"},
    /* errors */
    {"a=", "E 1:3 end of file: expected a quoted string, a number or a [list]"},
    {"a=\n1", "E 1:3 end of line: expected a quoted string, a number or a [list]"},
    {"a=yes",
     "E 1:3 'yes': expected a quoted string, a number or a [list]; a bare word needs quotes"},
    {"Mem=1", "E 1:1 'Mem': expected lower case letters, a quoted string or a number"},
    {"mEm=1", "E 1:2 'Em': expected lower case letters, a quoted string or a number"},
    {"a=1F", "a@1:1=1;\nW 1:4 'F': stray last character of the file, ignored as xl does"},
    {"a=1FF", "E 1:4 'FF': expected lower case letters, a quoted string or a number"},
    {"a='x", "E 1:3 ''x': expected a closing quote on the same line"},
    {"a='x'y'", "E 1:6 'y': expected the end of the line or ';' after a value"},
    {"a='\\q'", "E 1:4 '\\q': expected one of \\\\ \\' \\\" \\a \\b \\f \\n \\r \\t \\v"},
    {"a='\\x00'", "E 1:4 '\\x': expected one of \\\\ \\' \\\" \\a \\b \\f \\n \\r \\t \\v"},
    {"a=[,]", "E 1:4 ',': expected a quoted string, a number or a [list]"},
    {"a=[1 2]", "E 1:6 '2': expected ',' or ']'"},
    {"a=[1", "E 1:5 end of file: expected ',' or ']'"},
    {"a 1", "E 1:3 '1': expected '=' or '+='"},
    {"=1", "E 1:1 '=': expected a setting 'key = value'"},
    {"a='x'\na+=[1]", "E 2:4 'a +=': line 1 made it a string, expected the same"},
    {"a=[1]\na+='x'", "E 2:4 'a +=': line 1 made it a list, expected the same"},
    {"a=(1)", "E 1:3 '(1': expected a setting; is this an xm (Python) file?"},
    {"a=\"\"\"x",
     "W 1:3 \"\"\": libvirt's way to quote, which xl refuses; use \\\" and \\n inside \"...\"\n"
     "E 1:3 '\"\"\"': expected a closing \"\"\" before the end of the file"},
    /* several in one go, and reading goes on at the next setting */
    {"a=yes\nb=1\nc=[1,\n x,\n 2]\nd=no\n",
     "E 1:3 'yes': expected a quoted string, a number or a [list]; a bare word needs quotes\n"
     "E 4:2 'x': expected a quoted string, a number or a [list]; a bare word needs quotes\n"
     "E 6:3 'no': expected a quoted string, a number or a [list]; a bare word needs quotes"},
};

static void reads_rows(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        CLEANUP_FREE char *got = read_text(rows[i].text, strlen(rows[i].text));
        assert_string_equal(got, rows[i].expected);
    }
}

static void refuses_nul(void **state)
{
    static const char in_string[] = "a='x\0y'", bare[] = "a=\0";
    CLEANUP_FREE char *one = read_text(in_string, sizeof(in_string) - 1);
    assert_string_equal(one, "E 1:5 NUL byte: expected text");
    CLEANUP_FREE char *two = read_text(bare, sizeof(bare) - 1);
    assert_string_equal(two, "E 1:3 '?': expected a setting 'key = value'");
}

static void bounds_depth(void **state)
{
    struct str s = {0};
    str_add(&s, "a=");
    for (int i = 0; i < 100000; i++)
        str_addc(&s, '[');
    CLEANUP_FREE char *got = read_text(s.p, s.len);
    str_clear(&s);
    assert_string_equal(got, "E 1:67 lists nested deeper than 64");
}

static void bounds_errors(void **state)
{
    struct str s = {0};
    for (int i = 0; i < 1000; i++)
        str_add(&s, "a=x\n");
    struct cfg c = {0};
    assert_int_equal(cfg_parse(&c, s.p, s.len), -1);
    assert_int_equal(c.n_notes, CFG_NOTES_MAX);
    cfg_clear(&c);
    str_clear(&s);
}

static void adding_is_linear(void **state)
{
    struct str s = {0};
    while (s.len < CFG_INPUT_MAX - 16)
        str_add(&s, "a+='xxxxxxx'\n");
    struct cfg c = {0};
    assert_int_equal(cfg_parse(&c, s.p, s.len), -1); /* past CFG_TEXT_MAX */
    assert_true(c.arena.total < 40u << 20);
    cfg_clear(&c);
    str_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),       cmocka_unit_test(refuses_nul),
        cmocka_unit_test(bounds_depth),     cmocka_unit_test(bounds_errors),
        cmocka_unit_test(adding_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
