/* Disks and interfaces. */
#include "devices.h"

#include "base/str.h"
#include "model/native.h"
#include "model/rate.h"

/* ---- disks ---- */

struct word_pair {
    const char *word;
    int value;
};

/* The first row of a value is the word that is read back. */
static const struct word_pair disk_formats[] = {
    {"raw", LIBXL_DISK_FORMAT_RAW},     {"qcow2", LIBXL_DISK_FORMAT_QCOW2},
    {"qcow", LIBXL_DISK_FORMAT_QCOW},   {"vhd", LIBXL_DISK_FORMAT_VHD},
    {"xvhd", LIBXL_DISK_FORMAT_VHD},    {"vpc", LIBXL_DISK_FORMAT_VHD},
    {"empty", LIBXL_DISK_FORMAT_EMPTY}, {"aio", LIBXL_DISK_FORMAT_RAW},
#ifdef LIBXL_HAVE_QED
    {"qed", LIBXL_DISK_FORMAT_QED},
#endif
};
static const struct word_pair disk_backends[] = {
    {"qemu", LIBXL_DISK_BACKEND_QDISK},
    {"qdisk", LIBXL_DISK_BACKEND_QDISK},
    {"file", LIBXL_DISK_BACKEND_QDISK},
    {"phy", LIBXL_DISK_BACKEND_PHY},
    {"tap", LIBXL_DISK_BACKEND_TAP},
    {"tap2", LIBXL_DISK_BACKEND_TAP},
#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION
    {"standalone", LIBXL_DISK_BACKEND_STANDALONE},
#endif
};
#define WORD(table, w) word_value(table, sizeof(table) / sizeof(*(table)), w)
#define WORD_OF(table, v) word_of(table, sizeof(table) / sizeof(*(table)), v)

static int word_value(const struct word_pair *t, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(t[i].word, word))
            return t[i].value;
    return -1;
}

static const char *word_of(const struct word_pair *t, size_t n, int value)
{
    for (size_t i = 0; i < n; i++)
        if (t[i].value == value)
            return t[i].word;
    return NULL;
}

static bool disk_is_removable_medium(const struct disk *m)
{
    return m->device == DISK_CDROM || m->device == DISK_FLOPPY;
}

static int disk_path(const struct disk *m, libxl_device_disk *x, struct err *e)
{
    switch ((int)m->type) { /* 0: a file or a device, libxl looks */
    case DISK_NETWORK:
        if (!str_eq(m->protocol, "rbd"))
            return fail(e, ERR_CONFIG_UNSUPPORTED,
                        "disk '%s': protocol '%s' is not possible on Xen", m->target,
                        m->protocol ? m->protocol : "");
        x->pdev_path = native_rbd(m);
        return 0;
    case 0:
    case DISK_FILE:
    case DISK_BLOCK:
        if (str_empty(m->source) && !m->script && !disk_is_removable_medium(m))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s' has no source", m->target);
        x->pdev_path = str_empty(m->source) ? NULL : mem_str(m->source);
        return 0;
    default:
        return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s': type '%s' is not possible on Xen",
                    m->target, words_name(&disk_type_words, (int)m->type));
    }
}

static int disk_format_and_backend(const struct disk *m, libxl_device_disk *x, struct err *e)
{
    int format = m->format ? WORD(disk_formats, m->format) : LIBXL_DISK_FORMAT_RAW;
    if (format < 0)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s': this Xen does not know format '%s'",
                    m->target, m->format);
    if (!x->pdev_path && disk_is_removable_medium(m))
        format = LIBXL_DISK_FORMAT_EMPTY;
    x->format = (libxl_disk_format)format;
    int backend = m->driver ? WORD(disk_backends, m->driver) : LIBXL_DISK_BACKEND_UNKNOWN;
    if (backend < 0)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s': this Xen does not know driver '%s'",
                    m->target, m->driver);
    bool only_qemu = format == LIBXL_DISK_FORMAT_QCOW || format == LIBXL_DISK_FORMAT_QCOW2
#ifdef LIBXL_HAVE_QED
                     || format == LIBXL_DISK_FORMAT_QED
