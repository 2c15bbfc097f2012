#include "client/find.h"

#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"

static int by_id(struct client *c, const char *text, struct wire_domain *ret, struct err *e)
{
    uint32_t id;
    if (!parse_u32(text, 10, INT32_MAX, &id))
        return -1;
    struct wire_domain_lookup_by_id_ret r;
    if (call_domain_lookup_by_id(c, &(struct wire_domain_lookup_by_id_args){(int)id}, &r, e))
        return -1;
    *ret = r.dom;
    return 0;
}

static int by_uuid(struct client *c, const char *text, struct wire_domain *ret, struct err *e)
{
    struct wire_domain_lookup_by_uuid_args args;
    struct wire_domain_lookup_by_uuid_ret r;
    if (strlen(text) != UUID_TEXT - 1 || !uuid_parse(text, args.uuid) ||
        call_domain_lookup_by_uuid(c, &args, &r, e))
        return -1;
    *ret = r.dom;
    return 0;
}

static int by_name(struct client *c, const char *text, struct wire_domain *ret, struct err *e)
{
    struct wire_domain_lookup_by_name_ret r;
    if (call_domain_lookup_by_name(c, &(struct wire_domain_lookup_by_name_args){(char *)text}, &r,
                                   e))
        return -1;
    *ret = r.dom;
    return 0;
}

int client_find_domain(struct client *c, const char *text, int by, struct wire_domain *ret,
                       struct err *e)
{
    static int (*const ways[])(struct client *, const char *, struct wire_domain *,
                               struct err *) = {by_id, by_uuid, by_name};
    struct err last = {0};
    for (int i = 0; i < 3; i++) {
        struct err one = {0};
        if (!(by & 1 << i))
            continue;
        if (!ways[i](c, text, ret, &one))
            return 0;
        if (one.code)
            last = one;
    }
    if (last.code && last.code != ERR_NO_DOMAIN) {
        *e = last;
        return wrap(e, "failed to get domain '%s'", text);
    }
    return fail(e, ERR_NO_DOMAIN, "failed to get domain '%s'", text);
}
