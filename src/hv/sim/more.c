/* What goes beyond the life of a simulated domain: NUMA nodes, a device model for full guests, what
 * it says of itself, two PCI devices of the host. */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "sim_priv.h"

enum { SIM_PCI_BUS = 3, SCREEN_WIDTH = 64, SCREEN_HEIGHT = 48, MAP_BYTES = 512 };

void sim_kv_set(struct sim_kv **list, size_t *n, const char *key, const char *value)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq((*list)[i].key, key)) {
            str_set(&(*list)[i].value, value);
            return;
        }
    struct sim_kv kv = {mem_str(key), mem_str(value)};
    VEC_PUSH(*list, *n, kv);
}

static const char *kv_get(const struct sim_kv *list, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].key, key))
            return list[i].value;
    return NULL;
}

static void kv_clear(struct sim_kv *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].key);
        free(list[i].value);
    }
    free(list);
}

void sim_more_clear(struct sim_more *m)
{
    kv_clear(m->notes, m->n_notes);
    kv_clear(m->broken, m->n_broken);
    free(m->emulator);
    free(m->keys);
    *m = (struct sim_more){0};
}

void sim_more_open(struct hv *h)
{
    for (uint8_t i = 0; i < sizeof(h->pcis) / sizeof(*h->pcis); i++)
        h->pcis[i].at = (struct hv_pci){.bus = SIM_PCI_BUS, .function = i};
}

static int leave(struct hv *h, int r)
{
    lock_leave(h->lock);
    return r;
}

/* ---- NUMA nodes, the device model ---- */

int sim_numa(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    memset(map, 0, len);
    if (len)
        map[0] = (uint8_t)(d->more.nodes ? d->more.nodes : 1);
    return leave(h, 0);
}

int sim_set_numa(struct hv *h, uint32_t domid, const uint8_t *map, size_t len, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_pin, domid, e);
    if (!d)
        return -1;
    d->more.nodes = 1;
    return leave(h, 0);
}

/* Full guests have one. */
static struct sim_dom *enter_model(struct hv *h, enum sim_op op, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, op, domid, e);
    if (!d || d->s.config->type == GUEST_HVM)
        return d;
    lock_leave(h->lock);
    fail(e, ERR_OPERATION_INVALID, "domain %u has no device model on this host", domid);
    return NULL;
}

int sim_emulator_pin(struct hv *h, uint32_t domid, uint8_t *map, size_t len, struct err *e)
{
    struct sim_dom *d = enter_model(h, SIM_info, domid, e);
    if (!d)
        return -1;
    memset(map, 0, len);
    for (size_t i = 0; i < len * 8 && i < h->o.cpus; i++)
        if (!d->more.emulator || d->more.emulator[i / 8] >> i % 8 & 1)
            map[i / 8] |= (uint8_t)(1 << i % 8);
    return leave(h, 0);
}

int sim_set_emulator_pin(struct hv *h, uint32_t domid, const uint8_t *map, size_t len,
                         struct err *e)
{
    struct sim_dom *d = enter_model(h, SIM_pin, domid, e);
    if (!d)
        return -1;
    free(d->more.emulator);
    d->more.emulator = mem_new(MAP_BYTES, 1);
    memcpy(d->more.emulator, map, len < MAP_BYTES ? len : MAP_BYTES);
    return leave(h, 0);
}

static int screen_write(const char *path, struct err *e)
{
    static const uint8_t pixel[3] = {0, 64, 128};
    CLEANUP_STR struct str ppm = {0};
    str_addf(&ppm, "P6\n%d %d\n255\n", SCREEN_WIDTH, SCREEN_HEIGHT);
    for (int i = 0; i < SCREEN_WIDTH * SCREEN_HEIGHT; i++)
        str_addn(&ppm, (const char *)pixel, sizeof(pixel));
    CLEANUP_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(e, "cannot create '%s'", path);
    return file_write_all(fd, ppm.p, ppm.len, e);
}

