/* Waiting for events, printed as virsh does or one JSON object a line. */
#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "watch.h"
#include "wire/consts.h"
#include "wire/proc.h"

/* ---- what an event says ---- */

struct said {
    struct str text;        /* after the guest's name */
    struct json_rows *json; /* NULL: text */
};

static void say_text(struct said *s, const char *key, const char *value)
{
    if (s->json)
        json_rows_set(s->json, key, COL_TEXT, value);
    else
        str_addf(&s->text, "%s%s", s->text.len ? " " : "", value);
}

static void say_lifecycle(struct said *s, const void *msg)
{
    enum { DETAILS = 10 };
    static const struct {
        const char *name, *details[DETAILS];
    } names[] = {
        {"Defined", {"Added", "Updated", "Renamed", "Snapshot"}},
        {"Undefined", {"Removed", "Renamed"}},
        {"Started", {"Booted", "Migrated", "Restored", "Snapshot", "Event wakeup"}},
        {"Suspended",
         {"Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error",
          "Post-copy", "Post-copy Error"}},
        {"Resumed", {"Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error"}},
        {"Stopped",
         {"Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot"}},
        {"Shutdown", {"Finished", "Guest request", "Host request"}},
        {"PMSuspended", {"Memory", "Disk"}},
        {"Crashed", {"Panicked", "Crashloaded"}},
    };
    const struct wire_domain_event_lifecycle_msg *m =
        &((const struct wire_domain_event_callback_lifecycle_msg *)msg)->msg;
    bool known = m->event >= 0 && m->event < 9;
    const char *detail =
        known && m->detail >= 0 && m->detail < DETAILS ? names[m->event].details[m->detail] : NULL;
    say_text(s, "event_type", known ? names[m->event].name : "unknown");
    say_text(s, "detail", detail ? detail : "unknown");
}

static void say_balloon(struct said *s, const void *msg)
{
    const struct wire_domain_event_callback_balloon_change_msg *m = msg;
    CLEANUP_FREE char *text = mem_printf("%llu", (unsigned long long)m->msg.actual);
    if (s->json)
        json_rows_set(s->json, "actual_kib", COL_NUMBER, text);
    else
        str_addf(&s->text, "%sKiB", text);
}

static void say_metadata(struct said *s, const void *msg)
{
    static const char *const types[] = {"description", "title", "element"};
    const struct wire_domain_event_callback_metadata_change_msg *m = msg;
    say_text(s, "metadata", m->type >= 0 && m->type < 3 ? types[m->type] : "unknown");
    if (m->nsuri)
        say_text(s, "uri", m->nsuri);
}

static void say_removed(struct said *s, const void *msg)
{
    say_text(s, "device",
             ((const struct wire_domain_event_callback_device_removed_msg *)msg)->msg.devAlias);
}

static void say_added(struct said *s, const void *msg)
{
    say_text(s, "device",
             ((const struct wire_domain_event_callback_device_added_msg *)msg)->devAlias);
}

static void say_removal_failed(struct said *s, const void *msg)
{
    say_text(s, "device",
             ((const struct wire_domain_event_callback_device_removal_failed_msg *)msg)->devAlias);
}

/* By virDomainEventID; the others say all that they carry, as JSON. */
static void (*const sayers[])(struct said *s, const void *msg) = {
    [VIR_DOMAIN_EVENT_ID_LIFECYCLE] = say_lifecycle,
    [VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE] = say_balloon,
    [VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED] = say_removed,
    [VIR_DOMAIN_EVENT_ID_DEVICE_ADDED] = say_added,
    [VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED] = say_removal_failed,
    [VIR_DOMAIN_EVENT_ID_METADATA_CHANGE] = say_metadata,
};

/* The guest that a message is about: its member `dom`, or that of its member `msg`. */
static const struct wire_domain *domain_of(const struct wire_type *t, const void *value)
{
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct wire_field *f = &t->fields[i];
        const char *at = (const char *)value + f->offset;
        if (f->type == &wire_type_domain && f->shape == WIRE_S_ONE)
            return (const struct wire_domain *)at;
        if (f->kind == WIRE_K_STRUCT && f->shape == WIRE_S_ONE && str_eq(f->name, "msg"))
            return domain_of(f->type, at);
    }
    return NULL;
}

/* ---- waiting ---- */

struct waiting {
    struct watch watch;
    bool stamp;
    int first, last;      /* events: ids */
    struct wire_domain d; /* name NULL: of all guests */
};

static int event_of_proc(int proc)
{
    for (size_t i = 0; i < n_wire_domain_events; i++)
        if (wire_domain_events[i].callback == proc)
            return (int)i;
    return -1;
}

static void say(struct said *s, int id, const struct wire_type *type, const void *msg)
{
    if ((size_t)id < sizeof(sayers) / sizeof(*sayers) && sayers[id])
        sayers[id](s, msg);
    else if (id != VIR_DOMAIN_EVENT_ID_REBOOT) {
        CLEANUP_STR struct str all = {0};
        wire_print(type, msg, &all);
        say_text(s, "data", str_get(&all));
    }
}

