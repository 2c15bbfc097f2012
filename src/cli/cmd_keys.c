/* The key reference, printed from the formats' own tables. */
#include "base/str.h"
#include "conf/codec.h"
#include "opts.h"
#include "out.h"
#include "scd.h"

/* "string", "number in MiB", "one of a|b": what the row says, or what its kind means. */
static char *type_text(const struct row *r)
{
    static const char *const kinds[] = {
        [ROW_STR] = "string",
        [ROW_TRI] = "boolean",
        [ROW_BOOL] = "boolean",
        [ROW_NUM] = "number",
        [ROW_ENUM] = "word",
        [ROW_UUID] = "uuid",
        [ROW_MAC] = "MAC",
        [ROW_STRS] = "list of strings",
        [ROW_U32S] = "list of numbers",
        [ROW_HOOK] = "own language",
        [ROW_IGNORE] = "any",
    };
    if (r->type)
        return mem_str(r->type);
    if (r->kind != ROW_ENUM || !r->words)
        return mem_str(r->kind == ROW_NUM && r->unit == 1024 ? "number, MiB" : kinds[r->kind]);
    struct str s = {0};
    for (int i = 1; i < r->words->n; i++)
        if (r->words->names[i])
            str_addf(&s, "%s%s", s.len ? "|" : "", r->words->names[i]);
    return str_take(&s);
}

static char *applies_text(const struct row *r)
{
    static const struct {
        unsigned bit;
        const char *name;
    } bits[] = {
        {ROW_PV, "PV"}, {ROW_HVM, "HVM"}, {ROW_PVH, "PVH"}, {ROW_X86, "x86"}, {ROW_ARM, "Arm"}};
    struct str s = {0};
    for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
        if (r->applies & bits[i].bit)
            str_addf(&s, "%s%s", s.len ? " " : "", bits[i].name);
    if (!s.len)
        str_add(&s, "all");
    return str_take(&s);
}

static char *xen_text(const struct row *r)
{
    struct str s = {0};
    if (r->since)
        str_addf(&s, "%d.%d", r->since / 100, r->since % 100);
    else
        str_add(&s, "4.6");
    if (r->until)
        str_addf(&s, " to %d.%d", r->until / 100, r->until % 100);
    return str_take(&s);
}

struct key_out {
    const char *only; /* a key, or NULL */
    struct table *table;
    bool scd;
    size_t n;
};

static void key_scd(const char *key, const char *type, const char *applies, const char *xen,
                    const struct row *r)
{
    fputs("*", stdout);
    scd_text(key);
    fputs("*\n\t", stdout);
    if (r->doc) {
        scd_text(r->doc);
        fputs(". ", stdout);
    }
    scd_text(type);
    printf("; %s guests; Xen %s", applies, xen);
    const struct {
        const char *what, *text;
    } more[] = {{"default", r->dflt}, {"XML", r->xml}, {"loss", r->loss}};
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
        if (!more[i].text)
            continue;
        printf("; %s: ", more[i].what);
        scd_text(more[i].text);
    }
    fputs("\n\n", stdout);
}

static void key_row(struct key_out *o, const struct row_table *t, const struct row *r)
{
    CLEANUP_FREE char *key = mem_printf("%s%s", t->prefix ? t->prefix : "", r->key);
    if (o->only && !str_eq(o->only, key) &&
        !(str_starts(key, o->only) && key[strlen(o->only)] == '.'))
        return;
    CLEANUP_FREE char *type = type_text(r), *applies = applies_text(r), *xen = xen_text(r);
    o->n++;
    if (o->scd) {
        key_scd(key, type, applies, xen, r);
        return;
    }
    const char *const cells[] = {key, type, r->dflt, applies, xen, r->xml, r->loss, r->doc};
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
        table_add(o->table, cells[i]);
}

static void format_keys(struct key_out *o, const struct codec *codec)
{
    for (size_t t = 0; codec->tables && codec->tables[t]; t++)
        for (size_t i = 0; i < codec->tables[t]->n; i++)
            if (codec->tables[t]->rows[i].key)
                key_row(o, codec->tables[t], &codec->tables[t]->rows[i]);
}

static int run_keys(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {
        {"Key", "key", COL_TEXT},         {"Type", "type", COL_TEXT},
        {"Default", "default", COL_TEXT}, {"Guests", "applies", COL_TEXT},
        {"Xen", "xen", COL_TEXT},         {"XML", "xml", COL_TEXT},
        {"Loss", "loss", COL_TEXT},       {"What it is", "doc", COL_TEXT}};
    const char *name = arg_str(a, "format-name") ? arg_str(a, "format-name") : "xen-xl";
    enum conf_format format = conf_format_find(name);
    const struct codec *codec = format ? codec_find(format) : NULL;
    if (!codec || !codec->tables) /* XML has elements, which libvirt describes */
        return fail(e, ERR_INVALID_ARG,
                    "'%s' has no keys to list: xen-xl, xen-xm, xen-sxpr and xen-json have", name);
    struct table t = {.cols = cols, .n_cols = sizeof(cols) / sizeof(*cols)};
    struct key_out o = {.only = arg_str(a, "key"), .table = &t, .scd = arg_has(a, "scdoc")};
    format_keys(&o, codec);
    if (o.only && !o.n)
        fail(e, ERR_INVALID_ARG, "%s has no key '%s'", name, o.only);
    else if (!o.scd)
        table_print(c, &t);
    table_clear(&t);
    return o.only && !o.n ? -1 : 0;
}

extern const struct cmd cmds_keys[];
const struct cmd cmds_keys[] = {
    {"keys", GROUP_CONVERT, "the keys of a configuration format",
     "Lists each key of a format: its type, default, the guests and the Xen releases it is for, "
     "its place in the\n    XML, and what is lost "
     "of it, if anything.",
     OPTS({"key", OPT_STR, 0, WHAT_TEXT, "only this key and its sub-keys"},
          {"format-name", OPT_STR, 0, WHAT_NATIVE, "xen-xl (default), xen-xm, xen-sxpr, xen-json"},
          FLAG("scdoc", "as source of a manual page")),
     run_keys},
    {0},
};
