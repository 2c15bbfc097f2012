#include "model/check.h"

#include "base/hash.h"
#include "model/complete.h"

static int check_identity(const struct domain *d, struct err *e)
{
    if (str_empty(d->name))
        return fail(e, ERR_XML_ERROR, "the guest has no name");
    if (strchr(d->name, '/') || strchr(d->name, '\n'))
        return fail(e, ERR_XML_ERROR, "the name '%s' of the guest has a '/' or a line break in it",
                    d->name);
    if (num_or(d->vcpus, 1) < 1 || num_or(d->vcpus, 1) > num_or(d->vcpus_max, 1))
        return fail(e, ERR_XML_ERROR, "%lld vCPUs are not between 1 and the maximum, %lld",
                    (long long)num_or(d->vcpus, 1), (long long)num_or(d->vcpus_max, 1));
    return 0;
}

static int check_host(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    bool missing =
        caps && ((d->type == GUEST_PV && caps->no_pv) || (d->type == GUEST_HVM && caps->no_hvm) ||
                 (d->type == GUEST_PVH && caps->no_pvh));
    bool other_arch = caps && caps->is_strict && d->os.arch && strcmp(d->os.arch, caps_arch(caps));
    if (missing || other_arch)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this host has no %s guests of the architecture %s",
                    words_name(&guest_type_words, d->type), d->os.arch);
    return 0;
}

static int check_unique(const struct domain *d, struct err *e)
{
    struct hash seen = {0};
    int rc = 0;
    for (size_t i = 0; i < d->n_disks && !rc; i++) {
        const char *target = d->disks[i].target;
        if (target && hash_get(&seen, target, strlen(target)))
            rc = fail(e, ERR_XML_ERROR, "two disks with the target '%s'", target);
        else if (target)
            hash_put(&seen, target, strlen(target), &seen);
    }
    for (size_t i = 0; i < d->n_controllers && !rc; i++) {
        const struct controller *k = &d->controllers[i];
        int64_t key[3] = {-1, k->type, num_or(k->index, 0)};
        if (hash_get(&seen, key, sizeof(key)))
            rc = fail(e, ERR_XML_ERROR, "two %s controllers with the index %lld",
                      words_name(&controller_type_words, k->type), (long long)key[2]);
        else
            hash_put(&seen, key, sizeof(key), &seen);
    }
    hash_clear(&seen);
    return rc;
}

static int add_order(struct hash *seen, bool has_os_boot, const struct device *dev, struct err *e)
{
    if (!dev->boot_order.set)
        return 0;
    if (hash_get(seen, &dev->boot_order.v, sizeof(dev->boot_order.v)))
        return fail(e, ERR_XML_ERROR, "the boot order %lld is used twice",
                    (long long)dev->boot_order.v);
    if (has_os_boot)
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "a boot order of devices cannot be used together with boot devices in <os>");
    hash_put(seen, &dev->boot_order.v, sizeof(dev->boot_order.v), seen);
    return 0;
}

static int check_boot_order(const struct domain *d, struct err *e)
{
    struct hash seen = {0};
    int rc = 0;
    for (size_t i = 0; i < d->n_disks && !rc; i++)
        rc = add_order(&seen, d->os.n_boot > 0, &d->disks[i].dev, e);
    for (size_t i = 0; i < d->n_nics && !rc; i++)
        rc = add_order(&seen, d->os.n_boot > 0, &d->nics[i].dev, e);
    for (size_t i = 0; i < d->n_hostdevs && !rc; i++)
        rc = add_order(&seen, d->os.n_boot > 0, &d->hostdevs[i].dev, e);
    hash_clear(&seen);
    return rc;
}

static int check_xen(const struct domain *d, struct err *e)
{
    if (d->os.loader.secure == TRI_YES)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "secure boot is not supported");
    if (d->hotplug_max_kib.set)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "memory hotplug is not supported");
    for (size_t i = 0; i < d->n_kept; i++)
        if (str_eq(d->kept[i].node.name, "vcpus") && str_empty(d->kept[i].at))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "individual <vcpus> are not supported");
    for (size_t i = 0; i < d->n_nics; i++)
        if (d->nics[i].filter)
            return fail(e, ERR_CONFIG_UNSUPPORTED,
                        "<filterref> is not supported on an <interface>");
    for (size_t i = 0; i < d->n_hostdevs; i++)
        if (d->hostdevs[i].driver && strcmp(d->hostdevs[i].driver, "xen"))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "<hostdev> with the driver '%s' (known: xen)",
                        d->hostdevs[i].driver);
    return 0;
}

/* libvirt's word for what only the first console can be. */
static int check_consoles(const struct domain *d, struct err *e)
{
    for (size_t i = 1; i < d->n_consoles; i++)
        if (d->consoles[i].target == CHR_TARGET_SERIAL)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "only the first console can be a serial port");
    for (size_t i = 0; i < d->n_videos; i++)
        if (d->videos[i].type == VIDEO_NONE && d->n_videos > 1)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "a <video> of type 'none' must be the only one");
    return 0;
}

static int check_sound(const struct domain *d, struct err *e)
{
    static const char *const known[] = {"ich6",  "hda",   "es1370", "ac97",    "sb16",
                                        "pcspk", "adlib", "gus",    "cs4231a", "all"};
    for (size_t i = 0; d->n_sounds && i < sizeof(known) / sizeof(*known); i++)
        if (str_eq(d->sounds[0].model, known[i]))
            return 0;
    return d->n_sounds
               ? fail(e, ERR_CONFIG_UNSUPPORTED,
                      "sound model '%s' (known: ich6, es1370, ac97, sb16)", d->sounds[0].model)
               : 0;
}

int domain_check(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    if (check_identity(d, e) || check_unique(d, e) || check_boot_order(d, e))
        return -1;
    if (d->virt_type)
        return 0;
    return check_host(d, caps, e) || check_xen(d, e) || check_consoles(d, e) || check_sound(d, e)
               ? -1
               : 0;
}
