/* Any bytes as libxl_domain_config. */
#include "fuzz_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_conf(CONF_JSON, data, size);
}
