/* Pools of this daemon's own, on hosts where no other daemon looks after storage. */
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "daemon/access.h"
#include "daemon/do_event.h"
#include "daemon/object.h"
#include "daemon/storage_task.h"
#include "wire/consts.h"

static struct pools *pools(const struct call *c)
{
    return c->daemon->pools;
}

static void fill(struct wire_storage_pool *ret, const struct pool *p)
{
    str_set(&ret->name, p->name);
    memcpy(ret->uuid, p->uuid, sizeof(ret->uuid));
}

/* Every procedure about one pool has it as its first argument. */
static struct pool *argument(struct call *c)
{
    const struct wire_storage_pool_destroy_args *args = c->args;
    return pools_find_uuid(pools(c), args->pool.uuid, &c->err);
}

/* --- lists --- */

/* Pairs of bits; a pool passes a pair when none is set or the one that holds. */
static bool has_bits(const struct pool *p, uint32_t flags)
{
    const struct {
        uint32_t yes, no;
        bool holds;
    } pairs[] = {
        {VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE, VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE,
         p->is_active},
        {VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT, VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT,
         p->is_persistent},
        {VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART, VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART,
         p->autostarts},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        uint32_t set = flags & (pairs[i].yes | pairs[i].no);
        if (set && !(set & (pairs[i].holds ? pairs[i].yes : pairs[i].no)))
            return false;
    }
    uint32_t types = flags & ~(uint32_t)(VIR_CONNECT_LIST_STORAGE_POOLS_DIR - 1);
    return !types || types & VIR_CONNECT_LIST_STORAGE_POOLS_DIR;
}

/* Is it one of those that the client asks for and may know of? */
static bool wants(struct call *c, const struct pool *p, uint32_t flags)
{
    struct object o = {.type = "storage_pool", .name = p->name};
    uuid_format(p->uuid, o.uuid);
    return has_bits(p, flags) && access_sees_object(c, &o);
}

static int do_list_all(struct call *c)
{
    const struct wire_connect_list_all_storage_pools_args *args = c->args;
    struct wire_connect_list_all_storage_pools_ret *ret = c->ret;
    for (size_t i = 0; i < pools_count(pools(c)); i++) {
        const struct pool *p = pools_at(pools(c), i);
        struct wire_storage_pool x = {0};
        if (!wants(c, p, args->flags))
            continue;
        ret->ret++;
        if (!args->need_results)
            continue;
        fill(&x, p);
        VEC_PUSH(ret->pools, ret->n_pools, x);
    }
    return CALL_DONE;
}

static int count(struct call *c, uint32_t flags)
{
    int n = 0;
    for (size_t i = 0; i < pools_count(pools(c)); i++)
        n += wants(c, pools_at(pools(c), i), flags);
    return n;
}

