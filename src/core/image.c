/* Saved guests: a header of 64 bytes in the host's byte order, the guest's XML with its NUL, then
 * the hypervisor's stream; the layout that libvirt's images have. The files of `xl save` are read
 * too. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "priv.h"

enum { IMAGE_VERSION = 2, IMAGE_XML_MAX = 4 << 20 };

static const char magic[16] = "libvirt-xml\n \0 \r";

/* start: ours, in what libvirt leaves unused (zero). */
struct header {
    char magic[16];
    uint32_t version, xml_len;
    uint32_t start;
    uint32_t unused[9];
};
_Static_assert(sizeof(struct header) == 64, "the header has 64 bytes");

/* What xl writes: this, then that many bytes of which the first are the length of the configuration
 * and the configuration, then the stream. */
static const char xl_magic[32] = "Xen saved domain, xl format\n \0 \r";
struct xl_header {
    char magic[32];
    uint32_t byte_order, mandatory, optional, data_len;
};
enum { XL_BYTE_ORDER = 0x01020304, XL_JSON = 1, XL_STREAM_V2 = 2 };

/* A device or pipe is written as it is; a file under another name until it is whole. */
char *image_part(const char *path)
{
    struct stat s;
    if (!stat(path, &s) && !S_ISREG(s.st_mode))
        return mem_str(path);
    return mem_printf("%s.part", path);
}

bool image_is_whole(const char *path)
{
    CLEANUP_FREE char *part = mem_printf("%s.part", path);
    return unlink(part) && !access(path, R_OK);
}

int image_create(const char *path, const struct image_head *head, struct err *e)
{
    struct header h = {
        .version = IMAGE_VERSION, .xml_len = (uint32_t)head->xml_len + 1, .start = head->start};
    memcpy(h.magic, magic, sizeof(magic));
    if (head->xml_len >= IMAGE_XML_MAX)
        return fail(e, ERR_OPERATION_FAILED, "the guest's XML is too long");
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", path);
    if (file_write_all(fd, &h, sizeof(h), e) || file_write_all(fd, head->xml, head->xml_len + 1, e))
        return wrap(e, "'%s'", path);
    int r = fd;
    fd = -1;
    return r;
}

