/* Devices of the host that a guest gets: PCI and USB. */
#include "devices.h"

#include <dirent.h>

#include "base/file.h"

/* ---- PCI ---- */

static tri either(tri own, tri all)
{
    return own != TRI_UNSET ? own : all;
}

static int in_range(struct num n, int64_t max, const char *what, struct err *e)
{
    if (n.set && (n.v < 0 || n.v > max))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "PCI %s %lld is out of range", what, (long long)n.v);
    return 0;
}

int pci_write(const struct domain *d, const struct hostdev *m, libxl_device_pci *x, struct err *e)
{
    if (m->driver && !str_eq(m->driver, "xen"))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "PCI driver '%s' is not possible on Xen", m->driver);
    if (in_range(m->domain, 0xffff, "domain", e) || in_range(m->bus, 0xff, "bus", e) ||
        in_range(m->slot, 0x1f, "slot", e) || in_range(m->function, 7, "function", e) ||
        in_range(m->vslot, 0x1f, "slot in the guest", e))
        return -1;
    if (!m->name && !m->bus.set && !m->slot.set)
        return fail(e, ERR_XML_ERROR, "a PCI device has no address");
    x->domain = (int)num_or(m->domain, 0);
    x->bus = (uint8_t)num_or(m->bus, 0);
    x->dev = (uint8_t)num_or(m->slot, 0);
    x->func = (uint8_t)num_or(m->function, 0);
    if (!m->name) /* libxl looks it up */
        x->vfunc_mask = m->all_functions == TRI_YES ? LIBXL_PCI_FUNC_ALL : 1u << x->func;
    if (m->vslot.set)
        x->vdevfn = (uint32_t)m->vslot.v << 3;
    x->permissive = either(m->permissive, d ? d->pci_permissive : TRI_UNSET) == TRI_YES;
    x->msitranslate = either(m->msitranslate, d ? d->pci_msitranslate : TRI_UNSET) == TRI_YES;
    x->power_mgmt = either(m->power_mgmt, d ? d->pci_power_mgmt : TRI_UNSET) == TRI_YES;
    tri seize = either(m->seize, d ? d->pci_seize : TRI_UNSET);
    x->seize = either(seize, m->managed) == TRI_YES; /* managed: taken from its driver and back */
    x->rdm_policy = m->rdm_policy == RDM_STRICT    ? LIBXL_RDM_RESERVE_POLICY_STRICT
                    : m->rdm_policy == RDM_RELAXED ? LIBXL_RDM_RESERVE_POLICY_RELAXED
                                                   : LIBXL_RDM_RESERVE_POLICY_INVALID;
#ifdef LIBXL_HAVE_DEVICE_PCI_NAME
    x->name = mem_str(m->name);
#else
    if (m->name)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have names for PCI devices");
#endif
    return 0;
}

static tri said(bool on)
{
    return on ? TRI_YES : TRI_UNSET;
}

static void pci_read(const libxl_device_pci *x, struct hostdev *m)
{
    m->type = HOSTDEV_PCI;
    m->domain = NUM(x->domain);
    m->bus = NUM(x->bus);
    m->slot = NUM(x->dev);
    m->function = NUM(x->func);
    m->all_functions = said(x->vfunc_mask == LIBXL_PCI_FUNC_ALL);
    if (x->vdevfn)
        m->vslot = NUM(x->vdevfn >> 3);
    m->permissive = said(x->permissive);
    m->msitranslate = said(x->msitranslate);
    m->power_mgmt = said(x->power_mgmt);
    m->seize = said(x->seize);
    if (x->rdm_policy == LIBXL_RDM_RESERVE_POLICY_RELAXED)
        m->rdm_policy = RDM_RELAXED;
    else if (x->rdm_policy == LIBXL_RDM_RESERVE_POLICY_STRICT)
        m->rdm_policy = RDM_STRICT;
#ifdef LIBXL_HAVE_DEVICE_PCI_NAME
    m->name = mem_str(x->name);
#endif
}

/* ---- USB ---- */

#ifdef LIBXL_HAVE_PVUSB
/* A number in a file of sysfs; -1 when there is none. */
static int64_t sysfs_number(const char *dev, const char *what, int base)
{
    CLEANUP_FREE char *path = mem_printf("/sys/bus/usb/devices/%s/%s", dev, what);
    CLEANUP_FREE char *text = NULL;
    size_t len;
    uint32_t v;
    if (file_read(path, 64, &text, &len, NULL))
        return -1;
    text[strcspn(text, "\n")] = 0;
    return parse_u32(text, base, UINT32_MAX, &v) ? (int64_t)v : -1;
}

/* Where the one device of these ids is now. */
static int usb_find(const struct hostdev *m, libxl_device_usbdev *x, struct err *e)
{
    DIR *dir = opendir("/sys/bus/usb/devices");
    int found = 0;
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (sysfs_number(entry->d_name, "idVendor", 16) != m->vendor.v ||
            sysfs_number(entry->d_name, "idProduct", 16) != m->product.v)
            continue;
        x->u.hostdev.hostbus = (uint8_t)sysfs_number(entry->d_name, "busnum", 10);
        x->u.hostdev.hostaddr = (uint8_t)sysfs_number(entry->d_name, "devnum", 10);
        found++;
    }
    if (dir)
        closedir(dir);
    if (found == 1)
        return 0;
    return fail(e, ERR_OPERATION_FAILED, "%s USB device %04llx:%04llx on this host",
                found ? "there is more than one" : "there is no", (long long)m->vendor.v,
                (long long)m->product.v);
}

