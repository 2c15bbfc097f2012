/* Statistics that dom0's kernel keeps of its backends. */
#include "more.h"

#include "base/file.h"

enum { NUMBER_MAX = 64, SECTOR = 512 };

/* A file with one number; -1 when there is none. */
static int64_t read_number(const char *path)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read(path, NUMBER_MAX, &text, &len, NULL))
        return -1;
    text[strcspn(text, "\n")] = 0;
    int64_t v;
    return parse_i64(text, 10, INT64_MIN, INT64_MAX, &v) ? v : -1;
}

static int64_t vbd_number(uint32_t domid, uint32_t devid, const char *what)
{
    CLEANUP_FREE char *path =
        mem_printf("/sys/bus/xen-backend/devices/vbd-%u-%u/statistics/%s", domid, devid, what);
    return read_number(path);
}

/* Device numbers of the names that guests use; the same rule as in every Xen backend
 * (docs/man/xen-vbd-interface). */
bool vdev_number(const char *vdev, uint32_t *ret)
{
    static const struct {
        const char *prefix;
        uint32_t base, disk_shift, disks_low;
    } kinds[] = {
        {"xvd", 202u << 8, 4, 16},
        {"sd", 8u << 8, 4, 16},
        {"hd", 3u << 8, 6, 2},
    };
    if (parse_u32(vdev, 0, UINT32_MAX, ret))
        return true;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        if (!str_starts(vdev, kinds[k].prefix))
            continue;
        const char *at = vdev + strlen(kinds[k].prefix);
        uint32_t disk = 0, part = 0;
        size_t letters = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (!letters || letters > 4)
            return false;
        for (size_t i = 0; i < letters; i++)
            disk = disk * 26 + (uint32_t)(at[i] - 'a') + (i + 1 < letters);
        if (at[letters] && !parse_u32(at + letters, 10, 255, &part))
            return false;
        if (k == 2 && disk >= 2 && disk < 4) /* hdc, hdd have a major number of their own */
            *ret = (22u << 8) | ((disk - 2) << 6) | part;
        else if (disk < kinds[k].disks_low && part < (1u << kinds[k].disk_shift))
            *ret = kinds[k].base | (disk << kinds[k].disk_shift) | part;
        else
            *ret = (1u << 28) | (disk << 8) | part;
        return true;
    }
    return false;
}

/* Kernel backends (phy) count; disks that a device model serves have no numbers here: all -1. */
int stats_block(struct hv *h, uint32_t domid, const char *vdev, struct hv_block_stats *ret,
                struct err *e)
{
    uint32_t devid;
    if (!vdev_number(vdev, &devid))
        return fail(e, ERR_INVALID_ARG, "'%s' is not the name of a disk", vdev);
    CLEANUP_FREE char *backend = xenstore_read(h, "/libxl/%u/device/vbd/%u/backend", domid, devid);
    if (!backend) {
        struct hv_info i;
        if (info_get(h, domid, &i, e))
            return -1;
    }
    int64_t rd = vbd_number(domid, devid, "rd_sect"), wr = vbd_number(domid, devid, "wr_sect");
    *ret = (struct hv_block_stats){
        .rd_req = vbd_number(domid, devid, "rd_req"),
        .rd_bytes = rd < 0 ? -1 : rd * SECTOR,
        .wr_req = vbd_number(domid, devid, "wr_req"),
        .wr_bytes = wr < 0 ? -1 : wr * SECTOR,
        .flush_req = vbd_number(domid, devid, "f_req"),
        .errs = -1,
    };
    return 0;
}

static int64_t link_number(const char *link, const char *what)
{
    CLEANUP_FREE char *path = mem_printf("/sys/class/net/%s/statistics/%s", link, what);
    return read_number(path);
}

static void add_number(const char *link, const char *what, int64_t *sum)
{
    int64_t n = link_number(link, what);
    *sum += n > 0 ? n : 0;
}

static void add_link(const char *link, struct hv_net_stats *sum)
{
    add_number(link, "tx_bytes", &sum->rx_bytes);
    add_number(link, "tx_packets", &sum->rx_packets);
    add_number(link, "tx_errors", &sum->rx_errs);
    add_number(link, "tx_dropped", &sum->rx_drop);
    add_number(link, "rx_bytes", &sum->tx_bytes);
    add_number(link, "rx_packets", &sum->tx_packets);
    add_number(link, "rx_errors", &sum->tx_errs);
    add_number(link, "rx_dropped", &sum->tx_drop);
}

/* What the host's end receives the guest has sent, and the other way round. A full guest has the
 * device model's interface beside, until its own driver takes over: what went through both counts.
 */
int stats_net(struct hv *h, uint32_t domid, uint32_t devid, struct hv_net_stats *ret, struct err *e)
{
    CLEANUP_FREE char *name = backend_read(h, domid, "vif", devid, "vifname");
    if (!name)
        name = mem_printf("vif%u.%u", domid, devid);
    CLEANUP_FREE char *emulated = mem_printf("%s-emu", name);
    if (strchr(name, '/') || link_number(name, "rx_bytes") < 0)
        return fail(e, ERR_OPERATION_FAILED, "domain %u has no interface '%s' on this host", domid,
                    name);
    *ret = (struct hv_net_stats){0};
    add_link(name, ret);
    add_link(emulated, ret);
    return 0;
}
