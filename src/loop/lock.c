#include "lock.h"

#include <uv.h>

#include "base/mem.h"

struct lock {
    uv_mutex_t uv;
};

struct lock *lock_new(void)
{
    struct lock *k = NEW(struct lock);
    uv_mutex_init(&k->uv);
    return k;
}

void lock_free(struct lock *k)
{
    if (!k)
        return;
    uv_mutex_destroy(&k->uv);
    free(k);
}

void lock_enter(struct lock *k)
{
    uv_mutex_lock(&k->uv);
}

void lock_leave(struct lock *k)
{
    uv_mutex_unlock(&k->uv);
}
