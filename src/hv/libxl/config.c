/* A guest's configuration between the model and libxl: one row a member, both ways. What needs more
 * than a row is a hook: here, in config_boot.c, cpus.c and the devices' files. */
#include "config.h"
#include "cpus.h"
#include "devices.h"
#include "model/floppy.h"
#include "tune.h"

#define PAIRS(name) static const struct map_pair name[]
PAIRS(types) = {
    {GUEST_PV, LIBXL_DOMAIN_TYPE_PV},
    {GUEST_HVM, LIBXL_DOMAIN_TYPE_HVM},
#if XL_TYPE_PVH
    {GUEST_PVH, LIBXL_DOMAIN_TYPE_PVH},
#endif
};
PAIRS(actions) = {
    {LIFE_DESTROY, LIBXL_ACTION_ON_SHUTDOWN_DESTROY},
    {LIFE_RESTART, LIBXL_ACTION_ON_SHUTDOWN_RESTART},
    {LIFE_RENAME_RESTART, LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME},
    {LIFE_PRESERVE, LIBXL_ACTION_ON_SHUTDOWN_PRESERVE},
    {LIFE_COREDUMP_DESTROY, LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_DESTROY},
    {LIFE_COREDUMP_RESTART, LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_RESTART},
#ifdef LIBXL_HAVE_SOFT_RESET
    {LIFE_SOFT_RESET, LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET},
#endif
};
PAIRS(dm_versions) = {
#ifndef LIBXL_HAVE_ALTP2M_COUNT /* gone with 4.21 */
    {DM_QEMU_XEN_TRADITIONAL, LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN_TRADITIONAL},
#endif
    {DM_QEMU_XEN, LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN},
#ifdef LIBXL_HAVE_DEVICE_MODEL_VERSION_NONE
    {DM_NONE, LIBXL_DEVICE_MODEL_VERSION_NONE},
#endif
};
PAIRS(timer_modes) = {
    {TIMER_MODE_DELAY_FOR_MISSED_TICKS, LIBXL_TIMER_MODE_DELAY_FOR_MISSED_TICKS},
    {TIMER_MODE_NO_DELAY_FOR_MISSED_TICKS, LIBXL_TIMER_MODE_NO_DELAY_FOR_MISSED_TICKS},
    {TIMER_MODE_NO_MISSED_TICKS_PENDING, LIBXL_TIMER_MODE_NO_MISSED_TICKS_PENDING},
    {TIMER_MODE_ONE_MISSED_TICK_PENDING, LIBXL_TIMER_MODE_ONE_MISSED_TICK_PENDING},
};
PAIRS(schedulers) = {
    {SCHED_SEDF, LIBXL_SCHEDULER_SEDF},       {SCHED_CREDIT, LIBXL_SCHEDULER_CREDIT},
    {SCHED_CREDIT2, LIBXL_SCHEDULER_CREDIT2}, {SCHED_ARINC653, LIBXL_SCHEDULER_ARINC653},
    {SCHED_UNKNOWN, LIBXL_SCHEDULER_UNKNOWN}, {SCHED_RTDS, LIBXL_SCHEDULER_RTDS},
#ifdef LIBXL_HAVE_SCHED_NULL
    {SCHED_NULL, LIBXL_SCHEDULER_NULL},
#endif
};
PAIRS(hdtypes) = {{HDTYPE_IDE, LIBXL_HDTYPE_IDE}, {HDTYPE_AHCI, LIBXL_HDTYPE_AHCI}};
PAIRS(vendor_devices) = {{VENDOR_DEVICE_NONE, LIBXL_VENDOR_DEVICE_NONE},
                         {VENDOR_DEVICE_XENSERVER, LIBXL_VENDOR_DEVICE_XENSERVER}};
#ifdef LIBXL_HAVE_GFX_PASSTHRU_KIND
PAIRS(gfx_kinds) = {{GFX_PASSTHRU_DEFAULT, LIBXL_GFX_PASSTHRU_KIND_DEFAULT},
                    {GFX_PASSTHRU_IGD, LIBXL_GFX_PASSTHRU_KIND_IGD}};
