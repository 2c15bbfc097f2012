/* Copies of lists of patterns: the configuration that they come from may be read anew at any time.
 */
#pragma once
#include "net/remote.h"

void net_names_copy(struct net_names *to, const struct net_names *from); /* clear `to` */
void net_names_clear(struct net_names *n);                               /* of a copy */
