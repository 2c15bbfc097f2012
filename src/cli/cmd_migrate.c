/* Guests to other hosts: the steps of a migration, which is the client's to lead, or the source
 * daemon's (--p2p); and how fast. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "progress.h"
#include "wire/consts.h"
#include "wire/param.h"

static void add_int(struct wire_typed_param **p, size_t *n, const char *param, uint64_t number)
{
    wire_param_add_int(p, n, param, (int)number);
}

static const struct flag_bit bits[] = {
    {"live", VIR_MIGRATE_LIVE},
    {"offline", VIR_MIGRATE_OFFLINE},
    {"p2p", VIR_MIGRATE_PEER2PEER},
    {"tunnelled", VIR_MIGRATE_TUNNELLED},
    {"persistent", VIR_MIGRATE_PERSIST_DEST},
    {"undefinesource", VIR_MIGRATE_UNDEFINE_SOURCE},
    {"suspend", VIR_MIGRATE_PAUSED},
    {"copy-storage-all", VIR_MIGRATE_NON_SHARED_DISK},
    {"copy-storage-inc", VIR_MIGRATE_NON_SHARED_INC},
    {"copy-storage-synchronous-writes", VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES},
    {"change-protection", VIR_MIGRATE_CHANGE_PROTECTION},
    {"unsafe", VIR_MIGRATE_UNSAFE},
    {"compressed", VIR_MIGRATE_COMPRESSED},
    {"auto-converge", VIR_MIGRATE_AUTO_CONVERGE},
    {"rdma-pin-all", VIR_MIGRATE_RDMA_PIN_ALL},
    {"abort-on-error", VIR_MIGRATE_ABORT_ON_ERROR},
    {"postcopy", VIR_MIGRATE_POSTCOPY},
    {"postcopy-resume", VIR_MIGRATE_POSTCOPY_RESUME},
    {"zerocopy", VIR_MIGRATE_ZEROCOPY},
    {"tls", VIR_MIGRATE_TLS},
    {"parallel", VIR_MIGRATE_PARALLEL},
};

/* Options that are handed on as they are: hosts that cannot do something say so. */
static const struct {
    const char *option, *param;
    void (*add)(struct wire_typed_param **p, size_t *n, const char *param, uint64_t number);
} values[] = {
    {"graphicsuri", "graphics_uri"},
    {"listen-address", "listen_address"},
    {"disks-port", "disks_port", add_int},
    {"disks-uri", "disks_uri"},
    {"comp-mt-level", "compression.mt.level", add_int},
    {"comp-mt-threads", "compression.mt.threads", add_int},
    {"comp-mt-dthreads", "compression.mt.dthreads", add_int},
    {"comp-xbzrle-cache", "compression.xbzrle.cache", wire_param_add_uhyper},
    {"auto-converge-initial", "auto_converge.initial", add_int},
    {"auto-converge-increment", "auto_converge.increment", add_int},
    {"postcopy-bandwidth", "bandwidth.postcopy", wire_param_add_uhyper},
    {"parallel-connections", "parallel.connections", add_int},
    {"bandwidth", "bandwidth", wire_param_add_uhyper},
    {"tls-destination", "tls.destination"},
};
static const struct {
    const char *option, *param; /* once for each word between commas */
} lists[] = {{"migrate-disks", "migrate_disks"}, {"comp-methods", "compression"}};

/* What is handed from step to step. */
struct move {
    struct ctl *ctl;
    const struct args *args;
    struct wire_domain dom;
    struct client *from, *to;
    unsigned flags;
    char *xml, *persist_xml; /* of options */
    char *there;             /* the XML that begin gives */
    char *uri;               /* that prepare gives */
    uint8_t *cookie;         /* of the step before */
    size_t n_cookie;
    struct wire_typed_param *params;
    size_t n_params;
};

static void move_clear(struct move *m)
{
    client_close(m->to);
    lookup_drop(&m->dom);
    free(m->xml);
    free(m->persist_xml);
    free(m->there);
    free(m->uri);
    free(m->cookie);
    wire_params_free(m->params, m->n_params);
}

