#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/x509.h"
#include "net/names.h"
#include "net/remote_module.h"

enum { PEM_MAX = 1 << 20, CHAIN_MAX = 16, NAME_MAX_BYTES = 1024 };

/* Shared by the connections that were made with it, so that new files can be read while they last.
 */
struct tls_server {
    gnutls_certificate_credentials_t creds;
    gnutls_priority_t priority;
    struct net_names allowed;
    bool verify;
    unsigned refs;
};

struct tls {
    struct transport t;
    struct tls_server *server;
    gnutls_session_t session;
    bool is_up, is_judged;
    char name[NAME_MAX_BYTES];
};

static int tls_fail(struct err *e, const char *what, int code)
{
    return fail(e, ERR_SYSTEM_ERROR, "TLS: %s: %s", what, gnutls_strerror(code));
}

static void server_unref(struct tls_server *s)
{
    if (!s || --s->refs)
        return;
    if (s->creds)
        gnutls_certificate_free_credentials(s->creds);
    if (s->priority)
        gnutls_priority_deinit(s->priority);
    net_names_clear(&s->allowed);
    free(s);
}

/* Does our own certificate come from our authority? A client could never accept it otherwise. */
static int check_chain(const struct tls_options *o, struct err *e)
{
    gnutls_x509_crt_t own[CHAIN_MAX], ca[CHAIN_MAX];
    unsigned n_own = CHAIN_MAX, n_ca = CHAIN_MAX, status = 0;
    CLEANUP_FREE char *own_text = NULL, *ca_text = NULL;
    size_t own_len, ca_len;
    if (file_read(o->cert, PEM_MAX, &own_text, &own_len, e) ||
        file_read(o->ca, PEM_MAX, &ca_text, &ca_len, e))
        return -1;
    gnutls_datum_t own_pem = {(unsigned char *)own_text, (unsigned)own_len};
    gnutls_datum_t ca_pem = {(unsigned char *)ca_text, (unsigned)ca_len};
    int a = gnutls_x509_crt_list_import(own, &n_own, &own_pem, GNUTLS_X509_FMT_PEM, 0);
    int b = gnutls_x509_crt_list_import(ca, &n_ca, &ca_pem, GNUTLS_X509_FMT_PEM, 0);
    int r = a < 0 ? a : b < 0 ? b : 0;
    if (!r)
        r = gnutls_x509_crt_list_verify(own, (unsigned)a, ca, (unsigned)b, NULL, 0, 0, &status);
    for (int i = 0; i < a; i++)
        gnutls_x509_crt_deinit(own[i]);
    for (int i = 0; i < b; i++)
        gnutls_x509_crt_deinit(ca[i]);
    if (r < 0)
        return tls_fail(e, "cannot check our certificate", r);
    return status ? fail(e, ERR_SYSTEM_ERROR,
                         "TLS: the certificate '%s' does not come from the authority in '%s'",
                         o->cert, o->ca)
                  : 0;
}

static int load_files(struct tls_server *s, const struct tls_options *o, struct err *e)
{
    int r = gnutls_certificate_allocate_credentials(&s->creds);
    if (r < 0)
        return tls_fail(e, "no credentials", r);
    if ((r = gnutls_certificate_set_x509_trust_file(s->creds, o->ca, GNUTLS_X509_FMT_PEM)) < 0)
        return tls_fail(e, o->ca, r);
    if (o->crl && !access(o->crl, F_OK) &&
        (r = gnutls_certificate_set_x509_crl_file(s->creds, o->crl, GNUTLS_X509_FMT_PEM)) < 0)
        return tls_fail(e, o->crl, r);
    if ((r = gnutls_certificate_set_x509_key_file(s->creds, o->cert, o->key, GNUTLS_X509_FMT_PEM)) <
        0) {
        tls_fail(e, o->key, r);
        return wrap(e, "'%s'", o->cert);
    }
    gnutls_certificate_set_known_dh_params(s->creds, GNUTLS_SEC_PARAM_MEDIUM);
    return 0;
}

static int set_priority(struct tls_server *s, const char *words, struct err *e)
{
    const char *at = NULL;
    int r =
        gnutls_priority_init(&s->priority, words ? words : "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1", &at);
    return r < 0 ? fail(e, ERR_CONFIG_UNSUPPORTED, "TLS: tls_priority '%s': %s", words ? words : "",
                        gnutls_strerror(r))
                 : 0;
}

struct tls_server *tls_open(const struct tls_options *o, struct err *e)
{
    struct tls_server *s = NEW(struct tls_server);
    s->refs = 1;
    s->verify = o->verify;
    net_names_copy(&s->allowed, &o->allowed);
    if ((o->check_own && (x509_check_file(o->ca, X509_AUTHORITY, e) ||
                          x509_check_file(o->cert, X509_SERVER, e) || check_chain(o, e))) ||
        load_files(s, o, e) || set_priority(s, o->priority, e)) {
        server_unref(s);
        return NULL;
    }
    return s;
}

void tls_close(struct tls_server *s)
{
    server_unref(s);
}

/* --- a connection --- */

static bool is_later(long r)
{
    return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED;
}

/* A renegotiation or a broken record ends it all the same. */
static ssize_t failed(long r)
{
    errno = is_later(r) ? EAGAIN : ECONNRESET;
    return -1;
}

