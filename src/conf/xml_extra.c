/* What libvirt's XML has no word for, as <xvirt:domain> in <metadata>: one row a member. Elements
 * have the names that xl.cfg uses, where it has one. A device of the document that has more to say
 * is named by its number in its list, and its key where it has one:
 *   <xvirt:disk index='0' key='xvda' script='block-iscsi'/> */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/xml_extra.h"
#include "model/cpuset.h"

static int read_nothing(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0;
}

static void write_nothing(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
}

/* ---- additions to the devices of the document ---- */
#define PLACE_ROWS \
    XH_ATTR("index", read_nothing, write_nothing), XH_ATTR("key", read_nothing, write_nothing)

static const struct xrow disk_rows[] = {
    PLACE_ROWS,
    A_STR("script", disk, script),
    A_TRI("direct-io-safe", disk, direct_io_safe),
    A_TRI("trusted", disk, trusted),
    A_ENUM("specification", disk, specification, disk_spec),
    A_ENUM("transport", disk, transport, disk_transport),
    A_NUM("irq", disk, irq),
    A_NUM("base", disk, base),
    A_TRI("grant_usage", disk, grant_usage),
    A_TRI("colo", disk, colo),
    A_STR("colo-host", disk, colo_host),
    A_NUM("colo-port", disk, colo_port),
    A_STR("colo-export", disk, colo_export),
    A_STR("active-disk", disk, active_disk),
    A_STR("hidden-disk", disk, hidden_disk),
    A_TRI("bootable", disk, bootable),
    A_STR("xend_protocol", disk, xend_protocol),
    A_STR("xend_uuid", disk, xend_uuid),
    A_STR("xend_driver", disk, xend_driver),
    A_STR("xend_vdi", disk, xend_vdi),
};

#define COLO(m) A_STR(#m, nic_colo, m),
static const struct xrow colo_rows[] = {NIC_COLO(COLO)};
static const struct xtable colo_table = {XTABLE(colo_rows), XITEM(nic_colo)};

static const struct xrow nic_rows[] = {
    PLACE_ROWS,
    A_STR("rate", nic, rate),
    A_ENUM("type", nic, kind, nic_kind),
    A_STR("gatewaydev", nic, gatewaydev),
    A_STR("forwarddev", nic, forwarddev),
    A_STR("vlan", nic, vlan),
    A_STR("accel", nic, accel),
    A_NUM("devid", nic, devid),
    A_TRI("trusted", nic, trusted),
    A_STR("xend_policy", nic, xend_policy),
    A_STR("xend_label", nic, xend_label),
    A_STR("xend_uuid", nic, xend_uuid),
    XO("colo", nic, colo, nic_colo, colo_table),
};

static const struct xrow chr_rows[] = {
    PLACE_ROWS,
    A_STR("backend", chr, backend_domain),
    A_NUM("devid", chr, devid),
    A_STR("native", chr, native),
    A_STR("xend_protocol", chr, xend_protocol),
    A_STR("xend_location", chr, xend_location),
    A_STR("xend_uuid", chr, xend_uuid),
};

/* libvirt asks for tickets when there is a password. */
static bool has_own_ticketing(const void *rec)
{
    const struct graphics *g = rec;
    bool implied = g->type == GFX_SPICE && g->passwd;
    return g->ticketing != (implied ? TRI_YES : TRI_UNSET);
}

static const struct xrow graphics_rows[] = {
    PLACE_ROWS,
    A_NUM("vfb", graphics, vfb),
    A_STR("backend", graphics, backend_domain),
    A_NUM("devid", graphics, devid),
    A_TRI("ticketing", graphics, ticketing, .shown = has_own_ticketing),
    A_TRI("vdagent", graphics, vdagent),
    A_NUM("usbredirection", graphics, usb_redirection),
    A_STR("xend_uuid", graphics, xend_uuid),
    A_STR("xend_location", graphics, xend_location),
    A_STR("xend_videoram", graphics, xend_videoram),
    A_STR("xend_other_config", graphics, xend_other_config),
    A_STR("xend_serial", graphics, xend_serial),
    A_STR("xend_monitor", graphics, xend_monitor),
    A_STR("xend_vncconsole", graphics, xend_vncconsole),
};

