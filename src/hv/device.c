/* A row a kind: where such devices are kept and what identifies one. */
#include "device.h"

#include "base/str.h"
#include "base/uuid.h"

static bool same_disk(const void *a, const void *b)
{
    return str_eq(((const struct disk *)a)->target, ((const struct disk *)b)->target);
}

static bool same_nic(const void *a, const void *b)
{
    const struct nic *x = a, *y = b;
    return y->mac.set ? !memcmp(x->mac.b, y->mac.b, 6) : str_eq(x->bridge, y->bridge);
}

static bool same_hostdev(const void *a, const void *b)
{
    const struct hostdev *x = a, *y = b;
    if (x->type != y->type)
        return false;
    if (x->name || y->name) /* of an assignable PCI device: libxl knows where it is */
        return str_eq(x->name, y->name);
    if (x->type == HOSTDEV_PCI)
        return x->domain.v == y->domain.v && x->bus.v == y->bus.v && x->slot.v == y->slot.v &&
               x->function.v == y->function.v;
    return x->vendor.v == y->vendor.v && x->product.v == y->product.v &&
           x->usb_bus.v == y->usb_bus.v && x->usb_device.v == y->usb_device.v;
}

static bool same_controller(const void *a, const void *b)
{
    const struct controller *x = a, *y = b;
    return x->type == y->type && x->index.v == y->index.v;
}

static bool same_channel(const void *a, const void *b)
{
    return str_eq(((const struct chr *)a)->name, ((const struct chr *)b)->name);
}

static bool same_vtpm(const void *a, const void *b)
{
    return uuid_eq(((const struct vtpm *)a)->uuid, ((const struct vtpm *)b)->uuid);
}

static bool same_p9(const void *a, const void *b)
{
    return str_eq(((const struct p9 *)a)->tag, ((const struct p9 *)b)->tag);
}

static char *disk_name(const void *a)
{
    return mem_str(((const struct disk *)a)->target);
}

static char *nic_name(const void *a)
{
    const struct nic *x = a;
    const uint8_t *b = x->mac.b;
    return x->mac.set
               ? mem_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5])
               : mem_str(x->bridge);
}

static const struct kind {
    const char *list, *word;
    bool (*same)(const void *a, const void *b);
    char *(*name)(const void *a); /* as a user calls it; caller frees */
} kinds[] = {
    [HV_DISK] = {"disks", "disk", same_disk, disk_name},
    [HV_NIC] = {"nics", "network interface", same_nic, nic_name},
    [HV_HOSTDEV] = {"hostdevs", "host device", same_hostdev},
    [HV_CONTROLLER] = {"controllers", "controller", same_controller},
    [HV_CHANNEL] = {"channels", "channel", same_channel},
    [HV_VTPM] = {"vtpms", "vTPM", same_vtpm},
    [HV_P9] = {"p9s", "9p share", same_p9},
};

static const struct field *list_of(const struct hv_device *dev)
{
    return rec_field(&domain_rec, kinds[dev->kind].list);
}

size_t hv_device_find(const struct domain *d, const struct hv_device *dev)
{
    const struct field *f = list_of(dev);
    for (size_t i = 0; i < rec_count(f, d); i++)
        if (kinds[dev->kind].same(rec_item(f, d, i), dev->device))
            return i;
    return SIZE_MAX;
}

/* " 'xvdb'", or nothing for what has no name that a user would know; caller frees. */
static char *called(const struct hv_device *dev)
{
    CLEANUP_FREE char *name = kinds[dev->kind].name ? kinds[dev->kind].name(dev->device) : NULL;
    return name ? mem_printf(" '%s'", name) : mem_str("");
}

static int missing(const struct hv_device *dev, struct err *e)
{
    CLEANUP_FREE char *name = called(dev);
    return fail(e, ERR_DEVICE_MISSING, "there is no such %s%s", kinds[dev->kind].word, name);
}

static int there(const struct hv_device *dev, struct err *e)
{
    CLEANUP_FREE char *name = called(dev);
    return fail(e, ERR_OPERATION_FAILED, "such a %s%s is there already", kinds[dev->kind].word,
                name);
}

int hv_device_add(struct domain *d, const struct hv_device *dev, struct err *e)
{
    const struct field *f = list_of(dev);
    if (hv_device_find(d, dev) != SIZE_MAX)
        return there(dev, e);
    void *item = rec_append(f, d);
    rec_copy(f->sub, item, dev->device);
    return 0;
}

int hv_device_remove(struct domain *d, const struct hv_device *dev, struct err *e)
{
    size_t i = hv_device_find(d, dev);
    if (i == SIZE_MAX)
        return missing(dev, e);
    rec_remove(list_of(dev), d, i);
    return 0;
}

int hv_device_replace(struct domain *d, const struct hv_device *dev, struct err *e)
{
    const struct field *f = list_of(dev);
    size_t i = hv_device_find(d, dev);
    if (i == SIZE_MAX)
        return missing(dev, e);
    rec_clear(f->sub, rec_item(f, d, i));
    rec_copy(f->sub, rec_item(f, d, i), dev->device);
    return 0;
}
