/* Volumes: the disk images in this daemon's own pools. */
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/access.h"
#include "daemon/object.h"
#include "daemon/storage_task.h"
#include "daemon/volume_stream.h"
#include "wire/consts.h"

static struct pools *pools(const struct call *c)
{
    return c->daemon->pools;
}

static void fill(struct wire_storage_vol *ret, const char *pool, const char *dir, const char *name)
{
    str_set(&ret->pool, pool);
    str_set(&ret->name, name);
    ret->key = mem_printf("%s/%s", dir, name);
}

/* Every procedure about one volume has it as its first argument. */
static const struct wire_storage_vol *argument(const struct call *c)
{
    return &((const struct wire_storage_vol_delete_args *)c->args)->vol;
}

static struct pool *pool_argument(struct call *c)
{
    const struct wire_storage_pool_destroy_args *args = c->args;
    return storage_active(c, pools_find_uuid(pools(c), args->pool.uuid, &c->err));
}

static int run(struct call *c, const struct pool *p, const char *name,
               int (*work)(struct storage_task *), int (*done)(struct storage_task *))
{
    if (!p)
        return CALL_FAILED;
    struct storage_task *t = storage_task_new(c, p, name);
    t->work = work;
    t->done = done;
    return storage_task_run(t);
}

static int on_volume(struct call *c, int (*work)(struct storage_task *),
                     int (*done)(struct storage_task *))
{
    const struct wire_storage_vol *v = argument(c);
    return run(c, storage_active(c, pools_find_name(pools(c), v->pool, &c->err)), v->name, work,
               done);
}

/* --- lists --- */

static int work_list(struct storage_task *t)
{
    return volume_list(t->dir, &t->images, &t->n_images, &t->err);
}

/* May the client know of this volume? */
static bool sees(struct storage_task *t, const char *name)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", t->dir, name);
    const struct object o = {.type = "storage_vol", .name = name, .key = path, .parent = t->pool};
    return access_sees_object(t->call, &o);
}

static int done_list_all(struct storage_task *t)
{
    const struct wire_storage_pool_list_all_volumes_args *args = t->call->args;
    struct wire_storage_pool_list_all_volumes_ret *ret = t->call->ret;
    for (size_t i = 0; i < t->n_images; i++) {
        struct wire_storage_vol v = {0};
        if (!sees(t, t->images[i].name))
            continue;
        ret->ret++;
        if (!args->need_results)
            continue;
        fill(&v, t->pool, t->dir, t->images[i].name);
        VEC_PUSH(ret->vols, ret->n_vols, v);
    }
    return CALL_DONE;
}

static int do_list_all(struct call *c)
{
    return run(c, pool_argument(c), NULL, work_list, done_list_all);
}

static int done_num(struct storage_task *t)
{
    struct wire_storage_pool_num_of_volumes_ret *ret = t->call->ret;
    for (size_t i = 0; i < t->n_images; i++)
        ret->num += sees(t, t->images[i].name);
    return CALL_DONE;
}

static int do_num(struct call *c)
{
    return run(c, pool_argument(c), NULL, work_list, done_num);
}

static int done_list(struct storage_task *t)
{
    const struct wire_storage_pool_list_volumes_args *args = t->call->args;
    struct wire_storage_pool_list_volumes_ret *ret = t->call->ret;
    for (size_t i = 0; i < t->n_images && ret->n_names < (size_t)args->maxnames; i++)
        if (sees(t, t->images[i].name))
            VEC_PUSH(ret->names, ret->n_names, mem_str(t->images[i].name));
    return CALL_DONE;
}

static int do_list(struct call *c)
{
    const struct wire_storage_pool_list_volumes_args *args = c->args;
    if (args->maxnames < 0 || args->maxnames > WIRE_STORAGE_VOL_LIST_MAX)
        return fail(&c->err, ERR_RPC, "too many volumes '%d' for limit '%d'", args->maxnames,
                    WIRE_STORAGE_VOL_LIST_MAX);
    return run(c, pool_argument(c), NULL, work_list, done_list);
}

/* --- one --- */

static int work_look(struct storage_task *t)
{
    return volume_look(t->dir, t->name, &t->image, &t->err);
}

/* All these results are a volume and nothing else. */
static int done_found(struct storage_task *t)
{
    struct wire_storage_vol_lookup_by_name_ret *ret = t->call->ret;
    fill(&ret->vol, t->pool, t->dir, t->name);
    return CALL_DONE;
}

static int do_by_name(struct call *c)
{
    const struct wire_storage_vol_lookup_by_name_args *args = c->args;
    return run(c, pool_argument(c), args->name, work_look, done_found);
}

