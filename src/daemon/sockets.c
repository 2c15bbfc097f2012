#include "daemon/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/str.h"
#include "daemon/daemon.h"

static const struct {
    const char *name;
    bool is_readonly, is_admin;
} rows[N_UNIX_SOCKETS] = {
    {"libvirt-sock"},
    {"libvirt-sock-ro", .is_readonly = true},
    {"virtxend-sock"},
    {"virtxend-sock-ro", .is_readonly = true},
    {"libvirt-admin-sock", .is_admin = true},
    {"virtxend-admin-sock", .is_admin = true},
};

static struct server_socket kind_of(size_t row)
{
    return (struct server_socket){
        .is_unix = true, .is_readonly = rows[row].is_readonly, .is_admin = rows[row].is_admin};
}

union socket_address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

/* A socket by its name in the file system: one of ours, or another that ends like it. */
static void find_unix(const char *path, struct sockets *s, struct server_socket *ret)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    *ret = (struct server_socket){.is_unix = true,
                                  .is_readonly = str_ends(name, "-ro"),
                                  .is_admin = str_ends(name, "-admin-sock")};
    for (size_t i = 0; i < N_UNIX_SOCKETS; i++)
        if (str_eq(name, rows[i].name))
            s->have[i] = true;
}

static bool has_port(uint16_t port, const char *wanted)
{
    uint32_t n;
    return parse_u32(wanted, 10, UINT16_MAX, &n) && n == port;
}

/* The unit's name says it (FileDescriptorName=), or the port. */
static int find_remote(const struct daemon *d, const char *name, uint16_t port, struct sockets *s,
                       struct server_socket *ret, struct err *e)
{
    bool is_tls = strstr(name, "-tls") || has_port(port, d->config.tls_port);
    bool is_tcp = strstr(name, "-tcp") || has_port(port, d->config.tcp_port);
    if (is_tls == is_tcp)
        return fail(e, ERR_SYSTEM_ERROR,
                    "the socket '%s' passed in (port %u) is neither for TLS nor for TCP: name it "
                    "*-tls or *-tcp",
                    name, port);
    *ret = (struct server_socket){.is_tls = is_tls};
    s->has_tls |= is_tls;
    s->has_tcp |= is_tcp;
    return 0;
}

int sockets_find(const struct daemon *d, struct sockets *ret, struct err *e)
{
    struct systemd_fd fds[SYSTEMD_FDS_MAX];
    size_t n = systemd_fds(fds);
    *ret = (struct sockets){0};
    for (size_t i = 0; i < n; i++) {
        union socket_address a = {0};
        socklen_t len = sizeof(a) - 1; /* a path that fills it all has a NUL behind it */
        struct server_socket kind;
        bool is_known = !getsockname(fds[i].fd, &a.any, &len);
        if (is_known && a.any.sa_family == AF_UNIX)
            find_unix(a.un.sun_path, ret, &kind);
        else if (is_known && (a.any.sa_family == AF_INET || a.any.sa_family == AF_INET6)) {
            if (find_remote(d, fds[i].name,
                            ntohs(a.any.sa_family == AF_INET ? a.in.sin_port : a.in6.sin6_port),
                            ret, &kind, e))
                return -1;
        } else
            return fail(e, ERR_SYSTEM_ERROR, "the socket '%s' passed in is of no known kind",
                        fds[i].name);
        ret->passed[ret->n_passed].fd = fds[i].fd;
        ret->passed[ret->n_passed++].kind = kind;
    }
    return 0;
}

int sockets_open(struct daemon *d, const struct sockets *s, struct err *e)
{
    const struct config *c = &d->config;
    unsigned rw, ro, admin;
    if (!config_mode(c->unix_sock_rw_perms, &rw) || !config_mode(c->unix_sock_ro_perms, &ro) ||
        !config_mode(c->unix_sock_admin_perms, &admin))
        return fail(e, ERR_CONFIG_UNSUPPORTED,
                    "unix_sock_rw_perms, unix_sock_ro_perms and unix_sock_admin_perms are modes "
                    "such as \"0770\"");
    for (size_t i = 0; i < s->n_passed; i++) {
        const struct server_socket *kind = &s->passed[i].kind;
        if (server_listen_fd(kind->is_admin ? d->admin : d->server, s->passed[i].fd, kind, e))
            return -1;
    }
    for (size_t i = 0; i < N_UNIX_SOCKETS; i++) {
        struct server_socket kind = kind_of(i);
        unsigned mode = kind.is_admin ? admin : kind.is_readonly ? ro : rw;
        if (!s->have[i] &&
            server_listen_unix(kind.is_admin ? d->admin : d->server, d->run_dir, rows[i].name, mode,
                               kind.is_admin ? NULL : c->unix_sock_group, &kind, e))
            return -1;
    }
    return 0;
}
