#include "client/auth.h"

#include "base/str.h"
#include "client/calls.h"
#include "client/remote.h"
#include "wire/consts.h"

static int polkit(struct client *c, struct err *e)
{
    struct wire_auth_polkit_ret ret;
    if (!call_auth_polkit(c, &ret, e))
        return 0;
    return wrap(e, "the server wants polkit's permission (be root, or let an agent ask you)");
}

static const char *const type_names[] = {"none", "sasl", "polkit"};

static bool offers(const struct wire_auth_list_ret *list, int type)
{
    for (size_t i = 0; i < list->n_types; i++)
        if (list->types[i] == type)
            return true;
    return !list->n_types && type == WIRE_AUTH_TYPE_NONE;
}

/* auth=TYPE or auth=sasl.MECHANISM chooses; otherwise the server's first. */
static int choose(const struct uri *u, const struct wire_auth_list_ret *list, const char **ret_mech,
                  int *ret, struct err *e)
{
    const char *wish = uri_param(u, "auth");
    *ret_mech = NULL;
    *ret = list->n_types ? list->types[0] : WIRE_AUTH_TYPE_NONE;
    if (!wish)
        return 0;
    if (str_starts(wish, "sasl.")) {
        *ret_mech = wish + 5;
        wish = "sasl";
    }
    for (int type = 0; type < 3; type++) {
        if (!str_eq(wish, type_names[type]))
            continue;
        *ret = type;
        return offers(list, type)
                   ? 0
                   : fail(e, ERR_AUTH_FAILED, "auth=%s is wanted, but the server does not offer it",
                          wish);
    }
    return fail(e, ERR_INVALID_ARG, "auth=%s is none of none, sasl, polkit", wish);
}

static int sasl(struct client *c, const struct uri *u, const char *mech,
                const struct client_options *o, struct err *e)
{
    const struct client_remote *remote = client_remote_load(e);
    return remote ? remote->sasl_run(c, client_call, u, mech, o, e) : -1;
}

int auth_run(struct client *c, const struct uri *u, const struct client_options *o, struct err *e)
{
    struct wire_auth_list_ret list;
    const char *mech;
    int type = 0;
    if (call_auth_list(c, &list, e))
        return -1;
    int r = choose(u, &list, &mech, &type, e);
    wire_clear(&wire_type_auth_list_ret, &list);
    if (r)
        return r;
    switch ((enum wire_auth_type)type) {
    case WIRE_AUTH_TYPE_NONE:
        return 0;
    case WIRE_AUTH_TYPE_POLKIT:
        return polkit(c, e);
    case WIRE_AUTH_TYPE_SASL:
        return sasl(c, u, mech, o, e);
    }
    return fail(e, ERR_AUTH_FAILED, "the server wants authentication of an unknown type");
}