int sim_monitor(struct hv *h, uint32_t domid, const char *line, char **ret, struct err *e)
{
    static const char screendump[] = "screendump ", sendkey[] = "sendkey ";
    if (sim_work(h, SIM_monitor, NULL, e))
        return -1;
    struct sim_dom *d = enter_model(h, SIM_info, domid, e);
    if (!d)
        return -1;
    int r = 0;
    *ret = NULL;
    if (str_starts(line, screendump))
        r = screen_write(line + sizeof(screendump) - 1, e);
    else if (str_starts(line, sendkey))
        str_set(&d->more.keys, line + sizeof(sendkey) - 1);
    else
        *ret = mem_printf("unknown command: '%s'", line);
    if (!r && !*ret)
        *ret = mem_str("");
    return leave(h, r);
}

/* There are two: the second has the last CPU, which the first has lent it and shows on. */
static const char *const pools[] = {"Pool-0", "Pool-1"};

bool sim_pool_has(const struct hv *h, const struct sim_dom *d, const uint8_t *map, size_t len)
{
    size_t last = (size_t)h->o.cpus - 1;
    return !d->s.config || !str_eq(d->s.config->pool, pools[1]) ||
           (last / 8 < len && map[last / 8] >> last % 8 & 1);
}

int sim_cpupool(struct hv *h, uint32_t domid, char **ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    const struct domain *c = d->s.config;
    *ret = mem_str(c && !str_empty(c->pool) ? c->pool : pools[0]);
    return leave(h, 0);
}

int sim_set_cpupool(struct hv *h, uint32_t domid, const char *name, struct err *e)
{
    bool is_known = str_eq(name, pools[0]) || str_eq(name, pools[1]);
    struct sim_dom *d = sim_enter(h, SIM_pin, domid, e);
    if (!d)
        return -1;
    if (!is_known || !d->s.config)
        return leave(h, fail(e, ERR_INVALID_ARG, "there is no CPU pool '%s'", name));
    str_set(&d->s.config->pool, name);
    while (d->s.n_pins) /* as Xen does */
        rec_remove(rec_field(&sim_state_rec, "pins"), &d->s, 0);
    return leave(h, 0);
}

int sim_set_nic_rate(struct hv *h, uint32_t domid, uint32_t devid, const struct nic *n,
                     struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_set_nic_rate, domid, e);
    if (!d)
        return -1;
    if (devid >= d->s.config->n_nics)
        return leave(h, fail(e, ERR_DEVICE_MISSING, "there is no interface %u", devid));
    d->s.config->nics[devid].out = n->out;
    return leave(h, 0);
}

/* ---- what it says ---- */

int sim_note(struct hv *h, uint32_t domid, const char *key, char **ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    *ret = mem_str(kv_get(d->more.notes, d->more.n_notes, key));
    return leave(h, 0);
}

int sim_disk_error(struct hv *h, uint32_t domid, const char *vdev, char **ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    *ret = mem_str(kv_get(d->more.broken, d->more.n_broken, vdev));
    return leave(h, 0);
}

int sim_sysrq(struct hv *h, uint32_t domid, char letter, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_trigger, domid, e);
    if (!d)
        return -1;
    free(d->more.keys);
    d->more.keys = mem_printf("sysrq %c", letter);
    return leave(h, 0);
}

int sim_channel(struct hv *h, uint32_t domid, const char *name, char path[HV_CONSOLE_PATH_MAX],
                bool *ret_is_socket, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_console, domid, e);
    if (!d)
        return -1;
    const char *found = NULL;
    for (size_t i = 0; !found && i < d->s.config->n_channels; i++)
        if (str_eq(d->s.config->channels[i].name, name)) {
            *ret_is_socket = d->s.config->channels[i].type == CHR_UNIX;
            found = *ret_is_socket ? d->s.config->channels[i].path
                    : d->guest     ? sim_guest_tty(d->guest)
                                   : NULL;
        }
    if (found)
        snprintf(path, HV_CONSOLE_PATH_MAX, "%s", found);
    return leave(
        h, found ? 0 : fail(e, ERR_OPERATION_FAILED, "domain %u has no channel '%s'", domid, name));
}

