/* The admin program: looking after the daemon itself, by root, on a socket of its own. Servers are
 * the one of clients and the one of administrators. */
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/dispatch.h"
#include "daemon/transports.h"
#include "net/server.h"
#include "wire/consts.h"
#include "wire/param.h"

enum {
    TRANSPORT_UNIX = 0,
    TRANSPORT_TCP = 1,
    TRANSPORT_TLS = 2,
};

/* The names that libvirt's own daemon for Xen gives them. */
static const char main_server[] = "virtxend", admin_server[] = "admin";

static struct server *server_of(struct call *c, const char *name)
{
    if (str_eq(name, main_server))
        return c->daemon->server;
    if (str_eq(name, admin_server))
        return c->daemon->admin;
    fail(&c->err, ERR_NO_SERVER, "no server with matching name '%s' found", name ? name : "");
    c->err.domain = ERR_FROM_ADMIN;
    return NULL;
}

/* Every procedure about a server has it first in its arguments. */
static struct server *argument(struct call *c)
{
    return server_of(c, ((const struct wire_admin_server *)c->args)->name);
}

/* --- connection and servers --- */

static int do_open(struct call *c)
{
    if (c->session->is_open)
        return fail(&c->err, ERR_INTERNAL, "the connection is open already");
    c->session->is_open = true;
    return CALL_DONE;
}

static int do_close(struct call *c)
{
    conn_finish(c->session->conn);
    return CALL_DONE;
}

static int do_lib_version(struct call *c)
{
    ((struct wire_admin_connect_get_lib_version_ret *)c->ret)->libVer = DAEMON_LIB_VERSION;
    return CALL_DONE;
}

static int do_list_servers(struct call *c)
{
    const struct wire_admin_connect_list_servers_args *args = c->args;
    struct wire_admin_connect_list_servers_ret *ret = c->ret;
    const char *const names[] = {main_server, admin_server};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct wire_admin_server s = {0};
        ret->ret++;
        if (!args->need_results)
            continue;
        s.name = mem_str(names[i]);
        VEC_PUSH(ret->servers, ret->n_servers, s);
    }
    return CALL_DONE;
}

static int do_lookup_server(struct call *c)
{
    const struct wire_admin_connect_lookup_server_args *args = c->args;
    struct wire_admin_connect_lookup_server_ret *ret = c->ret;
    if (!server_of(c, args->name))
        return CALL_FAILED;
    str_set(&ret->srv.name, args->name);
    return CALL_DONE;
}

/* --- workers: they come and go; only how many there may be can be set --- */

static const char max_workers[] = "maxWorkers", prio_workers[] = "prioWorkers";

