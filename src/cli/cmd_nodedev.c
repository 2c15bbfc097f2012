/* Devices of the host. */
#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "tree.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

/* Capabilities in the order of their bits in the list call. */
static const char *const caps[] = {
    "system",      "pci",        "usb_device", "usb",     "net",    "scsi_host",
    "scsi_target", "scsi",       "storage",    "fc_host", "vports", "scsi_generic",
    "drm",         "mdev_types", "mdev",       "ccw",     "css",    "vdpa",
    "ap_card",     "ap_queue",   "ap_matrix",  "vpd"};

static int cap_flags(const struct args *a, unsigned *flags, struct err *e)
{
    const char *text = arg_str(a, "cap");
    while (!str_empty(text)) {
        size_t len = strcspn(text, ","), i = 0, n = sizeof(caps) / sizeof(*caps);
        while (i < n && (strlen(caps[i]) != len || memcmp(caps[i], text, len)))
            i++;
        if (i == n)
            return fail(e, ERR_INVALID_ARG, "Invalid capability type");
        *flags |= 1U << i;
        text += len + (text[len] == ',');
    }
    return 0;
}

/* ---- the tree ---- */

static void show_tree(struct ctl *c, const struct objects *all)
{
    struct tree t = {.n = all->n};
    t.names = mem_new(all->n + 1, sizeof(*t.names));
    t.parents = mem_new(all->n + 1, sizeof(*t.parents));
    for (size_t i = 0; i < all->n; i++) {
        struct wire_node_device_get_parent_ret r = {0};
        t.names[i] = ((const struct wire_node_device *)all->items[i])->name;
        object_call(c, WIRE_NODE_DEVICE_GET_PARENT, OBJ_NODEDEV, all->items[i], &r, NULL);
        t.parents[i] = r.parentName;
    }
    tree_print(&t);
    for (size_t i = 0; i < t.n; i++)
        free(t.parents[i]);
    free(t.parents);
    free(t.names);
}

static int run_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT}};
    CLEANUP_OBJECTS struct objects all = {0};
    unsigned flags = 0;
    if (opts_exclude(a, "tree", "cap", e) || cap_flags(a, &flags, e))
        return -1;
    if (arg_has(a, "inactive") || arg_has(a, "all"))
        flags |= VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE;
    if (!arg_has(a, "inactive"))
        flags |= (unsigned)VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE;
    ctl_trying(c, "Failed to list node devices");
    if (objects_list(c, OBJ_NODEDEV, flags, &all, e))
        return -1;
    if (arg_has(a, "tree") && !c->json) {
        show_tree(c, &all);
        return 0;
    }
    struct table t = {.cols = cols, .n_cols = 1};
    for (size_t i = 0; i < all.n; i++)
        table_add(&t, ((const struct wire_node_device *)all.items[i])->name);
    if (c->json)
        table_print(c, &t);
    for (size_t i = 0; i < t.n_cells && !c->json; i++)
        puts(t.cells[i]);
    table_clear(&t);
    return 0;
}

static int run_info(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_node_device_get_parent_ret parent = {0};
    if (object_lookup(c, a, OBJ_NODEDEV, 0, &o, e))
        return -1;
    object_call(c, WIRE_NODE_DEVICE_GET_PARENT, OBJ_NODEDEV, o.bytes, &parent, NULL);
    int active = object_number(c, WIRE_NODE_DEVICE_IS_ACTIVE, OBJ_NODEDEV, o.bytes, NULL);
    int kept = object_number(c, WIRE_NODE_DEVICE_IS_PERSISTENT, OBJ_NODEDEV, o.bytes, NULL);
    int start = object_number(c, WIRE_NODE_DEVICE_GET_AUTOSTART, OBJ_NODEDEV, o.bytes, NULL);
    struct facts f = {0};
    fact_add(&f, "Name", "name", COL_TEXT, ((struct wire_node_device *)o.bytes)->name);
    fact_add(&f, "Parent", "parent", COL_TEXT, parent.parentName ? parent.parentName : "");
    if (active >= 0)
        fact_add(&f, "Active", "active", COL_BOOL, active ? "yes" : "no");
    fact_add(&f, "Persistent", "persistent", COL_BOOL, kept < 0 ? "unknown" : kept ? "yes" : "no");
    fact_add(&f, "Autostart", "autostart", COL_BOOL,
             start < 0 ? "no autostart"
             : start   ? "yes"
                       : "no");
    facts_print(c, &f, 16);
    facts_clear(&f);
    free(parent.parentName);
    return 0;
}

