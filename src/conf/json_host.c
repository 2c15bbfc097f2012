/* pcidevs, usbctrls, usbdevs, channels: what of the host the guest may use. */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/json_rows.h"

#define OUT(c) (&json_io(c)->out)
#define NODE(c) (json_io(c)->node)

/* ---- PCI ---- */

enum { VDEVFN_AUTO = 0x100, VDEVFN_MAX = 0x1ff };

static int read_mask(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct hostdev *h = rec;
    int64_t mask;
    if (json_want_int(c, r->key, NODE(c), 0, UINT32_MAX, &mask))
        return -1;
    if (mask & (mask - 1)) /* more than one function */
        h->all_functions = TRI_YES;
    return 0;
}

enum { ALL_FUNCTIONS = 0xffffffff };

/* The bits of the functions that are passed; libxl finds out which there are when it is all ones.
 */
static int write_mask(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct hostdev *h = rec;
    if (h->all_functions == TRI_YES)
        json_put_uint(OUT(c), r->key, ALL_FUNCTIONS);
    else if (!h->name)
        json_put_int(OUT(c), r->key, 1 << (num_or(h->function, 0) & 7));
    return 0;
}

static int read_vdevfn(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct hostdev *h = rec;
    int64_t n;
    if (json_want_int(c, r->key, NODE(c), 0, VDEVFN_MAX, &n))
        return -1;
    if (n && !(n & VDEVFN_AUTO))
        h->vslot = NUM(n >> 3);
    if (n & 7 && !(n & VDEVFN_AUTO))
        conf_note(c, REPORT_LOST, "pcidevs.vdevfn", json_pos(NODE(c)),
                  "a slot is kept, not its function");
    return 0;
}

static int write_vdevfn(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct hostdev *h = rec;
    if (h->vslot.set)
        json_put_int(OUT(c), r->key, h->vslot.v << 3);
    return 0;
}

/* xl's keys for all devices count where a device says nothing. */
static int write_pci_flag(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct {
        const char *key;
        tri all;
    } defaults[] = {{"permissive", c->wd->pci_permissive},
                    {"msitranslate", c->wd->pci_msitranslate},
                    {"power_mgmt", c->wd->pci_power_mgmt},
                    {"seize", c->wd->pci_seize}};
    tri on = *(const tri *)row_at(r, rec);
    for (size_t i = 0; i < 4; i++)
        if (!on && str_eq(defaults[i].key, r->key))
            on = defaults[i].all;
    if (on == TRI_YES)
        json_put_bool(OUT(c), r->key, true);
    return 0;
}

static int read_pci_flag(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct json *node = NODE(c);
    if (node->kind != JSON_TRUE && node->kind != JSON_FALSE)
        return json_want(c, r->key, node, JSON_TRUE);
    if (node->kind == JSON_TRUE)
        *(tri *)row_at(r, rec) = TRI_YES;
    return 0;
}

static int write_zero(struct conf_ctx *c, const struct row *r, const void *rec)
{
    int64_t n = num_or(*(const struct num *)row_at(r, rec), 0);
    if (n)
        json_put_int(OUT(c), r->key, n);
    return 0;
}

#define PCI_FLAG(k) \
    J_HOOK(#k, read_pci_flag, write_pci_flag, .offset = offsetof(struct hostdev, k), \
           .type = "true or false")
#define PCI_NUM(k, m, most) \
    { \
        .key = k, .kind = ROW_HOOK, .read = json_read_number, .write = write_zero, \
        .offset = offsetof(struct hostdev, m), .type = "number", .max = most \
    }

static const struct row pci_rows[] = {
    PCI_NUM("func", function, 7),
    PCI_NUM("dev", slot, 31),
    PCI_NUM("bus", bus, 255),
    PCI_NUM("domain", domain, 65535),
    J_HOOK("vdevfn", read_vdevfn, write_vdevfn, .type = "number"),
    J_HOOK("vfunc_mask", read_mask, write_mask, .type = "bits"),
    PCI_FLAG(msitranslate),
    PCI_FLAG(power_mgmt),
    PCI_FLAG(permissive),
    PCI_FLAG(seize),
    J_KEEP_ENUM("rdm_policy", hostdev, rdm_policy, rdm_policy, &rdm_policy_words),
    J_STR("name", hostdev, name, .since = XEN(4, 15)),
};
const struct row_table json_pci_table = JSON_TABLE("pcidevs.", pci_rows);

