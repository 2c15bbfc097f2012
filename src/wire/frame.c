#include "wire/frame.h"

#include <assert.h>
#include <string.h>

#include "wire/remote.h"

static uint32_t load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store(void *at, uint32_t v)
{
    uint8_t *p = at;
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static int bad(struct err *e, const char *what, uint32_t n)
{
    fail(e, ERR_RPC, "bad frame: %s %u", what, n);
    if (e)
        e->domain = ERR_FROM_RPC;
    return -1;
}

static bool has_fds(uint32_t type)
{
    return type == WIRE_CALL_FDS || type == WIRE_REPLY_FDS;
}

int wire_frame_length(const uint8_t word[WIRE_LENGTH_WORD], size_t *ret, struct err *e)
{
    uint32_t n = load(word);
    if (n < WIRE_HEADER_SIZE || n > WIRE_FRAME_MAX)
        return bad(e, "length", n);
    *ret = n;
    return 0;
}

int wire_header_decode(const uint8_t *frame, size_t len, struct wire_header *ret,
                       size_t *ret_payload, struct err *e)
{
    if (len < WIRE_HEADER_SIZE || load(frame) != len)
        return bad(e, "length", (uint32_t)len);
    struct wire_header h = {
        .program = load(frame + 4),
        .version = load(frame + 8),
        .proc = (int32_t)load(frame + 12),
        .type = load(frame + 16),
        .serial = load(frame + 20),
        .status = load(frame + 24),
    };
    size_t payload = WIRE_HEADER_SIZE;
    if (has_fds(h.type)) {
        if (len < WIRE_HEADER_SIZE + 4)
            return bad(e, "length", (uint32_t)len);
        h.n_fds = load(frame + WIRE_HEADER_SIZE);
        if (h.n_fds > WIRE_FDS_MAX)
            return bad(e, "number of descriptors", h.n_fds);
        payload += 4;
    }
    *ret = h;
    *ret_payload = payload;
    return 0;
}

static void add_header(struct str *out, const struct wire_header *h)
{
    uint8_t b[WIRE_HEADER_SIZE + 4] = {0};
    store(b + 4, h->program);
    store(b + 8, h->version);
    store(b + 12, (uint32_t)h->proc);
    store(b + 16, h->type);
    store(b + 20, h->serial);
    store(b + 24, h->status);
    store(b + 28, h->n_fds);
    str_addn(out, (const char *)b, has_fds(h->type) ? sizeof(b) : WIRE_HEADER_SIZE);
}

int wire_frame_add(struct str *out, const struct wire_header *h, const struct wire_type *t,
                   const void *value, struct err *e)
{
    size_t start = out->len;
    add_header(out, h);
    if (wire_encode(t, value, out, e)) {
        str_cut(out, start);
        return -1;
    }
    size_t len = out->len - start;
    if (len > WIRE_FRAME_MAX) {
        str_cut(out, start);
        return bad(e, "our own length", (uint32_t)len);
    }
    store(out->p + start, (uint32_t)len);
    return 0;
}

void wire_frame_add_raw(struct str *out, const struct wire_header *h, const void *data, size_t len)
{
    assert(len <= WIRE_PAYLOAD_MAX);
    size_t start = out->len;
    add_header(out, h);
    str_addn(out, data, len);
    store(out->p + start, (uint32_t)(out->len - start));
}

void wire_frame_add_error(struct str *out, const struct wire_header *h, const struct err *why)
{
    char format[] = "%s";
    char *text = mem_str(why->msg);
    struct wire_error v = {
        .code = why->code,
        .domain = why->domain ? why->domain : ERR_FROM_LIBXL,
        .message = text,
        .level = 2,
        .str1 = format,
        .str2 = text,
        .int1 = -1,
        .int2 = -1,
    };
    struct wire_header copy = *h;
    copy.status = WIRE_ERROR;
    int r = wire_frame_add(out, &copy, &wire_type_error, &v, NULL);
    assert(!r); /* ERR_MSG_MAX is far below every limit */
    (void)r;
    free(text);
}

void wire_error_decode(const void *payload, size_t len, struct err *ret)
{
    struct wire_error v;
    if (wire_decode(&wire_type_error, payload, len, &v, ret)) {
        wrap(ret, "error reply");
        return;
    }
    if (v.message)
        fail(ret, v.code, "%s", v.message);
    else
        fail(ret, v.code, "the server gave error code %d and no text", v.code);
    ret->domain = v.domain;
    wire_clear(&wire_type_error, &v);
}

struct wire_header wire_reply_to(const struct wire_header *call)
{
    struct wire_header h = *call;
    h.type = WIRE_REPLY;
    h.status = WIRE_OK;
    h.n_fds = 0;
    return h;
}
