/* Statistics: of one guest's devices, and of all guests at once. */
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/guest.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "daemon/do_list.h"
#include "daemon/live.h"
#include "daemon/stats.h"
#include "wire/consts.h"
#include "wire/param.h"

/* --- one guest --- */

static int do_block_stats(struct call *c)
{
    const struct wire_domain_block_stats_args *args = c->args;
    struct wire_domain_block_stats_ret *ret = c->ret;
    struct hv_block_stats s;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || stats_block(c->daemon->host, g, args->path, &s, &c->err))
        return CALL_FAILED;
    ret->rd_req = s.rd_req;
    ret->rd_bytes = s.rd_bytes;
    ret->wr_req = s.wr_req;
    ret->wr_bytes = s.wr_bytes;
    ret->errs = s.errs;
    return CALL_DONE;
}

/* Cuts a list of parameters to what the client has room for; no room asks how many there are. */
static void fit(struct wire_typed_param *p, size_t *n, int *ret_n, int room)
{
    size_t keep = room > 0 ? (size_t)room : 0;
    if (!room)
        *ret_n = (int)*n;
    if (*n > keep)
        wire_params_cut(p, n, keep);
    if (room)
        *ret_n = (int)*n;
}

static int do_block_stats_flags(struct call *c)
{
    const struct wire_domain_block_stats_flags_args *args = c->args;
    struct wire_domain_block_stats_flags_ret *ret = c->ret;
    struct hv_block_stats s;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || stats_block(c->daemon->host, g, args->path, &s, &c->err))
        return CALL_FAILED;
    const struct {
        const char *field;
        int64_t value;
    } all[] = {{"wr_bytes", s.wr_bytes},          {"wr_operations", s.wr_req},
               {"rd_bytes", s.rd_bytes},          {"rd_operations", s.rd_req},
               {"flush_operations", s.flush_req}, {"errs", s.errs}};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        wire_param_add_hyper(&ret->params, &ret->n_params, all[i].field, all[i].value);
    fit(ret->params, &ret->n_params, &ret->nparams, args->nparams);
    return CALL_DONE;
}

static int do_interface_stats(struct call *c)
{
    const struct wire_domain_interface_stats_args *args = c->args;
    struct wire_domain_interface_stats_ret *ret = c->ret;
    struct hv_net_stats s;
    struct guest *g = call_guest(c, &args->dom);
    if (!g || stats_net(c->daemon->host, g, args->device, &s, &c->err))
        return CALL_FAILED;
    ret->rx_bytes = s.rx_bytes;
    ret->rx_packets = s.rx_packets;
    ret->rx_errs = s.rx_errs;
    ret->rx_drop = s.rx_drop;
    ret->tx_bytes = s.tx_bytes;
    ret->tx_packets = s.tx_packets;
    ret->tx_errs = s.tx_errs;
    ret->tx_drop = s.tx_drop;
    return CALL_DONE;
}

static int do_memory_stats(struct call *c)
{
    const struct wire_domain_memory_stats_args *args = c->args;
    struct wire_domain_memory_stats_ret *ret = c->ret;
    struct live_info l;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->maxStats > WIRE_DOMAIN_MEMORY_STATS_MAX)
        return fail(&c->err, ERR_RPC, "%u statistics are more than %d", args->maxStats,
                    WIRE_DOMAIN_MEMORY_STATS_MAX);
    if (!guest_is_active(g))
        return fail(&c->err, ERR_OPERATION_INVALID, "domain is not running");
    if (live_info(c->daemon->host, g, &l, &c->err))
        return CALL_FAILED;
    const struct wire_domain_memory_stat all[] = {
        {VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, l.mem_kib},
        {VIR_DOMAIN_MEMORY_STAT_AVAILABLE, l.mem_kib},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(*all) && i < args->maxStats; i++)
        VEC_PUSH(ret->stats, ret->n_stats, all[i]);
    return CALL_DONE;
}

