#include <arpa/inet.h>
#include <netdb.h>
#include <sasl/sasl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "client/auth.h"
#include "client/conn.h"
#include "client/remote_module.h"
#include "wire/consts.h"

enum {
    SSF_MIN = 56, /* on a bare TCP connection */
    SSF_MAX = 100000,
    BLOCK_MAX = 65536, /* of protected data */
};

/* One exchange, and then the layer that protects what follows. */
struct sasl {
    sasl_conn_t *conn;
    sasl_callback_t callbacks[4];
    struct transport inner;
    unsigned out_max;   /* most bytes for sasl_encode at once */
    struct str in, out; /* decoded and not yet asked for; encoded and not yet sent */
    size_t in_at, out_at;
    size_t taken;     /* bytes of the caller's that `out` stands for */
    char *answers[8]; /* alive as long as SASL may look at them */
    size_t n_answers;
};

static void sasl_clear(struct sasl *s)
{
    sasl_dispose(&s->conn);
    for (size_t i = 0; i < s->n_answers; i++) {
        explicit_bzero(s->answers[i], strlen(s->answers[i]));
        free(s->answers[i]);
    }
    str_clear(&s->in);
    str_clear(&s->out);
    free(s);
}

static int sasl_fail(struct sasl *s, struct err *e, const char *what, int code)
{
    return fail(e, ERR_AUTH_FAILED, "SASL: %s: %s", what,
                s->conn ? sasl_errdetail(s->conn) : sasl_errstring(code, NULL, NULL));
}

/* "address;port", which is how SASL likes it; unix sockets have one as well. */
static void address_text(int fd, bool remote, char text[80])
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof(a);
    char host[64], port[16];
    int r = remote ? getpeername(fd, (struct sockaddr *)&a, &len)
                   : getsockname(fd, (struct sockaddr *)&a, &len);
    if (r || (a.ss_family != AF_INET && a.ss_family != AF_INET6) ||
        getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(text, 80, "127.0.0.1;0");
    else
        snprintf(text, 80, "%s;%s", host, port);
}

static bool is_bare_tcp(const struct client *c)
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof(a);
    return !c->t.ssf && !getsockname(c->t.fd, (struct sockaddr *)&a, &len) &&
           a.ss_family != AF_UNIX;
}

static int new_conn(struct sasl *s, struct client *c, const struct uri *u, struct err *e)
{
    static const unsigned long ids[] = {SASL_CB_USER, SASL_CB_AUTHNAME, SASL_CB_PASS};
    char local[80], remote[80];
    bool bare = is_bare_tcp(c);
    sasl_security_properties_t props = {
        .min_ssf = bare ? SSF_MIN : 0,
        .max_ssf = bare ? SSF_MAX : 0,
        .maxbufsize = BLOCK_MAX,
        .security_flags = bare ? SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT : 0,
    };
    sasl_ssf_t outer = c->t.ssf;
    for (size_t i = 0; i < 3; i++)
        s->callbacks[i] = (sasl_callback_t){.id = ids[i]};
    s->callbacks[3] = (sasl_callback_t){.id = SASL_CB_LIST_END};
    address_text(c->t.fd, false, local);
    address_text(c->t.fd, true, remote);
    int r = sasl_client_init(NULL);
    if (r == SASL_OK)
        r = sasl_client_new("libvirt", u->host ? u->host : "localhost", local, remote, s->callbacks,
                            SASL_SUCCESS_DATA, &s->conn);
    if (r == SASL_OK && outer)
        r = sasl_setprop(s->conn, SASL_SSF_EXTERNAL, &outer);
    if (r == SASL_OK)
        r = sasl_setprop(s->conn, SASL_SEC_PROPS, &props);
    return r == SASL_OK ? 0 : sasl_fail(s, e, "cannot begin", r);
}

static const struct {
    unsigned long id;
    const char *key; /* in auth.conf */
    int type;
} asked[] = {
    {SASL_CB_USER, "username", VIR_CRED_USERNAME},
    {SASL_CB_AUTHNAME, "authname", VIR_CRED_AUTHNAME},
    {SASL_CB_PASS, "password", VIR_CRED_PASSPHRASE},
};

