/* Migration, the daemon's side: what a step of the protocol is asked and answers, the same for the
 * plain calls and those with parameters. do_migrate.c takes the calls apart, depart.c is the host
 * that a guest leaves, land.c the one that it comes to, p2p.c the source that does the client's
 * part too. Loop thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/migrate.h"

struct call;
struct daemon;
struct domain;
struct guest;
struct session;
struct wire_domain;

/* Borrowed from the call's arguments. */
struct move {
    const char *dconnuri; /* peer to peer: the destination's daemon */
    const char *uri;      /* where the data goes */
    const char *name;     /* what it is called there */
    const char *xml;      /* what it is there; NULL: as here */
    const char *persist_xml;
    uint64_t bandwidth; /* MiB/s; 0: no limit */
    uint64_t flags;
    const uint8_t *cookie;
    size_t n_cookie;
    bool cancelled;
};

/* Where the answers go: members of the call's ret. */
struct move_answer {
    uint8_t **cookie;
    size_t *n_cookie;
    char **text; /* the XML of begin, the uri of prepare */
    struct wire_domain *dom;
};

int depart_begin(struct call *c, struct guest *g, const struct move *m,
                 const struct move_answer *a);
int depart_perform(struct call *c, struct guest *g, const struct move *m);
int depart_confirm(struct call *c, struct guest *g, const struct move *m);
void depart_forget(struct session *s); /* the client of these is gone */

int land_prepare(struct call *c, const struct move *m, const struct move_answer *a, bool is_tunnel);
int land_finish(struct call *c, const struct move *m, const struct move_answer *a);
void land_forget(struct session *s);

int p2p_perform(struct call *c, struct guest *g, const struct move *m);
void p2p_stop_all(struct daemon *d); /* what can be left in the middle is */

/* --- shared by depart.c and p2p.c --- */
/* The guest as the destination gets it: m->xml checked against it, or its own. Caller frees with
 * domain_free. */
struct domain *depart_config(const struct daemon *d, const struct guest *g, const struct move *m,
                             struct err *e);
/* Slow. The cookie that begin sends; d: the guest as it is here. */
void depart_cookie(const struct daemon *daemon, const struct domain *d, uint8_t **ret,
                   size_t *ret_n);
/* Is prepare's answer a daemon of ours? Then the token that it can be asked with, or "". */
bool depart_has_words(const uint8_t *cookie, size_t n, char token[VERDICT_TOKEN]);
