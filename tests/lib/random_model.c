#include "random_model.h"

#include "base/vec.h"

uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)(rng_next(r) % n);
}

static char *text(struct rng *r)
{
    static const char *const pieces[] = {"a", "b7", "/dev/x", "-", "_", "é", "<",
                                         "&", "\"", "'",      "=", "1", ":", "Z"};
    struct str s = {0};
    str_addf(&s, "t%u", rng_below(r, 100));
    for (uint32_t i = rng_below(r, 4); i; i--)
        str_add(&s, pieces[rng_below(r, sizeof(pieces) / sizeof(*pieces))]);
    return str_take(&s);
}

static void *at(const struct field *f, void *p)
{
    return (char *)p + f->offset;
}

static void fill_item(struct rng *r, const struct field *f, void *item, unsigned sparse)
{
    if (f->kind == REC_STRS)
        *(char **)item = text(r);
    else if (f->kind == REC_U32S)
        *(uint32_t *)item = rng_below(r, 1000);
    else if (f->kind == REC_ENUMS)
        *(int *)item = 1 + (int)rng_below(r, (uint32_t)f->words->n - 1);
    else
        random_rec(r, f->sub, item, sparse);
}

/* Texts of which libvirt knows all values. */
static const struct {
    const char *field, *words[3];
} choices[] = {
    {"cache", {"none", "writeback", "unsafe"}},
    {"io", {"native", "threads", "io_uring"}},
    {"discard", {"ignore", "unmap", "unmap"}},
    {"startup_policy", {"mandatory", "requisite", "optional"}},
    {"protocol", {"rbd", "nbd", "iscsi"}},
    {"wwn", {"5000c50015ea71ac", "0123456789abcdef", "ffffffffffffffff"}},
    {"tray", {"open", "closed", "open"}},
    {"native_mode", {"tagged", "untagged", "tagged"}},
    {"virtualport", {"openvswitch", "802.1Qbh", "midonet"}},
    {"link_state", {"up", "down", "up"}},
    {"match", {"exact", "minimum", "strict"}},
    {"check", {"none", "partial", "full"}},
    {"fallback", {"allow", "forbid", "allow"}},
    {"vendor_id", {"GenuineIntel", "AuthenticAMD", "KVMKVMKVMKVM"}},
    {"on_lockfailure", {"poweroff", "pause", "ignore"}},
    {"tickpolicy", {"delay", "catchup", "merge"}},
    {"track", {"boot", "guest", "wall"}},
    {"share_policy", {"ignore", "force-shared", "allow-exclusive"}},
    {"default_mode", {"any", "secure", "insecure"}},
    {"connected", {"keep", "fail", "disconnect"}},
    {"image_compression", {"auto_glz", "quic", "off"}},
    {"jpeg_compression", {"auto", "never", "always"}},
    {"zlib_compression", {"auto", "never", "always"}},
    {"streaming", {"filter", "all", "off"}},
};

static char *text_of(struct rng *r, const char *field)
{
    for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++)
        if (!strcmp(choices[i].field, field))
            return mem_str(choices[i].words[rng_below(r, 3)]);
    return text(r);
}

static void fill(struct rng *r, const struct field *f, void *p, unsigned sparse)
{
    void *m = at(f, p);
    switch (f->kind) {
    case REC_STR:
        *(char **)m = text_of(r, f->name);
        break;
    case REC_TRI:
        *(tri *)m = rng_below(r, 2) ? TRI_YES : TRI_NO;
        break;
    case REC_BOOL:
        *(bool *)m = true;
        break;
    case REC_NUM:
        *(struct num *)m = NUM(rng_below(r, 100));
        break;
    case REC_ENUM:
        *(int *)m = 1 + (int)rng_below(r, (uint32_t)f->words->n - 1);
        break;
    case REC_UUID:
        for (int i = 0; i < 16; i++)
            ((uint8_t *)m)[i] = (uint8_t)rng_next(r);
        break;
    case REC_MAC:
        for (int i = 0; i < 6; i++)
            ((struct mac *)m)->b[i] = (uint8_t)rng_next(r);
        ((struct mac *)m)->set = true;
        break;
    case REC_SUB:
        random_rec(r, f->sub, m, sparse);
        break;
    case REC_MARK:
        break;
    case REC_STRS:
    case REC_U32S:
    case REC_ENUMS:
    case REC_LIST:
    case REC_OPT:
        for (uint32_t i = 1 + (f->kind == REC_OPT ? 0 : rng_below(r, 3)); i; i--)
            fill_item(r, f, rec_append(f, p), sparse);
        break;
    }
}

