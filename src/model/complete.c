#include "model/complete.h"

#include "base/uuid.h"
#include "base/vec.h"
#include "model/diskname.h"

const char *caps_arch(const struct domain_caps *caps)
{
    return caps && caps->arch ? caps->arch : "x86_64";
}

const char *caps_loader(const struct domain_caps *caps)
{
    return caps && caps->loader ? caps->loader : "/usr/lib/xen/boot/hvmloader";
}

const char *caps_ovmf(const struct domain_caps *caps)
{
    return caps && caps->ovmf ? caps->ovmf : "/usr/lib/xen/boot/ovmf.bin";
}

static void default_text(char **text, const char *value)
{
    if (!*text)
        *text = mem_str(value);
}

static void default_num(struct num *n, int64_t value)
{
    if (!n->set)
        *n = NUM(value);
}

/* ---- the guest itself ---- */
static int64_t cells_kib(const struct domain *d)
{
    int64_t sum = 0;
    for (size_t i = 0; i < d->cpu.n_cells; i++)
        if (__builtin_add_overflow(sum, num_or(d->cpu.cells[i].memory_kib, 0), &sum))
            return INT64_MAX;
    return sum;
}

static int complete_memory(struct domain *d, unsigned flags, struct err *e)
{
    int64_t cells = cells_kib(d);
    if (cells && (flags & COMPLETE_NATIVE || num_or(d->memory_max_kib, 0) == 0))
        d->memory_max_kib = NUM(cells);
    if (num_or(d->memory_max_kib, 0) <= 0)
        return fail(e, ERR_XML_ERROR, "the guest has no memory size");
    if (num_or(d->memory_kib, 0) <= 0 || d->memory_kib.v > d->memory_max_kib.v)
        d->memory_kib = d->memory_max_kib;
    return 0;
}

static void complete_identity(struct domain *d, const struct domain_caps *caps)
{
    static const char *const machines[] = {NULL, "xenpv", "xenfv", "xenpvh"};
    if (uuid_is_zero(d->uuid) && !str_eq(d->name, "Domain-0")) /* whose uuid it is */
        uuid_random(d->uuid);
    if (!d->on_poweroff)
        d->on_poweroff = LIFE_DESTROY;
    if (!d->on_reboot)
        d->on_reboot = LIFE_RESTART;
    if (!d->on_crash)
        d->on_crash = LIFE_DESTROY;
    if (!d->clock.offset)
        d->clock.offset = CLOCK_UTC;
    default_num(&d->vcpus_max, d->vcpus.set ? d->vcpus.v : 1);
    default_num(&d->vcpus, d->vcpus_max.v);
    default_text(&d->os.arch, caps_arch(caps));
    if (d->os.loader.path)
        default_text(&d->os.loader.format, "raw");
    if (!d->virt_type && !d->os.machine)
        d->os.machine = mem_str(machines[d->type]);
}

static bool has_boot_order(const struct domain *d)
{
    for (size_t i = 0; i < d->n_disks; i++)
        if (d->disks[i].dev.boot_order.set)
            return true;
    for (size_t i = 0; i < d->n_nics; i++)
        if (d->nics[i].dev.boot_order.set)
            return true;
    for (size_t i = 0; i < d->n_hostdevs; i++)
        if (d->hostdevs[i].dev.boot_order.set)
            return true;
    return false;
}

/* ---- controllers ---- */
static int64_t next_index(const struct domain *d, enum controller_type type)
{
    int64_t next = 0;
    for (size_t i = 0; i < d->n_controllers; i++)
        if (d->controllers[i].type == type && num_or(d->controllers[i].index, -1) >= next)
            next = d->controllers[i].index.v + 1;
    return next;
}

static bool has_controller(const struct domain *d, enum controller_type type, int64_t index)
{
    for (size_t i = 0; i < d->n_controllers; i++)
        if (d->controllers[i].type == type && num_or(d->controllers[i].index, -1) == index)
            return true;
    return false;
}

/* Before the first of its type with a higher index, else after its type, else last (or first). */
static void add_controller(struct domain *d, enum controller_type type, int64_t index, bool first)
{
    size_t at = first ? 0 : d->n_controllers;
    bool found = false;
    for (size_t i = d->n_controllers; i-- > 0;) {
        if (d->controllers[i].type != type)
            continue;
        if (num_or(d->controllers[i].index, -1) > index)
            at = i, found = true;
        else if (!found)
            at = i + 1, found = true;
    }
    (void)DOMAIN_ADD(d, controllers);
    memmove(&d->controllers[at + 1], &d->controllers[at],
            (d->n_controllers - 1 - at) * sizeof(*d->controllers));
    d->controllers[at] = (struct controller){.type = type, .index = NUM(index)};
}

