/* A whole connection: a daemon with a simulated host serves a socket pair, the input is what a client sends.
 *
 * The first byte: bit 0 a read-only socket, bit 1 already open, bit 2 the rest is raw bytes, bit 3 the client goes away
 * without reading, bit 4 a guest is there. Otherwise the rest is records, which become whole frames with right lengths:
 * procedure (2 bytes), type and status (1), serial (1), length (2), payload. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../lib/daemon_rig.h"
#include "base/str.h"
#include "fuzz.h"
#include "wire/frame.h"

enum { READONLY = 1, OPEN = 2, RAW = 4, DEAF = 8, GUEST = 16, RECORD_HEAD = 6, ROUNDS_MAX = 200, INPUT_MAX = 1 << 16 };

static const char guest_xml[] = "<domain type='xen'><name>g</name><uuid>11111111-1111-1111-1111-111111111111</uuid>"
                                "<memory>65536</memory><os><type>linux</type><kernel>/k</kernel></os><devices>"
                                "<disk type='file' device='disk'><source file='/a'/><target dev='xvda'/></disk>"
                                "<console type='pty'/></devices></domain>";

static void add_records(struct str *out, const uint8_t *p, size_t n)
{
    while (n >= RECORD_HEAD) {
        size_t len = (size_t)(p[4] << 8 | p[5]);
        struct wire_header h = {.program = p[2] & 0x80 ? WIRE_PROGRAM_KEEPALIVE : WIRE_PROGRAM_REMOTE,
                                .version = 1,
                                .proc = p[0] << 8 | p[1],
                                .type = p[2] & 7,
                                .status = p[2] >> 3 & 3,
                                .serial = p[3]};
        if (h.type == WIRE_CALL_FDS || h.type == WIRE_REPLY_FDS)
            h.type = WIRE_CALL;
        if (len > n - RECORD_HEAD)
            len = n - RECORD_HEAD;
        wire_frame_add_raw(out, &h, p + RECORD_HEAD, len);
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
static void talk(struct daemon_rig *r, int fd, const struct str *bytes, bool deaf)
{
    char sink[65536];
    size_t at = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        ssize_t n = at < bytes->len ? write(fd, bytes->p + at, bytes->len - at) : 0;
        if (n < 0 && errno != EAGAIN)
            return;
        at += n > 0 ? (size_t)n : 0;
        daemon_rig_turn(r);
        bool came = false;
        while (!deaf && (n = read(fd, sink, sizeof(sink))) > 0)
            came = true;
        if (n == 0 && !deaf)
            return;
        if (at == bytes->len && !came)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct daemon_rig r;
    CLEANUP_STR struct str bytes = {0};
    if (!size || size > INPUT_MAX)
        return 0;
    uint8_t how = data[0];
    if (how & RAW)
        str_addn(&bytes, (const char *)data + 1, size - 1);
    else
        add_records(&bytes, data + 1, size - 1);
    daemon_rig_open(&r, NULL);
    int fd = daemon_rig_client(&r, how & READONLY && !(how & GUEST));
    prepare(&r, fd, how);
    talk(&r, fd, &bytes, how & DEAF);
    close(fd);
    assert(daemon_rig_settle(&r));
    daemon_rig_close(&r);
    return 0;
}
