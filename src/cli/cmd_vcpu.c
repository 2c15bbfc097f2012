/* Memory and virtual CPUs of guests. */
#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "cpus.h"
#include "lookup.h"
#include "opts.h"
#include "params.h"
#include "thin.h"
#include "wire/consts.h"

/* ---- memory ---- */

static int run_setmem(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    bool max = str_eq(a->cmd->name, "setmaxmem");
    uint64_t bytes = 0;
    unsigned flags;
    if (opts_affect(a, &flags, e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        opts_size(a, "size", 1024, &bytes, e))
        return -1;
    if (!flags && !arg_has(a, "current"))
        flags = max ? 0 : VIR_DOMAIN_AFFECT_LIVE; /* with no word it is the running guest's */
    if (max)
        ctl_trying(c, "Unable to change MaxMemorySize");
    return call_domain_set_memory_flags(
        c->conn_,
        &(struct wire_domain_set_memory_flags_args){d, bytes / 1024,
                                                    flags | (max ? VIR_DOMAIN_MEM_MAXIMUM : 0)},
        e);
}

/* ---- how many ---- */

static int run_setvcpus(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"maximum", VIR_DOMAIN_VCPU_MAXIMUM},
                                           {"guest", VIR_DOMAIN_VCPU_GUEST},
                                           {"hotpluggable", VIR_DOMAIN_VCPU_HOTPLUGGABLE}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t count = 0;
    unsigned flags, affect;
    if (opts_affect(a, &affect, e) || opts_exclude(a, "guest", "config", e) ||
        lookup_domain(c, a, BY_ANY, &d, e) || arg_u64(a, "count", &count, e))
        return -1;
    if (!count || count > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "Can't set %llu processors for a VM",
                    (unsigned long long)count);
    flags = affect | FLAGS_OF(a, bits);
    if (!flags && !arg_has(a, "current"))
        return call_domain_set_vcpus(c->conn_,
                                     &(struct wire_domain_set_vcpus_args){d, (unsigned)count}, e);
    return call_domain_set_vcpus_flags(
        c->conn_, &(struct wire_domain_set_vcpus_flags_args){d, (unsigned)count, flags}, e);
}

static int count_of(struct ctl *c, const struct wire_domain *d, unsigned flags, struct err *e)
{
    struct wire_domain_get_vcpus_flags_ret r;
    return call_domain_get_vcpus_flags(c->conn_,
                                       &(struct wire_domain_get_vcpus_flags_args){*d, flags}, &r, e)
               ? -1
               : r.num;
}

static void count_print(struct ctl *c, const struct wire_domain *d)
{
    static const struct {
        const char *which, *where, *key;
        unsigned flags;
        bool active;
    } rows[] = {
        {"maximum", "config", "maximum_config", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_CONFIG,
         false},
        {"maximum", "live", "maximum_live", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_LIVE, true},
        {"current", "config", "current_config", VIR_DOMAIN_VCPU_CONFIG, false},
        {"current", "live", "current_live", VIR_DOMAIN_VCPU_LIVE, true},
    };
    int active = object_number(c, WIRE_DOMAIN_IS_ACTIVE, OBJ_DOMAIN, d, NULL);
    int kept = object_number(c, WIRE_DOMAIN_IS_PERSISTENT, OBJ_DOMAIN, d, NULL);
    struct facts f = {0};
    for (size_t i = 0; i < 4; i++) {
        int n = (rows[i].active ? active : kept) > 0 ? count_of(c, d, rows[i].flags, NULL) : -1;
        if (n < 0)
            continue;
        if (c->json)
            fact_addf(&f, "", rows[i].key, COL_NUMBER, "%d", n);
        else
            printf("%-12s %-12s %3d\n", rows[i].which, rows[i].where, n);
    }
    if (c->json)
        json_facts_print(&f);
    facts_clear(&f);
}

static int run_vcpucount(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"maximum", VIR_DOMAIN_VCPU_MAXIMUM},
                                           {"guest", VIR_DOMAIN_VCPU_GUEST}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    unsigned affect;
    if (opts_affect(a, &affect, e) || opts_exclude(a, "active", "maximum", e) ||
        lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    unsigned flags = affect | FLAGS_OF(a, bits);
    if (!flags && !arg_has(a, "active") && !arg_has(a, "current")) {
        count_print(c, &d);
        return 0;
    }
    int n = count_of(c, &d, flags, e);
    if (n < 0)
        return -1;
    CLEANUP_FREE char *text = mem_printf("%d", n);
    text_print(c, "vcpus", text);
    return 0;
}

