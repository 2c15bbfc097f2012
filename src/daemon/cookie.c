#include "daemon/cookie.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "conf/xml.h"
#include "daemon/hostcaps.h"

void cookie_clear(struct cookie *k)
{
    free(k->name);
    free(k->hostname);
    for (size_t i = 0; i < k->n_disks; i++)
        free(k->disks[i].target);
    free(k->disks);
    *k = (struct cookie){0};
}

/* --- out --- */

static void write_cpu(struct xml_out *w, const struct cpu_set *s)
{
    struct str text = {0};
    for (size_t i = 0; i < CPU_WORDS; i++)
        str_addf(&text, "%s%08x", i ? "," : "", s->words[i]);
    xml_out_attr(w, "cpu", text.p);
    str_clear(&text);
}

static void write_ours(struct xml_out *w, const struct cookie *k)
{
    if (!k->has_words)
        return;
    xml_out_open(w, "xvirt");
    xml_out_attr(w, "words", "1");
    if (*k->token)
        xml_out_attr(w, "token", k->token);
    if (k->asks || k->tells)
        xml_out_attr(w, "guest", k->asks ? "asked" : "known");
    if (k->xen_major)
        xml_out_attrf(w, "xen", "%u.%u", k->xen_major, k->xen_minor);
    if (k->has_cpu)
        write_cpu(w, &k->cpu);
    for (size_t i = 0; i < k->n_disks; i++) {
        xml_out_open(w, "disk");
        xml_out_attr(w, "target", k->disks[i].target);
        xml_out_attrf(w, "bytes", "%" PRIu64, k->disks[i].bytes);
        xml_out_close(w);
    }
    xml_out_close(w);
}

void cookie_write(const struct cookie *k, uint8_t **ret, size_t *ret_n)
{
    struct str s = {0};
    struct xml_out w = {.s = &s};
    char text[UUID_TEXT], version[16];
    snprintf(version, sizeof(version), "%u", k->stream_version);
    xml_out_open(&w, "libxl-migration");
    if (k->name)
        xml_out_element(&w, "name", k->name);
    if (!uuid_is_zero(k->uuid))
        xml_out_element(&w, "uuid", uuid_format(k->uuid, text));
    if (k->hostname)
        xml_out_element(&w, "hostname", k->hostname);
    xml_out_element(&w, "migration-stream-version", version);
    write_ours(&w, k);
    xml_out_close(&w);
    *ret_n = s.len + 1;
    *ret = (uint8_t *)str_take(&s);
}

/* --- in --- */

static const char *text_of(const struct xml *root, const char *name)
{
    const struct xml *x = xml_child(root, name);
    return x ? x->text : NULL;
}

static bool read_cpu(const char *text, struct cpu_set *ret)
{
    CLEANUP_FREE char *copy = mem_str(text);
    char *rest = copy;
    for (size_t i = 0; i < CPU_WORDS; i++) {
        const char *word = strsep(&rest, ",");
        if (!word || !parse_u32(word, 16, UINT32_MAX, &ret->words[i]))
            return false;
    }
    return !rest;
}

static void read_ours(const struct xml *ours, struct cookie *ret)
{
    const char *token = xml_get(ours, "token");
    ret->has_words = str_eq(xml_get(ours, "words"), "1");
    if (token && strlen(token) == sizeof(ret->token) - 1 &&
        strspn(token, "0123456789abcdef") == strlen(token))
        memcpy(ret->token, token, sizeof(ret->token));
    ret->asks = str_eq(xml_get(ours, "guest"), "asked");
    ret->tells = str_eq(xml_get(ours, "guest"), "known");
    const char *xen = xml_get(ours, "xen");
    if (xen && sscanf(xen, "%u.%u", &ret->xen_major, &ret->xen_minor) != 2)
        ret->xen_major = 0;
    ret->has_cpu = read_cpu(xml_get(ours, "cpu"), &ret->cpu);
    for (const struct xml *x = ours->child; x; x = x->next) {
        const char *target = xml_get(x, "target"), *bytes = xml_get(x, "bytes");
        struct cookie_disk k = {0};
        if (!x->name || !str_eq(x->name, "disk") || !target || !bytes ||
            !parse_u64(bytes, 10, UINT64_MAX, &k.bytes))
            continue;
        k.target = mem_str(target);
        VEC_PUSH(ret->disks, ret->n_disks, k);
    }
}

static int read_root(const struct xml *root, struct cookie *ret, struct err *e)
{
    const char *uuid = text_of(root, "uuid"), *version = text_of(root, "migration-stream-version");
    const struct xml *ours = xml_child(root, "xvirt");
    if (!str_eq(root->name, "libxl-migration"))
        return fail(e, ERR_INVALID_ARG, "it is a <%s>", root->name);
    if (uuid && !uuid_parse(uuid, ret->uuid))
        return fail(e, ERR_INVALID_ARG, "bad uuid '%s'", uuid);
    if (version && !parse_u32(version, 10, UINT32_MAX, &ret->stream_version))
        return fail(e, ERR_INVALID_ARG, "bad stream version '%s'", version);
    ret->name = mem_str(text_of(root, "name"));
    ret->hostname = mem_str(text_of(root, "hostname"));
    if (ours)
        read_ours(ours, ret);
    return 0;
}

