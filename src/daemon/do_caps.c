/* Capabilities: what this host and its guests can have, as the XML that clients read. */
#include "base/str.h"
#include "base/uuid.h"
#include "daemon/dispatch.h"

/* --- the host --- */

static void add_cpus(struct str *s, const struct hv_host *h, uint32_t node)
{
    size_t n = 0;
    for (uint32_t i = 0; i < h->cpus_max; i++)
        n += h->cpus[i].node == node;
    str_addf(s, "          <cpus num='%zu'>\n", n);
    for (uint32_t i = 0; i < h->cpus_max; i++) {
        if (h->cpus[i].node != node)
            continue;
        str_addf(s, "            <cpu id='%u' socket_id='%u' core_id='%u' siblings='", i,
                 h->cpus[i].socket, h->cpus[i].core);
        const char *comma = "";
        for (uint32_t k = 0; k < h->cpus_max; k++) {
            if (h->cpus[k].node == node && h->cpus[k].socket == h->cpus[i].socket &&
                h->cpus[k].core == h->cpus[i].core) {
                str_addf(s, "%s%u", comma, k);
                comma = ",";
            }
        }
        str_add(s, "'/>\n");
    }
    str_add(s, "          </cpus>\n");
}

static void add_topology(struct str *s, const struct hv_host *h)
{
    if (!h->n_nodes || !h->cpus)
        return;
    str_addf(s, "    <topology>\n      <cells num='%zu'>\n", h->n_nodes);
    for (uint32_t i = 0; i < h->n_nodes; i++) {
        str_addf(s, "        <cell id='%u'>\n          <memory unit='KiB'>%ju</memory>\n", i,
                 (uintmax_t)h->nodes[i].mem_kib);
        if (h->nodes[i].distances) {
            str_add(s, "          <distances>\n");
            for (uint32_t k = 0; k < h->n_nodes; k++)
                str_addf(s, "            <sibling id='%u' value='%u'/>\n", k,
                         h->nodes[i].distances[k]);
            str_add(s, "          </distances>\n");
        }
        add_cpus(s, h, i);
        str_add(s, "        </cell>\n");
    }
    str_add(s, "      </cells>\n    </topology>\n");
}

static void add_host(struct str *s, const struct hv_host *h, const uint8_t configured[UUID_LEN])
{
    char text[UUID_TEXT];
    const uint8_t *uuid = uuid_is_zero(configured) ? h->uuid : configured;
    str_add(s, "  <host>\n");
    if (!uuid_is_zero(uuid))
        str_addf(s, "    <uuid>%s</uuid>\n", uuid_format(uuid, text));
    str_addf(s, "    <cpu>\n      <arch>%s</arch>\n", h->arch ? h->arch : "x86_64");
    if (h->sockets && h->cores_per_socket && h->threads_per_core)
        str_addf(s, "      <topology sockets='%u' dies='1' cores='%u' threads='%u'/>\n", h->sockets,
                 h->cores_per_socket, h->threads_per_core);
    str_add(s, "      <features>\n        <pae/>\n      </features>\n    </cpu>\n"
               "    <power_management/>\n"
               "    <migration_features>\n      <live/>\n    </migration_features>\n");
    add_topology(s, h);
    str_add(s, "  </host>\n\n");
}

/* --- its guests --- */

static const struct kind {
    const char *os_type, *machine;
    size_t missing; /* in struct domain_caps: the host has none of them */
    bool has_loader;
} kinds[] = {
    {"xen", "xenpv", offsetof(struct domain_caps, no_pv), false},
    {"xenpvh", "xenpvh", offsetof(struct domain_caps, no_pvh), false},
    {"hvm", "xenfv", offsetof(struct domain_caps, no_hvm), true},
};
enum { N_KINDS = sizeof(kinds) / sizeof(*kinds) };

static void add_guest(struct str *s, const struct hv_host *h, const struct domain_caps *caps,
                      const struct kind *k)
{
    str_addf(s,
             "  <guest>\n    <os_type>%s</os_type>\n    <arch name='x86_64'>\n"
             "      <wordsize>64</wordsize>\n      <emulator>%s</emulator>\n",
             k->os_type, caps->emulator);
    if (k->has_loader)
        str_addf(s, "      <loader>%s</loader>\n", caps->loader);
    str_addf(s, "      <machine>%s</machine>\n      <domain type='xen'/>\n    </arch>\n",
             k->machine);
    if (k->has_loader)
        str_addf(s,
                 "    <features>\n      <pae/>\n      <nonpae/>\n"
                 "      <acpi default='on' toggle='yes'/>\n"
                 "      <apic default='on' toggle='no'/>\n"
                 "      <hap default='%s' toggle='yes'/>\n    </features>\n",
                 h->has_hap ? "on" : "off");
    str_add(s, "  </guest>\n\n");
}

static int do_capabilities(struct call *c)
{
    struct wire_connect_get_capabilities_ret *ret = c->ret;
    const struct domain_caps *caps = &c->daemon->hostcaps.caps;
    struct hv_host h = {0};
    struct str s = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    str_add(&s, "<capabilities>\n\n");
    add_host(&s, &h, c->daemon->config.host_id);
    for (size_t i = 0; i < N_KINDS; i++)
        if (!*(const bool *)((const char *)caps + kinds[i].missing))
            add_guest(&s, &h, caps, &kinds[i]);
    str_add(&s, "</capabilities>\n");
    ret->capabilities = str_take(&s);
    hv_host_clear(&h);
    return CALL_DONE;
}

/* --- one kind of guest in detail --- */