/* ---- where ---- */

static void vcpu_print(struct ctl *c, const struct wire_vcpu_info *v, const uint8_t *map, int cpus,
                       bool pretty, struct json_rows *json)
{
    static const char *const states[] = {"offline", "running", "blocked"};
    CLEANUP_FREE char *list = cpus_list(map, cpus), *letters = cpus_letters(map, cpus);
    const char *state = v->state >= 0 && v->state < 3 ? states[v->state] : "no state";
    CLEANUP_FREE char *number = mem_printf("%u", v->number), *cpu = mem_printf("%d", v->cpu);
    CLEANUP_FREE char *ns = mem_printf("%llu", (unsigned long long)v->cpu_time);
    if (json) {
        json_rows_object(json);
        json_rows_set(json, "vcpu", COL_NUMBER, number);
        json_rows_set(json, "cpu", COL_NUMBER, v->cpu < 0 ? NULL : cpu);
        json_rows_set(json, "state", COL_TEXT, state);
        json_rows_set(json, "cpu_time_ns", COL_NUMBER, ns);
        json_rows_set(json, "affinity", COL_TEXT, list);
        return;
    }
    printf("%-15s %u\n", "VCPU:", v->number);
    printf("%-15s %s\n", "CPU:", v->cpu < 0 ? "N/A" : cpu);
    printf("%-15s %s\n", "State:", state);
    if (v->cpu_time)
        printf("%-15s %.1lfs\n", "CPU time:", (double)v->cpu_time / 1e9);
    if (pretty)
        printf("%-15s %s (out of %d)\n", "CPU Affinity:", list, cpus);
    else
        printf("%-15s %s\n", "CPU Affinity:", letters);
}

/* One that does not run has no state; only where its vcpus may go. */
static int pins_of(struct ctl *c, const struct wire_domain *d, unsigned flags, int cpus,
                   struct wire_domain_get_vcpu_pin_info_ret *ret, struct err *e)
{
    if (flags & VIR_DOMAIN_AFFECT_LIVE && d->id < 0)
        return fail(e, ERR_OPERATION_INVALID, "cannot get vcpupin for offline domain");
    int n = count_of(c, d, flags | VIR_DOMAIN_VCPU_MAXIMUM, e);
    return n < 0 || call_domain_get_vcpu_pin_info(c->conn_,
                                                  &(struct wire_domain_get_vcpu_pin_info_args){
                                                      *d, n, cpus_bytes(cpus), flags},
                                                  ret, e)
               ? -1
               : 0;
}

static int vcpuinfo_off(struct ctl *c, const struct wire_domain *d, int cpus, bool pretty,
                        struct json_rows *json, struct err *e)
{
    struct wire_domain_get_vcpu_pin_info_ret r;
    size_t bytes = (size_t)cpus_bytes(cpus);
    int n = count_of(c, d, VIR_DOMAIN_VCPU_CONFIG, e);
    if (n < 0 || pins_of(c, d, VIR_DOMAIN_VCPU_CONFIG, cpus, &r, e))
        return -1;
    for (int i = 0; i < n && i < r.num && (size_t)(i + 1) * bytes <= r.n_cpumaps; i++) {
        CLEANUP_FREE char *list = cpus_list(r.cpumaps + (size_t)i * bytes, cpus);
        CLEANUP_FREE char *letters = cpus_letters(r.cpumaps + (size_t)i * bytes, cpus);
        CLEANUP_FREE char *number = mem_printf("%d", i);
        if (json) {
            json_rows_object(json);
            json_rows_set(json, "vcpu", COL_NUMBER, number);
            json_rows_set(json, "affinity", COL_TEXT, list);
            continue;
        }
        printf("%-15s %d\n%-15s N/A\n%-15s N/A\n%-15s N/A\n", "VCPU:", i,
               "CPU:", "State:", "CPU time");
        if (pretty)
            printf("%-15s %s (out of %d)\n", "CPU Affinity:", list, cpus);
        else
            printf("%-15s %s\n", "CPU Affinity:", letters);
        if (i + 1 < n)
            putchar('\n');
    }
    wire_clear(&wire_type_domain_get_vcpu_pin_info_ret, &r);
    return 0;
}

