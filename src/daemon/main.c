/* xvirtd: start, serve, stop. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/str.h"
#include "core/pool.h"
#include "daemon/answer.h"
#include "daemon/console_log.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/do_event.h"
#include "daemon/hostid.h"
#include "daemon/inquiry.h"
#include "daemon/move.h"
#include "daemon/options.h"
#include "daemon/session.h"
#include "daemon/sockets.h"
#include "daemon/systemd.h"
#include "daemon/transports.h"
#include "net/http.h"

enum { EXIT_USAGE = 2 };

static struct daemon daemon_state;
static struct options options;

static void host_log(int level, const char *text)
{
    log_msg((enum log_level)level, "%s", text);
}

static void accepted(void *arg, struct transport *t, const struct server_socket *from)
{
    struct daemon *d = arg;
    if (from->is_http)
        http_serve(d->http, t);
    else
        session_start(d, t, from);
}

static void refused(void *arg, const struct peer *who, const char *why)
{
    struct daemon *d = arg;
    d->metrics.refused++;
    log_msg(LOG_WARN, "client at %s is refused: %s", who->address, why);
}

static const struct server_ops server_ops = {.accepted = accepted, .refused = refused};

/* --- configuration --- */

static void set_log(const struct daemon *d)
{
    enum log_level level = options.verbose ? LOG_DEBUG : (enum log_level)d->config.log_level;
    struct err e;
    log_setup(level < LOG_DEBUG || level > LOG_ERROR ? LOG_WARN : level, systemd_has_journal());
    if (log_set_filters(d->config.log_filters, &e))
        log_msg(LOG_ERROR, "log_filters: %s", e.msg);
    if (log_set_outputs(d->config.log_outputs, &e))
        log_msg(LOG_ERROR, "log_outputs: %s", e.msg);
}

static struct server_limits limits_of(const struct config *c)
{
    return (struct server_limits){
        .max_clients = c->max_clients,
        .max_anonymous = c->max_anonymous_clients ? c->max_anonymous_clients : UINT32_MAX,
        .backlog = (int)c->max_queued_clients,
        .conn = {.max_requests = c->max_client_requests ? c->max_client_requests : 1,
                 .keepalive_interval_s = c->keepalive_interval,
                 .keepalive_count = c->keepalive_count},
    };
}

static struct server_limits admin_limits_of(const struct config *c)
{
    return (struct server_limits){
        .max_clients = c->admin_max_clients,
        .max_anonymous = c->admin_max_clients,
        .backlog = (int)c->admin_max_queued_clients,
        .conn = {.max_requests = c->admin_max_client_requests ? c->admin_max_client_requests : 1,
                 .keepalive_interval_s = c->admin_keepalive_interval,
                 .keepalive_count = c->admin_keepalive_count},
    };
}

static void set_workers(const struct daemon *d)
{
    const struct config *c = &d->config;
    if (!c->max_workers || c->max_workers > LOOP_WORKERS_MAX || c->prio_workers > LOOP_WORKERS_MAX)
        log_msg(LOG_WARN, "max_workers is 1 to %d, prio_workers 0 to %d: the nearest is taken",
                LOOP_WORKERS_MAX, LOOP_WORKERS_MAX);
    struct loop_limits limits = {
        .max = !c->max_workers                    ? 1
               : c->max_workers < LOOP_WORKERS_MAX ? c->max_workers
                                                   : LOOP_WORKERS_MAX,
        .quick = c->prio_workers < LOOP_WORKERS_MAX ? c->prio_workers : LOOP_WORKERS_MAX};
    loop_set_limits(d->loop, &limits);
}

static int load_config(struct config *c, struct err *e)
{
    CLEANUP_FREE char *path = options_config_file(&options);
    CLEANUP_FREE char *libxl = options_libxl_file(path);
    config_default(c);
    if (config_read(c, CONFIG_XVIRTD, path, options.config_file, e) ||
        config_read(c, CONFIG_LIBXL, libxl, false, e))
        return -1;
    for (size_t i = 0; i < c->idle.n; i++)
        log_msg(LOG_WARN, "%s", c->idle.items[i]);
    return hostid_read(c, "/etc/machine-id", e);
}

