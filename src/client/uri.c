#include "client/uri.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"

/* Understood by the client, never sent to the server. */
static const char *const own_params[] = {
    "name",         "command",  "socket",  "auth",        "sshauth",
    "netcat",       "keyfile",  "pkipath", "known_hosts", "known_hosts_verify",
    "tls_priority", "mode",     "proxy",   "no_sanity",   "no_verify",
    "no_tty",       "authfile",
};

void uri_clear(struct uri *u)
{
    free(u->driver);
    free(u->transport);
    free(u->user);
    free(u->host);
    free(u->path);
    for (size_t i = 0; i < u->n_params; i++) {
        free(u->params[i].name);
        free(u->params[i].value);
    }
    free(u->params);
    *u = (struct uri){0};
}

/* Decodes %XX; NULL when that is malformed or hides a NUL. */
static char *decode(const char *s, size_t n)
{
    CLEANUP_STR struct str out = {0};
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            str_addc(&out, s[i]);
            continue;
        }
        if (n - i < 3 || hex_digit(s[i + 1]) < 0 || hex_digit(s[i + 2]) < 0)
            return NULL;
        char c = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
        if (!c)
            return NULL;
        str_addc(&out, c);
        i += 2;
    }
    return str_take(&out);
}

static int part(const char *what, const char *s, size_t n, char **ret, struct err *e)
{
    *ret = decode(s, n);
    return *ret ? 0 : fail(e, ERR_INVALID_ARG, "bad %%-escape in the %s '%.*s'", what, (int)n, s);
}

static bool is_word(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && !strchr("-._", s[i]))
            return false;
    return n > 0;
}

static int parse_scheme(const char *text, size_t n, struct uri *u, struct err *e)
{
    const char *plus = memchr(text, '+', n);
    size_t n_driver = plus ? (size_t)(plus - text) : n;
    if (!is_word(text, n_driver) || (plus && !is_word(plus + 1, n - n_driver - 1)))
        return fail(e, ERR_INVALID_ARG, "'%.*s' is no DRIVER or DRIVER+TRANSPORT", (int)n, text);
    u->driver = mem_strn(text, n_driver);
    u->transport = plus ? mem_strn(plus + 1, n - n_driver - 1) : NULL;
    return 0;
}

static int parse_port(const char *s, size_t n, int *ret, struct err *e)
{
    CLEANUP_FREE char *text = mem_strn(s, n);
    uint32_t port;
    if (!n)
        return 0;
    if (!parse_u32(text, 10, 65535, &port) || !port)
        return fail(e, ERR_INVALID_ARG, "'%s' is no port (1 to 65535)", text);
    *ret = (int)port;
    return 0;
}

