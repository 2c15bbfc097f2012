/* Events: three ways to ask for them, and the messages that carry them. */
#include "daemon/do_event.h"

#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "daemon/dispatch.h"
#include "daemon/do_job.h"
#include "daemon/object.h"

/* --- messages: how each event is put into the two styles of frames --- */

union message {
    struct wire_domain_event_lifecycle_msg lifecycle;
    struct wire_domain_event_callback_lifecycle_msg cb_lifecycle;
    struct wire_domain_event_reboot_msg reboot;
    struct wire_domain_event_callback_reboot_msg cb_reboot;
    struct wire_domain_event_balloon_change_msg balloon;
    struct wire_domain_event_callback_balloon_change_msg cb_balloon;
    struct wire_domain_event_device_removed_msg removed;
    struct wire_domain_event_callback_device_removed_msg cb_removed;
    struct wire_domain_event_callback_device_added_msg cb_added;
    struct wire_domain_event_callback_tunable_msg cb_tunable;
    struct wire_domain_event_callback_job_completed_msg cb_job;
    struct wire_domain_event_callback_metadata_change_msg cb_metadata;
    struct wire_domain_event_watchdog_msg watchdog;
    struct wire_domain_event_callback_watchdog_msg cb_watchdog;
    struct wire_domain_event_disk_change_msg disk;
    struct wire_domain_event_callback_disk_change_msg cb_disk;
    struct wire_domain_event_tray_change_msg tray;
    struct wire_domain_event_callback_tray_change_msg cb_tray;
    struct wire_domain_event_pmwakeup_msg wakeup;
    struct wire_domain_event_callback_pmwakeup_msg cb_wakeup;
    struct wire_domain_event_pmsuspend_msg suspend;
    struct wire_domain_event_callback_pmsuspend_msg cb_suspend;
    struct wire_domain_event_callback_device_removal_failed_msg cb_stays;
};

/* Everything in a message is borrowed from the event. */
static struct wire_domain event_domain(const struct event *ev)
{
    struct wire_domain d = {.name = ev->name, .id = ev->domid};
    memcpy(d.uuid, ev->uuid, sizeof(d.uuid));
    return d;
}

static void fill_lifecycle(const struct event *ev, int id, union message *old, union message *cb)
{
    old->lifecycle =
        (struct wire_domain_event_lifecycle_msg){event_domain(ev), ev->type, ev->detail};
    cb->cb_lifecycle = (struct wire_domain_event_callback_lifecycle_msg){id, old->lifecycle};
}

static void fill_reboot(const struct event *ev, int id, union message *old, union message *cb)
{
    old->reboot = (struct wire_domain_event_reboot_msg){event_domain(ev)};
    cb->cb_reboot = (struct wire_domain_event_callback_reboot_msg){id, old->reboot};
}

static void fill_balloon(const struct event *ev, int id, union message *old, union message *cb)
{
    old->balloon = (struct wire_domain_event_balloon_change_msg){event_domain(ev), ev->number};
    cb->cb_balloon = (struct wire_domain_event_callback_balloon_change_msg){id, old->balloon};
}

static void fill_removed(const struct event *ev, int id, union message *old, union message *cb)
{
    old->removed = (struct wire_domain_event_device_removed_msg){event_domain(ev), ev->text};
    cb->cb_removed = (struct wire_domain_event_callback_device_removed_msg){id, old->removed};
}

static void fill_added(const struct event *ev, int id, union message *old, union message *cb)
{
    cb->cb_added =
        (struct wire_domain_event_callback_device_added_msg){id, event_domain(ev), ev->text};
}

/* The parameters are the message's own: deliver_to frees them. */
static void fill_job(const struct event *ev, int id, union message *old, union message *cb)
{
    cb->cb_job.callbackID = id;
    cb->cb_job.dom = event_domain(ev);
    if (ev->job)
        job_params(ev->job, true, &cb->cb_job.params, &cb->cb_job.n_params);
}

static void fill_tunable(const struct event *ev, int id, union message *old, union message *cb)
{
    struct wire_domain_event_callback_tunable_msg *m = &cb->cb_tunable;
    m->callbackID = id;
    m->dom = event_domain(ev);
    for (size_t i = 0; i < ev->n_params; i++) {
        const struct event_param *p = &ev->params[i];
        if (p->text)
            wire_param_add_string(&m->params, &m->n_params, p->name, p->text);
        else
            wire_param_add_uhyper(&m->params, &m->n_params, p->name, p->number);
    }
}

