/* Frames: a length word that counts itself, six header words, the payload. Types 4 and 5 have one
 * more word, the number of descriptors that follow the frame. The caller moves the bytes; nothing
 * here blocks or keeps state. */
#pragma once
#include "wire/proc.h"

enum {
    WIRE_LENGTH_WORD = 4,
    WIRE_HEADER_SIZE = 28, /* with the length word */
    WIRE_FRAME_MAX = 33554432 + 4,
    WIRE_PAYLOAD_MAX = 33554408,
    WIRE_STREAM_CHUNK = 262120, /* most data in one stream frame of a server */
    WIRE_FDS_MAX = 32,
    WIRE_SERIAL_EVENT = 1,
};

enum wire_message {
    WIRE_CALL = 0,
    WIRE_REPLY = 1,
    WIRE_MESSAGE = 2, /* an event, or keepalive */
    WIRE_STREAM = 3,
    WIRE_CALL_FDS = 4,
    WIRE_REPLY_FDS = 5,
    WIRE_STREAM_HOLE = 6,
};

enum wire_status { WIRE_OK = 0, WIRE_ERROR = 1, WIRE_CONTINUE = 2 };

struct wire_header {
    uint32_t program, version;
    int32_t proc;
    uint32_t type; /* enum wire_message, or anything a peer makes up */
    uint32_t serial;
    uint32_t status; /* enum wire_status, or anything */
    uint32_t n_fds;  /* types 4 and 5; never above WIRE_FDS_MAX */
};

/* Checks the length word; *ret is the size of the whole frame. A peer that fails this is cut off
 * without a reply. */
int wire_frame_length(const uint8_t word[WIRE_LENGTH_WORD], size_t *ret, struct err *e);

/* Reads the header of one whole frame. The payload is what lies behind *ret_payload bytes. */
int wire_header_decode(const uint8_t *frame, size_t len, struct wire_header *ret,
                       size_t *ret_payload, struct err *e);

/* Appends a whole frame; on failure (a value over its limits) nothing. t NULL: no payload. */
int wire_frame_add(struct str *out, const struct wire_header *h, const struct wire_type *t,
                   const void *value, struct err *e);

/* Appends a frame with a payload of plain bytes, at most WIRE_PAYLOAD_MAX of them. */
void wire_frame_add_raw(struct str *out, const struct wire_header *h, const void *data, size_t len);

/* Appends the frame with status 1 and why as its payload; domain 0 is sent as libxl's. */
void wire_frame_add_error(struct str *out, const struct wire_header *h, const struct err *why);

/* Reads an error payload into *ret; a payload that is none becomes an error that says so. */
void wire_error_decode(const void *payload, size_t len, struct err *ret);

/* The header of the answer to a call. */
struct wire_header wire_reply_to(const struct wire_header *call);
