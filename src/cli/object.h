/* Things that commands name besides guests: networks, pools, volumes, ... One row a kind says which
 * option names it, how it is looked up, and what it is called in messages. A handle is the wire's
 * structure of the kind; object_drop frees what a look-up filled in. */
#pragma once
#include "cmd.h"
#include "wire/wire.h"

enum object {
    OBJ_NONE,
    OBJ_DOMAIN,
    OBJ_NETWORK,
    OBJ_POOL,
    OBJ_VOLUME,
    OBJ_NODEDEV,
    OBJ_IFACE,
    OBJ_NWFILTER,
    OBJ_BINDING,
    OBJ_SECRET,
    OBJECTS
};

enum { OBJECT_SIZE = 64 };
struct object_handle {
    enum object kind;
    _Alignas(8) char bytes[OBJECT_SIZE]; /* struct wire_KIND */
};

/* By the option of the kind ("network", "pool", ...). Ways: LOOKUP_* bits of lookup.h, 0: all. */
int object_lookup(struct ctl *c, const struct args *a, enum object kind, int ways,
                  struct object_handle *ret, struct err *e);
void object_drop(struct object_handle *o);
#define CLEANUP_OBJECT CLEANUP(object_drop)
const struct wire_type *object_type(enum object kind);
/* What messages call it: its name, or its uuid. Caller frees. */
char *object_name(enum object kind, const void *handle);
/* A call whose arguments are the handle alone. */
int object_call(struct ctl *c, int proc, enum object kind, const void *handle, void *ret,
                struct err *e);
/* The same, of a call that answers a number (IS_ACTIVE, GET_AUTOSTART): that, or -1. */
int object_number(struct ctl *c, int proc, enum object kind, const void *handle, struct err *e);

/* All things of a kind, by name. Flags are the list call's. */
struct objects {
    enum object kind;
    char *ret; /* the answer */
    const char **items;
    size_t n;
};
int objects_list(struct ctl *c, enum object kind, unsigned flags, struct objects *ret,
                 struct err *e);
/* The same by a call of its own, with these arguments. */
int objects_call(struct ctl *c, enum object kind, int proc, const void *args, struct objects *ret,
                 struct err *e);
void objects_clear(struct objects *o);
#define CLEANUP_OBJECTS CLEANUP(objects_clear)
/* Their names, for completion; none on failure. */
void object_names(struct ctl *c, enum object kind, void (*each)(void *arg, const char *name),
                  void *arg);
