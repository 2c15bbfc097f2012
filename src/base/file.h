/* Files. Everything that must survive a power cut is written by file_write_atomic: temporary file,
 * fsync, rename, fsync of the folder. Sizes read are bounded by the caller. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

#include "err.h"

/* The whole file, NUL-terminated; more than max bytes is an error. "-" is stdin. Caller frees *ret
 * with free. */
int file_read(const char *path, size_t max, char **ret, size_t *ret_len, struct err *e);

/* Replaces dir/name as a whole or not at all; symlinks in the way are replaced, not followed.
 * `name` has no '/'. */
int file_write_atomic(const char *dir, const char *name, const char *data, size_t len, mode_t mode,
                      struct err *e);

/* Removes dir/name and syncs the folder; a file that is not there is fine. */
int file_remove(const char *dir, const char *name, struct err *e);

/* Makes path and its parents, mode for the ones it makes. */
int file_make_dirs(const char *path, mode_t mode, struct err *e);

/* Why a name that comes from outside may not name a file in a folder of ours (".xml" and the like
 * may be appended); NULL: it may. */
const char *file_name_fault(const char *name);

/* Writes all bytes, across EINTR and short writes. */
int file_write_all(int fd, const void *data, size_t len, struct err *e);

static inline void close_fd(int *fd)
{
    extern int close(int);
    if (*fd >= 0)
        close(*fd);
}
#define CLEANUP_CLOSE __attribute__((cleanup(close_fd)))
