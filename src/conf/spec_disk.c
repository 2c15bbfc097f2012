/* xl's disk language (libxlutil's): key=value and flags in any order, and up to four positional
 * words, which fill target, format, vdev and access in this order; the rest of the text behind
 * target=; and the old prefixes (phy:, file:, tap:aio: ...). */
#include "base/vec.h"
#include "conf/disk.h"
#include "conf/spec.h"
#include "model/native.h"

struct positions { /* which of the positional parameters are set */
    bool target, format, vdev, access, has_old_prefix;
};

/* ---- words ---- */
static const char *const format_names[] = {NULL, "raw", "qcow", "qcow2", "vhd", "qed", "empty"};
static const struct words formats = {format_names, sizeof(format_names) / sizeof(*format_names)};

static int read_format(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    const char *text = v->text;
    if (str_eq(text, "xvhd")) /* libvirt's name for it, which xl does not know */
        text = "vhd";
    if (!str_empty(text) && words_find(&formats, text) < 0)
        return conf_error(
            c, v->pos, "'%s': expected a disk format: raw, qcow, qcow2, vhd, qed or empty", text);
    if (str_eq(text, "empty")) {
        str_set(&k->source, "");
        text = "raw";
    }
    str_set(&k->format, str_empty(text) ? "raw" : text);
    return 0;
}

static int write_format(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->format)
        spec_put(c, r->key, disk_format_word(k->format));
    return 0;
}

static int read_access(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    const char *text = v->text ? v->text : "";
    if (!strcmp(text, "ro") || !strcmp(text, "r"))
        k->readonly = TRI_YES;
    else if (!strcmp(text, "!") ||
             !strcmp(text, "w!")) { /* libvirt writes the first for <shareable/> */
        k->shareable = TRI_YES;
        spec_note(c, &spec_disk_table, r->key, REPORT_WARNING, v->pos, "xl knows no shared disks");
    } else if (strcmp(text, "rw") && strcmp(text, "w") && *text)
        return conf_error(c, v->pos, "'%s': expected an access mode: ro, r, rw or w", text);
    return 0;
}

static int write_access(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->shareable == TRI_YES)
        conf_note(c, REPORT_LOST, "disk.shareable", (struct pos){0},
                  "xl has no word for a disk that several guests may write to");
    spec_put(c, r->key, k->readonly == TRI_YES ? "ro" : "rw");
    return 0;
}

static const struct {
    const char *xl, *driver;
} backends[] = {{"phy", "phy"}, {"tap", "tap"}, {"qdisk", "qemu"}, {"standalone", "standalone"}};

static int read_backendtype(struct conf_ctx *c, const struct row *r, void *rec,
                            const struct value *v)
{
    struct disk *k = rec;
    for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++)
        if (str_eq(v->text, backends[i].xl)) {
            str_set(&k->driver, backends[i].driver);
            return 0;
        }
    if (!*v->text) { /* libvirt's way to write a driver that it cannot name */
        spec_note(c, &spec_disk_table, r->key, REPORT_WARNING, v->pos, "empty, which xl refuses");
        return 0;
    }
    return conf_error(c, v->pos, "'%s': expected a backend type: phy, tap, qdisk or standalone",
                      v->text);
}

static int write_backendtype(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (!k->driver)
        return 0;
    for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++)
        if (!strcmp(k->driver, backends[i].driver)) {
            spec_put(c, r->key, backends[i].xl);
            return 0;
        }
    const char *near = str_eq(k->driver, "file")      ? "qdisk"
                       : str_starts(k->driver, "tap") ? "tap"
                                                      : NULL;
    conf_note(c, near ? REPORT_APPROXIMATED : REPORT_LOST, "disk.backendtype", (struct pos){0},
              "xl has no driver '%s'%s%s", k->driver, near ? "; written as " : "",
              near ? near : "");
    if (near)
        spec_put(c, r->key, near);
    return 0;
}

static int read_devtype(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    if (str_eq(v->text, "cdrom"))
        k->device = DISK_CDROM;
    else if (!str_eq(v->text, "disk"))
        return conf_error(c, v->pos, "'%s': expected a device type: disk or cdrom",
                          v->text ? v->text : "");
    return 0;
}

static int write_devtype(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (k->device == DISK_CDROM)
        spec_put(c, r->key, "cdrom");
    return 0;
}

static int no_value(struct conf_ctx *c, const struct row *r, const struct value *v)
{
    if (!v->text)
        return 0;
    return conf_error(c, v->pos, "'%s=%s': '%s' is a word of its own, without a value", r->key,
                      v->text, r->key);
}

static int read_cdrom(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    ((struct disk *)rec)->device = DISK_CDROM;
    return no_value(c, r, v);
}

