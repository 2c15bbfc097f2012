/* What the module net-remote.so is made of; see net/remote.h for what each does. */
#pragma once
#include "net/remote.h"

/* tls.c */
struct tls_server *tls_open(const struct tls_options *o, struct err *e);
void tls_close(struct tls_server *s);
struct transport *tls_transport(struct tls_server *s, int fd, struct err *e);
enum tls_step tls_handshake(struct transport *t, struct err *e);

/* sasl.c */
struct sasl *sasl_new(const struct sasl_options *o, struct err *e);
void sasl_free(struct sasl *s);
char *sasl_mechanisms(struct sasl *s, struct err *e);
int sasl_step(struct sasl *s, const char *mech, const char *data, size_t n, struct sasl_say *ret,
              struct err *e);
const char *sasl_user(const struct sasl *s);
unsigned sasl_ssf(const struct sasl *s);
struct transport *sasl_layer(struct sasl *s, struct transport *inner);
