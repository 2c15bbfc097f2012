/* The host's CPUs and memory. */
#include <time.h>

#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "cpus.h"
#include "opts.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

static int run_cpumap(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_node_get_cpu_map_ret r;
    ctl_trying(c, "Unable to get cpu map");
    if (!ctl_conn(c, e) ||
        call_node_get_cpu_map(c->conn_, &(struct wire_node_get_cpu_map_args){1, 1, 0}, &r, e))
        return -1;
    int n = r.ret >= 0 && (size_t)cpus_bytes(r.ret) <= r.n_cpumap ? r.ret : 0;
    CLEANUP_FREE char *map =
        arg_has(a, "pretty") || c->json ? cpus_list(r.cpumap, n) : cpus_letters(r.cpumap, n);
    struct facts f = {0};
    fact_addf(&f, "CPUs present", "present", COL_NUMBER, "%d", r.ret);
    fact_addf(&f, "CPUs online", "online", COL_NUMBER, "%u", r.online);
    fact_add(&f, "CPU map", "map", COL_TEXT, map);
    facts_print(c, &f, 16);
    facts_clear(&f);
    wire_clear(&wire_type_node_get_cpu_map_ret, &r);
    return 0;
}

/* ---- time of the host's CPUs ---- */

enum { USER, SYSTEM, IDLE, IOWAIT, INTR, USAGE, TIMES };
static const char *const fields[TIMES] = {"user",   "kernel", "idle",
                                          "iowait", "intr",   "utilization"};
static const char *const titles[TIMES] = {
    "user:", "system:", "idle:", "iowait:", "intr:", "usage:"};

struct times {
    uint64_t ns[TIMES];
    bool has[TIMES];
};

static int times_get(struct ctl *c, int cpu, struct times *ret, struct err *e)
{
    struct wire_node_get_cpu_stats_ret r;
    struct wire_node_get_cpu_stats_args args = {cpu, 0, 0};
    if (call_node_get_cpu_stats(c->conn_, &args, &r, e))
        return -1;
    args.nparams = r.nparams;
    wire_clear(&wire_type_node_get_cpu_stats_ret, &r);
    *ret = (struct times){0};
    if (!args.nparams)
        return 0;
    if (call_node_get_cpu_stats(c->conn_, &args, &r, e))
        return -1;
    for (size_t i = 0; i < r.n_params; i++)
        for (int k = 0; k < TIMES; k++)
            if (str_eq(r.params[i].field, fields[k])) {
                ret->ns[k] = r.params[i].value;
                ret->has[k] = true;
            }
    wire_clear(&wire_type_node_get_cpu_stats_ret, &r);
    return 0;
}

/* Shares of the time between two readings. */
static void percent_print(struct ctl *c, const struct times *was, const struct times *now)
{
    double part[TIMES] = {0}, total = 0;
    struct facts f = {0};
    for (int k = 0; k < USAGE; k++) {
        part[k] = (double)(now->ns[k] - was->ns[k]);
        total += part[k];
    }
    part[USAGE] = now->has[USAGE] ? (double)now->ns[USAGE] / 100 * total : total - part[IDLE];
    static const int order[] = {USAGE, USER, SYSTEM, IDLE, IOWAIT, INTR};
    for (int i = 0; i < TIMES; i++) {
        int k = order[i];
        double share = total > 0 ? part[k] * 100 / total : 0;
        if (k != USAGE && !now->has[k])
            continue;
        fact_addf(&f, "", fields[k], COL_NUMBER, "%.1f", share);
        if (!c->json)
            printf("%-15s %5.1lf%%\n", titles[k], share);
    }
    if (c->json)
        json_facts_print(&f);
    facts_clear(&f);
}

