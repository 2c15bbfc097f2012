#include "client/direct.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "client/process.h"

bool direct_is_meant(const struct uri *u)
{
    const char *mode = uri_param(u, "mode");
    return str_eq(u->driver, "xen") && !u->transport && !u->host && !uri_param(u, "socket") &&
           (!mode || str_eq(mode, "auto")) && geteuid() == 0;
}

/* Caller frees; NULL when there is none. */
static char *find_program(void)
{
    static const char *const places[] = {"/../sbin/xvirtd", "/xvirtd", "/../daemon/xvirtd"};
    const char *named = getenv("XVIRTD");
    char own[4096];
    if (!str_empty(named))
        return mem_str(named);
    ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
    char *slash = n > 0 ? memrchr(own, '/', (size_t)n) : NULL;
    for (size_t i = 0; slash && i < sizeof(places) / sizeof(*places); i++) {
        char *path = mem_printf("%.*s%s", (int)(slash - own), own, places[i]);
        if (!access(path, X_OK))
            return path;
        free(path);
    }
    return access("/usr/sbin/xvirtd", X_OK) ? NULL : mem_str("/usr/sbin/xvirtd");
}

int direct_start(struct transport *ret, struct err *e)
{
    CLEANUP_FREE char *program = find_program();
    if (!program)
        return fail(e, ERR_NO_CONNECT,
                    "no daemon is running, and there is no xvirtd to start (XVIRTD names one)");
    char option[] = "--private", number[16];
    snprintf(number, sizeof(number), "%d", PROCESS_FD);
    char *argv[] = {program, option, number, NULL};
    return process_start(argv, PROCESS_FD3, ret, e);
}
