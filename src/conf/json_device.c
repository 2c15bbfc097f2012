/* disks and nics. */
#include <inttypes.h>

#include "base/vec.h"
#include "conf/disk.h"
#include "conf/json_rows.h"
#include "model/diskname.h"
#include "model/native.h"
#include "model/rate.h"

#define OUT(c) (&json_io(c)->out)
#define NODE(c) (json_io(c)->node)

/* ---- disks ---- */

static const struct {
    const char *backend, *driver;
} backends[] = {{"qdisk", "qemu"}, {"phy", "phy"}, {"tap", "tap"}, {"standalone", "standalone"}};

static int read_disk_backend(struct conf_ctx *c, const struct row *r, void *rec,
                             const struct value *v)
{
    struct disk *k = rec;
    const char *text = json_want_text(c, r->key, NODE(c));
    if (!text || str_eq(text, "unknown"))
        return text ? 0 : -1;
    for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
        if (!str_eq(backends[i].backend, text))
            continue;
        str_set(&k->driver, backends[i].driver);
        return 0;
    }
    return conf_error(c, v->pos, "'backend' has an unknown value '%s'", text);
}

/* The driver's backend; NULL leaves the choice to libxl. Some drivers have one for each format. */
static int disk_backend(struct conf_ctx *c, const struct disk *k, const char **ret)
{
    const char *format = k->format ? k->format : "raw";
    bool is_raw = str_eq(format, "raw");
    *ret = NULL;
    if (k->type == DISK_NETWORK || str_eq(k->driver, "qemu"))
        *ret = "qdisk";
    else if (str_eq(k->driver, "tap") || str_eq(k->driver, "tap2"))
        *ret = is_raw || str_eq(format, "vhd") ? "tap" : "qdisk";
    else if (str_eq(k->driver, "standalone"))
        *ret = "standalone";
    else if (str_eq(k->driver, "file") || str_eq(k->driver, "phy"))
        *ret = str_eq(k->driver, "phy") ? "phy" : "qdisk";
    else if (k->driver)
        return conf_error(c, (struct pos){0}, "disk '%s': libxl has no driver '%s'",
                          k->target ? k->target : "", k->driver);
    if (!is_raw && (str_eq(k->driver, "file") || str_eq(k->driver, "phy")))
        return conf_error(c, (struct pos){0}, "disk '%s': driver '%s' is for raw images, not '%s'",
                          k->target ? k->target : "", k->driver, format);
    return 0;
}

static int write_disk_backend(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    const char *backend;
    if (k->transient == TRI_YES)
        return conf_error(c, (struct pos){0}, "disk '%s': libxl has no transient disks", k->target);
    if (k->device == DISK_FLOPPY || k->device == DISK_LUN)
        return conf_error(c, (struct pos){0}, "disk '%s': libxl has no such device '%s'", k->target,
                          words_name(&disk_device_words, (int)k->device));
    if (disk_backend(c, k, &backend))
        return -1;
    if (backend)
        json_put_string(OUT(c), r->key, backend);
    return 0;
}

static bool is_empty(const struct disk *k)
{
    return str_empty(k->source) && k->type != DISK_NETWORK;
}

static int read_format(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    static const char *const known[] = {"raw", "qcow", "qcow2", "vhd", "qed"};
    struct disk *k = rec;
    const char *text = json_want_text(c, r->key, NODE(c));
    if (!text || str_eq(text, "unknown") || str_eq(text, "empty"))
        return text ? 0 : -1;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (!str_eq(known[i], text))
            continue;
        str_set(&k->format, text);
        return 0;
    }
    return conf_error(c, v->pos, "'format' has an unknown value '%s'", text);
}

static int write_format(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    const char *word = disk_format_word(k->format ? k->format : "raw");
    if (!word)
        return -1; /* write_pdev has said why */
    if (str_eq(word, "qed") && !json_has_since(c, XEN(4, 9)))
        return conf_error(c, (struct pos){0}, "disk '%s': format qed needs Xen 4.9", k->target);
    json_put_string(OUT(c), r->key, is_empty(k) ? "empty" : word);
    return 0;
}