#endif
PAIRS(rdm_strategies) = {{RDM_IGNORE, LIBXL_RDM_RESERVE_STRATEGY_IGNORE},
                         {RDM_HOST, LIBXL_RDM_RESERVE_STRATEGY_HOST}};
PAIRS(rdm_policies) = {{RDM_STRICT, LIBXL_RDM_RESERVE_POLICY_STRICT},
                       {RDM_RELAXED, LIBXL_RDM_RESERVE_POLICY_RELAXED}};
#ifdef LIBXL_HAVE_CREATEINFO_PASSTHROUGH
PAIRS(passthroughs) = {
    {PASSTHROUGH_DEFAULT, LIBXL_PASSTHROUGH_DEFAULT},
    {PASSTHROUGH_DISABLED, LIBXL_PASSTHROUGH_DISABLED},
    {PASSTHROUGH_ENABLED, LIBXL_PASSTHROUGH_ENABLED},
    {PASSTHROUGH_SYNC_PT, LIBXL_PASSTHROUGH_SYNC_PT},
    {PASSTHROUGH_SHARE_PT, LIBXL_PASSTHROUGH_SHARE_PT},
};
#endif
#ifdef LIBXL_HAVE_QED /* altp2m as an enum came with it */
PAIRS(altp2m_modes) = {{ALTP2M_DISABLED, LIBXL_ALTP2M_MODE_DISABLED},
                       {ALTP2M_MIXED, LIBXL_ALTP2M_MODE_MIXED},
                       {ALTP2M_EXTERNAL, LIBXL_ALTP2M_MODE_EXTERNAL},
                       {ALTP2M_LIMITED, LIBXL_ALTP2M_MODE_LIMITED}};
#endif
PAIRS(gic_versions) = {{GIC_DEFAULT, LIBXL_GIC_VERSION_DEFAULT},
                       {GIC_V2, LIBXL_GIC_VERSION_V2},
                       {GIC_V3, LIBXL_GIC_VERSION_V3}};
#ifdef LIBXL_HAVE_BUILDINFO_ARM_VUART
PAIRS(vuarts) = {{VUART_NONE, LIBXL_VUART_TYPE_UNKNOWN}, {VUART_SBSA, LIBXL_VUART_TYPE_SBSA_UART}};
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_TEE
PAIRS(tees) = {
    {TEE_NONE, LIBXL_TEE_TYPE_NONE},
    {TEE_OPTEE, LIBXL_TEE_TYPE_OPTEE},
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_TEE_FFA
    {TEE_FFA, LIBXL_TEE_TYPE_FFA},
#endif
};
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SCI
PAIRS(arm_scis) = {{ARM_SCI_NONE, LIBXL_ARM_SCI_TYPE_NONE},
                   {ARM_SCI_SMC, LIBXL_ARM_SCI_TYPE_SCMI_SMC}};
#endif

/* Grant limits: a fixed number until 4.12, then "the hypervisor's own". */
#ifdef LIBXL_HAVE_BUILDINFO_GRANT_DEFAULT
#define GRANT_NONE LIBXL_MAX_GRANT_DEFAULT
#define MAPTRACK_NONE LIBXL_MAX_GRANT_DEFAULT
#else
#define GRANT_NONE 32
#define MAPTRACK_NONE 1024
#endif

/* ---- scheduling, also of running guests ---- */

#define M struct sched
#define X libxl_domain_sched_params
static const struct map_row sched_rows[] = {
    L_ENUM(ON_ALL, "scheduler", kind, sched, schedulers, LIBXL_SCHEDULER_UNKNOWN),
    L_NUM(ON_ALL, "cpu_weight", weight, weight, -1),
    L_NUM(ON_ALL, "cap", cap, cap, -1),
    L_NUM(ON_ALL, "period", period, period, -1),
    L_NUM(ON_ALL, "slice", slice, slice, -1),
    L_NUM(ON_ALL, "latency", latency, latency, -1),
    L_NUM(ON_ALL, "budget", budget, budget, -1),
    L_FLAG(ON_ALL, "extratime", extratime, extratime, -1),
};
#undef M
#undef X
static const struct map_table sched_table = {sched_rows, sizeof(sched_rows) / sizeof(*sched_rows),
                                             0, 0, NULL};
