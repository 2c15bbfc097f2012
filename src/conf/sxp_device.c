/* (device (KIND ...)): disks, interfaces, PCI devices and the rest. */
#include "base/uuid.h"
#include "base/vec.h"
#include "conf/sxp_rows.h"
#include "model/native.h"

#define ZERO .flags = SXP_DROP, .dflt = "0"

/* ---- disks: vbd, tap, tap2 ---- */

static enum disk_bus bus_of(const char *target)
{
    return str_starts(target, "xvd") ? BUS_XEN : str_starts(target, "sd") ? BUS_SCSI : BUS_IDE;
}

/* [ioemu:]NAME[:disk|:cdrom] */
static int read_dev(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    if (v->kind != VALUE_STRING)
        return conf_error(c, v->pos, "'dev' wants the name of a disk");
    const char *name = str_starts(v->text, "ioemu:") ? v->text + 6 : v->text;
    const char *colon = strchr(name, ':');
    k->device = str_ends(name, ":cdrom") ? DISK_CDROM : DISK_DISK;
    if (colon && !str_eq(colon, ":cdrom") && !str_eq(colon, ":disk"))
        conf_note(c, REPORT_LOST, "device/vbd/dev", sxp_pos(sxp_io(c)->node),
                  "'%s': expected :cdrom or :disk behind the device", colon);
    k->target = mem_strn(name, colon ? (size_t)(colon - name) : strlen(name));
    k->bus = bus_of(k->target);
    return 0;
}

static int write_dev(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    const char *suffix = k->device == DISK_CDROM    ? ":cdrom"
                         : c->wd->type == GUEST_HVM ? ":disk"
                                                    : "";
    CLEANUP_FREE char *text = mem_printf("%s%s", k->target ? k->target : "", suffix);
    sxp_put_text(sxp_io(c)->out, "dev", text);
    return 0;
}

static char *first_word(const char **text)
{
    size_t n = strcspn(*text, ":");
    char *word = mem_strn(*text, n);
    *text += n + ((*text)[n] == ':');
    return word;
}

static bool is_tap(const char *driver)
{
    return str_eq(driver, "tap") || str_eq(driver, "tap2");
}

/* DRIVER:SOURCE, or tap:FORMAT:SOURCE, aio being raw */
static int read_uname(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    const char *p = v->text;
    if (v->kind == VALUE_NONE)
        return 0;
    if (v->kind != VALUE_STRING || !strchr(p, ':'))
        return conf_error(c, v->pos, "'uname' must look like 'DRIVER:SOURCE', not '%s'",
                          p ? p : "");
    k->driver = first_word(&p);
    if (is_tap(k->driver)) {
        if (!strchr(p, ':'))
            return conf_error(c, v->pos, "'uname' must look like '%s:FORMAT:SOURCE', not '%s'",
                              k->driver, v->text);
        k->format = first_word(&p);
        if (str_eq(k->format, "aio"))
            str_set(&k->format, "raw");
    }
    k->type = str_eq(k->driver, "phy") ? DISK_BLOCK : DISK_FILE;
    if (*p)
        k->source = mem_str(p);
    return 0;
}

/* The words in front of the source. Caller frees. */
static char *uname_prefix(const struct disk *k)
{
    if (is_tap(k->driver)) {
        bool is_raw = !k->format || str_eq(k->format, "raw");
        return mem_printf("%s:%s:", k->driver, is_raw ? "aio" : k->format);
    }
    if (k->driver)
        return mem_printf("%s:", k->driver);
    if (k->type == DISK_BLOCK)
        return mem_printf("phy:%s", *k->source != '/' ? "/dev/" : "");
    return mem_str("file:");
}

static int write_uname(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    const char *target = k->target ? k->target : "?";
    if (k->type && k->type != DISK_FILE && k->type != DISK_BLOCK)
        return conf_error(c, (struct pos){0}, "disk '%s': xend has no source of type '%s'", target,
                          words_name(&disk_type_words, (int)k->type));
    if (str_empty(k->source) && k->device == DISK_CDROM && c->wd->type == GUEST_HVM)
        return 0;
    if (str_empty(k->source))
        return conf_error(c, (struct pos){0},
                          "disk '%s': xend has no empty disk but an HVM guest's CD-ROM", target);
    CLEANUP_FREE char *prefix = uname_prefix(k);
    CLEANUP_FREE char *text = mem_printf("%s%s", prefix, k->source);
    sxp_put_text(sxp_io(c)->out, "uname", text);
    return 0;
}

