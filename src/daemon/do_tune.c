/* Changing a guest: memory, virtual CPUs, devices, name, metadata, what follows its end. */
#include "base/mem.h"
#include "base/str.h"
#include "core/tune.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

enum {
    AFFECTS = AFFECT_LIVE | AFFECT_CONFIG,
    MAXIMUM = 4, /* VIR_DOMAIN_MEM_MAXIMUM, VIR_DOMAIN_VCPU_MAXIMUM */
};

static int done_if(int r)
{
    return r ? CALL_FAILED : CALL_DONE;
}

static int later_if(int r)
{
    return r ? CALL_FAILED : CALL_LATER;
}

/* --- memory --- */

static int do_memory(struct call *c)
{
    const struct wire_domain_set_memory_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_set_memory(g, args->memory, false, AFFECT_LIVE, &c->err))
             : CALL_FAILED;
}

static int do_max_memory(struct call *c)
{
    const struct wire_domain_set_max_memory_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_set_memory(g, args->memory, true, AFFECT_CURRENT, &c->err))
             : CALL_FAILED;
}

static int do_memory_flags(struct call *c)
{
    const struct wire_domain_set_memory_flags_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_set_memory(g, args->memory, args->flags & MAXIMUM,
                                        args->flags & AFFECTS, &c->err))
             : CALL_FAILED;
}

/* --- virtual CPUs --- */

static int do_vcpus(struct call *c)
{
    const struct wire_domain_set_vcpus_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? later_if(guest_set_vcpus(g, args->nvcpus, false, AFFECT_LIVE, call_guest_done, c,
                                        &c->err))
             : CALL_FAILED;
}

static int do_vcpus_flags(struct call *c)
{
    const struct wire_domain_set_vcpus_flags_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? later_if(guest_set_vcpus(g, args->nvcpus, args->flags & MAXIMUM,
                                        args->flags & AFFECTS, call_guest_done, c, &c->err))
             : CALL_FAILED;
}

static int do_pin(struct call *c)
{
    const struct wire_domain_pin_vcpu_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_pin_vcpu(g, args->vcpu, args->cpumap, args->n_cpumap, AFFECT_LIVE,
                                      &c->err))
             : CALL_FAILED;
}

static int do_pin_flags(struct call *c)
{
    const struct wire_domain_pin_vcpu_flags_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_pin_vcpu(g, args->vcpu, args->cpumap, args->n_cpumap,
                                      args->flags & AFFECTS, &c->err))
             : CALL_FAILED;
}

/* --- devices: one shape of arguments, one of functions --- */

typedef int device_fn(struct guest *g, const char *what, unsigned affect, guest_done *done,
                      void *arg, struct err *e);

static int device(struct call *c, const struct wire_domain *dom, const char *what, unsigned affect,
                  device_fn *fn)
{
    struct guest *g = call_guest(c, dom);
    return g ? later_if(fn(g, what, affect, call_guest_done, c, &c->err)) : CALL_FAILED;
}

static int do_attach(struct call *c)
{
    const struct wire_domain_attach_device_args *args = c->args;
    return device(c, &args->dom, args->xml, AFFECT_LIVE, guest_attach);
}

static int do_attach_flags(struct call *c)
{
    const struct wire_domain_attach_device_flags_args *args = c->args;
    return device(c, &args->dom, args->xml, args->flags, guest_attach);
}

static int do_detach(struct call *c)
{
    const struct wire_domain_detach_device_args *args = c->args;
    return device(c, &args->dom, args->xml, AFFECT_LIVE, guest_detach);
}

static int do_detach_flags(struct call *c)
{
    const struct wire_domain_detach_device_flags_args *args = c->args;
    return device(c, &args->dom, args->xml, args->flags, guest_detach);
}

static int do_detach_alias(struct call *c)
{
    const struct wire_domain_detach_device_alias_args *args = c->args;
    return device(c, &args->dom, args->alias, args->flags, guest_detach_alias);
}

static int do_update(struct call *c)
{
    const struct wire_domain_update_device_flags_args *args = c->args;
    return device(c, &args->dom, args->xml, args->flags, guest_update);
}

/* --- pressing its buttons --- */

static int trigger(struct call *c, const struct wire_domain *dom, enum hv_trigger t)
{
    struct guest *g = call_guest(c, dom);
    return g ? done_if(guest_trigger(g, t, &c->err)) : CALL_FAILED;
}

static int do_nmi(struct call *c)
{
    const struct wire_domain_inject_nmi_args *args = c->args;
    return trigger(c, &args->dom, HV_TRIGGER_NMI);
}

