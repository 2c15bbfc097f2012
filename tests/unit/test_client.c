/* client/: URIs, and a client against scripted servers. */
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../lib/fake_server.h"
#include "base/file.h"
#include "client/auth.h"
#include "client/calls.h"
#include "client/client.h"
#include "client/direct.h"
#include "client/settings.h"
#include "client/ssh.h"
#include "client/uri.h"
#include "test.h"
#include "wire/consts.h"

static void uris_come_apart_and_together(void **state)
{
    static const struct {
        const char *text, *driver, *transport, *user, *host;
        int port;
        const char *path, *server, *again; /* again NULL: same as text */
    } rows[] = {
        {"xen:///system", "xen", NULL, NULL, NULL, 0, "/system", "xen:///system", NULL},
        {"xen+unix:///system?socket=/run/x%20y", "xen", "unix", NULL, NULL, 0, "/system",
         "xen:///system", NULL},
        {"xen+tcp://h:16509/", "xen", "tcp", NULL, "h", 16509, "/", "xen:///", NULL},
        {"xen://host.example.org/system", "xen", NULL, NULL, "host.example.org", 0, "/system",
         "xen:///system", NULL},
        {"xen+ssh://root@h:22/system?keyfile=/k&x=1", "xen", "ssh", "root", "h", 22, "/system",
         "xen:///system?x=1", NULL},
        {"xen+tls://h/system?no_verify=1&x=1&y=a%26b", "xen", "tls", NULL, "h", 0, "/system",
         "xen:///system?x=1&y=a%26b", NULL},
        {"xen+tls://[2001:db8::1]:99/system", "xen", "tls", NULL, "2001:db8::1", 99, "/system",
         "xen:///system", NULL},
        {"xen+ssh://us%40er@h/system", "xen", "ssh", "us@er", "h", 0, "/system", "xen:///system",
         NULL},
        {"test+unix:///default?socket=/s", "test", "unix", NULL, NULL, 0, "/default",
         "test:///default", NULL},
        {"xen:/system", "xen", NULL, NULL, NULL, 0, "/system", "xen:///system", "xen:///system"},
        {"xen://", "xen", NULL, NULL, NULL, 0, "", "xen://", NULL},
        {"xen+tcp://h/?name=xen:///x&a=1;b", "xen", "tcp", NULL, "h", 0, "/", "xen:///x",
         "xen+tcp://h/?name=xen:///x&a=1&b="},
        {"qemu+unix://:5/session#frag", "qemu", "unix", NULL, NULL, 5, "/session",
         "qemu:///session", "qemu+unix://:5/session"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct uri u;
        struct err e = {0};
        if (uri_parse(rows[i].text, &u, &e))
            print_error("%s\n", e.msg);
        assert_int_equal(e.code, 0);
        assert_string_equal(u.driver, rows[i].driver);
        assert_true(str_eq(u.transport, rows[i].transport));
        assert_true(str_eq(u.user, rows[i].user));
        assert_true(str_eq(u.host, rows[i].host));
        assert_int_equal(u.port, rows[i].port);
        assert_string_equal(u.path, rows[i].path);
        CLEANUP_FREE char *server = uri_server_name(&u), *again = uri_format(&u);
        assert_string_equal(server, rows[i].server);
        assert_string_equal(again, rows[i].again ? rows[i].again : rows[i].text);
        uri_clear(&u);
    }
}

static void bad_uris_say_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
        {"", "no 'DRIVER:'"},
        {"system", "no 'DRIVER:'"},
        {"/system", "no 'DRIVER:'"},
        {"xen+://h/", "DRIVER+TRANSPORT"},
        {"xen://h:0/", "'0' is no port"},
        {"xen://h:65536/", "'65536' is no port"},
        {"xen://h:ssh/", "'ssh' is no port"},
        {"xen://[::1/", "no [ADDRESS]"},
        {"xen://[::1]x/", "behind the address"},
        {"xen:///%zz", "%-escape in the path"},
        {"xen:///a?b=%00", "%-escape in the parameter"},
        {"xen:///a b", "blank or control"},
        {"xen:system", "does not begin with '/'"},
        {"host:22/system", "does not begin with '/'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct uri u;
        struct err e = {0};
        assert_int_equal(uri_parse(rows[i].text, &u, &e), -1);
        if (!strstr(e.msg, rows[i].what))
            print_error("%s\n", e.msg);
        assert_non_null(strstr(e.msg, rows[i].what));
    }
}