static int write_pdev(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (disk_check_sayable(c, k, "libxl"))
        return -1;
    if (is_empty(k))
        return 0;
    CLEANUP_FREE char *rbd = k->type == DISK_NETWORK ? native_rbd(k) : NULL;
    json_put_string(OUT(c), r->key, rbd ? rbd : k->source);
    return 0;
}

static int read_text(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const char *text = json_want_text(c, r->key, NODE(c));
    if (text)
        str_set(row_at(r, rec), text);
    return text ? 0 : -1;
}

static int read_readwrite(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    int64_t n;
    if (json_want_int(c, r->key, NODE(c), INT32_MIN, INT32_MAX, &n))
        return -1;
    k->readonly = n ? TRI_NO : TRI_YES; /* see settle_disk */
    return 0;
}

static int write_readwrite(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->readonly != TRI_YES)
        json_put_int(OUT(c), r->key, 1);
    return 0;
}

static int write_removable(struct conf_ctx *c, const struct row *r, const void *rec)
{
    json_put_int(OUT(c), r->key, 1); /* so that it can be ejected and unplugged */
    return 0;
}

static int read_cdrom(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    int64_t n;
    if (json_want_int(c, r->key, NODE(c), INT32_MIN, INT32_MAX, &n))
        return -1;
    k->device = n ? DISK_CDROM : DISK_DISK;
    return 0;
}

static int write_cdrom(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->device == DISK_CDROM)
        json_put_int(OUT(c), r->key, 1);
    return 0;
}

static int read_discard(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    tri on = json_want_tri(c, r->key, NODE(c));
    if (on)
        str_set(&k->discard, on == TRI_YES ? "unmap" : "ignore");
    return 0;
}

static int write_discard(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->discard)
        json_put_tri(c, r->key, str_eq(k->discard, "unmap") ? TRI_YES : TRI_NO);
    return 0;
}

static const struct row disk_rows[] = {
    J_BACKEND(disk),
    J_HOOK("pdev_path", read_text, write_pdev, .offset = offsetof(struct disk, source),
           .type = "path", .xml = "<source>"),
    J_STR("vdev", disk, target, .xml = "<target dev>"),
    J_HOOK("backend", read_disk_backend, write_disk_backend, .type = "word",
           .xml = "<driver name>"),
    J_HOOK("format", read_format, write_format, .type = "word", .xml = "<driver type>"),
    J_STR("script", disk, script),
    J_HOOK("removable", json_read_nothing, write_removable, .type = "0 or 1"),
    J_HOOK("readwrite", read_readwrite, write_readwrite, .type = "0 or 1", .xml = "<readonly/>"),
    J_HOOK("is_cdrom", read_cdrom, write_cdrom, .type = "0 or 1", .xml = "<disk device>"),
    J_FLAG("direct_io_safe", disk, direct_io_safe),
    J_HOOK("discard_enable", read_discard, write_discard, .type = "True or False",
           .xml = "<driver discard>"),
    J_KEEP_ENUM("specification", disk, specification, disk_spec, &disk_spec_words,
                .since = XEN(4, 17)),
    J_KEEP_ENUM("transport", disk, transport, disk_transport, &disk_transport_words,
                .since = XEN(4, 17)),
    J_NUM("irq", disk, irq, .since = XEN(4, 17)),
    J_NUM("base", disk, base, .since = XEN(4, 17)),
    J_DEFBOOL("colo_enable", disk, colo, .since = XEN(4, 7)),
    R_IGNORE("colo_restore_enable", "says what happens at a restore, not what the disk is"),
    J_STR("colo_host", disk, colo_host, .since = XEN(4, 7)),
    J_NUM("colo_port", disk, colo_port, .since = XEN(4, 7)),
    J_STR("colo_export", disk, colo_export, .since = XEN(4, 7)),
    J_STR("active_disk", disk, active_disk, .since = XEN(4, 7)),
    J_STR("hidden_disk", disk, hidden_disk, .since = XEN(4, 7)),
    J_DEFBOOL("trusted", disk, trusted, .since = XEN(4, 17)),
    J_DEFBOOL("grant_usage", disk, grant_usage, .since = XEN(4, 19)),
};
const struct row_table json_disk_table = JSON_TABLE("disks.", disk_rows);