/* Xen counts by virtual CPU; they stand for the CPUs that the client asks for. */
static int cpu_stats_each(struct call *c, struct guest *g)
{
    const struct wire_domain_get_cpu_stats_args *args = c->args;
    struct wire_domain_get_cpu_stats_ret *ret = c->ret;
    struct hv_vcpu *v;
    size_t n;
    if (live_vcpus(c->daemon->host, g, &v, &n, &c->err))
        return CALL_FAILED;
    ret->nparams = args->ncpus ? 1 : (int)n;
    for (size_t i = (size_t)args->start_cpu;
         args->nparams && i < n && i < (size_t)args->start_cpu + args->ncpus; i++)
        wire_param_add_uhyper(&ret->params, &ret->n_params, "cpu_time", v[i].cpu_ns);
    hv_vcpus_free(v, n);
    return CALL_DONE;
}

static int do_cpu_stats(struct call *c)
{
    const struct wire_domain_get_cpu_stats_args *args = c->args;
    struct wire_domain_get_cpu_stats_ret *ret = c->ret;
    struct live_info l;
    struct guest *g = call_guest(c, &args->dom);
    if (!g)
        return CALL_FAILED;
    if (args->nparams > WIRE_NODE_CPU_STATS_MAX ||
        args->ncpus > WIRE_DOMAIN_GET_CPU_STATS_NCPUS_MAX)
        return fail(&c->err, ERR_RPC, "too many CPUs or parameters asked for");
    if (args->start_cpu < -1)
        return fail(&c->err, ERR_INVALID_ARG, "there is no CPU %d", args->start_cpu);
    if (!guest_is_active(g))
        return fail(&c->err, ERR_OPERATION_INVALID, "domain is not running");
    if (args->start_cpu >= 0)
        return cpu_stats_each(c, g);
    if (live_info(c->daemon->host, g, &l, &c->err))
        return CALL_FAILED;
    ret->nparams = 1;
    if (args->nparams)
        wire_param_add_uhyper(&ret->params, &ret->n_params, "cpu_time", l.cpu_ns);
    return CALL_DONE;
}

/* --- all guests: one row a group of CONNECT_GET_ALL_DOMAIN_STATS --- */

/* Written as they are gathered: of many guests nothing is kept. */
struct gather {
    struct host *host;
    struct guest *guest;
    const struct domain *config;
    struct live_info live;
    struct str *out;
    size_t n, n_records; /* parameters of this guest; guests */
    struct str name;     /* of a parameter: "block.0.rd.reqs" */
    size_t prefix;       /* of that: "block.0." */
    struct err err;
};

static void begin_device(struct gather *s, const char *group, size_t i)
{
    str_cut(&s->name, 0);
    str_add(&s->name, group);
    str_addc(&s->name, '.');
    str_addi(&s->name, (int64_t)i, 10);
    str_addc(&s->name, '.');
    s->prefix = s->name.len;
}

static void add(struct gather *s, const char *name, struct wire_typed_value v)
{
    str_cut(&s->name, s->prefix);
    str_add(&s->name, name);
    struct wire_typed_param one = {s->name.p, v};
    s->n++;
    if (!s->err.code)
        (void)wire_encode(&wire_type_typed_param, &one, s->out, &s->err);
}

static void add_int(struct gather *s, const char *name, int n)
{
    add(s, name, (struct wire_typed_value){VIR_TYPED_PARAM_INT, .i = n});
}

static void add_uint(struct gather *s, const char *name, uint32_t n)
{
    add(s, name, (struct wire_typed_value){VIR_TYPED_PARAM_UINT, .ui = n});
}

static void add_ulong(struct gather *s, const char *name, uint64_t n)
{
    add(s, name, (struct wire_typed_value){VIR_TYPED_PARAM_ULLONG, .ul = n});
}

static void add_count(struct gather *s, const char *name, int64_t n)
{
    if (n >= 0) /* -1 is unknown */
        add_ulong(s, name, (uint64_t)n);
}

static void add_text(struct gather *s, const char *name, char *text)
{
    if (text)
        add(s, name, (struct wire_typed_value){VIR_TYPED_PARAM_STRING, .s = text});
}

static void gather_state(struct gather *s)
{
    add_int(s, "state.state", s->live.state);
    add_int(s, "state.reason", s->live.reason);
}

static void gather_cpu(struct gather *s)
{
    if (guest_is_active(s->guest))
        add_ulong(s, "cpu.time", s->live.cpu_ns);
}

