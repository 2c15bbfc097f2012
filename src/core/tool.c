#include "tool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "hv/hv.h"

enum { TOOL_SAYS_MAX = 1 << 20, TOOL_ERRORS_MAX = 8192, TOOL_LOOK_MS = 100, OUTPUTS = 2 };

/* Above those that the program gets, so that no dup2 hits one that it still needs. */
static int lift(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, TOOL_FIRST_FD + TOOL_FDS_MAX);
}

/* Signals as a program expects them. */
static void set_signals(posix_spawnattr_t *attr)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* fds are its standard output, its standard error, 3, ...; returns an errno. */
static int spawn(const char *const argv[], const int *fds, size_t n, pid_t *ret)
{
    static char locale[] = "LC_ALL=C";
    const char *path = getenv("PATH");
    CLEANUP_FREE char *path_env =
        mem_printf("PATH=%s", path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    char *env[] = {locale, path_env, NULL};
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&acts);
    posix_spawnattr_init(&attr);
    set_signals(&attr);
    int r = posix_spawn_file_actions_addopen(&acts, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (size_t i = 0; i < n && !r; i++)
        r = posix_spawn_file_actions_adddup2(&acts, fds[i], STDOUT_FILENO + (int)i);
    if (!r)
        r = posix_spawnp(ret, argv[0], &acts, &attr, (char *const *)argv, env);
    posix_spawn_file_actions_destroy(&acts);
    posix_spawnattr_destroy(&attr);
    return r;
}

static int start(const char *const argv[], const int *fds, size_t n, pid_t *ret, struct err *e)
{
    int high[OUTPUTS + TOOL_FDS_MAX] = {0}, r = 0;
    size_t k = 0;
    for (; k < n && !r; k++)
        r = (high[k] = lift(fds[k])) < 0 ? errno : 0;
    if (!r)
        r = spawn(argv, high, n, ret);
    while (k)
        close_fd(&high[--k]);
    errno = r;
    return !r            ? 0
           : r == ENOENT ? fail(e, ERR_OPERATION_FAILED, "'%s' is not installed", argv[0])
                         : fail_errno(e, "cannot run '%s'", argv[0]);
}

/* Until it closes its end. False: it is to be stopped. */
static bool listen_to(int fd, struct hv_progress *p, struct str *out)
{
    char block[4096];
    for (;;) {
        struct pollfd f = {.fd = fd, .events = POLLIN};
        if (p && __atomic_load_n(&p->abort_wanted, __ATOMIC_ACQUIRE))
            return false;
        if (poll(&f, 1, TOOL_LOOK_MS) <= 0)
            continue;
        ssize_t n = read(fd, block, sizeof(block));
        if (!n || (n < 0 && errno != EINTR))
            return true;
        if (n > 0 && out->len + (size_t)n <= TOOL_SAYS_MAX)
            str_addn(out, block, (size_t)n);
    }
}

/* The last one that says something; LVM ends with where help is. Cuts what is behind it. */
static const char *last_line(char *said)
{
    char *line = said;
    for (size_t n = strlen(said);; n = (size_t)(line - said)) {
        while (n && strchr("\n ", said[n - 1]))
            n--;
        said[n] = 0;
        char *nl = strrchr(said, '\n');
        line = nl ? nl + 1 : said;
        while (*line == ' ')
            line++;
        if (!nl || !str_starts(line, "Run `"))
            return line;
    }
}

static int conclude(const char *name, int status, int errors, struct err *e)
{
    char said[TOOL_ERRORS_MAX + 1];
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return 0;
    ssize_t n = pread(errors, said, TOOL_ERRORS_MAX, 0);
    said[n > 0 ? n : 0] = 0;
    const char *line = last_line(said);
    if (*line)
        return fail(e, ERR_OPERATION_FAILED, "%s%s%s", str_starts(line, name) ? "" : name,
                    str_starts(line, name) ? "" : ": ", line);
    if (WIFSIGNALED(status))
        return fail(e, ERR_OPERATION_FAILED, "%s: ended by signal %d", name, WTERMSIG(status));
    return fail(e, ERR_OPERATION_FAILED, "%s: ended with status %d", name, WEXITSTATUS(status));
}

int tool_run_on(const char *const argv[], const int *fds, size_t n_fds, struct hv_progress *p,
                struct str *out, struct err *e)
{
    int ends[2], status = 0;
    pid_t pid;
    CLEANUP_STR struct str said = {0};
    if (pipe2(ends, O_CLOEXEC))
        return fail_errno(e, "cannot make a pipe");
    CLEANUP_CLOSE int from = ends[0], to = ends[1];
    CLEANUP_CLOSE int errors = memfd_create(argv[0], MFD_CLOEXEC);
    if (errors < 0)
        return fail_errno(e, "cannot run '%s'", argv[0]);
    int all[OUTPUTS + TOOL_FDS_MAX] = {to, errors};
    assert(n_fds <= TOOL_FDS_MAX);
    for (size_t i = 0; i < n_fds; i++)
        all[OUTPUTS + i] = fds[i];
    if (start(argv, all, OUTPUTS + n_fds, &pid, e))
        return -1;
    close_fd(&to);
    to = -1;
    bool is_wanted = listen_to(from, p, &said);
    if (!is_wanted)
        kill(pid, SIGTERM);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail_errno(e, "cannot wait for '%s'", argv[0]);
    if (!is_wanted)
        return fail(e, ERR_OPERATION_ABORTED, "%s was aborted", argv[0]);
    if (conclude(argv[0], status, errors, e))
        return -1;
    if (out)
        str_add(out, str_get(&said));
    return 0;
}

int tool_run(const char *const argv[], struct hv_progress *p, struct str *out, struct err *e)
{
    return tool_run_on(argv, NULL, 0, p, out, e);
}
