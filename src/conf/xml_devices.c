/* <devices>, the common end of each device, and the small ones. */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/xml_domain.h"
#include "model/diskname.h"

/* ---- the common end ---- */
static const struct address_attr {
    enum address_type type;
    const char *name;
    size_t offset;
    int width; /* of a hexadecimal number; 0: decimal */
    int base;
    int64_t max;
} address_attrs[] = {
    {ADDRESS_PCI, "domain", offsetof(struct address, domain), 4, 0, 0xffffffff},
    {ADDRESS_PCI, "bus", offsetof(struct address, bus), 2, 0, 0xff},
    {ADDRESS_PCI, "slot", offsetof(struct address, slot), 2, 0, 0x1f},
    {ADDRESS_PCI, "function", offsetof(struct address, function), 1, 0, 7},
    {ADDRESS_DRIVE, "controller", offsetof(struct address, controller), 0, 10, UINT32_MAX},
    {ADDRESS_DRIVE, "bus", offsetof(struct address, bus), 0, 10, UINT32_MAX},
    {ADDRESS_DRIVE, "target", offsetof(struct address, target), 0, 10, UINT32_MAX},
    {ADDRESS_DRIVE, "unit", offsetof(struct address, unit), 0, 10, UINT32_MAX},
    {ADDRESS_VIRTIO_SERIAL, "controller", offsetof(struct address, controller), 0, 10, UINT32_MAX},
    {ADDRESS_VIRTIO_SERIAL, "bus", offsetof(struct address, bus), 0, 10, UINT32_MAX},
    {ADDRESS_CCID, "controller", offsetof(struct address, controller), 0, 10, UINT32_MAX},
    {ADDRESS_CCID, "slot", offsetof(struct address, slot), 0, 10, UINT32_MAX},
    {ADDRESS_USB, "bus", offsetof(struct address, bus), 0, 10, UINT32_MAX},
    {ADDRESS_ISA, "iobase", offsetof(struct address, iobase), 1, 0, UINT32_MAX},
    {ADDRESS_ISA, "irq", offsetof(struct address, irq), 1, 0, UINT32_MAX},
};

/* Said in part, the rest of it is 0. */
static void complete_address(struct address *a)
{
    struct num *const pci[] = {&a->domain, &a->bus, &a->slot, &a->function};
    struct num *const drive[] = {&a->controller, &a->bus, &a->target, &a->unit};
    bool is_part = false;
    for (size_t i = 0; i < 4; i++)
        is_part |= pci[i]->set;
    for (size_t i = 0; i < 4; i++) {
        if (a->type == ADDRESS_DRIVE && !drive[i]->set)
            *drive[i] = NUM(0);
        if (a->type == ADDRESS_PCI && is_part && !pci[i]->set)
            *pci[i] = NUM(0);
    }
}

enum { N_ADDRESS_ATTRS = sizeof(address_attrs) / sizeof(*address_attrs) };

static bool is_known(enum address_type type)
{
    for (size_t i = 0; i < N_ADDRESS_ATTRS; i++)
        if (address_attrs[i].type == type)
            return true;
    return false;
}

static int read_address(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct address *a = &((struct device *)rec)->address;
    const char *text;
    int type = 0;
    if (xml_mandatory(c, x, "type", &text) || xml_enum(c, x, "type", &address_type_words, &type))
        return -1;
    a->type = type;
    for (size_t i = 0; i < N_ADDRESS_ATTRS; i++) {
        const struct address_attr *t = &address_attrs[i];
        if (t->type == a->type && xml_num(c, x, t->name, t->base, 0, t->max,
                                          (struct num *)(void *)((char *)a + t->offset)))
            return -1;
    }
    complete_address(a);
    if (a->type == ADDRESS_PCI && xml_tri(c, x, "multifunction", "on", "off", &a->multifunction))
        return -1;
    if (a->type == ADDRESS_USB || a->type == ADDRESS_VIRTIO_SERIAL)
        xml_str(x, "port", &a->port);
    for (size_t i = 0; !is_known(a->type) && i < x->n_attrs; i++)
        if (strcmp(x->attrs[i].name, "type"))
            *DOMAIN_ADD(a, attrs) =
                (struct attr){mem_str(x->attrs[i].name), mem_str(x->attrs[i].value)};
    return 0;
}

