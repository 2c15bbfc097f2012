/* What a guest gets without saying so, as libvirt's Xen driver fills it in after reading a
 * configuration: implicit devices, addresses, defaults. Run once on a guest that was read. */
#pragma once
#include "base/err.h"
#include "model/domain.h"

/* What the host offers. A zero struct is an x86_64 host with everything, at libvirt's usual paths.
 */
struct domain_caps {
    const char *arch;     /* of the host: x86_64 */
    const char *loader;   /* hvmloader */
    const char *ovmf;     /* the UEFI image */
    const char *emulator; /* qemu-system-i386 */
    bool no_pv, no_hvm, no_pvh;
    bool is_strict; /* refuse other architectures than the host's */
};
const char *caps_arch(const struct domain_caps *caps);
const char *caps_loader(const struct domain_caps *caps);
const char *caps_ovmf(const struct domain_caps *caps);

enum complete_flags {
    COMPLETE_NATIVE = 1, /* from a native format: a new guest, of which nothing is visible yet */
};

/* `caps` may be NULL. Fails on what cannot be completed: no memory, a disk name without a place. */
int domain_complete(struct domain *d, const struct domain_caps *caps, unsigned flags,
                    struct err *e);
/* The part of it that devices get one by one, for a device that is attached. */
int domain_complete_devices(struct domain *d, struct err *e);
