/* Disks that may be missing when a guest starts, by <source startupPolicy>. */
#pragma once
#include "model/domain.h"

/* What is not there and need not be: media are taken out of their drives, disks of a guest that
 * boots go. Slow: for workers. *ret (may be NULL): an otherwise empty guest with those disks as
 * they were; NULL where all is there; caller frees. */
void missing_leave_out(struct domain *d, bool is_boot, struct domain **ret);
