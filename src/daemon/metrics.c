#include "daemon/metrics.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "core/guest.h"
#include "daemon/daemon.h"
#include "daemon/live.h"
#include "daemon/stats.h"
#include "wire/proc.h"
#include "wire/remote.h"

enum { STATM_BYTES = 256 };

static const double limits_s[METRICS_BUCKETS - 1] = {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                                     0.1,    0.5,    1,     10,    60};

uint64_t metrics_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void metrics_call(struct metrics *m, int proc, bool failed, uint64_t ns)
{
    size_t bucket = 0;
    if (proc <= 0 || proc >= METRICS_PROCS)
        return;
    m->calls[proc]++;
    m->failures[proc] += failed;
    while (bucket < METRICS_BUCKETS - 1 && (double)ns > limits_s[bucket] * 1e9)
        bucket++;
    m->buckets[bucket]++;
    m->n++;
    m->sum_ns += ns;
}

/* --- the text --- */

static void head(struct str *out, const char *name, const char *type, const char *help)
{
    str_addf(out, "# TYPE %s %s\n# HELP %s %s\n", name, type, name, help);
}

static void add_u64(struct str *out, uint64_t n)
{
    char digits[24], *p = digits + sizeof(digits);
    do
        *--p = (char)('0' + n % 10);
    while (n /= 10);
    str_addn(out, p, (size_t)(digits + sizeof(digits) - p));
}

/* A label's value; names come from users and guests' definitions. */
static void add_label(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            str_addc(out, '\\');
        if (*text == '\n')
            str_add(out, "\\n");
        else
            str_addc(out, *text);
    }
}

static void gauge(struct str *out, const char *name, const char *help, uint64_t value)
{
    head(out, name, "gauge", help);
    str_addf(out, "%s %" PRIu64 "\n", name, value);
}

/* --- the host --- */

static void add_host(struct str *out, const struct daemon *d)
{
    struct hv_host h = {0};
    uint64_t free_kib;
    const struct hv_ops *ops = host_ops(d->host);
    if (!ops->host(host_hv(d->host), &h, NULL)) {
        gauge(out, "xvirt_host_cpus", "Processors that are online.", h.cpus_online);
        gauge(out, "xvirt_host_memory_bytes", "Memory of the machine.", h.mem_kib * 1024);
        head(out, "xvirt_host", "info", "The hypervisor.");
        str_addf(out, "xvirt_host_info{driver=\"%s\",version=\"%u.%u.%u\"} 1\n", ops->name,
                 h.xen_major, h.xen_minor, h.xen_release);
        hv_host_clear(&h);
    }
    if (!ops->free_memory(host_hv(d->host), &free_kib, NULL))
        gauge(out, "xvirt_host_memory_free_bytes", "Memory that no domain has.", free_kib * 1024);
}

/* --- guests: each is asked once, then a family of samples after the other is written --- */

struct sample {
    const struct guest *guest;
    const struct domain *config;
    char *labels; /* guest="...",uuid="..." */
    struct live_info live;
    bool has_live;
};

static uint64_t value_state(const struct live_info *l)
{
    return (uint64_t)l->state;
}

static uint64_t value_memory(const struct live_info *l)
{
    return l->mem_kib * 1024;
}

static uint64_t value_memory_max(const struct live_info *l)
{
    return l->mem_max_kib * 1024;
}

static uint64_t value_vcpus(const struct live_info *l)
{
    return l->vcpus;
}

static const struct {
    const char *name, *type, *help;
    uint64_t (*value)(const struct live_info *l);
    bool only_active;
} guest_rows[] = {
    {"xvirt_guest_state", "gauge",
     "State: 1 running, 2 blocked, 3 paused, 4 shutting down, 5 off, 6 crashed, 7 asleep.",
     value_state, false},
    {"xvirt_guest_memory_bytes", "gauge", "Memory that the guest has now (its balloon).",
     value_memory, true},
    {"xvirt_guest_memory_max_bytes", "gauge", "Memory that it may have.", value_memory_max, false},
    {"xvirt_guest_vcpus", "gauge", "Virtual CPUs that are online.", value_vcpus, true},
};

static void add_line(struct str *out, const char *name, const char *suffix, const struct sample *s)
{
    str_add(out, name);
    str_add(out, suffix);
    str_addc(out, '{');
    str_add(out, s->labels);
    str_add(out, "} ");
}

