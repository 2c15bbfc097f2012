/* Questions to polkit about single rights on single objects (actions org.libvirt.api.*). Nobody
 * waits for the answers: who wants to know one looks it up among those of its own list; what is not
 * there is noted as open, and when all that is open has been asked, by a worker, the list comes
 * back and the work is done again. Lists live as long as a call or an event, so that no answer gets
 * stale. Loop thread, but for the worker, which has the list to itself. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/uuid.h"

struct daemon;
struct identity;
struct object;

enum { ASKS_MAX = 20000, ASKS_RUNNING_MAX = 8, ASKS_WAITING_MAX = 1024, ASKS_TIMEOUT_MS = 5000 };

struct ask {
    const char *type; /* of a table */
    char *right, *name, *key, *parent;
    char uuid[UUID_TEXT];
    bool is_answered, is_granted;
};

struct asks {
    struct ask *items;
    size_t n, n_open;
    size_t at; /* where the next look-up begins: they come in the same order again */
    char *why; /* nobody could be asked; NULL: polkit has said no where it has */
};

enum asks_say { ASKS_NO, ASKS_YES, ASKS_OPEN };

enum asks_say asks_look(struct asks *a, const char *right, const struct object *o);
void asks_clear(struct asks *a);

/* Takes the list over and gives it back to done, with nothing open, on a later turn of the loop. */
typedef void asks_fn(void *arg, struct asks *a);
void asks_go(struct daemon *d, const struct identity *who, struct asks *a, asks_fn *done,
             void *arg);
