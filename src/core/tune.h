/* Changing guests: memory, CPUs, devices, names, metadata. What runs (live), what is defined
 * (config), or both. Loop thread. */
#pragma once
#include "core/guest.h"
#include "hv/hv.h"

/* The wire's bits. CURRENT: live while it runs, else config. */
enum guest_affect { AFFECT_CURRENT = 0, AFFECT_LIVE = 1, AFFECT_CONFIG = 2 };

/* maximum: what it may have, not what it has. */
int guest_set_memory(struct guest *g, uint64_t kib, bool maximum, unsigned affect, struct err *e);
/* A live change waits for the guest: done is called, also when only the definition changed. */
int guest_set_vcpus(struct guest *g, uint32_t n, bool maximum, unsigned affect, guest_done *done,
                    void *arg, struct err *e);
/* Single ones, of a running guest, on or off. */
struct cpuset;
int guest_switch_vcpus(struct guest *g, const struct cpuset *which, bool on, unsigned affect,
                       guest_done *done, void *arg, struct err *e);
int guest_vcpus(struct guest *g, bool maximum, unsigned affect, uint32_t *ret, struct err *e);
/* Bit 0 of byte 0 is CPU 0; the map may be shorter than the host. */
int guest_pin_vcpu(struct guest *g, uint32_t vcpu, const uint8_t *map, size_t len, unsigned affect,
                   struct err *e);
/* Fills len bytes; all CPUs of the host where it is not pinned. */
int guest_vcpu_pin(struct guest *g, uint32_t vcpu, unsigned affect, uint8_t *map, size_t len,
                   struct err *e);
/* Only what is set in it is changed. */
int guest_sched(struct guest *g, unsigned affect, struct sched *ret, struct err *e);
int guest_set_sched(struct guest *g, const struct sched *s, unsigned affect, struct err *e);
int guest_trigger(struct guest *g, enum hv_trigger t, struct err *e);
int guest_pm_suspend(struct guest *g, guest_done *done, void *arg, struct err *e); /* to memory */
int guest_pm_wakeup(struct guest *g, guest_done *done, void *arg, struct err *e);
enum guest_end { END_POWEROFF, END_REBOOT, END_CRASH }; /* virDomainLifecycle */
int guest_set_action(struct guest *g, enum guest_end end, enum lifecycle action, unsigned affect,
                     struct err *e);

/* The CPU pool that it is in, and the CPUs that it prefers (a list, or "all"); caller frees. */
int guest_pool(struct guest *g, unsigned affect, char **ret, struct err *e);
int guest_soft_cpus(struct guest *g, unsigned affect, char **ret, struct err *e);
int guest_set_pool(struct guest *g, const char *name, unsigned affect, struct err *e);
int guest_set_soft_cpus(struct guest *g, const char *list, unsigned affect, struct err *e);
/* What the interface of that address may send; 0: no limit. */
int guest_set_nic_rate(struct guest *g, const uint8_t mac[6], uint32_t kib_per_s, unsigned affect,
                       struct err *e);

/* xml: one device, as it stands within <devices>. done is called in every case of success. */
int guest_attach(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e);
int guest_detach(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e);
int guest_detach_alias(struct guest *g, const char *alias, unsigned affect, guest_done *done,
                       void *arg, struct err *e);
int guest_update(struct guest *g, const char *xml, unsigned affect, guest_done *done, void *arg,
                 struct err *e);

int guest_rename(struct guest *g, const char *name, struct err *e); /* one that does not run */
enum guest_metadata { METADATA_DESCRIPTION, METADATA_TITLE, METADATA_ELEMENT };
/* Caller frees *ret with free. uri: of an element. Absent is ERR_NO_DOMAIN_METADATA. */
int guest_metadata(struct guest *g, enum guest_metadata type, const char *uri, unsigned affect,
                   char **ret, struct err *e);
/* text NULL removes. key: the prefix of an element. */
int guest_set_metadata(struct guest *g, enum guest_metadata type, const char *text, const char *key,
                       const char *uri, unsigned affect, struct err *e);

/* The XML of a saved guest: read (with its passwords), and replaced. done comes later. */
char *guest_managed_save_path(const struct guest *g); /* caller frees */
struct host;
typedef void image_done(void *arg, const char *xml, const struct err *e); /* xml borrowed */
int host_image_xml(struct host *h, const char *path, image_done *done, void *arg, struct err *e);
/* how: enum guest_save */
int host_image_define(struct host *h, const char *path, const char *xml, unsigned how,
                      image_done *done, void *arg, struct err *e);
