#include "daemon_rig.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "core/pool.h"
#include "daemon/dispatch.h"
#include "daemon/do_event.h"
#include "daemon/policy.h"

enum { REPLY_MS = 5000, SETTLE_MS = 10000, LOG_NOTHING = 5 };

static void no_client(void *arg, struct transport *t, const struct server_socket *from)
{
}

static void be_quiet(int level, const char *text)
{
}

static void setup_once(void)
{
    static bool is_done;
    if (is_done)
        return;
    is_done = true;
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    dispatch_setup();
    log_setup((enum log_level)LOG_NOTHING, false);
}

static void set_dirs(struct daemon_rig *r, struct host_options *o, char config[96], char state[96])
{
    snprintf(r->dir, sizeof(r->dir), "%s/xv-rig-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(r->dir))
        abort();
    snprintf(config, 96, "%s/config", r->dir);
    snprintf(state, 96, "%s/state", r->dir);
    *o = (struct host_options){.ops = &hv_sim_ops, .config_dir = config, .state_dir = state, .log = be_quiet};
}

void daemon_rig_open(struct daemon_rig *r, const char *config)
{
    static const struct server_ops ops = {.accepted = no_client};
    static const struct server_limits limits = {
        .max_clients = 100, .max_anonymous = 100, .backlog = 5, .conn = {.max_requests = 5, .keepalive_count = 5}};
    struct host_options o;
    struct err e = {0};
    char config_dir[96], state_dir[96];
    setup_once();
    *r = (struct daemon_rig){.d.lock_fd = -1};
    set_dirs(r, &o, config_dir, state_dir);
    config_default(&r->d.config);
    if (config && config_parse(&r->d.config, CONFIG_XVIRTD, "rig", config, &e)) {
        fprintf(stderr, "%s\n", e.msg);
        abort();
    }
    r->d.run_dir = r->dir;
    r->d.loop = loop_new(&e);
    r->d.host = host_open(r->d.loop, &o, &e);
    if (!r->d.host || hostcaps_fill(&r->d.hostcaps, r->d.host, &r->d.config, &e)) {
        fprintf(stderr, "%s\n", e.msg);
        abort();
    }
    r->d.pools = pools_open(config_dir, state_dir, be_quiet);
    r->d.server = server_new(r->d.loop, &limits, &ops, &r->d);
    r->d.admin = server_new(r->d.loop, &limits, &ops, &r->d);
    r->d.listener = event_listen(host_events(r->d.host), events_deliver, &r->d);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
    remove(path);
    return 0;
}

void daemon_rig_close(struct daemon_rig *r)
{
    r->d.is_stopping = true;
    while (r->d.sessions)
        session_close(r->d.sessions, "the end");
    event_unlisten(r->d.listener);
    server_free(r->d.server);
    server_free(r->d.admin);
    host_close(r->d.host);
    loop_free(r->d.loop);
    policy_free(r->d.policy);
    pools_free(r->d.pools);
    config_clear(&r->d.config);
    nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void daemon_rig_policy(struct daemon_rig *r, const char *text)
{
    struct err e;
    policy_free(r->d.policy);
    r->d.policy = text ? policy_parse("policy", text, &e) : NULL;
    assert(!text || r->d.policy);
}

static int come(struct daemon_rig *r, const struct server_socket *from)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
        abort();
    session_start(&r->d, transport_plain(pair[0], true), from);
    return pair[1];
}

int daemon_rig_client(struct daemon_rig *r, bool readonly)
{
    return come(r, &(struct server_socket){.is_unix = true, .is_readonly = readonly});
}

int daemon_rig_admin(struct daemon_rig *r)
{
    return come(r, &(struct server_socket){.is_unix = true, .is_admin = true});
}

void daemon_rig_turn(struct daemon_rig *r)
{
    bool never = false;
    loop_run_until(r->d.loop, &never, 0);
}

bool daemon_rig_settle(struct daemon_rig *r)
{
    bool never = false;
    for (int ms = 0; ms < SETTLE_MS && (r->d.sessions || loop_workers(r->d.loop)); ms++)
        loop_run_until(r->d.loop, &never, 1);
    return !r->d.sessions && !loop_workers(r->d.loop);
}

/* Reads exactly n bytes while the daemon works; false when it closes or takes too long. */
static bool read_all(struct daemon_rig *r, int fd, uint8_t *to, size_t n)
{
    bool never = false;
    size_t at = 0;
    for (int ms = 0; at < n && ms < REPLY_MS;) {
        ssize_t got = read(fd, to + at, n - at);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return false;
        if (got > 0) {
            at += (size_t)got;
            continue;
        }
        loop_run_until(r->d.loop, &never, ms ? 1 : 0);
        ms++;
    }
    return at == n;
}

struct rig_reply daemon_rig_call(struct daemon_rig *r, int fd, int proc, const void *payload, size_t len)
{
    struct wire_header h = {WIRE_PROGRAM_REMOTE, 1, proc, WIRE_CALL, ++r->n_rounds};
    struct rig_reply ret = {0};
    CLEANUP_STR struct str frame = {0};
    uint8_t word[WIRE_LENGTH_WORD];
    size_t total, at;
    struct err e;
    wire_frame_add_raw(&frame, &h, payload, len);
    if (write(fd, frame.p, frame.len) != (ssize_t)frame.len || !read_all(r, fd, word, sizeof(word)) ||
        wire_frame_length(word, &total, &e))
        return ret;
    CLEANUP_FREE uint8_t *whole = malloc(total);
    memcpy(whole, word, sizeof(word));
    if (!read_all(r, fd, whole + sizeof(word), total - sizeof(word)) || wire_header_decode(whole, total, &h, &at, &e))
        return ret;
    ret.is_there = true;
    ret.serial = h.serial;
    ret.is_error = h.status == WIRE_ERROR;
    if (ret.is_error) {
        wire_error_decode(whole + at, total - at, &e);
        ret.code = e.code;
        ret.domain = e.domain;
    }
    return ret;
}