void random_rec(struct rng *r, const struct rec *rec, void *p, unsigned sparse)
{
    for (size_t i = 0; i < rec->n; i++) {
        const struct field *f = &rec->fields[i];
        bool is_xml = !strcmp(f->name, "kept") || !strcmp(f->name, "metadata");
        if (!is_xml && (f->kind == REC_SUB || !rng_below(r, sparse)))
            fill(r, f, p, sparse);
    }
}

/* ---- sense ---- */
static void unset(char **s)
{
    str_set(s, NULL);
}

#define NONE ((struct num){0})

static void need(char **s, const char *value)
{
    if (!*s)
        *s = mem_str(value);
}

static void yes_or_unset(tri *t)
{
    if (*t == TRI_NO)
        *t = TRI_UNSET;
}

static void yes_or_no(tri *t)
{
    if (!*t)
        *t = TRI_NO;
}

static void sane_device(struct rng *r, struct device *dev)
{
    struct address *a = &dev->address;
    rec_clear(&address_rec, a);
    if (dev->boot_order.set)
        dev->boot_order.v++;
    if (dev->alias) {
        free(dev->alias);
        dev->alias = mem_printf("ua-%u", rng_below(r, 9));
    }
    if (rng_below(r, 3) == 0)
        *a = (struct address){.type = ADDRESS_DRIVE,
                              .controller = NUM(0),
                              .bus = NUM(1),
                              .target = NUM(0),
                              .unit = NUM(3)};
    else if (rng_below(r, 3) == 0)
        *a = (struct address){.type = ADDRESS_PCI,
                              .domain = NUM(0),
                              .bus = NUM(0x2a),
                              .slot = NUM(31),
                              .function = NUM(7),
                              .multifunction = TRI_YES};
}

static void sane_os(struct domain *d)
{
    struct os *os = &d->os;
    if (!os->loader.path)
        rec_clear(&loader_rec, &os->loader);
    else if (!os->loader.type)
        os->loader.type = LOADER_ROM;
    if (os->acpi_table_type)
        str_set(&os->acpi_table_type, os->acpi_table ? "slic" : NULL);
    if (d->bootloader)
        os->n_boot = 0;
}

static void sane_features(struct domain *d)
{
    static const char *const names[] = {"relaxed", "vapic",     "spinlocks",
                                        "stimer",  "vendor_id", "tlbflush"};
    struct features *f = &d->features;
    if (d->type == GUEST_HVM) {
        yes_or_no(&f->acpi);
        yes_or_no(&f->apic);
        yes_or_no(&f->pae);
        yes_or_no(&f->viridian);
    }
    yes_or_unset(&f->privnet);
    if (f->apic != TRI_YES)
        f->apic_eoi = TRI_UNSET;
    for (size_t i = 0; i < f->n_hyperv; i++) {
        str_set(&f->hyperv[i].name, names[i]);
        yes_or_no(&f->hyperv[i].state);
        bool on = f->hyperv[i].state == TRI_YES;
        f->hyperv[i].retries = on && i == 2 ? NUM(8191) : NONE;
        str_set(&f->hyperv[i].value, NULL);
        if (!on)
            f->hyperv[i].direct = f->hyperv[i].extended = TRI_UNSET;
    }
    str_set(&f->hyperv_mode, f->n_hyperv || f->hyperv_mode ? "custom" : NULL);
}

