/* Keeping the host true to the hypervisor: what runs at the start, what appears, changes and goes.
 */
#include "migrate.h"
#include "priv.h"

/* ---- adopting what others have started ----
 * A domain is looked at until its toolstack has named it, then its configuration is fetched: it is
 * there when the domain has been built. Nobody is told of it before. */
enum { TRY_FIRST_MS = 50, TRIES_MAX = 10, TRY_LAST_MS = 5000 };

struct adoption {
    struct host *host;
    uint32_t domid;
    unsigned tries;
    bool is_silent;    /* it was there before us: no event */
    bool wants_config; /* it has its guest, whose configuration could not be read yet */
    struct loop_timer *timer;
};

static void adoption_free(struct adoption *a)
{
    struct host *h = a->host;
    for (size_t i = 0; i < h->n_adoptions; i++)
        if (h->adoptions[i] == a) {
            VEC_REMOVE(h->adoptions, h->n_adoptions, i);
            break;
        }
    loop_timer_close(a->timer);
    free(a);
}

void host_adoptions_close(struct host *h)
{
    while (h->n_adoptions)
        adoption_free(h->adoptions[0]);
    free(take(h->adoptions));
}

static void work_adopt(void *arg)
{
    struct job *j = arg;
    (void)j->host->ops->config(j->host->hv, j->domid, &j->config, &j->err);
}

/* One that has stopped already keeps its state; what follows is its toolstack's business. */
static void tell_adopted(struct guest *g, bool is_silent)
{
    if (is_silent)
        return;
    if (g->state == GUEST_RUNNING)
        guest_change(g, CHANGE_ADOPTED);
    else if (g->state == GUEST_PAUSED)
        guest_change(g, CHANGE_ADOPTED_PAUSED);
    else
        guest_event(g, EVENT_LIFECYCLE, 2, 0);
}

static void on_try(void *arg);

static struct adoption *adoption_new(struct host *h, uint32_t domid, bool is_silent)
{
    struct adoption *a = NEW(struct adoption);
    *a = (struct adoption){.host = h, .domid = domid, .is_silent = is_silent};
    a->timer = loop_timer_open(h->loop, on_try, a);
    VEC_PUSH(h->adoptions, h->n_adoptions, a);
    return a;
}

static void try_later(struct adoption *a)
{
    uint64_t ms = a->tries < TRIES_MAX ? (uint64_t)TRY_FIRST_MS << a->tries : TRY_LAST_MS;
    a->tries++;
    loop_timer_start(a->timer, ms < TRY_LAST_MS ? ms : TRY_LAST_MS, 0);
}

/* One without a configuration is being built for as long as it has not run. */
static bool is_arriving(struct guest *g, unsigned tries)
{
    struct hv_info i;
    struct err e = {0};
    if (g->host->ops->info(g->host->hv, g->domid, &i, &e))
        return false;
    return i.run == HV_PAUSED || (tries < TRIES_MAX && i.run != HV_DYING);
}

static void read_state(struct guest *g)
{
    struct hv_info i;
    struct err e = {0};
    if (!g->host->ops->info(g->host->hv, g->domid, &i, &e) && i.run != HV_DYING)
        guest_read_state(g, &i);
}

/* index: how often it was tried */
static void end_adopt(struct job *j)
{
    struct guest *g = j->guest;
    if (g->domid != j->domid)
        return;
    if (j->err.code && is_arriving(g, j->index)) {
        struct adoption *a = adoption_new(g->host, g->domid, j->is_managed);
        a->tries = j->index;
        a->wants_config = true;
        try_later(a);
        return;
    }
    if (j->err.code)
        host_log(g->host, LOG_WARN, "configuration of domain '%s': %s", g->name, j->err.msg);
    else {
        guest_set_live(g, take(j->config));
        guest_refresh_live(g);
        guest_learn_claims(g);
    }
    read_state(g);
    g->is_arriving = false;
    tell_adopted(g, j->is_managed);
}

static const struct job_kind job_adopt = {.name = "look at", .work = work_adopt, .end = end_adopt};

