#include "daemon/polkit.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#ifndef XV_LIBEXEC
#define XV_LIBEXEC "/usr/lib/xvirt"
#endif

enum { PATH_BYTES = 4096 };

static char *find_module(void)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    char *path = slash ? mem_printf("%.*s/daemon-polkit.so", (int)(slash - exe), exe) : NULL;
    if (path && !access(path, R_OK))
        return path;
    free(path);
    return mem_str(XV_LIBEXEC "/daemon-polkit.so");
}

const struct polkit_ops *polkit_load(struct err *e)
{
    CLEANUP_FREE char *path = find_module();
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct polkit_ops *found = module ? dlsym(module, "xvirt_polkit") : NULL;
    if (!found)
        fail(e, ERR_NO_SUPPORT, "polkit is not available: %s", dlerror());
    return found;
}
