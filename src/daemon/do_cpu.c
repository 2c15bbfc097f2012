/* CPUs: compared with the host's, what several have in common, models by name. */
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/cpu.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

enum {
    COMPARE_FLAGS =
        VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE | VIR_CONNECT_COMPARE_CPU_VALIDATE_XML,
    BASELINE_FLAGS = VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES | VIR_CONNECT_BASELINE_CPU_MIGRATABLE,
    CPU_INCOMPATIBLE = 91, /* virErrorNumber */
};

static int host_cpu(struct call *c, struct cpu_set *ret)
{
    struct hv_host h = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return -1;
    cpu_of_host(&h, ret);
    hv_host_clear(&h);
    return 0;
}

static int compare(struct call *c, const char *xml, uint32_t flags, int *ret)
{
    struct cpu_set host;
    struct cpu_wanted w;
    if (cpu_parse(xml, &w, &c->err) || host_cpu(c, &host))
        return CALL_FAILED;
    *ret = cpu_compare(&host, &w);
    if (*ret == VIR_CPU_COMPARE_INCOMPATIBLE && flags & VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE)
        return fail(&c->err, CPU_INCOMPATIBLE,
                    "the CPU is incompatible with host CPU: it has features that the host lacks");
    return CALL_DONE;
}

static int do_compare(struct call *c)
{
    const struct wire_connect_compare_cpu_args *args = c->args;
    return compare(c, args->xml, args->flags,
                   &((struct wire_connect_compare_cpu_ret *)c->ret)->result);
}

/* Xen's guests run on the CPU that the host has, whatever the machine. */
static int check_machine(struct call *c, const char *arch, const char *virt)
{
    if (arch && !str_eq(arch, "x86_64"))
        return fail(&c->err, ERR_INVALID_ARG, "there are no guests of architecture '%s'", arch);
    if (virt && !str_eq(virt, "xen"))
        return fail(&c->err, ERR_INVALID_ARG, "unknown virttype: %s", virt);
    return 0;
}

static int do_compare_hypervisor(struct call *c)
{
    const struct wire_connect_compare_hypervisor_cpu_args *args = c->args;
    struct wire_connect_compare_hypervisor_cpu_ret *ret = c->ret;
    if (check_machine(c, args->arch, args->virttype))
        return CALL_FAILED;
    return compare(c, args->xmlCPU, args->flags, &ret->result);
}

static int common(struct call *c, char *const *xmls, size_t n, struct cpu_set *ret)
{
    if (!n)
        return fail(&c->err, ERR_INVALID_ARG, "no CPUs given");
    *ret = (struct cpu_set){.words = {[0 ... CPU_WORDS - 1] = UINT32_MAX}};
    for (size_t i = 0; i < n; i++) {
        struct cpu_wanted w;
        if (cpu_parse(xmls[i], &w, &c->err))
            return wrap(&c->err, "CPU %zu", i + 1);
        if (w.is_other_arch)
            return fail(&c->err, ERR_CONFIG_UNSUPPORTED,
                        "CPU %zu is of another architecture than Xen's guests", i + 1);
        for (size_t k = 0; k < CPU_WORDS; k++)
            ret->words[k] &= w.has.words[k];
    }
    return 0;
}

static int baseline(struct call *c, char *const *xmls, size_t n, uint32_t flags, char **ret)
{
    struct cpu_set s;
    CLEANUP_STR struct str out = {0};
    if (common(c, xmls, n, &s))
        return CALL_FAILED;
    if (flags & VIR_CONNECT_BASELINE_CPU_MIGRATABLE)
        s.words[CPU_WORDS - 1] = 0; /* of leaf 0x80000007: its clock cannot move */
    str_add(&out, "<cpu mode='custom' match='exact'>\n");
    if (cpu_write(&s, flags & VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES, "  ", "require", &out,
                  &c->err))
        return CALL_FAILED;
    str_add(&out, "</cpu>\n");
    *ret = str_take(&out);
    return CALL_DONE;
}

static int do_baseline(struct call *c)
{
    const struct wire_connect_baseline_cpu_args *args = c->args;
    return baseline(c, args->xmlCPUs, args->n_xmlCPUs, args->flags,
                    &((struct wire_connect_baseline_cpu_ret *)c->ret)->cpu);
}

static int do_baseline_hypervisor(struct call *c)
{
    const struct wire_connect_baseline_hypervisor_cpu_args *args = c->args;
    struct wire_connect_baseline_hypervisor_cpu_ret *ret = c->ret;
    if (check_machine(c, args->arch, args->virttype))
        return CALL_FAILED;
    return baseline(c, args->xmlCPUs, args->n_xmlCPUs, args->flags, &ret->cpu);
}

static int do_models(struct call *c)
{
    const struct wire_connect_get_cpu_model_names_args *args = c->args;
    struct wire_connect_get_cpu_model_names_ret *ret = c->ret;
    const char *name;
    if (!str_eq(args->arch, "x86_64") && !str_eq(args->arch, "i686"))
        return fail(&c->err, ERR_INVALID_ARG, "there are no guests of architecture '%s'",
                    args->arch);
    for (size_t i = 0; (name = cpu_model_name(i)); i++, ret->ret++)
        if (args->need_results)
            VEC_PUSH(ret->models, ret->n_models, mem_str(name));
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_CONNECT_COMPARE_CPU, do_compare, COMPARE_FLAGS},
    {WIRE_CONNECT_COMPARE_HYPERVISOR_CPU, do_compare_hypervisor, COMPARE_FLAGS},
    {WIRE_CONNECT_BASELINE_CPU, do_baseline, BASELINE_FLAGS},
    {WIRE_CONNECT_BASELINE_HYPERVISOR_CPU, do_baseline_hypervisor, BASELINE_FLAGS},
    {WIRE_CONNECT_GET_CPU_MODEL_NAMES, do_models},
};
const struct handlers do_cpu_handlers = HANDLERS(rows);
