#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/x509.h"
#include "client/remote_module.h"

enum { NAMES_MAX = 16, NAME_BYTES = 256 }; /* of a certificate that are told */

struct tls {
    struct transport inner;
    gnutls_session_t session;
    gnutls_certificate_credentials_t creds;
    bool is_up; /* the handshake is done */
};

/* Names of the files in use; NULL where there is none. */
struct pki {
    char *ca, *crl, *cert, *key;
};

static void pki_clear(struct pki *p)
{
    free(p->ca);
    free(p->crl);
    free(p->cert);
    free(p->key);
}

/* Caller frees; NULL when the file is not there. */
static char *existing(const char *folder, const char *name)
{
    char *path = mem_printf("%s/%s", folder, name);
    if (!access(path, F_OK))
        return path;
    free(path);
    return NULL;
}

/* The user's own files go before the system's; the certificate and its key stay together. */
static void pki_find(const struct uri *u, struct pki *p)
{
    const char *named = uri_param(u, "pkipath"), *home = getenv("HOME");
    CLEANUP_FREE char *own = named             ? mem_str(named)
                             : str_empty(home) ? mem_str("/nonexistent")
                                               : mem_printf("%s/.pki/libvirt", home);
    p->ca = existing(own, "cacert.pem");
    p->crl = existing(own, "cacrl.pem");
    p->cert = existing(own, "clientcert.pem");
    p->key = existing(own, "clientkey.pem");
    if (named)
        return;
    if (!p->ca)
        p->ca = existing("/etc/pki/CA", "cacert.pem");
    if (!p->crl)
        p->crl = existing("/etc/pki/CA", "cacrl.pem");
    if (!p->cert || !p->key) {
        free(p->cert);
        free(p->key);
        p->cert = existing("/etc/pki/libvirt", "clientcert.pem");
        p->key = existing("/etc/pki/libvirt/private", "clientkey.pem");
    }
}

static int tls_fail(struct err *e, const char *what, int code)
{
    return fail(e, ERR_SYSTEM_ERROR, "TLS: %s: %s", what, gnutls_strerror(code));
}

static int load(struct tls *t, const struct uri *u, bool verify, struct err *e)
{
    struct pki CLEANUP(pki_clear) p = {0};
    const char *sane = uri_param(u, "no_sanity");
    bool check = !sane || str_eq(sane, "0");
    int r = gnutls_certificate_allocate_credentials(&t->creds);
    if (r < 0)
        return tls_fail(e, "no credentials", r);
    pki_find(u, &p);
    if (!p.ca && verify)
        return fail(e, ERR_SYSTEM_ERROR,
                    "TLS: there is no authority's certificate to check the server with (cacert.pem "
                    "in ~/.pki/libvirt or "
                    "/etc/pki/CA, or pkipath=FOLDER)");
    if (check && ((p.ca && x509_check_file(p.ca, X509_AUTHORITY, e)) ||
                  (p.cert && x509_check_file(p.cert, X509_CLIENT, e))))
        return -1;
    if (p.ca &&
        (r = gnutls_certificate_set_x509_trust_file(t->creds, p.ca, GNUTLS_X509_FMT_PEM)) < 0)
        return tls_fail(e, p.ca, r);
    if (p.crl &&
        (r = gnutls_certificate_set_x509_crl_file(t->creds, p.crl, GNUTLS_X509_FMT_PEM)) < 0)
        return tls_fail(e, p.crl, r);
    if (p.cert && p.key &&
        (r = gnutls_certificate_set_x509_key_file(t->creds, p.cert, p.key, GNUTLS_X509_FMT_PEM)) <
            0)
        return tls_fail(e, p.cert, r);
    return 0;
}

/* GnuTLS moves its bytes through the transport below; `errno` tells it to come back. */
static ssize_t moved(struct tls *t, long n)
{
    if (n == TRANSPORT_AGAIN || n < 0)
        gnutls_transport_set_errno(t->session, n == TRANSPORT_AGAIN ? EAGAIN : EIO);
    return n < 0 ? -1 : n;
}

static ssize_t pull(gnutls_transport_ptr_t p, void *data, size_t len)
{
    struct tls *t = p;
    return moved(t, t->inner.recv(&t->inner, data, len, NULL));
}

static ssize_t push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
    struct tls *t = p;
    return moved(t, t->inner.send(&t->inner, data, len, NULL));
}

static bool again(int r)
{
    return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED;
}

static int wait_turn(struct tls *t, int timeout_ms, struct err *e)
{
    return transport_wait(&t->inner, gnutls_record_get_direction(t->session) ? POLLOUT : POLLIN,
                          timeout_ms, e);
}

static int handshake(struct tls *t, int timeout_ms, struct err *e)
{
    int r;
    while ((r = gnutls_handshake(t->session)) < 0) {
        if (again(r) && wait_turn(t, timeout_ms, e))
            return -1;
        if (gnutls_error_is_fatal(r))
            return tls_fail(e, "no handshake", r);
    }
    t->is_up = true;
    return 0;
}

/* A stranger's certificate writes nothing to a terminal but letters. */
static bool is_plain(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return false;
    return n > 0;
}