static int read_mode(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    if (v->kind != VALUE_STRING)
        return 0;
    if (v->text[strspn(v->text, "rw!")])
        conf_note(c, REPORT_LOST, "device/vbd/mode", sxp_pos(sxp_io(c)->node),
                  "'%s': expected r, w, r! or w!", v->text);
    if (strchr(v->text, 'r'))
        k->readonly = TRI_YES;
    if (strchr(v->text, '!'))
        k->shareable = TRI_YES;
    return 0;
}

static int write_mode(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    bool is_shared = k->shareable == TRI_YES;
    bool is_readonly = k->readonly == TRI_YES || k->device == DISK_CDROM;
    sxp_put_text(sxp_io(c)->out, "mode",
                 is_readonly ? is_shared ? "r!" : "r"
                 : is_shared ? "w!"
                             : "w");
    return 0;
}

static int read_discard(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    if (v->kind == VALUE_STRING)
        str_set(&k->discard, strcmp(v->text, "0") != 0 ? "unmap" : "ignore");
    return 0;
}

static int write_discard(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (str_eq(k->discard, "unmap"))
        sxp_put_number(sxp_io(c)->out, r->key, 1);
    return 0;
}

static const struct row disk_rows[] = {
    R_HOOK("dev", read_dev, write_dev, .type = "[ioemu:]NAME[:disk|:cdrom]", .doc = "name",
           .xml = "<target dev>"),
    R_HOOK("uname", read_uname, write_uname, .type = "DRIVER:SOURCE", .doc = "where the data is",
           .xml = "<source>, <driver>"),
    R_HOOK("mode", read_mode, write_mode, .type = "r, w or w!", .doc = "access",
           .xml = "<readonly/>, <shareable/>"),
    R_TRI("bootable", disk, bootable, .flags = SXP_DROP | ROW_READ_ONLY, .dflt = "0",
          .doc = "the disk to boot from", .xml = "order of <disk>"),
    R_STR("backend", disk, backend_domain, ZERO, .doc = "domain that serves it",
          .xml = "<backenddomain>"),
    R_STR("protocol", disk, xend_protocol, .doc = "xend's own"),
    R_STR("uuid", disk, xend_uuid, .doc = "xend's own"),
    R_STR("driver", disk, xend_driver, .doc = "xend's own"),
    R_STR("VDI", disk, xend_vdi, .doc = "xend's own"),
    R_HOOK("discard-enable", read_discard, write_discard, ZERO, .type = "0 or 1",
           .doc = "pass discards on", .xml = "<driver discard>"),
};
const struct row_table sxp_disk_table = SXP_TABLE("device/vbd/", disk_rows);

static int check_disk(struct conf_ctx *c, const struct sxp *list, struct disk *k)
{
    if (!k->target)
        return conf_error(c, sxp_pos(list), "a disk needs a (dev ...)");
    if (!k->driver && !(c->d->type == GUEST_HVM && k->device == DISK_CDROM))
        return conf_error(c, sxp_pos(list), "disk '%s' needs a (uname ...)", k->target);
    if (sxp_is(list, "tap2") && str_eq(k->driver, "tap"))
        str_set(&k->driver, "tap2");
    if (!k->type)
        k->type = DISK_FILE;
    return 0;
}

/* The disk to boot from takes the first place, the one that was there goes to the end. Floppies
 * come from the image and stand before all. */
static void place_disk(struct domain *d, struct disk k)
{
    bool is_bootable = k.bootable == TRI_YES;
    size_t first = 0;
    k.bootable = TRI_UNSET;
    while (first < d->n_disks && d->disks[first].device == DISK_FLOPPY)
        first++;
    VEC_PUSH(d->disks, d->n_disks, k);
    if (is_bootable && first + 1 < d->n_disks) {
        d->disks[d->n_disks - 1] = d->disks[first];
        d->disks[first] = k;
    }
}

