/* Snapshots of guests, with virsh's names and words. */
#include <time.h>

#include "base/str.h"
#include "base/vec.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "edit.h"
#include "lookup.h"
#include "opts.h"
#include "out.h"
#include "thin.h"
#include "tree.h"
#include "wire/consts.h"

typedef struct wire_domain_snapshot snap;

static void snap_drop(snap *s)
{
    free(s->name);
    lookup_drop(&s->dom);
    *s = (snap){0};
}
#define CLEANUP_SNAP CLEANUP(snap_drop)

/* ---- which ---- */
static int find_named(struct ctl *c, const struct wire_domain *d, const char *name, snap *ret,
                      struct err *e)
{
    struct wire_domain_snapshot_lookup_by_name_ret r;
    if (call_domain_snapshot_lookup_by_name(
            c->conn_, &(struct wire_domain_snapshot_lookup_by_name_args){*d, (char *)name, 0}, &r,
            e))
        return -1;
    *ret = r.snap;
    return 0;
}

static int find_current(struct ctl *c, const struct wire_domain *d, snap *ret, struct err *e)
{
    struct wire_domain_snapshot_current_ret r;
    if (call_domain_snapshot_current(c->conn_, &(struct wire_domain_snapshot_current_args){*d, 0},
                                     &r, e))
        return -1;
    *ret = r.snap;
    return 0;
}

/* The one that option snapshotname names. The guest's handle is in it. */
static int find_said(struct ctl *c, const struct args *a, snap *ret, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    return lookup_domain(c, a, BY_ANY, &d, e) ||
                   find_named(c, &d, arg_str(a, "snapshotname"), ret, e)
               ? -1
               : 0;
}

/* The same, or with --current the current one. */
static int find(struct ctl *c, const struct args *a, snap *ret, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    if (arg_str(a, "snapshotname"))
        return find_said(c, a, ret, e);
    if (!arg_has(a, "current"))
        return fail(e, ERR_INVALID_ARG, "--snapshotname or --current is required");
    return lookup_domain(c, a, BY_ANY, &d, e) || find_current(c, &d, ret, e) ? -1 : 0;
}

static int fetch_xml(struct ctl *c, const snap *s, bool secure, char **ret, struct err *e)
{
    struct wire_domain_snapshot_get_xml_desc_ret r;
    uint32_t flags = secure ? VIR_DOMAIN_SNAPSHOT_XML_SECURE : 0;
    if (call_domain_snapshot_get_xml_desc(
            c->conn_, &(struct wire_domain_snapshot_get_xml_desc_args){*s, flags}, &r, e))
        return -1;
    *ret = r.xml;
    return 0;
}

/* The name of a snapshot's parent; NULL when it has none. Caller frees. */
static char *parent_of(struct ctl *c, const snap *s)
{
    struct wire_domain_snapshot_get_parent_ret r;
    if (call_domain_snapshot_get_parent(
            c->conn_, &(struct wire_domain_snapshot_get_parent_args){*s, 0}, &r, NULL))
        return NULL;
    char *name = take(r.snap.name);
    snap_drop(&r.snap);
    return name;
}

/* A name alone, without a blank line behind it. */
static void name_print(const struct ctl *c, const char *name)
{
    if (c->json || c->quiet)
        text_print(c, "name", name);
    else
        fputs(name, stdout);
}

/* ---- create ---- */
static const struct flag_bit create_bits[] = {
    {"no-metadata", VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA},
    {"halt", VIR_DOMAIN_SNAPSHOT_CREATE_HALT},
    {"disk-only", VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY},
    {"reuse-external", VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT},
    {"quiesce", VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE},
    {"atomic", VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC},
    {"live", VIR_DOMAIN_SNAPSHOT_CREATE_LIVE},
    {"validate", VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE}};

static const struct flag_bit redefine_bits[] = {{"redefine", VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE},
                                                {"current", VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT}};