static void on_reload(void *arg)
{
    struct daemon *d = arg;
    struct config c;
    struct err e;
    if (load_config(&c, &e) || transports_check(&c, &e)) {
        log_msg(LOG_ERROR, "the configuration is kept as it was: %s", e.msg);
        config_clear(&c);
        return;
    }
    config_clear(&d->config);
    d->config = c;
    struct server_limits limits = limits_of(&c);
    server_set_limits(d->server, &limits);
    limits = admin_limits_of(&c);
    server_set_limits(d->admin, &limits);
    set_workers(d);
    set_log(d);
    transports_reload(d);
    log_msg(LOG_INFO, "configuration read again");
}

static int serve_private(struct daemon *d, int fd, struct err *e)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
        return fail_errno(e, "cannot use descriptor %d", fd);
    d->stops_when_idle = true;
    /* who started us may do it all: no authentication on this one */
    str_set(&d->config.auth_unix_rw, "none");
    str_set(&d->config.policy_file, NULL);
    d->asks_polkit = false;
    d->config.keepalive_required = false;
    session_start(d, transport_plain(fd, true), &(struct server_socket){.is_unix = true});
    return d->sessions ? 0 : fail(e, ERR_INTERNAL, "cannot serve descriptor %d", fd);
}

/* --- start and stop --- */

/* Held as long as this process lives: one daemon a host, where the host is real; else one a run
 * folder. */
static int lock_instance(struct daemon *d, const struct hv_ops *ops, struct err *e)
{
    bool real = !str_eq(ops->name, "sim");
    const char *dir = real ? "/run/xvirt" : d->run_dir;
    CLEANUP_FREE char *path = mem_printf("%s/xvirtd.lock", dir);
    if (file_make_dirs(dir, 0755, e))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot open '%s'", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        return fail(e, ERR_OPERATION_FAILED, "another xvirtd is running ('%s' is locked)", path);
    }
    d->lock_fd = fd;
    return 0;
}

/* A simulated host has nothing to do with the real one's networks and disks, unless it is told. */
static const char *relay_dir_of(const struct daemon *d, const struct hv_ops *ops)
{
    if (d->config.relay_dir)
        return str_empty(d->config.relay_dir) ? NULL : d->config.relay_dir;
    return str_eq(ops->name, "sim") ? NULL : options.libvirt_dir;
}

/* Once a boot of the host: the run folder does not outlive one. */
static bool may_autostart(const struct daemon *d)
{
    CLEANUP_FREE char *mark = mem_printf("%s/xvirtd.autostarted", d->run_dir);
    if (!d->config.autostart || options.private_fd >= 0)
        return false;
    CLEANUP_CLOSE int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno != EEXIST)
        log_msg(LOG_WARN, "cannot create '%s': %s", mark, strerror(errno));
    return fd >= 0 || errno != EEXIST;
}

