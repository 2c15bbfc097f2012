/* One disk of a snapshot, by how it keeps its contents of then: within a qcow2 image, as the file
 * under a new one, or as a thin volume of LVM. Workers only. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/json.h"
#include "snap_priv.h"
#include "tool.h"

static bool exists(const char *path)
{
    struct stat s;
    return !lstat(path, &s);
}

/* ---- images ---- */
/* *ret is cleared by the caller with json_clear. A guest may have the image open. */
static int image_info(const char *path, struct json *ret, struct hv_progress *p, struct err *e)
{
    CLEANUP_STR struct str out = {0};
    const char *const argv[] = {"qemu-img", "info", "-U", "--output=json", path, NULL};
    return tool_run(argv, p, &out, e) || json_parse(str_get(&out), out.len, ret, e) ? -1 : 0;
}

static const char *text_of(const struct json *object, const char *key)
{
    const struct json *v = json_get(object, key);
    return v && (v->kind == JSON_STRING || v->kind == JSON_NUMBER) ? v->text : NULL;
}

/* The image's own id of a snapshot; caller frees. NULL: it has none of that name. */
static int find_in_image(const char *path, const char *name, char **ret, struct hv_progress *p,
                         struct err *e)
{
    struct json info;
    if (image_info(path, &info, p, e))
        return -1;
    if (!str_eq(text_of(&info, "format"), "qcow2")) {
        json_clear(&info);
        return fail(e, ERR_OPERATION_UNSUPPORTED, "'%s' is no qcow2 image", path);
    }
    const struct json *list = json_get(&info, "snapshots");
    char *id = NULL;
    for (size_t i = 0; list && i < list->n_items; i++)
        if (str_eq(text_of(&list->items[i], "name"), name))
            str_set(&id, text_of(&list->items[i], "id"));
    json_clear(&info);
    *ret = id;
    return 0;
}

int snap_disk_backing(const char *path, char **ret, struct hv_progress *p, struct err *e)
{
    struct json info;
    if (image_info(path, &info, p, e))
        return -1;
    const char *full = text_of(&info, "full-backing-filename");
    *ret = mem_str(full ? full : text_of(&info, "backing-filename"));
    json_clear(&info);
    return 0;
}

int snap_disk_commit(const char *path, struct hv_progress *p, struct err *e)
{
    const char *const argv[] = {"qemu-img", "commit", "-q", "-d", path, NULL};
    return tool_run(argv, p, NULL, e);
}

int snap_disk_rebase(const char *path, const char *backing, const char *format,
                     struct hv_progress *p, struct err *e)
{
    const char *const argv[] = {"qemu-img", "rebase", "-u", "-b", backing,
                                "-F",       format,   path, NULL};
    return tool_run(argv, p, NULL, e);
}

static int snapshot_tool(const char *verb, const char *name, const char *path,
                         struct hv_progress *p, struct err *e)
{
    const char *const argv[] = {"qemu-img", "snapshot", verb, name, path, NULL};
    return tool_run(argv, p, NULL, e);
}

static int image_check(const struct snap_disk *x, struct err *e)
{
    CLEANUP_FREE char *id = NULL;
    if (find_in_image(x->disk->source, x->name, &id, x->progress, e))
        return -1;
    return id ? fail(e, ERR_OPERATION_FAILED, "'%s' holds a snapshot '%s' already", x->disk->source,
                     x->name)
              : 0;
}

static int image_make(const struct snap_disk *x, struct err *e)
{
    return snapshot_tool("-c", x->name, x->disk->source, x->progress, e);
}

static int image_unmake(const struct snap_disk *x, struct err *e)
{
    CLEANUP_FREE char *id = NULL;
    if (!exists(x->disk->source))
        return 0;
    if (find_in_image(x->disk->source, x->name, &id, x->progress, e))
        return -1;
    return id ? snapshot_tool("-d", x->name, x->disk->source, x->progress, e) : 0;
}

static int image_can_revert(const struct snap_disk *x, struct err *e)
{
    CLEANUP_FREE char *id = NULL;
    if (find_in_image(x->disk->source, x->name, &id, x->progress, e))
        return -1;
    return id ? 0
              : fail(e, ERR_OPERATION_FAILED, "'%s' holds no snapshot '%s'", x->disk->source,
                     x->name);
}

