/* From defined to started to gone: the calls that change a guest. */
#include "base/str.h"
#include "conf/conf.h"
#include "core/guest.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

/* --- define and undefine --- */

struct domain *call_read_xml(struct call *c, const char *xml)
{
    struct domain *d = NULL;
    struct conf_opts o = {.flags = CONF_INACTIVE, .caps = &c->daemon->hostcaps.caps};
    if (conf_read(CONF_XML, xml, strlen(xml), &o, &d, &c->err))
        return NULL;
    if (!access_guest(c, d->name, d->uuid))
        return d;
    domain_free(d);
    return NULL;
}

static int define(struct call *c, const char *xml, struct wire_domain *ret)
{
    struct guest *g;
    struct domain *d = call_read_xml(c, xml);
    if (!d || host_define(c->daemon->host, d, &g, &c->err))
        return CALL_FAILED;
    wire_domain_fill(ret, g);
    return CALL_DONE;
}

static int do_define(struct call *c)
{
    const struct wire_domain_define_xml_args *args = c->args;
    struct wire_domain_define_xml_ret *ret = c->ret;
    return define(c, args->xml, &ret->dom);
}

static int do_define_flags(struct call *c)
{
    const struct wire_domain_define_xml_flags_args *args = c->args;
    struct wire_domain_define_xml_flags_ret *ret = c->ret;
    if (args->flags & VIR_DOMAIN_DEFINE_VALIDATE &&
        conf_validate(args->xml, strlen(args->xml), &c->err))
        return CALL_FAILED;
    return define(c, args->xml, &ret->dom);
}

static int do_undefine(struct call *c)
{
    const struct wire_domain_undefine_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_undefine(g, 0, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_undefine_flags(struct call *c)
{
    const struct wire_domain_undefine_flags_args *args = c->args;
    /* there are no checkpoints whose metadata could be in the way, and Xen keeps no file of
     * firmware variables */
    unsigned what = args->flags & (GUEST_UNDEFINE_MANAGED_SAVE | GUEST_UNDEFINE_SNAPSHOTS);
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_undefine(g, what, &c->err) ? CALL_DONE : CALL_FAILED;
}

/* --- start --- */

static int then_create_xml(struct call *c, struct guest *g)
{
    struct wire_domain_create_xml_ret *ret = c->ret;
    wire_domain_fill(&ret->dom, g);
    return CALL_DONE;
}

static int do_create_xml(struct call *c)
{
    const struct wire_domain_create_xml_args *args = c->args;
    if (args->flags & VIR_DOMAIN_START_VALIDATE &&
        conf_validate(args->xml_desc, strlen(args->xml_desc), &c->err))
        return CALL_FAILED;
    struct domain *d = call_read_xml(c, args->xml_desc);
    unsigned flags = args->flags & VIR_DOMAIN_START_PAUSED ? GUEST_START_PAUSED : 0;
    c->then = then_create_xml;
    if (!d || host_create(c->daemon->host, d, flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_create(struct call *c)
{
    const struct wire_domain_create_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || guest_start(g, 0, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int then_create_flags(struct call *c, struct guest *g)
{
    struct wire_domain_create_with_flags_ret *ret = c->ret;
    wire_domain_fill(&ret->dom, g);
    return CALL_DONE;
}

static int do_create_flags(struct call *c)
{
    const struct wire_domain_create_with_flags_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    c->then = then_create_flags;
    if (!g || guest_start(g, args->flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

/* --- stop --- */

static int stop(struct call *c, const struct wire_domain *dom, bool reboot, bool acpi)
{
    struct guest *g = call_guest(c, dom);
    if (!g || guest_shutdown(g, reboot, acpi, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_shutdown(struct call *c)
{
    const struct wire_domain_shutdown_args *args = c->args;
    return stop(c, &args->dom, false, false);
}

/* With several ways named, the guest's own driver goes before the button. */
static int do_shutdown_flags(struct call *c)
{
    const struct wire_domain_shutdown_flags_args *args = c->args;
    bool acpi = args->flags == VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN;
    return stop(c, &args->dom, false, acpi);
}

static int do_reboot(struct call *c)
{
    const struct wire_domain_reboot_args *args = c->args;
    return stop(c, &args->dom, true, false);
}

static int destroy(struct call *c, const struct wire_domain *dom)
{
    struct guest *g = call_guest(c, dom);
    if (!g || guest_destroy(g, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_destroy(struct call *c)
{
    const struct wire_domain_destroy_args *args = c->args;
    return destroy(c, &args->dom);
}

static int do_destroy_flags(struct call *c)
{
    const struct wire_domain_destroy_flags_args *args = c->args;
    return destroy(c, &args->dom);
}

/* --- pause, autostart --- */

static int do_suspend(struct call *c)
{
    const struct wire_domain_suspend_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_suspend(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_resume(struct call *c)
{
    const struct wire_domain_resume_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_resume(g, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_reset(struct call *c)
{
    const struct wire_domain_reset_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || guest_reset(g, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_set_autostart(struct call *c)
{
    const struct wire_domain_set_autostart_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_set_autostart(g, args->autostart, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_set_start_once(struct call *c)
{
    const struct wire_domain_set_autostart_once_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g && !guest_set_start_once(g, args->autostart, &c->err) ? CALL_DONE : CALL_FAILED;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_DEFINE_XML, do_define},
    {WIRE_DOMAIN_DEFINE_XML_FLAGS, do_define_flags, VIR_DOMAIN_DEFINE_VALIDATE},
    {WIRE_DOMAIN_UNDEFINE, do_undefine},
    {WIRE_DOMAIN_UNDEFINE_FLAGS, do_undefine_flags,
     VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
         VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM},
    {WIRE_DOMAIN_CREATE_XML, do_create_xml, VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_VALIDATE},
    {WIRE_DOMAIN_CREATE, do_create},
    {WIRE_DOMAIN_CREATE_WITH_FLAGS, do_create_flags,
     VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_BYPASS_CACHE | VIR_DOMAIN_START_FORCE_BOOT},
    {WIRE_DOMAIN_SHUTDOWN, do_shutdown},
    {WIRE_DOMAIN_SHUTDOWN_FLAGS, do_shutdown_flags,
     VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN | VIR_DOMAIN_SHUTDOWN_PARAVIRT},
    {WIRE_DOMAIN_REBOOT, do_reboot, VIR_DOMAIN_REBOOT_PARAVIRT},
    {WIRE_DOMAIN_DESTROY, do_destroy},
    {WIRE_DOMAIN_DESTROY_FLAGS, do_destroy_flags},
    {WIRE_DOMAIN_SUSPEND, do_suspend},
    {WIRE_DOMAIN_RESUME, do_resume},
    {WIRE_DOMAIN_RESET, do_reset},
    {WIRE_DOMAIN_SET_AUTOSTART, do_set_autostart},
    {WIRE_DOMAIN_SET_AUTOSTART_ONCE, do_set_start_once},
};
const struct handlers do_life_handlers = HANDLERS(rows);
