/* Storage pools. */
#include "base/str.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "edit.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

static const char *const states[] = {"inactive", "building", "running", "degraded", "inaccessible"};

static const char *state_word(int state)
{
    return state >= 0 && state < 5 ? states[state] : "unknown";
}

static int get_info(struct ctl *c, const struct wire_storage_pool *p,
                    struct wire_storage_pool_get_info_ret *ret, struct err *e)
{
    return call_storage_pool_get_info(c->conn_, &(struct wire_storage_pool_get_info_args){*p}, ret,
                                      e);
}

static const char *yes_no(struct ctl *c, int proc, const void *pool, const char *unknown)
{
    int r = object_number(c, proc, OBJ_POOL, pool, NULL);
    return r < 0 ? unknown : r ? "yes" : "no";
}

/* A comma list of pool types as flags of the list call. */
static int type_flags(const struct args *a, unsigned *flags, struct err *e)
{
    static const char *const types[] = {"dir",     "fs",   "netfs",    "logical",     "disk",
                                        "iscsi",   "scsi", "mpath",    "rbd",         "sheepdog",
                                        "gluster", "zfs",  "vstorage", "iscsi-direct"};
    const char *text = arg_str(a, "type");
    while (!str_empty(text)) {
        size_t len = strcspn(text, ","), i = 0;
        while (i < 14 && (strlen(types[i]) != len || memcmp(types[i], text, len)))
            i++;
        if (i == 14)
            return fail(e, ERR_INVALID_ARG, "Invalid pool type '%.*s'", (int)len, text);
        *flags |= (unsigned)VIR_CONNECT_LIST_STORAGE_POOLS_DIR << i;
        text += len + (text[len] == ',');
    }
    return 0;
}

static int list_flags(const struct args *a, unsigned *ret, struct err *e)
{
    static const struct flag_bit bits[] = {
        {"transient", VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT},
        {"persistent", VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT},
        {"autostart", VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART},
        {"no-autostart", VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART}};
    *ret = FLAGS_OF(a, bits);
    if (arg_has(a, "inactive"))
        *ret |= VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE;
    else
        *ret |= VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE;
    if (arg_has(a, "all"))
        *ret |= VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE;
    return type_flags(a, ret, e);
}

static void row_add(struct ctl *c, struct table *t, const struct wire_storage_pool *p,
                    bool has_details)
{
    struct wire_storage_pool_get_info_ret info = {0};
    bool known = !get_info(c, p, &info, NULL);
    bool sized = known && info.state != 0;
    table_add(t, p->name);
    table_add(t, !known        ? "unknown"
                 : has_details ? state_word(info.state)
                 : info.state  ? "active"
                               : "inactive");
    table_add(t, yes_no(c, WIRE_STORAGE_POOL_GET_AUTOSTART, p, "no autostart"));
    if (!has_details)
        return;
    table_add(t, yes_no(c, WIRE_STORAGE_POOL_IS_PERSISTENT, p, "unknown"));
    table_add_bytes(c, t, sized, info.capacity);
    table_add_bytes(c, t, sized, info.allocation);
    table_add_bytes(c, t, sized, info.available);
}

static int run_pool_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT},
                                      {"State", "state", COL_TEXT},
                                      {"Autostart", "autostart", COL_BOOL},
                                      {"Persistent", "persistent", COL_BOOL},
                                      {"Capacity", "capacity", COL_NUMBER},
                                      {"Allocation", "allocation", COL_NUMBER},
                                      {"Available", "available", COL_NUMBER}};
    CLEANUP_OBJECTS struct objects all = {0};
    unsigned flags;
    if (list_flags(a, &flags, e))
        return -1;
    ctl_trying(c, "Failed to list pools");
    if (objects_list(c, OBJ_POOL, flags, &all, e))
        return -1;
    bool names = arg_has(a, "name"), uuids = arg_has(a, "uuid"), details = arg_has(a, "details");
    struct table t = {.cols = cols, .n_cols = details ? 7 : 3};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_storage_pool *p = (const struct wire_storage_pool *)all.items[i];
        char uuid[UUID_TEXT];
        if (uuids)
            printf("%s%s", uuid_format(p->uuid, uuid), names ? "" : "\n");
        if (names)
            printf(uuids ? " %-20s\n" : "%-20s\n", p->name);
        if (!uuids && !names)
            row_add(c, &t, p, details);
    }
    if (!uuids && !names)
        table_print(c, &t);
    table_clear(&t);
    return 0;
}

