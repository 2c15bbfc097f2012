/* A guest as XML, and conversions of other formats. */
#include "base/str.h"
#include "conf/conf.h"
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

/* The configuration to show: what runs is completed with what the hypervisor knows of it. Caller
 * frees with domain_free. */
static struct domain *config_to_show(struct call *c, struct guest *g, bool inactive)
{
    const struct domain *d = guest_config(g, inactive);
    if (!d)
        d = guest_config(g, !inactive);
    if (!d) {
        fail(&c->err, ERR_INTERNAL, "the configuration of '%s' is not known", guest_name(g));
        return NULL;
    }
    struct domain *copy = domain_copy(d);
    if (inactive || !guest_is_active(g))
        return copy;
    uint32_t domid = (uint32_t)guest_domid(g);
    if (!host_ops(c->daemon->host)->live(host_hv(c->daemon->host), domid, copy, &c->err))
        return copy;
    domain_free(copy);
    return NULL;
}

static int do_xml_desc(struct call *c)
{
    const struct wire_domain_get_xml_desc_args *args = c->args;
    struct wire_domain_get_xml_desc_ret *ret = c->ret;
    struct str out = {0};
    struct guest *g = call_guest(c, &args->dom);
    bool inactive = args->flags & VIR_DOMAIN_XML_INACTIVE;
    CLEANUP_DOMAIN struct domain *d = g ? config_to_show(c, g, inactive) : NULL;
    if (!d)
        return CALL_FAILED;
    struct conf_opts o = {0};
    if (inactive || !guest_is_active(g))
        o.flags |= CONF_INACTIVE;
    if (args->flags & VIR_DOMAIN_XML_SECURE)
        o.flags |= CONF_SECURE;
    if (args->flags & VIR_DOMAIN_XML_MIGRATABLE)
        o.flags |= CONF_MIGRATABLE;
    if (conf_write(CONF_XML, d, &o, &out, &c->err)) {
        str_clear(&out);
        return CALL_FAILED;
    }
    ret->xml = str_take(&out);
    return CALL_DONE;
}

/* 0: none. */
static enum conf_format native_format(struct call *c, const char *name)
{
    enum conf_format f = conf_format_find(name);
    if (f && f != CONF_XML)
        return f;
    fail(&c->err, ERR_INVALID_ARG, "unsupported config type %s", name);
    return 0;
}

static int convert(struct call *c, enum conf_format from, const char *text, enum conf_format to,
                   char **ret)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_SECURE | CONF_INACTIVE}; /* as without a host: xvirt's */
    if (conf_read(from, text, strlen(text), &o, &d, &c->err))
        return CALL_FAILED;
    if (conf_write(to, d, &o, &out, &c->err)) {
        str_clear(&out);
        return CALL_FAILED;
    }
    *ret = str_take(&out);
    return CALL_DONE;
}

static int do_from_native(struct call *c)
{
    const struct wire_connect_domain_xml_from_native_args *args = c->args;
    struct wire_connect_domain_xml_from_native_ret *ret = c->ret;
    enum conf_format f = native_format(c, args->nativeFormat);
    if (!f)
        return CALL_FAILED;
    return convert(c, f, args->nativeConfig, CONF_XML, &ret->domainXml);
}

static int do_to_native(struct call *c)
{
    const struct wire_connect_domain_xml_to_native_args *args = c->args;
    struct wire_connect_domain_xml_to_native_ret *ret = c->ret;
    enum conf_format f = native_format(c, args->nativeFormat);
    if (!f)
        return CALL_FAILED;
    return convert(c, CONF_XML, args->domainXml, f, &ret->nativeConfig);
}

enum { XML_FLAGS = VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_MIGRATABLE };

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_XML_DESC, do_xml_desc, XML_FLAGS},
    {WIRE_CONNECT_DOMAIN_XML_FROM_NATIVE, do_from_native},
    {WIRE_CONNECT_DOMAIN_XML_TO_NATIVE, do_to_native},
};
const struct handlers do_xml_handlers = HANDLERS(rows);