static int read_all(int fd, void *to, size_t n, struct err *e)
{
    while (n) {
        ssize_t got = read(fd, to, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(e, "cannot read");
        if (!got)
            return fail(e, ERR_OPERATION_FAILED, "it ends too early");
        to = (char *)to + got;
        n -= (size_t)got;
    }
    return 0;
}

/* ---- ours and libvirt's ---- */
static int check_header(const struct header *h, struct err *e)
{
    if (h->version > IMAGE_VERSION)
        return fail(e, ERR_OPERATION_FAILED, "its version %u is newer than %d", h->version,
                    IMAGE_VERSION);
    if (!h->xml_len || h->xml_len > IMAGE_XML_MAX)
        return fail(e, ERR_OPERATION_FAILED, "its XML cannot have %u bytes", h->xml_len);
    return 0;
}

static int read_ours(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    struct header h;
    memcpy(&h, begin, len);
    if (read_all(fd, (char *)&h + len, sizeof(h) - len, e) || check_header(&h, e))
        return -1;
    CLEANUP_FREE char *xml = mem_new(h.xml_len + 1, 1);
    if (read_all(fd, xml, h.xml_len, e))
        return -1;
    ret->start = h.start <= IMAGE_PAUSED ? (enum image_start)h.start : IMAGE_UNSAID;
    return text_read(xml, strlen(xml), false, &ret->config, e);
}

/* ---- xl's ---- */
static int check_xl_header(const struct xl_header *h, struct err *e)
{
    if (h->byte_order != XL_BYTE_ORDER)
        return fail(e, ERR_OPERATION_FAILED, "it is of a machine of another byte order");
    if (h->mandatory & ~(uint32_t)(XL_JSON | XL_STREAM_V2))
        return fail(e, ERR_OPERATION_UNSUPPORTED, "it needs what is not known here (flags 0x%x)",
                    h->mandatory);
    if (!(h->mandatory & XL_STREAM_V2))
        return fail(e, ERR_OPERATION_UNSUPPORTED, "it was saved by a Xen before 4.6");
    if (h->data_len <= sizeof(uint32_t) || h->data_len > IMAGE_XML_MAX)
        return fail(e, ERR_OPERATION_FAILED, "its configuration cannot have %u bytes", h->data_len);
    return 0;
}

static int read_xl(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    struct conf_opts o = {.flags = CONF_INACTIVE};
    struct xl_header h;
    uint32_t n;
    memcpy(&h, begin, len);
    if (read_all(fd, (char *)&h + len, sizeof(h) - len, e) || check_xl_header(&h, e))
        return -1;
    CLEANUP_FREE char *data = mem_new(h.data_len + 1, 1);
    if (read_all(fd, data, h.data_len, e))
        return -1;
    memcpy(&n, data, sizeof(n));
    if (n > h.data_len - sizeof(n))
        return fail(e, ERR_OPERATION_FAILED, "its configuration cannot have %u bytes", n);
    ret->is_foreign = true;
    return conf_read(h.mandatory & XL_JSON ? CONF_JSON : CONF_XL, data + sizeof(n),
                     strnlen(data + sizeof(n), n), &o, &ret->config, e);
}

/* ---- which of them ---- */
static int read_none(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    return fail(e, ERR_OPERATION_FAILED, "it is no saved guest");
}

static int read_unfinished(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    return fail(e, ERR_OPERATION_FAILED, "it was not written to its end");
}

static int read_qemu(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    return fail(e, ERR_OPERATION_UNSUPPORTED, "it is of a guest of QEMU or KVM");
}

static int read_xend(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    return fail(e, ERR_OPERATION_UNSUPPORTED, "it was saved by xend");
}

static int read_bare(int fd, const char *begin, size_t len, struct image *ret, struct err *e)
{
    return fail(e, ERR_OPERATION_UNSUPPORTED,
                "it is a bare stream of libxl's, without the guest's configuration");
}

/* Enough bytes to tell them apart; no header is shorter. */
enum { BEGIN_BYTES = 16 };
static const struct {
    const char *begin;
    size_t len;
    int (*read)(int fd, const char *begin, size_t len, struct image *ret, struct err *e);
} kinds[] = {{magic, sizeof(magic), read_ours},
             {xl_magic, BEGIN_BYTES, read_xl},
             {"LibvirtQemudSave", BEGIN_BYTES, read_qemu},
             {"LibvirtQemudPart", BEGIN_BYTES, read_unfinished},
             {"LinuxGuestRecord", BEGIN_BYTES, read_xend},
             {"LibxlFmt", 8, read_bare},
             {"", 0, read_none}};

static int read_any(int fd, struct image *ret, struct err *e)
{
    char begin[BEGIN_BYTES];
    if (read_all(fd, begin, sizeof(begin), e))
        return -1;
    size_t i = 0;
    while (memcmp(begin, kinds[i].begin, kinds[i].len))
        i++;
    return kinds[i].read(fd, begin, sizeof(begin), ret, e);
}

/* A folder or a pipe would keep the worker. */
static int check_file(int fd, struct err *e)
{
    struct stat s;
    if (fstat(fd, &s))
        return fail_errno(e, "cannot look at it");
    return S_ISREG(s.st_mode) || S_ISBLK(s.st_mode)
               ? 0
               : fail(e, ERR_OPERATION_FAILED, "it is no file");
}

int image_open(const char *path, struct image *ret, struct err *e)
{
    struct image i = {.fd = -1};
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (check_file(fd, e) || read_any(fd, &i, e)) {
        image_close(&i);
        return wrap(e, "saved guest '%s'", path);
    }
    i.fd = fd;
    fd = -1;
    *ret = i;
    return 0;
}

void image_close(struct image *i)
{
    domain_free(take(i->config));
    close_fd(&i->fd);
    i->fd = -1;
}

/* The host's own memory is better used than for a copy of a guest's. */
void image_drop_cache(int fd)
{
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}