static void sane_cpu(struct cpu *cpu)
{
    if (cpu->model) {
        cpu->mode = CPU_CUSTOM;
        need(&cpu->match, "exact");
        need(&cpu->fallback, "allow");
    } else {
        unset(&cpu->fallback);
        unset(&cpu->vendor_id);
    }
    if (cpu->mode == CPU_CUSTOM && !cpu->model)
        cpu->mode = CPU_HOST_PASSTHROUGH;
    if (!cpu->mode && cpu->n_features)
        cpu->mode = CPU_HOST_PASSTHROUGH;
    bool has_topology = cpu->sockets.set && cpu->cores.set;
    cpu->sockets = cpu->dies = cpu->clusters = cpu->cores = cpu->threads =
        has_topology ? NUM(2) : NONE;
    for (size_t i = 0; i < cpu->n_features; i++) {
        static const char *const names[] = {"sse3", "vmx", "lm"};
        struct cpu_feature *f = &cpu->features[i];
        str_set(&f->name, names[i]);
        if (!f->policy)
            f->policy = CPU_REQUIRE;
        str_set(&f->value, f->policy == CPU_VALUE ? "6" : NULL);
    }
    for (size_t i = 0; i < cpu->n_cells; i++) {
        struct numa_cell *cell = &cpu->cells[i];
        cell->id = NUM(i);
        cell->memory_kib = NUM(1024 * (i + 1));
        str_set(&cell->cpus, i ? i > 1 ? "6-7" : "1,3-5" : "0");
        free(cell->distances);
        cell->distances = NULL;
        cell->n_distances = 0;
        for (size_t k = 0; k < cpu->n_cells && cpu->vendor; k++)
            VEC_PUSH(cell->distances, cell->n_distances, (uint32_t)(10 + 11 * (i != k) + k));
    }
    if (!cpu->model)
        unset(&cpu->vendor);
}

static void sane_clock(struct clock *clock)
{
    struct clock in = *clock;
    if (!clock->offset)
        clock->offset = CLOCK_UTC;
    bool variable = clock->offset == CLOCK_VARIABLE;
    clock->adjustment_s = variable ? NUM(in.adjustment_s.v - 50) : NONE;
    clock->basis = variable ? CLOCK_LOCALTIME : 0;
    clock->adjustment_reset =
        variable || clock->offset > CLOCK_VARIABLE || in.adjustment_reset != TRI_YES ? TRI_UNSET
                                                                                     : TRI_YES;
    str_set(&clock->timezone, clock->offset == CLOCK_TIMEZONE ? "Europe/Berlin" : NULL);
    clock->start_s = clock->offset == CLOCK_ABSOLUTE ? NUM(77) : NONE;
    for (size_t i = 0; i < clock->n_timers; i++)
        clock->timers[i].name = TIMER_RTC + i;
    for (size_t i = 0; i < clock->n_timers; i++)
        if (clock->timers[i].name != TIMER_TSC) {
            clock->timers[i].frequency = NONE;
            clock->timers[i].mode = 0;
        }
}

static void sane_disk(struct rng *r, struct disk *k, size_t i)
{
    static const char *const formats[] = {"raw", "qcow", "qcow2", "vhd", "qed"};
    sane_device(r, &k->dev);
    free(k->target);
    k->target = mem_printf("xvd%c", (int)('a' + i));
    k->bus = BUS_XEN;
    if (!k->type)
        k->type = DISK_FILE;
    if (!k->device)
        k->device = DISK_DISK;
    bool is_odd = !rng_below(r, 8); /* no Xen format but XML can say it */
    if (!is_odd && k->type != DISK_BLOCK && k->type != DISK_NETWORK)
        k->type = DISK_FILE;
    if (k->type > DISK_NETWORK)
        unset(&k->source);
    else if (!is_odd)
        need(&k->source, "/dev/vg/a");
    if (k->format && !is_odd)
        str_set(&k->format, formats[rng_below(r, sizeof(formats) / sizeof(*formats))]);
    if (k->type != DISK_NETWORK)
        unset(&k->protocol);
    if (k->type == DISK_NETWORK) {
        need(&k->protocol, "rbd");
        str_set(&k->source, "pool/image");
        if (k->source_snapshot)
            str_set(&k->source_snapshot, "snap");
        if (k->source_config)
            str_set(&k->source_config, "/etc/ceph.conf");
        for (size_t h = 0; h < k->n_hosts; h++) {
            rec_clear(&host_port_rec, &k->hosts[h]);
            k->hosts[h] = (struct host_port){.name = mem_str("mon1"), .port = mem_str("6789")};
        }
    }
    if (k->type != DISK_VOLUME) {
        unset(&k->pool);
        unset(&k->volume);
    }
    k->source_index = NONE;
    yes_or_unset(&k->readonly);
    yes_or_unset(&k->shareable);
    yes_or_unset(&k->transient);
}

