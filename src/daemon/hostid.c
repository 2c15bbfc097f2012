#include "daemon/hostid.h"

#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "daemon/config.h"

enum { MACHINE_ID_BYTES = 64 };

/* Boards without a UUID have all digits the same. */
static bool is_uniform(const uint8_t uuid[UUID_LEN])
{
    return uuid[0] >> 4 == (uuid[0] & 15) && !memcmp(uuid, uuid + 1, UUID_LEN - 1);
}

static int parse(const char *text, const char *what, uint8_t ret[UUID_LEN], struct err *e)
{
    if (!uuid_parse(text, ret) || is_uniform(ret))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "%s: '%s' is no UUID of a host", what, text);
    return 0;
}

int hostid_read(struct config *c, const char *machine_id, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    memset(c->host_id, 0, sizeof(c->host_id));
    if (!str_empty(c->host_uuid))
        return parse(c->host_uuid, "host_uuid", c->host_id, e);
    if (str_eq(c->host_uuid_source, "smbios"))
        return 0;
    if (!str_eq(c->host_uuid_source, "machine-id"))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "host_uuid_source is smbios or machine-id, not '%s'",
                    c->host_uuid_source);
    if (file_read(machine_id, MACHINE_ID_BYTES, &text, &len, e))
        return wrap(e, "host_uuid_source");
    text[strcspn(text, "\n")] = '\0';
    return parse(text, machine_id, c->host_id, e);
}