/* From the file, the URI, or the user. Caller frees *ret. */
static int find_answer(size_t row, const sasl_interact_t *q, const struct uri *u,
                       const struct client_options *o, char **ret, struct err *e)
{
    struct client_question ask = {asked[row].type, q->prompt, q->challenge, q->defresult};
    if (authfile_get(u, "libvirt", u->host, asked[row].key, ret, e))
        return -1;
    if (!*ret && asked[row].type != VIR_CRED_PASSPHRASE && u->user)
        *ret = mem_str(u->user);
    if (!*ret && asked[row].type == VIR_CRED_USERNAME) /* whom to act for: whoever logs in */
        *ret = mem_str("");
    if (*ret)
        return 0;
    if (!o->ask)
        return fail(e, ERR_AUTH_FAILED, "SASL wants a %s, and nobody can be asked for it",
                    asked[row].key);
    if (o->ask(o->ask_context, &ask, 1, e))
        return -1;
    *ret = ask.answer ? ask.answer : mem_str(q->defresult ? q->defresult : "");
    return 0;
}

static int answer(struct sasl *s, sasl_interact_t *questions, const struct uri *u,
                  const struct client_options *o, struct err *e)
{
    for (sasl_interact_t *q = questions; q->id != SASL_CB_LIST_END; q++) {
        size_t row = 0;
        char *text = NULL;
        while (row < 3 && asked[row].id != q->id)
            row++;
        if (row == 3 || s->n_answers == sizeof(s->answers) / sizeof(*s->answers))
            return fail(e, ERR_AUTH_FAILED, "SASL asks '%s', which is not understood",
                        q->prompt ? q->prompt : "?");
        if (find_answer(row, q, u, o, &text, e))
            return -1;
        s->answers[s->n_answers++] = text;
        q->result = text;
        q->len = (unsigned)strlen(text);
    }
    return 0;
}

struct exchange {
    struct sasl *s;
    struct client *c;
    client_call_fn *call;
    const struct uri *u;
    const struct client_options *o;
    int state;       /* SASL_OK, SASL_CONTINUE */
    const char *out; /* ours, NULL: no data */
    unsigned n_out;
    char *in; /* the server's; in_nil: no data */
    size_t n_in;
    bool in_nil, is_complete;
};

static int begin(struct exchange *x, const char *mechs, const char **ret_mech, struct err *e)
{
    sasl_interact_t *questions = NULL;
    while ((x->state = sasl_client_start(x->s->conn, mechs, &questions, &x->out, &x->n_out,
                                         ret_mech)) == SASL_INTERACT)
        if (answer(x->s, questions, x->u, x->o, e))
            return -1;
    if (x->state == SASL_OK || x->state == SASL_CONTINUE)
        return 0;
    sasl_fail(x->s, e, "no mechanism", x->state);
    return wrap(e, "the server offers '%s'", mechs);
}

static int step(struct exchange *x, struct err *e)
{
    sasl_interact_t *questions = NULL;
    while ((x->state = sasl_client_step(x->s->conn, x->in_nil ? NULL : x->in, (unsigned)x->n_in,
                                        &questions, &x->out, &x->n_out)) == SASL_INTERACT)
        if (answer(x->s, questions, x->u, x->o, e))
            return -1;
    return x->state == SASL_OK || x->state == SASL_CONTINUE
               ? 0
               : sasl_fail(x->s, e, "the exchange failed", x->state);
}

/* START's and STEP's results have the same members. */
#define TAKE_REPLY(x, ret) \
    (free((x)->in), (x)->in = (ret).data, (x)->n_in = (ret).n_data, (x)->in_nil = (ret).nil, \
     (x)->is_complete = (ret).complete)

static int send_start(struct exchange *x, const char *mech, struct err *e)
{
    struct wire_auth_sasl_start_args args = {(char *)mech, !x->out, (char *)x->out,
                                             x->out ? x->n_out : 0};
    struct wire_auth_sasl_start_ret ret;
    if (x->call(x->c, WIRE_AUTH_SASL_START, &args, &ret, e))
        return -1;
    TAKE_REPLY(x, ret);
    return 0;
}

static int send_step(struct exchange *x, struct err *e)
{
    struct wire_auth_sasl_step_args args = {!x->out, (char *)x->out, x->out ? x->n_out : 0};
    struct wire_auth_sasl_step_ret ret;
    if (x->call(x->c, WIRE_AUTH_SASL_STEP, &args, &ret, e))
        return -1;
    TAKE_REPLY(x, ret);
    return 0;
}

