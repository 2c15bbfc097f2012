#include "client/remote_module.h"

extern const struct client_remote xvirt_client_remote;
__attribute__((visibility("default"))) const struct client_remote xvirt_client_remote = {
    .abi = CLIENT_REMOTE_ABI,
    .tls_start = tls_start,
    .sasl_run = sasl_run,
    .pki_authority = pki_authority,
    .pki_leaf = pki_leaf,
};
