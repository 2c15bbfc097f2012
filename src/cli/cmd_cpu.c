/* CPU models: what the host has, what guests may have, what fits both. */
#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "opts.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"

/* The CPU descriptions in a file: <cpu> elements, or those of domains and capabilities. */
struct found {
    char **items;
    size_t n;
};

static void found_clear(struct found *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->items[i]);
    free(f->items);
}

static void find(const struct xml *x, struct found *ret)
{
    for (; x; x = x->next) {
        const struct xml *parent = x->parent;
        bool is_mode = str_eq(x->name, "mode") && parent && str_eq(parent->name, "cpu") &&
                       str_eq(xml_get(x, "name"), "host-model");
        bool in_domcaps =
            str_eq(x->name, "cpu") && parent && str_eq(parent->name, "domainCapabilities");
        if (is_mode || (str_eq(x->name, "cpu") && !in_domcaps)) {
            struct str s = {0};
            struct xml_out w = {.s = &s};
            struct xml copy = *x;
            if (is_mode) { /* its contents are a CPU's */
                copy.name = "cpu";
                copy.n_attrs = 0;
            }
            xml_out_tree(&w, &copy);
            char *text = str_take(&s);
            VEC_PUSH(ret->items, ret->n, text);
        } else {
            find(x->child, ret);
        }
    }
}

static int cpus_in(const char *file, const char *text, struct found *ret, struct err *e)
{
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (str_starts(text, "<?"))
        text += strcspn(text, "\n");
    CLEANUP_FREE char *whole = mem_printf("<all>%s</all>", text); /* a file may have several */
    if (xml_parse(whole, strlen(whole), file, &doc, e))
        return -1;
    find(doc.root->child, ret);
    return ret->n ? 0
                  : fail(e, ERR_INVALID_ARG,
                         "File '%s' does not contain any <cpu> element or valid domain XML, host "
                         "capabilities XML, or domain capabilities XML",
                         file);
}

static int compare(struct ctl *c, const struct args *a, char *cpu, int *ret, struct err *e)
{
    static const struct flag_bit bits[] = {{"error", 1}, {"validate", 2}};
    unsigned flags = FLAGS_OF(a, bits);
    struct wire_connect_compare_cpu_ret host;
    struct wire_connect_compare_hypervisor_cpu_ret hv;
    if (str_eq(a->cmd->name, "cpu-compare")) {
        if (call_connect_compare_cpu(c->conn_, &(struct wire_connect_compare_cpu_args){cpu, flags},
                                     &host, e))
            return -1;
        *ret = host.result;
        return 0;
    }
    struct wire_connect_compare_hypervisor_cpu_args args = {(char *)arg_str(a, "emulator"),
                                                            (char *)arg_str(a, "arch"),
                                                            (char *)arg_str(a, "machine"),
                                                            (char *)arg_str(a, "virttype"),
                                                            cpu,
                                                            flags};
    if (call_connect_compare_hypervisor_cpu(c->conn_, &args, &hv, e))
        return -1;
    *ret = hv.result;
    return 0;
}

static int run_compare(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    struct found CLEANUP(found_clear) found = {0};
    const char *file = arg_str(a, "file");
    bool host = str_eq(a->cmd->name, "cpu-compare");
    const char *what = host ? "host CPU" : "the CPU provided by hypervisor on the host";
    int result;
    if (opts_file(a, "file", &text, e) || cpus_in(file, text, &found, e) || !ctl_conn(c, e))
        return -1;
    ctl_trying(c, "Failed to compare %s with %s", host ? "host CPU" : "hypervisor CPU", file);
    if (compare(c, a, found.items[0], &result, e))
        return -1;
    static const char *const words[] = {"incompatible", "identical", "superset"};
    if (c->json)
        json_text_print("result", result >= 0 && result < 3 ? words[result] : "unknown");
    else if (result == 0)
        printf("CPU described in %s is incompatible with %s\n", file, what);
    else if (result == 1)
        printf("CPU described in %s is identical to %s\n", file, what);
    else
        printf("%s is a superset of CPU described in %s\n",
               host ? "Host CPU" : "The CPU provided by hypervisor on the host", file);
    c->what[0] = 0;
    return result > 0 ? 0 : fail(e, ERR_OPERATION_FAILED, "%s", ""); /* said already */
}