int json_read_pcidevs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        struct hostdev *h = DOMAIN_ADD(d, hostdevs);
        struct num *const numbers[] = {&h->domain, &h->bus, &h->slot, &h->function};
        h->type = HOSTDEV_PCI;
        rc = json_read_rows(c, r->sub, h, &node->items[i]);
        for (size_t k = 0; k < 4; k++)
            if (!numbers[k]->set)
                *numbers[k] = NUM(0);
    }
    return rc;
}

int json_write_pcidevs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_open = false;
    int rc = 0;
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        if (d->hostdevs[i].type != HOSTDEV_PCI)
            continue;
        if (!is_open)
            json_open(OUT(c), r->key, '[');
        is_open = true;
        json_open(OUT(c), NULL, '{');
        rc |= json_write_rows(c, r->sub, &d->hostdevs[i]);
        json_close(OUT(c), '}');
    }
    if (is_open)
        json_close(OUT(c), ']');
    return rc;
}

/* ---- USB ---- */

static int read_member(struct conf_ctx *c, const struct json *object, const char *key, int64_t max,
                       struct num *ret)
{
    const struct json *v = object ? json_get(object, key) : NULL;
    int64_t n;
    if (!v)
        return 0;
    if (json_want_int(c, key, v, -1, max, &n))
        return -1;
    if (n >= 0)
        *ret = NUM(n);
    return 0;
}

int json_read_usbdevs(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const struct json *x = &node->items[i], *host = json_get(x, "type.hostdev");
        struct hostdev *h = DOMAIN_ADD(d, hostdevs);
        h->type = HOSTDEV_USB;
        rc |= read_member(c, x, "ctrl", 255, &h->usb_controller);
        rc |= read_member(c, x, "port", 255, &h->usb_port);
        rc |= read_member(c, host, "hostbus", 255, &h->usb_bus);
        rc |= read_member(c, host, "hostaddr", 255, &h->usb_device);
        if (!rc && (!h->usb_bus.set || !h->usb_device.set))
            rc = conf_error(c, json_pos(x),
                            "a USB device needs 'type.hostdev' with hostbus and "
                            "hostaddr");
        json_note_fields(c, r->sub, x, NULL);
    }
    return rc;
}

static const struct row usbhost_rows[] = {
    J_PART("hostbus", .type = "number", .xml = "<address bus>"),
    J_PART("hostaddr", .type = "number", .xml = "<address device>"),
};
const struct row_table json_usbhost_table = JSON_TABLE("usbdevs.type.hostdev.", usbhost_rows);

static const struct row usbdev_rows[] = {
    J_PART("ctrl", .type = "number", .xml = "metadata"),
    J_PART("port", .type = "number", .xml = "metadata"),
    J_PART("type.hostdev", .sub = &json_usbhost_table, .type = "object", .xml = "<source>"),
};
const struct row_table json_usbdev_table = JSON_TABLE("usbdevs.", usbdev_rows);

static int write_usbdev(struct conf_ctx *c, const struct hostdev *h)
{
    if (!h->usb_bus.set || !h->usb_device.set)
        return conf_error(c, (struct pos){0},
                          "USB device %04x:%04x: only bus and device number can "
                          "be said to libxl",
                          (unsigned)num_or(h->vendor, 0), (unsigned)num_or(h->product, 0));
    json_open(OUT(c), NULL, '{');
    if (h->usb_controller.set)
        json_put_int(OUT(c), "ctrl", h->usb_controller.v);
    if (num_or(h->usb_port, 0))
        json_put_int(OUT(c), "port", h->usb_port.v);
    json_open(OUT(c), "type.hostdev", '{');
    json_put_int(OUT(c), "hostbus", h->usb_bus.v);
    json_put_int(OUT(c), "hostaddr", h->usb_device.v);
    json_close(OUT(c), '}');
    json_close(OUT(c), '}');
    return 0;
}

int json_write_usbdevs(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    bool is_open = false;
    int rc = 0;
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        if (d->hostdevs[i].type != HOSTDEV_USB)
            continue;
        if (!is_open)
            json_open(OUT(c), r->key, '[');
        is_open = true;
        rc |= write_usbdev(c, &d->hostdevs[i]);
    }
    if (is_open)
        json_close(OUT(c), ']');
    return rc;
}

static const struct row usbctrl_rows[] = {
    J_HOOK("devid", json_read_nothing, NULL, .type = "number", .xml = "index"),
    J_ENUM("type", controller, usb_type, usb_type, &usb_type_words, "auto", .xml = "model"),
    R_NUM("version", controller, usb_version),
    R_NUM("ports", controller, ports),
    J_BACKEND(controller),
};
const struct row_table json_usbctrl_table = JSON_TABLE("usbctrls.", usbctrl_rows);

