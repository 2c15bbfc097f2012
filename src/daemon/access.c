#include "daemon/access.h"

#include <string.h>

#include "base/str.h"
#include "base/uuid.h"
#include "conf/xml.h"
#include "core/guest.h"
#include "daemon/dispatch.h"
#include "daemon/object.h"
#include "daemon/policy.h"

enum { ROUNDS_MAX = 4 };

/* polkit would say yes to root without looking. */
static bool asks_polkit(const struct session *s)
{
    return s->daemon->asks_polkit && !(s->identity.is_local && s->identity.uid == 0);
}

bool access_is_guarded(const struct session *s)
{
    return s && (s->daemon->policy || asks_polkit(s));
}

bool access_waits(const struct call *c)
{
    return c->session && c->asks.n_open && c->n_rounds < ROUNDS_MAX;
}

int access_says(const struct session *s, struct asks *a, const char *right, const struct object *o)
{
    const struct policy *policy = s->daemon->policy;
    if (policy && !policy_allows(policy, &s->identity, right, o))
        return ASKS_NO;
    return asks_polkit(s) ? asks_look(a, right, o) : ASKS_YES;
}

static int deny(struct call *c, const struct wire_acl *a)
{
    const char *why = c->asks.why;
    fail(&c->err, ERR_ACCESS_DENIED, "access denied: '%s' on '%s' is needed%s%s", a->right,
         a->object, why ? "; " : "", why ? why : "");
    c->err.domain = ERR_FROM_ACCESS;
    return -1;
}

