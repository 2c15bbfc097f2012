#include "model/cpuname.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *libvirt, *libxl;
} names[] = {
    {"cx16", "cmpxchg16"},
    {"cid", "cntxid"},
    {"ds_cpl", "dscpl"},
    {"pclmuldq", "pclmulqdq"},
    {"pni", "sse3"},
    {"ht", "htt"},
    {"pn", "psn"},
    {"clflush", "clfsh"},
    {"sep", "sysenter"},
    {"cx8", "cmpxchg8"},
    {"nodeid_msr", "nodeid"},
    {"cr8legacy", "altmovcr8"},
    {"lahf_lm", "lahfsahf"},
    {"cmp_legacy", "cmplegacy"},
    {"fxsr_opt", "ffxsr"},
    {"pdpe1gb", "page1gb"},
    {"spec-ctrl", "ibrsb"},
};
enum { NAMES = sizeof(names) / sizeof(*names) };

const char *cpuname_to_libxl(const char *libvirt)
{
    for (size_t i = 0; i < NAMES; i++)
        if (!strcmp(names[i].libvirt, libvirt))
            return names[i].libxl;
    return libvirt;
}

const char *cpuname_to_libvirt(const char *libxl)
{
    for (size_t i = 0; i < NAMES; i++)
        if (!strcmp(names[i].libxl, libxl))
            return names[i].libvirt;
    return libxl;
}
