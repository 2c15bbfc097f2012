/* Snapshots of guests. */
#include "base/mem.h"
#include "core/snap.h"
#include "daemon/dispatch.h"
#include "model/snapshot.h"
#include "wire/consts.h"

enum {
    LIST_FILTERS = VIR_DOMAIN_SNAPSHOT_LIST_METADATA | VIR_DOMAIN_SNAPSHOT_LIST_NO_METADATA |
                   VIR_DOMAIN_SNAPSHOT_LIST_LEAVES | VIR_DOMAIN_SNAPSHOT_LIST_NO_LEAVES |
                   VIR_DOMAIN_SNAPSHOT_LIST_INACTIVE | VIR_DOMAIN_SNAPSHOT_LIST_ACTIVE |
                   VIR_DOMAIN_SNAPSHOT_LIST_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_LIST_INTERNAL |
                   VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL | VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL,
    LIST_FLAGS = LIST_FILTERS | VIR_DOMAIN_SNAPSHOT_LIST_ROOTS, /* DESCENDANTS has the same bit */
    CREATE_FLAGS = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT |
                   VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA | VIR_DOMAIN_SNAPSHOT_CREATE_HALT |
                   VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT |
                   VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE | VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC |
                   VIR_DOMAIN_SNAPSHOT_CREATE_LIVE | VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE,
    REVERT_FLAGS = VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING | VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED |
                   VIR_DOMAIN_SNAPSHOT_REVERT_FORCE | VIR_DOMAIN_SNAPSHOT_REVERT_RESET_NVRAM,
    DELETE_FLAGS = VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN | VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY |
                   VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY,
};

/* The snapshot that an argument names, and its guest. NULL: c->err is set. */
static const struct snapshot *snapshot_of(struct call *c, const struct wire_domain_snapshot *arg,
                                          struct guest **ret_guest)
{
    struct guest *g = call_guest(c, &arg->dom);
    *ret_guest = g;
    return g ? guest_snapshot(g, arg->name, &c->err) : NULL;
}

static int fill(struct wire_domain_snapshot *ret, const struct guest *g, const struct snapshot *s)
{
    if (!s)
        return CALL_FAILED;
    wire_domain_fill(&ret->dom, g);
    ret->name = mem_str(s->name);
    return CALL_DONE;
}

/* --- changing --- */

static int then_create(struct call *c, struct guest *g)
{
    struct wire_domain_snapshot_create_xml_ret *ret = c->ret;
    wire_domain_fill(&ret->snap.dom, g);
    return CALL_DONE;
}

