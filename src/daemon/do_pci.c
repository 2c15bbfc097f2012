/* PCI devices of the host: given to guests, taken back, reset. They are named as virtnodedevd names
 * them: pci_0000_03_00_0. */
#include "base/mem.h"
#include "base/str.h"
#include "daemon/later.h"
#include "wire/consts.h"

struct change {
    struct later later;
    enum hv_pci_change what;
    struct hv_pci device;
};

static int work_pci(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct change *x = arg;
    return ops->pci(hv, x->what, &x->device, e);
}

/* Four numbers in hexadecimal, parted by '_'. */
static bool parse_name(const char *name, struct hv_pci *ret)
{
    static const char prefix[] = "pci_";
    static const uint32_t most[] = {0xffff, 0xff, 0x1f, 7};
    uint32_t n[4];
    if (!str_starts(name, prefix))
        return false;
    CLEANUP_FREE char *copy = mem_str(name + sizeof(prefix) - 1);
    char *rest = copy;
    for (size_t i = 0; i < 4; i++) {
        const char *word = strsep(&rest, "_");
        if (!word || !parse_u32(word, 16, most[i], &n[i]))
            return false;
    }
    *ret = (struct hv_pci){n[0], (uint8_t)n[1], (uint8_t)n[2], (uint8_t)n[3]};
    return !rest;
}

static int answer_lookup(struct call *c, struct later *later)
{
    const struct wire_node_device_lookup_by_name_args *args = c->args;
    struct wire_node_device_lookup_by_name_ret *ret = c->ret;
    ret->dev.name = mem_str(args->name);
    return 0;
}

static int change(struct call *c, const char *name, enum hv_pci_change what)
{
    struct hv_pci device;
    if (!parse_name(name, &device))
        return fail(&c->err, ERR_INVALID_ARG, "device %s is not a PCI device", name);
    struct change *x = NEW(struct change);
    x->what = what;
    x->later.after = what == HV_PCI_FIND ? answer_lookup : NULL;
    x->device = device;
    return call_later(c, work_pci, &x->later);
}

static int do_detach(struct call *c)
{
    const struct wire_node_device_dettach_args *args = c->args;
    return change(c, args->name, HV_PCI_DETACH);
}

static int do_detach_flags(struct call *c)
{
    const struct wire_node_device_detach_flags_args *args = c->args;
    if (args->driverName && !str_eq(args->driverName, "xen"))
        return fail(&c->err, ERR_INVALID_ARG, "unsupported driver name '%s': only 'xen' is",
                    args->driverName);
    return change(c, args->name, HV_PCI_DETACH);
}

static int do_reattach(struct call *c)
{
    const struct wire_node_device_re_attach_args *args = c->args;
    return change(c, args->name, HV_PCI_REATTACH);
}

static int do_reset(struct call *c)
{
    const struct wire_node_device_reset_args *args = c->args;
    return change(c, args->name, HV_PCI_RESET);
}

/* Where no virtnodedevd knows them all: what the other calls need. */
static int do_lookup(struct call *c)
{
    const struct wire_node_device_lookup_by_name_args *args = c->args;
    struct hv_pci device;
    return parse_name(args->name, &device)
               ? change(c, args->name, HV_PCI_FIND)
               : fail(&c->err, ERR_NO_NODE_DEVICE, "no node device with matching name '%s'",
                      args->name);
}

static const struct handler rows[] = {
    {WIRE_NODE_DEVICE_LOOKUP_BY_NAME, do_lookup},
    {WIRE_NODE_DEVICE_DETTACH, do_detach},
    {WIRE_NODE_DEVICE_DETACH_FLAGS, do_detach_flags},
    {WIRE_NODE_DEVICE_RE_ATTACH, do_reattach},
    {WIRE_NODE_DEVICE_RESET, do_reset},
};
const struct handlers do_pci_handlers = HANDLERS(rows);
