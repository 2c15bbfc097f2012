#include "conf/xml_device.h"

#include "conf/xml_domain.h"
#include "model/complete.h"

static int read_device(struct conf_ctx *c, const struct xml *root, struct domain *d)
{
    struct xml_ctx *m = xml_of(c);
    struct xml holder = {.name = "devices", .text = "", .pos = root->pos};
    struct xml device = *root;
    device.next = NULL;
    device.parent = &holder;
    holder.child = holder.last = &device;
    m->kept = &d->kept;
    m->n_kept = &d->n_kept;
    snprintf(m->at, sizeof(m->at), "devices");
    c->d = d;
    if (xml_read_rows(c, &xml_devices_table, d, &holder))
        return -1;
    struct domain none = {.type = d->type};
    if (domain_equal(d, &none, NULL))
        return xml_error(c, root, "<%s> is no device", root->name);
    return 0;
}

int xml_device_read(const char *text, size_t len, enum guest_type type, const struct conf_opts *o,
                    struct domain **ret, struct err *e)
{
    static const struct conf_opts plain;
    struct conf_ctx c = {.o = o ? o : &plain, .e = e};
    struct xml_ctx m = {.inactive = c.o->flags & CONF_INACTIVE};
    struct xml_doc doc = {0};
    if (xml_parse(text, len, c.o->filename, &doc, e))
        return -1;
    CLEANUP_DOMAIN struct domain *d = domain_new();
    d->type = type;
    c.format = &m;
    int rc = read_device(&c, doc.root, d);
    xml_clear(&doc);
    if (rc || (!(c.o->flags & CONF_RAW) && domain_complete_devices(d, e)))
        return -1;
    *ret = take(d);
    return 0;
}

int xml_device_write(const struct domain *d, const struct conf_opts *o, struct str *out,
                     struct err *e)
{
    static const struct conf_opts plain;
    struct xml_out w = {.s = out};
    struct conf_ctx c = {.o = o ? o : &plain, .e = e, .wd = d};
    struct xml_ctx m = {
        .w = &w,
        .inactive = c.o->flags & CONF_INACTIVE,
        .kept = (struct kept **)&((struct domain *)d)->kept,
        .n_kept = &((struct domain *)d)->n_kept,
        .at = "devices",
    };
    c.format = &m;
    xml_write_rows(&c, &xml_devices_table, d);
    return w.is_bad ? fail(e, ERR_XML_ERROR, "a text of the device is not UTF-8") : 0;
}
