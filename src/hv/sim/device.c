/* Devices of a running guest's configuration: a row a kind that says where they are kept and what
 * identifies one. */
#include "sim_priv.h"

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

static const struct kind {
    const char *list, *word;
    bool (*same)(const void *a, const void *b);
} kinds[] = {
    [HV_DISK] = {"disks", "disk", same_disk},
    [HV_NIC] = {"nics", "network interface", same_nic},
    [HV_HOSTDEV] = {"hostdevs", "host device", same_hostdev},
    [HV_CONTROLLER] = {"controllers", "controller", same_controller},
    [HV_CHANNEL] = {"channels", "channel", same_channel},
    [HV_VTPM] = {"vtpms", "vTPM", same_vtpm},
    [HV_P9] = {"p9s", "9p share", same_p9},
};

static size_t find(const struct field *f, const struct domain *d, const struct kind *k,
                   const void *device)
{
    for (size_t i = 0; i < rec_count(f, d); i++)
        if (k->same(rec_item(f, d, i), device))
            return i;
    return SIZE_MAX;
}

int sim_device_add(struct domain *config, const struct hv_device *dev, struct err *e)
{
    const struct kind *k = &kinds[dev->kind];
    const struct field *f = rec_field(&domain_rec, k->list);
    if (find(f, config, k, dev->device) != SIZE_MAX)
        return fail(e, ERR_OPERATION_FAILED, "such a %s is there already", k->word);
    void *item = rec_append(f, config);
    rec_copy(f->sub, item, dev->device);
    return 0;
}

int sim_device_remove(struct domain *config, const struct hv_device *dev, struct err *e)
{
    const struct kind *k = &kinds[dev->kind];
    const struct field *f = rec_field(&domain_rec, k->list);
    size_t i = find(f, config, k, dev->device);
    if (i == SIZE_MAX)
        return fail(e, ERR_DEVICE_MISSING, "there is no such %s", k->word);
    rec_remove(f, config, i);
    return 0;
}

int sim_media_set(struct domain *config, const struct disk *d, struct err *e)
{
    for (size_t i = 0; i < config->n_disks; i++)
        if (same_disk(&config->disks[i], d)) {
            rec_clear(&disk_rec, &config->disks[i]);
            rec_copy(&disk_rec, &config->disks[i], d);
            return 0;
        }
    return fail(e, ERR_DEVICE_MISSING, "there is no drive '%s'", d->target);
}