static int start(struct daemon *d, struct err *e)
{
    const struct hv_ops *ops = options_driver(&options, e);
    if (!ops || file_make_dirs(d->run_dir, 0755, e) || lock_instance(d, ops, e))
        return -1;
    CLEANUP_FREE char *libxl_options = mem_printf(
        "autoballoon=%d,nested_hvm=%d", d->config.libxl_autoballoon, d->config.libxl_nested_hvm);
    struct host_options o = {.ops = ops,
                             .hv_options = ops == &hv_sim_ops ? options.sim_options : libxl_options,
                             .config_dir = options.config_dir,
                             .state_dir = options.state_dir,
                             .autostart = may_autostart(d),
                             .autostart_parallel = d->config.autostart_parallel,
                             .deadline_ms = (uint64_t)d->config.job_timeout * 1000,
                             .log = host_log};
    str_set(&d->relay_dir, relay_dir_of(d, ops));
    set_workers(d);
    d->host = host_open(d->loop, &o, e);
    if (!d->host || hostcaps_fill(&d->hostcaps, d->host, &d->config, e))
        return -1;
    d->pools = pools_open(options.config_dir, d->run_dir, host_log);
    struct server_limits limits = limits_of(&d->config);
    d->server = server_new(d->loop, &limits, &server_ops, d);
    limits = admin_limits_of(&d->config);
    d->admin = server_new(d->loop, &limits, &server_ops, d);
    CLEANUP_FREE char *consoles = mem_printf("%s/console", options.state_dir);
    d->consoles = consoles_open(d, consoles);
    d->listener = event_listen(host_events(d->host), events_deliver, d);
    log_msg(LOG_INFO, "serving %s at %s", ops->name, d->run_dir);
    inquiry_start_all(d);
    answer_open_all(d);
    if (options.private_fd >= 0)
        return serve_private(d, options.private_fd, e);
    struct sockets sockets;
    return sockets_find(d, &sockets, e) || transports_open(d, options.listens, &sockets, e) ||
                   sockets_open(d, &sockets, e)
               ? -1
               : 0;
}

/* Guests run on. */
static void stop(struct daemon *d)
{
    d->is_stopping = true;
    systemd_notify("STOPPING=1");
    inquiry_stop_all(d);
    p2p_stop_all(d);
    answer_close_all(d);
    while (d->sessions)
        session_close(d->sessions, "the daemon stops");
    event_unlisten(d->listener);
    loop_timer_close(d->idle_timer);
    consoles_close(d->consoles);
    server_free(d->server);
    server_free(d->admin);
    host_close(d->host); /* calls under way end here, with a line in the audit log */
    transports_close(d);
    loop_free(d->loop);
    config_clear(&d->config);
    free(d->relay_dir);
    pools_free(d->pools);
    close_fd(&d->lock_fd);
}

static void on_stop(void *arg)
{
    struct daemon *d = arg;
    loop_stop(d->loop);
}

/* As many descriptors as the administrator allows: each client and each guest takes some. */
static void raise_limits(void)
{
    struct rlimit r;
    if (!getrlimit(RLIMIT_NOFILE, &r)) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

static int serve(struct daemon *d, struct err *e)
{
    d->loop = loop_new(e);
    if (!d->loop)
        return -1;
    struct loop_signal *signals[] = {
        loop_signal_open(d->loop, SIGTERM, on_stop, d, e),
        loop_signal_open(d->loop, SIGINT, on_stop, d, e),
        loop_signal_open(d->loop, SIGHUP, on_reload, d, e),
    };
    int r = start(d, e);
    if (!r) {
        systemd_notify("READY=1");
        loop_run(d->loop);
    }
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        loop_signal_close(signals[i]);
    stop(d);
    return r;
}

int main(int argc, char **argv)
{
    struct daemon *d = &daemon_state;
    struct err e;
    if (options_parse(&options, argc, argv))
        return EXIT_USAGE;
    if (options.exits)
        return 0;
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    mallopt(M_ARENA_MAX,
            1); /* the loop does nearly all; an arena a worker would only keep what is free */
    raise_limits();
    if (sandbox_enter(&e))
        log_msg(LOG_WARN, "%s", e.msg);
    d->lock_fd = -1;
    int r = load_config(&d->config, &e);
    options.takeover_libvirt |= d->config.takeover_libvirt;
    if (!options.run_dir && d->config.unix_sock_dir)
        options.run_dir = mem_str(d->config.unix_sock_dir);
    options_dirs(&options);
    d->run_dir = options.run_dir;
    set_log(d);
    dispatch_setup();
    if (!r)
        r = serve(d, &e);
    if (r)
        log_msg(LOG_ERROR, "%s", e.msg);
    options_clear(&options);
    return r ? 1 : 0;
}
