/* Operations that wait for a guest or a backend: started on the loop's context, ended by libxl's
 * callback. Any number of guests may hang in them. */
#include "base/log.h"
#include "devices.h"
#include "more.h"
#include "scripts.h"
#include "xl.h"

static void wait_unlink(struct wait *t)
{
    for (struct wait **p = &t->hv->waits; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            return;
        }
}

static void wait_free(struct wait *t)
{
    if (t->hv->starting == t)
        t->hv->starting = NULL;
    if (t->has_device)
        device_dispose(&t->device);
    libxl_bitmap_dispose(&t->map);
    free(t);
}

/* The last step of a waiting operation, from the loop's own stack: its caller may start the next
 * one on this context. */
static void wait_end(void *arg)
{
    struct wait *t = arg;
    wait_unlink(t);
    struct err e = {0};
    if (t->rc)
        xl_fail(&e, t->rc, &t->said, NULL, "cannot %s domain %u", t->what, t->domid);
    else if (t->is_kept)
        fail(&e, ERR_OPERATION_TIMEOUT,
             "domain %u has not let go of the PCI device in time: try again", t->domid);
    if (!t->hv->is_closed && t->w)
        t->w->done(t->w, &e);
    else if (!t->hv->is_closed && t->rc)
        t->hv->events.log(t->hv->arg, LOG_ERROR, e.msg);
    wait_free(t);
}

static void on_over(libxl_ctx *ctx, int rc, void *arg)
{
    struct wait *t = arg;
    t->rc = rc;
    loop_defer(t->hv->loop, wait_end, t);
}

static struct wait *wait_new(struct hv *h, uint32_t domid, const char *what, struct hv_wait *w)
{
    struct wait *t = NEW(struct wait);
    t->hv = h;
    t->w = w;
    t->domid = domid;
    t->what = what;
    t->next = h->waits;
    h->waits = h->starting = t;
    capture_reset(&h->log.here);
    return t;
}

/* libxl did not even start: the caller is told at once. `over`: it has no callback in this libxl.
 */
static int wait_started(struct wait *t, int rc, bool over, struct err *e)
{
    struct hv *h = t->hv;
    h->starting = NULL;
    if (!rc) {
        if (over)
            on_over(h->ctx, 0, t);
        return 0;
    }
    struct capture said = t->said.len ? t->said : h->log.here;
    wait_unlink(t);
    uint32_t domid = t->domid;
    const char *what = t->what;
    wait_free(t);
    h->log.here = said;
    return ops_answer(h, domid, rc, what, e);
}

int wait_shutdown(struct hv *h, uint32_t domid, bool reboot, bool acpi, struct hv_wait *w,
                  struct err *e)
{
    struct wait *t = wait_new(h, domid, reboot ? "reboot" : "shut down", w);
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    bool over;
    int rc = acpi ? xl_trigger(h->ctx, domid, LIBXL_TRIGGER_POWER, &how, &over)
                  : xl_shutdown(h->ctx, domid, reboot, &how, &over);
    return wait_started(t, rc, over, e);
}

/* An HVM guest's QEMU is told too, and may be long in answering: nobody waits for it. What Xen says
 * of the guest is what counts in the end. */
int wait_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    struct wait *t = wait_new(h, domid, "unpause", NULL);
    domain_set_run(h, domid, true);
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    bool over;
    int rc = xl_unpause(h->ctx, domid, &how, &over);
    return wait_started(t, rc, over, e);
}

/* ---- devices of the host: libxl takes them from their drivers, and resets them, while its caller
 * waits, so a worker calls it ---- */

struct slow_wait {
    struct wait *wait; /* the loop's, but for its device */
    int (*run)(libxl_ctx *ctx, struct wait *t);
    bool is_kept;
    int rc;
    struct capture said;
};

static int pci_add(libxl_ctx *ctx, struct wait *t)
{
    return libxl_device_pci_add(ctx, t->domid, &t->device.pci, &op_how);
}

static int pci_remove(libxl_ctx *ctx, struct wait *t)
{
    return libxl_device_pci_remove(ctx, t->domid, &t->device.pci, &op_how);
}

