#include "conf/caps_xml.h"

#include <inttypes.h>

#include "base/uuid.h"
#include "conf/xml.h"

#define DEFAULT_EMULATOR "/usr/lib/xen/bin/qemu-system-i386"
#define DEFAULT_LOADER "/usr/lib/xen/boot/hvmloader"
#define DEFAULT_OVMF "/usr/lib/xen/boot/ovmf.bin"

static const char * or (const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

static void empty(struct xml_out *w, const char *name)
{
    xml_out_open(w, name);
    xml_out_show(w);
    xml_out_close(w);
}

static void number(struct xml_out *w, const char *name, uint64_t n)
{
    xml_out_attrf(w, name, "%" PRIu64, n);
}

/* ---- the host ---- */
static void write_siblings(struct xml_out *w, const struct caps_cell *cell,
                           const struct caps_cpu *cpu)
{
    CLEANUP_STR struct str list = {0};
    for (size_t i = 0; i < cell->n_cpus; i++) {
        const struct caps_cpu *o = &cell->cpus[i];
        size_t last = i;
        if (o->socket != cpu->socket || o->core != cpu->core)
            continue;
        while (last + 1 < cell->n_cpus && cell->cpus[last + 1].socket == cpu->socket &&
               cell->cpus[last + 1].core == cpu->core &&
               cell->cpus[last + 1].id == cell->cpus[last].id + 1)
            last++;
        str_addf(&list, "%s%u", list.len ? "," : "", o->id);
        if (last > i)
            str_addf(&list, "-%u", cell->cpus[last].id);
        i = last;
    }
    xml_out_attr(w, "siblings", str_get(&list));
}

static void write_cell(struct xml_out *w, const struct caps *c, const struct caps_cell *cell)
{
    xml_out_open(w, "cell");
    number(w, "id", cell->id);
    xml_out_open(w, "memory");
    xml_out_attr(w, "unit", "KiB");
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, cell->mem_kib);
    xml_out_text(w, text);
    xml_out_close(w);
    xml_out_open(w, "distances");
    for (size_t i = 0; cell->distances && i < c->n_cells; i++) {
        xml_out_open(w, "sibling");
        number(w, "id", c->cells[i].id);
        number(w, "value", cell->distances[i]);
        xml_out_close(w);
    }
    xml_out_close(w);
    xml_out_open(w, "cpus");
    number(w, "num", cell->n_cpus);
    for (size_t i = 0; i < cell->n_cpus; i++) {
        const struct caps_cpu *cpu = &cell->cpus[i];
        xml_out_open(w, "cpu");
        number(w, "id", cpu->id);
        if (cpu->socket != UINT32_MAX && cpu->core != UINT32_MAX) {
            number(w, "socket_id", cpu->socket);
            number(w, "die_id", cpu->die == UINT32_MAX ? 0 : cpu->die);
            number(w, "cluster_id", 0);
            number(w, "core_id", cpu->core);
            write_siblings(w, cell, cpu);
        }
        xml_out_close(w);
    }
    xml_out_close(w);
    xml_out_close(w);
}

static void write_host(struct xml_out *w, const struct caps *c)
{
    char uuid[UUID_TEXT];
    xml_out_open(w, "host");
    if (!uuid_is_zero(c->host_uuid))
        xml_out_element(w, "uuid", uuid_format(c->host_uuid, uuid));
    xml_out_open(w, "cpu");
    xml_out_element(w, "arch", or (c->arch, "x86_64"));
    xml_out_open(w, "features");
    for (size_t i = 0; i < c->n_features; i++)
        empty(w, c->features[i]);
    xml_out_close(w);
    xml_out_close(w);
    empty(w, "power_management");
    xml_out_open(w, "iommu");
    xml_out_attr(w, "support", c->has_iommu ? "yes" : "no");
    xml_out_close(w);
    xml_out_open(w, "migration_features");
    empty(w, "live");
    xml_out_close(w);
    if (c->n_cells) {
        xml_out_open(w, "topology");
        xml_out_open(w, "cells");
        number(w, "num", c->n_cells);
        for (size_t i = 0; i < c->n_cells; i++)
            write_cell(w, c, &c->cells[i]);
        xml_out_close(w);
        xml_out_close(w);
    }
    xml_out_close(w);
}

