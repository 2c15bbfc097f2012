#include "net/remote.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#ifndef XV_LIBEXEC
#define XV_LIBEXEC "/usr/lib/xvirt"
#endif

enum { PATH_BYTES = 4096 };

/* The module of the build folder that the program runs from; NULL: there is none. Caller frees. */
static char *built_module(void)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    char *path = slash ? mem_printf("%.*s/../net/net-remote.so", (int)(slash - exe), exe) : NULL;
    if (path && !access(path, R_OK))
        return path;
    free(path);
    return NULL;
}

const struct net_remote *net_remote_load(const char *dir, struct err *e)
{
    CLEANUP_FREE char *path = dir ? mem_printf("%s/net-remote.so", dir) : built_module();
    if (!path)
        path = mem_str(XV_LIBEXEC "/net-remote.so");
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        fail(e, ERR_NO_SUPPORT, "TLS and SASL are not available: %s", dlerror());
        return NULL;
    }
    const struct net_remote *r = dlsym(module, "xvirt_net_remote");
    if (r && r->abi == NET_REMOTE_ABI)
        return r;
    fail(e, ERR_NO_SUPPORT, "'%s' belongs to another build of xvirt", path);
    return NULL;
}
