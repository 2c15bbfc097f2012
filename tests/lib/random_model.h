/* Guests made of random members, for round trips: the same seed gives the same guest. */
#pragma once
#include "model/domain.h"

struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n); /* 0 to n - 1 */

/* Fills the empty record p; about one member in `sparse` is set. */
void random_rec(struct rng *r, const struct rec *rec, void *p, unsigned sparse);
/* A guest that says nothing twice and nothing that contradicts itself: every format that has words
 * for its members must read back what it wrote. Caller frees with domain_free. */
struct domain *random_domain(uint64_t seed);
