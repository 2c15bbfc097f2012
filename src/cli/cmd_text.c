/* Words about guests, and what their XML says: description, metadata, displays, jobs. */
#include <unistd.h>

#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "edit.h"
#include "gxml.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "params.h"
#include "wire/consts.h"

/* ---- title and description ---- */

/* NULL when there is none. */
static int metadata_get(struct ctl *c, const struct wire_domain *d, int type, const char *uri,
                        unsigned flags, char **ret, struct err *e)
{
    struct wire_domain_get_metadata_ret r;
    struct wire_domain_get_metadata_args args = {*d, type, (char *)uri, flags};
    int bad = call_domain_get_metadata(c->conn_, &args, &r, e);
    *ret = bad ? NULL : r.metadata;
    return bad && e->code == ERR_NO_DOMAIN_METADATA && type != VIR_DOMAIN_METADATA_ELEMENT ? 0
                                                                                           : bad;
}

static char *words_joined(const struct args *a)
{
    struct str s = {0};
    for (size_t i = 0; i < a->n_more; i++)
        str_addf(&s, "%s%s", i ? " " : "", a->more[i]);
    return str_take(&s);
}

/* The words of the command line, or the old ones after the user's editor; NULL: no change. */
static int desc_wish(const struct args *a, const char *was, char **ret, struct err *e)
{
    CLEANUP_FREE char *text = a->n_more ? words_joined(a) : mem_str(was ? was : "");
    if (!arg_has(a, "edit")) {
        *ret = take(text);
        return 0;
    }
    if (edit_text(text, ret, e))
        return -1;
    for (size_t n = *ret ? strlen(*ret) : 0; n && (*ret)[n - 1] == '\n'; n--)
        (*ret)[n - 1] = 0; /* that editors add */
    return 0;
}

