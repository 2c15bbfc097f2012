/* Any bytes as xl.cfg. */
#include "fuzz_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_conf(CONF_XL, data, size);
}