static int read_disk(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    struct disk k = {0};
    int rc = sxp_read_rows(c, &sxp_disk_table, &k, list, 1);
    if (!rc)
        rc = check_disk(c, list, &k);
    if (rc)
        rec_clear(&disk_rec, &k);
    else
        place_disk(d, k);
    return rc;
}

static int write_disk(struct conf_ctx *c, const struct disk *k)
{
    const char *kind = is_tap(k->driver) ? k->driver : "vbd";
    if (k->device == DISK_FLOPPY && c->wd->type == GUEST_HVM)
        return 0; /* stands in the image */
    if (k->transient == TRI_YES)
        return conf_error(c, (struct pos){0},
                          "disk '%s': transient disks have no place in this format",
                          k->target ? k->target : "");
    str_addf(sxp_io(c)->out, "(device (%s ", kind);
    int rc = sxp_write_rows(c, &sxp_disk_table, k);
    str_add(sxp_io(c)->out, "))");
    return rc;
}

/* ---- interfaces ---- */

static int read_ip(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    if (v->kind == VALUE_STRING)
        native_ips_read(rec, v->text);
    return 0;
}

static int write_ip(struct conf_ctx *c, const struct row *r, const void *rec)
{
    CLEANUP_FREE char *text = native_ips(rec);
    if (text)
        sxp_put_text(sxp_io(c)->out, "ip", text);
    return 0;
}

static int read_type(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    if (v->kind == VALUE_STRING && !strcmp(v->text, "netfront") && !n->model)
        n->model = mem_str(v->text);
    return 0;
}

static int read_model(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    if (v->kind == VALUE_STRING)
        str_set(&n->model, v->text);
    return 0;
}

static int write_model(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (!n->model)
        return 0;
    if (c->wd->type == GUEST_HVM && str_eq(n->model, "netfront"))
        sxp_put_word(sxp_io(c)->out, "type", "netfront");
    else
        sxp_put_text(sxp_io(c)->out, "model", n->model);
    return 0;
}

/* nKB/s and the like; what is no whole number of KiB/s is kept as it stands. */
static int read_rate(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = {{"KB/s", 1}, {"MB/s", 1024}, {"GB/s", 1024 * 1024}};
    struct nic *n = rec;
    if (v->kind != VALUE_STRING)
        return 0;
    size_t digits = strspn(v->text, "0123456789");
    CLEANUP_FREE char *number = mem_strn(v->text, digits);
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        int64_t rate;
        if (!str_eq(v->text + digits, units[i].unit) ||
            !parse_i64(number, 10, 1, INT64_C(1) << 32, &rate))
            continue;
        n->out.average = NUM(rate * units[i].factor);
        return 0;
    }
    str_set(&n->rate, v->text);
    return 0;
}

static int write_rate(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->rate) {
        sxp_put_text(sxp_io(c)->out, "rate", n->rate);
    } else if (n->out.average.set) {
        CLEANUP_FREE char *text = mem_printf("%lldKB/s", (long long)n->out.average.v);
        sxp_put_text(sxp_io(c)->out, "rate", text);
    }
    return 0;
}

static int write_bridge(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->type == NIC_BRIDGE && n->bridge)
        sxp_put_text(sxp_io(c)->out, "bridge", n->bridge);
    return 0;
}

static int write_script(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    const char *script = n->script ? n->script : n->type == NIC_BRIDGE ? "vif-bridge" : NULL;
    if (script)
        sxp_put_text(sxp_io(c)->out, "script", script);
    return 0;
}

static int write_vifname(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->ifname && !str_starts(n->ifname, "vif"))
        sxp_put_text(sxp_io(c)->out, "vifname", n->ifname);
    return 0;
}

