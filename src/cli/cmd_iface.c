/* Network interfaces of the host. */
#include "base/str.h"
#include "client/client.h"
#include "edit.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"
#include "wire/remote.h"

static int run_iface_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {
        {"Name", "name", COL_TEXT}, {"State", "state", COL_TEXT}, {"MAC Address", "mac", COL_TEXT}};
    CLEANUP_OBJECTS struct objects all = {0};
    unsigned flags = arg_has(a, "inactive") ? VIR_CONNECT_LIST_INTERFACES_INACTIVE
                                            : VIR_CONNECT_LIST_INTERFACES_ACTIVE;
    if (arg_has(a, "all"))
        flags |= VIR_CONNECT_LIST_INTERFACES_INACTIVE;
    ctl_trying(c, "Failed to list interfaces");
    if (objects_list(c, OBJ_IFACE, flags, &all, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 3};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_interface *n = (const struct wire_interface *)all.items[i];
        int on = object_number(c, WIRE_INTERFACE_IS_ACTIVE, OBJ_IFACE, n, NULL);
        table_add(&t, n->name);
        table_add(&t, on > 0 ? "active" : "inactive");
        table_add(&t, n->mac);
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

#define IFACE NEED("interface", WHAT_IFACE, "interface name or MAC address")

extern const struct cmd cmds_iface[];
const struct cmd cmds_iface[] = {
    {"iface-begin", GROUP_IFACE, "remember the interfaces' settings, to come back to", NULL, NULL,
     THIN(.proc = WIRE_INTERFACE_CHANGE_BEGIN,
          .trying = "Failed to begin network config change transaction",
          .done = "Network config change transaction started")},
    {"iface-commit", GROUP_IFACE, "keep what changed since iface-begin", NULL, NULL,
     THIN(.proc = WIRE_INTERFACE_CHANGE_COMMIT,
          .trying = "Failed to commit network config change transaction",
          .done = "Network config change transaction committed")},
    {"iface-define", GROUP_IFACE, "define an interface, or change a defined one", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the interface's XML"), OPT_VALIDATE),
     THIN(.proc = WIRE_INTERFACE_DEFINE_XML, .object = OBJ_IFACE,
          .trying = "Failed to define interface from {file}",
          .done = "Interface {} defined from {file}", .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"iface-destroy", GROUP_IFACE, "take an interface down", NULL, OPTS(IFACE),
     THIN(.proc = WIRE_INTERFACE_DESTROY, .object = OBJ_IFACE,
          .trying = "Failed to destroy interface {}", .done = "Interface {} destroyed")},
    {"iface-dumpxml", GROUP_IFACE, "an interface's XML", NULL,
     OPTS(IFACE, FLAG("inactive", "as it is defined"), OPT_XPATH),
     THIN(.proc = WIRE_INTERFACE_GET_XML_DESC, .object = OBJ_IFACE, .key = "xml",
          .bits = BITS({"inactive", VIR_INTERFACE_XML_INACTIVE}))},
    {"iface-edit", GROUP_IFACE, "edit an interface's XML", NULL, OPTS(IFACE),
     EDIT(.object = OBJ_IFACE, .get = WIRE_INTERFACE_GET_XML_DESC,
          .get_flags = VIR_INTERFACE_XML_INACTIVE, .set = WIRE_INTERFACE_DEFINE_XML,
          .title = "Interface {} XML configuration")},
    {"iface-list", GROUP_IFACE, "list interfaces", NULL,
     OPTS(FLAG("inactive", "inactive ones"), FLAG("all", "inactive and active ones")),
     run_iface_list},
    {"iface-mac", GROUP_IFACE, "MAC address of an interface", NULL,
     OPTS(NEED("interface", WHAT_IFACE, "interface name")), OBJECT(OBJ_IFACE, BY_NAME, "mac")},
    {"iface-name", GROUP_IFACE, "name of the interface with a MAC address", NULL,
     OPTS(NEED("interface", WHAT_TEXT, "MAC address")), OBJECT(OBJ_IFACE, BY_ID, "name")},
    {"iface-rollback", GROUP_IFACE, "undo what changed since iface-begin", NULL, NULL,
     THIN(.proc = WIRE_INTERFACE_CHANGE_ROLLBACK,
          .trying = "Failed to rollback network config change transaction",
          .done = "Network config change transaction rolled back")},
    {"iface-start", GROUP_IFACE, "bring an interface up", NULL, OPTS(IFACE),
     THIN(.proc = WIRE_INTERFACE_CREATE, .object = OBJ_IFACE,
          .trying = "Failed to start interface {}", .done = "Interface {} started")},
    {"iface-undefine", GROUP_IFACE, "undefine an interface", NULL, OPTS(IFACE),
     THIN(.proc = WIRE_INTERFACE_UNDEFINE, .object = OBJ_IFACE,
          .trying = "Failed to undefine interface {}", .done = "Interface {} undefined")},
    {0},
};