static void keep_cookie(struct move *m, uint8_t *cookie, size_t n)
{
    free(m->cookie);
    m->cookie = cookie;
    m->n_cookie = n;
}

static int add_values(struct move *m, struct err *e)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        const char *text = arg_str(m->args, values[i].option);
        uint64_t number = 0;
        if (!text)
            continue;
        if (!values[i].add)
            wire_param_add_string(&m->params, &m->n_params, values[i].param, text);
        else if (arg_u64(m->args, values[i].option, &number, e))
            return -1;
        else if (values[i].add == add_int && number > INT32_MAX)
            return fail(e, ERR_INVALID_ARG, "--%s: %s is too much", values[i].option, text);
        else
            values[i].add(&m->params, &m->n_params, values[i].param, number);
    }
    return 0;
}

static void add_lists(struct move *m)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        CLEANUP_FREE char *text = mem_str(arg_str(m->args, lists[i].option));
        char *rest = text;
        for (const char *word; (word = strsep(&rest, ","));)
            wire_param_add_string(&m->params, &m->n_params, lists[i].param, word);
    }
}

/* The parameters of a step: what the user gave, with what the steps before have found out. */
static int set_params(struct move *m, const char *uri, const char *name, const char *xml,
                      struct err *e)
{
    wire_params_free(m->params, m->n_params);
    m->params = NULL;
    m->n_params = 0;
    if (uri)
        wire_param_add_string(&m->params, &m->n_params, "migrate_uri", uri);
    if (name)
        wire_param_add_string(&m->params, &m->n_params, "destination_name", name);
    if (xml)
        wire_param_add_string(&m->params, &m->n_params, "destination_xml", xml);
    if (m->persist_xml)
        wire_param_add_string(&m->params, &m->n_params, "persistent_xml", m->persist_xml);
    add_lists(m);
    return add_values(m, e);
}

static int perform(struct move *m, const char *dconnuri, struct err *e)
{
    struct wire_domain_migrate_perform3_params_args args = {.dom = m->dom,
                                                            .dconnuri = (char *)dconnuri,
                                                            .params = m->params,
                                                            .n_params = m->n_params,
                                                            .cookie_in = m->cookie,
                                                            .n_cookie_in = m->n_cookie,
                                                            .flags = m->flags};
    struct wire_domain_migrate_perform3_params_ret ret = {0};
    struct progress p = {"Migration", &m->dom, m->dom.name, arg_has(m->args, "verbose")};
    uint64_t seconds = 0;
    if (arg_u64(m->args, "timeout", &seconds, e))
        return -1;
    p.suspend_after_s = seconds;
    if (progress_call(m->ctl, &p, WIRE_DOMAIN_MIGRATE_PERFORM3_PARAMS, &args, &ret, e))
        return -1;
    keep_cookie(m, ret.cookie_out, ret.n_cookie_out);
    return 0;
}

/* ---- the source leads ---- */
static int run_p2p(struct move *m, struct err *e)
{
    if (!client_has_feature(m->from, VIR_DRV_FEATURE_MIGRATION_P2P))
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "the source host does not migrate from peer to peer");
    if (set_params(m, arg_str(m->args, "migrateuri"), arg_str(m->args, "dname"), m->xml, e))
        return -1;
    return perform(m, arg_str(m->args, "desturi"), e);
}

