/* xen-xm: the keys of xend's xm, in libvirt's order where libvirt writes them. */
#include "base/vec.h"
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
#define LIFE .type = "destroy|restart|rename-restart|preserve|coredump-destroy|coredump-restart"
#define KERNEL_IP .applies = ROW_PV, .type = "text", .xml = "metadata"
#define ELSEWHERE .write = write_elsewhere

static int write_elsewhere(struct conf_ctx *c, const struct row *r, const void *rec)
{
    return 0;
}

/* ---- kernel: of an HVM guest it is hvmloader ---- */
static int read_kernel(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (!spec_is_text(c, r, v))
        return -1;
    if (d->type != GUEST_HVM) {
        str_set(&d->os.kernel, v->text);
        return 0;
    }
    str_set(&d->os.loader.path, v->text);
    d->os.loader.type = LOADER_ROM;
    return 0;
}

static int write_kernel(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *text = d->type == GUEST_HVM ? d->os.loader.path : d->os.kernel;
    if (text)
        cfg_put_text(cfg_out(c), r->key, text);
    if (d->type == GUEST_HVM && d->os.loader.type == LOADER_PFLASH)
        conf_note(c, REPORT_LOST, "loader", (struct pos){0}, "xm knows no UEFI firmware");
    if (d->type == GUEST_HVM && (d->os.kernel || d->os.initrd || d->os.cmdline))
        conf_note(c, REPORT_LOST, "kernel", (struct pos){0},
                  "xm boots HVM guests from their disks only");
    return 0;
}

/* loader: newer xend's word, where kernel does not say it */
static int read_loader(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (str_empty(v->text))
        return 0;
    if (!d->os.loader.path)
        return read_kernel(c, r, rec, v);
    if (strcmp(d->os.loader.path, v->text))
        conf_note(c, REPORT_LOST, r->key, v->pos, "kernel says '%s' already", d->os.loader.path);
    return 0;
}

/* ---- command line ---- */
static int write_root(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    if (!d->os.cmdline && d->os.root)
        cfg_put_text(cfg_out(c), r->key, d->os.root);
    return 0;
}

static int write_extra(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    const char *text = d->os.cmdline ? d->os.cmdline : d->os.extra;
    if (text)
        cfg_put_text(cfg_out(c), r->key, text);
    return 0;
}

/* ---- vcpus is the maximum, unless there is maxvcpus; vcpu_avail a mask ---- */
/* Comes behind vcpus and maxvcpus. */
static int read_vcpu_avail(struct conf_ctx *c, const struct row *r, void *rec,
                           const struct value *v)
{
    struct domain *d = rec;
    int64_t mask;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!parse_i64(v->text, 0, 1, INT64_MAX, &mask))
        return conf_error(c, v->pos, "'%s' is '%s': expected a bit mask", r->key, v->text);
    if (!d->vcpus_max.set)
        d->vcpus_max = d->vcpus;
    int64_t all = num_or(d->vcpus_max, 1) < 63 ? (INT64_C(1) << num_or(d->vcpus_max, 1)) - 1 : -1;
    if (mask & all)
        d->vcpus = NUM(__builtin_popcountll((uint64_t)(mask & all)));
    if (!(mask & all) || (mask & all) & ((mask & all) + 1))
        d->xm.vcpu_avail = NUM(mask); /* not the lowest ones */
    return 0;
}

static int write_vcpu_avail(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    char text[32];
    snprintf(text, sizeof(text), "%lld", (long long)d->xm.vcpu_avail.v);
    if (num_or(d->xm.vcpu_avail, 0) > 0)
        cfg_put_raw(cfg_out(c), r->key, text);
    return 0;
}