static int create(struct ctl *c, const struct wire_domain *d, const char *xml, unsigned flags,
                  const char *from, struct err *e)
{
    struct wire_domain_snapshot_create_xml_ret r;
    if (call_domain_snapshot_create_xml(
            c->conn_, &(struct wire_domain_snapshot_create_xml_args){*d, (char *)xml, flags}, &r,
            e))
        return -1;
    CLEANUP_SNAP snap s = r.snap;
    if (from)
        done_print(c, "Domain snapshot %s created from '%s'", s.name, from);
    else
        done_print(c, "Domain snapshot %s created", s.name);
    return 0;
}

static int run_create(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_FREE char *xml = NULL;
    if (lookup_domain(c, a, BY_ANY, &d, e) || opts_file(a, "xmlfile", &xml, e))
        return -1;
    unsigned flags = FLAGS_OF(a, create_bits) | FLAGS_OF(a, redefine_bits);
    return create(c, &d, xml ? xml : "<domainsnapshot/>", flags, arg_str(a, "xmlfile"), e);
}

/* "a=b" of a list of words with commas; ",," is a comma. *rest is cut up. NULL at the end. */
static char *next_word(char **rest)
{
    char *from = *rest, *to = from;
    if (!from)
        return NULL;
    for (char *p = from;; p++) {
        if (*p == ',' && p[1] == ',')
            p++;
        else if (*p == ',' || !*p) {
            *rest = *p ? p + 1 : NULL;
            *to = 0;
            return from;
        }
        *to++ = *p;
    }
}

static int add_memory(struct xml_out *w, const char *spec, struct err *e)
{
    CLEANUP_FREE char *copy = mem_str(spec), *path = NULL;
    char *rest = copy, *word;
    const char *file = NULL, *place = NULL;
    while ((word = next_word(&rest)))
        if (str_starts(word, "snapshot="))
            place = word + strlen("snapshot=");
        else if (str_starts(word, "file="))
            file = word + strlen("file=");
        else if (!file)
            file = word;
        else
            return fail(e, ERR_INVALID_ARG, "unable to parse memspec: %s", spec);
    path = file ? opts_absolute(file) : NULL;
    xml_out_open(w, "memory");
    if (place)
        xml_out_attr(w, "snapshot", place);
    if (path)
        xml_out_attr(w, "file", path);
    xml_out_close(w);
    return 0;
}

static int add_disk(struct xml_out *w, const char *spec, struct err *e)
{
    CLEANUP_FREE char *copy = mem_str(spec), *path = NULL;
    char *rest = copy, *name = next_word(&rest), *word;
    const char *place = NULL, *driver = NULL, *type = NULL, *file = NULL;
    const struct {
        const char *key, **value;
    } keys[] = {{"snapshot=", &place}, {"driver=", &driver}, {"stype=", &type}, {"file=", &file}};
    while ((word = next_word(&rest))) {
        size_t i = 0;
        while (i < 4 && !str_starts(word, keys[i].key))
            i++;
        if (i == 4)
            return fail(e, ERR_INVALID_ARG, "unable to parse diskspec: %s", spec);
        *keys[i].value = word + strlen(keys[i].key);
    }
    path = file ? opts_absolute(file) : NULL;
    xml_out_open(w, "disk");
    xml_out_attr(w, "name", name);
    if (place)
        xml_out_attr(w, "snapshot", place);
    if (type)
        xml_out_attr(w, "type", type);
    if (driver) {
        xml_out_open(w, "driver");
        xml_out_attr(w, "type", driver);
        xml_out_close(w);
    }
    if (path) {
        xml_out_open(w, "source");
        xml_out_attr(w, str_eq(type, "block") ? "dev" : "file", path);
        xml_out_close(w);
    }
    xml_out_close(w);
    return 0;
}