static int run_baseline(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"features", 1}, {"migratable", 2}};
    bool host = str_eq(a->cmd->name, "cpu-baseline");
    CLEANUP_FREE char *text = NULL;
    struct found CLEANUP(found_clear) found = {0};
    struct wire_connect_baseline_hypervisor_cpu_ret r; /* that of the other call, too */
    if (opts_file(a, "file", &text, e) || (text && cpus_in(arg_str(a, "file"), text, &found, e)))
        return -1;
    if (!host && arg_str(a, "model")) {
        char *model = mem_printf("<cpu><model>%s</model></cpu>", arg_str(a, "model"));
        VEC_PUSH(found.items, found.n, model);
    }
    if (!ctl_conn(c, e))
        return -1;
    struct wire_connect_baseline_cpu_args plain = {found.items, found.n, FLAGS_OF(a, bits)};
    struct wire_connect_baseline_hypervisor_cpu_args args = {
        .n_xmlCPUs = found.n, .xmlCPUs = found.items, .flags = plain.flags};
    if (!host) {
        args.emulator = (char *)arg_str(a, "emulator");
        args.arch = (char *)arg_str(a, "arch");
        args.machine = (char *)arg_str(a, "machine");
        args.virttype = (char *)arg_str(a, "virttype");
    }
    if (client_call(c->conn_,
                    host ? WIRE_CONNECT_BASELINE_CPU : WIRE_CONNECT_BASELINE_HYPERVISOR_CPU,
                    host ? (void *)&plain : (void *)&args, &r, e))
        return -1;
    int bad = thin_print_xml(c, a, "cpu", r.cpu, e);
    free(r.cpu);
    return bad;
}

static int run_models(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Model", "model", COL_TEXT}};
    struct wire_connect_get_cpu_model_names_ret r;
    if (!ctl_conn(c, e))
        return -1;
    ctl_trying(c, "failed to get CPU model names");
    if (call_connect_get_cpu_model_names(
            c->conn_,
            &(struct wire_connect_get_cpu_model_names_args){(char *)arg_str(a, "arch"), 1, 0}, &r,
            e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 1};
    for (size_t i = 0; i < r.n_models; i++) {
        table_add(&t, r.models[i]);
        if (!c->json)
            puts(r.models[i]);
    }
    if (c->json)
        table_print(c, &t);
    else if (!r.n_models)
        puts("all CPU models are accepted");
    table_clear(&t);
    wire_clear(&wire_type_connect_get_cpu_model_names_ret, &r);
    return 0;
}

#define CPU_FILE NEED("file", WHAT_FILE, "file with XML of CPUs, domains or capabilities")
#define OF_HYPERVISOR \
    MAY("virttype", WHAT_TEXT, "kind of domain: xen"), \
        MAY("emulator", WHAT_FILE, "path of the emulator"), \
        MAY("arch", WHAT_TEXT, "architecture: x86_64"), \
        MAY("machine", WHAT_TEXT, "machine: xenpv, xenfv")
#define OF_RESULT \
    FLAG("features", "name all features"), FLAG("migratable", "only what can be migrated")
#define OF_COMPARISON FLAG("error", "an incompatible CPU is a failure that says why"), OPT_VALIDATE

extern const struct cmd cmds_cpu[];
const struct cmd cmds_cpu[] = {
    {"cpu-baseline", GROUP_HOST, "the CPU that several hosts can give", NULL,
     OPTS(CPU_FILE, OF_RESULT), run_baseline},
    {"cpu-compare", GROUP_HOST, "compare a CPU with the host's", NULL,
     OPTS(CPU_FILE, OF_COMPARISON), run_compare},
    {"cpu-models", GROUP_HOST, "names of CPU models", NULL,
     OPTS(NEED("arch", WHAT_TEXT, "architecture: x86_64")), run_models},
    {"domcapabilities", GROUP_HOST, "what domains may have here", NULL,
     OPTS(MAY("virttype", WHAT_TEXT, "kind of domain: xen"),
          MAY("emulatorbin", WHAT_FILE, "path of the emulator"),
          MAY("arch", WHAT_TEXT, "architecture: x86_64"),
          MAY("machine", WHAT_TEXT, "machine: xenpv, xenpvh, xenfv")),
     THIN(.proc = WIRE_CONNECT_GET_DOMAIN_CAPABILITIES, .key = "capabilities", .line = true,
          .trying = "failed to get emulator capabilities",
          .fills = FILLS({"virttype", "virttype"}, {"emulatorbin", "emulatorbin"}, {"arch", "arch"},
                         {"machine", "machine"}))},
    {"hypervisor-cpu-baseline", GROUP_HOST, "the CPU that hypervisors on several hosts can give",
     NULL,
     OPTS(MAY("file", WHAT_FILE, "file with XML of CPUs, domains or capabilities"), OF_HYPERVISOR,
          OF_RESULT, MAY("model", WHAT_TEXT, "a model to describe")),
     run_baseline},
    {"hypervisor-cpu-compare", GROUP_HOST, "compare a CPU with what the hypervisor can give", NULL,
     OPTS(CPU_FILE, OF_HYPERVISOR, OF_COMPARISON), run_compare},
    {0},
};
