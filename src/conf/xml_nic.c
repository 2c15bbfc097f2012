/* <interface>. */
#include "conf/xml_domain.h"
#include "model/check.h"

static const struct xrow mac_rows[] = {
    {.place = X_ATTR, .r = R_MAC("address", nic, mac)},
    XA_STR("type", nic, mac_type),
    XA_YES("check", nic, mac_check),
};
static const struct xtable mac_table = {XTABLE(mac_rows)};

static bool is_bridge(const void *rec)
{
    return ((const struct nic *)rec)->type == NIC_BRIDGE;
}

static bool is_network(const void *rec)
{
    return ((const struct nic *)rec)->type == NIC_NETWORK;
}

/* Types whose <source> is an address. */
static bool has_address(const void *rec)
{
    enum nic_type t = ((const struct nic *)rec)->type;
    return t == NIC_SERVER || t == NIC_CLIENT || t == NIC_MCAST || t == NIC_UDP;
}

static bool has_dev(const void *rec)
{
    return !is_bridge(rec) && !is_network(rec) && !has_address(rec);
}

static const struct xrow ip_rows[] = {
    XA_STR("address", ip, address, .when = XW_MANDATORY),
    XA_STR("family", ip, family, ONEOF("ipv4", "ipv6")),
    XA_INT("prefix", ip, prefix, 0, 128),
    XA_STR("peer", ip, peer),
};

/* Without XW_MANDATORY's address this is not called. */
static int read_ip(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct ip *ip = rec;
    struct err e = {0};
    if (!ip->family)
        ip->family = mem_str(strchr(ip->address, ':') ? "ipv6" : "ipv4");
    return ip_check(ip, &e) ? xml_error(c, x, "%s", e.msg) : 0;
}

static const struct xtable ip_table = {XTABLE(ip_rows), XITEM(ip), .after = read_ip};

static const struct xrow source_rows[] = {
    XA_STR("bridge", nic, bridge, .only = is_bridge),
    XA_STR("network", nic, network, .only = is_network),
    XA_STR("portgroup", nic, portgroup, .only = is_network),
    XA_STR("portid", nic, portid, .only = is_network),
    XA_STR("address", nic, source_address, .only = has_address),
    XA_INT("port", nic, source_port, 0, 65535, .only = has_address),
    XA_STR("dev", nic, source_dev, .only = has_dev),
    XK_ATTR("name"),
    XK_ATTR("type"),
    XK_ATTR("path"),
    XA_STR("mode", nic, source_mode, .only = has_dev),
    XK_ATTR("managed"),
    XK("reconnect"),
    XK("local"),
    XK_LIST("address"),
    XL("ip", nic, source_ips, ip, ip_table),
    XK_LIST("route"),
};
static const struct xtable source_table = {XTABLE(source_rows)};

static const struct xrow tag_rows[] = {
    XA_INT("id", vlan_tag, id, 0, 4095, .when = XW_MANDATORY),
    XA_STR("nativeMode", vlan_tag, native_mode, ONEOF("tagged", "untagged")),
};
static const struct xtable tag_table = {XTABLE(tag_rows), XITEM(vlan_tag)};

/* More than one tag makes a trunk. */
static int read_vlan(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct nic *n = rec;
    if (!n->n_vlans)
        return xml_error(c, x, "<vlan> has no <tag>");
    size_t native = 0;
    for (size_t i = 0; i < n->n_vlans; i++)
        native += n->vlans[i].native_mode != NULL;
    if (xml_checks(c) && native > 1)
        return xml_error(c, x, "<vlan> has more than one tag with 'nativeMode'");
    if (n->n_vlans > 1 && n->vlan_trunk == TRI_NO)
        return xml_error(c, x, "<vlan trunk='no'> has several tags");
    n->vlan_trunk = n->n_vlans > 1 || n->vlan_trunk == TRI_YES ? TRI_YES : TRI_UNSET;
    return 0;
}

static const struct xrow vlan_rows[] = {
    XA_YES("trunk", nic, vlan_trunk),
    XL("tag", nic, vlans, vlan_tag, tag_table),
};
static const struct xtable vlan_table = {XTABLE(vlan_rows), .after = read_vlan};

static const struct xrow port_rows[] = {
    XA_STR("type", nic, virtualport,
           ONEOF("none", "802.1Qbg", "802.1Qbh", "openvswitch", "midonet")),
    XK("parameters"),
};
static const struct xtable port_table = {XTABLE(port_rows)};

static const struct xrow rate_rows[] = {
    XA_NUM("average", bandwidth, average),
    XA_NUM("peak", bandwidth, peak),
    XA_NUM("floor", bandwidth, floor),
    XA_NUM("burst", bandwidth, burst),
};
static int read_bandwidth(struct conf_ctx *c, void *rec, const struct xml *x)
{
    const struct bandwidth *b = rec;
    return b->average.set || b->floor.set
               ? 0
               : xml_error(c, x, "<%s> has neither 'average' nor 'floor'", x->name);
}

