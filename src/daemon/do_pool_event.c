/* Events of this daemon's own pools. */
#include "base/str.h"
#include "base/uuid.h"
#include "core/pool.h"
#include "daemon/dispatch.h"
#include "daemon/do_event.h"
#include "daemon/object.h"
#include "daemon/storage_task.h"
#include "wire/consts.h"

struct pool_event { /* survives the pool */
    struct daemon *daemon;
    char *name;
    uint8_t uuid[UUID_LEN];
    int id, type;
};

static void deliver_to(struct session *s, const struct pool_event *ev, const struct object *o,
                       const struct registration *r)
{
    struct wire_storage_pool pool = {.name = ev->name};
    memcpy(pool.uuid, ev->uuid, sizeof(pool.uuid));
    struct wire_storage_pool_event_lifecycle_msg life = {r->callback_id, pool, ev->type, 0};
    struct wire_storage_pool_event_refresh_msg fresh = {r->callback_id, pool};
    if (r->style != STYLE_POOL || r->event_id != ev->id ||
        (r->has_guest && !uuid_eq(r->uuid, ev->uuid)))
        return;
    if (ev->id == VIR_STORAGE_POOL_EVENT_ID_REFRESH)
        session_send_event(s, o, r->callback_id, WIRE_STORAGE_POOL_EVENT_REFRESH, &fresh);
    else
        session_send_event(s, o, r->callback_id, WIRE_STORAGE_POOL_EVENT_LIFECYCLE, &life);
}

static void deliver(void *arg)
{
    struct pool_event *ev = arg;
    struct object o = {.type = "storage_pool", .name = ev->name};
    uuid_format(ev->uuid, o.uuid);
    for (struct session *s = ev->daemon->sessions; s; s = s->next)
        for (size_t i = 0; i < s->n_registrations; i++)
            deliver_to(s, ev, &o, &s->registrations[i]);
    free(ev->name);
    free(ev);
}

void pool_event(struct daemon *d, const struct pool *p, int id, int type)
{
    struct pool_event *ev = NEW(struct pool_event);
    *ev = (struct pool_event){.daemon = d, .name = mem_str(p->name), .id = id, .type = type};
    memcpy(ev->uuid, p->uuid, sizeof(ev->uuid));
    loop_defer(d->loop, deliver, ev);
}

static int do_register(struct call *c)
{
    const struct wire_connect_storage_pool_event_register_any_args *args = c->args;
    struct wire_connect_storage_pool_event_register_any_ret *ret = c->ret;
    struct registration r = {.style = STYLE_POOL, .event_id = args->eventID};
    if (r.event_id != VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE &&
        r.event_id != VIR_STORAGE_POOL_EVENT_ID_REFRESH) {
        fail(&c->err, ERR_INTERNAL, "unsupported event ID %d", r.event_id);
        c->err.domain = ERR_FROM_RPC;
        return CALL_FAILED;
    }
    if (args->pool) {
        if (!pools_find_uuid(c->daemon->pools, args->pool->uuid, &c->err))
            return CALL_FAILED;
        r.has_guest = true;
        memcpy(r.uuid, args->pool->uuid, sizeof(r.uuid));
    }
    ret->callbackID = c->session->next_callback_id;
    return registration_add(c, r);
}

static int do_deregister(struct call *c)
{
    const struct wire_connect_storage_pool_event_deregister_any_args *args = c->args;
    return registration_drop(c, STYLE_POOL, args->callbackID);
}

static const struct handler rows[] = {
    {WIRE_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, do_register},
    {WIRE_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY, do_deregister},
};
const struct handlers do_pool_event_handlers = HANDLERS(rows);