static int run_cpustats(struct ctl *c, const struct args *a, struct err *e)
{
    uint64_t cpu = 0;
    struct times was, now;
    ctl_trying(c, "Unable to get number of cpu stats");
    if (arg_u64(a, "cpu", &cpu, e) || !ctl_conn(c, e))
        return -1;
    if (cpu > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "Invalid value of cpuNum");
    int which = arg_str(a, "cpu") ? (int)cpu : VIR_NODE_CPU_STATS_ALL_CPUS;
    if (times_get(c, which, &now, e))
        return -1;
    if (arg_has(a, "percent")) {
        was = now;
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        if (times_get(c, which, &now, e))
            return -1;
        percent_print(c, &was, &now);
        return 0;
    }
    struct facts f = {0};
    static const int order[] = {USER, SYSTEM, IDLE, IOWAIT, INTR};
    for (int i = 0; i < 5; i++) {
        int k = order[i];
        if (!now.has[k])
            continue;
        fact_addf(&f, "", fields[k], COL_NUMBER, "%llu", (unsigned long long)now.ns[k]);
        if (!c->json)
            printf("%-15s %20llu\n", titles[k], (unsigned long long)now.ns[k]);
    }
    if (c->json)
        json_facts_print(&f);
    facts_clear(&f);
    return 0;
}

/* ---- memory ---- */

static int run_memstats(struct ctl *c, const struct args *a, struct err *e)
{
    uint64_t cell = 0;
    struct wire_node_get_memory_stats_ret r;
    if (arg_u64(a, "cell", &cell, e))
        return -1;
    if (cell > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "Invalid value of cellNum");
    struct wire_node_get_memory_stats_args args = {
        0, arg_str(a, "cell") ? (int)cell : VIR_NODE_MEMORY_STATS_ALL_CELLS, 0};
    ctl_trying(c, "Unable to get number of memory stats");
    if (!ctl_conn(c, e) || call_node_get_memory_stats(c->conn_, &args, &r, e))
        return -1;
    args.nparams = r.nparams;
    wire_clear(&wire_type_node_get_memory_stats_ret, &r);
    if (!args.nparams)
        return 0;
    ctl_trying(c, "Unable to get memory stats");
    if (call_node_get_memory_stats(c->conn_, &args, &r, e))
        return -1;
    struct facts f = {0};
    for (size_t i = 0; i < r.n_params; i++) {
        const char *name = r.params[i].field;
        fact_addf(&f, name, name, COL_NUMBER, "%llu", (unsigned long long)r.params[i].value);
        if (!c->json)
            printf("%-7s: %20llu KiB\n", name, (unsigned long long)r.params[i].value);
    }
    if (c->json)
        json_facts_print(&f);
    facts_clear(&f);
    wire_clear(&wire_type_node_get_memory_stats_ret, &r);
    return 0;
}

/* The numbers in the XML of the capabilities: attribute `attr` of each element `name`, of any
 * depth. */
static void numbers_in(const struct xml *x, const char *name, const char *attr, uint32_t **ret,
                       size_t *n)
{
    for (; x; x = x->next) {
        const char *text = str_eq(x->name, name) ? xml_get(x, attr) : NULL;
        uint32_t v;
        bool known = false;
        if (text && parse_u32(text, 10, INT32_MAX, &v)) {
            for (size_t i = 0; i < *n; i++)
                known |= (*ret)[i] == v;
            if (!known)
                VEC_PUSH(*ret, *n, v);
        }
        numbers_in(x->child, name, attr, ret, n);
    }
}

static int capabilities_numbers(struct ctl *c, const char *name, const char *attr, uint32_t **ret,
                                size_t *n, struct err *e)
{
    struct wire_connect_get_capabilities_ret r;
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (call_connect_get_capabilities(c->conn_, &r, e))
        return -1;
    int bad = xml_parse(r.capabilities, strlen(r.capabilities), "capabilities", &doc, e);
    free(r.capabilities);
    if (bad)
        return -1;
    const struct xml *host = xml_child(doc.root, "host");
    if (host)
        numbers_in(host->child, name, attr, ret, n);
    return *n ? 0 : fail(e, ERR_INTERNAL, "the host's capabilities tell no %s of a %s", attr, name);
}

