/* The xm reader: what of Python it takes, what it refuses, and where. */
#include "test.h"

#include <string.h>

#include "base/str.h"
#include "conf/py.h"

static void value_text(struct str *s, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NONE:
        str_add(s, "None");
        return;
    case VALUE_STRING:
        str_addf(s, "'%s'", v->text);
        return;
    case VALUE_NUMBER:
        str_add(s, v->text);
        return;
    case VALUE_LIST:
        break;
    }
    str_add(s, "[");
    for (size_t i = 0; i < v->n_items; i++) {
        str_add(s, i ? "," : "");
        value_text(s, &v->items[i]);
    }
    str_add(s, "]");
}

/* "name=value;..." of the last values, then "W|E line:col text" a note. */
static char *read_text(const char *text, size_t len)
{
    struct cfg c = {0};
    struct str s = {0};
    int r = py_parse(&c, text, len);
    for (size_t i = 0; !r && i < c.n_settings; i++) {
        if (c.settings[i].is_shadowed)
            continue;
        str_addf(&s, "%s=", c.settings[i].name);
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

#define NO_PYTHON "; xvirt reads constants and does not run Python: write the value out"
#define NO_RUN "xvirt reads constants and does not run Python: write the values out"

static const struct {
    const char *text, *expected;
} rows[] = {
    {"", ""},
    {"# x\n\n  # y", ""},
    {"a = 1\nb='x'; c = \"y\"", "a=1;b='x';c='y';"},
    {"a = [ 'x', # one\n 2, (3, 'y'), ]\r\nb = ()\nc = (1)\nd = (1,)\ne = 1, 2", "a=['x',2,[3,'y']];b=[];c=1;d=[1];e=[1,2];"},
    {"a = None\nb = True\nc = False", "a=None;b=1;c=0;"},
    {"a = 010\nb = 0x1F\nc = 10L\nd = -5\ne = 0o17\nf = 1.5\ng = 0b11", "a=8;b=31;c=10;d=-5;e=15;f=1.5;g=3;"},
    {"a = 'x' \"y\" 'z'\nb = r'\\n' + 'q'\nc = u'k'", "a='xyz';b='\\nq';c='k';"},
    {"a = \"\"\"x\n'y' \"z\"\n\"\"\"", "a='x\n'y' \"z\"\n';"},
    {"a = 'a\\tb\\x41\\101\\d\\\\\\'\\\nz'", "a='a\tbAA\\d\\'z';"},
    {"a = 'x' + \\\n 'y'", "a='xy';"},
    {"a = 2 + 3 * 4 - 6 / 4\nb = -7 / 2\nc = -7 % 3\nd = 2 ** 10\ne = (1 + 1) * 3\nf = 1 << 4 | 1\ng = 7 // 2",
     "a=13;b=-4;c=2;d=1024;e=6;f=17;g=3;"},
    {"n = 3\nname = 'vm%d' % n\na = '%s-%03d%%' % ('x', 7)\nb = '%5s|%-3x|' % ('q', 255)\nc = 'k' * 3\nd = str(n) + 'z'\ne = int('12') + len('abc')\nf = '%s' % True",
     "n=3;name='vm3';a='x-007%';b='    q|ff |';c='kkk';d='3z';e=15;f='True';"},
    {"a = ['x']\na += ['y']\nb = a + ['z']\nc = b[1]\nd = 'abc'[-1]\ne = f = 4", "a=['x','y'];b=['x','y','z'];c='y';d='c';e=4;f=4;"},
    {"a = 1 if 2 > 1 else 3\nb = not 0\nc = 0 or 'x'\nd = 1 and 0\ne = 2 in [1, 2]\nf = 'x' not in 'xyz'\ng = 1 <> 1\nh = '' == 0",
     "a=1;b=1;c='x';d=0;e=1;f=0;g=0;h=0;"},
    {"import os, re\nfrom x import y\n'a comment'\npass\na = 1", "a=1;"},
    {"import os, re\narch = os.uname()[4]\nif re.search('64', arch):\n    arch_libdir = 'lib64'\nelse:\n    arch_libdir = 'lib'\n\ndevice_model = '/usr/' + arch_libdir + '/xen/bin/qemu-dm'",
     "arch='x86_64';arch_libdir='lib64';device_model='/usr/lib64/xen/bin/qemu-dm';\nW 2:8 the machine's name is taken as x86_64"},
    {"if 0:\n  a = open('x')\n  b = 1\nelif 1: a = 2\nelse:\n  a = 3\nc = 4", "a=2;c=4;"},
    {"if 1:\n  if 0:\n    a = 1\n  else:\n    a = 2\n  b = 3\nc = 4", "a=2;b=3;c=4;"},
    {"  a = 1\nb = 2", "a=1;b=2;\nW 1:3 indented line: Python refuses it"},
    /* refusals */
    {"a = b", "E 1:5 'b' has no value in this file" NO_PYTHON},
    {"a = open('x').read()", "E 1:5 call of open()" NO_PYTHON},
    {"a = 'x'.join(b)", "E 1:8 '.': a call" NO_PYTHON},
    {"a = os.uname()[0]", "E 1:16 os.uname(): only [4], the machine, is known here" NO_PYTHON},
    {"import re\na = re.search('6.4', 'x')", "E 2:5 re.search() with more than a plain word" NO_PYTHON},
    {"for i in x:\n  a = 1\n  b = y\nc = z", "E 1:1 'for': " NO_RUN "\nE 4:5 'z' has no value in this file" NO_PYTHON},
    {"def f(x):\n  return 1\n\na = 2\nprint a", "E 1:1 'def': " NO_RUN "\nE 5:1 'print': " NO_RUN},
    {"xm_vars.var('vmid',\n  use='x',\n  check=c)\na = vmid\nb = 'x' % a", "E 1:1 'xm_vars': " NO_RUN "\nE 4:5 'vmid' has no value in this file" NO_PYTHON},
    {"a = [x for x in y]", "E 1:6 'x' has no value in this file" NO_PYTHON},
    {"a = {}", "E 1:5 '{': expected a text, a number, a [list] or a (tuple)"},
    {"a = [1 2]", "E 1:8 '2': expected ',' or ']'"},
    {"a = [1,\nb = 2\nc = 3", "E 2:1 'b' has no value in this file" NO_PYTHON},
    {"a = 'x", "E 1:5 ''x': expected a closing quote on the same line"},
    {"a = '''x\n", "E 1:5 ''''x': expected a closing triple quote"},
    {"a = 1 2", "E 1:7 '2': expected the end of the line or ';'"},
    {"a =", "E 1:4 end of line: expected a text, a number, a [list] or a (tuple)"},
    {"a", "E 1:2 end of line: expected 'name = value'"},
    {"1", "E 1:1 a value that goes nowhere: expected 'name = value'"},
    {"a = 1 / 0", "E 1:7 '/' of a number and a number gives no constant" NO_PYTHON},
    {"a = 9223372036854775807 + 1", "E 1:25 '+' of a number and a number" NO_PYTHON},
    {"a = 99999999999999999999", "E 1:5 '99999999999999999999': expected a number of at most 63 bits"},
    {"a = 'x' + 1", "E 1:9 '+' of a text and a number" NO_PYTHON},
    {"a = '%d' % 'x'", "E 1:10 '%': a format or value that is not read here" NO_PYTHON},
    {"a = '%d %d' % 1", "E 1:13 '%': fewer values than the text asks for" NO_PYTHON},
    {"a = '%d' % (1, 2)", "E 1:10 '%': more values than the text asks for" NO_PYTHON},
    {"a = [1][4]", "E 1:8 [index] of a list, or out of its range" NO_PYTHON},
    {"a = 1\na -= 1", "E 2:3 '-=': " NO_RUN},
    {"a += 1", "E 1:1 'a +=': it has no value in this file"},
    {"a, b = 1, 2", "E 1:1 'a': " NO_RUN},
    {"a = $", "E 1:5 '$': expected a name, a text, a number or an operator"},
    {"a = '\\x00'", "E 1:6 '\\x00': expected an escape of a character that is not NUL"},
    {"if x:\n a = 1\nb = 2", "E 1:4 'x' has no value in this file" NO_PYTHON},
    {"if 1:\na = 1", "E 2:1 'a': expected lines indented below 'if'"},
    {"a = not", "E 1:8 end of line: expected a text, a number, a [list] or a (tuple)"},
};

static void reads_rows(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        CLEANUP_FREE char *got = read_text(rows[i].text, strlen(rows[i].text));
        if (strcmp(got, rows[i].expected))
            print_error("in: %s\n", rows[i].text);
        assert_string_equal(got, rows[i].expected);
    }
}

static void refuses_nul(void **state)
{
    static const char text[] = "a = 'x\0y'";
    CLEANUP_FREE char *got = read_text(text, sizeof(text) - 1);
    assert_string_equal(got, "E 1:7 '?': expected a text without NUL bytes");
}

static void bounds_depth(void **state)
{
    for (const char *open = "([-"; *open; open++) {
        struct str s = {0};
        str_add(&s, "a = ");
        for (int i = 0; i < 200000; i++)
            str_addc(&s, *open);
        CLEANUP_FREE char *got = read_text(s.p, s.len);
        str_clear(&s);
        assert_non_null(strstr(got, "an expression nested deeper than 64"));
    }
}

static void bounds_computed_texts(void **state)
{
    struct str s = {0};
    struct cfg c = {0};
    str_add(&s, "a = 'x' * 1000000\n");
    for (int i = 0; i < 100000; i++)
        str_addf(&s, "b%d = a + 'y'\n", i);
    assert_int_equal(py_parse(&c, s.p, s.len), -1);
    assert_true(c.arena.total < 64u << 20);
    cfg_clear(&c);
    str_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),
        cmocka_unit_test(refuses_nul),
        cmocka_unit_test(bounds_depth),
        cmocka_unit_test(bounds_computed_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