static int do_sleep(struct call *c)
{
    const struct wire_domain_pm_suspend_for_duration_args *args = c->args;
    if (args->target != VIR_NODE_SUSPEND_TARGET_MEM || args->duration)
        return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED,
                    "guests sleep in memory only, until they are woken");
    struct guest *g = call_guest(c, &args->dom);
    return g ? later_if(guest_pm_suspend(g, call_guest_done, c, &c->err)) : CALL_FAILED;
}

static int do_wake(struct call *c)
{
    const struct wire_domain_pm_wakeup_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? later_if(guest_pm_wakeup(g, call_guest_done, c, &c->err)) : CALL_FAILED;
}

/* --- name, metadata, actions --- */

static int do_rename(struct call *c)
{
    const struct wire_domain_rename_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    return g ? done_if(guest_rename(g, args->new_name, &c->err)) : CALL_FAILED;
}

static int check_metadata_type(struct call *c, int type)
{
    if (type >= METADATA_DESCRIPTION && type <= METADATA_ELEMENT)
        return 0;
    return fail(&c->err, ERR_INVALID_ARG, "unknown type of metadata %d", type);
}

static int do_metadata(struct call *c)
{
    const struct wire_domain_get_metadata_args *args = c->args;
    struct wire_domain_get_metadata_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || check_metadata_type(c, args->type))
        return CALL_FAILED;
    return done_if(guest_metadata(g, (enum guest_metadata)args->type, args->uri, args->flags,
                                  &ret->metadata, &c->err));
}

static int do_set_metadata(struct call *c)
{
    const struct wire_domain_set_metadata_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || check_metadata_type(c, args->type))
        return CALL_FAILED;
    return done_if(guest_set_metadata(g, (enum guest_metadata)args->type, args->metadata, args->key,
                                      args->uri, args->flags, &c->err));
}

/* virDomainLifecycleAction */
static const enum lifecycle actions[] = {
    LIFE_DESTROY,  LIFE_RESTART,          LIFE_RENAME_RESTART,
    LIFE_PRESERVE, LIFE_COREDUMP_DESTROY, LIFE_COREDUMP_RESTART,
};

static int do_set_action(struct call *c)
{
    const struct wire_domain_set_lifecycle_action_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->type > END_CRASH || args->action >= sizeof(actions) / sizeof(*actions))
        return fail(&c->err, ERR_INVALID_ARG, "unknown lifecycle type %u or action %u", args->type,
                    args->action);
    return done_if(guest_set_action(g, (enum guest_end)args->type, actions[args->action],
                                    args->flags, &c->err));
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_SET_MEMORY, do_memory},
    {WIRE_DOMAIN_SET_MAX_MEMORY, do_max_memory},
    {WIRE_DOMAIN_SET_MEMORY_FLAGS, do_memory_flags, AFFECTS | MAXIMUM},
    {WIRE_DOMAIN_SET_VCPUS, do_vcpus},
    {WIRE_DOMAIN_SET_VCPUS_FLAGS, do_vcpus_flags, AFFECTS | MAXIMUM},
    {WIRE_DOMAIN_PIN_VCPU, do_pin},
    {WIRE_DOMAIN_PIN_VCPU_FLAGS, do_pin_flags, AFFECTS},
    {WIRE_DOMAIN_ATTACH_DEVICE, do_attach},
    {WIRE_DOMAIN_ATTACH_DEVICE_FLAGS, do_attach_flags, AFFECTS},
    {WIRE_DOMAIN_DETACH_DEVICE, do_detach},
    {WIRE_DOMAIN_DETACH_DEVICE_FLAGS, do_detach_flags, AFFECTS},
    {WIRE_DOMAIN_DETACH_DEVICE_ALIAS, do_detach_alias, AFFECTS},
    {WIRE_DOMAIN_UPDATE_DEVICE_FLAGS, do_update, AFFECTS},
    {WIRE_DOMAIN_INJECT_NMI, do_nmi},
    {WIRE_DOMAIN_PM_SUSPEND_FOR_DURATION, do_sleep},
    {WIRE_DOMAIN_PM_WAKEUP, do_wake},
    {WIRE_DOMAIN_RENAME, do_rename},
    {WIRE_DOMAIN_GET_METADATA, do_metadata, AFFECTS},
    {WIRE_DOMAIN_SET_METADATA, do_set_metadata, AFFECTS},
    {WIRE_DOMAIN_SET_LIFECYCLE_ACTION, do_set_action, AFFECTS},
};
const struct handlers do_tune_handlers = HANDLERS(rows);
