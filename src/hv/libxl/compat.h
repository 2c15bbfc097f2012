/* One code base for the libxl of every Xen from 4.6 on: what changed between releases is bridged
 * here, by LIBXL_HAVE_* only. LIBXL_API_VERSION is left undefined, so each release shows its newest
 * form. Fields that came without a macro of their own hang on a neighbour of the same release. */
#pragma once
#include <stddef.h> /* xenstore_lib.h of 4.6 names size_t before it is there */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef" /* libxl.h tests LIBXL_API_VERSION without defined() */
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare" /* the bitmap loops of libxl_utils.h */
#define uuid_parse xl_libuuid_parse /* libxl_uuid.h of 4.6 brings libuuid's, base/uuid.h has ours */
#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>
#undef uuid_parse
#pragma GCC diagnostic pop
#pragma GCC diagnostic ignored "-Wunused-parameter" /* one signature, not all need all of it */

/* 4.10: domain type PVH (no macro); 4.11: u.pvh; */
#ifdef LIBXL_HAVE_BUILDINFO_APIC
#define XL_TYPE_PVH 1
#define XL_DM_RESTRICT 1
#else
#define XL_TYPE_PVH 0
#define XL_DM_RESTRICT 0
#endif

#ifdef LIBXL_HAVE_PV_SHIM
#define XL_PVH_UNION 1
#else
#define XL_PVH_UNION 0
#endif

#ifdef LIBXL_HAVE_MEMKB_64BITS /* 4.8; b_info.acpi came with it */
#define XL_BUILDINFO_ACPI 1
typedef uint64_t xl_memkb;
#else
#define XL_BUILDINFO_ACPI 0
typedef uint32_t xl_memkb;
#endif

#ifdef LIBXL_HAVE_CREATEINFO_DOMID /* 4.14: stubdomain_kernel, _ramdisk, _memkb */
#define XL_STUBDOMAIN 1
#else
#define XL_STUBDOMAIN 0
#endif

/* Numbers that never change, named by libxl later than 4.6. */
#define XL_USBCTRL_DEVICEMODEL ((libxl_usbctrl_type)2)
#define XL_USBCTRL_QUSB ((libxl_usbctrl_type)3)

#ifdef LIBXL_HAVE_FN_USING_QMP_ASYNC /* 4.13: ao_how for these */
#define XL_AO(how) , (how)
#define XL_HAS_QMP_AO 1
#else
#define XL_AO(how)
#define XL_HAS_QMP_AO 0
#endif

static inline int xl_pause(libxl_ctx *ctx, uint32_t domid)
{
    return libxl_domain_pause(ctx, domid XL_AO(NULL));
}

/* Those that can wait: before 4.13 they answer at once, and the caller calls how->callback itself;
 * *ret_over says so. */
static inline int xl_shutdown(libxl_ctx *ctx, uint32_t domid, bool reboot,
                              const libxl_asyncop_how *how, bool *ret_over)
{
    *ret_over = !XL_HAS_QMP_AO;
    return reboot ? libxl_domain_reboot(ctx, domid XL_AO(how))
                  : libxl_domain_shutdown(ctx, domid XL_AO(how));
}

static inline int xl_trigger(libxl_ctx *ctx, uint32_t domid, libxl_trigger trigger,
                             const libxl_asyncop_how *how, bool *ret_over)
{
    *ret_over = !XL_HAS_QMP_AO;
    return libxl_send_trigger(ctx, domid, trigger, 0 XL_AO(how));
}

static inline int xl_unpause(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *how,
                             bool *ret_over)
{
    *ret_over = !XL_HAS_QMP_AO;
    return libxl_domain_unpause(ctx, domid XL_AO(how));
}

static inline int xl_vcpus_online(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *map,
                                  const libxl_asyncop_how *how, bool *ret_over)
{
    *ret_over = !XL_HAS_QMP_AO;
    return libxl_set_vcpuonline(ctx, domid, map XL_AO(how));
}

#ifdef LIBXL_HAVE_QEMU_MONITOR_COMMAND
static inline int xl_monitor(libxl_ctx *ctx, uint32_t domid, const char *line, char **ret)
{
    return libxl_qemu_monitor_command(ctx, domid, line, ret XL_AO(NULL));
}
#endif

static inline int xl_retrieve(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *ret)
{
    return libxl_retrieve_domain_configuration(ctx, domid, ret XL_AO(NULL));
}

static inline int xl_restore(libxl_ctx *ctx, libxl_domain_config *dc, uint32_t *domid, int fd,
                             const libxl_domain_restore_params *params,
                             const libxl_asyncop_how *how)
{
#ifdef LIBXL_HAVE_DOMAIN_CREATE_RESTORE_SEND_BACK_FD
    return libxl_domain_create_restore(ctx, dc, domid, fd, -1, params, how, NULL);
#else
    return libxl_domain_create_restore(ctx, dc, domid, fd, params, how, NULL);
#endif
}

static inline int xl_free_memory(libxl_ctx *ctx, uint64_t *ret_kib)
{
    xl_memkb kib = 0;
    int rc = libxl_get_free_memory(ctx, &kib);
    *ret_kib = kib;
    return rc;
}

static inline int xl_memory_target(libxl_ctx *ctx, uint32_t domid, uint64_t *ret_kib)
{
    xl_memkb kib = 0;
    int rc = libxl_get_memory_target(ctx, domid, &kib);
    *ret_kib = kib;
    return rc;
}

/* What building a guest takes, with its overhead. */
static inline int xl_need_memory(libxl_ctx *ctx, libxl_domain_config *dc, uint64_t *ret_kib)
{
    xl_memkb kib = 0;
#ifdef LIBXL_HAVE_DOMAIN_NEED_MEMORY_CONFIG
    int rc = libxl_domain_need_memory(ctx, dc, (uint32_t)INVALID_DOMID, &kib);
#else
    int rc = libxl_domain_need_memory(ctx, &dc->b_info, &kib);
#endif
    *ret_kib = kib;
    return rc;
}

static inline int xl_scheduler(libxl_ctx *ctx)
{
    return (int)libxl_get_scheduler(ctx);
}
