/* Virtual networks: thin calls, and their list. */
#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "edit.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

#define YES_NO(n) ((n) < 0 ? "no" : (n) ? "yes" : "no")

static int is_active(struct ctl *c, const struct wire_network *n)
{
    return object_number(c, WIRE_NETWORK_IS_ACTIVE, OBJ_NETWORK, n, NULL);
}

static int is_persistent(struct ctl *c, const struct wire_network *n)
{
    return object_number(c, WIRE_NETWORK_IS_PERSISTENT, OBJ_NETWORK, n, NULL);
}

static const char *autostart(struct ctl *c, const struct wire_network *n)
{
    int r = object_number(c, WIRE_NETWORK_GET_AUTOSTART, OBJ_NETWORK, n, NULL);
    return r < 0 ? "no autostart" : YES_NO(r);
}

static unsigned list_flags(const struct args *a)
{
    static const struct flag_bit bits[] = {
        {"persistent", VIR_CONNECT_LIST_NETWORKS_PERSISTENT},
        {"transient", VIR_CONNECT_LIST_NETWORKS_TRANSIENT},
        {"autostart", VIR_CONNECT_LIST_NETWORKS_AUTOSTART},
        {"no-autostart", VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART}};
    unsigned flags = FLAGS_OF(a, bits);
    if (arg_has(a, "inactive"))
        return flags | VIR_CONNECT_LIST_NETWORKS_INACTIVE;
    flags |= VIR_CONNECT_LIST_NETWORKS_ACTIVE;
    return arg_has(a, "all") ? flags | VIR_CONNECT_LIST_NETWORKS_INACTIVE : flags;
}

static int run_net_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT},
                                      {"State", "state", COL_TEXT},
                                      {"Autostart", "autostart", COL_BOOL},
                                      {"Persistent", "persistent", COL_BOOL}};
    CLEANUP_OBJECTS struct objects all = {0};
    if (opts_exclude(a, "name", "table", e) || opts_exclude(a, "uuid", "table", e))
        return -1;
    ctl_trying(c, "Failed to list networks");
    if (objects_list(c, OBJ_NETWORK, list_flags(a), &all, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 4};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_network *n = (const struct wire_network *)all.items[i];
        char uuid[UUID_TEXT];
        if (arg_has(a, "uuid")) {
            puts(uuid_format(n->uuid, uuid));
        } else if (arg_has(a, "name")) {
            puts(n->name);
        } else {
            table_add(&t, n->name);
            table_add(&t, is_active(c, n) > 0 ? "active" : "inactive");
            table_add(&t, autostart(c, n));
            table_add(&t, YES_NO(is_persistent(c, n)));
        }
    }
    if (!arg_has(a, "uuid") && !arg_has(a, "name"))
        table_print(c, &t);
    table_clear(&t);
    return 0;
}

static int run_net_info(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_network_get_bridge_name_ret bridge = {0};
    char uuid[UUID_TEXT];
    if (object_lookup(c, a, OBJ_NETWORK, 0, &o, e))
        return -1;
    const struct wire_network *n = (const struct wire_network *)o.bytes;
    struct facts f = {0};
    fact_add(&f, "Name", "name", COL_TEXT, n->name);
    fact_add(&f, "UUID", "uuid", COL_TEXT, uuid_format(n->uuid, uuid));
    fact_add(&f, "Active", "active", COL_BOOL, YES_NO(is_active(c, n)));
    fact_add(&f, "Persistent", "persistent", COL_BOOL, YES_NO(is_persistent(c, n)));
    fact_add(&f, "Autostart", "autostart", COL_BOOL, autostart(c, n));
    if (!object_call(c, WIRE_NETWORK_GET_BRIDGE_NAME, OBJ_NETWORK, n, &bridge, NULL))
        fact_add(&f, "Bridge", "bridge", COL_TEXT, bridge.name);
    facts_print(c, &f, 16);
    facts_clear(&f);
    free(bridge.name);
    return 0;
}