static int run_desc(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *was = NULL, *wish = NULL;
    bool title = arg_has(a, "title");
    int type = title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION;
    unsigned flags;
    if (opts_affect(a, &flags, e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        metadata_get(c, &d, type, NULL, flags, &was, e))
        return -1;
    c->bare = true;
    if (!a->n_more && !arg_has(a, "edit")) {
        if (was || c->json)
            text_print(c, title ? "title" : "description", was ? was : "");
        else
            done_print(c, "No %s for domain: %s", title ? "title" : "description", d.name);
        return 0;
    }
    if (desc_wish(a, was, &wish, e))
        return -1;
    if (!wish) {
        c->bare = false;
        done_print(c, "Domain %s not changed", title ? "title" : "description");
        return 0;
    }
    ctl_trying(c, "Failed to set new domain %s", title ? "title" : "description");
    if (call_domain_set_metadata(
            c->conn_, &(struct wire_domain_set_metadata_args){d, type, wish, NULL, NULL, flags}, e))
        return -1;
    done_print(c, "Domain %s updated successfully", title ? "title" : "description");
    return 0;
}

/* ---- metadata of others ---- */

static int metadata_set(struct ctl *c, const struct args *a, const struct wire_domain *d,
                        const char *xml, unsigned flags, struct err *e)
{
    struct wire_domain_set_metadata_args args = {*d,
                                                 VIR_DOMAIN_METADATA_ELEMENT,
                                                 (char *)xml,
                                                 (char *)arg_str(a, "key"),
                                                 (char *)arg_str(a, "uri"),
                                                 flags};
    if (call_domain_set_metadata(c->conn_, &args, e))
        return -1;
    done_print(c, xml ? "Metadata modified" : "Metadata removed");
    return 0;
}

static int metadata_edit(struct ctl *c, const struct args *a, const struct wire_domain *d,
                         unsigned flags, struct err *e)
{
    CLEANUP_FREE char *was = NULL, *now = NULL;
    if (metadata_get(c, d, VIR_DOMAIN_METADATA_ELEMENT, arg_str(a, "uri"), flags, &was, e) &&
        e->code != ERR_NO_DOMAIN_METADATA)
        return -1;
    if (edit_text(was ? was : "\n", &now, e))
        return -1;
    if (now)
        return metadata_set(c, a, d, now, flags, e);
    done_print(c, "Metadata not changed");
    return 0;
}

static int run_metadata(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *text = NULL;
    bool is_set = arg_str(a, "set") || arg_has(a, "edit");
    unsigned flags;
    if (opts_exclude(a, "edit", "set", e) || opts_exclude(a, "remove", "set", e) ||
        opts_exclude(a, "remove", "edit", e) || opts_affect(a, &flags, e))
        return -1;
    if (is_set && !arg_str(a, "key"))
        return fail(e, ERR_INVALID_ARG, "namespace key is required when modifying metadata");
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (arg_has(a, "edit"))
        return metadata_edit(c, a, &d, flags, e);
    if (arg_str(a, "set") || arg_has(a, "remove"))
        return metadata_set(c, a, &d, arg_str(a, "set"), flags, e);
    if (metadata_get(c, &d, VIR_DOMAIN_METADATA_ELEMENT, arg_str(a, "uri"), flags, &text, e))
        return -1;
    text_print(c, "metadata", text);
    return 0;
}

/* ---- where its screen and console are ---- */

static int number_of(const struct xml *x, const char *attr)
{
    int64_t n;
    const char *text = xml_get(x, attr);
    return text && parse_i64(text, 10, 0, 65535, &n) ? (int)n : 0;
}

static const char *listen_of(const struct xml *graphics)
{
    const char *listen = gxml_value(graphics, "listen", "address");
    if (str_empty(listen))
        listen = xml_get(graphics, "listen");
    return listen;
}

/* "vnc://127.0.0.1:1": a display number for VNC, a port for the others; NULL when it cannot be
 * reached yet. */
static char *display_uri(const struct xml *g, bool with_password)
{
    const char *type = xml_get(g, "type"), *listen = listen_of(g), *password = xml_get(g, "passwd");
    int port = number_of(g, "port"), tls = number_of(g, "tlsPort");
    if (!type || (!port && !tls))
        return NULL;
    if (str_empty(listen) || str_eq(listen, "0.0.0.0") || str_eq(listen, "::"))
        listen = "localhost";
    struct str s = {0};
    str_addf(&s, "%s://", type);
    if (with_password && password)
        str_addf(&s, ":%s@", password);
    str_addf(&s, strchr(listen, ':') ? "[%s]" : "%s", listen);
    if (port)
        str_addf(&s, ":%d", str_eq(type, "vnc") ? port - 5900 : port);
    if (tls)
        str_addf(&s, "?tls-port=%d", tls);
    return str_take(&s);
}

static int active_xml(struct ctl *c, const struct args *a, unsigned flags, struct wire_domain *d,
                      struct xml_doc *doc, struct err *e)
{
    if (lookup_domain(c, a, BY_ANY, d, e))
        return -1;
    if (d->id < 0)
        return fail(e, ERR_OPERATION_INVALID, "Domain is not running");
    return gxml_get(c, d, flags, doc, e);
}

static int run_domdisplay(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    const char *type = arg_str(a, "type");
    bool secret = arg_has(a, "include-password"), found = false;
    if (str_eq(type, "auto"))
        type = NULL;
    if (active_xml(c, a, secret ? VIR_DOMAIN_XML_SECURE : 0, &d, &doc, e))
        return -1;
    for (const struct xml *g = gxml_device(&doc, "graphics"); g; g = gxml_next(g)) {
        CLEANUP_FREE char *uri = display_uri(g, secret);
        if (!uri || (type && !str_eq(xml_get(g, "type"), type)) || (found && !arg_has(a, "all")))
            continue;
        text_print(c, "uri", uri);
        c->bare = found = true;
    }
    if (!found)
        return fail(e, ERR_OPERATION_INVALID,
                    type ? "No graphical display with type '%s' found"
                         : "No graphical display found",
                    type ? type : "");
    return 0;
}

static int run_vncdisplay(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (active_xml(c, a, 0, &d, &doc, e))
        return -1;
    for (const struct xml *g = gxml_device(&doc, "graphics"); g; g = gxml_next(g)) {
        const char *listen = listen_of(g);
        int port = number_of(g, "port");
        if (!str_eq(xml_get(g, "type"), "vnc") || port < 5900)
            continue;
        if (str_empty(listen) || str_eq(listen, "0.0.0.0") || str_eq(listen, "::"))
            listen = "";
        CLEANUP_FREE char *text = mem_printf("%s:%d", listen, port - 5900);
        text_print(c, "display", text);
        return 0;
    }
    return fail(e, ERR_OPERATION_INVALID, "Failed to get VNC port. Is this domain using VNC?");
}

static int run_ttyconsole(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e) || gxml_get(c, &d, 0, &doc, e))
        return -1;
    const struct xml *x = gxml_device(&doc, "console");
    const char *tty = x ? xml_get(x, "tty") : NULL;
    if (x && !tty)
        tty = gxml_value(x, "source", "path");
    if (!tty)
        return fail(e, ERR_OPERATION_INVALID, "%s", ""); /* that it has none is all that is said */
    text_print(c, "tty", tty);
    return 0;
}