/* ---- we lead ---- */
static int begin(struct move *m, struct err *e)
{
    bool protects = client_has_feature(m->from, VIR_DRV_FEATURE_MIGRATE_CHANGE_PROTECTION);
    unsigned flags = m->flags | (protects ? VIR_MIGRATE_CHANGE_PROTECTION : 0);
    struct wire_domain_migrate_begin3_params_ret ret;
    struct wire_domain_get_state_ret state;
    if (set_params(m, arg_str(m->args, "migrateuri"), arg_str(m->args, "dname"), m->xml, e) ||
        call_domain_migrate_begin3_params(
            m->from,
            &(struct wire_domain_migrate_begin3_params_args){m->dom, m->params, m->n_params, flags},
            &ret, e))
        return -1;
    keep_cookie(m, ret.cookie_out, ret.n_cookie_out);
    m->there = ret.xml;
    if (!call_domain_get_state(m->from, &(struct wire_domain_get_state_args){m->dom}, &state,
                               NULL) &&
        state.state == VIR_DOMAIN_PAUSED)
        m->flags |= VIR_MIGRATE_PAUSED;
    return 0;
}

static int prepare(struct move *m, struct err *e)
{
    const char *uri = arg_str(m->args, "migrateuri");
    struct wire_domain_migrate_prepare3_params_ret ret;
    if (set_params(m, uri, arg_str(m->args, "dname"), m->there, e))
        return -1;
    struct wire_domain_migrate_prepare3_params_args args = {m->params, m->n_params, m->cookie,
                                                            m->n_cookie, m->flags};
    if (call_domain_migrate_prepare3_params(m->to, &args, &ret, e))
        return -1;
    keep_cookie(m, ret.cookie_out, ret.n_cookie_out);
    m->uri = ret.uri_out ? ret.uri_out : mem_str(uri);
    return m->uri ? 0 : fail(e, ERR_INTERNAL, "the destination names no migration URI");
}

static int finish(struct move *m, bool cancelled, struct err *e)
{
    const char *dname = arg_str(m->args, "dname");
    struct wire_domain_migrate_finish3_params_ret ret;
    if (set_params(m, m->uri, dname ? dname : m->dom.name, NULL, e))
        return -1;
    struct wire_domain_migrate_finish3_params_args args = {m->params,   m->n_params, m->cookie,
                                                           m->n_cookie, m->flags,    cancelled};
    if (call_domain_migrate_finish3_params(m->to, &args, &ret, e))
        return -1;
    keep_cookie(m, ret.cookie_out, ret.n_cookie_out);
    lookup_drop(&ret.dom);
    return 0;
}

static int confirm(struct move *m, bool cancelled, struct err *e)
{
    struct wire_domain_migrate_confirm3_params_args args = {
        m->dom, m->params, m->n_params, m->cookie, m->n_cookie, m->flags, cancelled};
    return call_domain_migrate_confirm3_params(m->from, &args, e);
}

/* What the destination says explains more than a broken pipe at the source. */
static void add_reason(struct err *e, const struct err *there)
{
    size_t n = strlen(e->msg);
    if (there->code && there->code != ERR_OPERATION_ABORTED && there->code != ERR_RPC)
        snprintf(e->msg + n, sizeof(e->msg) - n, "; the destination says: %s", there->msg);
}

static int run_steps(struct move *m, struct err *e)
{
    struct err there = {0}, none = {0};
    if (begin(m, e))
        return -1;
    if (prepare(m, e)) {
        confirm(m, true, &none);
        return -1;
    }
    if (set_params(m, m->uri, arg_str(m->args, "dname"), NULL, e) || perform(m, NULL, e)) {
        finish(m, true, &there);
        add_reason(e, &there);
        return -1;
    }
    int r = finish(m, false, e);
    if (confirm(m, r, r ? &none : e) && !r)
        return wrap(e, "the domain runs on the destination, but is not removed from here");
    return r;
}

static int run_direct(struct move *m, struct err *e)
{
    struct client_options options = {.ask = NULL};
    m->to = client_open(arg_str(m->args, "desturi"), &options, e);
    if (!m->to)
        return -1;
    if (!client_has_feature(m->from, VIR_DRV_FEATURE_MIGRATION_PARAMS) ||
        !client_has_feature(m->to, VIR_DRV_FEATURE_MIGRATION_PARAMS))
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "one of the hosts does not know migration with parameters");
    return run_steps(m, e);
}