/* What Xen alone tells, until the toolstack's configuration has come. */
static struct domain *plain_config(const struct hv_info *i, const char *name)
{
    struct domain *d = domain_new();
    d->type = i->type;
    d->name = mem_str(name);
    memcpy(d->uuid, i->uuid, UUID_LEN);
    d->id = NUM(i->domid);
    d->memory_kib = NUM(i->mem_kib);
    d->memory_max_kib = NUM(i->mem_max_kib);
    d->vcpus = NUM(i->vcpus_online);
    d->vcpus_max = NUM(i->vcpus_max);
    return d;
}

/* Two guests may not have one name: the one that others started gets its id to it. */
static struct guest *guest_for(struct host *h, const struct hv_info *i, const char *name)
{
    struct guest *g = host_get_uuid(h, i->uuid);
    if (g)
        return g;
    CLEANUP_FREE char *own = mem_str(name);
    if (host_get_name(h, own)) {
        free(own);
        own = mem_printf("%s~%u", name, i->domid);
    }
    return guest_new(h, own, i->uuid);
}

static void fetch_config(struct guest *g, bool is_silent, unsigned tries)
{
    struct err e = {0};
    struct job *j = job_new(g, &job_adopt, NULL, NULL);
    j->is_managed = is_silent;
    j->index = tries;
    if (job_run(j, &e))
        host_log(g->host, LOG_WARN, "domain '%s': %s", g->name, e.msg);
}

static void attach(struct guest *g, const struct hv_info *i, bool is_foreign)
{
    guest_stop_restart(g);
    guest_set_domid(g, i->domid);
    g->is_foreign = is_foreign;
    guest_read_state(g, i);
}

static void adopt(struct host *h, const struct hv_info *i, const char *name, bool is_silent)
{
    struct guest *g = guest_for(h, i, name);
    struct err e = {0};
    attach(g, i, true);
    guest_set_live(g, plain_config(i, g->name));
    if (h->ops->watch(h->hv, i->domid, &e)) {
        host_log(h, LOG_WARN, "domain '%s': %s", g->name, e.msg);
        guest_set_domid(g, HV_DOMID_NONE);
        guest_set_live(g, NULL);
        g->state = GUEST_SHUTOFF;
        guest_release(g);
        return;
    }
    if (g->job)
        return;
    g->is_arriving = true;
    fetch_config(g, is_silent, 0);
}

/* Is the guest that has this uuid already somewhere else? An old domain may be on its way out. */
static bool is_elsewhere(struct host *h, const struct hv_info *i)
{
    struct guest *g = host_get_uuid(h, i->uuid);
    struct hv_info old;
    struct err e = {0};
    if (!g || g->domid == HV_DOMID_NONE || g->domid == i->domid)
        return false;
    bool is_old_gone = h->ops->info(h->hv, g->domid, &old, &e)
                           ? e.code == ERR_NO_DOMAIN
                           : old.run == HV_DYING || !uuid_eq(old.uuid, i->uuid);
    if (is_old_gone)
        guest_gone(g, g->gone_as);
    return !is_old_gone;
}

static bool is_being_built_by_us(struct host *h, const struct hv_info *i)
{
    struct guest *g = host_get_uuid(h, i->uuid);
    return g && g->job &&
           (g->job->kind == &job_start || g->job->kind == &job_restore ||
            g->job->kind == &job_receive);
}

/* Done with it (adopted, or not ours to adopt), or to be looked at again? */
static bool look(struct adoption *a)
{
    struct host *h = a->host;
    struct hv_info i;
    struct err e = {0};
    CLEANUP_FREE char *name = NULL;
    if (h->ops->info(h->hv, a->domid, &i, &e))
        return e.code == ERR_NO_DOMAIN;
    struct guest *known = host_get_domid(h, a->domid);
    if (known && uuid_eq(known->uuid, i.uuid))
        return true;
    if (known) /* the id has a new owner */
        guest_gone(known, known->gone_as);
    if (i.run == HV_DYING || is_being_built_by_us(h, &i))
        return true;
    if (h->ops->domain_name(h->hv, a->domid, &name, &e) || (!name && a->tries < TRIES_MAX) ||
        is_elsewhere(h, &i))
        return false;
    CLEANUP_FREE char *spare = mem_printf("domain-%u", a->domid);
    adopt(h, &i, name && guest_name_is_good(name, &e) ? name : spare, a->is_silent);
    return true;
}

