/* Changes to a running domain that take effect at once: name, memory, pins, scheduling, triggers.
 */
#include "tune.h"

#include "base/uuid.h"

static const libxl_trigger triggers[] = {
    [HV_TRIGGER_POWER] = LIBXL_TRIGGER_POWER,
    [HV_TRIGGER_SLEEP] = LIBXL_TRIGGER_SLEEP,
    [HV_TRIGGER_NMI] = LIBXL_TRIGGER_NMI,
};

int tune_trigger(struct hv *h, uint32_t domid, enum hv_trigger t, struct err *e)
{
    bool over;
    capture_reset(&h->log.here);
    return ops_answer(h, domid, xl_trigger(h->ctx, domid, triggers[t], NULL, &over), "trigger", e);
}

int tune_rename(struct hv *h, uint32_t domid, const char *name, struct err *e)
{
    capture_reset(&h->log.here);
    return ops_answer(h, domid, libxl_domain_rename(h->ctx, domid, NULL, name), "rename", e);
}

/* libxl appends to the old name; another one takes a second step. */
int tune_preserve(struct hv *h, uint32_t domid, const char *name, const uint8_t uuid[16],
                  struct err *e)
{
    CLEANUP_FREE char *old = NULL;
    if (info_name(h, domid, &old, e))
        return -1;
    if (!old)
        return fail(e, ERR_OPERATION_FAILED, "domain %u has no name", domid);
    bool appended = str_starts(name, old);
    libxl_domain_create_info info;
    libxl_domain_create_info_init(&info);
    info.name = mem_str(old);
    libxl_uuid id;
    libxl_uuid_copy(h->ctx, &id, &info.uuid);
    memcpy(libxl_uuid_bytearray(&id), uuid, UUID_LEN);
    capture_reset(&h->log.here);
    int rc = libxl_domain_preserve(h->ctx, domid, &info,
                                   appended ? name + strlen(old) : "-preserved", id);
    if (!rc && !appended)
        rc = libxl_domain_rename(h->ctx, domid, NULL, name);
    libxl_domain_create_info_dispose(&info);
    return ops_answer(h, domid, rc, "preserve", e);
}

/* Before 4.8 libxl counts KiB in 32 bits. */
static int fits(uint64_t kib, struct err *e)
{
    const uint64_t most = sizeof(xl_memkb) == 8 ? INT64_MAX : INT32_MAX;
    return kib <= most ? 0
                       : fail(e, ERR_INVALID_ARG, "%llu KiB are more than this Xen's libxl can say",
                              (unsigned long long)kib);
}

int tune_memory(struct hv *h, uint32_t domid, uint64_t target_kib, struct err *e)
{
    if (fits(target_kib, e))
        return -1;
    capture_reset(&h->log.here);
    int rc = libxl_set_memory_target(h->ctx, domid, (int64_t)target_kib, 0, 1);
    return ops_answer(h, domid, rc, "set the memory of", e);
}

int tune_memory_max(struct hv *h, uint32_t domid, uint64_t max_kib, struct err *e)
{
    if (fits(max_kib, e))
        return -1;
    capture_reset(&h->log.here);
    int rc = libxl_domain_setmaxmem(h->ctx, domid, (xl_memkb)max_kib);
    return ops_answer(h, domid, rc, "set the memory limit of", e);
}

/* Xen copies a whole host's worth of bits. */
static int map_take(libxl_ctx *ctx, const uint8_t *bits, size_t len, libxl_bitmap *ret)
{
    libxl_bitmap_init(ret);
    if (!bits)
        return 0;
    int rc = libxl_cpu_bitmap_alloc(ctx, ret, 0);
    if (!rc)
        memcpy(ret->map, bits, len < ret->size ? len : ret->size);
    return rc;
}

int tune_pin(struct hv *h, uint32_t domid, uint32_t vcpu, const uint8_t *hard, const uint8_t *soft,
             size_t len, struct err *e)
{
    libxl_bitmap maps[2];
    capture_reset(&h->log.here);
    int rc = map_take(h->ctx, hard, len, &maps[0]);
    int rc2 = map_take(h->ctx, soft, len, &maps[1]);
    if (!rc)
        rc = rc2;
    if (!rc)
        rc = libxl_set_vcpuaffinity(h->ctx, domid, vcpu, hard ? &maps[0] : NULL,
                                    soft ? &maps[1] : NULL);
    libxl_bitmap_dispose(&maps[0]);
    libxl_bitmap_dispose(&maps[1]);
    return ops_answer(h, domid, rc, "pin vcpus of", e);
}

int tune_sched(struct hv *h, uint32_t domid, struct sched *ret, struct err *e)
{
    libxl_domain_sched_params p;
    libxl_domain_sched_params_init(&p);
    capture_reset(&h->log.here);
    int rc = libxl_domain_sched_params_get(h->ctx, domid, &p);
    if (!rc)
        xl_sched_read(&p, ret);
    libxl_domain_sched_params_dispose(&p);
    return ops_answer(h, domid, rc, "read the scheduling of", e);
}

int tune_set_sched(struct hv *h, uint32_t domid, const struct sched *s, struct err *e)
{
    libxl_domain_sched_params p;
    libxl_domain_sched_params_init(&p);
    capture_reset(&h->log.here);
    int rc = 0, r = xl_sched_write(s, &p, e);
    if (!r)
        rc = libxl_domain_sched_params_set(h->ctx, domid, &p);
    libxl_domain_sched_params_dispose(&p);
    return r ? r : ops_answer(h, domid, rc, "set the scheduling of", e);
}
