/* The files of the corpus that have no expected output: real configurations, which must be read and
 * come back through XML with nothing changed; and probes, one key each, of which the lines that
 * libvirt makes must be there, and which must change the guest when libvirt drops them. */
#include "base/vec.h"
#include "conf/json.h"
#include "corpus.h"

static bool is_wanted(const struct run *run, const char *what)
{
    return !run->only || strstr(what, run->only);
}

static int read_domains(const char *text, const char *file, enum conf_format format,
                        struct report *report, struct domains *ret, struct err *e)
{
    struct conf_opts o = {.flags = CONF_INACTIVE, .filename = file, .report = report};
    return conf_read_all(format, text, strlen(text), &o, ret, e);
}

static int write_domain(const struct domain *d, enum conf_format format, struct str *out,
                        struct err *e)
{
    struct conf_opts o = {.flags = CONF_INACTIVE | CONF_SECURE};
    return conf_write(format, d, &o, out, e);
}

static int reread(const struct domain *d, enum conf_format format, struct domain **ret,
                  struct err *e)
{
    CLEANUP_STR struct str text = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE};
    if (write_domain(d, format, &text, e))
        return wrap(e, "writing %s", conf_format_name(format));
    if (conf_read(format, str_get(&text), text.len, &o, ret, e))
        return wrap(e, "reading %s again", conf_format_name(format));
    return 0;
}

/* native -> XML -> native is equal in the model to native -> native: what a native writer says
 * anew, such as a default script, is not XML's doing. */
static void round_trip(struct run *run, enum kind kind, enum conf_format format, const char *what,
                       const struct domain *d)
{
    CLEANUP_DOMAIN struct domain *by_xml = NULL, *back = NULL, *plain = NULL;
    CLEANUP_STR struct str path = {0};
    struct err e = {0};
    if (reread(d, format, &plain, &e) || reread(d, CONF_XML, &by_xml, &e) ||
        reread(by_xml, format, &back, &e)) {
        corpus_failed(run, kind, what, e.msg, NULL, NULL);
        return;
    }
    if (domain_equal(plain, back, &path)) {
        corpus_passed(run, kind);
        return;
    }
    CLEANUP_STR struct str a = {0}, b = {0};
    rec_dump(&domain_rec, plain, &a);
    rec_dump(&domain_rec, back, &b);
    CLEANUP_FREE char *why = mem_printf("differs at %s after XML", str_get(&path));
    corpus_failed(run, kind, what, why, str_get(&a), str_get(&b));
}

