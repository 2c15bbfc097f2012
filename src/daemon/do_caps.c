/* Capabilities: what this host and its guests can have, as the XML that clients read. */
#include <unistd.h>

#include "base/str.h"
#include "base/uuid.h"
#include "daemon/dispatch.h"

enum { PATH_BYTES = 256 };

/* The first of the places that is there, else the first. */
static void find_file(const char *const *places, size_t n, char ret[PATH_BYTES])
{
    size_t i = 0;
    while (i < n && access(places[i], F_OK))
        i++;
    snprintf(ret, PATH_BYTES, "%s", places[i < n ? i : 0]);
}

static void firmware(const struct hv_host *h, const char *name, char ret[PATH_BYTES])
{
    char own[PATH_BYTES], plain[PATH_BYTES], exec[PATH_BYTES];
    snprintf(own, sizeof(own), "/usr/lib/xen-%u.%u/boot/%s", h->xen_major, h->xen_minor, name);
    snprintf(plain, sizeof(plain), "/usr/lib/xen/boot/%s", name);
    snprintf(exec, sizeof(exec), "/usr/libexec/xen/boot/%s", name);
    const char *const places[] = {own, plain, exec};
    find_file(places, sizeof(places) / sizeof(*places), ret);
}

static void emulator(char ret[PATH_BYTES])
{
    static const char *const places[] = {
        "/usr/lib/xen/bin/qemu-system-i386", "/usr/libexec/xen/bin/qemu-system-i386",
        "/usr/bin/qemu-system-i386", "/usr/bin/qemu-system-x86_64"};
    find_file(places, sizeof(places) / sizeof(*places), ret);
}

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

static void add_host(struct str *s, const struct hv_host *h)
{
    char uuid[UUID_TEXT];
    str_add(s, "  <host>\n");
    if (!uuid_is_zero(h->uuid))
        str_addf(s, "    <uuid>%s</uuid>\n", uuid_format(h->uuid, uuid));
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

/* Xen names what it can run: "xen-3.0-x86_64 hvm-3.0-x86_32p ...". */
static const struct kind {
    const char *os_type, *machine;
    const char *word; /* of Xen's list */
    const char *loader;
} kinds[] = {
    {"xen", "xenpv", "xen-3.0-x86_64", NULL},
    {"xenpvh", "xenpvh", "hvm-3.0-x86_64", NULL},
    {"hvm", "xenfv", "hvm-3.0-x86_64", "hvmloader"},
};
enum { N_KINDS = sizeof(kinds) / sizeof(*kinds) };

static bool host_runs(const struct hv_host *h, const struct kind *k)
{
    return !h->capabilities || strstr(h->capabilities, k->word);
}

static void add_guest(struct str *s, const struct hv_host *h, const struct kind *k)
{
    char path[PATH_BYTES], loader[PATH_BYTES];
    emulator(path);
    str_addf(s,
             "  <guest>\n    <os_type>%s</os_type>\n    <arch name='x86_64'>\n"
             "      <wordsize>64</wordsize>\n      <emulator>%s</emulator>\n",
             k->os_type, path);
    if (k->loader) {
        firmware(h, k->loader, loader);
        str_addf(s, "      <loader>%s</loader>\n", loader);
    }
    str_addf(s, "      <machine>%s</machine>\n      <domain type='xen'/>\n    </arch>\n",
             k->machine);
    if (k->loader)
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
    struct hv_host h = {0};
    struct str s = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    str_add(&s, "<capabilities>\n\n");
    add_host(&s, &h);
    for (size_t i = 0; i < N_KINDS; i++)
        if (host_runs(&h, &kinds[i]))
            add_guest(&s, &h, &kinds[i]);
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

static void add_loader(struct str *s, const struct hv_host *h, const struct kind *k)
{
    char hvmloader[PATH_BYTES], ovmf[PATH_BYTES];
    if (!k->loader) {
        str_add(s, "  <os supported='yes'>\n    <loader supported='no'/>\n  </os>\n");
        return;
    }
    firmware(h, "hvmloader", hvmloader);
    firmware(h, "ovmf.bin", ovmf);
    str_addf(s,
             "  <os supported='yes'>\n    <loader supported='yes'>\n"
             "      <value>%s</value>\n      <value>%s</value>\n",
             hvmloader, ovmf);
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
        add_enum(s, ch->name, k->loader ? ch->hvm : ch->pv);
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
    char path[PATH_BYTES];
    struct hv_host h = {0};
    struct str s = {0};
    const struct kind *k = find_kind(c, args->machine, args->arch, args->virttype);
    if (!k || host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    emulator(path);
    str_addf(&s,
             "<domainCapabilities>\n  <path>%s</path>\n  <domain>xen</domain>\n"
             "  <machine>%s</machine>\n  <arch>x86_64</arch>\n  <vcpu max='%d'/>\n"
             "  <iothreads supported='no'/>\n",
             path, k->machine, k->loader ? 128 : 512);
    add_loader(&s, &h, k);
    str_add(&s, "  <cpu>\n    <mode name='host-passthrough' supported='no'/>\n"
                "    <mode name='maximum' supported='no'/>\n"
                "    <mode name='host-model' supported='no'/>\n"
                "    <mode name='custom' supported='no'/>\n  </cpu>\n");
    add_devices(&s, k);
    str_add(&s, "  <features>\n    <gic supported='no'/>\n    <vmcoreinfo supported='no'/>\n"
                "    <genid supported='no'/>\n    <sev supported='no'/>\n"
                "    <sgx supported='no'/>\n  </features>\n</domainCapabilities>\n");
    ret->capabilities = str_take(&s);
    hv_host_clear(&h);
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_CONNECT_GET_CAPABILITIES, do_capabilities},
    {WIRE_CONNECT_GET_DOMAIN_CAPABILITIES, do_domain_capabilities},
};
const struct handlers do_caps_handlers = HANDLERS(rows);
