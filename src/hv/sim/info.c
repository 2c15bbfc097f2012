/* What the simulated host answers at once. */
#include "sim_priv.h"

enum { MHZ = 2400, LOAD_PERCENT = 10, BLOCK_BYTES_S = 65536, NET_BYTES_S = 4096 };

int sim_host(struct hv *h, struct hv_host *ret, struct err *e)
{
    lock_enter(h->lock);
    int r = sim_fault(h, SIM_host, e);
    uint64_t free_kib = sim_free_kib(h);
    lock_leave(h->lock);
    if (r)
        return r;
    uint32_t n = (uint32_t)h->o.cpus, major = 4, minor = 17, features = 0xbfebfbff;
    if (h->o.xen)
        (void)sscanf(h->o.xen, "%u.%u", &major, &minor);
    if (h->o.cpu)
        (void)parse_u32(h->o.cpu, 16, UINT32_MAX, &features);
    *ret = (struct hv_host){.arch = mem_str("x86_64"),
                            .cpu_model = mem_str("Simulated CPU"),
                            .mhz = MHZ,
                            .cpus_online = n,
                            .cpus_max = n,
                            .threads_per_core = 1,
                            .cores_per_socket = n,
                            .sockets = 1,
                            .mem_kib = h->o.mem_kib,
                            .free_kib = free_kib,
                            .cpus = mem_new(n, sizeof(struct hv_cpu)),
                            .nodes = mem_new(1, sizeof(struct hv_node)),
                            .n_nodes = 1,
                            .xen_major = major,
                            .xen_minor = minor,
                            .xen_extra = mem_str("-sim"),
                            .capabilities = mem_str("xen-3.0-x86_64 hvm-3.0-x86_32 "
                                                    "hvm-3.0-x86_32p hvm-3.0-x86_64"),
                            .commandline = mem_str(""),
                            .has_pv = true,
                            .has_hvm = true,
                            .has_hap = true,
                            .has_shadow = !h->o.no_shadow,
                            .hwcap = {features, 0x77faf3ff, 0x2c100800, 0x00000121, 0x00000001,
                                      0x001cbfbb, 0x00000000, 0x00000100},
                            .scheduler = mem_str("credit2")};
    for (uint32_t i = 0; i < n; i++)
        ret->cpus[i] = (struct hv_cpu){.core = i};
    ret->nodes[0] = (struct hv_node){.mem_kib = h->o.mem_kib, .free_kib = free_kib};
    ret->nodes[0].distances = mem_new(1, sizeof(uint32_t));
    ret->nodes[0].distances[0] = 10;
    return 0;
}

int sim_free_memory(struct hv *h, uint64_t *ret_kib, struct err *e)
{
    lock_enter(h->lock);
    *ret_kib = sim_free_kib(h);
    lock_leave(h->lock);
    return 0;
}

static uint64_t cpu_ns(const struct sim_dom *d)
{
    return sim_age_ms(d) * 10000 * LOAD_PERCENT * (uint64_t)d->s.vcpus.v;
}

static void fill_info(const struct sim_dom *d, struct hv_info *i)
{
    *i = (struct hv_info){.domid = (uint32_t)d->s.domid.v,
                          .run = (enum hv_run)d->s.run.v,
                          .reason = (enum hv_reason)d->s.reason.v,
                          .type = d->s.config->type,
                          .mem_kib = (uint64_t)d->s.mem_kib.v,
                          .mem_max_kib = (uint64_t)d->s.mem_max_kib.v,
                          .cpu_ns = cpu_ns(d),
                          .vcpus_online = (uint32_t)d->s.vcpus.v,
                          .vcpus_max = (uint32_t)num_or(d->s.config->vcpus_max, d->s.vcpus.v)};
    memcpy(i->uuid, d->s.uuid, UUID_LEN);
}

int sim_list(struct hv *h, struct hv_info **ret, size_t *ret_n, struct err *e)
{
    lock_enter(h->lock);
    int r = sim_fault(h, SIM_list, e);
    if (!r) {
        *ret = mem_new(h->n_doms + 1, sizeof(**ret));
        *ret_n = h->n_doms;
        for (size_t i = 0; i < h->n_doms; i++)
            fill_info(h->doms[i], &(*ret)[i]);
    }
    lock_leave(h->lock);
    return r;
}

int sim_info(struct hv *h, uint32_t domid, struct hv_info *ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    fill_info(d, ret);
    lock_leave(h->lock);
    return 0;
}

int sim_name(struct hv *h, uint32_t domid, char **ret, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_name, domid, e);
    if (!d)
        return -1;
    *ret = mem_str(d->s.name);
    lock_leave(h->lock);
    return 0;
}