static int make_xml(const struct args *a, struct str *out, struct err *e)
{
    struct xml_out w = {.s = out};
    xml_out_open(&w, "domainsnapshot");
    xml_out_block(&w);
    if (arg_str(a, "name"))
        xml_out_element(&w, "name", arg_str(a, "name"));
    if (arg_str(a, "description"))
        xml_out_element(&w, "description", arg_str(a, "description"));
    if (arg_str(a, "memspec") && add_memory(&w, arg_str(a, "memspec"), e))
        return -1;
    if (arg_str(a, "diskspec") || a->n_more)
        xml_out_open(&w, "disks");
    if (arg_str(a, "diskspec") && add_disk(&w, arg_str(a, "diskspec"), e))
        return -1;
    for (size_t i = 0; i < a->n_more; i++)
        if (add_disk(&w, a->more[i], e))
            return -1;
    if (arg_str(a, "diskspec") || a->n_more)
        xml_out_close(&w);
    xml_out_close(&w);
    return 0;
}

static int run_create_as(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_STR struct str xml = {0};
    if (lookup_domain(c, a, BY_ANY, &d, e) || make_xml(a, &xml, e))
        return -1;
    if (arg_has(a, "print-xml")) {
        text_print(c, "xml", str_get(&xml));
        return 0;
    }
    return create(c, &d, str_get(&xml), FLAGS_OF(a, create_bits), NULL, e);
}

/* ---- one ---- */
static int run_dumpxml(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_SNAP snap s = {0};
    CLEANUP_FREE char *xml = NULL;
    if (find_said(c, a, &s, e) || fetch_xml(c, &s, arg_has(a, "security-info"), &xml, e))
        return -1;
    return thin_print_xml(c, a, "xml", xml, e);
}

static int make_current(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_SNAP snap s = {0};
    CLEANUP_FREE char *xml = NULL;
    struct wire_domain_snapshot_create_xml_ret r;
    uint32_t flags = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT;
    if (find_said(c, a, &s, e) || fetch_xml(c, &s, true, &xml, e) ||
        call_domain_snapshot_create_xml(
            c->conn_, &(struct wire_domain_snapshot_create_xml_args){s.dom, xml, flags}, &r, e))
        return -1;
    snap_drop(&r.snap);
    done_print(c, "Snapshot %s set as current", s.name);
    return 0;
}

static int run_current(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_SNAP snap s = {0};
    CLEANUP_FREE char *xml = NULL;
    if (arg_str(a, "snapshotname"))
        return make_current(c, a, e);
    if (lookup_domain(c, a, BY_ANY, &d, e) || find_current(c, &d, &s, e))
        return -1;
    if (arg_has(a, "name")) {
        name_print(c, s.name);
        return 0;
    }
    if (fetch_xml(c, &s, arg_has(a, "security-info"), &xml, e))
        return -1;
    text_print(c, "xml", xml);
    return 0;
}

static int run_parent(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_SNAP snap s = {0};
    if (find(c, a, &s, e))
        return -1;
    CLEANUP_FREE char *parent = parent_of(c, &s);
    if (!parent)
        return fail(e, ERR_NO_DOMAIN_SNAPSHOT, "snapshot '%s' has no parent", s.name);
    name_print(c, parent);
    return 0;
}

