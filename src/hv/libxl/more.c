/* What goes beyond a domain's life: NUMA nodes, its device model, what it says of itself, the
 * host's PCI devices. */
#include "more.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/file.h"
#include "devices.h"
#include "pty.h"

/* ---- NUMA nodes ---- */

int more_numa(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e)
{
    libxl_bitmap nodes;
    libxl_bitmap_init(&nodes);
    memset(map, 0, len);
    capture_reset(&h->log.here);
    int rc = libxl_node_bitmap_alloc(h->ctx, &nodes, 0);
    if (!rc)
        rc = libxl_domain_get_nodeaffinity(h->ctx, domid, &nodes);
    if (!rc)
        memcpy(map, nodes.map, len < nodes.size ? len : nodes.size);
    libxl_bitmap_dispose(&nodes);
    return ops_answer(h, domid, rc, "read the NUMA nodes of", e);
}

int more_set_numa(struct hv *h, uint32_t domid, const uint8_t *map, size_t len, struct err *e)
{
    libxl_bitmap nodes;
    libxl_bitmap_init(&nodes);
    capture_reset(&h->log.here);
    int rc = libxl_node_bitmap_alloc(h->ctx, &nodes, 0);
    if (!rc)
        memcpy(nodes.map, map, len < nodes.size ? len : nodes.size);
    if (!rc)
        rc = libxl_domain_set_nodeaffinity(h->ctx, domid, &nodes);
    libxl_bitmap_dispose(&nodes);
    return ops_answer(h, domid, rc, "set the NUMA nodes of", e);
}

/* ---- the device model's process ---- */

enum { CPUS_MAX = 4096 };

int more_model_pid(struct hv *h, uint32_t domid, uint32_t *ret, struct err *e)
{
    struct hv_info i;
    CLEANUP_FREE char *text = xenstore_read(h, "/local/domain/%u/image/device-model-pid", domid);
    if (text && parse_u32(text, 10, INT32_MAX, ret) && *ret > 1)
        return 0;
    if (info_get(h, domid, &i, e))
        return -1;
    return fail(e, ERR_OPERATION_INVALID, "domain %u has no device model on this host", domid);
}

bool more_is_models_pty(struct hv *h, uint32_t domid, const char *path)
{
    uint32_t number, pid;
    return pty_number(path, &number) && !more_model_pid(h, domid, &pid, NULL) &&
           pty_is_of(pid, number);
}

int more_emulator_pin(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e)
{
    uint32_t pid;
    cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    int r = more_model_pid(h, domid, &pid, e);
    if (!r && sched_getaffinity((pid_t)pid, size, set))
        r = fail_errno(e, "cannot ask for the CPUs of process %u", pid);
    memset(map, 0, len);
    for (size_t i = 0; !r && i < len * 8 && i < CPUS_MAX; i++)
        if (CPU_ISSET_S(i, size, set))
            map[i / 8] |= (uint8_t)(1 << i % 8);
    CPU_FREE(set);
    return r;
}

/* All threads of it; one that ends meanwhile is no error. */
static int pin_threads(uint32_t pid, const cpu_set_t *set, size_t size, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("/proc/%u/task", pid);
    DIR *dir = opendir(path);
    int r = dir ? 0 : fail_errno(e, "cannot open '%s'", path);
    for (const struct dirent *d; !r && (d = readdir(dir));) {
        uint32_t tid;
        if (parse_u32(d->d_name, 10, INT32_MAX, &tid) && sched_setaffinity((pid_t)tid, size, set) &&
            errno != ESRCH)
            r = fail_errno(e, "cannot pin thread %u of the device model", tid);
    }
    if (dir)
        closedir(dir);
    return r;
}

int more_set_emulator_pin(struct hv *h, uint32_t domid, const uint8_t *map, size_t len,
                          struct err *e)
{
    uint32_t pid;
    cpu_set_t *set = CPU_ALLOC(CPUS_MAX);
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    CPU_ZERO_S(size, set);
    for (size_t i = 0; i < len * 8 && i < CPUS_MAX; i++)
        if (map[i / 8] >> i % 8 & 1)
            CPU_SET_S(i, size, set);
    int r = more_model_pid(h, domid, &pid, e);
    if (!r)
        r = pin_threads(pid, set, size, e);
    CPU_FREE(set);
    return r;
}

/* ---- its CPU pool ---- */

int more_cpupool(struct hv *h, uint32_t domid, char **ret, struct err *e)
{
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    *ret = libxl_cpupoolid_to_name(h->ctx, i.cpupool);
    if (!*ret)
        return fail(e, ERR_OPERATION_FAILED, "CPU pool %u of domain %u has no name", i.cpupool,
                    domid);
    return 0;
}

