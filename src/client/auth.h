/* Authentication after connecting: what the server asks for (AUTH_LIST), SASL, polkit; and where
 * user names and passwords come from: the URI, auth.conf, then the caller's questions. */
#pragma once
#include "client/client.h"
#include "client/uri.h"

int auth_run(struct client *c, const struct uri *u, const struct client_options *o, struct err *e);

/* The value of a credential ("authname", "password", ...) for a service on a host, from the file
 * that the URI, $LIBVIRT_AUTH_FILE or the usual places name; host NULL: "localhost". Caller frees;
 * *ret is NULL when there is none. Fails when a named file cannot be read. */
int authfile_get(const struct uri *u, const char *service, const char *host, const char *key,
                 char **ret, struct err *e);

/* The same from a file's text. Caller frees; NULL when absent. */
char *authfile_find(const char *text, const char *service, const char *host, const char *key);
