#include "object.h"

#include "base/str.h"
#include "base/uuid.h"
#include "client/client.h"
#include "lookup.h"
#include "wire/consts.h"
#include "wire/proc.h"

enum { WAYS_MAX = 3 };

struct kind {
    const char *option; /* and what messages call it */
    const struct wire_type *type;
    const char *trying; /* of a failed look-up; NULL: "failed to get OPTION 'x'" */
    struct way {
        int proc, by; /* BY_* of lookup.h */
    } ways[WAYS_MAX];
    int list; /* procedure: all of the kind */
};

static const struct kind kinds[OBJECTS] = {
    [OBJ_DOMAIN] = {"domain", &wire_type_domain},
    [OBJ_NETWORK] = {"network",
                     &wire_type_network,
                     NULL,
                     {{WIRE_NETWORK_LOOKUP_BY_UUID, BY_UUID},
                      {WIRE_NETWORK_LOOKUP_BY_NAME, BY_NAME}},
                     WIRE_CONNECT_LIST_ALL_NETWORKS},
    [OBJ_POOL] = {"pool",
                  &wire_type_storage_pool,
                  NULL,
                  {{WIRE_STORAGE_POOL_LOOKUP_BY_UUID, BY_UUID},
                   {WIRE_STORAGE_POOL_LOOKUP_BY_NAME, BY_NAME}},
                  WIRE_CONNECT_LIST_ALL_STORAGE_POOLS},
    [OBJ_VOLUME] = {"vol",
                    &wire_type_storage_vol,
                    NULL,
                    {{WIRE_STORAGE_VOL_LOOKUP_BY_KEY, BY_NAME},
                     {WIRE_STORAGE_VOL_LOOKUP_BY_PATH, BY_NAME}},
                    WIRE_STORAGE_POOL_LIST_ALL_VOLUMES},
    [OBJ_NODEDEV] = {"device",
                     &wire_type_node_device,
                     "Could not find matching device",
                     {{WIRE_NODE_DEVICE_LOOKUP_BY_NAME, BY_NAME}},
                     WIRE_CONNECT_LIST_ALL_NODE_DEVICES},
    [OBJ_IFACE] = {"interface",
                   &wire_type_interface,
                   NULL,
                   {{WIRE_INTERFACE_LOOKUP_BY_MAC_STRING, BY_ID},
                    {WIRE_INTERFACE_LOOKUP_BY_NAME, BY_NAME}},
                   WIRE_CONNECT_LIST_ALL_INTERFACES},
    [OBJ_NWFILTER] = {"nwfilter",
                      &wire_type_nwfilter,
                      NULL,
                      {{WIRE_NWFILTER_LOOKUP_BY_UUID, BY_UUID},
                       {WIRE_NWFILTER_LOOKUP_BY_NAME, BY_NAME}},
                      WIRE_CONNECT_LIST_ALL_NWFILTERS},
    [OBJ_BINDING] = {"binding",
                     &wire_type_nwfilter_binding,
                     "failed to get nwfilter binding",
                     {{WIRE_NWFILTER_BINDING_LOOKUP_BY_PORT_DEV, BY_NAME}},
                     WIRE_CONNECT_LIST_ALL_NWFILTER_BINDINGS},
    [OBJ_SECRET] = {"secret",
                    &wire_type_secret,
                    NULL,
                    {{WIRE_SECRET_LOOKUP_BY_UUID, BY_UUID}},
                    WIRE_CONNECT_LIST_ALL_SECRETS},
};

const struct wire_type *object_type(enum object kind)
{
    return kinds[kind].type;
}

void object_drop(struct object_handle *o)
{
    if (o->kind)
        wire_clear(kinds[o->kind].type, o->bytes);
    o->kind = OBJ_NONE;
}

char *object_name(enum object kind, const void *handle)
{
    const struct wire_type *t = kinds[kind].type;
    for (size_t i = 0; i < t->n_fields; i++) {
        const struct wire_field *f = &t->fields[i];
        const char *at = (const char *)handle + f->offset;
        char text[UUID_TEXT];
        if (f->kind == WIRE_K_STRING && !str_eq(f->name, "pool") && kind != OBJ_SECRET)
            return mem_str(*(char *const *)at);
        if (f->kind == WIRE_K_OPAQUE && kind == OBJ_SECRET)
            return mem_str(uuid_format((const uint8_t *)at, text));
    }
    return mem_str("");
}

/* A text that cannot be meant so is not asked for. */
static bool may_be(int by, const char *text)
{
    uint8_t uuid[16];
    return by == BY_UUID ? strlen(text) == UUID_TEXT - 1 && uuid_parse(text, uuid)
           : by == BY_ID ? strlen(text) == 17 && text[2] == ':' /* a MAC address */
                         : true;
}

static int look(struct client *conn, const struct way *way, const char *text,
                struct object_handle *ret, struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, way->proc);
    CLEANUP_FREE char *args = mem_new(1, p->args->size);
    const struct wire_field *f = &p->args->fields[0];
    if (f->kind == WIRE_K_STRING)
        *(const char **)(args + f->offset) = text;
    else if (!uuid_parse(text, (uint8_t *)args + f->offset))
        return fail(e, ERR_INVALID_ARG, "'%s' is no uuid", text);
    return client_call(conn, way->proc, args, ret->bytes, e);
}

static int not_found(struct ctl *c, enum object kind, const char *text, const char *hint)
{
    if (kinds[kind].trying)
        ctl_trying(c, "%s '%s'", kinds[kind].trying, text);
    else
        ctl_trying(c, "failed to get %s '%s'%s", kinds[kind].option, text, hint);
    return -1;
}

