#include "daemon/dispatch.h"

#include <assert.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/guest.h"
#include "core/host.h"
#include "daemon/access.h"
#include "daemon/admit.h"
#include "daemon/audit.h"
#include "daemon/gate.h"
#include "daemon/refused.h"
#include "daemon/relay.h"
#include "daemon/stream.h"
#include "daemon/volume_stream.h"

enum {
    PROCS_MAX = 1024,
    ADMIN_PROCS_MAX = 64,
    EVENTS_QUEUED_MAX = 16 << 20, /* bytes waiting for a client that does not read */
};

static const struct handlers *const all_handlers[] = {
    &do_auth_handlers,       &do_event_handlers,    &do_host_handlers,  &do_life_handlers,
    &do_list_handlers,       &do_info_handlers,     &do_node_handlers,  &do_stats_handlers,
    &do_xml_handlers,        &do_stream_handlers,   &do_job_handlers,   &do_sched_handlers,
    &do_caps_handlers,       &do_tune_handlers,     &do_image_handlers, &do_identity_handlers,
    &do_save_handlers,       &do_snapshot_handlers, &do_pool_handlers,  &do_volume_handlers,
    &do_migrate_handlers,    &do_block_handlers,    &do_cpu_handlers,   &do_guest_handlers,
    &do_pci_handlers,        &do_place_handlers,    &do_rate_handlers,  &do_screen_handlers,
    &do_pool_event_handlers,
};

/* Built once at the start from the tables above, constant after. */
static const struct handler *by_number[PROCS_MAX], *admin_by_number[ADMIN_PROCS_MAX];

void dispatch_setup(void)
{
    for (size_t i = 0; i < sizeof(all_handlers) / sizeof(*all_handlers); i++) {
        for (size_t k = 0; k < all_handlers[i]->n; k++) {
            const struct handler *h = &all_handlers[i]->rows[k];
            assert(h->proc > 0 && h->proc < PROCS_MAX);
            assert(!by_number[h->proc] || by_number[h->proc] == h);
            by_number[h->proc] = h;
        }
    }
    for (size_t k = 0; k < do_admin_handlers.n; k++) {
        const struct handler *h = &do_admin_handlers.rows[k];
        assert(h->proc > 0 && h->proc < ADMIN_PROCS_MAX && !admin_by_number[h->proc]);
        admin_by_number[h->proc] = h;
    }
}

static bool has_handler(int proc)
{
    return proc > 0 && proc < PROCS_MAX && by_number[proc];
}

/* --- answers --- */

static void answer_error(struct session *s, const struct wire_header *call, const struct err *e)
{
    struct wire_header h = wire_reply_to(call);
    struct str frame = {0};
    wire_frame_add_error(&frame, &h, e);
    conn_send(s->conn, &frame, CONN_ANSWER);
}

/* As another daemon gave it. */
static void answer_raw(struct call *c)
{
    struct wire_header h = wire_reply_to(&c->head);
    struct str frame = {0};
    h.status = c->raw_status;
    wire_frame_add_raw(&frame, &h, c->raw.p, c->raw.len);
    conn_send(c->session->conn, &frame, CONN_ANSWER);
}

static int add_answer(struct call *c, const struct wire_header *h, struct str *frame)
{
    if (!c->body.len)
        return wire_frame_add(frame, h, c->proc->ret, c->ret, &c->err);
    if (c->body.len > WIRE_PAYLOAD_MAX)
        return fail(&c->err, ERR_RPC, "the answer has %zu bytes, %d are possible", c->body.len,
                    (int)WIRE_PAYLOAD_MAX);
    wire_frame_add_raw(frame, h, c->body.p, c->body.len);
    return 0;
}

