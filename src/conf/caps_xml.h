/* <capabilities> and <domainCapabilities> as libvirt's Xen driver prints them. Everything is
 * borrowed for the call. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/domain.h"

struct caps_cpu { /* one logical CPU; UINT32_MAX where unknown */
    uint32_t id, socket, die, core;
};

struct caps_cell { /* one NUMA node */
    uint32_t id;
    uint64_t mem_kib;
    const uint32_t *distances; /* to each cell of the host, or NULL */
    const struct caps_cpu *cpus;
    size_t n_cpus;
};

struct caps {
    uint8_t host_uuid[16];       /* zero: not printed */
    const char *arch;            /* NULL: x86_64 */
    const char *const *features; /* of the host's CPU: pae, vmx ... */
    size_t n_features;
    bool has_iommu;
    const struct caps_cell *cells;
    size_t n_cells;
    bool has_pv, has_hvm, has_pvh, has_hap;
    bool has_32bit;       /* guests of i686 as well */
    const char *emulator; /* NULL: /usr/lib/xen/bin/qemu-system-i386 */
    const char *loader;   /* NULL: /usr/lib/xen/boot/hvmloader */
    const char *ovmf;     /* NULL: /usr/lib/xen/boot/ovmf.bin */
};
void caps_xml_write(const struct caps *c, struct str *out);

/* What one kind of guest can have. NULL strings ask for the default, as the call's do. Fails for a
 * combination that the host has not. */
struct caps_query {
    const char *emulator, *arch, *machine, *virt_type;
};
int caps_xml_domain(const struct caps *c, const struct caps_query *q, struct str *out,
                    struct err *e);
