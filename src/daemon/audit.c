#include "daemon/audit.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/guest.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"

enum { VALUE_MAX = 512 };

struct audit {
    int fd; /* -1: no file */
    bool logs;
};

struct audit *audit_open(const struct config *c, struct err *e)
{
    *e = (struct err){0};
    if (!c->audit_level || (!c->audit_logging && str_empty(c->audit_file)))
        return NULL;
    int fd = -1;
    if (!str_empty(c->audit_file)) {
        fd = open(c->audit_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
            fail_errno(e, "cannot open the audit file '%s'", c->audit_file);
            return NULL;
        }
    }
    struct audit *a = NEW(struct audit);
    *a = (struct audit){.fd = fd, .logs = c->audit_logging};
    return a;
}

void audit_close(struct audit *a)
{
    if (a)
        close_fd(&a->fd);
    free(a);
}

/* Names come from clients: nothing in them may begin a line or end a quote. */
static void add_value(struct str *out, const char *key, const char *value)
{
    if (!value)
        return;
    str_addf(out, " %s=\"", key);
    for (size_t i = 0; value[i] && i < VALUE_MAX; i++) {
        unsigned char ch = (unsigned char)value[i];
        if (ch < ' ' || ch == '"' || ch == '\\' || ch == 0x7f)
            str_addf(out, "\\x%02x", ch);
        else
            str_addc(out, (char)ch);
    }
    str_addc(out, '"');
}

static void add_who(struct str *out, const struct session *s)
{
    const struct identity *id = &s->identity;
    if (id->is_local)
        str_addf(out, " uid=%u gid=%u pid=%d", (unsigned)id->uid, (unsigned)id->gid, (int)id->pid);
    add_value(out, "user", id->user);
    add_value(out, "sasl", id->sasl_user);
    add_value(out, "x509", id->x509_name);
    add_value(out, "from", id->address ? id->address : "local");
}

static void write_line(struct audit *a, const struct str *fields)
{
    struct timespec now;
    struct tm tm;
    char when[32];
    CLEANUP_STR struct str line = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    str_addf(&line, "%s.%03ldZ%s\n", when, now.tv_nsec / 1000000, str_get(fields));
    struct err e;
    if (a->fd >= 0 && file_write_all(a->fd, line.p, line.len, &e))
        log_msg(LOG_ERROR, "audit: %s", e.msg);
    if (a->logs)
        log_msg(LOG_WARN, "audit:%s", str_get(fields));
}

static void add_result(struct str *out, const struct err *why)
{
    if (!why) {
        str_add(out, " result=ok");
        return;
    }
    str_addf(out, " result=failed code=%d", why->code);
    add_value(out, "why", why->msg);
}

void audit_auth(const struct session *s, const struct err *why)
{
    static const char *const names[] = {[SESSION_AUTH_NONE] = "none",
                                        [SESSION_AUTH_SASL] = "sasl",
                                        [SESSION_AUTH_POLKIT] = "polkit"};
    CLEANUP_STR struct str out = {0};
    if (!s->daemon->audit)
        return;
    str_addf(&out, " auth=%s", names[s->auth]);
    add_who(&out, s);
    add_result(&out, why);
    write_line(s->daemon->audit, &out);
}

/* A guest that the call made is in its results. */
static const struct wire_domain *made(const struct call *c)
{
    const struct wire_type *t = c->proc->ret;
    bool is_it = t && t->n_fields && t->fields[0].type == &wire_type_domain &&
                 t->fields[0].shape == WIRE_S_ONE;
    return is_it ? (const void *)((const char *)c->ret + t->fields[0].offset) : NULL;
}

static void add_guest(struct str *out, struct call *c, int r)
{
    char uuid[UUID_TEXT];
    const struct wire_domain *d = r == CALL_DONE ? made(c) : NULL;
    const struct guest *g = d ? NULL : access_target(c);
    if (!d)
        d = access_argument(c);
    if (!d)
        return;
    /* a guest that is gone by now has the name that the client gave it */
    add_value(out, "guest", g ? guest_name(g) : d->name);
    add_value(out, "uuid", uuid_format(d->uuid, uuid));
}

void audit_call(struct call *c, int r)
{
    CLEANUP_STR struct str out = {0};
    bool looks_only = c->proc->flags & (WIRE_P_RO | WIRE_P_NOAUTH | WIRE_P_NOOPEN);
    bool is_denied =
        r != CALL_DONE && (c->err.code == ERR_ACCESS_DENIED || c->err.code == ERR_OPERATION_DENIED);
    if (!c->daemon->audit || (looks_only && !is_denied))
        return;
    str_addf(&out, " %s=%s", c->head.program == WIRE_PROGRAM_ADMIN ? "admin" : "call",
             c->proc->name);
    if (c->session)
        add_who(&out, c->session);
    else
        str_add(&out, " from=\"gone\"");
    add_guest(&out, c, r);
    add_result(&out, r == CALL_DONE ? NULL : &c->err);
    write_line(c->daemon->audit, &out);
}
