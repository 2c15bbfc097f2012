/* What the module client-remote.so is made of; see client/remote.h. */
#pragma once
#include "client/remote.h"

/* tls.c */
int tls_start(const struct uri *u, const char *host, int timeout_ms, struct transport *t,
              struct err *e);
/* sasl.c */
int sasl_run(struct client *c, client_call_fn *call, const struct uri *u, const char *mech,
             const struct client_options *o, struct err *e);
/* pki.c */
int pki_authority(const struct pki_files *f, const char *name, int days, bool *ret_made,
                  struct err *e);
int pki_leaf(const struct pki_files *ca, const struct pki_files *f, const struct pki_leaf *leaf,
             struct err *e);
