/* (device (pci (dev ...)...)): one block for all passed PCI devices. */
#include "conf/sxp_rows.h"

enum { VDEVFN_AUTO = 0x100, VDEVFN_MAX = 0x1ff };

static int read_vdevfn(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct hostdev *h = rec;
    uint32_t n;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !parse_u32(v->text, 0, VDEVFN_MAX, &n))
        return conf_error(c, v->pos, "'vdevfn' is not a number up to 0x1ff");
    if (!(n & VDEVFN_AUTO))
        h->vslot = NUM(n >> 3);
    if (n & 7 && !(n & VDEVFN_AUTO))
        conf_note(c, REPORT_LOST, "device/pci/dev/vdevfn", sxp_pos(sxp_io(c)->node),
                  "a slot is kept, not its function");
    return 0;
}

static int write_vdevfn(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct hostdev *h = rec;
    if (h->vslot.set)
        str_addf(sxp_io(c)->out, "(vdevfn 0x%x)", (unsigned)(h->vslot.v << 3) & 0xff);
    return 0;
}

static const struct {
    const char *key;
    size_t offset;
} pci_options[] = {
    {"msitranslate", offsetof(struct hostdev, msitranslate)},
    {"power_mgmt", offsetof(struct hostdev, power_mgmt)},
    {"permissive", offsetof(struct hostdev, permissive)},
};

static void note_others(struct conf_ctx *c, const struct sxp *list, const char *key)
{
    for (size_t i = 0; i < list->n_items; i++) {
        const struct sxp *option = &list->items[i];
        size_t k = 0;
        while (k < sizeof(pci_options) / sizeof(*pci_options) &&
               !sxp_is(option, pci_options[k].key))
            k++;
        if (k == sizeof(pci_options) / sizeof(*pci_options))
            conf_note(c, REPORT_LOST, key, sxp_pos(option), "unknown option");
    }
}

/* (opts ((msitranslate 1) ...)) */
static int read_opts(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_LIST)
        return conf_error(c, v->pos, "'opts' wants lists such as ((msitranslate 1))");
    const struct sxp *list = &sxp_io(c)->node->items[1];
    note_others(c, list, "device/pci/dev/opts");
    for (size_t i = 0; i < sizeof(pci_options) / sizeof(*pci_options); i++) {
        const char *text = sxp_value(sxp_find(list, pci_options[i].key));
        if (!str_empty(text))
            *(tri *)(void *)((char *)rec + pci_options[i].offset) =
                strcmp(text, "0") != 0 ? TRI_YES : TRI_NO;
    }
    return 0;
}

static int write_opts(struct conf_ctx *c, const struct row *r, const void *rec)
{
    struct str *out = sxp_io(c)->out;
    size_t n = 0;
    for (size_t i = 0; i < sizeof(pci_options) / sizeof(*pci_options); i++) {
        tri on = *(const tri *)(const void *)((const char *)rec + pci_options[i].offset);
        if (!on)
            continue;
        str_add(out, n++ ? "" : "(opts (");
        sxp_put_number(out, pci_options[i].key, on == TRI_YES);
    }
    if (n)
        str_add(out, "))");
    return 0;
}

static int write_number(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct num *n = (const void *)((const char *)rec + r->offset);
    int width = str_eq(r->key, "domain") ? 4 : str_eq(r->key, "func") ? 1 : 2;
    str_addf(sxp_io(c)->out, "(%s 0x%0*llx)", r->key, width, (unsigned long long)num_or(*n, 0));
    return 0;
}

static const struct row pci_rows[] = {
    R_NUM("domain", hostdev, domain, .write = write_number, .max = 0xffff, .doc = "PCI domain",
          .xml = "<hostdev><source><address>"),
    R_NUM("bus", hostdev, bus, .write = write_number, .max = 0xff, .doc = "PCI bus"),
    R_NUM("slot", hostdev, slot, .write = write_number, .max = 0x1f, .doc = "PCI slot"),
    R_NUM("func", hostdev, function, .write = write_number, .max = 7, .doc = "PCI function"),
    R_HOOK("vdevfn", read_vdevfn, write_vdevfn, .type = "number", .dflt = "0x100",
           .doc = "where the guest sees it; 0x100: anywhere"),
    R_HOOK("vslt", read_vdevfn, NULL, .flags = ROW_READ_ONLY | ROW_DEPRECATED, .type = "number",
           .doc = "old name of vdevfn"),
    R_HOOK("opts", read_opts, write_opts, .flags = SXP_LIST, .type = "list",
           .doc = "msitranslate, power_mgmt, permissive"),
    R_STR("key", hostdev, xend_key, .doc = "xend's own"),
    R_STR("uuid", hostdev, xend_uuid, .doc = "xend's own"),
    R_STR("state", hostdev, xend_state, .doc = "of a hotplug"),
};
const struct row_table sxp_pci_table = SXP_TABLE("device/pci/dev/", pci_rows);

int sxp_read_pci(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    int rc = 0;
    for (size_t i = 1; i < list->n_items; i++) {
        if (!sxp_is(&list->items[i], "dev"))
            continue;
        struct hostdev *h = DOMAIN_ADD(d, hostdevs);
        h->type = HOSTDEV_PCI;
        h->managed = TRI_NO;
        rc |= sxp_read_rows(c, &sxp_pci_table, h, &list->items[i], 1);
        if (!h->domain.set || !h->bus.set || !h->slot.set || !h->function.set)
            rc = conf_error(c, sxp_pos(&list->items[i]),
                            "a PCI device needs domain, bus, slot and func");
    }
    return rc;
}

int sxp_write_pci(struct conf_ctx *c, const struct domain *d)
{
    struct str *out = sxp_io(c)->out;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < d->n_hostdevs; i++) {
        const struct hostdev *h = &d->hostdevs[i];
        if (h->type != HOSTDEV_PCI || h->name || h->all_functions == TRI_YES)
            return conf_error(c, (struct pos){0},
                              "host device %zu is not a plain PCI device, and "
                              "xend knows no others",
                              i + 1);
        if (h->managed == TRI_YES)
            return conf_error(c, (struct pos){0},
                              "managed PCI devices have no place in this format");
        str_add(out, n++ ? "(dev " : "(device (pci (dev ");
        rc |= sxp_write_rows(c, &sxp_pci_table, h);
        str_addc(out, ')');
    }
    if (n)
        str_add(out, "))");
    return rc;
}