static void fact_size(struct ctl *c, const struct args *a, struct facts *f, const char *title,
                      const char *key, uint64_t bytes)
{
    CLEANUP_FREE char *text = arg_has(a, "bytes") || c->json
                                  ? mem_printf("%llu", (unsigned long long)bytes)
                                  : size_text(bytes, 2);
    fact_add(f, title, key, COL_NUMBER, text);
}

static int run_pool_info(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_storage_pool_get_info_ret info;
    char uuid[UUID_TEXT];
    if (object_lookup(c, a, OBJ_POOL, 0, &o, e))
        return -1;
    const struct wire_storage_pool *p = (const struct wire_storage_pool *)o.bytes;
    if (get_info(c, p, &info, e))
        return -1;
    struct facts f = {0};
    fact_add(&f, "Name", "name", COL_TEXT, p->name);
    fact_add(&f, "UUID", "uuid", COL_TEXT, uuid_format(p->uuid, uuid));
    fact_add(&f, "State", "state", COL_TEXT, state_word(info.state));
    fact_add(&f, "Persistent", "persistent", COL_BOOL,
             yes_no(c, WIRE_STORAGE_POOL_IS_PERSISTENT, p, "unknown"));
    fact_add(&f, "Autostart", "autostart", COL_BOOL,
             yes_no(c, WIRE_STORAGE_POOL_GET_AUTOSTART, p, "no autostart"));
    if (info.state == 2 || info.state == 3) {
        fact_size(c, a, &f, "Capacity", "capacity", info.capacity);
        fact_size(c, a, &f, "Allocation", "allocation", info.allocation);
        fact_size(c, a, &f, "Available", "available", info.available);
    }
    facts_print(c, &f, 16);
    facts_clear(&f);
    return 0;
}

/* ---- pools from options ---- */

static void one(struct xml_out *w, const char *element, const char *attr, const char *value)
{
    if (!value)
        return;
    xml_out_open(w, element);
    xml_out_attr(w, attr, value);
    xml_out_close(w);
}

static void auth(struct xml_out *w, const struct args *a)
{
    if (!arg_str(a, "auth-type") || !arg_str(a, "auth-username"))
        return;
    xml_out_open(w, "auth");
    xml_out_attr(w, "type", arg_str(a, "auth-type"));
    xml_out_attr(w, "username", arg_str(a, "auth-username"));
    one(w, "secret", "uuid", arg_str(a, "secret-uuid"));
    one(w, "secret", "usage", arg_str(a, "secret-usage"));
    xml_out_close(w);
}

static void adapter(struct xml_out *w, const struct args *a)
{
    static const char *const names[][2] = {{"adapter-parent", "parent"},
                                           {"adapter-parent-wwnn", "parent_wwnn"},
                                           {"adapter-parent-wwpn", "parent_wwpn"},
                                           {"adapter-parent-fabric-wwn", "parent_fabric_wwn"},
                                           {"adapter-wwnn", "wwnn"},
                                           {"adapter-wwpn", "wwpn"}};
    if (arg_str(a, "adapter-name")) {
        one(w, "adapter", "name", arg_str(a, "adapter-name"));
        return;
    }
    if (!arg_str(a, "adapter-wwnn") || !arg_str(a, "adapter-wwpn"))
        return;
    xml_out_open(w, "adapter");
    xml_out_attr(w, "type", "fc_host");
    for (size_t i = 0; i < 6; i++)
        if (arg_str(a, names[i][0]))
            xml_out_attr(w, names[i][1], arg_str(a, names[i][0]));
    xml_out_close(w);
}

static void source(struct xml_out *w, const struct args *a)
{
    one(w, "host", "name", arg_str(a, "source-host"));
    one(w, "dir", "path", arg_str(a, "source-path"));
    one(w, "device", "path", arg_str(a, "source-dev"));
    adapter(w, a);
    auth(w, a);
    if (arg_str(a, "source-initiator")) {
        xml_out_open(w, "initiator");
        one(w, "iqn", "name", arg_str(a, "source-initiator"));
        xml_out_close(w);
    }
    one(w, "format", "type", arg_str(a, "source-format"));
    one(w, "protocol", "ver", arg_str(a, "source-protocol-ver"));
    if (arg_str(a, "source-name"))
        xml_out_element(w, "name", arg_str(a, "source-name"));
}