#define DEVICE NEED("device", WHAT_NODEDEV, "name of the device")
#define DEVICE_FILE NEED("file", WHAT_FILE, "file with the device's XML")

extern const struct cmd cmds_nodedev[];
const struct cmd cmds_nodedev[] = {
    {"nodedev-autostart", GROUP_NODEDEV, "start a device when the host starts", NULL,
     OPTS(DEVICE, FLAG("disable", "no longer start it")),
     THIN(.proc = WIRE_NODE_DEVICE_SET_AUTOSTART, .object = OBJ_NODEDEV,
          .trying = "failed to mark device {} as autostarted",
          .done = "Device {} marked as autostarted", .mark = {"autostart", "disable"},
          .undone = "Device {} unmarked as autostarted")},
    {"nodedev-create", GROUP_NODEDEV, "create a device", NULL, OPTS(DEVICE_FILE, OPT_VALIDATE),
     THIN(.proc = WIRE_NODE_DEVICE_CREATE_XML, .object = OBJ_NODEDEV,
          .trying = "Failed to create node device from {file}",
          .done = "Node device {} created from {file}",
          .fills = FILLS({"file", "xml_desc", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"nodedev-define", GROUP_NODEDEV, "define a device", NULL, OPTS(DEVICE_FILE, OPT_VALIDATE),
     THIN(.proc = WIRE_NODE_DEVICE_DEFINE_XML, .object = OBJ_NODEDEV,
          .trying = "Failed to define node device from '{file}'",
          .done = "Node device '{}' defined from '{file}'",
          .fills = FILLS({"file", "xml_desc", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"nodedev-destroy", GROUP_NODEDEV, "stop a device", NULL, OPTS(DEVICE),
     THIN(.proc = WIRE_NODE_DEVICE_DESTROY, .object = OBJ_NODEDEV,
          .trying = "Failed to destroy node device '{}'", .done = "Destroyed node device '{}'")},
    {"nodedev-detach", GROUP_NODEDEV, "take a device from its driver, for a guest", NULL,
     OPTS(DEVICE, MAY("driver", WHAT_TEXT, "which driver gets it: xen")),
     THIN(.proc = WIRE_NODE_DEVICE_DETACH_FLAGS, .plain = WIRE_NODE_DEVICE_DETTACH,
          .object = OBJ_NODEDEV, .trying = "Failed to detach device {}",
          .done = "Device {} detached", .fills = FILLS({"driver", "driverName"}))},
    {"nodedev-dumpxml", GROUP_NODEDEV, "a device's XML", NULL, OPTS(DEVICE, OPT_XPATH),
     THIN(.proc = WIRE_NODE_DEVICE_GET_XML_DESC, .object = OBJ_NODEDEV, .key = "xml")},
    {"nodedev-info", GROUP_NODEDEV, "facts about a device", NULL, OPTS(DEVICE), run_info},
    {"nodedev-list", GROUP_NODEDEV, "list devices", NULL,
     OPTS(FLAG("tree", "as a tree"), MAY("cap", WHAT_TEXT, "only those that can this, with commas"),
          FLAG("inactive", "inactive ones"), FLAG("all", "inactive and active ones")),
     run_list},
    {"nodedev-reattach", GROUP_NODEDEV, "give a device back to its driver", NULL, OPTS(DEVICE),
     THIN(.proc = WIRE_NODE_DEVICE_RE_ATTACH, .object = OBJ_NODEDEV,
          .trying = "Failed to re-attach device {}", .done = "Device {} re-attached")},
    {"nodedev-reset", GROUP_NODEDEV, "reset a device", NULL, OPTS(DEVICE),
     THIN(.proc = WIRE_NODE_DEVICE_RESET, .object = OBJ_NODEDEV,
          .trying = "Failed to reset device {}", .done = "Device {} reset")},
    {"nodedev-start", GROUP_NODEDEV, "start a defined device", NULL, OPTS(DEVICE),
     THIN(.proc = WIRE_NODE_DEVICE_CREATE, .object = OBJ_NODEDEV,
          .trying = "Failed to start device {}", .done = "Device {} started")},
    {"nodedev-undefine", GROUP_NODEDEV, "undefine a device", NULL, OPTS(DEVICE),
     THIN(.proc = WIRE_NODE_DEVICE_UNDEFINE, .object = OBJ_NODEDEV,
          .trying = "Failed to undefine node device '{}'", .done = "Undefined node device '{}'")},
    {0},
};