/* The names that the server's certificate is for. */
static void add_names(const struct tls *t, struct str *out)
{
    unsigned n;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(t->session, &n);
    gnutls_x509_crt_t cert;
    if (!chain || !n || gnutls_x509_crt_init(&cert) < 0)
        return;
    bool is_read = gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) >= 0;
    const char *before = " It is for ";
    for (unsigned i = 0; is_read && i < NAMES_MAX; i++) {
        char name[NAME_BYTES], address[INET6_ADDRSTRLEN];
        size_t size = sizeof(name);
        int kind = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &size, NULL);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (kind == GNUTLS_SAN_DNSNAME && is_plain(name, size))
            str_addf(out, "%s%.*s", before, (int)size, name);
        else if (kind == GNUTLS_SAN_IPADDRESS && (size == 4 || size == 16) &&
                 inet_ntop(size == 4 ? AF_INET : AF_INET6, name, address, sizeof(address)))
            str_addf(out, "%s%s", before, address);
        else
            continue;
        before = ", ";
    }
    gnutls_x509_crt_deinit(cert);
    str_add(out, *before == ',' ? ": use one of these names in the URI." : "");
}

static const struct {
    unsigned status;
    const char *hint;
} hints[] = {
    {GNUTLS_CERT_EXPIRED, " The server needs a new one ('xvirt pki')."},
    {GNUTLS_CERT_NOT_ACTIVATED, " Are the clocks of both machines right?"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND,
     " Its authority has to be in cacert.pem here (/etc/pki/CA, ~/.pki/libvirt or pkipath=)."},
};

static int verify_server(struct tls *t, const char *host, struct err *e)
{
    unsigned status;
    gnutls_datum_t text = {0};
    CLEANUP_STR struct str more = {0};
    int r = gnutls_certificate_verify_peers3(t->session, host, &status);
    if (r < 0)
        return tls_fail(e, "cannot check the server's certificate", r);
    if (!status)
        return 0;
    gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
    for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
        if (status & hints[i].status)
            str_add(&more, hints[i].hint);
    if (status & GNUTLS_CERT_UNEXPECTED_OWNER)
        add_names(t, &more);
    fail(e, ERR_SYSTEM_ERROR, "TLS: the certificate of '%s' is refused: %s%s", host,
         text.data ? (char *)text.data : "", str_get(&more));
    gnutls_free(text.data);
    return -1;
}

/* The server has judged our certificate when it sends a single 1. */
static int accepted(struct tls *t, int timeout_ms, struct err *e)
{
    char byte = 0;
    ssize_t n;
    while ((n = gnutls_record_recv(t->session, &byte, 1)) < 0 && again((int)n))
        if (wait_turn(t, timeout_ms, e))
            return -1;
    if (n == 1 && byte == 1)
        return 0;
    return fail(e, ERR_AUTH_FAILED,
                "TLS: the server refuses this client; it may want a certificate (clientcert.pem) "
                "or another one");
}

static long tls_recv(struct transport *tr, void *data, size_t len, struct err *e)
{
    struct tls *t = tr->state;
    ssize_t n = gnutls_record_recv(t->session, data, len);
    if (n >= 0)
        return n;
    if (again((int)n))
        return TRANSPORT_AGAIN;
    return n == GNUTLS_E_PREMATURE_TERMINATION || n == GNUTLS_E_PULL_ERROR
               ? 0
               : tls_fail(e, "cannot receive", (int)n);
}

static long tls_send(struct transport *tr, const void *data, size_t len, struct err *e)
{
    struct tls *t = tr->state;
    ssize_t n = gnutls_record_send(t->session, data, len);
    if (n >= 0)
        return n;
    return again((int)n) ? TRANSPORT_AGAIN : tls_fail(e, "cannot send", (int)n);
}

static bool tls_ready(struct transport *tr)
{
    struct tls *t = tr->state;
    return gnutls_record_check_pending(t->session) > 0;
}

static void tls_close(struct transport *tr)
{
    struct tls *t = tr->state;
    if (t->is_up)
        gnutls_bye(t->session, GNUTLS_SHUT_WR);
    if (t->session)
        gnutls_deinit(t->session);
    if (t->creds)
        gnutls_certificate_free_credentials(t->creds);
    t->inner.close(&t->inner);
    free(t);
}

/* An address is not sent as a server name. */
static bool is_address(const char *host)
{
    struct in6_addr any;
    return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

static int start(struct tls *t, const struct uri *u, const char *host, int timeout_ms,
                 struct err *e)
{
    const char *wish = uri_param(u, "tls_priority"), *no_verify = uri_param(u, "no_verify"), *bad;
    bool verify = !no_verify || str_eq(no_verify, "0");
    int r;
    if (load(t, u, verify, e))
        return -1;
    if ((r = gnutls_init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK)) < 0)
        return tls_fail(e, "no session", r);
    r = wish ? gnutls_priority_set_direct(t->session, wish, &bad)
             : gnutls_set_default_priority(t->session);
    if (r < 0)
        return fail(e, ERR_INVALID_ARG, "TLS: tls_priority '%s': %s", wish ? wish : "",
                    gnutls_strerror(r));
    gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->creds);
    if (!is_address(host))
        gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, host, strlen(host));
    gnutls_transport_set_ptr(t->session, t);
    gnutls_transport_set_pull_function(t->session, pull);
    gnutls_transport_set_push_function(t->session, push);
    if (handshake(t, timeout_ms, e) || (verify && verify_server(t, host, e)))
        return -1;
    return accepted(t, timeout_ms, e);
}

int tls_start(const struct uri *u, const char *host, int timeout_ms, struct transport *tr,
              struct err *e)
{
    struct tls *t = NEW(struct tls);
    t->inner = *tr;
    *tr = (struct transport){t->inner.fd, t, tls_recv, tls_send, tls_ready, tls_close};
    if (start(t, u, host, timeout_ms, e)) {
        tls_close(tr);
        return -1;
    }
    tr->ssf = (unsigned)gnutls_cipher_get_key_size(gnutls_cipher_get(t->session)) * 8;
    return 0;
}