static struct client *open_fake(struct fake_server *s, fake_script *script,
                                const struct client_options *o)
{
    struct err e = {0};
    fake_start(s, script);
    struct client *c = client_open(s->uri, o, &e);
    if (!c)
        print_error("%s\n", e.msg);
    return c;
}

static void script_state(int fd)
{
    const uint8_t *payload;
    size_t len;
    fake_open(fd);
    struct wire_header h = fake_expect(fd, WIRE_DOMAIN_GET_STATE, &payload, &len);
    struct wire_domain_get_state_args args;
    if (wire_decode(&wire_type_domain_get_state_args, payload, len, &args, NULL) ||
        args.dom.id != 7)
        _exit(1);
    struct wire_domain_get_state_ret ret = {VIR_DOMAIN_PAUSED, 2};
    struct wire_header ping = {WIRE_PROGRAM_KEEPALIVE, 1, WIRE_KEEPALIVE_PING, WIRE_MESSAGE},
                       stale = wire_reply_to(&h);
    fake_send(fd, &ping, NULL, NULL);
    stale.serial += 100;
    fake_send(fd, &stale, NULL, NULL);
    struct wire_header pong;
    fake_expect_frame(fd, &pong, NULL, NULL);
    if (pong.program != WIRE_PROGRAM_KEEPALIVE || pong.proc != WIRE_KEEPALIVE_PONG)
        _exit(1);
    fake_reply(fd, &h, &wire_type_domain_get_state_ret, &ret);
    fake_close(fd);
}

static void a_call_brings_its_reply_and_pings_are_answered(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_state, NULL);
    assert_non_null(c);
    struct wire_domain_get_state_args args = {.dom = {.id = 7}};
    struct wire_domain_get_state_ret ret;
    struct err e = {0};
    assert_int_equal(call_domain_get_state(c, &args, &ret, &e), 0);
    assert_int_equal(ret.state, VIR_DOMAIN_PAUSED);
    assert_int_equal(ret.reason, 2);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void script_refuse(int fd)
{
    fake_open(fd);
    struct wire_header h = fake_expect(fd, WIRE_DOMAIN_LOOKUP_BY_NAME, NULL, NULL);
    fake_error(fd, &h, ERR_NO_DOMAIN, "no domain 'web'");
    h = fake_expect(fd, WIRE_CONNECT_GET_HOSTNAME, NULL, NULL);
    fake_send_raw(fd, &(struct wire_header){h.program, 1, h.proc, WIRE_REPLY, h.serial},
                  "\0\0\0\7abc", 7);
    fake_close(fd);
}

static void errors_of_the_server_come_back(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_refuse, NULL);
    assert_non_null(c);
    struct wire_domain_lookup_by_name_args args = {.name = s.uri};
    struct wire_domain_lookup_by_name_ret ret;
    struct wire_connect_get_hostname_ret host;
    struct err e = {0};
    assert_int_equal(call_domain_lookup_by_name(c, &args, &ret, &e), -1);
    assert_int_equal(e.code, ERR_NO_DOMAIN);
    assert_int_equal(e.domain, ERR_FROM_LIBXL);
    assert_string_equal(e.msg, "no domain 'web'");
    assert_int_equal(call_connect_get_hostname(c, &host, &e), -1);
    assert_int_equal(e.code, ERR_RPC);
    assert_true(client_is_alive(c));
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void script_vanish(int fd)
{
    fake_open(fd);
    fake_expect(fd, WIRE_CONNECT_GET_HOSTNAME, NULL, NULL);
}

