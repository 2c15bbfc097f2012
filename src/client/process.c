#include "client/process.h"

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

enum { GOODBYE_MS = 2000, SAID_MAX = 2048 };

struct process {
    pid_t pid;
    char *name;
    struct transport inner;
    int err_fd;      /* its stderr, or -1 */
    struct str said; /* the first SAID_MAX bytes of it */
};

static void listen_to_stderr(struct process *p)
{
    char block[512];
    ssize_t n;
    while (p->err_fd >= 0 && (n = read(p->err_fd, block, sizeof(block))) > 0) {
        size_t room = SAID_MAX - p->said.len;
        str_addn(&p->said, block, (size_t)n < room ? (size_t)n : room);
    }
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

/* Waits for the child's end, for at most GOODBYE_MS; one that still has work is left to it. */
static bool reap(struct process *p, int *ret_status)
{
    for (int ms = 0; p->pid > 0 && ms < GOODBYE_MS; ms += 10) {
        if (waitpid(p->pid, ret_status, WNOHANG)) {
            p->pid = 0;
            return true;
        }
        pause_ms(10);
    }
    return false;
}

/* The child has closed its end: why? */
static int ended(struct process *p, struct err *e)
{
    int status = 0;
    bool has_status = reap(p, &status);
    listen_to_stderr(p);
    while (p->said.len && strchr("\r\n ", p->said.p[p->said.len - 1]))
        str_cut(&p->said, p->said.len - 1);
    if (p->said.len)
        return fail(e, ERR_RPC, "%s: %s", p->name, p->said.p);
    if (has_status && WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return fail(e, ERR_RPC, "%s: the program is missing", p->name);
    if (has_status && WIFEXITED(status) && WEXITSTATUS(status))
        return fail(e, ERR_RPC, "%s ended with status %d", p->name, WEXITSTATUS(status));
    return 0;
}

static long process_recv(struct transport *t, void *data, size_t len, struct err *e)
{
    struct process *p = t->state;
    long n = p->inner.recv(&p->inner, data, len, e);
    if (n == 0)
        return ended(p, e);
    if (n == TRANSPORT_AGAIN)
        listen_to_stderr(p); /* so that it never waits for us to read it */
    return n;
}

static long process_send(struct transport *t, const void *data, size_t len, struct err *e)
{
    struct process *p = t->state;
    long n = p->inner.send(&p->inner, data, len, e);
    return n == -1 && ended(p, e) ? -1 : n;
}

static void process_close(struct transport *t)
{
    struct process *p = t->state;
    int status;
    p->inner.close(&p->inner);
    reap(p, &status);
    close_fd(&p->err_fd);
    str_clear(&p->said);
    free(p->name);
    free(p);
}

static int spawn(char *const argv[], enum process_how how, int fd, int err_fd, pid_t *ret,
                 struct err *e)
{
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&acts);
    posix_spawnattr_init(&attr);
    if (how == PROCESS_STDIO) {
        posix_spawn_file_actions_adddup2(&acts, fd, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&acts, fd, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&acts, err_fd, STDERR_FILENO);
    } else {
        posix_spawn_file_actions_adddup2(&acts, fd, PROCESS_FD);
        posix_spawnattr_setpgroup(&attr, 0);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
    }
    errno = posix_spawnp(ret, argv[0], &acts, &attr, argv, environ);
    int r = errno ? fail_errno(e, "cannot start '%s'", argv[0]) : 0;
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&acts);
    return r;
}

int process_start(char *const argv[], enum process_how how, struct transport *ret, struct err *e)
{
    int pair[2] = {-1, -1}, err_pipe[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return fail_errno(e, "cannot make a socket pair");
    CLEANUP_CLOSE int ours = pair[0], theirs = pair[1];
    if (how == PROCESS_STDIO && pipe2(err_pipe, O_CLOEXEC))
        return fail_errno(e, "cannot make a pipe");
    CLEANUP_CLOSE int err_read = err_pipe[0], err_write = err_pipe[1];
    pid_t pid;
    if (fcntl(ours, F_SETFL, O_NONBLOCK) || (err_read >= 0 && fcntl(err_read, F_SETFL, O_NONBLOCK)))
        return fail_errno(e, "cannot set up a socket pair");
    if (spawn(argv, how, theirs, err_write, &pid, e))
        return -1;
    struct process *p = NEW(struct process);
    const char *slash = strrchr(argv[0], '/');
    *p = (struct process){pid, mem_str(slash ? slash + 1 : argv[0]), transport_of_socket(ours),
                          err_read};
    *ret = (struct transport){ours, p, process_recv, process_send, .close = process_close};
    ours = err_read = -1;
    return 0;
}
