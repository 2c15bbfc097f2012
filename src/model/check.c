#include "model/check.h"

#include <arpa/inet.h>

#include "base/hash.h"
#include "model/complete.h"

static int check_name(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    if (str_empty(d->name))
        return fail(e, ERR_XML_ERROR, "the guest has no name");
    if (!strchr(d->name, '/') && !strchr(d->name, '\n'))
        return 0;
    fail(e, ERR_XML_ERROR, "the name '%s' of the guest has a '/' or a line break in it", d->name);
    return err_about(e, "name");
}

static int check_vcpus(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    if (num_or(d->vcpus, 1) < 1 || num_or(d->vcpus, 1) > num_or(d->vcpus_max, 1))
        fail(e, ERR_XML_ERROR, "%lld vCPUs are not between 1 and the maximum, %lld",
             (long long)num_or(d->vcpus, 1), (long long)num_or(d->vcpus_max, 1));
    else
        return 0;
    return err_about(e, "vcpus");
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

static int check_targets(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    struct hash seen = {0};
    int rc = 0;
    for (size_t i = 0; i < d->n_disks && !rc; i++) {
        const char *target = d->disks[i].target;
        if (target && hash_get(&seen, target, strlen(target))) {
            fail(e, ERR_XML_ERROR, "two disks with the target '%s'", target);
            rc = err_about(e, "disks[%zu].target", i);
        } else if (target) {
            hash_put(&seen, target, strlen(target), &seen);
        }
    }
    hash_clear(&seen);
    return rc;
}

static int check_controllers(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    struct hash seen = {0};
    int rc = 0;
    for (size_t i = 0; i < d->n_controllers && !rc; i++) {
        const struct controller *k = &d->controllers[i];
        int64_t key[2] = {k->type, num_or(k->index, 0)};
        if (hash_get(&seen, key, sizeof(key))) {
            fail(e, ERR_XML_ERROR, "two %s controllers with the index %lld",
                 words_name(&controller_type_words, k->type), (long long)key[1]);
            rc = err_about(e, "controllers[%zu].type", i);
        } else {
            hash_put(&seen, key, sizeof(key), &seen);
        }
    }
    hash_clear(&seen);
    return rc;
}

struct orders {
    struct hash seen;
    bool has_os_boot;
    struct err *e;
};

static int add_order(struct orders *o, const struct device *dev, const char *list, size_t i)
{
    if (!dev->boot_order.set)
        return 0;
    bool is_twice = hash_get(&o->seen, &dev->boot_order.v, sizeof(dev->boot_order.v));
    if (is_twice)
        fail(o->e, ERR_XML_ERROR, "the boot order %lld is used twice",
             (long long)dev->boot_order.v);
    else if (o->has_os_boot)
        fail(o->e, ERR_CONFIG_UNSUPPORTED,
             "a boot order of devices cannot be used together with boot devices in <os>");
    hash_put(&o->seen, &dev->boot_order.v, sizeof(dev->boot_order.v), &o->seen);
    return is_twice || o->has_os_boot ? err_about(o->e, "%s[%zu].dev.boot_order", list, i) : 0;
}

static int check_boot_order(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    struct orders o = {.has_os_boot = d->os.n_boot > 0, .e = e};
    int rc = 0;
    for (size_t i = 0; i < d->n_disks && !rc; i++)
        rc = add_order(&o, &d->disks[i].dev, "disks", i);
    for (size_t i = 0; i < d->n_nics && !rc; i++)
        rc = add_order(&o, &d->nics[i].dev, "nics", i);
    for (size_t i = 0; i < d->n_hostdevs && !rc; i++)
        rc = add_order(&o, &d->hostdevs[i].dev, "hostdevs", i);
    hash_clear(&o.seen);
    return rc;
}

static int check_boot(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    if (d->os.loader.secure != TRI_YES)
        return 0;
    fail(e, ERR_CONFIG_UNSUPPORTED, "secure boot is not supported");
    return err_about(e, "os.loader.secure");
}

static int check_hotplug(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    if (!d->hotplug_max_kib.set)
        return 0;
    fail(e, ERR_CONFIG_UNSUPPORTED, "memory hotplug is not supported");
    return err_about(e, "hotplug_max_kib");
}

static int check_kept(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 0; i < d->n_kept; i++)
        if (str_eq(d->kept[i].node.name, "vcpus") && str_empty(d->kept[i].at))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "individual <vcpus> are not supported");
    return 0;
}

