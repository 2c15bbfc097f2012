#include <errno.h>
#include <sasl/sasl.h>
#include <unistd.h>

#include "base/str.h"
#include "loop/lock.h"
#include "net/names.h"
#include "net/remote_module.h"

enum {
    SSF_FLOOR = 56, /* below this a layer protects from nobody */
    SSF_MAX = 100000,
    BLOCK_MAX = 65536, /* of protected data */
};

struct sasl {
    sasl_conn_t *conn;
    struct net_names allowed;
    unsigned min_ssf, ssf;
    char *user;
};

static int sasl_fail(const struct sasl *s, struct err *e, const char *what, int code)
{
    return fail(e, ERR_AUTH_FAILED, "SASL: %s: %s", what,
                s->conn ? sasl_errdetail(s->conn) : sasl_errstring(code, NULL, NULL));
}

/* --- the library, once a process; exchanges run in several workers --- */

static void *mutex_new(void)
{
    return lock_new();
}

static int mutex_enter(void *k)
{
    lock_enter(k);
    return SASL_OK;
}

static int mutex_leave(void *k)
{
    lock_leave(k);
    return SASL_OK;
}

static void mutex_free(void *k)
{
    lock_free(k);
}

/* What it has to say is in the error that the caller gets. */
static int be_quiet(void *context, int level, const char *text)
{
    return SASL_OK;
}

static const sasl_callback_t callbacks[] = {
    {.id = SASL_CB_LOG, .proc = (int (*)(void))(void (*)(void))be_quiet},
    {.id = SASL_CB_LIST_END},
};

static int library_start(struct err *e)
{
    static bool is_started;
    if (is_started)
        return 0;
    sasl_set_mutex(mutex_new, mutex_enter, mutex_leave, mutex_free);
    int r = sasl_server_init(callbacks, "libvirt");
    if (r != SASL_OK)
        return fail(e, ERR_AUTH_FAILED, "SASL: cannot start: %s", sasl_errstring(r, NULL, NULL));
    is_started = true;
    return 0;
}

/* --- an exchange --- */

struct sasl *sasl_new(const struct sasl_options *o, struct err *e)
{
    struct sasl *s = NEW(struct sasl);
    sasl_ssf_t outer = o->outer_ssf;
    sasl_security_properties_t props = {
        .min_ssf = o->min_ssf,
        .max_ssf = o->min_ssf ? SSF_MAX : 0,
        .maxbufsize = BLOCK_MAX,
        .security_flags = o->min_ssf ? SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT : 0,
    };
    net_names_copy(&s->allowed, &o->allowed);
    s->min_ssf = o->min_ssf;
    if (library_start(e)) {
        sasl_free(s);
        return NULL;
    }
    int r = sasl_server_new("libvirt", NULL, NULL, o->local, o->remote, NULL, SASL_SUCCESS_DATA,
                            &s->conn);
    if (r == SASL_OK && outer)
        r = sasl_setprop(s->conn, SASL_SSF_EXTERNAL, &outer);
    if (r == SASL_OK)
        r = sasl_setprop(s->conn, SASL_SEC_PROPS, &props);
    if (r == SASL_OK)
        return s;
    sasl_fail(s, e, "cannot begin", r);
    sasl_free(s);
    return NULL;
}

void sasl_free(struct sasl *s)
{
    if (!s)
        return;
    sasl_dispose(&s->conn);
    net_names_clear(&s->allowed);
    free(s->user);
    free(s);
}

char *sasl_mechanisms(struct sasl *s, struct err *e)
{
    const char *list = NULL;
    int r = sasl_listmech(s->conn, NULL, "", ",", "", &list, NULL, NULL);
    if (r == SASL_OK && !str_empty(list))
        return mem_str(list);
    fail(e, ERR_AUTH_FAILED,
         "SASL: there is no mechanism that fits (a package such as "
         "libsasl2-modules, mech_list in /etc/sasl2/libvirt.conf)");
    return NULL;
}

/* Who is it, may it, and is the layer what was asked for? */
static int finish(struct sasl *s, struct err *e)
{
    const void *p = NULL;
    if (sasl_getprop(s->conn, SASL_USERNAME, &p) != SASL_OK || !p)
        return fail(e, ERR_AUTH_FAILED, "SASL: the client has no name");
    str_set(&s->user, p);
    p = NULL;
    s->ssf = sasl_getprop(s->conn, SASL_SSF, &p) == SASL_OK && p ? *(const sasl_ssf_t *)p : 0;
    if (s->min_ssf && s->ssf < SSF_FLOOR)
        return fail(e, ERR_AUTH_FAILED, "SASL: encryption of %u bits is too weak", s->ssf);
    for (size_t i = 0; i < s->allowed.n; i++)
        if (str_glob(s->allowed.items[i], s->user))
            return 0;
    return s->allowed.has ? fail(e, ERR_AUTH_FAILED,
                                 "SASL: '%s' is not in sasl_allowed_username_list", s->user)
                          : 0;
}

