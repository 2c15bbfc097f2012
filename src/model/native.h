/* The texts inside of devices that all of Xen's formats and libxl share: the Ceph image of a disk,
 * the bridge and the addresses of an interface. */
#pragma once

#include "model/domain.h"

/* qemu's words:
 * rbd:POOL/IMAGE[@SNAPSHOT]:auth_supported=none[:mon_host=HOST\:PORT\;...][:conf=FILE], a backslash
 * before what is no separator. Caller frees. */
char *native_rbd(const struct disk *k);
/* Is source such a text? Then the disk is a network disk. What is not fully understood stays. */
void native_rbd_read(struct disk *k);

/* NAME; with Open vSwitch NAME.TAG or NAME:TAG:TAG. n has a bridge. Caller frees. */
char *native_bridge(const struct nic *n);
/* Takes the bridge of n apart; its script tells whether it is Open vSwitch's. */
void native_bridge_read(struct nic *n);

/* ADDRESS[/PREFIX], blanks between; NULL when there are none. Caller frees. */
char *native_ips(const struct nic *n);
void native_ips_read(struct nic *n, const char *text);