static void leases_print(struct ctl *c, const struct wire_network_dhcp_lease *l, size_t n)
{
    static const struct col cols[] = {
        {"Expiry Time", "expires", COL_TEXT}, {"MAC address", "mac", COL_TEXT},
        {"Protocol", "protocol", COL_TEXT},   {"IP address", "address", COL_TEXT},
        {"Hostname", "hostname", COL_TEXT},   {"Client ID or DUID", "client_id", COL_TEXT}};
    struct table t = {.cols = cols, .n_cols = 6};
    for (size_t i = 0; i < n; i++) {
        time_t when = (time_t)l[i].expirytime;
        struct tm tm;
        char date[32];
        localtime_r(&when, &tm);
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
        table_add(&t, date);
        table_add(&t, l[i].mac ? l[i].mac : "-");
        table_add(&t, l[i].type == 0 ? "ipv4" : "ipv6");
        table_addf(&t, "%s/%u", l[i].ipaddr, l[i].prefix);
        table_add(&t, l[i].hostname ? l[i].hostname : "-");
        table_add(&t, l[i].clientid ? l[i].clientid : l[i].iaid ? l[i].iaid : "-");
    }
    table_print(c, &t);
    table_clear(&t);
}

static int run_net_leases(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_network_get_dhcp_leases_ret r;
    if (object_lookup(c, a, OBJ_NETWORK, 0, &o, e))
        return -1;
    const struct wire_network *n = (const struct wire_network *)o.bytes;
    ctl_trying(c, "Failed to get leases info for %s", n->name);
    if (call_network_get_dhcp_leases(
            c->conn_,
            &(struct wire_network_get_dhcp_leases_args){*n, (char *)arg_str(a, "mac"), 1, 0}, &r,
            e))
        return -1;
    leases_print(c, r.leases, r.n_leases);
    wire_clear(&wire_type_network_get_dhcp_leases_ret, &r);
    return 0;
}

/* A word's place in a list; -1 when it is not there. */
static int place_of(const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (str_eq(words[i], word))
            return i;
    return -1;
}

static int run_net_update(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const commands[] = {"none",     "modify",    "delete",
                                           "add-last", "add-first", NULL};
    static const char *const sections[] = {"none",         "bridge",
                                           "domain",       "ip",
                                           "ip-dhcp-host", "ip-dhcp-range",
                                           "forward",      "forward-interface",
                                           "forward-pf",   "portgroup",
                                           "dns-host",     "dns-txt",
                                           "dns-srv",      NULL};
    CLEANUP_OBJECT struct object_handle o = {0};
    CLEANUP_FREE char *text = NULL;
    const char *what = arg_str(a, "command"), *xml = arg_str(a, "xml");
    uint64_t parent = 0;
    unsigned flags;
    if (object_lookup(c, a, OBJ_NETWORK, 0, &o, e) || opts_affect(a, &flags, e) ||
        arg_u64(a, "parent-index", &parent, e))
        return -1;
    int command = str_eq(what, "add") ? 3 : place_of(what, commands);
    int section = place_of(arg_str(a, "section"), sections);
    if (command <= 0)
        return fail(e, ERR_INVALID_ARG, "unrecognized command name '%s'", what);
    if (section <= 0)
        return fail(e, ERR_INVALID_ARG, "unrecognized section name '%s'", arg_str(a, "section"));
    if (xml[0] != '<' && opts_file(a, "xml", &text, e))
        return -1;
    const struct wire_network *n = (const struct wire_network *)o.bytes;
    struct wire_network_update_args args = {*n,
                                            (unsigned)command,
                                            (unsigned)section,
                                            arg_has(a, "parent-index") ? (int)parent : -1,
                                            text ? text : (char *)xml,
                                            flags};
    if (!client_has_feature(c->conn_, VIR_DRV_FEATURE_NETWORK_UPDATE_HAS_CORRECT_ORDER)) {
        args.command = (unsigned)section; /* older servers read the two the other way round */
        args.section = (unsigned)command;
    }
    ctl_trying(c, "Failed to update network %s", n->name);
    if (call_network_update(c->conn_, &args, e))
        return -1;
    done_print(c, "Updated network %s %s", n->name,
               flags == 3                          ? "persistent config and live state"
               : flags == 2                        ? "persistent config"
               : flags == 1 || is_active(c, n) > 0 ? "live state"
                                                   : "persistent config");
    c->bare = true;
    return 0;
}

#define NET NEED("network", WHAT_NETWORK, "network name or uuid")
#define NET_FILE NEED("file", WHAT_FILE, "file with the network's XML")
static const struct flag_bit validate[] = {{"validate", VIR_DEFINE_VALIDATE}, {0}};