static int free_of_cell(struct ctl *c, uint32_t cell, uint64_t *ret, struct err *e)
{
    struct wire_node_get_cells_free_memory_ret r;
    if (call_node_get_cells_free_memory(
            c->conn_, &(struct wire_node_get_cells_free_memory_args){(int)cell, 1}, &r, e))
        return -1;
    int bad = r.n_cells != 1 ? fail(e, ERR_INTERNAL, "there is no cell %u", cell) : 0;
    *ret = bad ? 0 : r.cells[0] / 1024;
    wire_clear(&wire_type_node_get_cells_free_memory_ret, &r);
    return bad;
}

static int freecell_all(struct ctl *c, struct err *e)
{
    static const struct col cols[] = {{"Cell", "cell", COL_NUMBER},
                                      {"Free", "free_kib", COL_NUMBER}};
    CLEANUP_FREE uint32_t *cells = NULL;
    size_t n = 0;
    uint64_t sum = 0, free_kib;
    struct table t = {.cols = cols, .n_cols = 2};
    if (capabilities_numbers(c, "cell", "id", &cells, &n, e))
        return -1;
    int r = 0;
    for (size_t i = 0; !r && i < n; i++) {
        r = free_of_cell(c, cells[i], &free_kib, e);
        table_addf(&t, "%u", cells[i]);
        table_addf(&t, "%llu", (unsigned long long)free_kib);
        sum += free_kib;
    }
    for (size_t i = 0; !r && !c->json && i < t.n_cells; i += 2)
        printf("%5s: %10s KiB\n", t.cells[i], t.cells[i + 1]);
    if (!r && !c->json)
        printf("--------------------\n%5s: %10llu KiB\n", "Total", (unsigned long long)sum);
    if (!r && c->json)
        table_print(c, &t);
    table_clear(&t);
    return r;
}

static int run_freecell(struct ctl *c, const struct args *a, struct err *e)
{
    uint64_t cell = 0, free_kib;
    struct wire_node_get_free_memory_ret r;
    if (opts_exclude(a, "all", "cellno", e) || arg_u64(a, "cellno", &cell, e) || !ctl_conn(c, e))
        return -1;
    if (arg_has(a, "all"))
        return freecell_all(c, e);
    bool one = arg_str(a, "cellno") != NULL;
    if (one ? free_of_cell(c, cell > INT32_MAX ? INT32_MAX : (uint32_t)cell, &free_kib, e)
            : call_node_get_free_memory(c->conn_, &r, e))
        return -1;
    if (!one)
        free_kib = r.freeMem / 1024;
    CLEANUP_FREE char *number = mem_printf("%llu", (unsigned long long)free_kib);
    struct facts f = {0};
    fact_add(&f, "", "free_kib", COL_NUMBER, number);
    if (c->json)
        json_facts_print(&f);
    else if (one)
        printf("%llu: %s KiB\n", (unsigned long long)cell, number);
    else
        printf("Total: %s KiB\n", number);
    facts_clear(&f);
    return 0;
}

/* ---- pages ---- */

static int pages_print(struct ctl *c, uint32_t cell, uint32_t *sizes, size_t n, struct table *json,
                       struct err *e)
{
    struct wire_node_get_free_pages_args args = {sizes, n, (int)cell, 1, 0};
    struct wire_node_get_free_pages_ret r;
    if (call_node_get_free_pages(c->conn_, &args, &r, e))
        return -1;
    for (size_t i = 0; i < n && i < r.n_counts; i++) {
        if (!c->json)
            printf("%uKiB: %lld\n", sizes[i], (long long)r.counts[i]);
        table_addf(json, "%u", cell);
        table_addf(json, "%u", sizes[i]);
        table_addf(json, "%lld", (long long)r.counts[i]);
    }
    wire_clear(&wire_type_node_get_free_pages_ret, &r);
    return 0;
}