static void fill_metadata(const struct event *ev, int id, union message *old, union message *cb)
{
    cb->cb_metadata = (struct wire_domain_event_callback_metadata_change_msg){id, event_domain(ev),
                                                                              ev->type, ev->text};
}

static void fill_watchdog(const struct event *ev, int id, union message *old, union message *cb)
{
    old->watchdog = (struct wire_domain_event_watchdog_msg){event_domain(ev), ev->type};
    cb->cb_watchdog = (struct wire_domain_event_callback_watchdog_msg){id, old->watchdog};
}

static void fill_disk(const struct event *ev, int id, union message *old, union message *cb)
{
    old->disk = (struct wire_domain_event_disk_change_msg){
        event_domain(ev), .oldSrcPath = ev->path, .devAlias = ev->text, .reason = ev->type};
    cb->cb_disk = (struct wire_domain_event_callback_disk_change_msg){id, old->disk};
}

static void fill_tray(const struct event *ev, int id, union message *old, union message *cb)
{
    old->tray = (struct wire_domain_event_tray_change_msg){event_domain(ev), ev->text, ev->type};
    cb->cb_tray = (struct wire_domain_event_callback_tray_change_msg){id, old->tray};
}

static void fill_wakeup(const struct event *ev, int id, union message *old, union message *cb)
{
    old->wakeup = (struct wire_domain_event_pmwakeup_msg){event_domain(ev)};
    cb->cb_wakeup = (struct wire_domain_event_callback_pmwakeup_msg){id, 0, old->wakeup};
}

static void fill_suspend(const struct event *ev, int id, union message *old, union message *cb)
{
    old->suspend = (struct wire_domain_event_pmsuspend_msg){event_domain(ev)};
    cb->cb_suspend = (struct wire_domain_event_callback_pmsuspend_msg){id, 0, old->suspend};
}

static void fill_stays(const struct event *ev, int id, union message *old, union message *cb)
{
    cb->cb_stays = (struct wire_domain_event_callback_device_removal_failed_msg){
        id, event_domain(ev), ev->text};
}

/* By event id; the others are accepted and never come. */
static void (*const fill[])(const struct event *ev, int id, union message *old,
                            union message *cb) = {
    [EVENT_LIFECYCLE] = fill_lifecycle,    [EVENT_REBOOT] = fill_reboot,
    [EVENT_BALLOON_CHANGE] = fill_balloon, [EVENT_DEVICE_REMOVED] = fill_removed,
    [EVENT_DEVICE_ADDED] = fill_added,     [EVENT_METADATA_CHANGE] = fill_metadata,
    [EVENT_TUNABLE] = fill_tunable,        [EVENT_JOB_COMPLETED] = fill_job,
    [EVENT_WATCHDOG] = fill_watchdog,      [EVENT_DISK_CHANGE] = fill_disk,
    [EVENT_TRAY_CHANGE] = fill_tray,       [EVENT_PMWAKEUP] = fill_wakeup,
    [EVENT_PMSUSPEND] = fill_suspend,      [EVENT_DEVICE_REMOVAL_FAILED] = fill_stays,
};
enum { N_FILL = sizeof(fill) / sizeof(*fill) };

static void deliver_to(struct session *s, const struct event *ev, const struct object *o,
                       const struct registration *r)
{
    union message old = {0}, cb = {0};
    const struct wire_domain_event *row = &wire_domain_events[ev->id];
    if (r->style == STYLE_POOL || r->event_id != (int)ev->id ||
        (r->has_guest && !uuid_eq(r->uuid, ev->uuid)))
        return;
    fill[ev->id](ev, r->callback_id, &old, &cb);
    if (r->style == STYLE_CALLBACK)
        session_send_event(s, o, r->callback_id, row->callback, &cb);
    else
        session_send_event(s, o, r->callback_id, row->legacy, &old);
    if (ev->id == EVENT_JOB_COMPLETED)
        wire_params_free(cb.cb_job.params, cb.cb_job.n_params);
    else if (ev->id == EVENT_TUNABLE)
        wire_params_free(cb.cb_tunable.params, cb.cb_tunable.n_params);
}

void events_deliver(void *arg, const struct event *ev)
{
    struct daemon *d = arg;
    if ((size_t)ev->id >= N_FILL || !fill[ev->id])
        return;
    struct object o = {.type = "domain", .name = ev->name};
    uuid_format(ev->uuid, o.uuid);
    for (struct session *s = d->sessions; s; s = s->next)
        for (size_t i = 0; i < s->n_registrations; i++)
            deliver_to(s, ev, &o, &s->registrations[i]);
}

