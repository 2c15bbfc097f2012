/* Devices of guests, in and out: by XML, and by options that become XML. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "gxml.h"
#include "lookup.h"
#include "object.h"
#include "opts.h"
#include "out.h"
#include "wire/consts.h"

enum { ATTACH, DETACH, UPDATE };

/* A call with flags where the user says what to change, else the plain one (update has flags
 * always). */
static int device_call(struct ctl *c, const struct args *a, const struct wire_domain *d, int what,
                       const char *xml, unsigned flags, struct err *e)
{
    static const struct {
        int plain, flagged;
    } procs[] = {
        {WIRE_DOMAIN_ATTACH_DEVICE, WIRE_DOMAIN_ATTACH_DEVICE_FLAGS},
        {WIRE_DOMAIN_DETACH_DEVICE, WIRE_DOMAIN_DETACH_DEVICE_FLAGS},
        {WIRE_DOMAIN_UPDATE_DEVICE_FLAGS, WIRE_DOMAIN_UPDATE_DEVICE_FLAGS},
    };
    struct wire_domain_attach_device_flags_args args = {*d, (char *)xml, flags}; /* of all five */
    return client_call(c->conn_,
                       flags || arg_has(a, "current") ? procs[what].flagged : procs[what].plain,
                       &args, NULL, e);
}

/* --persistent is the definition, and the guest as well where it runs. */
static int device_flags(struct ctl *c, const struct args *a, const struct wire_domain *d,
                        unsigned *ret, struct err *e)
{
    if (opts_affect(a, ret, e) || opts_exclude(a, "persistent", "current", e))
        return -1;
    if (!arg_has(a, "persistent"))
        return 0;
    int active = object_number(c, WIRE_DOMAIN_IS_ACTIVE, OBJ_DOMAIN, d, e);
    *ret |= VIR_DOMAIN_AFFECT_CONFIG | (active > 0 ? VIR_DOMAIN_AFFECT_LIVE : 0);
    return active < 0 ? -1 : 0;
}

