/* Devices between the model and libxl: tables an item (map.h), for whole guests and for attach. */
#pragma once
#include "map.h"
#include "xl.h"

/* A table that another file sees, as extern. */
#define TABLE(name, ms, xs) \
    const struct map_table name##_table = {name##_rows, \
                                           sizeof(name##_rows) / sizeof(*name##_rows), sizeof(ms), \
                                           sizeof(xs), name##_init}

extern const struct map_table disk_table, nic_table, channel_table, vtpm_table, vkb_table;
#ifdef LIBXL_HAVE_P9S
extern const struct map_table p9_table;
#endif
#ifdef LIBXL_HAVE_PVCALLS
extern const struct map_table pvcalls_table, vdispl_table;
#endif
#ifdef LIBXL_HAVE_EXTENDED_VKB
extern const struct map_table vsnd_table;
#endif
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
extern const struct map_table virtio_table;
#endif

/* devices_host.c: what of the host the guest gets. */
int hostdevs_write(const struct map_env *env, const void *m, void *x, struct err *e);
void hostdevs_read(const struct map_env *env, const void *x, void *m);
int usbctrls_write(const struct map_env *env, const void *m, void *x, struct err *e);
void usbctrls_read(const struct map_env *env, const void *x, void *m);
int pci_write(const struct domain *d, const struct hostdev *m, libxl_device_pci *x, struct err *e);
#ifdef LIBXL_HAVE_PVUSB
int usbdev_write(const struct hostdev *m, libxl_device_usbdev *x, struct err *e);
int usbctrl_write(const struct controller *m, libxl_device_usbctrl *x, struct err *e);
#endif

/* Only what the rate is made of. */
int nic_rate(const struct nic *n, libxl_device_nic *ret, struct err *e);

/* devices_gfx.c: graphics, video, keyboards. */
int gfx_write(const struct map_env *env, const void *m, void *x, struct err *e);
void gfx_read(const struct map_env *env, const void *x, void *m);
int video_write(const struct map_env *env, const void *m, void *x, struct err *e);
void video_read(const struct map_env *env, const void *x, void *m);

/* devices_chr.c: serial ports of HVM guests and other small devices of the device model. */
int serials_write(const struct map_env *env, const void *m, void *x, struct err *e);
void serials_read(const struct map_env *env, const void *x, void *m);
int inputs_write(const struct map_env *env, const void *m, void *x, struct err *e);
void inputs_read(const struct map_env *env, const void *x, void *m);
int sound_write(const struct map_env *env, const void *m, void *x, struct err *e);
void sound_read(const struct map_env *env, const void *x, void *m);

/* For attach and detach: fills *ret, which device_dispose empties (also after a failure). */
int device_take(libxl_ctx *ctx, const struct hv_device *d, int guest_type, struct xl_device *ret,
                struct err *e);
void device_dispose(struct xl_device *x);