static bool is_root(const struct controller *k)
{
    return k->type == CTL_PCI && str_ends(k->model, "-root");
}

static void number_controllers(struct domain *d)
{
    for (size_t i = 0; i < d->n_controllers; i++)
        if (!d->controllers[i].index.set)
            d->controllers[i].index =
                NUM(is_root(&d->controllers[i]) ? 0 : next_index(d, d->controllers[i].type));
}

enum { CONTROLLERS_MAX = 1024 }; /* of a type, that disks may call for */

static int add_disk_controllers(struct domain *d, enum disk_bus bus, enum controller_type type,
                                struct err *e)
{
    int64_t highest = -1;
    for (size_t i = 0; i < d->n_disks; i++) {
        const struct disk *k = &d->disks[i];
        int64_t n = num_or(k->dev.address.controller, -1);
        if (k->bus == bus && k->dev.address.type == ADDRESS_DRIVE && n > highest)
            highest = n;
    }
    if (highest >= CONTROLLERS_MAX)
        return fail(e, ERR_XML_ERROR, "controller %lld of a disk's address is out of range",
                    (long long)highest);
    for (int64_t n = 0; n <= highest; n++)
        if (!has_controller(d, type, n))
            add_controller(d, type, n, false);
    return 0;
}

/* ---- disks ---- */
static void drive_address(struct disk *k, int64_t controller, int64_t bus, int64_t unit)
{
    k->dev.address.type = ADDRESS_DRIVE;
    k->dev.address.controller = NUM(controller);
    k->dev.address.bus = NUM(bus);
    k->dev.address.target = NUM(0);
    k->dev.address.unit = NUM(unit);
}

static int place_disk(struct disk *k, struct err *e)
{
    int n = disk_number(k->target);
    bool needs = k->bus == BUS_IDE || k->bus == BUS_SCSI || k->bus == BUS_FDC || k->bus == BUS_SATA;
    if (!needs || k->dev.address.type)
        return 0;
    if (n < 0)
        return fail(e, ERR_XML_ERROR, "disk '%s' has an unknown name for the bus '%s'", k->target,
                    words_name(&disk_bus_words, k->bus));
    if (k->bus == BUS_IDE)
        drive_address(k, n / 4, n % 4 / 2, n % 2);
    else if (k->bus == BUS_SCSI)
        drive_address(k, n / 7, 0, n % 7);
    else if (k->bus == BUS_SATA)
        drive_address(k, n / 6, 0, n % 6);
    else
        drive_address(k, n / 2, 0, n % 2);
    return 0;
}

static int complete_disks(struct domain *d, struct err *e)
{
    for (size_t i = 0; i < d->n_disks; i++) {
        struct disk *k = &d->disks[i];
        if (!k->target) {
            fail(e, ERR_XML_ERROR, "a disk has no target");
            return err_about(e, "disks[%zu].source", i);
        }
        if (!k->type)
            k->type = DISK_FILE;
        if (!k->device)
            k->device = DISK_DISK;
        if (!k->bus)
            k->bus = disk_bus_of(k->target, k->device);
        if (k->device == DISK_CDROM)
            k->readonly = TRI_YES;
        if (!d->virt_type && k->type == DISK_NETWORK && !k->driver)
            k->driver = mem_str("qemu");
        if (!d->virt_type && !k->format)
            k->format = mem_str("raw");
        if (place_disk(k, e))
            return err_about(e, "disks[%zu].target", i);
    }
    return 0;
}

/* ---- networks ---- */
static void complete_ips(struct ip *ips, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ips[i].address && !ips[i].family)
            ips[i].family = mem_str(strchr(ips[i].address, ':') ? "ipv6" : "ipv4");
}

static void complete_nics(struct domain *d)
{
    for (size_t i = 0; i < d->n_nics; i++) {
        struct nic *n = &d->nics[i];
        uint8_t random[UUID_LEN];
        complete_ips(n->ips, n->n_ips);
        complete_ips(n->source_ips, n->n_source_ips);
        if (n->mac.set)
            continue;
        uuid_random(random);
        if (d->virt_type)
            n->mac = (struct mac){{0x52, 0x54, 0x00, random[0], random[1], random[2]}, true};
        else
            n->mac = (struct mac){{0x00, 0x16, 0x3e, random[0] & 0x7f, random[1], random[2]}, true};
    }
}

