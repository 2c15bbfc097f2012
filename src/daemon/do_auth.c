/* Who the client is: the calls that are allowed before everything else. */
#include "base/vec.h"
#include "daemon/dispatch.h"

static int do_auth_list(struct call *c)
{
    struct wire_auth_list_ret *ret = c->ret;
    VEC_PUSH(ret->types, ret->n_types, WIRE_AUTH_TYPE_NONE);
    return CALL_DONE;
}

/* An exchange that this socket does not use, or a second one after success. */
static int do_auth_refuse(struct call *c)
{
    fail(&c->err, ERR_AUTH_FAILED, "authentication failed");
    c->err.domain = ERR_FROM_RPC;
    return CALL_FAILED;
}

static const struct handler rows[] = {
    {WIRE_AUTH_LIST, do_auth_list},         {WIRE_AUTH_SASL_INIT, do_auth_refuse},
    {WIRE_AUTH_SASL_START, do_auth_refuse}, {WIRE_AUTH_SASL_STEP, do_auth_refuse},
    {WIRE_AUTH_POLKIT, do_auth_refuse},
};
const struct handlers do_auth_handlers = HANDLERS(rows);