int ip_check(const struct ip *ip, struct err *e)
{
    const char *address = ip->address ? ip->address : "";
    bool is_v6 = ip->family ? !strcmp(ip->family, "ipv6") : strchr(address, ':') != NULL;
    unsigned char bytes[16];
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address, bytes) != 1)
        return fail(e, ERR_XML_ERROR, "'%s' is no IPv%d address", address, is_v6 ? 6 : 4);
    if (num_or(ip->prefix, 0) > (is_v6 ? 128 : 32))
        return fail(e, ERR_XML_ERROR, "an IPv%d address cannot have the prefix %lld", is_v6 ? 6 : 4,
                    (long long)ip->prefix.v);
    return 0;
}

int nic_check(const struct nic *n, struct err *e)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    if (n->mac.b[0] & 1)
        return fail(e, ERR_XML_ERROR, "an interface has a multicast hardware address");
    if (n->model && n->model[strspn(n->model, known)])
        return fail(e, ERR_XML_ERROR,
                    "the model '%s' of an interface is not of letters, digits, '-' and '_'",
                    n->model);
    return 0;
}

static int check_interfaces(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 0; i < d->n_nics; i++) {
        const struct nic *n = &d->nics[i];
        if (nic_check(n, e))
            return err_about(e, "nics[%zu].%s", i, n->mac.b[0] & 1 ? "mac" : "model");
        for (size_t k = 0; k < n->n_ips; k++)
            if (ip_check(&n->ips[k], e))
                return err_about(e, "nics[%zu].ips[%zu].address", i, k);
        for (size_t k = 0; k < n->n_source_ips; k++)
            if (ip_check(&n->source_ips[k], e))
                return err_about(e, "nics[%zu].source_ips[%zu].address", i, k);
    }
    return 0;
}

static int check_nics(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 0; i < d->n_nics; i++)
        if (d->nics[i].filter) {
            fail(e, ERR_CONFIG_UNSUPPORTED, "<filterref> is not supported on an <interface>");
            return err_about(e, "nics[%zu].filter", i);
        }
    return 0;
}

static int check_hostdevs(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 0; i < d->n_hostdevs; i++)
        if (d->hostdevs[i].driver && strcmp(d->hostdevs[i].driver, "xen")) {
            fail(e, ERR_CONFIG_UNSUPPORTED, "<hostdev> with the driver '%s' (known: xen)",
                 d->hostdevs[i].driver);
            return err_about(e, "hostdevs[%zu].driver", i);
        }
    return 0;
}

/* libvirt's word for what only the first console can be. */
static int check_consoles(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 1; i < d->n_consoles; i++)
        if (d->consoles[i].target == CHR_TARGET_SERIAL) {
            fail(e, ERR_CONFIG_UNSUPPORTED, "only the first console can be a serial port");
            return err_about(e, "consoles[%zu].target", i);
        }
    return 0;
}

static int check_videos(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    for (size_t i = 0; i < d->n_videos; i++)
        if (d->videos[i].type == VIDEO_NONE && d->n_videos > 1) {
            fail(e, ERR_CONFIG_UNSUPPORTED, "a <video> of type 'none' must be the only one");
            return err_about(e, "videos[%zu].type", i);
        }
    return 0;
}

static int check_sound(const struct domain *d, const struct domain_caps *caps, struct err *e)
{
    static const char *const known[] = {"ich6",  "hda",   "es1370", "ac97",    "sb16",
                                        "pcspk", "adlib", "gus",    "cs4231a", "all"};
    if (!d->n_sounds)
        return 0;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (str_eq(d->sounds[0].model, known[i]))
            return 0;
    fail(e, ERR_CONFIG_UNSUPPORTED, "sound model '%s' (known: ich6, es1370, ac97, sb16)",
         d->sounds[0].model);
    return err_about(e, "sounds[0].model");
}

static const struct {
    int (*check)(const struct domain *d, const struct domain_caps *caps, struct err *e);
    bool is_xens; /* other hypervisors may do it */
} rules[] = {
    {check_name},           {check_vcpus},        {check_targets},     {check_controllers},
    {check_boot_order},     {check_interfaces},   {check_host, true},  {check_boot, true},
    {check_hotplug, true},  {check_kept, true},   {check_nics, true},  {check_hostdevs, true},
    {check_consoles, true}, {check_videos, true}, {check_sound, true},
};

size_t domain_check_from(const struct domain *d, const struct domain_caps *caps, size_t first,
                         struct err *e)
{
    for (size_t i = first; i < sizeof(rules) / sizeof(*rules); i++)
        if (!(rules[i].is_xens && d->virt_type) && rules[i].check(d, caps, e))
            return i + 1;
    return 0;
}
