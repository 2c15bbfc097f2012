/* A private daemon for the length of one connection, where none runs and the caller may have one.
 */
#pragma once
#include "client/transport.h"
#include "client/uri.h"

bool direct_is_meant(const struct uri *u); /* "xen:///..." with no transport or socket named, and
                                              the caller is root */

/* Starts `xvirtd --private FD` on one end of a socket pair; it ends with the connection. The
 * program is $XVIRTD, or xvirtd next to this program, or the installed one. */
int direct_start(struct transport *ret, struct err *e);
