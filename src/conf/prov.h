/* Where each member of a guest comes from: the report's own memory of which key set what. A reader
 * notes a key when it has read it; what the guest says then and did not say before is the key's.
 * Items of lists carry a number of their own (struct device.origin), so that they are known again
 * after lists were sorted and completed. Kept for reports only; never compared or written. */
#pragma once
#include "base/hash.h"
#include "model/domain.h"

enum {
    PROV_EXACT_KEYS = 600, /* keys of a guest beyond which a key is looked for at the ends of the
                               lists only: otherwise each costs a look at the whole guest */
    PROV_NO_KEY = -1,      /* said, but by no single key */
    PROV_UNSAID = -2,      /* not in the text: a default, or an implied device */
};

struct prov {                   /* of one guest */
    const struct domain *owner; /* to find it by; not looked into */
    bool only_keys;             /* what no key said is implied: it is no loss */
    struct domain before;
    struct hash members; /* path -> entry + 2 */
    uint32_t n_origins;
    size_t n_keys;
};

/* Everything that `d` says since the last call is said by the report's entry (or PROV_NO_KEY). */
size_t prov_claim(struct prov *p, struct domain *d, long entry); /* how many */
typedef void prov_changed(void *arg, long entry, const struct field *f, const void *m);
/* The text is read: all that nobody has claimed is said by no single key. fn is called for each
 * member outside of lists that does not say any more what its key said. */
void prov_end(struct prov *p, struct domain *d, prov_changed *fn, void *arg);
/* The same, for what happened to the guest since. */
void prov_changes(struct prov *p, const struct domain *d, prov_changed *fn, void *arg);
/* The entry that said the member at `path` of d, or one of the two above. Index of lists in `path`
 * are d's. */
long prov_find(const struct prov *p, const struct domain *d, const char *path);
void prov_clear(struct prov *p);
