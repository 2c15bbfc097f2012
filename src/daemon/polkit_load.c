#include "base/module.h"
#include "daemon/polkit.h"

const struct polkit_ops *polkit_load(struct err *e)
{
    return module_load(NULL, "", "daemon-polkit.so", "xvirt_polkit", POLKIT_ABI, "polkit", e);
}