static int vcpuinfo_on(struct ctl *c, const struct wire_domain *d, int cpus, bool pretty,
                       struct json_rows *json, struct err *e)
{
    struct wire_domain_get_info_ret info;
    struct wire_domain_get_vcpus_ret r;
    size_t bytes = (size_t)cpus_bytes(cpus);
    if (call_domain_get_info(c->conn_, &(struct wire_domain_get_info_args){*d}, &info, e) ||
        call_domain_get_vcpus(
            c->conn_, &(struct wire_domain_get_vcpus_args){*d, info.nrVirtCpu, (int)bytes}, &r, e))
        return -1;
    for (size_t i = 0; i < r.n_info && (i + 1) * bytes <= r.n_cpumaps; i++) {
        vcpu_print(c, &r.info[i], r.cpumaps + i * bytes, cpus, pretty, json);
        if (i + 1 < r.n_info && !json)
            putchar('\n');
    }
    wire_clear(&wire_type_domain_get_vcpus_ret, &r);
    return 0;
}

static int run_vcpuinfo(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    int cpus;
    if (lookup_domain(c, a, BY_ANY, &d, e) || cpus_of_host(c, &cpus, e))
        return -1;
    struct json_rows *json = c->json ? json_rows_new() : NULL;
    int r = (d.id < 0 ? vcpuinfo_off : vcpuinfo_on)(c, &d, cpus, arg_has(a, "pretty"), json, e);
    if (json && !r)
        json_rows_print(json, false);
    json_rows_free(json);
    return r;
}

/* Bytes behind the last one that says something are not sent. */
static size_t used_bytes(const uint8_t *map, int cpus)
{
    size_t n = (size_t)cpus_bytes(cpus);
    while (n > 1 && !map[n - 1])
        n--;
    return n;
}

