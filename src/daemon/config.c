#include "daemon/config.h"

#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"

enum kind { TEXT, LIST, BOOL, UINT, INT };

struct key {
    const char *name;
    enum config_file file;
    enum kind kind;
    size_t at;
    const char *dflt; /* NULL: unset */
    const char *doc;
    bool is_idle; /* libvirt's daemons know it, and here it changes nothing; doc says why */
};

#define KEY(kind, name, dflt, doc) \
    { \
#name, CONFIG_XVIRTD, kind, offsetof(struct config, name), dflt, doc \
    }
#define IDLE_KEY(kind, name, dflt, why) \
    { \
#name, CONFIG_XVIRTD, kind, offsetof(struct config, name), dflt, "no effect: " why, true \
    }
#define LIBXL_KEY(kind, name, dflt, doc) \
    { \
#name, CONFIG_LIBXL, kind, offsetof(struct config, libxl_##name), dflt, doc \
    }
#define IDLE_LIBXL_KEY(kind, name, dflt, why) \
    { \
#name, CONFIG_LIBXL, kind, offsetof(struct config, libxl_##name), dflt, "no effect: " why, \
            true \
    }

static const struct key keys[] = {
    KEY(TEXT, unix_sock_dir, NULL, "folder of the sockets; --run-dir goes before it"),
    KEY(TEXT, relay_dir, NULL,
        "where the daemons for storage, networks and so on have their sockets; a simulated host "
        "has none without it"),
    KEY(TEXT, unix_sock_group, NULL, "group of the sockets"),
    KEY(TEXT, unix_sock_ro_perms, "0777", "mode of the read-only sockets"),
    KEY(TEXT, unix_sock_rw_perms, "0700", "mode of the read-write sockets"),
    KEY(TEXT, unix_sock_admin_perms, "0700", "mode of the admin socket"),
    KEY(TEXT, auth_unix_ro, "none", "how clients of the read-only sockets prove who they are"),
    KEY(TEXT, auth_unix_rw, "none", "the same for the read-write sockets"),
    KEY(TEXT, auth_tcp, "sasl", "the same for TCP; none means that everybody may do everything"),
    KEY(TEXT, auth_tls, "none", "the same for TLS, beside the client's certificate"),
    KEY(UINT, auth_timeout, "60", "seconds that a client may take to authenticate; 0: no limit"),
    KEY(BOOL, listen_tls, "1", "with --listen: serve TLS"),
    KEY(BOOL, listen_tcp, "0", "with --listen: serve TCP"),
    KEY(TEXT, listen_addr, NULL, "address or name to listen at; all addresses without it"),
    KEY(TEXT, tls_port, "16514", "port of TLS"),
    KEY(TEXT, tcp_port, "16509", "port of TCP"),
    KEY(TEXT, key_file, "/etc/pki/libvirt/private/serverkey.pem", "our key"),
    KEY(TEXT, cert_file, "/etc/pki/libvirt/servercert.pem", "our certificate"),
    KEY(TEXT, ca_file, "/etc/pki/CA/cacert.pem", "the authority that clients' certificates are of"),
    KEY(TEXT, crl_file, "/etc/pki/CA/cacrl.pem", "certificates that it has revoked, if it exists"),
    KEY(BOOL, tls_no_sanity_certificate, "0", "1: start even with unfit certificates"),
    KEY(BOOL, tls_no_verify_certificate, "0", "1: clients need no certificate"),
    KEY(LIST, tls_allowed_dn_list, NULL, "names of client certificates; * and ? stand for others"),
    KEY(TEXT, tls_priority, NULL, "ciphers and versions in GnuTLS's words"),
    KEY(UINT, tcp_min_ssf, "112", "bits of encryption that SASL must give on TCP; at least 112"),
    IDLE_KEY(BOOL, mdns_adv, "0", "hosts are not announced by mDNS"),
    IDLE_KEY(TEXT, mdns_name, NULL, "hosts are not announced by mDNS"),
    KEY(TEXT, policy_file, NULL, "who may do what with which guest; see xvirtd(8)"),
    KEY(TEXT, audit_file, NULL, "a line for every call that changes something"),
    KEY(TEXT, metrics_listen, NULL, "127.0.0.1:PORT, [::1]:PORT or a path: GET /metrics"),
    KEY(LIST, access_drivers, NULL, "polkit: it is asked about single calls (org.libvirt.api.*)"),
    KEY(LIST, sasl_allowed_username_list, NULL, "names that SASL clients may have"),
    KEY(UINT, max_clients, "5000", "connections at once"),
    KEY(UINT, max_queued_clients, "1000", "connections that wait to be accepted"),
    KEY(UINT, max_anonymous_clients, "20", "connections that have not authenticated"),
    IDLE_KEY(UINT, min_workers, "5", "workers come and go by themselves"),
    KEY(UINT, max_workers, "20",
        "starts, saves, restores, dumps and migrations that run at once; at most 64"),
    KEY(UINT, prio_workers, "5", "threads beside theirs for what is quick; at most 64"),
    KEY(UINT, max_client_requests, "5", "calls of one connection that run or wait"),
    IDLE_KEY(UINT, admin_min_workers, "5", "calls of admin clients need no workers"),
    IDLE_KEY(UINT, admin_max_workers, "20", "calls of admin clients need no workers"),
    KEY(UINT, admin_max_clients, "5000", "connections to the admin socket"),
    KEY(UINT, admin_max_queued_clients, "20", "that wait to be accepted"),
    KEY(UINT, admin_max_client_requests, "5", "calls of one admin connection"),
    KEY(INT, admin_keepalive_interval, "5", "seconds between pings of admin clients"),
    KEY(UINT, admin_keepalive_count, "5", "pings without an answer before an admin client goes"),
    KEY(INT, keepalive_interval, "5", "seconds between pings; 0 or less: never"),
    KEY(UINT, keepalive_count, "5", "pings without an answer before a connection is closed"),
    KEY(BOOL, keepalive_required, "0", "1: clients that do not answer pings are not let in"),
    IDLE_KEY(BOOL, admin_keepalive_required, "0", "admin clients may do without keepalive"),
    KEY(UINT, log_level, "3", "1 debug, 2 information, 3 warnings, 4 errors"),
    KEY(TEXT, log_filters, NULL,
        "LEVEL:MATCH words: a level for source files such as daemon.relay"),
    KEY(TEXT, log_outputs, NULL, "LEVEL:WHERE words: stderr, journald, syslog:NAME or file:PATH"),
    KEY(UINT, audit_level, "1", "0: no audit"),
    KEY(BOOL, audit_logging, "0", "the audit goes to the log as well"),
    KEY(TEXT, host_uuid, NULL,
        "UUID of this host in its capabilities, where the firmware's is no good"),
    KEY(TEXT, host_uuid_source, "smbios",
        "where it comes from without host_uuid: smbios or machine-id"),
    IDLE_KEY(UINT, ovs_timeout, "5", "Xen's hotplug scripts talk to Open vSwitch, not xvirtd"),
    KEY(BOOL, takeover_libvirt, "0", "use libvirt's own folders and socket names"),
    KEY(TEXT, lease_dirs, "/var/lib/libvirt/dnsmasq:/var/lib/misc",
        "folders with DHCP leases: *.status and dnsmasq.leases, parted by ':'"),
    KEY(UINT, job_timeout, "0",
        "seconds until a start, save, restore or dump is given up; 0: none"),
    KEY(BOOL, console_log, "0", "1: what guests' consoles say is kept in the state folder"),
    KEY(UINT, console_log_max_kib, "1024", "size of such a file, until the next one is begun"),
    KEY(UINT, console_log_backups, "3", "older ones that are kept"),
    KEY(UINT, autostart_parallel, "8", "guests that start by themselves at one time"),
    KEY(BOOL, autostart, "1", "start the guests that are marked so when the host has booted"),
    LIBXL_KEY(INT, autoballoon, "-1",
              "1: dom0 gives memory to guests that start, 0: never; -1: unless Xen's command line "
              "has dom0_mem"),
    LIBXL_KEY(BOOL, nested_hvm, "1",
              "0: no guest gets nested virtualization, whatever it asks for"),
    LIBXL_KEY(LIST, firmwares, NULL, "UEFI images for guests; the first is the one that they get"),
    LIBXL_KEY(INT, keepalive_interval, "5", "seconds between pings of hosts that guests go to"),
    LIBXL_KEY(UINT, keepalive_count, "5", "pings without an answer before such a host is given up"),
    IDLE_LIBXL_KEY(TEXT, lock_manager, NULL, "Xen itself locks the disks of guests"),
};
enum { N_KEYS = sizeof(keys) / sizeof(*keys) };