static int run_device(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct {
        const char *name, *verb, *done;
    } words[] = {{"attach-device", "attach", "attached"},
                 {"detach-device", "detach", "detached"},
                 {"update-device", "update", "updated"}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *xml = NULL;
    unsigned flags;
    int what = ATTACH;
    while (!str_eq(words[what].name, a->cmd->name))
        what++;
    if (lookup_domain(c, a, BY_ANY, &d, e) || device_flags(c, a, &d, &flags, e) ||
        opts_file(a, "file", &xml, e))
        return -1;
    if (what == UPDATE && arg_has(a, "force"))
        flags |= VIR_DOMAIN_DEVICE_MODIFY_FORCE;
    ctl_trying(c, "Failed to %s device from %s", words[what].verb, arg_str(a, "file"));
    if (device_call(c, a, &d, what, xml, flags, e))
        return -1;
    done_print(c, "Device %s successfully", words[what].done);
    return 0;
}

/* Does it, or shows the XML that it would be done with. */
static int finish(struct ctl *c, const struct args *a, int what, const char *thing, const char *xml,
                  const struct wire_domain *d, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain found = {0};
    unsigned flags;
    if (arg_has(a, "print-xml")) {
        fputs(xml, stdout);
        return 0;
    }
    if (!d && lookup_domain(c, a, BY_ANY, &found, e))
        return -1;
    if (device_flags(c, a, d ? d : &found, &flags, e))
        return -1;
    CLEANUP_FREE char *low = mem_str(thing);
    low[0] = (char)(low[0] | 0x20);
    ctl_trying(c, "Failed to %s %s", what == ATTACH ? "attach" : "detach", low);
    if (device_call(c, a, d ? d : &found, what, xml, flags, e))
        return -1;
    done_print(c, "%s %s successfully", thing, what == ATTACH ? "attached" : "detached");
    return 0;
}

/* ---- disks by options ---- */

static void one(struct xml_out *w, const char *element, const char *attr, const char *value)
{
    if (!value)
        return;
    xml_out_open(w, element);
    if (attr)
        xml_out_attr(w, attr, value);
    else
        xml_out_text(w, value);
    xml_out_close(w);
}

/* The numbers of "pci:0000.00.05.0", separated by any of ".:"; how many there are. */
static int numbers(const char *text, int base, uint32_t ret[4])
{
    int n = 0;
    while (*text && n < 4) {
        size_t len = strcspn(text, ".:");
        CLEANUP_FREE char *part = mem_strn(text, len);
        if (!parse_u32(part, base, UINT32_MAX, &ret[n]))
            return -1;
        n++;
        text += len + (text[len] != 0);
    }
    return *text ? -1 : n;
}

static int pci_address(struct xml_out *w, const uint32_t n[4], bool multifunction)
{
    xml_out_open(w, "address");
    xml_out_attr(w, "type", "pci");
    xml_out_number(w, "domain", n[0], 4);
    xml_out_number(w, "bus", n[1], 2);
    xml_out_number(w, "slot", n[2], 2);
    xml_out_number(w, "function", n[3], 1);
    if (multifunction)
        xml_out_attr(w, "multifunction", "on");
    xml_out_close(w);
    return 0;
}

static int disk_address(struct xml_out *w, const struct args *a, struct err *e)
{
    const char *text = arg_str(a, "address"), *target = arg_str(a, "target");
    uint32_t n[4];
    if (!text)
        return 0;
    if (str_starts(text, "pci:") && !str_starts(target, "hd") && !str_starts(target, "sd") &&
        numbers(text + 4, 16, n) == 4)
        return pci_address(w, n, arg_has(a, "multifunction"));
    const char *want = str_starts(target, "hd") ? "ide" : "scsi", *colon = strchr(text, ':');
    bool drive = str_starts(text, "ide:") || str_starts(text, "scsi:") || str_starts(text, "sata:");
    if (!drive || numbers(colon + 1, 10, n) != 3)
        return fail(e, ERR_INVALID_ARG, "expecting an %s:00.00.00 address.", want);
    xml_out_open(w, "address");
    xml_out_attr(w, "type", "drive");
    xml_out_number(w, "controller", n[0], 0);
    xml_out_number(w, "bus", n[1], 0);
    xml_out_number(w, "unit", n[2], 0);
    xml_out_close(w);
    return 0;
}

static void disk_driver(struct xml_out *w, const struct args *a)
{
    static const char *const names[][2] = {{"driver", "name"},
                                           {"subdriver", "type"},
                                           {"iothread", "iothread"},
                                           {"cache", "cache"},
                                           {"io", "io"}};
    xml_out_open(w, "driver");
    for (size_t i = 0; i < 5; i++)
        if (arg_str(a, names[i][0]))
            xml_out_attr(w, names[i][1], arg_str(a, names[i][0]));
    xml_out_close(w);
}

static void disk_source(struct xml_out *w, const struct args *a, const char *type)
{
    const char *host = arg_str(a, "source-host-name"), *colon = host ? strrchr(host, ':') : NULL;
    if (!str_eq(type, "network")) {
        one(w, "source",
            str_eq(type, "block") ? "dev"
            : str_eq(type, "dir") ? "dir"
                                  : "file",
            arg_str(a, "source"));
        return;
    }
    xml_out_open(w, "source");
    if (arg_str(a, "source-protocol"))
        xml_out_attr(w, "protocol", arg_str(a, "source-protocol"));
    xml_out_attr(w, "name", arg_str(a, "source"));
    if (host || arg_str(a, "source-host-socket")) {
        CLEANUP_FREE char *name =
            host ? mem_strn(host, colon ? (size_t)(colon - host) : strlen(host)) : NULL;
        xml_out_open(w, "host");
        if (arg_str(a, "source-host-transport"))
            xml_out_attr(w, "transport", arg_str(a, "source-host-transport"));
        if (arg_str(a, "source-host-socket"))
            xml_out_attr(w, "socket", arg_str(a, "source-host-socket"));
        if (name)
            xml_out_attr(w, "name", name);
        if (colon)
            xml_out_attr(w, "port", colon + 1);
        xml_out_close(w);
    }
    xml_out_close(w);
}

static int disk_type(const struct args *a, const char **ret, struct err *e)
{
    const char *type = arg_str(a, "sourcetype"), *mode = arg_str(a, "mode");
    *ret = type ? type : arg_str(a, "source-protocol") ? "network" : "file";
    if (type && !str_eq(type, "file") && !str_eq(type, "block") && !str_eq(type, "network") &&
        !str_eq(type, "dir"))
        return fail(e, ERR_INVALID_ARG, "Unknown source type: '%s'", type);
    if (arg_str(a, "source-protocol") && !str_eq(*ret, "network"))
        return fail(e, ERR_INVALID_ARG, "--source-protocol option requires --sourcetype network");
    if (mode && !str_eq(mode, "readonly") && !str_eq(mode, "shareable"))
        return fail(e, ERR_INVALID_ARG, "No support for %s in command 'attach-disk'", mode);
    return 0;
}

static int run_attach_disk(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_STR struct str xml = {0};
    struct xml_out w = {.s = &xml};
    const char *type;
    if (disk_type(a, &type, e))
        return -1;
    xml_out_open(&w, "disk");
    xml_out_attr(&w, "type", type);
    if (arg_str(a, "type"))
        xml_out_attr(&w, "device", arg_str(a, "type"));
    if (arg_has(a, "rawio"))
        xml_out_attr(&w, "rawio", "yes");
    disk_driver(&w, a);
    disk_source(&w, a, type);
    xml_out_open(&w, "target");
    xml_out_attr(&w, "dev", arg_str(a, "target"));
    if (arg_str(a, "targetbus"))
        xml_out_attr(&w, "bus", arg_str(a, "targetbus"));
    xml_out_close(&w);
    if (arg_str(a, "mode")) {
        xml_out_open(&w, arg_str(a, "mode"));
        xml_out_show(&w);
        xml_out_close(&w);
    }
    one(&w, "serial", NULL, arg_str(a, "serial"));
    one(&w, "alias", "name", arg_str(a, "alias"));
    one(&w, "wwn", NULL, arg_str(a, "wwn"));
    if (disk_address(&w, a, e))
        return -1;
    xml_out_close(&w);
    return finish(c, a, ATTACH, "Disk", str_get(&xml), NULL, e);
}

/* ---- interfaces by options ---- */

static int nic_rate(struct xml_out *w, const struct args *a, const char *way, struct err *e)
{
    static const char *const parts[] = {"average", "peak", "burst", "floor"};
    const char *text = arg_str(a, way);
    if (!text)
        return 0;
    xml_out_open(w, way);
    for (size_t i = 0; *text && i < 4; i++) {
        size_t len = strcspn(text, ",");
        CLEANUP_FREE char *part = mem_strn(text, len);
        uint32_t n;
        if (len && !parse_u32(part, 10, UINT32_MAX, &n))
            return fail(e, ERR_INVALID_ARG, "field '%s' is malformed", parts[i]);
        if (len)
            xml_out_attr(w, parts[i], part);
        text += len + (text[len] == ',');
    }
    xml_out_close(w);
    return 0;
}

static int nic_source(struct xml_out *w, const struct args *a, const char *type, struct err *e)
{
    static const char *const modes[] = {"vepa", "bridge", "private", "passthrough"};
    const char *source = arg_str(a, "source"), *mode = arg_str(a, "source-mode");
    uint32_t n[4];
    bool known = !mode;
    for (size_t i = 0; mode && i < 4; i++)
        known |= str_eq(modes[i], mode);
    if (!known)
        return fail(e, ERR_INVALID_ARG, "Invalid source mode: %s", mode);
    if (str_eq(type, "hostdev")) {
        if (numbers(source, 16, n) != 4)
            return fail(e, ERR_INVALID_ARG, "cannot parse pci address '%s'", source);
        xml_out_open(w, "source");
        pci_address(w, n, false);
        xml_out_close(w);
        return 0;
    }
    xml_out_open(w, "source");
    xml_out_attr(w, str_eq(type, "direct") ? "dev" : type, source);
    if (mode)
        xml_out_attr(w, "mode", mode);
    xml_out_close(w);
    return 0;
}

static int nic_xml(struct xml_out *w, const struct args *a, struct err *e)
{
    static const char *const types[] = {"network", "bridge", "direct", "hostdev"};
    const char *type = arg_str(a, "type");
    bool known = false;
    for (size_t i = 0; i < 4; i++)
        known |= str_eq(types[i], type);
    if (!known)
        return fail(e, ERR_INVALID_ARG, "No support for %s in command 'attach-interface'", type);
    xml_out_open(w, "interface");
    xml_out_attr(w, "type", type);
    if (arg_has(a, "managed"))
        xml_out_attr(w, "managed", "yes");
    if (nic_source(w, a, type, e))
        return -1;
    one(w, "target", "dev", arg_str(a, "target"));
    one(w, "mac", "address", arg_str(a, "mac"));
    one(w, "script", "path", arg_str(a, "script"));
    one(w, "model", "type", arg_str(a, "model"));
    one(w, "alias", "name", arg_str(a, "alias"));
    xml_out_open(w, "bandwidth");
    if (nic_rate(w, a, "inbound", e) || nic_rate(w, a, "outbound", e))
        return -1;
    xml_out_close(w);
    xml_out_close(w);
    return 0;
}

static int run_attach_interface(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_STR struct str xml = {0};
    struct xml_out w = {.s = &xml};
    if (nic_xml(&w, a, e))
        return -1;
    return finish(c, a, ATTACH, "Interface", str_get(&xml), NULL, e);
}

/* ---- out again ---- */

static int devices_of(struct ctl *c, const struct args *a, struct wire_domain *d,
                      struct xml_doc *doc, struct err *e)
{
    if (lookup_domain(c, a, BY_ANY, d, e))
        return -1;
    return gxml_get(c, d, arg_has(a, "config") ? VIR_DOMAIN_XML_INACTIVE : 0, doc, e);
}

static int run_detach_disk(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    CLEANUP_STR struct str xml = {0};
    struct xml_out w = {.s = &xml};
    const char *which = arg_str(a, "target");
    if (devices_of(c, a, &d, &doc, e))
        return -1;
    const struct xml *x = gxml_disk(&doc, which);
    if (!x)
        return fail(e, ERR_INVALID_ARG, "No disk found whose source path or target is %s", which);
    xml_out_tree(&w, x);
    c->bare = arg_has(a, "print-xml");
    return finish(c, a, DETACH, "Disk", str_get(&xml), &d, e);
}

/* The interface of that type; where there are several, the one with the MAC address. */
static int nic_find(const struct xml_doc *doc, const struct args *a, const struct xml **ret,
                    struct err *e)
{
    const char *type = arg_str(a, "type"), *mac = arg_str(a, "mac");
    size_t n = 0;
    for (const struct xml *x = gxml_device(doc, "interface"); x; x = gxml_next(x)) {
        const char *address = gxml_value(x, "mac", "address");
        if (!str_eq(xml_get(x, "type"), type))
            continue;
        n++;
        if (!mac || (address && !strcasecmp(address, mac)))
            *ret = x;
    }
    if (!n)
        return fail(e, ERR_INVALID_ARG, "No interface found whose type is %s", type);
    if (n > 1 && !mac)
        return fail(e, ERR_INVALID_ARG,
                    "Domain has %zu interfaces. Please specify which one to detach using --mac", n);
    return *ret ? 0 : fail(e, ERR_INVALID_ARG, "No interface with MAC address %s was found", mac);
}

static int run_detach_interface(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    CLEANUP_STR struct str xml = {0};
    struct xml_out w = {.s = &xml};
    const struct xml *x = NULL;
    if (devices_of(c, a, &d, &doc, e))
        return -1;
    if (nic_find(&doc, a, &x, e)) {
        ctl_trying(c, "Failed to detach interface");
        return -1;
    }
    xml_out_tree(&w, x);
    c->bare = arg_has(a, "print-xml");
    return finish(c, a, DETACH, "Interface", str_get(&xml), &d, e);
}

/* ---- media ---- */

/* The disk's XML with another source, or none. */
static void media_xml(struct xml *disk, const char *source, bool is_block, struct str *ret)
{
    struct xml **at = &disk->child;
    struct xml_attr attr = {.name = is_block ? "dev" : "file", .value = source};
    struct xml node = {.name = "source", .text = "", .attrs = &attr, .n_attrs = 1};
    while (*at && !str_eq((*at)->name, "source"))
        at = &(*at)->next;
    struct xml *rest = *at ? (*at)->next : disk->child;
    if (!*at)
        at = &disk->child;
    node.next = rest;
    *at = source ? &node : rest;
    for (size_t i = 0; source && i < disk->n_attrs; i++)
        if (str_eq(disk->attrs[i].name, "type"))
            disk->attrs[i].value = is_block ? "block" : "file";
    struct xml_out w = {.s = ret};
    xml_out_tree(&w, disk);
}

static int media_check(const struct xml *disk, const char *which, const char *verb,
                       const char *source, struct err *e)
{
    const char *device = disk ? xml_get(disk, "device") : NULL;
    if (!device || (!str_eq(device, "cdrom") && !str_eq(device, "floppy")))
        return fail(e, ERR_INVALID_ARG, "No disk found whose source path or target is %s", which);
    bool full = gxml_disk_source(disk) != NULL;
    if (str_eq(verb, "eject") && !full)
        return fail(e, ERR_OPERATION_INVALID, "The disk device '%s' doesn't have media", which);
    if (str_eq(verb, "insert") && full)
        return fail(e, ERR_OPERATION_INVALID, "The disk device '%s' already has media", which);
    if (!str_eq(verb, "eject") && !source)
        return fail(e, ERR_INVALID_ARG, "No disk source specified for %s", verb);
    return 0;
}

static int run_change_media(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    CLEANUP_STR struct str xml = {0};
    const char *which = arg_str(a, "path"), *source = arg_str(a, "source");
    const char *verb = arg_has(a, "eject") ? "eject" : arg_has(a, "insert") ? "insert" : "update";
    const char *past = str_eq(verb, "update") ? "updated"
                       : arg_has(a, "eject")  ? "ejected"
                                              : "inserted";
    unsigned flags;
    if (opts_exclude(a, "eject", "insert", e) || opts_exclude(a, "eject", "update", e) ||
        opts_exclude(a, "insert", "update", e) || opts_exclude(a, "eject", "block", e) ||
        opts_affect(a, &flags, e) || devices_of(c, a, &d, &doc, e))
        return -1;
    struct xml *disk = (struct xml *)gxml_disk(&doc, which); /* the document is ours */
    if (media_check(disk, which, verb, source, e))
        return -1;
    media_xml(disk, arg_has(a, "eject") ? NULL : source, arg_has(a, "block"), &xml);
    if (arg_has(a, "print-xml")) {
        fputs(str_get(&xml), stdout);
        return 0;
    }
    if (arg_has(a, "force"))
        flags |= VIR_DOMAIN_DEVICE_MODIFY_FORCE;
    ctl_trying(c, "Failed to complete action %s on media", verb);
    if (call_domain_update_device_flags(
            c->conn_, &(struct wire_domain_update_device_flags_args){d, xml.p, flags}, e))
        return -1;
    done_print(c, "Successfully %s media.", past);
    return 0;
}

static int run_detach_alias(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    const char *alias = arg_str(a, "alias");
    unsigned flags;
    if (opts_affect(a, &flags, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to detach device with alias %s", alias);
    if (call_domain_detach_device_alias(
            c->conn_, &(struct wire_domain_detach_device_alias_args){d, (char *)alias, flags}, e))
        return -1;
    done_print(c, "Device detach request sent successfully");
    return 0;
}

#define OPT_HOW OPT_PERSISTENT, OPT_AFFECT

extern const struct cmd cmds_device[];
const struct cmd cmds_device[] = {
    {"attach-device", GROUP_DOMAIN, "attach a device", NULL,
     OPTS(OPT_DOMAIN, NEED("file", WHAT_FILE, "file with the device's XML"), OPT_HOW), run_device},
    {"attach-disk", GROUP_DOMAIN, "attach a disk", NULL,
     OPTS(OPT_DOMAIN, NEED("source", WHAT_FILE, "image, device or name of the disk"),
          NEED("target", WHAT_TEXT, "what the guest calls it: xvdb, vdb, hdc"),
          MAY("targetbus", WHAT_TEXT, "xen, ide, scsi, virtio"), MAY("driver", WHAT_TEXT, "driver"),
          MAY("subdriver", WHAT_TEXT, "format: raw, qcow2, vhd"),
          MAY("iothread", WHAT_TEXT, "I/O thread"), MAY("cache", WHAT_TEXT, "how it is cached"),
          MAY("io", WHAT_TEXT, "how it is read and written"),
          MAY("type", WHAT_TEXT, "disk, cdrom, floppy or lun"),
          MAY("mode", WHAT_TEXT, "readonly or shareable"),
          MAY("sourcetype", WHAT_TEXT, "file, block or network"),
          MAY("serial", WHAT_TEXT, "serial number"), MAY("wwn", WHAT_TEXT, "world wide name"),
          MAY("alias", WHAT_TEXT, "alias to find it by later: ua-..."),
          FLAG("rawio", "it needs raw I/O"), MAY("address", WHAT_TEXT, "address: pci:0000.00.05.0"),
          FLAG("multifunction", "its PCI device has several functions"), OPT_PRINT_XML,
          MAY("source-protocol", WHAT_TEXT, "protocol of a network disk"),
          MAY("source-host-name", WHAT_TEXT, "host of a network disk, host:port"),
          MAY("source-host-transport", WHAT_TEXT, "tcp, rdma or unix"),
          MAY("source-host-socket", WHAT_FILE, "socket of a network disk"), OPT_HOW),
     run_attach_disk},
    {"attach-interface", GROUP_DOMAIN, "attach a network interface", NULL,
     OPTS(OPT_DOMAIN, NEED("type", WHAT_TEXT, "bridge, network, direct or hostdev"),
          NEED("source", WHAT_TEXT, "name of the bridge, the network, ..."),
          MAY("target", WHAT_TEXT, "its name in the host"),
          MAY("mac", WHAT_TEXT, "its MAC address"),
          MAY("script", WHAT_FILE, "script that connects it"),
          MAY("model", WHAT_TEXT, "model: netfront, e1000, ..."),
          MAY("alias", WHAT_TEXT, "alias to find it by later: ua-..."),
          MAY("inbound", WHAT_TEXT, "average,peak,burst,floor of what it receives"),
          MAY("outbound", WHAT_TEXT, "average,peak,burst of what it sends"), OPT_HOW, OPT_PRINT_XML,
          FLAG("managed", "the host detaches and reattaches it (hostdev)"),
          MAY("source-mode", WHAT_TEXT, "vepa, bridge, private or passthrough (direct)")),
     run_attach_interface},
    {"change-media", GROUP_DOMAIN, "eject, insert or change a CD or floppy", NULL,
     OPTS(OPT_DOMAIN, NEED("path", WHAT_TEXT, "target or source of the drive"),
          MAY("source", WHAT_FILE, "the new medium"), FLAG("eject", "take the medium out"),
          FLAG("insert", "put a medium in"), FLAG("update", "put another in (default)"),
          OPT_CURRENT, OPT_LIVE, OPT_CONFIG, FLAG("force", "even if the guest has locked it"),
          OPT_PRINT_XML, FLAG("block", "the medium is a block device")),
     run_change_media},
    {"detach-device", GROUP_DOMAIN, "detach a device", NULL,
     OPTS(OPT_DOMAIN, NEED("file", WHAT_FILE, "file with the device's XML"), OPT_HOW), run_device},
    {"detach-device-alias", GROUP_DOMAIN, "detach the device with an alias", NULL,
     OPTS(OPT_DOMAIN, NEED("alias", WHAT_TEXT, "alias of the device"), OPT_AFFECT),
     run_detach_alias},
    {"detach-disk", GROUP_DOMAIN, "detach a disk", NULL,
     OPTS(OPT_DOMAIN, NEED("target", WHAT_TEXT, "target or source of the disk"), OPT_HOW,
          OPT_PRINT_XML),
     run_detach_disk},
    {"detach-interface", GROUP_DOMAIN, "detach a network interface", NULL,
     OPTS(OPT_DOMAIN, NEED("type", WHAT_TEXT, "bridge, network, ..."),
          MAY("mac", WHAT_TEXT, "its MAC address, where there are several"), OPT_HOW,
          OPT_PRINT_XML),
     run_detach_interface},
    {"update-device", GROUP_DOMAIN, "change a device", NULL,
     OPTS(OPT_DOMAIN, NEED("file", WHAT_FILE, "file with the device's XML"), OPT_HOW,
          FLAG("force", "even if the guest has locked it")),
     run_device},
    {0},
};
