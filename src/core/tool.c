/* Programs that a worker runs: qemu-img and LVM's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snap_priv.h"

enum { TOOL_SAYS_MAX = 1 << 20, TOOL_ERRORS_MAX = 8192, TOOL_LOOK_MS = 100 };

static int spawn(const char *const argv[], int to, int errors, pid_t *ret, struct err *e)
{
    static char locale[] = "LC_ALL=C", path_word[] = "PATH=";
    const char *path = getenv("PATH");
    CLEANUP_FREE char *path_env =
        mem_printf("%s%s", path_word, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    char *env[] = {locale, path_env, NULL};
    posix_spawn_file_actions_t acts;
    posix_spawn_file_actions_init(&acts);
    posix_spawn_file_actions_addopen(&acts, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&acts, to, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&acts, errors, STDERR_FILENO);
    errno = posix_spawnp(ret, argv[0], &acts, NULL, (char *const *)argv, env);
    int r = !errno            ? 0
            : errno == ENOENT ? fail(e, ERR_OPERATION_FAILED, "'%s' is not installed", argv[0])
                              : fail_errno(e, "cannot run '%s'", argv[0]);
    posix_spawn_file_actions_destroy(&acts);
    return r;
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

int tool_run(const char *const argv[], struct hv_progress *p, struct str *out, struct err *e)
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
    if (spawn(argv, to, errors, &pid, e))
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