static void list_clear(struct config_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->items[i]);
    free(l->items);
    *l = (struct config_list){0};
}

static void *key_at(const struct key *k, struct config *c)
{
    return (char *)c + k->at;
}

void config_clear(struct config *c)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        if (keys[i].kind == TEXT)
            str_set(key_at(&keys[i], c), NULL);
        else if (keys[i].kind == LIST)
            list_clear(key_at(&keys[i], c));
    }
    list_clear(&c->idle);
}

/* A number as text; lists are set elsewhere. */
static bool key_set(const struct key *k, struct config *c, const char *text)
{
    int64_t i;
    uint32_t u;
    switch (k->kind) {
    case TEXT:
        str_set(key_at(k, c), text);
        return true;
    case BOOL:
        if (!parse_u32(text, 10, 1, &u))
            return false;
        *(bool *)key_at(k, c) = u;
        return true;
    case UINT:
        return parse_u32(text, 10, INT32_MAX, key_at(k, c));
    case INT:
        if (!parse_i64(text, 10, INT32_MIN, INT32_MAX, &i))
            return false;
        *(int32_t *)key_at(k, c) = (int32_t)i;
        return true;
    case LIST:
        break;
    }
    return false;
}

void config_default(struct config *c)
{
    *c = (struct config){0};
    for (size_t i = 0; i < N_KEYS; i++)
        if (keys[i].dflt)
            key_set(&keys[i], c, keys[i].dflt);
}

