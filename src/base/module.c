#include "base/module.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#ifndef XV_LIBEXEC
#define XV_LIBEXEC "/usr/lib/xvirt"
#endif

enum { PATH_BYTES = 4096 };

/* Caller frees; NULL: it is not there. */
static char *built_file(const char *built, const char *file)
{
    char exe[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = n > 0 ? memrchr(exe, '/', (size_t)n) : NULL;
    char *path = slash ? mem_printf("%.*s%s/%s", (int)(slash - exe), exe, built, file) : NULL;
    if (path && !access(path, R_OK))
        return path;
    free(path);
    return NULL;
}

const void *module_load(const char *dir, const char *built, const char *file, const char *symbol,
                        int abi, const char *what, struct err *e)
{
    CLEANUP_FREE char *path = dir ? mem_printf("%s/%s", dir, file) : NULL;
    if (!path && built)
        path = built_file(built, file);
    if (!path)
        path = mem_printf("%s/%s", XV_LIBEXEC, file);
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        fail(e, ERR_NO_SUPPORT, "%s cannot be had: %s", what, dlerror());
        return NULL;
    }
    const int *table = dlsym(module, symbol);
    if (table && *table == abi)
        return table;
    fail(e, ERR_NO_SUPPORT, "'%s' belongs to another build of xvirt", path);
    return NULL;
}
