/* Hyper-V for guests: libxl's groups (LIBXL_VIRIDIAN_ENLIGHTENMENT_*, a bit each, in its order) and
 * what of libvirt's <hyperv> is which of them. */
#pragma once
#include "model/domain.h"

enum { VIRIDIAN_BITS = 13 };

const char *viridian_name(int bit);
/* A word of xl's list, with or without '!': also "all" and "defaults". 0: no such group. */
uint32_t viridian_group(const char *word);
/* What the groups of a guest turn on, and off. */
void viridian_groups(const struct features *f, uint32_t *on, uint32_t *off);
/* What <hyperv> turns on. `unknown` (NULL before) is the first feature that Xen does not have. */
uint32_t viridian_of_hyperv(const struct features *f, const char **unknown);
/* A feature of <hyperv> that is said when its groups are on; but not <direct> and <extended>. */
bool viridian_says_hyperv(const struct hyperv *h);
