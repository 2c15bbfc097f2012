/* On whose behalf a proxy daemon calls. */
#include <unistd.h>

#include "base/str.h"
#include "daemon/dispatch.h"
#include "wire/consts.h"
#include "wire/param.h"

static const struct wire_param_rule rules[] = {
    {"user-name", VIR_TYPED_PARAM_STRING},
    {"unix-user-id", VIR_TYPED_PARAM_ULLONG},
    {"group-name", VIR_TYPED_PARAM_STRING},
    {"unix-group-id", VIR_TYPED_PARAM_ULLONG},
    {"process-id", VIR_TYPED_PARAM_LLONG},
    {"process-time", VIR_TYPED_PARAM_ULLONG},
    {"sasl-user-name", VIR_TYPED_PARAM_STRING},
    {"x509-distinguished-name", VIR_TYPED_PARAM_STRING},
    {"selinux-context", VIR_TYPED_PARAM_STRING},
};

/* Only root and our own user are believed. */
static bool is_trusted(const struct session *s)
{
    const struct peer *p = conn_peer(s->conn);
    return p->is_local && (p->uid == 0 || p->uid == geteuid());
}

static int do_set_identity(struct call *c)
{
    const struct wire_connect_set_identity_args *args = c->args;
    const struct wire_typed_param *p = args->params;
    size_t n = args->n_params;
    uint64_t uid, gid, pid;
    if (!is_trusted(c->session)) {
        fail(&c->err, ERR_ACCESS_DENIED, "only a trusted daemon may speak for somebody else");
        c->err.domain = ERR_FROM_ACCESS;
        return CALL_FAILED;
    }
    if (wire_params_check(p, n, rules, sizeof(rules) / sizeof(*rules), &c->err))
        return CALL_FAILED;
    struct identity *id = &c->session->identity;
    identity_clear(id);
    id->is_local = wire_param_u64(p, n, "unix-user-id", &uid) && uid <= UINT32_MAX;
    id->uid = id->is_local ? (uid_t)uid : (uid_t)-1;
    id->gid =
        wire_param_u64(p, n, "unix-group-id", &gid) && gid <= UINT32_MAX ? (gid_t)gid : (gid_t)-1;
    id->pid = wire_param_u64(p, n, "process-id", &pid) && pid <= INT32_MAX ? (pid_t)pid : 0;
    (void)wire_param_u64(p, n, "process-time", &id->start_ticks);
    str_set(&id->sasl_user, wire_param_string(p, n, "sasl-user-name"));
    str_set(&id->x509_name, wire_param_string(p, n, "x509-distinguished-name"));
    return CALL_DONE;
}

static const struct handler rows[] = {
    {WIRE_CONNECT_SET_IDENTITY, do_set_identity},
};
const struct handlers do_identity_handlers = HANDLERS(rows);