/* ---- character devices ---- */
static void number_ports(struct chr *list, size_t n)
{
    int64_t next = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].port.set && list[i].port.v >= next)
            next = list[i].port.v + 1;
    for (size_t i = 0; i < n; i++)
        if (!list[i].port.set)
            list[i].port = NUM(next++);
}

static void insert_console(struct domain *d, enum chr_target target)
{
    (void)DOMAIN_ADD(d, consoles);
    memmove(&d->consoles[1], &d->consoles[0], (d->n_consoles - 1) * sizeof(*d->consoles));
    d->consoles[0] = (struct chr){.target = target};
}

/* An HVM guest's first console is its first serial port under another name. */
static void tie_console(struct domain *d)
{
    struct chr *first = d->n_consoles ? &d->consoles[0] : NULL;
    bool is_serial = first && (first->target == CHR_TARGET_SERIAL || !first->target ||
                               first->target == CHR_TARGET_NONE);
    if (is_serial && !d->n_serials) {
        struct chr serial = *first;
        *first = (struct chr){0};
        serial.target = 0;
        serial.port = NUM(0);
        if (!serial.type)
            serial.type = CHR_PTY;
        *DOMAIN_ADD(d, serials) = serial;
    } else if (is_serial) {
        rec_clear(&chr_rec, first);
    } else if (d->n_serials &&
               (!d->serials[0].target_type || !strcmp(d->serials[0].target_type, "isa-serial"))) {
        insert_console(d, 0);
    } else {
        return;
    }
    d->consoles[0].target = CHR_TARGET_SERIAL;
    d->consoles[0].port = d->serials[0].port;
}

static void complete_chrs(struct domain *d)
{
    number_ports(d->serials, d->n_serials);
    number_ports(d->parallels, d->n_parallels);
    for (size_t i = 0; i < d->n_consoles; i++)
        d->consoles[i].port = NUM(i); /* one that is put in front of them does not count */
    if (d->type == GUEST_HVM)
        tie_console(d);
    for (size_t i = 0; i < d->n_consoles; i++)
        if (!d->consoles[i].target)
            d->consoles[i].target =
                d->type == GUEST_HVM || d->virt_type ? CHR_TARGET_SERIAL : CHR_TARGET_XEN;
}

/* ---- graphics and video ---- */
static int64_t power_of_two(int64_t n)
{
    int64_t p = 1;
    while (p < n && p < INT64_C(1) << 40)
        p *= 2;
    return p;
}

static bool is_traditional(const struct domain *d)
{
    return d->dm_version == DM_QEMU_XEN_TRADITIONAL || str_ends(d->emulator, "/qemu-dm");
}

static int64_t default_vram(const struct domain *d, enum video_type type)
{
    bool hvm = !d->virt_type && d->type == GUEST_HVM, old = is_traditional(d);
    if (hvm && (type == VIDEO_VGA || type == VIDEO_XEN))
        return old ? 8192 : 16384;
    if (hvm && type == VIDEO_CIRRUS)
        return old ? 4096 : 8192;
    if (hvm && type == VIDEO_QXL)
        return 131072;
    switch (type) {
    case VIDEO_VGA:
    case VIDEO_CIRRUS:
    case VIDEO_VMVGA:
    case VIDEO_VBOX:
        return 16384;
    case VIDEO_XEN:
        return 4096;
    case VIDEO_QXL:
        return 65536;
    case VIDEO_PARALLELS:
        return 32768;
    case VIDEO_DEFAULT:
    case VIDEO_VIRTIO:
    case VIDEO_GOP:
    case VIDEO_NONE:
    case VIDEO_BOCHS:
    case VIDEO_RAMFB:
        return 0;
    }
    return 0;
}

static void complete_videos(struct domain *d)
{
    for (size_t i = 0; i < d->n_videos; i++) {
        struct video *v = &d->videos[i];
        if (!v->type || v->type == VIDEO_DEFAULT)
            v->type = d->virt_type || d->type == GUEST_HVM ? VIDEO_CIRRUS : VIDEO_XEN;
        if (v->type == VIDEO_NONE)
            continue;
        default_num(&v->heads, 1);
        if (num_or(v->vram_kib, 0) == 0) {
            int64_t vram = default_vram(d, v->type);
            v->vram_kib = vram ? NUM(vram) : (struct num){0};
        } else {
            v->vram_kib = NUM(power_of_two(v->vram_kib.v));
        }
        if (v->type == VIDEO_QXL)
            default_num(&v->ram_kib, 65536);
        if (v->ram_kib.set)
            v->ram_kib = NUM(power_of_two(v->ram_kib.v));
    }
}

