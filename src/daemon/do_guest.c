/* What a guest says of itself, and what the network around it knows: addresses and names. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "core/guest.h"
#include "daemon/later.h"
#include "daemon/lease.h"
#include "daemon/live.h"
#include "daemon/stats.h"
#include "wire/consts.h"

enum { ARP_MAX = 4 << 20, NOTES_PER_NIC = 8 };

/* --- leases and the kernel's table of neighbours --- */

struct asked {
    struct later later;
    uint8_t uuid[16];
    char *lease_dirs;
    bool is_arp;
    struct lease *leases;
    size_t n;
};

static void asked_clear(struct later *later)
{
    struct asked *x = (struct asked *)later;
    leases_free(x->leases, x->n);
    free(x->lease_dirs);
}

/* "IP address  HW type  Flags  HW address  Mask  Device" */
static int read_arp(struct asked *x, struct err *e)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;
    if (file_read("/proc/net/arp", ARP_MAX, &text, &len, e))
        return -1;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        char address[64], mac[32];
        struct lease l = {0};
        if (sscanf(line, "%63s 0x%*x 0x%*x %31s", address, mac) != 2 || lease_parse_mac(mac, l.mac))
            continue;
        l.address = mem_str(address);
        VEC_PUSH(x->leases, x->n, l);
    }
    return 0;
}

static int work_ask(void *arg, const struct hv_ops *ops, struct hv *hv, struct err *e)
{
    struct asked *x = arg;
    if (x->is_arp)
        return read_arp(x, e);
    leases_read(x->lease_dirs, &x->leases, &x->n);
    return 0;
}

static struct asked *asked_new(struct call *c, const struct guest *g)
{
    struct asked *x = NEW(struct asked);
    memcpy(x->uuid, guest_uuid(g), sizeof(x->uuid));
    x->lease_dirs = mem_str(c->daemon->config.lease_dirs);
    x->later.clear = asked_clear;
    return x;
}

/* The guest may have gone meanwhile. */
static const struct domain *asked_guest(struct call *c, const struct asked *x, struct guest **ret)
{
    *ret = host_find_uuid(c->daemon->host, x->uuid, &c->err);
    return *ret ? live_config(*ret, &c->err) : NULL;
}

/* --- addresses --- */

static struct wire_domain_interface *add_nic(struct wire_domain_interface_addresses_ret *ret,
                                             const struct guest *g, const struct domain *d,
                                             size_t i)
{
    char name[STATS_NAME_MAX];
    const uint8_t *b = d->nics[i].mac.b;
    stats_nic(g, d, i, name);
    struct wire_domain_interface one = {.name = mem_str(name)};
    if (d->nics[i].mac.set)
        one.hwaddr =
            mem_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
    VEC_PUSH(ret->ifaces, ret->n_ifaces, one);
    return &ret->ifaces[ret->n_ifaces - 1];
}

static void add_address(struct wire_domain_interface *to, const char *address, uint32_t prefix)
{
    bool is_v6 = strchr(address, ':');
    struct wire_domain_ip_addr a = {.type = is_v6 ? VIR_IP_ADDR_TYPE_IPV6 : VIR_IP_ADDR_TYPE_IPV4,
                                    .addr = mem_str(address),
                                    .prefix = prefix};
    VEC_PUSH(to->addrs, to->n_addrs, a);
}

/* Interfaces without an address are left out, as clients know it. */
static int asked_addresses(struct call *c, struct later *later)
{
    const struct asked *x = (struct asked *)later;
    struct guest *g;
    const struct domain *d = asked_guest(c, x, &g);
    for (size_t i = 0; d && i < d->n_nics; i++) {
        struct wire_domain_interface *to = NULL;
        for (size_t k = 0; k < x->n; k++) {
            if (!d->nics[i].mac.set || memcmp(d->nics[i].mac.b, x->leases[k].mac, 6))
                continue;
            to = to ? to : add_nic(c->ret, g, d, i);
            add_address(to, x->leases[k].address, x->leases[k].prefix);
        }
    }
    return d ? CALL_DONE : CALL_FAILED;
}

/* What the guest's tools write: attr/vif/N/ipv4/M and ipv6/M, or attr/ethN/ip. Checked, for it is
 * the guest that says so. */
static void note_address(struct call *c, const struct guest *g, const struct domain *d, size_t i,
                         const char *key, struct wire_domain_interface **to)
{
    uint8_t bytes[16];
    CLEANUP_FREE char *text = NULL;
    struct host *h = c->daemon->host;
    if (host_ops(h)->note(host_hv(h), (uint32_t)guest_domid(g), key, &text, NULL) || !text)
        return;
    bool v4 = inet_pton(AF_INET, text, bytes) == 1, v6 = inet_pton(AF_INET6, text, bytes) == 1;
    if (!v4 && !v6)
        return;
    if (!*to)
        *to = add_nic(c->ret, g, d, i);
    add_address(*to, text, v4 ? 32 : 128);
}

