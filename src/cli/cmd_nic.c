/* Network interfaces of a guest, and what its memory and CPUs have done. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "gxml.h"
#include "lookup.h"
#include "opts.h"
#include "params.h"
#include "wire/consts.h"

static const char *nic_source(const struct xml *x)
{
    static const char *const names[] = {"bridge", "network", "dev", "name", "path"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (gxml_value(x, "source", names[i]))
            return gxml_value(x, "source", names[i]);
    return NULL;
}

static int run_domiflist(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Interface", "interface", COL_TEXT},
                                      {"Type", "type", COL_TEXT},
                                      {"Source", "source", COL_TEXT},
                                      {"Model", "model", COL_TEXT},
                                      {"MAC", "mac", COL_TEXT}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        gxml_get(c, &d, arg_has(a, "inactive") ? VIR_DOMAIN_XML_INACTIVE : 0, &doc, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 5};
    for (const struct xml *x = gxml_device(&doc, "interface"); x; x = gxml_next(x)) {
        const char *cells[] = {gxml_value(x, "target", "dev"), xml_get(x, "type"), nic_source(x),
                               gxml_value(x, "model", "type"), gxml_value(x, "mac", "address")};
        for (size_t i = 0; i < 5; i++)
            table_add(&t, cells[i] ? cells[i] : c->json ? NULL : "-");
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

static int run_domifstat(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const names[] = {"rx_bytes", "rx_packets", "rx_errs", "rx_drop",
                                        "tx_bytes", "tx_packets", "tx_errs", "tx_drop"};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_interface_stats_ret r;
    const char *device = arg_str(a, "interface");
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to get interface stats %s %s", d.name, device);
    if (call_domain_interface_stats(
            c->conn_, &(struct wire_domain_interface_stats_args){d, (char *)device}, &r, e))
        return -1;
    const int64_t values[] = {r.rx_bytes, r.rx_packets, r.rx_errs, r.rx_drop,
                              r.tx_bytes, r.tx_packets, r.tx_errs, r.tx_drop};
    struct facts f = {0};
    for (size_t i = 0; i < 8; i++) {
        if (values[i] < 0)
            continue;
        fact_addf(&f, names[i], names[i], COL_NUMBER, "%lld", (long long)values[i]);
        if (!c->json)
            printf("%s %s %lld\n", device, names[i], (long long)values[i]);
    }
    if (c->json)
        facts_print(c, &f, 0);
    facts_clear(&f);
    return 0;
}

/* ---- addresses ---- */

static void address_row(struct ctl *c, struct table *t, const char *name, const char *mac,
                        const struct wire_domain_ip_addr *ip)
{
    const char *protocol = !ip ? NULL : ip->type == 0 ? "ipv4" : "ipv6";
    CLEANUP_FREE char *address = ip ? mem_printf("%s/%u", ip->addr, ip->prefix) : NULL;
    if (!c->json) {
        printf(" %-10s %-17s    %s", name ? name : "-", mac ? mac : "-", "");
        if (ip)
            printf("%-12s %s\n", protocol, address);
        else
            printf("%-12s %s/%s\n", "N/A", "N/A", "N/A");
        return;
    }
    table_add(t, name);
    table_add(t, mac);
    table_add(t, protocol);
    table_add(t, address);
}

static void addresses_print(struct ctl *c, const struct args *a,
                            const struct wire_domain_interface *nics, size_t n)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT},
                                      {"MAC address", "mac", COL_TEXT},
                                      {"Protocol", "protocol", COL_TEXT},
                                      {"Address", "address", COL_TEXT}};
    const char *only = arg_str(a, "interface");
    struct table t = {.cols = cols, .n_cols = 4};
    if (!c->json)
        printf(" %-10s %-20s %-8s     %s\n%s%s\n", "Name", "MAC address", "Protocol", "Address",
               "----------------------------------------",
               "---------------------------------------");
    for (size_t i = 0; i < n; i++) {
        if (only && !str_eq(nics[i].name, only))
            continue;
        bool full = arg_has(a, "full") || c->json;
        if (!nics[i].n_addrs)
            address_row(c, &t, nics[i].name, nics[i].hwaddr, NULL);
        for (size_t k = 0; k < nics[i].n_addrs; k++)
            address_row(c, &t, k && !full ? NULL : nics[i].name, k && !full ? NULL : nics[i].hwaddr,
                        &nics[i].addrs[k]);
    }
    if (c->json)
        table_print(c, &t);
    table_clear(&t);
}