#ifdef LIBXL_HAVE_PVUSB
static int usb_add(libxl_ctx *ctx, struct wait *t)
{
    return libxl_device_usbdev_add(ctx, t->domid, &t->device.usbdev, &op_how);
}

static int usb_remove(libxl_ctx *ctx, struct wait *t)
{
    return libxl_device_usbdev_remove(ctx, t->domid, &t->device.usbdev, &op_how);
}
#endif

static int pci_destroy(libxl_ctx *ctx, struct wait *t)
{
    return libxl_domain_destroy(ctx, t->domid, &op_how);
}

/* libxl calls it done even when the guest has not let go of the device in time. */
static bool keeps_pci(libxl_ctx *ctx, const struct wait *t)
{
    const libxl_device_pci *x = &t->device.pci;
    const struct hv_pci d = {(uint32_t)x->domain, x->bus, x->dev, x->func};
    int n = 0;
    libxl_device_pci *list = libxl_device_pci_list(ctx, t->domid, &n);
    return pci_is_among(list, n, &d);
}

static void work_slow(void *arg)
{
    struct slow_wait *x = arg;
    struct op o;
    x->rc = ERROR_FAIL;
    if (!op_open(x->wait->hv, NULL, &o, NULL)) {
        x->rc = x->run(o.ctx, x->wait);
        if (!x->rc)
            x->rc = op_wait(&o, NULL);
        x->is_kept = !x->rc && x->run == pci_remove && keeps_pci(o.ctx, x->wait);
        op_close(&o);
    }
    x->said = o.log.here;
}

static void after_slow(void *arg)
{
    struct slow_wait *x = arg;
    struct wait *t = x->wait;
    t->rc = x->rc;
    t->is_kept = x->is_kept;
    t->said = x->said;
    free(x);
    wait_end(t);
}

static int start_slow(struct wait *t, int (*run)(libxl_ctx *ctx, struct wait *t))
{
    struct slow_wait *x = NEW(struct slow_wait);
    *x = (struct slow_wait){.wait = t, .run = run};
    t->hv->starting = NULL;
    loop_work_long(t->hv->loop, work_slow, after_slow, x);
    return 0;
}

static bool has_pci(const struct wait *t)
{
    CLEANUP_FREE char *n =
        xenstore_read(t->hv, "/local/domain/0/backend/pci/%u/0/num_devs", t->domid);
    return n && !str_eq(n, "0");
}

static int start_destroy(struct wait *t)
{
    if (has_pci(t))
        return start_slow(t, pci_destroy);
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    return libxl_domain_destroy(t->hv->ctx, t->domid, &how);
}

/* Its scripts have ended. */
static void destroy_late(void *arg)
{
    struct wait *t = arg;
    if (t->hv->is_closed)
        return;
    capture_reset(&t->hv->log.here);
    t->hv->starting = t;
    int rc = start_destroy(t);
    t->hv->starting = NULL;
    if (!rc)
        return;
    t->said = t->hv->log.here;
    on_over(t->hv->ctx, rc, t);
}

int wait_destroy(struct hv *h, uint32_t domid, struct hv_wait *w, struct err *e)
{
    struct wait *t = wait_new(h, domid, "destroy", w);
    domain_set_run(h, domid, false);
    if (scripts_wait(h, domid, destroy_late, t)) {
        h->starting = NULL;
        return 0;
    }
    return wait_started(t, start_destroy(t), false, e);
}

int wait_set_vcpus(struct hv *h, uint32_t domid, const uint8_t *online, size_t len,
                   struct hv_wait *w, struct err *e)
{
    struct wait *t = wait_new(h, domid, "change the vcpus of", w);
    t->map.map = mem_dup(online, len);
    t->map.size = (uint32_t)len;
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    bool over;
    int rc = xl_vcpus_online(h->ctx, domid, &t->map, &how, &over);
    return wait_started(t, rc, over, e);
}

/* ---- devices ---- */