/* By its id: where that is asked for a name, qemu-img would take another's id for it. */
static int image_revert(const struct snap_disk *x, struct err *e)
{
    CLEANUP_FREE char *id = NULL;
    if (image_can_revert(x, e) || find_in_image(x->disk->source, x->name, &id, x->progress, e))
        return -1;
    return snapshot_tool("-a", id, x->disk->source, x->progress, e);
}

/* ---- a file over the old one ---- */
static const char *format_of(const struct disk *k)
{
    return str_empty(k->format) ? "raw" : k->format;
}

static int over_check(const struct snap_disk *x, struct err *e)
{
    if (x->reuses)
        return exists(x->file) ? 0 : fail(e, ERR_OPERATION_FAILED, "'%s' is missing", x->file);
    if (exists(x->file))
        return fail(e, ERR_OPERATION_FAILED, "'%s' exists already", x->file);
    return exists(x->disk->source)
               ? 0
               : fail(e, ERR_OPERATION_FAILED, "'%s' is missing", x->disk->source);
}

static int over_make(const struct snap_disk *x, struct err *e)
{
    const char *const argv[] = {
        "qemu-img", "create",           "-q",    "-f", "qcow2", "-b", x->disk->source,
        "-F",       format_of(x->disk), x->file, NULL};
    if (x->reuses)
        return 0;
    if (tool_run(argv, x->progress, NULL, e))
        return -1;
    CLEANUP_CLOSE int fd = open(x->file, O_RDONLY | O_CLOEXEC);
    return fd < 0 || fsync(fd) ? fail_errno(e, "cannot sync '%s'", x->file) : 0;
}

static int over_unmake(const struct snap_disk *x, struct err *e)
{
    if (!x->reuses && unlink(x->file) && errno != ENOENT)
        return fail_errno(e, "cannot remove '%s'", x->file);
    return 0;
}

static int over_can_revert(const struct snap_disk *x, struct err *e)
{
    return exists(x->disk->source)
               ? 0
               : fail(e, ERR_OPERATION_FAILED, "'%s' is missing", x->disk->source);
}

/* A new file over the old contents; a first attempt's is no use. */
static int over_revert(const struct snap_disk *x, struct err *e)
{
    if (x->is_again && unlink(x->file) && errno != ENOENT)
        return fail_errno(e, "cannot remove '%s'", x->file);
    return over_make(x, e);
}

static int over_delete(const struct snap_disk *x, struct err *e)
{
    return 0; /* snap_delete.c: what stands over it may be others' too */
}

/* ---- thin volumes ---- */
struct volume {
    char *group, *name, *origin; /* origin: group/name; name: of the snapshot */
};

static void volume_clear(struct volume *v)
{
    free(v->group);
    free(v->name);
    free(v->origin);
}
#define CLEANUP_VOLUME CLEANUP(volume_clear)

static int check_volume_name(const char *name, struct err *e)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("+_.-", *c))
            return fail(e, ERR_INVALID_ARG,
                        "a volume cannot be called '%s': letters, digits and +_.- are possible",
                        name);
    return 0;
}

/* "group,volume,pool" as lvs prints it. */
static int volume_find(const struct snap_disk *x, struct volume *ret, struct err *e)
{
    CLEANUP_STR struct str out = {0};
    const char *const argv[] = {
        "lvs", "--noheadings", "--separator", ",", "-o", "vg_name,lv_name,pool_lv", x->disk->source,
        NULL};
    char group[128], volume[128], pool[128];
    if (check_volume_name(x->name, e) || tool_run(argv, x->progress, &out, e))
        return -1;
    if (sscanf(str_get(&out), " %127[^,],%127[^,],%127s", group, volume, pool) != 3)
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "'%s' is no thin volume of LVM: only those have snapshots", x->disk->source);
    *ret = (struct volume){mem_str(group), mem_printf("%s-%s", volume, x->name),
                           mem_printf("%s/%s", group, volume)};
    return 0;
}

static bool volume_exists(const struct volume *v, const struct snap_disk *x)
{
    struct err e = {0};
    CLEANUP_FREE char *path = mem_printf("%s/%s", v->group, v->name);
    const char *const argv[] = {"lvs", "--noheadings", "-o", "lv_name", path, NULL};
    return !tool_run(argv, x->progress, NULL, &e);
}

static int volume_create(const struct volume *v, const struct snap_disk *x, struct err *e)
{
    const char *const argv[] = {"lvcreate", "-q", "-s", "-n", v->name, v->origin, NULL};
    return tool_run(argv, x->progress, NULL, e);
}