static const struct map_env any_guest = {.type = ON_ALL};

void xl_sched_read(const libxl_domain_sched_params *x, struct sched *m)
{
    map_read(&sched_table, &any_guest, x, m);
}

int xl_sched_write(const struct sched *m, libxl_domain_sched_params *x, struct err *e)
{
    return map_write(&sched_table, &any_guest, m, x, e);
}

static int sched_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    return xl_sched_write(&((const struct domain *)from)->sched,
                          &((libxl_domain_config *)to)->b_info.sched_params, e);
}

static void sched_read(const struct map_env *env, const void *from, void *to)
{
    xl_sched_read(&((const libxl_domain_config *)from)->b_info.sched_params,
                  &((struct domain *)to)->sched);
}

/* ---- the whole guest ---- */

#define M struct domain
#define X libxl_domain_config
static const struct map_row domain_rows[] = {
    /* who it is */
    L_ENUM(ON_ALL, "type", type, c_info.type, types, LIBXL_DOMAIN_TYPE_INVALID),
    L_STR(ON_ALL, "name", name, c_info.name),
    L_UUID(ON_ALL, "uuid", uuid, c_info.uuid),
    L_STR(ON_ALL, "pool", pool, c_info.pool_name),
    L_PAIRS(ON_ALL, "xsdata", xsdata, c_info.xsdata),
    L_PAIRS(ON_ALL, "platformdata", platformdata, c_info.platformdata),
    L_BOOL(ON_FULL, "hap", features.hap, c_info.hap),
    L_BOOL(ON_HVM, "oos", oos, c_info.oos),
    L_BOOL(ON_ALL, "run_hotplug_scripts", run_hotplug_scripts, c_info.run_hotplug_scripts),
    L_BOOL(ON_ALL, "driver_domain", driver_domain, c_info.driver_domain),
    L_HOOK(ON_ALL, "seclabel", seclabel),
#ifdef LIBXL_HAVE_CREATEINFO_PASSTHROUGH
    L_ENUM(ON_ALL, "passthrough", features.passthrough, c_info.passthrough, passthroughs,
           LIBXL_PASSTHROUGH_DEFAULT),
#else
    L_ABSENT("passthrough", features.passthrough),
#endif
#ifdef LIBXL_HAVE_CREATEINFO_XEND_SUSPEND_EVTCHN_COMPAT
    L_BOOL(ON_ALL, "xend_suspend_evtchn_compat", xend_suspend_evtchn_compat,
           c_info.xend_suspend_evtchn_compat),
#else
    L_ABSENT("xend_suspend_evtchn_compat", xend_suspend_evtchn_compat),
#endif
#ifdef LIBXL_HAVE_CREATEINFO_PVH
    L_BOOL(ON_PV, "pvh", pvh_v1, c_info.pvh),
#endif

    /* memory and CPUs */
    L_HOOK(ON_ALL, "memory", memory),
    L_HOOK(ON_ALL, "vcpus", vcpus),
    L_HOOK(ON_ALL, "cpus", affinity),
    L_HOOK(ON_ALL, "vnuma", cells),
    L_HOOK(ON_ALL, "scheduling", sched),
    L_BOOL(ON_ALL, "numa_placement", numa_placement, b_info.numa_placement),
    L_BOOL(ON_ALL, "claim_mode", claim_mode, b_info.claim_mode),
    L_NUM(ON_FULL, "shadow_memory", shadow_memory_kib, b_info.shadow_memkb, LIBXL_MEMKB_DEFAULT),
#ifdef LIBXL_HAVE_BUILDINFO_IOMMU_MEMKB
    L_NUM(ON_ALL, "iommu_memory", iommu_memory_kib, b_info.iommu_memkb, LIBXL_MEMKB_DEFAULT),
#endif
    L_NUM(ON_ALL, "max_event_channels", max_event_channels, b_info.event_channels, 0),
#ifdef LIBXL_HAVE_BUILDINFO_GRANT_LIMITS
    L_NUM(ON_ALL, "max_grant_frames", max_grant_frames, b_info.max_grant_frames, GRANT_NONE),
    L_NUM(ON_ALL, "max_maptrack_frames", max_maptrack_frames, b_info.max_maptrack_frames,
          MAPTRACK_NONE),
#else
    L_ABSENT("max_grant_frames", max_grant_frames),
    L_ABSENT("max_maptrack_frames", max_maptrack_frames),
#endif
#ifdef LIBXL_HAVE_MAX_GRANT_VERSION
    L_NUM(ON_ALL, "max_grant_version", max_grant_version, b_info.max_grant_version, -1),
#else
    L_ABSENT("max_grant_version", max_grant_version),
#endif

    /* how it starts */
    L_HOOK(ON_ALL, "kernel", kernel),
    L_STR(ON_ALL, "ramdisk", os.initrd, b_info.ramdisk),
    L_STR(ON_ALL, "device_tree", os.device_tree, b_info.device_tree),
    L_HOOK(ON_ALL, "bootloader", bootloader),
#ifdef LIBXL_HAVE_BOOTLOADER_RESTRICT
    L_BOOL(ON_ALL, "bootloader_restrict", bootloader_restrict, b_info.bootloader_restrict),
    L_STR(ON_ALL, "bootloader_user", bootloader_user, b_info.bootloader_user),
#else
    L_ABSENT("bootloader_restrict", bootloader_restrict),
    L_ABSENT("bootloader_user", bootloader_user),
#endif
    L_STR(ON_ALL, "blkdev_start", blkdev_start, b_info.blkdev_start),
    L_HOOK(ON_HVM, "firmware", firmware),
    L_HOOK(ON_HVM, "boot", boot),
    L_STR(ON_HVM, "smbios_firmware", os.smbios_firmware, b_info.u.hvm.smbios_firmware),
    L_STR(ON_HVM, "acpi_firmware", os.acpi_table, b_info.u.hvm.acpi_firmware),
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
    L_HOOK(ON_HVM, "smbios", smbios),
#else
    L_ABSENT("smbios", smbios),
#endif
#if XL_PVH_UNION
    L_BOOL(ON_PVH, "pvshim", pvshim, b_info.u.pvh.pvshim),
    L_STR(ON_PVH, "pvshim_path", pvshim_path, b_info.u.pvh.pvshim_path),
    L_STR(ON_PVH, "pvshim_cmdline", pvshim_cmdline, b_info.u.pvh.pvshim_cmdline),
    L_STR(ON_PVH, "pvshim_extra", pvshim_extra, b_info.u.pvh.pvshim_extra),
#else
    L_ABSENT("pvshim", pvshim),
#endif

/* what it sees */
#if XL_BUILDINFO_ACPI
    L_BOOL(ON_FULL, "acpi", features.acpi, b_info.acpi),
#else
    L_BOOL(ON_HVM, "acpi", features.acpi, b_info.u.hvm.acpi),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_APIC
    L_BOOL(ON_FULL, "apic", features.apic, b_info.apic),
#else
    L_BOOL(ON_HVM, "apic", features.apic, b_info.u.hvm.apic),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_NESTED_HVM
    L_BOOL(ON_FULL, "nestedhvm", nested_hvm, b_info.nested_hvm),
#else
    L_BOOL(ON_HVM, "nestedhvm", nested_hvm, b_info.u.hvm.nested_hvm),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_TIMER_MODE
    L_ENUM(ON_FULL, "timer_mode", timer_mode, b_info.timer_mode, timer_modes,
           LIBXL_TIMER_MODE_DEFAULT),
#else
    L_ENUM(ON_HVM, "timer_mode", timer_mode, b_info.u.hvm.timer_mode, timer_modes,
           LIBXL_TIMER_MODE_DEFAULT),
#endif
    L_HOOK(ON_ALL, "cpuid", cpuid),
    L_HOOK(ON_ALL, "clock", clock),
    L_HOOK(ON_HVM, "viridian", viridian),
    L_HOOK(ON_HVM, "ms_vm_genid", genid),
    L_BOOL(ON_HVM, "pae", features.pae, b_info.u.hvm.pae),
    L_BOOL(ON_HVM, "acpi_s3", acpi_s3, b_info.u.hvm.acpi_s3),
    L_BOOL(ON_HVM, "acpi_s4", acpi_s4, b_info.u.hvm.acpi_s4),
    L_BOOL(ON_HVM, "nx", nx, b_info.u.hvm.nx),
    L_BOOL(ON_HVM, "vpt_align", vpt_align, b_info.u.hvm.vpt_align),
    L_BOOL(ON_HVM, "xen_platform_pci", xen_platform_pci, b_info.u.hvm.xen_platform_pci),
    L_NUM(ON_HVM, "mmio_hole", mmio_hole_kib, b_info.u.hvm.mmio_hole_memkb, LIBXL_MEMKB_DEFAULT),
    L_ENUM(ON_HVM, "hdtype", hdtype, b_info.u.hvm.hdtype, hdtypes, LIBXL_HDTYPE_IDE),
    L_ENUM(ON_HVM, "vendor_device", vendor_device, b_info.u.hvm.vendor_device, vendor_devices, 0),
    L_BOOL(ON_HVM, "altp2mhvm", altp2m_hvm, b_info.u.hvm.altp2m),
    L_ENUM(ON_HVM, "rdm strategy", rdm_strategy, b_info.u.hvm.rdm.strategy, rdm_strategies, 0),
    L_ENUM(ON_HVM, "rdm policy", rdm_policy, b_info.u.hvm.rdm.policy, rdm_policies, -1),
    L_NUM(ON_HVM, "rdm_mem_boundary", rdm_mem_boundary_kib, b_info.u.hvm.rdm_mem_boundary_memkb,
          LIBXL_MEMKB_DEFAULT),
    L_BOOL(ON_PV, "e820_host", features.e820_host, b_info.u.pv.e820_host),
    L_NUM(ON_PV, "slack_memory", slack_memory_kib, b_info.u.pv.slack_memkb, LIBXL_MEMKB_DEFAULT),
    L_BOOL(ON_ALL, "nomigrate", disable_migrate, b_info.disable_migrate),
#ifdef LIBXL_HAVE_BUILDINFO_HVM_ACPI_LAPTOP_SLATE
    L_BOOL(ON_HVM, "acpi_laptop_slate", acpi_laptop_slate, b_info.u.hvm.acpi_laptop_slate),
#else
    L_ABSENT("acpi_laptop_slate", acpi_laptop_slate),
#endif
#ifdef LIBXL_HAVE_QED
    L_ENUM(ON_FULL, "altp2m", altp2m, b_info.altp2m, altp2m_modes, 0),
#else
    L_ABSENT("altp2m", altp2m),
#endif
#ifdef LIBXL_HAVE_ALTP2M_COUNT
    L_NUM(ON_FULL, "altp2m_count", altp2m_count, b_info.altp2m_count, ~0U),
#else
    L_ABSENT("altp2m_count", altp2m_count),
#endif
#ifdef LIBXL_HAVE_MCA_CAPS
    L_HOOK(ON_HVM, "mca_caps", mca),
#else
    L_ABSENT("mca_caps", mca_caps),
#endif
#ifdef LIBXL_HAVE_X86_MSR_RELAXED
    L_BOOL(ON_ALL, "msr_relaxed", msr_relaxed, b_info.arch_x86.msr_relaxed),
#else
    L_ABSENT("msr_relaxed", msr_relaxed),
#endif
#ifdef LIBXL_HAVE_HVM_PIRQ
    L_BOOL(ON_HVM, "hvm_pirq", hvm_pirq, b_info.u.hvm.pirq),
#else
    L_ABSENT("hvm_pirq", hvm_pirq),
#endif
#ifdef LIBXL_HAVE_XEN_PLATFORM_PCI_BAR_UC
    L_BOOL(ON_HVM, "xen_platform_pci_bar_uc", xen_platform_pci_bar_uc,
           b_info.u.hvm.xen_platform_pci_bar_uc),
#else
    L_ABSENT("xen_platform_pci_bar_uc", xen_platform_pci_bar_uc),
#endif
#ifdef LIBXL_HAVE_VMTRACE_BUF_KB
    L_NUM(ON_ALL, "vmtrace_buf_kb", vmtrace_buf_kib, b_info.vmtrace_buf_kb, 0),
#else
    L_ABSENT("vmtrace_buf_kb", vmtrace_buf_kib),
#endif
#ifdef LIBXL_HAVE_VPMU
    L_BOOL(ON_ALL, "vpmu", vpmu, b_info.vpmu),
#else
    L_ABSENT("vpmu", vpmu),
#endif
#ifdef LIBXL_HAVE_XENSTORE_FEATURE_MASK
    L_NUM(ON_ALL, "xenstore_feature_mask", xenstore_feature_mask, b_info.xenstore_feature_mask,
          ~0U),
#else
    L_ABSENT("xenstore_feature_mask", xenstore_feature_mask),
#endif
    L_ABSENT("xenstore_quota", xenstore_quota),
#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
    L_HOOK(ON_ALL, "llc_colors", colors),
#else
    L_ABSENT("llc_colors", llc_colors),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SVE_VL
    L_HOOK(ON_ALL, "sve", sve),
#else
    L_ABSENT("sve", sve),
#endif

    /* what runs it */
    L_ENUM(ON_ALL, "device_model_version", dm_version, b_info.device_model_version, dm_versions,
           LIBXL_DEVICE_MODEL_VERSION_UNKNOWN),
    L_STR(ON_ALL, "device_model_override", emulator, b_info.device_model),
    L_HOOK(ON_ALL, "device_model", dm_kind),
    L_BOOL(ON_HVM, "device_model_stubdomain_override", dm_stubdomain,
           b_info.device_model_stubdomain),
    L_STR(ON_HVM, "device_model_stubdomain_seclabel", dm_stubdomain_seclabel,
          b_info.device_model_ssid_label),
#if XL_STUBDOMAIN
    L_STR(ON_HVM, "stubdomain_kernel", stubdomain_kernel, b_info.stubdomain_kernel),
    L_STR(ON_HVM, "stubdomain_ramdisk", stubdomain_ramdisk, b_info.stubdomain_ramdisk),
    L_NUM(ON_HVM, "stubdomain_memory", stubdomain_memory_kib, b_info.stubdomain_memkb,
          LIBXL_MEMKB_DEFAULT),
#else
    L_ABSENT("stubdomain_kernel", stubdomain_kernel),
    L_ABSENT("stubdomain_ramdisk", stubdomain_ramdisk),
    L_ABSENT("stubdomain_memory", stubdomain_memory_kib),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_DEVICE_MODEL_STUBDOMAIN
    L_STR(ON_HVM, "stubdomain_cmdline", stubdomain_cmdline, b_info.stubdomain_cmdline),
#else
    L_ABSENT("stubdomain_cmdline", stubdomain_cmdline),
#endif
#ifdef LIBXL_HAVE_DEVICE_MODEL_USER
    L_STR(ON_ALL, "device_model_user", dm_user, b_info.device_model_user),
#else
    L_ABSENT("device_model_user", dm_user),
#endif
#if XL_DM_RESTRICT
    L_BOOL(ON_ALL, "dm_restrict", dm_restrict, b_info.dm_restrict),
#else
    L_ABSENT("dm_restrict", dm_restrict),
#endif
    L_STRS(ON_ALL, "device_model_args", dm_args, b_info.extra),
    L_STRS(ON_ALL, "device_model_args_pv", dm_args_pv, b_info.extra_pv),
    L_STRS(ON_ALL, "device_model_args_hvm", dm_args_hvm, b_info.extra_hvm),
    L_BOOL(ON_HVM, "gfx_passthru", gfx_passthru, b_info.u.hvm.gfx_passthru),
#ifdef LIBXL_HAVE_GFX_PASSTHRU_KIND
    L_ENUM(ON_HVM, "gfx_passthru kind", gfx_passthru_kind, b_info.u.hvm.gfx_passthru_kind,
           gfx_kinds, 0),
#endif

    /* Arm */
    L_ENUM(ON_ALL, "gic_version", gic_version, b_info.arch_arm.gic_version, gic_versions, 0),
#ifdef LIBXL_HAVE_BUILDINFO_ARM_VUART
    L_ENUM(ON_ALL, "vuart", vuart, b_info.arch_arm.vuart, vuarts, 0),
#else
    L_ABSENT("vuart", vuart),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_TEE
    L_ENUM(ON_ALL, "tee", tee, b_info.tee, tees, 0),
#else
    L_ABSENT("tee", tee),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_NR_SPIS
    L_NUM(ON_ALL, "nr_spis", nr_spis, b_info.arch_arm.nr_spis, ~0U),
#else
    L_ABSENT("nr_spis", nr_spis),
#endif
#ifdef LIBXL_HAVE_TRAP_UNMAPPED_ACCESSES
    L_BOOL(ON_ALL, "trap_unmapped_accesses", trap_unmapped_accesses, b_info.trap_unmapped_accesses),
#else
    L_ABSENT("trap_unmapped_accesses", trap_unmapped_accesses),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SCI
    L_ENUM(ON_ALL, "arm_sci", arm_sci, b_info.arch_arm.arm_sci.type, arm_scis, 0),
#else
    L_ABSENT("arm_sci", arm_sci),
#endif

    /* devices */
    L_LIST(ON_ALL, "disk", disks, disks, disk_table),
    L_LIST(ON_ALL, "vif", nics, nics, nic_table),
    L_LIST(ON_ALL, "channel", channels, channels, channel_table),
    L_LIST(ON_ALL, "vtpm", vtpms, vtpms, vtpm_table),
    L_HOOK(ON_ALL, "graphics", gfx), /* whose keyboards come first */
    L_LIST(ON_ALL, "vkb", vkbs, vkbs, vkb_table),
#ifdef LIBXL_HAVE_P9S
    L_LIST(ON_ALL, "p9", p9s, p9s, p9_table),
#else
    L_ABSENT("p9", p9s),
#endif
#ifdef LIBXL_HAVE_PVCALLS
    L_LIST(ON_ALL, "pvcalls", pvcalls, pvcallsifs, pvcalls_table),
    L_LIST(ON_ALL, "vdispl", vdispls, vdispls, vdispl_table),
#else
    L_ABSENT("pvcalls", pvcalls),
    L_ABSENT("vdispl", vdispls),
#endif
#ifdef LIBXL_HAVE_EXTENDED_VKB
    L_LIST(ON_ALL, "vsnd", vsnds, vsnds, vsnd_table),
#else
    L_ABSENT("vsnd", vsnds),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS /* virtio devices came with it */
    L_LIST(ON_ALL, "virtio", virtios, virtios, virtio_table),
#else
    L_ABSENT("virtio", virtios),
#endif
    L_HOOK(ON_ALL, "usbctrl", usbctrls),
    L_HOOK(ON_ALL, "hostdev", hostdevs),
    L_HOOK(ON_HVM, "video", video),
    L_HOOK(ON_HVM, "serial", serials),
    L_HOOK(ON_HVM, "input", inputs),
    L_HOOK(ON_HVM, "sound", sound),
    L_BOOL(ON_HVM, "usb", usb, b_info.u.hvm.usb),
    L_NUM(ON_HVM, "usbversion", usb_version, b_info.u.hvm.usbversion, 0),
#ifdef LIBXL_HAVE_BUILDINFO_VKB_DEVICE
    L_BOOL(ON_HVM, "vkb_device", vkb_device, b_info.u.hvm.vkb_device),
#else
    L_ABSENT("vkb_device", vkb_device),
#endif
    L_HOOK(ON_ALL, "resources", resources),

    /* when it stops */
    L_ENUM(ON_ALL, "on_poweroff", on_poweroff, on_poweroff, actions, 0),
    L_ENUM(ON_ALL, "on_reboot", on_reboot, on_reboot, actions, 0),
    L_ENUM(ON_ALL, "on_crash", on_crash, on_crash, actions, 0),
    L_ENUM(ON_ALL, "on_watchdog", on_watchdog, on_watchdog, actions,
           LIBXL_ACTION_ON_SHUTDOWN_DESTROY),
#ifdef LIBXL_HAVE_SOFT_RESET
    L_ENUM(ON_ALL, "on_soft_reset", on_soft_reset, on_soft_reset, actions,
           LIBXL_ACTION_ON_SHUTDOWN_DESTROY),
#else
    L_ABSENT("on_soft_reset", on_soft_reset),
#endif
};
#undef M
#undef X
static const struct map_table domain_table = {
    domain_rows, sizeof(domain_rows) / sizeof(*domain_rows), 0, 0, NULL};

