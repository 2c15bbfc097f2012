/* The XML within a saved guest's file. */
#include "base/str.h"
#include "conf/conf.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

/* The same without passwords. Caller frees with free. */
static char *without_secrets(const char *xml, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    struct str out = {0};
    struct conf_opts o = {.flags = CONF_INACTIVE};
    if (conf_read(CONF_XML, xml, strlen(xml), &o, &d, e))
        return NULL;
    if (!conf_write(CONF_XML, d, &o, &out, e))
        return str_take(&out);
    str_clear(&out);
    return NULL;
}

/* Of a call whose result is one string, and whose arguments end with flags. */
static void got_image_xml(struct call *c, bool secure, const char *xml, const struct err *e)
{
    struct wire_domain_save_image_get_xml_desc_ret *ret = c->ret;
    c->err = *e;
    if (!e->code)
        ret->xml = secure ? mem_str(xml) : without_secrets(xml, &c->err);
    call_finish(c, c->err.code ? CALL_FAILED : CALL_DONE);
}

static void got_plain_xml(void *arg, const char *xml, const struct err *e)
{
    got_image_xml(arg, false, xml, e);
}

static void got_secure_xml(void *arg, const char *xml, const struct err *e)
{
    got_image_xml(arg, true, xml, e);
}

static void image_defined(void *arg, const char *xml, const struct err *e)
{
    struct call *c = arg;
    c->err = *e;
    call_finish(c, e->code ? CALL_FAILED : CALL_DONE);
}

static int image_xml(struct call *c, const char *path, uint32_t flags)
{
    bool secure = flags & VIR_DOMAIN_SAVE_IMAGE_XML_SECURE;
    return host_image_xml(c->daemon->host, path, secure ? got_secure_xml : got_plain_xml, c,
                          &c->err)
               ? CALL_FAILED
               : CALL_LATER;
}

static int do_image_xml(struct call *c)
{
    const struct wire_domain_save_image_get_xml_desc_args *args = c->args;
    return image_xml(c, args->file, args->flags);
}

static int do_image_define(struct call *c)
{
    const struct wire_domain_save_image_define_xml_args *args = c->args;
    return host_image_define(c->daemon->host, args->file, args->dxml, args->flags, image_defined, c,
                             &c->err)
               ? CALL_FAILED
               : CALL_LATER;
}

/* NULL: there is no guest, or nothing is saved of it. Caller frees with free. */
static char *managed_path(struct call *c, const struct wire_domain *dom)
{
    struct guest *g = call_guest(c, dom);
    if (!g)
        return NULL;
    if (guest_has_managed_save(g))
        return guest_managed_save_path(g);
    fail(&c->err, ERR_OPERATION_INVALID, "domain '%s' does not have managed save image",
         guest_name(g));
    return NULL;
}

static int do_managed_xml(struct call *c)
{
    const struct wire_domain_managed_save_get_xml_desc_args *args = c->args;
    CLEANUP_FREE char *path = managed_path(c, &args->dom);
    return path ? image_xml(c, path, args->flags) : CALL_FAILED;
}

static int do_managed_define(struct call *c)
{
    const struct wire_domain_managed_save_define_xml_args *args = c->args;
    CLEANUP_FREE char *path = managed_path(c, &args->dom);
    if (!path || !args->dxml)
        return path ? CALL_DONE : CALL_FAILED;
    return host_image_define(c->daemon->host, path, args->dxml, args->flags, image_defined, c,
                             &c->err)
               ? CALL_FAILED
               : CALL_LATER;
}

enum { SAVE_FLAGS = VIR_DOMAIN_SAVE_RUNNING | VIR_DOMAIN_SAVE_PAUSED };

static const struct handler rows[] = {
    {WIRE_DOMAIN_SAVE_IMAGE_GET_XML_DESC, do_image_xml, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE},
    {WIRE_DOMAIN_SAVE_IMAGE_DEFINE_XML, do_image_define, SAVE_FLAGS},
    {WIRE_DOMAIN_MANAGED_SAVE_GET_XML_DESC, do_managed_xml, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE},
    {WIRE_DOMAIN_MANAGED_SAVE_DEFINE_XML, do_managed_define, SAVE_FLAGS},
};
const struct handlers do_image_handlers = HANDLERS(rows);