static void write_address(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
    const struct address *a = &((const struct device *)rec)->address;
    if (!a->type)
        return;
    xml_out_open(w, "address");
    xml_out_attr(w, "type", words_name(&address_type_words, a->type));
    for (size_t i = 0; i < N_ADDRESS_ATTRS; i++) {
        const struct address_attr *t = &address_attrs[i];
        const struct num *n = (const void *)((const char *)a + t->offset);
        if (t->type == a->type && n->set)
            xml_out_number(w, t->name, n->v, t->width);
    }
    if (a->multifunction)
        xml_out_attr(w, "multifunction", a->multifunction == TRI_YES ? "on" : "off");
    if (a->port)
        xml_out_attr(w, "port", a->port);
    for (size_t i = 0; i < a->n_attrs; i++)
        xml_out_attr(w, a->attrs[i].name, a->attrs[i].value);
    xml_out_close(w);
}

/* Aliases are made when a guest starts; users may give their own, which begin with ua-. */
static int read_alias(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    const char *name = xml_get(x, "name");
    if (name && (!xml_of(c)->inactive || str_starts(name, "ua-")))
        str_set(&((struct device *)rec)->alias, name);
    return 0;
}

static void write_alias(struct conf_ctx *c, const struct xrow *r, const void *rec,
                        struct xml_out *w)
{
    const char *name = ((const struct device *)rec)->alias;
    if (!name || (xml_of(c)->inactive && !str_starts(name, "ua-")))
        return;
    xml_out_open(w, "alias");
    xml_out_attr(w, "name", name);
    xml_out_close(w);
}

static const struct xrow boot_rows[] = {
    XA_INT("order", device, boot_order, 1, INT32_MAX, .when = XW_MANDATORY), XK_ATTR("loadparm")};
static const struct xtable boot_table = {XTABLE(boot_rows)};
static const struct xrow acpi_rows[] = {XA_INT("index", device, acpi_index, 0, UINT32_MAX)};
static const struct xtable acpi_table = {XTABLE(acpi_rows)};

static const struct xrow tail_rows[] = {
    XE("boot", boot_table), XH("alias", read_alias, write_alias),       XK("rom"),
    XE("acpi", acpi_table), XH("address", read_address, write_address),
};
const struct xtable xml_tail_table = {XTABLE(tail_rows)};

/* ---- controller ---- */
static int read_controller_model(struct conf_ctx *c, const struct xrow *r, void *rec,
                                 const struct xml *x)
{
    struct controller *k = rec;
    const char *model = xml_get(x, "model"), *type = xml_get(x, "type");
    if (type && !strcmp(type, "usb") && (!strcmp(model, "qusb1") || !strcmp(model, "qusb2"))) {
        k->usb_type = USB_QUSB;
        k->usb_version = NUM(model[4] - '0');
    } else {
        str_set(&k->model, model);
    }
    return 0;
}

static void write_controller_model(struct conf_ctx *c, const struct xrow *r, const void *rec,
                                   struct xml_out *w)
{
    const struct controller *k = rec;
    int64_t version = num_or(k->usb_version, 0);
    if (k->model)
        xml_out_attr(w, "model", k->model);
    else if (k->type == CTL_USB && k->usb_type == USB_QUSB && (version == 1 || version == 2))
        xml_out_attr(w, "model", version == 1 ? "qusb1" : "qusb2");
}

