/* What happens to domains, whoever does it: xenstore tells of domains that come (@introduceDomain)
 * and stop or go (@releaseDomain); one look at Xen's list then says which. Names, balloon targets,
 * consoles and devices have watches of their own. Nothing polls. */
#include "xl.h"

#include <errno.h>

#include "base/log.h"
#include "base/vec.h"

enum { WATCHES = 3 };
static const char *const watched[WATCHES] = {"name", "memory/target", "console"};

static struct dom *dom_find(struct hv *h, uint32_t domid)
{
    for (size_t i = 0; i < h->n_doms; i++)
        if (h->doms[i].domid == domid)
            return &h->doms[i];
    return NULL;
}

/* Who destroys a domain pauses it first, takes its devices and its console away and then everything
 * else, which takes a while: that is not what clients call paused. One that never ran is being
 * built. */
bool domain_is_leaving(struct hv *h, const libxl_dominfo *i)
{
    struct dom *d = dom_find(h, i->domid);
    if (!d || !i->paused) {
        if (d) {
            d->has_run = true;
            d->has_lost = false;
        }
        return false;
    }
    if (!d->has_run || memcmp(d->uuid, libxl_uuid_bytearray_const(&i->uuid), sizeof(d->uuid)))
        return false;
    if (d->has_lost)
        return true;
    CLEANUP_FREE char *console = xenstore_read(h, "/local/domain/%u/console/backend", i->domid);
    return console == NULL;
}

/* We let it run, or destroy it ourselves and hear how that ended. */
void domain_set_run(struct hv *h, uint32_t domid, bool runs)
{
    struct dom *d = dom_find(h, domid);
    if (d)
        d->has_run = runs;
}

static void dom_watches(struct hv *h, uint32_t domid, bool on)
{
    for (int i = 0; i < WATCHES; i++) {
        char path[64], token[16];
        snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, watched[i]);
        snprintf(token, sizeof(token), "d%u", domid);
        if (on)
            xs_watch(h->xs, path, token);
        else
            xs_unwatch(h->xs, path, token);
    }
}

/* ---- looking again at Xen's list ---- */

enum what { APPEARED, STOPPED, GONE };
struct news {
    enum what what;
    uint32_t domid;
    enum hv_reason reason;
};

struct newspaper {
    struct news *items;
    size_t n;
};

static void news_add(struct newspaper *p, enum what what, uint32_t domid, enum hv_reason reason)
{
    struct news item = {what, domid, reason};
    VEC_PUSH(p->items, p->n, item);
}

static void news_tell(struct hv *h, const struct newspaper *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct news *it = &p->items[i];
        switch (it->what) {
        case APPEARED:
            h->events.appeared(h->arg, it->domid);
            break;
        case STOPPED:
            h->events.stopped(h->arg, it->domid, it->reason);
            break;
        case GONE:
            h->events.gone(h->arg, it->domid);
            break;
        }
    }
}

static void drop_absent(struct hv *h, const struct hv_info *now, size_t n, struct newspaper *news)
{
    for (size_t i = h->n_doms; i-- > 0;) {
        struct dom *d = &h->doms[i];
        bool here = false;
        for (size_t k = 0; k < n && !here; k++)
            here = now[k].domid == d->domid && !memcmp(now[k].uuid, d->uuid, sizeof(d->uuid));
        if (here)
            continue;
        news_add(news, GONE, d->domid, HV_REASON_UNKNOWN);
        dom_watches(h, d->domid, false);
        VEC_REMOVE(h->doms, h->n_doms, i);
    }
}

static void take_present(struct hv *h, const struct hv_info *i, struct newspaper *news)
{
    struct dom *d = dom_find(h, i->domid);
    if (!d) {
        struct dom fresh = {.domid = i->domid, .swallow = WATCHES};
        memcpy(fresh.uuid, i->uuid, sizeof(fresh.uuid));
        VEC_PUSH(h->doms, h->n_doms, fresh);
        dom_watches(h, i->domid, true);
        d = &h->doms[h->n_doms - 1];
        if (news)
            news_add(news, APPEARED, i->domid, HV_REASON_UNKNOWN);
    }
    bool stopped = i->run == HV_SHUTDOWN;
    if (news && stopped && !d->is_stopped && d->is_watched)
        news_add(news, STOPPED, i->domid, i->reason);
    d->is_stopped = stopped; /* a guest that was saved may run on */
}

/* Compares what was known with what is there. With no news the state is taken as it is. */
static int look_again(struct hv *h, struct newspaper *news, struct err *e)
{
    CLEANUP_FREE struct hv_info *now = NULL;
    size_t n;
    if (info_list(h, &now, &n, e))
        return -1;
    if (news)
        drop_absent(h, now, n, news);
    for (size_t i = 0; i < n; i++)
        take_present(h, &now[i], news);
    return 0;
}

/* ---- xenstore ---- */

