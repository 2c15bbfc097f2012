/* <hostdev> of PCI and USB devices. */
#include <inttypes.h>

#include "conf/xml_domain.h"

static int read_nothing(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0;
}

static void write_mode(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    xml_out_attr(w, "mode", "subsystem");
}

/* writeFiltering='no' lets the guest write all of the device's configuration space. */
static int read_filtering(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct hostdev *h = rec;
    return xml_tri(c, x, "writeFiltering", "no", "yes", &h->permissive);
}

static void write_filtering(struct conf_ctx *c, const struct xrow *r, const void *rec,
                            struct xml_out *w)
{
    const struct hostdev *h = rec;
    if (h->permissive)
        xml_out_attr(w, "writeFiltering", h->permissive == TRI_YES ? "no" : "yes");
}

static bool is_pci(const void *rec)
{
    return ((const struct hostdev *)rec)->type == HOSTDEV_PCI;
}

static bool is_usb(const void *rec)
{
    return ((const struct hostdev *)rec)->type == HOSTDEV_USB;
}

static int read_pci_address(struct conf_ctx *c, struct hostdev *h, const struct xml *x)
{
    h->domain = h->bus = h->slot = h->function = NUM(0);
    if (xml_num(c, x, "domain", 0, 0, 0xffff, &h->domain) ||
        xml_num(c, x, "bus", 0, 0, 0xff, &h->bus) || xml_num(c, x, "slot", 0, 0, 0x1f, &h->slot) ||
        xml_num(c, x, "function", 0, 0, 7, &h->function))
        return -1;
    return 0;
}

static int read_address(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct hostdev *h = rec;
    if (h->type == HOSTDEV_PCI)
        return read_pci_address(c, h, x);
    if (xml_num(c, x, "bus", 0, 0, 65535, &h->usb_bus) ||
        xml_num(c, x, "device", 0, 0, 65535, &h->usb_device))
        return -1;
    if (!h->usb_bus.set || !h->usb_device.set)
        return xml_error(c, x, "the address of a USB device needs 'bus' and 'device'");
    return 0;
}

static void write_address(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
    const struct hostdev *h = rec;
    xml_out_open(w, "address");
    if (h->type == HOSTDEV_PCI && h->bus.set) {
        xml_out_number(w, "domain", num_or(h->domain, 0), 4);
        xml_out_number(w, "bus", num_or(h->bus, 0), 2);
        xml_out_number(w, "slot", num_or(h->slot, 0), 2);
        xml_out_number(w, "function", num_or(h->function, 0), 1);
    } else if (h->type == HOSTDEV_USB && h->usb_bus.set) {
        xml_out_number(w, "bus", num_or(h->usb_bus, 0), 0);
        xml_out_number(w, "device", num_or(h->usb_device, 0), 0);
    }
    xml_out_close(w);
}

static int read_id(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct hostdev *h = rec;
    struct num *n = strcmp(r->r.key, "vendor") ? &h->product : &h->vendor;
    const char *text;
    return xml_mandatory(c, x, "id", &text) || xml_num(c, x, "id", 0, 1, 0xffff, n) ? -1 : 0;
}

static void write_id(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct hostdev *h = rec;
    const struct num *n = strcmp(r->r.key, "vendor") ? &h->product : &h->vendor;
    if (!n->set)
        return;
    xml_out_open(w, r->r.key);
    xml_out_number(w, "id", n->v, 4);
    xml_out_close(w);
}

static const struct xrow source_rows[] = {
    XH_ATTR("writeFiltering", read_filtering, write_filtering, .only = is_pci),
    XA_STR("startupPolicy", hostdev, startup_policy, .only = is_usb),
    XK_ATTR("guestReset"),
    XH("vendor", read_id, write_id, .only = is_usb),
    XH("product", read_id, write_id, .only = is_usb),
    XH("address", read_address, write_address),
};
static const struct xtable source_table = {XTABLE(source_rows)};
static const struct xrow driver_rows[] = {XA_STR("name", hostdev, driver), XK_ATTR("model")};
static const struct xtable driver_table = {XTABLE(driver_rows)};

static int begin_hostdev(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct hostdev *h = rec;
    int type = 0;
    if (xml_enum(c, x, "type", &hostdev_type_words, &type))
        return -1;
    h->type = type;
    return 0;
}

static int read_hostdev(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct hostdev *h = rec;
    const struct xml *source = xml_child(x, "source");
    if (!source)
        return xml_error(c, x, "a <hostdev> has no <source>");
    if (h->vendor.set != h->product.set)
        return xml_error(c, source, "a USB <hostdev> needs both <vendor> and <product>");
    if (h->type == HOSTDEV_PCI && !h->bus.set && !xml_of(c)->extra)
        return xml_error(c, source, "a PCI <hostdev> has no <address>");
    return 0;
}

static const struct xrow hostdev_rows[] = {
    XH_ATTR("mode", read_nothing, write_mode),
    XA_ENUM("type", hostdev, type, hostdev_type),
    XA_YES("managed", hostdev, managed, .implied = "no"),
    XE("driver", driver_table),
    XE("source", source_table, .when = XW_ALWAYS),
    XK("teaming"),
    XI_AT(hostdev, dev, device, xml_tail_table),
};
const struct xtable xml_hostdev_table = {XTABLE(hostdev_rows), XITEM(hostdev), XKEPT_DEV(hostdev),
                                         .before = begin_hostdev, .after = read_hostdev};
