/* The domains of the simulated host, the events about them, and their state on disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "model/cpuset.h"
#include "pack.h"
#include "sim_priv.h"

enum { STATE_MAX = 16 << 20 };

static const struct field kv_fields[] = {F_STR(sim_kv, key), F_STR(sim_kv, value)};
static const struct rec sim_kv_rec = {"userdata", sizeof(struct sim_kv), kv_fields, 2};

static const struct field pin_fields[] = {F_NUM(sim_pin, vcpu), F_U32S(sim_pin, hard),
                                          F_U32S(sim_pin, soft)};
static const struct rec sim_pin_rec = {"pin", sizeof(struct sim_pin), pin_fields, 3};

static const struct field state_fields[] = {
    F_NUM(sim_state, domid),
    F_STR(sim_state, name),
    F_UUID(sim_state, uuid),
    F_BOOL(sim_state, is_building),
    F_BOOL(sim_state, is_stubborn),
    F_BOOL(sim_state, is_zombie),
    F_NUM(sim_state, run),
    F_NUM(sim_state, reason),
    F_NUM(sim_state, mem_kib),
    F_NUM(sim_state, mem_max_kib),
    F_NUM(sim_state, vcpus),
    F_NUM(sim_state, age_ms),
    F_NUM(sim_state, since_ms),
    F_NUM(sim_state, vnc),
    F_SUB(sim_state, sched, sched),
    F_LIST(sim_state, pins, sim_pin),
    F_LIST(sim_state, userdata, sim_kv),
    F_OPT(sim_state, config, domain),
};
const struct rec sim_state_rec = {"guest", sizeof(struct sim_state), state_fields,
                                  sizeof(state_fields) / sizeof(*state_fields)};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int sim_no_domain(struct err *e, uint32_t domid)
{
    return fail(e, ERR_NO_DOMAIN, "no domain with id %u", domid);
}

struct sim_dom *sim_find(struct hv *h, uint32_t domid)
{
    return hash_get(&h->by_domid, &domid, sizeof(domid));
}

static void known(struct hv *h, struct sim_dom *d)
{
    uint32_t domid = (uint32_t)d->s.domid.v;
    hash_put(&h->by_domid, &domid, sizeof(domid), d);
}

struct sim_dom *sim_find_name(struct hv *h, const char *name)
{
    for (size_t i = 0; i < h->n_doms; i++)
        if (str_eq(h->doms[i]->s.name, name))
            return h->doms[i];
    return NULL;
}

bool sim_is_up(const struct sim_dom *d)
{
    return d->s.run.v == HV_RUNNING || d->s.run.v == HV_BLOCKED || d->s.run.v == HV_PAUSED;
}

uint64_t sim_age_ms(const struct sim_dom *d)
{
    int64_t now = d->s.since_ms.set ? (int64_t)now_ms() - d->s.since_ms.v : 0;
    return (uint64_t)(d->s.age_ms.v + (now > 0 ? now : 0));
}

uint64_t sim_free_kib(const struct hv *h)
{
    uint64_t used = 0;
    for (size_t i = 0; i < h->n_doms; i++)
        used += (uint64_t)h->doms[i]->s.mem_kib.v;
    return used < h->o.mem_kib ? h->o.mem_kib - used : 0;
}

/* Written aside and renamed, so that a killed daemon leaves the old state or the new one; not
 * synced: a simulated host does not outlive a power cut either. */
void sim_save_state(struct hv *h, const struct sim_dom *d)
{
    if (!h->o.persist)
        return;
    CLEANUP_STR struct str text = {0};
    pack(&sim_state_rec, &d->s, &text);
    CLEANUP_FREE char *path = mem_printf("%s/%u", h->o.persist, (unsigned)d->s.domid.v);
    CLEANUP_FREE char *aside = mem_printf("%s/.%u", h->o.persist, (unsigned)d->s.domid.v);
    CLEANUP_CLOSE int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct err e = {0};
    if (fd < 0 || file_write_all(fd, str_get(&text), text.len, &e) || rename(aside, path))
        h->events.log(h->arg, LOG_ERROR, "cannot write the state of the simulated host");
}

static void add_pins(const struct hv *h, struct sim_state *s)
{
    for (uint32_t v = 0; v < num_or(s->config->vcpus_max, 1); v++) {
        struct cpuset sets[2] = {0};
        const char *hard = domain_cpus(s->config, v, false);
        const char *soft = domain_cpus(s->config, v, true);
        bool is_bound = hard && cpuset_parse(hard, &sets[0]);
        if (!(soft && cpuset_parse(soft, &sets[1])) && !is_bound)
            continue;
        struct sim_pin p = {.vcpu = NUM(v)};
        for (uint32_t i = 0; i < h->o.cpus; i++) {
            if (cpuset_has(&sets[0], i))
                VEC_PUSH(p.hard, p.n_hard, i);
            if (cpuset_has(&sets[1], i))
                VEC_PUSH(p.soft, p.n_soft, i);
        }
        VEC_PUSH(s->pins, s->n_pins, p);
    }
}

