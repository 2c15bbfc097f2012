#include "client/ssh.h"

#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "client/process.h"

/* One word for a POSIX shell. */
static char *quote(const char *s)
{
    struct str out = {0};
    str_addc(&out, '\'');
    for (; *s; s++)
        if (*s == '\'')
            str_add(&out, "'\\''");
        else
            str_addc(&out, *s);
    str_addc(&out, '\'');
    return str_take(&out);
}

/* virt-ssh-helper finds the daemon by itself. */
static char *helper_script(const struct uri *u, bool is_readonly)
{
    CLEANUP_FREE char *name = uri_server_name(u), *word = quote(name);
    return mem_printf("virt-ssh-helper %s%s", is_readonly ? "-r " : "", word);
}

/* Bytes to the first daemon's socket that is there. nc of one kind ends only with -q0, another does
 * not know it. */
static char *netcat_script(const struct uri *u, bool is_readonly)
{
    const char *netcat = uri_param(u, "netcat"), *socket = uri_param(u, "socket"),
               *end = is_readonly ? "-ro" : "";
    CLEANUP_FREE char *nc = quote(netcat ? netcat : "nc"), *named = socket ? quote(socket) : NULL;
    struct str out = {0};
    if (named)
        str_addf(&out, "s=%s; ", named);
    else if (str_eq(u->driver, "xen"))
        str_addf(&out,
                 "for s in /run/xvirt/libvirt-sock%s /var/run/libvirt/virtxend-sock%s "
                 "/var/run/libvirt/libvirt-sock%s; "
                 "do [ -S $s ] && break; done; ",
                 end, end, end);
    else
        str_addf(&out, "s=/var/run/libvirt/libvirt-sock%s; ", end);
    str_addf(
        &out,
        "if %s -q 2>&1 | grep 'requires an argument' >/dev/null 2>&1; then q=-q0; else q=; fi; ",
        nc);
    str_addf(&out, "exec %s $q -U \"$s\"", nc);
    return str_take(&out);
}

static int script(const struct uri *u, bool is_readonly, char **ret, struct err *e)
{
    const char *proxy = uri_param(u, "proxy");
    CLEANUP_FREE char *helper = helper_script(u, is_readonly),
                      *netcat = netcat_script(u, is_readonly);
    if (proxy && !str_eq(proxy, "auto") && !str_eq(proxy, "native") && !str_eq(proxy, "netcat"))
        return fail(e, ERR_INVALID_ARG, "proxy '%s' is none of auto, native, netcat", proxy);
    if (str_eq(proxy, "native"))
        *ret = mem_printf("exec %s", helper);
    else if (str_eq(proxy, "netcat") || uri_param(u, "netcat") || uri_param(u, "socket"))
        *ret = take(netcat);
    else
        *ret = mem_printf("if command -v virt-ssh-helper >/dev/null 2>&1; then exec %s; fi; %s",
                          helper, netcat);
    return 0;
}

static void add(char ***words, size_t *n, const char *word)
{
    VEC_PUSH(*words, *n, mem_str(word));
}

static void add_option(char ***words, size_t *n, const char *option, const char *value)
{
    add(words, n, "-o");
    VEC_PUSH(*words, *n, mem_printf("%s=%s", option, value));
}

static bool is_set(const struct uri *u, const char *name)
{
    const char *v = uri_param(u, name);
    return v && !str_eq(v, "0");
}

/* --- what libvirt's own ssh libraries take, in OpenSSH's words --- */

static const struct word {
    const char *ours, *ssh;
} verifies[] = {{"normal", "ask"}, {"auto", "accept-new"}, {"ignore", "no"}},
  methods[] = {{"agent", "publickey"},
               {"privkey", "publickey"},
               {"password", "password"},
               {"keyboard-interactive", "keyboard-interactive"},
               {"gssapi", "gssapi-with-mic"}};

static const char *word_find(const struct word *w, size_t n_words, const char *text, size_t len)
{
    for (size_t i = 0; i < n_words; i++)
        if (strlen(w[i].ours) == len && !memcmp(w[i].ours, text, len))
            return w[i].ssh;
    return NULL;
}

