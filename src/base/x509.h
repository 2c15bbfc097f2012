/* Is a certificate fit for its role? Asked of our own files before any connection is tried, so that
 * the error names the file and not a handshake. The only user of GnuTLS here: programs that do not
 * call it do not link it. */
#pragma once
#include "base/err.h"

enum x509_role { X509_AUTHORITY, X509_SERVER, X509_CLIENT };

struct gnutls_x509_crt_int; /* what gnutls_x509_crt_t points to */

/* The reason why it is not, or NULL. Key usage and purpose count where they are marked critical. */
const char *x509_unfit(struct gnutls_x509_crt_int *cert, enum x509_role role);
/* Of the first certificate in the PEM file, or of all of an authority's. */
int x509_check_file(const char *path, enum x509_role role, struct err *e);