static void add_guest_rows(struct str *out, const struct sample *all, size_t n)
{
    for (size_t r = 0; r < sizeof(guest_rows) / sizeof(*guest_rows); r++) {
        head(out, guest_rows[r].name, guest_rows[r].type, guest_rows[r].help);
        for (size_t i = 0; i < n; i++) {
            if (!all[i].has_live || (guest_rows[r].only_active && !guest_is_active(all[i].guest)))
                continue;
            add_line(out, guest_rows[r].name, "", &all[i]);
            add_u64(out, guest_rows[r].value(&all[i].live));
            str_addc(out, '\n');
        }
    }
    head(out, "xvirt_guest_cpu_seconds", "counter", "Processor time used.");
    for (size_t i = 0; i < n; i++) {
        if (!all[i].has_live || !guest_is_active(all[i].guest))
            continue;
        add_line(out, "xvirt_guest_cpu_seconds", "_total", &all[i]);
        add_u64(out, all[i].live.cpu_ns / 1000000000);
        str_addf(out, ".%09u\n", (unsigned)(all[i].live.cpu_ns % 1000000000));
    }
}

/* --- devices of guests --- */

struct counters { /* what was read of one device */
    size_t sample;
    const char *name;
    char own[STATS_NAME_MAX];
    union {
        struct hv_block_stats block;
        struct hv_net_stats net;
    };
};

static const struct device_row {
    const char *name, *help;
    size_t at; /* in struct counters */
} block_rows[] =
    {
        {"xvirt_guest_block_read_bytes", "Bytes read from a disk.",
         offsetof(struct counters, block.rd_bytes)},
        {"xvirt_guest_block_reads", "Requests to read.", offsetof(struct counters, block.rd_req)},
        {"xvirt_guest_block_written_bytes", "Bytes written to a disk.",
         offsetof(struct counters, block.wr_bytes)},
        {"xvirt_guest_block_writes", "Requests to write.", offsetof(struct counters, block.wr_req)},
},
  net_rows[] = {
      {"xvirt_guest_net_received_bytes", "Bytes that the guest received.",
       offsetof(struct counters, net.rx_bytes)},
      {"xvirt_guest_net_received_packets", "Packets that the guest received.",
       offsetof(struct counters, net.rx_packets)},
      {"xvirt_guest_net_received_errors", "Packets that came broken.",
       offsetof(struct counters, net.rx_errs)},
      {"xvirt_guest_net_received_drops", "Packets to the guest that were dropped.",
       offsetof(struct counters, net.rx_drop)},
      {"xvirt_guest_net_sent_bytes", "Bytes that the guest sent.",
       offsetof(struct counters, net.tx_bytes)},
      {"xvirt_guest_net_sent_packets", "Packets that the guest sent.",
       offsetof(struct counters, net.tx_packets)},
};

static void add_device_rows(struct str *out, const struct device_row *rows, size_t n_rows,
                            const struct sample *all, const struct counters *devices, size_t n)
{
    for (size_t r = 0; r < n_rows; r++) {
        head(out, rows[r].name, "counter", rows[r].help);
        for (size_t i = 0; i < n; i++) {
            int64_t value;
            memcpy(&value, (const char *)&devices[i] + rows[r].at, sizeof(value));
            if (value < 0)
                continue; /* unknown */
            str_add(out, rows[r].name);
            str_add(out, "_total{");
            str_add(out, all[devices[i].sample].labels);
            str_add(out, ",device=\"");
            add_label(out, devices[i].name ? devices[i].name : devices[i].own);
            str_add(out, "\"} ");
            add_u64(out, (uint64_t)value);
            str_addc(out, '\n');
        }
    }
}

static void add_disks(struct str *out, struct host *h, const struct sample *all, size_t n)
{
    struct counters *list = NULL;
    size_t n_list = 0;
    for (size_t i = 0; i < n; i++) {
        const struct domain *c = all[i].config;
        for (size_t k = 0; c && guest_is_active(all[i].guest) && k < c->n_disks; k++) {
            struct counters v = {.sample = i, .name = c->disks[k].target};
            if (v.name && !host_ops(h)->block_stats(host_hv(h), (uint32_t)guest_domid(all[i].guest),
                                                    v.name, &v.block, NULL))
                VEC_PUSH(list, n_list, v);
        }
    }
    add_device_rows(out, block_rows, sizeof(block_rows) / sizeof(*block_rows), all, list, n_list);
    free(list);
}