static int parse_authority(const char *s, size_t n, struct uri *u, struct err *e)
{
    const char *at = memchr(s, '@', n);
    if (at) {
        if (part("user", s, (size_t)(at - s), &u->user, e))
            return -1;
        n -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    if (n && s[0] == '[') {
        const char *end = memchr(s, ']', n);
        if (!end || end == s + 1)
            return fail(e, ERR_INVALID_ARG, "'%.*s' is no [ADDRESS]", (int)n, s);
        u->host = mem_strn(s + 1, (size_t)(end - s - 1));
        n -= (size_t)(end + 1 - s);
        s = end + 1;
        if (n && s[0] != ':')
            return fail(e, ERR_INVALID_ARG, "'%.*s' behind the address", (int)n, s);
        return n ? parse_port(s + 1, n - 1, &u->port, e) : 0;
    }
    const char *colon = memchr(s, ':', n);
    size_t n_host = colon ? (size_t)(colon - s) : n;
    if (n_host && part("host", s, n_host, &u->host, e))
        return -1;
    return colon ? parse_port(colon + 1, n - n_host - 1, &u->port, e) : 0;
}

static int parse_query(const char *s, struct uri *u, struct err *e)
{
    while (*s) {
        size_t n = strcspn(s, "&;");
        const char *equal = memchr(s, '=', n);
        size_t n_name = equal ? (size_t)(equal - s) : n;
        struct uri_param p = {0};
        if (n_name) {
            if (part("parameter", s, n_name, &p.name, e))
                return -1;
            if (part("parameter", equal ? equal + 1 : "", equal ? n - n_name - 1 : 0, &p.value,
                     e)) {
                free(p.name);
                return -1;
            }
            VEC_PUSH(u->params, u->n_params, p);
        }
        s += n;
        s += *s != 0;
    }
    return 0;
}

static int parse(const char *text, struct uri *u, struct err *e)
{
    if (strlen(text) > URI_MAX)
        return fail(e, ERR_INVALID_ARG, "longer than %d bytes", URI_MAX);
    for (const char *p = text; *p; p++)
        if (iscntrl((unsigned char)*p) || *p == ' ')
            return fail(e, ERR_INVALID_ARG, "a blank or control character inside");
    size_t n_scheme = strcspn(text, ":/?#");
    if (text[n_scheme] != ':')
        return fail(e, ERR_INVALID_ARG, "no 'DRIVER:' at its start");
    if (parse_scheme(text, n_scheme, u, e))
        return -1;
    const char *s = text + n_scheme + 1;
    if (s[0] == '/' && s[1] == '/') {
        size_t n = strcspn(s + 2, "/?#");
        if (parse_authority(s + 2, n, u, e))
            return -1;
        s += 2 + n;
    }
    size_t n_path = strcspn(s, "?#");
    if (part("path", s, n_path, &u->path, e))
        return -1;
    if (n_path && u->path[0] != '/')
        return fail(e, ERR_INVALID_ARG, "the path '%s' does not begin with '/'", u->path);
    s += n_path;
    if (*s != '?')
        return 0;
    CLEANUP_FREE char *query = mem_strn(s + 1, strcspn(s + 1, "#"));
    return parse_query(query, u, e);
}

int uri_parse(const char *text, struct uri *ret, struct err *e)
{
    struct uri u = {0};
    if (parse(text, &u, e)) {
        uri_clear(&u);
        return wrap(e, "URI '%.200s'", text);
    }
    *ret = u;
    return 0;
}

const char *uri_param(const struct uri *u, const char *name)
{
    for (size_t i = 0; i < u->n_params; i++)
        if (str_eq(u->params[i].name, name))
            return u->params[i].value;
    return NULL;
}

static void encode(struct str *out, const char *s, const char *plain)
{
    for (; *s; s++)
        if (isalnum((unsigned char)*s) || strchr("-._~", *s) || strchr(plain, *s))
            str_addc(out, *s);
        else
            str_addf(out, "%%%02X", (unsigned char)*s);
}

static bool is_own(const char *name)
{
    for (size_t i = 0; i < sizeof(own_params) / sizeof(*own_params); i++)
        if (str_eq(own_params[i], name))
            return true;
    return false;
}

static void add_params(struct str *out, const struct uri *u, bool for_server)
{
    char mark = '?';
    for (size_t i = 0; i < u->n_params; i++) {
        if (for_server && is_own(u->params[i].name))
            continue;
        str_addc(out, mark);
        encode(out, u->params[i].name, "");
        str_addc(out, '=');
        encode(out, u->params[i].value, "/:,@");
        mark = '&';
    }
}

static void add_host(struct str *out, const struct uri *u)
{
    if (u->user) {
        encode(out, u->user, "");
        str_addc(out, '@');
    }
    if (u->host && strchr(u->host, ':'))
        str_addf(out, "[%s]", u->host);
    else if (u->host)
        encode(out, u->host, "");
    if (u->port)
        str_addf(out, ":%d", u->port);
}

char *uri_format(const struct uri *u)
{
    struct str out = {0};
    str_add(&out, u->driver);
    if (u->transport)
        str_addf(&out, "+%s", u->transport);
    str_add(&out, "://");
    add_host(&out, u);
    encode(&out, u->path ? u->path : "", "/:@,=+");
    add_params(&out, u, false);
    return str_take(&out);
}

char *uri_server_name(const struct uri *u)
{
    const char *name = uri_param(u, "name");
    if (name)
        return mem_str(name);
    struct str out = {0};
    str_addf(&out, "%s://", u->driver);
    encode(&out, u->path ? u->path : "", "/:@,=+");
    add_params(&out, u, true);
    return str_take(&out);
}

bool uri_is_remote(const struct uri *u)
{
    return u->host || (u->transport && !str_eq(u->transport, "unix"));
}