int json_read_usbctrls(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        struct controller *k = DOMAIN_ADD(d, controllers);
        k->type = CTL_USB;
        k->index = NUM(i);
        rc = json_read_rows(c, &json_usbctrl_table, k, &node->items[i]);
        rc |= read_member(c, &node->items[i], "devid", 255, &k->index);
    }
    return rc;
}

static int write_usbctrl(struct conf_ctx *c, const struct controller *k, size_t place)
{
    if (k->model)
        return conf_error(c, (struct pos){0}, "libxl has no USB controller '%s'", k->model);
    json_open(OUT(c), NULL, '{');
    if (num_or(k->index, (int64_t)place) != (int64_t)place)
        json_put_int(OUT(c), "devid", k->index.v);
    int rc = json_write_rows(c, &json_usbctrl_table, k);
    json_close(OUT(c), '}');
    return rc;
}

int json_write_usbctrls(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < d->n_controllers; i++) {
        if (d->controllers[i].type != CTL_USB)
            continue;
        if (!n)
            json_open(OUT(c), r->key, '[');
        rc |= write_usbctrl(c, &d->controllers[i], n++);
    }
    if (n)
        json_close(OUT(c), ']');
    return rc;
}

/* ---- channels ---- */

int json_read_channels(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    const struct json *node = NODE(c);
    int rc = json_want(c, r->key, node, JSON_ARRAY);
    for (size_t i = 0; !rc && i < node->n_items; i++) {
        const struct json *x = &node->items[i], *name = json_get(x, "name");
        const struct json *backend = json_get(x, "backend_domname");
        const struct json *socket = json_get(x, "connection.socket");
        const struct json *path = socket ? json_get(socket, "path") : NULL;
        struct chr *k = DOMAIN_ADD(d, channels);
        k->type = socket ? CHR_UNIX : CHR_PTY;
        k->target = CHR_TARGET_XEN;
        str_set(&k->target_type, "xen");
        str_set(&k->name, name ? name->text : NULL);
        str_set(&k->path, path ? path->text : NULL);
        str_set(&k->backend_domain, backend ? backend->text : NULL);
        struct num domid = {0};
        rc |= read_member(c, x, "devid", INT32_MAX, &k->devid);
        rc |= read_member(c, x, "backend_domid", UINT32_MAX, &domid);
        if (num_or(k->devid, -1) == (int64_t)i)
            k->devid = (struct num){0};
        if (!k->backend_domain && num_or(domid, 0))
            k->backend_domain = mem_printf("%" PRId64, domid.v);
        if (socket)
            k->listen = TRI_YES;
        json_note_fields(c, r->sub, x, NULL);
    }
    return rc;
}

static const struct row socket_rows[] = {
    J_PART("path", .type = "path", .xml = "<source path>"),
};
const struct row_table json_socket_table = JSON_TABLE("channels.connection.socket.", socket_rows);

static const struct row channel_rows[] = {
    J_PART("backend_domname", .type = "domain", .xml = "metadata"),
    J_PART("backend_domid", .type = "number", .xml = "metadata"),
    J_PART("devid", .type = "number", .xml = "metadata"),
    J_PART("name", .type = "text", .xml = "<target name>"),
    J_PART("connection.pty", .type = "object", .xml = "<channel type='pty'>"),
    J_PART("connection.socket", .sub = &json_socket_table, .type = "object",
           .xml = "<channel type='unix'>"),
};
const struct row_table json_channel_table = JSON_TABLE("channels.", channel_rows);

static int write_channel(struct conf_ctx *c, const struct chr *k)
{
    bool is_socket = k->type == CHR_UNIX;
    if (k->type != CHR_PTY && !is_socket)
        return conf_error(c, (struct pos){0}, "channel '%s': libxl has pty and unix, no '%s'",
                          k->name ? k->name : "", words_name(&chr_type_words, (int)k->type));
    json_open(OUT(c), NULL, '{');
    if (k->backend_domain)
        json_put_string(OUT(c), "backend_domname", k->backend_domain);
    if (k->devid.set)
        json_put_int(OUT(c), "devid", k->devid.v);
    if (k->name)
        json_put_string(OUT(c), "name", k->name);
    json_open(OUT(c), is_socket ? "connection.socket" : "connection.pty", '{');
    if (is_socket && k->path)
        json_put_string(OUT(c), "path", k->path);
    json_close(OUT(c), '}');
    json_close(OUT(c), '}');
    return 0;
}

int json_write_channels(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct domain *d = rec;
    int rc = 0;
    if (!d->n_channels)
        return 0;
    json_open(OUT(c), r->key, '[');
    for (size_t i = 0; i < d->n_channels; i++)
        rc |= write_channel(c, &d->channels[i]);
    json_close(OUT(c), ']');
    return rc;
}