static void settle_disk(const struct domain *d, struct disk *k)
{
    k->readonly = k->readonly == TRI_NO ? TRI_UNSET : TRI_YES; /* absent: not writable */
    if (!k->device)
        k->device = DISK_DISK;
    k->type = str_eq(k->driver, "phy") ? DISK_BLOCK : DISK_FILE;
    native_rbd_read(k);
    if (d->type != GUEST_HVM)
        k->bus = BUS_XEN;
    else if (k->target)
        k->bus = disk_bus_of(k->target, k->device);
}

int json_read_disks(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int rc = json_read_list(c, r, rec, v);
    for (size_t i = 0; i < d->n_disks; i++)
        settle_disk(d, &d->disks[i]);
    return rc;
}

/* ---- interfaces ---- */

static int read_ip(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    const char *text = json_want_text(c, r->key, NODE(c));
    if (text)
        native_ips_read(rec, text);
    return text ? 0 : -1;
}

static int write_ip(struct conf_ctx *c, const struct row *r, const void *rec)
{
    CLEANUP_FREE char *text = native_ips(rec);
    if (text)
        json_put_string(OUT(c), r->key, text);
    return 0;
}

static int write_bridge(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->type == NIC_NETWORK && !n->bridge)
        return conf_error(c, (struct pos){0}, "network '%s': only its bridge can be said to libxl",
                          n->network);
    if (n->type && n->type != NIC_BRIDGE && n->type != NIC_ETHERNET && n->type != NIC_NETWORK)
        return conf_error(c, (struct pos){0}, "libxl has no interfaces of type '%s'",
                          words_name(&nic_type_words, (int)n->type));
    if (!n->bridge)
        return 0;
    CLEANUP_FREE char *text = native_bridge(n);
    json_put_string(OUT(c), r->key, text);
    return 0;
}

static int write_script(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    const char *script = n->script ? n->script : n->virtualport ? "vif-openvswitch" : NULL;
    if (script)
        json_put_string(OUT(c), r->key, script);
    return 0;
}

static int write_model(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->model && !str_eq(n->model, "netfront"))
        json_put_string(OUT(c), r->key, n->model);
    return 0;
}

static const char *const nictype_names[] = {NULL, "vif_ioemu", "vif"};
static const struct words nictype_words = {nictype_names, 3};

static int read_nictype(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    const char *text = json_want_text(c, r->key, NODE(c));
    int kind = text ? words_find(&nictype_words, text) : -1;
    if (text && kind < 0 && !str_eq(text, "unknown"))
        return conf_error(c, v->pos, "'nictype' has an unknown value '%s'", text);
    n->kind = kind > 0 ? (enum nic_kind)kind : 0;
    return text ? 0 : -1;
}

static int write_nictype(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    bool is_vif = c->wd->type != GUEST_HVM || str_eq(n->model, "netfront");
    enum nic_kind kind = n->kind ? n->kind : is_vif ? NIC_VIF : NIC_IOEMU;
    json_put_string(OUT(c), r->key, words_name(&nictype_words, (int)kind));
    return 0;
}

/* devid of a nic is its place in the list, unless it says another. */
static int write_devid(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    json_put_int(OUT(c), r->key, num_or(n->devid, n - c->wd->nics));
    return 0;
}

static int write_rate(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    struct rate rate = {.interval_us = RATE_INTERVAL_US};
    if (n->rate) {
        if (!rate_parse(n->rate, &rate))
            return conf_error(c, (struct pos){0}, "the rate '%s' is none", n->rate);
    } else if (n->out.average.set && n->out.average.v < INT64_MAX / 1024) {
        rate.bytes_per_s = (uint64_t)n->out.average.v * 1024;
    }
    uint64_t per_interval = rate_per_interval(&rate);
    if (!per_interval || per_interval == UINT64_MAX)
        return 0; /* no limit that libxl could say */
    json_put_uint(OUT(c), "rate_bytes_per_interval", per_interval);
    json_put_uint(OUT(c), "rate_interval_usecs", rate.interval_us);
    return 0;
}

