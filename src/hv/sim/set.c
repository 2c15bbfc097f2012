/* What is changed at once. */
#include "sim_priv.h"

static int leave(struct hv *h, const struct sim_dom *d, int r)
{
    if (!r)
        sim_save_state(h, d);
    lock_leave(h->lock);
    return r;
}

int sim_watch(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    d->is_watched = true;
    lock_leave(h->lock);
    return 0;
}

static struct sim_kv *find_userdata(struct sim_dom *d, const char *key)
{
    for (size_t i = 0; i < d->s.n_userdata; i++)
        if (str_eq(d->s.userdata[i].key, key))
            return &d->s.userdata[i];
    return NULL;
}

int sim_userdata(struct hv *h, uint32_t domid, const char *key, char **ret, size_t *ret_len,
                 struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_userdata, domid, e);
    if (!d)
        return -1;
    struct sim_kv *kv = find_userdata(d, key);
    *ret = mem_str(kv ? kv->value : NULL);
    *ret_len = kv ? strlen(kv->value) : 0;
    lock_leave(h->lock);
    return 0;
}

int sim_set_userdata(struct hv *h, uint32_t domid, const char *key, const char *data, size_t len,
                     struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_set_userdata, domid, e);
    if (!d)
        return -1;
    struct sim_kv *kv = find_userdata(d, key);
    if (kv)
        free(kv->value);
    else {
        VEC_PUSH(d->s.userdata, d->s.n_userdata, ((struct sim_kv){mem_str(key), NULL}));
        kv = find_userdata(d, key);
    }
    kv->value = mem_strn(data, len);
    return leave(h, d, 0);
}

int sim_pause(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_pause, domid, e);
    if (!d)
        return -1;
    int r = 0;
    if (!sim_is_up(d))
        r = fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    else if (d->s.run.v != HV_PAUSED)
        sim_set_run(h, d, HV_PAUSED, 0);
    return leave(h, d, r);
}

int sim_unpause(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_unpause, domid, e);
    if (!d)
        return -1;
    int r = 0;
    if (!sim_is_up(d) || d->s.is_building)
        r = fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid);
    else if (d->s.run.v == HV_PAUSED)
        sim_set_run(h, d, HV_BLOCKED, 0);
    return leave(h, d, r);
}

int sim_trigger(struct hv *h, uint32_t domid, enum hv_trigger t, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_trigger, domid, e);
    if (!d)
        return -1;
    int r = 0;
    if (d->s.config->type == GUEST_PV)
        r = fail(e, ERR_OPERATION_UNSUPPORTED, "domain %u is paravirtualised: it has no buttons",
                 domid);
    else if (t == HV_TRIGGER_POWER && d->guest && d->s.since_ms.set && !d->s.is_stubborn)
        sim_guest_end(d, HV_POWEROFF, h->o.down_ms);
    return leave(h, d, r);
}

int sim_rename(struct hv *h, uint32_t domid, const char *name, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_rename, domid, e);
    if (!d)
        return -1;
    struct sim_dom *other = sim_find_name(h, name);
    if (other && other != d)
        return leave(h, d, fail(e, ERR_OPERATION_FAILED, "domain '%s' exists already", name));
    str_set(&d->s.name, name);
    sim_tell(h, SIM_CHANGED, domid, 0);
    return leave(h, d, 0);
}

int sim_preserve(struct hv *h, uint32_t domid, const char *name, const uint8_t uuid[16],
                 struct err *e)
{
    if (sim_rename(h, domid, name, e))
        return -1;
    struct sim_dom *d = sim_enter(h, SIM_rename, domid, e);
    if (!d)
        return -1;
    memcpy(d->s.uuid, uuid, UUID_LEN);
    return leave(h, d, 0);
}

int sim_set_memory(struct hv *h, uint32_t domid, uint64_t target_kib, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_set_memory, domid, e);
    if (!d)
        return -1;
    int r = 0;
    if (target_kib > (uint64_t)d->s.mem_max_kib.v)
        r = fail(e, ERR_INVALID_ARG, "%llu KiB are more than the guest's maximum",
                 (unsigned long long)target_kib);
    else if (target_kib > (uint64_t)d->s.mem_kib.v + sim_free_kib(h))
        r = fail(e, ERR_OPERATION_FAILED, "not enough free memory");
    else
        d->s.mem_kib = NUM(target_kib);
    sim_tell(h, SIM_CHANGED, domid, 0);
    return leave(h, d, r);
}

int sim_set_memory_max(struct hv *h, uint32_t domid, uint64_t max_kib, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_set_memory, domid, e);
    if (!d)
        return -1;
    d->s.mem_max_kib = NUM(max_kib);
    return leave(h, d, 0);
}

static void set_map(uint32_t **cpus, size_t *n, const uint8_t *map, size_t len)
{
    if (!map)
        return;
    *n = 0;
    free(*cpus);
    *cpus = NULL;
    for (uint32_t i = 0; i < len * 8; i++)
        if (map[i / 8] >> i % 8 & 1)
            VEC_PUSH(*cpus, *n, i);
}

int sim_pin(struct hv *h, uint32_t domid, uint32_t vcpu, const uint8_t *hard, const uint8_t *soft,
            size_t len, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_pin, domid, e);
    if (!d)
        return -1;
    if (hard && !sim_pool_has(h, d, hard, len))
        return leave(h, d, fail(e, ERR_OPERATION_FAILED, "none of the CPUs is in its pool"));
    struct sim_pin *p = NULL;
    for (size_t i = 0; i < d->s.n_pins; i++)
        if (d->s.pins[i].vcpu.v == vcpu)
            p = &d->s.pins[i];
    if (!p) {
        VEC_PUSH(d->s.pins, d->s.n_pins, ((struct sim_pin){.vcpu = NUM(vcpu)}));
        p = &d->s.pins[d->s.n_pins - 1];
    }
    size_t host_len = (size_t)(h->o.cpus + 7) / 8;
    len = len < host_len ? len : host_len;
    set_map(&p->hard, &p->n_hard, hard, len);
    set_map(&p->soft, &p->n_soft, soft, len);
    return leave(h, d, 0);
}

int sim_sched(struct hv *h, uint32_t domid, struct sched *ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_sched, domid, e);
    if (!d)
        return -1;
    *ret = d->s.sched;
    lock_leave(h->lock);
    return 0;
}

int sim_set_sched(struct hv *h, uint32_t domid, const struct sched *s, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_sched, domid, e);
    if (!d)
        return -1;
    if (s->weight.set && (s->weight.v < 1 || s->weight.v > 65535))
        return leave(h, d, fail(e, ERR_INVALID_ARG, "weight must be 1 to 65535"));
    if (s->weight.set)
        d->s.sched.weight = s->weight;
    if (s->cap.set)
        d->s.sched.cap = s->cap;
    return leave(h, d, 0);
}
