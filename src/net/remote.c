#include "net/remote.h"

#include "base/module.h"

const struct net_remote *net_remote_load(const char *dir, struct err *e)
{
    return module_load(dir, "/../net", "net-remote.so", "xvirt_net_remote", NET_REMOTE_ABI,
                       "TLS and SASL", e);
}
