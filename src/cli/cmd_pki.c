/* Certificates for TLS: an authority, a server's and a client's, in one command. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "client/remote.h"
#include "cmd.h"
#include "opts.h"

enum { DAYS = 1095, DAYS_MAX = 36500, HOSTS_MAX = 64 };

/* Where libvirt's clients and servers look, or all in one folder. */
struct places {
    struct pki_files ca, server, client;
    char *dir[4]; /* what the members point into */
};

static void places_clear(struct places *p)
{
    for (size_t i = 0; i < 4; i++)
        free(p->dir[i]);
}

static void places_set(struct places *p, const char *dir, bool is_system)
{
    p->dir[0] = is_system ? mem_printf("%s/CA", dir) : mem_str(dir);
    p->dir[1] = is_system ? mem_printf("%s/CA/private", dir) : mem_str(dir);
    p->dir[2] = is_system ? mem_printf("%s/libvirt", dir) : mem_str(dir);
    p->dir[3] = is_system ? mem_printf("%s/libvirt/private", dir) : mem_str(dir);
    p->ca = (struct pki_files){p->dir[0], "cacert.pem", p->dir[1], "cakey.pem"};
    p->server = (struct pki_files){p->dir[2], "servercert.pem", p->dir[3], "serverkey.pem"};
    p->client = (struct pki_files){p->dir[2], "clientcert.pem", p->dir[3], "clientkey.pem"};
}

static void said(const struct ctl *c, const char *what, const struct pki_files *f)
{
    if (!c->quiet)
        printf("%-10s %s/%s, %s/%s\n", what, f->cert_dir, f->cert, f->key_dir, f->key);
}

static int make_server(struct ctl *c, const struct client_remote *r, const struct places *p,
                       const struct args *a, int days, struct err *e)
{
    char own[HOST_NAME_MAX + 1] = "localhost";
    const char *hosts[HOSTS_MAX];
    struct pki_leaf leaf = {.hosts = hosts, .days = days};
    for (size_t i = 0; i < a->n_more && leaf.n_hosts < HOSTS_MAX - 3; i++)
        hosts[leaf.n_hosts++] = a->more[i];
    if (!leaf.n_hosts) {
        gethostname(own, sizeof(own) - 1);
        hosts[leaf.n_hosts++] = own;
        hosts[leaf.n_hosts++] = "localhost";
        hosts[leaf.n_hosts++] = "127.0.0.1";
        hosts[leaf.n_hosts++] = "::1";
    }
    leaf.name = hosts[0];
    if (r->pki_leaf(&p->ca, &p->server, &leaf, e))
        return -1;
    said(c, "server", &p->server);
    return 0;
}

static int make_all(struct ctl *c, const struct places *p, const struct args *a, int days,
                    struct err *e)
{
    bool made;
    const struct client_remote *r = client_remote_load(e);
    const char *client = arg_str(a, "client");
    struct pki_leaf leaf = {.name = client ? client : "client", .days = days};
    if (!r || r->pki_authority(&p->ca, "xvirt authority", days, &made, e))
        return -1;
    said(c, made ? "authority" : "(found)", &p->ca);
    if (!arg_has(a, "no-server") && make_server(c, r, p, a, days, e))
        return -1;
    if (!arg_has(a, "no-client")) {
        if (r->pki_leaf(&p->ca, &p->client, &leaf, e))
            return -1;
        said(c, "client", &p->client);
    }
    if (!c->quiet)
        printf("cacert.pem goes to every host and client, the server's pair to its host, the "
               "client's pair to its user.\ncakey.pem stays here: who has it can make "
               "certificates.\n");
    return 0;
}

static int run_pki(struct ctl *c, const struct args *a, struct err *e)
{
    struct places CLEANUP(places_clear) p = {0};
    const char *dir = arg_str(a, "dir"), *home = getenv("HOME");
    uint64_t days = DAYS;
    if (arg_u64(a, "days", &days, e))
        return -1;
    if (!days || days > DAYS_MAX)
        return fail(e, ERR_INVALID_ARG, "--days is 1 to %d", DAYS_MAX);
    bool is_system = !dir && geteuid() == 0;
    if (!dir && !is_system && str_empty(home))
        return fail(e, ERR_INVALID_ARG, "there is no home folder; say --dir FOLDER");
    CLEANUP_FREE char *own = mem_printf("%s/.pki/libvirt", home ? home : "");
    places_set(&p, dir ? dir : is_system ? "/etc/pki" : own, is_system);
    return make_all(c, &p, a, (int)days, e);
}

extern const struct cmd cmds_pki[];
const struct cmd cmds_pki[] = {
    {"pki", GROUP_HOST, "make certificates for TLS",
     "Makes an authority where there is none yet, and a server's and a client's certificate that "
     "it signs. Without --dir: where libvirt looks for them (/etc/pki, or ~/.pki/libvirt of a user "
     "who is not root). Without HOST: names of this machine.",
     OPTS({"dir", OPT_STR, OPT_NAMED, WHAT_FILE, "put everything into this folder"},
          {"client", OPT_STR, OPT_NAMED, WHAT_TEXT, "name in the client's certificate"},
          {"days", OPT_NUM, OPT_NAMED, WHAT_TEXT, "how long they are valid (1095)"},
          FLAG("no-server", "no server's certificate"),
          FLAG("no-client", "no client's certificate"),
          {"host", OPT_ARGV, 0, WHAT_TEXT, "names and addresses of the server"}),
     run_pki},
    {0},
};
