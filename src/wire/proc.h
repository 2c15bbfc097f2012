/* The table of programs and procedures that gen_wire.py makes from remote.idl, and the questions
 * asked of a row before a call is carried out. Constant data; callable from any thread. */
#pragma once
#include "wire/wire.h"

enum wire_proc_flag {
    WIRE_P_EVENT = 1 << 0,     /* sent by the server, never called; args is the message */
    WIRE_P_RO = 1 << 1,        /* allowed on a read-only connection */
    WIRE_P_RO_EXCEPT = 1 << 2, /* unless ro_except holds */
    WIRE_P_HIGH = 1 << 3,      /* never waits for the hypervisor for long */
    WIRE_P_NOAUTH = 1 << 4,    /* allowed before authentication */
    WIRE_P_NOOPEN = 1 << 5,    /* allowed before CONNECT_OPEN */
    WIRE_P_STREAM_IN = 1 << 6, /* opens a stream, client to server */
    WIRE_P_STREAM_OUT = 1 << 7 /* opens a stream, server to client or both ways */
};

enum wire_when_kind {
    WIRE_WHEN_ALWAYS,
    WIRE_WHEN_ANY,  /* one of the bits is set in the member */
    WIRE_WHEN_NONE, /* none of the bits is set */
    WIRE_WHEN_EQUAL
};

/* A condition on a 32-bit member of the arguments. */
struct wire_when {
    int kind;
    size_t offset;
    uint32_t value;
};

struct wire_acl {
    const char *object, *right; /* "domain", "read_secure" */
    struct wire_when when;
};

struct wire_proc {
    int nr;
    const char *name; /* "DOMAIN_GET_STATE" */
    unsigned flags;
    const struct wire_type *args, *ret; /* NULL: none */
    struct wire_when ro_except;
    const struct wire_acl *acl; /* all of them must be granted */
    size_t n_acl;
    const char *filter; /* "domain:getattr": right that an entry of the list needs, or NULL */
    const char
        *relay; /* "storage", "network", "nodedev", "interface", "secret", "nwfilter", or NULL */
    uint32_t sparse; /* flag of the arguments that allows holes in the stream */
};

struct wire_program {
    const char *name;
    uint32_t number, version;
    const struct wire_proc *procs; /* procs[i].nr == i + 1 */
    size_t n_procs;
};

/* Domain event ids (virDomainEventID) and the procedures that carry them; callback style has the
 * callback id first. */
struct wire_domain_event {
    const char *name;     /* "lifecycle" */
    int legacy, callback; /* legacy 0: callback style only */
};

extern const struct wire_program wire_programs[];
extern const size_t n_wire_programs;
extern const struct wire_domain_event wire_domain_events[]; /* by event id */
extern const size_t n_wire_domain_events;

const struct wire_program *wire_program_find(uint32_t program);   /* or NULL */
const struct wire_proc *wire_proc_find(uint32_t program, int nr); /* or NULL */
const char *wire_proc_name(uint32_t program, int nr);             /* for logs; "?" when unknown */
bool wire_when_holds(const struct wire_when *w, const void *args);
bool wire_proc_readonly_ok(const struct wire_proc *p, const void *args); /* decoded arguments */
