/* What Xen knows of the machine. */
#include "xl.h"

#include <sys/utsname.h>

#include "base/file.h"
#include "base/uuid.h"

int host_free_memory(struct hv *h, uint64_t *ret_kib, struct err *e)
{
    capture_reset(&h->log.here);
    int rc = xl_free_memory(h->ctx, ret_kib);
    return rc ? xl_fail(e, rc, &h->log.here, NULL, "cannot read the free memory") : 0;
}

static void host_physinfo(struct hv_host *ret, const libxl_physinfo *p)
{
    uint64_t page_kib = 4;
    ret->mhz = p->cpu_khz / 1000;
    ret->cpus_online = p->nr_cpus;
    ret->cpus_max = p->max_cpu_id + 1;
    ret->threads_per_core = p->threads_per_core;
    ret->cores_per_socket = p->cores_per_socket;
    uint32_t socket = p->threads_per_core * p->cores_per_socket;
    ret->sockets = socket ? (p->nr_cpus + socket - 1) / socket : 1;
    ret->mem_kib = p->total_pages * page_kib;
    ret->free_kib = p->free_pages * page_kib;
    ret->outstanding_kib = p->outstanding_pages * page_kib;
    ret->has_hvm = p->cap_hvm;
    ret->has_iommu = p->cap_hvm_directio;
#ifdef LIBXL_HAVE_PHYSINFO_CAP_PV
    ret->has_pv = p->cap_pv;
#else
    ret->has_pv = true;
#endif
#ifdef LIBXL_HAVE_PHYSINFO_CAP_HAP_SHADOW
    ret->has_hap = p->cap_hap;
    ret->has_shadow = p->cap_shadow;
#else
    ret->has_hap = p->cap_hvm;
    ret->has_shadow = true; /* it was always built in then */
#endif
    for (int i = 0; i < 8; i++)
        ret->hwcap[i] = p->hw_cap[i];
}

static void host_version(struct hv_host *ret, const libxl_version_info *v)
{
    ret->xen_major = (uint32_t)v->xen_version_major;
    ret->xen_minor = (uint32_t)v->xen_version_minor;
    ret->xen_extra = mem_str(v->xen_version_extra);
    ret->capabilities = mem_str(v->capabilities);
    ret->commandline = mem_str(v->commandline);
    const char *extra = v->xen_version_extra ? v->xen_version_extra : "";
    size_t n = *extra == '.' ? strspn(extra + 1, "0123456789") : 0;
    CLEANUP_FREE char *release = mem_strn(n ? extra + 1 : "0", n ? n : 1);
    parse_u32(release, 10, UINT32_MAX, &ret->xen_release);
}

static void host_topology(libxl_ctx *ctx, struct hv_host *ret)
{
    int n = 0;
    ret->cpus = mem_new(ret->cpus_max + 1, sizeof(*ret->cpus));
    for (uint32_t i = 0; i < ret->cpus_max; i++)
        ret->cpus[i] = (struct hv_cpu){UINT32_MAX, UINT32_MAX, UINT32_MAX};
    libxl_cputopology *cpus = libxl_get_cpu_topology(ctx, &n);
    for (int i = 0; cpus && i < n && i < (int)ret->cpus_max; i++)
        ret->cpus[i] = (struct hv_cpu){cpus[i].core, cpus[i].socket, cpus[i].node};
    if (cpus)
        libxl_cputopology_list_free(cpus, n);
    n = 0;
    libxl_numainfo *nodes = libxl_get_numainfo(ctx, &n);
    if (!nodes)
        return;
    ret->nodes = mem_new((size_t)n + 1, sizeof(*ret->nodes));
    ret->n_nodes = (size_t)n;
    for (int i = 0; i < n; i++) {
        struct hv_node *node = &ret->nodes[i];
        bool known = nodes[i].size != LIBXL_NUMAINFO_INVALID_ENTRY;
        node->mem_kib = known ? nodes[i].size / 1024 : 0;
        node->free_kib = known ? nodes[i].free / 1024 : 0;
        if (nodes[i].num_dists == n)
            node->distances = mem_dup(nodes[i].dists, (size_t)n * sizeof(uint32_t));
    }
    libxl_numainfo_list_free(nodes, n);
}

/* The value of the first "key : value" line; caller frees, NULL when there is none. */
static char *proc_value(const char *path, const char *key)
{
    enum { MAX = 1 << 20 };
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read(path, MAX, &text, &len, NULL))
        return NULL;
    const char *at = strstr(text, key);
    at = at ? strchr(at, ':') : NULL;
    if (!at)
        return NULL;
    at += 1 + (at[1] == ' ');
    return mem_strn(at, strcspn(at, "\n"));
}

static void host_machine(struct hv_host *ret)
{
    struct utsname u;
    if (!uname(&u))
        ret->arch = mem_str(u.machine);
    ret->cpu_model = proc_value("/proc/cpuinfo", "model name");
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read("/sys/class/dmi/id/product_uuid", 64, &text, &len, NULL))
        return;
    text[strcspn(text, "\n")] = 0;
    uuid_parse(text, ret->uuid);
}

int host_get(struct hv *h, struct hv_host *ret, struct err *e)
{
    capture_reset(&h->log.here);
    const libxl_version_info *v = libxl_get_version_info(h->ctx);
    libxl_physinfo p;
    libxl_physinfo_init(&p);
    int rc = v ? libxl_get_physinfo(h->ctx, &p) : ERROR_FAIL;
    if (rc) {
        libxl_physinfo_dispose(&p);
        return xl_fail(e, rc, &h->log.here, NULL, "cannot look at the host");
    }
    *ret = (struct hv_host){0};
    host_physinfo(ret, &p);
    libxl_physinfo_dispose(&p);
    host_version(ret, v);
    host_topology(h->ctx, ret);
    host_machine(ret);
    int sched = xl_scheduler(h->ctx);
    ret->scheduler = mem_str(sched >= 0 ? libxl_scheduler_to_string((libxl_scheduler)sched) : NULL);
    return 0;
}