int sim_sleep(struct hv *h, uint32_t domid, struct err *e)
{
    if (sim_work(h, SIM_sleep, NULL, e))
        return -1;
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    if (!sim_is_up(d) || d->s.run.v == HV_PAUSED)
        return leave(h, fail(e, ERR_OPERATION_INVALID, "domain %u does not run", domid));
    sim_set_run(h, d, HV_SHUTDOWN, HV_SUSPEND);
    return leave(h, 0);
}

/* Its guests have no button: those that are up are awake. */
int sim_wake(struct hv *h, uint32_t domid, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_trigger, domid, e);
    return d ? leave(h, 0) : -1;
}

/* ---- the host's PCI devices ---- */

static bool is_at(const struct hv_pci *a, const struct hv_pci *b)
{
    return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
           a->function == b->function;
}

static struct hv_pci address_of(const struct hostdev *d)
{
    return (struct hv_pci){(uint32_t)num_or(d->domain, 0), (uint8_t)num_or(d->bus, 0),
                           (uint8_t)num_or(d->slot, 0), (uint8_t)num_or(d->function, 0)};
}

static const char *user_of(const struct hv *h, const struct hv_pci *at)
{
    for (size_t i = 0; i < h->n_doms; i++) {
        const struct domain *c = h->doms[i]->s.config;
        for (size_t k = 0; c && k < c->n_hostdevs; k++) {
            const struct hostdev *x = &c->hostdevs[k];
            const struct hv_pci its = address_of(x);
            if (x->type == HOSTDEV_PCI && is_at(&its, at))
                return h->doms[i]->s.name;
        }
    }
    return NULL;
}

/* Given to a guest: by hand before, or now, where it may be taken from its driver. */
int sim_take_pci(struct hv *h, const struct hostdev *d, struct err *e)
{
    const struct hv_pci at = address_of(d);
    bool seizes = d->seize == TRI_YES || (d->seize == TRI_UNSET && d->managed == TRI_YES);
    for (size_t i = 0; d->type == HOSTDEV_PCI && i < sizeof(h->pcis) / sizeof(*h->pcis); i++) {
        if (!is_at(&h->pcis[i].at, &at))
            continue;
        if (!h->pcis[i].is_detached && !seizes)
            return fail(e, ERR_OPERATION_FAILED, "the PCI device is not detached from the host");
        h->pcis[i].is_detached = true;
    }
    return 0;
}

static int change_pci(struct hv *h, enum hv_pci_change c, struct sim_pci *p, struct err *e)
{
    if (c == HV_PCI_FIND)
        return 0;
    const char *user = user_of(h, &p->at);
    if (user)
        return fail(e, ERR_OPERATION_INVALID, "the PCI device is used by domain '%s'", user);
    if (c != HV_PCI_DETACH && !p->is_detached)
        return fail(e, ERR_OPERATION_INVALID, "the PCI device is not detached from the host");
    if (c == HV_PCI_RESET)
        p->resets++;
    else
        p->is_detached = c == HV_PCI_DETACH;
    return 0;
}

int sim_pci(struct hv *h, enum hv_pci_change c, const struct hv_pci *d, struct err *e)
{
    if (sim_work(h, SIM_pci, NULL, e))
        return -1;
    lock_enter(h->lock);
    for (size_t i = 0; i < sizeof(h->pcis) / sizeof(*h->pcis); i++)
        if (is_at(&h->pcis[i].at, d))
            return leave(h, change_pci(h, c, &h->pcis[i], e));
    return leave(h, fail(e, ERR_NO_NODE_DEVICE, "there is no PCI device %04x:%02x:%02x.%x",
                         d->domain, d->bus, d->slot, d->function));
}