static void add_enum(struct str *s, const char *name, const char *const *values)
{
    if (!*values) {
        str_addf(s, "      <enum name='%s'/>\n", name);
        return;
    }
    str_addf(s, "      <enum name='%s'>\n", name);
    for (; *values; values++)
        str_addf(s, "        <value>%s</value>\n", *values);
    str_add(s, "      </enum>\n");
}

static void add_value(struct str *s, const char *value)
{
    str_addf(s, "      <value>%s</value>\n", value);
}

static void add_loader(struct str *s, const struct daemon *d, const struct kind *k)
{
    const struct config_list *more = &d->config.libxl_firmwares;
    if (!k->has_loader) {
        str_add(s, "  <os supported='yes'>\n    <loader supported='no'/>\n  </os>\n");
        return;
    }
    str_add(s, "  <os supported='yes'>\n    <loader supported='yes'>\n");
    add_value(s, d->hostcaps.loader);
    add_value(s, d->hostcaps.ovmf);
    for (size_t i = 1; i < more->n; i++)
        add_value(s, more->items[i]);
    add_enum(s, "type", (const char *const[]){"rom", "pflash", NULL});
    add_enum(s, "readonly", (const char *const[]){"yes", NULL});
    str_add(s, "    </loader>\n  </os>\n");
}

/* The devices, and the values of their choices; `hvm` ones are for guests with an emulator. */
static const struct choice {
    const char *device, *name;
    const char *const *pv, *const *hvm;
} choices[] = {
    {"disk", "diskDevice", (const char *const[]){"disk", "cdrom", NULL},
     (const char *const[]){"disk", "cdrom", NULL}},
    {"disk", "bus", (const char *const[]){"xen", NULL},
     (const char *const[]){"ide", "scsi", "xen", NULL}},
    {"disk", "model", (const char *const[]){NULL}, (const char *const[]){NULL}},
    {"graphics", "type", (const char *const[]){"sdl", "vnc", NULL},
     (const char *const[]){"sdl", "vnc", "spice", NULL}},
    {"video", "modelType", (const char *const[]){"xen", NULL},
     (const char *const[]){"vga", "cirrus", "xen", NULL}},
    {"hostdev", "mode", (const char *const[]){"subsystem", NULL},
     (const char *const[]){"subsystem", NULL}},
    {"hostdev", "startupPolicy",
     (const char *const[]){"default", "mandatory", "requisite", "optional", NULL},
     (const char *const[]){"default", "mandatory", "requisite", "optional", NULL}},
    {"hostdev", "subsysType", (const char *const[]){"pci", "usb", NULL},
     (const char *const[]){"usb", "pci", NULL}},
    {"hostdev", "capsType", (const char *const[]){NULL}, (const char *const[]){NULL}},
    {"hostdev", "pciBackend", (const char *const[]){"xen", NULL},
     (const char *const[]){"xen", NULL}},
};

static void add_devices(struct str *s, const struct kind *k)
{
    const char *open = NULL;
    str_add(s, "  <devices>\n");
    for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
        const struct choice *ch = &choices[i];
        if (!str_eq(open, ch->device)) {
            if (open)
                str_addf(s, "    </%s>\n", open);
            str_addf(s, "    <%s supported='yes'>\n", open = ch->device);
        }
        add_enum(s, ch->name, k->has_loader ? ch->hvm : ch->pv);
    }
    str_addf(s, "    </%s>\n  </devices>\n", open);
}

static const struct kind *find_kind(struct call *c, const char *machine, const char *arch,
                                    const char *virt)
{
    if (arch && !str_eq(arch, "x86_64")) {
        fail(&c->err, ERR_INVALID_ARG, "there are no guests of architecture '%s'", arch);
        return NULL;
    }
    if (virt && !str_eq(virt, "xen")) {
        fail(&c->err, ERR_INVALID_ARG, "unknown virttype: %s", virt);
        return NULL;
    }
    for (size_t i = 0; i < N_KINDS; i++)
        if (!machine || str_eq(machine, kinds[i].machine))
            return &kinds[i];
    fail(&c->err, ERR_INVALID_ARG, "Xen only supports 'xenpv', 'xenpvh' and 'xenfv' machines");
    return NULL;
}

static int do_domain_capabilities(struct call *c)
{
    const struct wire_connect_get_domain_capabilities_args *args = c->args;
    struct wire_connect_get_domain_capabilities_ret *ret = c->ret;
    struct str s = {0};
    const struct kind *k = find_kind(c, args->machine, args->arch, args->virttype);
    if (!k)
        return CALL_FAILED;
    str_addf(&s,
             "<domainCapabilities>\n  <path>%s</path>\n  <domain>xen</domain>\n"
             "  <machine>%s</machine>\n  <arch>x86_64</arch>\n  <vcpu max='%d'/>\n"
             "  <iothreads supported='no'/>\n",
             c->daemon->hostcaps.emulator, k->machine, k->has_loader ? 128 : 512);
    add_loader(&s, c->daemon, k);
    str_add(&s, "  <cpu>\n    <mode name='host-passthrough' supported='no'/>\n"
                "    <mode name='maximum' supported='no'/>\n"
                "    <mode name='host-model' supported='no'/>\n"
                "    <mode name='custom' supported='no'/>\n  </cpu>\n");
    add_devices(&s, k);
    str_add(&s, "  <features>\n    <gic supported='no'/>\n    <vmcoreinfo supported='no'/>\n"
                "    <genid supported='no'/>\n    <sev supported='no'/>\n"
                "    <sgx supported='no'/>\n  </features>\n</domainCapabilities>\n");
    ret->capabilities = str_take(&s);
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_CONNECT_GET_CAPABILITIES, do_capabilities},
    {WIRE_CONNECT_GET_DOMAIN_CAPABILITIES, do_domain_capabilities},
};
const struct handlers do_caps_handlers = HANDLERS(rows);
