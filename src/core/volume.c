#include "core/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/qemu_img.h"
#include "core/volume_chain.h"

enum {
    HEAD_BYTES = 0x8008, /* up to the mark of an ISO image */
    BLOCK = 512,         /* what st_blocks counts */
    BACKING_MAX = 1023,  /* qcow2's own limit */
    WIPE_BYTES = 1 << 16,
};

void volume_clear(struct volume *i)
{
    free(i->name);
    free(i->backing);
    free(i->backing_format);
    *i = (struct volume){0};
}

void volumes_free(struct volume *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        volume_clear(&list[i]);
    free(list);
}

static int open_dir(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? fail_errno(e, "cannot open the pool's folder '%s'", dir) : fd;
}

static int no_such(const char *dir, const char *name, struct err *e)
{
    fail(e, ERR_NO_STORAGE_VOL, "storage volume not found: no volume '%s' in '%s'", name, dir);
    if (e)
        e->domain = ERR_FROM_STORAGE;
    return -1;
}

/* A regular file in the folder, itself and not what a link points to; a pipe there does not hold
 * us. */
static int open_in(int dir_fd, const char *dir, const char *name, int flags, struct err *e)
{
    struct stat st;
    if (file_name_fault(name))
        return no_such(dir, name, e);
    int fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
        return no_such(dir, name, e);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s/%s'", dir, name);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return no_such(dir, name, e);
    }
    return fd;
}

int volume_open(const char *dir, const char *name, bool writes, struct err *e)
{
    CLEANUP_CLOSE int dir_fd = open_dir(dir, e);
    return dir_fd < 0 ? -1 : open_in(dir_fd, dir, name, writes ? O_RDWR : O_RDONLY, e);
}

/* --- what is in a file --- */

static uint64_t be(const uint8_t *p, size_t n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | *p++;
    return v;
}

/* Formats whose size of the disk is at a place of the header, in this order of bytes. */
static const struct volume_kind {
    const char *name;
    const char *magic;
    size_t magic_at, magic_len;
    size_t size_at; /* 0: the length of the file */
    bool is_little;
    unsigned scale;
} kinds[] = {
    {"qcow2", "QFI\xfb", 0, 4, 24, false, 1}, {"qed", "QED", 0, 4, 48, true, 1},
    {"vmdk", "KDMV", 0, 4, 12, true, BLOCK},  {"vdi", "\x7f\x10\xda\xbe", 64, 4, 368, true, 1},
    {"vpc", "conectix", 0, 8, 48, false, 1},  {"vhdx", "vhdxfile", 0, 8, 0, false, 1},
    {"iso", "CD001", 0x8001, 5, 0, false, 1},
};
static const char raw[] = "raw";

static const struct volume_kind *kind_of(const uint8_t *head, size_t n)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (kinds[i].magic_at + kinds[i].magic_len <= n &&
            !memcmp(head + kinds[i].magic_at, kinds[i].magic, kinds[i].magic_len))
            return &kinds[i];
    return NULL;
}

static uint64_t number_at(const uint8_t *p, bool is_little)
{
    uint64_t v = be(p, sizeof(v));
    return is_little ? __builtin_bswap64(v) : v;
}

/* The name of the file below, from a header that anybody may have written. */
static char *qcow2_backing(int fd, const uint8_t *head)
{
    uint64_t at = be(head + 8, 8);
    uint32_t n = (uint32_t)be(head + 16, 4);
    char name[BACKING_MAX + 1];
    if (!at || !n || n > BACKING_MAX || at > INT64_MAX ||
        pread(fd, name, n, (off_t)at) != (ssize_t)n)
        return NULL;
    name[n] = '\0'; /* it ends sooner where it has a zero: so qemu reads it */
    return *name ? mem_str(name) : NULL;
}

static void read_head(int fd, struct volume *i)
{
    uint8_t head[HEAD_BYTES];
    ssize_t n = pread(fd, head, sizeof(head), 0);
    const struct volume_kind *k = n > 0 ? kind_of(head, (size_t)n) : NULL;
    uint64_t size;
    i->format = k ? k->name : raw;
    i->capacity = i->length;
    if (!k || !k->size_at || k->size_at + sizeof(size) > (size_t)n)
        return;
    size = number_at(head + k->size_at, k->is_little);
    if (size <= INT64_MAX / k->scale)
        i->capacity = size * k->scale;
    if (k == kinds)
        i->backing = qcow2_backing(fd, head);
}

