/* xen-xl: every key, in the order in which they are written: first those that libvirt writes, in
 * its order, then the others by subject. */
#include "conf/xl_doc.h"

#define S(k, m, ...) R_STR(k, xl_doc, m, __VA_ARGS__)
#define B(k, m, ...) R_TRI(k, xl_doc, m, .type = "0|1", __VA_ARGS__)
#define N(k, m, ...) R_NUM(k, xl_doc, m, __VA_ARGS__)
#define L(k, m, n, ...) R_STRS(k, xl_doc, m, n, __VA_ARGS__)
#define E(k, m, en, ...) R_ENUM(k, xl_doc, m, en, __VA_ARGS__)
#define H(k, name, ...) R_HOOK(k, xl_read_##name, xl_write_##name, __VA_ARGS__)
#define PATH .type = "path"
#define TEXT .type = "text"
#define META .xml = "metadata"
#define LIFE \
    .type = "destroy|restart|rename-restart|preserve|coredump-destroy|coredump-restart|soft-reset"

static const char *const vga_names[] = {NULL, "none", "cirrus", "stdvga", "qxl"};
static const struct words vga_words = {vga_names, 5};
static const char *const firmware_names[] = {NULL, "rombios", "seabios", "ovmf"};
static const struct words bios_names = {firmware_names, 4};

/* A key that another row writes. */
static int write_elsewhere(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return 0;
}
#define ELSEWHERE .write = write_elsewhere

static int read_genid(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (str_eq(v->text, "generate"))
        d->ms_vm_genid = TRI_YES;
    else if (str_eq(v->text, "none"))
        d->ms_vm_genid = TRI_NO;
    else
        return conf_error(c, v->pos, "'%s' is '%s': expected generate or none", r->key,
                          v->text ? v->text : "[");
    return 0;
}

static int write_genid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->ms_vm_genid)
        cfg_put_text(cfg_out(c), r->key, d->ms_vm_genid == TRI_YES ? "generate" : "none");
    return 0;
}

static int read_timer_mode(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct domain *d = rec;
    uint64_t n;
    if (!spec_is_text(c, r, v))
        return -1;
    int mode = words_find(&timer_mode_words, v->text);
    if (mode < 0 && parse_u64(v->text, 0, TIMER_MODE_ONE_MISSED_TICK_PENDING - 1, &n))
        mode = (int)n + 1;
    if (mode < 0)
        return conf_error(c, v->pos, "'%s' is '%s': expected %s", r->key, v->text, r->type);
    d->timer_mode = mode;
    return 0;
}

static int write_timer_mode(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (d->timer_mode)
        cfg_put_text(cfg_out(c), r->key, words_name(&timer_mode_words, (int)d->timer_mode));
    return 0;
}

/* bios_path_override goes with bios. */
static int write_bios_path(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct xl_doc *x = rec;
    if (x->bios_path)
        cfg_put_text(cfg_out(c), r->key, x->bios_path);
    return 0;
}

