/* The guests that start by themselves: those of one order at once, the next order when all of them
 * have started, or cannot, and the longest of their delays is over. */
#include "priv.h"

struct entry {
    uint8_t uuid[16];
    char *name; /* of then, for the order */
    int64_t order, delay_s;
};

struct autostart {
    struct host *host;
    struct entry *entries;
    size_t n_entries, next, n_running;
    int64_t order, delay_s; /* of those that start now */
    struct loop_timer *timer;
    bool is_waiting;
};

enum { ORDER_LAST = INT32_MAX, DELAY_MAX_S = 24 * 3600 };

void autostart_close(struct host *h)
{
    struct autostart *a = take(h->autostart);
    if (!a)
        return;
    for (size_t i = 0; i < a->n_entries; i++)
        free(a->entries[i].name);
    loop_timer_close(a->timer);
    free(a->entries);
    free(a);
}

static int in_order(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void go(struct autostart *a);

static void on_started(void *arg, struct guest *g, const struct err *e)
{
    struct autostart *a = arg;
    if (a->host->is_closing) /* it starts no others */
        return;
    if (e->code)
        host_log(a->host, LOG_ERROR, "autostart: %s", e->msg);
    a->n_running--;
    go(a);
}

static void start(struct autostart *a, const struct entry *x)
{
    struct err e = {0};
    struct guest *g = host_get_uuid(a->host, x->uuid);
    if (!g || !g->autostart || g->domid != HV_DOMID_NONE || guest_check_idle(g, &e))
        return; /* somebody was here before us */
    if (guest_starts_once(g) && guest_set_start_once(g, false, &e))
        host_log(a->host, LOG_ERROR, "autostart: %s", e.msg);
    if (guest_start(g, 0, on_started, a, &e)) {
        host_log(a->host, LOG_ERROR, "autostart: %s", e.msg);
        return;
    }
    a->n_running++;
    if (x->delay_s > a->delay_s)
        a->delay_s = x->delay_s;
}

static void on_delay(void *arg)
{
    struct autostart *a = arg;
    a->is_waiting = false;
    go(a);
}

/* False: the next order has to wait. */
static bool enter_order(struct autostart *a, int64_t order)
{
    if (a->n_running)
        return false;
    int64_t delay_s = a->delay_s;
    a->delay_s = 0;
    if (delay_s) {
        a->is_waiting = true;
        loop_timer_start(a->timer, (uint64_t)delay_s * 1000, 0);
        return false;
    }
    a->order = order;
    return true;
}

static void go(struct autostart *a)
{
    struct host *h = a->host;
    while (!a->is_waiting && a->next < a->n_entries && a->n_running < h->autostart_parallel) {
        const struct entry *x = &a->entries[a->next];
        if (x->order != a->order && !enter_order(a, x->order))
            return;
        a->next++;
        start(a, x);
    }
    if (a->next == a->n_entries && !a->n_running)
        autostart_close(h);
}

void autostart_open(struct host *h)
{
    size_t n;
    struct guest **all = host_guests(h, &n);
    struct autostart *a = h->autostart = NEW(struct autostart);
    *a = (struct autostart){.host = h, .timer = loop_timer_open(h->loop, on_delay, a)};
    for (size_t i = 0; i < n; i++) {
        const struct guest *g = all[i];
        if (!g->autostart || !g->def)
            continue;
        int64_t delay_s = num_or(g->def->autostart_delay, 0);
        struct entry x = {.name = mem_str(g->name),
                          .order = num_or(g->def->autostart_order, ORDER_LAST),
                          .delay_s = delay_s < DELAY_MAX_S ? delay_s : DELAY_MAX_S};
        memcpy(x.uuid, g->uuid, UUID_LEN);
        VEC_PUSH(a->entries, a->n_entries, x);
    }
    free(all);
    if (a->n_entries) {
        qsort(a->entries, a->n_entries, sizeof(*a->entries), in_order);
        a->order = a->entries[0].order;
    }
    go(a);
}
