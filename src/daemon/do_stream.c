/* Calls that open a stream. */
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "daemon/stream.h"
#include "wire/consts.h"

static int do_console(struct call *c)
{
    const struct wire_domain_open_console_args *args = c->args;
    char path[HV_CONSOLE_PATH_MAX];
    struct guest *g = call_guest(c, &args->dom);
    if (!g || guest_console_path(g, args->dev_name, path, &c->err))
        return CALL_FAILED;
    bool force = args->flags & VIR_DOMAIN_CONSOLE_FORCE;
    bool exclusive = args->flags & VIR_DOMAIN_CONSOLE_SAFE;
    return stream_open_tty(c, path, force, exclusive) ? CALL_FAILED : CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_OPEN_CONSOLE, do_console, VIR_DOMAIN_CONSOLE_FORCE | VIR_DOMAIN_CONSOLE_SAFE},
};
const struct handlers do_stream_handlers = HANDLERS(rows);
