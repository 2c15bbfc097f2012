/* What a call about storage asks of the files of a pool: values for a worker, and values back. A
 * folder on a server that does not answer holds its own workers only: there are a few for all of
 * storage, others wait in order. Loop thread, but for work. */
#pragma once
#include "core/pool.h"
#include "core/volume.h"
#include "daemon/dispatch.h"

struct storage_task {
    struct storage_task *next; /* that waits */
    struct call *call;
    char *dir, *pool, *name; /* of the volume; name NULL: the folder as a whole */
    uint8_t pool_uuid[16];
    int (*work)(struct storage_task *t); /* in the worker: 0, or err is set */
    /* On the loop, when it ended well: fills the call's results; NULL: there are none. */
    int (*done)(struct storage_task *t);
    void (*failed)(struct storage_task *t); /* undoes; NULL: nothing to undo */
    int result;
    struct err err;

    /* what is asked */
    struct volume_order order;
    struct volume_text *text; /* that order's strings are in */
    char *from_dir, *from;
    char **dirs; /* of the active pools, up to NULL: what may be below */
    uint64_t capacity;
    uint32_t flags;
    bool has_mode;
    mode_t mode;
    bool writes;

    /* what comes back; done may take it */
    struct volume_space space;
    struct volume image, *images;
    size_t n_images;
    int fd;
};

/* name is copied, and may be NULL. */
struct storage_task *storage_task_new(struct call *c, const struct pool *p, const char *name);
int storage_task_run(struct storage_task *t); /* CALL_LATER; takes over t */
/* In line with the tasks: for streams. */
void storage_work(struct daemon *d, loop_fn *work, loop_fn *after, void *arg);

/* The active pool that a volume is in, or NULL and an error. */
struct pool *storage_active(struct call *c, struct pool *p);
