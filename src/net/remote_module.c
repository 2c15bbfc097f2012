#include "net/remote_module.h"

extern const struct net_remote xvirt_net_remote;
__attribute__((visibility("default"))) const struct net_remote xvirt_net_remote = {
    .abi = NET_REMOTE_ABI,
    .tls_open = tls_open,
    .tls_close = tls_close,
    .tls_transport = tls_transport,
    .tls_handshake = tls_handshake,
    .sasl_new = sasl_new,
    .sasl_free = sasl_free,
    .sasl_mechanisms = sasl_mechanisms,
    .sasl_step = sasl_step,
    .sasl_user = sasl_user,
    .sasl_ssf = sasl_ssf,
    .sasl_layer = sasl_layer,
};
