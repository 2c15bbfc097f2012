/* Operations of the driver that change a running domain at once (tune.c). Loop thread. */
#pragma once
#include "xl.h"

int tune_trigger(struct hv *h, uint32_t domid, enum hv_trigger t, struct err *e);
int tune_rename(struct hv *h, uint32_t domid, const char *name, struct err *e);
int tune_preserve(struct hv *h, uint32_t domid, const char *name, const uint8_t uuid[16],
                  struct err *e);
int tune_memory(struct hv *h, uint32_t domid, uint64_t target_kib, struct err *e);
int tune_memory_max(struct hv *h, uint32_t domid, uint64_t max_kib, struct err *e);
int tune_pin(struct hv *h, uint32_t domid, uint32_t vcpu, const uint8_t *hard, const uint8_t *soft,
             size_t len, struct err *e);
int tune_sched(struct hv *h, uint32_t domid, struct sched *ret, struct err *e);
int tune_set_sched(struct hv *h, uint32_t domid, const struct sched *s, struct err *e);

/* config.c */
void xl_sched_read(const libxl_domain_sched_params *x, struct sched *m);
int xl_sched_write(const struct sched *m, libxl_domain_sched_params *x, struct err *e);
