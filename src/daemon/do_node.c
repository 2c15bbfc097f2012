/* The machine: processors, memory, what the kernel counts. */
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/dispatch.h"
#include "daemon/sysinfo.h"
#include "wire/consts.h"

enum { PROC_BYTES_MAX = 1 << 20, NS_PER_S = 1000000000 };

static int node_host(struct call *c, struct hv_host *ret)
{
    return host_ops(c->daemon->host)->host(host_hv(c->daemon->host), ret, &c->err);
}

static int do_info(struct call *c)
{
    struct wire_node_get_info_ret *ret = c->ret;
    struct hv_host h = {0};
    if (node_host(c, &h))
        return CALL_FAILED;
    snprintf(ret->model, sizeof(ret->model), "%s", h.arch ? h.arch : "");
    ret->memory = h.mem_kib;
    ret->cpus = (int)h.cpus_online;
    ret->mhz = (int)h.mhz;
    ret->nodes = h.n_nodes ? (int)h.n_nodes : 1;
    ret->threads = h.threads_per_core ? (int)h.threads_per_core : 1;
    ret->cores = h.cores_per_socket ? (int)h.cores_per_socket : 1;
    /* sockets a node: clients multiply nodes, sockets, cores and threads for the number of CPUs */
    ret->sockets = (int)h.sockets / ret->nodes;
    if (ret->nodes * ret->sockets * ret->cores * ret->threads < ret->cpus) {
        ret->nodes = ret->sockets = ret->threads = 1;
        ret->cores = ret->cpus;
    }
    hv_host_clear(&h);
    return CALL_DONE;
}

static int do_free_memory(struct call *c)
{
    struct wire_node_get_free_memory_ret *ret = c->ret;
    uint64_t kib;
    if (host_ops(c->daemon->host)->free_memory(host_hv(c->daemon->host), &kib, &c->err))
        return CALL_FAILED;
    ret->freeMem = kib * 1024;
    return CALL_DONE;
}

static int do_cells_free_memory(struct call *c)
{
    const struct wire_node_get_cells_free_memory_args *args = c->args;
    struct wire_node_get_cells_free_memory_ret *ret = c->ret;
    struct hv_host h = {0};
    if (args->maxcells < 0 || args->maxcells > WIRE_NODE_MAX_CELLS)
        return fail(&c->err, ERR_RPC, "%d cells are more than %d", args->maxcells,
                    WIRE_NODE_MAX_CELLS);
    if (node_host(c, &h))
        return CALL_FAILED;
    size_t start = args->startCell < 0 ? SIZE_MAX : (size_t)args->startCell;
    int r = CALL_DONE;
    if (start >= h.n_nodes)
        r = fail(&c->err, ERR_INVALID_ARG, "start cell %d out of range (0-%zu)", args->startCell,
                 h.n_nodes ? h.n_nodes - 1 : 0);
    for (size_t i = start; i < h.n_nodes && ret->n_cells < (size_t)args->maxcells; i++)
        VEC_PUSH(ret->cells, ret->n_cells, h.nodes[i].free_kib * 1024);
    hv_host_clear(&h);
    return r;
}

/* The empty model, with the NUL that the wire counts. */
static int do_security_model(struct call *c)
{
    struct wire_node_get_security_model_ret *ret = c->ret;
    VEC_PUSH(ret->model, ret->n_model, '\0');
    VEC_PUSH(ret->doi, ret->n_doi, '\0');
    return CALL_DONE;
}