/* Somebody may have begun to use it meanwhile: then it is as it is. */
static void try_config(struct adoption *a)
{
    struct guest *g = host_get_domid(a->host, a->domid);
    if (g && g->is_arriving && !g->job)
        fetch_config(g, a->is_silent, a->tries);
    else if (g)
        g->is_arriving = false;
}

static void on_try(void *arg)
{
    struct adoption *a = arg;
    bool is_last = a->tries >= TRIES_MAX;
    if (a->wants_config)
        try_config(a);
    else if (!look(a) && !is_last) {
        try_later(a);
        return;
    }
    adoption_free(a);
}

void host_adopt(struct host *h, uint32_t domid, bool is_silent)
{
    on_try(adoption_new(h, domid, is_silent));
}

/* ---- what the hypervisor tells ---- */
static void on_appeared(void *arg, uint32_t domid)
{
    struct host *h = arg;
    if (!h->is_closing)
        host_adopt(h, domid, false);
}

static void on_stopped(void *arg, uint32_t domid, enum hv_reason reason)
{
    struct host *h = arg;
    struct guest *g = host_get_domid(h, domid);
    if (g && !h->is_closing)
        guest_stopped(g, reason);
}

static void on_gone(void *arg, uint32_t domid)
{
    struct host *h = arg;
    struct guest *g = host_get_domid(h, domid);
    if (!g || h->is_closing)
        return;
    bool is_destroyed = g->job && g->job->kind == &job_destroy && g->job->domid == domid;
    struct domain *lent = g->is_foreign ? NULL : loan_all(g->live);
    guest_gone(g, is_destroyed ? g->job->change : g->gone_as);
    guest_return_loans(g, lent);
    guest_release(g);
}

/* Another toolstack may rename what it runs; a definition keeps its name. */
static void look_at_name(struct guest *g)
{
    struct host *h = g->host;
    CLEANUP_FREE char *name = NULL;
    struct err e = {0};
    if (g->def || h->ops->domain_name(h->hv, g->domid, &name, &e) || !name ||
        str_eq(name, g->name) || !guest_name_is_good(name, &e) || host_get_name(h, name))
        return;
    guest_set_name(g, name);
    if (g->live)
        str_set(&g->live->name, name);
}

/* Its memory too, by whoever has its balloon in hand. */
static void look_at_live(struct guest *g)
{
    int64_t before = g->live ? num_or(g->live->memory_kib, 0) : 0;
    guest_refresh_live(g);
    int64_t now = g->live ? num_or(g->live->memory_kib, 0) : 0;
    if (before && now && now != before && !g->is_arriving && guest_is_running(g))
        guest_tell_balloon(g, (uint64_t)now);
}

static void on_changed(void *arg, uint32_t domid)
{
    struct host *h = arg;
    struct guest *g = host_get_domid(h, domid);
    for (size_t i = 0; !g && i < h->n_adoptions; i++)
        if (h->adoptions[i]->domid == domid) {
            on_try(h->adoptions[i]);
            return;
        }
    if (!g || h->is_closing)
        return;
    look_at_name(g);
    look_at_live(g);
    guest_look(g);
}

const struct hv_events host_hv_events = {
    .appeared = on_appeared, .stopped = on_stopped, .gone = on_gone, .changed = on_changed};

/* A passing error changes nothing: only Xen's word that there is no such domain does. */
void guest_look(struct guest *g)
{
    struct hv_info i;
    struct err e = {0};
    g->looked_ms = loop_now_ms(g->host->loop);
    if (g->is_arriving || (g->job && (g->job->kind->work || g->job->kind == &job_destroy)))
        return;
    if (g->host->ops->info(g->host->hv, g->domid, &i, &e))
        return;
    bool is_up = i.run == HV_RUNNING || i.run == HV_BLOCKED;
    if (is_up && g->state == GUEST_PAUSED)
        guest_change(g, CHANGE_RESUMED);
    else if (i.run == HV_PAUSED && guest_is_running(g))
        guest_change(g, CHANGE_SUSPENDED);
}

