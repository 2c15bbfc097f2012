/* <disk>. */
#include "base/vec.h"
#include "conf/xml_domain.h"
#include "model/diskname.h"

#define TYPE_IS(name, value) \
    static bool name(const void *rec) \
    { \
        return ((const struct disk *)rec)->type == value; \
    }
TYPE_IS(is_file, DISK_FILE)
TYPE_IS(is_block, DISK_BLOCK)
TYPE_IS(is_dir, DISK_DIR)
TYPE_IS(is_network, DISK_NETWORK)
TYPE_IS(is_volume, DISK_VOLUME)

static const struct xrow driver_rows[] = {
    XA_STR("name", disk, driver),
    XA_STR("type", disk, format),
    XA_STR("cache", disk, cache,
           ONEOF("default", "none", "writethrough", "writeback", "directsync", "unsafe")),
    XK_ATTR("error_policy", ONEOF("stop", "report", "ignore", "enospace")),
    XK_ATTR("rerror_policy", ONEOF("stop", "report", "ignore")),
    XK_ATTR("retry_interval"),
    XA_STR("io", disk, io, ONEOF("native", "threads", "io_uring")),
    XK_ATTR("ioeventfd"),
    XK_ATTR("event_idx"),
    XK_ATTR("copy_on_read"),
    XA_STR("discard", disk, discard, ONEOF("ignore", "unmap")),
    XK_ATTR("iothread"),
    XK_ATTR("detect_zeroes", ONEOF("off", "on", "unmap")),
    XK_ATTR("discard_no_unmap"),
    XK_ATTR("queues"),
    XK_ATTR("queue_size"),
    XK_ATTR("iommu"),
    XK_ATTR("ats"),
    XK_ATTR("packed"),
    XK("metadata_cache"),
    XK("iothreads"),
    XK("statistics"),
};
static const struct xtable driver_table = {XTABLE(driver_rows)};

static const struct xrow host_rows[] = {
    XA_STR("name", host_port, name),
    XA_STR("port", host_port, port),
    XA_STR("transport", host_port, transport),
    XA_STR("socket", host_port, socket),
};
static const struct xtable host_table = {XTABLE(host_rows), XITEM(host_port)};
static const struct xrow snapshot_rows[] = {XA_STR("name", disk, source_snapshot)};
static const struct xtable snapshot_table = {XTABLE(snapshot_rows)};
static const struct xrow config_rows[] = {XA_STR("file", disk, source_config)};
static const struct xtable config_table = {XTABLE(config_rows)};

static const struct xrow source_rows[] = {
    XA_STR("file", disk, source, .only = is_file),
    XA_STR("dev", disk, source, .only = is_block),
    XA_STR("dir", disk, source, .only = is_dir),
    XA_STR("protocol", disk, protocol, .only = is_network,
           ONEOF("nbd", "rbd", "sheepdog", "gluster", "iscsi", "http", "https", "ftp", "ftps",
                 "tftp", "ssh", "vxhs", "nfs")),
    XA_STR("name", disk, source, .only = is_network),
    XA_STR("pool", disk, pool, .only = is_volume),
    XA_STR("volume", disk, volume, .only = is_volume),
    XK_ATTR("mode"),
    XK_ATTR("type"),
    XK_ATTR("managed"),
    XK_ATTR("namespace"),
    XK_ATTR("path"),
    XK_ATTR("query"),
    XK_ATTR("tls"),
    XK_ATTR("tlsHostname"),
    XK_ATTR("fdgroup"),
    XA_STR("startupPolicy", disk, startup_policy, ONEOF("mandatory", "requisite", "optional")),
    XA_INT("index", disk, source_index, 0, UINT32_MAX, .when = XW_ACTIVE),
    XL("host", disk, hosts, host_port, host_table),
    XE("snapshot", snapshot_table),
    XE("config", config_table),
    XK_LIST("seclabel"),
    XK("auth"),
    XK("encryption"),
    XK("reservations"),
    XK("initiator"),
    XK("address"),
    XK("ssl"),
    XK("cookies"),
    XK("readahead"),
    XK("timeout"),
    XK("identity"),
    XK("knownHosts"),
    XK("reconnect"),
    XK("slices"),
    XK("dataStore"),
};
static const struct xtable source_table = {XTABLE(source_rows)};

static const struct xrow backend_rows[] = {XA_STR("name", disk, backend_domain)};
static const struct xtable backend_table = {XTABLE(backend_rows)};

static const struct xrow target_rows[] = {
    XA_STR("dev", disk, target),
    XA_ENUM("bus", disk, bus, disk_bus),
    XA_STR("tray", disk, tray, ONEOF("closed", "open")),
    XA_ON("removable", disk, removable),
    XK_ATTR("rotation_rate"),
    XK_ATTR("dpofua"),
};
static const struct xtable target_table = {XTABLE(target_rows)};
static const struct xrow transient_rows[] = {XK_ATTR("shareBacking", ONEOF("yes", "no"))};
static const struct xtable transient_table = {XTABLE(transient_rows)};

static int check_network(struct conf_ctx *c, const struct xml *x, const struct disk *k)
{
    const struct xml *source = xml_child(x, "source");
    if (!source)
        return 0;
    if (!k->protocol)
        return xml_error(c, source, "the <source> of a network disk has no 'protocol'");
    if (!k->source && strcmp(k->protocol, "nbd"))
        return xml_error(c, source, "the <source protocol='%s'> has no 'name'", k->protocol);
    return 0;
}

