#include "affect.h"

#include "ledger.h"

enum { AFFECT_BOTH = AFFECT_LIVE | AFFECT_CONFIG };

int affect_resolve(const struct guest *g, unsigned flags, struct affect *ret, struct err *e)
{
    bool is_active = guest_is_active(g);
    if (!(flags & AFFECT_BOTH))
        flags |= is_active ? AFFECT_LIVE : AFFECT_CONFIG;
    if ((flags & AFFECT_LIVE) && guest_allows(g, OP_LIVE, e))
        return -1;
    if ((flags & AFFECT_CONFIG) && !g->def)
        return fail(e, ERR_OPERATION_INVALID,
                    "transient domains do not have any persistent config");
    if (g->job && g->job->kind->work)
        return guest_check_idle(g, e);
    *ret = (struct affect){.live = flags & AFFECT_LIVE, .config = flags & AFFECT_CONFIG};
    return 0;
}

const struct domain *affect_source(const struct guest *g, unsigned flags, struct err *e)
{
    bool is_active = guest_is_active(g);
    if ((flags & AFFECT_BOTH) == AFFECT_BOTH)
        fail(e, ERR_INVALID_ARG, "one of live and config can be asked for, not both");
    else if ((flags & AFFECT_LIVE) && !is_active)
        fail(e, ERR_OPERATION_INVALID, "domain is not running");
    else if ((flags & AFFECT_CONFIG) && !g->def)
        fail(e, ERR_OPERATION_INVALID, "transient domains do not have any persistent config");
    else if (is_active && !(flags & AFFECT_CONFIG) && !g->live)
        fail(e, ERR_OPERATION_FAILED, "the configuration of domain '%s' is not known yet", g->name);
    else
        return is_active && !(flags & AFFECT_CONFIG) ? g->live : g->def;
    return NULL;
}

/* What our next start will find on the domain. */
static void note_live(struct guest *g)
{
    CLEANUP_FREE char *xml = NULL;
    size_t len;
    struct err e = {0};
    if (g->is_foreign)
        return;
    if (text_write(g->live, true, &xml, &len, &e) ||
        g->host->ops->set_userdata(g->host->hv, g->domid, HV_USERDATA_XML, xml, len, &e))
        host_log(g->host, LOG_WARN, "domain '%s': %s", g->name, e.msg);
}

static int edited(const struct domain *from, const struct edit *x, struct domain **ret,
                  struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = domain_copy(from);
    if (x->apply(d, x, e))
        return -1;
    *ret = take(d);
    return 0;
}

static int store(struct guest *g, struct domain **d, struct err *e)
{
    if (store_change(g->host, g, &(struct store_change){.save = *d}, e))
        return wrap(e, "domain '%s'", g->name);
    domain_free(g->def);
    g->def = take(*d);
    return 0;
}

int guest_edit_config(struct guest *g, const struct edit *x, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    return edited(g->def, x, &d, e) ? -1 : store(g, &d, e);
}

int guest_edit_live(struct guest *g, const struct edit *x, struct err *e)
{
    CLEANUP_DOMAIN struct domain *d = NULL;
    if (!g->live || edited(g->live, x, &d, e))
        return -1;
    guest_set_live(g, take(d));
    note_live(g);
    return 0;
}

int guest_edit(struct guest *g, struct affect a, const struct edit *x, struct err *e)
{
    CLEANUP_DOMAIN struct domain *live = NULL, *config = NULL;
    if (a.live && !g->live)
        return fail(e, ERR_OPERATION_FAILED, "the configuration of domain '%s' is not known yet",
                    g->name);
    if ((a.live && edited(g->live, x, &live, e)) || (a.config && edited(g->def, x, &config, e)) ||
        (a.live && x->run && x->run(g, x, e)))
        return -1;
    if (a.live) {
        guest_set_live(g, take(live));
        note_live(g);
    }
    return a.config ? store(g, &config, e) : 0;
}