static int run_edit(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_SNAP snap s = {0};
    CLEANUP_FREE char *was = NULL, *now = NULL;
    struct wire_domain_snapshot_is_current_ret is = {0};
    struct wire_domain_snapshot_create_xml_ret r;
    uint32_t flags = VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE;
    if (find(c, a, &s, e) || fetch_xml(c, &s, true, &was, e) ||
        call_domain_snapshot_is_current(
            c->conn_, &(struct wire_domain_snapshot_is_current_args){s, 0}, &is, e) ||
        edit_text(was, &now, e))
        return -1;
    if (!now) {
        done_print(c, "Snapshot %s XML configuration not changed.", s.name);
        return 0;
    }
    if (is.current || arg_has(a, "current"))
        flags |= VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT;
    if (call_domain_snapshot_create_xml(
            c->conn_, &(struct wire_domain_snapshot_create_xml_args){s.dom, now, flags}, &r, e))
        return -1;
    CLEANUP_SNAP snap made = r.snap;
    uint32_t drop = VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY;
    bool is_other = !str_eq(made.name, s.name);
    if (is_other && !arg_has(a, "clone") && !arg_has(a, "rename")) {
        (void)call_domain_snapshot_delete(
            c->conn_, &(struct wire_domain_snapshot_delete_args){made, drop}, NULL);
        return fail(e, ERR_INVALID_ARG, "must use --rename or --clone to change %s to %s", s.name,
                    made.name);
    }
    if (is_other && arg_has(a, "rename") &&
        call_domain_snapshot_delete(c->conn_, &(struct wire_domain_snapshot_delete_args){s, drop},
                                    e))
        return -1;
    if (is_other)
        done_print(c,
                   arg_has(a, "rename") ? "Snapshot %s renamed to %s" : "Snapshot %s cloned to %s",
                   s.name, made.name);
    else
        done_print(c, "Snapshot %s edited.", s.name);
    return 0;
}

static int run_revert(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"running", VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING},
                                           {"paused", VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED},
                                           {"force", VIR_DOMAIN_SNAPSHOT_REVERT_FORCE},
                                           {"reset-nvram", VIR_DOMAIN_SNAPSHOT_REVERT_RESET_NVRAM}};
    CLEANUP_SNAP snap s = {0};
    if (find(c, a, &s, e) ||
        call_domain_revert_to_snapshot(
            c->conn_, &(struct wire_domain_revert_to_snapshot_args){s, FLAGS_OF(a, bits)}, e))
        return -1;
    done_print(c, "Domain snapshot %s reverted", s.name);
    return 0;
}

static int run_delete(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {
        {"children", VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN},
        {"children-only", VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN_ONLY},
        {"metadata", VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY}};
    CLEANUP_SNAP snap s = {0};
    if (find(c, a, &s, e))
        return -1;
    ctl_trying(c, "Failed to delete snapshot %s", s.name);
    if (call_domain_snapshot_delete(
            c->conn_, &(struct wire_domain_snapshot_delete_args){s, FLAGS_OF(a, bits)}, e))
        return -1;
    done_print(c,
               arg_has(a, "children-only") ? "Domain snapshot %s children deleted"
                                           : "Domain snapshot %s deleted",
               s.name);
    return 0;
}

/* ---- what its XML says of it ---- */
struct told {
    char state[32], created[64];
    bool is_external;
};

static bool says_external(const struct xml *x)
{
    return x && str_eq(xml_get(x, "snapshot"), "external");
}

static void read_told(struct ctl *c, const snap *s, struct told *ret)
{
    CLEANUP_FREE char *xml = NULL;
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    int64_t at;
    *ret = (struct told){0};
    if (fetch_xml(c, s, false, &xml, NULL) || xml_parse(xml, strlen(xml), NULL, &doc, NULL))
        return;
    const struct xml *state = xml_child(doc.root, "state"), *disks = xml_child(doc.root, "disks");
    const struct xml *created = xml_child(doc.root, "creationTime");
    snprintf(ret->state, sizeof(ret->state), "%s", state ? state->text : "");
    ret->is_external = says_external(xml_child(doc.root, "memory"));
    for (const struct xml *d = disks ? disks->child : NULL; d; d = d->next)
        ret->is_external |= says_external(d);
    if (created && parse_i64(created->text, 10, 0, INT64_MAX, &at)) {
        struct tm t;
        time_t when = (time_t)at;
        localtime_r(&when, &t);
        strftime(ret->created, sizeof(ret->created), "%Y-%m-%d %H:%M:%S %z", &t);
    }
}

static int count_below(struct ctl *c, const snap *s, uint32_t flags, struct err *e)
{
    struct wire_domain_snapshot_num_children_ret r = {0};
    return call_domain_snapshot_num_children(
               c->conn_, &(struct wire_domain_snapshot_num_children_args){*s, flags}, &r, e)
               ? -1
               : r.num;
}

