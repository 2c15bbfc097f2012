/* xm's disks: uname,dev,mode[,backend[,protocol]]; nothing is skipped.
 *   uname := [phy:|file:|tap:SUB:|tap2:SUB:|WORD:]PATH    dev := [ioemu:]NAME[:cdrom|:disk]    mode
 * := r w r! w! */
#include "conf/spec.h"

/* tap:aio:, tap2:qcow2: ...: the second word is the format */
static const char *sub_format(struct disk *k, const char *p)
{
    static const char *const raws[] = {"aio", "sync", "ram", "vmdk", NULL};
    size_t n = strcspn(p, ":/");
    if (p[n] != ':' || !n)
        return p;
    CLEANUP_FREE char *word = mem_strn(p, n);
    bool is_raw = false;
    for (int i = 0; raws[i]; i++)
        is_raw |= !strcmp(raws[i], word) && strcmp(word, "vmdk");
    str_set(&k->format, is_raw ? "raw" : word);
    return p + n + 1;
}

static void read_uname(struct disk *k, const char *p)
{
    size_t n = strcspn(p, ":/");
    if (p[n] == ':' && n && n < 16) {
        CLEANUP_FREE char *word = mem_strn(p, n);
        p += n + 1;
        str_set(&k->driver, word);
        if (str_starts(word, "tap"))
            p = sub_format(k, p);
    } else
        str_set(&k->driver, "phy"); /* libvirt: a path alone is a block device */
    if (*p)
        str_set(&k->source, p);
    k->type = !k->driver || str_eq(k->driver, "phy") ? DISK_BLOCK : DISK_FILE;
}

static int read_dev(struct conf_ctx *c, struct disk *k, char *p, struct pos pos)
{
    if (str_starts(p, "ioemu:"))
        p += 6;
    char *colon = strchr(p, ':');
    if (colon) {
        *colon++ = '\0';
        if (!strcmp(colon, "cdrom"))
            k->device = DISK_CDROM;
        else if (strcmp(colon, "disk"))
            return conf_error(c, pos, "':%s': expected :cdrom or :disk behind the device", colon);
    }
    if (!*p)
        return conf_error(c, pos, "a disk without a device: expected SOURCE,DEVICE,MODE");
    str_set(&k->target, p);
    return 0;
}

static int read_mode(struct conf_ctx *c, struct disk *k, const char *p, struct pos pos)
{
    bool is_forced = str_ends(p, "!");
    if (*p == 'r' && strcmp(p, "rw"))
        k->readonly = TRI_YES;
    else if (*p != 'w' && *p != '!' && strcmp(p, "rw") && *p)
        return conf_error(c, pos, "'%s': expected a mode: r, w, r! or w!", p);
    if (is_forced)
        k->shareable = TRI_YES;
    return 0;
}

/* Each part that is not empty, for the report. */
static void note_parts(struct conf_ctx *c, const struct value *v)
{
    static const struct row_table words = {.prefix = "disk."};
    static const char *const keys[] = {"source", "device", "mode", "backend", "protocol"};
    struct pos pos = {v->pos.line, v->pos.col + (v->kind == VALUE_STRING)};
    const char *p = v->text;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        size_t n = strcspn(p, ",");
        if (n)
            spec_note(c, &words, keys[i], REPORT_CONVERTED, pos, NULL);
        if (!p[n])
            break;
        p += n + 1;
        pos.col += (int)n + 1;
    }
}

int spec_read_xm_disk(struct conf_ctx *c, const struct value *v, struct disk *ret)
{
    enum { PARTS_MAX = 5 };
    CLEANUP_FREE char *copy = mem_str(v->text);
    char *parts[PARTS_MAX] = {copy};
    int n = 1;
    for (char *p = copy; *p; p++)
        if (*p == ',') {
            *p = '\0';
            if (n == PARTS_MAX)
                return conf_error(c, v->pos, "disk '%s': more than 5 parts", v->text);
            parts[n++] = p + 1;
        }
    if (n < 3)
        return conf_error(c, v->pos, "disk '%s': expected SOURCE,DEVICE,MODE[,BACKEND[,PROTOCOL]]",
                          v->text);
    ret->device = DISK_DISK;
    read_uname(ret, parts[0]);
    if (read_dev(c, ret, parts[1], v->pos) || read_mode(c, ret, parts[2], v->pos))
        return -1;
    if (n > 3 && *parts[3])
        str_set(&ret->backend_domain, parts[3]);
    if (n > 4)
        str_set(&ret->xend_protocol, parts[4]);
    if (ret->device == DISK_CDROM)
        ret->readonly = TRI_YES;
    if (!ret->format)
        str_set(&ret->format, "raw");
    note_parts(c, v);
    return 0;
}

/* libvirt's words: raw is aio for tap. */
static void put_uname(struct str *s, const struct disk *k)
{
    bool is_tap = k->driver && str_starts(k->driver, "tap");
    if (str_empty(k->source))
        return;
    if (is_tap)
        str_addf(s, "%s:%s:", k->driver,
                 str_eq(k->format, "raw") || !k->format ? "aio" : k->format);
    else if (str_eq(k->driver, "qemu"))
        str_add(s, "file:");
    else if (k->driver)
        str_addf(s, "%s:", k->driver);
    else
        str_add(s, k->type == DISK_BLOCK ? "phy:" : "file:");
    str_add(s, k->source);
}

int spec_write_xm_disk(struct conf_ctx *c, const struct disk *k)
{
    struct str *s = &cfg_out(c)->item;
    bool is_tap = k->driver && str_starts(k->driver, "tap");
    if (k->source && strchr(k->source, ','))
        return conf_error(c, (struct pos){0}, "disk '%s': xm cannot say a path with a comma: '%s'",
                          k->target ? k->target : "?", k->source);
    if (k->type && k->type != DISK_FILE && k->type != DISK_BLOCK)
        return conf_error(c, (struct pos){0}, "disk '%s': xm has no source of type '%s'",
                          k->target ? k->target : "?", words_name(&disk_type_words, (int)k->type));
    if (k->format && strcmp(k->format, "raw") && !is_tap)
        conf_note(c, REPORT_LOST, "disk.format", (struct pos){0},
                  "xm names a format with tap: disks alone; '%s' is lost", k->format);
    put_uname(s, k);
    str_addf(s, ",%s%s,", k->target ? k->target : "", k->device == DISK_CDROM ? ":cdrom" : "");
    str_add(s, k->readonly == TRI_YES ? "r" : "w");
    str_add(s, k->shareable == TRI_YES ? "!" : "");
    if (k->backend_domain || k->xend_protocol)
        str_addf(s, ",%s", k->backend_domain ? k->backend_domain : "");
    if (k->xend_protocol)
        str_addf(s, ",%s", k->xend_protocol);
    return 0;
}
