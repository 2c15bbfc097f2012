/* The calls of a migration, taken apart: what each is asked goes to depart.c, land.c and p2p.c. */
#include "base/mem.h"
#include "base/str.h"
#include "core/migrate.h"
#include "daemon/dispatch.h"
#include "daemon/move.h"
#include "wire/consts.h"
#include "wire/param.h"

enum {
    MOVE_FLAGS = VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_TUNNELLED |
                 VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE | VIR_MIGRATE_PAUSED |
                 VIR_MIGRATE_CHANGE_PROTECTION | VIR_MIGRATE_UNSAFE | VIR_MIGRATE_ABORT_ON_ERROR,
    KNOWN_FLAGS = VIR_MIGRATE_ZEROCOPY * 2 - 1, /* the others are refused by name */
};
/* What clients can ask for and no Xen does. */
static const struct {
    uint64_t flag;
    const char *what, *why;
} impossible[] = {
    {VIR_MIGRATE_NON_SHARED_DISK | VIR_MIGRATE_NON_SHARED_INC |
         VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES,
     "copying the disks", "both hosts must see the same storage"},
    {VIR_MIGRATE_OFFLINE, "an offline migration",
     "what does not run is its definition: dumpxml here and define there"},
    {VIR_MIGRATE_COMPRESSED, "compression", "Xen's migration stream has none"},
    {VIR_MIGRATE_AUTO_CONVERGE, "auto-convergence",
     "Xen stops the guest after a few rounds however much it writes"},
    {VIR_MIGRATE_RDMA_PIN_ALL, "RDMA", "Xen's migration stream goes over TCP"},
    {VIR_MIGRATE_POSTCOPY | VIR_MIGRATE_POSTCOPY_RESUME, "post-copy",
     "Xen has all memory of a guest on one host before it runs there"},
    {VIR_MIGRATE_TLS, "TLS for the data",
     "use a tunnelled migration over a connection that is encrypted"},
    {VIR_MIGRATE_PARALLEL, "more than one connection", "Xen's migration stream is one"},
    {VIR_MIGRATE_ZEROCOPY, "zero-copy sending", "Xen's migration stream has none"},
};
static const uint64_t bandwidth_max = UINT64_C(1) << 43; /* MiB/s; more bytes are no number */

/* --- arguments --- */

static const struct wire_param_rule rules[] = {
    {"migrate_uri", VIR_TYPED_PARAM_STRING},     {"destination_name", VIR_TYPED_PARAM_STRING},
    {"destination_xml", VIR_TYPED_PARAM_STRING}, {"persistent_xml", VIR_TYPED_PARAM_STRING},
    {"bandwidth", VIR_TYPED_PARAM_ULLONG},
};

static int check_possible(uint64_t flags, struct err *e)
{
    for (size_t i = 0; i < sizeof(impossible) / sizeof(*impossible); i++)
        if (flags & impossible[i].flag)
            return fail(e, ERR_ARGUMENT_UNSUPPORTED,
                        "%s is not supported in a migration between Xen hosts: %s",
                        impossible[i].what, impossible[i].why);
    return 0;
}

static int check_move(const struct move *m, struct err *e)
{
    if (check_possible(m->flags, e))
        return -1;
    if (m->flags & ~(uint64_t)MOVE_FLAGS)
        return fail(e, ERR_INVALID_ARG, "unsupported flags (%#llx) in a migration",
                    (unsigned long long)(m->flags & ~(uint64_t)MOVE_FLAGS));
    if (m->flags & VIR_MIGRATE_TUNNELLED && m->uri)
        return fail(e, ERR_INVALID_ARG, "a tunnelled migration has no migration URI");
    if (m->bandwidth >= bandwidth_max)
        return fail(e, ERR_OVERFLOW, "a bandwidth of %llu MiB/s is too high",
                    (unsigned long long)m->bandwidth);
    return 0;
}

/* Fills in what the parameters say. */
static int read_params(struct move *m, const struct wire_typed_param *p, size_t n, struct err *e)
{
    if (wire_params_check(p, n, rules, sizeof(rules) / sizeof(*rules), e))
        return -1;
    m->uri = wire_param_string(p, n, "migrate_uri");
    m->name = wire_param_string(p, n, "destination_name");
    m->xml = wire_param_string(p, n, "destination_xml");
    m->persist_xml = wire_param_string(p, n, "persistent_xml");
    (void)wire_param_u64(p, n, "bandwidth", &m->bandwidth);
    return check_move(m, e);
}