int more_set_cpupool(struct hv *h, uint32_t domid, const char *name, struct err *e)
{
    uint32_t id;
    capture_reset(&h->log.here);
    if (libxl_name_to_cpupoolid(h->ctx, name, &id))
        return fail(e, ERR_INVALID_ARG, "there is no CPU pool '%s'", name);
    int rc = libxl_cpupool_movedomain(h->ctx, id, domid);
    return ops_answer(h, domid, rc, "change the CPU pool of", e);
}

/* ---- an interface's rate: the backend's kernel watches its node ---- */

int more_set_nic_rate(struct hv *h, uint32_t domid, uint32_t devid, const struct nic *n,
                      struct err *e)
{
    char text[48];
    libxl_device_nic x = {0};
    CLEANUP_FREE char *backend = backend_path(h, domid, "vif", devid);
    CLEANUP_FREE char *handle = backend_read(h, domid, "vif", devid, "handle");
    if (!handle)
        return fail(e, ERR_OPERATION_UNSUPPORTED, "interface %u of domain %u has no backend", devid,
                    domid);
    if (nic_rate(n, &x, e))
        return -1;
    CLEANUP_FREE char *path = mem_printf("%s/rate", backend);
    int len = snprintf(text, sizeof(text), "%llu,%u", (unsigned long long)x.rate_bytes_per_interval,
                       x.rate_interval_usecs);
    bool is_done = x.rate_bytes_per_interval ? xs_write(h->xs, XBT_NULL, path, text, (unsigned)len)
                                             : xs_rm(h->xs, XBT_NULL, path) || errno == ENOENT;
    return is_done ? 0 : fail_errno(e, "cannot change '%s' in xenstore", path);
}

/* The monitor's lines need QEMU and, in libxl, Xen 4.8. */
int more_monitor(struct hv *h, uint32_t domid, const char *line, char **ret, struct err *e)
{
#ifdef LIBXL_HAVE_QEMU_MONITOR_COMMAND
    struct op o;
    if (op_open(h, NULL, &o, e))
        return -1;
    int rc = xl_monitor(o.ctx, domid, line, ret);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "the device model of domain %u does not take '%s'", domid,
                line);
    op_close(&o);
    return rc ? -1 : 0;
#else
    return fail(e, ERR_NO_SUPPORT, "the libxl of this Xen (before 4.8) passes nothing to QEMU");
#endif
}

/* ---- what guests and backends say ---- */

int more_note(struct hv *h, uint32_t domid, const char *key, char **ret, struct err *e)
{
    struct hv_info i;
    char *text = xenstore_read(h, "/local/domain/%u/%s", domid, key);
    if (!text && info_get(h, domid, &i, e))
        return -1;
    if (text && strnlen(text, HV_NOTE_MAX + 1) > HV_NOTE_MAX)
        text[HV_NOTE_MAX] = 0;
    *ret = text;
    return 0;
}

int more_disk_error(struct hv *h, uint32_t domid, const char *vdev, char **ret, struct err *e)
{
    uint32_t devid;
    struct hv_info i;
    if (!vdev_number(vdev, &devid))
        return fail(e, ERR_INVALID_ARG, "'%s' is not the name of a disk", vdev);
    if (info_get(h, domid, &i, e))
        return -1;
    uint32_t backend;
    *ret = NULL;
    CLEANUP_FREE char *path = backend_path(h, domid, "vbd", devid);
    if (!path || sscanf(path, "/local/domain/%u/", &backend) != 1)
        return 0;
    *ret =
        xenstore_read(h, "/local/domain/%u/error/backend/vbd/%u/%u/error", backend, domid, devid);
    if (!*ret)
        *ret = xenstore_read(h, "%s/hotplug-error", path);
    return 0;
}

int more_sysrq(struct hv *h, uint32_t domid, char letter, struct err *e)
{
    capture_reset(&h->log.here);
    return ops_answer(h, domid, libxl_send_sysrq(h->ctx, domid, letter), "send a key to", e);
}

/* ---- channels ---- */

static bool channel_path(struct hv *h, uint32_t domid, libxl_device_channel *c,
                         char path[HV_CONSOLE_PATH_MAX], bool *ret_is_socket)
{
    libxl_channelinfo info;
    const char *found = NULL;
    libxl_channelinfo_init(&info);
    *ret_is_socket = c->connection == LIBXL_CHANNEL_CONNECTION_SOCKET;
    if (*ret_is_socket)
        found = c->u.socket.path;
    else if (!libxl_device_channel_getinfo(h->ctx, domid, c, &info))
        found = info.u.pty.path;
    bool ok = found && strlen(found) < HV_CONSOLE_PATH_MAX &&
              (*ret_is_socket || more_is_models_pty(h, domid, found));
    if (ok)
        memcpy(path, found, strlen(found) + 1);
    libxl_channelinfo_dispose(&info);
    return ok;
}