static int pages_all(struct ctl *c, uint32_t *wanted, struct table *json, struct err *e)
{
    CLEANUP_FREE uint32_t *cells = NULL, *sizes = NULL;
    size_t n_cells = 0, n_sizes = 0;
    if (capabilities_numbers(c, "cell", "id", &cells, &n_cells, e) ||
        (!wanted && capabilities_numbers(c, "pages", "size", &sizes, &n_sizes, e)))
        return -1;
    for (size_t i = 0; i < n_cells; i++) {
        if (!c->json)
            printf("Node %u:\n", cells[i]);
        if (pages_print(c, cells[i], wanted ? wanted : sizes, wanted ? 1 : n_sizes, json, e))
            return -1;
        if (!c->json)
            putchar('\n');
    }
    return 0;
}

static int run_freepages(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Cell", "cell", COL_NUMBER},
                                      {"Page size", "page_kib", COL_NUMBER},
                                      {"Free", "free", COL_NUMBER}};
    uint64_t cell = 0, bytes = 0;
    if (opts_exclude(a, "all", "cellno", e) || arg_u64(a, "cellno", &cell, e) ||
        opts_size(a, "pagesize", 1024, &bytes, e))
        return -1;
    if (!arg_has(a, "all") && !arg_str(a, "cellno"))
        return fail(e, ERR_INVALID_ARG, "missing cellno argument");
    if (!arg_has(a, "all") && !arg_str(a, "pagesize"))
        return fail(e, ERR_INVALID_ARG, "missing pagesize argument");
    if (cell > INT32_MAX || bytes / 1024 > UINT32_MAX)
        return fail(e, ERR_INVALID_ARG, "cell or page size is out of range");
    if (!ctl_conn(c, e))
        return -1;
    uint32_t size = (uint32_t)(bytes / 1024);
    struct table t = {.cols = cols, .n_cols = 3};
    int r = arg_has(a, "all") ? pages_all(c, arg_str(a, "pagesize") ? &size : NULL, &t, e)
                              : pages_print(c, (uint32_t)cell, &size, 1, &t, e);
    if (!r && c->json)
        table_print(c, &t);
    table_clear(&t);
    return r;
}

static int run_allocpages(struct ctl *c, const struct args *a, struct err *e)
{
    uint64_t cell = 0, bytes = 0, count = 0;
    CLEANUP_FREE uint32_t *cells = NULL;
    size_t n_cells = 1;
    if (opts_exclude(a, "all", "cellno", e) || opts_size(a, "pagesize", 1024, &bytes, e) ||
        arg_u64(a, "pagecount", &count, e) || arg_u64(a, "cellno", &cell, e) || !ctl_conn(c, e))
        return -1;
    if (cell > INT32_MAX || bytes / 1024 > UINT32_MAX)
        return fail(e, ERR_INVALID_ARG, "cell or page size is out of range");
    if (arg_has(a, "all")) {
        n_cells = 0;
        if (capabilities_numbers(c, "cell", "id", &cells, &n_cells, e))
            return -1;
    }
    uint32_t size = (uint32_t)(bytes / 1024);
    struct wire_node_alloc_pages_args args = {&size,
                                              1,
                                              &count,
                                              1,
                                              arg_str(a, "cellno") ? (int)cell
                                              : arg_has(a, "all")  ? 0
                                                                   : -1,
                                              (unsigned)n_cells,
                                              arg_has(a, "add") ? VIR_NODE_ALLOC_PAGES_ADD
                                                                : VIR_NODE_ALLOC_PAGES_SET};
    struct wire_node_alloc_pages_ret r;
    return call_node_alloc_pages(c->conn_, &args, &r, e);
}

static int run_nodesuspend(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const targets[] = {"mem", "disk", "hybrid"};
    uint64_t duration = 0;
    unsigned i = 0;
    while (i < 3 && !str_eq(targets[i], arg_str(a, "target")))
        i++;
    if (i == 3)
        return fail(e, ERR_INVALID_ARG, "Invalid target");
    if (arg_u64(a, "duration", &duration, e) || !ctl_conn(c, e))
        return -1;
    ctl_trying(c, "The host was not suspended");
    return call_node_suspend_for_duration(
        c->conn_, &(struct wire_node_suspend_for_duration_args){i, duration, 0}, e);
}