static void pool_xml(const struct args *a, struct str *ret)
{
    struct xml_out w = {.s = ret};
    xml_out_open(&w, "pool");
    xml_out_attr(&w, "type", arg_str(a, "type"));
    xml_out_element(&w, "name", arg_str(a, "name"));
    xml_out_open(&w, "source");
    source(&w, a);
    xml_out_close(&w);
    if (arg_str(a, "target")) {
        xml_out_open(&w, "target");
        xml_out_element(&w, "path", arg_str(a, "target"));
        xml_out_close(&w);
    }
    xml_out_close(&w);
}

static const struct flag_bit build_bits[] = {
    {"build", VIR_STORAGE_POOL_CREATE_WITH_BUILD},
    {"overwrite", VIR_STORAGE_POOL_CREATE_WITH_BUILD_OVERWRITE},
    {"no-overwrite", VIR_STORAGE_POOL_CREATE_WITH_BUILD_NO_OVERWRITE},
    {0}};

static int run_pool_as(struct ctl *c, const struct args *a, struct err *e)
{
    bool is_create = str_eq(a->cmd->name, "pool-create-as");
    CLEANUP_STR struct str xml = {0};
    pool_xml(a, &xml);
    if (arg_has(a, "print-xml")) {
        printf("%s", str_get(&xml));
        return 0;
    }
    ctl_trying(c, "Failed to %s pool %s", is_create ? "create" : "define", arg_str(a, "name"));
    if (!ctl_conn(c, e))
        return -1;
    struct wire_storage_pool_create_xml_args args = {xml.p,
                                                     is_create ? flags_of(a, build_bits, 3) : 0};
    struct wire_storage_pool_create_xml_ret r; /* both calls have the same shape */
    if (client_call(c->conn_,
                    is_create ? WIRE_STORAGE_POOL_CREATE_XML : WIRE_STORAGE_POOL_DEFINE_XML, &args,
                    &r, e))
        return -1;
    done_print(c, "Pool %s %s", r.pool.name, is_create ? "created" : "defined");
    wire_clear(&wire_type_storage_pool_create_xml_ret, &r);
    return 0;
}

static int run_find_as(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_STR struct str xml = {0};
    struct xml_out w = {.s = &xml};
    struct wire_connect_find_storage_pool_sources_ret r;
    xml_out_open(&w, "source");
    if (arg_str(a, "host")) {
        xml_out_open(&w, "host");
        xml_out_attr(&w, "name", arg_str(a, "host"));
        if (arg_str(a, "port"))
            xml_out_attr(&w, "port", arg_str(a, "port"));
        xml_out_close(&w);
    }
    if (arg_str(a, "initiator")) {
        xml_out_open(&w, "initiator");
        one(&w, "iqn", "name", arg_str(a, "initiator"));
        xml_out_close(&w);
    }
    xml_out_close(&w);
    ctl_trying(c, "Failed to find any %s pool sources", arg_str(a, "type"));
    struct wire_connect_find_storage_pool_sources_args args = {(char *)arg_str(a, "type"),
                                                               xml.len ? xml.p : NULL, 0};
    if (!ctl_conn(c, e) || call_connect_find_storage_pool_sources(c->conn_, &args, &r, e))
        return -1;
    int bad = thin_print_xml(c, a, "sources", r.xml, e);
    free(r.xml);
    return bad;
}

#define POOL NEED("pool", WHAT_POOL, "pool name or uuid")
#define BUILD \
    FLAG("build", "build it as well"), FLAG("no-overwrite", "do not build over what is there"), \
        FLAG("overwrite", "build over what is there")