int access_before(const struct session *s, const struct wire_proc *p, struct err *e)
{
    const struct policy *policy = s->daemon->policy;
    for (size_t i = 0; policy && i < p->n_acl; i++) {
        if (p->acl[i].when.kind != WIRE_WHEN_ALWAYS ||
            policy_may_allow(policy, &s->identity, p->acl[i].object, p->acl[i].right))
            continue;
        fail(e, ERR_ACCESS_DENIED, "access denied: '%s' on '%s' is needed", p->acl[i].right,
             p->acl[i].object);
        e->domain = ERR_FROM_ACCESS;
        return -1;
    }
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

/* --- the object of a call --- */

static void object_of_guest(const char *name, const uint8_t uuid[UUID_LEN], struct object *ret)
{
    *ret = (struct object){.type = "domain", .name = name};
    uuid_format(uuid, ret->uuid);
}

/* What its row needs, on this object; all of it is asked at once. */
static int check(struct call *c, const struct object *o)
{
    const struct wire_acl *denied = NULL;
    for (size_t i = 0; i < c->proc->n_acl; i++) {
        const struct wire_acl *a = &c->proc->acl[i];
        if (!str_eq(a->object, o->type) || !wire_when_holds(&a->when, c->args))
            continue;
        if (access_says(c->session, &c->asks, a->right, o) != ASKS_YES)
            denied = a;
    }
    return denied ? deny(c, denied) : 0;
}

/* Its answer tells of the object: there it is judged. */
static bool is_lookup(const struct wire_proc *p, const char *type)
{
    const struct wire_field *f = p->ret && p->ret->n_fields ? &p->ret->fields[0] : NULL;
    struct object o;
    CLEANUP_FREE void *zero = f && f->type ? mem_new(1, f->type->size) : NULL;
    return zero && f->shape == WIRE_S_ONE && object_of_value(f->type, zero, &o) &&
           str_eq(o.type, type) && str_eq(p->acl[0].right, "getattr");
}

/* The document is in parameters, and only the handler knows in which. */
static bool is_incoming(const struct wire_proc *p)
{
    return str_starts(p->name, "DOMAIN_MIGRATE_PREPARE") ||
           str_starts(p->name, "DOMAIN_MIGRATE_FINISH");
}

static int check_document(struct call *c, const char *text, struct object *o)
{
    struct xml_doc doc;
    struct err e;
    const char *parent = o->parent;
    if (xml_parse(text, strlen(text), "XML", &doc, &e))
        return check(c, o); /* of nothing that has a name */
    object_of_xml(doc.root, o->type, o);
    o->parent = parent;
    int r = check(c, o);
    xml_clear(&doc);
    return r;
}

/* What the other daemon has said of the object's name (relay_resolve), or of that of its pool. */
static void add_resolved(const struct call *c, struct object *o)
{
    if (str_empty(c->resolved_name))
        return;
    if (str_eq(o->type, c->resolved_type))
        o->name = c->resolved_name;
    else
        o->parent = c->resolved_name;
}

static int check_type(struct call *c, const char *type)
{
    const struct wire_proc *p = c->proc;
    struct object o;
    bool is_guest = str_eq(type, "domain");
    if (is_guest && access_argument(c)) {
        const struct guest *g = access_target(c);
        if (!g)
            return 0; /* it is told that there is none */
        object_of_guest(guest_name(g), guest_uuid(g), &o);
        return check(c, &o);
    }
    bool has_object = !is_guest && object_of_args(p, c->args, type, &o);
    if (!has_object && (is_lookup(p, type) || (is_guest && is_incoming(p))))
        return 0;
    if (!has_object)
        o = (struct object){.type = type};
    add_resolved(c, &o);
    const char *text = has_object || str_eq(type, "connect") ? NULL : object_document(p, c->args);
    return text ? check_document(c, text, &o) : check(c, &o);
}

int access_call(struct call *c)
{
    int r = 0;
    if (!access_is_guarded(c->session))
        return 0;
    for (size_t i = 0; i < c->proc->n_acl; i++) {
        const char *type = c->proc->acl[i].object;
        bool is_first = true;
        for (size_t k = 0; k < i; k++)
            is_first = is_first && !str_eq(c->proc->acl[k].object, type);
        if (is_first && check_type(c, type))
            r = -1;
    }
    return r;
}

static int check_guest(struct call *c, const struct guest *g)
{
    struct object o;
    object_of_guest(guest_name(g), guest_uuid(g), &o);
    return check(c, &o);
}

/* The document named no uuid, and one was made up: what has been said of the name holds. */
static bool is_said(const struct call *c, const char *name)
{
    for (size_t i = 0; i < c->asks.n; i++) {
        const struct ask *a = &c->asks.items[i];
        if (!*a->uuid && a->is_granted && str_eq(a->type, "domain") && str_eq(a->name, name))
            return true;
    }
    return false;
}

int access_guest(struct call *c, const char *name, const uint8_t uuid[16])
{
    struct object o;
    if (!access_is_guarded(c->session))
        return 0;
    object_of_guest(name, uuid, &o);
    /* a name that is allowed must not reach a guest that is not */
    const struct guest *g = host_find_uuid(c->daemon->host, uuid, NULL);
    if (!g && is_said(c, name))
        *o.uuid = '\0';
    return check(c, &o) ? -1 : g ? check_guest(c, g) : 0;
}

/* What an entry of the list needs. */
static const char *seeing(const struct wire_proc *p)
{
    const char *colon = p->filter ? strchr(p->filter, ':') : NULL;
    return colon ? colon + 1 : "getattr";
}

bool access_sees_object(struct call *c, const struct object *o)
{
    return !access_is_guarded(c->session) ||
           access_says(c->session, &c->asks, seeing(c->proc), o) == ASKS_YES;
}

bool access_sees(struct call *c, const char *name, const uint8_t uuid[16])
{
    struct object o;
    object_of_guest(name, uuid, &o);
    return access_sees_object(c, &o);
}

struct guest **access_guests(struct call *c, size_t *ret_n)
{
    size_t n, kept = 0;
    struct guest **all = host_guests(c->daemon->host, &n);
    for (size_t i = 0; i < n; i++)
        if (access_sees(c, guest_name(all[i]), guest_uuid(all[i])))
            all[kept++] = all[i];
    *ret_n = kept;
    return all;
}