static const struct row nic_rows[] = {
    R_MAC("mac", nic, mac, .doc = "hardware address", .xml = "<mac>"),
    R_HOOK("rate", read_rate, write_rate, .type = "nKB/s", .doc = "most to send",
           .xml = "<bandwidth>"),
    R_STR("bridge", nic, bridge, .write = write_bridge, .doc = "bridge", .xml = "<source bridge>"),
    R_STR("script", nic, script, .write = write_script, .dflt = "vif-bridge",
          .doc = "script that plugs it in", .xml = "<script>"),
    R_HOOK("ip", read_ip, write_ip, .type = "addresses",
           .doc = "addresses of the guest, with blanks between", .xml = "<ip>"),
    R_STR("vifname", nic, ifname, .write = write_vifname, .doc = "name in the host",
          .xml = "<target dev>"),
    R_HOOK("model", read_model, write_model, .type = "word", .doc = "card that qemu makes",
           .xml = "<model>"),
    R_HOOK("type", read_type, NULL, .flags = ROW_READ_ONLY, .type = "netfront or ioemu",
           .doc = "netfront: no card of qemu", .xml = "<model type='netfront'>"),
    R_STR("backend", nic, backend_domain, ZERO, .doc = "domain that serves it",
          .xml = "<backenddomain>"),
    R_STR("uuid", nic, xend_uuid, .doc = "xend's own"),
    R_STR("accel", nic, accel, .doc = "accelerator plug-in"),
    R_STR("policy", nic, xend_policy, .doc = "access control"),
    R_STR("label", nic, xend_label, .doc = "access control"),
};
const struct row_table sxp_nic_table = SXP_TABLE("device/vif/", nic_rows);

static int read_nic(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    struct nic *n = DOMAIN_ADD(d, nics);
    int rc = sxp_read_rows(c, &sxp_nic_table, n, list, 1);
    if (n->bridge && !*n->bridge)
        str_set(&n->bridge, NULL);
    n->type = n->bridge || str_eq(n->script, "vif-bridge") ? NIC_BRIDGE : NIC_ETHERNET;
    if (!n->ifname && d->id.set && !(c->o->flags & CONF_INACTIVE))
        n->ifname = mem_printf("vif%lld.%zu", (long long)d->id.v, d->n_nics - 1);
    return rc;
}

static int write_nic(struct conf_ctx *c, const struct nic *n)
{
    if (n->type != NIC_BRIDGE && n->type != NIC_ETHERNET)
        return conf_error(c, (struct pos){0}, "interface type '%s' has no place in this format",
                          words_name(&nic_type_words, (int)n->type));
    str_add(sxp_io(c)->out, "(device (vif ");
    int rc = sxp_write_rows(c, &sxp_nic_table, n);
    str_add(sxp_io(c)->out, "))");
    return rc;
}

/* ---- the rest ---- */

static const struct row console_rows[] = {
    R_STR("protocol", chr, xend_protocol, .doc = "vt100"),
    R_STR("location", chr, xend_location, .doc = "live: xend's number of it"),
    R_STR("uuid", chr, xend_uuid, .doc = "xend's own"),
};
const struct row_table sxp_console_table = SXP_TABLE("device/console/", console_rows);

static int read_console(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    if (d->type == GUEST_HVM || sxp_is_dom0(d) || d->n_consoles)
        return 0;
    struct chr *chr = DOMAIN_ADD(d, consoles);
    chr->type = CHR_PTY;
    chr->target = CHR_TARGET_XEN;
    chr->port = NUM(0);
    return sxp_read_rows(c, &sxp_console_table, chr, list, 1);
}

static int write_consoles(struct conf_ctx *c, const struct domain *d)
{
    int rc = 0;
    for (size_t i = 0; i < d->n_consoles; i++) {
        const struct chr *chr = &d->consoles[i];
        if (!chr->xend_protocol && !chr->xend_location && !chr->xend_uuid)
            continue;
        str_add(sxp_io(c)->out, "(device (console ");
        rc |= sxp_write_rows(c, &sxp_console_table, chr);
        str_add(sxp_io(c)->out, "))");
    }
    return rc;
}

static int read_vkbd(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    const char *backend = sxp_value(sxp_find(list, "backend"));
    if (!str_empty(backend) && strcmp(backend, "0") != 0)
        str_set(&d->xm.vkbd_backend, backend);
    return 0; /* the keyboard itself comes with a vfb */
}

