/* The documents of pools and volumes: few and small, so they have no tables. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "conf/xml.h"
#include "core/pool.h"
#include "core/pool_priv.h"
#include "core/volume.h"

enum { PATH_BYTES_MAX = 4095, MODE_MAX = 0777 };

struct volume_text {
    struct xml_doc doc;
};

static const char *text_of(const struct xml *x, const char *name)
{
    const struct xml *c = x ? xml_child(x, name) : NULL;
    return c && !str_empty(c->text) ? c->text : NULL;
}

static int no_doc(struct err *e, const char *what)
{
    return fail(e, ERR_XML_ERROR, "expected a document <%s>", what);
}

static int parse_mode(const struct xml *target, bool *ret_has, mode_t *ret, struct err *e)
{
    const struct xml *permissions = target ? xml_child(target, "permissions") : NULL;
    const char *text = text_of(permissions, "mode");
    uint32_t mode;
    if (!text)
        return 0;
    if (!parse_u32(text, 8, MODE_MAX, &mode))
        return fail(e, ERR_XML_ERROR, "a mode is an octal number up to 0777, not '%s'", text);
    *ret_has = true;
    *ret = mode;
    return 0;
}

/* Absolute, without "." and "..", without a slash at the end or two in a row. */
static bool path_is_plain(const char *path)
{
    size_t n = strlen(path);
    if (*path != '/' || n > PATH_BYTES_MAX || (n > 1 && path[n - 1] == '/'))
        return false;
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return false;
        if (*p == '/' &&
            (p[1] == '/' ||
             (p[1] == '.' && (!p[2] || p[2] == '/' || (p[2] == '.' && (!p[3] || p[3] == '/'))))))
            return false;
    }
    return true;
}

static int parse_pool(const struct xml *x, struct pool *ret, struct err *e)
{
    const char *type = xml_get(x, "type"), *name = text_of(x, "name"), *uuid = text_of(x, "uuid");
    const struct xml *target = xml_child(x, "target");
    const char *path = text_of(target, "path"), *why = file_name_fault(name);
    if (!str_eq(type, "dir"))
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "pools of type '%s' need virtstoraged or libvirtd; without one there are "
                    "those of type 'dir'",
                    type ? type : "");
    if (why)
        return fail(e, ERR_XML_ERROR, "invalid name of a pool: %s", why);
    if (!path || !path_is_plain(path))
        return fail(e, ERR_XML_ERROR,
                    "the target path of a pool is absolute and has no '.', '..' or spare '/'");
    if (uuid && !uuid_parse(uuid, ret->uuid))
        return fail(e, ERR_XML_ERROR, "'%s' is no UUID", uuid);
    if (parse_mode(target, &ret->has_mode, &ret->mode, e))
        return -1;
    ret->name = mem_str(name);
    ret->path = mem_str(path);
    return 0;
}

int pool_parse_xml(const char *xml, struct pool *ret, struct err *e)
{
    struct xml_doc doc = {0};
    if (xml_parse(xml, strlen(xml), "pool", &doc, e))
        return -1;
    int r = str_eq(doc.root->name, "pool") ? parse_pool(doc.root, ret, e) : no_doc(e, "pool");
    xml_clear(&doc);
    return r;
}

/* --- out --- */

static void add_bytes(struct xml_out *w, const char *name, uint64_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
    xml_out_open(w, name);
    xml_out_attr(w, "unit", "bytes");
    xml_out_text(w, text);
    xml_out_close(w);
}

static void add_number(struct xml_out *w, const char *name, const char *fmt, unsigned n)
{
    char text[24];
    snprintf(text, sizeof(text), str_eq(fmt, "mode") ? "%04o" : "%u", n);
    xml_out_element(w, name, text);
}

static void add_permissions(struct xml_out *w, mode_t mode, uid_t uid, gid_t gid)
{
    xml_out_open(w, "permissions");
    add_number(w, "mode", "mode", mode & MODE_MAX);
    add_number(w, "owner", "id", uid);
    add_number(w, "group", "id", gid);
    xml_out_close(w);
}

char *pool_write_xml(const struct pool *p, const struct volume_space *space)
{
    struct str out = {0};
    struct xml_out w = {.s = &out};
    char uuid[UUID_TEXT], mode[8];
    xml_out_open(&w, "pool");
    xml_out_attr(&w, "type", "dir");
    xml_out_element(&w, "name", p->name);
    xml_out_element(&w, "uuid", uuid_format(p->uuid, uuid));
    add_bytes(&w, "capacity", space ? space->capacity : 0);
    add_bytes(&w, "allocation", space ? space->allocated : 0);
    add_bytes(&w, "available", space ? space->available : 0);
    xml_out_open(&w, "source");
    xml_out_show(&w);
    xml_out_close(&w);
    xml_out_open(&w, "target");
    xml_out_element(&w, "path", p->path);
    if (space) {
        add_permissions(&w, space->mode, space->uid, space->gid);
    } else if (p->has_mode) {
        snprintf(mode, sizeof(mode), "%04o", (unsigned)p->mode);
        xml_out_open(&w, "permissions");
        xml_out_element(&w, "mode", mode);
        xml_out_close(&w);
    }
    xml_out_close(&w);
    xml_out_close(&w);
    return str_take(&out);
}

