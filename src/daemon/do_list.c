/* Which guests there are. */
#include "daemon/do_list.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/guest.h"
#include "core/snap.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

static bool is_running(const struct guest *g)
{
    int reason;
    enum guest_state state = guest_state(g, &reason);
    return state == GUEST_RUNNING || state == GUEST_BLOCKED;
}

static bool is_paused(const struct guest *g)
{
    int reason;
    return guest_state(g, &reason) == GUEST_PAUSED;
}

static bool is_shutoff(const struct guest *g)
{
    int reason;
    return guest_state(g, &reason) == GUEST_SHUTOFF;
}

static bool is_other(const struct guest *g)
{
    return !is_running(g) && !is_paused(g) && !is_shutoff(g);
}

static bool is_inactive(const struct guest *g)
{
    return !guest_is_active(g);
}

static bool is_transient(const struct guest *g)
{
    return !guest_is_persistent(g);
}

static bool has_no_managed_save(const struct guest *g)
{
    return !guest_has_managed_save(g);
}

static bool has_no_autostart(const struct guest *g)
{
    return !guest_has_autostart(g);
}

static bool has_snapshots(const struct guest *g)
{
    return guest_snapshot_count(g);
}

static bool has_no_snapshots(const struct guest *g)
{
    return !guest_snapshot_count(g);
}

/* Checkpoints do not exist here. */
static bool never(const struct guest *g)
{
    return false;
}

static bool always(const struct guest *g)
{
    return true;
}

/* Each bit belongs to a group; a guest passes a group when no bit of it is set or one that is set
 * holds. */
static const struct filter {
    uint32_t bit;
    int group;
    bool (*holds)(const struct guest *g);
} filters[] = {
    {VIR_CONNECT_LIST_DOMAINS_ACTIVE, 0, guest_is_active},
    {VIR_CONNECT_LIST_DOMAINS_INACTIVE, 0, is_inactive},
    {VIR_CONNECT_LIST_DOMAINS_PERSISTENT, 1, guest_is_persistent},
    {VIR_CONNECT_LIST_DOMAINS_TRANSIENT, 1, is_transient},
    {VIR_CONNECT_LIST_DOMAINS_RUNNING, 2, is_running},
    {VIR_CONNECT_LIST_DOMAINS_PAUSED, 2, is_paused},
    {VIR_CONNECT_LIST_DOMAINS_SHUTOFF, 2, is_shutoff},
    {VIR_CONNECT_LIST_DOMAINS_OTHER, 2, is_other},
    {VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, 3, guest_has_managed_save},
    {VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE, 3, has_no_managed_save},
    {VIR_CONNECT_LIST_DOMAINS_AUTOSTART, 4, guest_has_autostart},
    {VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART, 4, has_no_autostart},
    {VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, 5, has_snapshots},
    {VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT, 5, has_no_snapshots},
    {VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT, 6, never},
    {VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT, 6, always},
};
enum { N_FILTERS = sizeof(filters) / sizeof(*filters), LIST_FLAGS = 0xffff };

bool list_wants(const struct guest *g, uint32_t flags)
{
    uint32_t asked = 0, held = 0; /* groups */
    for (size_t i = 0; i < N_FILTERS; i++) {
        if (!(flags & filters[i].bit))
            continue;
        asked |= 1u << filters[i].group;
        if (filters[i].holds(g))
            held |= 1u << filters[i].group;
    }
    return asked == held;
}

static int do_list_all(struct call *c)
{
    const struct wire_connect_list_all_domains_args *args = c->args;
    struct wire_connect_list_all_domains_ret *ret = c->ret;
    size_t n;
    CLEANUP_FREE struct guest **guests = access_guests(c, &n);
    for (size_t i = 0; i < n; i++) {
        struct wire_domain d = {0};
        if (!list_wants(guests[i], args->flags))
            continue;
        ret->ret++;
        if (!args->need_results)
            continue;
        wire_domain_fill(&d, guests[i]);
        VEC_PUSH(ret->domains, ret->n_domains, d);
    }
    return CALL_DONE;
}