/* ---- the two directions ---- */

static int env_type(enum guest_type type)
{
    return type == GUEST_HVM ? ON_HVM : type == GUEST_PVH ? ON_PVH : ON_PV;
}

static struct map_env env_for(libxl_ctx *ctx, enum guest_type type, const char *name)
{
    struct map_env env = {.ctx = ctx, .type = env_type(type), .guest = name};
    int cpus = ctx ? libxl_get_max_cpus(ctx) : 0;
    env.cpus = cpus > 0 ? (unsigned)cpus : 0;
    int nodes = ctx ? libxl_get_max_nodes(ctx) : 0;
    env.nodes = nodes > 0 ? (unsigned)nodes : 0;
    return env;
}

int xl_config_fill(libxl_ctx *ctx, const struct domain *d, libxl_domain_config *dc, struct err *e)
{
    if (!d->type || str_empty(d->name))
        return fail(e, ERR_XML_ERROR, "a guest needs a type and a name");
    if (d->virt_type && !str_eq(d->virt_type, "xen"))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a guest of '%s' cannot run on Xen", d->virt_type);
    struct map_env env = env_for(ctx, d->type, d->name);
    libxl_domain_type type = LIBXL_DOMAIN_TYPE_INVALID;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (types[i].m == (int)d->type)
            type = (libxl_domain_type)types[i].x;
    if (type == LIBXL_DOMAIN_TYPE_INVALID)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have guests of type '%s'",
                    words_name(&guest_type_words, (int)d->type));
    libxl_domain_build_info_init_type(&dc->b_info, type);
    CLEANUP_DOMAIN struct domain *copy = domain_floppies_to_args(d);
    if (map_write(&domain_table, &env, copy ? copy : d, dc, e))
        return -1;
    for (int i = 0; i < dc->num_nics; i++)
        if (dc->nics[i].devid < 0)
            dc->nics[i].devid = i;
    return 0;
}

