/* One device, as it is attached, detached or updated: the element that <devices> would hold. */
#pragma once
#include "conf/conf.h"

/* The device in an otherwise empty guest of the type (its lists tell which kind it is). Without
 * CONF_RAW it is completed as far as it goes alone: bus, format, hardware address. Caller frees
 * with domain_free. `type` and `o` as the guest's; o may be NULL. */
int xml_device_read(const char *text, size_t len, enum guest_type type, const struct conf_opts *o,
                    struct domain **ret, struct err *e);
/* Every device of d, without the <devices> around them. */
int xml_device_write(const struct domain *d, const struct conf_opts *o, struct str *out,
                     struct err *e);
