/* Gives up, for this process and all that it starts, what neither the daemon nor libxl, its hotplug
 * scripts or device models need. Before there are threads. Nothing that it takes comes back. */
#pragma once
#include "err.h"

/* Descriptors that were left open for us, in children; new privileges by set-uid bits;
 * capabilities; system calls that are refused with EPERM. A kernel that cannot do one of these is
 * an error, and the rest is done all the same. */
int sandbox_enter(struct err *e);