static void gather_balloon(struct gather *s)
{
    add_ulong(s, "balloon.current", s->live.mem_kib);
    add_ulong(s, "balloon.maximum", s->live.mem_max_kib);
}

static void gather_vcpu(struct gather *s)
{
    struct hv_vcpu *v;
    size_t n;
    add_uint(s, "vcpu.current", s->live.vcpus);
    add_uint(s, "vcpu.maximum", s->live.vcpus_max);
    if (!guest_is_active(s->guest) || live_vcpus(s->host, s->guest, &v, &n, NULL))
        return;
    for (size_t i = 0; i < n; i++) {
        int state = v[i].is_online ? VIR_VCPU_RUNNING : VIR_VCPU_OFFLINE;
        if (v[i].is_online && v[i].is_blocked)
            state = VIR_VCPU_BLOCKED;
        begin_device(s, "vcpu", i);
        add_int(s, "state", state);
        add_count(s, "time", (int64_t)v[i].cpu_ns);
    }
    hv_vcpus_free(v, n);
}

static void gather_net(struct gather *s)
{
    const struct domain *d = s->config;
    if (!d || !guest_is_active(s->guest))
        return;
    add_uint(s, "net.count", (uint32_t)d->n_nics);
    for (size_t i = 0; i < d->n_nics; i++) {
        char name[STATS_NAME_MAX];
        struct hv_net_stats t;
        uint32_t devid = stats_nic(s->guest, d, i, name);
        begin_device(s, "net", i);
        add_text(s, "name", name);
        if (host_ops(s->host)->net_stats(host_hv(s->host), (uint32_t)guest_domid(s->guest), devid,
                                         &t, NULL))
            continue;
        add_count(s, "rx.bytes", t.rx_bytes);
        add_count(s, "rx.pkts", t.rx_packets);
        add_count(s, "rx.errs", t.rx_errs);
        add_count(s, "rx.drop", t.rx_drop);
        add_count(s, "tx.bytes", t.tx_bytes);
        add_count(s, "tx.pkts", t.tx_packets);
        add_count(s, "tx.errs", t.tx_errs);
        add_count(s, "tx.drop", t.tx_drop);
    }
}

static void gather_block(struct gather *s)
{
    const struct domain *d = s->config;
    if (!d)
        return;
    add_uint(s, "block.count", (uint32_t)d->n_disks);
    for (size_t i = 0; i < d->n_disks; i++) {
        struct hv_block_stats t;
        begin_device(s, "block", i);
        add_text(s, "name", d->disks[i].target);
        add_text(s, "path", d->disks[i].source);
        if (!guest_is_active(s->guest) ||
            host_ops(s->host)->block_stats(host_hv(s->host), (uint32_t)guest_domid(s->guest),
                                           d->disks[i].target, &t, NULL))
            continue;
        add_count(s, "rd.reqs", t.rd_req);
        add_count(s, "rd.bytes", t.rd_bytes);
        add_count(s, "wr.reqs", t.wr_req);
        add_count(s, "wr.bytes", t.wr_bytes);
        add_count(s, "fl.reqs", t.flush_req);
    }
}

static const struct group {
    uint32_t bit;
    void (*gather)(struct gather *s);
} groups[] = {
    {VIR_DOMAIN_STATS_STATE, gather_state},     {VIR_DOMAIN_STATS_CPU_TOTAL, gather_cpu},
    {VIR_DOMAIN_STATS_BALLOON, gather_balloon}, {VIR_DOMAIN_STATS_VCPU, gather_vcpu},
    {VIR_DOMAIN_STATS_INTERFACE, gather_net},   {VIR_DOMAIN_STATS_BLOCK, gather_block},
};
enum {
    N_GROUPS = sizeof(groups) / sizeof(*groups),
    STATS_KNOWN = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |
                  VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK,
    STATS_FILTERS = 0xff, /* the bits that select guests, as in lists */
};
#define STATS_FLAGS \
    (STATS_FILTERS | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | \
     VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING | VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS)

/* What Xen says of all domains, by domid: one question instead of one a guest. */
struct all_infos {
    struct hv_info *items;
    size_t n;
};

static int by_domid(const void *a, const void *b)
{
    uint32_t x = ((const struct hv_info *)a)->domid, y = ((const struct hv_info *)b)->domid;
    return x < y ? -1 : x > y;
}

