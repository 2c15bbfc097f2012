/* Single devices, from the model to libxl's structs. */
#include "devices.h"

static int by_table(const struct map_table *t, const struct map_env *env, const void *m, void *x,
                    struct err *e)
{
    t->x_init(x);
    return map_write(t, env, m, x, e);
}

int device_take(libxl_ctx *ctx, const struct hv_device *d, int guest_type, struct xl_device *ret,
                struct err *e)
{
    struct map_env env = {.ctx = ctx, .type = guest_type, .guest = "guest"};
    ret->kind = d->kind;
    switch (d->kind) {
    case HV_DISK:
        return by_table(&disk_table, &env, d->device, &ret->disk, e);
    case HV_NIC:
        return by_table(&nic_table, &env, d->device, &ret->nic, e);
    case HV_CHANNEL:
        return by_table(&channel_table, &env, d->device, &ret->channel, e);
    case HV_VTPM:
        return by_table(&vtpm_table, &env, d->device, &ret->vtpm, e);
#ifdef LIBXL_HAVE_P9S
    case HV_P9:
        return by_table(&p9_table, &env, d->device, &ret->p9, e);
#else
    case HV_P9:
        break;
#endif
#ifdef LIBXL_HAVE_PVUSB
    case HV_CONTROLLER:
        libxl_device_usbctrl_init(&ret->usbctrl);
        return usbctrl_write(d->device, &ret->usbctrl, e);
    case HV_HOSTDEV:
        ret->is_usbdev = ((const struct hostdev *)d->device)->type == HOSTDEV_USB;
        if (ret->is_usbdev) {
            libxl_device_usbdev_init(&ret->usbdev);
            return usbdev_write(d->device, &ret->usbdev, e);
        }
        libxl_device_pci_init(&ret->pci);
        return pci_write(NULL, d->device, &ret->pci, e);
#else
    case HV_CONTROLLER:
        break;
    case HV_HOSTDEV:
        if (((const struct hostdev *)d->device)->type != HOSTDEV_PCI)
            break;
        libxl_device_pci_init(&ret->pci);
        return pci_write(NULL, d->device, &ret->pci, e);
#endif
    }
    return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not have such devices");
}

void device_dispose(struct xl_device *x)
{
    switch (x->kind) {
    case HV_DISK:
        libxl_device_disk_dispose(&x->disk);
        break;
    case HV_NIC:
        libxl_device_nic_dispose(&x->nic);
        break;
    case HV_CHANNEL:
        libxl_device_channel_dispose(&x->channel);
        break;
    case HV_VTPM:
        libxl_device_vtpm_dispose(&x->vtpm);
        break;
    case HV_P9:
#ifdef LIBXL_HAVE_P9S
        libxl_device_p9_dispose(&x->p9);
#endif
        break;
    case HV_CONTROLLER:
#ifdef LIBXL_HAVE_PVUSB
        libxl_device_usbctrl_dispose(&x->usbctrl);
#endif
        break;
    case HV_HOSTDEV:
#ifdef LIBXL_HAVE_PVUSB
        if (x->is_usbdev)
            libxl_device_usbdev_dispose(&x->usbdev);
#endif
        if (!x->is_usbdev)
            libxl_device_pci_dispose(&x->pci);
        break;
    }
}