int more_channel(struct hv *h, uint32_t domid, const char *name, char path[HV_CONSOLE_PATH_MAX],
                 bool *ret_is_socket, struct err *e)
{
    int n = 0;
    bool found = false;
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    libxl_device_channel *list = libxl_device_channel_list(h->ctx, domid, &n);
    for (int k = 0; k < n; k++) {
        if (!found && str_eq(list[k].name, name))
            found = channel_path(h, domid, &list[k], path, ret_is_socket);
        libxl_device_channel_dispose(&list[k]);
    }
    free(list);
    return found ? 0
                 : fail(e, ERR_OPERATION_FAILED, "domain %u has no channel '%s' that is open (yet)",
                        domid, name);
}

/* ---- sleeping ---- */

int more_sleep(struct hv *h, uint32_t domid, struct err *e)
{
#ifdef LIBXL_HAVE_DOMAIN_SUSPEND_ONLY
    struct op o;
    if (op_open(h, NULL, &o, e))
        return -1;
    int rc = libxl_domain_suspend_only(o.ctx, domid, NULL);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot put domain %u to sleep", domid);
    op_close(&o);
    return rc ? -1 : 0;
#else
    return fail(e, ERR_NO_SUPPORT,
                "the libxl of this Xen (before 4.11) cannot put domain %u to sleep", domid);
#endif
}

/* QEMU is asked where the guest has one, and may be long in answering. */
int more_wake(struct hv *h, uint32_t domid, struct err *e)
{
    struct op o;
    bool over;
    if (op_open(h, NULL, &o, e))
        return -1;
    int rc = xl_trigger(o.ctx, domid, LIBXL_TRIGGER_S3RESUME, &op_how, &over);
    if (!rc && !over)
        rc = op_wait(&o, NULL);
    if (rc)
        xl_fail(e, rc, &o.log.here, NULL, "cannot wake domain %u", domid);
    op_close(&o);
    return rc ? -1 : 0;
}

/* ---- the host's PCI devices ---- */

bool pci_is_among(libxl_device_pci *list, int n, const struct hv_pci *d)
{
    bool found = false;
    for (int i = 0; i < n; i++) {
        found = found || ((uint32_t)list[i].domain == d->domain && list[i].bus == d->bus &&
                          list[i].dev == d->slot && list[i].func == d->function);
        libxl_device_pci_dispose(&list[i]);
    }
    free(list);
    return found;
}

static bool is_assignable(libxl_ctx *ctx, const struct hv_pci *d)
{
    int n = 0;
    libxl_device_pci *list = libxl_device_pci_assignable_list(ctx, &n);
    return pci_is_among(list, n, d);
}

static int reset_device(const char *name, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("/sys/bus/pci/devices/%s/reset", name);
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return fail(e, ERR_OPERATION_UNSUPPORTED, "PCI device %s has no reset of its own", name);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    return file_write_all(fd, "1", 1, e) ? wrap(e, "reset of PCI device %s", name) : 0;
}

static int change_pci(struct op *o, enum hv_pci_change c, const char *name, const struct hv_pci *d,
                      struct err *e)
{
    static const char *const words[] = {[HV_PCI_DETACH] = "detach", [HV_PCI_REATTACH] = "reattach"};
    if (c != HV_PCI_DETACH && !is_assignable(o->ctx, d))
        return fail(e, ERR_OPERATION_INVALID,
                    "PCI device %s is used by a guest, or not detached from the host", name);
    if (c == HV_PCI_RESET)
        return reset_device(name, e);
    libxl_device_pci x;
    libxl_device_pci_init(&x);
    x.domain = (int)d->domain;
    x.bus = d->bus;
    x.dev = d->slot;
    x.func = d->function;
    int rc = c == HV_PCI_DETACH ? libxl_device_pci_assignable_add(o->ctx, &x, 1)
                                : libxl_device_pci_assignable_remove(o->ctx, &x, 1);
    libxl_device_pci_dispose(&x);
    return rc ? xl_fail(e, rc, &o->log.here, NULL, "cannot %s PCI device %s", words[c], name) : 0;
}

int more_pci(struct hv *h, enum hv_pci_change c, const struct hv_pci *d, struct err *e)
{
    struct op o;
    char name[32];
    snprintf(name, sizeof(name), "%04x:%02x:%02x.%x", d->domain, d->bus, d->slot, d->function);
    CLEANUP_FREE char *path = mem_printf("/sys/bus/pci/devices/%s", name);
    if (access(path, F_OK))
        return fail(e, ERR_NO_NODE_DEVICE, "there is no PCI device %s", name);
    if (c == HV_PCI_FIND)
        return 0;
    if (op_open(h, NULL, &o, e))
        return -1;
    int r = change_pci(&o, c, name, d, e);
    op_close(&o);
    return r;
}