int usbdev_write(const struct hostdev *m, libxl_device_usbdev *x, struct err *e)
{
    libxl_device_usbdev_init_type(x, LIBXL_USBDEV_TYPE_HOSTDEV);
    if (m->usb_controller.set)
        x->ctrl = (int)m->usb_controller.v;
    if (m->usb_port.set)
        x->port = (int)m->usb_port.v;
    if (m->usb_bus.set && m->usb_device.set) {
        if (m->usb_bus.v < 0 || m->usb_bus.v > 255 || m->usb_device.v < 0 || m->usb_device.v > 255)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "USB address is out of range");
        x->u.hostdev.hostbus = (uint8_t)m->usb_bus.v;
        x->u.hostdev.hostaddr = (uint8_t)m->usb_device.v;
        return 0;
    }
    return usb_find(m, x, e);
}

static void usbdev_read(const libxl_device_usbdev *x, struct hostdev *m)
{
    m->type = HOSTDEV_USB;
    m->usb_bus = NUM(x->u.hostdev.hostbus);
    m->usb_device = NUM(x->u.hostdev.hostaddr);
    if (x->ctrl >= 0)
        m->usb_controller = NUM(x->ctrl);
    if (x->port > 0)
        m->usb_port = NUM(x->port);
}

static const struct map_pair usb_types[] = {
    {USB_AUTO, LIBXL_USBCTRL_TYPE_AUTO},
    {USB_PV, LIBXL_USBCTRL_TYPE_PV},
    {USB_DEVICEMODEL, XL_USBCTRL_DEVICEMODEL},
    {USB_QUSB, XL_USBCTRL_QUSB},
};
#define M struct controller
#define X libxl_device_usbctrl
static const struct map_row usbctrl_rows[] = {
    L_ENUM(ON_ALL, "type", usb_type, type, usb_types, -1),
    L_NUM(ON_ALL, "version", usb_version, version, 0),
    L_NUM(ON_ALL, "ports", ports, ports, 0),
    L_NUM(ON_ALL, "index", index, devid, -1),
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
};
#undef M
#undef X
static void usbctrl_init(void *x)
{
    libxl_device_usbctrl_init(x);
}
MAP_TABLE(usbctrl, struct controller, libxl_device_usbctrl);

int usbctrl_write(const struct controller *m, libxl_device_usbctrl *x, struct err *e)
{
    struct map_env env = {.type = ON_ALL};
    if (m->model)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "USB controller '%s' is not possible on Xen",
                    m->model);
    return map_write(&usbctrl_table, &env, m, x, e);
}
#endif

/* ---- lists ---- */

int usbctrls_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    for (size_t i = 0; i < d->n_controllers; i++) {
        if (d->controllers[i].type != CTL_USB)
            continue;
#ifdef LIBXL_HAVE_PVUSB
        libxl_domain_config *x = to;
        libxl_device_usbctrl *item =
            map_array_add((void **)&x->usbctrls, &x->num_usbctrls, sizeof(*item), usbctrl_init);
        if (usbctrl_write(&d->controllers[i], item, e))
            return -1;
#else
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have USB controllers");
#endif
    }
    return 0;
}

void usbctrls_read(const struct map_env *env, const void *from, void *to)
{
#ifdef LIBXL_HAVE_PVUSB
    const libxl_domain_config *x = from;
    struct domain *d = to;
    for (int i = 0; i < x->num_usbctrls; i++) {
        struct controller *m = DOMAIN_ADD(d, controllers);
        m->type = CTL_USB;
        map_read(&usbctrl_table, env, &x->usbctrls[i], m);
    }
#endif
}

static void pci_init(void *x)
{
    libxl_device_pci_init(x);
}

#ifdef LIBXL_HAVE_PVUSB
static void usbdev_init(void *x)
{
    libxl_device_usbdev_init(x);
}
#endif

int hostdevs_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_config *x = to;
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        const struct hostdev *m = &d->hostdevs[i];
        if (m->type == HOSTDEV_PCI) {
            libxl_device_pci *item =
                map_array_add((void **)&x->pcidevs, &x->num_pcidevs, sizeof(*item), pci_init);
            if (pci_write(d, m, item, e))
                return -1;
            continue;
        }
#ifdef LIBXL_HAVE_PVUSB
        libxl_device_usbdev *item =
            map_array_add((void **)&x->usbdevs, &x->num_usbdevs, sizeof(*item), usbdev_init);
        if (usbdev_write(m, item, e))
            return -1;
#else
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have USB devices of the host");
#endif
    }
    return 0;
}

void hostdevs_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_config *x = from;
    struct domain *d = to;
    for (int i = 0; i < x->num_pcidevs; i++)
        pci_read(&x->pcidevs[i], DOMAIN_ADD(d, hostdevs));
#ifdef LIBXL_HAVE_PVUSB
    for (int i = 0; i < x->num_usbdevs; i++)
        usbdev_read(&x->usbdevs[i], DOMAIN_ADD(d, hostdevs));
#endif
}
