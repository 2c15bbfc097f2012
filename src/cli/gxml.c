#include "gxml.h"

#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"

int gxml_get(struct ctl *c, const struct wire_domain *d, unsigned flags, struct xml_doc *ret,
             struct err *e)
{
    struct wire_domain_get_xml_desc_ret r;
    if (call_domain_get_xml_desc(c->conn_, &(struct wire_domain_get_xml_desc_args){*d, flags}, &r,
                                 e))
        return -1;
    int bad = xml_parse(r.xml, strlen(r.xml), NULL, ret, e);
    free(r.xml);
    return bad ? wrap(e, "the XML of domain '%s'", d->name) : 0;
}

static const struct xml *named(const struct xml *x, const char *name)
{
    while (x && !str_eq(x->name, name))
        x = x->next;
    return x;
}

const struct xml *gxml_device(const struct xml_doc *doc, const char *name)
{
    const struct xml *devices = xml_child(doc->root, "devices");
    return devices ? named(devices->child, name) : NULL;
}

const struct xml *gxml_next(const struct xml *x)
{
    return named(x->next, x->name);
}

const char *gxml_value(const struct xml *x, const char *child, const char *attr)
{
    const struct xml *k = xml_child(x, child);
    return k ? xml_get(k, attr) : NULL;
}

const char *gxml_disk_source(const struct xml *disk)
{
    static const char *const names[] = {"file", "dev", "dir", "name", "volume"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (gxml_value(disk, "source", names[i]))
            return gxml_value(disk, "source", names[i]);
    return NULL;
}

const struct xml *gxml_disk(const struct xml_doc *doc, const char *which)
{
    for (const struct xml *x = gxml_device(doc, "disk"); x; x = gxml_next(x))
        if (str_eq(gxml_value(x, "target", "dev"), which) || str_eq(gxml_disk_source(x), which))
            return x;
    return NULL;
}

const struct xml *gxml_nic(const struct xml_doc *doc, const char *which)
{
    for (const struct xml *x = gxml_device(doc, "interface"); x; x = gxml_next(x)) {
        const char *mac = gxml_value(x, "mac", "address");
        if (str_eq(gxml_value(x, "target", "dev"), which) || (mac && !strcasecmp(mac, which)))
            return x;
    }
    return NULL;
}
