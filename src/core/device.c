/* Devices of guests: attached, detached, changed; live, stored, or both. */
#include "hv/device.h"

#include "affect.h"
#include "conf/xml_device.h"

enum { DEVICE_XML_MAX = 1 << 20, STORED_ONLY = -1 };

/* The lists of a guest that may hold the one device of an XML. */
static const struct {
    const char *list;
    int kind; /* enum hv_device_kind, or STORED_ONLY */
} lists[] = {{"disks", HV_DISK},
             {"nics", HV_NIC},
             {"hostdevs", HV_HOSTDEV},
             {"controllers", HV_CONTROLLER},
             {"channels", HV_CHANNEL},
             {"vtpms", HV_VTPM},
             {"p9s", HV_P9},
             {"graphics", STORED_ONLY},
             {"videos", STORED_ONLY},
             {"sounds", STORED_ONLY},
             {"inputs", STORED_ONLY},
             {"serials", STORED_ONLY},
             {"parallels", STORED_ONLY},
             {"consoles", STORED_ONLY}};

enum action { ATTACH, DETACH, UPDATE };

/* Reads the one device of an XML: an otherwise empty guest that holds it, and where. */
static int read_device(const struct guest *g, const char *xml, struct domain **ret, size_t *ret_row,
                       struct err *e)
{
    const struct domain *of = g->live ? g->live : g->def;
    size_t len = strlen(xml);
    if (len > DEVICE_XML_MAX)
        return fail(e, ERR_XML_ERROR, "the XML of a device is too long");
    if (xml_device_read(xml, len, of ? of->type : GUEST_PV, NULL, ret, e))
        return -1;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        if (rec_count(rec_field(&domain_rec, lists[i].list), *ret)) {
            *ret_row = i;
            return 0;
        }
    domain_free(take(*ret));
    return fail(e, ERR_CONFIG_UNSUPPORTED, "such a device cannot be attached or detached");
}

/* An interface without an address is the only one there is; it would get a new address else. */
static int name_nic(const struct domain *of, const char *xml, struct domain *d, struct err *e)
{
    const struct conf_opts raw = {.flags = CONF_RAW};
    CLEANUP_DOMAIN struct domain *said = NULL;
    if (!d->n_nics)
        return 0;
    if (xml_device_read(xml, strlen(xml), of->type, &raw, &said, e))
        return -1;
    if (said->nics[0].mac.set)
        return 0;
    if (!of->n_nics)
        return fail(e, ERR_DEVICE_MISSING, "the domain has no network interface");
    if (of->n_nics > 1)
        return fail(e, ERR_OPERATION_FAILED,
                    "the domain has %zu network interfaces: <mac address='...'/> says which one is "
                    "meant",
                    of->n_nics);
    d->nics[0].mac = of->nics[0].mac;
    return 0;
}

static void *device_of(const struct domain *d, size_t row)
{
    return rec_item(rec_field(&domain_rec, lists[row].list), d, 0);
}

static const char *alias_of(const struct field *list, const void *item)
{
    const struct field *dev = list->sub ? rec_field(list->sub, "dev") : NULL;
    return dev ? ((const struct device *)(const void *)((const char *)item + dev->offset))->alias
               : NULL;
}

/* ---- the definition ---- */
static size_t find_equal(const struct field *f, const struct domain *d, const void *device)
{
    for (size_t i = 0; i < rec_count(f, d); i++)
        if (rec_equal(f->sub, rec_item(f, d, i), device, NULL))
            return i;
    return SIZE_MAX;
}

static int apply_plain(struct domain *d, size_t row, enum action action, const void *device,
                       struct err *e)
{
    const struct field *f = rec_field(&domain_rec, lists[row].list);
    size_t i = find_equal(f, d, device);
    if (action == UPDATE)
        return fail(e, ERR_OPERATION_UNSUPPORTED, "such a device cannot be changed");
    if (action == DETACH && i == SIZE_MAX)
        return fail(e, ERR_DEVICE_MISSING, "there is no such device");
    if (action == DETACH)
        rec_remove(f, d, i);
    else
        rec_copy(f->sub, rec_append(f, d), device);
    return 0;
}