void corpus_real_file(struct run *run, enum kind kind, enum conf_format format, const char *file)
{
    CLEANUP_FREE char *what = mem_printf("%s real", file);
    struct domains list = {0};
    struct err e = {0};
    if (!is_wanted(run, what))
        return;
    CLEANUP_FREE char *text = corpus_read(run, file);
    if (read_domains(text, file, format, NULL, &list, &e)) {
        corpus_failed(run, kind, what, e.msg, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < list.n_items; i++)
        round_trip(run, kind, format, what, list.items[i]);
    domains_clear(&list);
}

/* results.csv: name, does libxlutil read it; xml_results.csv: name, does libvirt. */
static void run_listed(struct run *run, const char *list, const char *folder, const char *suffix,
                       enum kind kind, enum conf_format format)
{
    CLEANUP_FREE char *text = corpus_read(run, list);
    char *save = NULL, *line = strtok_r(text, "\r\n", &save);
    while ((line = strtok_r(NULL, "\r\n", &save))) {
        size_t n = strcspn(line, ",");
        CLEANUP_FREE char *name = mem_strn(line, n);
        CLEANUP_FREE char *file = mem_printf("%s/%s%s", folder, name, suffix);
        if (str_starts(line + n, ",yes"))
            corpus_real_file(run, kind, format, file);
        else
            corpus_skipped(run, kind);
    }
}

void corpus_run_real(struct run *run)
{
    static const char *const dumps[] = {"xend-dom0", "xend-hvm-spice-oneline", "xend-ovs-linux",
                                        "xend-three-domains"};
    run_listed(run, "realworld/oracle/results.csv", "realworld/xl", ".cfg", KIND_XL, CONF_XL);
    run_listed(run, "realworld/oracle/xml_results.csv", "realworld/xml", ".xml", KIND_XML,
               CONF_XML);
    for (size_t i = 0; i < sizeof(dumps) / sizeof(*dumps); i++) {
        CLEANUP_FREE char *file = mem_printf("realworld/sxpr/%s.sxp", dumps[i]);
        corpus_real_file(run, KIND_SXPR, CONF_SXPR, file);
    }
}

/* ---- probes ---- */

#define HEAD "name = \"t\"\nuuid = \"7a2f9d3c-1b4e-4f60-8a71-2c3d4e5f6071\"\nmemory = 512\n"

static const struct {
    const char *name, *xl, *xm;
} bases[] = {
    {"pv", HEAD "kernel = \"/boot/vmlinuz\"\n", HEAD "kernel = \"/boot/vmlinuz\"\n"},
    {"pvnok", HEAD, HEAD},
    {"pvb", HEAD "bootloader = \"/usr/bin/pygrub\"\n", HEAD "bootloader = \"/usr/bin/pygrub\"\n"},
    {"pvh", HEAD "type = \"pvh\"\nkernel = \"/boot/vmlinuz\"\n", HEAD},
    {"hvm", HEAD "builder = \"hvm\"\n",
     HEAD "builder = \"hvm\"\nkernel = \"/usr/lib/xen/boot/hvmloader\"\n"},
    {"hvmvnc", HEAD "builder = \"hvm\"\nvnc = 1\n",
     HEAD "builder = \"hvm\"\nkernel = \"/usr/lib/xen/boot/hvmloader\"\nvnc = 1\n"},
    {"hvmspice", HEAD "builder = \"hvm\"\nspice = 1\nspicepasswd = \"x\"\n",
     HEAD "builder = \"hvm\"\n"},
};

static const char *member(const struct json *probe, const char *key)
{
    const struct json *v = json_get(probe, key);
    return v && v->kind == JSON_STRING ? v->text : NULL;
}

static char *base_of(const struct json *probe, enum kind kind)
{
    const char *base = member(probe, "base");
    for (size_t i = 0; base && i < sizeof(bases) / sizeof(*bases); i++)
        if (str_eq(bases[i].name, base))
            return mem_str(kind == KIND_XM ? bases[i].xm : bases[i].xl);
    return NULL;
}

static const char *missing_line(const struct json *probe, const char *xml)
{
    const struct json *lines = json_get(probe, "xmldiff");
    for (size_t i = 0; lines && i < lines->n_items; i++) {
        const char *line = lines->items[i].text;
        if (line && !strstr(xml, line) && !strstr(line, "<mac ") && !strstr(line, "<uuid>"))
            return line;
    }
    return NULL;
}

/* What libvirt reads gives the same lines; what it drops or refuses changes something. */
static void compare_probe(struct run *run, enum kind kind, const char *what,
                          const struct json *probe, const struct domain *plain,
                          const struct domain *d, bool is_told)
{
    CLEANUP_STR struct str xml = {0};
    struct err e = {0};
    const char *line;
    if (write_domain(d, CONF_XML, &xml, &e))
        corpus_failed(run, kind, what, e.msg, NULL, NULL);
    else if (str_eq(member(probe, "read"), "yes") && (line = missing_line(probe, str_get(&xml))))
        corpus_failed(run, kind, what, line, line, str_get(&xml));
    else if (!is_told && plain && domain_equal(plain, d, NULL))
        corpus_failed(run, kind, what, "dropped in silence", NULL, NULL);
    else
        round_trip(run, kind, kind == KIND_XM ? CONF_XM : CONF_XL, what, d);
}

/* Was something said about it, or is it a default that libvirt sees no change in either? */
static bool is_excused(const struct json *probe, const struct report *report)
{
    const struct json *lines = json_get(probe, "xmldiff");
    for (size_t i = 0; i < report->n_entries; i++)
        if (report->entries[i].status != REPORT_CONVERTED)
            return true;
    return str_eq(member(probe, "read"), "yes") && (!lines || !lines->n_items);
}

static void run_probe(struct run *run, enum kind kind, const struct json *probe)
{
    enum conf_format format = kind == KIND_XM ? CONF_XM : CONF_XL;
    CLEANUP_FREE char *what = mem_printf("probes/%s %s", conf_format_name(format), probe->key);
    CLEANUP_FREE char *base = base_of(probe, kind);
    const char *with = member(probe, "with_");
    if (!is_wanted(run, what))
        return;
    if (!base || !with) {
        corpus_skipped(run, kind);
        return;
    }
    CLEANUP_FREE char *text = mem_printf("%s%s", base, with);
    struct domains plain = {0}, list = {0};
    struct report report = {0};
    struct err e = {0};
    read_domains(base, NULL, format, NULL, &plain, NULL);
    if (read_domains(text, NULL, format, &report, &list, &e))
        corpus_failed(run, kind, what, e.msg, NULL, NULL);
    else
        compare_probe(run, kind, what, probe, plain.n_items ? plain.items[0] : NULL, list.items[0],
                      is_excused(probe, &report));
    domains_clear(&plain);
    domains_clear(&list);
    report_clear(&report);
}

void corpus_run_probes(struct run *run)
{
    static const struct {
        const char *file;
        enum kind kind;
    } files[] = {{"probes/xl-probes.json", KIND_XL}, {"probes/xm-probes.json", KIND_XM}};
    for (int i = 0; i < 2; i++) {
        CLEANUP_FREE char *text = corpus_read(run, files[i].file);
        struct json doc = {0};
        struct err e = {0};
        if (json_parse(text, strlen(text), &doc, &e)) {
            fprintf(stderr, "corpus: %s: %s\n", files[i].file, e.msg);
            exit(2);
        }
        for (size_t k = 0; k < doc.n_items; k++)
            run_probe(run, files[i].kind, &doc.items[k]);
        json_clear(&doc);
    }
}