static int run_migrate(struct ctl *c, const struct args *a, struct err *e)
{
    struct move CLEANUP(move_clear) m = {.ctl = c, .args = a, .flags = FLAGS_OF(a, bits)};
    if (arg_has(a, "direct"))
        return fail(e, ERR_OPERATION_UNSUPPORTED,
                    "a migration that the hypervisor leads alone is not possible with Xen");
    if (arg_has(a, "timeout-postcopy") || arg_has(a, "postcopy-after-precopy"))
        return fail(e, ERR_OPERATION_UNSUPPORTED, "post-copy migration is not possible with Xen");
    if (arg_has(a, "tunnelled") && !arg_has(a, "p2p"))
        return fail(e, ERR_INVALID_ARG, "--tunnelled needs --p2p");
    if (lookup_domain(c, a, BY_ANY, &m.dom, e) || opts_file(a, "xml", &m.xml, e) ||
        opts_file(a, "persistent-xml", &m.persist_xml, e) || !(m.from = ctl_conn(c, e)))
        return -1;
    ctl_trying(c, "Failed to migrate domain '%s' to %s", m.dom.name, arg_str(a, "desturi"));
    return arg_has(a, "p2p") ? run_p2p(&m, e) : run_direct(&m, e);
}

/* ---- how fast ---- */
static unsigned speed_flags(const struct args *a)
{
    return arg_has(a, "postcopy") ? VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY : 0;
}

