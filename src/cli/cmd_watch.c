/* Events of networks, pools, node devices and secrets. */
#include "base/str.h"
#include "client/client.h"
#include "object.h"
#include "opts.h"
#include "out.h"
#include "watch.h"
#include "wire/consts.h"
#include "wire/proc.h"

enum { KINDS_MAX = 2, DETAILS_MAX = 6 };

struct source {
    const char *command, *noun;
    enum object object;
    int subscribe, forget; /* procedures: (event, thing or null), (number) */
    const char *names[KINDS_MAX];
    int procs[KINDS_MAX];
    const char *what[DETAILS_MAX]; /* of the first event: its member event */
};

static const struct source sources[] = {
    {"net-event",
     "network",
     OBJ_NETWORK,
     WIRE_CONNECT_NETWORK_EVENT_REGISTER_ANY,
     WIRE_CONNECT_NETWORK_EVENT_DEREGISTER_ANY,
     {"lifecycle"},
     {WIRE_NETWORK_EVENT_LIFECYCLE},
     {"Defined", "Undefined", "Started", "Stopped"}},
    {"pool-event",
     "storage pool",
     OBJ_POOL,
     WIRE_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY,
     WIRE_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY,
     {"lifecycle", "refresh"},
     {WIRE_STORAGE_POOL_EVENT_LIFECYCLE, WIRE_STORAGE_POOL_EVENT_REFRESH},
     {"Defined", "Undefined", "Started", "Stopped", "Created", "Deleted"}},
    {"nodedev-event",
     "node device",
     OBJ_NODEDEV,
     WIRE_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY,
     WIRE_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY,
     {"lifecycle", "update"},
     {WIRE_NODE_DEVICE_EVENT_LIFECYCLE, WIRE_NODE_DEVICE_EVENT_UPDATE},
     {"Created", "Deleted", "Defined", "Undefined"}},
    {"secret-event",
     "secret",
     OBJ_SECRET,
     WIRE_CONNECT_SECRET_EVENT_REGISTER_ANY,
     WIRE_CONNECT_SECRET_EVENT_DEREGISTER_ANY,
     {"lifecycle", "value-changed"},
     {WIRE_SECRET_EVENT_LIFECYCLE, WIRE_SECRET_EVENT_VALUE_CHANGED},
     {"Defined", "Undefined"}},
};

struct listening {
    const struct source *source;
    struct watch watch;
    struct object_handle only; /* kind 0: all */
    int event;
    bool stamp;
};

/* The messages begin alike: the callback's number, the thing, and, of a life cycle, what happened.
 */
static void say(struct listening *l, int k, const char *name, int what)
{
    const struct source *s = l->source;
    const char *word = what >= 0 && what < DETAILS_MAX ? s->what[what] : NULL;
    CLEANUP_FREE char *when = watch_stamp();
    if (k == 0 && !word)
        word = "unknown";
    if (!l->watch.c->json) {
        printf("%s%sevent '%s' for %s %s%s%s\n", l->stamp ? when : "", l->stamp ? ": " : "",
               s->names[k], s->noun, name, k == 0 ? ": " : "", k == 0 ? word : "");
        fflush(stdout);
        return;
    }
    struct json_rows *j = json_rows_new();
    json_rows_object(j);
    json_rows_set(j, "time", COL_TEXT, when);
    json_rows_set(j, "event", COL_TEXT, s->names[k]);
    json_rows_set(j, "name", COL_TEXT, name);
    if (k == 0)
        json_rows_set(j, "event_type", COL_TEXT, word);
    json_rows_print(j, true);
    json_rows_free(j);
}

static void on_event(void *context, int proc, const void *msg)
{
    struct listening *l = context;
    const struct wire_type *t = wire_proc_find(WIRE_PROGRAM_REMOTE, proc)->args;
    int k = proc == l->source->procs[0] ? 0 : proc == l->source->procs[1] ? 1 : -1;
    if (k < 0 || (!l->watch.loop && l->watch.count) || t->n_fields < 2)
        return;
    CLEANUP_FREE char *name =
        object_name(l->source->object, (const char *)msg + t->fields[1].offset);
    int what = k == 0 ? *(const int *)((const char *)msg + t->fields[2].offset) : 0;
    l->watch.count++;
    say(l, k, name, what);
}

static int subscribe(void *context, struct client *conn, struct err *e)
{
    struct listening *l = context;
    struct {
        int event;
        const void *thing;
    } args = {l->event, l->only.kind ? l->only.bytes : NULL}; /* of all four calls */
    int callback;
    if (client_call(conn, l->source->subscribe, &args, &callback, e))
        return -1;
    watch_add(&l->watch, callback);
    return 0;
}

static int event_of(const struct source *s, const char *word, int *ret, struct err *e)
{
    for (*ret = 0; word && *ret < KINDS_MAX && s->names[*ret]; ++*ret)
        if (str_eq(s->names[*ret], word))
            return 0;
    return word ? fail(e, ERR_INVALID_ARG, "unknown event type %s", word)
                : fail(e, ERR_INVALID_ARG, "either --list or --event <type> is required");
}

static int list_print(struct ctl *c, const struct source *s)
{
    static const struct col cols[] = {{"Event", "event", COL_TEXT}};
    struct table t = {.cols = cols, .n_cols = 1};
    for (int i = 0; i < KINDS_MAX && s->names[i]; i++) {
        table_add(&t, s->names[i]);
        if (!c->json)
            puts(s->names[i]);
    }
    if (c->json)
        table_print(c, &t);
    table_clear(&t);
    return 0;
}

static int run_watch(struct ctl *c, const struct args *a, struct err *e)
{
    struct listening l = {.source = sources};
    while (!str_eq(l.source->command, a->cmd->name))
        l.source++;
    if (arg_has(a, "list"))
        return list_print(c, l.source);
    const char *about = a->cmd->opts[0].name;
    l.watch = (struct watch){.c = c,
                             .loop = arg_has(a, "loop"),
                             .on_event = on_event,
                             .context = &l,
                             .subscribe = subscribe,
                             .forget = l.source->forget};
    l.stamp = arg_has(a, "timestamp");
    if (event_of(l.source, arg_str(a, "event"), &l.event, e) ||
        watch_timeout(a, &l.watch.timeout_s, e) ||
        (arg_str(a, about) && object_lookup(c, a, l.source->object, 0, &l.only, e)))
        return -1;
    int r = watch_run(&l.watch, e);
    object_drop(&l.only);
    return r;
}

#define WATCH(thing, what, help) \
    OPTS(MAY(thing, what, help), MAY("event", WHAT_TEXT, "which event"), \
         FLAG("loop", "until the time-out or ^C, not only one; reconnects"), \
         MAY_NUM("timeout", "seconds"), FLAG("list", "list the events"), \
         FLAG("timestamp", "when each came"))

extern const struct cmd cmds_watch[];
const struct cmd cmds_watch[] = {
    {"net-event", GROUP_NETWORK, "wait for events of networks", NULL,
     WATCH("network", WHAT_NETWORK, "only of this network"), run_watch},
    {"nodedev-event", GROUP_NODEDEV, "wait for events of devices", NULL,
     WATCH("device", WHAT_NODEDEV, "only of this device"), run_watch},
    {"pool-event", GROUP_POOL, "wait for events of pools", NULL,
     WATCH("pool", WHAT_POOL, "only of this pool"), run_watch},
    {"secret-event", GROUP_SECRET, "wait for events of secrets", NULL,
     WATCH("secret", WHAT_TEXT, "only of this secret"), run_watch},
    {0},
};