/* --- registrations --- */

static int rpc_fail(struct call *c, int code, const char *text, int n)
{
    fail(&c->err, code, "%s %d", text, n);
    c->err.domain = ERR_FROM_RPC;
    return CALL_FAILED;
}

int registration_add(struct call *c, struct registration r)
{
    struct session *s = c->session;
    if (s->n_registrations == SESSION_REGISTRATIONS_MAX)
        return rpc_fail(
            c, ERR_OPERATION_FAILED,
            "a connection has at most this many registrations:", SESSION_REGISTRATIONS_MAX);
    for (size_t i = 0; i < s->n_registrations; i++) {
        const struct registration *o = &s->registrations[i];
        if ((o->style == STYLE_POOL) == (r.style == STYLE_POOL) && o->event_id == r.event_id &&
            o->has_guest == r.has_guest && (!r.has_guest || uuid_eq(o->uuid, r.uuid)))
            return fail(&c->err, ERR_INVALID_ARG, "event callback already tracked");
    }
    r.callback_id = s->next_callback_id++;
    VEC_PUSH(s->registrations, s->n_registrations, r);
    return CALL_DONE;
}

int registration_drop(struct call *c, enum event_style style, int number)
{
    struct session *s = c->session;
    for (size_t i = 0; i < s->n_registrations; i++) {
        const struct registration *o = &s->registrations[i];
        bool has_id = style == STYLE_CALLBACK || style == STYLE_POOL;
        if (o->style != style || (has_id ? o->callback_id : o->event_id) != number)
            continue;
        VEC_REMOVE(s->registrations, s->n_registrations, i);
        return CALL_DONE;
    }
    return rpc_fail(c, ERR_INTERNAL, "no such event callback:", number);
}

static int do_register(struct call *c)
{
    struct wire_connect_domain_event_register_ret *ret = c->ret;
    ret->cb_registered = 1;
    return registration_add(c, (struct registration){.style = STYLE_LIFECYCLE});
}

static int do_deregister(struct call *c)
{
    return registration_drop(c, STYLE_LIFECYCLE, EVENT_LIFECYCLE);
}

static int do_register_any(struct call *c)
{
    const struct wire_connect_domain_event_register_any_args *args = c->args;
    int id = args->eventID;
    if (id < 0 || (size_t)id >= n_wire_domain_events || !wire_domain_events[id].legacy)
        return rpc_fail(c, ERR_INTERNAL, "unsupported event ID", id);
    return registration_add(c, (struct registration){.style = STYLE_ANY, .event_id = id});
}

static int do_deregister_any(struct call *c)
{
    const struct wire_connect_domain_event_deregister_any_args *args = c->args;
    return registration_drop(c, STYLE_ANY, args->eventID);
}

static int do_callback_register(struct call *c)
{
    const struct wire_connect_domain_event_callback_register_any_args *args = c->args;
    struct wire_connect_domain_event_callback_register_any_ret *ret = c->ret;
    struct registration r = {.style = STYLE_CALLBACK, .event_id = args->eventID};
    if (r.event_id < 0 || (size_t)r.event_id >= n_wire_domain_events)
        return rpc_fail(c, ERR_INTERNAL, "unsupported event ID", r.event_id);
    if (args->dom) {
        if (!call_guest(c, args->dom))
            return CALL_FAILED;
        r.has_guest = true;
        memcpy(r.uuid, args->dom->uuid, sizeof(r.uuid));
    }
    ret->callbackID = c->session->next_callback_id;
    return registration_add(c, r);
}

static int do_callback_deregister(struct call *c)
{
    const struct wire_connect_domain_event_callback_deregister_any_args *args = c->args;
    return registration_drop(c, STYLE_CALLBACK, args->callbackID);
}

static const struct handler rows[] = {
    {WIRE_CONNECT_DOMAIN_EVENT_REGISTER, do_register},
    {WIRE_CONNECT_DOMAIN_EVENT_DEREGISTER, do_deregister},
    {WIRE_CONNECT_DOMAIN_EVENT_REGISTER_ANY, do_register_any},
    {WIRE_CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, do_deregister_any},
    {WIRE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, do_callback_register},
    {WIRE_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, do_callback_deregister},
};
const struct handlers do_event_handlers = HANDLERS(rows);
