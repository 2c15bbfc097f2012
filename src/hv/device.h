/* Devices within a configuration: found by what identifies them, added, removed, replaced. */
#pragma once
#include "hv/hv.h"

/* The index of the one that `device` identifies, or SIZE_MAX. */
size_t hv_device_find(const struct domain *d, const struct hv_device *device);
int hv_device_add(struct domain *d, const struct hv_device *device, struct err *e);
int hv_device_remove(struct domain *d, const struct hv_device *device, struct err *e);
int hv_device_replace(struct domain *d, const struct hv_device *device, struct err *e);