static int run_domifaddr(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const sources[] = {"lease", "agent", "arp"};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_interface_addresses_ret r;
    const char *word = arg_str(a, "source");
    unsigned source = 0;
    while (word && source < 3 && !str_eq(sources[source], word))
        source++;
    if (source == 3)
        return fail(e, ERR_INVALID_ARG, "Unknown data source '%s'", word);
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to query for interfaces addresses");
    if (call_domain_interface_addresses(
            c->conn_, &(struct wire_domain_interface_addresses_args){d, source, 0}, &r, e))
        return -1;
    addresses_print(c, a, r.ifaces, r.n_ifaces);
    wire_clear(&wire_type_domain_interface_addresses_ret, &r);
    return 0;
}

/* ---- the link ---- */

static int run_getlink(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    const char *which = arg_str(a, "interface");
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        gxml_get(c, &d, arg_has(a, "config") ? VIR_DOMAIN_XML_INACTIVE : 0, &doc, e))
        return -1;
    const struct xml *x = gxml_nic(&doc, which);
    if (!x)
        return fail(e, ERR_INVALID_ARG, "Interface (%s: %s) not found.",
                    strchr(which, ':') ? "mac" : "dev", which);
    const char *state = gxml_value(x, "link", "state");
    if (!state)
        state = "up"; /* what it is where nothing is said */
    if (c->json)
        json_text_print("link", state);
    else
        printf("%s %s\n", which, state);
    c->bare = true;
    return 0;
}

/* The interface's element with this link state. */
static void with_link(struct xml *x, struct xml *link, struct xml_attr *state, const char *value,
                      struct str *ret)
{
    struct xml **at = &x->child;
    while (*at && !str_eq((*at)->name, "link"))
        at = &(*at)->next;
    struct xml *rest = *at ? (*at)->next : NULL;
    *state = (struct xml_attr){.name = "state", .value = value};
    *link = (struct xml){.name = "link", .text = "", .attrs = state, .n_attrs = 1, .next = rest};
    *at = link;
    struct xml_out w = {.s = ret};
    xml_out_tree(&w, x);
}

static int run_setlink(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    CLEANUP_STR struct str text = {0};
    const char *which = arg_str(a, "interface"), *state = arg_str(a, "state");
    bool config = arg_has(a, "config");
    if (!str_eq(state, "up") && !str_eq(state, "down"))
        return fail(e, ERR_INVALID_ARG, "invalid link state '%s'", state);
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (gxml_get(c, &d, config || d.id < 0 ? VIR_DOMAIN_XML_INACTIVE : 0, &doc, e))
        return -1;
    const struct xml *x = gxml_nic(&doc, which);
    if (!x)
        return fail(e, ERR_INVALID_ARG, "interface '%s' not found", which);
    struct xml link;
    struct xml_attr attr;
    with_link((struct xml *)x, &link, &attr, state, &text); /* the document is ours */
    if (arg_has(a, "print-xml")) {
        printf("%s", str_get(&text));
        c->bare = true;
        return 0;
    }
    unsigned flags = config || d.id < 0 ? VIR_DOMAIN_AFFECT_CONFIG : VIR_DOMAIN_AFFECT_LIVE;
    ctl_trying(c, "Failed to update interface link state");
    if (call_domain_update_device_flags(
            c->conn_, &(struct wire_domain_update_device_flags_args){d, text.p, flags}, e))
        return -1;
    done_print(c, "Device updated successfully");
    return 0;
}

/* ---- memory, CPUs ---- */