/* ---- the guests ---- */
static const struct kind {
    enum guest_type type;
    const char *os_type, *machine;
    unsigned max_vcpus;
} kinds[] = {
    {GUEST_PV, "xen", "xenpv", 512},
    {GUEST_HVM, "hvm", "xenfv", 128},
    {GUEST_PVH, "xenpvh", "xenpvh", 512},
};
enum { N_KINDS = sizeof(kinds) / sizeof(*kinds) };

static bool has_kind(const struct caps *c, enum guest_type type)
{
    switch (type) {
    case GUEST_PV:
        return c->has_pv;
    case GUEST_HVM:
        return c->has_hvm;
    case GUEST_PVH:
        return c->has_pvh;
    }
    return false;
}

static void toggle(struct xml_out *w, const char *name, bool on)
{
    xml_out_open(w, name);
    xml_out_attr(w, "default", on ? "on" : "off");
    xml_out_attr(w, "toggle", "yes");
    xml_out_close(w);
}

static void write_guest_features(struct xml_out *w, const struct caps *c, enum guest_type type,
                                 bool is_32bit)
{
    xml_out_open(w, "features");
    if (type == GUEST_HVM || is_32bit)
        empty(w, "pae");
    if (type == GUEST_HVM && is_32bit)
        empty(w, "nonpae");
    if (type == GUEST_HVM) {
        toggle(w, "acpi", true);
        toggle(w, "apic", false);
    }
    if (type != GUEST_PV && c->has_hap)
        toggle(w, "hap", true);
    xml_out_close(w);
}

static void write_guest(struct xml_out *w, const struct caps *c, const struct kind *k,
                        bool is_32bit)
{
    str_addc(w->s, '\n');
    xml_out_open(w, "guest");
    xml_out_element(w, "os_type", k->os_type);
    xml_out_open(w, "arch");
    xml_out_attr(w, "name", is_32bit ? "i686" : or (c->arch, "x86_64"));
    xml_out_element(w, "wordsize", is_32bit ? "32" : "64");
    xml_out_element(w, "emulator", or (c->emulator, DEFAULT_EMULATOR));
    if (k->type == GUEST_HVM)
        xml_out_element(w, "loader", or (c->loader, DEFAULT_LOADER));
    xml_out_element(w, "machine", k->machine);
    xml_out_open(w, "domain");
    xml_out_attr(w, "type", "xen");
    xml_out_close(w);
    xml_out_close(w);
    write_guest_features(w, c, k->type, is_32bit);
    xml_out_close(w);
}

void caps_xml_write(const struct caps *c, struct str *out)
{
    struct xml_out w = {.s = out};
    xml_out_open(&w, "capabilities");
    xml_out_block(&w);
    str_addc(out, '\n');
    write_host(&w, c);
    for (size_t i = 0; i < N_KINDS; i++) {
        if (!has_kind(c, kinds[i].type))
            continue;
        write_guest(&w, c, &kinds[i], false);
        if (c->has_32bit && kinds[i].type != GUEST_PVH)
            write_guest(&w, c, &kinds[i], true);
    }
    str_addc(out, '\n');
    xml_out_close(&w);
}

/* ---- domain capabilities ---- */
static void supported(struct xml_out *w, const char *name, bool yes)
{
    xml_out_open(w, name);
    xml_out_attr(w, "supported", yes ? "yes" : "no");
}

static void values(struct xml_out *w, const char *name, const char *const *list)
{
    xml_out_open(w, "enum");
    xml_out_attr(w, "name", name);
    for (; list && *list; list++)
        xml_out_element(w, "value", *list);
    xml_out_close(w);
}

#define LIST(...) \
    (const char *const[]) \
    { \
        __VA_ARGS__, NULL \
    }

