/* Preloaded into a daemon: a disk that is slow, or broken. The file named by SLOW_SYNC says how: a
 * number of milliseconds that each fsync takes, or "fail". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int fsync(int fd)
{
    char how[32] = "";
    const char *path = getenv("SLOW_SYNC");
    FILE *f = path ? fopen(path, "re") : NULL;
    if (f) {
        (void)!fgets(how, sizeof(how), f);
        fclose(f);
    }
    if (!strncmp(how, "fail", 4)) {
        errno = EIO;
        return -1;
    }
    long ms = 0;
    (void)sscanf(how, "%ld", &ms);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    return (int)syscall(SYS_fsync, fd);
}
