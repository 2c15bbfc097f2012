/* vif: comma list of the words below. */
#include "base/vec.h"
#include "conf/spec.h"
#include "model/native.h"
#include "model/rate.h"

/* ---- rate ---- */
/* libvirt's kilobyte is taken for xl's: KB/s there and back. What that does not carry stays as
 * text. */
static int read_rate(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    struct rate rate;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!rate_parse(v->text, &rate))
        return conf_error(c, v->pos,
                          "'%s': expected a rate: NUMBER[K|M|G]B/s or b/s, and @INTERVAL[us|ms|s]",
                          v->text);
    n->out.average = NUM(rate.bytes_per_s / 1000);
    if (c->o->flags & CONF_RAW) {
        str_set(&n->rate, v->text); /* XML's kilobytes are 1024 bytes to libxl */
    } else if (rate.bytes_per_s % 1000 || rate.interval_us != 50000 || rate.bytes_per_s < 1000) {
        str_set(&n->rate, v->text); /* XML says whole kilobytes a second only */
    }
    return 0;
}

static int write_rate(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    struct rate rate;
    if (n->rate && rate_parse(n->rate, &rate) &&
        (!n->out.average.set || n->out.average.v == (int64_t)(rate.bytes_per_s / 1000)))
        spec_put(c, r->key, n->rate);
    else if (num_or(n->out.average, 0) > 0)
        spec_putf(c, r->key, "%lldKB/s", (long long)n->out.average.v);
    return 0;
}

/* ---- bridge ---- */
static int write_bridge(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    CLEANUP_FREE char *text = n->bridge ? native_bridge(n) : NULL;
    if (text)
        spec_put(c, r->key, text);
    return 0;
}

static void put_ips(struct conf_ctx *c, const struct nic *n)
{
    CLEANUP_FREE char *text = native_ips(n);
    if (text)
        spec_put(c, "ip", text);
}

/* libvirt's order: behind the bridge, or behind the script where there is no bridge. */
static int write_ip(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->bridge)
        put_ips(c, n);
    return 0;
}

static int write_script(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->script)
        spec_put(c, r->key, n->script);
    else if (n->bridge && !(c->o->flags & CONF_RAW)) /* as libvirt does */
        spec_put(c, r->key, n->virtualport ? "vif-openvswitch" : "vif-bridge");
    if (!n->bridge)
        put_ips(c, n);
    return 0;
}

/* ---- ip: addresses, blanks between ---- */
static int read_ip(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    if (!spec_is_text(c, r, v))
        return -1;
    native_ips_read(rec, v->text);
    return 0;
}

/* ---- type and model: libvirt's model netfront is xl's type=vif ---- */
static int read_type(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    if (str_eq(v->text, "vif") || str_eq(v->text, "netfront")) {
        n->kind = NIC_VIF;
    } else if (str_eq(v->text, "ioemu"))
        n->kind = NIC_IOEMU;
    else
        return conf_error(c, v->pos, "'%s': expected an interface type: vif or ioemu",
                          v->text ? v->text : "");
    return 0;
}

static bool is_netfront(const struct nic *n)
{
    return str_eq(n->model, "netfront");
}

static int write_model(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->model && !is_netfront(n))
        spec_put(c, "model", n->model);
    if (is_netfront(n))
        spec_put(c, "type", cfg_out(c)->dialect == CFG_XM ? "netfront" : "vif");
    else if (n->kind)
        spec_put(c, "type", n->kind == NIC_VIF ? "vif" : "ioemu");
    return 0;
}

static int write_vifname(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->ifname && (!str_starts(n->ifname, "vif") || c->o->flags & CONF_RAW))
        spec_put(c, r->key, n->ifname);
    return 0;
}

static int read_trusted(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    ((struct nic *)rec)->trusted = *r->key == 't' ? TRI_YES : TRI_NO;
    if (v->text)
        return conf_error(c, v->pos, "'%s' is a word of its own, without a value", r->key);
    return 0;
}

static int write_trusted(struct conf_ctx *c, const struct row *r, const void *rec)
{
    if (((const struct nic *)rec)->trusted == (*r->key == 't' ? TRI_YES : TRI_NO))
        spec_put(c, r->key, NULL);
    return 0;
}

static int read_accel(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    str_set(&((struct nic *)rec)->accel, v->text ? v->text : "");
    spec_note(c, &spec_nic_table, r->key, REPORT_WARNING, v->pos, "xl ignores it");
    return 0;
}

static int write_accel(struct conf_ctx *c, const struct row *r, const void *rec)
{
    if (((const struct nic *)rec)->accel)
        spec_put(c, r->key, ((const struct nic *)rec)->accel);
    return 0;
}

/* ---- COLO ---- */
static char **colo_at(const struct row *r, struct nic_colo *colo)
{
    return (char **)(void *)((char *)colo + r->offset);
}

static int read_colo(struct conf_ctx *c, const struct row *r, void *rec, const struct value *v)
{
    struct nic *n = rec;
    if (!spec_is_text(c, r, v))
        return -1;
    if (!n->colo)
        n->colo = NEW(struct nic_colo);
    str_set(colo_at(r, n->colo), v->text);
    return 0;
}

static int write_colo(struct conf_ctx *c, const struct row *r, const void *rec)
{
    const struct nic *n = rec;
    if (n->colo && *colo_at(r, n->colo))
        spec_put(c, r->key, *colo_at(r, n->colo));
    return 0;
}

