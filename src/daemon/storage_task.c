#include "daemon/storage_task.h"

#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { WORKERS = 8 };

struct storage_work {
    struct storage_work *next;
    struct daemon *daemon;
    loop_fn *work, *after;
    void *arg;
};

/* --- a few workers for all of storage --- */

static void work_one(void *arg)
{
    struct storage_work *w = arg;
    w->work(w->arg);
}

static void after_one(void *arg)
{
    struct storage_work *w = arg, *next = w->daemon->storage_waiting;
    if (next) {
        next->daemon->storage_waiting = next->next;
        loop_work(next->daemon->loop, work_one, after_one, next);
    } else {
        w->daemon->n_storage--;
    }
    w->after(w->arg);
    free(w);
}

void storage_work(struct daemon *d, loop_fn *work, loop_fn *after, void *arg)
{
    struct storage_work *w = NEW(struct storage_work), **end = &d->storage_waiting;
    *w = (struct storage_work){.daemon = d, .work = work, .after = after, .arg = arg};
    if (d->n_storage < WORKERS) {
        d->n_storage++;
        loop_work(d->loop, work_one, after_one, w);
        return;
    }
    while (*end)
        end = &(*end)->next;
    *end = w;
}

/* --- tasks --- */

struct storage_task *storage_task_new(struct call *c, const struct pool *p, const char *name)
{
    struct storage_task *t = NEW(struct storage_task);
    t->call = c;
    t->dir = mem_str(p->path);
    t->pool = mem_str(p->name);
    t->name = mem_str(name);
    memcpy(t->pool_uuid, p->uuid, sizeof(t->pool_uuid));
    t->has_mode = p->has_mode;
    t->mode = p->mode;
    t->fd = -1;
    return t;
}

static void task_free(struct storage_task *t)
{
    volume_clear(&t->image);
    volumes_free(t->images, t->n_images);
    volume_text_free(t->text);
    close_fd(&t->fd);
    free(t->dir);
    free(t->pool);
    free(t->name);
    free(t->from_dir);
    free(t->from);
    for (char **d = t->dirs; d && *d; d++)
        free(*d);
    free(t->dirs);
    free(t);
}

static void work_task(void *arg)
{
    struct storage_task *t = arg;
    t->result = t->work(t);
}

static void after_task(void *arg)
{
    struct storage_task *t = arg;
    struct call *c = t->call;
    int r = CALL_DONE;
    if (t->result) {
        c->err = t->err;
        r = CALL_FAILED;
        if (t->failed)
            t->failed(t);
    } else if (t->done) {
        r = t->done(t);
    }
    task_free(t);
    call_finish(c, r);
}

int storage_task_run(struct storage_task *t)
{
    storage_work(t->call->daemon, work_task, after_task, t);
    return CALL_LATER;
}

struct pool *storage_active(struct call *c, struct pool *p)
{
    if (p && !p->is_active) {
        fail(&c->err, ERR_OPERATION_INVALID, "storage pool '%s' is not active", p->name);
        return NULL;
    }
    return p;
}