/* ---- tsc_mode and timer_mode are numbers ---- */
static int write_timers(struct conf_ctx *c, const struct row *r, const void *rec)
{
    static const enum tsc_mode modes[] = {TSC_AUTO, TSC_EMULATE, TSC_NATIVE, TSC_PARAVIRT};
    const struct domain *d = rec;
    for (size_t i = 0; i < d->clock.n_timers; i++) {
        const struct timer *t = &d->clock.timers[i];
        for (int m = 0; t->name == TIMER_TSC && m < 4; m++)
            if (modes[m] == (t->mode ? t->mode : TSC_AUTO))
                cfg_put_raw(cfg_out(c), "tsc_mode", &"0\0001\0002\0003"[2 * m]);
        if (t->name == TIMER_HPET && d->type == GUEST_HVM)
            cfg_put_raw(cfg_out(c), "hpet", t->present == TRI_NO ? "0" : "1");
        else if (t->name != TIMER_TSC)
            conf_note(c, REPORT_LOST, "clock.timer", (struct pos){0}, "a timer '%s'",
                      words_name(&timer_name_words, (int)t->name));
    }
    return 0;
}

static const char *const mode_names[] = {NULL, "0", "1", "2", "3"};
static const struct words mode_words = {mode_names, 5};

/* ---- fda, fdb: floppies ---- */
static int read_floppy(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!*v->text)
        return 0;
    struct disk *k = DOMAIN_ADD(d, disks);
    k->type = DISK_FILE;
    k->device = DISK_FLOPPY;
    k->bus = BUS_FDC;
    str_set(&k->driver, "file");
    str_set(&k->format, "raw");
    str_set(&k->source, v->text);
    str_set(&k->target, r->key);
    return 0;
}

static int write_floppy(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_disks; i++)
        if (d->disks[i].device == DISK_FLOPPY && str_eq(d->disks[i].target, r->key))
            cfg_put_text(cfg_out(c), r->key, d->disks[i].source ? d->disks[i].source : "");
    return 0;
}

/* ---- vscsi: PDEV,VDEV[,DOM] ---- */
static int read_vscsi(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct vscsi *k = DOMAIN_ADD(&d->xm, vscsis);
    const char *comma = strchr(v->text, ','), *second = comma ? strchr(comma + 1, ',') : NULL;
    if (!comma)
        return conf_error(c, v->pos, "'%s': expected PDEV,VDEV[,DOM]", v->text);
    k->pdev = mem_strn(v->text, (size_t)(comma - v->text));
    k->vdev = second ? mem_strn(comma + 1, (size_t)(second - comma) - 1) : mem_str(comma + 1);
    k->backend_domain = second ? mem_str(second + 1) : NULL;
    return 0;
}

static int read_vscsis(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_vscsi);
}

static int write_vscsis(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < d->xm.n_vscsis; i++) {
        const struct vscsi *k = &d->xm.vscsis[i];
        str_addf(&cfg_out(c)->item, "%s,%s", k->pdev ? k->pdev : "", k->vdev ? k->vdev : "");
        if (k->backend_domain)
            str_addf(&cfg_out(c)->item, ",%s", k->backend_domain);
        spec_item(c);
    }
    cfg_list_end(cfg_out(c));
    return 0;
}

/* ---- vusb: usbver=N,numports=N,port_N=DEVICE ---- */
enum { USB_PORTS_MAX = 64 };

static int read_vusb(struct conf_ctx *c, void *rec, const struct value *v)
{
    struct domain *d = rec;
    struct vusb *k = DOMAIN_ADD(&d->xm, vusbs);
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    int64_t n = 0;
    spec_open(&x, v);
    while (spec_next(&x, ',', &p)) {
        if (!*p.key && !p.value)
            continue;
        bool is_port = str_starts(p.key, "port_");
        const char *number = is_port ? p.key + 5 : p.value;
        if (!p.value || !parse_i64(number, 10, is_port, is_port ? USB_PORTS_MAX : INT32_MAX, &n))
            return conf_error(c, p.pos, "'%s': expected usbver=N, numports=N or port_N=DEVICE",
                              p.key);
        if (!strcmp(p.key, "usbver"))
            k->version = NUM(n);
        else if (!strcmp(p.key, "numports"))
            k->ports = NUM(n);
        else if (!is_port)
            return conf_error(c, p.pos, "'%s': expected usbver=N, numports=N or port_N=DEVICE",
                              p.key);
        else {
            while (k->n_devices < (size_t)n)
                VEC_PUSH(k->devices, k->n_devices, mem_str(""));
            str_set(&k->devices[n - 1], p.value);
        }
    }
    return 0;
}