static void answer_call(struct call *c)
{
    struct wire_header h = wire_reply_to(&c->head);
    struct str frame = {0};
    struct stream *st = take(c->stream);
    if (c->has_fd) {
        h.type = WIRE_REPLY_FDS;
        h.n_fds = 1;
    }
    if (add_answer(c, &h, &frame)) {
        stream_cancel(st);
        answer_error(c->session, &c->head, &c->err);
    } else if (c->has_fd) {
        c->has_fd = false;
        conn_send_fd(c->session->conn, &frame, c->fd);
    } else if (st) {
        conn_send_then(c->session->conn, &frame, CONN_ANSWER, stream_flow, st);
    } else if (c->wrap) {
        conn_send_and_wrap(c->session->conn, &frame, c->wrap, c->session);
    } else {
        conn_send(c->session->conn, &frame, CONN_ANSWER);
    }
}

void session_too_slow(struct session *s)
{
    if (!s->is_too_slow)
        log_msg(LOG_WARN, "client %d does not read its events and is cut off",
                (int)conn_peer(s->conn)->pid);
    s->is_too_slow = true;
    conn_abort(s->conn, "does not read its events");
}

void session_send_raw(struct session *s, const struct wire_proc *p, const void *payload, size_t len)
{
    struct wire_header h = {.program = WIRE_PROGRAM_REMOTE,
                            .version = 1,
                            .proc = p->nr,
                            .type = WIRE_MESSAGE,
                            .serial = WIRE_SERIAL_EVENT};
    struct str frame = {0};
    if (conn_queued(s->conn) > EVENTS_QUEUED_MAX) {
        session_too_slow(s);
        return;
    }
    wire_frame_add_raw(&frame, &h, payload, len);
    conn_send(s->conn, &frame, CONN_EXTRA);
    if (log_wants(LOG_DEBUG))
        log_msg(LOG_DEBUG, "%s: sent", p->name);
}

void session_send_event(struct session *s, const struct object *o, int callback_id, int proc,
                        const void *msg)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    CLEANUP_STR struct str payload = {0};
    struct err e;
    if (wire_encode(p->args, msg, &payload, &e))
        log_msg(LOG_WARN, "event %s cannot be sent: %s", p->name, e.msg);
    else
        gate_event(s, o, callback_id, p, payload.p, payload.len);
}

/* --- a call's life --- */

static struct call *call_new(struct session *s, const struct wire_header *h,
                             const struct wire_proc *p)
{
    struct call *c = NEW(struct call);
    c->daemon = s->daemon;
    c->session = s;
    c->head = *h;
    c->began_ns = metrics_now_ns();
    c->proc = p;
    c->args = p->args ? mem_new(1, p->args->size) : NULL;
    c->ret = p->ret ? mem_new(1, p->ret->size) : NULL;
    c->next = s->calls;
    c->prev = &s->calls;
    if (c->next)
        c->next->prev = &c->next;
    s->calls = c;
    return c;
}

static void call_unlink(struct call *c)
{
    if (!c->prev)
        return;
    *c->prev = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->prev = NULL;
    c->next = NULL;
}

static void call_free(struct call *c)
{
    call_unlink(c);
    stream_cancel(c->stream);
    if (c->has_fd)
        close(c->fd);
    if (c->proc->args)
        wire_clear(c->proc->args, c->args);
    if (c->proc->ret)
        wire_clear(c->proc->ret, c->ret);
    free(c->args);
    free(c->ret);
    str_clear(&c->body);
    str_clear(&c->raw);
    str_clear(&c->kept);
    asks_clear(&c->asks);
    free(c->resolved_name);
    free(c);
}

/* What it changed is on disk, or was undone. */
static void call_written(void *arg, const struct err *e)
{
    struct call *c = arg;
    if (e->code)
        c->err = *e;
    c->has_changed = false;
    call_finish(c, e->code ? CALL_FAILED : CALL_DONE);
}

void call_finish(struct call *c, int r)
{
    assert(r == CALL_DONE || r == CALL_FAILED);
    if (c->has_changed && r == CALL_DONE) {
        host_when_written(c->daemon->host, c->changes, call_written, c);
        return;
    }
    if (r == CALL_DONE && c->session) {
        r = admit_answer(c);
        if (r == CALL_LATER)
            return;
    }
    audit_call(c, r);
    if (c->head.program == WIRE_PROGRAM_REMOTE)
        metrics_call(&c->daemon->metrics, c->proc->nr, r != CALL_DONE,
                     metrics_now_ns() - c->began_ns);
    if (c->session && c->has_raw)
        answer_raw(c);
    else if (c->session && r == CALL_DONE)
        answer_call(c);
    else if (c->session)
        answer_error(c->session, &c->head, &c->err);
    if (log_wants(LOG_DEBUG) && r == CALL_FAILED)
        log_msg(LOG_DEBUG, "%s: code %d: %s", c->proc->name, c->err.code, c->err.msg);
    else if (log_wants(LOG_DEBUG))
        log_msg(LOG_DEBUG, "%s: done", c->proc->name);
    call_free(c);
}

