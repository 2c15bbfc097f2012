/* Connections: frames out of bytes in any pieces, limits, back-pressure, descriptors, keepalive. */
#include "test.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "loop/loop.h"
#include "net/conn.h"
#include "net/server.h"

struct fixture {
    struct loop *loop;
    struct conn *conn;
    struct conn_limits limits;
    int peer; /* the other end */
    int n_frames, n_fds;
    size_t last_len;
    uint32_t last_serial;
    bool answers; /* each frame at once */
    bool closed, done;
    char why[64];
};

static void send_reply(struct fixture *f, uint32_t serial, enum conn_kind kind)
{
    struct wire_header h = {.program = 1, .version = 1, .type = WIRE_REPLY, .serial = serial};
    struct str frame = {0};
    wire_frame_add_raw(&frame, &h, "abcd", 4);
    conn_send(f->conn, &frame, kind);
}

static void got_frame(void *arg, const struct conn_frame *fr)
{
    struct fixture *f = arg;
    f->n_frames++;
    f->last_len = fr->len;
    f->last_serial = fr->head.serial;
    f->n_fds = (int)fr->head.n_fds;
    for (uint32_t i = 0; i < fr->head.n_fds; i++)
        assert_true(fcntl(fr->fds[i], F_GETFD) >= 0);
    if (f->answers)
        send_reply(f, fr->head.serial, CONN_ANSWER);
    f->done = true;
}

static void got_closed(void *arg, const char *why)
{
    struct fixture *f = arg;
    f->closed = f->done = true;
    snprintf(f->why, sizeof(f->why), "%s", why);
}

static const struct conn_ops ops = {.frame = got_frame, .closed = got_closed};

static int setup(void **state)
{
    struct fixture *f = NEW(struct fixture);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    f->loop = loop_new(NULL);
    f->limits = (struct conn_limits){.max_requests = 5, .keepalive_count = 2};
    f->peer = pair[1];
    f->conn = conn_open(f->loop, transport_plain(pair[0], true), &f->limits, &ops, f, NULL);
    assert_non_null(f->conn);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    if (!f->closed)
        conn_close(f->conn, "end of test");
    loop_free(f->loop);
    if (f->peer >= 0)
        close(f->peer);
    free(f);
    return 0;
}

static void wait_for_more(struct fixture *f)
{
    f->done = false;
    loop_run_until(f->loop, &f->done, 2000);
}

/* Runs the loop while something happens at once. */
static void settle(struct fixture *f)
{
    bool never = false;
    loop_run_until(f->loop, &never, 30);
}

static void add_call(struct str *s, uint32_t type, uint32_t serial, size_t len, uint32_t n_fds)
{
    struct wire_header h = {
        .program = 1, .version = 1, .type = type, .serial = serial, .n_fds = n_fds};
    char *payload = mem_new(len + 1, 1);
    wire_frame_add_raw(s, &h, payload, len);
    free(payload);
}

static void put(struct fixture *f, const void *bytes, size_t n)
{
    assert_int_equal(write(f->peer, bytes, n), n);
}

static void byte_by_byte(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    add_call(&s, WIRE_CALL, 7, 12, 0);
    for (size_t i = 0; i < s.len; i++) {
        assert_int_equal(f->n_frames, 0);
        put(f, s.p + i, 1);
        settle(f);
    }
    assert_int_equal(f->n_frames, 1);
    assert_int_equal(f->last_len, 12);
    assert_int_equal(f->last_serial, 7);
    str_clear(&s);
}

static void impossible_lengths(void **state)
{
    static const uint32_t lengths[] = {0, 3, 4, 27, 33554437, UINT32_MAX};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        void *own;
        setup(&own);
        struct fixture *f = own;
        uint32_t word = htobe32(lengths[i]);
        put(f, &word, sizeof(word));
        wait_for_more(f);
        assert_true(f->closed);
        char byte;
        assert_int_equal(read(f->peer, &byte, 1), 0); /* nothing was said */
        teardown(&own);
    }
}

