/* The connection itself: open, close, features, what is served here. */
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"

enum {
    HOST_NAME_BYTES = 256,
};

static const char our_uri[] = "xen:///system";

/* The path of "scheme://host/path?query", "" where there is none. Caller frees with free. */
static char *uri_path(const char *uri)
{
    const char *p = strstr(uri, "://");
    p = p ? strchr(p + 3, '/') : NULL;
    return p ? mem_strn(p, strcspn(p, "?#")) : mem_str("");
}

static int check_uri(const char *uri, struct err *e)
{
    if (str_empty(uri))
        return 0;
    size_t scheme = strcspn(uri, ":+");
    if (scheme != 3 || strncmp(uri, "xen", 3))
        return fail(e, ERR_NO_CONNECT, "no connection driver available for %s", uri);
    CLEANUP_FREE char *path = uri_path(uri);
    if (str_empty(path) || str_eq(path, "/") || str_eq(path, "/system"))
        return 0;
    return fail(e, ERR_INTERNAL, "unexpected xen URI path '%s', try %s", path, our_uri);
}

static int do_open(struct call *c)
{
    const struct wire_connect_open_args *args = c->args;
    struct session *s = c->session;
    if (s->is_open) {
        fail(&c->err, ERR_INTERNAL, "connection already open");
        c->err.domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    if (check_uri(args->name, &c->err))
        return CALL_FAILED;
    if (c->daemon->config.keepalive_required && !s->has_keepalive)
        return fail(&c->err, ERR_OPERATION_FAILED,
                    "this host lets in only clients with keepalive (keepalive_required)");
    s->is_open = true;
    s->is_readonly = s->from.is_readonly || args->flags & VIR_CONNECT_RO;
    return CALL_DONE;
}

static int do_close(struct call *c)
{
    conn_finish(c->session->conn);
    return CALL_DONE;
}

static int do_supports_feature(struct call *c)
{
    static const int known[] = {4, 6, 7, 8, 9, 10, 13, 14, 15, 16};
    const struct wire_connect_supports_feature_args *args = c->args;
    struct wire_connect_supports_feature_ret *ret = c->ret;
    if (!c->session->is_open && args->feature != VIR_DRV_FEATURE_PROGRAM_KEEPALIVE) {
        fail(&c->err, ERR_INTERNAL, "connection not open");
        c->err.domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i] == args->feature)
            ret->supported = 1;
    if (args->feature == VIR_DRV_FEATURE_PROGRAM_KEEPALIVE) {
        conn_keepalive(c->session->conn);
        c->session->has_keepalive = true;
    }
    return CALL_DONE;
}

static int do_type(struct call *c)
{
    struct wire_connect_get_type_ret *ret = c->ret;
    ret->type = mem_str("Xen");
    return CALL_DONE;
}

static int do_uri(struct call *c)
{
    struct wire_connect_get_uri_ret *ret = c->ret;
    ret->uri = mem_str(our_uri);
    return CALL_DONE;
}

static int do_hostname(struct call *c)
{
    struct wire_connect_get_hostname_ret *ret = c->ret;
    char name[HOST_NAME_BYTES] = "";
    if (gethostname(name, sizeof(name) - 1))
        return fail_errno(&c->err, "cannot get the host's name");
    ret->hostname = mem_str(name);
    return CALL_DONE;
}

static int do_version(struct call *c)
{
    struct wire_connect_get_version_ret *ret = c->ret;
    struct hv_host h = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    ret->hv_ver = h.xen_major * 1000000ul + h.xen_minor * 1000ul + h.xen_release;
    hv_host_clear(&h);
    return CALL_DONE;
}

static int do_lib_version(struct call *c)
{
    struct wire_connect_get_lib_version_ret *ret = c->ret;
    ret->lib_ver = DAEMON_LIB_VERSION;
    return CALL_DONE;
}

static int do_max_vcpus(struct call *c)
{
    struct wire_connect_get_max_vcpus_ret *ret = c->ret;
    struct hv_host h = {0};
    if (host_ops(c->daemon->host)->host(host_hv(c->daemon->host), &h, &c->err))
        return CALL_FAILED;
    ret->max_vcpus = (int)h.cpus_max;
    hv_host_clear(&h);
    return CALL_DONE;
}

/* Only unix sockets so far: nobody can listen in on one. */
static int do_is_secure(struct call *c)
{
    struct wire_connect_is_secure_ret *ret = c->ret;
    ret->secure = 1;
    return CALL_DONE;
}

static int do_register_close(struct call *c)
{
    if (c->session->wants_close_callback)
        return fail(&c->err, ERR_OPERATION_FAILED, "a close callback is already registered");
    c->session->wants_close_callback = true;
    return CALL_DONE;
}

static int do_unregister_close(struct call *c)
{
    if (!c->session->wants_close_callback)
        return fail(&c->err, ERR_OPERATION_FAILED, "no close callback is registered");
    c->session->wants_close_callback = false;
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_CONNECT_OPEN, do_open, UINT32_MAX}, /* bits other than read-only do not matter here */
    {WIRE_CONNECT_CLOSE, do_close},
    {WIRE_CONNECT_SUPPORTS_FEATURE, do_supports_feature},
    {WIRE_CONNECT_GET_TYPE, do_type},
    {WIRE_CONNECT_GET_URI, do_uri},
    {WIRE_CONNECT_GET_HOSTNAME, do_hostname},
    {WIRE_CONNECT_GET_VERSION, do_version},
    {WIRE_CONNECT_GET_LIB_VERSION, do_lib_version},
    {WIRE_CONNECT_GET_MAX_VCPUS, do_max_vcpus},
    {WIRE_CONNECT_IS_SECURE, do_is_secure},
    {WIRE_CONNECT_REGISTER_CLOSE_CALLBACK, do_register_close},
    {WIRE_CONNECT_UNREGISTER_CLOSE_CALLBACK, do_unregister_close},
};
const struct handlers do_host_handlers = HANDLERS(rows);
