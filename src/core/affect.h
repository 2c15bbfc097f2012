/* Where a change of a guest takes effect, for core/ alone: on what runs, on what is stored, or
 * both. */
#pragma once
#include "priv.h"
#include "tune.h"

struct affect {
    bool live, config;
};
int affect_resolve(const struct guest *g, unsigned flags, struct affect *ret, struct err *e);
/* The configuration to read from; borrowed. */
const struct domain *affect_source(const struct guest *g, unsigned flags, struct err *e);

struct edit;
/* Changes a configuration; nothing else, for it may be a copy that is thrown away. */
typedef int edit_fn(struct domain *d, const struct edit *x, struct err *e);
struct edit {
    edit_fn *apply;
    int (*run)(struct guest *g, const struct edit *x, struct err *e); /* tells Xen; NULL: nobody */
    uint64_t number;
    uint32_t index;
    bool maximum;
    const void *value;
    size_t len;
    const char *text, *key;
};
/* Nothing is changed unless all of it can be. */
int guest_edit(struct guest *g, struct affect a, const struct edit *x, struct err *e);
int guest_edit_config(struct guest *g, const struct edit *x, struct err *e);
int guest_edit_live(struct guest *g, const struct edit *x, struct err *e); /* Xen knows already */
