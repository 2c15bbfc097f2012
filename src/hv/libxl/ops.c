/* The driver's table, opening and closing, and the operations on a running domain. */
#include "more.h"
#include "scripts.h"
#include "tune.h"

#include "base/file.h"

/* ---- at once ---- */

int ops_answer(struct hv *h, uint32_t domid, int rc, const char *what, struct err *e)
{
    struct hv_info i;
    if (!rc)
        return 0;
    struct capture said = h->log.here; /* the next question overwrites it */
    if (info_get(h, domid, &i, e) && e && e->code == ERR_NO_DOMAIN)
        return -1;
    return xl_fail(e, rc, &said, NULL, "cannot %s domain %u", what, domid);
}

static int ops_pause(struct hv *h, uint32_t domid, struct err *e)
{
    capture_reset(&h->log.here);
    return ops_answer(h, domid, xl_pause(h->ctx, domid), "pause", e);
}

static int ops_userdata(struct hv *h, uint32_t domid, const char *key, char **ret, size_t *ret_len,
                        struct err *e)
{
    uint8_t *data = NULL;
    int len = 0;
    capture_reset(&h->log.here);
    int rc = libxl_userdata_retrieve(h->ctx, domid, key, &data, &len);
    if (rc)
        return ops_answer(h, domid, rc, "read the notes on", e);
    *ret = data ? mem_strn((const char *)data, (size_t)len) : NULL;
    *ret_len = data ? (size_t)len : 0;
    free(data);
    return 0;
}

static int ops_set_userdata(struct hv *h, uint32_t domid, const char *key, const char *data,
                            size_t len, struct err *e)
{
    capture_reset(&h->log.here);
    int rc = libxl_userdata_store(h->ctx, domid, key, (const uint8_t *)data, (int)len);
    return ops_answer(h, domid, rc, "write notes on", e);
}

/* ---- open and close ---- */

/* A fixed dom0_mem on Xen's command line means that dom0 keeps what it has. */
static bool dom0_gives_memory(libxl_ctx *ctx)
{
    const libxl_version_info *v = libxl_get_version_info(ctx);
    const char *line = v && v->commandline ? v->commandline : "";
    static const char key[] = "dom0_mem=";
    for (const char *at = strstr(line, key); at; at = strstr(at + 1, key))
        if (at == line || at[-1] == ' ')
            return false;
    return true;
}

static void ops_close(struct hv *h)
{
    if (!h)
        return;
    events_close(h);
    scripts_close(h);
    if (h->ctx)
        ctx_close_loop(h);
    lock_free(h->lock);
    h->is_closed = true;
    if (!h->waits && !h->n_late) /* else deferred calls still look at it; the program ends */
        free(h);
}

/* The number behind "key=" in the options; `otherwise` where they do not say. */
static int option(const char *options, const char *key, int otherwise)
{
    const char *at = options ? strstr(options, key) : NULL;
    at += at ? strlen(key) : 0;
    CLEANUP_FREE char *text = at ? mem_strn(at, strcspn(at, ",")) : NULL;
    int64_t n;
    return text && parse_i64(text, 10, INT_MIN, INT_MAX, &n) ? (int)n : otherwise;
}

static int ops_open(struct loop *l, const struct hv_events *events, void *arg, const char *options,
                    struct hv **ret, struct err *e)
{
    struct hv *h = NEW(struct hv);
    h->loop = l;
    h->events = *events;
    h->arg = arg;
    h->lock = lock_new();
    if (ctx_open_loop(h, e) || events_open(h, e)) {
        ops_close(h);
        return -1;
    }
    scripts_open(h);
    int balloon = option(options, "autoballoon=", -1);
    h->may_balloon = balloon < 0 ? dom0_gives_memory(h->ctx) : balloon;
    h->no_nested = !option(options, "nested_hvm=", 1);
    *ret = h;
    return 0;
}

/* What the loader looks up (hv/hv.c). */
extern const struct hv_ops xvirt_hv_ops;
__attribute__((visibility("default"))) const struct hv_ops xvirt_hv_ops = {
    .name = "libxl",
    .abi = HV_ABI,
    .open = ops_open,
    .close = ops_close,
    .host = host_get,
    .free_memory = host_free_memory,
    .list = info_list,
    .info = info_get,
    .domain_name = info_name,
    .vcpus = info_vcpus,
    .watch = events_watch,
    .userdata = ops_userdata,
    .set_userdata = ops_set_userdata,
    .pause = ops_pause,
    .unpause = wait_unpause,
    .trigger = tune_trigger,
    .rename = tune_rename,
    .preserve = tune_preserve,
    .set_memory = tune_memory,
    .set_memory_max = tune_memory_max,
    .pin = tune_pin,
    .sched = tune_sched,
    .set_sched = tune_set_sched,
    .live = live_fill,
    .block_stats = stats_block,
    .net_stats = stats_net,
    .console = live_console,
    .numa = more_numa,
    .set_numa = more_set_numa,
    .emulator_pin = more_emulator_pin,
    .set_emulator_pin = more_set_emulator_pin,
    .cpupool = more_cpupool,
    .set_cpupool = more_set_cpupool,
    .set_nic_rate = more_set_nic_rate,
    .note = more_note,
    .disk_error = more_disk_error,
    .sysrq = more_sysrq,
    .channel = more_channel,
    .shutdown = wait_shutdown,
    .destroy = wait_destroy,
    .set_vcpus = wait_set_vcpus,
    .attach = wait_attach,
    .detach = wait_detach,
    .change_media = wait_change_media,
    .needs = check_needs,
    .create = build_create,
    .config = build_config,
    .save = build_save,
    .soft_reset = build_soft_reset,
    .resume = build_resume,
    .dump = build_dump,
    .sleep = more_sleep,
    .wake = more_wake,
    .monitor = more_monitor,
    .pci = more_pci,
};