static bool has_own_usb(const void *rec)
{
    const struct controller *k = rec;
    int64_t v = num_or(k->usb_version, 0);
    return k->type != CTL_USB || k->model || k->usb_type != USB_QUSB || (v != 1 && v != 2);
}

static const struct xrow controller_rows[] = {
    PLACE_ROWS,
    A_ENUM("type", controller, usb_type, usb_type, .shown = has_own_usb),
    A_NUM("version", controller, usb_version, .shown = has_own_usb),
    A_STR("backend", controller, backend_domain),
};

static const struct xrow hostdev_rows[] = {
    PLACE_ROWS,
    A_TRI("all_functions", hostdev, all_functions),
    A_STR("name", hostdev, name),
    A_TRI("msitranslate", hostdev, msitranslate),
    A_TRI("power_mgmt", hostdev, power_mgmt),
    A_TRI("seize", hostdev, seize),
    A_ENUM("rdm_policy", hostdev, rdm_policy, rdm_policy),
    A_NUM("vslot", hostdev, vslot),
    A_NUM("controller", hostdev, usb_controller),
    A_NUM("port", hostdev, usb_port),
    A_STR("xend_key", hostdev, xend_key),
    A_STR("xend_uuid", hostdev, xend_uuid),
    A_STR("xend_state", hostdev, xend_state),
};

static const struct xrow cell_rows[] = {PLACE_ROWS, A_NUM("pnode", numa_cell, pnode)};

/* ---- which item ---- */
static void key_of(const char *kind, const void *item, struct str *out)
{
    str_cut(out, 0);
    if (!strcmp(kind, "disk") && ((const struct disk *)item)->target)
        str_add(out, ((const struct disk *)item)->target);
    if (!strcmp(kind, "vif") && ((const struct nic *)item)->mac.set) {
        const uint8_t *b = ((const struct nic *)item)->mac.b;
        str_addf(out, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    }
}

static char *item_at(const struct xrow *r, const void *rec, size_t i)
{
    return *(char *const *)((const char *)rec + r->r.offset) + i * r->sub->item_size;
}

static size_t item_count(const struct xrow *r, const void *rec)
{
    return *(const size_t *)(const void *)((const char *)rec + r->r.count_offset);
}

static void *find_item(const struct xrow *r, void *rec, int64_t index, const char *key)
{
    CLEANUP_STR struct str own = {0};
    size_t n = item_count(r, rec);
    for (size_t i = 0; i <= n; i++) {
        size_t at = i ? i - 1 : (size_t)index; /* the one at index first */
        if (at >= n)
            continue;
        if (!key && !i)
            return item_at(r, rec, at);
        key_of(r->r.key, item_at(r, rec, at), &own);
        if (key && !strcmp(str_get(&own), key))
            return item_at(r, rec, at);
    }
    return NULL;
}

static int read_addition(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct num index = {0};
    if (xml_num(c, x, "index", 10, 0, INT32_MAX, &index))
        return -1;
    void *item = find_item(r, rec, num_or(index, 0), xml_get(x, "key"));
    if (!item) {
        conf_note(c, REPORT_WARNING, x->name, x->pos, "its device is not in the document");
        return 0;
    }
    return xml_read_rows(c, r->sub, item, x);
}

static bool says_anything(const struct xtable *t, const void *rec)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct xrow *r = &t->rows[i];
        bool is_place = r->place == X_HOOK_ATTR;
        bool is_set = r->place == X_OPT
                          ? *(void *const *)(const void *)((const char *)rec + r->r.offset) != NULL
                          : !is_place && row_is_set(&r->r, rec);
        if (is_set && (!r->shown || r->shown(rec)))
            return true;
    }
    return false;
}

static void write_additions(struct conf_ctx *c, const struct xrow *r, const void *rec,
                            struct xml_out *w)
{
    CLEANUP_STR struct str key = {0};
    for (size_t i = 0; i < item_count(r, rec); i++) {
        const void *item = item_at(r, rec, i);
        if (!says_anything(r->sub, item))
            continue;
        xml_out_open(w, r->r.key);
        xml_out_attrf(w, "index", "%zu", i);
        key_of(r->r.key, item, &key);
        if (key.len)
            xml_out_attr(w, "key", str_get(&key));
        xml_write_rows(c, r->sub, item);
        xml_out_close(w);
    }
}