int sasl_step(struct sasl *s, const char *mech, const char *data, size_t n, struct sasl_say *ret,
              struct err *e)
{
    const char *out = NULL;
    unsigned n_out = 0;
    int r = mech ? sasl_server_start(s->conn, mech, data, (unsigned)n, &out, &n_out)
                 : sasl_server_step(s->conn, data, (unsigned)n, &out, &n_out);
    if (r != SASL_OK && r != SASL_CONTINUE)
        return sasl_fail(s, e, mech ? mech : "the exchange", r);
    *ret = (struct sasl_say){.data = out, .n = out ? n_out : 0, .is_complete = r == SASL_OK};
    return r == SASL_OK ? finish(s, e) : 0;
}

const char *sasl_user(const struct sasl *s)
{
    return s->user;
}

unsigned sasl_ssf(const struct sasl *s)
{
    return s->ssf;
}

/* --- the layer --- */

struct layer {
    struct transport t;
    struct transport *inner;
    struct sasl *sasl;
    unsigned out_max;   /* most bytes for sasl_encode at once */
    struct str in, out; /* decoded and not yet asked for; encoded and not yet sent */
    size_t in_at, out_at;
    size_t taken; /* bytes of the caller's that `out` stands for */
};

static ssize_t broken(void)
{
    errno = ECONNRESET;
    return -1;
}

static ssize_t layer_recv(struct transport *t, void *buf, size_t len, struct transport_fds *fds)
{
    struct layer *l = (struct layer *)t;
    char block[BLOCK_MAX];
    fds->n = 0;
    while (l->in_at == l->in.len) {
        const char *plain = NULL;
        unsigned n_plain = 0;
        struct transport_fds none;
        str_cut(&l->in, 0);
        l->in_at = 0;
        ssize_t n = l->inner->ops->recv(l->inner, block, sizeof(block), &none);
        if (n <= 0)
            return n;
        if (sasl_decode(l->sasl->conn, block, (unsigned)n, &plain, &n_plain) != SASL_OK)
            return broken();
        str_addn(&l->in, plain, n_plain);
    }
    size_t n = l->in.len - l->in_at;
    n = n < len ? n : len;
    memcpy(buf, l->in.p + l->in_at, n);
    l->in_at += n;
    return (ssize_t)n;
}

/* The caller offers the same bytes again until they count as sent: when the last byte of their
 * block has left. */
static ssize_t layer_send(struct transport *t, const void *buf, size_t len)
{
    struct layer *l = (struct layer *)t;
    if (l->out_at == l->out.len) {
        const char *block = NULL;
        unsigned n_block = 0;
        l->taken = len < l->out_max ? len : l->out_max;
        if (sasl_encode(l->sasl->conn, buf, (unsigned)l->taken, &block, &n_block) != SASL_OK)
            return broken();
        str_cut(&l->out, 0);
        l->out_at = 0;
        str_addn(&l->out, block, n_block);
    }
    while (l->out_at < l->out.len) {
        ssize_t n = l->inner->ops->send(l->inner, l->out.p + l->out_at, l->out.len - l->out_at);
        if (n < 0)
            return n;
        l->out_at += (size_t)n;
    }
    return (ssize_t)l->taken;
}

static bool layer_pending(struct transport *t)
{
    struct layer *l = (struct layer *)t;
    return l->in_at < l->in.len || (l->inner->ops->pending && l->inner->ops->pending(l->inner));
}

static void layer_close(struct transport *t)
{
    struct layer *l = (struct layer *)t;
    l->inner->ops->close(l->inner);
    sasl_free(l->sasl);
    str_clear(&l->in);
    str_clear(&l->out);
    free(l);
}

static const struct transport_ops layer_ops = {
    .name = "sasl",
    .recv = layer_recv,
    .send = layer_send,
    .pending = layer_pending,
    .close = layer_close,
};

struct transport *sasl_layer(struct sasl *s, struct transport *inner)
{
    struct layer *l = NEW(struct layer);
    const void *p = NULL;
    *l = (struct layer){.inner = inner, .sasl = s};
    l->t = (struct transport){.ops = &layer_ops,
                              .fd = inner->fd,
                              .ssf = inner->ssf + s->ssf,
                              .x509_name = inner->x509_name};
    l->out_max =
        sasl_getprop(s->conn, SASL_MAXOUTBUF, &p) == SASL_OK && p ? *(const unsigned *)p : 0;
    if (!l->out_max || l->out_max > BLOCK_MAX)
        l->out_max = BLOCK_MAX / 2;
    return &l->t;
}
