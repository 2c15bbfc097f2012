/* Settings that are typed parameters: scheduler, memory, blocks, interfaces, NUMA, the host's page
 * sharing. A row a command says which calls, and which option is which parameter. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "opts.h"
#include "params.h"
#include "wire/consts.h"

enum how { AS_IS, IN_KIB, NUMA_MODE };
struct setting {
    const char *option, *field;
    int type;
    enum how how;
};

struct tune {
    const char *name;
    int get, set;
    const char *device; /* the option that names a device */
    const char *what, *changing;
    const struct setting *settings;
};

#define UNLIMITED UINT64_C(9007199254740991) /* KiB: what stands for no limit */
static const char *const numa_modes[] = {"strict", "preferred", "interleave", "restrictive"};

#define U VIR_TYPED_PARAM_UINT
#define UL VIR_TYPED_PARAM_ULLONG
#define S VIR_TYPED_PARAM_STRING
#define ROWS(...) ((const struct setting[]){__VA_ARGS__, {0}})
static const struct tune tunes[] = {
    {"memtune", WIRE_DOMAIN_GET_MEMORY_PARAMETERS, WIRE_DOMAIN_SET_MEMORY_PARAMETERS, NULL,
     "memory parameters", "Unable to change memory parameters",
     ROWS({"hard-limit", "hard_limit", UL, IN_KIB}, {"soft-limit", "soft_limit", UL, IN_KIB},
          {"swap-hard-limit", "swap_hard_limit", UL, IN_KIB},
          {"min-guarantee", "min_guarantee", UL, IN_KIB})},
    {"blkiotune", WIRE_DOMAIN_GET_BLKIO_PARAMETERS, WIRE_DOMAIN_SET_BLKIO_PARAMETERS, NULL,
     "blkio parameters", "Unable to change blkio parameters",
     ROWS({"weight", "weight", U}, {"device-weights", "device_weight", S},
          {"device-read-iops-sec", "device_read_iops_sec", S},
          {"device-write-iops-sec", "device_write_iops_sec", S},
          {"device-read-bytes-sec", "device_read_bytes_sec", S},
          {"device-write-bytes-sec", "device_write_bytes_sec", S})},
    {"numatune", WIRE_DOMAIN_GET_NUMA_PARAMETERS, WIRE_DOMAIN_SET_NUMA_PARAMETERS, NULL,
     "memory parameters", "Unable to change numa parameters",
     ROWS({"mode", "numa_mode", VIR_TYPED_PARAM_INT, NUMA_MODE}, {"nodeset", "numa_nodeset", S})},
    {"blkdeviotune", WIRE_DOMAIN_GET_BLOCK_IO_TUNE, WIRE_DOMAIN_SET_BLOCK_IO_TUNE, "device",
     "block I/O throttle parameters", "Unable to change block I/O throttle",
     ROWS({"total-bytes-sec", "total_bytes_sec", UL}, {"read-bytes-sec", "read_bytes_sec", UL},
          {"write-bytes-sec", "write_bytes_sec", UL}, {"total-iops-sec", "total_iops_sec", UL},
          {"read-iops-sec", "read_iops_sec", UL}, {"write-iops-sec", "write_iops_sec", UL},
          {"total-bytes-sec-max", "total_bytes_sec_max", UL},
          {"read-bytes-sec-max", "read_bytes_sec_max", UL},
          {"write-bytes-sec-max", "write_bytes_sec_max", UL},
          {"total-iops-sec-max", "total_iops_sec_max", UL},
          {"read-iops-sec-max", "read_iops_sec_max", UL},
          {"write-iops-sec-max", "write_iops_sec_max", UL}, {"size-iops-sec", "size_iops_sec", UL},
          {"group-name", "group_name", S},
          {"total-bytes-sec-max-length", "total_bytes_sec_max_length", UL},
          {"read-bytes-sec-max-length", "read_bytes_sec_max_length", UL},
          {"write-bytes-sec-max-length", "write_bytes_sec_max_length", UL},
          {"total-iops-sec-max-length", "total_iops_sec_max_length", UL},
          {"read-iops-sec-max-length", "read_iops_sec_max_length", UL},
          {"write-iops-sec-max-length", "write_iops_sec_max_length", UL})},
    {"node-memory-tune", WIRE_NODE_GET_MEMORY_PARAMETERS, WIRE_NODE_SET_MEMORY_PARAMETERS, NULL,
     "memory parameters", "Unable to change memory parameters",
     ROWS({"shm-pages-to-scan", "shm_pages_to_scan", U},
          {"shm-sleep-millisecs", "shm_sleep_millisecs", U},
          {"shm-merge-across-nodes", "shm_merge_across_nodes", U})},
};

