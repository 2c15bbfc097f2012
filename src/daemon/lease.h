/* DHCP leases that servers of this host have given: dnsmasq's own file, and the status files that
 * libvirt's networks keep. Blocks: for workers. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct lease {
    uint8_t mac[6];
    char *address, *hostname; /* hostname: NULL: not said */
    uint32_t prefix;          /* of the host's interface in that network; 0: none */
};
void leases_free(struct lease *l, size_t n);
/* Those that have not run out; sources that are not there are none. dirs: with *.status files, and
 * with dnsmasq.leases; parted by ':'. */
void leases_read(const char *dirs, struct lease **ret, size_t *ret_n);
/* Exposed for tests. */
int lease_parse_mac(const char *text, uint8_t ret[6]);
