#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "str.h"

enum { NAME_SUFFIX_MAX = 16 };

int file_read(const char *path, size_t max, char **ret, size_t *ret_len, struct err *e)
{
    CLEANUP_CLOSE int opened = -1;
    int fd = 0;
    if (!str_eq(path, "-")) {
        fd = opened = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return fail_errno(e, "cannot open '%s'", path);
    }
    CLEANUP_STR struct str s = {0};
    char buf[16384];
    ssize_t n;
    while ((n = read(fd, buf, sizeof(buf)))) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "cannot read '%s'", path);
        if (s.len + (size_t)n > max)
            return fail(e, ERR_OVERFLOW, "'%s' is larger than %zu bytes", path, max);
        str_addn(&s, buf, (size_t)n);
    }
    if (ret_len)
        *ret_len = s.len;
    *ret = str_take(&s);
    return 0;
}

int file_write_all(int fd, const void *data, size_t len, struct err *e)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "cannot write");
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int dir_open(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? fail_errno(e, "cannot open folder '%s'", dir) : fd;
}

static int write_new(int dirfd, const char *tmp, const char *data, size_t len, mode_t mode,
                     struct err *e)
{
    (void)unlinkat(dirfd, tmp, 0);
    CLEANUP_CLOSE int fd =
        openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", tmp);
    if (fchmod(fd, mode))
        return fail_errno(e, "cannot set the mode of '%s'", tmp);
    if (file_write_all(fd, data, len, e))
        return wrap(e, "'%s'", tmp);
    return fsync(fd) ? fail_errno(e, "cannot sync '%s'", tmp) : 0;
}

int file_write_atomic(const char *dir, const char *name, const char *data, size_t len, mode_t mode,
                      struct err *e)
{
    CLEANUP_CLOSE int dirfd = dir_open(dir, e);
    if (dirfd < 0)
        return -1;
    char tmp[NAME_MAX + 1];
    if (snprintf(tmp, sizeof(tmp), ".%s.new", name) >= (int)sizeof(tmp))
        return fail(e, ERR_INVALID_ARG, "file name '%s' is too long", name);
    if (write_new(dirfd, tmp, data, len, mode, e)) {
        (void)unlinkat(dirfd, tmp, 0);
        return wrap(e, "folder '%s'", dir);
    }
    if (renameat(dirfd, tmp, dirfd, name))
        return fail_errno(e, "cannot rename '%s/%s'", dir, tmp);
    return fsync(dirfd) ? fail_errno(e, "cannot sync folder '%s'", dir) : 0;
}

int file_remove(const char *dir, const char *name, struct err *e)
{
    CLEANUP_CLOSE int dirfd = dir_open(dir, e);
    if (dirfd < 0)
        return -1;
    if (unlinkat(dirfd, name, 0) && errno != ENOENT)
        return fail_errno(e, "cannot remove '%s/%s'", dir, name);
    return fsync(dirfd) ? fail_errno(e, "cannot sync folder '%s'", dir) : 0;
}

const char *file_name_fault(const char *name)
{
    if (str_empty(name))
        return "it is empty";
    if (strlen(name) > NAME_MAX - NAME_SUFFIX_MAX)
        return "it is too long";
    if (name[0] == '.')
        return "it begins with a dot";
    for (const char *p = name; *p; p++) {
        if (*p == '/')
            return "it contains a slash";
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return "it contains a control character";
    }
    return NULL;
}

int file_make_dirs(const char *path, mode_t mode, struct err *e)
{
    CLEANUP_FREE char *copy = mem_str(path);
    for (char *p = copy + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char was = *p;
        *p = 0;
        if (mkdir(copy, mode) && errno != EEXIST)
            return fail_errno(e, "cannot create folder '%s'", copy);
        *p = was;
        if (!was)
            return 0;
    }
}
