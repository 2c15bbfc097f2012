/* What Xen itself knows of the host and of its domains: hypercalls, answered at once. */
#include "xl.h"

#include "base/uuid.h"

/* ---- domains ---- */

char *xenstore_read(struct hv *h, const char *fmt, ...)
{
    char path[256];
    va_list al;
    va_start(al, fmt);
    int n = vsnprintf(path, sizeof(path), fmt, al);
    va_end(al);
    if (n < 0 || (size_t)n >= sizeof(path))
        return NULL;
    unsigned len;
    return xs_read(h->xs, XBT_NULL, path, &len);
}

char *backend_path(struct hv *h, uint32_t domid, const char *kind, uint32_t devid)
{
    return xenstore_read(h, "/libxl/%u/device/%s/%u/backend", domid, kind, devid);
}

char *backend_read(struct hv *h, uint32_t domid, const char *kind, uint32_t devid, const char *node)
{
    CLEANUP_FREE char *path = backend_path(h, domid, kind, devid);
    return path ? xenstore_read(h, "%s/%s", path, node) : NULL;
}

/* A domain that is being torn down and that no toolstack knows any more: some backend still holds a
 * page of it. To clients it is gone. */
static bool is_ghost(struct hv *h, const libxl_dominfo *i)
{
    if (!i->dying)
        return false;
    CLEANUP_FREE char *name = xenstore_read(h, "/local/domain/%u/name", i->domid);
    return name == NULL;
}

static enum hv_run run_of(struct hv *h, const libxl_dominfo *i)
{
    if (i->dying || domain_is_leaving(h, i))
        return HV_DYING;
    if (i->shutdown)
        return HV_SHUTDOWN;
    if (i->paused)
        return HV_PAUSED;
    return i->running ? HV_RUNNING : HV_BLOCKED;
}

static enum guest_type type_of(const libxl_dominfo *i)
{
    switch (i->domain_type) {
    case LIBXL_DOMAIN_TYPE_HVM:
        return GUEST_HVM;
#if XL_TYPE_PVH
    case LIBXL_DOMAIN_TYPE_PVH:
        return GUEST_PVH;
#endif
    default:
        return GUEST_PV;
    }
}

static void info_fill(struct hv *h, const libxl_dominfo *i, struct hv_info *ret)
{
    bool reason_known =
        i->shutdown && (int)i->shutdown_reason >= 0 && (int)i->shutdown_reason <= HV_SOFT_RESET;
    *ret = (struct hv_info){
        .domid = i->domid,
        .run = run_of(h, i),
        .reason = reason_known ? (enum hv_reason)i->shutdown_reason : HV_REASON_UNKNOWN,
        .type = type_of(i),
        .mem_kib = i->current_memkb + i->shared_memkb + i->paged_memkb,
        .mem_max_kib = i->max_memkb,
        .cpu_ns = i->cpu_time,
        .vcpus_online = i->vcpu_online,
        .vcpus_max = i->vcpu_max_id + 1,
        .cpupool = i->cpupool,
    };
    memcpy(ret->uuid, libxl_uuid_bytearray_const(&i->uuid), sizeof(ret->uuid));
}

int info_get(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e)
{
    libxl_dominfo i;
    libxl_dominfo_init(&i);
    capture_reset(&h->log.here);
    int rc = libxl_domain_info(h->ctx, &i, domid);
    bool ghost = !rc && is_ghost(h, &i);
    if (!rc && !ghost)
        info_fill(h, &i, ret);
    libxl_dominfo_dispose(&i);
    if (rc == ERROR_DOMAIN_NOTFOUND || ghost)
        return fail(e, ERR_NO_DOMAIN, "no domain with id %u", domid);
    if (rc)
        return xl_fail(e, rc, &h->log.here, NULL, "cannot look at domain %u", domid);
    return 0;
}

int info_list(struct hv *h, struct hv_info **ret, size_t *ret_n, struct err *e)
{
    int n = 0;
    capture_reset(&h->log.here);
    libxl_dominfo *list = libxl_list_domain(h->ctx, &n);
    if (!list)
        return xl_fail(e, ERROR_FAIL, &h->log.here, NULL, "cannot list domains");
    struct hv_info *r = mem_new((size_t)n + 1, sizeof(*r));
    size_t used = 0;
    for (int i = 0; i < n; i++)
        if (!is_ghost(h, &list[i]))
            info_fill(h, &list[i], &r[used++]);
    libxl_dominfo_list_free(list, n);
    *ret = r;
    *ret_n = used;
    return 0;
}

int info_name(struct hv *h, uint32_t domid, char **ret, struct err *e)
{
    char *name = xenstore_read(h, "/local/domain/%u/name", domid);
    struct hv_info i;
    if (!name && info_get(h, domid, &i, e))
        return -1;
    *ret = name;
    return 0;
}

/* A copy of the map, or NULL when it allows every one of n CPUs. */
static uint8_t *cpumap(const libxl_bitmap *map, int n)
{
    bool all = true;
    for (int i = 0; i < n && all; i++)
        all = libxl_bitmap_test(map, i);
    return all ? NULL : mem_dup(map->map, map->size);
}

int info_vcpus(struct hv *h, uint32_t domid, struct hv_vcpu **ret, size_t *ret_n, struct err *e)
{
    int n = 0, n_cpus = 0;
    capture_reset(&h->log.here);
    libxl_vcpuinfo *list = libxl_list_vcpu(h->ctx, domid, &n, &n_cpus);
    if (!list) {
        struct hv_info i;
        if (info_get(h, domid, &i, e))
            return -1;
        return xl_fail(e, ERROR_FAIL, &h->log.here, NULL, "cannot list the vcpus of domain %u",
                       domid);
    }
    struct hv_vcpu *r = mem_new((size_t)n + 1, sizeof(*r));
    for (int i = 0; i < n; i++) {
        const libxl_vcpuinfo *v = &list[i];
        r[i] = (struct hv_vcpu){
            .number = v->vcpuid,
            .is_online = v->online,
            .is_running = v->running,
            .is_blocked = v->blocked,
            .cpu = v->online ? v->cpu : UINT32_MAX,
            .cpu_ns = v->vcpu_time,
            .hard = cpumap(&v->cpumap, n_cpus),
            .soft = cpumap(&v->cpumap_soft, n_cpus),
            .map_len = v->cpumap.size,
        };
    }
    libxl_vcpuinfo_list_free(list, n);
    *ret = r;
    *ret_n = (size_t)n;
    return 0;
}
