/* Operations of the driver beyond a domain's life (more.c). Loop thread, but for sleep, wake,
 * monitor and pci, which are a worker's. */
#pragma once
#include "xl.h"

int more_numa(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
int more_set_numa(struct hv *h, uint32_t domid, const uint8_t *map, size_t len, struct err *e);
/* The process of the device model on this host. */
int more_model_pid(struct hv *h, uint32_t domid, uint32_t *ret, struct err *e);
/* Is it the device model that has the other end of this terminal? Xenstore's word for it does not
 * count: but for the first console's, the guest may write it. */
bool more_is_models_pty(struct hv *h, uint32_t domid, const char *path);
int more_emulator_pin(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e);
int more_set_emulator_pin(struct hv *h, uint32_t domid, const uint8_t *map, size_t len,
                          struct err *e);
int more_cpupool(struct hv *h, uint32_t domid, char **ret, struct err *e);
int more_set_cpupool(struct hv *h, uint32_t domid, const char *name, struct err *e);
int more_set_nic_rate(struct hv *h, uint32_t domid, uint32_t devid, const struct nic *n,
                      struct err *e);
int more_note(struct hv *h, uint32_t domid, const char *key, char **ret, struct err *e);
int more_disk_error(struct hv *h, uint32_t domid, const char *vdev, char **ret, struct err *e);
int more_sysrq(struct hv *h, uint32_t domid, char letter, struct err *e);
int more_channel(struct hv *h, uint32_t domid, const char *name, char path[HV_CONSOLE_PATH_MAX],
                 bool *ret_is_socket, struct err *e);
int more_sleep(struct hv *h, uint32_t domid, struct err *e);
int more_wake(struct hv *h, uint32_t domid, struct err *e);
int more_monitor(struct hv *h, uint32_t domid, const char *line, char **ret, struct err *e);
/* Takes over the list. */
bool pci_is_among(libxl_device_pci *list, int n, const struct hv_pci *d);
int more_pci(struct hv *h, enum hv_pci_change c, const struct hv_pci *d, struct err *e);

/* stats.c: the number of a disk's name in the guest */
bool vdev_number(const char *vdev, uint32_t *ret);
