/* What shows guests: list, info, state, XML, statistics. */
#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"

/* ---- list ---- */

static const struct flag_bit list_bits[] = {
    {"transient", VIR_CONNECT_LIST_DOMAINS_TRANSIENT},
    {"persistent", VIR_CONNECT_LIST_DOMAINS_PERSISTENT},
    {"with-snapshot", VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT},
    {"without-snapshot", VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT},
    {"with-checkpoint", VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT},
    {"without-checkpoint", VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT},
    {"state-running", VIR_CONNECT_LIST_DOMAINS_RUNNING},
    {"state-paused", VIR_CONNECT_LIST_DOMAINS_PAUSED},
    {"state-shutoff", VIR_CONNECT_LIST_DOMAINS_SHUTOFF},
    {"state-other", VIR_CONNECT_LIST_DOMAINS_OTHER},
    {"autostart", VIR_CONNECT_LIST_DOMAINS_AUTOSTART},
    {"no-autostart", VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART},
    {"with-managed-save", VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE},
    {"without-managed-save", VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE},
};

static unsigned list_flags(const struct args *a)
{
    unsigned flags = FLAGS_OF(a, list_bits);
    if (arg_has(a, "inactive"))
        flags |= VIR_CONNECT_LIST_DOMAINS_INACTIVE;
    else if (arg_has(a, "all"))
        flags |= VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE;
    else
        flags |= VIR_CONNECT_LIST_DOMAINS_ACTIVE;
    /* asking for shut off guests, or such as only shut off ones can be, means all */
    if (flags & (VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE) &&
        !arg_has(a, "inactive"))
        flags |= VIR_CONNECT_LIST_DOMAINS_INACTIVE;
    return flags;
}

/* Active ones by id, then the others by name. */
static int by_id_then_name(const void *x, const void *y)
{
    const struct wire_domain *a = x, *b = y;
    if (a->id >= 0 && b->id >= 0)
        return a->id < b->id ? -1 : a->id > b->id;
    if ((a->id < 0) != (b->id < 0))
        return a->id < 0 ? 1 : -1;
    return strcmp(a->name, b->name);
}

static const char *state_of(struct client *conn, const struct wire_domain *d, bool mark_saved)
{
    struct wire_domain_get_state_ret r;
    if (call_domain_get_state(conn, &(struct wire_domain_get_state_args){*d, 0}, &r, NULL))
        return "no state"; /* it went away between the list and this call */
    struct wire_domain_has_managed_save_image_ret saved = {0};
    if (mark_saved && d->id < 0 &&
        !call_domain_has_managed_save_image(
            conn, &(struct wire_domain_has_managed_save_image_args){*d, 0}, &saved, NULL) &&
        saved.result)
        return "saved";
    return state_name(r.state);
}

static char *title_of(struct client *conn, const struct wire_domain *d)
{
    struct wire_domain_get_metadata_ret r;
    struct wire_domain_get_metadata_args args = {*d, VIR_DOMAIN_METADATA_TITLE, NULL, 0};
    return call_domain_get_metadata(conn, &args, &r, NULL) ? mem_str("") : r.metadata;
}

static void list_words(const struct args *a, const struct wire_domain *d, size_t n)
{
    char text[UUID_TEXT];
    for (size_t i = 0; i < n; i++) {
        const char *gap = "";
        if (arg_has(a, "id")) {
            if (d[i].id >= 0)
                printf("%d", d[i].id);
            else
                putchar('-');
            gap = " ";
        }
        if (arg_has(a, "uuid")) {
            printf("%s%s", gap, uuid_format(d[i].uuid, text));
            gap = " ";
        }
        if (arg_has(a, "name"))
            printf("%s%s", gap, d[i].name);
        putchar('\n');
    }
}