/* discard, no-discard; 4.6 took discard=on|1|off|0 too */
static int read_discard(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct disk *k = rec;
    bool is_on = *r->key == 'd';
    if (v->text && is_on) {
        if (!strcmp(v->text, "off") || !strcmp(v->text, "0"))
            is_on = false;
        else if (strcmp(v->text, "on") && strcmp(v->text, "1"))
            return conf_error(c, v->pos, "'discard=%s': expected on or off", v->text);
    } else if (v->text)
        return no_value(c, r, v);
    str_set(&k->discard, is_on ? "unmap" : "ignore");
    return 0;
}

static int write_discard(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    if (str_eq(k->discard, *r->key == 'd' ? "unmap" : "ignore"))
        spec_put(c, r->key, NULL);
    return 0;
}

static tri *flag_of(const struct row *r, const void *rec)
{
    return (tri *)(void *)((char *)rec + r->offset);
}

/* A flag: the word alone says yes, or no where r->no has it. */
static int read_flag(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    *flag_of(r, rec) = r->no ? TRI_NO : TRI_YES;
    return no_value(c, r, v);
}

static int write_flag(struct conf_ctx *c, const struct row *r, const void *rec)
{
    if (*flag_of(r, rec) == (r->no ? TRI_NO : TRI_YES))
        spec_put(c, r->key, NULL);
    return 0;
}

static int read_vdev(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    str_set(&((struct disk *)rec)->target, v->text);
    return 0;
}

static int write_vdev(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct disk *k = rec;
    spec_put(c, r->key, k->target ? k->target : "");
    return 0;
}

static int read_target(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    str_set(&((struct disk *)rec)->source, v->text);
    return 0;
}

#define FLAG(k, m, ...) \
    { \
        .key = k, .kind = ROW_HOOK, .read = read_flag, .write = write_flag, ROW_AT(disk, m, tri), \
        __VA_ARGS__ \
    }
static const struct row rows[] = {
    R_HOOK("format", read_format, write_format, .type = "raw|qcow|qcow2|vhd|qed|empty",
           .dflt = "raw", .xml = "<driver type>", .doc = "format of the image"),
    R_HOOK("vdev", read_vdev, write_vdev, .type = "xvda, hda, sda, d0p0, 0xca00 ...",
           .xml = "<target dev>", .doc = "name of the disk in the guest; mandatory"),
    R_HOOK("access", read_access, write_access, .type = "ro|r|rw|w", .dflt = "rw; ro for a CD-ROM",
           .xml = "<readonly/>", .doc = "may the guest write?"),
    R_HOOK("backendtype", read_backendtype, write_backendtype, .type = "phy|tap|qdisk|standalone",
           .dflt = "libxl's choice", .xml = "<driver name>", .doc = "who serves the disk"),
    R_HOOK("devtype", read_devtype, write_devtype, .type = "disk|cdrom", .dflt = "disk",
           .xml = "<disk device>", .doc = "kind of device"),
    R_HOOK("cdrom", read_cdrom, NULL, .type = "flag", .xml = "<disk device>",
           .doc = "the same as devtype=cdrom"),
    R_STR("backend", disk, backend_domain, .type = "domain", .dflt = "0",
          .xml = "<backenddomain name>", .doc = "domain that serves the disk"),
    R_STR("script", disk, script, .type = "path", .xml = "metadata",
          .doc = "hotplug script that makes the target a block device"),
    FLAG("direct-io-safe", direct_io_safe, .type = "flag", .xml = "metadata",
         .doc = "the backend may bypass the host's cache"),
    R_HOOK("discard", read_discard, write_discard, .type = "flag", .dflt = "on where writable",
           .xml = "<driver discard>", .doc = "pass the guest's discards on"),
    R_HOOK("no-discard", read_discard, write_discard, .type = "flag", .xml = "<driver discard>",
           .doc = "do not pass discards on"),
    FLAG("colo", colo, .since = XEN(4, 7), .type = "flag", .xml = "metadata",
         .doc = "replicate the disk (COLO)"),
    R_STR("colo-host", disk, colo_host, .since = XEN(4, 7), .type = "host", .xml = "metadata",
          .doc = "COLO: where the secondary is"),
    R_NUM("colo-port", disk, colo_port, .since = XEN(4, 7), .type = "port", .xml = "metadata",
          .doc = "COLO: its port"),
    R_STR("colo-export", disk, colo_export, .since = XEN(4, 7), .type = "text", .xml = "metadata",
          .doc = "COLO: name of the NBD export"),
    R_STR("active-disk", disk, active_disk, .since = XEN(4, 7), .type = "path", .xml = "metadata",
          .doc = "COLO: the secondary's active disk"),
    R_STR("hidden-disk", disk, hidden_disk, .since = XEN(4, 7), .type = "path", .xml = "metadata",
          .doc = "COLO: the secondary's hidden disk"),
    R_ENUM("specification", disk, specification, disk_spec, .since = XEN(4, 17),
           .type = "xen|virtio", .dflt = "xen", .xml = "metadata",
           .doc = "protocol between guest and backend"),
    FLAG("trusted", trusted, .since = XEN(4, 17), .type = "flag", .xml = "metadata",
         .doc = "the frontend may trust the backend"),
    FLAG("untrusted", trusted, .no = "", .since = XEN(4, 17), .type = "flag", .xml = "metadata",
         .doc = "the frontend shall not trust the backend"),
    R_TRI("grant_usage", disk, grant_usage, .since = XEN(4, 19), .type = "0|1", .xml = "metadata",
          .doc = "use grants with a virtio disk"),
    R_HOOK("target", read_target, NULL, .type = "path, to the end of the text", .xml = "<source>",
           .doc = "what the disk is on the host; comes last"),
};
const struct row_table spec_disk_table = {"disk.", rows, sizeof(rows) / sizeof(*rows)};