/* known_hosts=FILE: the only one that counts. */
static int add_known_hosts(const struct uri *u, char ***words, size_t *n, struct err *e)
{
    const char *file = uri_param(u, "known_hosts");
    if (!file)
        return 0;
    if (strpbrk(file, "\"\\%"))
        return fail(e, ERR_INVALID_ARG, "known_hosts '%s' has a quote, a '\\' or a '%%'", file);
    CLEANUP_FREE char *quoted = mem_printf("\"%s\"", file);
    add_option(words, n, "UserKnownHostsFile", quoted);
    return 0;
}

static int add_verify(const struct uri *u, char ***words, size_t *n, struct err *e)
{
    const char *verify = uri_param(u, "known_hosts_verify");
    const char *word = is_set(u, "no_verify") ? "no" : NULL;
    if (verify && !word)
        word = word_find(verifies, sizeof(verifies) / sizeof(*verifies), verify, strlen(verify));
    if (verify && !word)
        return fail(e, ERR_INVALID_ARG, "known_hosts_verify '%s' is none of normal, auto, ignore",
                    verify);
    if (word)
        add_option(words, n, "StrictHostKeyChecking", word);
    return 0;
}

/* sshauth=METHOD,METHOD: in this order. */
static int add_methods(const struct uri *u, char ***words, size_t *n, struct err *e)
{
    const char *at = uri_param(u, "sshauth");
    CLEANUP_STR struct str list = {0};
    while (at) {
        size_t len = strcspn(at, ",");
        const char *method = word_find(methods, sizeof(methods) / sizeof(*methods), at, len);
        if (!method)
            return fail(e, ERR_INVALID_ARG,
                        "sshauth '%.*s' is none of agent, privkey, password, "
                        "keyboard-interactive, gssapi",
                        (int)len, at);
        str_addf(&list, "%s%s", list.len ? "," : "", method);
        at = at[len] ? at + len + 1 : NULL;
    }
    if (list.len)
        add_option(words, n, "PreferredAuthentications", str_get(&list));
    return 0;
}

static int add_options(const struct uri *u, char ***words, size_t *n, struct err *e)
{
    if (is_set(u, "no_tty"))
        add_option(words, n, "BatchMode", "yes");
    return add_known_hosts(u, words, n, e) || add_verify(u, words, n, e) ||
                   add_methods(u, words, n, e)
               ? -1
               : 0;
}

int ssh_words(const struct uri *u, bool is_readonly, char ***ret, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    const char *program = uri_param(u, "command"), *key = uri_param(u, "keyfile");
    char port[16], **w = NULL;
    size_t n = 0;
    if (!u->host)
        return fail(e, ERR_INVALID_ARG, "ssh needs a host");
    if (script(u, is_readonly, &text, e))
        return -1;
    CLEANUP_FREE char *word = quote(text), *command = mem_printf("sh -c %s", word);
    add(&w, &n, program ? program : "ssh");
    if (u->port) {
        snprintf(port, sizeof(port), "%d", u->port);
        add(&w, &n, "-p");
        add(&w, &n, port);
    }
    if (u->user) {
        add(&w, &n, "-l");
        add(&w, &n, u->user);
    }
    if (key) {
        add(&w, &n, "-i");
        add(&w, &n, key);
    }
    add(&w, &n, "-T");
    add(&w, &n, "-e");
    add(&w, &n, "none");
    int r = add_options(u, &w, &n, e);
    add(&w, &n, "--");
    add(&w, &n, u->host);
    add(&w, &n, command);
    VEC_PUSH(w, n, NULL);
    if (r)
        ssh_words_free(w);
    else
        *ret = w;
    return r;
}

void ssh_words_free(char **words)
{
    for (char **w = words; w && *w; w++)
        free(*w);
    free(words);
}

int ssh_start(const struct uri *u, bool is_readonly, struct transport *ret, struct err *e)
{
    char **words;
    if (ssh_words(u, is_readonly, &words, e))
        return -1;
    int r = process_start(words, PROCESS_STDIO, ret, e);
    ssh_words_free(words);
    return r;
}