/* The sixth call waits until one of five is answered. */
static void back_pressure(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    for (uint32_t i = 0; i < 8; i++)
        add_call(&s, WIRE_CALL, i, 0, 0);
    put(f, s.p, s.len);
    settle(f);
    assert_int_equal(f->n_frames, 5);
    send_reply(f, 0, CONN_EXTRA); /* an event frees nothing */
    settle(f);
    assert_int_equal(f->n_frames, 5);
    send_reply(f, 0, CONN_ANSWER);
    settle(f);
    assert_int_equal(f->n_frames, 6);
    conn_release(f->conn);
    conn_release(f->conn);
    settle(f);
    assert_int_equal(f->n_frames, 8);
    str_clear(&s);
}

/* A client that says goodbye still gets what it asked for, also what was not looked at yet. */
static void half_closed(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    for (uint32_t i = 0; i < 7; i++)
        add_call(&s, WIRE_CALL, i, 0, 0);
    put(f, s.p, s.len);
    shutdown(f->peer, SHUT_WR);
    settle(f);
    assert_int_equal(f->n_frames, 5);
    assert_false(f->closed);
    for (uint32_t i = 0; i < 7; i++) {
        send_reply(f, i, CONN_ANSWER);
        settle(f);
    }
    assert_int_equal(f->n_frames, 7);
    assert_true(f->closed);
    char buf[1024];
    assert_int_equal(read(f->peer, buf, sizeof(buf)), 7 * 32);
    str_clear(&s);
}

static void gone(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    add_call(&s, WIRE_CALL, 1, 0, 0);
    put(f, s.p, s.len);
    settle(f);
    close(f->peer);
    f->peer = -1;
    send_reply(f, 1, CONN_ANSWER);
    wait_for_more(f);
    assert_true(f->closed);
    str_clear(&s);
}

static void send_fd(struct fixture *f, int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char zero = 0;
    struct iovec io = {&zero, 1};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *cm = CMSG_FIRSTHDR(&m);
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
    assert_int_equal(sendmsg(f->peer, &m, 0), 1);
}

static int lowest_free_fd(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void descriptors(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    int before = lowest_free_fd();
    f->answers = true;
    add_call(&s, WIRE_CALL_FDS, 1, 8, 2);
    put(f, s.p, s.len);
    settle(f);
    assert_int_equal(f->n_frames, 0); /* they are part of it */
    send_fd(f, 0);
    send_fd(f, 0);
    str_cut(&s, 0);
    add_call(&s, WIRE_CALL, 2, 0, 0);
    put(f, s.p, s.len);
    settle(f);
    assert_int_equal(f->n_frames, 2);
    assert_int_equal(f->last_serial, 2);
    assert_int_equal(lowest_free_fd(), before); /* none was kept */
    str_clear(&s);
}

static void descriptors_not_announced(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    int before = lowest_free_fd();
    add_call(&s, WIRE_CALL_FDS, 1, 8, 1);
    put(f, s.p, s.len);
    put(f, "", 1); /* the byte without the descriptor */
    wait_for_more(f);
    assert_true(f->closed);
    assert_true(lowest_free_fd() <= before);
    str_clear(&s);
}

static void too_many_descriptors(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    add_call(&s, WIRE_CALL_FDS, 1, 8, 33);
    put(f, s.p, s.len);
    wait_for_more(f);
    assert_true(f->closed);
    str_clear(&s);
}

/* Comes in many pieces, through a buffer that grows. */
static void big_frame(void **state)
{
    struct fixture *f = *state;
    struct str s = {0};
    add_call(&s, WIRE_CALL, 1, 3000000, 0);
    f->answers = true;
    for (size_t at = 0; at < s.len;) {
        ssize_t n = write(f->peer, s.p + at, s.len - at);
        at += n > 0 ? (size_t)n : 0;
        bool never = false;
        loop_run_until(f->loop, &never, 1);
    }
    settle(f);
    assert_int_equal(f->n_frames, 1);
    assert_int_equal(f->last_len, 3000000);
    str_clear(&s);
}

static void ping_is_answered(void **state)
{
    struct fixture *f = *state;
    struct wire_header h = {
        .program = WIRE_PROGRAM_KEEPALIVE, .version = 1, .proc = 1, .type = WIRE_MESSAGE};
    struct str s = {0};
    wire_frame_add_raw(&s, &h, NULL, 0);
    put(f, s.p, s.len);
    settle(f);
    char buf[64];
    assert_int_equal(read(f->peer, buf, sizeof(buf)), 28);
    assert_int_equal(buf[15], 2); /* a pong */
    assert_int_equal(f->n_frames, 0);
    str_clear(&s);
}

/* A peer that answers no pings is closed, and not before it was asked for keepalive. */
static void keepalive(void **state)
{
    struct fixture *f = *state;
    f->limits.keepalive_interval_s = 1;
    f->limits.keepalive_count = 1;
    conn_keepalive(f->conn);
    f->done = false;
    loop_run_until(f->loop, &f->done, 3500);
    assert_true(f->closed);
    assert_string_equal(f->why, "no answer to keepalive messages");
    char buf[64];
    assert_int_equal(read(f->peer, buf, sizeof(buf)), 28);
}

static void finish(void **state)
{
    struct fixture *f = *state;
    send_reply(f, 1, CONN_EXTRA);
    conn_finish(f->conn);
    settle(f);
    assert_true(f->closed);
    char buf[64];
    assert_int_equal(read(f->peer, buf, sizeof(buf)), 32);
    assert_int_equal(read(f->peer, buf, sizeof(buf)), 0);
}

static void peer(void **state)
{
    struct fixture *f = *state;
    const struct peer *p = conn_peer(f->conn);
    assert_true(p->is_local);
    assert_int_equal(p->pid, getpid());
    assert_int_equal(p->uid, getuid());
    assert_true(p->start_ticks > 0);
}

/* --- listening --- */

struct clients {
    struct server *server;
    int accepted;
    bool done;
};

static void on_accept(void *arg, struct transport *t, const struct server_socket *from)
{
    struct clients *c = arg;
    assert_true(from->is_readonly);
    t->ops->close(t);
    server_client_came(c->server);
    c->accepted++;
    c->done = true;
}

static int connect_to(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
        close(fd);
        return -1;
    }
    return fd;
}