static int do_free_pages(struct call *c)
{
    enum { PAGE_KIB = 4 }; /* Xen counts its free memory in these alone */
    const struct wire_node_get_free_pages_args *args = c->args;
    struct wire_node_get_free_pages_ret *ret = c->ret;
    struct hv_host h = {0};
    if ((uint64_t)args->n_pages * args->cellCount > WIRE_NODE_MAX_CELLS)
        return fail(&c->err, ERR_RPC, "too many cells and sizes asked for");
    for (size_t i = 0; i < args->n_pages; i++)
        if (args->pages[i] != PAGE_KIB)
            return fail(&c->err, ERR_OPERATION_FAILED,
                        "page size %u is not available on this host: Xen counts pages of %d KiB",
                        args->pages[i], PAGE_KIB);
    if (node_host(c, &h))
        return CALL_FAILED;
    int r = CALL_DONE;
    size_t first = args->startCell < 0 ? SIZE_MAX : (size_t)args->startCell;
    if (first >= h.n_nodes)
        r = fail(&c->err, ERR_INVALID_ARG, "start cell %d out of range (0-%zu)", args->startCell,
                 h.n_nodes ? h.n_nodes - 1 : 0);
    for (size_t i = first; !r && i < h.n_nodes && i - first < args->cellCount; i++)
        for (size_t k = 0; k < args->n_pages; k++)
            VEC_PUSH(ret->counts, ret->n_counts, h.nodes[i].free_kib / PAGE_KIB);
    hv_host_clear(&h);
    return r;
}

static int do_sysinfo(struct call *c)
{
    struct wire_connect_get_sysinfo_ret *ret = c->ret;
    CLEANUP_STR struct str out = {0};
    if (sysinfo_write("/sys/class/dmi/id", &out, &c->err))
        return CALL_FAILED;
    ret->sysinfo = str_take(&out);
    return CALL_DONE;
}

/* Of guests: there is no security driver, so each has the empty label. */
static int do_security_label(struct call *c)
{
    const struct wire_domain_get_security_label_args *args = c->args;
    struct wire_domain_get_security_label_ret *ret = c->ret;
    if (!call_guest(c, &args->dom))
        return CALL_FAILED;
    VEC_PUSH(ret->label, ret->n_label, '\0');
    return CALL_DONE;
}

static int do_security_labels(struct call *c)
{
    const struct wire_domain_get_security_label_list_args *args = c->args;
    return call_guest(c, &args->dom) ? CALL_DONE : CALL_FAILED;
}

static int do_cpu_map(struct call *c)
{
    const struct wire_node_get_cpu_map_args *args = c->args;
    struct wire_node_get_cpu_map_ret *ret = c->ret;
    struct hv_host h = {0};
    if (node_host(c, &h))
        return CALL_FAILED;
    uint8_t *map = mem_new((h.cpus_max + 7) / 8 + 1, 1);
    for (uint32_t i = 0; i < h.cpus_max; i++) {
        if (h.cpus && h.cpus[i].node == UINT32_MAX)
            continue;
        map[i / 8] |= (uint8_t)(1u << i % 8);
        ret->online += args->need_online ? 1 : 0;
    }
    ret->ret = (int)h.cpus_max;
    ret->n_cpumap = args->need_map ? (h.cpus_max + 7) / 8 : 0;
    ret->cpumap = map;
    hv_host_clear(&h);
    return CALL_DONE;
}

/* --- what dom0's kernel counts, from /proc --- */

/* The n numbers behind "NAME" at the start of a line. */
static bool proc_numbers(const char *text, const char *name, uint64_t *ret, size_t n)
{
    size_t len = strlen(name);
    const char *p = text;
    while (p && (strncmp(p, name, len) || (p[len] != ' ' && p[len] != ':')))
        p = (p = strchr(p, '\n')) ? p + 1 : NULL;
    if (!p)
        return false;
    p += len + 1;
    for (size_t i = 0; i < n; i++) {
        p += strspn(p, " \t");
        CLEANUP_FREE char *word = mem_strn(p, strcspn(p, " \t\n"));
        if (!parse_u64(word, 10, UINT64_MAX, &ret[i]))
            return false;
        p += strlen(word);
    }
    return true;
}