/* A display writes one for itself. */
static int write_vkbd(struct conf_ctx *c, const struct domain *d)
{
    if (!d->xm.vkbd_backend)
        return 0;
    str_add(sxp_io(c)->out, "(device (vkbd ");
    sxp_put_text(sxp_io(c)->out, "backend", d->xm.vkbd_backend);
    str_add(sxp_io(c)->out, "))");
    return 0;
}

static int read_vscsi(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    for (size_t i = 1; i < list->n_items; i++) {
        const struct sxp *dev = &list->items[i];
        if (!sxp_is(dev, "dev"))
            continue;
        const char *pdev = sxp_value(sxp_find(dev, "p-dev"));
        VEC_PUSH(d->xm.vscsis, d->xm.n_vscsis, ((struct vscsi){0}));
        struct vscsi *x = &d->xm.vscsis[d->xm.n_vscsis - 1];
        str_set(&x->pdev, pdev);
        str_set(&x->vdev, sxp_value(sxp_find(dev, "v-dev")));
        str_set(&x->backend_domain, sxp_value(sxp_find(list, "backend")));
        if (sxp_is_yes(sxp_value(sxp_find(list, "feature-host"))))
            x->feature_host = TRI_YES;
        if (str_empty(pdev) || str_empty(x->vdev))
            return conf_error(c, sxp_pos(dev), "a vscsi device needs p-dev and v-dev");
    }
    return 0;
}

static int write_vscsis(struct conf_ctx *c, const struct domain *d)
{
    struct str *out = sxp_io(c)->out;
    for (size_t i = 0; i < d->xm.n_vscsis; i++) {
        const struct vscsi *x = &d->xm.vscsis[i];
        if (str_empty(x->pdev) || str_empty(x->vdev))
            return conf_error(c, (struct pos){0}, "a vscsi device needs both of its names");
        str_addf(out, "(device (vscsi (feature-host %d)(dev ", x->feature_host == TRI_YES);
        sxp_put_text(out, "p-dev", x->pdev);
        sxp_put_text(out, "v-dev", x->vdev);
        str_addc(out, ')');
        if (x->backend_domain)
            sxp_put_text(out, "backend", x->backend_domain);
        str_add(out, "))");
    }
    return 0;
}

static int read_vusb(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    enum { PORTS_MAX = 31 };
    enum { VERSION_MAX = 2 };
    struct vusb x = {0};
    const char *version = sxp_value(sxp_find(list, "usb-ver"));
    const char *ports = sxp_value(sxp_find(list, "num-ports"));
    const struct sxp *map = sxp_find(list, "port");
    uint32_t n;
    if (version && !parse_u32(version, 10, VERSION_MAX, &n))
        return conf_error(c, sxp_pos(sxp_find(list, "usb-ver")), "'usb-ver' is not 1 or 2: '%s'",
                          version);
    x.version = version ? NUM(n) : x.version;
    if (ports && !parse_u32(ports, 10, PORTS_MAX, &n))
        return conf_error(c, sxp_pos(sxp_find(list, "num-ports")),
                          "'num-ports' is not a number up to %d: '%s'", PORTS_MAX, ports);
    x.ports = ports ? NUM(n) : x.ports;
    for (int64_t i = 1; map && i <= num_or(x.ports, 0); i++) {
        char key[8];
        snprintf(key, sizeof(key), "%d", (int)i);
        const char *device = sxp_value(sxp_find(map, key));
        VEC_PUSH(x.devices, x.n_devices, mem_str(device ? device : ""));
    }
    VEC_PUSH(d->xm.vusbs, d->xm.n_vusbs, x);
    return 0;
}

