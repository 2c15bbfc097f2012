/* Floppy disks. libxl has no word for them, but QEMU has: an HVM guest's floppy becomes the
 * arguments "-drive", "if=floppy,..." of its device model. What speaks libxl's language (the libxl
 * module, xen-xl, xen-json) takes the guest in that form, and finds the floppy in it again. */
#pragma once
#include "model/domain.h"

/* A copy of d in which floppies are arguments; caller frees with domain_free. NULL: d has none that
 * arguments can say: a file or block device, raw or in one of QEMU's formats, with nothing more. */
struct domain *domain_floppies_to_args(const struct domain *d);
/* The other way, in place. */
void domain_floppies_from_args(struct domain *d);