/* ---- the whole ---- */
static const struct {
    const char *prefix, *format, *script, *driver;
} prefixes[] = {{"raw:", "raw"},
                {"qcow:", "qcow"},
                {"qcow2:", "qcow2"},
                {"vhd:", "vhd"},
                {"iscsi:", NULL, "block-iscsi"},
                {"nbd:", NULL, "block-nbd"},
                {"enbd:", NULL, "block-enbd"},
                {"drbd:", NULL, "block-drbd"},
                {"tapdisk:"},
                {"tap:"},
                {"tap2:"},
                {"aio:"},
                {"ioemu:"},
                {"file:", NULL, NULL, "qemu"},
                {"phy:", NULL, NULL, "phy"}};

/* phy:/dev/x and the like; prefixes can be stacked. Returns what is behind them. */
static const char *old_prefixes(struct conf_ctx *c, struct disk *k, const char *p, struct pos pos,
                                struct positions *at)
{
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        if (!str_starts(p, prefixes[i].prefix))
            continue;
        p += strlen(prefixes[i].prefix);
        at->has_old_prefix = true;
        if (prefixes[i].format) {
            str_set(&k->format, prefixes[i].format);
            at->format = true;
        }
        if (prefixes[i].script)
            str_set(&k->script, prefixes[i].script);
        if (prefixes[i].driver && !k->driver)
            str_set(&k->driver, prefixes[i].driver);
        i = (size_t)-1;
    }
    if (at->has_old_prefix)
        spec_note(c, &spec_disk_table, "target", REPORT_WARNING, pos,
                  "a prefix on the target is an old spelling");
    return p;
}

/* vdev[:cdrom|:disk] */
static int positional_vdev(struct conf_ctx *c, struct disk *k, char *text, struct pos pos)
{
    if (str_starts(text, "ioemu:")) {
        text += strlen("ioemu:");
        conf_note(c, REPORT_WARNING, "disk.vdev", pos, "'ioemu:' is xm's; xl refuses it");
    }
    char *colon = strrchr(text, ':');
    if (colon) {
        *colon = '\0';
        if (!strcmp(colon + 1, "cdrom"))
            k->device = DISK_CDROM;
        else if (strcmp(colon + 1, "disk"))
            return conf_error(c, pos, "':%s': expected :cdrom or :disk behind the device",
                              colon + 1);
    }
    str_set(&k->target, text);
    return 0;
}

static const struct row *find_row(const char *key)
{
    for (size_t i = 0; i < spec_disk_table.n; i++)
        if (!strcmp(rows[i].key, key))
            return &rows[i];
    return NULL;
}

static bool is_marked(const struct positions *at, const char *key)
{
    return (at->target && !strcmp(key, "target")) || (at->format && !strcmp(key, "format")) ||
           (at->vdev && !strcmp(key, "vdev")) || (at->access && !strcmp(key, "access"));
}

static void mark(struct positions *at, const char *key)
{
    at->target |= !strcmp(key, "target");
    at->format |= !strcmp(key, "format");
    at->vdev |= !strcmp(key, "vdev");
    at->access |= !strcmp(key, "access");
}

/* Which word the next one without '=' is; NULL: there are no more. */
static const char *positional_key(const struct disk *k, const char *word, struct positions *at)
{
    bool is_old_cdrom = at->target && !at->format && !at->vdev && k->source && !*k->source &&
                        str_ends(word, ":cdrom"); /* ",hdc:cdrom,r": an empty drive */
    if (is_old_cdrom)
        at->format = true;
    return !at->target                          ? "target"
           : !at->format && !at->has_old_prefix ? "format"
           : !at->vdev                          ? "vdev"
           : !at->access                        ? "access"
                                                : NULL;
}