static void settle_rate(struct nic *n)
{
    uint64_t bytes = (uint64_t)num_or(n->in.burst, 0);
    uint64_t interval = (uint64_t)num_or(n->in.floor, RATE_INTERVAL_US);
    n->in = (struct bandwidth){0};
    if (!bytes || !interval)
        return;
    int64_t kib;
    if (rate_as_kib(bytes, interval, &kib))
        n->out.average = NUM(kib);
    else
        n->rate = rate_format(bytes, interval);
}

static char **colo_at(const struct row *r, struct nic_colo *colo)
{
    return (char **)(void *)((char *)colo + r->offset);
}

static int read_colo(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    const char *text = json_want_text(c, r->key, NODE(c));
    if (!text)
        return -1;
    if (!n->colo)
        n->colo = NEW(struct nic_colo);
    str_set(colo_at(r, n->colo), text);
    return 0;
}

static int write_colo(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->colo && *colo_at(r, n->colo))
        json_put_string(OUT(c), r->key, *colo_at(r, n->colo));
    return 0;
}

#define COLO(m) \
    J_HOOK("colo_" #m, read_colo, write_colo, .offset = offsetof(struct nic_colo, m), \
           .since = XEN(4, 9), .type = "text"),

static const struct row nic_rows[] = {
    J_BACKEND(nic),
    J_HOOK("devid", json_read_number, write_devid, .offset = offsetof(struct nic, devid),
           .type = "number"),
    R_NUM("mtu", nic, mtu, .xml = "<mtu>"),
    J_HOOK("model", read_text, write_model, .offset = offsetof(struct nic, model), .type = "word",
           .xml = "<model>"),
    R_MAC("mac", nic, mac, .xml = "<mac>"),
    J_HOOK("ip", read_ip, write_ip, .type = "addresses", .xml = "<ip>"),
    J_HOOK("bridge", read_text, write_bridge, .offset = offsetof(struct nic, bridge),
           .type = "name", .xml = "<source bridge>"),
    J_STR("ifname", nic, ifname, .xml = "<target dev>"),
    J_HOOK("script", read_text, write_script, .offset = offsetof(struct nic, script),
           .type = "path", .xml = "<script>"),
    J_HOOK("nictype", read_nictype, write_nictype, .type = "word", .xml = "<model>"),
    J_HOOK("rate_bytes_per_interval", json_read_number, write_rate,
           .offset = offsetof(struct nic, in.burst), .type = "bytes", .xml = "<bandwidth>"),
    J_HOOK("rate_interval_usecs", json_read_number, NULL, .offset = offsetof(struct nic, in.floor),
           .type = "microseconds"),
    J_STR("gatewaydev", nic, gatewaydev),
    J_STR("coloft_forwarddev", nic, forwarddev, .since = XEN(4, 7)),
    NIC_COLO(COLO) J_DEFBOOL("trusted", nic, trusted, .since = XEN(4, 17)),
    J_STR("vlan", nic, vlan, .since = XEN(4, 19)),
};
const struct row_table json_nic_table = JSON_TABLE("nics.", nic_rows);

int json_read_nics(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct domain *d = rec;
    int rc = json_read_list(c, r, rec, v);
    for (size_t i = 0; i < d->n_nics; i++) {
        struct nic *n = &d->nics[i];
        bool is_vif = n->kind == NIC_VIF;
        n->type = n->bridge ? NIC_BRIDGE : NIC_ETHERNET;
        if (n->bridge)
            native_bridge_read(n);
        if (is_vif == (d->type != GUEST_HVM) || (is_vif && !n->model)) {
            if (is_vif && d->type == GUEST_HVM)
                str_set(&n->model, "netfront");
            n->kind = 0; /* what it is without being said, or by its model */
        }
        if (num_or(n->devid, -1) == (int64_t)i)
            n->devid = (struct num){0};
        settle_rate(n);
    }
    return rc;
}
