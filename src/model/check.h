/* The rules that a complete guest keeps; one that breaks them is refused when it is defined,
 * created or converted. */
#pragma once
#include "base/err.h"
#include "model/domain.h"

struct domain_caps;
/* Is it an address of its family (NULL: by its colons), with a prefix that fits? */
int ip_check(const struct ip *ip, struct err *e);
/* Hardware address and model, as XML can say them. */
int nic_check(const struct nic *n, struct err *e);
/* The first rule that is broken among those from number `first` on: its number + 1, and *e says
 * how; 0: none is. So that a reader can tell of all: goes on with what it was given. */
size_t domain_check_from(const struct domain *d, const struct domain_caps *caps, size_t first,
                         struct err *e);