int xl_config_read(libxl_ctx *ctx, const libxl_domain_config *dc, struct domain *d, struct err *e)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (types[i].x == (int)dc->c_info.type)
            d->type = (enum guest_type)types[i].m;
    if (!d->type)
        return fail(e, ERR_INTERNAL, "libxl tells of a guest of type %d", (int)dc->c_info.type);
    struct map_env env = env_for(ctx, d->type, dc->c_info.name);
    map_read(&domain_table, &env, dc, d);
    domain_floppies_from_args(d);
    for (size_t i = 0; i < d->n_nics; i++) /* libxl's own numbers */
        if (num_or(d->nics[i].devid, -1) == (int64_t)i)
            d->nics[i].devid = (struct num){0};
    const struct field *vkbs = rec_field(&domain_rec, "vkbs");
    for (size_t i = d->n_vkbs; i-- > 0;) /* framebuffers have them without being told */
        if (rec_is_empty(&vkb_rec, &d->vkbs[i]))
            rec_remove(vkbs, d, i);
    if (env.type & (ON_PV | ON_PVH)) { /* they have one without being told */
        struct chr *c = DOMAIN_ADD(d, consoles);
        c->type = CHR_PTY;
        c->target = CHR_TARGET_XEN;
        c->port = NUM(0);
    }
    return 0;
}
