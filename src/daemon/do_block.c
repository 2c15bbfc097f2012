/* The disks of guests as files and devices of this host: how large they are, what is in them, which
 * do not work. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/guest.h"
#include "daemon/later.h"
#include "wire/consts.h"

enum { SECTOR = 512, QCOW_SIZE_AT = 24, KIB = 1024, ROUND_UP = 512 };

struct block {
    struct later later;
    char path[PATH_MAX];
    bool is_qcow;
    uint64_t capacity, allocation, physical; /* found */
    uint64_t offset, size;                   /* asked for */
    uint8_t *bytes;
};

static void block_clear(struct later *later)
{
    free(((struct block *)later)->bytes);
}

static const struct disk *disk_find(struct call *c, const struct guest *g, const char *path)
{
    const struct domain *d = guest_config(g, false);
    for (size_t i = 0; d && i < d->n_disks; i++)
        if (str_eq(d->disks[i].target, path) || str_eq(d->disks[i].source, path))
            return &d->disks[i];
    fail(&c->err, ERR_INVALID_ARG, "invalid path: '%s' is no disk of the domain", path);
    return NULL;
}

/* Of a disk that is a file or a device here. */
static struct block *block_new(struct call *c, const struct guest *g, const char *path)
{
    const struct disk *k = disk_find(c, g, path);
    if (!k)
        return NULL;
    if (str_empty(k->source) || (k->type != DISK_FILE && k->type != DISK_BLOCK)) {
        fail(&c->err, ERR_OPERATION_UNSUPPORTED, "disk '%s' %s", path,
             str_empty(k->source) ? "is empty" : "is no file or device of this host");
        return NULL;
    }
    struct block *b = NEW(struct block);
    b->later.clear = block_clear;
    snprintf(b->path, sizeof(b->path), "%s", k->source);
    b->is_qcow = str_eq(k->format, "qcow2") || str_eq(k->format, "qcow");
    return b;
}

/* --- sizes --- */

/* What the guest sees of an image with a format of its own: its header says. Only for images that
 * the configuration calls so: a guest can write any header into a raw one. */
static int read_qcow(int fd, struct block *b, struct err *e)
{
    uint8_t h[QCOW_SIZE_AT + 8];
    if (pread(fd, h, sizeof(h), 0) != (ssize_t)sizeof(h) || memcmp(h, "QFI\xfb", 4))
        return fail(e, ERR_OPERATION_FAILED, "'%s' is no qcow image", b->path);
    b->capacity = 0;
    for (int i = 0; i < 8; i++)
        b->capacity = b->capacity << 8 | h[QCOW_SIZE_AT + i];
    return 0;
}

static int measure(int fd, struct block *b, struct err *e)
{
    struct stat s;
    off_t end = lseek(fd, 0, SEEK_END);
    if (fstat(fd, &s) || end < 0)
        return fail_errno(e, "cannot look at '%s'", b->path);
    b->physical = b->capacity = (uint64_t)end;
    b->allocation = S_ISREG(s.st_mode) ? (uint64_t)s.st_blocks * SECTOR : (uint64_t)end;
    return b->is_qcow ? read_qcow(fd, b, e) : 0;
}

static int block_open(const struct block *b, int how, struct err *e)
{
    int fd = open(b->path, how | O_CLOEXEC | O_NONBLOCK);
    return fd < 0 ? fail_errno(e, "cannot open '%s'", b->path) : fd;
}

static int work_info(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct block *b = arg;
    CLEANUP_CLOSE int fd = block_open(b, O_RDONLY, e);
    return fd < 0 ? -1 : measure(fd, b, e);
}

static int info_found(struct call *c, struct later *later)
{
    const struct block *b = (struct block *)later;
    struct wire_domain_get_block_info_ret *ret = c->ret;
    ret->allocation = b->allocation;
    ret->capacity = b->capacity;
    ret->physical = b->physical;
    return CALL_DONE;
}

static int do_info(struct call *c)
{
    const struct wire_domain_get_block_info_args *args = c->args;
    const struct guest *g = call_guest(c, &args->dom);
    struct block *b = g ? block_new(c, g, args->path) : NULL;
    if (!b)
        return CALL_FAILED;
    b->later.after = info_found;
    return call_later(c, work_info, &b->later);
}

/* --- growing --- */