#define POOL_AS \
    NEED("name", WHAT_TEXT, "its name"), NEED("type", WHAT_TEXT, "its type: dir, logical, ..."), \
        OPT_PRINT_XML, MAY("source-host", WHAT_TEXT, "host of the storage"), \
        MAY("source-path", WHAT_TEXT, "path of the storage"), \
        MAY("source-dev", WHAT_FILE, "device of the storage"), \
        MAY("source-name", WHAT_TEXT, "name of the storage"), \
        MAY("target", WHAT_FILE, "where its volumes appear"), \
        MAY("source-format", WHAT_TEXT, "format of the storage"), \
        MAY("auth-type", WHAT_TEXT, "how to authenticate"), \
        MAY("auth-username", WHAT_TEXT, "as whom"), \
        MAY("secret-usage", WHAT_TEXT, "secret, by its usage"), \
        MAY("secret-uuid", WHAT_TEXT, "secret, by its uuid"), \
        MAY("adapter-name", WHAT_TEXT, "name of the SCSI adapter"), \
        MAY("adapter-wwnn", WHAT_TEXT, "wwnn of the vHBA"), \
        MAY("adapter-wwpn", WHAT_TEXT, "wwpn of the vHBA"), \
        MAY("adapter-parent", WHAT_TEXT, "parent HBA of the vHBA"), \
        MAY("adapter-parent-wwnn", WHAT_TEXT, "wwnn of the parent HBA"), \
        MAY("adapter-parent-wwpn", WHAT_TEXT, "wwpn of the parent HBA"), \
        MAY("adapter-parent-fabric-wwn", WHAT_TEXT, "fabric wwn of the parent HBA"), \
        MAY("source-protocol-ver", WHAT_TEXT, "version of the NFS protocol"), \
        MAY("source-initiator", WHAT_TEXT, "iSCSI initiator")

