/* What this host offers to the guests that are read for it: types, and the files of its Xen. Filled
 * once, when the host has been opened. */
#pragma once
#include "daemon/cpu.h"
#include "model/complete.h"

struct config;
struct host;

enum { HOSTCAPS_PATH = 256 };

struct hostcaps {
    struct domain_caps caps; /* its texts are those below */
    uint32_t xen_major, xen_minor;
    struct cpu_set cpu;
    bool no_shadow; /* this Xen cannot tell which pages a PV guest writes */
    char loader[HOSTCAPS_PATH], ovmf[HOSTCAPS_PATH], emulator[HOSTCAPS_PATH];
};
int hostcaps_fill(struct hostcaps *hc, struct host *host, const struct config *c, struct err *e);