static const char known_formats[] = " none raw dir bochs cloop dmg iso vpc vdi fat vhd ploop cow "
                                    "qcow qcow2 qed vmdk ";

static int check_disk(struct conf_ctx *c, const struct xml *x, const struct disk *k)
{
    CLEANUP_FREE char *word = mem_printf(" %s ", k->format ? k->format : "raw");
    if (strchr(word + 1, ' ')[1] || !strstr(known_formats, word))
        return xml_error(c, x, "a <disk> has the unknown format '%s' (known:%.*s)", k->format,
                         (int)sizeof(known_formats) - 2, known_formats);
    if (k->removable && k->bus != BUS_USB)
        return xml_error(c, x, "only a disk of the bus usb can be 'removable'");
    if (k->wwn && (strlen(k->wwn) != 16 || k->wwn[strspn(k->wwn, "0123456789abcdefABCDEF")]))
        return xml_error(c, x, "<wwn> is not 16 hexadecimal digits: '%s'", k->wwn);
    return k->type == DISK_NETWORK ? check_network(c, x, k) : 0;
}

static int read_disk(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct disk *k = rec;
    bool removable = k->device == DISK_CDROM || k->device == DISK_FLOPPY;
    if (!k->target || !*k->target)
        return xml_error(c, x, "a <disk> has no <target dev=''>");
    if (!strncmp(k->target, "ioemu:", 6))
        memmove(k->target, k->target + 6, strlen(k->target + 6) + 1);
    if (removable && k->source && !*k->source)
        str_set(&k->source, NULL);
    if (str_eq(k->format, "aio"))
        str_set(&k->format, "raw");
    return xml_checks(c) ? check_disk(c, x, k) : 0;
}

/* The kind comes first: other rows ask for it. */
static int read_kind(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct disk *k = rec;
    int type = k->type, device = k->device;
    if (xml_enum(c, x, "type", &disk_type_words, &type) ||
        xml_enum(c, x, "device", &disk_device_words, &device))
        return -1;
    k->type = type;
    k->device = device;
    return 0;
}

static void write_kind(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct disk *k = rec;
    if (!strcmp(r->r.key, "type"))
        xml_out_attr(w, "type", words_name(&disk_type_words, k->type ? k->type : DISK_FILE));
    else
        xml_out_attr(w, "device",
                     words_name(&disk_device_words, k->device ? k->device : DISK_DISK));
}

static int begin_disk(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct disk *k = rec;
    k->type = DISK_FILE;
    k->device = DISK_DISK;
    return 0;
}

static const struct xrow disk_rows[] = {
    XH_ATTR("type", read_kind, write_kind),
    XH_ATTR("device", read_kind, write_kind),
    XK_ATTR("model"),
    XK_ATTR("rawio"),
    XK_ATTR("sgio"),
    XK_ATTR("snapshot"),
    XE("driver", driver_table),
    XK("auth"),
    XE("source", source_table),
    XK("backingStore"),
    XE("backenddomain", backend_table),
    XK("geometry"),
    XK("blockio"),
    XK("mirror"),
    XE("target", target_table),
    XK("iotune"),
    XK_LIST("throttlefilters"),
    XF_TRI("readonly", disk, readonly),
    XF_TRI("shareable", disk, shareable),
    XF_TRI("transient", disk, transient, .sub = &transient_table),
    XC_STR("serial", disk, serial),
    XC_STR("wwn", disk, wwn),
    XC_STR("vendor", disk, vendor),
    XC_STR("product", disk, product),
    XK("encryption"),
    XI_AT(disk, dev, device, xml_tail_table),
};
const struct xtable xml_disk_table = {XTABLE(disk_rows), XITEM(disk), XKEPT_DEV(disk),
                                      .before = begin_disk, .after = read_disk};

/* Before the first disk of its bus with a higher number, else after the last one of its bus. */
void xml_sort_disks(struct domain *d)
{
    struct disk last;
    size_t n = d->n_disks - 1, at = n;
    bool found = false;
    if (!n)
        return;
    last = d->disks[n];
    int number = disk_number(last.target);
    for (size_t i = n; i-- > 0;) {
        if (d->disks[i].bus != last.bus)
            continue;
        if (disk_number(d->disks[i].target) <= number) { /* so are those in front of it */
            at = found ? at : i + 1;
            break;
        }
        at = i, found = true;
    }
    memmove(&d->disks[at + 1], &d->disks[at], (n - at) * sizeof(last));
    d->disks[at] = last;
}

bool xml_disks_are_sorted(const struct domain *d)
{
    struct domain sorted = {.disks = mem_new(d->n_disks + 1, sizeof(*d->disks))};
    bool same = true;
    for (size_t i = 0; i < d->n_disks; i++) {
        sorted.disks[sorted.n_disks++] = d->disks[i]; /* borrowed members */
        xml_sort_disks(&sorted);
    }
    for (size_t i = 0; i < d->n_disks; i++)
        same = same && sorted.disks[i].target == d->disks[i].target;
    free(sorted.disks);
    return same;
}