int volume_look_at(int fd, const char *name, struct volume *ret, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st))
        return fail_errno(e, "cannot look at '%s'", name);
    *ret = (struct volume){
        .name = mem_str(name),
        .length = (uint64_t)st.st_size,
        .allocated = (uint64_t)st.st_blocks * BLOCK,
        .mode = st.st_mode & 07777,
        .uid = st.st_uid,
        .gid = st.st_gid,
        .accessed = st.st_atim,
        .modified = st.st_mtim,
        .changed = st.st_ctim,
    };
    read_head(fd, ret);
    return 0;
}

int volume_look(const char *dir, const char *name, struct volume *ret, struct err *e)
{
    CLEANUP_CLOSE int fd = volume_open(dir, name, false, e);
    return fd < 0 ? -1 : volume_look_at(fd, name, ret, e);
}

int volume_list(const char *dir, struct volume **ret, size_t *ret_n, struct err *e)
{
    struct volume *list = NULL, one;
    size_t n = 0;
    int dir_fd = open_dir(dir, e);
    DIR *d = dir_fd < 0 ? NULL : fdopendir(dir_fd);
    if (!d) {
        close_fd(&dir_fd);
        return -1;
    }
    for (const struct dirent *x; n < VOLUMES_MAX && (x = readdir(d));) {
        CLEANUP_CLOSE int fd = open_in(dirfd(d), dir, x->d_name, O_RDONLY, NULL);
        if (fd >= 0 && !volume_look_at(fd, x->d_name, &one, NULL))
            VEC_PUSH(list, n, one);
    }
    closedir(d);
    *ret = list;
    *ret_n = n;
    return 0;
}

int volume_space(const char *dir, struct volume_space *ret, struct err *e)
{
    struct statvfs fs;
    struct stat st;
    CLEANUP_CLOSE int fd = open_dir(dir, e);
    if (fd < 0)
        return -1;
    if (fstatvfs(fd, &fs) || fstat(fd, &st))
        return fail_errno(e, "cannot look at the pool's folder '%s'", dir);
    *ret = (struct volume_space){
        .capacity = (uint64_t)fs.f_blocks * fs.f_frsize,
        .available = (uint64_t)fs.f_bavail * fs.f_frsize,
        .allocated = (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize,
        .mode = st.st_mode & 07777,
        .uid = st.st_uid,
        .gid = st.st_gid,
    };
    return 0;
}

/* --- new ones --- */

static bool is_known_format(const char *format)
{
    static const char *const known[] = {"raw", "qcow2", "qed", "vmdk", "vdi", "vpc", "vhdx"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (str_eq(format, known[i]))
            return true;
    return false;
}

static int check_order(const struct volume_order *o, struct err *e)
{
    const char *why = file_name_fault(o->name);
    if (why)
        return fail(e, ERR_INVALID_ARG, "invalid name of a volume: %s", why);
    if (o->format && !is_known_format(o->format))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "volumes of format '%s' cannot be made", o->format);
    if (o->backing && o->backing_format && !is_known_format(o->backing_format))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a backing store of format '%s' cannot be used",
                    o->backing_format);
    if (o->capacity > INT64_MAX || o->allocated > INT64_MAX)
        return fail(e, ERR_INVALID_ARG, "a volume has at most %lld bytes", (long long)INT64_MAX);
    if (o->backing && (*o->backing != '/' || strlen(o->backing) > BACKING_MAX))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a backing store is an absolute path");
    if (o->backing && (!o->format || str_eq(o->format, raw)))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a raw volume has no backing store");
    return 0;
}

static int fill_raw(int fd, const struct volume_order *o, struct err *e)
{
    if (ftruncate(fd, (off_t)o->capacity))
        return fail_errno(e, "cannot make '%s' %llu bytes long", o->name,
                          (unsigned long long)o->capacity);
    uint64_t n = o->allocated < o->capacity ? o->allocated : o->capacity;
    int r = n ? posix_fallocate(fd, 0, (off_t)n) : 0;
    errno = r;
    return r ? fail_errno(e, "cannot set aside %llu bytes for '%s'", (unsigned long long)n, o->name)
             : 0;
}

static bool is_raw(const struct volume_order *o)
{
    return !o->format || str_eq(o->format, raw);
}

static int fill(int fd, const struct volume_order *o, const struct volume_chain *from,
                struct err *e)
{
    int r = from        ? qemu_img_convert(from, fd, is_raw(o) ? raw : o->format, e)
            : is_raw(o) ? fill_raw(fd, o, e)
                        : qemu_img_create(fd, o, e);
    if (!r && o->has_mode && fchmod(fd, o->mode & 0777))
        r = fail_errno(e, "cannot set the mode of '%s'", o->name);
    return r;
}