static int write_vusbs(struct conf_ctx *c, const struct domain *d)
{
    struct str *out = sxp_io(c)->out;
    for (size_t i = 0; i < d->xm.n_vusbs; i++) {
        const struct vusb *x = &d->xm.vusbs[i];
        str_addf(out, "(device (vusb (usb-ver %lld)(num-ports %lld)",
                 (long long)num_or(x->version, 2),
                 (long long)num_or(x->ports, (int64_t)x->n_devices));
        if (x->n_devices)
            str_add(out, "(port ");
        for (size_t k = 0; k < x->n_devices; k++) {
            CLEANUP_FREE char *key = mem_printf("%zu", k + 1);
            sxp_put_text(out, key, x->devices[k]);
        }
        str_add(out, x->n_devices ? ")))" : "))");
    }
    return 0;
}

static int read_vtpm(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    const char *backend = sxp_value(sxp_find(list, "backend"));
    const char *uuid = sxp_value(sxp_find(list, "uuid"));
    struct vtpm *x = DOMAIN_ADD(d, vtpms);
    str_set(&x->backend_domain, str_empty(backend) ? "0" : backend);
    str_set(&x->xend_instance, sxp_value(sxp_find(list, "instance")));
    if (!str_empty(uuid) && !uuid_parse(uuid, x->uuid))
        return conf_error(c, sxp_pos(list), "'uuid' is not a uuid: '%s'", uuid);
    return 0;
}

static int write_vtpms(struct conf_ctx *c, const struct domain *d)
{
    struct str *out = sxp_io(c)->out;
    char uuid[UUID_TEXT];
    for (size_t i = 0; i < d->n_vtpms; i++) {
        str_add(out, "(device (vtpm ");
        sxp_put_text(out, "backend", d->vtpms[i].backend_domain ? d->vtpms[i].backend_domain : "0");
        if (!uuid_is_zero(d->vtpms[i].uuid))
            sxp_put_text(out, "uuid", uuid_format(d->vtpms[i].uuid, uuid));
        if (d->vtpms[i].xend_instance)
            sxp_put_text(out, "instance", d->vtpms[i].xend_instance);
        str_add(out, "))");
    }
    return 0;
}

/* (ioports (from 0x..)(to 0x..)) */
static int read_ioports(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    const char *from = sxp_value(sxp_find(list, "from")), *to = sxp_value(sxp_find(list, "to"));
    uint32_t first, last;
    if (!from || !parse_u32(from, 0, 0xffff, &first))
        return conf_error(c, sxp_pos(list), "ioports need a (from ...) up to 0xffff");
    last = first;
    if (to && (!parse_u32(to, 0, 0xffff, &last) || last < first))
        return conf_error(c, sxp_pos(list), "ioports have a bad (to ...)");
    VEC_PUSH(d->ioports, d->n_ioports, ((struct ioport_range){NUM(first), NUM(last)}));
    return 0;
}

static int write_ioports(struct conf_ctx *c, const struct domain *d)
{
    for (size_t i = 0; i < d->n_ioports; i++)
        str_addf(sxp_io(c)->out, "(device (ioports (from 0x%llx)(to 0x%llx)))",
                 (unsigned long long)d->ioports[i].first.v,
                 (unsigned long long)num_or(d->ioports[i].last, d->ioports[i].first.v));
    return 0;
}

static int read_irq(struct conf_ctx *c, struct domain *d, const struct sxp *list)
{
    const char *text = sxp_value(sxp_find(list, "irq"));
    uint32_t n;
    if (!text || !parse_u32(text, 0, UINT32_MAX, &n))
        return conf_error(c, sxp_pos(list), "irq needs an (irq NUMBER)");
    VEC_PUSH(d->irqs, d->n_irqs, n);
    return 0;
}

static int write_irqs(struct conf_ctx *c, const struct domain *d)
{
    for (size_t i = 0; i < d->n_irqs; i++)
        str_addf(sxp_io(c)->out, "(device (irq (irq %u)))", d->irqs[i]);
    return 0;
}

/* ---- by kind ---- */