#define COLO_ROW(m) \
    R_HOOK("colo_" #m, read_colo, write_colo, ROW_AT(nic_colo, m, char *), .since = XEN(4, 9), \
           .type = "text", .xml = "metadata", .doc = "COLO, see libxl_device_nic: " #m),
static const struct row rows[] = {
    R_MAC("mac", nic, mac, .type = "six hex bytes", .dflt = "random, 00:16:3e:...",
          .xml = "<mac address>", .doc = "hardware address"),
    R_STR("bridge", nic, bridge, .write = write_bridge,
          .type = "NAME, NAME.VLAN or NAME:VLAN:VLAN (Open vSwitch)", .dflt = "xenbr0",
          .xml = "<source bridge>, <vlan>, <virtualport>", .doc = "bridge on the host"),
    R_HOOK("ip", read_ip, write_ip, .type = "addresses, blanks between", .xml = "<ip>",
           .doc = "addresses, for the script"),
    R_STR("script", nic, script, .write = write_script, .type = "path", .dflt = "vif-bridge",
          .xml = "<script path>", .doc = "hotplug script"),
    R_STR("model", nic, model, .write = write_model, .type = "text", .dflt = "rtl8139",
          .applies = ROW_HVM, .xml = "<model type>", .doc = "emulated card"),
    R_HOOK("type", read_type, NULL, .type = "vif|ioemu", .dflt = "ioemu for HVM, else vif",
           .xml = "<model type='netfront'> for vif", .doc = "emulated and PV, or PV alone"),
    R_STR("vifname", nic, ifname, .write = write_vifname, .type = "text", .dflt = "vifDOMID.N",
          .xml = "<target dev>", .doc = "the backend's interface name"),
    R_HOOK("rate", read_rate, write_rate, .type = "NUMBER[K|M|G]B/s|b/s[@INTERVAL]",
           .xml = "<bandwidth><outbound average>", .doc = "limit of what the guest sends"),
    R_STR("gatewaydev", nic, gatewaydev, .type = "text", .xml = "metadata",
          .doc = "interface behind the backend, for vif-route"),
    R_STR("netdev", nic, gatewaydev, .flags = ROW_READ_ONLY | ROW_DEPRECATED, .type = "text",
          .doc = "old name of gatewaydev"),
    R_STR("backend", nic, backend_domain, .type = "domain", .dflt = "0",
          .xml = "<backenddomain name>", .doc = "domain that serves the interface"),
    R_HOOK("accel", read_accel, write_accel, .type = "any", .xml = "metadata",
           .doc = "ignored by xl"),
    R_NUM("devid", nic, devid, .since = XEN(4, 9), .type = "number", .dflt = "next free",
          .xml = "metadata", .doc = "number of the device"),
    R_NUM("mtu", nic, mtu, .since = XEN(4, 15), .type = "bytes", .dflt = "1500",
          .xml = "<mtu size>", .doc = "largest packet"),
    R_STR("vlan", nic, vlan, .since = XEN(4, 19), .type = "text", .xml = "metadata",
          .doc = "VLAN filter of the bridge's port"),
    R_HOOK("trusted", read_trusted, write_trusted, .since = XEN(4, 17), .type = "flag",
           .xml = "metadata", .doc = "the frontend may trust the backend"),
    R_HOOK("untrusted", read_trusted, write_trusted, .since = XEN(4, 17), .type = "flag",
           .xml = "metadata", .doc = "the frontend shall not trust the backend"),
    R_STR("policy", nic, xend_policy, .flags = SPEC_XM, .type = "text", .xml = "metadata",
          .doc = "xm: security policy"),
    R_STR("label", nic, xend_label, .flags = SPEC_XM, .type = "text", .xml = "metadata",
          .doc = "xm: security label"),
    R_STR("forwarddev", nic, forwarddev, .since = XEN(4, 7), .type = "text", .xml = "metadata",
          .doc = "COLO: interface that packets are forwarded through"),
    NIC_COLO(COLO_ROW)};
const struct row_table spec_nic_table = {"vif.", rows, sizeof(rows) / sizeof(*rows)};

int spec_read_nic(struct conf_ctx *c, const struct value *v, struct nic *ret)
{
    if (spec_read(c, &spec_nic_table, ret, v, SPEC_LOSE))
        return -1;
    if (ret->kind == NIC_VIF && !ret->model) {
        str_set(&ret->model, "netfront");
        ret->kind = 0;
    }
    if (ret->bridge && !*ret->bridge)
        ret->bridge = (free(ret->bridge), NULL);
    ret->type = ret->bridge ? NIC_BRIDGE : NIC_ETHERNET;
    if (ret->bridge)
        native_bridge_read(ret);
    return 0;
}

/* What no vif says: the sources that only libvirt has. */
static void note_lost(struct conf_ctx *c, const struct nic *n)
{
    struct pos none = {0};
    if (n->type && n->type != NIC_BRIDGE && n->type != NIC_ETHERNET)
        conf_note(c, REPORT_LOST, "vif", none, "an interface of type '%s'",
                  words_name(&nic_type_words, (int)n->type));
    if (n->n_vlans && !n->virtualport)
        conf_note(c, REPORT_LOST, "vif.bridge", none, "VLAN tags without Open vSwitch");
}

int spec_write_nic(struct conf_ctx *c, const struct nic *n)
{
    note_lost(c, n);
    return spec_write(c, &spec_nic_table, n);
}