/* ---- how many CPUs a guest may have ---- */

static int run_maxvcpus(struct ctl *c, const struct args *a, struct err *e)
{
    struct wire_connect_get_domain_capabilities_args args = {.virttype =
                                                                 (char *)arg_str(a, "type")};
    struct wire_connect_get_domain_capabilities_ret caps;
    struct wire_connect_get_max_vcpus_ret r = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    const char *text = NULL;
    uint32_t n;
    if (!ctl_conn(c, e))
        return -1;
    if (!call_connect_get_domain_capabilities(c->conn_, &args, &caps, NULL)) {
        if (!xml_parse(caps.capabilities, strlen(caps.capabilities), NULL, &doc, NULL)) {
            const struct xml *x = xml_child(doc.root, "vcpu");
            text = x ? xml_get(x, "max") : NULL;
        }
        free(caps.capabilities);
    }
    if (text && parse_u32(text, 10, INT32_MAX, &n))
        r.max_vcpus = (int)n;
    else if (call_connect_get_max_vcpus(
                 c->conn_, &(struct wire_connect_get_max_vcpus_args){(char *)arg_str(a, "type")},
                 &r, e))
        return -1;
    struct facts f = {0};
    fact_addf(&f, "", "max_vcpus", COL_NUMBER, "%d", r.max_vcpus);
    if (c->json)
        json_facts_print(&f);
    else
        printf("%d\n", r.max_vcpus);
    facts_clear(&f);
    return 0;
}

extern const struct cmd cmds_node[];
const struct cmd cmds_node[] = {
    {"allocpages", GROUP_HOST, "change the number of huge pages", NULL,
     OPTS(NEED("pagesize", WHAT_TEXT, "KiB, or with a unit: 2M"), NEED_NUM("pagecount", "how many"),
          MAY_NUM("cellno", "of this NUMA cell"), FLAG("add", "so many more"),
          FLAG("all", "of all NUMA cells")),
     run_allocpages},
    {"freecell", GROUP_HOST, "free memory", NULL,
     OPTS(MAY_NUM("cellno", "of this NUMA cell"), FLAG("all", "of each NUMA cell")), run_freecell},
    {"freepages", GROUP_HOST, "free pages", NULL,
     OPTS(MAY_NUM("cellno", "of this NUMA cell"), MAY_NUM("pagesize", "KiB, or with a unit: 2M"),
          FLAG("all", "of all NUMA cells")),
     run_freepages},
    {"maxvcpus", GROUP_HOST, "how many virtual CPUs a domain may have", NULL,
     OPTS(MAY("type", WHAT_TEXT, "kind of domain")), run_maxvcpus},
    {"nodecpumap", GROUP_HOST, "which CPUs the host has", NULL, OPTS(FLAG("pretty", "as a list")),
     run_cpumap},
    {"nodecpustats", GROUP_HOST, "what the host's CPUs have done", NULL,
     OPTS(MAY_NUM("cpu", "only this CPU"), FLAG("percent", "during one second, in percent")),
     run_cpustats},
    {"nodememstats", GROUP_HOST, "how the host's memory is used", NULL,
     OPTS(MAY_NUM("cell", "only of this NUMA cell")), run_memstats},
    {"nodesuspend", GROUP_HOST, "have the host sleep for a time", NULL,
     OPTS(NEED("target", WHAT_TEXT, "mem, disk or hybrid"),
          NEED_NUM("duration", "seconds; at least 60")),
     run_nodesuspend},
    {"sysinfo", GROUP_HOST, "what the host's firmware tells of it", NULL, NULL,
     THIN(.proc = WIRE_CONNECT_GET_SYSINFO, .key = "sysinfo", .trying = "failed to get sysinfo")},
    {0},
};
