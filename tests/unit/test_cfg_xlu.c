/* Our xl.cfg reader against libxlutil, the reader of `xl create`: whatever libxlutil takes, we take
 * with the same values; what it refuses we refuse, unless we said in a warning that we are lenient.
 * Inputs: a few samples, thousands of random edits of them, and the files named as arguments. */
#include "test.h"

#include <libxlutil.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "conf/cfg.h"

static const char *const samples[] = {
    "name = \"guest\"\nmemory=0x400;vcpus = 2\ndisk = [ 'phy:/dev/a,xvda,w', # one\n  "
    "\"b,raw,xvdb\",\n ]\n",
    "vnuma = [ [ \"pnode=0\",\"size=1024\"], ['pnode=1', 'x'] ]\nextra='a\\tb\\\\\\'c'\nextra+=\" "
    "z\"\n",
    "vif=['']\nvif += [ 'mac=00:16:3e:00:00:01' ]\n# end\nirqs=[5,010,1f]\n;;a.b_c=[[],[[1]]]\n",
};

static bool same_value(const struct value *v, XLU_Config *x, XLU_ConfigValue *w)
{
    char *s = NULL;
    XLU_ConfigList *l = NULL;
    if (v->kind != VALUE_LIST)
        return !xlu_cfg_value_get_string(x, w, &s, 1) && !strcmp(s, v->text);
    if (xlu_cfg_value_get_list(x, w, &l, 1))
        return false;
    int i = 0;
    for (; (size_t)i < v->n_items; i++)
        if (!same_value(&v->items[i], x, xlu_cfg_get_listitem2(l, i)))
            return false;
    return !xlu_cfg_get_listitem2(l, i); /* no more of them */
}

static bool same_setting(const struct cfg_setting *s, XLU_Config *x)
{
    const char *text;
    XLU_ConfigList *l;
    int n;
    if (s->is_shadowed)
        return true;
    if (s->value.kind != VALUE_LIST)
        return !xlu_cfg_get_string(x, s->name, &text, 1) && !strcmp(text, s->value.text);
    if (xlu_cfg_get_list(x, s->name, &l, &n, 1) || (size_t)n != s->value.n_items)
        return false;
    int i = 0;
    for (; i < n; i++)
        if (!same_value(&s->value.items[i], x, xlu_cfg_get_listitem2(l, i)))
            return false;
    return true;
}

/* libxlutil swallows octal escapes, and some NULs with them: no measure for us. */
static bool has_octal(const char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '\\' && text[i + 1] >= '0' && text[i + 1] <= '9')
            return true;
    return false;
}

/* NULL when both agree, else what differs. */
static const char *compare(const char *text, size_t len, FILE *sink)
{
    struct cfg c = {0};
    XLU_Config *x = xlu_cfg_init(sink, "input");
    int ours = cfg_parse(&c, text, len), theirs = xlu_cfg_readdata(x, text, (int)len);
    const char *what = NULL;
    if (theirs && !ours && !c.n_notes)
        what = "libxlutil refuses it, we do not and say nothing";
    if (!theirs && ours)
        what = "libxlutil takes it, we do not";
    bool has_warning = c.n_notes > 0; /* numeric escapes are read differently, on purpose */
    for (size_t i = 0; !what && !theirs && !has_warning && i < c.n_settings; i++)
        if (!same_setting(&c.settings[i], x))
            what = c.settings[i].name;
    cfg_clear(&c);
    xlu_cfg_destroy(x);
    return what;
}

static uint32_t seed = 12345;
static uint32_t pick(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* One to four small edits: a character of interest put in, or a stretch removed or doubled. */
static void edit(struct str *s)
{
    static const char put[] = "\"'[],;=+#\\\n \tax019fAZ.-_\r(";
    for (uint32_t k = 1 + pick(4); k && s->len > 8; k--) {
        size_t at = pick((uint32_t)s->len), n = 1 + pick(6);
        if (pick(2)) {
            s->p[at] = put[pick(sizeof(put) - 1)];
            continue;
        }
        if (at + n > s->len)
            continue;
        memmove(s->p + at, s->p + at + n, s->len - at - n);
        str_cut(s, s->len - n);
    }
}

static FILE *sink;

static void samples_agree(void **state)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
        assert_null(compare(samples[i], strlen(samples[i]), sink));
}

static void random_edits_agree(void **state)
{
    for (int round = 0; round < 30000; round++) {
        struct str s = {0};
        str_add(&s, samples[pick(sizeof(samples) / sizeof(*samples))]);
        edit(&s);
        const char *what = has_octal(s.p, s.len) ? NULL : compare(s.p, s.len, sink);
        if (what)
            print_error("round %d: %s\n%s\n", round, what, s.p);
        assert_null(what);
        str_clear(&s);
    }
}

static int compare_files(int argc, char **argv)
{
    int bad = 0;
    for (int i = 1; i < argc; i++) {
        CLEANUP_FREE char *text = NULL;
        size_t len;
        if (file_read(argv[i], CFG_INPUT_MAX, &text, &len, NULL))
            return 2;
        const char *what = compare(text, len, sink);
        if (what)
            printf("%s: %s\n", argv[i], what);
        bad += what != NULL;
    }
    printf("%d files, %d differ\n", argc - 1, bad);
    return bad != 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_agree),
        cmocka_unit_test(random_edits_agree),
    };
    sink = fopen("/dev/null", "w");
    int r = argc > 1 ? compare_files(argc, argv) : cmocka_run_group_tests(tests, NULL, NULL);
    fclose(sink);
    return r;
}