static int run_set_speed(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t mib = 0;
    if (arg_u64(a, "bandwidth", &mib, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_migrate_set_max_speed_args args = {d, mib, speed_flags(a)};
    return call_domain_migrate_set_max_speed(ctl_conn(c, e), &args, e);
}

static int print_number(struct ctl *c, const char *key, uint64_t n)
{
    CLEANUP_FREE char *text = mem_printf("%llu", (unsigned long long)n);
    text_print(c, key, text);
    return 0;
}

static int run_get_speed(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_migrate_get_max_speed_ret ret;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_migrate_get_max_speed_args args = {d, speed_flags(a)};
    if (call_domain_migrate_get_max_speed(ctl_conn(c, e), &args, &ret, e))
        return -1;
    return print_number(c, "bandwidth_mib_s", ret.bandwidth);
}

static int run_set_downtime(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    uint64_t ms = 0;
    if (arg_u64(a, "downtime", &ms, e) || lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_migrate_set_max_downtime_args args = {d, ms, 0};
    return call_domain_migrate_set_max_downtime(ctl_conn(c, e), &args, e);
}

static int run_get_downtime(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_migrate_get_max_downtime_ret ret;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    struct wire_domain_migrate_get_max_downtime_args args = {d, 0};
    if (call_domain_migrate_get_max_downtime(ctl_conn(c, e), &args, &ret, e))
        return -1;
    return print_number(c, "downtime_ms", ret.downtime);
}

extern const struct cmd cmds_migrate[];
const struct cmd cmds_migrate[] = {
    {"migrate", GROUP_DOMAIN, "migrate a domain to another host",
     "Migrate a domain to another host. Add --live for live migration. The destination's URI is "
     "that of its\n    daemon as seen from here, or with --p2p as seen from the source host.",
     OPTS(OPT_DOMAIN_ACTIVE, NEED("desturi", WHAT_TEXT, "connection URI of the destination host"),
          FLAG("live", "it runs while it is moved"),
          FLAG("offline", "move the definition of one that does not run"),
          FLAG("p2p", "the source host leads"), FLAG("direct", "the hypervisor leads"),
          FLAG("tunnelled", "the data goes over the daemons' connection"),
          FLAG("persistent", "define it on the destination"),
          FLAG("undefinesource", "undefine it on the source"),
          FLAG("suspend", "leave it paused on the destination"),
          FLAG("copy-storage-all", "copy its disks"),
          FLAG("copy-storage-inc", "copy what differs in its disks"),
          FLAG("copy-storage-synchronous-writes", "its writes wait for the copy"),
          FLAG("change-protection", "nobody may change it meanwhile (always so here)"),
          FLAG("unsafe", "also where its disks seem not to be shared"),
          FLAG("verbose", "show the progress"), FLAG("compressed", "compress its memory"),
          FLAG("auto-converge", "slow the guest down"),
          FLAG("rdma-pin-all", "pin all memory first"),
          FLAG("abort-on-error", "abort on soft errors"),
          FLAG("postcopy", "allow post-copy migration"),
          FLAG("postcopy-after-precopy", "post-copy after the first round"),
          FLAG("postcopy-resume", "go on with a post-copy migration that failed"),
          FLAG("zerocopy", "send without copying"),
          MAY("migrateuri", WHAT_TEXT, "where the data goes: tcp://HOST[:PORT]"),
          NAMED("graphicsuri", WHAT_TEXT, "where its screen is on the destination"),
          NAMED("listen-address", WHAT_TEXT, "where the destination listens for it"),
          NAMED("dname", WHAT_TEXT, "new name on the destination"),
          MAY_NUM("timeout", "suspend the guest when it takes longer than this (in seconds)"),
          FLAG("timeout-suspend", "suspend the guest after the timeout (as it is without)"),
          FLAG("timeout-postcopy", "post-copy after the timeout"),
          NAMED("xml", WHAT_FILE, "file with changed XML for the destination"),
          NAMED("migrate-disks", WHAT_TEXT, "disks to copy, with commas between"),
          NAMED_NUM("disks-port", "port of the destination for copied disks"),
          NAMED("disks-uri", WHAT_TEXT, "where copied disks go"),
          NAMED("comp-methods", WHAT_TEXT, "ways to compress, with commas between"),
          NAMED_NUM("comp-mt-level", "level of compression with threads"),
          NAMED_NUM("comp-mt-threads", "threads that compress"),
          NAMED_NUM("comp-mt-dthreads", "threads that decompress"),
          NAMED_NUM("comp-xbzrle-cache", "cache of xbzrle compression"),
          NAMED_NUM("auto-converge-initial", "how much to slow down at first"),
          NAMED_NUM("auto-converge-increment", "how much more each time"),
          NAMED("persistent-xml", WHAT_FILE, "file with the definition for the destination"),
          FLAG("tls", "encrypt the data"),
          NAMED_NUM("postcopy-bandwidth", "limit of post-copy in MiB/s"),
          FLAG("parallel", "over several connections"),
          NAMED_NUM("parallel-connections", "how many"), MAY_NUM("bandwidth", "limit in MiB/s"),
          NAMED("tls-destination", WHAT_TEXT, "name in the destination's certificate")),
     run_migrate},
    {"migrate-getmaxdowntime", GROUP_DOMAIN, "get maximum tolerable downtime",
     "Get maximum tolerable downtime of a domain which is being live-migrated to another host.",
     OPTS(OPT_DOMAIN_ACTIVE), run_get_downtime},
    {"migrate-getspeed", GROUP_DOMAIN, "get the maximum migration bandwidth",
     "Get the maximum migration bandwidth (in MiB/s) for a domain.",
     OPTS(OPT_DOMAIN, FLAG("postcopy", "of post-copy migration")), run_get_speed},
    {"migrate-setmaxdowntime", GROUP_DOMAIN, "set maximum tolerable downtime",
     "Set maximum tolerable downtime of a domain which is being live-migrated to another host.",
     OPTS(OPT_DOMAIN_ACTIVE, NEED_NUM("downtime", "maximum tolerable downtime (in milliseconds)")),
     run_set_downtime},
    {"migrate-setspeed", GROUP_DOMAIN, "set the maximum migration bandwidth",
     "Set the maximum migration bandwidth (in MiB/s) for a domain which is being migrated.",
     OPTS(OPT_DOMAIN, NEED_NUM("bandwidth", "limit in MiB/s"),
          FLAG("postcopy", "of post-copy migration")),
     run_set_speed},
    {0},
};