static int read_vusbs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    return xl_each(c, r, rec, v, read_vusb);
}

static int write_vusbs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < d->xm.n_vusbs; i++) {
        const struct vusb *k = &d->xm.vusbs[i];
        if (k->version.set)
            spec_putf(c, "usbver", "%lld", (long long)k->version.v);
        if (k->ports.set)
            spec_putf(c, "numports", "%lld", (long long)k->ports.v);
        for (size_t n = 0; n < k->n_devices; n++) {
            char key[32];
            snprintf(key, sizeof(key), "port_%zu", n + 1);
            if (*k->devices[n])
                spec_put(c, key, k->devices[n]);
        }
        spec_item(c);
    }
    cfg_list_end(cfg_out(c));
    return 0;
}

/* ---- cpuid, cpuid_check: lists of leaves; XML's words have no place here ---- */
static int read_leaves(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct cpu *cpu = &((struct domain *)rec)->cpu;
    bool is_check = strchr(r->key, '_');
    int rc = 0;
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'%s' wants a list of leaves", r->key);
    for (size_t i = 0; i < v->n_items; i++)
        rc |= spec_read_leaf(c, &v->items[i],
                             is_check ? DOMAIN_ADD(cpu, check_leaves) : DOMAIN_ADD(cpu, leaves));
    return rc;
}

static int write_leaves(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct cpu *cpu = &((const struct domain *)rec)->cpu;
    bool is_check = strchr(r->key, '_');
    const struct cpuid_leaf *list = is_check ? cpu->check_leaves : cpu->leaves;
    cfg_list_begin(cfg_out(c), r->key);
    for (size_t i = 0; i < (is_check ? cpu->n_check_leaves : cpu->n_leaves); i++)
        spec_write_leaf(c, &list[i]);
    cfg_list_end(cfg_out(c));
    return 0;
}

