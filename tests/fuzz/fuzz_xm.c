/* Any bytes as xm. */
#include "fuzz_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_conf(CONF_XM, data, size);
}
