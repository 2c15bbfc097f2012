/* The one interpreter of message payloads. remote.idl describes every structure; gen_wire.py makes
 * a type table of each (remote.h); the functions here read, write, free and compare values by those
 * tables, and are the only code that touches payload bytes and limits. Values own what they point
 * to. No threads, no state. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum wire_kind {
    WIRE_K_INT,
    WIRE_K_UINT,
    WIRE_K_HYPER,
    WIRE_K_UHYPER,
    WIRE_K_DOUBLE,
    WIRE_K_CHAR, /* this one and the next two take 4 bytes on the wire, also in arrays */
    WIRE_K_UCHAR,
    WIRE_K_USHORT,
    WIRE_K_ENUM,
    WIRE_K_STRING, /* char *, NUL-terminated; NULL is written as "" unless optional */
    WIRE_K_OPAQUE, /* bytes, packed; fixed or counted */
    WIRE_K_STRUCT, /* also a union */
};

enum wire_shape {
    WIRE_S_ONE,
    WIRE_S_OPTIONAL, /* a pointer that may be NULL */
    WIRE_S_ARRAY,    /* a pointer and a count n_NAME */
    WIRE_S_FIXED,    /* an array inside the struct */
};

struct wire_type;

struct wire_field {
    const char *name;
    uint8_t kind, shape;
    uint8_t least;   /* fewest bytes of one element on the wire */
    size_t offset;   /* of the value, or of the pointer to it */
    size_t n_offset; /* WIRE_S_ARRAY: of its count */
    uint32_t max;    /* bytes of a string; elements of an array, exactly for WIRE_S_FIXED */
    const struct wire_type *type; /* WIRE_K_STRUCT, WIRE_K_ENUM */
    int tag; /* an arm of a union: its `type`; a member of an enum: its value */
};

struct wire_type {
    const char *name;
    size_t size;  /* of the C structure */
    size_t least; /* fewest bytes on the wire */
    const struct wire_field *fields;
    size_t n_fields;
    bool is_union; /* int type, then one of the fields */
};

struct wire_none { /* what a call without arguments or results has */
    char unused;
};

/* Reads one value of type t from the front of the bytes; bytes behind it and the value of padding
 * bytes do not matter. Fails with ERR_RPC on anything short, over a limit, of a wrong enum, or a
 * string with a NUL inside. t NULL: no value. *ret (t->size bytes) needs no initialisation; caller
 * clears it with wire_clear; after a failure it is all zero. A counted array has room for the next
 * power of two (VEC_PUSH works on it), and a zero byte behind it. */
int wire_decode(const struct wire_type *t, const void *bytes, size_t len, void *ret, struct err *e);

/* Appends the value; nothing is appended on failure (a member is over its limit). */
int wire_encode(const struct wire_type *t, const void *value, struct str *out, struct err *e);

/* A counted array in pieces: begun, its items appended with wire_encode, ended with their number. A
 * long one is never there as a whole. */
size_t wire_list_begin(struct str *out);
int wire_list_end(const struct wire_field *f, struct str *out, size_t begin, size_t n,
                  struct err *e);

/* Frees what the value owns and makes it all zero. NULL and zeroed values are fine. */
void wire_clear(const struct wire_type *t, void *value);

/* Same bytes on the wire. A value that cannot be written equals nothing. */
bool wire_equal(const struct wire_type *t, const void *a, const void *b);

/* Deep copy; *ret as in wire_decode. Fails when the value cannot be written. */
int wire_copy(const struct wire_type *t, void *ret, const void *value, struct err *e);

/* Appends the value as JSON, for logs and tests: opaque as "xHEX", counted chars as "bytes:HEX". */
void wire_print(const struct wire_type *t, const void *value, struct str *out);

extern const struct wire_type *const wire_types[];
extern const size_t n_wire_types;
