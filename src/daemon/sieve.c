#include "daemon/sieve.h"

#include <string.h>

#include "base/mem.h"
#include "daemon/access.h"
#include "daemon/dispatch.h"
#include "daemon/object.h"

enum { NAMES_MAX = 16384, INT_BYTES = 4 };

/* --- requests --- */

static const struct counting {
    int count, list;
    size_t behind; /* bytes of the arguments that follow the new one, maxnames */
} countings[] = {
    {WIRE_CONNECT_NUM_OF_NETWORKS, WIRE_CONNECT_LIST_NETWORKS, 0},
    {WIRE_CONNECT_NUM_OF_DEFINED_NETWORKS, WIRE_CONNECT_LIST_DEFINED_NETWORKS, 0},
    {WIRE_CONNECT_NUM_OF_STORAGE_POOLS, WIRE_CONNECT_LIST_STORAGE_POOLS, 0},
    {WIRE_CONNECT_NUM_OF_DEFINED_STORAGE_POOLS, WIRE_CONNECT_LIST_DEFINED_STORAGE_POOLS, 0},
    {WIRE_STORAGE_POOL_NUM_OF_VOLUMES, WIRE_STORAGE_POOL_LIST_VOLUMES, 0},
    {WIRE_CONNECT_NUM_OF_INTERFACES, WIRE_CONNECT_LIST_INTERFACES, 0},
    {WIRE_CONNECT_NUM_OF_DEFINED_INTERFACES, WIRE_CONNECT_LIST_DEFINED_INTERFACES, 0},
    {WIRE_CONNECT_NUM_OF_SECRETS, WIRE_CONNECT_LIST_SECRETS, 0},
    {WIRE_CONNECT_NUM_OF_NWFILTERS, WIRE_CONNECT_LIST_NWFILTERS, 0},
    {WIRE_NODE_NUM_OF_DEVICES, WIRE_NODE_LIST_DEVICES, INT_BYTES},
};

static const struct counting *counting_of(const struct wire_proc *p)
{
    for (size_t i = 0; i < sizeof(countings) / sizeof(*countings); i++)
        if (countings[i].count == p->nr)
            return &countings[i];
    return NULL;
}

static const struct wire_field *field_find(const struct wire_type *t, const char *name)
{
    for (size_t i = 0; t && i < t->n_fields; i++)
        if (str_eq(t->fields[i].name, name))
            return &t->fields[i];
    return NULL;
}

static int *int_of(const struct wire_type *t, void *value, const char *name)
{
    const struct wire_field *f = field_find(t, name);
    return f ? (int *)(void *)((char *)value + f->offset) : NULL;
}

static void insert_max(struct str *payload, size_t behind)
{
    const uint8_t max[INT_BYTES] = {0, 0, NAMES_MAX >> 8, NAMES_MAX & 0xff};
    CLEANUP_STR struct str all = {0};
    size_t at = payload->len - (behind < payload->len ? behind : payload->len);
    str_addn(&all, payload->p, at);
    str_addn(&all, (const char *)max, sizeof(max));
    str_addn(&all, payload->p + at, payload->len - at);
    str_clear(payload);
    *payload = all;
    all = (struct str){0};
}

bool sieve_wants(const struct call *c)
{
    const struct wire_proc *p = c->proc;
    if (!p->relay || !p->ret || !p->ret->n_fields || p->flags & WIRE_P_EVENT)
        return false;
    const struct wire_field *f = &p->ret->fields[0];
    if (p->filter)
        return !str_eq(f->name, "callbackID");
    return f->kind == WIRE_K_STRUCT && f->shape == WIRE_S_ONE && p->n_acl &&
           str_eq(p->acl[0].right, "getattr");
}

/* How many names the client wants at most; NULL: it is no such call. */
static int *max_of(const struct call *c)
{
    int *max = int_of(c->proc->args, c->args, "maxnames");
    return max ? max : int_of(c->proc->args, c->args, "maxuuids");
}

/* The same arguments but for one. */
static void with_value(const struct call *c, int *at, int value, struct str *payload)
{
    int old = *at;
    *at = value;
    str_clear(payload);
    (void)wire_encode(c->proc->args, c->args, payload, NULL); /* it has been decoded */
    *at = old;
}

int sieve_request(const struct call *c, struct str *payload)
{
    const struct counting *n = counting_of(c->proc);
    if (!access_is_guarded(c->session) || !sieve_wants(c))
        return c->proc->nr;
    if (n) {
        insert_max(payload, n->behind);
        return n->list;
    }
    int *wanted = int_of(c->proc->args, c->args, "need_results"), *max = max_of(c);
    if (max && *max >= 0 && *max < NAMES_MAX)
        with_value(c, max, NAMES_MAX, payload);
    else if (wanted && !*wanted)
        with_value(c, wanted, 1, payload);
    return c->proc->nr;
}

/* --- answers --- */

static size_t *count_of(const struct wire_field *f, void *ret)
{
    return (size_t *)(void *)((char *)ret + f->n_offset);
}

static char *array_of(const struct wire_field *f, void *ret)
{
    char *items;
    memcpy(&items, (char *)ret + f->offset, sizeof(items));
    return items;
}

