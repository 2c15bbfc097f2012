/* The connection as the standard input and output of an ssh client. */
#pragma once
#include "client/transport.h"
#include "client/uri.h"

/* The words of the command, for a URI with a host: ssh's options, the host, and a script for the
 * shell there, which runs virt-ssh-helper or carries bytes to the daemon's socket. Caller frees
 * with ssh_words_free. */
int ssh_words(const struct uri *u, bool is_readonly, char ***ret, struct err *e);
void ssh_words_free(char **words);

int ssh_start(const struct uri *u, bool is_readonly, struct transport *ret, struct err *e);