static int make(const char *dir, const struct volume_order *o, const struct volume_chain *from,
                struct err *e)
{
    if (check_order(o, e))
        return -1;
    CLEANUP_CLOSE int dir_fd = open_dir(dir, e);
    if (dir_fd < 0)
        return -1;
    CLEANUP_CLOSE int fd =
        openat(dir_fd, o->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return fail(e, ERR_OPERATION_FAILED, "a volume '%s' exists already in '%s'", o->name, dir);
    if (fd < 0)
        return fail_errno(e, "cannot make '%s/%s'", dir, o->name);
    int r = fill(fd, o, from, e);
    if (r)
        unlinkat(dir_fd, o->name, 0);
    return r;
}

int volume_make(const char *dir, const struct volume_order *o, struct err *e)
{
    return make(dir, o, NULL, e);
}

int volume_make_from(const char *dir, const struct volume_order *o, const char *from_dir,
                     const char *from, const char *const dirs[], struct err *e)
{
    struct volume_chain chain;
    CLEANUP_FREE char *path = mem_printf("%s/%s", from_dir, from);
    int fd = volume_open(from_dir, from, false, e);
    if (fd < 0 || volume_chain_open(fd, path, dirs, &chain, e))
        return -1;
    int r = make(dir, o, &chain, e);
    volume_chain_close(&chain);
    return r;
}

int volume_remove(const char *dir, const char *name, struct err *e)
{
    CLEANUP_CLOSE int dir_fd = open_dir(dir, e);
    if (dir_fd < 0)
        return -1;
    CLEANUP_CLOSE int fd = open_in(dir_fd, dir, name, O_RDONLY, e);
    if (fd < 0)
        return -1;
    return unlinkat(dir_fd, name, 0) ? fail_errno(e, "cannot remove '%s/%s'", dir, name) : 0;
}

static int check_size(const struct volume_order *o, uint64_t now, unsigned how, struct err *e)
{
    if (check_order(o, e))
        return -1;
    return o->capacity < now && !(how & VOLUME_SHRINKS)
               ? fail(e, ERR_INVALID_ARG,
                      "'%s' has %llu bytes and is made smaller only when asked to", o->name,
                      (unsigned long long)now)
               : 0;
}

int volume_resize(const char *dir, const char *name, uint64_t capacity, unsigned how,
                  const char *const dirs[], struct err *e)
{
    struct volume i;
    struct volume_chain chain;
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, name);
    struct volume_order o = {
        .name = name, .capacity = capacity, .allocated = how & VOLUME_ALLOCATES ? capacity : 0};
    int fd = volume_open(dir, name, true, e);
    if (fd < 0 || volume_chain_open(fd, path, dirs, &chain, e))
        return -1;
    int r = volume_look_at(fd, name, &i, e);
    if (!r) {
        r = check_size(&o, i.capacity, how, e);
        volume_clear(&i);
    }
    if (!r)
        r = str_eq(chain.formats[0], raw)
                ? fill_raw(fd, &o, e)
                : qemu_img_resize(&chain, capacity, how & VOLUME_SHRINKS, e);
    volume_chain_close(&chain);
    return r;
}

/* Zeroes all over; of other formats than raw, in the file itself. */
int volume_wipe(const char *dir, const char *name, struct err *e)
{
    static const uint8_t zeroes[WIPE_BYTES];
    struct stat st;
    CLEANUP_CLOSE int fd = volume_open(dir, name, true, e);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st))
        return fail_errno(e, "cannot look at '%s'", name);
    for (off_t left = st.st_size; left > 0; left -= WIPE_BYTES)
        if (file_write_all(fd, zeroes, left < WIPE_BYTES ? (size_t)left : WIPE_BYTES, e))
            return -1;
    return fdatasync(fd) ? fail_errno(e, "cannot wipe '%s'", name) : 0;
}

int volume_make_dir(const char *dir, bool has_mode, mode_t mode, struct err *e)
{
    struct stat st;
    if (!stat(dir, &st) && S_ISDIR(st.st_mode))
        return 0;
    return file_make_dirs(dir, has_mode ? mode & 0777 : 0711, e);
}

int volume_remove_dir(const char *dir, struct err *e)
{
    return rmdir(dir) ? fail_errno(e, "cannot remove the pool's folder '%s'", dir) : 0;
}