static void sane_ips(struct ip *ips, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str_set(&ips[i].address, "10.0.0.1");
        str_set(&ips[i].family, "ipv4");
        if (ips[i].prefix.set)
            ips[i].prefix.v %= 33;
    }
}

static void sane_nic(struct rng *r, struct nic *n)
{
    sane_device(r, &n->dev);
    if (!n->type)
        n->type = NIC_BRIDGE;
    bool address = n->type == NIC_SERVER || n->type == NIC_CLIENT || n->type == NIC_MCAST ||
                   n->type == NIC_UDP;
    str_set(&n->bridge, n->type == NIC_BRIDGE ? "br0" : NULL);
    str_set(&n->network, n->type == NIC_NETWORK ? "net&1" : NULL);
    if (n->type != NIC_NETWORK) {
        unset(&n->portgroup);
        unset(&n->portid);
    }
    if (!address) {
        unset(&n->source_address);
        n->source_port = NONE;
    }
    if (address || n->type == NIC_BRIDGE || n->type == NIC_NETWORK) {
        unset(&n->source_dev);
        unset(&n->source_mode);
    }
    n->mac.b[0] &= 0xfe;
    if (n->model)
        str_set(&n->model, "rtl8139");
    if (n->type == NIC_DIRECT)
        need(&n->source_mode, "vepa");
    if (!n->in.floor.set && !n->in.average.set)
        rec_clear(&bandwidth_rec, &n->in);
    if (!n->out.floor.set && !n->out.average.set)
        rec_clear(&bandwidth_rec, &n->out);
    for (size_t i = 0; i < n->n_vlans; i++)
        n->vlans[i].id = NUM(5 + i);
    n->vlan_trunk =
        n->n_vlans > 1 || (n->n_vlans && n->vlan_trunk == TRI_YES) ? TRI_YES : TRI_UNSET;
    sane_ips(n->ips, n->n_ips);
    sane_ips(n->source_ips, n->n_source_ips);
}

enum chr_kind { SERIAL, CONSOLE, CHANNEL };

static void sane_chr(struct rng *r, struct chr *k, enum chr_kind kind, size_t i)
{
    static const enum chr_type types[] = {CHR_PTY,  CHR_FILE, CHR_TCP, CHR_UDP,
                                          CHR_UNIX, CHR_NULL, CHR_DEV};
    struct chr in = *k;
    *k = (struct chr){.type = types[rng_below(r, 7)], .dev = in.dev};
    in.dev = (struct device){0};
    sane_device(r, &k->dev);
    if (k->type == CHR_FILE || k->type == CHR_DEV || k->type == CHR_UNIX)
        k->path = mem_str("/dev/a b");
    if (k->type == CHR_FILE)
        k->append = in.append;
    if (k->type == CHR_TCP || k->type == CHR_UNIX)
        k->listen = in.listen == TRI_YES ? TRI_YES : TRI_NO;
    if (k->type == CHR_TCP || k->type == CHR_UDP) {
        k->host = mem_str("h");
        k->service = mem_str("99");
    }
    if (k->type == CHR_TCP)
        k->telnet = in.telnet == TRI_YES ? TRI_YES : TRI_NO;
    if (k->type == CHR_UDP && in.listen)
        k->bind_service = mem_str("98");
    k->log_file = take(in.log_file);
    k->log_append = k->log_file ? in.log_append : TRI_UNSET;
    k->backend_domain = take(in.backend_domain);
    k->devid = in.devid;
    k->xend_uuid = take(in.xend_uuid);
    if (kind == CHANNEL) {
        k->target_type = mem_str("xen");
        k->name = take(in.name);
    } else {
        k->port = NUM(i);
        if (kind == CONSOLE)
            k->target = CHR_TARGET_XEN;
    }
    rec_clear(&chr_rec, &in);
}

static void spice_only(struct graphics *g)
{
    struct graphics *o = g;
    if (g->type == GFX_SPICE)
        return;
    o->tls_port = NONE;
    unset(&o->default_mode);
    unset(&o->image_compression);
    unset(&o->jpeg_compression);
    unset(&o->zlib_compression);
    unset(&o->streaming);
    o->playback_compression = o->clipboard = o->file_transfer = TRI_UNSET;
    o->mouse = 0;
    while (o->n_channels)
        rec_remove(rec_field(&graphics_rec, "channels"), o, 0);
}