static const struct key *key_find(enum config_file file, const char *name)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (keys[i].file == file && str_eq(keys[i].name, name))
            return &keys[i];
    return NULL;
}

/* --- the syntax: key = 12, key = "text" or 'text', key = [ "a", "b" ] across lines, # comments ---
 */

struct parser {
    struct config *config;
    enum config_file file;
    const char *filename, *p;
    int line;
    struct str errors;
};

__attribute__((format(printf, 2, 3))) static void parse_error(struct parser *s, const char *fmt,
                                                              ...)
{
    va_list ap;
    char text[256];
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    str_addf(&s->errors, "%s%s:%d: %s", s->errors.len ? "\n" : "", s->filename, s->line, text);
}

static void skip_line(struct parser *s)
{
    while (*s->p && *s->p != '\n')
        s->p++;
}

static void skip_blanks(struct parser *s, bool lines)
{
    for (;; s->p++) {
        if (*s->p == '#')
            skip_line(s);
        if (*s->p == '\n' && lines)
            s->line++;
        else if (*s->p != ' ' && *s->p != '\t' && *s->p != '\r')
            return;
    }
}

/* A quoted text; NULL and an error when it does not end. */
static char *parse_quoted(struct parser *s)
{
    char quote = *s->p++;
    struct str out = {0};
    for (; *s->p && *s->p != quote && *s->p != '\n'; s->p++) {
        if (*s->p == '\\' && (s->p[1] == quote || s->p[1] == '\\'))
            s->p++;
        str_addc(&out, *s->p);
    }
    if (*s->p != quote) {
        parse_error(s, "a text that does not end");
        str_clear(&out);
        return NULL;
    }
    s->p++;
    return str_take(&out);
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static bool parse_list(struct parser *s, struct config_list *ret)
{
    struct config_list l = {0};
    s->p++;
    for (skip_blanks(s, true); *s->p != ']'; skip_blanks(s, true)) {
        char *item = is_quote(*s->p) && l.n < CONFIG_LIST_MAX ? parse_quoted(s) : NULL;
        if (item)
            VEC_PUSH(l.items, l.n, item);
        skip_blanks(s, true);
        if (!item || (*s->p != ',' && *s->p != ']')) {
            parse_error(s, "a list is [ \"a\", \"b\" ], with at most %d texts", CONFIG_LIST_MAX);
            list_clear(&l);
            return false;
        }
        if (*s->p == ',')
            s->p++;
    }
    s->p++;
    list_clear(ret);
    *ret = l;
    ret->is_set = true;
    return true;
}

static char *parse_word(struct parser *s)
{
    const char *from = s->p;
    while (isalnum((unsigned char)*s->p) || *s->p == '_' || *s->p == '-')
        s->p++;
    return mem_strn(from, (size_t)(s->p - from));
}

static void parse_value(struct parser *s, const struct key *k)
{
    if (*s->p == '[' && k->kind == LIST) {
        parse_list(s, key_at(k, s->config));
        return;
    }
    bool quoted = is_quote(*s->p);
    CLEANUP_FREE char *value = quoted ? parse_quoted(s) : parse_word(s);
    if (!value)
        return;
    if (quoted != (k->kind == TEXT) || !key_set(k, s->config, value)) {
        static const char *const wants[] = {[TEXT] = "a text in quotes",
                                            [LIST] = "a list of texts",
                                            [BOOL] = "0 or 1",
                                            [UINT] = "a number",
                                            [INT] = "a number"};
        parse_error(s, "'%s' must be %s", k->name, wants[k->kind]);
    }
}

static void parse_line(struct parser *s)
{
    CLEANUP_FREE char *name = parse_word(s);
    skip_blanks(s, false);
    const struct key *k = key_find(s->file, name);
    if (!*name || *s->p != '=') {
        parse_error(s, "expected 'key = value'");
        skip_line(s);
        return;
    }
    if (!k) {
        parse_error(s, "unknown key '%s'", name);
        skip_line(s);
        return;
    }
    s->p++;
    skip_blanks(s, false);
    size_t before = s->errors.len;
    parse_value(s, k);
    if (k->is_idle && s->config->idle.n < CONFIG_LIST_MAX)
        VEC_PUSH(s->config->idle.items, s->config->idle.n,
                 mem_printf("%s:%d: key '%s' has %s", s->filename, s->line, k->name, k->doc));
    skip_blanks(s, false);
    if (*s->p && *s->p != '\n' && s->errors.len == before)
        parse_error(s, "something after the value of '%s'", k->name);
    skip_line(s);
}

int config_parse(struct config *c, enum config_file file, const char *filename, const char *text,
                 struct err *e)
{
    struct parser s = {.config = c, .file = file, .filename = filename, .p = text, .line = 1};
    for (skip_blanks(&s, true); *s.p; skip_blanks(&s, true))
        parse_line(&s);
    int r = s.errors.len ? fail(e, ERR_CONFIG_UNSUPPORTED, "%s", str_get(&s.errors)) : 0;
    str_clear(&s.errors);
    return r;
}

int config_read(struct config *c, enum config_file file, const char *path, bool must_exist,
                struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (!must_exist && access(path, F_OK) && errno == ENOENT)
        return 0;
    if (file_read(path, CONFIG_BYTES_MAX, &text, &len, e))
        return -1;
    return config_parse(c, file, path, text, e);
}

bool config_mode(const char *text, unsigned *ret)
{
    uint32_t mode;
    if (!parse_u32(text, 8, 0777, &mode))
        return false;
    *ret = mode;
    return true;
}

void config_reference(enum config_file file, struct str *out)
{
    for (size_t i = 0; i < N_KEYS; i++) {
        const struct key *k = &keys[i];
        if (k->file != file)
            continue;
        const char *quote = k->kind == TEXT ? "\"" : "";
        str_addf(out, "# %s\n#%s = %s%s%s\n\n", k->doc, k->name, quote,
                 k->dflt ? k->dflt : (k->kind == LIST ? "[]" : ""), quote);
    }
}
