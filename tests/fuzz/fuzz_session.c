/* A whole connection: a daemon with a simulated host serves a socket pair, the input is what a client sends.
 *
 * The first byte: bit 0 a read-only socket, bit 1 already open, bit 2 the rest is raw bytes, bit 3 the client goes away
 * without reading, bit 4 a guest is there, bit 5 it is the admin socket, bit 6 another daemon is there for networks, bit 7 the
 * client is somebody whom polkit has to let in, and is asked about. Otherwise the rest is records, which become whole frames
 * with right lengths: procedure (2 bytes), type and status (1), serial (1), length (2), payload. Bit 7 of the third byte makes
 * it a frame of keepalive, bit 6 one of the other daemon. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/daemon_rig.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon/polkit.h"
#include "fuzz.h"
#include "wire/frame.h"

enum {
    READONLY = 1,
    OPEN = 2,
    RAW = 4,
    DEAF = 8,
    GUEST = 16,
    ADMIN = 32,
    RELAY = 64,
    POLKIT = 128,
    FROM_OTHER = 0x40,
    RECORD_HEAD = 6,
    ROUNDS_MAX = 200,
    INPUT_MAX = 1 << 16,
    SOMEBODY = 12345
};

static const char guest_xml[] = "<domain type='xen'><name>g</name><uuid>11111111-1111-1111-1111-111111111111</uuid>"
                                "<memory>65536</memory><os><type>linux</type><kernel>/k</kernel></os><devices>"
                                "<disk type='file' device='disk'><source file='/a'/><target dev='xvda'/></disk>"
                                "<console type='pty'/></devices></domain>";

/* --- polkit --- */

static int polkit_check(const struct polkit_subject *s, const char *action, struct err *e)
{
    return 0;
}

/* By the number of letters: the same question has the same answer. */
static void polkit_ask(const struct polkit_subject *s, struct polkit_question *q, size_t n, uint64_t timeout_ms, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        q[i].is_granted = (strlen(q[i].action) + q[i].n_details) % 4;
}
static const struct polkit_ops polkit = {POLKIT_ABI, polkit_check, polkit_ask};

/* --- another daemon, which says what the input has for it --- */

struct other {
    int listener, fd;
    struct str says;
    size_t at;
};

/* What every connection begins with: no authentication, open, and the identity taken. */
static void other_greets(struct other *o)
{
    static const char none[8] = {0, 0, 0, 1, 0, 0, 0, 0};
    const struct wire_header heads[] = {{WIRE_PROGRAM_REMOTE, 1, WIRE_AUTH_LIST, WIRE_REPLY, 1},
                                        {WIRE_PROGRAM_REMOTE, 1, WIRE_CONNECT_OPEN, WIRE_REPLY, 2},
                                        {WIRE_PROGRAM_REMOTE, 1, WIRE_CONNECT_SET_IDENTITY, WIRE_REPLY, 3}};
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
        wire_frame_add_raw(&o->says, &heads[i], none, i ? 0 : sizeof(none));
}

static void other_open(struct other *o, struct daemon_rig *r)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    r->d.relay_dir = mem_printf("%s/other", r->dir);
    mkdir(r->d.relay_dir, 0700);
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/virtnetworkd-sock", r->d.relay_dir);
    o->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert(!bind(o->listener, (struct sockaddr *)&addr, sizeof(addr)) && !listen(o->listener, 5));
}