static int mode_of(const char *word)
{
    for (int i = 0; i < 4; i++)
        if (str_eq(numa_modes[i], word))
            return i;
    uint32_t n;
    return parse_u32(word, 10, 3, &n) ? (int)n : -1;
}

/* One option's value as the parameter that it means. */
static int setting_add(const struct args *a, const struct setting *s, struct params *p,
                       struct err *e)
{
    const char *text = arg_str(a, s->option);
    uint64_t bytes = 0;
    if (!text)
        return 0;
    if (s->how == NUMA_MODE) {
        int mode = mode_of(text);
        if (mode < 0)
            return fail(e, ERR_INVALID_ARG, "Invalid mode: %s", text);
        wire_param_add_int(&p->p, &p->n, s->field, mode);
        return 0;
    }
    if (s->how == IN_KIB) {
        if (str_eq(text, "-1"))
            bytes = UNLIMITED * 1024;
        else if (opts_size(a, s->option, 1024, &bytes, e))
            return -1;
        wire_param_add_uhyper(&p->p, &p->n, s->field, bytes / 1024);
        return 0;
    }
    return param_add_text(p, s->field, s->type, text)
               ? 0
               : fail(e, ERR_INVALID_ARG,
                      "numeric value '%s' for <%s> option is malformed or out of range", text,
                      s->option);
}

static char *tune_text(const struct wire_typed_param *p)
{
    if (p->value.type == VIR_TYPED_PARAM_ULLONG && p->value.ul == UNLIMITED)
        return mem_str("unlimited");
    if (str_eq(p->field, "numa_mode") && p->value.i >= 0 && p->value.i < 4)
        return mem_str(numa_modes[p->value.i]);
    return param_text(p);
}