/* ---- the order of the disks, where libvirt would have another ---- */
static int read_order(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    size_t at = 0;
    for (const struct xml *k = x->child; k; k = k->next) {
        const char *target = xml_get(k, "target");
        for (size_t i = at; target && i < d->n_disks; i++)
            if (str_eq(d->disks[i].target, target)) {
                struct disk disk = d->disks[i];
                memmove(&d->disks[at + 1], &d->disks[at], (i - at) * sizeof(disk));
                d->disks[at++] = disk;
                break;
            }
    }
    return 0;
}

static void write_order(struct conf_ctx *c, const struct xrow *r, const void *rec,
                        struct xml_out *w)
{
    const struct domain *d = rec;
    if (d->n_disks < 2 || xml_disks_are_sorted(d))
        return;
    xml_out_open(w, r->r.key);
    for (size_t i = 0; i < d->n_disks; i++) {
        xml_out_open(w, "disk");
        xml_out_attr(w, "target", d->disks[i].target ? d->disks[i].target : "");
        xml_out_close(w);
    }
    xml_out_close(w);
}

/* ---- CPU pins and features that <cputune> and <cpu> cannot say ---- */
static int read_pin(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    struct num index = {0}, vcpu = {0};
    struct vcpu_pin *pin = NULL;
    if (xml_num(c, x, "index", 10, 0, INT32_MAX, &index) ||
        xml_num(c, x, "vcpu", 10, 0, INT32_MAX, &vcpu))
        return -1;
    for (size_t i = 0; i < d->n_pins; i++)
        if (d->pins[i].vcpu.v == vcpu.v)
            pin = &d->pins[i];
    if (!pin) {
        size_t at = (size_t)num_or(index, 0);
        pin = DOMAIN_ADD(d, pins);
        if (at < d->n_pins - 1) {
            memmove(&d->pins[at + 1], &d->pins[at], (d->n_pins - 1 - at) * sizeof(*pin));
            pin = &d->pins[at];
            *pin = (struct vcpu_pin){0};
        }
        pin->vcpu = vcpu;
        xml_str(x, "hard", &pin->hard);
    }
    xml_str(x, "soft", &pin->soft);
    return 0;
}

static void write_pins(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_pins; i++) {
        const struct vcpu_pin *p = &d->pins[i];
        if (xml_pin_is_plain(d, p) && !p->soft)
            continue;
        xml_out_open(w, "vcpupin");
        xml_out_attrf(w, "index", "%zu", i);
        xml_out_attrf(w, "vcpu", "%" PRId64, num_or(p->vcpu, 0));
        if (p->hard && !xml_pin_is_plain(d, p))
            xml_out_attr(w, "hard", p->hard);
        if (p->soft)
            xml_out_attr(w, "soft", p->soft);
        xml_out_close(w);
    }
}

static int read_feature(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct cpu *cpu = &((struct domain *)rec)->cpu;
    struct num index = {0};
    int policy = CPU_VALUE;
    if (xml_num(c, x, "index", 10, 0, INT32_MAX, &index) ||
        xml_enum(c, x, "policy", &cpu_policy_words, &policy))
        return -1;
    struct cpu_feature f = {.policy = policy};
    xml_str(x, "name", &f.name);
    xml_str(x, "value", &f.value);
    size_t at = (size_t)num_or(index, 0);
    *DOMAIN_ADD(cpu, features) = f;
    if (at < cpu->n_features - 1) {
        memmove(&cpu->features[at + 1], &cpu->features[at], (cpu->n_features - 1 - at) * sizeof(f));
        cpu->features[at] = f;
    }
    return 0;
}

static void write_features(struct conf_ctx *c, const struct xrow *r, const void *rec,
                           struct xml_out *w)
{
    const struct cpu *cpu = &((const struct domain *)rec)->cpu;
    for (size_t i = 0; i < cpu->n_features; i++) {
        const struct cpu_feature *f = &cpu->features[i];
        if (xml_can_say_feature(f))
            continue;
        xml_out_open(w, "cpuid_feature");
        xml_out_attrf(w, "index", "%zu", i);
        if (f->name)
            xml_out_attr(w, "name", f->name);
        if (f->policy)
            xml_out_attr(w, "policy", words_name(&cpu_policy_words, f->policy));
        if (f->value)
            xml_out_attr(w, "value", f->value);
        xml_out_close(w);
    }
}

