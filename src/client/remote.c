#include "client/remote.h"

#include "base/module.h"
#include "base/str.h"

const struct client_remote *client_remote_load(struct err *e)
{
    const char *dir = getenv("XVIRT_MODULES");
    return module_load(str_empty(dir) ? NULL : dir, "/../client", "client-remote.so",
                       "xvirt_client_remote", CLIENT_REMOTE_ABI, "TLS and SASL", e);
}
