#include "daemon/access.h"

#include <string.h>

#include "base/str.h"
#include "base/uuid.h"
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "daemon/policy.h"

static int deny(struct err *e, const struct wire_acl *a)
{
    fail(e, ERR_ACCESS_DENIED, "access denied: '%s' on '%s' is needed", a->right, a->object);
    e->domain = ERR_FROM_ACCESS;
    return -1;
}

int access_before(const struct session *s, const struct wire_proc *p, struct err *e)
{
    const struct policy *policy = s->daemon->policy;
    for (size_t i = 0; policy && i < p->n_acl; i++)
        if (p->acl[i].when.kind == WIRE_WHEN_ALWAYS &&
            !policy_may_allow(policy, &s->identity, p->acl[i].object, p->acl[i].right))
            return deny(e, &p->acl[i]);
    return 0;
}

/* The first argument that is a domain. */
const struct wire_domain *access_argument(const struct call *c)
{
    const struct wire_type *t = c->has_args ? c->proc->args : NULL;
    for (size_t i = 0; t && i < t->n_fields; i++) {
        const struct wire_field *f = &t->fields[i];
        const char *at = (const char *)c->args + f->offset;
        if (f->type == &wire_type_domain_snapshot)
            return &((const struct wire_domain_snapshot *)(const void *)at)->dom;
        if (f->type != &wire_type_domain)
            continue;
        if (f->shape == WIRE_S_ONE)
            return (const void *)at;
        if (f->shape == WIRE_S_OPTIONAL) {
            const struct wire_domain *d;
            memcpy(&d, at, sizeof(d));
            return d;
        }
    }
    return NULL;
}

struct guest *access_target(struct call *c)
{
    const struct wire_domain *d = access_argument(c);
    return d ? host_find_uuid(c->daemon->host, d->uuid, NULL) : NULL;
}

static int check(struct call *c, const char *name, const char *uuid)
{
    const struct session *s = c->session;
    for (size_t i = 0; i < c->proc->n_acl; i++) {
        const struct wire_acl *a = &c->proc->acl[i];
        bool is_guest = str_eq(a->object, "domain");
        if (!wire_when_holds(&a->when, c->args) || (is_guest && !name && !uuid))
            continue;
        if (!policy_allows(s->daemon->policy, &s->identity, a->object, a->right,
                           is_guest ? name : NULL, is_guest ? uuid : NULL))
            return deny(&c->err, a);
    }
    return 0;
}

static int check_guest(struct call *c, const struct guest *g)
{
    char uuid[UUID_TEXT];
    return check(c, guest_name(g), uuid_format(guest_uuid(g), uuid));
}

/* Rights that depend on flags are checked even where the guest is not known yet. */
static int check_unknown(struct call *c)
{
    const struct session *s = c->session;
    for (size_t i = 0; i < c->proc->n_acl; i++) {
        const struct wire_acl *a = &c->proc->acl[i];
        if (wire_when_holds(&a->when, c->args) &&
            !policy_may_allow(s->daemon->policy, &s->identity, a->object, a->right))
            return deny(&c->err, a);
    }
    return check(c, NULL, NULL);
}

int access_call(struct call *c)
{
    if (!c->daemon->policy)
        return 0;
    const struct guest *g = access_target(c);
    return g ? check_guest(c, g) : check_unknown(c);
}

int access_guest(struct call *c, const char *name, const uint8_t uuid[16])
{
    char text[UUID_TEXT];
    if (!c->daemon->policy || !c->session)
        return 0;
    if (check(c, name, uuid_format(uuid, text)))
        return -1;
    /* a name that is allowed must not reach a guest that is not */
    const struct guest *g = host_find_uuid(c->daemon->host, uuid, NULL);
    return g ? check_guest(c, g) : 0;
}

bool access_sees(const struct session *s, const char *name, const uint8_t uuid[16])
{
    char text[UUID_TEXT];
    return !s->daemon->policy || policy_allows(s->daemon->policy, &s->identity, "domain", "getattr",
                                               name, uuid_format(uuid, text));
}

bool access_sees_any(const struct call *c)
{
    const struct policy *policy = c->daemon->policy;
    const char *colon = c->proc->filter ? strchr(c->proc->filter, ':') : NULL;
    if (!policy || !colon)
        return true;
    CLEANUP_FREE char *object = mem_strn(c->proc->filter, (size_t)(colon - c->proc->filter));
    return policy_allows(policy, &c->session->identity, object, colon + 1, NULL, NULL);
}

int access_hide(struct call *c)
{
    const struct wire_type *t = c->proc->ret;
    if (!t || !t->n_fields || !str_eq(t->fields[0].name, "callbackID"))
        return CALL_DONE;
    fail(&c->err, ERR_ACCESS_DENIED, "access denied: '%s' is needed", c->proc->filter);
    c->err.domain = ERR_FROM_ACCESS;
    return CALL_FAILED;
}

struct guest **access_guests(struct call *c, size_t *ret_n)
{
    size_t n, kept = 0;
    struct guest **all = host_guests(c->daemon->host, &n);
    for (size_t i = 0; i < n; i++)
        if (!c->session || access_sees(c->session, guest_name(all[i]), guest_uuid(all[i])))
            all[kept++] = all[i];
    *ret_n = kept;
    return all;
}