/* <cpu> implies nested virtualisation; this says what it is where that is wrong. */
static int read_nested(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    d->nested_hvm = TRI_UNSET;
    if (str_eq(xml_get(x, "state"), "unset"))
        return 0;
    return xml_tri(c, x, "state", "on", "off", &d->nested_hvm);
}

static void write_nested(struct conf_ctx *c, const struct xrow *r, const void *rec,
                         struct xml_out *w)
{
    const struct domain *d = rec;
    if (d->nested_hvm == xml_implied_nested(d))
        return;
    xml_out_open(w, r->r.key);
    xml_out_attr(w, "state",
                 d->nested_hvm == TRI_YES  ? "on"
                 : d->nested_hvm == TRI_NO ? "off"
                                           : "unset");
    xml_out_close(w);
}

/* ---- the guest ---- */
static bool is_not_hvm(const void *rec)
{
    return ((const struct domain *)rec)->type != GUEST_HVM;
}

#define IS_NO(name, member) \
    static bool name(const void *rec) \
    { \
        return is_not_hvm(rec) && ((const struct domain *)rec)->features.member == TRI_NO; \
    }
IS_NO(no_acpi, acpi)
IS_NO(no_apic, apic)
IS_NO(no_pae, pae)
IS_NO(no_viridian, viridian)

#define IS_RESET(name, member) \
    static bool name(const void *rec) \
    { \
        return ((const struct domain *)rec)->member == LIFE_SOFT_RESET; \
    }
IS_RESET(soft_poweroff, on_poweroff)
IS_RESET(soft_reboot, on_reboot)
IS_RESET(soft_crash, on_crash)

static bool is_default_passthrough(const void *rec)
{
    return ((const struct domain *)rec)->features.passthrough == PASSTHROUGH_DEFAULT;
}

static bool has_odd_cpus(const void *rec)
{
    const struct domain *d = rec;
    return d->cpus && !(d->vcpus_max.set && cpuset_is_plain(d->cpus));
}

static bool has_no_xenbus(const void *rec)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_controllers; i++)
        if (d->controllers[i].type == CTL_XENBUS)
            return false;
    return true;
}

static bool has_no_bootloader(const void *rec)
{
    return !((const struct domain *)rec)->bootloader;
}

static const struct xrow xm_rows[] = {
    E_TRI("memory_sharing", xm, memory_sharing),
    E_TRI("superpages", xm, superpages),
    E_TRI("s3_integrity", xm, s3_integrity),
    E_TRI("suppress_spurious_page_faults", xm, suppress_spurious_page_faults),
    E_TRI("isa", xm, isa),
    E_TRI("monitor", xm, monitor),
    E_TRI("expose_host_uuid", xm, expose_host_uuid),
    E_TRI("xen_extended_power_mgmt", xm, extended_power_mgmt),
    E_TRI("vncconsole", xm, vncconsole),
    E_TRI("vncviewer", xm, vncviewer),
    E_NUM("target", xm, target),
    E_NUM("machine_address_size", xm, machine_address_size),
    E_NUM("vhpt", xm, vhpt),
    E_NUM("nics", xm, nics),
    E_NUM("vcpu_avail", xm, vcpu_avail),
    E_NUM("cpu", xm, cpu),
    E_STR("guest_os_type", xm, guest_os_type),
    E_STR("monitor_path", xm, monitor_path),
    E_STR("bootentry", xm, bootentry),
    E_STR("features", xm, features),
    E_STR("ip", xm, ip),
    E_STR("gateway", xm, gateway),
    E_STR("netmask", xm, netmask),
    E_STR("hostname", xm, hostname),
    E_STR("interface", xm, interface),
    E_STR("dhcp", xm, dhcp),
    E_STR("nfs_server", xm, nfs_server),
    E_STR("nfs_root", xm, nfs_root),
    E_STRS("access_control", xm, access_control),
    E_TRI("blkif", xm, blkif),
    E_STR("vkbd_backend", xm, vkbd_backend),
    E_TRI("netif", xm, netif),
    E_ENUM("on_xend_start", xm, on_start, xend_start),
    E_ENUM("on_xend_stop", xm, on_stop, xend_stop),
    E_ENUM("restart", xm, restart, xend_restart),
    XL("vscsi", xm, vscsis, vscsi, xml_vscsi_table),
    XL("vusb", xm, vusbs, vusb, xml_vusb_table),
    E_STRS("vif2", xm, vif2),
    E_STR("security", xm, security),
    E_STR("security_label", xm, security_label),
    E_STR("start_time", xm, start_time),
    E_STR("cpu_time", xm, cpu_time),
    E_STR("state", xm, state),
    E_NUM("online_vcpus", xm, online_vcpus),
    E_NUM("status", xm, status),
    E_NUM("store_mfn", xm, store_mfn),
    E_NUM("console_mfn", xm, console_mfn),
    E_STR("notes", xm, notes),
    E_STR("pci", xm, pci),
};
PART(xm)

