/* Features of CPUs that libvirt and libxl name differently; all others have one name. */
#pragma once

/* Borrowed: a constant or the word itself. */
const char *cpuname_to_libxl(const char *libvirt);
const char *cpuname_to_libvirt(const char *libxl);
