#include "pty.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

static const char folder[] = "/dev/pts/", label[] = "tty-index:";
enum { FDINFO_BYTES = 4096 };

bool pty_number(const char *path, uint32_t *ret)
{
    size_t n = sizeof(folder) - 1;
    return str_starts(path, folder) && path[n] >= '0' && path[n] <= '9' &&
           parse_u32(path + n, 10, INT32_MAX, ret);
}

static bool is_master(uint32_t pid, const char *fd)
{
    char target[PATH_MAX];
    CLEANUP_FREE char *path = mem_printf("/proc/%u/fd/%s", pid, fd);
    ssize_t n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return false;
    target[n] = 0;
    return str_ends(target, "/ptmx");
}

/* Of the descriptor of a master. */
static bool has_number(uint32_t pid, const char *fd, uint32_t number)
{
    CLEANUP_FREE char *path = mem_printf("/proc/%u/fdinfo/%s", pid, fd), *text = NULL;
    size_t len;
    uint32_t index;
    if (file_read(path, FDINFO_BYTES, &text, &len, NULL))
        return false;
    const char *at = strstr(text, label);
    if (!at)
        return true;
    at += sizeof(label) - 1;
    at += strspn(at, " \t");
    CLEANUP_FREE char *word = mem_strn(at, strcspn(at, "\n"));
    return parse_u32(word, 10, INT32_MAX, &index) && index == number;
}

bool pty_is_of(uint32_t pid, uint32_t number)
{
    CLEANUP_FREE char *path = mem_printf("/proc/%u/fd", pid);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    bool is_found = false;
    while (dir && !is_found && (entry = readdir(dir)))
        is_found = is_master(pid, entry->d_name) && has_number(pid, entry->d_name, number);
    if (dir)
        closedir(dir);
    return is_found;
}