static int do_cpu_stats(struct call *c)
{
    enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, N_FIELDS };
    const struct wire_node_get_cpu_stats_args *args = c->args;
    struct wire_node_get_cpu_stats_ret *ret = c->ret;
    uint64_t f[N_FIELDS];
    char name[16] = "cpu";
    size_t len;
    CLEANUP_FREE char *text = NULL;
    if (args->cpuNum != VIR_NODE_CPU_STATS_ALL_CPUS)
        snprintf(name, sizeof(name), "cpu%d", args->cpuNum);
    if (file_read("/proc/stat", PROC_BYTES_MAX, &text, &len, &c->err))
        return CALL_FAILED;
    if (!proc_numbers(text, name, f, N_FIELDS))
        return fail(&c->err, ERR_INVALID_ARG, "there is no CPU %d", args->cpuNum);
    uint64_t tick_ns = (uint64_t)NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    const struct {
        const char *field;
        uint64_t ticks;
    } stats[] = {{"kernel", f[SYSTEM]},
                 {"user", f[USER] + f[NICE]},
                 {"idle", f[IDLE]},
                 {"iowait", f[IOWAIT]},
                 {"intr", f[IRQ] + f[SOFTIRQ]}};
    ret->nparams = (int)(sizeof(stats) / sizeof(*stats));
    for (int i = 0; i < ret->nparams && i < args->nparams; i++)
        VEC_PUSH(
            ret->params, ret->n_params,
            ((struct wire_node_get_cpu_stats){mem_str(stats[i].field), stats[i].ticks * tick_ns}));
    return CALL_DONE;
}

/* Of one NUMA node Xen knows less than dom0's kernel of its own memory. */
static int cell_memory(struct call *c, int cell, int room)
{
    struct wire_node_get_memory_stats_ret *ret = c->ret;
    struct hv_host h = {0};
    if (node_host(c, &h))
        return CALL_FAILED;
    int r = CALL_DONE;
    if (cell < 0 || (size_t)cell >= h.n_nodes) {
        r = fail(&c->err, ERR_INVALID_ARG, "there is no NUMA cell %d", cell);
    } else {
        const struct wire_node_get_memory_stats all[] = {{"total", h.nodes[cell].mem_kib},
                                                         {"free", h.nodes[cell].free_kib}};
        ret->nparams = (int)(sizeof(all) / sizeof(*all));
        for (int i = 0; i < ret->nparams && i < room; i++)
            VEC_PUSH(ret->params, ret->n_params,
                     ((struct wire_node_get_memory_stats){mem_str(all[i].field), all[i].value}));
    }
    hv_host_clear(&h);
    return r;
}

static int do_memory_stats(struct call *c)
{
    static const struct {
        const char *field, *name;
    } stats[] = {
        {"total", "MemTotal"}, {"free", "MemFree"}, {"buffers", "Buffers"}, {"cached", "Cached"}};
    const struct wire_node_get_memory_stats_args *args = c->args;
    struct wire_node_get_memory_stats_ret *ret = c->ret;
    size_t len;
    uint64_t kib;
    CLEANUP_FREE char *text = NULL;
    if (args->cellNum != VIR_NODE_MEMORY_STATS_ALL_CELLS)
        return cell_memory(c, args->cellNum, args->nparams);
    if (file_read("/proc/meminfo", PROC_BYTES_MAX, &text, &len, &c->err))
        return CALL_FAILED;
    ret->nparams = (int)(sizeof(stats) / sizeof(*stats));
    for (int i = 0; i < ret->nparams && i < args->nparams; i++)
        if (proc_numbers(text, stats[i].name, &kib, 1))
            VEC_PUSH(ret->params, ret->n_params,
                     ((struct wire_node_get_memory_stats){mem_str(stats[i].field), kib}));
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_NODE_GET_INFO, do_info},
    {WIRE_NODE_GET_FREE_MEMORY, do_free_memory},
    {WIRE_NODE_GET_CELLS_FREE_MEMORY, do_cells_free_memory},
    {WIRE_NODE_GET_SECURITY_MODEL, do_security_model},
    {WIRE_NODE_GET_FREE_PAGES, do_free_pages},
    {WIRE_NODE_GET_CPU_MAP, do_cpu_map},
    {WIRE_CONNECT_GET_SYSINFO, do_sysinfo},
    {WIRE_DOMAIN_GET_SECURITY_LABEL, do_security_label},
    {WIRE_DOMAIN_GET_SECURITY_LABEL_LIST, do_security_labels},
    {WIRE_NODE_GET_CPU_STATS, do_cpu_stats},
    {WIRE_NODE_GET_MEMORY_STATS, do_memory_stats},
};
const struct handlers do_node_handlers = HANDLERS(rows);