static int period_set(struct ctl *c, const struct args *a, const struct wire_domain *d,
                      struct err *e)
{
    uint64_t period = 0;
    unsigned flags;
    if (opts_affect(a, &flags, e) || arg_u64(a, "period", &period, e))
        return -1;
    if (period > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "Invalid collection period value '%s'",
                    arg_str(a, "period"));
    ctl_trying(c, "Unable to change balloon collection period.");
    return call_domain_set_memory_stats_period(
        c->conn_, &(struct wire_domain_set_memory_stats_period_args){*d, (int)period, flags}, e);
}

static int run_dommemstat(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const tags[] = {
        "swap_in",     "swap_out",        "major_fault",   "minor_fault", "unused",
        "available",   "actual",          "rss",           "usable",      "last_update",
        "disk_caches", "hugetlb_pgalloc", "hugetlb_pgfail"};
    enum { TAGS = sizeof(tags) / sizeof(*tags) };
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_memory_stats_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (arg_has(a, "period"))
        return period_set(c, a, &d, e);
    ctl_trying(c, "Failed to get memory statistics for domain %s", d.name);
    if (call_domain_memory_stats(c->conn_, &(struct wire_domain_memory_stats_args){d, TAGS, 0}, &r,
                                 e))
        return -1;
    struct facts f = {0};
    for (size_t i = 0; i < r.n_stats; i++) {
        if (r.stats[i].tag < 0 || r.stats[i].tag >= TAGS)
            continue;
        const char *name = tags[r.stats[i].tag];
        fact_addf(&f, name, name, COL_NUMBER, "%llu", (unsigned long long)r.stats[i].val);
        if (!c->json)
            printf("%s %llu\n", name, (unsigned long long)r.stats[i].val);
    }
    if (c->json)
        facts_print(c, &f, 0);
    facts_clear(&f);
    wire_clear(&wire_type_domain_memory_stats_ret, &r);
    return 0;
}

/* The parameters of CPUs first..first+n-1, or of all together (first -1); what they have, or how
 * many. */
static int cpu_stats(struct ctl *c, const struct wire_domain *d, unsigned nparams, int first,
                     unsigned n, struct wire_domain_get_cpu_stats_ret *ret, struct err *e)
{
    unsigned flags = client_has_feature(c->conn_, VIR_DRV_FEATURE_TYPED_PARAM_STRING)
                         ? VIR_TYPED_PARAM_STRING_OKAY
                         : 0;
    return call_domain_get_cpu_stats(
        c->conn_, &(struct wire_domain_get_cpu_stats_args){*d, nparams, first, n, flags}, ret, e);
}

static int how_many(struct ctl *c, const struct wire_domain *d, int first, unsigned n,
                    struct err *e)
{
    struct wire_domain_get_cpu_stats_ret r;
    if (cpu_stats(c, d, 0, first, n, &r, e))
        return -1;
    int n_params = r.nparams;
    wire_clear(&wire_type_domain_get_cpu_stats_ret, &r);
    return n_params;
}

static void cpu_block(const char *title, const struct wire_typed_param *p, size_t n,
                      struct json_rows *json)
{
    if (json) {
        json_rows_object(json);
        json_rows_set(json, "cpu", COL_TEXT, title);
    } else {
        printf("%s:\n", title);
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t ns = p[i].value.ul;
        CLEANUP_FREE char *text = param_text(&p[i]);
        if (json)
            json_rows_set(json, p[i].field, COL_NUMBER, text);
        else if (p[i].value.type == VIR_TYPED_PARAM_ULLONG)
            printf("\t%-12s %9llu.%09llu seconds\n", p[i].field,
                   (unsigned long long)(ns / 1000000000), (unsigned long long)(ns % 1000000000));
        else
            printf("\t%-12s %s\n", p[i].field, text);
    }
}

