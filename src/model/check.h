/* The rules that a complete guest keeps; one that breaks them is refused when it is defined,
 * created or converted. */
#pragma once
#include "base/err.h"
#include "model/domain.h"

struct domain_caps;
int domain_check(const struct domain *d, const struct domain_caps *caps, struct err *e);