static int read_controller(struct conf_ctx *c, void *rec, const struct xml *x)
{
    static const struct {
        enum controller_type type;
        const char *models;
    } known[] = {
        {CTL_SCSI, " auto buslogic lsilogic lsisas1068 vmpvscsi ibmvscsi virtio-scsi lsisas1078 "
                   "virtio-transitional virtio-non-transitional ncr53c90 dc390 am53c974 "},
        {CTL_USB, " piix3-uhci piix4-uhci ehci ich9-ehci1 ich9-uhci1 ich9-uhci2 ich9-uhci3 "
                  "vt82c686b-uhci pci-ohci nec-xhci qusb1 qusb2 qemu-xhci none "},
        {CTL_IDE, " piix3 piix4 ich6 "},
    };
    const struct controller *k = rec;
    CLEANUP_FREE char *word = mem_printf(" %s ", k->model ? k->model : "");
    for (size_t i = 0; k->model && i < sizeof(known) / sizeof(*known); i++)
        if (known[i].type == k->type && !strstr(known[i].models, word))
            return xml_error(c, x, "unknown model '%s' of a %s controller", k->model,
                             words_name(&controller_type_words, k->type));
    return 0;
}

static bool is_first_xenbus(const struct domain *d, const struct controller *k)
{
    for (size_t i = 0; i < d->n_controllers; i++)
        if (d->controllers[i].type == CTL_XENBUS)
            return &d->controllers[i] == k;
    return false;
}

/* A property of the guest that libvirt has put at its xenbus controller. */
static int read_xenbus(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    bool frames = !strcmp(r->r.key, "maxGrantFrames");
    return xml_num(c, x, r->r.key, 10, 0, INT32_MAX,
                   frames ? &c->d->max_grant_frames : &c->d->max_event_channels);
}

static void write_xenbus(struct conf_ctx *c, const struct xrow *r, const void *rec,
                         struct xml_out *w)
{
    bool frames = !strcmp(r->r.key, "maxGrantFrames");
    const struct num *n = frames ? &c->wd->max_grant_frames : &c->wd->max_event_channels;
    if (n->set && is_first_xenbus(c->wd, rec))
        xml_out_attrf(w, r->r.key, "%lld", (long long)n->v);
}

static const struct xrow controller_rows[] = {
    XA_ENUM("type", controller, type, controller_type, .when = XW_MANDATORY),
    XA_INT("index", controller, index, 0, INT32_MAX),
    XH_ATTR("model", read_controller_model, write_controller_model),
    XA_INT("ports", controller, ports, 0, INT32_MAX),
    XA_INT("vectors", controller, vectors, 0, INT32_MAX),
    XH_ATTR("maxGrantFrames", read_xenbus, write_xenbus),
    XH_ATTR("maxEventChannels", read_xenbus, write_xenbus),
    XK("driver"),
    XK("master"),
    XK("model"),
    XK("target"),
    XK("pcihole64"),
    XI_AT(controller, dev, device, xml_tail_table),
};
static const struct xtable controller_table = {XTABLE(controller_rows), XITEM(controller),
                                               XKEPT_DEV(controller), .after = read_controller};

static void sort_controllers(struct domain *d)
{
    struct controller last;
    size_t n = d->n_controllers - 1, at = n;
    bool found = false;
    if (!n)
        return;
    last = d->controllers[n];
    for (size_t i = n; i-- > 0;) {
        if (d->controllers[i].type != last.type)
            continue;
        if (last.index.set && num_or(d->controllers[i].index, -1) > last.index.v)
            at = i, found = true;
        else if (!found)
            at = i + 1, found = true;
    }
    memmove(&d->controllers[at + 1], &d->controllers[at], (n - at) * sizeof(last));
    d->controllers[at] = last;
}

/* ---- input, sound, video, memballoon ---- */
static const struct xrow input_source_rows[] = {
    XA_STR("dev", input, source_dev),
    XA_STR("evdev", input, source_evdev),
    XK_ATTR("grab"),
    XK_ATTR("repeat"),
    XK_ATTR("grabToggle"),
};
static const struct xtable input_source_table = {XTABLE(input_source_rows)};
static bool has_bus(const void *rec)
{
    return ((const struct input *)rec)->bus != INPUT_BUS_NONE;
}