/* A start changes dozens of nodes: one word to the core for all that comes within a moment. */
enum { SOON_MS = 40 };

static void mark_changed(struct hv *h, struct dom *d)
{
    if (!d->is_changed)
        loop_timer_start(h->soon, SOON_MS, 0);
    d->is_changed = true;
}

static void tell_changed(void *arg)
{
    struct hv *h = arg;
    size_t n = 0;
    CLEANUP_FREE uint32_t *domids = mem_new(h->n_doms + 1, sizeof(*domids));
    for (size_t i = 0; i < h->n_doms; i++) {
        if (h->doms[i].is_changed)
            domids[n++] = h->doms[i].domid;
        h->doms[i].is_changed = false;
    }
    for (size_t i = 0; i < n; i++)
        if (dom_find(h, domids[i]))
            h->events.changed(h->arg, domids[i]);
}

/* "/libxl/5/device/vbd/51712" -> 5; xenstore's own nodes of libxl, which guests cannot write. */
static bool domid_of_path(const char *path, uint32_t *ret)
{
    static const char root[] = "/libxl/";
    if (!str_starts(path, root) || !strstr(path, "/device"))
        return false;
    const char *at = path + sizeof(root) - 1;
    size_t n = strcspn(at, "/");
    CLEANUP_FREE char *digits = mem_strn(at, n);
    return parse_u32(digits, 10, UINT32_MAX - 1, ret);
}

/* True when domains may have come, stopped or gone. */
static bool take_watch(struct hv *h, char **watch)
{
    const char *token = watch[XS_WATCH_TOKEN];
    uint32_t domid;
    if (str_eq(token, "list"))
        return true;
    bool devices = str_eq(token, "devices");
    if (devices ? !domid_of_path(watch[XS_WATCH_PATH], &domid)
                : token[0] != 'd' || !parse_u32(token + 1, 10, UINT32_MAX - 1, &domid))
        return false;
    struct dom *d = dom_find(h, domid);
    if (d && devices && !d->has_lost) {
        CLEANUP_FREE char *node = xenstore_read(h, "%s", watch[XS_WATCH_PATH]);
        d->has_lost = !node;
    }
    if (d && !devices && d->swallow)
        d->swallow--; /* every watch fires once when it is set */
    else if (d)
        mark_changed(h, d);
    return false;
}

static void on_xenstore(void *arg, int events)
{
    struct hv *h = arg;
    bool list = false;
    char **watch;
    while ((watch = xs_check_watch(h->xs))) {
        list |= take_watch(h, watch);
        free(watch);
    }
    struct newspaper news = {0};
    struct err e = {0};
    if (list && look_again(h, &news, &e))
        h->events.log(h->arg, LOG_ERROR, e.msg);
    news_tell(h, &news);
    free(news.items);
}

struct late { /* a stop to be told once its asker is done */
    struct hv *hv;
    uint32_t domid;
    enum hv_reason reason;
};

static void tell_late(void *arg)
{
    struct late *l = arg;
    struct dom *d = dom_find(l->hv, l->domid);
    l->hv->n_late--;
    if (!l->hv->is_closed && d && d->is_stopped)
        l->hv->events.stopped(l->hv->arg, l->domid, l->reason);
    free(l);
}

int events_watch(struct hv *h, uint32_t domid, struct err *e)
{
    struct hv_info i;
    if (info_get(h, domid, &i, e))
        return -1;
    struct dom *d = dom_find(h, domid);
    if (!d) { /* so new that xenstore has not told of it yet */
        take_present(h, &i, NULL);
        d = dom_find(h, domid);
    }
    d->is_watched = true;
    if (i.run == HV_SHUTDOWN) { /* it stopped before anybody looked */
        d->is_stopped = true;
        struct late *l = NEW(struct late);
        *l = (struct late){h, domid, i.reason};
        h->n_late++;
        loop_defer(h->loop, tell_late, l);
    }
    return 0;
}

int events_open(struct hv *h, struct err *e)
{
    h->xs = xs_open(0);
    if (!h->xs)
        return fail_errno(e, "cannot connect to xenstore");
    if (!xs_watch(h->xs, "@introduceDomain", "list") ||
        !xs_watch(h->xs, "@releaseDomain", "list") || !xs_watch(h->xs, "/libxl", "devices"))
        return fail_errno(e, "cannot watch xenstore");
    if (look_again(h, NULL, e))
        return -1;
    h->soon = loop_timer_open(h->loop, tell_changed, h);
    h->xs_fd = loop_fd_open(h->loop, xs_fileno(h->xs), LOOP_READ, on_xenstore, h, e);
    return h->xs_fd ? 0 : -1;
}

void events_close(struct hv *h)
{
    loop_timer_close(h->soon);
    loop_fd_close(h->xs_fd);
    if (h->xs)
        xs_close(h->xs);
    free(take(h->doms));
    h->n_doms = 0;
}