static int run_info(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_SNAP snap s = {0};
    struct wire_domain_snapshot_is_current_ret is = {0};
    struct wire_domain_snapshot_has_metadata_ret has = {0};
    struct told t;
    if (find(c, a, &s, e) ||
        call_domain_snapshot_is_current(
            c->conn_, &(struct wire_domain_snapshot_is_current_args){s, 0}, &is, e) ||
        call_domain_snapshot_has_metadata(
            c->conn_, &(struct wire_domain_snapshot_has_metadata_args){s, 0}, &has, e))
        return -1;
    int children = count_below(c, &s, 0, e);
    int all = count_below(c, &s, VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS, e);
    if (children < 0 || all < 0)
        return -1;
    CLEANUP_FREE char *parent = parent_of(c, &s);
    read_told(c, &s, &t);
    struct facts f = {0};
    fact_add(&f, "Name", "name", COL_TEXT, s.name);
    fact_add(&f, "Domain", "domain", COL_TEXT, s.dom.name);
    fact_add(&f, "Current", "current", COL_BOOL, is.current ? "yes" : "no");
    fact_add(&f, "State", "state", COL_TEXT, t.state);
    fact_add(&f, "Location", "location", COL_TEXT, t.is_external ? "external" : "internal");
    fact_add(&f, "Parent", "parent", COL_TEXT, parent ? parent : "-");
    fact_addf(&f, "Children", "children", COL_NUMBER, "%d", children);
    fact_addf(&f, "Descendants", "descendants", COL_NUMBER, "%d", all);
    fact_add(&f, "Metadata", "metadata", COL_BOOL, has.metadata ? "yes" : "no");
    facts_print(c, &f, 16);
    facts_clear(&f);
    return 0;
}

/* ---- list ---- */
static const struct flag_bit list_bits[] = {{"roots", VIR_DOMAIN_SNAPSHOT_LIST_ROOTS},
                                            {"descendants", VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS},
                                            {"leaves", VIR_DOMAIN_SNAPSHOT_LIST_LEAVES},
                                            {"no-leaves", VIR_DOMAIN_SNAPSHOT_LIST_NO_LEAVES},
                                            {"metadata", VIR_DOMAIN_SNAPSHOT_LIST_METADATA},
                                            {"no-metadata", VIR_DOMAIN_SNAPSHOT_LIST_NO_METADATA},
                                            {"inactive", VIR_DOMAIN_SNAPSHOT_LIST_INACTIVE},
                                            {"active", VIR_DOMAIN_SNAPSHOT_LIST_ACTIVE},
                                            {"disk-only", VIR_DOMAIN_SNAPSHOT_LIST_DISK_ONLY},
                                            {"internal", VIR_DOMAIN_SNAPSHOT_LIST_INTERNAL},
                                            {"external", VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL},
                                            {"topological", VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL}};

static int fetch_list(struct ctl *c, const struct args *a, const struct wire_domain *d,
                      struct wire_domain_list_all_snapshots_ret *ret, struct err *e)
{
    uint32_t flags = FLAGS_OF(a, list_bits);
    CLEANUP_SNAP snap from = {0};
    const char *name = arg_str(a, "from");
    if (!name && !arg_has(a, "current"))
        return call_domain_list_all_snapshots(
            c->conn_, &(struct wire_domain_list_all_snapshots_args){*d, 1, flags}, ret, e);
    struct wire_domain_snapshot_list_all_children_ret r = {0};
    if (arg_has(a, "tree"))
        flags |= VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS;
    if ((name ? find_named(c, d, name, &from, e) : find_current(c, d, &from, e)) ||
        call_domain_snapshot_list_all_children(
            c->conn_, &(struct wire_domain_snapshot_list_all_children_args){from, 1, flags}, &r, e))
        return -1;
    ret->snapshots = r.snapshots;
    ret->n_snapshots = r.n_snapshots;
    return 0;
}

