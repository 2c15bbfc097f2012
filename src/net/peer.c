#include "net/peer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "net/tcp.h"

enum { STAT_START_TIME = 22, STAT_BYTES_MAX = 4096 };

/* Field 22 of /proc/PID/stat. The command name before it may hold anything, so fields are counted
 * from its last closing parenthesis, which ends field 2. */
static uint64_t start_ticks(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read(path, STAT_BYTES_MAX, &text, &len, NULL))
        return 0;
    char *p = strrchr(text, ')');
    for (int field = 2; p && field < STAT_START_TIME; field++)
        p = strchr(p + 1, ' ');
    if (!p)
        return 0;
    char *end = strchr(++p, ' ');
    if (end)
        *end = '\0';
    uint64_t ticks = 0;
    return parse_u64(p, 10, UINT64_MAX, &ticks) ? ticks : 0;
}

void peer_read(int fd, struct peer *ret)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);
    struct peer p = {0};
    struct sockaddr_storage addr;
    socklen_t addr_len = sizeof(addr);
    if (!getsockname(fd, (struct sockaddr *)&addr, &addr_len) && addr.ss_family == AF_UNIX &&
        !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
        p = (struct peer){.is_local = true, .uid = cred.uid, .gid = cred.gid, .pid = cred.pid};
        p.start_ticks = start_ticks(cred.pid);
    } else if (!tcp_address(fd, true, ':', p.address)) {
        p.address[0] = '\0';
    }
    *ret = p;
}