static const struct xrow input_rows[] = {
    XA_ENUM("type", input, type, input_type, .when = XW_MANDATORY),
    XA_ENUM("bus", input, bus, input_bus, .shown = has_bus),
    XA_STR("model", input, model),
    XK("driver"),
    XE("source", input_source_table),
    XI_AT(input, dev, device, xml_tail_table),
};
static const struct xtable input_table = {XTABLE(input_rows), XITEM(input), XKEPT_DEV(input)};

static const struct xrow sound_rows[] = {
    XA_STR("model", sound, model, .when = XW_MANDATORY),
    XK_ATTR("multichannel"),
    XK_LIST("codec"),
    XK("audio"),
    XI_AT(sound, dev, device, xml_tail_table),
};
static const struct xtable sound_table = {XTABLE(sound_rows), XITEM(sound), XKEPT_DEV(sound)};

static int read_primary(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    tri primary = TRI_UNSET;
    if (xml_tri(c, x, "primary", "yes", "no", &primary))
        return -1;
    if (primary == TRI_YES) {
        if (xml_of(c)->primary)
            return xml_error(c, x, "more than one primary <video>");
        xml_of(c)->primary = c->d->n_videos;
    }
    return 0;
}

static void write_primary(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
    if (rec == c->wd->videos && c->wd->videos->type != VIDEO_NONE)
        xml_out_attr(w, "primary", "yes");
}

static const struct xrow video_model_rows[] = {
    XA_ENUM("type", video, type, video_type),
    XA_NUM("ram", video, ram_kib),
    XA_NUM("vram", video, vram_kib),
    XA_NUM("vram64", video, vram64_kib),
    XA_NUM("vgamem", video, vgamem_kib),
    XA_NUM("heads", video, heads),
    XH_ATTR("primary", read_primary, write_primary),
    XA_ON("blob", video, blob),
    XK_ATTR("edid"),
    XK("acceleration"),
    XK("resolution"),
};
static const struct xtable video_model_table = {XTABLE(video_model_rows)};
static const struct xrow video_rows[] = {
    XK("driver"),
    XE("model", video_model_table),
    XI_AT(video, dev, device, xml_tail_table),
};
static const struct xtable video_table = {XTABLE(video_rows), XITEM(video), XKEPT_DEV(video)};

static const struct xrow stats_rows[] = {XA_INT("period", memballoon, stats_period, 0, INT32_MAX)};
static const struct xtable stats_table = {XTABLE(stats_rows)};
static const struct xrow memballoon_rows[] = {
    XA_STR("model", memballoon, model, .when = XW_MANDATORY,
           ONEOF("virtio", "xen", "none", "virtio-transitional", "virtio-non-transitional")),
    XA_ON("autodeflate", memballoon, autodeflate),
    XA_ON("freePageReporting", memballoon, free_page_reporting),
    XE("stats", stats_table),
    XK("driver"),
    XI_AT(memballoon, dev, device, xml_tail_table),
};
static const struct xtable memballoon_table = {XTABLE(memballoon_rows), XITEM(memballoon),
                                               XKEPT_DEV(memballoon)};

/* ---- lists with a place of their own ---- */
static int read_disk(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    if (xml_read_item(c, &xml_disk_table, DOMAIN_ADD(d, disks), x))
        return -1;
    xml_sort_disks(d);
    return 0;
}

static void write_disks(struct conf_ctx *c, const struct xrow *r, const void *rec,
                        struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_disks; i++)
        xml_write_item(c, &xml_disk_table, &d->disks[i], "disk");
}

static int add_controller(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    if (xml_read_item(c, &controller_table, DOMAIN_ADD(d, controllers), x))
        return -1;
    sort_controllers(d);
    return 0;
}

static void write_controllers(struct conf_ctx *c, const struct xrow *r, const void *rec,
                              struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_controllers; i++)
        xml_write_item(c, &controller_table, &d->controllers[i], "controller");
}

static int read_console(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    return xml_read_item(c, &xml_console_table, DOMAIN_ADD(d, consoles), x);
}