/* Loop devices keep the size that they began with until they are told. */
static void tell_loops(const char *path)
{
    for (unsigned i = 0; i < 256; i++) {
        struct stat file, s;
        struct loop_info64 info;
        CLEANUP_FREE char *name = mem_printf("/dev/loop%u", i);
        CLEANUP_CLOSE int fd = open(name, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            return;
        if (fd >= 0 && !stat(path, &file) && !fstat(fd, &s) && S_ISBLK(s.st_mode) &&
            !ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_inode == file.st_ino &&
            info.lo_device == file.st_dev)
            (void)ioctl(fd, LOOP_SET_CAPACITY, 0);
    }
}

static int work_resize(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct block *b = arg;
    struct stat s;
    CLEANUP_CLOSE int fd = block_open(b, O_RDWR, e);
    if (fd < 0 || measure(fd, b, e) || fstat(fd, &s))
        return -1;
    if (b->size < b->capacity)
        return fail(e, ERR_INVALID_ARG, "'%s' has %ju bytes: a disk in use is never made smaller",
                    b->path, (uintmax_t)b->capacity);
    if (!S_ISREG(s.st_mode))
        return b->size == b->capacity
                   ? 0
                   : fail(e, ERR_OPERATION_UNSUPPORTED,
                          "'%s' is a device of %ju bytes: grow it by what made it, then give that "
                          "size",
                          b->path, (uintmax_t)b->capacity);
    if (ftruncate(fd, (off_t)b->size))
        return fail_errno(e, "cannot grow '%s'", b->path);
    tell_loops(b->path);
    return 0;
}

static int do_resize(struct call *c)
{
    const struct wire_domain_block_resize_args *args = c->args;
    const struct guest *g = call_running_guest(c, &args->dom);
    bool in_bytes = args->flags & VIR_DOMAIN_BLOCK_RESIZE_BYTES;
    if (!g)
        return CALL_FAILED;
    if (args->size > INT64_MAX / KIB)
        return fail(&c->err, ERR_OVERFLOW, "a disk cannot have that size");
    struct block *b = block_new(c, g, args->disk);
    if (!b)
        return CALL_FAILED;
    if (b->is_qcow) {
        free(b);
        return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                    "only raw disks grow while the domain runs; '%s' is a qcow image", args->disk);
    }
    b->size = in_bytes ? (args->size + ROUND_UP - 1) / ROUND_UP * ROUND_UP : args->size * KIB;
    return call_later(c, work_resize, &b->later);
}

/* --- what is in them --- */

static int work_peek(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct block *b = arg;
    size_t at = 0;
    CLEANUP_CLOSE int fd = block_open(b, O_RDONLY, e);
    if (fd < 0)
        return -1;
    b->bytes = mem_new(b->size + 1, 1);
    while (at < b->size) {
        ssize_t n = pread(fd, b->bytes + at, b->size - at, (off_t)(b->offset + at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "cannot read '%s'", b->path);
        if (!n)
            return fail(e, ERR_INVALID_ARG, "'%s' ends before %ju", b->path,
                        (uintmax_t)(b->offset + b->size));
        at += (size_t)n;
    }
    return 0;
}

static int peek_found(struct call *c, struct later *later)
{
    struct block *b = (struct block *)later;
    struct wire_domain_block_peek_ret *ret = c->ret;
    ret->buffer = take(b->bytes);
    ret->n_buffer = b->size;
    return CALL_DONE;
}

static int do_peek(struct call *c)
{
    const struct wire_domain_block_peek_args *args = c->args;
    const struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->size > WIRE_DOMAIN_BLOCK_PEEK_BUFFER_MAX)
        return fail(&c->err, ERR_RPC, "%u bytes are more than %d", args->size,
                    WIRE_DOMAIN_BLOCK_PEEK_BUFFER_MAX);
    if (args->offset > (uint64_t)INT64_MAX - args->size)
        return fail(&c->err, ERR_OVERFLOW, "no disk reaches that far");
    struct block *b = block_new(c, g, args->path);
    if (!b)
        return CALL_FAILED;
    b->offset = args->offset;
    b->size = args->size;
    b->later.after = peek_found;
    return call_later(c, work_peek, &b->later);
}

/* --- which do not work --- */

static int do_errors(struct call *c)
{
    const struct wire_domain_get_disk_errors_args *args = c->args;
    struct wire_domain_get_disk_errors_ret *ret = c->ret;
    struct host *h = c->daemon->host;
    const struct guest *g = call_guest(c, &args->dom);
    const struct domain *d = g ? guest_config(g, false) : NULL;
    if (!g)
        return CALL_FAILED;
    if (args->maxerrors > WIRE_DOMAIN_DISK_ERRORS_MAX)
        return fail(&c->err, ERR_RPC, "%u errors are more than %d", args->maxerrors,
                    WIRE_DOMAIN_DISK_ERRORS_MAX);
    if (!guest_is_active(g) || !d)
        return fail(&c->err, ERR_OPERATION_INVALID, "domain is not running");
    if (!args->maxerrors) { /* asks how many there could be */
        ret->nerrors = (int)d->n_disks;
        return CALL_DONE;
    }
    for (size_t i = 0; i < d->n_disks && ret->n_errors < args->maxerrors; i++) {
        CLEANUP_FREE char *why = NULL;
        if (!d->disks[i].target || host_ops(h)->disk_error(host_hv(h), (uint32_t)guest_domid(g),
                                                           d->disks[i].target, &why, NULL))
            continue;
        int error = why && strstr(why, "space") ? VIR_DOMAIN_DISK_ERROR_NO_SPACE
                                                : VIR_DOMAIN_DISK_ERROR_UNSPEC;
        if (why)
            VEC_PUSH(ret->errors, ret->n_errors,
                     ((struct wire_domain_disk_error){mem_str(d->disks[i].target), error}));
    }
    ret->nerrors = (int)ret->n_errors;
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_GET_BLOCK_INFO, do_info},
    {WIRE_DOMAIN_BLOCK_RESIZE, do_resize, VIR_DOMAIN_BLOCK_RESIZE_BYTES},
    {WIRE_DOMAIN_BLOCK_PEEK, do_peek},
    {WIRE_DOMAIN_GET_DISK_ERRORS, do_errors},
};
const struct handlers do_block_handlers = HANDLERS(rows);
