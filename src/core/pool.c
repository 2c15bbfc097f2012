#include "core/pool.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "core/pool_priv.h"

enum { POOL_BYTES_MAX = 1 << 20, POOLS_MAX = 4096 };

struct pools {
    char *config_dir, *autostart_dir, *run_dir;
    struct pool **items; /* by name */
    size_t n;
    void (*log)(int level, const char *text);
};

static void pool_free(struct pool *p)
{
    free(p->name);
    free(p->path);
    free(p);
}

void pools_free(struct pools *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        pool_free(p->items[i]);
    free(p->items);
    free(p->config_dir);
    free(p->autostart_dir);
    free(p->run_dir);
    free(p);
}

size_t pools_count(const struct pools *p)
{
    return p->n;
}

struct pool *pools_at(struct pools *p, size_t i)
{
    return p->items[i];
}

/* --- finding --- */

static struct pool *no_pool(struct err *e, const char *what, const char *which)
{
    fail(e, ERR_NO_STORAGE_POOL, "storage pool not found: no storage pool with matching %s '%s'",
         what, which);
    if (e)
        e->domain = ERR_FROM_STORAGE;
    return NULL;
}

struct pool *pools_find_name(struct pools *p, const char *name, struct err *e)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->items[i]->name, name))
            return p->items[i];
    return no_pool(e, "name", name ? name : "");
}

struct pool *pools_find_uuid(struct pools *p, const uint8_t uuid[16], struct err *e)
{
    char text[UUID_TEXT];
    for (size_t i = 0; i < p->n; i++)
        if (uuid_eq(p->items[i]->uuid, uuid))
            return p->items[i];
    return no_pool(e, "uuid", uuid_format(uuid, text));
}

struct pool *pools_find_path(struct pools *p, const char *path, struct err *e)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    for (size_t i = 0; i < p->n; i++)
        if (strlen(p->items[i]->path) == n && !strncmp(p->items[i]->path, path, n))
            return p->items[i];
    return no_pool(e, "target path", path);
}

struct pool *pools_find_volume(struct pools *p, const char *path, const char **ret_name,
                               struct err *e)
{
    const char *slash = strrchr(path, '/');
    CLEANUP_FREE char *dir = mem_strn(path, !slash          ? 0
                                            : slash == path ? 1
                                                            : (size_t)(slash - path));
    struct pool *pool = slash ? pools_find_path(p, dir, NULL) : NULL;
    if (pool && pool->is_active && slash[1]) {
        *ret_name = slash + 1;
        return pool;
    }
    fail(e, ERR_NO_STORAGE_VOL, "storage volume not found: no storage vol with matching path '%s'",
         path);
    e->domain = ERR_FROM_STORAGE;
    return NULL;
}

/* --- files --- */

static int save(const struct pool *p, const char *dir, struct err *e)
{
    CLEANUP_FREE char *file = mem_printf("%s.xml", p->name);
    CLEANUP_FREE char *xml = pool_write_xml(p, NULL);
    return file_make_dirs(dir, 0755, e) || file_write_atomic(dir, file, xml, strlen(xml), 0600, e)
               ? -1
               : 0;
}

static int forget(const struct pool *p, const char *dir, struct err *e)
{
    CLEANUP_FREE char *file = mem_printf("%s.xml", p->name);
    struct stat st;
    return lstat(dir, &st) && errno == ENOENT ? 0 : file_remove(dir, file, e);
}

static bool is_in(const struct pool *p, const char *dir)
{
    CLEANUP_FREE char *file = mem_printf("%s/%s.xml", dir, p->name);
    struct stat st;
    return !lstat(file, &st);
}

static void insert(struct pools *p, struct pool *pool)
{
    size_t at = p->n;
    VEC_PUSH(p->items, p->n, pool);
    for (; at && strcmp(p->items[at - 1]->name, pool->name) > 0; at--)
        p->items[at] = p->items[at - 1];
    p->items[at] = pool;
}

static void remove_pool(struct pools *p, struct pool *pool)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i] == pool) {
            VEC_REMOVE(p->items, p->n, i);
            break;
        }
    pool_free(pool);
}

static int read_one(const char *dir, const char *file, struct pool *ret, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, file);
    CLEANUP_FREE char *xml = NULL;
    size_t len;
    if (file_read(path, POOL_BYTES_MAX, &xml, &len, e) || pool_parse_xml(xml, ret, e))
        return wrap(e, "pool in '%s'", path);
    CLEANUP_FREE char *want = mem_printf("%s.xml", ret->name);
    return str_eq(file, want)
               ? 0
               : fail(e, ERR_XML_ERROR, "pool in '%s': its name is '%s'", path, ret->name);
}

static void give_uuid(struct pool *pool, const struct pool *old)
{
    if (old)
        memcpy(pool->uuid, old->uuid, sizeof(pool->uuid));
    else
        uuid_random(pool->uuid);
}