static int guest_type(struct hv *h, uint32_t domid, int *ret, struct err *e)
{
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    *ret = i.type == GUEST_HVM ? ON_HVM : i.type == GUEST_PVH ? ON_PVH : ON_PV;
    return 0;
}

/* A waiting operation with its device taken over into libxl's form. */
static struct wait *wait_for_device(struct hv *h, uint32_t domid, const struct hv_device *d,
                                    const char *what, struct hv_wait *w, struct err *e)
{
    int type;
    if (guest_type(h, domid, &type, e))
        return NULL;
    struct wait *t = wait_new(h, domid, what, w);
    t->has_device = true;
    if (!device_take(h->ctx, d, type, &t->device, e))
        return t;
    wait_unlink(t);
    wait_free(t);
    return NULL;
}

static int unsupported(struct wait *t, const char *what, struct err *e)
{
    wait_unlink(t);
    wait_free(t);
    return fail(e, ERR_OPERATION_UNSUPPORTED, "%s", what);
}

int wait_attach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                struct err *e)
{
    struct wait *t = wait_for_device(h, domid, d, "attach a device to", w, e);
    if (!t)
        return -1;
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    struct xl_device *x = &t->device;
    int rc;
    switch (d->kind) {
    case HV_DISK:
        rc = libxl_device_disk_add(h->ctx, domid, &x->disk, &how);
        break;
    case HV_NIC:
        rc = libxl_device_nic_add(h->ctx, domid, &x->nic, &how);
        break;
    case HV_VTPM:
        rc = libxl_device_vtpm_add(h->ctx, domid, &x->vtpm, &how);
        break;
#ifdef LIBXL_HAVE_PVUSB
    case HV_CONTROLLER:
        rc = libxl_device_usbctrl_add(h->ctx, domid, &x->usbctrl, &how);
        break;
    case HV_HOSTDEV:
        return start_slow(t, x->is_usbdev ? usb_add : pci_add);
#else
    case HV_HOSTDEV:
        return start_slow(t, pci_add);
#endif
#ifdef LIBXL_HAVE_P9_ADD
    case HV_P9:
        rc = libxl_device_9pfs_add(h->ctx, domid, &x->p9, &how);
        break;
#endif
    default:
        return unsupported(t, "this Xen cannot attach such a device to a running guest", e);
    }
    return wait_started(t, rc, false, e);
}

/* A vTPM is known by its uuid, a share by its path; libxl removes both by their numbers. */
static int vtpm_find(struct hv *h, uint32_t domid, libxl_device_vtpm *x)
{
    int n = 0, found = ERROR_NOTFOUND;
    libxl_device_vtpm *list = libxl_device_vtpm_list(h->ctx, domid, &n);
    for (int i = 0; i < n; i++) {
        if (!memcmp(libxl_uuid_bytearray(&list[i].uuid), libxl_uuid_bytearray(&x->uuid), 16)) {
            x->devid = list[i].devid;
            x->backend_domid = list[i].backend_domid;
            found = 0;
        }
        libxl_device_vtpm_dispose(&list[i]);
    }
    free(list);
    return found;
}

#ifdef LIBXL_HAVE_P9S
static int p9_find(struct hv *h, uint32_t domid, libxl_device_p9 *x)
{
    unsigned n = 0;
    int found = x->devid >= 0 ? 0 : ERROR_NOTFOUND;
    CLEANUP_FREE char *folder = mem_printf("/libxl/%u/device/9pfs", domid);
    char **ids = found ? xs_directory(h->xs, XBT_NULL, folder, &n) : NULL;
    for (unsigned i = 0; ids && i < n && found; i++) {
        uint32_t devid;
        if (!parse_u32(ids[i], 10, INT32_MAX, &devid))
            continue;
        CLEANUP_FREE char *path = backend_read(h, domid, "9pfs", devid, "path");
        if (!str_eq(path, x->path))
            continue;
        x->devid = (int)devid;
        found = 0;
    }
    free(ids);
    return found;
}
#endif

