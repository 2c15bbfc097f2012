/* Conversions between XML and the native formats: offline, with no daemon and no Xen. */
#include "base/file.h"
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/conf.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"

static int find_native(const struct args *a, enum conf_format *ret, struct err *e)
{
    const char *name = arg_str(a, "format");
    *ret = conf_format_find(name);
    if (*ret && *ret != CONF_XML)
        return 0;
    return fail(e, ERR_INVALID_ARG,
                "unknown format '%s': xen-xl, xen-xm, xen-sxpr and xen-json are known", name);
}

/* Tells what was lost: the whole report when asked for, else a warning for each loss. --strict
 * makes a loss an error. */
static int tell(const struct ctl *c, const struct args *a, const struct report *r, struct err *e)
{
    size_t lost = report_count(r, REPORT_LOST) + report_count(r, REPORT_APPROXIMATED);
    CLEANUP_STR struct str text = {0};
    if (arg_has(a, "report")) {
        (c->json ? report_json : report_text)(r, &text);
        if (c->json)
            str_addc(&text, '\n');
    }
    CLEANUP_FREE const struct report_entry **list = report_order(r);
    for (size_t i = 0; i < r->n_entries && !arg_has(a, "report"); i++) {
        if (list[i]->status == REPORT_CONVERTED)
            continue;
        str_add(&text, "warning: ");
        report_line(list[i], &text);
    }
    fputs(str_get(&text), stderr);
    if (arg_has(a, "strict") && lost)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "%zu %s would be lost or changed (--strict)", lost,
                    lost == 1 ? "key" : "keys");
    return 0;
}

static int emit(const struct ctl *c, const struct args *a, const char *key, struct str *out,
                struct report *r, struct err *e)
{
    int bad = tell(c, a, r, e);
    if (!bad && c->json && !arg_has(a, "report"))
        json_text_print(key, str_get(out));
    else if (!bad)
        fputs(str_get(out), stdout);
    return bad;
}

static int convert_from(enum conf_format format, const char *file, struct report *r,
                        struct str *out, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    CLEANUP(domains_clear) struct domains all = {0};
    struct conf_opts in = {.flags = CONF_INACTIVE, .filename = file, .report = r};
    struct conf_opts to = {.flags = CONF_INACTIVE | CONF_SECURE, .filename = file, .report = r};
    if (file_read(file, CONF_INPUT_MAX, &text, &len, e) ||
        conf_read_all(format, text, len, &in, &all, e))
        return -1;
    for (size_t i = 0; i < all.n_items; i++)
        if (conf_write(CONF_XML, all.items[i], &to, out, e))
            return -1;
    return 0;
}

static int run_from_native(struct ctl *c, const struct args *a, struct err *e)
{
    enum conf_format format;
    CLEANUP(report_clear) struct report r = {0};
    CLEANUP_STR struct str out = {0};
    if (find_native(a, &format, e) || convert_from(format, arg_str(a, "config"), &r, &out, e))
        return -1;
    return emit(c, a, "xml", &out, &r, e);
}

/* The XML of the guest that --domain names, from the host. */
static int xml_of_domain(struct ctl *c, const struct args *a, char **ret, struct err *e)
{
    struct wire_domain d;
    struct wire_domain_get_xml_desc_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    unsigned flags = c->readonly ? 0 : VIR_DOMAIN_XML_SECURE;
    int bad = call_domain_get_xml_desc(c->conn_, &(struct wire_domain_get_xml_desc_args){d, flags},
                                       &r, e);
    if (!bad)
        *ret = r.xml;
    wire_clear(&wire_type_domain, &d);
    return bad;
}

static int run_to_native(struct ctl *c, const struct args *a, struct err *e)
{
    enum conf_format format;
    const char *file = arg_str(a, "xml");
    CLEANUP_FREE char *text = NULL;
    size_t len = 0;
    CLEANUP(report_clear) struct report r = {0};
    CLEANUP_STR struct str out = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    if (find_native(a, &format, e))
        return -1;
    if (!file == !arg_str(a, "domain"))
        return fail(e, ERR_INVALID_ARG,
                    file ? "options --xml and --domain exclude each other"
                         : "need either domain or domain XML");
    struct conf_opts in = {.flags = CONF_INACTIVE, .filename = file, .report = &r};
    struct conf_opts to = {.flags = CONF_SECURE | CONF_INACTIVE, .filename = file, .report = &r};
    if (file ? file_read(file, CONF_INPUT_MAX, &text, &len, e) : xml_of_domain(c, a, &text, e))
        return -1;
    if (conf_read(CONF_XML, text, file ? len : strlen(text), &in, &d, e) ||
        conf_write(format, d, &to, &out, e))
        return -1;
    return emit(c, a, "native", &out, &r, e);
}

#define REPORT_OPTS \
    FLAG("report", "list what became of each key, on stderr (--format json: as JSON)"), \
        FLAG("strict", "fail if anything is lost or changed")
#define OPT_FORMAT(help) \
    { \
        "format", OPT_STR, OPT_REQUIRED, WHAT_NATIVE, help ": xen-xl, xen-xm, xen-sxpr, xen-json" \
    }

extern const struct cmd cmds_convert[];
const struct cmd cmds_convert[] = {
    {"domxml-from-native", GROUP_CONVERT, "Convert native config to domain XML",
     "Convert native guest configuration format to domain XML format. No daemon and no Xen are "
     "needed.",
     OPTS(OPT_FORMAT("source config data format"),
          {"config", OPT_STR, OPT_REQUIRED, WHAT_FILE,
           "config data file to import from; - is standard input"},
          REPORT_OPTS),
     run_from_native},
    {"domxml-to-native", GROUP_CONVERT, "Convert domain XML to native config",
     "Convert domain XML config to a native guest configuration format. No daemon and no Xen are\n "
     "   needed, except for --domain.",
     OPTS(OPT_FORMAT("target config data type format"),
          {"domain", OPT_STR, OPT_NAMED, WHAT_DOMAIN, "domain name, id or uuid"},
          {"xml", OPT_STR, 0, WHAT_FILE, "xml data file to export from; - is standard input"},
          REPORT_OPTS),
     run_to_native},
    {0},
};