static int all_infos_get(struct host *h, struct all_infos *ret, struct err *e)
{
    if (host_ops(h)->list(host_hv(h), &ret->items, &ret->n, e))
        return -1;
    for (size_t i = 1; i < ret->n; i++) {
        if (ret->items[i - 1].domid > ret->items[i].domid) {
            qsort(ret->items, ret->n, sizeof(*ret->items), by_domid);
            break;
        }
    }
    return 0;
}

static int add_record(struct call *c, struct gather *s, struct guest *g, uint32_t wanted,
                      const struct all_infos *all)
{
    const struct hv_info key = {.domid = (uint32_t)guest_domid(g)};
    const struct hv_info *info =
        guest_is_active(g) ? bsearch(&key, all->items, all->n, sizeof(key), by_domid) : NULL;
    if (guest_is_active(g) && !info)
        return 0; /* it has just gone */
    s->guest = g;
    s->config = guest_config(g, false);
    s->n = 0;
    s->n_records++;
    live_info_of(g, info, &s->live);
    struct wire_domain d = {0};
    wire_domain_fill(&d, g);
    int failed = wire_encode(&wire_type_domain, &d, s->out, &c->err);
    wire_clear(&wire_type_domain, &d);
    size_t begin = wire_list_begin(s->out);
    for (size_t i = 0; i < N_GROUPS; i++) {
        s->prefix = 0;
        if (groups[i].bit & wanted)
            groups[i].gather(s);
    }
    if (s->err.code)
        c->err = s->err;
    return failed || s->err.code ||
           wire_list_end(&wire_type_domain_stats_record.fields[1], s->out, begin, s->n, &c->err);
}

static int add_records(struct call *c, struct gather *s, uint32_t wanted,
                       const struct all_infos *all)
{
    const struct wire_connect_get_all_domain_stats_args *args = c->args;
    unsigned filters = args->flags & STATS_FILTERS;
    for (size_t i = 0; i < args->n_doms; i++) {
        struct guest *g = host_find_uuid(c->daemon->host, args->doms[i].uuid, NULL);
        if (g && access_sees(c, guest_name(g), guest_uuid(g)) && list_wants(g, filters) &&
            add_record(c, s, g, wanted, all))
            return -1;
    }
    size_t n = 0;
    CLEANUP_FREE struct guest **guests = args->n_doms ? NULL : access_guests(c, &n);
    for (size_t i = 0; i < n; i++)
        if (list_wants(guests[i], filters) && add_record(c, s, guests[i], wanted, all))
            return -1;
    return 0;
}

static int do_all_stats(struct call *c)
{
    const struct wire_connect_get_all_domain_stats_args *args = c->args;
    uint32_t wanted = args->stats ? args->stats : STATS_KNOWN;
    if (args->flags & VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS && wanted & ~STATS_KNOWN)
        return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED, "stats types bits %#x are not supported",
                    wanted & ~STATS_KNOWN);
    struct all_infos all = {0};
    if (all_infos_get(c->daemon->host, &all, &c->err))
        return CALL_FAILED;
    struct gather s = {.host = c->daemon->host, .out = &c->body};
    size_t begin = wire_list_begin(s.out);
    int failed = add_records(c, &s, wanted, &all) ||
                 wire_list_end(&wire_type_connect_get_all_domain_stats_ret.fields[0], s.out, begin,
                               s.n_records, &c->err);
    str_clear(&s.name);
    free(all.items);
    return failed ? CALL_FAILED : CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_BLOCK_STATS, do_block_stats},
    {WIRE_DOMAIN_BLOCK_STATS_FLAGS, do_block_stats_flags, VIR_TYPED_PARAM_STRING_OKAY},
    {WIRE_DOMAIN_INTERFACE_STATS, do_interface_stats},
    {WIRE_DOMAIN_MEMORY_STATS, do_memory_stats},
    {WIRE_DOMAIN_GET_CPU_STATS, do_cpu_stats, VIR_TYPED_PARAM_STRING_OKAY},
    {WIRE_CONNECT_GET_ALL_DOMAIN_STATS, do_all_stats, STATS_FLAGS},
};
const struct handlers do_stats_handlers = HANDLERS(rows);