/* The device as the guest has it, by what identifies it. */
static int device_find(struct hv *h, uint32_t domid, const struct hv_device *d, struct xl_device *x)
{
    libxl_device_disk disk;
    libxl_device_nic nic;
    switch (d->kind) {
    case HV_DISK:
        libxl_device_disk_init(&disk);
        if (libxl_vdev_to_device_disk(h->ctx, domid, x->disk.vdev, &disk))
            return ERROR_NOTFOUND;
        libxl_device_disk_dispose(&x->disk);
        x->disk = disk;
        return 0;
    case HV_NIC: {
        CLEANUP_FREE char *mac = mem_printf(LIBXL_MAC_FMT, LIBXL_MAC_BYTES(x->nic.mac));
        libxl_device_nic_init(&nic);
        if (libxl_mac_to_device_nic(h->ctx, domid, mac, &nic))
            return ERROR_NOTFOUND;
        libxl_device_nic_dispose(&x->nic);
        x->nic = nic;
        return 0;
    }
    case HV_VTPM:
        return vtpm_find(h, domid, &x->vtpm);
#ifdef LIBXL_HAVE_P9S
    case HV_P9:
        return p9_find(h, domid, &x->p9);
#endif
#ifdef LIBXL_HAVE_PVUSB
    case HV_HOSTDEV: {
        if (!x->is_usbdev)
            return 0;
        int n = 0, found = ERROR_NOTFOUND;
        libxl_device_usbdev *list = libxl_device_usbdev_list(h->ctx, domid, &n);
        for (int i = 0; i < n; i++)
            if (list[i].u.hostdev.hostbus == x->usbdev.u.hostdev.hostbus &&
                list[i].u.hostdev.hostaddr == x->usbdev.u.hostdev.hostaddr) {
                x->usbdev.ctrl = list[i].ctrl;
                x->usbdev.port = list[i].port;
                found = 0;
            }
        libxl_device_usbdev_list_free(list, n);
        return found;
    }
#endif
    default:
        return 0;
    }
}

int wait_detach(struct hv *h, uint32_t domid, const struct hv_device *d, struct hv_wait *w,
                struct err *e)
{
    struct wait *t = wait_for_device(h, domid, d, "detach a device from", w, e);
    if (!t)
        return -1;
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    struct xl_device *x = &t->device;
    int rc = device_find(h, domid, d, x);
    if (rc) {
        wait_unlink(t);
        wait_free(t);
        return fail(e, ERR_DEVICE_MISSING, "domain %u has no such device", domid);
    }
    switch (d->kind) {
    case HV_DISK:
        rc = libxl_device_disk_remove(h->ctx, domid, &x->disk, &how);
        break;
    case HV_NIC:
        rc = libxl_device_nic_remove(h->ctx, domid, &x->nic, &how);
        break;
    case HV_VTPM:
        rc = libxl_device_vtpm_remove(h->ctx, domid, &x->vtpm, &how);
        break;
#ifdef LIBXL_HAVE_PVUSB
    case HV_CONTROLLER:
        rc = libxl_device_usbctrl_remove(h->ctx, domid, &x->usbctrl, &how);
        break;
    case HV_HOSTDEV:
        return start_slow(t, x->is_usbdev ? usb_remove : pci_remove);
#else
    case HV_HOSTDEV:
        return start_slow(t, pci_remove);
#endif
#ifdef LIBXL_HAVE_P9S
    case HV_P9:
        rc = libxl_device_p9_remove(h->ctx, domid, &x->p9, &how);
        break;
#endif
    default:
        return unsupported(t, "this Xen cannot detach such a device from a running guest", e);
    }
    return wait_started(t, rc, false, e);
}

int wait_change_media(struct hv *h, uint32_t domid, const struct disk *d, struct hv_wait *w,
                      struct err *e)
{
    struct hv_device dev = {HV_DISK, d};
    struct wait *t = wait_for_device(h, domid, &dev, "change the medium of", w, e);
    if (!t)
        return -1;
    libxl_asyncop_how how = {.callback = on_over, .u.for_callback = t};
    return wait_started(t, libxl_cdrom_insert(h->ctx, domid, &t->device.disk, &how), false, e);
}