/* --- begin --- */

static int do_begin(struct call *c)
{
    const struct wire_domain_migrate_begin3_args *args = c->args;
    struct wire_domain_migrate_begin3_ret *ret = c->ret;
    struct move m = {
        .xml = args->xmlin, .flags = args->flags, .name = args->dname, .bandwidth = args->resource};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out, &ret->xml};
    struct guest *g = call_guest(c, &args->dom);
    return g && !check_move(&m, &c->err) ? depart_begin(c, g, &m, &a) : CALL_FAILED;
}

static int do_begin_params(struct call *c)
{
    const struct wire_domain_migrate_begin3_params_args *args = c->args;
    struct wire_domain_migrate_begin3_params_ret *ret = c->ret;
    struct move m = {.flags = args->flags};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out, &ret->xml};
    struct guest *g = call_guest(c, &args->dom);
    if (!g || read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return depart_begin(c, g, &m, &a);
}

/* --- prepare --- */

static int do_prepare(struct call *c)
{
    const struct wire_domain_migrate_prepare3_args *args = c->args;
    struct wire_domain_migrate_prepare3_ret *ret = c->ret;
    struct move m = {.uri = args->uri_in,
                     .name = args->dname,
                     .xml = args->dom_xml,
                     .bandwidth = args->resource,
                     .flags = args->flags,
                     .cookie = args->cookie_in,
                     .n_cookie = args->n_cookie_in};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out, &ret->uri_out};
    return check_move(&m, &c->err) ? CALL_FAILED : land_prepare(c, &m, &a, false);
}

static int do_prepare_params(struct call *c)
{
    const struct wire_domain_migrate_prepare3_params_args *args = c->args;
    struct wire_domain_migrate_prepare3_params_ret *ret = c->ret;
    struct move m = {
        .flags = args->flags, .cookie = args->cookie_in, .n_cookie = args->n_cookie_in};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out, &ret->uri_out};
    if (read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return land_prepare(c, &m, &a, false);
}

static int do_prepare_tunnel(struct call *c)
{
    const struct wire_domain_migrate_prepare_tunnel3_args *args = c->args;
    struct wire_domain_migrate_prepare_tunnel3_ret *ret = c->ret;
    struct move m = {.name = args->dname,
                     .xml = args->dom_xml,
                     .flags = args->flags,
                     .cookie = args->cookie_in,
                     .n_cookie = args->n_cookie_in};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out};
    return check_move(&m, &c->err) ? CALL_FAILED : land_prepare(c, &m, &a, true);
}