static int by_ways(struct ctl *c, enum object kind, const char *text, int ways,
                   struct object_handle *ret, struct err *e)
{
    const struct way *w = kinds[kind].ways;
    for (size_t i = 0; i < WAYS_MAX && w[i].proc; i++)
        if ((!ways || ways & w[i].by) && may_be(w[i].by, text) &&
            !look(c->conn_, &w[i], text, ret, e)) {
            ret->kind = kind;
            return 0;
        }
    if (kind == OBJ_SECRET && !may_be(BY_UUID, text))
        fail(e, ERR_INVALID_ARG, "'%s' is no uuid", text);
    return -1;
}

/* A volume is looked for by name in its pool first. */
static int volume_lookup(struct ctl *c, const struct args *a, const char *text, bool has_pool,
                         struct object_handle *ret, struct err *e)
{
    const char *pool = has_pool ? arg_str(a, "pool") : NULL;
    if (pool) {
        CLEANUP_OBJECT struct object_handle p = {0};
        if (by_ways(c, OBJ_POOL, pool, 0, &p, e))
            return not_found(c, OBJ_POOL, pool, "");
        struct wire_storage_vol_lookup_by_name_args args = {*(struct wire_storage_pool *)p.bytes,
                                                            (char *)text};
        if (!client_call(c->conn_, WIRE_STORAGE_VOL_LOOKUP_BY_NAME, &args, ret->bytes, e)) {
            ret->kind = OBJ_VOLUME;
            return 0;
        }
    }
    if (!by_ways(c, OBJ_VOLUME, text, 0, ret, e))
        return 0;
    return not_found(c, OBJ_VOLUME, text,
                     has_pool && !pool ? ", specifying --pool might help" : "");
}

static bool has_option(const struct cmd *cmd, const char *name)
{
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        if (str_eq(o->name, name))
            return true;
    return false;
}

int object_lookup(struct ctl *c, const struct args *a, enum object kind, int ways,
                  struct object_handle *ret, struct err *e)
{
    const char *text = arg_str(a, kinds[kind].option);
    if (kind == OBJ_DOMAIN) {
        if (lookup_domain(c, a, ways ? ways : BY_ANY, (struct wire_domain *)ret->bytes, e))
            return -1;
        ret->kind = OBJ_DOMAIN;
        return 0;
    }
    if (!ctl_conn(c, e))
        return -1;
    if (kind == OBJ_VOLUME)
        return volume_lookup(c, a, text, has_option(a->cmd, "pool"), ret, e);
    return by_ways(c, kind, text, ways, ret, e) ? not_found(c, kind, text, "") : 0;
}

int object_call(struct ctl *c, int proc, enum object kind, const void *handle, void *ret,
                struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    CLEANUP_FREE char *args = mem_new(1, p->args->size);
    memcpy(args, handle, kinds[kind].type->size);
    return client_call(c->conn_, proc, args, ret, e);
}

int object_number(struct ctl *c, int proc, enum object kind, const void *handle, struct err *e)
{
    int number = 0; /* all that these calls answer */
    return object_call(c, proc, kind, handle, &number, e) ? -1 : number;
}

struct named {
    char *name;
    const char *item;
};

static int by_name(const void *x, const void *y)
{
    const struct named *a = x, *b = y;
    return strcasecmp(a->name, b->name);
}

static void sort(struct objects *o, const char *items, size_t size)
{
    struct named *all = mem_new(o->n + 1, sizeof(*all));
    o->items = mem_new(o->n + 1, sizeof(*o->items));
    for (size_t i = 0; i < o->n; i++)
        all[i] = (struct named){object_name(o->kind, items + i * size), items + i * size};
    qsort(all, o->n, sizeof(*all), by_name);
    for (size_t i = 0; i < o->n; i++) {
        o->items[i] = all[i].item;
        free(all[i].name);
    }
    free(all);
}

int objects_call(struct ctl *c, enum object kind, int proc, const void *args, struct objects *ret,
                 struct err *e)
{
    const struct wire_proc *p = wire_proc_find(WIRE_PROGRAM_REMOTE, proc);
    const struct wire_field *list = &p->ret->fields[0];
    char *answer = mem_new(1, p->ret->size);
    if (client_call(c->conn_, proc, args, answer, e)) {
        free(answer);
        return -1;
    }
    *ret = (struct objects){kind, answer, NULL, *(size_t *)(answer + list->n_offset)};
    sort(ret, *(char **)(answer + list->offset), list->type->size);
    return 0;
}

int objects_list(struct ctl *c, enum object kind, unsigned flags, struct objects *ret,
                 struct err *e)
{
    struct {
        int need_results;
        unsigned flags;
    } args = {1, flags}; /* of every call that lists all of a kind */
    return !ctl_conn(c, e) || objects_call(c, kind, kinds[kind].list, &args, ret, e) ? -1 : 0;
}

void objects_clear(struct objects *o)
{
    if (o->ret) {
        wire_clear(wire_proc_find(WIRE_PROGRAM_REMOTE, kinds[o->kind].list)->ret, o->ret);
        free(o->ret);
    }
    free(o->items);
    *o = (struct objects){0};
}

void object_names(struct ctl *c, enum object kind, void (*each)(void *arg, const char *name),
                  void *arg)
{
    CLEANUP_OBJECTS struct objects all = {0};
    struct err e;
    if (objects_list(c, kind, 0, &all, &e))
        return;
    for (size_t i = 0; i < all.n; i++) {
        CLEANUP_FREE char *name = object_name(kind, all.items[i]);
        each(arg, name);
    }
}