void call_guest_done(void *arg, struct guest *g, const struct err *e)
{
    struct call *c = arg;
    int r = CALL_DONE;
    if (e->code) {
        c->err = *e;
        r = CALL_FAILED;
    } else if (c->then && g) {
        r = c->then(c, g);
    }
    call_finish(c, r);
}

void dispatch_forget(struct session *s)
{
    for (struct call *c = s->calls, *next; c; c = next) {
        next = c->next;
        call_unlink(c);
        c->session = NULL;
    }
}

/* --- from a frame to a handler --- */

static int refuse(struct err *e, int code, int domain, const char *text)
{
    fail(e, code, "%s", text);
    e->domain = domain;
    return -1;
}

/* What can be said before the arguments are looked at; rights come before everything that a handler
 * could tell. */
static int check_state(const struct session *s, const struct wire_proc *p, struct err *e)
{
    if (!s->is_authenticated && !(p->flags & WIRE_P_NOAUTH))
        return refuse(e, ERR_RPC, ERR_FROM_RPC, "authentication required");
    if (!s->is_open && !(p->flags & (WIRE_P_NOOPEN | WIRE_P_NOAUTH)))
        return refuse(e, ERR_INTERNAL, ERR_FROM_RPC, "connection not open");
    if (s->is_readonly && !(p->flags & (WIRE_P_RO | WIRE_P_NOAUTH | WIRE_P_NOOPEN)))
        return refuse(e, ERR_OPERATION_DENIED, ERR_FROM_DOMAIN,
                      "operation forbidden for read only access");
    return 0;
}

/* Finds the row of a call, or says why there is none. */
static const struct wire_proc *find_proc(const struct session *s, const struct wire_header *h,
                                         struct err *e)
{
    uint32_t ours = s->from.is_admin ? WIRE_PROGRAM_ADMIN : WIRE_PROGRAM_REMOTE;
    if (h->program != ours || h->version != 1) {
        fail(e, ERR_RPC, "cannot find program %#x version %u", h->program, h->version);
        e->domain = ERR_FROM_RPC;
        return NULL;
    }
    const struct wire_proc *p = wire_proc_find(h->program, h->proc);
    if (!p || p->flags & WIRE_P_EVENT) {
        fail(e, ERR_RPC, "unknown procedure: %d", h->proc);
        e->domain = ERR_FROM_RPC;
        return NULL;
    }
    if (h->status != WIRE_OK) {
        fail(e, ERR_RPC, "unexpected message status %u", h->status);
        e->domain = ERR_FROM_RPC;
        return NULL;
    }
    return p;
}

uint32_t call_flags(const struct call *c)
{
    const struct wire_type *t = c->proc->args;
    for (size_t i = 0; t && i < t->n_fields; i++) {
        const struct wire_field *f = &t->fields[i];
        if (f->kind == WIRE_K_UINT && f->shape == WIRE_S_ONE && str_eq(f->name, "flags")) {
            uint32_t flags;
            memcpy(&flags, (const char *)c->args + f->offset, sizeof(flags));
            return flags;
        }
    }
    return 0;
}

static int check_flags(const struct call *c, const struct handler *h, struct err *e)
{
    uint32_t unknown = call_flags(c) & ~h->flags;
    if (!unknown)
        return 0;
    return fail(e, ERR_INVALID_ARG, "unsupported flags (%#x) in %s", unknown, c->proc->name);
}