static void write_os(struct xml_out *w, const struct caps *c, bool hvm)
{
    supported(w, "os", true);
    supported(w, "loader", hvm);
    if (hvm) {
        xml_out_element(w, "value", or (c->loader, DEFAULT_LOADER));
        xml_out_element(w, "value", or (c->ovmf, DEFAULT_OVMF));
        values(w, "type", LIST("rom", "pflash"));
        values(w, "readonly", LIST("yes"));
    }
    xml_out_close(w);
    xml_out_close(w);
}

static void write_cpu(struct xml_out *w)
{
    static const char *const modes[] = {"host-passthrough", "maximum", "host-model", "custom"};
    xml_out_open(w, "cpu");
    for (size_t i = 0; i < 4; i++) {
        xml_out_open(w, "mode");
        xml_out_attr(w, "name", modes[i]);
        xml_out_attr(w, "supported", "no");
        xml_out_close(w);
    }
    xml_out_close(w);
}

static void write_devices(struct xml_out *w)
{
    xml_out_open(w, "devices");
    supported(w, "disk", true);
    values(w, "diskDevice", LIST("disk", "cdrom"));
    values(w, "bus", LIST("ide", "scsi", "xen"));
    values(w, "model", NULL);
    xml_out_close(w);
    supported(w, "graphics", true);
    values(w, "type", LIST("sdl", "vnc", "spice"));
    xml_out_close(w);
    supported(w, "video", true);
    values(w, "modelType", LIST("vga", "cirrus", "xen"));
    xml_out_close(w);
    supported(w, "hostdev", true);
    values(w, "mode", LIST("subsystem"));
    values(w, "startupPolicy", LIST("default", "mandatory", "requisite", "optional"));
    values(w, "subsysType", LIST("usb", "pci"));
    values(w, "capsType", NULL);
    values(w, "pciBackend", LIST("xen"));
    xml_out_close(w);
    xml_out_close(w);
}

static const struct kind *kind_of(const struct caps *c, const struct caps_query *q)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (has_kind(c, kinds[i].type) && (!q->machine || !strcmp(q->machine, kinds[i].machine)))
            return &kinds[i];
    return NULL;
}

int caps_xml_domain(const struct caps *c, const struct caps_query *q, struct str *out,
                    struct err *e)
{
    static const char *const features[] = {"gic", "vmcoreinfo", "genid", "sev", "sgx"};
    const char *arch = or (q->arch, or (c->arch, "x86_64"));
    const struct kind *k = kind_of(c, q);
    struct xml_out w = {.s = out};
    if (q->virt_type && strcmp(q->virt_type, "xen"))
        return fail(e, ERR_INVALID_ARG, "unknown virtualisation type '%s'", q->virt_type);
    if (strcmp(arch, or (c->arch, "x86_64")) && !(c->has_32bit && !strcmp(arch, "i686")))
        return fail(e, ERR_INVALID_ARG, "no guests of the architecture '%s' here", arch);
    if (!k)
        return fail(e, ERR_INVALID_ARG, "no guests of the machine type '%s' here",
                    or (q->machine, "xenpv, xenfv or xenpvh"));
    xml_out_open(&w, "domainCapabilities");
    xml_out_element(&w, "path", or (q->emulator, or (c->emulator, DEFAULT_EMULATOR)));
    xml_out_element(&w, "domain", "xen");
    xml_out_element(&w, "machine", k->machine);
    xml_out_element(&w, "arch", arch);
    xml_out_open(&w, "vcpu");
    number(&w, "max", k->max_vcpus);
    xml_out_close(&w);
    supported(&w, "iothreads", false);
    xml_out_close(&w);
    write_os(&w, c, k->type == GUEST_HVM);
    write_cpu(&w);
    write_devices(&w);
    xml_out_open(&w, "features");
    for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
        supported(&w, features[i], false);
        xml_out_close(&w);
    }
    xml_out_close(&w);
    xml_out_close(&w);
    return 0;
}