static void complete_graphics(struct domain *d)
{
    for (size_t i = 0; i < d->n_graphics; i++) {
        struct graphics *g = &d->graphics[i];
        bool silent = !g->port.set && !g->tls_port.set && g->autoport != TRI_YES;
        if (g->type == GFX_SPICE && silent) {
            if (!g->n_listens)
                (void)DOMAIN_ADD(g, listens);
            if (g->listens[0].type != LISTEN_SOCKET && g->listens[0].type != LISTEN_NONE) {
                rec_clear(&listen_rec, &g->listens[0]);
                g->listens[0].type = LISTEN_NONE;
            }
        }
    }
}

/* ---- what every Xen guest has ---- */
static void add_input(struct domain *d, enum input_type type, enum input_bus bus)
{
    for (size_t i = 0; i < d->n_inputs; i++)
        if (d->inputs[i].type == type && d->inputs[i].bus == bus)
            return;
    struct input *x = DOMAIN_ADD(d, inputs);
    x->type = type;
    x->bus = bus;
}

static enum input_bus usual_bus(const struct domain *d)
{
    return d->type == GUEST_HVM ? INPUT_BUS_PS2 : INPUT_BUS_XEN;
}

static enum input_bus default_bus(const struct domain *d, enum input_type type)
{
    switch (type) {
    case INPUT_TABLET:
        return d->type == GUEST_HVM ? INPUT_BUS_USB : usual_bus(d);
    case INPUT_PASSTHROUGH:
        return INPUT_BUS_VIRTIO;
    case INPUT_EVDEV:
        return INPUT_BUS_NONE;
    case INPUT_MOUSE:
    case INPUT_KEYBOARD:
        break;
    }
    return usual_bus(d);
}

static void complete_inputs(struct domain *d)
{
    for (size_t i = 0; i < d->n_inputs; i++)
        if (!d->inputs[i].bus)
            d->inputs[i].bus = default_bus(d, d->inputs[i].type);
}

static void complete_xen(struct domain *d)
{
    bool hvm = d->type == GUEST_HVM;
    if (!hvm && !d->n_consoles) {
        struct chr *k = DOMAIN_ADD(d, consoles);
        k->type = CHR_PTY;
        k->target = CHR_TARGET_XEN;
    }
    complete_inputs(d);
    add_input(d, INPUT_MOUSE, usual_bus(d));
    add_input(d, INPUT_KEYBOARD, usual_bus(d));
    if (hvm && str_eq(d->os.arch, "x86_64")) {
        d->features.pae = TRI_YES;
        if (d->cpu.n_cells)
            d->features.acpi = TRI_YES;
    }
    if (!d->memballoon) {
        d->memballoon = NEW(struct memballoon);
        d->memballoon->model = mem_str("xen");
    }
    if (!has_controller(d, CTL_XENBUS, 0) && next_index(d, CTL_XENBUS) == 0)
        add_controller(d, CTL_XENBUS, 0, true);
}

int domain_complete(struct domain *d, const struct domain_caps *caps, unsigned flags, struct err *e)
{
    if (!d->type)
        return fail(e, ERR_XML_ERROR, "the guest has no type");
    complete_identity(d, caps);
    number_controllers(d);
    if (!d->virt_type)
        complete_xen(d);
    if (complete_memory(d, flags, e) || complete_disks(d, e))
        return -1;
    if (d->type == GUEST_HVM && !d->os.n_boot && !has_boot_order(d))
        VEC_PUSH(d->os.boot, d->os.n_boot, BOOT_HD);
    complete_nics(d);
    complete_chrs(d);
    if (d->n_graphics && !d->n_videos)
        (void)DOMAIN_ADD(d, videos);
    complete_videos(d);
    complete_graphics(d);
    return add_disk_controllers(d, BUS_SCSI, CTL_SCSI, e) ||
                   add_disk_controllers(d, BUS_FDC, CTL_FDC, e) ||
                   add_disk_controllers(d, BUS_IDE, CTL_IDE, e) ||
                   add_disk_controllers(d, BUS_SATA, CTL_SATA, e)
               ? -1
               : 0;
}

int domain_complete_devices(struct domain *d, struct err *e)
{
    if (complete_disks(d, e))
        return -1;
    complete_nics(d);
    complete_inputs(d);
    complete_videos(d);
    complete_graphics(d);
    return 0;
}
