/* Waiting for events, printed as virsh does or one JSON object a line. */
#include <signal.h>
#include <sys/time.h>

#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
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

enum { EVENTS_MAX = 64 };

struct waiting {
    struct ctl *ctl;
    bool stamp, loop;
    unsigned count;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
    interrupted = 1;
}

static char *stamp_now(void)
{
    struct timeval now;
    struct tm tm;
    char date[64];
    gettimeofday(&now, NULL);
    time_t seconds = now.tv_sec;
    gmtime_r(&seconds, &tm);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
    return mem_printf("%s.%03ld+0000", date, (long)now.tv_usec / 1000);
}

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
    CLEANUP_FREE char *when = stamp_now();
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
        CLEANUP_FREE char *when = stamp_now();
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
    if (id < 0 || (!w->loop && w->count) || (size_t)id >= n_wire_domain_events)
        return;
    const struct wire_type *type = wire_proc_find(WIRE_PROGRAM_REMOTE, proc)->args;
    w->count++;
    (w->ctl->json ? print_json : print_text)(w, id, domain_of(type, msg), type, msg);
}

static int event_id(const char *name)
{
    for (int i = 0; lookup_event_names[i]; i++)
        if (str_eq(lookup_event_names[i], name))
            return i;
    return -1;
}

/* Registers one event, or all that the server knows; the first must be accepted. */
static int registered(struct client *conn, int first, int last, struct wire_domain *d,
                      int ids[EVENTS_MAX], struct err *e)
{
    int n = 0;
    for (int id = first; id <= last; id++) {
        struct wire_connect_domain_event_callback_register_any_args args = {id, d};
        struct wire_connect_domain_event_callback_register_any_ret r;
        if (!call_connect_domain_event_callback_register_any(conn, &args, &r, e))
            ids[n++] = r.callbackID;
        else if (id == first)
            return -1;
    }
    return n;
}

static int wait_events(struct waiting *w, struct client *conn, uint64_t timeout_s, struct err *e)
{
    struct timeval now, end;
    gettimeofday(&end, NULL);
    end.tv_sec += (time_t)timeout_s;
    while (!interrupted && (w->loop || !w->count)) {
        gettimeofday(&now, NULL);
        long left =
            timeout_s ? (end.tv_sec - now.tv_sec) * 1000 + (end.tv_usec - now.tv_usec) / 1000 : -1;
        if (timeout_s && left <= 0)
            return 1;
        int r = client_poll(conn, NULL, 0, (int)left, e);
        if (r < 0 && !interrupted)
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

static int check_args(const struct args *a, int *ret_id, uint64_t *ret_timeout, struct err *e)
{
    *ret_id = arg_str(a, "event") ? event_id(arg_str(a, "event")) : 0;
    if (arg_has(a, "event") == arg_has(a, "all"))
        return fail(e, ERR_INVALID_ARG, "one of --list, --all, or --event <type> is required");
    if (*ret_id < 0)
        return fail(e, ERR_INVALID_ARG, "unknown event type %s", arg_str(a, "event"));
    if (arg_u64(a, "timeout", ret_timeout, e))
        return -1;
    return *ret_timeout > INT32_MAX / 1000
               ? fail(e, ERR_INVALID_ARG, "a timeout of %s seconds is too long",
                      arg_str(a, "timeout"))
               : 0;
}

static int run_event(struct ctl *c, const struct args *a, struct err *e)
{
    struct waiting w = {.ctl = c, .stamp = arg_has(a, "timestamp"), .loop = arg_has(a, "loop")};
    struct wire_domain d = {0};
    int id, ids[EVENTS_MAX];
    uint64_t timeout = 0;
    if (arg_has(a, "list"))
        return list_events(c);
    struct client *conn;
    if (check_args(a, &id, &timeout, e) || !(conn = ctl_conn(c, e)) ||
        (arg_str(a, "domain") && lookup_domain(c, a, BY_ANY, &d, e)))
        return -1;
    client_on_event(conn, on_event, &w);
    int last = arg_has(a, "all") ? (int)n_wire_domain_events - 1 : id;
    int n = registered(conn, id, last, d.name ? &d : NULL, ids, e), r = n < 0 ? -1 : 0;
    struct sigaction act = {.sa_handler = on_signal}, old;
    sigaction(SIGINT, &act, &old);
    if (!r)
        r = wait_events(&w, conn, timeout, e);
    sigaction(SIGINT, &old, NULL);
    for (int i = 0; i < n && client_is_alive(conn); i++)
        call_connect_domain_event_callback_deregister_any(
            conn, &(struct wire_connect_domain_event_callback_deregister_any_args){ids[i]}, NULL);
    client_on_event(conn, NULL, NULL);
    wire_clear(&wire_type_domain, &d);
    if (r < 0)
        return -1;
    if (!c->json)
        printf("%sevents received: %u\n",
               r == 1        ? "event loop timed out\n"
               : interrupted ? "event loop interrupted\n"
                             : "",
               w.count);
    if (r == 1 && !w.count) /* nothing came in time: a failure, without more words than those */
        return fail(e, ERR_OPERATION_TIMEOUT, "%s", "");
    return 0;
}

extern const struct cmd cmds_event[];
const struct cmd cmds_event[] = {
    {"event", GROUP_MONITOR, "Domain Events",
     "List event types, or wait for domain events to occur",
     OPTS({"domain", OPT_STR, 0, WHAT_DOMAIN, "filter by domain name, id or uuid"},
          {"event", OPT_STR, 0, WHAT_EVENT, "which event type to wait for"},
          FLAG("all", "wait for all events instead of just one type"),
          FLAG("loop", "loop until timeout or interrupt, rather than one-shot"),
          {"timeout", OPT_NUM, 0, WHAT_TEXT, "timeout seconds"},
          FLAG("list", "list valid event types"),
          FLAG("timestamp", "show timestamp for each printed event")),
     run_event},
    {0},
};