static void show_tree(struct ctl *c, const struct wire_domain_list_all_snapshots_ret *r)
{
    struct tree t = {.n = r->n_snapshots};
    t.names = mem_new(t.n + 1, sizeof(*t.names));
    t.parents = mem_new(t.n + 1, sizeof(*t.parents));
    for (size_t i = 0; i < t.n; i++) {
        t.names[i] = r->snapshots[i].name;
        t.parents[i] = parent_of(c, &r->snapshots[i]);
    }
    tree_print(&t);
    for (size_t i = 0; i < t.n; i++)
        free(t.parents[i]);
    free(t.parents);
    free(t.names);
}

static void show_table(struct ctl *c, const struct args *a,
                       const struct wire_domain_list_all_snapshots_ret *r)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT},
                                      {"Creation Time", "created", COL_TEXT},
                                      {"State", "state", COL_TEXT},
                                      {"Parent", "parent", COL_TEXT}};
    bool with_parent = arg_has(a, "parent") || c->json;
    struct table t = {.cols = cols, .n_cols = with_parent ? 4 : 3};
    for (size_t i = 0; i < r->n_snapshots; i++) {
        struct told told;
        read_told(c, &r->snapshots[i], &told);
        table_add(&t, r->snapshots[i].name);
        table_add(&t, told.created);
        table_add(&t, told.state);
        CLEANUP_FREE char *parent = with_parent ? parent_of(c, &r->snapshots[i]) : NULL;
        if (with_parent)
            table_add(&t, parent);
    }
    table_print(c, &t);
    table_clear(&t);
}

static int run_list(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_list_all_snapshots_ret r = {0};
    if (opts_exclude(a, "tree", "parent", e) || opts_exclude(a, "tree", "name", e) ||
        opts_exclude(a, "tree", "roots", e) || opts_exclude(a, "from", "current", e) ||
        lookup_domain(c, a, BY_ANY, &d, e) || fetch_list(c, a, &d, &r, e))
        return -1;
    if (arg_has(a, "tree") && !c->json)
        show_tree(c, &r);
    else if (arg_has(a, "name") && !c->json)
        for (size_t i = 0; i < r.n_snapshots; i++)
            puts(r.snapshots[i].name);
    else
        show_table(c, a, &r);
    wire_clear(&wire_type_domain_list_all_snapshots_ret, &r);
    return 0;
}

#define OPT_SNAPSHOT NAMED("snapshotname", WHAT_TEXT, "name of the snapshot")
#define OPT_CURRENT_SNAPSHOT FLAG("current", "the current snapshot")
#define CREATE_FLAGS \
    FLAG("no-metadata", "take the snapshot, keep no metadata of it"), \
        FLAG("halt", "leave the domain off after it"), \
        FLAG("disk-only", "keep the disks, not the memory"), \
        FLAG("reuse-external", "use external files that exist"), \
        FLAG("quiesce", "quiesce the guest's file systems"), \
        FLAG("atomic", "all or nothing (which it always is)"), \
        FLAG("live", "save most of the memory while the guest runs"), OPT_VALIDATE