static void a_dead_server_is_told_once_and_for_all(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_vanish, NULL);
    assert_non_null(c);
    struct wire_connect_get_hostname_ret ret;
    struct err e = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(call_connect_get_hostname(c, &ret, &e), -1);
        assert_int_equal(e.code, ERR_RPC);
        assert_non_null(strstr(e.msg, "is lost: the server has closed the connection"));
        assert_false(client_is_alive(c));
    }
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void script_silent(int fd)
{
    char rest[4096];
    fake_open(fd);
    while (read(fd, rest, sizeof(rest)) > 0)
        continue;
}

/* Whoever waits for something of his own too, which comes all the time, notices it as soon. */
static void a_silent_server_is_noticed_beside_the_noise_of_others(void **state)
{
    struct fake_server s;
    struct client_options o = {.keepalive_interval_s = 1, .keepalive_count = 1};
    struct client *c = open_fake(&s, script_silent, &o);
    struct err e = {0};
    struct itimerspec often = {{0, 50000000}, {0, 50000000}};
    struct pollfd noise = {timerfd_create(CLOCK_MONOTONIC, 0), POLLIN, 0};
    uint64_t n, rounds = 0;
    assert_non_null(c);
    assert_int_equal(timerfd_settime(noise.fd, 0, &often, NULL), 0);
    while (client_poll(c, &noise, 1, -1, &e) >= 0 && rounds++ < 200)
        assert_int_equal(read(noise.fd, &n, sizeof(n)), sizeof(n));
    assert_non_null(strstr(e.msg, "did not answer for 2 seconds"));
    close(noise.fd);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void a_silent_server_is_pinged_and_given_up(void **state)
{
    struct fake_server s;
    struct client_options o = {.keepalive_interval_s = 1, .keepalive_count = 1};
    struct client *c = open_fake(&s, script_silent, &o);
    struct wire_connect_get_hostname_ret ret;
    struct err e = {0};
    assert_non_null(c);
    assert_int_equal(call_connect_get_hostname(c, &ret, &e), -1);
    assert_non_null(strstr(e.msg, "did not answer for 2 seconds"));
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void a_call_can_time_out(void **state)
{
    struct fake_server s;
    struct client_options o = {.call_timeout_ms = 50};
    struct client *c = open_fake(&s, script_silent, &o);
    struct wire_connect_get_hostname_ret ret;
    struct err e = {0};
    assert_non_null(c);
    assert_int_equal(call_connect_get_hostname(c, &ret, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_TIMEOUT);
    assert_true(client_is_alive(c));
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void send_event(int fd, int event)
{
    struct wire_domain_event_callback_lifecycle_msg msg = {.callbackID = 3,
                                                           .msg = {.event = event}};
    struct wire_header h = {WIRE_PROGRAM_REMOTE, 1, WIRE_DOMAIN_EVENT_CALLBACK_LIFECYCLE,
                            WIRE_MESSAGE, WIRE_SERIAL_EVENT};
    fake_send(fd, &h, &wire_type_domain_event_callback_lifecycle_msg, &msg);
}

static void script_events(int fd)
{
    fake_open(fd);
    struct wire_header h = fake_expect(fd, WIRE_CONNECT_GET_HOSTNAME, NULL, NULL);
    char name[] = "host";
    struct wire_connect_get_hostname_ret ret = {name};
    send_event(fd, 1);
    fake_reply(fd, &h, &wire_type_connect_get_hostname_ret, &ret);
    h = fake_expect(fd, WIRE_CONNECT_GET_HOSTNAME, NULL, NULL); /* from the callback */
    fake_reply(fd, &h, &wire_type_connect_get_hostname_ret, &ret);
    send_event(fd, 2);
}

struct seen {
    struct client *c;
    int events[8];
    int n;
};

static void see(void *context, int proc, const void *msg)
{
    struct seen *seen = context;
    const struct wire_domain_event_callback_lifecycle_msg *m = msg;
    struct wire_connect_get_hostname_ret ret = {0};
    assert_int_equal(proc, WIRE_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
    assert_int_equal(m->callbackID, 3);
    seen->events[seen->n++] = m->msg.event;
    if (seen->n == 1)
        assert_int_equal(call_connect_get_hostname(seen->c, &ret, NULL), 0);
    wire_clear(&wire_type_connect_get_hostname_ret, &ret);
}

static void events_are_kept_until_polled_for(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_events, NULL);
    struct seen seen = {c};
    struct wire_connect_get_hostname_ret ret;
    struct err e = {0};
    assert_non_null(c);
    client_on_event(c, see, &seen);
    assert_int_equal(call_connect_get_hostname(c, &ret, &e), 0);
    assert_string_equal(ret.hostname, "host");
    wire_clear(&wire_type_connect_get_hostname_ret, &ret);
    assert_int_equal(seen.n, 0);
    while (seen.n < 2)
        assert_int_equal(client_poll(c, NULL, 0, 5000, &e), 1);
    assert_int_equal(seen.events[0], 1);
    assert_int_equal(seen.events[1], 2);
    while (client_poll(c, NULL, 0, 5000, &e) > 0)
        continue;
    assert_int_equal(client_poll(c, NULL, 0, 0, &e), -1); /* the server has gone */
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void a_poll_watches_the_callers_descriptors_too(void **state)
{
    struct fake_server s;
    struct client *c =
        open_fake(&s, script_silent, &(struct client_options){.call_timeout_ms = 50});
    struct err e = {0};
    int ends[2];
    assert_non_null(c);
    assert_int_equal(pipe(ends), 0);
    struct pollfd own = {ends[0], POLLIN, 0};
    assert_int_equal(client_poll(c, &own, 1, 20, &e), 0);
    assert_int_equal(own.revents, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(client_poll(c, &own, 1, -1, &e), 1);
    assert_int_equal(own.revents, POLLIN);
    close(ends[0]);
    close(ends[1]);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

/* A server that sends nothing but the frame's length, a byte at a time, and then one that no frame
 * can have. */
static void script_bad_frame(int fd)
{
    fake_open(fd);
    fake_expect(fd, WIRE_CONNECT_GET_HOSTNAME, NULL, NULL);
    static const char length[] = "\x7f\xff\xff\xff";
    for (size_t i = 0; i < 4; i++)
        if (write(fd, &length[i], 1) != 1)
            _exit(1);
    char rest[64];
    while (read(fd, rest, sizeof(rest)) > 0)
        continue;
}

static void a_server_out_of_step_is_left(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_bad_frame, NULL);
    struct wire_connect_get_hostname_ret ret;
    struct err e = {0};
    assert_non_null(c);
    assert_int_equal(call_connect_get_hostname(c, &ret, &e), -1);
    assert_non_null(strstr(e.msg, "bad frame: length 2147483647"));
    assert_false(client_is_alive(c));
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void script_echo(int fd)
{
    struct wire_header h, call, data;
    const uint8_t *payload;
    size_t len;
    fake_open(fd);
    call = fake_expect(fd, WIRE_DOMAIN_OPEN_CONSOLE, NULL, NULL);
    fake_reply(fd, &call, NULL, NULL);
    data =
        (struct wire_header){call.program, 1, call.proc, WIRE_STREAM, call.serial, WIRE_CONTINUE};
    fake_send_raw(fd, &data, "hello", 5);
    fake_expect_frame(fd, &h, &payload, &len);
    if (h.type != WIRE_STREAM || h.status != WIRE_CONTINUE || h.serial != call.serial || len != 3)
        _exit(1);
    fake_send_raw(fd, &data, payload, len);
    fake_send_raw(fd, &data, NULL, 0); /* end of data */
    fake_expect_frame(fd, &h, &payload, &len);
    if (h.type != WIRE_STREAM || h.status != WIRE_OK || len)
        _exit(1);
    data.status = WIRE_OK;
    fake_send_raw(fd, &data, NULL, 0);
    fake_close(fd);
}

static void a_stream_goes_both_ways_and_is_finished(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_echo, NULL);
    struct err e = {0};
    char got[16];
    assert_non_null(c);
    struct wire_domain_open_console_args args = {0};
    struct client_stream *st = client_stream_open(c, WIRE_DOMAIN_OPEN_CONSOLE, &args, NULL, &e);
    assert_non_null(st);
    assert_int_equal(client_stream_recv(st, got, 2, 5000, NULL, &e), 2);
    assert_int_equal(client_stream_recv(st, got + 2, 10, 5000, NULL, &e), 3);
    assert_memory_equal(got, "hello", 5);
    assert_int_equal(client_stream_recv(st, got, 10, 0, NULL, &e), CLIENT_AGAIN);
    assert_int_equal(client_stream_send(st, "abc", 3, &e), 0);
    assert_int_equal(client_stream_recv(st, got, sizeof(got), 5000, NULL, &e), 3);
    assert_memory_equal(got, "abc", 3);
    assert_int_equal(client_stream_recv(st, got, sizeof(got), 5000, NULL, &e), 0);
    assert_int_equal(client_stream_finish(st, &e), 0);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void script_stream_fails(int fd)
{
    struct str out = {0};
    struct err why = {0};
    fake_open(fd);
    struct wire_header h = fake_expect(fd, WIRE_STORAGE_VOL_DOWNLOAD, NULL, NULL);
    fake_reply(fd, &h, NULL, NULL);
    h.type = WIRE_STREAM_HOLE;
    h.status = WIRE_CONTINUE;
    struct wire_stream_hole hole = {.length = 1 << 30};
    fake_send(fd, &h, &wire_type_stream_hole, &hole);
    h.type = WIRE_STREAM;
    fail(&why, ERR_SYSTEM_ERROR, "disk on fire");
    wire_frame_add_error(&out, &h, &why);
    if (write(fd, out.p, out.len) != (ssize_t)out.len)
        _exit(1);
    fake_close(fd);
}

static void a_stream_brings_holes_and_its_failure(void **state)
{
    struct fake_server s;
    struct client *c = open_fake(&s, script_stream_fails, NULL);
    struct err e = {0};
    char got[16];
    int64_t hole;
    assert_non_null(c);
    struct wire_storage_vol_download_args args = {0};
    struct client_stream *st = client_stream_open(c, WIRE_STORAGE_VOL_DOWNLOAD, &args, NULL, &e);
    assert_non_null(st);
    assert_int_equal(client_stream_recv(st, got, sizeof(got), 5000, &hole, &e), CLIENT_AGAIN);
    assert_int_equal(hole, 1 << 30);
    assert_int_equal(client_stream_recv(st, got, sizeof(got), 5000, &hole, &e), -1);
    assert_string_equal(e.msg, "disk on fire");
    assert_int_equal(client_stream_finish(st, &e), -1);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
}

static void nobody_there_gives_a_hint(void **state)
{
    struct err e = {0};
    assert_null(client_open("xen+unix:///system?socket=/nonexistent/sock", NULL, &e));
    assert_non_null(strstr(e.msg, "/nonexistent/sock"));
    assert_null(client_open("qemu+unix:///system?mode=direct", NULL, &e));
    assert_int_equal(e.code, ERR_NO_CONNECT);
    assert_non_null(strstr(e.msg, "start libvirtd"));
    assert_null(client_open("xen+pigeon://host/system", NULL, &e));
    assert_non_null(strstr(e.msg, "transport 'pigeon' is not known"));
}

/* The words, joined by "|". */
static char *ssh_line(const char *text, bool is_readonly)
{
    struct uri u;
    char **words;
    struct str line = {0};
    struct err e = {0};
    assert_int_equal(uri_parse(text, &u, NULL), 0);
    if (ssh_words(&u, is_readonly, &words, &e)) {
        uri_clear(&u);
        return mem_str(e.msg);
    }
    for (char **w = words; *w; w++)
        str_addf(&line, "%s%s", w == words ? "" : "|", *w);
    ssh_words_free(words);
    uri_clear(&u);
    return str_take(&line);
}

/* Q is a quote inside the quoted script. */
#define Q "'\\''"
#define NETCAT(nc) \
    "if " nc " -q 2>&1 | grep " Q "requires an argument" Q \
    " >/dev/null 2>&1; then q=-q0; else q=; fi; exec " nc " $q -U \"$s\"'"

static void ssh_gets_the_words_it_needs(void **state)
{
    static const struct {
        const char *uri;
        bool is_readonly;
        const char *line;
    } rows[] = {
        {"xen+ssh://h/system?proxy=native", false,
         "ssh|-T|-e|none|--|h|sh -c 'exec virt-ssh-helper " Q "xen:///system" Q "'"},
        {"xen+ssh://fred@h:9000/system?proxy=native&keyfile=/k&no_tty=1&no_verify=1&x=1", true,
         "ssh|-p|9000|-l|fred|-i|/"
         "k|-T|-e|none|-o|BatchMode=yes|-o|StrictHostKeyChecking=no|--|h|sh -c 'exec "
         "virt-ssh-helper -r " Q "xen:///system?x=1" Q "'"},
        {"qemu+ssh://h/system?proxy=netcat&command=/opt/ssh", true,
         "/opt/ssh|-T|-e|none|--|h|sh -c 's=/var/run/libvirt/libvirt-sock-ro; " NETCAT(Q "nc" Q)},
        {"qemu+ssh://h/system?netcat=/a%20b/n%27c%22&socket=/s", false,
         "ssh|-T|-e|none|--|h|sh -c 's=" Q "/s" Q "; " NETCAT(Q "/a b/n" Q "\\" Q Q "c\"" Q)},
        {"qemu+ssh://h/system", false,
         "ssh|-T|-e|none|--|h|sh -c 'if command -v virt-ssh-helper >/dev/null 2>&1; then exec "
         "virt-ssh-helper " Q "qemu:///system" Q
         "; fi; s=/var/run/libvirt/libvirt-sock; " NETCAT(Q "nc" Q)},
        {"xen+libssh2://h/system?proxy=native&known_hosts=/a%20b&known_hosts_verify=auto&"
         "sshauth=agent,password",
         false,
         "ssh|-T|-e|none|-o|UserKnownHostsFile=\"/a b\"|-o|StrictHostKeyChecking=accept-new|-o|"
         "PreferredAuthentications=publickey,password|--|h|sh -c 'exec virt-ssh-helper " Q
         "xen:///system" Q "'"},
        {"xen+ssh://h/system?proxy=native&known_hosts_verify=normal&no_verify=1", false,
         "ssh|-T|-e|none|-o|StrictHostKeyChecking=no|--|h|sh -c 'exec virt-ssh-helper " Q
         "xen:///system" Q "'"},
        {"xen+ssh://h/system?known_hosts_verify=never", false,
         "known_hosts_verify 'never' is none of normal, auto, ignore"},
        {"xen+ssh://h/system?known_hosts=/x%22y", false,
         "known_hosts '/x\"y' has a quote, a '\\' or a '%'"},
        {"xen+ssh://h/system?sshauth=privkey,none", false,
         "sshauth 'none' is none of agent, privkey, password, keyboard-interactive, gssapi"},
        {"qemu+ssh:///system", false, "ssh needs a host"},
        {"qemu+ssh://h/system?proxy=x", false, "proxy 'x' is none of auto, native, netcat"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        CLEANUP_FREE char *line = ssh_line(rows[i].uri, rows[i].is_readonly);
        assert_string_equal(line, rows[i].line);
    }
}

static void write_program(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/xvirt-ssh-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && !fchmod(fd, 0700) &&
                write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void ssh_that_ends_says_why(void **state)
{
    char path[64], uri[160];
    struct err e = {0};
    write_program(path,
                  "#!/bin/sh\necho 'ssh: connect to host h port 22: no route' >&2\nexit 255\n");
    snprintf(uri, sizeof(uri), "xen+ssh://h/system?command=%s", path);
    assert_null(client_open(uri, NULL, &e));
    assert_non_null(strstr(e.msg, "connect to host h port 22: no route"));
    unlink(path);
    assert_null(client_open("xen+ssh://h/system?command=/nonexistent/ssh", NULL, &e));
    assert_non_null(strstr(e.msg, "/nonexistent/ssh"));
}

/* The stand-in for ssh gives what is behind "--" and the host to a shell, as the real one does on
 * the host. */
static void ssh_carries_the_connection(void **state)
{
    char path[64], uri[400];
    struct fake_server s;
    struct err e = {0};
    write_program(
        path, "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nexec sh -c \"$*\"\n");
    fake_start(&s, script_state);
    snprintf(uri, sizeof(uri),
             "xen+ssh://h/system?command=%s&netcat=" TESTS "/lib/nc.py&socket=%s/sock", path,
             s.folder);
    struct client *c = client_open(uri, NULL, &e);
    if (!c)
        print_error("%s\n", e.msg);
    assert_non_null(c);
    struct wire_domain_get_state_args args = {.dom = {.id = 7}};
    struct wire_domain_get_state_ret ret;
    assert_int_equal(call_domain_get_state(c, &args, &ret, &e), 0);
    assert_int_equal(ret.state, VIR_DOMAIN_PAUSED);
    client_close(c);
    assert_int_equal(fake_stop(&s), 0);
    unlink(path);
}

static void a_private_daemon_is_started_for_the_connection(void **state)
{
    char path[64], got[16];
    struct transport t;
    struct err e = {0};
    write_program(path, "#!/bin/sh\n[ \"$1\" = --private ] && eval exec cat \"<&$2 >&$2\"\n");
    setenv("XVIRTD", path, 1);
    assert_int_equal(direct_start(&t, &e), 0);
    assert_int_equal(t.send(&t, "hello", 5, &e), 5);
    assert_int_equal(transport_wait(&t, POLLIN, 5000, &e), 0);
    assert_int_equal(t.recv(&t, got, sizeof(got), &e), 5);
    assert_memory_equal(got, "hello", 5);
    t.close(&t);
    unsetenv("XVIRTD");
    unlink(path);
}

static void a_private_daemon_that_fails_is_reported(void **state)
{
    char path[64], got[16];
    struct transport t;
    struct err e = {0};
    write_program(path, "#!/bin/sh\nexit 3\n");
    setenv("XVIRTD", path, 1);
    assert_int_equal(direct_start(&t, &e), 0);
    assert_int_equal(transport_wait(&t, POLLIN, 5000, &e), 0);
    assert_int_equal(t.recv(&t, got, sizeof(got), &e), -1);
    assert_non_null(strstr(e.msg, "ended with status 3"));
    t.close(&t);
    setenv("XVIRTD", "/nonexistent/xvirtd", 1);
    assert_int_equal(direct_start(&t, &e), -1);
    assert_non_null(strstr(e.msg, "/nonexistent/xvirtd"));
    unsetenv("XVIRTD");
    unlink(path);
}

static const char conf[] = "#uri_default = \"qemu:///no\"\n"
                           "uri_aliases = [\n"
                           "  \"hail=xen+ssh://root@hail.example.org/system\", # with a comment\n"
                           "  'sleet=xen+tls://sleet/system?no_verify=1',\n"
                           "]\n"
                           "uri_default = \"sleet\"\n";

static void aliases_and_the_default_are_found(void **state)
{
    CLEANUP_FREE char *hail = settings_alias(conf, "hail"), *sleet = settings_alias(conf, "sleet");
    CLEANUP_FREE char *none = settings_alias(conf, "hai"), *uri = settings_default(conf);
    assert_string_equal(hail, "xen+ssh://root@hail.example.org/system");
    assert_string_equal(sleet, "xen+tls://sleet/system?no_verify=1");
    assert_null(none);
    assert_string_equal(uri, "sleet");
    assert_null(settings_default("uri_default = \n"));
    assert_null(settings_default("uri_default = \"never closed\n"));
    assert_null(settings_alias("uri_aliases = [ \"a=b", "a"));
    assert_null(settings_alias("", "a"));
}

static void short_names_become_uris(void **state)
{
    char folder[] = "/tmp/xvirt-conf-XXXXXX", path[64];
    struct err e = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/libvirt", folder);
    mkdir(path, 0700);
    assert_int_equal(file_write_atomic(path, "libvirt.conf", conf, strlen(conf), 0600, &e), 0);
    setenv("XDG_CONFIG_HOME", folder, 1);
    CLEANUP_FREE char *by_default = settings_uri(NULL, &e), *alias = settings_uri("hail", &e);
    assert_string_equal(by_default, "xen+tls://sleet/system?no_verify=1");
    assert_string_equal(alias, "xen+ssh://root@hail.example.org/system");
    assert_null(settings_uri("fog", &e));
    assert_non_null(strstr(e.msg, "'fog' is no URI"));
    setenv("LIBVIRT_DEFAULT_URI", "test:///default", 1);
    CLEANUP_FREE char *by_env = settings_uri("", &e), *plain = settings_uri("xen:///x", &e);
    assert_string_equal(by_env, "test:///default");
    assert_string_equal(plain, "xen:///x");
    unsetenv("LIBVIRT_DEFAULT_URI");
    unsetenv("XDG_CONFIG_HOME");
    file_remove(path, "libvirt.conf", NULL);
    rmdir(path);
    rmdir(folder);
}

static void credentials_are_found_by_host(void **state)
{
    static const char text[] = "# a comment\n"
                               "[credentials-test]\nauthname=fred\npassword = 12 34\n"
                               "[credentials-other]\npassword=guess\n"
                               "[auth-libvirt-lab1]\ncredentials=test\n"
                               "[auth-libvirt-default]\ncredentials=other\n"
                               "[auth-esx-lab1]\ncredentials=missing\n";
    static const struct {
        const char *service, *host, *key, *value;
    } rows[] = {
        {"libvirt", "lab1", "authname", "fred"},  {"libvirt", "lab1", "password", "12 34"},
        {"libvirt", "lab2", "password", "guess"}, {"libvirt", NULL, "password", "guess"},
        {"libvirt", "lab2", "authname", NULL},    {"esx", "lab1", "password", NULL},
        {"vnc", "lab1", "password", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        CLEANUP_FREE char *v = authfile_find(text, rows[i].service, rows[i].host, rows[i].key);
        assert_true(str_eq(v, rows[i].value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris_come_apart_and_together),
        cmocka_unit_test(bad_uris_say_what_is_wrong),
        cmocka_unit_test(a_call_brings_its_reply_and_pings_are_answered),
        cmocka_unit_test(errors_of_the_server_come_back),
        cmocka_unit_test(a_dead_server_is_told_once_and_for_all),
        cmocka_unit_test(a_silent_server_is_pinged_and_given_up),
        cmocka_unit_test(a_silent_server_is_noticed_beside_the_noise_of_others),
        cmocka_unit_test(a_call_can_time_out),
        cmocka_unit_test(events_are_kept_until_polled_for),
        cmocka_unit_test(a_poll_watches_the_callers_descriptors_too),
        cmocka_unit_test(a_server_out_of_step_is_left),
        cmocka_unit_test(a_stream_goes_both_ways_and_is_finished),
        cmocka_unit_test(a_stream_brings_holes_and_its_failure),
        cmocka_unit_test(nobody_there_gives_a_hint),
        cmocka_unit_test(ssh_gets_the_words_it_needs),
        cmocka_unit_test(ssh_that_ends_says_why),
        cmocka_unit_test(ssh_carries_the_connection),
        cmocka_unit_test(a_private_daemon_is_started_for_the_connection),
        cmocka_unit_test(a_private_daemon_that_fails_is_reported),
        cmocka_unit_test(aliases_and_the_default_are_found),
        cmocka_unit_test(short_names_become_uris),
        cmocka_unit_test(credentials_are_found_by_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