/* x: index is the row, number the action, value the device. */
static int apply_device(struct domain *d, const struct edit *x, struct err *e)
{
    struct hv_device dev = {(enum hv_device_kind)lists[x->index].kind, x->value};
    if (lists[x->index].kind == STORED_ONLY)
        return apply_plain(d, x->index, (enum action)x->number, x->value, e);
    switch ((enum action)x->number) {
    case ATTACH:
        return hv_device_add(d, &dev, e);
    case DETACH:
        return hv_device_remove(d, &dev, e);
    case UPDATE:
        break;
    }
    return hv_device_replace(d, &dev, e);
}

/* ---- what runs ---- */
static struct hv_device hv_device_of(const struct job *j)
{
    return (struct hv_device){(enum hv_device_kind)lists[j->index].kind,
                              device_of(j->config, j->index)};
}

static int begin_device(struct job *j, struct err *e)
{
    const struct hv_ops *ops = j->host->ops;
    switch ((enum action)j->number) {
    case ATTACH:
        j->lent = loan_all(j->config);
        j->lends = true;
        return ops->attach(j->host->hv, j->domid, &j->device, &j->wait, e);
    case DETACH:
        j->lent = loan_one(j->guest->live, &j->device);
        return ops->detach(j->host->hv, j->domid, &j->device, &j->wait, e);
    case UPDATE:
        break;
    }
    return ops->change_media(j->host->hv, j->domid, j->device.device, &j->wait, e);
}

/* What came of it, as an event; has_failed: nothing did. */
static void tell_device(struct guest *g, const struct job *j, bool has_failed)
{
    const struct field *f = rec_field(&domain_rec, lists[j->index].list);
    const char *alias = alias_of(f, j->device.device);
    const struct disk *k = j->number == UPDATE ? j->device.device : NULL;
    if (has_failed && j->number != DETACH)
        return;
    struct event ev = {.id = has_failed            ? EVENT_DEVICE_REMOVAL_FAILED
                             : j->number == UPDATE ? EVENT_TRAY_CHANGE
                             : j->number == ATTACH ? EVENT_DEVICE_ADDED
                                                   : EVENT_DEVICE_REMOVED,
                       .name = mem_str(g->name),
                       .domid = guest_domid(g),
                       .type = k && !str_empty(k->source),
                       .text = mem_str(alias            ? alias
                                       : k && k->target ? k->target
                                                        : "")};
    memcpy(ev.uuid, g->uuid, UUID_LEN);
    events_add(&g->host->events, ev);
}

static struct edit edit_of(size_t row, enum action action, const void *device)
{
    return (struct edit){
        .apply = apply_device, .index = (uint32_t)row, .number = action, .value = device};
}

static void end_device(struct job *j)
{
    struct guest *g = j->guest;
    struct edit x = edit_of(j->index, (enum action)j->number, j->device.device);
    bool is_without = j->number == ATTACH ? j->err.code : j->number == DETACH && !j->err.code;
    if (is_without && lists[j->index].kind == HV_DISK && g->domid == j->domid)
        guest_unclaim(g, ((const struct disk *)j->device.device)->target);
    if (j->err.code) {
        wrap(&j->err, "domain '%s'", g->name);
        tell_device(g, j, true);
        return;
    }
    if (g->domid != j->domid)
        return;
    if (guest_edit_live(g, &x, &j->err)) /* Xen has done it: that is the truth */
        j->err = (struct err){0};
    guest_refresh_live(g);
    tell_device(g, j, false);
    if (j->in_config && g->def)
        guest_edit_config(g, &x, &j->err);
}

static const struct job_kind job_device = {
    .name = "change a device", .begin = begin_device, .end = end_device};

static const struct job_kind job_attach_disk = {
    .name = "change a device", .look = work_look, .begin = begin_device, .end = end_device};