static void list_table(struct ctl *c, const struct args *a, const struct wire_domain *d, size_t n)
{
    static const struct col cols[] = {{"Id", "id", COL_NUMBER},
                                      {"Name", "name", COL_TEXT},
                                      {"State", "state", COL_TEXT},
                                      {"Title", "title", COL_TEXT},
                                      {"UUID", "uuid", COL_TEXT}};
    static const struct col json_plain[] = {{"Id", "id", COL_NUMBER},
                                            {"Name", "name", COL_TEXT},
                                            {"State", "state", COL_TEXT},
                                            {"UUID", "uuid", COL_TEXT}};
    bool title = arg_has(a, "title");
    struct table t = {.cols = c->json && !title ? json_plain : cols,
                      .n_cols = 3 + (size_t)title + (size_t)c->json};
    char text[UUID_TEXT];
    for (size_t i = 0; i < n; i++) {
        if (d[i].id >= 0)
            table_addf(&t, "%d", d[i].id);
        else
            table_add(&t, c->json ? NULL : "-");
        table_add(&t, d[i].name);
        table_add(&t, state_of(c->conn_, &d[i], arg_has(a, "managed-save")));
        CLEANUP_FREE char *words = title ? title_of(c->conn_, &d[i]) : NULL;
        if (title)
            table_add(&t, words);
        if (c->json)
            table_add(&t, uuid_format(d[i].uuid, text));
    }
    table_print(c, &t);
    table_clear(&t);
}

static int run_list(struct ctl *c, const struct args *a, struct err *e)
{
    bool words = arg_has(a, "name") || arg_has(a, "uuid") || arg_has(a, "id");
    if (words && (arg_has(a, "table") || arg_has(a, "title")))
        return fail(e, ERR_INVALID_ARG,
                    "Only one argument from --table, --name and --uuid may be specified.");
    struct client *conn = ctl_conn(c, e);
    if (!conn)
        return -1;
    ctl_trying(c, "Failed to list domains");
    struct wire_connect_list_all_domains_ret r;
    if (call_connect_list_all_domains(
            conn, &(struct wire_connect_list_all_domains_args){1, list_flags(a)}, &r, e))
        return -1;
    if (r.n_domains)
        qsort(r.domains, r.n_domains, sizeof(*r.domains), by_id_then_name);
    if (words && !c->json)
        list_words(a, r.domains, r.n_domains);
    else
        list_table(c, a, r.domains, r.n_domains);
    wire_clear(&wire_type_connect_list_all_domains_ret, &r);
    return 0;
}

/* ---- one guest ---- */

static int run_domid(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_UUID | BY_NAME, &d, e))
        return -1;
    CLEANUP_FREE char *text = d.id >= 0 ? mem_printf("%d", d.id) : mem_str("-");
    text_print(c, "id", text);
    return 0;
}

static int run_domuuid(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    char text[UUID_TEXT];
    if (lookup_domain(c, a, BY_ID | BY_NAME | BY_UUID, &d, e))
        return -1;
    text_print(c, "uuid", uuid_format(d.uuid, text));
    return 0;
}

static int run_domname(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (lookup_domain(c, a, BY_ID | BY_UUID, &d, e))
        return -1;
    text_print(c, "name", d.name);
    return 0;
}

static int run_domstate(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_state_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        call_domain_get_state(c->conn_, &(struct wire_domain_get_state_args){d, 0}, &r, e))
        return -1;
    CLEANUP_FREE char *text =
        arg_has(a, "reason")
            ? mem_printf("%s (%s)", state_name(r.state), state_reason_name(r.state, r.reason))
            : mem_str(state_name(r.state));
    text_print(c, "state", text);
    return 0;
}

static void info_label(struct client *conn, const struct wire_domain *d, struct facts *f)
{
    struct wire_domain_get_security_label_ret label;
    if (d->id < 0 || call_domain_get_security_label(
                         conn, &(struct wire_domain_get_security_label_args){*d}, &label, NULL))
        return;
    if (label.n_label > 1) {
        CLEANUP_FREE char *text = mem_strn(label.label, label.n_label - 1);
        fact_addf(f, "Security label", "security_label", COL_TEXT, "%s (%s)", text,
                  label.enforcing ? "enforcing" : "permissive");
    }
    wire_clear(&wire_type_domain_get_security_label_ret, &label);
}

