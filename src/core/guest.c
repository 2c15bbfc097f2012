#include "guest.h"

#include <limits.h>

#include "ledger.h"
#include "migrate.h"
#include "tune.h"

struct guest *guest_new(struct host *h, const char *name, const uint8_t uuid[16])
{
    struct guest *g = NEW(struct guest);
    g->host = h;
    g->domid = HV_DOMID_NONE;
    g->state = GUEST_SHUTOFF;
    g->gone_as = CHANGE_DESTROYED;
    memcpy(g->uuid, uuid, UUID_LEN);
    g->name = mem_str(name);
    hash_put(&h->by_uuid, g->uuid, UUID_LEN, g);
    hash_put(&h->by_name, g->name, strlen(g->name), g);
    host_lose_order(h);
    return g;
}

void guest_free(struct guest *g)
{
    loop_timer_close(g->restart);
    if (g->next)
        job_free(g->next);
    domain_free(g->def);
    domain_free(g->live);
    domain_free(g->again);
    claims_clear(&g->claims);
    guest_incoming_free(g);
    free(g->last_job);
    guest_outgoing_free(g);
    snaps_free(&g->snaps);
    free(g->sent_to);
    free(g->sent_token);
    free(g->name);
    free(g);
}

static void forget(struct guest *g)
{
    struct host *h = g->host;
    hash_remove(&h->by_uuid, g->uuid, UUID_LEN);
    hash_remove(&h->by_name, g->name, strlen(g->name));
    host_lose_order(h);
    guest_set_domid(g, HV_DOMID_NONE);
    g->is_forgotten = true;
}

/* A guest that is being started for the first time has a job. */
void guest_release(struct guest *g)
{
    bool is_wanted = g->def || g->domid != HV_DOMID_NONE || g->is_restarting || g->job || g->next ||
                     g->incoming || guest_is_in_snapshot(g);
    if (!is_wanted && !g->is_forgotten)
        forget(g);
    if (g->is_forgotten && !g->n_jobs)
        guest_free(g);
}

void guest_drop(struct guest *g)
{
    g->n_jobs--;
    guest_release(g);
}

void guest_set_name(struct guest *g, const char *name)
{
    hash_remove(&g->host->by_name, g->name, strlen(g->name));
    str_set(&g->name, name);
    hash_put(&g->host->by_name, g->name, strlen(g->name), g);
    host_lose_order(g->host);
}

void guest_set_domid(struct guest *g, uint32_t domid)
{
    struct hash *ids = &g->host->by_domid;
    if (g->domid != HV_DOMID_NONE && hash_get(ids, &g->domid, sizeof(g->domid)) == g)
        hash_remove(ids, &g->domid, sizeof(g->domid));
    g->domid = domid;
    g->is_ending = false;
    g->is_sent = false;
    g->gone_as = CHANGE_DESTROYED;
    if (domid != HV_DOMID_NONE)
        hash_put(ids, &g->domid, sizeof(g->domid), g);
}

void guest_set_live(struct guest *g, struct domain *d)
{
    domain_free(g->live);
    g->live = d;
}

/* What only the running guest knows; without it the old facts are still the best there are. */
void guest_refresh_live(struct guest *g)
{
    struct err e = {0};
    if (!g->live || g->domid == HV_DOMID_NONE)
        return;
    g->live->id = NUM(g->domid);
    if (g->host->ops->live(g->host->hv, g->domid, g->live, &e))
        host_log(g->host, LOG_WARN, "domain '%s': %s", g->name, e.msg);
}

bool guest_name_is_good(const char *name, struct err *e)
{
    const char *why = file_name_fault(name);
    if (why)
        fail(e, ERR_XML_ERROR, "invalid name of a domain: %s", why);
    return !why;
}

const char *guest_name(const struct guest *g)
{
    return g->name;
}

const uint8_t *guest_uuid(const struct guest *g)
{
    return g->uuid;
}

int32_t guest_domid(const struct guest *g)
{
    return g->domid == HV_DOMID_NONE ? NO_DOMID : (int32_t)g->domid;
}

bool guest_is_active(const struct guest *g)
{
    return g->domid != HV_DOMID_NONE;
}

bool guest_is_persistent(const struct guest *g)
{
    return g->def || g->domid == 0;
}

bool guest_has_autostart(const struct guest *g)
{
    return g->autostart & AUTOSTART_ALWAYS;
}

