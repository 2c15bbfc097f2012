#include "base/x509.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

#include "base/file.h"
#include "base/str.h"

enum { PEM_MAX = 1 << 20, CHAIN_MAX = 16, OID_MAX = 128 };

static const struct {
    const char *purpose, *what;
} roles[] = {
    [X509_AUTHORITY] = {NULL, NULL},
    [X509_SERVER] = {GNUTLS_KP_TLS_WWW_SERVER, "is not meant for a server (extended key usage)"},
    [X509_CLIENT] = {GNUTLS_KP_TLS_WWW_CLIENT, "is not meant for a client (extended key usage)"},
};

static const char *unfit_purpose(gnutls_x509_crt_t cert, enum x509_role role)
{
    char oid[OID_MAX];
    unsigned critical = 0;
    bool must = false;
    for (unsigned i = 0; roles[role].purpose; i++) {
        size_t size = sizeof(oid);
        if (gnutls_x509_crt_get_key_purpose_oid(cert, i, oid, &size, &critical) < 0)
            break;
        must |= critical != 0;
        if (str_eq(oid, roles[role].purpose) || str_eq(oid, GNUTLS_KP_ANY))
            return NULL;
    }
    return must ? roles[role].what : NULL;
}

static const char *unfit_usage(gnutls_x509_crt_t cert, enum x509_role role)
{
    unsigned usage = 0, critical = 0;
    if (gnutls_x509_crt_get_key_usage(cert, &usage, &critical) < 0 || !critical)
        return NULL;
    if (role == X509_AUTHORITY)
        return usage & GNUTLS_KEY_KEY_CERT_SIGN ? NULL : "may not sign certificates (key usage)";
    return usage & GNUTLS_KEY_DIGITAL_SIGNATURE ? NULL : "may not sign (key usage)";
}

const char *x509_unfit(gnutls_x509_crt_t cert, enum x509_role role)
{
    time_t now = time(NULL);
    if (gnutls_x509_crt_get_expiration_time(cert) < now)
        return "has expired";
    if (gnutls_x509_crt_get_activation_time(cert) > now)
        return "is not valid yet";
    int ca = gnutls_x509_crt_get_basic_constraints(cert, NULL, NULL, NULL);
    if (role == X509_AUTHORITY && ca <= 0)
        return "is not that of an authority (basic constraints)";
    if (role != X509_AUTHORITY && ca > 0)
        return "is that of an authority (basic constraints)";
    const char *what = unfit_usage(cert, role);
    return what ? what : unfit_purpose(cert, role);
}

int x509_check_file(const char *path, enum x509_role role, struct err *e)
{
    gnutls_x509_crt_t list[CHAIN_MAX];
    unsigned n = CHAIN_MAX;
    CLEANUP_FREE char *text = NULL;
    size_t len;
    const char *what = NULL;
    if (file_read(path, PEM_MAX, &text, &len, e))
        return -1;
    gnutls_datum_t pem = {(unsigned char *)text, (unsigned)len};
    int r = gnutls_x509_crt_list_import(list, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (r <= 0)
        return fail(e, ERR_SYSTEM_ERROR, "TLS: %s: %s", path,
                    r ? gnutls_strerror(r) : "no certificate is in it");
    for (unsigned i = 0; i < (unsigned)r; i++) {
        if (!what && (role == X509_AUTHORITY || i == 0))
            what = x509_unfit(list[i], role);
        gnutls_x509_crt_deinit(list[i]);
    }
    return what ? fail(e, ERR_SYSTEM_ERROR, "TLS: the certificate '%s' %s", path, what) : 0;
}