static const struct xtable rate_table = {XTABLE(rate_rows), .after = read_bandwidth};
static const struct xrow bandwidth_rows[] = {
    XE_AT("inbound", nic, in, bandwidth, rate_table),
    XE_AT("outbound", nic, out, bandwidth, rate_table),
};
static const struct xtable bandwidth_table = {XTABLE(bandwidth_rows)};

static const struct xrow script_rows[] = {XA_STR("path", nic, script)};
static const struct xtable script_table = {XTABLE(script_rows)};
static const struct xrow downscript_rows[] = {XA_STR("path", nic, downscript)};
static const struct xtable downscript_table = {XTABLE(downscript_rows)};
static const struct xrow backend_rows[] = {XA_STR("name", nic, backend_domain)};
static const struct xtable backend_table = {XTABLE(backend_rows)};
static const struct xrow guest_rows[] = {XA_STR("dev", nic, guest_dev), XK_ATTR("actual")};
static const struct xtable guest_table = {XTABLE(guest_rows)};
static const struct xrow model_rows[] = {XA_STR("type", nic, model)};
static const struct xtable model_table = {XTABLE(model_rows)};
static const struct xrow filter_rows[] = {XA_STR("filter", nic, filter), XK("parameter")};
static const struct xtable filter_table = {XTABLE(filter_rows)};
static const struct xrow link_rows[] = {XA_STR("state", nic, link_state, ONEOF("up", "down"))};
static const struct xtable link_table = {XTABLE(link_rows)};
static const struct xrow mtu_rows[] = {XA_INT("size", nic, mtu, 0, UINT32_MAX)};
static const struct xtable mtu_table = {XTABLE(mtu_rows)};

/* Names that hosts make up are no configuration. */
static bool is_generated(const char *name)
{
    return str_starts(name, "vif") || str_starts(name, "vnet") || str_starts(name, "macvtap") ||
           str_starts(name, "macvlan");
}

static int read_target(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct nic *n = rec;
    const char *dev = xml_get(x, "dev");
    if (dev && *dev && !(xml_of(c)->inactive && is_generated(dev)))
        str_set(&n->ifname, dev);
    return 0;
}

static void write_target(struct conf_ctx *c, const struct xrow *r, const void *rec,
                         struct xml_out *w)
{
    const struct nic *n = rec;
    if (n->ifname && !(xml_of(c)->inactive && is_generated(n->ifname)))
        xml_out_attr(w, "dev", n->ifname);
}

static const struct xrow target_rows[] = {XH_ATTR("dev", read_target, write_target),
                                          XK_ATTR("managed")};
static const struct xtable target_table = {XTABLE(target_rows)};

static int read_type(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct nic *n = rec;
    int type = 0;
    if (xml_enum(c, x, "type", &nic_type_words, &type))
        return -1;
    n->type = type;
    return 0;
}

static void write_type(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    const struct nic *n = rec;
    if (n->type)
        xml_out_attr(w, "type", words_name(&nic_type_words, n->type));
}

static int read_nic(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct nic *n = rec;
    struct err e = {0};
    static const uint8_t none[6];
    if (!n->type)
        n->type = NIC_USER;
    if (!memcmp(n->mac.b, none, sizeof(none)))
        n->mac.set = false; /* asks for a new one */
    if (!n->virtualport && n->type != NIC_NETWORK && xml_child(x, "virtualport"))
        return xml_error(c, x, "the <virtualport> of an <interface> has no 'type'");
    if (n->type == NIC_DIRECT && !n->source_mode)
        n->source_mode = mem_str("vepa");
    if (nic_check(n, &e))
        return xml_error(c, x, "%s", e.msg);
    if (n->type == NIC_NETWORK && str_empty(n->network))
        return xml_error(c, x, "an <interface type='network'> has no <source network=''>");
    if (n->type == NIC_BRIDGE && str_empty(n->bridge))
        return xml_error(c, x, "an <interface type='bridge'> has no <source bridge=''>");
    return 0;
}

static const struct xrow nic_rows[] = {
    XH_ATTR("type", read_type, write_type),
    XK_ATTR("managed"),
    XK_ATTR("trustGuestRxFilters"),
    XE("mac", mac_table),
    XE("source", source_table),
    XE("vlan", vlan_table),
    XE("virtualport", port_table),
    XE("bandwidth", bandwidth_table),
    XK("port"),
    XL("ip", nic, ips, ip, ip_table),
    XK_LIST("route"),
    XE("script", script_table),
    XE("downscript", downscript_table),
    XE("backenddomain", backend_table),
    XE("target", target_table),
    XE("guest", guest_table),
    XE("model", model_table),
    XK("driver"),
    XK("backend"),
    XK_LIST("portForward"),
    XE("filterref", filter_table),
    XK("tune"),
    XK("teaming"),
    XE("link", link_table),
    XE("mtu", mtu_table),
    XK("coalesce"),
    XI_AT(nic, dev, device, xml_tail_table),
};
const struct xtable xml_nic_table = {XTABLE(nic_rows), XITEM(nic), XKEPT_DEV(nic),
                                     .after = read_nic};