bool guest_starts_once(const struct guest *g)
{
    return g->autostart & AUTOSTART_ONCE;
}

bool guest_has_managed_save(const struct guest *g)
{
    return g->has_managed_save;
}

enum { LOOK_MS = 100 };

enum guest_state guest_state(const struct guest *g, int *ret_reason)
{
    struct guest *own = host_get_uuid(g->host, g->uuid);
    if (own && own->domid != HV_DOMID_NONE &&
        loop_now_ms(own->host->loop) - own->looked_ms > LOOK_MS)
        guest_look(own);
    if (ret_reason)
        *ret_reason = g->reason;
    return g->state;
}

const struct domain *guest_config(const struct guest *g, bool inactive)
{
    return g->live && !inactive ? g->live : g->def;
}

int guest_check_job(const struct guest *g, struct err *e)
{
    if (!g->job && guest_is_in_snapshot(g))
        return fail(e, ERR_RESOURCE_BUSY, "domain '%s' is busy with a snapshot", g->name);
    if (!g->job)
        return 0;
    uint64_t s = (loop_now_ms(g->host->loop) - g->job->started_ms) / 1000;
    return fail(e, ERR_RESOURCE_BUSY, "domain '%s' is busy with '%s' since %llu s", g->name,
                g->job->kind->name, (unsigned long long)s);
}

int guest_check_idle(const struct guest *g, struct err *e)
{
    if (guest_check_job(g, e))
        return -1;
    if (g->incoming)
        return fail(e, ERR_RESOURCE_BUSY, "domain '%s' is expected from another host", g->name);
    if (g->outgoing)
        return fail(e, ERR_RESOURCE_BUSY, "domain '%s' is being migrated to another host", g->name);
    return 0;
}

/* While a build owns the domain nobody else touches it. */
int guest_check_free(const struct guest *g, enum guest_op op, struct err *e)
{
    if (guest_allows(g, op, e))
        return -1;
    bool is_taken = (g->job && g->job->kind->work) || g->incoming || (g->outgoing && g->is_sent) ||
                    guest_is_in_snapshot(g);
    return is_taken ? guest_check_idle(g, e) : 0;
}

int guest_suspend(struct guest *g, struct err *e)
{
    if (guest_check_free(g, OP_SUSPEND, e))
        return -1;
    if (g->state == GUEST_PAUSED)
        return 0;
    if (g->host->ops->pause(g->host->hv, g->domid, e))
        return wrap(e, "cannot suspend domain '%s'", g->name);
    guest_change(g, CHANGE_SUSPENDED);
    return 0;
}

int guest_resume(struct guest *g, struct err *e)
{
    if (guest_check_free(g, OP_RESUME, e))
        return -1;
    if (g->state != GUEST_PAUSED)
        return 0;
    if (g->is_sent) /* whoever orders this knows that the other side does not run it */
        return guest_take_back(g, NULL, NULL, e);
    if (g->host->ops->unpause(g->host->hv, g->domid, e))
        return wrap(e, "cannot resume domain '%s'", g->name);
    guest_change(g, CHANGE_RESUMED);
    return 0;
}

static int set_link(struct guest *g, unsigned link, bool on, struct err *e)
{
    unsigned now = on ? g->autostart | link : g->autostart & ~link;
    const struct store_change c = {.links = link, .on = now};
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "cannot set autostart for transient domain");
    if (g->autostart == now)
        return 0;
    if (store_change(g->host, g, &c, e))
        return -1;
    g->autostart = now;
    return 0;
}

int guest_set_autostart(struct guest *g, bool on, struct err *e)
{
    return set_link(g, AUTOSTART_ALWAYS, on, e);
}

int guest_set_start_once(struct guest *g, bool on, struct err *e)
{
    return set_link(g, AUTOSTART_ONCE, on, e);
}

char *guest_managed_save_path(const struct guest *g)
{
    return store_managed_path(g->host, g->name);
}

int guest_managed_save_remove(struct guest *g, struct err *e)
{
    if (g->has_managed_save &&
        store_change(g->host, g, &(struct store_change){.drops_managed = true}, e))
        return -1;
    g->has_managed_save = false;
    return 0;
}