static void write_consoles(struct conf_ctx *c, const struct xrow *r, const void *rec,
                           struct xml_out *w)
{
    const struct domain *d = rec;
    for (size_t i = 0; i < d->n_consoles; i++) {
        struct chr shown = *xml_console_source(d, &d->consoles[i]);
        shown.target = d->consoles[i].target;
        shown.port = d->consoles[i].port;
        xml_write_item(c, &xml_console_table, &shown, "console");
    }
}

/* ---- devices that are kept as they are ---- */
static int check_chr(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    const struct xml *backend = strcmp(x->name, "rng") ? x : xml_child(x, "backend");
    const char *type = backend ? xml_get(backend, "type") : NULL;
    const struct xml *source = backend ? xml_child(backend, "source") : NULL;
    if (type && !strcmp(type, "unix") && (!source || !xml_get(source, "path")))
        return xml_error(c, x, "<%s> has no <source path=''>", x->name);
    return 0;
}

static int check_hostdev(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    static const char *const types[] = {"usb", "pci", "scsi", "scsi_host", "mdev"};
    const char *mode = xml_get(x, "mode"), *type = xml_get(x, "type");
    if (mode && !strcmp(mode, "capabilities"))
        return xml_error(c, x, "<hostdev mode='capabilities'> is for containers only");
    if (mode && strcmp(mode, "subsystem"))
        return xml_error(c, x, "unknown mode '%s' of <hostdev>", mode);
    if (!type)
        return xml_error(c, x, "<hostdev> has no 'type'");
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!strcmp(types[i], type))
            return 0;
    return xml_error(c, x, "unknown type '%s' of <hostdev>", type);
}

static bool is_pci_or_usb(const struct xml *x)
{
    const char *mode = xml_get(x, "mode"), *type = xml_get(x, "type");
    return (!mode || !strcmp(mode, "subsystem")) && type &&
           (!strcmp(type, "pci") || !strcmp(type, "usb"));
}

static int read_devices(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    size_t n = xml_of(c)->primary;
    if (n > 1) {
        struct video first = d->videos[n - 1];
        memmove(&d->videos[1], &d->videos[0], (n - 1) * sizeof(first));
        d->videos[0] = first;
    }
    return 0;
}

static const struct xrow devices_rows[] = {
    XC_STR("emulator", domain, emulator),
    XH("disk", read_disk, write_disks),
    XH("controller", add_controller, write_controllers),
    XK_LIST("lease"),
    XK_LIST("filesystem"),
    XL("interface", domain, nics, nic, xml_nic_table),
    XK_LIST("smartcard", .read = check_chr),
    XL("serial", domain, serials, chr, xml_serial_table),
    XL("parallel", domain, parallels, chr, xml_parallel_table),
    XH("console", read_console, write_consoles),
    XL("channel", domain, channels, chr, xml_channel_table),
    XL("input", domain, inputs, input, input_table),
    XK_LIST("tpm"),
    XL("graphics", domain, graphics, graphics, xml_graphics_table),
    XL("sound", domain, sounds, sound, sound_table),
    XK_LIST("audio"),
    XL("video", domain, videos, video, video_table),
    XL("hostdev", domain, hostdevs, hostdev, xml_hostdev_table, .claims = is_pci_or_usb),
    XK_LIST("hostdev", .read = check_hostdev),
    XK_LIST("redirdev"),
    XK("redirfilter"),
    XK_LIST("hub"),
    XK_LIST("watchdog"),
    XO("memballoon", domain, memballoon, memballoon, memballoon_table),
    XK_LIST("rng", .read = check_chr),
    XK("nvram"),
    XK_LIST("panic"),
    XK_LIST("shmem"),
    XK_LIST("memory"),
    XK_LIST("crypto"),
    XK_LIST("iommu"),
    XK_LIST("vsock"),
    XK_LIST("pstore"),
};
const struct xtable xml_devices_table = {XTABLE(devices_rows), .after = read_devices};