static int call_begin(struct call *c, const struct conn_frame *f)
{
    struct err *e = &c->err;
    if (check_state(c->session, c->proc, e))
        return CALL_FAILED;
    if (access_before(c->session, c->proc, e))
        return CALL_FAILED;
    c->is_relayed = relay_takes(c->session, c->proc);
    if (!c->is_relayed && !has_handler(c->proc->nr)) {
        const char *why = refused_why(c->proc->nr);
        return fail(e, ERR_NO_SUPPORT,
                    "this function is not supported by the connection driver: %s%s%s",
                    c->proc->name, why ? ": " : "", why ? why : "");
    }
    if (wire_decode(c->proc->args, f->payload, f->len, c->args, e)) {
        e->domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    c->has_args = true;
    if (c->session->is_readonly && !(c->proc->flags & (WIRE_P_NOAUTH | WIRE_P_NOOPEN)) &&
        !wire_proc_readonly_ok(c->proc, c->args)) {
        refuse(e, ERR_OPERATION_DENIED, ERR_FROM_DOMAIN,
               "operation forbidden for read only access");
        return CALL_FAILED;
    }
    return admit_call(c, f);
}

int call_run(struct call *c, const struct conn_frame *f)
{
    const struct handler *h = by_number[c->proc->nr];
    if (c->is_relayed)
        return relay_call(c, f);
    return check_flags(c, h, &c->err) ? CALL_FAILED : h->fn(c);
}

/* An administrator's: there are no rights beside that of being one. */
static int admin_begin(struct call *c, const struct conn_frame *f)
{
    const struct handler *h = admin_by_number[c->proc->nr];
    if (check_state(c->session, c->proc, &c->err))
        return CALL_FAILED;
    if (!h) {
        fail(&c->err, ERR_NO_SUPPORT, "this daemon has no %s", c->proc->name);
        return CALL_FAILED;
    }
    if (wire_decode(c->proc->args, f->payload, f->len, c->args, &c->err)) {
        c->err.domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    c->has_args = true;
    return check_flags(c, h, &c->err) ? CALL_FAILED : h->fn(c);
}

static void dispatch_call(struct session *s, const struct conn_frame *f)
{
    struct err e = {0};
    const struct wire_proc *p = find_proc(s, &f->head, &e);
    if (!p) {
        answer_error(s, &f->head, &e);
        return;
    }
    struct call *c = call_new(s, &f->head, p);
    c->changes = host_changes(s->daemon->host);
    int r = s->from.is_admin ? admin_begin(c, f) : call_begin(c, f);
    c->has_changed = host_changes(s->daemon->host) != c->changes;
    if (r != CALL_LATER)
        call_finish(c, r);
}

void dispatch_frame(struct session *s, const struct conn_frame *f)
{
    switch (f->head.type) {
    case WIRE_CALL:
    case WIRE_CALL_FDS:
        dispatch_call(s, f);
        return;
    case WIRE_STREAM:
    case WIRE_STREAM_HOLE:
        if (!relay_stream(s, f) && !volume_stream_frame(s, f))
            stream_frame(s, f);
        return;
    default: /* a client has no business sending these: dropped */
        conn_release(s->conn);
    }
}

/* --- shared by handlers --- */

struct guest *call_guest(struct call *c, const struct wire_domain *dom)
{
    char text[UUID_TEXT];
    struct guest *g = host_find_uuid(c->daemon->host, dom->uuid, &c->err);
    if (!g && c->err.code == ERR_NO_DOMAIN)
        fail(&c->err, ERR_NO_DOMAIN, "domain not found: no domain with matching uuid '%s' (%s)",
             uuid_format(dom->uuid, text), dom->name ? dom->name : "");
    return g;
}

struct guest *call_running_guest(struct call *c, const struct wire_domain *dom)
{
    struct guest *g = call_guest(c, dom);
    if (!g || guest_is_active(g))
        return g;
    fail(&c->err, ERR_OPERATION_INVALID, "domain is not running");
    return NULL;
}

void wire_domain_fill(struct wire_domain *ret, const struct guest *g)
{
    str_set(&ret->name, guest_name(g));
    memcpy(ret->uuid, guest_uuid(g), sizeof(ret->uuid));
    ret->id = guest_domid(g);
}