static void other_only(struct graphics *g)
{
    if (g->type != GFX_VNC) {
        g->websocket = NONE;
        unset(&g->share_policy);
        g->power_control = TRI_UNSET;
    }
    if (g->type != GFX_SDL)
        unset(&g->xauth);
    if (g->type != GFX_SDL && g->type != GFX_DESKTOP) {
        unset(&g->display);
        g->fullscreen = TRI_UNSET;
    }
    yes_or_unset(&g->fullscreen);
    if (!g->passwd) {
        unset(&g->passwd_valid_to);
        unset(&g->connected);
    }
    if (g->type != GFX_RDP) {
        g->replace_user = g->multi_user = TRI_UNSET;
        unset(&g->username);
    }
    if (g->type != GFX_DBUS) {
        g->p2p = TRI_UNSET;
        unset(&g->address_dbus);
    }
    if (g->type != GFX_VNC && g->type != GFX_SPICE) {
        unset(&g->keymap);
        unset(&g->passwd);
        unset(&g->passwd_valid_to);
        unset(&g->connected);
    }
}

static void sane_listens(struct graphics *g)
{
    for (size_t i = 0; i < g->n_listens; i++) {
        struct listen *l = &g->listens[i];
        enum listen_type type = l->type ? l->type : LISTEN_ADDRESS;
        rec_clear(&listen_rec, l);
        l->type = type == LISTEN_SOCKET && i ? LISTEN_NONE : type;
        if (type == LISTEN_ADDRESS)
            l->address = mem_str("::1");
        if (type == LISTEN_NETWORK)
            l->network = mem_str("n");
        if (l->type == LISTEN_SOCKET)
            l->socket = mem_str("/run/s");
    }
}

static void sane_graphics(struct graphics *g)
{
    if (!g->type)
        g->type = GFX_VNC;
    bool ports = g->type == GFX_VNC || g->type == GFX_SPICE || g->type == GFX_RDP;
    spice_only(g);
    other_only(g);
    sane_listens(g);
    while (!ports && g->n_listens)
        rec_remove(rec_field(&graphics_rec, "listens"), g, 0);
    bool socket = g->type == GFX_VNC && g->n_listens && g->listens[0].type == LISTEN_SOCKET;
    g->autoport = !ports ? TRI_UNSET : g->autoport == TRI_YES && !socket ? TRI_YES : TRI_NO;
    g->port = ports && g->autoport == TRI_NO && !socket ? NUM(5907) : NONE;
    if (g->autoport == TRI_YES)
        g->tls_port = NONE;
    else if (g->tls_port.set)
        g->tls_port.v++;
    if (socket)
        g->websocket = NONE;
    if (ports && !socket && g->n_listens &&
        (g->listens[0].type == LISTEN_NONE || g->listens[0].type == LISTEN_SOCKET)) {
        g->autoport = g->type == GFX_SPICE ? TRI_NO : TRI_YES;
        g->port = g->tls_port = g->websocket = NONE;
    }
    if (g->type == GFX_SPICE && g->passwd && !g->ticketing)
        g->ticketing = TRI_YES;
    for (size_t i = 0; i < g->n_channels; i++) {
        static const char *const names[] = {"main", "display", "inputs"};
        str_set(&g->channels[i].name, names[i]);
        str_set(&g->channels[i].mode, "secure");
    }
}

static void sane_hostdev(struct rng *r, struct hostdev *h)
{
    sane_device(r, &h->dev);
    yes_or_unset(&h->managed);
    if (!h->type)
        h->type = HOSTDEV_USB;
    if (h->type == HOSTDEV_PCI) {
        h->domain = NUM(0);
        h->bus = NUM(0x1f);
        h->slot = NUM(0x1c);
        h->function = NUM(3);
        h->vendor = h->product = h->usb_bus = h->usb_device = NONE;
        unset(&h->startup_policy);
    } else {
        h->domain = h->bus = h->slot = h->function = NONE;
        h->permissive = TRI_UNSET;
        h->usb_bus.set = h->usb_device.set = h->usb_bus.set && h->usb_device.set;
        h->vendor = h->vendor.set && h->product.set ? NUM(h->vendor.v + 1) : NONE;
        h->product = h->vendor.set ? NUM(h->product.v + 1) : NONE;
    }
}