static int run_tune(struct ctl *c, const struct args *a, struct err *e)
{
    const struct tune *t = tunes;
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_PARAMS struct params p = {0};
    unsigned flags = 0;
    while (!str_eq(t->name, a->cmd->name))
        t++;
    bool is_host = t->get == WIRE_NODE_GET_MEMORY_PARAMETERS;
    if (!is_host && opts_affect(a, &flags, e))
        return -1;
    for (const struct setting *s = t->settings; s->option; s++)
        if (setting_add(a, s, &p, e))
            return -1;
    if (is_host ? !ctl_conn(c, e) : lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    const struct wire_domain *about = is_host ? NULL : &d;
    const char *device = t->device ? arg_str(a, t->device) : NULL;
    if (p.n)
        ctl_trying(c, "%s", t->changing);
    if (p.n)
        return params_set(c, t->set, about, device, flags, &p, e);
    if (params_get(c, t->get, about, device, flags, t->what, &p, e))
        return -1;
    params_print(c, &p, tune_text);
    return 0;
}

/* ---- interfaces: average,peak,burst[,floor] each way ---- */

static int rates_add(const struct args *a, const char *way, struct params *p, struct err *e)
{
    static const char *const parts[] = {"average", "peak", "burst", "floor"};
    const char *text = arg_str(a, way);
    for (size_t i = 0; !str_empty(text) && i < 4; i++) {
        size_t len = strcspn(text, ",");
        CLEANUP_FREE char *number = mem_strn(text, len),
                          *field = mem_printf("%s.%s", way, parts[i]);
        if (len && !param_add_text(p, field, U, number))
            return fail(e, ERR_INVALID_ARG, "%s format is incorrect", way);
        text += len + (text[len] == ',');
    }
    return 0;
}

static int run_domiftune(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_PARAMS struct params p = {0};
    unsigned flags;
    if (opts_affect(a, &flags, e) || rates_add(a, "inbound", &p, e) ||
        rates_add(a, "outbound", &p, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    const char *device = arg_str(a, "interface");
    if (p.n)
        ctl_trying(c, "Unable to set interface parameters");
    if (p.n)
        return params_set(c, WIRE_DOMAIN_SET_INTERFACE_PARAMETERS, &d, device, flags, &p, e);
    if (params_get(c, WIRE_DOMAIN_GET_INTERFACE_PARAMETERS, &d, device, flags,
                   "interface parameters", &p, e))
        return -1;
    params_print(c, &p, param_text);
    return 0;
}

/* ---- the scheduler ---- */

static int sched_get(struct ctl *c, const struct wire_domain *d, int n, unsigned flags,
                     struct params *ret, struct err *e)
{
    struct wire_domain_get_scheduler_parameters_ret r; /* that of the call with flags, too */
    if (flags & VIR_DOMAIN_AFFECT_LIVE || flags & VIR_DOMAIN_AFFECT_CONFIG) {
        if (client_has_feature(c->conn_, VIR_DRV_FEATURE_TYPED_PARAM_STRING))
            flags |= VIR_TYPED_PARAM_STRING_OKAY;
        struct wire_domain_get_scheduler_parameters_flags_args args = {*d, n, flags};
        if (client_call(c->conn_, WIRE_DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS, &args, &r, e))
            return -1;
    } else if (call_domain_get_scheduler_parameters(
                   c->conn_, &(struct wire_domain_get_scheduler_parameters_args){*d, n}, &r, e)) {
        return -1;
    }
    *ret = (struct params){r.params, r.n_params};
    return 0;
}

/* NAME=VALUE with the type that the server's own parameter of that name has. */
static int sched_set_word(const char *word, const struct params *now, struct params *p,
                          struct err *e)
{
    const char *eq = strchr(word, '=');
    CLEANUP_FREE char *name = mem_strn(word, eq ? (size_t)(eq - word) : strlen(word));
    const struct wire_typed_param *was = wire_param_find(now->p, now->n, name);
    if (!eq)
        return fail(e, ERR_INVALID_ARG, "invalid syntax for --set, expecting name=value");
    if (!was)
        return fail(e, ERR_INVALID_ARG, "invalid scheduler option: %s", name);
    return param_add_text(p, name, was->value.type, eq + 1)
               ? 0
               : fail(e, ERR_INVALID_ARG, "invalid value for parameter '%s': '%s'", name, eq + 1);
}

static int sched_wishes(const struct args *a, const struct params *now, struct params *p,
                        struct err *e)
{
    static const char *const named[] = {"weight", "cap"};
    for (size_t i = 0; i < 2; i++) {
        if (!arg_str(a, named[i]))
            continue;
        CLEANUP_FREE char *word = mem_printf("%s=%s", named[i], arg_str(a, named[i]));
        if (sched_set_word(word, now, p, e))
            return -1;
    }
    for (size_t i = 0; i < a->n_more; i++)
        if (sched_set_word(a->more[i], now, p, e))
            return -1;
    return 0;
}

static int sched_set(struct ctl *c, const struct wire_domain *d, unsigned flags,
                     const struct params *p, struct err *e)
{
    return params_set(c,
                      flags ? WIRE_DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS
                            : WIRE_DOMAIN_SET_SCHEDULER_PARAMETERS,
                      d, NULL, flags, p, e);
}

static void sched_print(struct ctl *c, const char *type, const struct params *p)
{
    struct facts f = {0};
    fact_add(&f, "Scheduler", "scheduler", COL_TEXT, type);
    for (size_t i = 0; i < p->n; i++) {
        CLEANUP_FREE char *value = param_text(&p->p[i]);
        fact_add(&f, p->p[i].field, p->p[i].field, param_kind(&p->p[i]), value);
    }
    facts_print(c, &f, 0);
    facts_clear(&f);
}

static int run_schedinfo(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_PARAMS struct params now = {0}, wish = {0};
    struct wire_domain_get_scheduler_type_ret type = {0};
    unsigned flags;
    if (opts_affect(a, &flags, e) || lookup_domain(c, a, BY_ANY, &d, e) ||
        call_domain_get_scheduler_type(c->conn_, &(struct wire_domain_get_scheduler_type_args){d},
                                       &type, e))
        return -1;
    CLEANUP_FREE char *name = type.type;
    if (!c->json)
        printf("%-15s: %s\n", "Scheduler", name[0] ? name : "Unknown");
    if (sched_get(c, &d, type.nparams, flags, &now, e) || sched_wishes(a, &now, &wish, e))
        return -1;
    if (wish.n) {
        if (sched_set(c, &d, flags, &wish, e))
            return -1;
        params_clear(&now);
        if (sched_get(c, &d, type.nparams, flags, &now, e))
            return -1;
    }
    if (c->json)
        sched_print(c, name, &now);
    else
        params_print(c, &now, param_text);
    return 0;
}

#define LIMIT(name, help) MAY_NUM(name, help)
extern const struct cmd cmds_tune[];
const struct cmd cmds_tune[] = {
    {"blkdeviotune", GROUP_DOMAIN, "show or set a disk's I/O limits", NULL,
     OPTS(OPT_DOMAIN, NEED("device", WHAT_TEXT, "the disk"),
          LIMIT("total-bytes-sec", "bytes a second, both ways"),
          LIMIT("read-bytes-sec", "bytes read a second"),
          LIMIT("write-bytes-sec", "bytes written a second"),
          LIMIT("total-iops-sec", "operations a second"), LIMIT("read-iops-sec", "reads a second"),
          LIMIT("write-iops-sec", "writes a second"),
          LIMIT("total-bytes-sec-max", "highest bytes a second"),
          LIMIT("read-bytes-sec-max", "highest bytes read a second"),
          LIMIT("write-bytes-sec-max", "highest bytes written a second"),
          LIMIT("total-iops-sec-max", "highest operations a second"),
          LIMIT("read-iops-sec-max", "highest reads a second"),
          LIMIT("write-iops-sec-max", "highest writes a second"),
          LIMIT("size-iops-sec", "bytes of one operation"),
          MAY("group-name", WHAT_TEXT, "group of disks that share the limits"),
          LIMIT("total-bytes-sec-max-length", "seconds of the highest"),
          LIMIT("read-bytes-sec-max-length", "seconds of the highest"),
          LIMIT("write-bytes-sec-max-length", "seconds of the highest"),
          LIMIT("total-iops-sec-max-length", "seconds of the highest"),
          LIMIT("read-iops-sec-max-length", "seconds of the highest"),
          LIMIT("write-iops-sec-max-length", "seconds of the highest"), OPT_AFFECT),
     run_tune},
    {"blkiotune", GROUP_DOMAIN, "show or set weights and limits of disk I/O", NULL,
     OPTS(OPT_DOMAIN, LIMIT("weight", "weight of all its I/O"),
          MAY("device-weights", WHAT_TEXT, "weights: /path/to/device,weight,..."),
          MAY("device-read-iops-sec", WHAT_TEXT, "reads a second: /path/to/device,n,..."),
          MAY("device-write-iops-sec", WHAT_TEXT, "writes a second: /path/to/device,n,..."),
          MAY("device-read-bytes-sec", WHAT_TEXT, "bytes read a second: /path/to/device,n,..."),
          MAY("device-write-bytes-sec", WHAT_TEXT, "bytes written a second: /path/to/device,n,..."),
          OPT_AFFECT),
     run_tune},
    {"domiftune", GROUP_DOMAIN, "show or set an interface's rates", NULL,
     OPTS(OPT_DOMAIN, NEED("interface", WHAT_TEXT, "its name in the host, or its MAC address"),
          MAY("inbound", WHAT_TEXT, "average,peak,burst,floor of what it receives"),
          MAY("outbound", WHAT_TEXT, "average,peak,burst of what it sends"), OPT_AFFECT),
     run_domiftune},
    {"memtune", GROUP_DOMAIN, "show or set memory limits", NULL,
     OPTS(OPT_DOMAIN, LIMIT("hard-limit", "most memory"),
          LIMIT("soft-limit", "most memory when the host lacks it"),
          LIMIT("swap-hard-limit", "most memory and swap"), LIMIT("min-guarantee", "least memory"),
          OPT_AFFECT),
     run_tune},
    {"node-memory-tune", GROUP_HOST, "show or set how the host shares pages", NULL,
     OPTS(LIMIT("shm-pages-to-scan", "pages to look at before it sleeps"),
          LIMIT("shm-sleep-millisecs", "milliseconds that it sleeps"),
          LIMIT("shm-merge-across-nodes", "whether pages of several nodes are merged")),
     run_tune},
    {"numatune", GROUP_DOMAIN, "show or set NUMA placement", NULL,
     OPTS(OPT_DOMAIN, MAY("mode", WHAT_TEXT, "strict, preferred, interleave or restrictive"),
          MAY("nodeset", WHAT_TEXT, "nodes: 0,2-3"), OPT_AFFECT),
     run_tune},
    {"schedinfo", GROUP_DOMAIN, "show or set scheduler parameters", NULL,
     OPTS(OPT_DOMAIN, {"weight", OPT_NUM, OPT_NAMED, WHAT_TEXT, "weight (credit, credit2)"},
          {"cap", OPT_NUM, OPT_NAMED, WHAT_TEXT, "cap in percent of a CPU (credit, credit2)"},
          OPT_CURRENT, OPT_CONFIG, OPT_LIVE,
          {"set", OPT_ARGV, 0, WHAT_TEXT, "parameter=value, of any the scheduler has"}),
     run_schedinfo},
    {0},
};
