/* Pools: folders with disk images in them, for hosts where no other daemon looks after storage. A
 * pool is a name for a folder; what is in it is asked of the folder each time (volume.h). The
 * registry is kept in files: definitions and autostart links among those of the guests, what is
 * active in the run folder. Loop thread only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct volume;
struct volume_order;
struct volume_space;
struct pools;
struct str;

struct pool {
    char *name, *path;
    uint8_t uuid[16];
    bool has_mode; /* of a folder that is made for it */
    mode_t mode;
    bool is_active, is_persistent, autostarts;
};

/* What cannot be read is told to log and left alone. */
struct pools *pools_open(const char *config_dir, const char *run_dir,
                         void (*log)(int level, const char *text));
void pools_free(struct pools *p); /* accepts NULL */
size_t pools_count(const struct pools *p);
struct pool *pools_at(struct pools *p, size_t i); /* borrowed, as all of these; by name */

/* NULL: ERR_NO_STORAGE_POOL. */
struct pool *pools_find_name(struct pools *p, const char *name, struct err *e);
struct pool *pools_find_uuid(struct pools *p, const uint8_t uuid[16], struct err *e);
struct pool *pools_find_path(struct pools *p, const char *path, struct err *e);
/* The active pool that path lies in, and the name there, within path. */
struct pool *pools_find_volume(struct pools *p, const char *path, const char **ret_name,
                               struct err *e);

/* define: stored. Else it is there until it is stopped. NULL: *e. */
struct pool *pools_add(struct pools *p, const char *xml, bool defines, struct err *e);
int pools_start(struct pools *p, struct pool *pool, struct err *e);
/* This and the next may be the pool's end. */
int pools_stop(struct pools *p, struct pool *pool, struct err *e);
int pools_undefine(struct pools *p, struct pool *pool, struct err *e);
int pools_set_autostart(struct pools *p, struct pool *pool, bool on, struct err *e);

/* --- the documents --- */
/* space NULL: not known. Caller frees. */
char *pool_write_xml(const struct pool *p, const struct volume_space *space);
char *volume_write_xml(const char *dir, const struct volume *i);
/* The strings of ret are in *ret_text, which the caller frees after use. */
struct volume_text;
int volume_parse_xml(const char *xml, struct volume_order *ret, struct volume_text **ret_text,
                     struct err *e);
void volume_text_free(struct volume_text *t); /* accepts NULL */