static int by_path(struct call *c, const char *path)
{
    const char *name = NULL;
    const struct pool *p = pools_find_volume(pools(c), path, &name, &c->err);
    return run(c, p, name, work_look, done_found);
}

/* The key of a file is its path. */
static int do_by_key(struct call *c)
{
    return by_path(c, ((const struct wire_storage_vol_lookup_by_key_args *)c->args)->key);
}

static int do_by_path(struct call *c)
{
    return by_path(c, ((const struct wire_storage_vol_lookup_by_path_args *)c->args)->path);
}

static int done_info(struct storage_task *t)
{
    struct wire_storage_vol_get_info_ret *ret = t->call->ret;
    ret->capacity = t->image.capacity;
    ret->allocation =
        call_flags(t->call) & VIR_STORAGE_VOL_GET_PHYSICAL ? t->image.length : t->image.allocated;
    return CALL_DONE;
}

static int do_info(struct call *c)
{
    return on_volume(c, work_look, done_info);
}

static int done_xml(struct storage_task *t)
{
    struct wire_storage_vol_get_xml_desc_ret *ret = t->call->ret;
    ret->xml = volume_write_xml(t->dir, &t->image);
    return CALL_DONE;
}

static int do_xml(struct call *c)
{
    return on_volume(c, work_look, done_xml);
}

static int done_path(struct storage_task *t)
{
    struct wire_storage_vol_get_path_ret *ret = t->call->ret;
    ret->name = mem_printf("%s/%s", t->dir, t->name);
    return CALL_DONE;
}

static int do_path(struct call *c)
{
    return on_volume(c, work_look, done_path);
}

/* --- changes --- */

static int work_make(struct storage_task *t)
{
    return t->from ? volume_make_from(t->dir, &t->order, t->from_dir, t->from,
                                      (const char *const *)t->dirs, &t->err)
                   : volume_make(t->dir, &t->order, &t->err);
}

static char **active_dirs(struct pools *all)
{
    size_t n = 0;
    char **dirs = mem_new(pools_count(all) + 1, sizeof(*dirs));
    for (size_t i = 0; i < pools_count(all); i++)
        if (pools_at(all, i)->is_active)
            dirs[n++] = mem_str(pools_at(all, i)->path);
    return dirs;
}

static int make(struct call *c, const struct pool *p, const char *xml, const struct pool *from_pool,
                const char *from)
{
    struct volume_order o;
    struct volume_text *text;
    if (!p || volume_parse_xml(xml, &o, &text, &c->err))
        return CALL_FAILED;
    struct storage_task *t = storage_task_new(c, p, o.name);
    t->order = o;
    t->text = text;
    t->work = work_make;
    t->done = done_found;
    if (from_pool) {
        t->from_dir = mem_str(from_pool->path);
        t->from = mem_str(from);
        t->dirs = active_dirs(pools(c));
    }
    return storage_task_run(t);
}

static int do_create_xml(struct call *c)
{
    const struct wire_storage_vol_create_xml_args *args = c->args;
    return make(c, pool_argument(c), args->xml, NULL, NULL);
}

static int do_create_xml_from(struct call *c)
{
    const struct wire_storage_vol_create_xml_from_args *args = c->args;
    const struct pool *from =
        storage_active(c, pools_find_name(pools(c), args->clonevol.pool, &c->err));
    if (!from)
        return CALL_FAILED;
    return make(c, pool_argument(c), args->xml, from, args->clonevol.name);
}

static int work_remove(struct storage_task *t)
{
    return volume_remove(t->dir, t->name, &t->err);
}

static int do_delete(struct call *c)
{
    return on_volume(c, work_remove, NULL);
}

static int work_wipe(struct storage_task *t)
{
    return volume_wipe(t->dir, t->name, &t->err);
}

static int do_wipe(struct call *c)
{
    return on_volume(c, work_wipe, NULL);
}

static int do_wipe_pattern(struct call *c)
{
    const struct wire_storage_vol_wipe_pattern_args *args = c->args;
    if (args->algorithm)
        return fail(&c->err, ERR_CONFIG_UNSUPPORTED, "volumes are wiped with zeroes only");
    return on_volume(c, work_wipe, NULL);
}