static void info_optional(struct client *conn, const struct wire_domain *d, struct facts *f)
{
    struct wire_domain_is_persistent_ret persistent;
    struct wire_domain_get_autostart_ret autostart;
    struct wire_domain_get_autostart_once_ret once;
    struct wire_domain_has_managed_save_image_ret saved;
    struct wire_node_get_security_model_ret model;
    if (!call_domain_is_persistent(conn, &(struct wire_domain_is_persistent_args){*d}, &persistent,
                                   NULL))
        fact_add(f, "Persistent", "persistent", COL_BOOL, persistent.persistent ? "yes" : "no");
    if (!call_domain_get_autostart(conn, &(struct wire_domain_get_autostart_args){*d}, &autostart,
                                   NULL))
        fact_add(f, "Autostart", "autostart", COL_BOOL, autostart.autostart ? "enable" : "disable");
    if (!call_domain_get_autostart_once(conn, &(struct wire_domain_get_autostart_once_args){*d},
                                        &once, NULL) &&
        once.autostart)
        fact_add(f, "Autostart once", "autostart_once", COL_BOOL, "enable");
    if (!call_domain_has_managed_save_image(
            conn, &(struct wire_domain_has_managed_save_image_args){*d, 0}, &saved, NULL))
        fact_add(f, "Managed save", "managed_save", COL_BOOL, saved.result ? "yes" : "no");
    if (call_node_get_security_model(conn, &model, NULL))
        return;
    if (model.n_model > 1) {
        CLEANUP_FREE char *name = mem_strn(model.model, model.n_model - 1);
        CLEANUP_FREE char *doi = mem_strn(model.doi, model.n_doi ? model.n_doi - 1 : 0);
        fact_add(f, "Security model", "security_model", COL_TEXT, name);
        fact_add(f, "Security DOI", "security_doi", COL_TEXT, doi);
        info_label(conn, d, f);
    }
    wire_clear(&wire_type_node_get_security_model_ret, &model);
}

static void info_numbers(const struct wire_domain_get_info_ret *i, struct facts *f)
{
    fact_add(f, "State", "state", COL_TEXT, state_name(i->state));
    fact_addf(f, "CPU(s)", "cpus", COL_NUMBER, "%d", i->nrVirtCpu);
    if (i->cpuTime)
        fact_addf(f, "CPU time", "cpu_time", COL_TEXT, "%.1fs", (double)i->cpuTime / 1e9);
    if (i->maxMem == UINT64_MAX || i->maxMem == UINT32_MAX)
        fact_add(f, "Max memory", "max_memory", COL_TEXT, "no limit");
    else
        fact_addf(f, "Max memory", "max_memory", COL_TEXT, "%llu KiB",
                  (unsigned long long)i->maxMem);
    fact_addf(f, "Used memory", "used_memory", COL_TEXT, "%llu KiB", (unsigned long long)i->memory);
}

/* JSON wants numbers, in the units that the keys say. */
static void info_json(const struct wire_domain_get_info_ret *i, struct facts *f)
{
    fact_add(f, "", "state", COL_TEXT, state_name(i->state));
    fact_addf(f, "", "cpus", COL_NUMBER, "%d", i->nrVirtCpu);
    fact_addf(f, "", "cpu_time_ns", COL_NUMBER, "%llu", (unsigned long long)i->cpuTime);
    fact_addf(f, "", "max_memory_kib", COL_NUMBER, "%llu", (unsigned long long)i->maxMem);
    fact_addf(f, "", "used_memory_kib", COL_NUMBER, "%llu", (unsigned long long)i->memory);
}

static int run_dominfo(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_info_ret info;
    struct wire_domain_get_os_type_ret os;
    char text[UUID_TEXT];
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct facts f = {0};
    if (d.id >= 0)
        fact_addf(&f, "Id", "id", COL_NUMBER, "%d", d.id);
    else
        fact_add(&f, "Id", "id", COL_NUMBER, "-");
    fact_add(&f, "Name", "name", COL_TEXT, d.name);
    fact_add(&f, "UUID", "uuid", COL_TEXT, uuid_format(d.uuid, text));
    if (!call_domain_get_os_type(c->conn_, &(struct wire_domain_get_os_type_args){d}, &os, NULL)) {
        fact_add(&f, "OS Type", "os_type", COL_TEXT, os.type);
        wire_clear(&wire_type_domain_get_os_type_ret, &os);
    }
    int r = call_domain_get_info(c->conn_, &(struct wire_domain_get_info_args){d}, &info, e);
    if (!r) {
        (c->json ? info_json : info_numbers)(&info, &f);
        info_optional(c->conn_, &d, &f);
        facts_print(c, &f, 16);
    }
    facts_clear(&f);
    return r;
}

/* ---- statistics ---- */