static void other_talk(struct other *o)
{
    char sink[4096];
    if (o->fd < 0)
        o->fd = accept4(o->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (o->fd < 0)
        return;
    while (read(o->fd, sink, sizeof(sink)) > 0)
        continue;
    ssize_t n = o->at < o->says.len ? write(o->fd, o->says.p + o->at, o->says.len - o->at) : 0;
    o->at += n > 0 ? (size_t)n : 0;
}

static void other_close(struct other *o, struct daemon_rig *r)
{
    if (o->fd >= 0)
        close(o->fd);
    if (o->listener >= 0)
        close(o->listener);
    str_clear(&o->says);
    free(r->d.relay_dir);
}

/* --- the client --- */

static void add_records(struct str *out, struct other *o, bool admin, const uint8_t *p, size_t n)
{
    uint32_t program = admin ? WIRE_PROGRAM_ADMIN : WIRE_PROGRAM_REMOTE;
    while (n >= RECORD_HEAD) {
        size_t len = (size_t)(p[4] << 8 | p[5]);
        struct wire_header h = {.program = p[2] & 0x80 ? WIRE_PROGRAM_KEEPALIVE : program,
                                .version = 1,
                                .proc = p[0] << 8 | p[1],
                                .type = p[2] & 7,
                                .status = p[2] >> 3 & 3,
                                .serial = p[3]};
        if (h.type == WIRE_CALL_FDS || h.type == WIRE_REPLY_FDS)
            h.type = WIRE_CALL;
        if (len > n - RECORD_HEAD)
            len = n - RECORD_HEAD;
        wire_frame_add_raw(p[2] & FROM_OTHER ? &o->says : out, &h, p + RECORD_HEAD, len);
        p += RECORD_HEAD + len;
        n -= RECORD_HEAD + len;
    }
}

static void call(struct daemon_rig *r, int fd, int proc, const struct wire_type *t, const void *args)
{
    CLEANUP_STR struct str payload = {0};
    assert(!wire_encode(t, args, &payload, NULL));
    daemon_rig_call(r, fd, proc, payload.p, payload.len);
}

static void prepare(struct daemon_rig *r, int fd, uint8_t how)
{
    struct wire_connect_open_args open = {0};
    char xml[sizeof(guest_xml)];
    memcpy(xml, guest_xml, sizeof(xml));
    struct wire_domain_create_xml_args create = {.xml_desc = xml};
    if (how & (OPEN | GUEST))
        call(r, fd, WIRE_CONNECT_OPEN, &wire_type_connect_open_args, &open);
    if (how & GUEST)
        call(r, fd, WIRE_DOMAIN_CREATE_XML, &wire_type_domain_create_xml_args, &create);
}

/* Sends it all while the daemon works, reading what it says or not. */
static void talk(struct daemon_rig *r, int fd, struct other *o, const struct str *bytes, bool deaf)
{
    char sink[65536];
    size_t at = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        ssize_t n = at < bytes->len ? write(fd, bytes->p + at, bytes->len - at) : 0;
        if (n < 0 && errno != EAGAIN)
            return;
        at += n > 0 ? (size_t)n : 0;
        daemon_rig_turn(r);
        if (o->listener >= 0)
            other_talk(o);
        bool came = o->fd >= 0 && o->at < o->says.len;
        while (!deaf && (n = read(fd, sink, sizeof(sink))) > 0)
            came = true;
        if (n == 0 && !deaf)
            return;
        if (at == bytes->len && !came)
            return;
    }
}

/* The client, as the first byte has it. */
static int come(struct daemon_rig *r, struct other *o, uint8_t how)
{
    bool is_guarded = how & POLKIT && !(how & ADMIN);
    if (is_guarded) {
        str_set(&r->d.config.auth_unix_rw, "polkit");
        r->d.polkit = &polkit;
        r->d.asks_polkit = true;
    }
    if (how & RELAY)
        other_open(o, r);
    int fd = how & ADMIN ? daemon_rig_admin(r) : daemon_rig_client(r, how & READONLY && !(how & GUEST));
    if (is_guarded) {
        r->d.sessions->identity.uid = SOMEBODY;
        daemon_rig_call(r, fd, WIRE_AUTH_POLKIT, NULL, 0);
    }
    if (!(how & ADMIN))
        prepare(r, fd, how);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct daemon_rig r;
    struct other o = {.listener = -1, .fd = -1};
    CLEANUP_STR struct str bytes = {0};
    if (!size || size > INPUT_MAX)
        return 0;
    uint8_t how = data[0];
    other_greets(&o);
    if (how & RAW)
        str_addn(&bytes, (const char *)data + 1, size - 1);
    else
        add_records(&bytes, &o, how & ADMIN, data + 1, size - 1);
    daemon_rig_open(&r, NULL);
    int fd = come(&r, &o, how);
    talk(&r, fd, &o, &bytes, how & DEAF);
    close(fd);
    assert(daemon_rig_settle(&r));
    daemon_rig_close(&r);
    other_close(&o, &r);
    return 0;
}