static const struct row rows[] = {
    /* ---- what libvirt writes, in its order ---- */
    S("name", d.name, TEXT, .xml = "<name>", .doc = "name of the guest; mandatory"),
    R_UUID("uuid", xl_doc, d.uuid, .type = "uuid", .dflt = "random", .xml = "<uuid>",
           .doc = "uuid of the guest"),
    N("maxmem", d.memory_max_kib, .unit = 1024, .type = "MiB", .dflt = "as memory",
      .xml = "<memory>", .doc = "upper limit of the memory"),
    N("memory", d.memory_kib, .unit = 1024, .type = "MiB", .dflt = "128", .xml = "<currentMemory>",
      .doc = "memory at the start"),
    N("maxvcpus", d.vcpus_max, .write = xl_write_maxvcpus, .min = 1, .max = 65535, .type = "number",
      .dflt = "as vcpus", .xml = "<vcpu>", .doc = "upper limit of virtual CPUs"),
    N("vcpus", d.vcpus, .write = xl_write_vcpus, .min = 1, .max = 65535, .type = "number",
      .dflt = "1", .xml = "<vcpu current>", .doc = "virtual CPUs at the start"),
    R_HOOK("vcpu_avail", read_vcpu_avail, write_vcpu_avail, .type = "bit mask", .dflt = "all",
           .xml = "<vcpu current>", .doc = "which of them are on"),
    H("cpus", cpus, .type = "ranges, or a list with an item a virtual CPU", .dflt = "all",
      .xml = "<vcpu cpuset>, <vcpupin>", .doc = "host CPUs that the virtual CPUs may run on"),
    B("pae", d.features.pae, .applies = ROW_HVM, .dflt = "1", .xml = "<pae/>",
      .doc = "offer PAE to the guest"),
    B("acpi", d.features.acpi, .applies = ROW_HVM, .dflt = "1", .xml = "<acpi/>",
      .doc = "offer ACPI"),
    B("apic", d.features.apic, .applies = ROW_HVM, .dflt = "1", .xml = "<apic/>",
      .doc = "offer a local APIC"),
    R_HOOK("hap", xl_read_hap, xl_write_hap, .applies = ROW_HVM, .type = "0|1", .dflt = "1",
           .xml = "<hap state>", .doc = "hardware assisted paging"),
    B("viridian", d.features.viridian, .applies = ROW_HVM, .dflt = "0", .xml = "<viridian/>",
      .doc = "interfaces of Hyper-V for the guest"),
    B("e820_host", d.features.e820_host, .applies = ROW_PV, .xml = "<e820_host state>",
      .doc = "show the host's memory map to the guest; xl's key"),
    E("passthrough", d.features.passthrough, passthrough,
      .type = "disabled|enabled|sync_pt|share_pt", .xml = "<passthrough state mode>",
      .doc = "IOMMU mappings; xl's key"),
    R_HOOK("tsc_mode", xl_read_timers, write_timers, .type = "0 to 3", .dflt = "0",
           .xml = "<timer name='tsc' mode>", .doc = "the time stamp counter"),
    R_HOOK("hpet", xl_read_timers, write_elsewhere, .applies = ROW_HVM, .type = "0|1", .dflt = "0",
           .xml = "<timer name='hpet' present>", .doc = "offer a HPET"),
    N("rtc_timeoffset", rtc_timeoffset, .min = INT32_MIN, .max = INT32_MAX, .applies = ROW_HVM,
      .type = "seconds", .dflt = "0", .xml = "<clock adjustment>",
      .doc = "offset of the guest's clock"),
    B("localtime", localtime, .dflt = "0", .xml = "<clock offset>, <clock basis>",
      .doc = "the guest's clock shows local time"),
    E("on_poweroff", d.on_poweroff, lifecycle, LIFE, .dflt = "destroy", .xml = "<on_poweroff>",
      .doc = "what to do when the guest powers off"),
    E("on_reboot", d.on_reboot, lifecycle, LIFE, .dflt = "restart", .xml = "<on_reboot>",
      .doc = "what to do when the guest reboots"),
    E("on_crash", d.on_crash, lifecycle, LIFE, .dflt = "restart", .xml = "<on_crash>",
      .doc = "what to do when the guest crashes"),
    S("device_model", d.emulator, ELSEWHERE, .applies = ROW_HVM, PATH, .xml = "<emulator>",
      .doc = "QEMU to run"),
    S("device_model_override", d.emulator, PATH, .xml = "<emulator>",
      .doc = "QEMU to run; xl's name, which libvirt writes"),
    B("sdl", display.sdl, .write = xl_write_display, .applies = ROW_HVM, .dflt = "0",
      .xml = "<graphics type='sdl'>", .doc = "show the guest in an SDL window"),
    B("vnc", display.vnc, ELSEWHERE, .applies = ROW_HVM, .xml = "<graphics type='vnc'>",
      .doc = "offer the guest's display with VNC"),
    B("vncunused", display.vncunused, ELSEWHERE, .applies = ROW_HVM, .dflt = "1",
      .xml = "<graphics autoport>", .doc = "search for a free VNC port"),
    N("vncdisplay", display.vncdisplay, ELSEWHERE, .applies = ROW_HVM, .min = 0, .max = 59635,
      .type = "number", .xml = "<graphics port>", .doc = "VNC port - 5900, with vncunused = 0"),
    S("vnclisten", display.vnclisten, ELSEWHERE, .applies = ROW_HVM, .type = "address",
      .xml = "<graphics listen>", .doc = "address that VNC listens on"),
    S("vncpasswd", display.vncpasswd, ELSEWHERE, .applies = ROW_HVM, TEXT,
      .xml = "<graphics passwd>", .doc = "VNC password"),
    S("keymap", display.keymap, ELSEWHERE, .applies = ROW_HVM, TEXT, .xml = "<graphics keymap>",
      .doc = "layout of the keyboard"),
    S("display", display.display, ELSEWHERE, .applies = ROW_HVM, TEXT, .xml = "<graphics display>",
      .doc = "X display of SDL"),
    S("xauthority", display.xauthority, ELSEWHERE, .applies = ROW_HVM, PATH,
      .xml = "<graphics xauth>", .doc = "X authority file of SDL"),
    B("opengl", display.opengl, ELSEWHERE, .applies = ROW_HVM, .xml = "<gl enable>",
      .doc = "OpenGL in SDL"),
    H("vfb", vfb, .applies = ROW_PV | ROW_PVH, .type = "list of comma lists", .xml = "<graphics>",
      .doc = "displays of a guest without emulated ones"),
    H("vif", nics, .type = "list of comma lists", .xml = "<interface>",
      .doc = "network interfaces"),
    H("pci", pci, .type = "list of comma lists", .xml = "<hostdev type='pci'>",
      .doc = "PCI devices of the host for the guest"),
    H("parallel", ports, .applies = ROW_HVM, .type = "character device", .xml = "<parallel>",
      .doc = "parallel port"),
    H("serial", ports, .applies = ROW_HVM, .type = "character device, later a list",
      .xml = "<serial>", .doc = "serial ports"),
    H("soundhw", sound, .applies = ROW_HVM, .type = "names, or all", .xml = "<sound model>",
      .doc = "sound cards"),
    H("builder", type, .flags = XL_FIRST, .type = "linux|hvm|generic", .dflt = "linux",
      .xml = "<os><type>", .doc = "kind of guest"),
    S("bootloader", d.bootloader, .applies = ROW_PV | ROW_PVH, PATH, .xml = "<bootloader>",
      .doc = "program of the host that finds the kernel"),
    S("bootargs", d.bootloader_args, .applies = ROW_PV | ROW_PVH, TEXT, .xml = "<bootloader_args>",
      .doc = "arguments of the boot loader"),
    R_HOOK("kernel", read_kernel, write_kernel, PATH, .xml = "<kernel>; <loader> for HVM",
           .doc = "kernel to boot; hvmloader for HVM"),
    R_HOOK("loader", read_loader, write_elsewhere, .applies = ROW_HVM, PATH, .xml = "<loader>",
           .doc = "hvmloader, where kernel does not say it"),
    S("ramdisk", d.os.initrd, .applies = ROW_PV | ROW_PVH, PATH, .xml = "<initrd>",
      .doc = "initial RAM disk"),
    S("root", root, .write = write_root, .applies = ROW_PV | ROW_PVH, TEXT, .xml = "<cmdline>",
      .doc = "root= of the kernel's command line"),
    S("extra", extra, .write = write_extra, .applies = ROW_PV | ROW_PVH, TEXT, .xml = "<cmdline>",
      .doc = "rest of the command line"),
    S("boot", boot, .applies = ROW_HVM, .type = "letters of acdn", .dflt = "c", .xml = "<boot dev>",
      .doc = "devices to boot from: a floppy, c disk, d CD-ROM, n network"),
    H("disk", disks, .type = "list of UNAME,DEV,MODE[,BACKEND[,PROTOCOL]]", .xml = "<disk>",
      .doc = "disks"),
    B("usb", d.usb, ELSEWHERE, .applies = ROW_HVM, .dflt = "0", .xml = "<input bus='usb'>",
      .doc = "emulated USB"),
    H("usbdevice", usbdevice, .applies = ROW_HVM, .type = "tablet|mouse|keyboard|host:...",
      .xml = "<input bus='usb'>", .doc = "devices on the emulated USB"),

    /* ---- the guest ---- */
    S("description", d.description, TEXT, .xml = "<description>", .doc = "a text for people"),
    E("on_xend_start", d.xm.on_start, xend_start, .type = "ignore|start", .dflt = "ignore", META,
      .doc = "when xend starts: autostart"),
    E("on_xend_stop", d.xm.on_stop, xend_stop, .type = "ignore|shutdown|suspend", .dflt = "ignore",
      META, .doc = "when xend stops"),
    E("restart", d.xm.restart, xend_restart, .type = "onreboot|always|never", META,
      .doc = "outdated; see on_poweroff, on_reboot and on_crash"),
    L("access_control", d.xm.access_control, d.xm.n_access_control,
      .type = "list of policy=P,label=L", META, .doc = "security label"),
    B("nomigrate", d.disable_migrate, .dflt = "0", META, .doc = "never migrate, save or restore"),
    B("blkif", d.xm.blkif, .dflt = "0", META, .doc = "serves disks to others"),
    B("netif", d.xm.netif, .dflt = "0", META, .doc = "serves networks to others"),
    N("target", d.xm.target, .type = "number", .dflt = "0", META, .doc = "domain it may control"),

    /* ---- scheduling and memory ---- */
    N("cpu", d.xm.cpu, .min = -1, .max = 65535, .type = "number", META,
      .doc = "host CPU of virtual CPU 0"),
    N("cpu_cap", d.sched.cap, .type = "percent", META, .doc = "limit of the CPU time"),
    N("cpu_weight", d.sched.weight, .type = "number", .xml = "<shares>",
      .doc = "share of the CPU time"),
    S("pool", d.pool, TEXT, META, .doc = "CPU pool"),
    N("shadow_memory", d.shadow_memory_kib, .unit = 1024, .applies = ROW_HVM, .type = "MiB", META,
      .doc = "memory for shadow page tables"),
    B("memory_sharing", d.xm.memory_sharing, .applies = ROW_HVM, .dflt = "0", META,
      .doc = "share equal pages between guests"),
    B("superpages", d.xm.superpages, .dflt = "0", META, .doc = "large pages for the guest"),
    N("machine_address_size", d.xm.machine_address_size, .applies = ROW_PV, .type = "bits", META,
      .doc = "memory below this address only"),
    B("suppress_spurious_page_faults", d.xm.suppress_spurious_page_faults, .applies = ROW_PV, META,
      .doc = "for guests that stumble over them"),
    B("s3_integrity", d.xm.s3_integrity, .dflt = "1", META, .doc = "check memory after suspend"),

    /* ---- booting and platform ---- */
    S("bootentry", d.xm.bootentry, .applies = ROW_PV, TEXT, META, .doc = "outdated"),
    S("features", d.xm.features, .applies = ROW_PV, TEXT, META, .doc = "abilities of the kernel"),
    S("ip", d.xm.ip, KERNEL_IP, .doc = "ip= of the command line"),
    S("gateway", d.xm.gateway, KERNEL_IP, .doc = "part of ip="),
    S("netmask", d.xm.netmask, KERNEL_IP, .doc = "part of ip="),
    S("hostname", d.xm.hostname, KERNEL_IP, .doc = "part of ip="),
    S("interface", d.xm.interface, KERNEL_IP, .dflt = "eth0", .doc = "part of ip="),
    S("dhcp", d.xm.dhcp, KERNEL_IP, .dflt = "off", .doc = "part of ip="),
    S("nfs_server", d.xm.nfs_server, KERNEL_IP, .doc = "nfsroot= of the command line"),
    S("nfs_root", d.xm.nfs_root, KERNEL_IP, .doc = "nfsroot= of the command line"),
    R_WORDS("timer_mode", xl_doc, d.timer_mode, timer_mode, &mode_words, .applies = ROW_HVM,
            .type = "0 to 3", .dflt = "1", META, .doc = "ticks that came while the guest was away"),
    B("vpt_align", d.vpt_align, .applies = ROW_HVM, .dflt = "1", META, .doc = "align timers"),
    B("nestedhvm", d.nested_hvm, .applies = ROW_HVM, .dflt = "0",
      .xml = "<cpu mode='host-passthrough'>", .doc = "let the guest run guests"),
    B("oos", d.oos, .applies = ROW_HVM, .dflt = "1", META, .doc = "out of sync shadow page tables"),
    R_HOOK("cpuid", read_leaves, write_leaves, .type = "list of leaves", META,
           .doc = "what the CPU says of itself"),
    R_HOOK("cpuid_check", read_leaves, write_leaves, .type = "list of leaves", META,
           .doc = "what the host's CPU must say"),
    B("xen_platform_pci", d.xen_platform_pci, .applies = ROW_HVM, .dflt = "1", META,
      .doc = "offer Xen's platform device"),
    S("guest_os_type", d.xm.guest_os_type, .applies = ROW_HVM, TEXT, .dflt = "default", META,
      .doc = "a hint for Itanium"),
    N("vhpt", d.xm.vhpt, .type = "number", .dflt = "0", META, .doc = "page tables of Itanium"),
    B("isa", d.xm.isa, .applies = ROW_HVM, .dflt = "0", META, .doc = "an ISA bus only"),

    /* ---- display and device model ---- */
    N("videoram", videoram_kib, .unit = 1024, .applies = ROW_HVM, .type = "MiB", .dflt = "4",
      .xml = "<model vram>", .doc = "video memory"),
    B("stdvga", stdvga, .write = xl_write_stdvga, .applies = ROW_HVM, .dflt = "0",
      .xml = "<model type='vga'>", .doc = "VGA in place of Cirrus"),
    B("nographic", d.nographic, .applies = ROW_HVM, .dflt = "0", META, .doc = "no display at all"),
    H("gfx_passthru", gfx_passthru, .applies = ROW_HVM, .type = "0|1", META,
      .doc = "pass the host's graphics card through"),
    B("monitor", d.xm.monitor, .applies = ROW_HVM, .dflt = "0", META, .doc = "QEMU's monitor"),
    S("monitor_path", d.xm.monitor_path, .applies = ROW_HVM, PATH, META, .doc = "where it is"),
    B("vncconsole", d.xm.vncconsole, .applies = ROW_HVM, META, .doc = "open a viewer"),
    B("vncviewer", d.xm.vncviewer, .applies = ROW_HVM, META, .doc = "listen for a viewer"),
    R_HOOK("fda", read_floppy, write_floppy, .applies = ROW_HVM, PATH,
           .xml = "<disk device='floppy'>", .doc = "first floppy"),
    R_HOOK("fdb", read_floppy, write_floppy, .applies = ROW_HVM, PATH,
           .xml = "<disk device='floppy'>", .doc = "second floppy"),

    /* ---- devices ---- */
    B("pci_msitranslate", d.pci_msitranslate, .dflt = "1", META,
      .doc = "msitranslate for all of pci"),
    B("pci_power_mgmt", d.pci_power_mgmt, .dflt = "0", META, .doc = "power_mgmt for all of pci"),
    H("ioports", ioports, .type = "list of hex[-hex]", META,
      .doc = "I/O ports of the host for the guest"),
    R_U32S("irq", xl_doc, d.irqs, d.n_irqs, .type = "list of numbers", META,
           .doc = "interrupts of the host for the guest"),
    R_HOOK("vscsi", read_vscsis, write_vscsis, .applies = ROW_PV, .type = "list of PDEV,VDEV[,DOM]",
           META, .doc = "SCSI devices"),
    R_HOOK("vusb", read_vusbs, write_vusbs, .applies = ROW_PV,
           .type = "list of usbver=N,numports=N,port_N=DEVICE", META, .doc = "USB controllers"),
    L("vif2", d.xm.vif2, d.xm.n_vif2, .type = "list of texts", META,
      .doc = "interfaces of the second kind"),
    N("nics", d.xm.nics, .min = -1, .max = 65535, .type = "number", .dflt = "-1", META,
      .doc = "outdated; the number of interfaces"),
};
const struct row_table xm_table = {"", rows, sizeof(rows) / sizeof(*rows)};

static const struct row_table *const tables[] = {&xm_table, &spec_nic_table, &spec_pci_table,
                                                 &xl_display_table, NULL};

const struct codec xm_codec = {.format = CONF_XM,
                               .name = "xen-xm",
                               .read = xl_read_file,
                               .write = xl_write_file,
                               .tables = tables};