static int do_num(struct call *c)
{
    struct wire_connect_num_of_storage_pools_ret *ret = c->ret;
    ret->num = count(c, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
    return CALL_DONE;
}

static int do_num_defined(struct call *c)
{
    struct wire_connect_num_of_defined_storage_pools_ret *ret = c->ret;
    ret->num = count(c, VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE);
    return CALL_DONE;
}

/* Arguments and results of both lists of names have the same members. */
static int list_names(struct call *c, uint32_t flags)
{
    const struct wire_connect_list_storage_pools_args *args = c->args;
    struct wire_connect_list_storage_pools_ret *ret = c->ret;
    if (args->maxnames < 0 || args->maxnames > WIRE_STORAGE_POOL_LIST_MAX)
        return fail(&c->err, ERR_RPC, "too many pools '%d' for limit '%d'", args->maxnames,
                    WIRE_STORAGE_POOL_LIST_MAX);
    for (size_t i = 0; i < pools_count(pools(c)) && ret->n_names < (size_t)args->maxnames; i++)
        if (wants(c, pools_at(pools(c), i), flags))
            VEC_PUSH(ret->names, ret->n_names, mem_str(pools_at(pools(c), i)->name));
    return CALL_DONE;
}

static int do_list(struct call *c)
{
    return list_names(c, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
}

static int do_list_defined(struct call *c)
{
    return list_names(c, VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE);
}

/* --- one --- */

/* All these results are a pool and nothing else. */
static int found(struct call *c, const struct pool *p)
{
    struct wire_storage_pool_lookup_by_name_ret *ret = c->ret;
    if (!p)
        return CALL_FAILED;
    fill(&ret->pool, p);
    return CALL_DONE;
}

static int do_by_name(struct call *c)
{
    const struct wire_storage_pool_lookup_by_name_args *args = c->args;
    return found(c, pools_find_name(pools(c), args->name, &c->err));
}

static int do_by_uuid(struct call *c)
{
    const struct wire_storage_pool_lookup_by_uuid_args *args = c->args;
    return found(c, pools_find_uuid(pools(c), args->uuid, &c->err));
}

static int do_by_volume(struct call *c)
{
    const struct wire_storage_pool_lookup_by_volume_args *args = c->args;
    return found(c, pools_find_name(pools(c), args->vol.pool, &c->err));
}

static int do_by_path(struct call *c)
{
    const struct wire_storage_pool_lookup_by_target_path_args *args = c->args;
    return found(c, pools_find_path(pools(c), args->path, &c->err));
}

static int do_is_active(struct call *c)
{
    struct wire_storage_pool_is_active_ret *ret = c->ret;
    const struct pool *p = argument(c);
    ret->active = p && p->is_active;
    return p ? CALL_DONE : CALL_FAILED;
}

static int do_is_persistent(struct call *c)
{
    struct wire_storage_pool_is_persistent_ret *ret = c->ret;
    const struct pool *p = argument(c);
    ret->persistent = p && p->is_persistent;
    return p ? CALL_DONE : CALL_FAILED;
}

static int do_get_autostart(struct call *c)
{
    struct wire_storage_pool_get_autostart_ret *ret = c->ret;
    const struct pool *p = argument(c);
    ret->autostart = p && p->autostarts;
    return p ? CALL_DONE : CALL_FAILED;
}

static int do_set_autostart(struct call *c)
{
    const struct wire_storage_pool_set_autostart_args *args = c->args;
    struct pool *p = argument(c);
    return p && !pools_set_autostart(pools(c), p, args->autostart, &c->err) ? CALL_DONE
                                                                            : CALL_FAILED;
}

/* --- questions to the folder --- */

static int work_space(struct storage_task *t)
{
    return volume_space(t->dir, &t->space, &t->err);
}

static int done_info(struct storage_task *t)
{
    struct wire_storage_pool_get_info_ret *ret = t->call->ret;
    ret->state = VIR_STORAGE_POOL_RUNNING;
    ret->capacity = t->space.capacity;
    ret->allocation = t->space.allocated;
    ret->available = t->space.available;
    return CALL_DONE;
}

static int ask(struct call *c, const struct pool *p, int (*work)(struct storage_task *),
               int (*done)(struct storage_task *))
{
    struct storage_task *t = storage_task_new(c, p, NULL);
    t->work = work;
    t->done = done;
    return storage_task_run(t);
}

static int do_info(struct call *c)
{
    const struct pool *p = argument(c);
    if (!p || !p->is_active)
        return p ? CALL_DONE : CALL_FAILED; /* of an inactive one all is zero */
    return ask(c, p, work_space, done_info);
}

static int done_xml(struct storage_task *t)
{
    struct wire_storage_pool_get_xml_desc_ret *ret = t->call->ret;
    const struct pool *p = pools_find_uuid(pools(t->call), t->pool_uuid, &t->call->err);
    if (!p)
        return CALL_FAILED;
    ret->xml = pool_write_xml(p, &t->space);
    return CALL_DONE;
}

static int do_xml(struct call *c)
{
    const struct wire_storage_pool_get_xml_desc_args *args = c->args;
    struct wire_storage_pool_get_xml_desc_ret *ret = c->ret;
    const struct pool *p = argument(c);
    if (!p)
        return CALL_FAILED;
    if (p->is_active && !(args->flags & VIR_STORAGE_XML_INACTIVE))
        return ask(c, p, work_space, done_xml);
    ret->xml = pool_write_xml(p, NULL);
    return CALL_DONE;
}

static int done_refresh(struct storage_task *t)
{
    const struct pool *p = pools_find_uuid(pools(t->call), t->pool_uuid, NULL);
    if (p)
        pool_event(t->call->daemon, p, VIR_STORAGE_POOL_EVENT_ID_REFRESH, 0);
    return CALL_DONE;
}

static int do_refresh(struct call *c)
{
    const struct pool *p = storage_active(c, argument(c));
    return p ? ask(c, p, work_space, done_refresh) : CALL_FAILED;
}

/* --- changes --- */

static void changed(const struct call *c, const struct pool *p, int type)
{
    pool_event(c->daemon, p, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, type);
}

static int work_start(struct storage_task *t)
{
    if (t->flags && volume_make_dir(t->dir, t->has_mode, t->mode, &t->err))
        return -1;
    return volume_space(t->dir, &t->space, &t->err);
}

static int done_start(struct storage_task *t)
{
    struct call *c = t->call;
    struct pool *p = pools_find_uuid(pools(c), t->pool_uuid, &c->err);
    if (!p || pools_start(pools(c), p, &c->err))
        return CALL_FAILED;
    changed(c, p, VIR_STORAGE_POOL_EVENT_STARTED);
    return CALL_DONE;
}

static int do_start(struct call *c)
{
    const struct wire_storage_pool_create_args *args = c->args;
    const struct pool *p = argument(c);
    if (!p)
        return CALL_FAILED;
    if (p->is_active)
        return fail(&c->err, ERR_OPERATION_INVALID, "storage pool '%s' is already active", p->name);
    struct storage_task *t = storage_task_new(c, p, NULL);
    t->work = work_start;
    t->done = done_start;
    t->flags = args->flags;
    return storage_task_run(t);
}

static int done_create(struct storage_task *t)
{
    const struct pool *p = pools_find_uuid(pools(t->call), t->pool_uuid, &t->call->err);
    if (p)
        changed(t->call, p, VIR_STORAGE_POOL_EVENT_STARTED);
    return found(t->call, p);
}

/* It was there while its folder was looked at, so that nobody else took its name. */
static void failed_create(struct storage_task *t)
{
    struct pool *p = pools_find_uuid(pools(t->call), t->pool_uuid, NULL);
    if (p && p->is_active)
        pools_stop(pools(t->call), p, NULL);
}

static int do_create_xml(struct call *c)
{
    const struct wire_storage_pool_create_xml_args *args = c->args;
    struct pool *p = pools_add(pools(c), args->xml, false, &c->err);
    if (!p || pools_start(pools(c), p, &c->err))
        return CALL_FAILED;
    struct storage_task *t = storage_task_new(c, p, NULL);
    t->work = work_start;
    t->done = done_create;
    t->failed = failed_create;
    t->flags = args->flags;
    return storage_task_run(t);
}

static int do_define_xml(struct call *c)
{
    const struct wire_storage_pool_define_xml_args *args = c->args;
    const struct pool *p = pools_add(pools(c), args->xml, true, &c->err);
    if (p)
        changed(c, p, VIR_STORAGE_POOL_EVENT_DEFINED);
    return found(c, p);
}

/* What may be the pool's end; the event is made before and told after. */
static int end(struct call *c, int (*how)(struct pools *, struct pool *, struct err *), int type)
{
    struct pool *p = argument(c);
    struct pool old = p ? (struct pool){.name = mem_str(p->name)} : (struct pool){0};
    if (p)
        memcpy(old.uuid, p->uuid, sizeof(old.uuid));
    int r = p && !how(pools(c), p, &c->err) ? CALL_DONE : CALL_FAILED;
    if (r == CALL_DONE)
        changed(c, &old, type);
    free(old.name);
    return r;
}

static int do_stop(struct call *c)
{
    return end(c, pools_stop, VIR_STORAGE_POOL_EVENT_STOPPED);
}

static int do_undefine(struct call *c)
{
    return end(c, pools_undefine, VIR_STORAGE_POOL_EVENT_UNDEFINED);
}

static int work_build(struct storage_task *t)
{
    return volume_make_dir(t->dir, t->has_mode, t->mode, &t->err);
}

static int work_delete(struct storage_task *t)
{
    return volume_remove_dir(t->dir, &t->err);
}

static int told(struct storage_task *t, int type)
{
    const struct pool *p = pools_find_uuid(pools(t->call), t->pool_uuid, NULL);
    if (p)
        changed(t->call, p, type);
    return CALL_DONE;
}

static int done_build(struct storage_task *t)
{
    return told(t, VIR_STORAGE_POOL_EVENT_CREATED);
}

static int done_delete(struct storage_task *t)
{
    return told(t, VIR_STORAGE_POOL_EVENT_DELETED);
}

static int on_inactive(struct call *c, int (*work)(struct storage_task *),
                       int (*done)(struct storage_task *))
{
    const struct pool *p = argument(c);
    if (!p)
        return CALL_FAILED;
    if (p->is_active)
        return fail(&c->err, ERR_OPERATION_INVALID, "storage pool '%s' is active", p->name);
    return ask(c, p, work, done);
}

static int do_build(struct call *c)
{
    return on_inactive(c, work_build, done_build);
}

static int do_delete(struct call *c)
{
    return on_inactive(c, work_delete, done_delete);
}

enum {
    LIST_FLAGS = 2 * VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI_DIRECT - 1,
    BUILD_FLAGS = VIR_STORAGE_POOL_CREATE_WITH_BUILD |
                  VIR_STORAGE_POOL_CREATE_WITH_BUILD_OVERWRITE |
                  VIR_STORAGE_POOL_CREATE_WITH_BUILD_NO_OVERWRITE,
};

static const struct handler rows[] = {
    {WIRE_CONNECT_LIST_ALL_STORAGE_POOLS, do_list_all, LIST_FLAGS},
    {WIRE_CONNECT_NUM_OF_STORAGE_POOLS, do_num},
    {WIRE_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, do_num_defined},
    {WIRE_CONNECT_LIST_STORAGE_POOLS, do_list},
    {WIRE_CONNECT_LIST_DEFINED_STORAGE_POOLS, do_list_defined},
    {WIRE_STORAGE_POOL_LOOKUP_BY_NAME, do_by_name},
    {WIRE_STORAGE_POOL_LOOKUP_BY_UUID, do_by_uuid},
    {WIRE_STORAGE_POOL_LOOKUP_BY_VOLUME, do_by_volume},
    {WIRE_STORAGE_POOL_LOOKUP_BY_TARGET_PATH, do_by_path},
    {WIRE_STORAGE_POOL_IS_ACTIVE, do_is_active},
    {WIRE_STORAGE_POOL_IS_PERSISTENT, do_is_persistent},
    {WIRE_STORAGE_POOL_GET_AUTOSTART, do_get_autostart},
    {WIRE_STORAGE_POOL_SET_AUTOSTART, do_set_autostart},
    {WIRE_STORAGE_POOL_GET_INFO, do_info},
    {WIRE_STORAGE_POOL_GET_XML_DESC, do_xml, VIR_STORAGE_XML_INACTIVE},
    {WIRE_STORAGE_POOL_REFRESH, do_refresh},
    {WIRE_STORAGE_POOL_CREATE, do_start, BUILD_FLAGS},
    {WIRE_STORAGE_POOL_CREATE_XML, do_create_xml, BUILD_FLAGS},
    {WIRE_STORAGE_POOL_DEFINE_XML, do_define_xml},
    {WIRE_STORAGE_POOL_DESTROY, do_stop},
    {WIRE_STORAGE_POOL_UNDEFINE, do_undefine},
    {WIRE_STORAGE_POOL_BUILD, do_build,
     VIR_STORAGE_POOL_BUILD_NO_OVERWRITE | VIR_STORAGE_POOL_BUILD_OVERWRITE},
    {WIRE_STORAGE_POOL_DELETE, do_delete},
};
const struct handlers do_pool_handlers = HANDLERS(rows);