static void read_dir(struct pools *p, const char *dir, bool is_config)
{
    DIR *d = opendir(dir);
    struct err e;
    for (const struct dirent *x; d && p->n < POOLS_MAX && (x = readdir(d));) {
        if (*x->d_name == '.' || !str_ends(x->d_name, ".xml"))
            continue;
        struct pool *pool = NEW(struct pool);
        if (read_one(dir, x->d_name, pool, &e)) {
            p->log(LOG_ERROR, e.msg);
            pool_free(pool);
            continue;
        }
        struct pool *known = pools_find_name(p, pool->name, NULL);
        if (known) {
            known->is_active = true; /* in the second folder */
            pool_free(pool);
            continue;
        }
        if (uuid_is_zero(pool->uuid))
            give_uuid(pool, NULL);
        pool->is_persistent = is_config;
        pool->autostarts = is_config && is_in(pool, p->autostart_dir);
        pool->is_active = !is_config || pool->autostarts;
        insert(p, pool);
    }
    if (d)
        closedir(d);
}

struct pools *pools_open(const char *config_dir, const char *run_dir,
                         void (*log)(int level, const char *text))
{
    struct pools *p = NEW(struct pools);
    p->log = log;
    p->config_dir = mem_printf("%s/storage", config_dir);
    p->autostart_dir = mem_printf("%s/storage/autostart", config_dir);
    p->run_dir = mem_printf("%s/storage", run_dir);
    read_dir(p, p->config_dir, true);
    read_dir(p, p->run_dir, false);
    return p;
}

/* --- changes --- */

static int taken(struct err *e, const char *what, const char *which, const struct pool *by)
{
    char uuid[UUID_TEXT];
    return fail(e, ERR_OPERATION_FAILED, "%s '%s' is that of pool '%s' (%s)", what, which, by->name,
                uuid_format(by->uuid, uuid));
}

/* May it be added, or replace the one of its name and uuid? */
static int check_new(struct pools *p, struct pool *pool, struct pool **ret_old, struct err *e)
{
    char uuid[UUID_TEXT];
    struct pool *old = pools_find_name(p, pool->name, NULL);
    if (uuid_is_zero(pool->uuid))
        give_uuid(pool, old);
    struct pool *same_uuid = pools_find_uuid(p, pool->uuid, NULL);
    struct pool *same_path = pools_find_path(p, pool->path, NULL);
    if (old && !uuid_eq(old->uuid, pool->uuid))
        return taken(e, "name", pool->name, old);
    if (same_uuid && same_uuid != old)
        return taken(e, "uuid", uuid_format(pool->uuid, uuid), same_uuid);
    if (same_path && same_path != old)
        return taken(e, "path", pool->path, same_path);
    if (!old && p->n >= POOLS_MAX)
        return fail(e, ERR_OPERATION_FAILED, "there are %d pools already", POOLS_MAX);
    *ret_old = old;
    return 0;
}

static int add(struct pools *p, struct pool *pool, bool defines, struct err *e)
{
    struct pool *old;
    if (check_new(p, pool, &old, e))
        return -1;
    if (old && (!defines || (old->is_active && !str_eq(old->path, pool->path))))
        return fail(e, ERR_OPERATION_FAILED, "pool '%s' exists already%s", pool->name,
                    old->is_active ? " and is active" : "");
    if (defines && save(pool, p->config_dir, e))
        return -1;
    if (old) {
        pool->is_active = old->is_active;
        pool->autostarts = old->autostarts;
        remove_pool(p, old);
    }
    pool->is_persistent = defines;
    insert(p, pool);
    return 0;
}

struct pool *pools_add(struct pools *p, const char *xml, bool defines, struct err *e)
{
    struct pool *pool = NEW(struct pool);
    if (!pool_parse_xml(xml, pool, e) && !add(p, pool, defines, e))
        return pool;
    pool_free(pool);
    return NULL;
}

int pools_start(struct pools *p, struct pool *pool, struct err *e)
{
    if (pool->is_active)
        return fail(e, ERR_OPERATION_INVALID, "storage pool '%s' is already active", pool->name);
    if (save(pool, p->run_dir, e))
        return -1;
    pool->is_active = true;
    return 0;
}

int pools_stop(struct pools *p, struct pool *pool, struct err *e)
{
    if (!pool->is_active)
        return fail(e, ERR_OPERATION_INVALID, "storage pool '%s' is not active", pool->name);
    if (forget(pool, p->run_dir, e))
        return -1;
    pool->is_active = false;
    if (!pool->is_persistent)
        remove_pool(p, pool);
    return 0;
}

int pools_undefine(struct pools *p, struct pool *pool, struct err *e)
{
    if (pool->is_active)
        return fail(e, ERR_OPERATION_INVALID, "storage pool '%s' is still active", pool->name);
    if (forget(pool, p->autostart_dir, e) || forget(pool, p->config_dir, e))
        return -1;
    remove_pool(p, pool);
    return 0;
}

int pools_set_autostart(struct pools *p, struct pool *pool, bool on, struct err *e)
{
    CLEANUP_FREE char *link = mem_printf("%s/%s.xml", p->autostart_dir, pool->name);
    CLEANUP_FREE char *target = mem_printf("../%s.xml", pool->name);
    if (!pool->is_persistent)
        return fail(e, ERR_OPERATION_INVALID, "pool '%s' has no definition to start", pool->name);
    if (!on) {
        if (forget(pool, p->autostart_dir, e))
            return -1;
    } else if (file_make_dirs(p->autostart_dir, 0755, e)) {
        return -1;
    } else if (symlink(target, link) && errno != EEXIST) {
        return fail_errno(e, "cannot create link '%s'", link);
    }
    pool->autostarts = on;
    return 0;
}
