/* A Xen host in memory: for the tests, and for trying xvirt where there is no Xen. */
#include "sim_priv.h"

static void no_log(void *arg, int level, const char *text)
{
}

/* After a restart domain 0 is as it was, or new. */
static void add_dom0(struct hv *h)
{
    if (sim_find(h, 0))
        return;
    struct domain config = {.type = GUEST_PV,
                            .memory_kib = NUM(h->o.dom0_kib),
                            .memory_max_kib = NUM(h->o.dom0_kib),
                            .vcpus = NUM(h->o.cpus),
                            .vcpus_max = NUM(h->o.cpus)};
    uint32_t next = h->next_domid;
    h->next_domid = 0;
    struct sim_dom *d = sim_add(h, &config);
    h->next_domid = next;
    d->s.name = mem_str("Domain-0");
    d->s.config->name = mem_str("Domain-0");
    d->s.is_building = false;
    sim_set_run(h, d, HV_RUNNING, 0);
}

static int populate(struct hv *h, struct err *e)
{
    lock_enter(h->lock);
    int r = sim_load(h, e);
    if (!r)
        add_dom0(h);
    h->n_tells = 0; /* what is there from the start is listed, not told */
    for (size_t i = 0; i < h->n_doms; i++)
        if (h->doms[i]->guest && h->doms[i]->s.since_ms.set)
            sim_tell(h, SIM_RUN, (uint32_t)h->doms[i]->s.domid.v, 0);
    lock_leave(h->lock);
    if (!r && h->o.script)
        r = sim_script(h, h->o.script, e);
    if (!r && h->o.control && !(h->control = sim_control_open(h, h->o.control, e)))
        r = -1;
    return r;
}

static void sim_close(struct hv *h)
{
    if (!h)
        return;
    sim_control_close(h->control);
    sim_waits_close(h);
    lock_enter(h->lock);
    for (size_t i = 0; i < h->n_doms; i++)
        sim_dom_free(h->doms[i]);
    free(h->doms);
    hash_clear(&h->by_domid);
    for (size_t i = 0; i < SIM_OPS_N; i++)
        free(h->faults[i].fail_text);
    sim_options_clear(&h->o);
    h->is_closed = true;
    lock_leave(h->lock);
    sim_free(h);
}

static int sim_open(struct loop *l, const struct hv_events *events, void *arg, const char *options,
                    struct hv **ret, struct err *e)
{
    struct hv *h = NEW(struct hv);
    h->loop = l;
    h->events = *events;
    h->arg = arg;
    h->next_domid = 1;
    h->lock = lock_new();
    sim_more_open(h);
    if (!h->events.log)
        h->events.log = no_log;
    if (sim_options_read(options, &h->o, e) || populate(h, e)) {
        sim_close(h);
        return -1;
    }
    *ret = h;
    return 0;
}

const struct hv_ops hv_sim_ops = {
    .name = "sim",
    .abi = HV_ABI,
    .open = sim_open,
    .close = sim_close,
    .host = sim_host,
    .free_memory = sim_free_memory,
    .list = sim_list,
    .info = sim_info,
    .domain_name = sim_name,
    .vcpus = sim_vcpus,
    .watch = sim_watch,
    .userdata = sim_userdata,
    .set_userdata = sim_set_userdata,
    .pause = sim_pause,
    .unpause = sim_unpause,
    .trigger = sim_trigger,
    .rename = sim_rename,
    .preserve = sim_preserve,
    .set_memory = sim_set_memory,
    .set_memory_max = sim_set_memory_max,
    .pin = sim_pin,
    .sched = sim_sched,
    .set_sched = sim_set_sched,
    .live = sim_live,
    .block_stats = sim_block_stats,
    .net_stats = sim_net_stats,
    .console = sim_console,
    .numa = sim_numa,
    .set_numa = sim_set_numa,
    .emulator_pin = sim_emulator_pin,
    .set_emulator_pin = sim_set_emulator_pin,
    .cpupool = sim_cpupool,
    .set_cpupool = sim_set_cpupool,
    .set_nic_rate = sim_set_nic_rate,
    .note = sim_note,
    .disk_error = sim_disk_error,
    .sysrq = sim_sysrq,
    .channel = sim_channel,
    .shutdown = sim_shutdown,
    .destroy = sim_destroy,
    .set_vcpus = sim_set_vcpus,
    .attach = sim_attach,
    .detach = sim_detach,
    .change_media = sim_change_media,
    .needs = sim_needs,
    .create = sim_create,
    .config = sim_config,
    .save = sim_save,
    .soft_reset = sim_soft_reset,
    .resume = sim_resume,
    .dump = sim_dump,
    .sleep = sim_sleep,
    .wake = sim_wake,
    .monitor = sim_monitor,
    .pci = sim_pci,
};