static uint8_t *bitmap(const uint32_t *cpus, size_t n, size_t len)
{
    if (!n)
        return NULL;
    uint8_t *map = mem_new(len, 1);
    for (size_t i = 0; i < n; i++)
        map[cpus[i] / 8] |= (uint8_t)(1 << cpus[i] % 8);
    return map;
}

int sim_vcpus(struct hv *h, uint32_t domid, struct hv_vcpu **ret, size_t *ret_n, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_info, domid, e);
    if (!d)
        return -1;
    struct hv_info info;
    fill_info(d, &info);
    size_t len = (size_t)(h->o.cpus + 7) / 8;
    *ret_n = info.vcpus_max;
    *ret = mem_new(info.vcpus_max, sizeof(**ret));
    for (uint32_t i = 0; i < info.vcpus_max; i++) {
        struct hv_vcpu *v = &(*ret)[i];
        bool is_online = d->more.online && i < 64 ? d->more.online >> i & 1 : i < info.vcpus_online;
        *v = (struct hv_vcpu){.number = i,
                              .is_online = is_online,
                              .is_blocked = is_online,
                              .cpu = is_online ? i % (uint32_t)h->o.cpus : UINT32_MAX,
                              .cpu_ns = is_online ? info.cpu_ns / info.vcpus_online : 0,
                              .map_len = len};
        for (size_t k = 0; k < d->s.n_pins; k++)
            if (d->s.pins[k].vcpu.v == i) {
                v->hard = bitmap(d->s.pins[k].hard, d->s.pins[k].n_hard, len);
                v->soft = bitmap(d->s.pins[k].soft, d->s.pins[k].n_soft, len);
            }
    }
    lock_leave(h->lock);
    return 0;
}

static void fill_consoles(const struct sim_dom *d, struct domain *to)
{
    if (!d->guest)
        return;
    if (to->n_consoles)
        str_set(&to->consoles[0].path, sim_guest_tty(d->guest));
    if (to->n_serials && to->serials[0].type == CHR_PTY)
        str_set(&to->serials[0].path, sim_guest_tty(d->guest));
}

int sim_live(struct hv *h, uint32_t domid, struct domain *to, struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_live, domid, e);
    if (!d)
        return -1;
    to->id = NUM(domid);
    to->memory_kib = d->s.mem_kib;
    to->vcpus = d->s.vcpus;
    for (size_t i = 0; i < to->n_nics; i++)
        if (!to->nics[i].ifname) {
            to->nics[i].ifname = mem_printf("vif%u.%zu", domid, i);
        }
    for (size_t i = 0; i < to->n_graphics; i++)
        if (to->graphics[i].type == GFX_VNC && num_or(to->graphics[i].port, -1) < 0)
            to->graphics[i].port = d->s.vnc;
    fill_consoles(d, to);
    lock_leave(h->lock);
    return 0;
}

int sim_block_stats(struct hv *h, uint32_t domid, const char *vdev, struct hv_block_stats *ret,
                    struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_stats, domid, e);
    if (!d)
        return -1;
    int r = -1;
    int64_t bytes = (int64_t)sim_age_ms(d) * BLOCK_BYTES_S / 1000;
    for (size_t i = 0; r && i < d->s.config->n_disks; i++)
        if (str_eq(d->s.config->disks[i].target, vdev)) {
            *ret = (struct hv_block_stats){bytes / 4096, bytes, bytes / 8192, bytes / 2, 0, 0};
            r = 0;
        }
    lock_leave(h->lock);
    return r ? fail(e, ERR_INVALID_ARG, "domain %u has no disk '%s'", domid, vdev) : 0;
}

int sim_net_stats(struct hv *h, uint32_t domid, uint32_t devid, struct hv_net_stats *ret,
                  struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_stats, domid, e);
    if (!d)
        return -1;
    int64_t bytes = (int64_t)sim_age_ms(d) * NET_BYTES_S / 1000;
    bool is_there = devid < d->s.config->n_nics;
    lock_leave(h->lock);
    if (!is_there)
        return fail(e, ERR_INVALID_ARG, "domain %u has no interface %u", domid, devid);
    *ret = (struct hv_net_stats){.rx_bytes = bytes,
                                 .rx_packets = bytes / 256,
                                 .tx_bytes = bytes / 2,
                                 .tx_packets = bytes / 512};
    return 0;
}

int sim_console(struct hv *h, uint32_t domid, enum hv_console kind, uint32_t number,
                char path[HV_CONSOLE_PATH_MAX], struct err *e)
{
    struct sim_dom *d = sim_enter(h, SIM_console, domid, e);
    if (!d)
        return -1;
    bool has = d->guest && !number;
    if (has)
        snprintf(path, HV_CONSOLE_PATH_MAX, "%s", sim_guest_tty(d->guest));
    lock_leave(h->lock);
    return has ? 0 : fail(e, ERR_OPERATION_FAILED, "domain %u has no console %u", domid, number);
}
