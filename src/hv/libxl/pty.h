/* Terminals that xenstore names in a folder which the guest may write: whose are they? Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "/dev/pts/NUMBER" and nothing else. */
bool pty_number(const char *path, uint32_t *ret);

/* Has this process the other end of /dev/pts/NUMBER? Where the kernel cannot tell (before Linux
 * 4.15): has it any. */
bool pty_is_of(uint32_t pid, uint32_t number);