static int exchange(struct exchange *x, const char *mechs, struct err *e)
{
    const char *mech = NULL;
    if (begin(x, mechs, &mech, e) || send_start(x, mech, e))
        return -1;
    for (;;) {
        if ((x->state == SASL_CONTINUE || !x->is_complete) && step(x, e))
            return -1;
        if (x->is_complete)
            break;
        if (send_step(x, e))
            return -1;
    }
    return x->state == SASL_OK
               ? 0
               : fail(e, ERR_AUTH_FAILED, "SASL: the server ended the exchange too early");
}

static long layer_recv(struct transport *t, void *data, size_t len, struct err *e)
{
    struct sasl *s = t->state;
    char block[BLOCK_MAX];
    while (s->in_at == s->in.len) {
        const char *plain = NULL;
        unsigned n_plain = 0;
        str_cut(&s->in, 0);
        s->in_at = 0;
        long n = s->inner.recv(&s->inner, block, sizeof(block), e);
        if (n <= 0)
            return n;
        int r = sasl_decode(s->conn, block, (unsigned)n, &plain, &n_plain);
        if (r != SASL_OK)
            return sasl_fail(s, e, "cannot decode", r);
        str_addn(&s->in, plain, n_plain);
    }
    size_t n = s->in.len - s->in_at;
    n = n < len ? n : len;
    memcpy(data, s->in.p + s->in_at, n);
    s->in_at += n;
    return (long)n;
}

static bool layer_ready(struct transport *t)
{
    struct sasl *s = t->state;
    return s->in_at < s->in.len || (s->inner.is_ready && s->inner.is_ready(&s->inner));
}

/* The caller offers the same bytes again until they count as sent: when the last byte of their
 * block has left. */
static long layer_send(struct transport *t, const void *data, size_t len, struct err *e)
{
    struct sasl *s = t->state;
    if (s->out_at == s->out.len) {
        const char *block = NULL;
        unsigned n_block = 0;
        s->taken = len < s->out_max ? len : s->out_max;
        int r = sasl_encode(s->conn, data, (unsigned)s->taken, &block, &n_block);
        if (r != SASL_OK)
            return sasl_fail(s, e, "cannot encode", r);
        str_cut(&s->out, 0);
        s->out_at = 0;
        str_addn(&s->out, block, n_block);
    }
    while (s->out_at < s->out.len) {
        long n = s->inner.send(&s->inner, s->out.p + s->out_at, s->out.len - s->out_at, e);
        if (n < 0)
            return n;
        s->out_at += (size_t)n;
    }
    return (long)s->taken;
}

static void layer_close(struct transport *t)
{
    struct sasl *s = t->state;
    s->inner.close(&s->inner);
    sasl_clear(s);
}

/* From here on everything goes through the layer, if one was agreed on. Takes over s. */
static int protect(struct sasl *s, struct client *c, struct err *e)
{
    const void *p = NULL;
    unsigned ssf = sasl_getprop(s->conn, SASL_SSF, &p) == SASL_OK && p ? *(const unsigned *)p : 0;
    if (is_bare_tcp(c) && ssf < SSF_MIN) {
        sasl_clear(s);
        return fail(e, ERR_AUTH_FAILED,
                    "SASL: encryption of %u bits is too weak for TCP; use TLS or ssh", ssf);
    }
    if (!ssf) {
        sasl_clear(s);
        return 0;
    }
    s->out_max =
        sasl_getprop(s->conn, SASL_MAXOUTBUF, &p) == SASL_OK && p ? *(const unsigned *)p : 0;
    if (!s->out_max || s->out_max > BLOCK_MAX)
        s->out_max = BLOCK_MAX / 2;
    s->inner = c->t;
    c->t = (struct transport){s->inner.fd, s,           layer_recv,        layer_send,
                              layer_ready, layer_close, s->inner.ssf + ssf};
    return 0;
}

int sasl_run(struct client *c, client_call_fn *call, const struct uri *u, const char *mech,
             const struct client_options *o, struct err *e)
{
    struct wire_auth_sasl_init_ret init;
    struct sasl *s = NEW(struct sasl);
    struct exchange x = {s, c, call, u, o};
    if (new_conn(s, c, u, e) || call(c, WIRE_AUTH_SASL_INIT, NULL, &init, e)) {
        sasl_clear(s);
        return -1;
    }
    int r = exchange(&x, mech ? mech : init.mechlist, e);
    free(x.in);
    wire_clear(&wire_type_auth_sasl_init_ret, &init);
    if (!r)
        return protect(s, c, e);
    sasl_clear(s);
    return r;
}