#endif
        ;
    if (backend == LIBXL_DISK_BACKEND_TAP && only_qemu)
        backend = LIBXL_DISK_BACKEND_QDISK;
    x->backend = (libxl_disk_backend)backend;
    if (backend == LIBXL_DISK_BACKEND_PHY && format != LIBXL_DISK_FORMAT_RAW &&
        format != LIBXL_DISK_FORMAT_EMPTY)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s': driver phy takes raw images only",
                    m->target);
    return 0;
}

static int disk_main_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct disk *m = from;
    libxl_device_disk *x = to;
    if (str_empty(m->target))
        return fail(e, ERR_XML_ERROR, "a disk has no target");
    if (m->device == DISK_FLOPPY)
        return fail(
            e, ERR_CONFIG_UNSUPPORTED,
            "disk '%s': a floppy can only be a file or block device of an HVM guest, without "
            "cache, order of booting and the like",
            m->target);
    if (m->transient == TRI_YES)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "disk '%s': transient disks are not possible on Xen",
                    m->target);
    if (disk_path(m, x, e) || disk_format_and_backend(m, x, e))
        return -1;
    x->is_cdrom = m->device == DISK_CDROM;
    x->removable = m->removable != TRI_NO; /* as libvirt has it: the guest may lose it */
    x->readwrite = !x->is_cdrom && m->readonly != TRI_YES;
    if (str_eq(m->discard, "unmap"))
        libxl_defbool_set(&x->discard_enable, true);
    else if (str_eq(m->discard, "ignore"))
        libxl_defbool_set(&x->discard_enable, false);
    return 0;
}

static enum disk_bus bus_of(const char *target, int guest)
{
    if (str_starts(target, "xvd") || !(guest & ON_HVM))
        return BUS_XEN;
    if (str_starts(target, "sd"))
        return BUS_SCSI;
    return str_starts(target, "fd") ? BUS_FDC : BUS_IDE;
}

static void disk_main_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_device_disk *x = from;
    struct disk *m = to;
    bool is_device = x->pdev_path && str_starts(x->pdev_path, "/dev/");
    m->type = is_device ? DISK_BLOCK : DISK_FILE;
    str_set(&m->source, str_empty(x->pdev_path) ? NULL : x->pdev_path);
    native_rbd_read(m);
    m->device = x->is_cdrom ? DISK_CDROM : DISK_DISK;
    if (x->format != LIBXL_DISK_FORMAT_EMPTY)
        str_set(&m->format, WORD_OF(disk_formats, (int)x->format));
    str_set(&m->driver, WORD_OF(disk_backends, (int)x->backend));
    if (!x->readwrite)
        m->readonly = TRI_YES;
    m->bus = bus_of(x->vdev, env->type);
    if (!libxl_defbool_is_default(x->discard_enable))
        str_set(&m->discard, libxl_defbool_val(x->discard_enable) ? "unmap" : "ignore");
}

#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION
static const struct map_pair disk_specs[] = {
    {DISK_SPEC_XEN, LIBXL_DISK_SPECIFICATION_XEN},
    {DISK_SPEC_VIRTIO, LIBXL_DISK_SPECIFICATION_VIRTIO},
};
static const struct map_pair disk_transports[] = {
    {DISK_TRANSPORT_MMIO, LIBXL_DISK_TRANSPORT_MMIO},
};
#endif