#define ADDITIONS(k, m, S, table) \
    { \
        .place = X_HOOK, .read = read_addition, .write = write_additions, .sub = &table, .r = { \
            .key = k, \
            ROW_AT(domain, m, struct S *), \
            .count_offset = offsetof(struct domain, n_##m) \
        } \
    }

/* The tables of additions stride over the lists of the model. */
#define SIZED(name, S, from) \
    static const struct xtable name = { \
        .rows = from, .n = sizeof(from) / sizeof(*from), .item_size = sizeof(struct S)};
SIZED(disk_additions, disk, disk_rows)
SIZED(nic_additions, nic, nic_rows)
SIZED(chr_additions, chr, chr_rows)
SIZED(graphics_additions, graphics, graphics_rows)
SIZED(controller_additions, controller, controller_rows)
SIZED(hostdev_additions, hostdev, hostdev_rows)
SIZED(cell_additions, numa_cell, cell_rows)

static const struct xrow extra_rows[] = {
    E_STR("pool", domain, pool),
    E_TRI("ms_vm_genid", domain, ms_vm_genid),
    E_STR("cpus", domain, cpus, .shown = has_odd_cpus),
    E_STR("cpus_soft", domain, cpus_soft),
    XH("vcpupin", read_pin, write_pins),
    XH("cpuid_feature", read_feature, write_features),
    XL_IN("cpuid", domain, cpu.leaves, cpu.n_leaves, cpuid_leaf, xml_cpuid_leaf_table),
    XL_IN("cpuid_check", domain, cpu.check_leaves, cpu.n_check_leaves, cpuid_leaf,
          xml_cpuid_leaf_table),
    E_ENUM("sched", domain, sched.kind, scheduler),
    E_NUM("cap", domain, sched.cap),
    E_NUM("period", domain, sched.period),
    E_NUM("slice", domain, sched.slice),
    E_NUM("latency", domain, sched.latency),
    E_NUM("budget", domain, sched.budget),
    E_TRI("extratime", domain, sched.extratime),
    XH("nestedhvm", read_nested, write_nested),
    E_TRI("numa_placement", domain, numa_placement),
    E_NUM("shadow_memory_kib", domain, shadow_memory_kib),
    E_NUM("iommu_memory_kib", domain, iommu_memory_kib),
    E_NUM("video_memory_kib", domain, video_memory_kib),
    E_ENUM("bios", domain, os.bios, bios),
    E_STR("firmware_override", domain, os.hvmloader),
    E_STR("firmware", domain, os.native_firmware),
    E_STR("extra", domain, os.extra),
    E_STR("smbios_firmware", domain, os.smbios_firmware),
    E_STR("bootargs", domain, bootloader_args, .shown = has_no_bootloader),
    E_STRS("bootloader_arg", domain, bootloader_arg_list),
    E_TRI("bootloader_restrict", domain, bootloader_restrict),
    E_STR("bootloader_user", domain, bootloader_user),
    E_TRI("acpi", domain, features.acpi, .shown = no_acpi),
    E_TRI("apic", domain, features.apic, .shown = no_apic),
    E_TRI("pae", domain, features.pae, .shown = no_pae),
    E_TRI("viridian", domain, features.viridian, .shown = no_viridian),
    {.place = X_CHILD,
     .when = XW_EMPTY,
     .r = R_STRS("viridian_group", domain, features.viridian_groups, features.n_viridian_groups)},
    E_ENUM("passthrough", domain, features.passthrough, passthrough,
           .shown = is_default_passthrough),
    E_ENUM("on_poweroff", domain, on_poweroff, lifecycle, .shown = soft_poweroff),
    E_ENUM("on_reboot", domain, on_reboot, lifecycle, .shown = soft_reboot),
    E_ENUM("on_crash", domain, on_crash, lifecycle, .shown = soft_crash),
    E_ENUM("on_watchdog", domain, on_watchdog, lifecycle),
    E_ENUM("on_soft_reset", domain, on_soft_reset, lifecycle),
    E_NUM("autostart_order", domain, autostart_order),
    E_NUM("autostart_delay", domain, autostart_delay),
    E_ENUM("host_stop", domain, host_stop, host_stop),
    XH("disk_order", read_order, write_order),
    ADDITIONS("disk", disks, disk, disk_additions),
    ADDITIONS("controller", controllers, controller, controller_additions),
    ADDITIONS("vif", nics, nic, nic_additions),
    ADDITIONS("serial", serials, chr, chr_additions),
    ADDITIONS("parallel", parallels, chr, chr_additions),
    ADDITIONS("console", consoles, chr, chr_additions),
    ADDITIONS("channel", channels, chr, chr_additions),
    ADDITIONS("graphics", graphics, graphics, graphics_additions),
    ADDITIONS("hostdev", hostdevs, hostdev, hostdev_additions),
    {.place = X_HOOK,
     .read = read_addition,
     .write = write_additions,
     .sub = &cell_additions,
     .r = {.key = "vnuma",
           .offset = offsetof(struct domain, cpu.cells),
           .count_offset = offsetof(struct domain, cpu.n_cells)}},
    E_TRI("vnc", domain, vnc),
    E_TRI("sdl", domain, sdl),
    E_TRI("spice", domain, spice),
    E_TRI("nographic", domain, nographic),
    E_NUM("max_grant_frames", domain, max_grant_frames, .shown = has_no_xenbus),
    E_NUM("max_maptrack_frames", domain, max_maptrack_frames),
    E_NUM("max_grant_version", domain, max_grant_version),
    E_NUM("max_event_channels", domain, max_event_channels, .shown = has_no_xenbus),
    E_TRI("nomigrate", domain, disable_migrate),
    E_TRI("driver_domain", domain, driver_domain),
    E_TRI("xend_suspend_evtchn_compat", domain, xend_suspend_evtchn_compat),
    E_TRI("claim_mode", domain, claim_mode),
    E_TRI("run_hotplug_scripts", domain, run_hotplug_scripts),
    E_NUM("vmtrace_buf_kb", domain, vmtrace_buf_kib),
    E_TRI("vpmu", domain, vpmu),
    E_NUM("xenstore_feature_mask", domain, xenstore_feature_mask),
    E_STRS("xenstore_quota", domain, xenstore_quota),
    XL("smbios", domain, smbios, attr, xml_attr_table),
    E_TRI("oos", domain, oos),
    E_TRI("acpi_laptop_slate", domain, acpi_laptop_slate),
    E_TRI("nx", domain, nx),
    E_TRI("vpt_align", domain, vpt_align),
    E_TRI("xen_platform_pci", domain, xen_platform_pci),
    E_TRI("xen_platform_pci_bar_uc", domain, xen_platform_pci_bar_uc),
    E_TRI("hvm_pirq", domain, hvm_pirq),
    E_TRI("msr_relaxed", domain, msr_relaxed),
    E_TRI("vkb_device", domain, vkb_device),
    E_TRI("usb", domain, usb),
    E_NUM("usbversion", domain, usb_version),
    E_STRS("usbdevice", domain, usb_devices),
    E_ENUM("altp2m", domain, altp2m, altp2m),
    E_TRI("altp2mhvm", domain, altp2m_hvm),
    E_NUM("altp2m_count", domain, altp2m_count),
    E_STRS("mca_caps", domain, mca_caps),
    E_ENUM("timer_mode", domain, timer_mode, timer_mode),
    E_NUM("mmio_hole_kib", domain, mmio_hole_kib),
    E_ENUM("vendor_device", domain, vendor_device, vendor_device),
    E_TRI("gfx_passthru", domain, gfx_passthru),
    E_ENUM("gfx_passthru_kind", domain, gfx_passthru_kind, gfx_passthru),
    E_ENUM("hdtype", domain, hdtype, hdtype),
    E_TRI("pvshim", domain, pvshim),
    E_STR("pvshim_path", domain, pvshim_path),
    E_STR("pvshim_cmdline", domain, pvshim_cmdline),
    E_STR("pvshim_extra", domain, pvshim_extra),
    E_TRI("pvh", domain, pvh_v1),
    E_STR("init_seclabel", domain, init_seclabel),
    E_STR("seclabel", domain, seclabel_native),
    E_ENUM("device_model_version", domain, dm_version, dm_version),
    E_STR("device_model_user", domain, dm_user),
    E_TRI("dm_restrict", domain, dm_restrict),
    E_STRS("device_model_arg_pv", domain, dm_args_pv),
    E_STRS("device_model_arg_hvm", domain, dm_args_hvm),
    E_TRI("device_model_stubdomain_override", domain, dm_stubdomain),
    E_STR("device_model_stubdomain_seclabel", domain, dm_stubdomain_seclabel),
    E_STR("stubdomain_kernel", domain, stubdomain_kernel),
    E_STR("stubdomain_cmdline", domain, stubdomain_cmdline),
    E_STR("stubdomain_ramdisk", domain, stubdomain_ramdisk),
    E_NUM("stubdomain_memory_kib", domain, stubdomain_memory_kib),
    E_TRI("pci_permissive", domain, pci_permissive),
    E_TRI("pci_msitranslate", domain, pci_msitranslate),
    E_TRI("pci_seize", domain, pci_seize),
    E_TRI("pci_power_mgmt", domain, pci_power_mgmt),
    E_ENUM("rdm_strategy", domain, rdm_strategy, rdm_strategy),
    E_ENUM("rdm_policy", domain, rdm_policy, rdm_policy),
    E_NUM("rdm_mem_boundary_kib", domain, rdm_mem_boundary_kib),
    E_STRS("dtdev", domain, dtdevs),
    XL("ioports", domain, ioports, ioport_range, xml_ioport_range_table),
    XL("iomem", domain, iomem, iomem_range, xml_iomem_range_table),
    E_U32S("irq", domain, irqs),
    E_STRS("llc_colors", domain, llc_colors),
    XL("xsdata", domain, xsdata, attr, xml_attr_table),
    XL("platformdata", domain, platformdata, attr, xml_attr_table),
    E_STR("blkdev_start", domain, blkdev_start),
    E_NUM("ssidref", domain, ssidref),
    E_NUM("slack_memory_kib", domain, slack_memory_kib),
    E_ENUM("gic_version", domain, gic_version, gic_version),
    E_ENUM("vuart", domain, vuart, vuart),
    E_STR("sve", domain, sve),
    E_ENUM("tee", domain, tee, tee),
    E_NUM("nr_spis", domain, nr_spis),
    E_TRI("trap_unmapped_accesses", domain, trap_unmapped_accesses),
    E_ENUM("arm_sci", domain, arm_sci, arm_sci),
    XL("vtpm", domain, vtpms, vtpm, xml_vtpm_table),
    XL("p9", domain, p9s, p9, xml_p9_table),
    XL("pvcalls", domain, pvcalls, pvcalls, xml_pvcalls_table),
    XL("vkb", domain, vkbs, vkb, xml_vkb_table),
    XL("vdispl", domain, vdispls, vdispl, xml_vdispl_table),
    XL("vsnd", domain, vsnds, vsnd, xml_vsnd_table),
    XL("virtio", domain, virtios, virtio, xml_virtio_table),
    XE_AT("xm", domain, xm, xm, xm_table),
};
const struct xtable xml_extra_table = {XTABLE(extra_rows)};

bool xml_extra_write(struct conf_ctx *c, const struct domain *d)
{
    struct xml_out *w = xml_of(c)->w, before = *w;
    size_t len = w->s->len;
    w->prefix = "xvirt:";
    xml_out_open(w, "domain");
    xml_out_attr(w, "xmlns:xvirt", XML_NS_XVIRT);
    size_t empty = w->s->len;
    xml_write_rows(c, &xml_extra_table, d);
    if (w->s->len == empty) {
        *w = before;
        str_cut(w->s, len);
        return false;
    }
    xml_out_close(w);
    w->prefix = NULL;
    return true;
}
