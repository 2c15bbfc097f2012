/* Any bytes as S-expressions. */
#include "fuzz_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_conf(CONF_SXPR, data, size);
}