/* ---- the start ---- */
static void add_dom0(struct host *h, const struct hv_info *i)
{
    struct guest *g = guest_new(h, "Domain-0", i->uuid);
    attach(g, i, true);
    g->state = GUEST_RUNNING;
    g->reason = 1;
    guest_set_live(g, plain_config(i, g->name));
}

/* A guest of ours: it carries what it was started with. */
static bool recover(struct host *h, const struct hv_info *i)
{
    CLEANUP_FREE char *xml = NULL;
    size_t len;
    struct err e = {0};
    CLEANUP_DOMAIN struct domain *d = NULL;
    if (h->ops->userdata(h->hv, i->domid, HV_USERDATA_XML, &xml, &len, &e) || !xml)
        return false;
    if (text_read(xml, len, true, &d, &e) || !uuid_eq(d->uuid, i->uuid)) {
        host_log(h, LOG_WARN, "domain %u: what it was started with cannot be read: %s", i->domid,
                 e.msg);
        return false;
    }
    struct guest *g = guest_for(h, i, d->name);
    attach(g, i, false);
    g->started_ms = loop_now_ms(h->loop);
    g->again = g->def ? NULL : domain_copy(d);
    guest_set_live(g, take(d));
    guest_refresh_live(g);
    guest_learn_claims(g);
    if (h->ops->watch(h->hv, i->domid, &e))
        host_log(h, LOG_WARN, "domain '%s': %s", g->name, e.msg);
    return true;
}

/* ---- what was under way when the last daemon ended ---- */
/* A guest that runs again must not keep the image that it was restored from: to start from that
 * later would put old memory on newer disks. */
