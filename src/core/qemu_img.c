#include "core/qemu_img.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/volume.h"

enum { FIRST_FD = 3, SECOND_FD = 4, WORDS_MAX = 16, SAID_MAX = 1000 };

/* What it may be given; NULL is the end. */
struct words {
    const char *word[WORDS_MAX];
    size_t n;
};

static void add(struct words *w, const char *word)
{
    if (w->n < WORDS_MAX - 1)
        w->word[w->n++] = word;
}

/* fd and more become 3 and 4; the others are all closed on exec. Signals as a program expects
 * them. */
static int spawn(pid_t *ret, const struct words *w, int fd, int more, int said)
{
    posix_spawn_file_actions_t acts;
    posix_spawnattr_t attr;
    sigset_t all, none;
    posix_spawn_file_actions_init(&acts);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_addopen(&acts, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&acts, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&acts, said, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&acts, fd, FIRST_FD);
    if (more >= 0)
        posix_spawn_file_actions_adddup2(&acts, more, SECOND_FD);
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
    char *const environment[] = {path, language, NULL};
    int r = posix_spawnp(ret, "qemu-img", &acts, &attr, (char *const *)w->word, environment);
    posix_spawn_file_actions_destroy(&acts);
    posix_spawnattr_destroy(&attr);
    return r;
}

static int ended(pid_t pid, int said, struct err *e)
{
    char text[SAID_MAX + 1];
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail_errno(e, "cannot wait for qemu-img");
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return 0;
    ssize_t n = pread(said, text, SAID_MAX, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return fail(e, ERR_OPERATION_FAILED, "%s", *text ? text : "qemu-img was killed");
}

/* Descriptors above those that the child gets, so that no dup2 hits one that it still needs. */
static int lift(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, SECOND_FD + 1);
}

static int run(const struct words *w, int fd, int more, struct err *e)
{
    pid_t pid;
    CLEANUP_CLOSE int said = memfd_create("qemu-img", MFD_CLOEXEC);
    CLEANUP_CLOSE int first = lift(fd);
    CLEANUP_CLOSE int second = lift(more);
    CLEANUP_CLOSE int high = lift(said);
    if (first < 0 || high < 0 || (more >= 0 && second < 0))
        return fail_errno(e, "cannot start qemu-img");
    errno = spawn(&pid, w, first, second, high);
    if (errno)
        return fail_errno(e, "cannot start qemu-img");
    return ended(pid, high, e);
}

int qemu_img_create(int fd, const struct volume_order *o, struct err *e)
{
    char size[24];
    struct words w = {0};
    snprintf(size, sizeof(size), "%llu", (unsigned long long)o->capacity);
    add(&w, "qemu-img");
    add(&w, "create");
    add(&w, "-q");
    add(&w, "-f");
    add(&w, o->format);
    if (o->backing) {
        add(&w, "-b");
        add(&w, o->backing);
        add(&w, "-F");
        add(&w, o->backing_format ? o->backing_format : "raw");
    }
    add(&w, "/dev/fd/3");
    add(&w, size);
    return run(&w, fd, -1, e);
}

int qemu_img_convert(int from_fd, const char *from_format, int fd, const char *format,
                     struct err *e)
{
    struct words w = {.word = {"qemu-img", "convert", "-q", "-f", from_format, "-O", format,
                               "/dev/fd/3", "/dev/fd/4"},
                      .n = 9};
    return run(&w, from_fd, fd, e);
}

int qemu_img_resize(int fd, const char *format, uint64_t capacity, bool shrinks, struct err *e)
{
    char size[24];
    snprintf(size, sizeof(size), "%llu", (unsigned long long)capacity);
    struct words w = {.word = {"qemu-img", "resize", "-q", "-f", format}, .n = 5};
    if (shrinks)
        add(&w, "--shrink");
    add(&w, "/dev/fd/3");
    add(&w, size);
    return run(&w, fd, -1, e);
}
