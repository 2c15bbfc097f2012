/* What two hosts tell each other at the begin of a migration, besides the guest's XML: libvirt's
 * <libxl-migration>, and within it an element of ours that libvirt passes over. Plain values; any
 * thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/cpu.h"
#include "model/domain.h"

enum { COOKIE_STREAM_VERSION = 2 };

struct cookie_disk {
    char *target;
    uint64_t bytes; /* 0: its size says nothing (it grows) */
};

struct cookie {
    bool has_words;   /* of a daemon of ours: see core/word.h */
    char token[33];   /* what asks it later: see daemon/answer.h; "": none */
    bool asks, tells; /* nothing comes: what became of that guest? or: that is known now */
    char *name, *hostname;
    uint8_t uuid[16];
    uint32_t stream_version;
    uint32_t xen_major, xen_minor; /* of the source; 0: unknown */
    bool has_cpu;
    struct cpu_set cpu;
    struct cookie_disk *disks; /* what the source sees of them */
    size_t n_disks;
};

void cookie_clear(struct cookie *k);
/* As it goes over the wire, with its NUL. Caller frees *ret with free. */
void cookie_write(const struct cookie *k, uint8_t **ret, size_t *ret_n);
/* An empty one is fine: stream version 1, nothing else known. */
int cookie_read(const uint8_t *bytes, size_t n, struct cookie *ret, struct err *e);

struct hostcaps;

/* What the guest may have come to know of its host. */
void cookie_describe(struct cookie *k, const struct hostcaps *hc);
/* An older Xen cannot read the image of a newer one; features of a CPU do not go away while a guest
 * runs. Neither counts when it is unsafe, or the guest chooses its features itself. */
int cookie_check_host(const struct cookie *k, const struct hostcaps *hc, const struct domain *d,
                      bool is_unsafe, struct err *e);

/* Slow (a file system may be far away). Fills in the disks that are there. */
void cookie_measure(struct cookie *k, const struct domain *d);
/* Slow. The disks that the source has must be here too, and be as big. A source that does not say
 * what it has: all must be here. */
int cookie_check(const struct cookie *k, const struct domain *d, bool is_unsafe, struct err *e);