static int work_resize(struct storage_task *t)
{
    bool shrinks = t->flags & VIR_STORAGE_VOL_RESIZE_SHRINK;
    uint64_t capacity = t->capacity;
    if (t->flags & VIR_STORAGE_VOL_RESIZE_DELTA) {
        if (volume_look(t->dir, t->name, &t->image, &t->err))
            return -1;
        if (shrinks ? __builtin_sub_overflow(t->image.capacity, t->capacity, &capacity)
                    : __builtin_add_overflow(t->image.capacity, t->capacity, &capacity))
            return fail(&t->err, ERR_INVALID_ARG, "'%s' cannot become that much %s", t->name,
                        shrinks ? "smaller" : "bigger");
    }
    unsigned how = (shrinks ? VOLUME_SHRINKS : 0) |
                   (t->flags & VIR_STORAGE_VOL_RESIZE_ALLOCATE ? VOLUME_ALLOCATES : 0);
    return volume_resize(t->dir, t->name, capacity, how, (const char *const *)t->dirs, &t->err);
}

static int do_resize(struct call *c)
{
    const struct wire_storage_vol_resize_args *args = c->args;
    const struct pool *p = storage_active(c, pools_find_name(pools(c), args->vol.pool, &c->err));
    if (!p)
        return CALL_FAILED;
    struct storage_task *t = storage_task_new(c, p, args->vol.name);
    t->work = work_resize;
    t->dirs = active_dirs(pools(c));
    t->capacity = args->capacity;
    t->flags = args->flags;
    return storage_task_run(t);
}

/* --- bytes --- */

static int work_open(struct storage_task *t)
{
    t->fd = volume_open(t->dir, t->name, t->writes, &t->err);
    return t->fd < 0 ? -1 : 0;
}

static int done_open(struct storage_task *t)
{
    /* both have the same members */
    const struct wire_storage_vol_upload_args *args = t->call->args;
    if (!t->call->session)
        return fail(&t->call->err, ERR_INTERNAL, "the client has gone");
    if (args->offset > INT64_MAX || args->length > INT64_MAX - args->offset)
        return fail(&t->call->err, ERR_INVALID_ARG, "offset and length are too large");
    volume_stream_open(t->call, t->fd, t->writes, args->offset, args->length,
                       args->flags & t->call->proc->sparse);
    t->fd = -1;
    return CALL_DONE;
}

static int open_stream(struct call *c, bool writes)
{
    const struct wire_storage_vol *v = argument(c);
    const struct pool *p = storage_active(c, pools_find_name(pools(c), v->pool, &c->err));
    if (!p)
        return CALL_FAILED;
    struct storage_task *t = storage_task_new(c, p, v->name);
    t->work = work_open;
    t->done = done_open;
    t->writes = writes;
    return storage_task_run(t);
}

static int do_upload(struct call *c)
{
    return open_stream(c, true);
}

static int do_download(struct call *c)
{
    return open_stream(c, false);
}

enum {
    RESIZE_FLAGS = VIR_STORAGE_VOL_RESIZE_ALLOCATE | VIR_STORAGE_VOL_RESIZE_DELTA |
                   VIR_STORAGE_VOL_RESIZE_SHRINK,
};

static const struct handler rows[] = {
    {WIRE_STORAGE_POOL_LIST_ALL_VOLUMES, do_list_all},
    {WIRE_STORAGE_POOL_NUM_OF_VOLUMES, do_num},
    {WIRE_STORAGE_POOL_LIST_VOLUMES, do_list},
    {WIRE_STORAGE_VOL_LOOKUP_BY_NAME, do_by_name},
    {WIRE_STORAGE_VOL_LOOKUP_BY_KEY, do_by_key},
    {WIRE_STORAGE_VOL_LOOKUP_BY_PATH, do_by_path},
    {WIRE_STORAGE_VOL_GET_INFO, do_info},
    {WIRE_STORAGE_VOL_GET_INFO_FLAGS, do_info, VIR_STORAGE_VOL_GET_PHYSICAL},
    {WIRE_STORAGE_VOL_GET_XML_DESC, do_xml},
    {WIRE_STORAGE_VOL_GET_PATH, do_path},
    {WIRE_STORAGE_VOL_CREATE_XML, do_create_xml, VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA},
    {WIRE_STORAGE_VOL_CREATE_XML_FROM, do_create_xml_from},
    {WIRE_STORAGE_VOL_DELETE, do_delete},
    {WIRE_STORAGE_VOL_WIPE, do_wipe},
    {WIRE_STORAGE_VOL_WIPE_PATTERN, do_wipe_pattern},
    {WIRE_STORAGE_VOL_RESIZE, do_resize, RESIZE_FLAGS},
    {WIRE_STORAGE_VOL_UPLOAD, do_upload, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM},
    {WIRE_STORAGE_VOL_DOWNLOAD, do_download, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM},
};
const struct handlers do_volume_handlers = HANDLERS(rows);
