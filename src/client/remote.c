#include "client/remote.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#ifndef XV_LIBEXEC
#define XV_LIBEXEC "/usr/lib/xvirt"
#endif

enum { PATH_BYTES = 4096 };

/* The folder of the running program with a tail, or NULL. Caller frees. */
static char *beside_program(const char *tail)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    return slash ? mem_printf("%.*s%s", (int)(slash - exe), exe, tail) : NULL;
}

/* $XVIRT_MODULES, the build folder that the program runs from, or where it is installed. */
static char *find_module(void)
{
    const char *named = getenv("XVIRT_MODULES");
    if (!str_empty(named))
        return mem_printf("%s/client-remote.so", named);
    char *built = beside_program("/../client/client-remote.so");
    if (built && !access(built, R_OK))
        return built;
    free(built);
    return mem_str(XV_LIBEXEC "/client-remote.so");
}

const struct client_remote *client_remote_load(struct err *e)
{
    CLEANUP_FREE char *path = find_module();
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        fail(e, ERR_NO_SUPPORT, "TLS and SASL are not available: %s", dlerror());
        return NULL;
    }
    const struct client_remote *r = dlsym(module, "xvirt_client_remote");
    if (r && r->abi == CLIENT_REMOTE_ABI)
        return r;
    fail(e, ERR_NO_SUPPORT, "'%s' belongs to another build of xvirt", path);
    return NULL;
}