static void add_nics(struct str *out, struct host *h, const struct sample *all, size_t n)
{
    struct counters *list = NULL;
    size_t n_list = 0;
    for (size_t i = 0; i < n; i++) {
        const struct domain *c = all[i].config;
        for (size_t k = 0; c && guest_is_active(all[i].guest) && k < c->n_nics; k++) {
            struct counters v = {.sample = i};
            uint32_t devid = stats_nic(all[i].guest, c, k, v.own);
            if (!host_ops(h)->net_stats(host_hv(h), (uint32_t)guest_domid(all[i].guest), devid,
                                        &v.net, NULL))
                VEC_PUSH(list, n_list, v);
        }
    }
    add_device_rows(out, net_rows, sizeof(net_rows) / sizeof(*net_rows), all, list, n_list);
    free(list);
}

static void add_guests(struct str *out, const struct daemon *d)
{
    size_t n;
    CLEANUP_FREE struct guest **guests = host_guests(d->host, &n);
    CLEANUP_FREE struct sample *all = mem_new(n + 1, sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        char uuid[UUID_TEXT];
        CLEANUP_STR struct str labels = {0};
        str_add(&labels, "guest=\"");
        add_label(&labels, guest_name(guests[i]));
        str_add(&labels, "\",uuid=\"");
        str_add(&labels, uuid_format(guest_uuid(guests[i]), uuid));
        str_addc(&labels, '"');
        all[i] = (struct sample){.guest = guests[i], .config = guest_config(guests[i], false)};
        all[i].labels = str_take(&labels);
        all[i].has_live = !live_info(d->host, guests[i], &all[i].live, NULL);
    }
    add_guest_rows(out, all, n);
    add_disks(out, d->host, all, n);
    add_nics(out, d->host, all, n);
    for (size_t i = 0; i < n; i++)
        free(all[i].labels);
}

/* --- the daemon --- */

static void add_procs(struct str *out, const char *name, const char *help, const uint64_t *counts)
{
    head(out, name, "counter", help);
    for (int i = 1; i < METRICS_PROCS; i++)
        if (counts[i])
            str_addf(out, "%s_total{call=\"%s\"} %" PRIu64 "\n", name,
                     wire_proc_name(WIRE_PROGRAM_REMOTE, i), counts[i]);
}

static void add_times(struct str *out, const struct metrics *m)
{
    uint64_t sum = 0;
    head(out, "xvirt_call_seconds", "histogram", "Time from a call to its answer.");
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        sum += m->buckets[i];
        if (i < METRICS_BUCKETS - 1)
            str_addf(out, "xvirt_call_seconds_bucket{le=\"%g\"} %" PRIu64 "\n", limits_s[i], sum);
        else
            str_addf(out, "xvirt_call_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", sum);
    }
    str_addf(out, "xvirt_call_seconds_sum %.9f\nxvirt_call_seconds_count %" PRIu64 "\n",
             (double)m->sum_ns / 1e9, m->n);
}

static void add_daemon(struct str *out, const struct daemon *d)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    gauge(out, "xvirt_clients", "Connections.", server_n_clients(d->server));
    gauge(out, "xvirt_jobs", "Slow operations that run or wait.", loop_workers(d->loop));
    head(out, "xvirt_clients_refused", "counter", "Clients refused before they had a session.");
    str_addf(out, "xvirt_clients_refused_total %" PRIu64 "\n", d->metrics.refused);
    if (!file_read("/proc/self/statm", STATM_BYTES, &text, &len, NULL)) {
        const char *resident = strchr(text, ' ');
        uint64_t pages = 0;
        if (resident) {
            CLEANUP_FREE char *word = mem_strn(resident + 1, strcspn(resident + 1, " "));
            parse_u64(word, 10, UINT32_MAX, &pages);
        }
        gauge(out, "xvirt_memory_resident_bytes", "Memory of the daemon.",
              pages * (uint64_t)sysconf(_SC_PAGESIZE));
    }
    add_procs(out, "xvirt_calls", "Calls answered.", d->metrics.calls);
    add_procs(out, "xvirt_call_failures", "Calls answered with an error.", d->metrics.failures);
    add_times(out, &d->metrics);
}

bool metrics_page(void *arg, const char *path, struct str *body, const char **ret_type)
{
    const struct daemon *d = arg;
    if (!str_eq(path, "/metrics"))
        return false;
    *ret_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    add_host(body, d);
    add_guests(body, d);
    add_daemon(body, d);
    str_add(body, "# EOF\n");
    return true;
}
