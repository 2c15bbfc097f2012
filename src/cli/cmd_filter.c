/* Network filters and their bindings. */
#include "base/str.h"
#include "base/uuid.h"
#include "edit.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"
#include "wire/remote.h"

static int run_nwfilter_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"UUID", "uuid", COL_TEXT}, {"Name", "name", COL_TEXT}};
    CLEANUP_OBJECTS struct objects all = {0};
    ctl_trying(c, "Failed to list network filters");
    if (objects_list(c, OBJ_NWFILTER, 0, &all, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 2};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_nwfilter *n = (const struct wire_nwfilter *)all.items[i];
        char uuid[UUID_TEXT];
        table_add(&t, uuid_format(n->uuid, uuid));
        table_add(&t, n->name);
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

static int run_binding_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Port Dev", "port_dev", COL_TEXT},
                                      {"Filter", "filter", COL_TEXT}};
    CLEANUP_OBJECTS struct objects all = {0};
    ctl_trying(c, "Failed to list network filter bindings");
    if (objects_list(c, OBJ_BINDING, 0, &all, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 2};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_nwfilter_binding *n = (const struct wire_nwfilter_binding *)all.items[i];
        table_add(&t, n->portdev);
        table_add(&t, n->filtername);
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

#define FILTER NEED("nwfilter", WHAT_NWFILTER, "filter name or uuid")
#define BINDING NEED("binding", WHAT_TEXT, "port device of the binding")

extern const struct cmd cmds_filter[];
const struct cmd cmds_filter[] = {
    {"nwfilter-binding-create", GROUP_FILTER, "bind a filter to a port", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the binding's XML"), OPT_VALIDATE),
     THIN(.proc = WIRE_NWFILTER_BINDING_CREATE_XML, .object = OBJ_BINDING,
          .trying = "Failed to create network filter from {file}",
          .done = "Network filter binding on {} created from {file}",
          .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"nwfilter-binding-delete", GROUP_FILTER, "unbind a port's filter", NULL, OPTS(BINDING),
     THIN(.proc = WIRE_NWFILTER_BINDING_DELETE, .object = OBJ_BINDING,
          .trying = "Failed to delete network filter binding {}",
          .done = "Network filter binding on {} deleted")},
    {"nwfilter-binding-dumpxml", GROUP_FILTER, "a binding's XML", NULL, OPTS(BINDING, OPT_XPATH),
     THIN(.proc = WIRE_NWFILTER_BINDING_GET_XML_DESC, .object = OBJ_BINDING, .key = "xml")},
    {"nwfilter-binding-list", GROUP_FILTER, "list bindings of filters", NULL, NULL,
     run_binding_list},
    {"nwfilter-define", GROUP_FILTER, "define a filter, or change a defined one", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the filter's XML"), OPT_VALIDATE),
     THIN(.proc = WIRE_NWFILTER_DEFINE_XML_FLAGS, .plain = WIRE_NWFILTER_DEFINE_XML,
          .object = OBJ_NWFILTER, .trying = "Failed to define network filter from {file}",
          .done = "Network filter {} defined from {file}",
          .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"nwfilter-dumpxml", GROUP_FILTER, "a filter's XML", NULL, OPTS(FILTER, OPT_XPATH),
     THIN(.proc = WIRE_NWFILTER_GET_XML_DESC, .object = OBJ_NWFILTER, .key = "xml")},
    {"nwfilter-edit", GROUP_FILTER, "edit a filter's XML", NULL, OPTS(FILTER),
     EDIT(.object = OBJ_NWFILTER, .get = WIRE_NWFILTER_GET_XML_DESC,
          .set = WIRE_NWFILTER_DEFINE_XML, .title = "Network filter {} XML configuration")},
    {"nwfilter-list", GROUP_FILTER, "list filters", NULL, NULL, run_nwfilter_list},
    {"nwfilter-undefine", GROUP_FILTER, "undefine a filter", NULL, OPTS(FILTER),
     THIN(.proc = WIRE_NWFILTER_UNDEFINE, .object = OBJ_NWFILTER,
          .trying = "Failed to undefine network filter {}", .done = "Network filter {} undefined")},
    {0},
};
