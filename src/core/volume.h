/* Disk images that lie in one folder: what is there, new ones, streams of bytes in and out. Every
 * name is opened relative to the folder and never through a symbolic link, so nothing outside is
 * reached. No state; everything may block, so all of it is for workers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"

enum {
    VOLUMES_MAX = 16384,   /* looked at in one folder */
    VOLUME_CHUNK = 262120, /* bytes read at a time */
};

struct volume {
    char *name;
    const char *format; /* "raw", "qcow2", ...; borrowed, constant */
    uint64_t capacity;  /* bytes that a guest sees */
    uint64_t allocated; /* on disk */
    uint64_t length;    /* of the file */
    mode_t mode;
    uid_t uid;
    gid_t gid;
    struct timespec accessed, modified, changed;
    char *backing;        /* what it is a difference to; NULL: nothing */
    char *backing_format; /* NULL: not said */
};

void volume_clear(struct volume *i);
void volumes_free(struct volume *list, size_t n);

struct volume_space {
    uint64_t capacity, allocated, available;
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

/* The folder as a whole. */
int volume_space(const char *dir, struct volume_space *ret, struct err *e);
int volume_list(const char *dir, struct volume **ret, size_t *ret_n, struct err *e);
int volume_look(const char *dir, const char *name, struct volume *ret, struct err *e);
int volume_look_at(int fd, const char *name, struct volume *ret, struct err *e);

struct volume_order {
    const char *name, *format;            /* format NULL: raw */
    uint64_t capacity, allocated;         /* bytes; raw only: so much of it is set aside */
    const char *backing, *backing_format; /* NULL: none */
    bool has_mode;
    mode_t mode;
};

/* A file of that name that is there already is an error. Bigger formats are made by qemu-img. */
int volume_make(const char *dir, const struct volume_order *o, struct err *e);
/* The same, with what another one has in it. What that is a difference to has to be in one of
 * `dirs`, of which NULL is the last; so too for a new size. */
int volume_make_from(const char *dir, const struct volume_order *o, const char *from_dir,
                     const char *from, const char *const dirs[], struct err *e);
int volume_remove(const char *dir, const char *name, struct err *e);
enum { VOLUME_SHRINKS = 1, VOLUME_ALLOCATES = 2 };
int volume_resize(const char *dir, const char *name, uint64_t capacity, unsigned how,
                  const char *const dirs[], struct err *e);
int volume_wipe(const char *dir, const char *name, struct err *e);
/* A descriptor for reading or writing, -1. */
int volume_open(const char *dir, const char *name, bool writes, struct err *e);

int volume_make_dir(const char *dir, bool has_mode, mode_t mode, struct err *e);
int volume_remove_dir(const char *dir, struct err *e); /* an empty one */
