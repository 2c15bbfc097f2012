#include "daemon/systemd.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { FIRST_FD = 3 };

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof(addr.sun_path) || (*path != '/' && *path != '@'))
        return;
    memcpy(addr.sun_path, path, n);
    if (*path == '@')
        addr.sun_path[0] = '\0'; /* the abstract namespace */
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr, len);
}

/* The i-th of the names that a colon separates. */
static void fd_name(const char *names, size_t i, char ret[64])
{
    for (; names && i; i--) {
        names = strchr(names, ':');
        names = names ? names + 1 : NULL;
    }
    size_t n = names ? strcspn(names, ":") : 0;
    snprintf(ret, 64, "%.*s", (int)(n ? n : 7), n ? names : "unknown");
}

size_t systemd_fds(struct systemd_fd ret[SYSTEMD_FDS_MAX])
{
    uint64_t pid;
    uint32_t n = 0;
    const char *pid_text = getenv("LISTEN_PID"), *n_text = getenv("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    if (!pid_text || !n_text || !parse_u64(pid_text, 10, INT32_MAX, &pid) ||
        pid != (uint64_t)getpid() || !parse_u32(n_text, 10, SYSTEMD_FDS_MAX, &n))
        n = 0;
    for (uint32_t i = 0; i < n; i++) {
        ret[i].fd = FIRST_FD + (int)i;
        fcntl(ret[i].fd, F_SETFD, FD_CLOEXEC);
        fd_name(names, i, ret[i].name);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return n;
}

bool systemd_has_journal(void)
{
    /* "device:inode" of the journal's socket */
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    if (!stream || fstat(STDERR_FILENO, &st))
        return false;
    char want[64];
    snprintf(want, sizeof(want), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return str_eq(stream, want);
}