static void add_time(struct xml_out *w, const char *name, const struct timespec *t)
{
    char text[48];
    snprintf(text, sizeof(text), "%lld.%09ld", (long long)t->tv_sec, t->tv_nsec);
    xml_out_element(w, name, text);
}

static void add_format(struct xml_out *w, const char *format)
{
    xml_out_open(w, "format");
    xml_out_attr(w, "type", format);
    xml_out_close(w);
}

char *volume_write_xml(const char *dir, const struct volume *i)
{
    struct str out = {0};
    struct xml_out w = {.s = &out};
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, i->name);
    xml_out_open(&w, "volume");
    xml_out_attr(&w, "type", "file");
    xml_out_element(&w, "name", i->name);
    xml_out_element(&w, "key", path);
    add_bytes(&w, "capacity", i->capacity);
    add_bytes(&w, "allocation", i->allocated);
    add_bytes(&w, "physical", i->length);
    xml_out_open(&w, "target");
    xml_out_element(&w, "path", path);
    add_format(&w, i->format);
    add_permissions(&w, i->mode, i->uid, i->gid);
    xml_out_open(&w, "timestamps");
    add_time(&w, "atime", &i->accessed);
    add_time(&w, "mtime", &i->modified);
    add_time(&w, "ctime", &i->changed);
    xml_out_close(&w);
    xml_out_close(&w);
    if (i->backing) {
        xml_out_open(&w, "backingStore");
        xml_out_element(&w, "path", i->backing);
        if (i->backing_format)
            add_format(&w, i->backing_format);
        xml_out_close(&w);
    }
    xml_out_close(&w);
    return str_take(&out);
}

/* --- a volume that is wanted --- */

static int parse_bytes(const struct xml *x, const char *name, uint64_t *ret, struct err *e)
{
    const struct xml *c = xml_child(x, name);
    const char *unit = c && xml_get(c, "unit") ? xml_get(c, "unit") : "bytes";
    int64_t scale = xml_unit_bytes(unit);
    uint64_t n;
    if (!c)
        return 0;
    if (!scale || !c->text || !parse_u64(c->text, 10, INT64_MAX, &n) ||
        __builtin_mul_overflow(n, (uint64_t)scale, ret) || *ret > INT64_MAX)
        return fail(e, ERR_XML_ERROR, "<%s> is no size of a volume: '%s' '%s'", name,
                    c->text ? c->text : "", unit);
    return 0;
}

static const char *format_of(const struct xml *x)
{
    const struct xml *format = x ? xml_child(x, "format") : NULL;
    return format ? xml_get(format, "type") : NULL;
}

static int parse_volume(const struct xml *x, struct volume_order *ret, struct err *e)
{
    const struct xml *target = xml_child(x, "target"), *below = xml_child(x, "backingStore");
    ret->name = text_of(x, "name");
    if (!ret->name)
        return fail(e, ERR_XML_ERROR, "a volume needs a <name>");
    if (!xml_child(x, "capacity"))
        return fail(e, ERR_XML_ERROR, "a volume needs a <capacity>");
    if (parse_bytes(x, "capacity", &ret->capacity, e))
        return -1;
    ret->allocated = ret->capacity; /* so libvirt has it: without the element, all of it */
    if (parse_bytes(x, "allocation", &ret->allocated, e) ||
        parse_mode(target, &ret->has_mode, &ret->mode, e))
        return -1;
    ret->format = format_of(target);
    ret->backing = text_of(below, "path");
    ret->backing_format = format_of(below);
    return 0;
}

int volume_parse_xml(const char *xml, struct volume_order *ret, struct volume_text **ret_text,
                     struct err *e)
{
    struct volume_text *t = NEW(struct volume_text);
    struct volume_order o = {0};
    int r = xml_parse(xml, strlen(xml), "volume", &t->doc, e);
    if (!r)
        r = str_eq(t->doc.root->name, "volume") ? parse_volume(t->doc.root, &o, e)
                                                : no_doc(e, "volume");
    if (r) {
        volume_text_free(t);
        return -1;
    }
    *ret = o;
    *ret_text = t;
    return 0;
}

void volume_text_free(struct volume_text *t)
{
    if (t)
        xml_clear(&t->doc);
    free(t);
}