static int note_addresses(struct call *c, const struct guest *g)
{
    const struct domain *d = live_config(g, &c->err);
    for (size_t i = 0; d && i < d->n_nics; i++) {
        static const char *const families[] = {"ipv4", "ipv6"};
        struct wire_domain_interface *to = NULL;
        char key[64];
        uint32_t devid = (uint32_t)num_or(d->nics[i].devid, (int64_t)i);
        for (int k = 0; k < 2 * NOTES_PER_NIC; k++) {
            snprintf(key, sizeof(key), "attr/vif/%u/%s/%d", devid, families[k / NOTES_PER_NIC],
                     k % NOTES_PER_NIC);
            note_address(c, g, d, i, key, &to);
        }
        snprintf(key, sizeof(key), "attr/eth%u/ip", devid);
        if (!to)
            note_address(c, g, d, i, key, &to);
    }
    return d ? CALL_DONE : CALL_FAILED;
}

static int do_addresses(struct call *c)
{
    const struct wire_domain_interface_addresses_args *args = c->args;
    const struct guest *g = call_guest(c, &args->dom);
    if (!g || !live_config(g, &c->err))
        return CALL_FAILED;
    if (args->source == VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT)
        return note_addresses(c, g);
    if (args->source != VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE &&
        args->source != VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP)
        return fail(&c->err, ERR_ARGUMENT_UNSUPPORTED, "unknown IP address data source %u",
                    args->source);
    struct asked *x = asked_new(c, g);
    x->is_arp = args->source == VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP;
    x->later.after = asked_addresses;
    return call_later(c, work_ask, &x->later);
}

/* --- its name --- */

static int asked_hostname(struct call *c, struct later *later)
{
    const struct asked *x = (struct asked *)later;
    struct wire_domain_get_hostname_ret *ret = c->ret;
    struct guest *g;
    const struct domain *d = asked_guest(c, x, &g);
    for (size_t i = 0; d && !ret->hostname && i < d->n_nics; i++)
        for (size_t k = 0; k < x->n; k++)
            if (d->nics[i].mac.set && x->leases[k].hostname &&
                !memcmp(d->nics[i].mac.b, x->leases[k].mac, 6))
                str_set(&ret->hostname, x->leases[k].hostname);
    if (d && !ret->hostname)
        return fail(&c->err, ERR_OPERATION_FAILED,
                    "no hostname found for domain %s: neither it nor a lease tells one",
                    guest_name(g));
    return d ? CALL_DONE : CALL_FAILED;
}

static bool is_hostname(const char *text)
{
    size_t len = strlen(text);
    return len && len < 254 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == len;
}

static int do_hostname(struct call *c)
{
    const struct wire_domain_get_hostname_args *args = c->args;
    struct wire_domain_get_hostname_ret *ret = c->ret;
    struct host *h = c->daemon->host;
    CLEANUP_FREE char *text = NULL;
    const struct guest *g = call_guest(c, &args->dom);
    if (!g || !live_config(g, &c->err))
        return CALL_FAILED;
    bool by_lease = args->flags & VIR_DOMAIN_GET_HOSTNAME_LEASE;
    bool by_note = args->flags & VIR_DOMAIN_GET_HOSTNAME_AGENT;
    if (by_note || !by_lease) {
        if (host_ops(h)->note(host_hv(h), (uint32_t)guest_domid(g), "data/hostname", &text,
                              &c->err))
            return CALL_FAILED;
        if (text && is_hostname(text)) {
            ret->hostname = take(text);
            return CALL_DONE;
        }
    }
    if (by_note && !by_lease)
        return fail(&c->err, ERR_OPERATION_FAILED,
                    "domain %s does not tell its hostname (data/hostname in xenstore)",
                    guest_name(g));
    struct asked *x = asked_new(c, g);
    x->later.after = asked_hostname;
    return call_later(c, work_ask, &x->later);
}

static const struct handler rows[] = {
    {WIRE_DOMAIN_INTERFACE_ADDRESSES, do_addresses},
    {WIRE_DOMAIN_GET_HOSTNAME, do_hostname,
     VIR_DOMAIN_GET_HOSTNAME_LEASE | VIR_DOMAIN_GET_HOSTNAME_AGENT},
};
const struct handlers do_guest_handlers = HANDLERS(rows);