/* ---- jobs ---- */

static const struct job_row {
    const char *title, *field;
    enum { IN_MS, IN_BYTES, IN_RATE, AS_NUMBER } unit;
} job_rows[] = {
    {"Time elapsed", "time_elapsed", IN_MS},
    {"Time elapsed w/o network", "time_elapsed_net", IN_MS},
    {"Time remaining", "time_remaining", IN_MS},
    {"Data processed", "data_processed", IN_BYTES},
    {"Data remaining", "data_remaining", IN_BYTES},
    {"Data total", "data_total", IN_BYTES},
    {"Memory processed", "memory_processed", IN_BYTES},
    {"Memory remaining", "memory_remaining", IN_BYTES},
    {"Memory total", "memory_total", IN_BYTES},
    {"Memory bandwidth", "memory_bps", IN_RATE},
    {"Dirty rate", "memory_dirty_rate", AS_NUMBER},
    {"Iteration", "memory_iteration", AS_NUMBER},
    {"File processed", "disk_processed", IN_BYTES},
    {"File remaining", "disk_remaining", IN_BYTES},
    {"File total", "disk_total", IN_BYTES},
    {"File bandwidth", "disk_bps", IN_RATE},
    {"Expected downtime", "downtime", IN_MS},
};

static void job_line(const struct job_row *row, uint64_t v)
{
    CLEANUP_FREE char *title = mem_printf("%s:", row->title), *size = size_text(v, 3);
    if (row->unit == IN_MS)
        printf("%-17s %-12llu ms\n", title, (unsigned long long)v);
    else if (row->unit == AS_NUMBER)
        printf("%-17s %-12llu\n", title, (unsigned long long)v);
    else
        printf("%-17s %s%s\n", title, size, row->unit == IN_RATE ? "/s" : "");
}

static int job_get(struct ctl *c, const struct args *a, const struct wire_domain *d, int *ret_type,
                   struct params *ret, struct err *e)
{
    static const struct flag_bit bits[] = {{"completed", VIR_DOMAIN_JOB_STATS_COMPLETED},
                                           {"keep-completed", VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED}};
    struct wire_domain_get_job_stats_ret r;
    struct wire_domain_get_job_info_ret old;
    unsigned flags = FLAGS_OF(a, bits);
    if (!call_domain_get_job_stats(c->conn_, &(struct wire_domain_get_job_stats_args){*d, flags},
                                   &r, e)) {
        *ret_type = r.type;
        *ret = (struct params){r.params, r.n_params};
        return 0;
    }
    if (e->code != ERR_NO_SUPPORT || flags ||
        call_domain_get_job_info(c->conn_, &(struct wire_domain_get_job_info_args){*d}, &old, e))
        return -1;
    const uint64_t values[] = {old.timeElapsed,   old.timeRemaining, old.dataProcessed,
                               old.dataRemaining, old.dataTotal,     old.memProcessed,
                               old.memRemaining,  old.memTotal,      old.fileProcessed,
                               old.fileRemaining, old.fileTotal};
    static const char *const names[] = {"time_elapsed",     "time_remaining", "data_processed",
                                        "data_remaining",   "data_total",     "memory_processed",
                                        "memory_remaining", "memory_total",   "disk_processed",
                                        "disk_remaining",   "disk_total"};
    *ret_type = old.type;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        if (values[i])
            wire_param_add_uhyper(&ret->p, &ret->n, names[i], values[i]);
    return 0;
}

static const char *operation_word(const struct params *p)
{
    static const char *const words[] = {"Unknown",
                                        "Start",
                                        "Save",
                                        "Restore",
                                        "Incoming migration",
                                        "Outgoing migration",
                                        "Snapshot",
                                        "Snapshot revert",
                                        "Dump",
                                        "Backup",
                                        "Snapshot delete"};
    uint64_t n;
    return wire_param_u64(p->p, p->n, "operation", &n) && n < 11 ? words[n] : words[0];
}