extern const struct cmd cmds_snapshot[];
const struct cmd cmds_snapshot[] = {
    {"snapshot-create", GROUP_SNAPSHOT, "create a snapshot from XML",
     "Create a snapshot (disks and memory) from XML.",
     OPTS(OPT_DOMAIN, MAY("xmlfile", WHAT_FILE, "XML of the snapshot"),
          FLAG("redefine", "give metadata to a snapshot that exists"),
          FLAG("current", "with --redefine: make it the current one"), CREATE_FLAGS),
     run_create},
    {"snapshot-create-as", GROUP_SNAPSHOT, "create a snapshot from options",
     "Create a snapshot (disks and memory) from options.",
     OPTS(OPT_DOMAIN, MAY("name", WHAT_TEXT, "name of the snapshot"),
          MAY("description", WHAT_TEXT, "what it is"), OPT_PRINT_XML, CREATE_FLAGS,
          NAMED("memspec", WHAT_TEXT, "memory: [file=]name[,snapshot=type]"),
          {"diskspec", OPT_ARGV, 0, WHAT_TEXT,
           "disk[,snapshot=type][,driver=type][,stype=type][,file=name]"}),
     run_create_as},
    {"snapshot-current", GROUP_SNAPSHOT, "show or set the current snapshot",
     "Show or set the current snapshot.",
     OPTS(OPT_DOMAIN, FLAG("name", "its name, not its XML"),
          FLAG("security-info", "with passwords"), OPT_SNAPSHOT),
     run_current},
    {"snapshot-delete", GROUP_SNAPSHOT, "delete a snapshot", "Delete a snapshot.",
     OPTS(OPT_DOMAIN, MAY("snapshotname", WHAT_TEXT, "name of the snapshot"), OPT_CURRENT_SNAPSHOT,
          FLAG("children", "and all below it"), FLAG("children-only", "all below it, not itself"),
          FLAG("metadata", "only what is known of it; its contents stay")),
     run_delete},
    {"snapshot-dumpxml", GROUP_SNAPSHOT, "show a snapshot's XML", "Show a snapshot's XML.",
     OPTS(OPT_DOMAIN, NEED("snapshotname", WHAT_TEXT, "name of the snapshot"),
          FLAG("security-info", "with passwords"), OPT_XPATH),
     run_dumpxml},
    {"snapshot-edit", GROUP_SNAPSHOT, "edit a snapshot's XML", "Edit a snapshot's XML.",
     OPTS(OPT_DOMAIN, MAY("snapshotname", WHAT_TEXT, "name of the snapshot"),
          FLAG("current", "also make it the current one"), FLAG("rename", "its name may change"),
          FLAG("clone", "a new one under a new name")),
     run_edit},
    {"snapshot-info", GROUP_SNAPSHOT, "facts about a snapshot", "Facts about a snapshot.",
     OPTS(OPT_DOMAIN, MAY("snapshotname", WHAT_TEXT, "name of the snapshot"), OPT_CURRENT_SNAPSHOT),
     run_info},
    {"snapshot-list", GROUP_SNAPSHOT, "list a domain's snapshots", "List a domain's snapshots.",
     OPTS(OPT_DOMAIN, FLAG("parent", "with a column of parents"),
          FLAG("roots", "those without a parent"), FLAG("leaves", "those without children"),
          FLAG("no-leaves", "those with children"), FLAG("metadata", "those with metadata"),
          FLAG("no-metadata", "those without"), FLAG("inactive", "of the domain while it was off"),
          FLAG("active", "of the domain while it ran, with memory"),
          FLAG("disk-only", "of disks of a domain that ran"), FLAG("internal", "within images"),
          FLAG("external", "in files of their own"), FLAG("tree", "as a tree"),
          NAMED("from", WHAT_TEXT, "below this one"), FLAG("current", "below the current one"),
          FLAG("descendants", "with --from: all below it"), FLAG("name", "names only"),
          FLAG("topological", "parents before children")),
     run_list},
    {"snapshot-parent", GROUP_SNAPSHOT, "name of a snapshot's parent",
     "Name of a snapshot's parent.",
     OPTS(OPT_DOMAIN, MAY("snapshotname", WHAT_TEXT, "name of the snapshot"), OPT_CURRENT_SNAPSHOT),
     run_parent},
    {"snapshot-revert", GROUP_SNAPSHOT, "bring a domain back to a snapshot",
     "Bring a domain back to a snapshot; what it is now is lost.",
     OPTS(OPT_DOMAIN, MAY("snapshotname", WHAT_TEXT, "name of the snapshot"), OPT_CURRENT_SNAPSHOT,
          FLAG("running", "it runs after"), FLAG("paused", "it is paused after"),
          FLAG("force", "also where that is risky"),
          FLAG("reset-nvram", "with the NVRAM as it was at first")),
     run_revert},
    {0},
};