static void drop_used_image(struct guest *g, const char *note)
{
    CLEANUP_FREE char *path = store_managed_path(g->host, g->name);
    CLEANUP_FREE char *used = mem_printf("restore %s", path);
    struct err e = {0};
    if (!str_eq(note, used))
        return;
    if (store_drop_managed(path, &e))
        host_log(g->host, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
    else
        g->has_managed_save = false;
}

static void undo_start(struct host *h, struct guest *g, const char *note)
{
    struct err e = {0};
    if (g->live) { /* it was whole and ran, only the note was left */
        drop_used_image(g, note);
        return;
    }
    host_log(h, LOG_WARN, "domain '%s' was half started: it is removed", g->name);
    if (guest_end(g, CHANGE_FAILED, false, NULL, &e))
        host_log(h, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}

static void finish_destroy(struct host *h, struct guest *g, const char *note)
{
    struct err e = {0};
    host_log(h, LOG_WARN, "domain '%s' was being destroyed: that is finished", g->name);
    bool undefines = str_eq(note, NOTE_DESTROY_UNDEFINE);
    if (undefines ? guest_end_undefining(g, CHANGE_DESTROYED, &e)
                  : guest_end(g, CHANGE_DESTROYED, false, NULL, &e))
        host_log(h, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
}

/* The image is whole exactly when its unfinished file is not there any more. */
static void finish_save(struct host *h, struct guest *g, const char *note)
{
    const char *path = strchr(note, ' ');
    struct err e = {0};
    struct hv_info i;
    bool is_suspended =
        !h->ops->info(h->hv, g->domid, &i, &e) && i.run == HV_SHUTDOWN && i.reason == HV_SUSPEND;
    bool is_whole = path && image_is_whole(path + 1) && is_suspended;
    host_log(h, LOG_WARN, "domain '%s' was being saved: %s", g->name,
             is_whole ? "it is saved" : "it runs on");
    if (is_whole && guest_end(g, CHANGE_SAVED, false, NULL, &e))
        host_log(h, LOG_ERROR, "domain '%s': %s", g->name, e.msg);
    if (!is_whole)
        guest_revive(g);
}

/* The other side had no word yet that it has all: the guest runs on here. */
static void take_back(struct host *h, struct guest *g, const char *note)
{
    host_log(h, LOG_WARN, "domain '%s' was being migrated: it runs on", g->name);
    guest_revive(g);
}

/* All was sent, and nobody said whether the other side runs it: to run it here too would ruin its
 * disks. */
static void keep_sent(struct host *h, struct guest *g, const char *note)
{
    g->is_sent = true;
    guest_read_terms(g, note);
    g->state = GUEST_PAUSED;
    g->reason = 2;
    host_log(
        h, LOG_WARN,
        "domain '%s' was sent to another host and stays suspended: resume it if that host does not "
        "run it, destroy it if it does",
        g->name);
}

/* It stood still for it. What it wrote is no whole dump. */
static void undo_dump(struct host *h, struct guest *g, const char *note)
{
    struct err e = {0};
    host_log(h, LOG_WARN, "domain '%s' was being dumped: the dump is not whole", g->name);
    if (guest_has_reason(g, CHANGE_DUMPING) && h->ops->unpause(h->hv, g->domid, &e))
        host_log(h, LOG_ERROR, "domain '%s' stays paused: %s", g->name, e.msg);
    else if (guest_has_reason(g, CHANGE_DUMPING))
        guest_change(g, CHANGE_DUMPED);
}

static void keep_promise(struct host *h, struct guest *g, const char *note)
{
    guest_keep_promise(g, note);
}

static const struct {
    const char *job;
    void (*fn)(struct host *h, struct guest *g, const char *note);
} unfinished[] = {{"start", undo_start},     {"restore", undo_start}, {"destroy", finish_destroy},
                  {"save", finish_save},     {"dump", undo_dump},     {"migrate in", undo_start},
                  {"migrate", take_back},    {"resume", take_back},   {"sent", keep_sent},
                  {"accepted", keep_promise}};

static bool is_noted(const char *note, const char *job)
{
    return str_starts(note, job) && note[strlen(job)] == ' ';
}

static void conclude(struct host *h, const struct hv_info *i)
{
    struct guest *g = host_get_domid(h, i->domid);
    CLEANUP_FREE char *note = store_noted(h, i->uuid);
    if (!g || !note || g->job)
        return;
    for (size_t k = 0; k < sizeof(unfinished) / sizeof(*unfinished); k++)
        if (is_noted(note, unfinished[k].job)) {
            unfinished[k].fn(h, g, note);
            return;
        }
}

/* Half built by the last daemon: it has our note, and perhaps neither name nor configuration. */
static bool is_half_built(struct host *h, const struct hv_info *i)
{
    CLEANUP_FREE char *note = store_noted(h, i->uuid);
    return note &&
           (is_noted(note, "start") || is_noted(note, "restore") || is_noted(note, "migrate in"));
}

static void take_half_built(struct host *h, const struct hv_info *i)
{
    CLEANUP_FREE char *name = NULL, *spare = mem_printf("domain-%u", i->domid);
    struct err e = {0};
    (void)h->ops->domain_name(h->hv, i->domid, &name, &e);
    struct guest *g = guest_for(h, i, name && guest_name_is_good(name, &e) ? name : spare);
    attach(g, i, false);
    g->state = GUEST_PAUSED;
    (void)h->ops->watch(h->hv, i->domid, &e);
}

static void meet(struct host *h, const struct hv_info *i)
{
    if (i->domid == 0)
        add_dom0(h, i);
    else if (i->run == HV_DYING)
        host_log(h, LOG_WARN, "domain %u is dying and does not go: it is not shown", i->domid);
    else if (is_half_built(h, i) && i->run == HV_PAUSED)
        take_half_built(h, i);
    else if (!recover(h, i))
        host_adopt(h, i->domid, true);
}

/* It ended while nobody looked. */
static void see_to(struct host *h, const struct hv_info *i)
{
    struct guest *g = host_get_domid(h, i->domid);
    if (g && i->run == HV_SHUTDOWN && !g->is_foreign && !g->job && !g->is_sent)
        guest_stopped(g, i->reason);
}

int host_reconcile(struct host *h, struct err *e)
{
    struct hv_info *all = NULL;
    size_t n = 0;
    if (h->ops->list(h->hv, &all, &n, e))
        return wrap(e, "cannot list the running domains");
    for (size_t i = 0; i < n; i++)
        meet(h, &all[i]);
    for (size_t i = 0; i < n; i++)
        conclude(h, &all[i]);
    for (size_t i = 0; i < n; i++)
        see_to(h, &all[i]);
    verdict_settle_all(h);
    store_sweep(h);
    free(all);
    return 0;
}