static const struct flag_bit stats_bits[] = {
    {"state", VIR_DOMAIN_STATS_STATE},
    {"cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL},
    {"balloon", VIR_DOMAIN_STATS_BALLOON},
    {"vcpu", VIR_DOMAIN_STATS_VCPU},
    {"interface", VIR_DOMAIN_STATS_INTERFACE},
    {"block", VIR_DOMAIN_STATS_BLOCK},
    {"perf", VIR_DOMAIN_STATS_PERF},
    {"iothread", VIR_DOMAIN_STATS_IOTHREAD},
    {"memory", VIR_DOMAIN_STATS_MEMORY},
    {"dirtyrate", VIR_DOMAIN_STATS_DIRTYRATE},
    {"vm", VIR_DOMAIN_STATS_VM},
};
static const struct flag_bit stats_flags[] = {
    {"list-active", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE},
    {"list-inactive", VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE},
    {"list-persistent", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT},
    {"list-transient", VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT},
    {"list-running", VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING},
    {"list-paused", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED},
    {"list-shutoff", VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF},
    {"list-other", VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER},
    {"enforce", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS},
    {"backing", VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING},
    {"nowait", VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT},
};

/* The value as text; *kind says what it is. */
static char *param_text(const struct wire_typed_param *p, enum col_kind *kind)
{
    *kind = COL_NUMBER;
    switch (p->value.type) {
    case VIR_TYPED_PARAM_INT:
        return mem_printf("%d", p->value.i);
    case VIR_TYPED_PARAM_UINT:
        return mem_printf("%u", p->value.ui);
    case VIR_TYPED_PARAM_LLONG:
        return mem_printf("%lld", (long long)p->value.l);
    case VIR_TYPED_PARAM_ULLONG:
        return mem_printf("%llu", (unsigned long long)p->value.ul);
    case VIR_TYPED_PARAM_DOUBLE:
        return mem_printf("%f", p->value.d);
    case VIR_TYPED_PARAM_BOOLEAN:
        *kind = COL_BOOL;
        return mem_str(p->value.b ? "yes" : "no");
    default:
        *kind = COL_TEXT;
        return mem_str(p->value.s);
    }
}

static void stats_print(const struct ctl *c, const struct wire_domain_stats_record *s,
                        struct json_rows *json)
{
    if (json) {
        json_rows_object(json);
        json_rows_set(json, "name", COL_TEXT, s->dom.name);
    } else {
        printf("Domain: '%s'\n", s->dom.name);
    }
    for (size_t i = 0; i < s->n_params; i++) {
        enum col_kind kind;
        CLEANUP_FREE char *text = param_text(&s->params[i], &kind);
        if (json)
            json_rows_set(json, s->params[i].field, kind, text);
        else
            printf("  %s=%s\n", s->params[i].field, text);
    }
}

static int stats_domains(struct ctl *c, const struct args *a,
                         struct wire_connect_get_all_domain_stats_args *args, struct err *e)
{
    for (size_t i = 0; i < a->n_more; i++) {
        struct wire_domain d;
        if (lookup_domain_text(c, a->more[i], BY_ANY, &d, e))
            return -1;
        VEC_PUSH(args->doms, args->n_doms, d);
    }
    return 0;
}

static int run_domstats(struct ctl *c, const struct args *a, struct err *e)
{
    struct client *conn = ctl_conn(c, e);
    if (!conn)
        return -1;
    struct wire_connect_get_all_domain_stats_args args = {.stats = FLAGS_OF(a, stats_bits),
                                                          .flags = FLAGS_OF(a, stats_flags)};
    struct wire_connect_get_all_domain_stats_ret r = {0};
    int bad =
        stats_domains(c, a, &args, e) || call_connect_get_all_domain_stats(conn, &args, &r, e);
    struct json_rows *json = !bad && c->json ? json_rows_new() : NULL;
    for (size_t i = 0; !bad && i < r.n_retStats; i++) {
        if (i && !json)
            putchar('\n');
        stats_print(c, &r.retStats[i], json);
    }
    if (json)
        json_rows_print(json, false);
    json_rows_free(json);
    if (!bad)
        wire_clear(&wire_type_connect_get_all_domain_stats_ret, &r);
    wire_clear(&wire_type_connect_get_all_domain_stats_args, &args);
    return bad ? -1 : 0;
}

#define LIST(word, text) FLAG("list-" word, "list only " text)

extern const struct cmd cmds_monitor[];
const struct cmd cmds_monitor[] = {
    {"dominfo", GROUP_MONITOR, "domain information", "Returns basic information about the domain.",
     OPTS(OPT_DOMAIN), run_dominfo},
    {"domid", GROUP_MONITOR, "convert a domain name or UUID to domain id", NULL, OPTS(OPT_DOMAIN),
     run_domid},
    {"domname", GROUP_MONITOR, "convert a domain id or UUID to domain name", NULL, OPTS(OPT_DOMAIN),
     run_domname},
    {"domstate", GROUP_MONITOR, "domain state", "Returns state about a domain.",
     OPTS(OPT_DOMAIN, FLAG("reason", "also print reason for the state")), run_domstate},
    {"domstats", GROUP_MONITOR, "get statistics about one or multiple domains",
     "Gets statistics about one or more (or all) domains",
     OPTS(FLAG("state", "report domain state"),
          FLAG("cpu-total", "report domain physical cpu usage"),
          FLAG("balloon", "report domain balloon statistics"),
          FLAG("vcpu", "report domain virtual cpu information"),
          FLAG("interface", "report domain network interface information"),
          FLAG("block", "report domain block device statistics"),
          FLAG("perf", "report domain perf event statistics"),
          FLAG("iothread", "report domain IOThread information"),
          FLAG("memory", "report domain memory usage"),
          FLAG("dirtyrate", "report domain dirty rate information"),
          FLAG("vm", "report hypervisor-specific statistics"), LIST("active", "active domains"),
          LIST("inactive", "inactive domains"), LIST("persistent", "persistent domains"),
          LIST("transient", "transient domains"), LIST("running", "running domains"),
          LIST("paused", "paused domains"), LIST("shutoff", "shutoff domains"),
          LIST("other", "domains in other states"), FLAG("raw", "do not pretty-print the fields"),
          FLAG("enforce", "enforce requested stats parameters"),
          FLAG("backing", "add backing chain information to block stats"),
          FLAG("nowait", "report only stats that are accessible instantly"),
          {"domain", OPT_ARGV, 0, WHAT_DOMAIN, "list of domains to get stats for"}),
     run_domstats},
    {"domuuid", GROUP_MONITOR, "convert a domain name or id to domain UUID", NULL, OPTS(OPT_DOMAIN),
     run_domuuid},
    {"dumpxml", GROUP_DOMAIN, "a domain's XML", NULL,
     OPTS(OPT_DOMAIN, FLAG("inactive", "as it is defined"), FLAG("security-info", "with secrets"),
          FLAG("update-cpu", "with the CPU that this host would give it"),
          FLAG("migratable", "as another host can read it"), OPT_XPATH),
     THIN(.proc = WIRE_DOMAIN_GET_XML_DESC, .object = OBJ_DOMAIN, .key = "xml",
          .bits =
              BITS({"inactive", VIR_DOMAIN_XML_INACTIVE}, {"security-info", VIR_DOMAIN_XML_SECURE},
                   {"update-cpu", VIR_DOMAIN_XML_UPDATE_CPU},
                   {"migratable", VIR_DOMAIN_XML_MIGRATABLE}))},
    {"list", GROUP_MONITOR, "list domains", "Returns list of domains.",
     OPTS(FLAG("inactive", "list inactive domains"), FLAG("all", "list inactive & active domains"),
          FLAG("transient", "list transient domains"),
          FLAG("persistent", "list persistent domains"),
          FLAG("with-snapshot", "list domains with existing snapshot"),
          FLAG("without-snapshot", "list domains without a snapshot"),
          FLAG("with-checkpoint", "list domains with existing checkpoint"),
          FLAG("without-checkpoint", "list domains without a checkpoint"),
          FLAG("state-running", "list domains in running state"),
          FLAG("state-paused", "list domains in paused state"),
          FLAG("state-shutoff", "list domains in shutoff state"),
          FLAG("state-other", "list domains in other states"),
          FLAG("autostart", "list domains with autostart enabled"),
          FLAG("no-autostart", "list domains with autostart disabled"),
          FLAG("with-managed-save", "list domains with managed save state"),
          FLAG("without-managed-save", "list domains without managed save"),
          FLAG("uuid", "list uuid's only"), FLAG("name", "list domain names only"),
          FLAG("id", "list domain IDs only"), FLAG("table", "list table (default)"),
          FLAG("managed-save", "mark inactive domains with managed save state"),
          FLAG("title", "show domain title")),
     run_list},
    {0},
};