static int thin_check(const struct snap_disk *x, struct err *e)
{
    CLEANUP_VOLUME struct volume v = {0};
    if (volume_find(x, &v, e))
        return -1;
    return volume_exists(&v, x)
               ? fail(e, ERR_OPERATION_FAILED, "volume '%s/%s' exists already", v.group, v.name)
               : 0;
}

static int thin_make(const struct snap_disk *x, struct err *e)
{
    CLEANUP_VOLUME struct volume v = {0};
    return volume_find(x, &v, e) || volume_create(&v, x, e) ? -1 : 0;
}

static int thin_unmake(const struct snap_disk *x, struct err *e)
{
    CLEANUP_VOLUME struct volume v = {0};
    if (volume_find(x, &v, e))
        return -1;
    CLEANUP_FREE char *path = mem_printf("%s/%s", v.group, v.name);
    const char *const argv[] = {"lvremove", "-q", "-f", path, NULL};
    return volume_exists(&v, x) ? tool_run(argv, x->progress, NULL, e) : 0;
}

/* LVM merges a snapshot into the volume that it was made of, and into no other: that one went when
 * the volume was reverted to another snapshot. */
static int volume_stands_on(const struct volume *v, const struct snap_disk *x, struct err *e)
{
    CLEANUP_STR struct str out = {0};
    CLEANUP_FREE char *path = mem_printf("%s/%s", v->group, v->name);
    const char *const argv[] = {"lvs", "--noheadings", "-o", "origin", path, NULL};
    char origin[128] = "";
    if (tool_run(argv, x->progress, &out, e))
        return -1;
    if (sscanf(str_get(&out), " %127s", origin) == 1 && str_eq(origin, strchr(v->origin, '/') + 1))
        return 0;
    return fail(e, ERR_OPERATION_UNSUPPORTED,
                "volume '%s' is no snapshot of '%s' any more, which was reverted to another since",
                path, v->origin);
}

static int thin_can_revert(const struct snap_disk *x, struct err *e)
{
    CLEANUP_VOLUME struct volume v = {0};
    if (volume_find(x, &v, e))
        return -1;
    if (!volume_exists(&v, x))
        return fail(e, ERR_OPERATION_FAILED, "volume '%s/%s' is missing", v.group, v.name);
    return volume_stands_on(&v, x, e);
}

/* The snapshot becomes the volume and is made anew from it: after the first step both are the same.
 */
static int thin_revert(const struct snap_disk *x, struct err *e)
{
    CLEANUP_VOLUME struct volume v = {0};
    if (volume_find(x, &v, e))
        return -1;
    CLEANUP_FREE char *path = mem_printf("%s/%s", v.group, v.name);
    const char *const argv[] = {"lvconvert", "-q", "-y", "--merge", path, NULL};
    bool is_merged = x->is_again && !volume_exists(&v, x);
    return (!is_merged && tool_run(argv, x->progress, NULL, e)) || volume_create(&v, x, e) ? -1 : 0;
}

/* ---- which of them ---- */
typedef int disk_fn(const struct snap_disk *x, struct err *e);
struct keeper {
    disk_fn *check, *make, *unmake, *can_revert, *revert, *remove;
    bool needs_off;
};
static const struct keeper images = {image_check,  image_make,   image_unmake,     image_can_revert,
                                     image_revert, image_unmake, .needs_off = true};
static const struct keeper overs = {over_check,  over_make,   over_unmake,      over_can_revert,
                                    over_revert, over_delete, .needs_off = true};
static const struct keeper thins = {thin_check,      thin_make,   thin_unmake,
                                    thin_can_revert, thin_revert, thin_unmake};

static const struct keeper *keeper_of(const struct snap_disk *x)
{
    if (x->place == SNAP_EXTERNAL)
        return &overs;
    return x->disk->type == DISK_BLOCK && !str_eq(x->disk->format, "qcow2") ? &thins : &images;
}

static int named(const struct snap_disk *x, int r, struct err *e)
{
    return r ? wrap(e, "disk '%s'", x->disk->target) : 0;
}

int snap_disk_check(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->check(x, e), e);
}

int snap_disk_make(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->make(x, e), e);
}

int snap_disk_unmake(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->unmake(x, e), e);
}

int snap_disk_can_revert(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->can_revert(x, e), e);
}

int snap_disk_revert(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->revert(x, e), e);
}

int snap_disk_delete(const struct snap_disk *x, struct err *e)
{
    return named(x, keeper_of(x)->remove(x, e), e);
}

bool snap_disk_needs_off(const struct snap_disk *x)
{
    return keeper_of(x)->needs_off;
}
