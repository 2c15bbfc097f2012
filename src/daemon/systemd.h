/* What systemd and its like want of a daemon: sockets passed in by name, and being told when it is
 * ready. Without them every function does nothing. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { SYSTEMD_FDS_MAX = 16 };

struct systemd_fd {
    int fd;
    char name[64]; /* FileDescriptorName=, "unknown" without one */
};

void systemd_notify(const char *state); /* "READY=1", "STOPPING=1", "RELOADING=1" */
/* The sockets passed to this process; the environment is cleared so that children get none. Returns
 * how many. */
size_t systemd_fds(struct systemd_fd ret[SYSTEMD_FDS_MAX]);
bool systemd_has_journal(void); /* is stderr connected to the journal? */