struct sim_dom *sim_add(struct hv *h, const struct domain *config)
{
    char value[64];
    struct sim_dom *d = NEW(struct sim_dom);
    d->s.domid = NUM(h->next_domid++);
    d->s.config = domain_copy(config);
    memcpy(d->s.uuid, config->uuid, UUID_LEN);
    d->s.run = NUM(HV_PAUSED);
    d->s.mem_kib = d->s.mem_max_kib = NUM(num_or(config->memory_max_kib, 0));
    if (config->memory_kib.set)
        d->s.mem_kib = config->memory_kib;
    d->s.vcpus = NUM(num_or(config->vcpus, num_or(config->vcpus_max, 1)));
    d->s.sched = (struct sched){.kind = SCHED_CREDIT2,
                                .weight = NUM(num_or(config->sched.weight, 256)),
                                .cap = NUM(num_or(config->sched.cap, 0))};
    add_pins(h, &d->s);
    d->s.is_building = true;
    d->s.is_stubborn = sim_word(config, "xv.stubborn", value);
    VEC_PUSH(h->doms, h->n_doms, d);
    known(h, d);
    sim_save_state(h, d);
    sim_tell(h, SIM_APPEARED, (uint32_t)d->s.domid.v, 0);
    return d;
}

void sim_dom_free(struct sim_dom *d)
{
    sim_guest_free(d->guest);
    sim_more_clear(&d->more);
    rec_clear(&sim_state_rec, &d->s);
    free(d);
}

void sim_remove(struct hv *h, struct sim_dom *d)
{
    uint32_t domid = (uint32_t)d->s.domid.v;
    hash_remove(&h->by_domid, &domid, sizeof(domid));
    for (size_t i = 0; i < h->n_doms; i++)
        if (h->doms[i] == d) {
            VEC_REMOVE(h->doms, h->n_doms, i);
            break;
        }
    if (h->o.persist) {
        CLEANUP_FREE char *path = mem_printf("%s/%u", h->o.persist, domid);
        (void)unlink(path);
    }
    if (d->is_watched)
        sim_tell(h, SIM_GONE, domid, 0);
    sim_dom_free(d);
}

void sim_set_run(struct hv *h, struct sim_dom *d, enum hv_run run, enum hv_reason reason)
{
    d->s.age_ms = NUM(sim_age_ms(d));
    d->s.since_ms = (struct num){0};
    if (run == HV_RUNNING || run == HV_BLOCKED)
        d->s.since_ms = NUM(now_ms());
    d->s.run = NUM(run);
    d->s.reason = NUM(reason);
    sim_save_state(h, d);
    if (run == HV_SHUTDOWN && d->is_watched)
        sim_tell(h, SIM_STOPPED, (uint32_t)d->s.domid.v, reason);
    if (run == HV_BLOCKED)
        sim_tell(h, SIM_RUN, (uint32_t)d->s.domid.v, 0);
}

static void tell_one(struct hv *h, const struct sim_tell *t)
{
    switch (t->kind) {
    case SIM_APPEARED:
        h->events.appeared(h->arg, t->domid);
        return;
    case SIM_STOPPED:
        h->events.stopped(h->arg, t->domid, t->reason);
        return;
    case SIM_GONE:
        h->events.gone(h->arg, t->domid);
        return;
    case SIM_CHANGED:
        h->events.changed(h->arg, t->domid);
        return;
    case SIM_RUN:
        lock_enter(h->lock);
        struct sim_dom *d = sim_find(h, t->domid);
        if (d && d->guest)
            sim_guest_run(d);
        lock_leave(h->lock);
        return;
    }
}

static void tell_all(void *arg)
{
    struct hv *h = arg;
    lock_enter(h->lock);
    struct sim_tell *tells = h->tells;
    size_t n = h->n_tells;
    h->tells = NULL;
    h->n_tells = 0;
    h->is_posted = false;
    h->is_telling = true;
    lock_leave(h->lock);
    for (size_t i = 0; i < n && !h->is_closed; i++)
        tell_one(h, &tells[i]);
    free(tells);
    h->is_telling = false;
    if (h->is_closed)
        sim_free(h);
}

void sim_free(struct hv *h)
{
    lock_enter(h->lock);
    bool is_wanted = h->is_posted || h->is_telling;
    lock_leave(h->lock);
    if (is_wanted)
        return;
    free(h->tells);
    lock_free(h->lock);
    free(h);
}

void sim_tell(struct hv *h, enum sim_tell_kind kind, uint32_t domid, enum hv_reason reason)
{
    if (h->is_closed)
        return;
    VEC_PUSH(h->tells, h->n_tells, ((struct sim_tell){kind, domid, reason}));
    if (!h->is_posted)
        loop_post(h->loop, tell_all, h);
    h->is_posted = true;
}

static int load_one(struct hv *h, const char *name, struct err *e)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", h->o.persist, name), *text = NULL;
    size_t len;
    if (file_read(path, STATE_MAX, &text, &len, e))
        return -1;
    struct sim_dom *d = NEW(struct sim_dom);
    VEC_PUSH(h->doms, h->n_doms, d);
    if (unpack(&sim_state_rec, text, len, &d->s, e))
        return wrap(e, "'%s'", path);
    known(h, d);
    if (d->s.domid.v >= h->next_domid)
        h->next_domid = (uint32_t)d->s.domid.v + 1;
    if (d->s.domid.v && !d->s.is_building &&
        !(d->guest = sim_guest_open(h, (uint32_t)d->s.domid.v, e)))
        return -1;
    if (d->s.run.v == HV_BLOCKED)
        sim_tell(h, SIM_RUN, (uint32_t)d->s.domid.v, 0);
    return 0;
}

int sim_load(struct hv *h, struct err *e)
{
    if (!h->o.persist)
        return 0;
    if (file_make_dirs(h->o.persist, 0700, e))
        return -1;
    DIR *dir = opendir(h->o.persist);
    if (!dir)
        return fail_errno(e, "cannot open folder '%s'", h->o.persist);
    struct dirent *entry;
    int r = 0;
    while (!r && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            r = load_one(h, entry->d_name, e);
    closedir(dir);
    return r;
}
