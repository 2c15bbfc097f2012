#include "core/volume_chain.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/volume.h"

enum {
    SECTOR = 512,
    WORD = 8,                 /* bytes of a number in these headers */
    VMDK_WORDS = 20 * SECTOR, /* qemu reads as much of a descriptor */
    VMDK_CAPACITY = 12,
    VMDK_DESCRIPTOR = 28,
    QCOW2_VERSION = 0, /* in the lower half: the magic is before it */
    QCOW2_INCOMPATIBLE = 72,
    QCOW2_DATA_ELSEWHERE = 1 << 2,
    QED_FEATURES = 16,
    QED_HAS_BACKING = 1 << 0,
};

static int refuse(struct err *e, const char *name, const char *what)
{
    return fail(e, ERR_CONFIG_UNSUPPORTED,
                "'%s' names %s: that is not read, since who writes to the volume could name any "
                "file of this host",
                name, what);
}

/* 0 where the file has ended. */
static uint64_t number_at(int fd, uint64_t at, bool is_little)
{
    uint8_t bytes[WORD] = {0};
    uint64_t v = 0;
    if (at > INT64_MAX || pread(fd, bytes, WORD, (off_t)at) != WORD)
        return 0;
    for (size_t i = 0; i < WORD; i++)
        v = v << 8 | bytes[is_little ? WORD - 1 - i : i];
    return v;
}

/* --- formats that name other files: all but qcow2's backing file is refused --- */

static int check_qcow2(int fd, const char *name, struct err *e)
{
    bool has_features = (uint32_t)number_at(fd, QCOW2_VERSION, false) >= 3;
    return has_features && number_at(fd, QCOW2_INCOMPATIBLE, false) & QCOW2_DATA_ELSEWHERE
               ? refuse(e, name, "another file for its data")
               : 0;
}

static int check_qed(int fd, const char *name, struct err *e)
{
    return number_at(fd, QED_FEATURES, true) & QED_HAS_BACKING ? refuse(e, name, "a backing file")
                                                               : 0;
}

/* Without a capacity of its own it is a list of files; the name of a parent is in its words. */
static int check_vmdk(int fd, const char *name, struct err *e)
{
    static const char parent[] = "parentFileNameHint";
    CLEANUP_FREE char *words = mem_new(1, VMDK_WORDS);
    uint64_t sector = number_at(fd, VMDK_DESCRIPTOR, true);
    if (!number_at(fd, VMDK_CAPACITY, true) || sector > INT64_MAX / SECTOR)
        return refuse(e, name, "other files for its data");
    ssize_t n = pread(fd, words, VMDK_WORDS, (off_t)(sector * SECTOR));
    return n > 0 && memmem(words, (size_t)n, parent, sizeof(parent) - 1)
               ? refuse(e, name, "a parent")
               : 0;
}

static const struct {
    const char *format;
    int (*check)(int fd, const char *name, struct err *e);
} checks[] = {{"qcow2", check_qcow2}, {"qed", check_qed}, {"vmdk", check_vmdk}};

static int check(int fd, const char *name, const char *format, struct err *e)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++)
        if (str_eq(checks[i].format, format))
            return checks[i].check(fd, name, e);
    return 0;
}

/* --- the chain --- */

static int open_below(const char *path, const char *above, const char *const dirs[], struct err *e)
{
    CLEANUP_FREE char *what = mem_printf("'%s' as what is below it, outside of all pools", path);
    for (; *dirs; dirs++) {
        size_t n = strlen(*dirs);
        if (str_starts(path, *dirs) && path[n] == '/' && !strchr(path + n + 1, '/'))
            return volume_open(*dirs, path + n + 1, false, e);
    }
    return refuse(e, above, what);
}

/* Adds the descriptor's image; what it names as below it is ret_below, or NULL. */
static int add(struct volume_chain *c, int fd, const char *name, char **ret_below, struct err *e)
{
    struct volume v;
    if (c->n == VOLUME_CHAIN_MAX) {
        close(fd);
        return fail(e, ERR_CONFIG_UNSUPPORTED, "more than %d images are below each other",
                    VOLUME_CHAIN_MAX);
    }
    c->fds[c->n++] = fd;
    if (volume_look_at(fd, name, &v, e))
        return -1;
    c->formats[c->n - 1] = v.format;
    *ret_below = take(v.backing);
    volume_clear(&v);
    return check(fd, name, c->formats[c->n - 1], e);
}

int volume_chain_open(int fd, const char *name, const char *const dirs[], struct volume_chain *ret,
                      struct err *e)
{
    struct volume_chain c = {0};
    CLEANUP_FREE char *path = mem_str(name);
    for (;;) {
        CLEANUP_FREE char *below = NULL;
        int r = add(&c, fd, path, &below, e);
        if (!r && !below) {
            *ret = c;
            return 0;
        }
        fd = r ? -1 : open_below(below, path, dirs, e);
        if (fd < 0) {
            volume_chain_close(&c);
            return -1;
        }
        str_set(&path, below);
    }
}

void volume_chain_close(struct volume_chain *c)
{
    for (size_t i = 0; i < c->n; i++)
        close(c->fds[i]);
    c->n = 0;
}