#define M struct disk
#define X libxl_device_disk
static const struct map_row disk_rows[] = {
    L_STR(ON_ALL, "target", target, vdev),
    L_HOOK(ON_ALL, "disk", disk_main),
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_STR(ON_ALL, "script", script, script),
    L_FLAG(ON_ALL, "direct-io-safe", direct_io_safe, direct_io_safe, 0),
#ifdef LIBXL_HAVE_DISK_TRUSTED
    L_BOOL(ON_ALL, "trusted", trusted, trusted),
#else
    L_ABSENT("trusted", trusted),
#endif
#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION
    L_ENUM(ON_ALL, "specification", specification, specification, disk_specs, 0),
    L_ENUM(ON_ALL, "transport", transport, transport, disk_transports, 0),
    L_NUM(ON_ALL, "irq", irq, irq, 0),
    L_NUM(ON_ALL, "base", base, base, 0),
#else
    L_ABSENT("specification", specification),
    L_ABSENT("transport", transport),
#endif
#ifdef LIBXL_HAVE_DISK_GRANT_USAGE
    L_BOOL(ON_ALL, "grant_usage", grant_usage, grant_usage),
#else
    L_ABSENT("grant_usage", grant_usage),
#endif
#ifdef LIBXL_HAVE_CHECKPOINTED_STREAM
    L_BOOL(ON_ALL, "colo", colo, colo_enable),
    L_STR(ON_ALL, "colo-host", colo_host, colo_host),
    L_NUM(ON_ALL, "colo-port", colo_port, colo_port, 0),
    L_STR(ON_ALL, "colo-export", colo_export, colo_export),
    L_STR(ON_ALL, "active-disk", active_disk, active_disk),
    L_STR(ON_ALL, "hidden-disk", hidden_disk, hidden_disk),
#else
    L_ABSENT("colo", colo),
#endif
};
#undef M
#undef X
static void disk_init(void *x)
{
    libxl_device_disk_init(x);
}
TABLE(disk, struct disk, libxl_device_disk);

/* ---- interfaces ---- */

static int nic_rate_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct nic *m = from;
    libxl_device_nic *x = to;
    struct rate rate;
    if (m->rate) {
        if (!rate_parse(m->rate, &rate))
            return fail(e, ERR_CONFIG_UNSUPPORTED, "rate '%s' is not a rate", m->rate);
        x->rate_bytes_per_interval = rate_per_interval(&rate);
        x->rate_interval_usecs = (uint32_t)rate.interval_us;
    } else if (m->out.average.set) {
        if (m->out.average.v < 0 || m->out.average.v > INT32_MAX)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "outbound average is out of range");
        x->rate_bytes_per_interval = (uint64_t)m->out.average.v * 1024 / 20;
        x->rate_interval_usecs = 50000;
    }
    if (!x->rate_bytes_per_interval)
        x->rate_interval_usecs = 0; /* too little to be a limit */
    return 0;
}

int nic_rate(const struct nic *n, libxl_device_nic *ret, struct err *e)
{
    return nic_rate_write(NULL, n, ret, e);
}

static void nic_rate_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_device_nic *x = from;
    struct nic *m = to;
    if (!x->rate_bytes_per_interval || !x->rate_interval_usecs)
        return;
    int64_t kib;
    if (rate_as_kib(x->rate_bytes_per_interval, x->rate_interval_usecs, &kib))
        m->out.average = NUM(kib);
    else
        m->rate = rate_format(x->rate_bytes_per_interval, x->rate_interval_usecs);
}

static int nic_source_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct nic *m = from;
    libxl_device_nic *x = to;
    switch ((int)m->type) {
    case NIC_NETWORK:
        if (!m->bridge)
            return fail(e, ERR_CONFIG_UNSUPPORTED, "network '%s' has no bridge; is it active?",
                        m->network ? m->network : "");
        break;
    case 0:
    case NIC_BRIDGE:
    case NIC_ETHERNET:
        break;
    default:
        return fail(e, ERR_CONFIG_UNSUPPORTED, "interface type '%s' is not possible on Xen",
                    words_name(&nic_type_words, (int)m->type));
    }
    bool ovs = str_eq(m->virtualport, "openvswitch");
    if (m->virtualport && !ovs)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "virtualport type '%s' is not possible on Xen",
                    m->virtualport);
    if (m->bridge)
        x->bridge = native_bridge(m);
    if (ovs && !m->script)
        x->script = mem_str("vif-openvswitch");
    if (m->mac.set)
        memcpy(x->mac, m->mac.b, sizeof(m->mac.b));
    if (m->ifname && !str_starts(m->ifname, "vif")) /* vifD.N is libxl's own choice */
        x->ifname = mem_str(m->ifname);
    x->ip = native_ips(m);
    return 0;
}