static void listening(void **state)
{
    static const struct server_ops sops = {.accepted = on_accept};
    static const struct server_socket kind = {.is_unix = true, .is_readonly = true};
    char dir[] = "/tmp/test_net.XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = mem_printf("%s/sock", dir);
    struct loop *l = loop_new(NULL);
    struct clients c = {0};
    struct server_limits limits = {.max_clients = 2, .max_anonymous = 10, .backlog = 5};
    struct err e;
    struct stat st;
    c.server = server_new(l, &limits, &sops, &c);
    assert_int_equal(server_listen_unix(c.server, dir, "sock", 0751, NULL, &kind, &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0751);

    /* somebody answers there: not stolen */
    struct server *other = server_new(l, &limits, &sops, &c);
    assert_int_equal(server_listen_unix(other, dir, "sock", 0700, NULL, &kind, &e), -1);
    assert_non_null(strstr(e.msg, "another daemon answers"));
    server_free(other);
    assert_int_equal(access(path, F_OK), 0);

    /* no more than max_clients; one leaves, the next comes */
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = connect_to(path);
    bool never = false;
    loop_run_until(l, &never, 30);
    int first = c.accepted; /* the probe of the second server was a client too */
    assert_int_equal(first, 2);
    server_client_left(c.server, false);
    loop_run_until(l, &never, 30);
    assert_int_equal(c.accepted, 3);
    for (int i = 0; i < 4; i++)
        close(fds[i]);

    /* removed at the end, and a dead one replaced */
    server_free(c.server);
    assert_int_equal(access(path, F_OK), -1);
    c.server = server_new(l, &limits, &sops, &c);
    assert_int_equal(server_listen_unix(c.server, dir, "sock", 0700, NULL, &kind, &e), 0);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    server_free(c.server);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    assert_int_equal(bind(dead, (struct sockaddr *)&addr, sizeof(addr)), 0);
    close(dead);
    c.server = server_new(l, &limits, &sops, &c);
    assert_int_equal(server_listen_unix(c.server, dir, "sock", 0700, NULL, &kind, &e), 0);
    server_free(c.server);
    loop_free(l);
    rmdir(dir);
    free(path);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(byte_by_byte),
        cmocka_unit_test(impossible_lengths),
        T(back_pressure),
        T(half_closed),
        T(gone),
        T(descriptors),
        T(descriptors_not_announced),
        T(too_many_descriptors),
        T(big_frame),
        T(ping_is_answered),
        T(keepalive),
        T(finish),
        T(peer),
        cmocka_unit_test(listening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