extern const struct cmd cmds_network[];
const struct cmd cmds_network[] = {
    {"net-autostart", GROUP_NETWORK, "start a network when the host starts", NULL,
     OPTS(NET, FLAG("disable", "no longer start it")),
     THIN(.proc = WIRE_NETWORK_SET_AUTOSTART, .object = OBJ_NETWORK,
          .trying = "failed to mark network {} as autostarted",
          .done = "Network {} marked as autostarted", .mark = {"autostart", "disable"},
          .undone = "Network {} unmarked as autostarted")},
    {"net-create", GROUP_NETWORK, "create a network that is gone when it stops", NULL,
     OPTS(NET_FILE, OPT_VALIDATE),
     THIN(.proc = WIRE_NETWORK_CREATE_XML_FLAGS, .plain = WIRE_NETWORK_CREATE_XML,
          .object = OBJ_NETWORK, .trying = "Failed to create network from {file}",
          .done = "Network {} created from {file}", .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = validate)},
    {"net-define", GROUP_NETWORK, "define a network, or change a defined one", NULL,
     OPTS(NET_FILE, OPT_VALIDATE),
     THIN(.proc = WIRE_NETWORK_DEFINE_XML_FLAGS, .plain = WIRE_NETWORK_DEFINE_XML,
          .object = OBJ_NETWORK, .trying = "Failed to define network from {file}",
          .done = "Network {} defined from {file}", .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = validate)},
    {"net-destroy", GROUP_NETWORK, "stop a network at once", NULL, OPTS(NET),
     THIN(.proc = WIRE_NETWORK_DESTROY, .object = OBJ_NETWORK,
          .trying = "Failed to destroy network {}", .done = "Network {} destroyed")},
    {"net-dhcp-leases", GROUP_NETWORK, "addresses that a network has lent", NULL,
     OPTS(NET, MAY("mac", WHAT_TEXT, "only those of this MAC address")), run_net_leases},
    {"net-dumpxml", GROUP_NETWORK, "a network's XML", NULL,
     OPTS(NET, FLAG("inactive", "as it is defined"), OPT_XPATH),
     THIN(.proc = WIRE_NETWORK_GET_XML_DESC, .object = OBJ_NETWORK, .key = "xml",
          .bits = BITS({"inactive", VIR_NETWORK_XML_INACTIVE}))},
    {"net-edit", GROUP_NETWORK, "edit a network's XML", NULL, OPTS(NET),
     EDIT(.object = OBJ_NETWORK, .get = WIRE_NETWORK_GET_XML_DESC,
          .get_flags = VIR_NETWORK_XML_INACTIVE, .set = WIRE_NETWORK_DEFINE_XML,
          .title = "Network {} XML configuration")},
    {"net-info", GROUP_NETWORK, "facts about a network", NULL, OPTS(NET), run_net_info},
    {"net-list", GROUP_NETWORK, "list networks", NULL,
     OPTS(FLAG("inactive", "inactive ones"), FLAG("all", "inactive and active ones"),
          FLAG("persistent", "defined ones"), FLAG("transient", "ones that are not defined"),
          FLAG("autostart", "ones that start with the host"),
          FLAG("no-autostart", "ones that do not start with the host"), FLAG("uuid", "uuids alone"),
          FLAG("name", "names alone"), FLAG("table", "a table (default)")),
     run_net_list},
    {"net-name", GROUP_NETWORK, "name of the network with a uuid", NULL,
     OPTS(NEED("network", WHAT_TEXT, "network uuid")), OBJECT(OBJ_NETWORK, BY_UUID, "name")},
    {"net-start", GROUP_NETWORK, "start a defined network", NULL, OPTS(NET),
     THIN(.proc = WIRE_NETWORK_CREATE, .object = OBJ_NETWORK,
          .trying = "Failed to start network {}", .done = "Network {} started")},
    {"net-undefine", GROUP_NETWORK, "undefine a network", NULL, OPTS(NET),
     THIN(.proc = WIRE_NETWORK_UNDEFINE, .object = OBJ_NETWORK,
          .trying = "Failed to undefine network {}", .done = "Network {} has been undefined")},
    {"net-update", GROUP_NETWORK, "change one part of a network", NULL,
     OPTS(NET, NEED("command", WHAT_TEXT, "add, add-first, add-last, delete or modify"),
          NEED("section", WHAT_TEXT, "which part: ip-dhcp-host, dns-host, forward-interface, ..."),
          NEED("xml", WHAT_FILE, "the element, or a file with it"),
          MAY_NUM("parent-index", "which of several parents of the part"), OPT_AFFECT),
     run_net_update},
    {"net-uuid", GROUP_NETWORK, "uuid of a network", NULL,
     OPTS(NEED("network", WHAT_NETWORK, "network name")), OBJECT(OBJ_NETWORK, BY_NAME, "uuid")},
    {0},
};