static int read_positional(struct conf_ctx *c, struct disk *k, const char *key,
                           const struct value *v)
{
    switch (*key) {
    case 't':
        return read_target(c, NULL, k, v);
    case 'f':
        return *v->text ? read_format(c, find_row(key), k, v) : 0;
    case 'v':
        return *v->text ? positional_vdev(c, k, (char *)v->text, v->pos) : 0;
    }
    return read_access(c, find_row(key), k, v);
}

static int positional(struct conf_ctx *c, struct disk *k, struct spec_part *p, struct positions *at)
{
    struct value v = {VALUE_STRING, p->key, NULL, 0, p->pos};
    const char *key = positional_key(k, p->key, at);
    if (!key)
        return conf_error(
            c, p->pos, "'%s': too many words; target, format, vdev and access are known", p->key);
    bool is_empty = !*p->key;
    mark(at, key);
    if (read_positional(c, k, key, &v))
        return -1;
    if (!is_empty)
        spec_note(c, &spec_disk_table, key, REPORT_CONVERTED, p->pos, NULL);
    return 0;
}

static int read_part(struct conf_ctx *c, struct disk *k, struct spec_part *p, struct positions *at)
{
    const struct row *r = find_row(p->key);
    bool is_flag = r && (!strcmp(p->key, "cdrom") || strstr(r->type, "flag"));
    struct value v = {p->value ? VALUE_STRING : VALUE_NONE, p->value, NULL, 0, p->pos};
    if (!p->value && !is_flag)
        return positional(c, k, p, at);
    if (!r)
        return conf_error(c, p->pos, "'%s': unknown word in a disk", p->key);
    if (is_marked(at, p->key))
        return conf_error(c, p->pos, "'%s' is said twice in a disk", p->key);
    mark(at, p->key);
    if (row_read(c, r, k, &v))
        return -1;
    spec_note(c, &spec_disk_table, r->key, REPORT_CONVERTED, p->pos, NULL);
    return 0;
}

/* libvirt takes qemu for what libxl would choose, which for a block device is another. */
static void take_driver(struct conf_ctx *c, struct disk *k)
{
    bool is_plain = k->device == DISK_DISK && str_eq(k->format, "raw");
    if (is_plain && (k->script || str_starts(k->source, "/dev/")))
        conf_note(c, REPORT_WARNING, "disk", (struct pos){0},
                  "'%s' without backendtype becomes qdisk, where xl may take phy", k->target);
    str_set(&k->driver, "qemu");
}

static int finish(struct conf_ctx *c, const struct value *v, struct disk *k)
{
    if (!k->target)
        return conf_error(c, v->pos, "disk '%s': the device is missing: vdev=", v->text);
    if (k->device != DISK_CDROM && str_empty(k->source) && !(c->o->flags & CONF_RAW))
        return conf_error(c, v->pos, "disk '%s': the target is missing: target=", v->text);
    if (!k->device)
        k->device = DISK_DISK;
    if (k->device == DISK_CDROM)
        k->readonly = TRI_YES;
    if (!k->format)
        str_set(&k->format, "raw");
    if (!k->driver && !(c->o->flags & CONF_RAW))
        take_driver(c, k);
    k->type = str_eq(k->driver, "phy") && k->device != DISK_CDROM ? DISK_BLOCK : DISK_FILE;
    native_rbd_read(k);
    return 0;
}

int spec_read_disk(struct conf_ctx *c, const struct value *v, struct disk *ret)
{
    CLEANUP_SPEC struct spec_cursor x = {0};
    struct spec_part p;
    struct positions at = {0};
    spec_open(&x, v);
    while (x.text && *x.text) {
        const char *start = x.text + strspn(x.text, " \t\n\r");
        struct pos pos = {x.pos.line, x.pos.col + (int)(start - x.start)};
        if (str_starts(start, "target=")) { /* takes all the rest */
            str_set(&ret->source, start + 7);
            spec_note(c, &spec_disk_table, "target", REPORT_CONVERTED, pos, NULL);
            break;
        }
        if (!at.target)
            x.text = old_prefixes(c, ret, start, pos, &at);
        if (!spec_next(&x, ',', &p))
            break;
        p.pos = pos; /* in front of the prefix */
        if (read_part(c, ret, &p, &at))
            return -1;
    }
    return finish(c, v, ret);
}

int spec_write_disk(struct conf_ctx *c, const struct disk *k)
{
    if (disk_check_sayable(c, k, "xl"))
        return -1;
    spec_write(c, &spec_disk_table, k);
    CLEANUP_FREE char *rbd = k->type == DISK_NETWORK ? native_rbd(k) : NULL;
    const char *target = rbd ? rbd : k->source;
    if (!str_empty(target)) /* may hold commas, and so goes past spec_put */
        str_addf(&cfg_out(c)->item, ",target=%s", target);
    return 0;
}
