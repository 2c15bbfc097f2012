/* What a right is about: a guest, a network, a pool, ... as far as it is known. Everything is
 * borrowed from the value that it was read from. No threads. */
#pragma once
#include <stdbool.h>

#include "base/uuid.h"

struct wire_proc;
struct wire_type;
struct xml;

struct object {
    const char *type;     /* "storage_pool", as in the table of procedures */
    const char *name;     /* NULL: not known, or it has none; so the next two */
    const char *key;      /* volume: its path; interface: MAC address; binding: its filter */
    const char *parent;   /* volume: the pool's name */
    char uuid[UUID_TEXT]; /* "": not known */
};

/* A value of the wire; false: it is no object. */
bool object_of_value(const struct wire_type *t, const void *value, struct object *ret);

/* The object of this type that the arguments name, in a struct or as `name`. Only what the call is
 * carried out by is taken over: a client may write what it likes beside the uuid. */
bool object_of_args(const struct wire_proc *p, const void *args, const char *type,
                    struct object *ret);

/* The object of this type that a document makes: nothing else of it is looked at. */
void object_of_xml(const struct xml *root, const char *type, struct object *ret);

/* The document in the arguments; NULL: there is none. */
const char *object_document(const struct wire_proc *p, const void *args);