static ssize_t tls_recv(struct transport *tr, void *buf, size_t n, struct transport_fds *fds)
{
    struct tls *t = (struct tls *)tr;
    fds->n = 0;
    ssize_t r = gnutls_record_recv(t->session, buf, n);
    if (r >= 0)
        return r;
    return r == GNUTLS_E_PREMATURE_TERMINATION ? 0 : failed(r);
}

static ssize_t tls_send(struct transport *tr, const void *buf, size_t n)
{
    struct tls *t = (struct tls *)tr;
    ssize_t r = gnutls_record_send(t->session, buf, n);
    return r >= 0 ? r : failed(r);
}

static bool tls_pending(struct transport *tr)
{
    return gnutls_record_check_pending(((struct tls *)tr)->session) > 0;
}

/* A client that was refused hears nothing, not even a goodbye. */
static void tls_end(struct transport *tr)
{
    struct tls *t = (struct tls *)tr;
    if (t->is_judged)
        gnutls_bye(t->session, GNUTLS_SHUT_WR);
    if (t->session)
        gnutls_deinit(t->session);
    close(t->t.fd);
    server_unref(t->server);
    free(t);
}

static const struct transport_ops tls_ops = {
    .name = "tls",
    .recv = tls_recv,
    .send = tls_send,
    .pending = tls_pending,
    .close = tls_end,
};

struct transport *tls_transport(struct tls_server *s, int fd, struct err *e)
{
    struct tls *t = NEW(struct tls);
    t->t = (struct transport){.ops = &tls_ops, .fd = fd};
    t->server = s;
    s->refs++;
    int r = gnutls_init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    if (r >= 0)
        r = gnutls_priority_set(t->session, s->priority);
    if (r >= 0)
        r = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, s->creds);
    if (r < 0) {
        tls_fail(e, "no session", r);
        tls_end(&t->t);
        return NULL;
    }
    gnutls_certificate_server_set_request(t->session,
                                          s->verify ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
    gnutls_transport_set_int(t->session, fd);
    return &t->t;
}

static int judge_leaf(struct tls *t, gnutls_x509_crt_t cert, struct err *e)
{
    const struct net_names *allowed = &t->server->allowed;
    size_t size = sizeof(t->name);
    const char *what = x509_unfit(cert, X509_CLIENT);
    if (what)
        return fail(e, ERR_AUTH_FAILED, "TLS: the client's certificate %s", what);
    if (gnutls_x509_crt_get_dn(cert, t->name, &size) < 0) /* in the certificate's own order */
        return fail(e, ERR_AUTH_FAILED, "TLS: the client's certificate has an unusable name");
    t->t.x509_name = t->name;
    for (size_t i = 0; i < allowed->n; i++)
        if (str_glob(allowed->items[i], t->name))
            return 0;
    return allowed->has
               ? fail(e, ERR_AUTH_FAILED, "TLS: '%s' is not in tls_allowed_dn_list", t->name)
               : 0;
}

static int judge(struct tls *t, struct err *e)
{
    unsigned n, status = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(t->session, &n);
    if (!chain || !n)
        return fail(e, ERR_AUTH_FAILED, "TLS: the client has no certificate");
    int r = gnutls_certificate_verify_peers2(t->session, &status);
    if (r < 0)
        return tls_fail(e, "cannot check the client's certificate", r);
    if (status) {
        gnutls_datum_t text = {0};
        gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
        fail(e, ERR_AUTH_FAILED, "TLS: the client's certificate is refused: %s",
             text.data ? (char *)text.data : "");
        gnutls_free(text.data);
        return -1;
    }
    gnutls_x509_crt_t cert;
    if (gnutls_x509_crt_init(&cert) < 0)
        return fail(e, ERR_NO_MEMORY, "no memory for a certificate");
    r = gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER);
    r = r < 0 ? tls_fail(e, "the client's certificate", r) : judge_leaf(t, cert, e);
    gnutls_x509_crt_deinit(cert);
    return r;
}

static enum tls_step again(const struct tls *t)
{
    return gnutls_record_get_direction(t->session) ? TLS_WANTS_WRITE : TLS_WANTS_READ;
}

/* A single 1 tells the client that it may come in. */
static enum tls_step welcome(struct tls *t, struct err *e)
{
    static const char yes = 1;
    ssize_t r = gnutls_record_send(t->session, &yes, 1);
    if (r == 1) {
        t->t.ssf = (unsigned)gnutls_cipher_get_key_size(gnutls_cipher_get(t->session)) * 8;
        return TLS_DONE;
    }
    if (is_later(r))
        return again(t);
    tls_fail(e, "cannot welcome the client", (int)r);
    return TLS_FAILED;
}

enum tls_step tls_handshake(struct transport *tr, struct err *e)
{
    struct tls *t = (struct tls *)tr;
    while (!t->is_up) {
        int r = gnutls_handshake(t->session);
        if (r >= 0) {
            t->is_up = true;
        } else if (is_later(r)) {
            return again(t);
        } else if (gnutls_error_is_fatal(r)) {
            tls_fail(e, "no handshake", r);
            return TLS_FAILED;
        }
    }
    if (!t->is_judged && t->server->verify && judge(t, e))
        return TLS_FAILED;
    t->is_judged = true;
    return welcome(t, e);
}