static bool is_media(const struct domain *d, size_t row)
{
    const struct disk *k = lists[row].kind == HV_DISK ? device_of(d, row) : NULL;
    return k && (k->device == DISK_CDROM || k->device == DISK_FLOPPY);
}

static int check_live(const struct guest *g, const struct domain *d, size_t row, enum action action,
                      struct err *e)
{
    if (guest_check_own(g, e) || guest_check_idle(g, e))
        return -1;
    if (lists[row].kind == STORED_ONLY)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "such a device cannot be changed while the domain runs");
    if (action == UPDATE && !is_media(d, row))
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "only the medium of a drive can be changed while the domain runs");
    return 0;
}

static int try_edit(const struct domain *from, const struct edit *x, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = domain_copy(from);
    return x->apply(d, x, e);
}

/* Takes over d. */
static int change(struct guest *g, struct domain *d, size_t row, enum action action,
                  struct affect a, guest_done *done, void *arg, struct err *e)
{
    CLEANUP_DOMAIN struct domain *owned = d;
    struct edit x = edit_of(row, action, device_of(d, row));
    if ((a.config && try_edit(g->def, &x, e)) || (a.live && g->live && try_edit(g->live, &x, e)) ||
        (a.live && check_live(g, d, row, action, e)))
        return -1;
    if (!a.live)
        return guest_edit_config(g, &x, e) ? -1 : guest_tell_later(g, done, arg);
    bool adds_disk = action == ATTACH && lists[row].kind == HV_DISK;
    struct job *j = job_new(g, adds_disk ? &job_attach_disk : &job_device, done, arg);
    j->config = take(owned);
    j->index = (uint32_t)row;
    j->number = action;
    j->device = hv_device_of(j);
    j->in_config = a.config;
    return job_run(j, e) ? wrap(e, "domain '%s'", g->name) : 0;
}

static int change_xml(struct guest *g, const char *xml, enum action action, unsigned affect,
                      guest_done *done, void *arg, struct err *e)
{
    struct affect a;
    CLEANUP_DOMAIN struct domain *d = NULL;
    size_t row = 0;
    if (affect_resolve(g, affect, &a, e) || read_device(g, xml, &d, &row, e))
        return -1;
    const struct domain *of = a.live && g->live ? g->live : g->def;
    if (action != ATTACH && of && name_nic(of, xml, d, e))
        return -1;
    return change(g, take(d), row, action, a, done, arg, e);
}

int guest_attach(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e)
{
    return change_xml(g, xml, ATTACH, affect, done, arg, e);
}

int guest_detach(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e)
{
    return change_xml(g, xml, DETACH, affect, done, arg, e);
}

int guest_update(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e)
{
    return change_xml(g, xml, UPDATE, affect, done, arg, e);
}

static struct domain *find_alias(const struct domain *from, const char *alias, size_t *ret_row)
{
    for (size_t row = 0; row < sizeof(lists) / sizeof(*lists); row++) {
        const struct field *f = rec_field(&domain_rec, lists[row].list);
        for (size_t i = 0; i < rec_count(f, from); i++)
            if (str_eq(alias_of(f, rec_item(f, from, i)), alias)) {
                struct domain *d = domain_new();
                rec_copy(f->sub, rec_append(f, d), rec_item(f, from, i));
                *ret_row = row;
                return d;
            }
    }
    return NULL;
}

int guest_detach_alias(struct guest *g, const char *alias, unsigned affect, guest_done *done,
                       void *arg, struct err *e)
{
    struct affect a;
    size_t row = 0;
    if (affect_resolve(g, affect, &a, e))
        return -1;
    const struct domain *from = a.live ? g->live : g->def;
    struct domain *d = from ? find_alias(from, alias, &row) : NULL;
    if (!d)
        return fail(e, ERR_DEVICE_MISSING, "no device found with alias '%s'", alias);
    return change(g, d, row, DETACH, a, done, arg, e);
}
