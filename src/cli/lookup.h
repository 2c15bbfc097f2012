/* Guests by what a user typed, and names of things the wire numbers. */
#pragma once
#include "client/find.h"
#include "cmd.h"

enum { LOOKUP_ACTIVE = 1, LOOKUP_INACTIVE = 2 }; /* the wire's list flags */

/* The guest that option "domain" (or another option) names: see client_find_domain. */
int lookup_domain(struct ctl *c, const struct args *a, int by, struct wire_domain *ret,
                  struct err *e);
int lookup_domain_text(struct ctl *c, const char *text, int by, struct wire_domain *ret,
                       struct err *e);
void lookup_drop(struct wire_domain *d); /* frees what a look-up filled in */
#define CLEANUP_HANDLE CLEANUP(lookup_drop)
void lookup_names(struct ctl *c, unsigned flags, void (*each)(void *arg, const char *name),
                  void *arg); /* none on failure */

extern const char *const lookup_event_names[]; /* by virDomainEventID; NULL ends */
const char *state_name(int state);
const char *state_reason_name(int state, int reason);