static void print_json(const struct waiting *w, int id, const struct wire_domain *d,
                       const struct wire_type *type, const void *msg)
{
    CLEANUP_FREE char *when = watch_stamp();
    struct said s = {.json = json_rows_new()};
    char uuid[UUID_TEXT];
    json_rows_object(s.json);
    json_rows_set(s.json, "time", COL_TEXT, when);
    json_rows_set(s.json, "event", COL_TEXT, lookup_event_names[id]);
    if (d) {
        json_rows_set(s.json, "name", COL_TEXT, d->name);
        json_rows_set(s.json, "uuid", COL_TEXT, uuid_format(d->uuid, uuid));
    }
    say(&s, id, type, msg);
    json_rows_print(s.json, true);
    json_rows_free(s.json);
}

static void print_text(const struct waiting *w, int id, const struct wire_domain *d,
                       const struct wire_type *type, const void *msg)
{
    struct said s = {0};
    say(&s, id, type, msg);
    if (w->stamp) {
        CLEANUP_FREE char *when = watch_stamp();
        printf("%s: ", when);
    }
    printf("event '%s' for domain '%s'%s%s\n", lookup_event_names[id], d ? d->name : "",
           s.text.len ? ": " : "", str_get(&s.text));
    fflush(stdout);
    str_clear(&s.text);
}

static void on_event(void *arg, int proc, const void *msg)
{
    struct waiting *w = arg;
    int id = event_of_proc(proc);
    if (id < 0 || (!w->watch.loop && w->watch.count) || (size_t)id >= n_wire_domain_events)
        return;
    const struct wire_type *type = wire_proc_find(WIRE_PROGRAM_REMOTE, proc)->args;
    w->watch.count++;
    (w->watch.c->json ? print_json : print_text)(w, id, domain_of(type, msg), type, msg);
}

static int event_id(const char *name)
{
    for (int i = 0; lookup_event_names[i]; i++)
        if (str_eq(lookup_event_names[i], name))
            return i;
    return -1;
}

/* One event, or all that the server knows; the first must be accepted. */
static int subscribe(void *context, struct client *conn, struct err *e)
{
    struct waiting *w = context;
    for (int id = w->first; id <= w->last; id++) {
        struct wire_connect_domain_event_callback_register_any_args args = {id, w->d.name ? &w->d
                                                                                          : NULL};
        struct wire_connect_domain_event_callback_register_any_ret r;
        if (!call_connect_domain_event_callback_register_any(conn, &args, &r, e))
            watch_add(&w->watch, r.callbackID);
        else if (id == w->first)
            return -1;
    }
    return 0;
}

static int list_events(struct ctl *c)
{
    static const struct col cols[] = {{"Event", "event", COL_TEXT}};
    struct table t = {.cols = cols, .n_cols = 1};
    for (int i = 0; lookup_event_names[i]; i++) {
        if (c->json)
            table_add(&t, lookup_event_names[i]);
        else
            puts(lookup_event_names[i]);
    }
    if (c->json)
        table_print(c, &t);
    table_clear(&t);
    return 0;
}

static int check_args(const struct args *a, struct waiting *w, struct err *e)
{
    w->first = arg_str(a, "event") ? event_id(arg_str(a, "event")) : 0;
    if (arg_has(a, "event") == arg_has(a, "all"))
        return fail(e, ERR_INVALID_ARG, "one of --list, --all, or --event <type> is required");
    if (w->first < 0)
        return fail(e, ERR_INVALID_ARG, "unknown event type %s", arg_str(a, "event"));
    w->last = arg_has(a, "all") ? (int)n_wire_domain_events - 1 : w->first;
    return watch_timeout(a, &w->watch.timeout_s, e);
}

static int run_event(struct ctl *c, const struct args *a, struct err *e)
{
    struct waiting w = {.stamp = arg_has(a, "timestamp")};
    w.watch = (struct watch){.c = c,
                             .loop = arg_has(a, "loop"),
                             .on_event = on_event,
                             .context = &w,
                             .subscribe = subscribe,
                             .forget = WIRE_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY};
    if (arg_has(a, "list"))
        return list_events(c);
    if (check_args(a, &w, e) || (arg_str(a, "domain") && lookup_domain(c, a, BY_ANY, &w.d, e)))
        return -1;
    int r = watch_run(&w.watch, e);
    lookup_drop(&w.d);
    return r;
}

extern const struct cmd cmds_event[];
const struct cmd cmds_event[] = {
    {"event", GROUP_EVENTS, "Domain Events", "List event types, or wait for domain events to occur",
     OPTS({"domain", OPT_STR, 0, WHAT_DOMAIN, "filter by domain name, id or uuid"},
          {"event", OPT_STR, 0, WHAT_EVENT, "which event type to wait for"},
          FLAG("all", "wait for all events instead of just one type"),
          FLAG("loop", "until the time-out or ^C, not only one; reconnects"),
          {"timeout", OPT_NUM, 0, WHAT_TEXT, "timeout seconds"},
          FLAG("list", "list valid event types"),
          FLAG("timestamp", "show timestamp for each printed event")),
     run_event},
    {0},
};
