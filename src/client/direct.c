#include "client/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/socket.h"

extern char **environ;

enum { CHILD_FD = 3, GOODBYE_MS = 2000 };

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

static int spawn(const char *program, int fd, pid_t *ret, struct err *e)
{
    char name[] = "xvirtd", option[] = "--private", number[] = "3";
    char *argv[] = {name, option, number, NULL};
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&acts);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&acts, fd, CHILD_FD);
    posix_spawnattr_setpgroup(&attr, 0); /* ^C is for the command, which then says goodbye */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    errno = posix_spawn(ret, program, &acts, &attr, argv, environ);
    int r = errno ? fail_errno(e, "cannot start '%s'", program) : 0;
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&acts);
    return r;
}

struct child {
    pid_t pid;
    struct transport inner;
};

static long child_recv(struct transport *t, void *data, size_t len, struct err *e)
{
    struct child *c = t->state;
    return c->inner.recv(&c->inner, data, len, e);
}

static long child_send(struct transport *t, const void *data, size_t len, struct err *e)
{
    struct child *c = t->state;
    return c->inner.send(&c->inner, data, len, e);
}

/* The daemon ends by itself when its connection is closed; one that still has work is left to it.
 */
static void child_close(struct transport *t)
{
    struct child *c = t->state;
    c->inner.close(&c->inner);
    for (int ms = 0; ms < GOODBYE_MS && !waitpid(c->pid, NULL, WNOHANG); ms += 10)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    free(c);
}

int direct_start(struct transport *ret, struct err *e)
{
    CLEANUP_FREE char *program = find_program();
    int pair[2];
    if (!program)
        return fail(e, ERR_NO_CONNECT,
                    "no daemon is running, and there is no xvirtd to start (XVIRTD names one)");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return fail_errno(e, "cannot make a socket pair");
    CLEANUP_CLOSE int ours = pair[0], theirs = pair[1];
    struct child *c = NEW(struct child);
    if (fcntl(ours, F_SETFL, O_NONBLOCK) || spawn(program, theirs, &c->pid, e)) {
        free(c);
        return -1;
    }
    c->inner = transport_of_socket(ours);
    *ret = (struct transport){ours, c, child_recv, child_send, .close = child_close};
    ours = -1;
    return 0;
}
