#include "claim.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/ask.h"
#include "priv.h"

static bool is_written(const struct disk *k)
{
    bool is_here = str_empty(k->backend_domain) || str_eq(k->backend_domain, "0") ||
                   str_eq(k->backend_domain, "Domain-0");
    return is_here && !str_empty(k->source) && k->readonly != TRI_YES && k->device != DISK_CDROM &&
           k->device != DISK_FLOPPY && (k->type == DISK_FILE || k->type == DISK_BLOCK);
}

void claims_list(const struct domain *d, struct claims *ret)
{
    for (size_t i = 0; i < d->n_disks; i++) {
        const struct disk *k = &d->disks[i];
        struct claim c = {.is_shared = k->shareable == TRI_YES};
        if (!is_written(k))
            continue;
        c.target = mem_str(k->target);
        c.path = mem_str(k->source);
        VEC_PUSH(ret->items, ret->n, c);
    }
}

/* for workers: finds out what the paths are */
static void look(struct claims *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct claim *x = &c->items[i];
        struct stat s;
        if (stat(x->path, &s))
            continue;
        x->is_found = true;
        x->is_block = S_ISBLK(s.st_mode);
        x->dev = x->is_block ? 0 : s.st_dev;
        x->ino = x->is_block ? s.st_rdev : s.st_ino;
    }
}

void work_look(void *arg)
{
    struct job *j = arg;
    if (!j->claims.n)
        claims_list(j->config, &j->claims);
    look(&j->claims);
}

static void claim_clear(struct claim *x)
{
    free(x->target);
    free(x->path);
}

void claims_clear(struct claims *c)
{
    for (size_t i = 0; i < c->n; i++)
        claim_clear(&c->items[i]);
    free(c->items);
    *c = (struct claims){0};
}

/* One that has stopped and is kept to be looked at writes no more. */
static bool may_write(const struct guest *g)
{
    return g->domid == HV_DOMID_NONE ? g->job != NULL
                                     : g->state != GUEST_CRASHED && g->state != GUEST_SHUTDOWN;
}

static const struct claim *find_same(const struct claims *c, const struct claim *x)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct claim *o = &c->items[i];
        if (o->is_found && x->is_found && o->is_block == x->is_block && o->dev == x->dev &&
            o->ino == x->ino)
            return o;
    }
    return NULL;
}

static int check(struct guest *g, const struct claim *x, struct err *e)
{
    size_t at = 0;
    const struct guest *o;
    while (!x->is_shared && (o = hash_next(&g->host->by_uuid, &at)))
        if (o != g && may_write(o) && find_same(&o->claims, x))
            return fail(e, ERR_RESOURCE_BUSY,
                        "disk '%s' ('%s') is in use by domain '%s': two guests that write to one "
                        "disk destroy what is on it, unless they know of each other and it is "
                        "<shareable/>, or <readonly/>",
                        x->target ? x->target : "", x->path, o->name);
    return 0;
}

int guest_claim(struct guest *g, struct claims *taken, struct err *e)
{
    for (size_t i = 0; i < taken->n; i++)
        if (check(g, &taken->items[i], e)) {
            claims_clear(taken);
            return -1;
        }
    for (size_t i = 0; i < taken->n; i++)
        VEC_PUSH(g->claims.items, g->claims.n, taken->items[i]);
    free(taken->items);
    *taken = (struct claims){0};
    return 0;
}

void guest_unclaim(struct guest *g, const char *target)
{
    for (size_t i = g->claims.n; i--;)
        if (!target || str_eq(g->claims.items[i].target, target)) {
            claim_clear(&g->claims.items[i]);
            VEC_REMOVE(g->claims.items, g->claims.n, i);
        }
}

/* ---- what runs already ---- */
struct learning {
    struct host *host;
    uint8_t uuid[16];
    uint32_t domid;
    struct claims claims;
};

static int work_learn(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    look(&((struct learning *)arg)->claims);
    return 0;
}

/* It is not asked whether another has them: it runs. */
static void learned(void *arg, bool is_closing, const struct err *e)
{
    struct learning *x = arg;
    struct guest *g = is_closing ? NULL : host_get_uuid(x->host, x->uuid);
    if (g && g->domid == x->domid) {
        claims_clear(&g->claims);
        g->claims = x->claims;
        x->claims = (struct claims){0};
    }
    claims_clear(&x->claims);
    free(x);
}

void guest_learn_claims(struct guest *g)
{
    struct learning *x = NEW(struct learning);
    *x = (struct learning){.host = g->host, .domid = g->domid};
    memcpy(x->uuid, g->uuid, UUID_LEN);
    claims_list(g->live, &x->claims);
    if (x->claims.n)
        host_ask(g->host, work_learn, learned, x);
    else
        free(x);
}
