/* Saved guests: a header of 64 bytes in the host's byte order, the guest's XML with its NUL, then
 * the hypervisor's stream; the layout that libvirt's images have. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "priv.h"

enum { IMAGE_VERSION = 2, IMAGE_XML_MAX = 4 << 20 };

static const char magic[16] = "libvirt-xml\n \0 \r";

struct header {
    char magic[16];
    uint32_t version, xml_len;
    uint32_t unused[10];
};
_Static_assert(sizeof(struct header) == 64, "the header has 64 bytes");

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

int image_create(const char *path, const char *xml, size_t len, struct err *e)
{
    struct header h = {.version = IMAGE_VERSION, .xml_len = (uint32_t)len + 1};
    memcpy(h.magic, magic, sizeof(magic));
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", path);
    if (len >= IMAGE_XML_MAX)
        return fail(e, ERR_OPERATION_FAILED, "the guest's XML is too long");
    if (file_write_all(fd, &h, sizeof(h), e) || file_write_all(fd, xml, len + 1, e))
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

static int check_header(const struct header *h, struct err *e)
{
    if (memcmp(h->magic, magic, sizeof(magic)))
        return fail(e, ERR_OPERATION_FAILED, "it is no saved guest");
    if (h->version > IMAGE_VERSION)
        return fail(e, ERR_OPERATION_FAILED, "its version %u is newer than %d", h->version,
                    IMAGE_VERSION);
    if (!h->xml_len || h->xml_len > IMAGE_XML_MAX)
        return fail(e, ERR_OPERATION_FAILED, "its XML cannot have %u bytes", h->xml_len);
    return 0;
}

static int read_xml(int fd, struct domain **ret, struct err *e)
{
    struct header h;
    if (read_all(fd, &h, sizeof(h), e) || check_header(&h, e))
        return -1;
    CLEANUP_FREE char *xml = mem_new(h.xml_len + 1, 1);
    if (read_all(fd, xml, h.xml_len, e))
        return -1;
    return text_read(xml, strlen(xml), false, ret, e);
}

int image_open(const char *path, struct domain **ret, int *ret_fd, struct err *e)
{
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (read_xml(fd, ret, e))
        return wrap(e, "saved guest '%s'", path);
    *ret_fd = fd;
    fd = -1;
    return 0;
}