static int do_prepare_tunnel_params(struct call *c)
{
    const struct wire_domain_migrate_prepare_tunnel3_params_args *args = c->args;
    struct wire_domain_migrate_prepare_tunnel3_params_ret *ret = c->ret;
    struct move m = {
        .flags = args->flags, .cookie = args->cookie_in, .n_cookie = args->n_cookie_in};
    struct move_answer a = {&ret->cookie_out, &ret->n_cookie_out};
    if (read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return land_prepare(c, &m, &a, true);
}

/* --- perform --- */

static int perform(struct call *c, const struct wire_domain *dom, const struct move *m)
{
    struct guest *g = call_guest(c, dom);
    if (!g)
        return CALL_FAILED;
    if (!(m->flags & VIR_MIGRATE_PEER2PEER) && m->flags & VIR_MIGRATE_TUNNELLED)
        return fail(&c->err, ERR_INVALID_ARG, "tunnelled migration is peer to peer only");
    if (!(m->flags & VIR_MIGRATE_PEER2PEER))
        return depart_perform(c, g, m);
    if (!m->dconnuri)
        return fail(&c->err, ERR_INVALID_ARG, "no destination is given");
    return p2p_perform(c, g, m);
}

static int do_perform(struct call *c)
{
    const struct wire_domain_migrate_perform3_args *args = c->args;
    struct move m = {.dconnuri = args->dconnuri,
                     .uri = args->uri,
                     .name = args->dname,
                     .xml = args->xmlin,
                     .bandwidth = args->resource,
                     .flags = args->flags,
                     .cookie = args->cookie_in,
                     .n_cookie = args->n_cookie_in};
    return check_move(&m, &c->err) ? CALL_FAILED : perform(c, &args->dom, &m);
}

static int do_perform_params(struct call *c)
{
    const struct wire_domain_migrate_perform3_params_args *args = c->args;
    struct move m = {.dconnuri = args->dconnuri,
                     .flags = args->flags,
                     .cookie = args->cookie_in,
                     .n_cookie = args->n_cookie_in};
    if (read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return perform(c, &args->dom, &m);
}

/* --- finish and confirm --- */

static int do_finish(struct call *c)
{
    const struct wire_domain_migrate_finish3_args *args = c->args;
    struct wire_domain_migrate_finish3_ret *ret = c->ret;
    struct move m = {.name = args->dname, .flags = args->flags, .cancelled = args->cancelled};
    struct move_answer a = {.dom = &ret->dom};
    return check_move(&m, &c->err) ? CALL_FAILED : land_finish(c, &m, &a);
}

static int do_finish_params(struct call *c)
{
    const struct wire_domain_migrate_finish3_params_args *args = c->args;
    struct wire_domain_migrate_finish3_params_ret *ret = c->ret;
    struct move m = {.flags = args->flags,
                     .cancelled = args->cancelled,
                     .cookie = args->cookie_in,
                     .n_cookie = args->n_cookie_in};
    struct move_answer a = {.dom = &ret->dom};
    if (read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return land_finish(c, &m, &a);
}

static int do_confirm(struct call *c)
{
    const struct wire_domain_migrate_confirm3_args *args = c->args;
    struct move m = {.flags = args->flags, .cancelled = args->cancelled};
    struct guest *g = call_guest(c, &args->dom);
    return g && !check_move(&m, &c->err) ? depart_confirm(c, g, &m) : CALL_FAILED;
}

static int do_confirm_params(struct call *c)
{
    const struct wire_domain_migrate_confirm3_params_args *args = c->args;
    struct move m = {.flags = args->flags, .cancelled = args->cancelled};
    struct guest *g = call_guest(c, &args->dom);
    if (!g || read_params(&m, args->params, args->n_params, &c->err))
        return CALL_FAILED;
    return depart_confirm(c, g, &m);
}

/* --- how fast --- */

static int do_set_speed(struct call *c)
{
    const struct wire_domain_migrate_set_max_speed_args *args = c->args;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->bandwidth >= bandwidth_max)
        return fail(&c->err, ERR_OVERFLOW, "a bandwidth of %llu MiB/s is too high: below %llu",
                    (unsigned long long)args->bandwidth, (unsigned long long)bandwidth_max);
    guest_migrate_set_speed(g, args->bandwidth << 20);
    return CALL_DONE;
}

static int do_get_speed(struct call *c)
{
    const struct wire_domain_migrate_get_max_speed_args *args = c->args;
    struct wire_domain_migrate_get_max_speed_ret *ret = c->ret;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    uint64_t bytes = guest_migrate_speed(g);
    ret->bandwidth = bytes ? bytes >> 20 : bandwidth_max - 1;
    return CALL_DONE;
}

/* Xen decides itself when little enough is left, and lets nobody change it. */
static int no_downtime(struct call *c)
{
    return fail(&c->err, ERR_OPERATION_UNSUPPORTED,
                "Xen's libxl has no limit for the downtime of a migration");
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_MIGRATE_BEGIN3, do_begin},
    {WIRE_DOMAIN_MIGRATE_BEGIN3_PARAMS, do_begin_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_PREPARE3, do_prepare},
    {WIRE_DOMAIN_MIGRATE_PREPARE3_PARAMS, do_prepare_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_PREPARE_TUNNEL3, do_prepare_tunnel},
    {WIRE_DOMAIN_MIGRATE_PREPARE_TUNNEL3_PARAMS, do_prepare_tunnel_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_PERFORM3, do_perform},
    {WIRE_DOMAIN_MIGRATE_PERFORM3_PARAMS, do_perform_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_FINISH3, do_finish},
    {WIRE_DOMAIN_MIGRATE_FINISH3_PARAMS, do_finish_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_CONFIRM3, do_confirm},
    {WIRE_DOMAIN_MIGRATE_CONFIRM3_PARAMS, do_confirm_params, KNOWN_FLAGS},
    {WIRE_DOMAIN_MIGRATE_SET_MAX_SPEED, do_set_speed},
    {WIRE_DOMAIN_MIGRATE_GET_MAX_SPEED, do_get_speed},
    {WIRE_DOMAIN_MIGRATE_SET_MAX_DOWNTIME, no_downtime},
    {WIRE_DOMAIN_MIGRATE_GET_MAX_DOWNTIME, no_downtime},
};
const struct handlers do_migrate_handlers = HANDLERS(rows);