static int do_create(struct call *c)
{
    const struct wire_domain_snapshot_create_xml_args *args = c->args;
    struct wire_domain_snapshot_create_xml_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    c->then = then_create;
    if (!g || guest_snapshot_create(g, args->xml_desc, args->flags, &ret->snap.name,
                                    call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_revert(struct call *c)
{
    const struct wire_domain_revert_to_snapshot_args *args = c->args;
    struct guest *g = call_guest(c, &args->snap.dom);
    if (!g || guest_snapshot_revert(g, args->snap.name, args->flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

static int do_delete(struct call *c)
{
    const struct wire_domain_snapshot_delete_args *args = c->args;
    struct guest *g = call_guest(c, &args->snap.dom);
    if (!g || guest_snapshot_delete(g, args->snap.name, args->flags, call_guest_done, c, &c->err))
        return CALL_FAILED;
    return CALL_LATER;
}

/* --- one --- */

static int do_lookup(struct call *c)
{
    const struct wire_domain_snapshot_lookup_by_name_args *args = c->args;
    struct wire_domain_snapshot_lookup_by_name_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    return g ? fill(&ret->snap, g, guest_snapshot(g, args->name, &c->err)) : CALL_FAILED;
}

static int do_xml(struct call *c)
{
    const struct wire_domain_snapshot_get_xml_desc_args *args = c->args;
    struct wire_domain_snapshot_get_xml_desc_ret *ret = c->ret;
    struct guest *g;
    const struct snapshot *s = snapshot_of(c, &args->snap, &g);
    bool secure = args->flags & VIR_DOMAIN_SNAPSHOT_XML_SECURE;
    return s && !guest_snapshot_xml(s, secure, &ret->xml, &c->err) ? CALL_DONE : CALL_FAILED;
}

static int do_parent(struct call *c)
{
    const struct wire_domain_snapshot_get_parent_args *args = c->args;
    struct wire_domain_snapshot_get_parent_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->snap.dom);
    return g ? fill(&ret->snap, g, guest_snapshot_parent(g, args->snap.name, &c->err))
             : CALL_FAILED;
}

static int do_has_current(struct call *c)
{
    const struct wire_domain_has_current_snapshot_args *args = c->args;
    struct wire_domain_has_current_snapshot_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    ret->result = guest_snapshot_current(g) != NULL;
    return CALL_DONE;
}

static int do_current(struct call *c)
{
    const struct wire_domain_snapshot_current_args *args = c->args;
    struct wire_domain_snapshot_current_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    const char *name = g ? guest_snapshot_current(g) : NULL;
    if (g && !name)
        return fail(&c->err, ERR_NO_DOMAIN_SNAPSHOT, "the domain does not have a current snapshot");
    return g ? fill(&ret->snap, g, guest_snapshot(g, name, &c->err)) : CALL_FAILED;
}

static int do_is_current(struct call *c)
{
    const struct wire_domain_snapshot_is_current_args *args = c->args;
    struct wire_domain_snapshot_is_current_ret *ret = c->ret;
    struct guest *g;
    const struct snapshot *s = snapshot_of(c, &args->snap, &g);
    if (!s)
        return CALL_FAILED;
    const char *current = guest_snapshot_current(g);
    ret->current = current && !strcmp(current, s->name);
    return CALL_DONE;
}

static int do_has_metadata(struct call *c)
{
    const struct wire_domain_snapshot_has_metadata_args *args = c->args;
    struct wire_domain_snapshot_has_metadata_ret *ret = c->ret;
    struct guest *g;
    if (!snapshot_of(c, &args->snap, &g))
        return CALL_FAILED;
    ret->metadata = 1;
    return CALL_DONE;
}

/* --- lists --- */

/* Of a guest, or (below) of a snapshot. The array is freed by the caller; NULL with n 0 is fine. */
static int list(struct call *c, const struct wire_domain *dom,
                const struct wire_domain_snapshot *below, uint32_t flags, struct guest **ret_guest,
                const struct snapshot ***ret, size_t *ret_n)
{
    struct guest *g = call_guest(c, dom);
    const struct snapshot *from = g && below ? guest_snapshot(g, below->name, &c->err) : NULL;
    if (!g || (below && !from))
        return -1;
    *ret_guest = g;
    *ret = guest_snapshots(g, from, flags, ret_n);
    return 0;
}

static int count(struct call *c, const struct wire_domain *dom,
                 const struct wire_domain_snapshot *below, uint32_t flags, int *ret)
{
    struct guest *g;
    CLEANUP_FREE const struct snapshot **all = NULL;
    size_t n;
    if (list(c, dom, below, flags, &g, &all, &n))
        return CALL_FAILED;
    *ret = (int)n;
    return CALL_DONE;
}

static int do_num(struct call *c)
{
    const struct wire_domain_snapshot_num_args *args = c->args;
    struct wire_domain_snapshot_num_ret *ret = c->ret;
    return count(c, &args->dom, NULL, args->flags, &ret->num);
}

static int do_num_children(struct call *c)
{
    const struct wire_domain_snapshot_num_children_args *args = c->args;
    struct wire_domain_snapshot_num_children_ret *ret = c->ret;
    return count(c, &args->snap.dom, &args->snap, args->flags, &ret->num);
}

static int names(struct call *c, const struct wire_domain *dom,
                 const struct wire_domain_snapshot *below, uint32_t flags, int max, char ***ret,
                 size_t *ret_n)
{
    struct guest *g;
    CLEANUP_FREE const struct snapshot **all = NULL;
    size_t n;
    if (max < 0 || max > GUEST_SNAPSHOTS_MAX)
        return fail(&c->err, ERR_RPC, "too many names are asked for: %d", max);
    if (list(c, dom, below, flags, &g, &all, &n))
        return CALL_FAILED;
    if (n > (size_t)max)
        n = (size_t)max;
    *ret = n ? mem_new(n, sizeof(**ret)) : NULL;
    for (size_t i = 0; i < n; i++)
        (*ret)[i] = mem_str(all[i]->name);
    *ret_n = n;
    return CALL_DONE;
}

static int do_names(struct call *c)
{
    const struct wire_domain_snapshot_list_names_args *args = c->args;
    struct wire_domain_snapshot_list_names_ret *ret = c->ret;
    return names(c, &args->dom, NULL, args->flags, args->maxnames, &ret->names, &ret->n_names);
}

static int do_children_names(struct call *c)
{
    const struct wire_domain_snapshot_list_children_names_args *args = c->args;
    struct wire_domain_snapshot_list_children_names_ret *ret = c->ret;
    return names(c, &args->snap.dom, &args->snap, args->flags, args->maxnames, &ret->names,
                 &ret->n_names);
}

static int all(struct call *c, const struct wire_domain *dom,
               const struct wire_domain_snapshot *below, uint32_t flags, bool is_wanted,
               struct wire_domain_snapshot **ret, size_t *ret_n, int *ret_count)
{
    struct guest *g;
    CLEANUP_FREE const struct snapshot **found = NULL;
    size_t n;
    if (list(c, dom, below, flags, &g, &found, &n))
        return CALL_FAILED;
    *ret_count = (int)n;
    *ret = is_wanted && n ? mem_new(n, sizeof(**ret)) : NULL;
    *ret_n = *ret ? n : 0;
    for (size_t i = 0; i < *ret_n; i++)
        fill(&(*ret)[i], g, found[i]);
    return CALL_DONE;
}

static int do_all(struct call *c)
{
    const struct wire_domain_list_all_snapshots_args *args = c->args;
    struct wire_domain_list_all_snapshots_ret *ret = c->ret;
    return all(c, &args->dom, NULL, args->flags, args->need_results, &ret->snapshots,
               &ret->n_snapshots, &ret->ret);
}

static int do_all_children(struct call *c)
{
    const struct wire_domain_snapshot_list_all_children_args *args = c->args;
    struct wire_domain_snapshot_list_all_children_ret *ret = c->ret;
    return all(c, &args->snapshot.dom, &args->snapshot, args->flags, args->need_results,
               &ret->snapshots, &ret->n_snapshots, &ret->ret);
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_SNAPSHOT_CREATE_XML, do_create, CREATE_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_GET_XML_DESC, do_xml, VIR_DOMAIN_SNAPSHOT_XML_SECURE},
    {WIRE_DOMAIN_SNAPSHOT_NUM, do_num, LIST_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_LIST_NAMES, do_names, LIST_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_LOOKUP_BY_NAME, do_lookup},
    {WIRE_DOMAIN_HAS_CURRENT_SNAPSHOT, do_has_current},
    {WIRE_DOMAIN_SNAPSHOT_CURRENT, do_current},
    {WIRE_DOMAIN_REVERT_TO_SNAPSHOT, do_revert, REVERT_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_DELETE, do_delete, DELETE_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_GET_PARENT, do_parent},
    {WIRE_DOMAIN_SNAPSHOT_NUM_CHILDREN, do_num_children, LIST_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_LIST_CHILDREN_NAMES, do_children_names, LIST_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_IS_CURRENT, do_is_current},
    {WIRE_DOMAIN_SNAPSHOT_HAS_METADATA, do_has_metadata},
    {WIRE_DOMAIN_LIST_ALL_SNAPSHOTS, do_all, LIST_FLAGS},
    {WIRE_DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN, do_all_children, LIST_FLAGS},
};
const struct handlers do_snapshot_handlers = HANDLERS(rows);