static const struct row rows[] = {
    /* ---- what libvirt writes, in its order ---- */
    S("name", d.name, TEXT, .xml = "<name>", .doc = "name of the guest; mandatory"),
    R_UUID("uuid", xl_doc, d.uuid, .type = "uuid", .dflt = "random", .xml = "<uuid>",
           .doc = "uuid of the guest"),
    N("maxmem", d.memory_max_kib, .unit = 1024, .type = "MiB", .dflt = "as memory",
      .xml = "<memory>", .doc = "upper limit of the memory"),
    N("memory", d.memory_kib, .unit = 1024, .type = "MiB", .xml = "<currentMemory>",
      .doc = "memory at the start"),
    N("maxvcpus", d.vcpus_max, .write = xl_write_maxvcpus, .min = 1, .max = 65535, .type = "number",
      .dflt = "as vcpus", .xml = "<vcpu>", .doc = "upper limit of virtual CPUs"),
    N("vcpus", d.vcpus, .write = xl_write_vcpus, .min = 1, .max = 65535, .type = "number",
      .dflt = "1", .xml = "<vcpu current>", .doc = "virtual CPUs at the start"),
    H("cpus", cpus, .type = "ranges, or a list with an item a virtual CPU", .dflt = "all",
      .xml = "<vcpu cpuset>, <vcpupin>", .doc = "host CPUs that the virtual CPUs may run on"),
    B("pae", d.features.pae, .applies = ROW_HVM, .dflt = "1", .xml = "<pae/>",
      .doc = "offer PAE to the guest"),
    B("acpi", d.features.acpi, .applies = ROW_HVM | ROW_PVH, .dflt = "1 on x86", .xml = "<acpi/>",
      .doc = "offer ACPI"),
    B("apic", d.features.apic, .applies = ROW_HVM | ROW_PVH, .dflt = "1", .xml = "<apic/>",
      .doc = "offer a local APIC"),
    H("hap", hap, .flags = XL_ATOM | XL_BOOL, .applies = ROW_HVM | ROW_PVH, .type = "0|1",
      .dflt = "1", .xml = "<hap state>", .doc = "hardware assisted paging"),
    H("viridian", viridian, .flags = XL_BOOL, .applies = ROW_HVM,
      .type = "0|1 or a list of groups, '!' clears one", .dflt = "0",
      .xml = "<viridian/>, <hyperv>", .doc = "interfaces of Hyper-V for the guest"),
    B("e820_host", d.features.e820_host, .applies = ROW_PV, .dflt = "0; 1 with pci",
      .xml = "<e820_host state>", .doc = "show the host's memory map to the guest"),
    E("passthrough", d.features.passthrough, passthrough, .flags = XL_NOCASE, .since = XEN(4, 13),
      .type = "disabled|enabled|sync_pt|share_pt|default", .dflt = "by the devices",
      .xml = "<passthrough state mode>", .doc = "IOMMU mappings for passing devices through"),
    H("tsc_mode", timers, .flags = XL_ATOM | XL_NOCASE,
      .type = "default|always_emulate|native|native_paravirt or 0 to 3", .dflt = "default",
      .xml = "<timer name='tsc' mode>", .doc = "the time stamp counter"),
    R_HOOK("hpet", xl_read_timers, write_elsewhere, .flags = XL_ATOM | XL_BOOL, .applies = ROW_HVM,
           .type = "0|1", .dflt = "1", .xml = "<timer name='hpet' present>", .doc = "offer a HPET"),
    N("rtc_timeoffset", rtc_timeoffset, .min = INT32_MIN, .max = INT32_MAX, .type = "seconds",
      .dflt = "0", .xml = "<clock adjustment>", .doc = "offset of the guest's clock"),
    B("localtime", localtime, .dflt = "0", .xml = "<clock offset>, <clock basis>",
      .doc = "the guest's clock shows local time"),
    E("on_poweroff", d.on_poweroff, lifecycle, LIFE, .dflt = "destroy", .xml = "<on_poweroff>",
      .doc = "what to do when the guest powers off"),
    E("on_reboot", d.on_reboot, lifecycle, LIFE, .dflt = "restart", .xml = "<on_reboot>",
      .doc = "what to do when the guest reboots"),
    E("on_crash", d.on_crash, lifecycle, LIFE, .dflt = "destroy", .xml = "<on_crash>",
      .doc = "what to do when the guest crashes"),
    S("device_model_override", d.emulator, PATH, .xml = "<emulator>", .doc = "QEMU to run"),
    B("sdl", display.sdl, .write = xl_write_display, .dflt = "0", .xml = "<graphics type='sdl'>",
      .doc = "show the guest in an SDL window"),
    B("vnc", display.vnc, ELSEWHERE, .dflt = "1 for HVM", .xml = "<graphics type='vnc'>",
      .doc = "offer the guest's display with VNC"),
    B("vncunused", display.vncunused, ELSEWHERE, .dflt = "1", .xml = "<graphics autoport>",
      .doc = "search for a free VNC port"),
    N("vncdisplay", display.vncdisplay, ELSEWHERE, .min = 0, .max = 59635, .type = "number",
      .dflt = "0", .xml = "<graphics port>", .doc = "VNC port - 5900, with vncunused = 0"),
    S("vnclisten", display.vnclisten, ELSEWHERE, .type = "address[:display]", .dflt = "127.0.0.1",
      .xml = "<graphics listen>", .doc = "address that VNC listens on"),
    S("vncpasswd", display.vncpasswd, ELSEWHERE, TEXT, .xml = "<graphics passwd>",
      .doc = "VNC password"),
    S("keymap", display.keymap, ELSEWHERE, TEXT, .xml = "<graphics keymap>",
      .doc = "layout of the keyboard"),
    S("display", display.display, ELSEWHERE, TEXT, .xml = "<graphics display>",
      .doc = "X display of SDL"),
    S("xauthority", display.xauthority, ELSEWHERE, PATH, .xml = "<graphics xauth>",
      .doc = "X authority file of SDL"),
    B("opengl", display.opengl, ELSEWHERE, .xml = "<gl enable>", .doc = "OpenGL in SDL"),
    H("vfb", vfb, .flags = XL_LIST, .applies = ROW_PV | ROW_PVH, .type = "list of comma lists",
      .xml = "<graphics>", .doc = "displays of a guest without emulated ones"),
    H("vif", nics, .flags = XL_LIST, .type = "list of comma lists", .xml = "<interface>",
      .doc = "network interfaces"),
    H("pci", pci, .flags = XL_LIST, .applies = ROW_X86, .type = "list of comma lists",
      .xml = "<hostdev type='pci'>", .doc = "PCI devices of the host for the guest"),
    H("parallel", ports, .applies = ROW_HVM, .type = "character device", .xml = "<parallel>",
      .doc = "parallel port; libvirt writes it, xl ignores it"),
    H("serial", ports, .applies = ROW_HVM, .type = "character device or a list of them",
      .xml = "<serial>", .doc = "serial ports"),
    H("soundhw", sound, .flags = XL_ATOM, .applies = ROW_HVM,
      .type = "sb16|es1370|ac97|hda|all ...", .xml = "<sound model>", .doc = "sound cards"),
    H("type", type, .flags = XL_ATOM | XL_FIRST, .since = XEN(4, 10), .type = "pv|pvh|hvm",
      .dflt = "pv; pvh on Arm", .xml = "<os><type>", .doc = "kind of guest"),
    H("builder", type, .flags = XL_ATOM | XL_FIRST, .type = "hvm|generic", .dflt = "generic",
      .xml = "<os><type>", .doc = "kind of guest, before type"),
    R_WORDS("bios", xl_doc, d.os.bios, bios, &bios_names, .flags = XL_NOCASE, .applies = ROW_HVM,
            .type = "rombios|seabios|ovmf", .dflt = "by the device model", .xml = "<loader>",
            .doc = "firmware of the guest"),
    S("bios_path_override", bios_path, .write = write_bios_path, .applies = ROW_HVM,
      .since = XEN(4, 8), PATH, .xml = "<loader>", .doc = "file of the firmware"),
    S("acpi_firmware", d.os.acpi_table, .applies = ROW_HVM, PATH, .xml = "<acpi><table>",
      .doc = "file with further ACPI tables"),
    S("bootloader", d.bootloader, .applies = ROW_PV | ROW_PVH, PATH, .xml = "<bootloader>",
      .doc = "program of the host that finds the kernel"),
    H("bootloader_args", bootloader_args, .applies = ROW_PV | ROW_PVH, .type = "list of texts",
      .xml = "<bootloader_args>", .doc = "arguments of the boot loader"),
    S("bootargs", d.bootloader_args, ELSEWHERE, .applies = ROW_PV, .flags = ROW_DEPRECATED, TEXT,
      .xml = "<bootloader_args>",
      .doc = "xm's name of bootloader_args, as libvirt writes it; xl ignores it"),
    S("kernel", d.os.kernel, PATH, .xml = "<kernel>", .doc = "kernel to boot"),
    S("ramdisk", d.os.initrd, PATH, .xml = "<initrd>", .doc = "initial RAM disk"),
    S("cmdline", d.os.cmdline, TEXT, .xml = "<cmdline>", .doc = "the kernel's command line"),
    S("root", root, ELSEWHERE, TEXT, .xml = "<cmdline>",
      .doc = "root= of the command line, without cmdline"),
    S("extra", extra, ELSEWHERE, TEXT, .xml = "<cmdline>",
      .doc = "rest of the command line, without cmdline"),
    S("boot", boot, .applies = ROW_HVM, .type = "letters of acdn", .dflt = "c", .xml = "<boot dev>",
      .doc = "devices to boot from: a floppy, c disk, d CD-ROM, n network"),
    B("nestedhvm", d.nested_hvm, .applies = ROW_HVM | ROW_PVH, .dflt = "0",
      .xml = "<cpu mode='host-passthrough'>", .doc = "let the guest run guests"),
    H("cpuid", cpuid, .applies = ROW_X86, .type = "host,WORD=VALUE,... or a list of leaves",
      .dflt = "host", .xml = "<cpu>", .doc = "what the CPU says of itself"),
    H("vnuma", vnuma, .flags = XL_LIST, .type = "list of lists", .xml = "<numa>",
      .doc = "NUMA nodes of the guest"),
    N("max_event_channels", d.max_event_channels, .type = "number", .dflt = "1023",
      .xml = "<controller type='xenbus' maxEventChannels>", .doc = "limit of event channels"),
    N("max_grant_frames", d.max_grant_frames, .flags = XL_FATAL, .since = XEN(4, 10), .min = 0,
      .max = INT32_MAX, .type = "number", .dflt = "by xl.conf",
      .xml = "<controller type='xenbus' maxGrantFrames>", .doc = "limit of grant table frames"),
    H("disk", disks, .flags = XL_LIST, .type = "list of comma lists", .xml = "<disk>",
      .doc = "disks"),
    B("spice", d.spice, .write = xl_write_spice, .applies = ROW_HVM, .dflt = "0",
      .xml = "<graphics type='spice'>", .doc = "offer the guest's display with SPICE"),
    S("spicehost", spice.host, ELSEWHERE, .applies = ROW_HVM, .type = "address", .dflt = "0.0.0.0",
      .xml = "<graphics listen>", .doc = "address that SPICE listens on"),
    N("spiceport", spice.port, ELSEWHERE, .applies = ROW_HVM, .min = -1, .max = 65535,
      .type = "port", .xml = "<graphics port>", .doc = "SPICE port"),
    N("spicetls_port", spice.tls_port, ELSEWHERE, .applies = ROW_HVM, .min = -1, .max = 65535,
      .type = "port", .xml = "<graphics tlsPort>", .doc = "SPICE port with TLS"),
    B("spicedisable_ticketing", spice.disable_ticketing, ELSEWHERE, .applies = ROW_HVM, .dflt = "0",
      .xml = "<graphics passwd>", .doc = "no SPICE password"),
    S("spicepasswd", spice.passwd, ELSEWHERE, .applies = ROW_HVM, TEXT, .xml = "<graphics passwd>",
      .doc = "SPICE password"),
    B("spiceagent_mouse", spice.agent_mouse, ELSEWHERE, .applies = ROW_HVM, .dflt = "1",
      .xml = "<mouse mode>", .doc = "the client moves the pointer"),
    B("spicevdagent", spice.vdagent, ELSEWHERE, .applies = ROW_HVM, .dflt = "0",
      .xml = "with <mouse> and <clipboard>", .doc = "channel for SPICE's agent in the guest"),
    B("spice_clipboard_sharing", spice.clipboard, ELSEWHERE, .applies = ROW_HVM, .dflt = "0",
      .xml = "<clipboard copypaste>", .doc = "share the clipboard"),
    N("spiceusbredirection", spice.usbredirection, ELSEWHERE, .applies = ROW_HVM, .type = "number",
      .dflt = "0", META, .doc = "USB devices that the client may redirect"),
    S("spice_image_compression", spice.image_compression, ELSEWHERE, .applies = ROW_HVM, TEXT,
      .xml = "<image compression>", .doc = "compression of images"),
    S("spice_streaming_video", spice.streaming, ELSEWHERE, .applies = ROW_HVM, TEXT,
      .xml = "<streaming mode>", .doc = "which videos are streamed"),
    B("usb", d.usb, ELSEWHERE, .applies = ROW_HVM, .dflt = "0", .xml = "<input bus='usb'>",
      .doc = "emulated USB"),
    H("usbdevice", usbdevice, .applies = ROW_HVM,
      .type = "tablet|mouse|keyboard|host:... or a list", .xml = "<input bus='usb'>",
      .doc = "devices on the emulated USB"),
    H("usbdev", usbdev, .flags = XL_LIST, .since = XEN(4, 7), .type = "list of comma lists",
      .xml = "<hostdev type='usb'>", .doc = "USB devices of the host for the guest"),
    H("usbctrl", usbctrl, .flags = XL_LIST, .since = XEN(4, 7), .type = "list of comma lists",
      .xml = "<controller type='usb'>", .doc = "USB controllers for usbdev"),
    H("channel", channels, .flags = XL_LIST, .type = "list of comma lists", .xml = "<channel>",
      .doc = "named channels between host and guest"),
    L("device_model_args", d.dm_args, d.n_dm_args, .flags = XL_FATAL, .type = "list of texts",
      .xml = "<xen:commandline>", .doc = "further arguments for QEMU"),

    /* ---- the guest ---- */
    B("pvh", d.pvh_v1, .until = XEN(4, 8), META, .doc = "the first kind of PVH guest"),
    S("pool", d.pool, TEXT, .dflt = "Pool-0", META, .doc = "CPU pool, by name or number"),
    S("init_seclabel", d.init_seclabel, .type = "flask label", META,
      .doc = "security label while the guest is built"),
    S("seclabel", seclabel, .type = "flask label", .xml = "<seclabel>", .doc = "security label"),
    B("nomigrate", d.disable_migrate, .dflt = "0", META, .doc = "never migrate, save or restore"),
    B("driver_domain", d.driver_domain, .dflt = "0", META, .doc = "may serve devices to others"),
    E("on_watchdog", d.on_watchdog, lifecycle, LIFE, .dflt = "destroy", META,
      .doc = "what to do when the guest's watchdog runs out"),
    E("on_soft_reset", d.on_soft_reset, lifecycle, LIFE, .since = XEN(4, 7), .dflt = "soft-reset",
      META, .doc = "what to do when the guest asks for a soft reset"),

    /* ---- scheduling and memory ---- */
    H("cpus_soft", cpus, .type = "as cpus", .dflt = "all", META,
      .doc = "host CPUs that the virtual CPUs prefer"),
    N("cpu_weight", d.sched.weight, .type = "number", .dflt = "256", .xml = "<shares>",
      .doc = "share of the CPU time"),
    N("cap", d.sched.cap, .type = "percent", .dflt = "0", META, .doc = "limit of the CPU time"),
    N("period", d.sched.period, .type = "us", META, .doc = "of the real-time schedulers"),
    N("slice", d.sched.slice, .type = "us", META, .doc = "of the SEDF scheduler"),
    N("latency", d.sched.latency, .type = "us", META, .doc = "of the SEDF scheduler"),
    B("extratime", d.sched.extratime, META, .doc = "may use idle time (real-time schedulers)"),
    N("shadow_memory", d.shadow_memory_kib, .unit = 1024, .applies = ROW_HVM | ROW_PVH,
      .type = "MiB", .dflt = "computed", META, .doc = "memory for shadow page tables or HAP"),
    N("max_maptrack_frames", d.max_maptrack_frames, .flags = XL_FATAL, .since = XEN(4, 10),
      .min = 0, .max = INT32_MAX, .type = "number", .dflt = "1024", META,
      .doc = "limit of mappings of foreign grants"),
    N("max_grant_version", d.max_grant_version, .flags = XL_FATAL, .since = XEN(4, 16), .min = 0,
      .max = INT32_MAX, .type = "number", META, .doc = "highest version of grant tables"),
    N("vmtrace_buf_kb", d.vmtrace_buf_kib, .since = XEN(4, 15), .applies = ROW_X86, .type = "KiB",
      .dflt = "0", META, .doc = "buffer for processor traces, a virtual CPU"),
    B("vpmu", d.vpmu, .since = XEN(4, 16), .dflt = "0", META, .doc = "performance counters"),
    B("xend_suspend_evtchn_compat", d.xend_suspend_evtchn_compat, .since = XEN(4, 14), .dflt = "0",
      META, .doc = "suspend event channel as xend had it"),
    N("xenstore_feature_mask", d.xenstore_feature_mask, .since = XEN(4, 21), .type = "bit mask",
      .dflt = "all", META, .doc = "features of Xenstore that the guest sees"),
    L("xenstore_quota", d.xenstore_quota, d.n_xenstore_quota, .since = XEN(4, 22),
      .type = "list of NAME=NUMBER", META, .doc = "limits in Xenstore"),

    /* ---- booting ---- */
    S("firmware", firmware, .since = XEN(4, 10),
      .type = "uefi|bios|ovmf|seabios|rombios|path; pvgrub32|pvgrub64", .xml = "<loader>",
      .doc = "firmware, or a PV guest's boot loader"),
    S("firmware_override", d.os.hvmloader, .applies = ROW_HVM, PATH, .dflt = "hvmloader",
      .xml = "<loader type='rom'>", .doc = "the program that hands over to the firmware"),
    B("bootloader_restrict", d.bootloader_restrict, .since = XEN(4, 18),
      .applies = ROW_PV | ROW_PVH, META, .doc = "run the boot loader with few rights"),
    S("bootloader_user", d.bootloader_user, .since = XEN(4, 18), .applies = ROW_PV | ROW_PVH, TEXT,
      META, .doc = "user that the boot loader runs as"),
    S("device_tree", d.os.device_tree, .applies = ROW_ARM, PATH, .xml = "<dtb>",
      .doc = "partial device tree"),
    B("pvshim", d.pvshim, .since = XEN(4, 11), .applies = ROW_PVH, .dflt = "0", META,
      .doc = "run a PV guest in a PVH shell"),
    S("pvshim_path", d.pvshim_path, .since = XEN(4, 11), .applies = ROW_PVH, PATH,
      .dflt = "xen-shim", META, .doc = "the shell"),
    S("pvshim_cmdline", d.pvshim_cmdline, .since = XEN(4, 11), .applies = ROW_PVH, TEXT, META,
      .doc = "its command line"),
    S("pvshim_extra", d.pvshim_extra, .since = XEN(4, 11), .applies = ROW_PVH, TEXT, META,
      .doc = "more of its command line"),

    /* ---- platform ---- */
    S("smbios_firmware", d.os.smbios_firmware, .applies = ROW_HVM, PATH, META,
      .doc = "file with further SMBIOS tables"),
    H("smbios", smbios, .flags = XL_LIST, .since = XEN(4, 18), .applies = ROW_HVM,
      .type = "list of NAME=TEXT", META, .doc = "texts of the SMBIOS tables"),
    R_HOOK("ms_vm_genid", read_genid, write_genid, .flags = XL_ATOM, .applies = ROW_HVM,
           .type = "generate|none", .dflt = "none", META, .doc = "generation id for Windows"),
    B("oos", d.oos, .applies = ROW_HVM, .dflt = "1", META, .doc = "out of sync shadow page tables"),
    B("acpi_s3", d.acpi_s3, .applies = ROW_HVM, .dflt = "1", .xml = "<suspend-to-mem>",
      .doc = "offer suspend to memory"),
    B("acpi_s4", d.acpi_s4, .applies = ROW_HVM, .dflt = "1", .xml = "<suspend-to-disk>",
      .doc = "offer suspend to disk"),
    B("acpi_laptop_slate", d.acpi_laptop_slate, .since = XEN(4, 9), .applies = ROW_HVM, .dflt = "0",
      META, .doc = "offer the laptop/slate switch"),
    B("nx", d.nx, .applies = ROW_HVM, .dflt = "1", META, .doc = "offer the no-execute bit"),
    H("altp2m", altp2m, .flags = XL_ATOM | XL_NOCASE, .since = XEN(4, 9),
      .applies = ROW_HVM | ROW_PVH, .type = "disabled|mixed|external|limited or 0 to 3",
      .dflt = "disabled", META, .doc = "alternate views of the guest's memory"),
    B("altp2mhvm", d.altp2m_hvm, .applies = ROW_HVM, .dflt = "0", META,
      .doc = "altp2m, before there were kinds of it"),
    N("altp2m_count", d.altp2m_count, .since = XEN(4, 21), .applies = ROW_X86, .type = "number",
      .dflt = "10", META, .doc = "how many views"),
    H("mca_caps", mca, .flags = XL_LIST | XL_FATAL, .since = XEN(4, 10), .applies = ROW_HVM,
      .type = "list of lmce", META, .doc = "machine check abilities"),
    B("msr_relaxed", d.msr_relaxed, .since = XEN(4, 15), .applies = ROW_HVM, .dflt = "0", META,
      .doc = "unknown MSRs do not fault"),
    B("vpt_align", d.vpt_align, .applies = ROW_HVM, .dflt = "1", META, .doc = "align timers"),
    R_HOOK("timer_mode", read_timer_mode, write_timer_mode, .flags = XL_ATOM | XL_NOCASE,
           .applies = ROW_HVM | ROW_PVH,
           .type = "delay_for_missed_ticks|no_delay_for_missed_ticks|no_missed_ticks_pending|"
                   "one_missed_tick_pending or 0 to 3",
           .dflt = "no_delay_for_missed_ticks", META,
           .doc = "ticks that came while the guest was away"),
    N("mmio_hole", d.mmio_hole_kib, .unit = 1024, .min = 256, .max = 3840, .applies = ROW_HVM,
      .type = "MiB", META, .doc = "size of the hole below 4 GiB"),
    B("xen_platform_pci", d.xen_platform_pci, .applies = ROW_HVM, .dflt = "1", META,
      .doc = "offer Xen's platform device"),
    B("xen_platform_pci_bar_uc", d.xen_platform_pci_bar_uc, .since = XEN(4, 21), .applies = ROW_HVM,
      .dflt = "1", META, .doc = "its memory is uncached"),
    B("hvm_pirq", d.hvm_pirq, .since = XEN(4, 19), .applies = ROW_HVM, .dflt = "0", META,
      .doc = "physical interrupts as event channels"),
    E("vendor_device", d.vendor_device, vendor_device, .flags = XL_NOCASE, .applies = ROW_HVM,
      .type = "none|xenserver", .dflt = "none", META, .doc = "offer a vendor's device"),
    H("rdm", rdm, .flags = XL_ATOM, .applies = ROW_HVM,
      .type = "strategy=host,policy=strict|relaxed", META, .doc = "reserved device memory"),
    N("rdm_mem_boundary", d.rdm_mem_boundary_kib, .unit = 1024, .applies = ROW_HVM, .type = "MiB",
      .dflt = "2048", META, .doc = "below it memory is kept free for devices"),

    /* ---- display and device model ---- */
    N("videoram", videoram_kib, .unit = 1024, .applies = ROW_HVM, .type = "MiB",
      .dflt = "8; 16 for stdvga, 128 for qxl", .xml = "<model vram>", .doc = "video memory"),
    B("stdvga", stdvga, ELSEWHERE, .applies = ROW_HVM, .dflt = "0", .xml = "<model type='vga'>",
      .doc = "VGA in place of Cirrus, before vga"),
    R_WORDS("vga", xl_doc, vga, xl_vga, &vga_words, .applies = ROW_HVM,
            .type = "none|cirrus|stdvga|qxl", .dflt = "cirrus", .xml = "<model type>",
            .doc = "graphics card"),
    B("nographic", d.nographic, .applies = ROW_HVM, .dflt = "0", META, .doc = "no display at all"),
    H("gfx_passthru", gfx_passthru, .flags = XL_ATOM | XL_NOCASE, .applies = ROW_HVM,
      .type = "0|1|default|igd", .dflt = "0", META, .doc = "pass the host's graphics card through"),
    B("vkb_device", d.vkb_device, .since = XEN(4, 13), .applies = ROW_HVM, .dflt = "1", META,
      .doc = "offer the PV keyboard and pointer"),
    N("usbversion", d.usb_version, .min = 1, .max = 3, .applies = ROW_HVM, .type = "1|2|3", META,
      .doc = "of the emulated USB"),
    E("hdtype", d.hdtype, hdtype, .flags = XL_NOCASE, .applies = ROW_HVM, .type = "ide|ahci",
      .dflt = "ide", META, .doc = "emulated disk controller"),
    E("device_model_version", d.dm_version, dm_version,
      .type = "qemu-xen|qemu-xen-traditional|none", .dflt = "qemu-xen", META,
      .doc = "which QEMU: traditional went with 4.21, none was 4.7 to 4.9"),
    S("device_model_user", d.dm_user, .since = XEN(4, 7), .applies = ROW_HVM, TEXT, META,
      .doc = "user that QEMU runs as"),
    B("dm_restrict", d.dm_restrict, .since = XEN(4, 10), .applies = ROW_HVM, .dflt = "0", META,
      .doc = "run QEMU with few rights"),
    L("device_model_args_pv", d.dm_args_pv, d.n_dm_args_pv, .flags = XL_FATAL,
      .applies = ROW_PV | ROW_PVH, .type = "list of texts", META,
      .doc = "further arguments for a PV guest's QEMU"),
    L("device_model_args_hvm", d.dm_args_hvm, d.n_dm_args_hvm, .flags = XL_FATAL,
      .applies = ROW_HVM, .type = "list of texts", META,
      .doc = "further arguments for an HVM guest's QEMU"),
    B("device_model_stubdomain_override", d.dm_stubdomain, .applies = ROW_HVM, .dflt = "0", META,
      .doc = "QEMU in a domain of its own"),
    S("device_model_stubdomain_seclabel", d.dm_stubdomain_seclabel, .applies = ROW_HVM,
      .type = "flask label", META, .doc = "security label of that domain"),
    S("stubdomain_kernel", d.stubdomain_kernel, .since = XEN(4, 14), .applies = ROW_HVM, PATH, META,
      .doc = "its kernel"),
    S("stubdomain_cmdline", d.stubdomain_cmdline, .since = XEN(4, 16), .applies = ROW_HVM, TEXT,
      META, .doc = "its command line"),
    S("stubdomain_ramdisk", d.stubdomain_ramdisk, .since = XEN(4, 14), .applies = ROW_HVM, PATH,
      META, .doc = "its initial RAM disk"),
    N("stubdomain_memory", d.stubdomain_memory_kib, .unit = 1024, .since = XEN(4, 14),
      .applies = ROW_HVM, .type = "MiB", META, .doc = "its memory"),

    /* ---- devices ---- */
    B("pci_permissive", d.pci_permissive, .dflt = "0", META, .doc = "permissive for all of pci"),
    B("pci_msitranslate", d.pci_msitranslate, .dflt = "0", META,
      .doc = "msitranslate for all of pci"),
    B("pci_seize", d.pci_seize, .dflt = "0", META, .doc = "seize for all of pci"),
    B("pci_power_mgmt", d.pci_power_mgmt, .dflt = "0", META, .doc = "power_mgmt for all of pci"),
    L("dtdev", d.dtdevs, d.n_dtdevs, .applies = ROW_ARM, .type = "list of paths", META,
      .doc = "device tree nodes of the host for the guest"),
    H("ioports", ioports, .flags = XL_LIST, .applies = ROW_X86, .type = "list of hex[-hex]", META,
      .doc = "I/O ports of the host for the guest"),
    H("iomem", iomem, .flags = XL_LIST, .type = "list of START,COUNT[@GFN], hex", META,
      .doc = "I/O memory pages of the host for the guest"),
    R_U32S("irqs", xl_doc, d.irqs, d.n_irqs, .type = "list of numbers", META,
           .doc = "interrupts of the host for the guest"),
    H("vtpm", vtpm, .flags = XL_LIST, .type = "list of comma lists", META, .doc = "virtual TPMs"),
    H("p9", p9, .flags = XL_LIST, .since = XEN(4, 9), .type = "list of comma lists", META,
      .doc = "shared folders"),
    H("pvcalls", pvcalls, .flags = XL_LIST, .since = XEN(4, 11), .type = "list of comma lists",
      META, .doc = "sockets served by another domain"),
    H("vdispl", vdispl, .flags = XL_LIST, .since = XEN(4, 10), .type = "list of comma lists", META,
      .doc = "PV displays"),
    H("vsnd", vsnd, .flags = XL_LIST | XL_FATAL, .since = XEN(4, 12), .type = "list of lists", META,
      .doc = "PV sound cards"),
    H("vkb", vkb, .flags = XL_LIST, .since = XEN(4, 12), .type = "list of comma lists", META,
      .doc = "PV keyboards and pointers"),
    H("virtio", virtio, .flags = XL_LIST, .since = XEN(4, 18), .applies = ROW_ARM,
      .type = "list of comma lists", META, .doc = "virtio devices"),

    /* ---- Arm ---- */
    E("gic_version", d.gic_version, gic_version, .flags = XL_NOCASE, .applies = ROW_ARM,
      .type = "v2|v3|default", .dflt = "the host's", META, .doc = "interrupt controller"),
    E("vuart", d.vuart, vuart, .flags = XL_NOCASE, .since = XEN(4, 10), .applies = ROW_ARM,
      .type = "sbsa_uart", META, .doc = "emulated serial port"),
    S("sve", d.sve, .since = XEN(4, 18), .applies = ROW_ARM, .type = "bits or hw", .dflt = "0",
      META, .doc = "vector length of SVE"),
    E("tee", d.tee, tee, .flags = XL_NOCASE, .since = XEN(4, 13), .applies = ROW_ARM,
      .type = "none|optee|ffa", .dflt = "none", META, .doc = "trusted execution environment"),
    N("nr_spis", d.nr_spis, .since = XEN(4, 19), .applies = ROW_ARM, .type = "number",
      .dflt = "computed", META, .doc = "shared interrupts"),
    B("trap_unmapped_accesses", d.trap_unmapped_accesses, .since = XEN(4, 21), .applies = ROW_ARM,
      .dflt = "1", META, .doc = "fault on access to no memory"),
    H("arm_sci", arm_sci, .flags = XL_ATOM, .since = XEN(4, 21), .applies = ROW_ARM,
      .type = "type=none|scmi_smc", META, .doc = "system control interface"),
    H("llc_colors", llc_colors, .flags = XL_LIST, .since = XEN(4, 20), .applies = ROW_ARM,
      .type = "list of n or a-b", .dflt = "all", META,
      .doc = "cache colours of the guest's memory"),

    /* ---- without effect in xl, too ---- */
    R_IGNORE("vncviewer", "obsolete: xl only warns of it", .type = "0|1", .doc = "obsolete"),
    R_IGNORE("vif2", "obsolete: xl only warns of it", .type = "list", .doc = "obsolete"),
    R_IGNORE("device_model", "obsolete: xl only warns of it; see device_model_override",
             .type = "path", .doc = "obsolete; see device_model_override"),
};
const struct row_table xl_table = {"", rows, sizeof(rows) / sizeof(*rows)};

const struct codec xl_codec = {
    .format = CONF_XL,
    .name = "xen-xl",
    .read = xl_read_file,
    .write = xl_write_file,
    .tables = xl_tables,
    .is_libxl = true,
};
