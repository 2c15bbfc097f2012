/* Hooks of the table in config.c that are no device's: what a row cannot say (config_boot.c,
 * config_misc.c). Each writes into, or reads from, a libxl_domain_config. */
#pragma once
#include "map.h"
#include "xl.h"

#define CONFIG_HOOK(name) \
    int name##_write(const struct map_env *env, const void *m, void *x, struct err *e); \
    void name##_read(const struct map_env *env, const void *x, void *m)

CONFIG_HOOK(kernel);
CONFIG_HOOK(bootloader);
CONFIG_HOOK(firmware);
CONFIG_HOOK(boot);
CONFIG_HOOK(smbios);
CONFIG_HOOK(dm_kind);
CONFIG_HOOK(memory);
CONFIG_HOOK(clock);
CONFIG_HOOK(seclabel);
CONFIG_HOOK(viridian);
CONFIG_HOOK(genid);
CONFIG_HOOK(mca);
CONFIG_HOOK(resources);
CONFIG_HOOK(colors);
CONFIG_HOOK(sve);