static const struct {
    const char *kind;
    int (*read)(struct conf_ctx *c, struct domain *d, const struct sxp *list);
    const char *known[4]; /* keys that the reader looks at */
    const char *loss;     /* of all others; NULL: they are unknown */
    bool has_rows;        /* which tell of each key */
} kinds[] = {
    {"vbd", read_disk, .has_rows = true},
    {"tap", read_disk, .has_rows = true},
    {"tap2", read_disk, .has_rows = true},
    {"vif", read_nic, .has_rows = true},
    {"vif2", read_nic, .has_rows = true},
    {"pci", sxp_read_pci, .has_rows = true},
    {"vfb", sxp_read_vfb, .has_rows = true},
    {"vkbd", read_vkbd, {"backend"}, .loss = "the keyboard comes with a display"},
    {"console", read_console, .loss = "is no device of this guest"},
    {"vscsi", read_vscsi, {"dev/p-dev", "dev/v-dev", "backend", "feature-host"}},
    {"vusb", read_vusb, {"usb-ver", "num-ports", "port"}},
    {"vtpm", read_vtpm, {"backend", "uuid", "instance"}},
    {"irq", read_irq, {"irq"}},
    {"ioports", read_ioports, {"from", "to"}},
};

static bool is_known(const char *const known[4], const char *key)
{
    for (size_t i = 0; i < 4 && known[i]; i++)
        if (!strcmp(known[i], key))
            return true;
    return false;
}

/* Each list in it that holds a value; `path` is the kind's, with what is between behind it. */
static void note_keys(struct conf_ctx *c, const struct sxp *list, const char *const known[4],
                      const char *loss, const char *path)
{
    const char *inner = strchr(path + sizeof("device"), '/');
    for (size_t i = 1; i < list->n_items; i++) {
        const struct sxp *item = &list->items[i];
        const char *name = item->n_items ? item->items[0].text : NULL;
        if (!name)
            continue;
        CLEANUP_FREE char *key = mem_printf("%s/%s", path, name);
        const char *tail = inner ? key + (inner - path) + 1 : name;
        bool is_nothing = item->n_items == 2 && item->items[1].text &&
                          (!*item->items[1].text || str_eq(item->items[1].text, "0"));
        if (is_known(known, tail))
            conf_note(c, REPORT_CONVERTED, key, sxp_pos(item), NULL);
        else if (item->n_items > 1 && !item->items[1].text)
            note_keys(c, item, known, loss, key);
        else
            conf_note(c, is_nothing ? REPORT_CONVERTED : REPORT_LOST, key, sxp_pos(item),
                      is_nothing ? NULL : "%s", loss ? loss : "has no place in the guest");
    }
}

int sxp_read_device(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const struct sxp *node = sxp_io(c)->node;
    int rc = 0;
    for (size_t i = 1; i < node->n_items; i++) {
        const struct sxp *list = &node->items[i];
        const char *kind = list->n_items ? list->items[0].text : NULL;
        size_t k = 0;
        while (kind && k < sizeof(kinds) / sizeof(*kinds) && strcmp(kinds[k].kind, kind) != 0)
            k++;
        size_t told = c->o->report ? c->o->report->n_entries : 0;
        if (kind && k < sizeof(kinds) / sizeof(*kinds)) {
            CLEANUP_FREE char *path = mem_printf("device/%s", kind);
            rc |= kinds[k].read(c, rec, list);
            if (c->o->report && !kinds[k].has_rows && c->o->report->n_entries == told)
                note_keys(c, list, kinds[k].known, kinds[k].loss, path);
        } else {
            conf_note(c, REPORT_LOST, kind ? kind : "device", sxp_pos(list),
                      "unknown kind of device");
        }
    }
    return rc;
}

int sxp_write_devices(struct conf_ctx *c, const struct row *r, const void *rec)
{
    static int (*const writers[])(struct conf_ctx *, const struct domain *) = {
        sxp_write_pci, sxp_write_vfbs, write_vkbd,    write_consoles, write_vscsis,
        write_vusbs,   write_vtpms,    write_ioports, write_irqs,
    };
    const struct domain *d = rec;
    int rc = 0;
    for (size_t i = 0; i < d->n_disks; i++)
        rc |= write_disk(c, &d->disks[i]);
    for (size_t i = 0; i < d->n_nics; i++)
        rc |= write_nic(c, &d->nics[i]);
    for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
        rc |= writers[i](c, d);
    return rc;
}
