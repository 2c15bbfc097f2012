/* Which files and block devices the guests write to, so that no two do by mistake: Xen's own check
 * does not see a file that two guests have by different loop devices or by QEMU. Names become
 * identities by stat, which may wait for a server that does not answer: in workers. A guest holds
 * its claims from the moment its start is admitted until it is gone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/domain.h"

struct guest;
struct host;

struct claim {
    char *target, *path;
    uint64_t dev, ino;
    bool is_found, is_block;
    bool is_shared; /* with others that know of each other: <shareable/> */
};
struct claims {
    struct claim *items;
    size_t n;
};

/* What the guest would write to: disks that are neither read-only nor media of a drive. */
void claims_list(const struct domain *d, struct claims *ret);
void work_look(
    void *job); /* both, if the first is not done, for what the job's configuration has */
void claims_clear(struct claims *c);
/* g takes them over, beside those that it has, unless another guest that may run has one of them.
 */
int guest_claim(struct guest *g, struct claims *taken, struct err *e);
void guest_unclaim(struct guest *g, const char *target); /* NULL: all */
/* A worker looks what the guest that runs already has. */
void guest_learn_claims(struct guest *g);