int guest_undefine(struct guest *g, unsigned what, struct err *e)
{
    struct host *h = g->host;
    if (!g->def)
        return fail(e, ERR_OPERATION_INVALID, "cannot undefine transient domain");
    if (g->has_managed_save && !(what & GUEST_UNDEFINE_MANAGED_SAVE))
        return fail(e, ERR_OPERATION_INVALID,
                    "refusing to undefine while domain managed save image exists");
    if (guest_is_in_snapshot(g))
        return guest_check_idle(g, e);
    if (guest_snapshot_count(g) && !(what & GUEST_UNDEFINE_SNAPSHOTS))
        return fail(e, ERR_OPERATION_INVALID, "cannot delete inactive domain with %zu snapshots",
                    guest_snapshot_count(g));
    const struct store_change c = {.remove = g->name, .drops_managed = true, .drops_snaps = true};
    if (store_change(h, g, &c, e))
        return -1;
    g->has_managed_save = false;
    g->autostart = 0;
    domain_free(g->again);
    g->again = take(g->def);
    guest_event(g, EVENT_LIFECYCLE, 1, 0);
    guest_stop_restart(g);
    guest_release(g);
    return 0;
}

static const struct chr *find_console(const struct domain *d, const char *alias,
                                      enum hv_console *ret_kind, uint32_t *ret_number)
{
    const struct {
        const struct chr *items;
        size_t n;
        enum hv_console kind;
        const char *word;
    } lists[] = {{d->consoles, d->n_consoles, HV_CONSOLE_PV, "console"},
                 {d->serials, d->n_serials, HV_CONSOLE_SERIAL, "serial"}};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l].n; i++) {
            const struct chr *c = &lists[l].items[i];
            CLEANUP_FREE char *own = mem_printf("%s%zu", lists[l].word, i);
            if (alias && !str_eq(alias, c->dev.alias) && !str_eq(alias, own))
                continue;
            bool is_serial = c->target == CHR_TARGET_SERIAL || lists[l].kind == HV_CONSOLE_SERIAL;
            *ret_kind = is_serial ? HV_CONSOLE_SERIAL : HV_CONSOLE_PV;
            *ret_number = (uint32_t)i;
            return c;
        }
    return NULL;
}

/* A channel by its alias, as clients without a call for channels name it. */
static int channel_path(struct guest *g, const char *alias, char path[256], struct err *e)
{
    const struct domain *d = g->live;
    bool is_socket;
    for (size_t i = 0; d && i < d->n_channels; i++) {
        const struct chr *c = &d->channels[i];
        CLEANUP_FREE char *own = mem_printf("channel%zu", i);
        if (!str_eq(alias, c->dev.alias) && !str_eq(alias, own))
            continue;
        if (g->host->ops->channel(g->host->hv, g->domid, c->name, path, &is_socket, e))
            return wrap(e, "channel '%s' of domain '%s'", alias, g->name);
        return is_socket ? fail(e, ERR_OPERATION_UNSUPPORTED, "channel '%s' is the socket '%s'",
                                alias, path)
                         : 0;
    }
    return fail(e, ERR_INVALID_ARG, "domain '%s' has no console '%s'", g->name, alias);
}

int guest_console_path(struct guest *g, const char *alias, char path[256], struct err *e)
{
    enum hv_console kind;
    uint32_t number;
    if (g->domid == HV_DOMID_NONE)
        return fail(e, ERR_OPERATION_INVALID, "domain is not running");
    const struct chr *c = g->live ? find_console(g->live, alias, &kind, &number) : NULL;
    if (!c)
        return alias ? channel_path(g, alias, path, e)
                     : fail(e, ERR_INTERNAL, "domain '%s' has no console", g->name);
    if (g->host->ops->console(g->host->hv, g->domid, kind, number, path, e))
        return wrap(e, "console of domain '%s'", g->name);
    return 0;
}

bool guest_job_info(const struct guest *g, struct guest_job_info *ret)
{
    const struct job *j = g->job;
    if (!j)
        return false;
    job_info(j, ret);
    return true;
}

bool guest_last_job(struct guest *g, bool keep, struct guest_job_info *ret)
{
    if (!g->last_job)
        return false;
    *ret = *g->last_job;
    if (!keep)
        free(take(g->last_job));
    return true;
}

int guest_abort_job(struct guest *g, struct err *e)
{
    if (!g->job)
        return fail(e, ERR_OPERATION_INVALID, "no job is active on the domain");
    if (g->job->kind->work) {
        job_abort(g->job);
        return 0;
    }
    return job_give_up(g, e);
}