/* Lists of names: of secrets they are uuids. */
static void object_of_name(const struct call *c, const char *name, struct object *ret)
{
    static const char *const types[] = {"network",     "storage_pool", "storage_vol", "interface",
                                        "node_device", "nwfilter",     "secret"};
    const char *filter = c->proc->filter;
    *ret = (struct object){.type = "connect", .name = name};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (str_starts(filter, types[i]) && filter[strlen(types[i])] == ':')
            ret->type = types[i];
    if (str_eq(ret->type, "storage_vol"))
        ret->parent = c->resolved_name;
    if (str_eq(ret->type, "secret") && strlen(name) < sizeof(ret->uuid)) {
        memcpy(ret->uuid, name, strlen(name));
        ret->name = NULL;
    }
}

static bool sees_item(struct call *c, const struct wire_field *f, const char *item)
{
    struct object o;
    const char *name;
    if (f->kind == WIRE_K_STRUCT)
        return object_of_value(f->type, item, &o) && access_sees_object(c, &o);
    memcpy(&name, item, sizeof(name));
    object_of_name(c, name, &o);
    return access_sees_object(c, &o);
}

static void drop_item(const struct wire_field *f, char *item)
{
    if (f->kind == WIRE_K_STRUCT) {
        wire_clear(f->type, item);
        return;
    }
    char *name;
    memcpy(&name, item, sizeof(name));
    free(name);
}

/* In two turns: nothing is taken out before all is known. */
static int sieve_list(struct call *c, const struct wire_field *f, void *ret)
{
    size_t *n = count_of(f, ret), kept = 0;
    size_t size = f->kind == WIRE_K_STRUCT ? f->type->size : sizeof(char *);
    char *items = array_of(f, ret);
    for (size_t i = 0; i < *n; i++)
        (void)sees_item(c, f, items + i * size);
    if (access_waits(c))
        return CALL_FAILED;
    for (size_t i = 0; i < *n; i++) {
        if (!sees_item(c, f, items + i * size)) {
            drop_item(f, items + i * size);
            continue;
        }
        if (kept != i)
            memcpy(items + kept * size, items + i * size, size);
        kept++;
    }
    *n = kept;
    return CALL_DONE;
}

static int sieve_one(struct call *c, const struct wire_field *f, const void *ret)
{
    struct object o;
    if (!object_of_value(f->type, (const char *)ret + f->offset, &o) || access_sees_object(c, &o))
        return CALL_DONE;
    fail(&c->err, ERR_ACCESS_DENIED, "access denied: 'getattr' on '%s' is needed", o.type);
    c->err.domain = ERR_FROM_ACCESS;
    return CALL_FAILED;
}

/* Of those that are left, the client gets as many as it asked for. */
static void cut_list(const struct call *c, const struct wire_field *f, void *ret)
{
    size_t size = f->kind == WIRE_K_STRUCT ? f->type->size : sizeof(char *);
    const int *wanted = int_of(c->proc->args, c->args, "need_results"), *max = max_of(c);
    size_t most = max ? (size_t)(*max > 0 ? *max : 0) : wanted && !*wanted ? 0 : SIZE_MAX;
    size_t *n = count_of(f, ret);
    while (*n > most)
        drop_item(f, array_of(f, ret) + --*n * size);
}

static int sieve_value(struct call *c, const struct wire_type *t, void *ret)
{
    const struct wire_field *f = &t->fields[0];
    if (f->shape != WIRE_S_ARRAY)
        return f->kind == WIRE_K_STRUCT ? sieve_one(c, f, ret) : CALL_DONE;
    if (sieve_list(c, f, ret))
        return CALL_FAILED;
    const int *wanted = int_of(c->proc->args, c->args, "need_results");
    int *total = int_of(t, ret, "ret");
    size_t *n = count_of(f, ret);
    if (total && (c->has_raw || !wanted || *wanted))
        *total = (int)*n;
    cut_list(c, f, ret);
    return CALL_DONE;
}

/* Answers of other daemons: bytes in, bytes out. */
static int sieve_raw(struct call *c)
{
    const struct counting *n = counting_of(c->proc);
    const struct wire_type *t =
        n ? wire_proc_find(WIRE_PROGRAM_REMOTE, n->list)->ret : c->proc->ret;
    CLEANUP_STR struct str out = {0};
    CLEANUP_FREE void *ret = mem_new(1, t->size);
    if (wire_decode(t, c->raw.p, c->raw.len, ret, &c->err))
        return CALL_FAILED;
    int r = sieve_value(c, t, ret);
    int number = n && r == CALL_DONE ? (int)*count_of(&t->fields[0], ret) : 0;
    if (r == CALL_DONE)
        r = n ? wire_encode(c->proc->ret, &number, &out, &c->err)
              : wire_encode(t, ret, &out, &c->err);
    wire_clear(t, ret);
    if (r == CALL_DONE) {
        str_clear(&c->raw);
        c->raw = out;
        out = (struct str){0};
    }
    return r;
}

int sieve_answer(struct call *c)
{
    int r = c->has_raw ? sieve_raw(c) : sieve_value(c, c->proc->ret, c->ret);
    if (r != CALL_DONE && !access_waits(c))
        c->has_raw = false; /* the error is ours */
    return r;
}
