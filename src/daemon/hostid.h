/* Which UUID this host tells of itself: the configuration's, the machine's, or (zero) the
 * firmware's. */
#pragma once
#include "base/err.h"

struct config;
/* From host_uuid and host_uuid_source into c->host_id. `machine_id` is the file to read. */
int hostid_read(struct config *c, const char *machine_id, struct err *e);