static void sane_lists(struct rng *r, struct domain *d)
{
    for (size_t i = 0; i < d->n_disks; i++)
        sane_disk(r, &d->disks[i], i);
    for (size_t i = 0; i < d->n_nics; i++)
        sane_nic(r, &d->nics[i]);
    for (size_t i = 0; i < d->n_serials; i++)
        sane_chr(r, &d->serials[i], SERIAL, i);
    for (size_t i = 0; i < d->n_parallels; i++)
        sane_chr(r, &d->parallels[i], SERIAL, i);
    for (size_t i = 0; i < d->n_consoles; i++)
        sane_chr(r, &d->consoles[i], CONSOLE, i);
    for (size_t i = 0; i < d->n_channels; i++)
        sane_chr(r, &d->channels[i], CHANNEL, i);
    for (size_t i = 0; i < d->n_graphics; i++)
        sane_graphics(&d->graphics[i]);
    for (size_t i = 0; i < d->n_hostdevs; i++)
        sane_hostdev(r, &d->hostdevs[i]);
    for (size_t i = 0; i < d->n_videos; i++)
        sane_device(r, &d->videos[i].dev);
    for (size_t i = 0; i < d->n_inputs; i++) {
        sane_device(r, &d->inputs[i].dev);
        d->inputs[i].type = d->type == GUEST_HVM ? INPUT_MOUSE + i % 3 : INPUT_MOUSE;
        d->inputs[i].bus = d->type == GUEST_HVM ? INPUT_BUS_USB : INPUT_BUS_XEN;
    }
    for (size_t i = 0; i < d->n_sounds; i++) {
        sane_device(r, &d->sounds[i].dev);
        need(&d->sounds[i].model, "ac97");
    }
    for (size_t i = 0; i < d->n_controllers; i++) {
        struct controller *k = &d->controllers[i];
        sane_device(r, &k->dev);
        k->type = i ? CTL_USB : CTL_XENBUS;
        k->index = NUM(i ? i - 1 : 0);
        if (k->model && k->type == CTL_USB)
            str_set(&k->model, "nec-xhci");
    }
    for (size_t i = 0; i < d->n_seclabels; i++) {
        struct seclabel *s = &d->seclabels[i];
        s->type = s->type ? s->type : SECLABEL_DYNAMIC;
        yes_or_no(&s->relabel);
        if (s->type == SECLABEL_NONE)
            s->relabel = TRI_NO;
        unset(&s->imagelabel);
        need(&s->label, "a:b:c");
    }
    while (d->n_pins > (size_t)d->vcpus_max.v)
        rec_remove(rec_field(&domain_rec, "pins"), d, d->n_pins - 1);
    for (size_t i = 0; i < d->n_pins; i++) {
        struct vcpu_pin *p = &d->pins[i];
        p->vcpu = NUM(i);
        if (p->hard)
            str_set(&p->hard, i ? "0,2-3" : "nodes:0");
    }
}

struct domain *random_domain(uint64_t seed)
{
    struct rng r = {seed};
    struct domain *d = domain_new();
    random_rec(&r, &domain_rec, d, 2 + (unsigned)(seed % 7));
    unset(&d->virt_type);
    d->id = NONE;
    d->type = GUEST_PV + rng_below(&r, 3);
    need(&d->name, "n");
    d->vcpus = NUM(1 + d->vcpus.v % 8);
    d->vcpus_max = NUM(d->vcpus.v + d->vcpus_max.v % 8);
    unset(&d->vcpu_placement);
    if (d->cpus)
        str_set(&d->cpus, seed % 2 ? "0-3,^1" : "2,4-7");
    if (!d->hotplug_max_kib.set)
        d->hotplug_slots = NONE;
    if (!d->memory_max_kib.set)
        d->dump_core = TRI_UNSET;
    sane_os(d);
    sane_features(d);
    sane_cpu(&d->cpu);
    sane_clock(&d->clock);
    sane_lists(&r, d);
    if (d->memballoon) {
        sane_device(&r, &d->memballoon->dev);
        str_set(&d->memballoon->model, "xen");
    }
    return d;
}