static int pins_print(struct ctl *c, const struct wire_domain *d, unsigned flags, int cpus,
                      uint64_t only, struct err *e)
{
    static const struct col cols[] = {{"VCPU", "vcpu", COL_NUMBER},
                                      {"CPU Affinity", "affinity", COL_TEXT}};
    struct wire_domain_get_vcpu_pin_info_ret r;
    size_t bytes = (size_t)cpus_bytes(cpus);
    if (pins_of(c, d, flags, cpus, &r, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 2};
    for (size_t i = 0; r.num > 0 && i < (size_t)r.num && (i + 1) * bytes <= r.n_cpumaps; i++) {
        CLEANUP_FREE char *list = cpus_list(r.cpumaps + i * bytes, cpus);
        if (only != UINT64_MAX && only != i)
            continue;
        table_addf(&t, "%zu", i);
        table_add(&t, list);
    }
    table_print(c, &t);
    table_clear(&t);
    wire_clear(&wire_type_domain_get_vcpu_pin_info_ret, &r);
    return 0;
}

static int run_vcpupin(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE uint8_t *map = NULL;
    const char *list = arg_str(a, "cpulist");
    uint64_t vcpu = UINT64_MAX;
    unsigned flags;
    int cpus;
    if (opts_affect(a, &flags, e) || arg_u64(a, "vcpu", &vcpu, e))
        return -1;
    if (list && !arg_has(a, "vcpu"))
        return fail(e, ERR_INVALID_ARG, "vcpupin: Missing vCPU number in pin mode.");
    if (cpus_of_host(c, &cpus, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (!list)
        return pins_print(c, &d, flags, cpus, vcpu, e);
    if (vcpu > INT32_MAX)
        return fail(e, ERR_INVALID_ARG, "there is no vcpu '%s'", arg_str(a, "vcpu"));
    if (cpus_parse(list, cpus, &map, e))
        return -1;
    struct wire_domain_pin_vcpu_flags_args args = {d, (unsigned)vcpu, map, used_bytes(map, cpus),
                                                   flags};
    if (flags || arg_has(a, "current"))
        return call_domain_pin_vcpu_flags(c->conn_, &args, e);
    return call_domain_pin_vcpu(
        c->conn_, &(struct wire_domain_pin_vcpu_args){d, args.vcpu, map, args.n_cpumap}, e);
}

static int run_emulatorpin(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE uint8_t *map = NULL;
    const char *list = arg_str(a, "cpulist");
    unsigned flags;
    int cpus;
    if (opts_affect(a, &flags, e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        cpus_of_host(c, &cpus, e))
        return -1;
    if (list) {
        if (cpus_parse(list, cpus, &map, e))
            return -1;
        return call_domain_pin_emulator(
            c->conn_, &(struct wire_domain_pin_emulator_args){d, map, used_bytes(map, cpus), flags},
            e);
    }
    struct wire_domain_get_emulator_pin_info_ret r;
    if (call_domain_get_emulator_pin_info(
            c->conn_, &(struct wire_domain_get_emulator_pin_info_args){d, cpus_bytes(cpus), flags},
            &r, e))
        return -1;
    size_t bytes = (size_t)cpus_bytes(cpus);
    CLEANUP_FREE char *text = r.n_cpumaps >= bytes ? cpus_list(r.cpumaps, cpus) : mem_str("");
    if (c->json)
        json_text_print("affinity", text);
    else
        printf("%s %s\n----------------------------------\n%9s %s\n", "emulator:", "CPU Affinity",
               "*:", text);
    wire_clear(&wire_type_domain_get_emulator_pin_info_ret, &r);
    return 0;
}

static int run_setvcpu(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    unsigned flags;
    if (opts_exclude(a, "enable", "disable", e) || opts_affect(a, &flags, e))
        return -1;
    if (!arg_has(a, "enable") && !arg_has(a, "disable"))
        return fail(e, ERR_INVALID_ARG, "one of --enable, --disable is required");
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    return call_domain_set_vcpu(c->conn_,
                                &(struct wire_domain_set_vcpu_args){
                                    d, (char *)arg_str(a, "vcpulist"), arg_has(a, "enable"), flags},
                                e);
}

extern const struct cmd cmds_vcpu[];
const struct cmd cmds_vcpu[] = {
    {"emulatorpin", GROUP_DOMAIN, "show or set where the emulator runs", NULL,
     OPTS(OPT_DOMAIN, MAY("cpulist", WHAT_TEXT, "host CPUs: 0-3,^2; r for all"), OPT_AFFECT),
     run_emulatorpin},
    {"setmaxmem", GROUP_DOMAIN, "change the most memory that a domain may have", NULL,
     OPTS(OPT_DOMAIN, NEED("size", WHAT_TEXT, "KiB, or with a unit: 2G"), OPT_AFFECT), run_setmem},
    {"setmem", GROUP_DOMAIN, "change the memory of a domain", NULL,
     OPTS(OPT_DOMAIN, NEED("size", WHAT_TEXT, "KiB, or with a unit: 2G"), OPT_AFFECT), run_setmem},
    {"setvcpu", GROUP_DOMAIN, "take single virtual CPUs in and out", NULL,
     OPTS(OPT_DOMAIN, NEED("vcpulist", WHAT_TEXT, "which: 1,3-4"), FLAG("enable", "in"),
          FLAG("disable", "out"), OPT_AFFECT),
     run_setvcpu},
    {"setvcpus", GROUP_DOMAIN, "change the number of virtual CPUs", NULL,
     OPTS(OPT_DOMAIN, NEED_NUM("count", "how many"),
          FLAG("maximum", "the most, from the next start"), OPT_AFFECT,
          FLAG("guest", "by the guest's agent"),
          FLAG("hotpluggable", "so that they can be taken out again")),
     run_setvcpus},
    {"vcpucount", GROUP_DOMAIN, "numbers of virtual CPUs", NULL,
     OPTS(OPT_DOMAIN, FLAG("maximum", "the most"), FLAG("active", "those in use"), OPT_LIVE,
          OPT_CONFIG, OPT_CURRENT, FLAG("guest", "as the guest's agent says")),
     run_vcpucount},
    {"vcpuinfo", GROUP_DOMAIN, "what each virtual CPU does, and where", NULL,
     OPTS(OPT_DOMAIN, FLAG("pretty", "CPUs as a list")), run_vcpuinfo},
    {"vcpupin", GROUP_DOMAIN, "show or set where virtual CPUs run", NULL,
     OPTS(OPT_DOMAIN, MAY_NUM("vcpu", "which one"),
          MAY("cpulist", WHAT_TEXT, "host CPUs: 0-3,^2; r for all"), OPT_AFFECT),
     run_vcpupin},
    {0},
};