extern const struct cmd cmds_pool[];
const struct cmd cmds_pool[] = {
    {"find-storage-pool-sources", GROUP_POOL, "find what could be a pool", NULL,
     OPTS(NEED("type", WHAT_TEXT, "type of pool"),
          MAY("srcSpec", WHAT_FILE, "file with XML that says where to look")),
     THIN(.proc = WIRE_CONNECT_FIND_STORAGE_POOL_SOURCES, .key = "sources",
          .trying = "Failed to find any {type} pool sources",
          .fills = FILLS({"type", "type"}, {"srcSpec", "srcSpec", FILL_FILE}))},
    {"find-storage-pool-sources-as", GROUP_POOL, "find what could be a pool, by options", NULL,
     OPTS(NEED("type", WHAT_TEXT, "type of pool"), MAY("host", WHAT_TEXT, "host to ask"),
          MAY("port", WHAT_TEXT, "its port"), MAY("initiator", WHAT_TEXT, "iSCSI initiator")),
     run_find_as},
    {"pool-autostart", GROUP_POOL, "start a pool when the host starts", NULL,
     OPTS(POOL, FLAG("disable", "no longer start it")),
     THIN(.proc = WIRE_STORAGE_POOL_SET_AUTOSTART, .object = OBJ_POOL,
          .trying = "failed to mark pool {} as autostarted",
          .done = "Pool {} marked as autostarted", .mark = {"autostart", "disable"},
          .undone = "Pool {} unmarked as autostarted")},
    {"pool-build", GROUP_POOL, "make a pool's storage", NULL,
     OPTS(POOL, FLAG("no-overwrite", "not over what is there"),
          FLAG("overwrite", "over what is there")),
     THIN(.proc = WIRE_STORAGE_POOL_BUILD, .object = OBJ_POOL, .trying = "Failed to build pool {}",
          .done = "Pool {} built",
          .bits = BITS({"no-overwrite", VIR_STORAGE_POOL_BUILD_NO_OVERWRITE},
                       {"overwrite", VIR_STORAGE_POOL_BUILD_OVERWRITE}))},
    {"pool-capabilities", GROUP_POOL, "what kinds of pools there may be", NULL, NULL,
     THIN(.proc = WIRE_CONNECT_GET_STORAGE_POOL_CAPABILITIES, .key = "capabilities",
          .trying = "failed to get storage pool capabilities")},
    {"pool-create", GROUP_POOL, "create a pool that is gone when it stops", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the pool's XML"), BUILD),
     THIN(.proc = WIRE_STORAGE_POOL_CREATE_XML, .object = OBJ_POOL,
          .trying = "Failed to create pool from {file}", .done = "Pool {} created from {file}",
          .fills = FILLS({"file", "xml", FILL_FILE}), .bits = build_bits)},
    {"pool-create-as", GROUP_POOL, "create a pool from options", NULL, OPTS(POOL_AS, BUILD),
     run_pool_as},
    {"pool-define", GROUP_POOL, "define a pool, or change a defined one", NULL,
     OPTS(NEED("file", WHAT_FILE, "file with the pool's XML"), OPT_VALIDATE),
     THIN(.proc = WIRE_STORAGE_POOL_DEFINE_XML, .object = OBJ_POOL,
          .trying = "Failed to define pool from {file}", .done = "Pool {} defined from {file}",
          .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"validate", VIR_DEFINE_VALIDATE}))},
    {"pool-define-as", GROUP_POOL, "define a pool from options", NULL, OPTS(POOL_AS), run_pool_as},
    {"pool-delete", GROUP_POOL, "delete a pool's storage, for good", NULL, OPTS(POOL),
     THIN(.proc = WIRE_STORAGE_POOL_DELETE, .object = OBJ_POOL,
          .trying = "Failed to delete pool {}", .done = "Pool {} deleted")},
    {"pool-destroy", GROUP_POOL, "stop a pool; its storage stays", NULL, OPTS(POOL),
     THIN(.proc = WIRE_STORAGE_POOL_DESTROY, .object = OBJ_POOL,
          .trying = "Failed to destroy pool {}", .done = "Pool {} destroyed")},
    {"pool-dumpxml", GROUP_POOL, "a pool's XML", NULL,
     OPTS(POOL, FLAG("inactive", "as it is defined"), OPT_XPATH),
     THIN(.proc = WIRE_STORAGE_POOL_GET_XML_DESC, .object = OBJ_POOL, .key = "xml",
          .bits = BITS({"inactive", VIR_STORAGE_XML_INACTIVE}))},
    {"pool-edit", GROUP_POOL, "edit a pool's XML", NULL, OPTS(POOL),
     EDIT(.object = OBJ_POOL, .get = WIRE_STORAGE_POOL_GET_XML_DESC,
          .get_flags = VIR_STORAGE_XML_INACTIVE, .set = WIRE_STORAGE_POOL_DEFINE_XML,
          .title = "Pool {} XML configuration")},
    {"pool-info", GROUP_POOL, "facts about a pool", NULL,
     OPTS(POOL, FLAG("bytes", "sizes in bytes")), run_pool_info},
    {"pool-list", GROUP_POOL, "list pools", NULL,
     OPTS(FLAG("inactive", "inactive ones"), FLAG("all", "inactive and active ones"),
          FLAG("transient", "ones that are not defined"), FLAG("persistent", "defined ones"),
          FLAG("autostart", "ones that start with the host"),
          FLAG("no-autostart", "ones that do not start with the host"),
          MAY("type", WHAT_TEXT, "only these types, with commas"), FLAG("details", "with sizes"),
          FLAG("uuid", "uuids alone"), FLAG("name", "names alone")),
     run_pool_list},
    {"pool-name", GROUP_POOL, "name of the pool with a uuid", NULL,
     OPTS(NEED("pool", WHAT_TEXT, "pool uuid")), OBJECT(OBJ_POOL, BY_UUID, "name")},
    {"pool-refresh", GROUP_POOL, "read a pool's storage again", NULL, OPTS(POOL),
     THIN(.proc = WIRE_STORAGE_POOL_REFRESH, .object = OBJ_POOL,
          .trying = "Failed to refresh pool {}", .done = "Pool {} refreshed")},
    {"pool-start", GROUP_POOL, "start a defined pool", NULL, OPTS(POOL, BUILD),
     THIN(.proc = WIRE_STORAGE_POOL_CREATE, .object = OBJ_POOL, .trying = "Failed to start pool {}",
          .done = "Pool {} started", .bits = build_bits)},
    {"pool-undefine", GROUP_POOL, "undefine a pool", NULL, OPTS(POOL),
     THIN(.proc = WIRE_STORAGE_POOL_UNDEFINE, .object = OBJ_POOL,
          .trying = "Failed to undefine pool {}", .done = "Pool {} has been undefined")},
    {"pool-uuid", GROUP_POOL, "uuid of a pool", NULL, OPTS(NEED("pool", WHAT_POOL, "pool name")),
     OBJECT(OBJ_POOL, BY_NAME, "uuid")},
    {0},
};