/* Single CPUs, in portions that a reply can hold. */
static int each_cpu(struct ctl *c, const struct wire_domain *d, int first, int count,
                    struct json_rows *json, struct err *e)
{
    enum { PORTION = 128 };
    int nparams = how_many(c, d, 0, 1, e);
    if (nparams < 0)
        return -1;
    for (; count > 0; first += PORTION, count -= PORTION) {
        struct wire_domain_get_cpu_stats_ret r;
        unsigned n = count > PORTION ? PORTION : (unsigned)count;
        if (cpu_stats(c, d, (unsigned)nparams, first, n, &r, e))
            return -1;
        size_t width = r.nparams > 0 ? (size_t)r.nparams : 1;
        for (size_t i = 0; i + width <= r.n_params; i += width) {
            CLEANUP_FREE char *title = mem_printf("CPU%d", first + (int)(i / width));
            size_t have = 0;
            while (have < width && r.params[i + have].field && r.params[i + have].field[0])
                have++;
            if (have) /* one that is absent has no values */
                cpu_block(title, r.params + i, have, json);
        }
        wire_clear(&wire_type_domain_get_cpu_stats_ret, &r);
    }
    return 0;
}

static int total_cpus(struct ctl *c, const struct wire_domain *d, struct json_rows *json,
                      struct err *e)
{
    struct wire_domain_get_cpu_stats_ret r;
    int n = how_many(c, d, -1, 1, e);
    if (n < 0 || cpu_stats(c, d, (unsigned)n, -1, 1, &r, e))
        return -1;
    cpu_block("Total", r.params, r.n_params, json);
    wire_clear(&wire_type_domain_get_cpu_stats_ret, &r);
    return 0;
}

static int run_cpu_stats(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t first = 0, count = UINT64_MAX;
    bool some = arg_has(a, "start") || arg_has(a, "count"), total = arg_has(a, "total");
    if (arg_u64(a, "start", &first, e) || arg_u64(a, "count", &count, e) ||
        lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to retrieve CPU statistics for domain '%s'", d.name);
    struct json_rows *json = c->json ? json_rows_new() : NULL;
    int r = 0, max;
    if (!total || some) {
        max = how_many(c, &d, 0, 0, e);
        r = max < 0 ? -1 : 0;
        if (!r && first < (uint64_t)max)
            r = each_cpu(c, &d, (int)first,
                         count < (uint64_t)max - first ? (int)count : max - (int)first, json, e);
    }
    if (!r && (total || !some))
        r = total_cpus(c, &d, json, e);
    if (json && !r)
        json_rows_print(json, false);
    json_rows_free(json);
    return r;
}

#define NIC NEED("interface", WHAT_TEXT, "its name in the host, or its MAC address")

extern const struct cmd cmds_nic[];
const struct cmd cmds_nic[] = {
    {"cpu-stats", GROUP_DOMAIN, "time that a domain has used on each CPU", NULL,
     OPTS(OPT_DOMAIN, FLAG("total", "of all CPUs together"), MAY_NUM("start", "the first CPU"),
          MAY_NUM("count", "how many CPUs")),
     run_cpu_stats},
    {"domif-getlink", GROUP_MONITOR, "state of an interface's link", NULL,
     OPTS(OPT_DOMAIN, NIC, FLAG("config", "as defined")), run_getlink},
    {"domif-setlink", GROUP_DOMAIN, "connect or disconnect an interface's link", NULL,
     OPTS(OPT_DOMAIN, NIC, NEED("state", WHAT_TEXT, "up or down"), OPT_CONFIG, OPT_PRINT_XML),
     run_setlink},
    {"domifaddr", GROUP_MONITOR, "addresses of a running domain", NULL,
     OPTS(OPT_DOMAIN, MAY("interface", WHAT_TEXT, "only of this interface"),
          FLAG("full", "names and MAC addresses in every line"),
          MAY("source", WHAT_TEXT, "who says so: lease, agent or arp")),
     run_domifaddr},
    {"domiflist", GROUP_MONITOR, "list a domain's interfaces", NULL,
     OPTS(OPT_DOMAIN, FLAG("inactive", "as defined")), run_domiflist},
    {"domifstat", GROUP_MONITOR, "what an interface has received and sent", NULL,
     OPTS(OPT_DOMAIN, NIC), run_domifstat},
    {"dommemstat", GROUP_MONITOR, "how a domain uses its memory", NULL,
     OPTS(OPT_DOMAIN, {"period", OPT_NUM, OPT_NAMED, WHAT_TEXT, "seconds between two readings"},
          OPT_AFFECT),
     run_dommemstat},
    {0},
};