static void nic_source_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_device_nic *x = from;
    struct nic *m = to;
    m->type = x->bridge ? NIC_BRIDGE : NIC_ETHERNET;
    str_set(&m->bridge, x->bridge);
    str_set(&m->script, x->script);
    if (x->bridge)
        native_bridge_read(m);
    str_set(&m->ifname, x->ifname);
    memcpy(m->mac.b, x->mac, sizeof(m->mac.b));
    m->mac.set = true;
    native_ips_read(m, x->ip ? x->ip : "");
}

/* What the guest sees: libxl's type, and a model for the emulated one. */
static int nic_model_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct nic *m = from;
    libxl_device_nic *x = to;
    bool pv = m->kind == NIC_VIF || str_eq(m->model, "netfront") || !(env->type & ON_HVM);
    if (pv)
        x->nictype = LIBXL_NIC_TYPE_VIF;
    else
        x->nictype = LIBXL_NIC_TYPE_VIF_IOEMU;
    if (m->model && !str_eq(m->model, "netfront"))
        x->model = mem_str(m->model);
    return 0;
}

static void nic_model_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_device_nic *x = from;
    struct nic *m = to;
    if (!(env->type & ON_HVM))
        return;
    if (x->nictype == LIBXL_NIC_TYPE_VIF)
        str_set(&m->model, "netfront");
    else
        str_set(&m->model, x->model);
}

#ifdef LIBXL_HAVE_COLO_USERSPACE_PROXY
#define COLO(name) L_STR(ON_ALL, "colo_" #name, name, colo_##name),
#define M struct nic_colo
#define X libxl_device_nic
static const struct map_row colo_rows[] = {NIC_COLO(COLO)};
#undef M
#undef X
static const struct map_table colo_table = {colo_rows, sizeof(colo_rows) / sizeof(*colo_rows),
                                            sizeof(struct nic_colo), 0, NULL};

static int nic_colo_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct nic *m = from;
    return m->colo ? map_write(&colo_table, env, m->colo, to, e) : 0;
}

static void nic_colo_read(const struct map_env *env, const void *from, void *to)
{
    struct nic *m = to;
    struct nic_colo *colo = NEW(struct nic_colo);
    map_read(&colo_table, env, from, colo);
    if (rec_is_empty(&nic_colo_rec, colo))
        free(colo);
    else
        m->colo = colo;
}
#endif

#define M struct nic
#define X libxl_device_nic
static const struct map_row nic_rows[] = {
    L_HOOK(ON_ALL, "vif", nic_source),
    L_HOOK(ON_ALL, "model", nic_model),
    L_HOOK(ON_ALL, "rate", nic_rate),
    L_STR(ON_ALL, "script", script, script),
    L_STR(ON_ALL, "backend", backend_domain, backend_domname),
    L_NUM(ON_ALL, "mtu", mtu, mtu, 0),
    L_STR(ON_ALL, "gatewaydev", gatewaydev, gatewaydev),
    L_NUM(ON_ALL, "devid", devid, devid, -1),
#ifdef LIBXL_HAVE_NIC_TRUSTED
    L_BOOL(ON_ALL, "trusted", trusted, trusted),
#else
    L_ABSENT("trusted", trusted),
#endif
#ifdef LIBXL_HAVE_DISK_GRANT_USAGE
    L_STR(ON_ALL, "vlan", vlan, vlan),
#else
    L_ABSENT("vlan", vlan),
#endif
#ifdef LIBXL_HAVE_CHECKPOINTED_STREAM
    L_STR(ON_ALL, "forwarddev", forwarddev, coloft_forwarddev),
#else
    L_ABSENT("forwarddev", forwarddev),
#endif
#ifdef LIBXL_HAVE_COLO_USERSPACE_PROXY
    L_HOOK(ON_ALL, "colo", nic_colo),
#else
    L_ABSENT("colo", colo),
#endif
};
#undef M
#undef X
static void nic_init(void *x)
{
    libxl_device_nic_init(x);
}
TABLE(nic, struct nic, libxl_device_nic);