int cookie_read(const uint8_t *bytes, size_t n, struct cookie *ret, struct err *e)
{
    struct xml_doc doc = {0};
    *ret = (struct cookie){.stream_version = 1};
    while (n && !bytes[n - 1])
        n--;
    if (!n)
        return 0;
    int r = xml_parse((const char *)bytes, n, NULL, &doc, e);
    if (!r)
        r = read_root(doc.root, ret, e);
    xml_clear(&doc);
    if (!r && ret->stream_version > COOKIE_STREAM_VERSION)
        r = fail(e, ERR_OPERATION_UNSUPPORTED, "stream version %u is newer than %d",
                 ret->stream_version, COOKIE_STREAM_VERSION);
    return r ? wrap(e, "migration cookie") : 0;
}

/* --- hosts --- */

void cookie_describe(struct cookie *k, const struct hostcaps *hc)
{
    k->xen_major = hc->xen_major;
    k->xen_minor = hc->xen_minor;
    k->has_cpu = true;
    k->cpu = hc->cpu;
}

int cookie_check_host(const struct cookie *k, const struct hostcaps *hc, const struct domain *d,
                      bool is_unsafe, struct err *e)
{
    struct str CLEANUP(str_clear) missing = {0};
    bool is_older = hc->xen_major < k->xen_major ||
                    (hc->xen_major == k->xen_major && hc->xen_minor < k->xen_minor);
    if (is_unsafe)
        return 0;
    if (is_older)
        return fail(e, ERR_MIGRATE_UNSAFE,
                    "the destination's Xen %u.%u is older than the source's, %u.%u", hc->xen_major,
                    hc->xen_minor, k->xen_major, k->xen_minor);
    if (k->has_cpu && !d->cpu.n_features && !d->cpu.n_leaves &&
        cpu_missing(&hc->cpu, &k->cpu, &missing))
        return fail(e, ERR_MIGRATE_UNSAFE,
                    "the destination's processor lacks what the source's has: %s", missing.p);
    return 0;
}

/* --- disks --- */

static bool is_local(const struct disk *k)
{
    return (k->type == DISK_FILE || k->type == DISK_BLOCK) && !str_empty(k->source) &&
           str_empty(k->backend_domain) && k->target;
}

/* False: not there. A growing image has no size that could be compared. */
static bool measure(const struct disk *k, uint64_t *ret_bytes, int *ret_errno)
{
    struct stat s;
    CLEANUP_CLOSE int fd = open(k->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *ret_bytes = 0;
    if (fd < 0 || fstat(fd, &s)) {
        *ret_errno = errno;
        return false;
    }
    if (S_ISBLK(s.st_mode) && ioctl(fd, BLKGETSIZE64, ret_bytes))
        *ret_bytes = 0;
    if (S_ISREG(s.st_mode) && (!k->format || str_eq(k->format, "raw")))
        *ret_bytes = (uint64_t)s.st_size;
    return true;
}

void cookie_measure(struct cookie *k, const struct domain *d)
{
    int why;
    for (size_t i = 0; i < d->n_disks; i++) {
        struct cookie_disk one = {0};
        if (!is_local(&d->disks[i]) || !measure(&d->disks[i], &one.bytes, &why))
            continue;
        one.target = mem_str(d->disks[i].target);
        VEC_PUSH(k->disks, k->n_disks, one);
    }
}

static const struct cookie_disk *disk_there(const struct cookie *k, const char *target)
{
    for (size_t i = 0; i < k->n_disks; i++)
        if (str_eq(k->disks[i].target, target))
            return &k->disks[i];
    return NULL;
}

static int check_disk(const struct cookie *k, const struct disk *d, bool is_unsafe, struct err *e)
{
    const struct cookie_disk *there = disk_there(k, d->target);
    uint64_t bytes;
    int why;
    if (k->has_words && !there)
        return 0;
    if (!measure(d, &bytes, &why)) {
        errno = why;
        return fail_errno(e, "disk %s: cannot open '%s' on the destination", d->target, d->source);
    }
    if (there && there->bytes && bytes && bytes != there->bytes && !is_unsafe)
        return fail(e, ERR_MIGRATE_UNSAFE,
                    "disk %s: '%s' has %" PRIu64 " bytes on the destination and %" PRIu64
                    " on the source: it is not the same storage",
                    d->target, d->source, bytes, there->bytes);
    return 0;
}

int cookie_check(const struct cookie *k, const struct domain *d, bool is_unsafe, struct err *e)
{
    for (size_t i = 0; i < d->n_disks; i++)
        if (is_local(&d->disks[i]) && check_disk(k, &d->disks[i], is_unsafe, e))
            return -1;
    return 0;
}