static int do_get_threadpool(struct call *c)
{
    struct wire_admin_server_get_threadpool_parameters_ret *ret = c->ret;
    struct loop_limits limits = loop_limits(c->daemon->loop);
    size_t max = limits.max, n = loop_workers(c->daemon->loop);
    if (!argument(c))
        return CALL_FAILED;
    const struct {
        const char *name;
        size_t value;
    } values[] = {
        {"minWorkers", 0},
        {max_workers, max},
        {"nWorkers", n < max ? n : max},
        {"freeWorkers", n < max ? max - n : 0},
        {prio_workers, limits.quick},
        {"jobQueueDepth", n < max ? 0 : n - max},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        wire_param_add_uint(&ret->params, &ret->n_params, values[i].name,
                            (uint32_t)values[i].value);
    return CALL_DONE;
}

static int do_set_threadpool(struct call *c)
{
    static const struct wire_param_rule rules[] = {{max_workers, VIR_TYPED_PARAM_UINT},
                                                   {prio_workers, VIR_TYPED_PARAM_UINT}};
    const struct wire_admin_server_set_threadpool_parameters_args *args = c->args;
    struct loop_limits limits = loop_limits(c->daemon->loop);
    uint64_t max = limits.max, quick = limits.quick;
    if (!argument(c) || wire_params_check(args->params, args->n_params, rules, 2, &c->err))
        return CALL_FAILED;
    wire_param_u64(args->params, args->n_params, max_workers, &max);
    wire_param_u64(args->params, args->n_params, prio_workers, &quick);
    if (!max || max > LOOP_WORKERS_MAX)
        return fail(&c->err, ERR_INVALID_ARG, "maxWorkers is 1 to %d", LOOP_WORKERS_MAX);
    if (quick > LOOP_WORKERS_MAX)
        return fail(&c->err, ERR_INVALID_ARG, "prioWorkers is 0 to %d", LOOP_WORKERS_MAX);
    limits = (struct loop_limits){.max = max, .quick = quick};
    loop_set_limits(c->daemon->loop, &limits);
    return CALL_DONE;
}

/* --- clients --- */

static uint32_t transport_of(const struct session *s)
{
    return s->from.is_unix ? TRANSPORT_UNIX : s->from.is_tls ? TRANSPORT_TLS : TRANSPORT_TCP;
}

static void fill(struct wire_admin_client *ret, const char *server, const struct session *s)
{
    str_set(&ret->srv.name, server);
    ret->id = s->id;
    ret->timestamp = s->since;
    ret->transport = transport_of(s);
}

static int do_list_clients(struct call *c)
{
    const struct wire_admin_server_list_clients_args *args = c->args;
    struct wire_admin_server_list_clients_ret *ret = c->ret;
    const struct server *server = argument(c);
    if (!server)
        return CALL_FAILED;
    for (const struct session *s = c->daemon->sessions; s; s = s->next) {
        struct wire_admin_client x = {0};
        if (s->server != server)
            continue;
        ret->ret++;
        if (!args->need_results || ret->n_clients == WIRE_ADMIN_CLIENT_LIST_MAX)
            continue;
        fill(&x, args->srv.name, s);
        VEC_PUSH(ret->clients, ret->n_clients, x);
    }
    return CALL_DONE;
}

static struct session *client_of(struct call *c, const struct server *server, uint64_t id)
{
    for (struct session *s = server ? c->daemon->sessions : NULL; s; s = s->next)
        if (s->server == server && s->id == id)
            return s;
    if (server) {
        fail(&c->err, ERR_NO_CLIENT, "no client with matching ID '%llu'", (unsigned long long)id);
        c->err.domain = ERR_FROM_ADMIN;
    }
    return NULL;
}

static struct session *client_argument(struct call *c)
{
    const struct wire_admin_client *x = c->args;
    return client_of(c, argument(c), x->id);
}

static int do_lookup_client(struct call *c)
{
    const struct wire_admin_server_lookup_client_args *args = c->args;
    struct wire_admin_server_lookup_client_ret *ret = c->ret;
    const struct session *s = client_of(c, argument(c), args->id);
    if (!s)
        return CALL_FAILED;
    fill(&ret->clnt, args->srv.name, s);
    return CALL_DONE;
}

static int do_client_info(struct call *c)
{
    struct wire_admin_client_get_info_ret *ret = c->ret;
    struct wire_typed_param **p = &ret->params;
    size_t *n = &ret->n_params;
    struct session *s = client_argument(c);
    if (!s)
        return CALL_FAILED;
    struct identity *id = &s->identity;
    identity_names(id);
    wire_param_add_bool(p, n, "readonly", s->is_readonly);
    const struct {
        const char *name, *value;
    } texts[] = {{"sock_addr", id->address},
                 {"sasl_user_name", id->sasl_user},
                 {"tls_x509_dname", id->x509_name},
                 {"unix_user_name", id->user}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (texts[i].value)
            wire_param_add_string(p, n, texts[i].name, texts[i].value);
    if (id->is_local) {
        wire_param_add_int(p, n, "unix_user_id", (int)id->uid);
        wire_param_add_int(p, n, "unix_group_id", (int)id->gid);
        wire_param_add_int(p, n, "unix_process_id", (int)id->pid);
    }
    return CALL_DONE;
}

static int do_client_close(struct call *c)
{
    struct session *s = client_argument(c);
    if (!s)
        return CALL_FAILED;
    if (s == c->session)
        conn_finish(s->conn);
    else
        conn_abort(s->conn, "an administrator ended it");
    return CALL_DONE;
}

/* --- limits --- */

static int do_get_limits(struct call *c)
{
    struct wire_admin_server_get_client_limits_ret *ret = c->ret;
    const struct server *s = argument(c);
    if (!s)
        return CALL_FAILED;
    const struct {
        const char *name;
        uint32_t value;
    } values[] = {
        {"nclients_max", server_limits(s)->max_clients},
        {"nclients", server_n_clients(s)},
        {"nclients_unauth_max", server_limits(s)->max_anonymous},
        {"nclients_unauth", server_n_anonymous(s)},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        wire_param_add_uint(&ret->params, &ret->n_params, values[i].name, values[i].value);
    return CALL_DONE;
}

static int do_set_limits(struct call *c)
{
    static const struct wire_param_rule rules[] = {{"nclients_max", VIR_TYPED_PARAM_UINT},
                                                   {"nclients_unauth_max", VIR_TYPED_PARAM_UINT}};
    const struct wire_admin_server_set_client_limits_args *args = c->args;
    struct server *s = argument(c);
    uint64_t n;
    if (!s || wire_params_check(args->params, args->n_params, rules, 2, &c->err))
        return CALL_FAILED;
    struct server_limits l = *server_limits(s);
    if (wire_param_u64(args->params, args->n_params, "nclients_max", &n))
        l.max_clients = (unsigned)n;
    if (wire_param_u64(args->params, args->n_params, "nclients_unauth_max", &n))
        l.max_anonymous = (unsigned)n;
    if (!l.max_clients || !l.max_anonymous)
        return fail(&c->err, ERR_INVALID_ARG, "with 0 nobody could connect any more");
    if (l.max_anonymous > l.max_clients)
        return fail(&c->err, ERR_INVALID_ARG, "nclients_unauth_max (%u) is above nclients_max (%u)",
                    l.max_anonymous, l.max_clients);
    server_set_limits(s, &l);
    return CALL_DONE;
}

/* --- the log, certificates, the end --- */

static int do_get_outputs(struct call *c)
{
    struct wire_admin_connect_get_logging_outputs_ret *ret = c->ret;
    struct str text = {0};
    ret->noutputs = (uint32_t)log_outputs(&text);
    ret->outputs = str_take(&text);
    return CALL_DONE;
}

static int do_get_filters(struct call *c)
{
    struct wire_admin_connect_get_logging_filters_ret *ret = c->ret;
    struct str text = {0};
    ret->nfilters = (uint32_t)log_filters(&text);
    if (ret->nfilters) {
        char *all = str_take(&text);
        ret->filters = all;
    }
    return CALL_DONE;
}

static int do_set_outputs(struct call *c)
{
    const struct wire_admin_connect_set_logging_outputs_args *args = c->args;
    return log_set_outputs(args->outputs, &c->err) ? CALL_FAILED : CALL_DONE;
}

static int do_set_filters(struct call *c)
{
    const struct wire_admin_connect_set_logging_filters_args *args = c->args;
    return log_set_filters(args->filters, &c->err) ? CALL_FAILED : CALL_DONE;
}

static int do_update_tls(struct call *c)
{
    if (!argument(c))
        return CALL_FAILED;
    return transports_reload_tls(c->daemon, &c->err) ? CALL_FAILED : CALL_DONE;
}

static int do_shutdown(struct call *c)
{
    conn_finish(c->session->conn);
    loop_stop(c->daemon->loop);
    return CALL_DONE;
}

static void idle_for_long(void *arg)
{
    struct daemon *d = arg;
    if (!d->sessions)
        loop_stop(d->loop);
}

void admin_idle(struct daemon *d)
{
    if (d->idle_timer && d->idle_s && !d->sessions)
        loop_timer_start(d->idle_timer, (uint64_t)d->idle_s * 1000, 0);
    else if (d->idle_timer)
        loop_timer_stop(d->idle_timer);
}

static int do_set_timeout(struct call *c)
{
    const struct wire_admin_connect_set_daemon_timeout_args *args = c->args;
    struct daemon *d = c->daemon;
    if (!d->idle_timer)
        d->idle_timer = loop_timer_open(d->loop, idle_for_long, d);
    d->idle_s = args->timeout;
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_ADMIN_CONNECT_OPEN, do_open},
    {WIRE_ADMIN_CONNECT_CLOSE, do_close},
    {WIRE_ADMIN_CONNECT_GET_LIB_VERSION, do_lib_version},
    {WIRE_ADMIN_CONNECT_LIST_SERVERS, do_list_servers},
    {WIRE_ADMIN_CONNECT_LOOKUP_SERVER, do_lookup_server},
    {WIRE_ADMIN_SERVER_GET_THREADPOOL_PARAMETERS, do_get_threadpool},
    {WIRE_ADMIN_SERVER_SET_THREADPOOL_PARAMETERS, do_set_threadpool},
    {WIRE_ADMIN_SERVER_LIST_CLIENTS, do_list_clients},
    {WIRE_ADMIN_SERVER_LOOKUP_CLIENT, do_lookup_client},
    {WIRE_ADMIN_CLIENT_GET_INFO, do_client_info},
    {WIRE_ADMIN_CLIENT_CLOSE, do_client_close},
    {WIRE_ADMIN_SERVER_GET_CLIENT_LIMITS, do_get_limits},
    {WIRE_ADMIN_SERVER_SET_CLIENT_LIMITS, do_set_limits},
    {WIRE_ADMIN_CONNECT_GET_LOGGING_OUTPUTS, do_get_outputs},
    {WIRE_ADMIN_CONNECT_GET_LOGGING_FILTERS, do_get_filters},
    {WIRE_ADMIN_CONNECT_SET_LOGGING_OUTPUTS, do_set_outputs},
    {WIRE_ADMIN_CONNECT_SET_LOGGING_FILTERS, do_set_filters},
    {WIRE_ADMIN_SERVER_UPDATE_TLS_FILES, do_update_tls},
    {WIRE_ADMIN_CONNECT_SET_DAEMON_TIMEOUT, do_set_timeout},
    {WIRE_ADMIN_CONNECT_DAEMON_SHUTDOWN, do_shutdown, VIR_DAEMON_SHUTDOWN_PRESERVE},
};
const struct handlers do_admin_handlers = HANDLERS(rows);
