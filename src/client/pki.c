/* An authority and certificates that it signs, for TLS between hosts. */
#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "client/remote_module.h"

enum { PEM_MAX = 1 << 20, SERIAL_BYTES = 16, SKEW_S = 3600, DAY_S = 86400 };

struct pair {
    gnutls_x509_crt_t cert;
    gnutls_x509_privkey_t key;
};

static void pair_clear(struct pair *p)
{
    if (p->cert)
        gnutls_x509_crt_deinit(p->cert);
    if (p->key)
        gnutls_x509_privkey_deinit(p->key);
    *p = (struct pair){0};
}

static int pki_fail(struct err *e, const char *what, int code)
{
    return fail(e, ERR_SYSTEM_ERROR, "cannot %s: %s", what, gnutls_strerror(code));
}

/* A new key, and a certificate that is all but signed. */
static int pair_new(struct pair *p, const char *name, int days, struct err *e)
{
    unsigned char serial[SERIAL_BYTES];
    int r = gnutls_x509_crt_init(&p->cert);
    if (r >= 0)
        r = gnutls_x509_privkey_init(&p->key);
    if (r >= 0)
        r = gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (r >= 0)
        r = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
    serial[0] &= 0x7f; /* a serial number is positive */
    time_t now = time(NULL);
    if (r >= 0)
        r = gnutls_x509_crt_set_version(p->cert, 3);
    if (r >= 0)
        r = gnutls_x509_crt_set_serial(p->cert, serial, sizeof(serial));
    if (r >= 0)
        r = gnutls_x509_crt_set_activation_time(p->cert, now - SKEW_S);
    if (r >= 0)
        r = gnutls_x509_crt_set_expiration_time(p->cert, now + (time_t)days * DAY_S);
    if (r >= 0)
        r = gnutls_x509_crt_set_key(p->cert, p->key);
    if (r >= 0)
        r = gnutls_x509_crt_set_dn_by_oid(p->cert, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                          (unsigned)strlen(name));
    return r < 0 ? pki_fail(e, "make a certificate", r) : 0;
}

static int add_host(gnutls_x509_crt_t cert, const char *host, unsigned flags, struct err *e)
{
    unsigned char address[sizeof(struct in6_addr)];
    int r;
    if (inet_pton(AF_INET, host, address) == 1)
        r = gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_IPADDRESS, address, 4, flags);
    else if (inet_pton(AF_INET6, host, address) == 1)
        r = gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_IPADDRESS, address, 16, flags);
    else
        r = gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_DNSNAME, host,
                                                 (unsigned)strlen(host), flags);
    return r < 0 ? pki_fail(e, host, r) : 0;
}

/* What the certificate is for, and its signature. */
static int seal(struct pair *p, const struct pair *by, bool is_ca, const char *purpose,
                struct err *e)
{
    unsigned char id[64];
    size_t n = sizeof(id);
    int r = gnutls_x509_crt_set_basic_constraints(p->cert, is_ca, -1);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_usage(
            p->cert, is_ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                           : GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
    if (r >= 0 && purpose)
        r = gnutls_x509_crt_set_key_purpose_oid(p->cert, purpose, 0);
    if (r >= 0)
        r = gnutls_x509_crt_get_key_id(p->cert, 0, id, &n);
    if (r >= 0)
        r = gnutls_x509_crt_set_subject_key_id(p->cert, id, n);
    n = sizeof(id);
    if (r >= 0 && !is_ca && gnutls_x509_crt_get_subject_key_id(by->cert, id, &n, NULL) >= 0)
        r = gnutls_x509_crt_set_authority_key_id(p->cert, id, n);
    if (r >= 0)
        r = gnutls_x509_crt_sign2(p->cert, by->cert, by->key, GNUTLS_DIG_SHA256, 0);
    return r < 0 ? pki_fail(e, "sign a certificate", r) : 0;
}

static int write_pem(const char *dir, const char *name, gnutls_datum_t *pem, int r, mode_t mode,
                     struct err *e)
{
    if (r < 0)
        return pki_fail(e, "write a certificate", r);
    r = file_make_dirs(dir, mode == 0600 ? 0700 : 0755, e) ||
                file_write_atomic(dir, name, (char *)pem->data, pem->size, mode, e)
            ? -1
            : 0;
    gnutls_free(pem->data);
    return r;
}

static int pair_write(const struct pair *p, const struct pki_files *f, struct err *e)
{
    gnutls_datum_t pem = {0};
    int r = gnutls_x509_privkey_export2_pkcs8(p->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                              &pem);
    if (write_pem(f->key_dir, f->key, &pem, r, 0600, e))
        return -1;
    r = gnutls_x509_crt_export2(p->cert, GNUTLS_X509_FMT_PEM, &pem);
    return write_pem(f->cert_dir, f->cert, &pem, r, 0644, e);
}

static int read_pem(const char *dir, const char *name, gnutls_datum_t *ret, char **ret_text,
                    struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", dir, name);
    size_t len;
    if (file_read(path, PEM_MAX, ret_text, &len, e))
        return -1;
    *ret = (gnutls_datum_t){(unsigned char *)*ret_text, (unsigned)len};
    return 0;
}

static int authority_read(struct pair *p, const struct pki_files *f, struct err *e)
{
    CLEANUP_FREE char *cert_text = NULL, *key_text = NULL;
    gnutls_datum_t cert, key;
    if (read_pem(f->cert_dir, f->cert, &cert, &cert_text, e))
        return -1;
    if (read_pem(f->key_dir, f->key, &key, &key_text, e))
        return wrap(e, "there is an authority, but not its key; choose another --dir, or make "
                       "certificates where that key is");
    int r = gnutls_x509_crt_init(&p->cert);
    if (r >= 0)
        r = gnutls_x509_crt_import(p->cert, &cert, GNUTLS_X509_FMT_PEM);
    if (r >= 0)
        r = gnutls_x509_privkey_init(&p->key);
    if (r >= 0)
        r = gnutls_x509_privkey_import2(p->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    return r < 0 ? pki_fail(e, "read the authority", r) : 0;
}

int pki_authority(const struct pki_files *f, const char *name, int days, bool *ret_made,
                  struct err *e)
{
    struct pair CLEANUP(pair_clear) p = {0};
    CLEANUP_FREE char *path = mem_printf("%s/%s", f->cert_dir, f->cert);
    *ret_made = access(path, F_OK) != 0;
    if (!*ret_made)
        return authority_read(&p, f, e);
    if (pair_new(&p, name, days, e) || seal(&p, &p, true, NULL, e))
        return -1;
    return pair_write(&p, f, e);
}

int pki_leaf(const struct pki_files *ca, const struct pki_files *f, const struct pki_leaf *leaf,
             struct err *e)
{
    struct pair CLEANUP(pair_clear) by = {0}, CLEANUP(pair_clear) p = {0};
    if (authority_read(&by, ca, e) || pair_new(&p, leaf->name, leaf->days, e))
        return -1;
    for (size_t i = 0; i < leaf->n_hosts; i++)
        if (add_host(p.cert, leaf->hosts[i], i ? GNUTLS_FSAN_APPEND : GNUTLS_FSAN_SET, e))
            return -1;
    const char *purpose = leaf->n_hosts ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    return seal(&p, &by, false, purpose, e) || pair_write(&p, f, e) ? -1 : 0;
}
