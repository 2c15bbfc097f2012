/* The snapshots that a guest has, as a list and as a tree. */
#include <limits.h>

#include "conf/snapshot_xml.h"
#include "snap_priv.h"

void snaps_free(struct snaps **of)
{
    struct snaps *l = take(*of);
    if (!l)
        return;
    for (size_t i = 0; i < l->n_items; i++)
        snapshot_free(l->items[i]);
    free(l->items);
    free(l->current);
    snapwork_free(l->work);
    free(l);
}

bool snapshot_name_is_good(const char *name, struct err *e)
{
    const char *why = str_empty(name)                ? "it is empty"
                      : strlen(name) > NAME_MAX - 16 ? "it is too long"
                      : name[0] == '.'               ? "it begins with a dot"
                      : name[0] == '-'               ? "it begins with a dash"
                      : strchr(name, '/')            ? "it contains a slash"
                                                     : NULL;
    for (const char *p = name; !why && *p; p++)
        if ((unsigned char)*p < 32 || *p == 127)
            why = "it contains a control character";
    if (why)
        fail(e, ERR_XML_ERROR, "invalid name of a snapshot: %s", why);
    return !why;
}

struct snapshot *snaps_find(const struct guest *g, const char *name)
{
    for (size_t i = 0; g->snaps && i < g->snaps->n_items; i++)
        if (str_eq(g->snaps->items[i]->name, name))
            return g->snaps->items[i];
    return NULL;
}

void snaps_drop(struct guest *g, const char *name)
{
    struct snaps *l = g->snaps;
    for (size_t i = 0; l && i < l->n_items; i++)
        if (str_eq(l->items[i]->name, name)) {
            snapshot_free(l->items[i]);
            VEC_REMOVE(l->items, l->n_items, i);
            return;
        }
}

void snaps_put(struct guest *g, struct snapshot *s)
{
    if (!g->snaps)
        g->snaps = NEW(struct snaps);
    snaps_drop(g, s->name);
    VEC_PUSH(g->snaps->items, g->snaps->n_items, s);
}

const struct snapshot *guest_snapshot(const struct guest *g, const char *name, struct err *e)
{
    const struct snapshot *s = snaps_find(g, name);
    if (!s)
        fail(e, ERR_NO_DOMAIN_SNAPSHOT, "no domain snapshot with matching name '%s'", name);
    return s;
}

static const struct snapshot *parent_of(const struct guest *g, const struct snapshot *s)
{
    return s->parent ? snaps_find(g, s->parent) : NULL;
}

const struct snapshot *guest_snapshot_parent(const struct guest *g, const char *name, struct err *e)
{
    const struct snapshot *s = guest_snapshot(g, name, e);
    const struct snapshot *p = s ? parent_of(g, s) : NULL;
    if (s && !p)
        fail(e, ERR_NO_DOMAIN_SNAPSHOT, "snapshot '%s' does not have a parent", name);
    return p;
}

const char *guest_snapshot_current(const struct guest *g)
{
    return g->snaps ? g->snaps->current : NULL;
}

size_t guest_snapshot_count(const struct guest *g)
{
    return g->snaps ? g->snaps->n_items : 0;
}

int guest_snapshot_xml(const struct snapshot *s, bool secure, char **ret, struct err *e)
{
    struct str out = {0};
    int r = snapshot_xml_write(s, secure, &out, e);
    if (!r)
        *ret = str_take(&out);
    str_clear(&out);
    return r;
}

/* ---- the tree ---- */
static bool has_children(const struct guest *g, const struct snapshot *s)
{
    for (size_t i = 0; i < g->snaps->n_items; i++)
        if (str_eq(g->snaps->items[i]->parent, s->name))
            return true;
    return false;
}

static bool is_external(const struct snapshot *s)
{
    bool r = s->memory == SNAP_EXTERNAL;
    for (size_t i = 0; i < s->n_disks; i++)
        r |= s->disks[i].place == SNAP_EXTERNAL;
    return r;
}

/* Within a group any bit will do; all groups must be content. */
static bool wants(const struct guest *g, const struct snapshot *s, unsigned flags)
{
    bool leaf = !has_children(g, s), external = is_external(s);
    const struct {
        unsigned bit;
        int group;
        bool holds;
    } rows[] = {{SNAP_LIST_LEAVES, 0, leaf},
                {SNAP_LIST_NO_LEAVES, 0, !leaf},
                {SNAP_LIST_METADATA, 1, true},
                {SNAP_LIST_NO_METADATA, 1, false},
                {SNAP_LIST_INACTIVE, 2, s->state == SNAP_SHUTOFF},
                {SNAP_LIST_ACTIVE, 2, s->state == SNAP_RUNNING || s->state == SNAP_PAUSED},
                {SNAP_LIST_DISK_ONLY, 2, s->state == SNAP_DISK_ONLY},
                {SNAP_LIST_INTERNAL, 3, !external},
                {SNAP_LIST_EXTERNAL, 3, external}};
    unsigned asked = 0, held = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (!(flags & rows[i].bit))
            continue;
        asked |= 1u << rows[i].group;
        if (rows[i].holds)
            held |= 1u << rows[i].group;
    }
    return asked == held;
}

struct walk {
    const struct guest *guest;
    const struct snapshot **items;
    size_t n_items;
    bool deep;
    unsigned depth; /* a circle of parents, made by redefining, ends somewhere */
};

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct snapshot *const *)a)->name,
                  (*(const struct snapshot *const *)b)->name);
}

/* Parents before children, else by name. */
static void walk_below(struct walk *w, const struct snapshot *from)
{
    const struct snaps *l = w->guest->snaps;
    const struct snapshot **children = NULL;
    size_t n = 0;
    if (w->depth++ > l->n_items)
        return;
    for (size_t i = 0; i < l->n_items; i++)
        if (parent_of(w->guest, l->items[i]) == from)
            VEC_PUSH(children, n, l->items[i]);
    if (n)
        qsort(children, n, sizeof(*children), by_name);
    for (size_t i = 0; i < n && w->n_items < GUEST_SNAPSHOTS_MAX; i++) {
        VEC_PUSH(w->items, w->n_items, children[i]);
        if (w->deep)
            walk_below(w, children[i]);
    }
    free(children);
    w->depth--;
}

const struct snapshot **guest_snapshots(const struct guest *g, const struct snapshot *from,
                                        unsigned flags, size_t *ret_n)
{
    bool only_below = flags & SNAP_LIST_ROOTS; /* DESCENDANTS is the same bit */
    struct walk w = {.guest = g, .deep = from ? only_below : !only_below};
    *ret_n = 0;
    if (!g->snaps)
        return NULL;
    walk_below(&w, from);
    for (size_t i = w.n_items; i--;)
        if (!wants(g, w.items[i], flags))
            VEC_REMOVE(w.items, w.n_items, i);
    *ret_n = w.n_items;
    return w.items;
}
