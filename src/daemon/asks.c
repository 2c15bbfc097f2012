#include "daemon/asks.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "daemon/daemon.h"
#include "daemon/identity.h"
#include "daemon/object.h"
#include "daemon/polkit.h"

enum { DETAILS_MAX = 5 };

/* --- a list --- */

static bool text_fits(const char *a, const char *b)
{
    return a == b || str_eq(a, b);
}

static bool is_it(const struct ask *a, const char *right, const struct object *o)
{
    return str_eq(a->type, o->type) && !strcmp(a->uuid, o->uuid) && str_eq(a->right, right) &&
           text_fits(a->name, o->name) && text_fits(a->key, o->key) &&
           text_fits(a->parent, o->parent);
}

static enum asks_say say(struct asks *a, size_t i)
{
    const struct ask *x = &a->items[i];
    a->at = i + 1;
    return !x->is_answered ? ASKS_OPEN : x->is_granted ? ASKS_YES : ASKS_NO;
}

enum asks_say asks_look(struct asks *a, const char *right, const struct object *o)
{
    for (size_t k = 0; k < a->n; k++) {
        size_t i = (a->at + k) % a->n;
        if (is_it(&a->items[i], right, o))
            return say(a, i);
    }
    if (a->n == ASKS_MAX)
        return ASKS_NO;
    struct ask x = {.type = o->type,
                    .right = mem_str(right),
                    .name = mem_str(o->name),
                    .key = mem_str(o->key),
                    .parent = mem_str(o->parent)};
    memcpy(x.uuid, o->uuid, sizeof(x.uuid));
    VEC_PUSH(a->items, a->n, x);
    a->n_open++;
    a->at = a->n;
    return ASKS_OPEN;
}

void asks_clear(struct asks *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct ask *x = &a->items[i];
        free(x->right);
        free(x->name);
        free(x->key);
        free(x->parent);
    }
    free(a->items);
    free(a->why);
    *a = (struct asks){0};
}

/* --- in polkit's words --- */

static const struct wording { /* NULL: no such detail */
    const char *type, *driver, *name, *uuid, *key, *parent;
} words[] = {
    {"connect", "Xen", NULL, NULL, NULL, NULL},
    {"domain", "Xen", "domain_name", "domain_uuid", NULL, NULL},
    {"network", "network", "network_name", "network_uuid", NULL, NULL},
    {"network_port", "network", NULL, "port_uuid", NULL, "network_name"},
    {"storage_pool", "storage", "pool_name", "pool_uuid", NULL, NULL},
    {"storage_vol", "storage", "vol_name", NULL, "vol_key", "pool_name"},
    {"interface", "interface", "interface_name", NULL, "interface_macaddr", NULL},
    {"node_device", "nodedev", "node_device_name", NULL, NULL, NULL},
    {"nwfilter", "NWFilter", "nwfilter_name", "nwfilter_uuid", NULL, NULL},
    {"nwfilter_binding", "NWFilter", "nwfilter_binding_portdev", NULL, NULL, NULL},
    {"secret", "secret", NULL, "secret_uuid", NULL, NULL},
};

static const struct wording *wording_of(const char *type)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(words[i].type, type))
            return &words[i];
    return NULL;
}

static void add_detail(struct polkit_question *q, const char *name, const char *value)
{
    if (name && !str_empty(value))
        q->details[q->n_details++] = (struct polkit_detail){name, value};
}

static void put_question(const struct ask *x, struct polkit_question *q)
{
    const struct wording *w = wording_of(x->type);
    q->action = mem_printf("org.libvirt.api.%s.%s", x->type, x->right);
    for (char *p = q->action; *p; p++)
        if (*p == '_')
            *p = '-';
    if (!w)
        return;
    add_detail(q, "connect_driver", w->driver);
    add_detail(q, w->name, x->name);
    add_detail(q, w->uuid, x->uuid);
    add_detail(q, w->key, x->key);
    add_detail(q, w->parent, x->parent);
}

/* --- asking --- */

struct asking {
    struct asking *next; /* that waits */
    struct daemon *daemon;
    const struct polkit_ops *polkit;
    struct polkit_subject subject;
    struct asks asks;
    asks_fn *done;
    void *arg;
    struct err err;
};

static void work_ask(void *arg)
{
    struct asking *x = arg;
    size_t n = 0;
    CLEANUP_FREE struct polkit_question *q = mem_new(x->asks.n, sizeof(*q));
    CLEANUP_FREE size_t *which = mem_new(x->asks.n, sizeof(*which));
    for (size_t i = 0; i < x->asks.n; i++) {
        if (x->asks.items[i].is_answered)
            continue;
        put_question(&x->asks.items[i], &q[n]);
        which[n++] = i;
    }
    x->polkit->ask(&x->subject, q, n, ASKS_TIMEOUT_MS, &x->err);
    for (size_t i = 0; i < n; i++) {
        x->asks.items[which[i]].is_granted = q[i].is_granted;
        free(q[i].action);
    }
}

static void after_ask(void *arg);

static void begin(struct asking *x)
{
    x->daemon->n_asking++;
    loop_work(x->daemon->loop, work_ask, after_ask, x);
}

static void give_back(struct asking *x)
{
    for (size_t i = 0; i < x->asks.n; i++)
        x->asks.items[i].is_answered = true;
    x->asks.n_open = 0;
    x->asks.at = 0;
    str_set(&x->asks.why, x->err.code ? x->err.msg : NULL);
    x->done(x->arg, &x->asks);
    asks_clear(&x->asks);
    free(x);
}

static void after_ask(void *arg)
{
    struct asking *x = arg, *next = x->daemon->asks_waiting;
    x->daemon->n_asking--;
    if (next) {
        x->daemon->asks_waiting = next->next;
        x->daemon->n_asks_waiting--;
        begin(next);
    }
    if (x->err.code)
        log_msg(LOG_WARN, "rights are denied: %s", x->err.msg);
    give_back(x);
}

static void refuse_all(void *arg)
{
    give_back(arg);
}

void asks_go(struct daemon *d, const struct identity *who, struct asks *a, asks_fn *done, void *arg)
{
    struct asking *x = NEW(struct asking), **end = &d->asks_waiting;
    *x = (struct asking){.daemon = d, .polkit = d->polkit, .asks = *a, .done = done, .arg = arg};
    *a = (struct asks){0};
    x->subject =
        (struct polkit_subject){.uid = who->uid, .pid = who->pid, .start_ticks = who->start_ticks};
    if (!who->is_local)
        fail(&x->err, ERR_ACCESS_DENIED, "polkit knows processes of this machine only");
    else if (d->n_asks_waiting == ASKS_WAITING_MAX)
        fail(&x->err, ERR_ACCESS_DENIED, "too many questions are waiting for polkit");
    if (x->err.code) {
        loop_defer(d->loop, refuse_all, x);
        return;
    }
    if (d->n_asking < ASKS_RUNNING_MAX) {
        begin(x);
        return;
    }
    while (*end)
        end = &(*end)->next;
    *end = x;
    d->n_asks_waiting++;
}
