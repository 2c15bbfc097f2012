#include "daemon/object.h"

#include <string.h>

#include "base/str.h"
#include "conf/xml.h"
#include "wire/proc.h"
#include "wire/remote.h"

enum { NONE = -1 };

/* Where the members of each struct are; by_uuid: the call finds the object by its uuid alone. */
static const struct shape {
    const struct wire_type *wire;
    const char *type;
    int name, key, parent, uuid;
    bool by_uuid;
} shapes[] = {
#define AT(t, m) (int)offsetof(struct wire_##t, m)
    {&wire_type_domain, "domain", AT(domain, name), NONE, NONE, AT(domain, uuid), true},
    {&wire_type_network, "network", AT(network, name), NONE, NONE, AT(network, uuid), true},
    {&wire_type_network_port, "network_port", NONE, NONE, AT(network_port, net.name),
     AT(network_port, uuid), true},
    {&wire_type_storage_pool, "storage_pool", AT(storage_pool, name), NONE, NONE,
     AT(storage_pool, uuid), true},
    {&wire_type_storage_vol, "storage_vol", AT(storage_vol, name), AT(storage_vol, key),
     AT(storage_vol, pool), NONE, false},
    {&wire_type_interface, "interface", AT(interface, name), AT(interface, mac), NONE, NONE, false},
    {&wire_type_node_device, "node_device", AT(node_device, name), NONE, NONE, NONE, false},
    {&wire_type_nwfilter, "nwfilter", AT(nwfilter, name), NONE, NONE, AT(nwfilter, uuid), true},
    {&wire_type_nwfilter_binding, "nwfilter_binding", AT(nwfilter_binding, portdev),
     AT(nwfilter_binding, filtername), NONE, NONE, false},
    {&wire_type_secret, "secret", AT(secret, usageID), NONE, NONE, AT(secret, uuid), true},
#undef AT
};
enum { N_SHAPES = sizeof(shapes) / sizeof(*shapes) };

static const char *text_at(const void *value, int offset)
{
    const char *text = NULL;
    if (offset != NONE)
        memcpy(&text, (const char *)value + offset, sizeof(text));
    return str_empty(text) ? NULL : text;
}

static const struct shape *shape_of(const struct wire_type *t)
{
    for (size_t i = 0; i < N_SHAPES; i++)
        if (shapes[i].wire == t)
            return &shapes[i];
    return NULL;
}

bool object_of_value(const struct wire_type *t, const void *value, struct object *ret)
{
    const struct shape *s = shape_of(t);
    if (!s)
        return false;
    *ret = (struct object){.type = s->type,
                           .name = text_at(value, s->name),
                           .key = text_at(value, s->key),
                           .parent = text_at(value, s->parent)};
    if (s->uuid != NONE)
        uuid_format((const uint8_t *)value + s->uuid, ret->uuid);
    return true;
}

/* --- arguments --- */

static const struct wire_field *field_find(const struct wire_type *t, const char *name)
{
    for (size_t i = 0; t && i < t->n_fields; i++)
        if (str_eq(t->fields[i].name, name))
            return &t->fields[i];
    return NULL;
}

static const char *string_argument(const struct wire_proc *p, const void *args, const char *name)
{
    const struct wire_field *f = field_find(p->args, name);
    return f && f->kind == WIRE_K_STRING && f->shape != WIRE_S_ARRAY ? text_at(args, (int)f->offset)
                                                                     : NULL;
}

static void forget_what_does_not_count(const struct shape *s, struct object *o)
{
    o->key = NULL;
    if (s->by_uuid) {
        o->name = NULL;
        o->parent = NULL;
    }
}

static const void *struct_argument(const struct wire_proc *p, const void *args,
                                   const struct shape *s)
{
    for (size_t i = 0; p->args && i < p->args->n_fields; i++) {
        const struct wire_field *f = &p->args->fields[i];
        if (f->type == s->wire && f->shape == WIRE_S_ONE)
            return (const char *)args + f->offset;
        if (f->type == s->wire && f->shape == WIRE_S_OPTIONAL)
            return text_at(args, (int)f->offset); /* a pointer like others */
    }
    return NULL;
}

bool object_of_args(const struct wire_proc *p, const void *args, const char *type,
                    struct object *ret)
{
    for (size_t i = 0; i < N_SHAPES; i++) {
        const struct shape *s = &shapes[i];
        const void *value = str_eq(s->type, type) ? struct_argument(p, args, s) : NULL;
        if (!value)
            continue;
        object_of_value(s->wire, value, ret);
        forget_what_does_not_count(s, ret);
        return true;
    }
    const char *name = string_argument(p, args, "name");
    *ret = (struct object){.type = type, .name = name};
    return name && str_eq(type, "node_device");
}

/* --- documents --- */

const char *object_document(const struct wire_proc *p, const void *args)
{
    static const char *const names[] = {"xml", "xml_desc"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *text = string_argument(p, args, names[i]);
        if (text)
            return text;
    }
    return NULL;
}

void object_of_xml(const struct xml *root, const char *type, struct object *ret)
{
    uint8_t uuid[UUID_LEN];
    bool has_attribute = str_eq(type, "nwfilter") || str_eq(type, "interface");
    const struct xml *x =
        str_eq(type, "nwfilter_binding") ? xml_child(root, "portdev") : xml_child(root, "name");
    *ret = (struct object){.type = type};
    if (has_attribute)
        ret->name = xml_get(root, "name");
    else if (x)
        ret->name = xml_get(x, "name") ? xml_get(x, "name") : x->text;
    x = xml_child(root, "uuid");
    if (x && x->text && uuid_parse(x->text, uuid))
        uuid_format(uuid, ret->uuid);
}