static void job_json(const struct params *p, const char *type)
{
    struct facts f = {0};
    fact_add(&f, "", "type", COL_TEXT, type);
    fact_add(&f, "", "operation_name", COL_TEXT, operation_word(p));
    for (size_t i = 0; i < p->n; i++) {
        CLEANUP_FREE char *text = param_text(&p->p[i]);
        fact_add(&f, "", p->p[i].field, param_kind(&p->p[i]), text);
    }
    json_facts_print(&f);
    facts_clear(&f);
}

static int run_domjobinfo(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const types[] = {"None",      "Bounded", "Unbounded",
                                        "Completed", "Failed",  "Cancelled"};
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_PARAMS struct params p = {0};
    int type = 0;
    uint64_t v;
    if (lookup_domain(c, a, BY_ANY, &d, e) || job_get(c, a, &d, &type, &p, e))
        return -1;
    const char *word = type >= 0 && type < 6 ? types[type] : "unknown";
    if (c->json) {
        job_json(&p, word);
        return 0;
    }
    printf("%-17s %-12s\n", "Job type:", word);
    if (type == VIR_DOMAIN_JOB_NONE)
        return 0;
    printf("%-17s %-12s\n", "Operation:", operation_word(&p));
    if (arg_has(a, "rawstats")) {
        params_print(c, &p, param_text);
        return 0;
    }
    for (size_t i = 0; i < sizeof(job_rows) / sizeof(*job_rows); i++)
        if (wire_param_u64(p.p, p.n, job_rows[i].field, &v))
            job_line(&job_rows[i], v);
    return 0;
}

extern const struct cmd cmds_text[];
const struct cmd cmds_text[] = {
    {"desc", GROUP_DOMAIN, "show or set a domain's description or title", NULL,
     OPTS(OPT_DOMAIN, OPT_LIVE, OPT_CONFIG, OPT_CURRENT, FLAG("title", "its title"),
          FLAG("edit", "in an editor"), {"new-desc", OPT_ARGV, 0, WHAT_TEXT, "the new words"}),
     run_desc},
    {"domdisplay", GROUP_DOMAIN, "where a viewer finds a domain's screen", NULL,
     OPTS(OPT_DOMAIN_ACTIVE, FLAG("include-password", "with the password"),
          MAY("type", WHAT_TEXT, "vnc, spice, ..."), FLAG("all", "all of its screens")),
     run_domdisplay},
    {"domjobinfo", GROUP_DOMAIN, "what is being done with a domain, and how far", NULL,
     OPTS(OPT_DOMAIN, FLAG("completed", "the last job that ended"),
          FLAG("keep-completed", "and let it be asked for again"),
          FLAG("anystats", "of any kind of end"), FLAG("rawstats", "as the server names them")),
     run_domjobinfo},
    {"edit", GROUP_DOMAIN, "edit a domain's XML", NULL,
     OPTS(OPT_DOMAIN, FLAG("skip-validate", "do not check it against the schema")),
     EDIT(.object = OBJ_DOMAIN, .get = WIRE_DOMAIN_GET_XML_DESC,
          .get_flags = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE,
          .set = WIRE_DOMAIN_DEFINE_XML_FLAGS, .set_flags = VIR_DOMAIN_DEFINE_VALIDATE,
          .unless = "skip-validate", .set_plain = WIRE_DOMAIN_DEFINE_XML,
          .title = "Domain '{}' XML configuration")},
    {"metadata", GROUP_DOMAIN, "show or set what others keep with a domain", NULL,
     OPTS(OPT_DOMAIN, NEED("uri", WHAT_TEXT, "URI of the namespace"), OPT_LIVE, OPT_CONFIG,
          OPT_CURRENT, FLAG("edit", "in an editor"),
          MAY("key", WHAT_TEXT, "prefix of the namespace"),
          MAY("set", WHAT_TEXT, "the new element"), FLAG("remove", "remove it")),
     run_metadata},
    {"ttyconsole", GROUP_DOMAIN, "device of a domain's console", NULL, OPTS(OPT_DOMAIN),
     run_ttyconsole},
    {"vncdisplay", GROUP_DOMAIN, "VNC display of a domain", NULL, OPTS(OPT_DOMAIN_ACTIVE),
     run_vncdisplay},
    {0},
};