static int check_max(struct call *c, int max)
{
    if (max >= 0 && max <= WIRE_DOMAIN_LIST_MAX)
        return 0;
    return fail(&c->err, ERR_RPC, "too many domains '%d' for limit '%d'", max,
                WIRE_DOMAIN_LIST_MAX);
}

static int count(struct call *c, uint32_t flags)
{
    int found = 0;
    size_t n;
    CLEANUP_FREE struct guest **guests = access_guests(c, &n);
    for (size_t i = 0; i < n; i++)
        found += list_wants(guests[i], flags);
    return found;
}

static int do_num(struct call *c)
{
    struct wire_connect_num_of_domains_ret *ret = c->ret;
    ret->num = count(c, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    return CALL_DONE;
}

static int do_num_defined(struct call *c)
{
    struct wire_connect_num_of_defined_domains_ret *ret = c->ret;
    ret->num = count(c, VIR_CONNECT_LIST_DOMAINS_INACTIVE);
    return CALL_DONE;
}

static int do_list_ids(struct call *c)
{
    const struct wire_connect_list_domains_args *args = c->args;
    struct wire_connect_list_domains_ret *ret = c->ret;
    size_t n;
    if (check_max(c, args->maxids))
        return CALL_FAILED;
    CLEANUP_FREE struct guest **guests = access_guests(c, &n);
    for (size_t i = 0; i < n && ret->n_ids < (size_t)args->maxids; i++)
        if (guest_is_active(guests[i]))
            VEC_PUSH(ret->ids, ret->n_ids, guest_domid(guests[i]));
    return CALL_DONE;
}

static int do_list_defined(struct call *c)
{
    const struct wire_connect_list_defined_domains_args *args = c->args;
    struct wire_connect_list_defined_domains_ret *ret = c->ret;
    size_t n;
    if (check_max(c, args->maxnames))
        return CALL_FAILED;
    CLEANUP_FREE struct guest **guests = access_guests(c, &n);
    for (size_t i = 0; i < n && ret->n_names < (size_t)args->maxnames; i++)
        if (!guest_is_active(guests[i]))
            VEC_PUSH(ret->names, ret->n_names, mem_str(guest_name(guests[i])));
    return CALL_DONE;
}

static int found(struct call *c, struct wire_domain *ret, const struct guest *g)
{
    if (!g || access_guest(c, guest_name(g), guest_uuid(g)))
        return CALL_FAILED;
    wire_domain_fill(ret, g);
    return CALL_DONE;
}

static int do_by_id(struct call *c)
{
    const struct wire_domain_lookup_by_id_args *args = c->args;
    struct wire_domain_lookup_by_id_ret *ret = c->ret;
    struct guest *g = host_find_domid(c->daemon->host, args->id, &c->err);
    return found(c, &ret->dom, g);
}

static int do_by_name(struct call *c)
{
    const struct wire_domain_lookup_by_name_args *args = c->args;
    struct wire_domain_lookup_by_name_ret *ret = c->ret;
    struct guest *g = host_find_name(c->daemon->host, args->name, &c->err);
    return found(c, &ret->dom, g);
}

static int do_by_uuid(struct call *c)
{
    const struct wire_domain_lookup_by_uuid_args *args = c->args;
    struct wire_domain_lookup_by_uuid_ret *ret = c->ret;
    struct guest *g = host_find_uuid(c->daemon->host, args->uuid, &c->err);
    return found(c, &ret->dom, g);
}

static const struct handler rows[] = {
    {WIRE_CONNECT_LIST_ALL_DOMAINS, do_list_all, LIST_FLAGS},
    {WIRE_CONNECT_NUM_OF_DOMAINS, do_num},
    {WIRE_CONNECT_NUM_OF_DEFINED_DOMAINS, do_num_defined},
    {WIRE_CONNECT_LIST_DOMAINS, do_list_ids},
    {WIRE_CONNECT_LIST_DEFINED_DOMAINS, do_list_defined},
    {WIRE_DOMAIN_LOOKUP_BY_ID, do_by_id},
    {WIRE_DOMAIN_LOOKUP_BY_NAME, do_by_name},
    {WIRE_DOMAIN_LOOKUP_BY_UUID, do_by_uuid},
};
const struct handlers do_list_handlers = HANDLERS(rows);
