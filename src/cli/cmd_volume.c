/* Storage volumes. */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/calls.h"
#include "client/client.h"
#include "conf/xml.h"
#include "lookup.h"
#include "out.h"
#include "thin.h"
#include "wire/consts.h"
#include "wire/consts_other.h"

static const char *type_word(int type)
{
    static const char *const words[] = {"file", "block", "dir", "network", "netdir", "ploop"};
    return type >= 0 && type < 6 ? words[type] : "unknown";
}

static int run_vol_list(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col cols[] = {{"Name", "name", COL_TEXT},
                                      {"Path", "path", COL_TEXT},
                                      {"Type", "type", COL_TEXT},
                                      {"Capacity", "capacity", COL_NUMBER},
                                      {"Allocation", "allocation", COL_NUMBER}};
    CLEANUP_OBJECT struct object_handle pool = {0};
    CLEANUP_OBJECTS struct objects all = {0};
    if (object_lookup(c, a, OBJ_POOL, 0, &pool, e))
        return -1;
    struct wire_storage_pool_list_all_volumes_args args = {*(struct wire_storage_pool *)pool.bytes,
                                                           1, 0};
    ctl_trying(c, "Failed to list volumes");
    if (objects_call(c, OBJ_VOLUME, WIRE_STORAGE_POOL_LIST_ALL_VOLUMES, &args, &all, e))
        return -1;
    bool details = arg_has(a, "details");
    struct table t = {.cols = cols, .n_cols = details ? 5 : 2};
    for (size_t i = 0; i < all.n; i++) {
        const struct wire_storage_vol *v = (const struct wire_storage_vol *)all.items[i];
        struct wire_storage_vol_get_path_ret path = {0};
        struct wire_storage_vol_get_info_ret info = {0};
        table_add(&t, v->name);
        object_call(c, WIRE_STORAGE_VOL_GET_PATH, OBJ_VOLUME, v, &path, NULL);
        table_add(&t, path.name ? path.name : "-");
        free(path.name);
        if (!details)
            continue;
        bool known = !object_call(c, WIRE_STORAGE_VOL_GET_INFO, OBJ_VOLUME, v, &info, NULL);
        table_add(&t, known ? type_word(info.type) : "unknown");
        table_add_bytes(c, &t, known, info.capacity);
        table_add_bytes(c, &t, known, info.allocation);
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

static void fact_size(struct ctl *c, const struct args *a, struct facts *f, const char *title,
                      const char *key, uint64_t bytes)
{
    CLEANUP_FREE char *text = c->json ? mem_printf("%llu", (unsigned long long)bytes)
                              : arg_has(a, "bytes")
                                  ? mem_printf("%llu bytes", (unsigned long long)bytes)
                                  : size_text(bytes, 2);
    fact_add(f, title, key, COL_NUMBER, text);
}

static int run_vol_info(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_storage_vol_get_info_flags_ret info; /* the answer of the plain call, too */
    bool physical = arg_has(a, "physical");
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e))
        return -1;
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)o.bytes;
    struct wire_storage_vol_get_info_flags_args args = {*v, VIR_STORAGE_VOL_GET_PHYSICAL};
    if (client_call(c->conn_,
                    physical ? WIRE_STORAGE_VOL_GET_INFO_FLAGS : WIRE_STORAGE_VOL_GET_INFO, &args,
                    &info, e))
        return -1;
    struct facts f = {0};
    fact_add(&f, "Name", "name", COL_TEXT, v->name);
    fact_add(&f, "Type", "type", COL_TEXT, type_word(info.type));
    fact_size(c, a, &f, "Capacity", "capacity", info.capacity);
    fact_size(c, a, &f, physical ? "Physical" : "Allocation", physical ? "physical" : "allocation",
              info.allocation);
    facts_print(c, &f, 16);
    facts_clear(&f);
    return 0;
}

static int run_vol_pool(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_storage_pool_lookup_by_volume_ret r;
    char uuid[UUID_TEXT];
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e) ||
        object_call(c, WIRE_STORAGE_POOL_LOOKUP_BY_VOLUME, OBJ_VOLUME, o.bytes, &r, e))
        return -1;
    text_print(c, "pool", arg_has(a, "uuid") ? uuid_format(r.pool.uuid, uuid) : r.pool.name);
    wire_clear(&wire_type_storage_pool_lookup_by_volume_ret, &r);
    return 0;
}

/* ---- making ---- */

static void bytes_element(struct xml_out *w, const char *name, uint64_t bytes)
{
    CLEANUP_FREE char *text = mem_printf("%llu", (unsigned long long)bytes);
    xml_out_element(w, name, text);
}

static void format_element(struct xml_out *w, const char *type)
{
    if (!type)
        return;
    xml_out_open(w, "format");
    xml_out_attr(w, "type", type);
    xml_out_close(w);
}

/* The path of the volume that backs a new one: a volume's name, key or path. */
static int backing_path(struct ctl *c, const struct wire_storage_pool *pool, const char *text,
                        char **ret, struct err *e)
{
    struct wire_storage_vol_lookup_by_name_args args = {*pool, (char *)text};
    struct wire_storage_vol_lookup_by_path_ret by_path;
    struct wire_storage_vol_lookup_by_name_ret by_name;
    struct wire_storage_vol vol;
    ctl_trying(c, "failed to get vol '%s'", text);
    if (!call_storage_vol_lookup_by_name(c->conn_, &args, &by_name, NULL))
        vol = by_name.vol;
    else if (call_storage_vol_lookup_by_path(
                 c->conn_, &(struct wire_storage_vol_lookup_by_path_args){(char *)text}, &by_path,
                 e))
        return -1;
    else
        vol = by_path.vol;
    struct wire_storage_vol_get_path_ret path;
    int r = object_call(c, WIRE_STORAGE_VOL_GET_PATH, OBJ_VOLUME, &vol, &path, e);
    if (!r)
        *ret = path.name;
    wire_clear(&wire_type_storage_vol, &vol);
    return r;
}

static int vol_xml(struct ctl *c, const struct args *a, const struct wire_storage_pool *pool,
                   struct str *ret, struct err *e)
{
    struct xml_out w = {.s = ret};
    uint64_t capacity = 0, allocation = 0;
    CLEANUP_FREE char *backing = NULL;
    if (opts_size(a, "capacity", 1, &capacity, e) ||
        opts_size(a, "allocation", 1, &allocation, e) ||
        (arg_str(a, "backing-vol") &&
         backing_path(c, pool, arg_str(a, "backing-vol"), &backing, e)))
        return -1;
    xml_out_open(&w, "volume");
    xml_out_element(&w, "name", arg_str(a, "name"));
    bytes_element(&w, "capacity", capacity);
    if (arg_str(a, "allocation"))
        bytes_element(&w, "allocation", allocation);
    if (arg_str(a, "format")) {
        xml_out_open(&w, "target");
        format_element(&w, arg_str(a, "format"));
        xml_out_close(&w);
    }
    if (backing) {
        xml_out_open(&w, "backingStore");
        xml_out_element(&w, "path", backing);
        format_element(&w, arg_str(a, "backing-vol-format"));
        xml_out_close(&w);
    }
    xml_out_close(&w);
    return 0;
}

static const struct flag_bit prealloc[] = {
    {"prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA}};

static int run_vol_create_as(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    CLEANUP_STR struct str xml = {0};
    struct wire_storage_vol_create_xml_ret r;
    if (object_lookup(c, a, OBJ_POOL, 0, &o, e))
        return -1;
    const struct wire_storage_pool *pool = (const struct wire_storage_pool *)o.bytes;
    if (vol_xml(c, a, pool, &xml, e))
        return -1;
    if (arg_has(a, "print-xml")) {
        printf("%s", str_get(&xml));
        return 0;
    }
    ctl_trying(c, "Failed to create vol %s", arg_str(a, "name"));
    if (call_storage_vol_create_xml(
            c->conn_,
            &(struct wire_storage_vol_create_xml_args){*pool, xml.p, FLAGS_OF(a, prealloc)}, &r, e))
        return -1;
    done_print(c, "Vol %s created", arg_str(a, "name"));
    wire_clear(&wire_type_storage_vol, &r.vol);
    return 0;
}

/* The volume's XML under another name, as far as a clone may carry it. */
static int renamed(const char *text, const char *name, struct str *ret, struct err *e)
{
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (xml_parse(text, strlen(text), "volume", &doc, e))
        return -1;
    for (struct xml **at = &doc.root->child; *at;) {
        if (str_eq((*at)->name, "name"))
            (*at)->text = name;
        if (str_eq((*at)->name, "key"))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    struct xml_out w = {.s = ret};
    xml_out_tree(&w, doc.root);
    return 0;
}

static int pool_of(struct ctl *c, const struct wire_storage_vol *v, struct wire_storage_pool *ret,
                   struct err *e)
{
    struct wire_storage_pool_lookup_by_volume_ret r;
    if (object_call(c, WIRE_STORAGE_POOL_LOOKUP_BY_VOLUME, OBJ_VOLUME, v, &r, e))
        return -1;
    *ret = r.pool;
    return 0;
}

static int create_from(struct ctl *c, const struct args *a, const struct wire_storage_pool *pool,
                       const char *xml, const struct wire_storage_vol *v, struct err *e)
{
    static const struct flag_bit bits[] = {
        {"prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA},
        {"reflink", VIR_STORAGE_VOL_CREATE_REFLINK}};
    struct wire_storage_vol_create_xml_from_ret r;
    if (call_storage_vol_create_xml_from(c->conn_,
                                         &(struct wire_storage_vol_create_xml_from_args){
                                             *pool, (char *)xml, *v, FLAGS_OF(a, bits)},
                                         &r, e))
        return -1;
    wire_clear(&wire_type_storage_vol, &r.vol);
    return 0;
}

static int run_vol_clone(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle o = {0};
    struct wire_storage_vol_get_xml_desc_ret was = {0};
    CLEANUP_STR struct str xml = {0};
    struct wire_storage_pool pool;
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e))
        return -1;
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)o.bytes;
    int r = object_call(c, WIRE_STORAGE_VOL_GET_XML_DESC, OBJ_VOLUME, v, &was, e);
    if (r || (r = renamed(was.xml, arg_str(a, "newname"), &xml, e)) || arg_has(a, "print-xml")) {
        printf("%s", r ? "" : str_get(&xml));
        free(was.xml);
        return r;
    }
    free(was.xml);
    ctl_trying(c, "Failed to clone vol from %s", v->name);
    if (pool_of(c, v, &pool, e))
        return -1;
    r = create_from(c, a, &pool, str_get(&xml), v, e);
    wire_clear(&wire_type_storage_pool, &pool);
    if (!r)
        done_print(c, "Vol %s cloned from %s", arg_str(a, "newname"), v->name);
    return r;
}

static int run_vol_create_from(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_OBJECT struct object_handle pool = {0}, vol = {0};
    CLEANUP_FREE char *xml = NULL;
    if (object_lookup(c, a, OBJ_POOL, 0, &pool, e) || object_lookup(c, a, OBJ_VOLUME, 0, &vol, e) ||
        opts_file(a, "file", &xml, e))
        return -1;
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)vol.bytes;
    ctl_trying(c, "Failed to create vol from %s", arg_str(a, "file"));
    if (create_from(c, a, (const struct wire_storage_pool *)pool.bytes, xml, v, e))
        return -1;
    done_print(c, "Vol created from input vol %s", v->name);
    return 0;
}

static int run_vol_resize(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct flag_bit bits[] = {{"allocate", VIR_STORAGE_VOL_RESIZE_ALLOCATE},
                                           {"delta", VIR_STORAGE_VOL_RESIZE_DELTA},
                                           {"shrink", VIR_STORAGE_VOL_RESIZE_SHRINK}};
    CLEANUP_OBJECT struct object_handle o = {0};
    uint64_t size = 0;
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e) || opts_size(a, "capacity", 1, &size, e))
        return -1;
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)o.bytes;
    const char *how = arg_has(a, "delta") ? "by" : "to", *text = arg_str(a, "capacity");
    ctl_trying(c, "Failed to change size of volume '%s' %s %s", v->name, how, text);
    if (call_storage_vol_resize(
            c->conn_, &(struct wire_storage_vol_resize_args){*v, size, FLAGS_OF(a, bits)}, e))
        return -1;
    done_print(c, "Size of volume '%s' successfully changed %s %s", v->name, how, text);
    return 0;
}

static int run_vol_wipe(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const algorithms[] = {"zero",    "nnsa",     "dod",       "bsi",
                                             "gutmann", "schneier", "pfitzner7", "pfitzner33",
                                             "random",  "trim"};
    CLEANUP_OBJECT struct object_handle o = {0};
    const char *word = arg_str(a, "algorithm");
    unsigned i = 0;
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e))
        return -1;
    while (word && i < 10 && !str_eq(algorithms[i], word))
        i++;
    if (i == 10)
        return fail(e, ERR_INVALID_ARG, "Unsupported algorithm '%s'", word);
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)o.bytes;
    ctl_trying(c, "Failed to wipe vol %s", v->name);
    if (word ? call_storage_vol_wipe_pattern(
                   c->conn_, &(struct wire_storage_vol_wipe_pattern_args){*v, i, 0}, e)
             : call_storage_vol_wipe(c->conn_, &(struct wire_storage_vol_wipe_args){*v, 0}, e))
        return -1;
    done_print(c, "Vol %s wiped", v->name);
    return 0;
}

/* ---- contents ---- */

enum { PIECE = 256 * 1024 };

static int receive_all(struct client_stream *s, int fd, struct err *e)
{
    CLEANUP_FREE char *piece = mem_new(PIECE, 1);
    for (;;) {
        int64_t hole = 0;
        long n = client_stream_recv(s, piece, PIECE, -1, &hole, e);
        if (n == 0)
            break;
        if (hole && lseek(fd, hole, SEEK_CUR) < 0)
            return fail_errno(e, "cannot leave a hole in the file");
        if ((n < 0 && n != CLIENT_AGAIN) || (n > 0 && file_write_all(fd, piece, (size_t)n, e)))
            return -1;
    }
    off_t end = lseek(fd, 0, SEEK_CUR);
    return end >= 0 && ftruncate(fd, end) ? fail_errno(e, "cannot set the file's length") : 0;
}

static int send_all(struct client_stream *s, int fd, struct err *e)
{
    CLEANUP_FREE char *piece = mem_new(PIECE, 1);
    for (;;) {
        ssize_t n = read(fd, piece, PIECE);
        if (n < 0)
            return fail_errno(e, "cannot read the file");
        if (n == 0)
            return 0;
        if (client_stream_send(s, piece, (size_t)n, e))
            return -1;
    }
}

static int run_vol_copy(struct ctl *c, const struct args *a, struct err *e)
{
    bool down = str_eq(a->cmd->name, "vol-download");
    CLEANUP_OBJECT struct object_handle o = {0};
    uint64_t offset = 0, length = 0;
    const char *path = arg_str(a, "file");
    if (object_lookup(c, a, OBJ_VOLUME, 0, &o, e) || arg_u64(a, "offset", &offset, e) ||
        arg_u64(a, "length", &length, e))
        return -1;
    const struct wire_storage_vol *v = (const struct wire_storage_vol *)o.bytes;
    CLEANUP_CLOSE int fd =
        open(path, O_CLOEXEC | (down ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY), 0666);
    if (fd < 0)
        return fail_errno(e, "cannot %s '%s'", down ? "create" : "open", path);
    ctl_trying(c, "cannot %s volume %s", down ? "download from" : "upload to", v->name);
    struct wire_storage_vol_download_args args = {*v, offset, length,
                                                  down && arg_has(a, "sparse") ? 1 : 0};
    /* both calls take the same */
    struct client_stream *s = client_stream_open(
        c->conn_, down ? WIRE_STORAGE_VOL_DOWNLOAD : WIRE_STORAGE_VOL_UPLOAD, &args, NULL, e);
    if (!s)
        return -1;
    if (down ? receive_all(s, fd, e) : send_all(s, fd, e)) {
        client_stream_abort(s, NULL);
        return -1;
    }
    return client_stream_finish(s, e);
}

#define POOL NEED("pool", WHAT_POOL, "pool name or uuid")
#define OPT_POOL MAY("pool", WHAT_POOL, "pool name or uuid")
#define VOL NEED("vol", WHAT_TEXT, "volume name, key or path")
#define PREALLOC FLAG("prealloc-metadata", "allocate metadata (for qcow2)")
#define PART \
    MAY_NUM("offset", "where in the volume to begin"), \
        MAY_NUM("length", "how many bytes; 0: all"), FLAG("sparse", "keep holes")

extern const struct cmd cmds_volume[];
const struct cmd cmds_volume[] = {
    {"vol-clone", GROUP_VOLUME, "copy a volume within its pool", NULL,
     OPTS(VOL, NEED("newname", WHAT_TEXT, "name of the copy"), OPT_POOL, PREALLOC,
          FLAG("reflink", "share blocks (btrfs, xfs)"), OPT_PRINT_XML),
     run_vol_clone},
    {"vol-create", GROUP_VOLUME, "make a volume", NULL,
     OPTS(POOL, NEED("file", WHAT_FILE, "file with the volume's XML"), PREALLOC, OPT_VALIDATE),
     THIN(.proc = WIRE_STORAGE_VOL_CREATE_XML, .object = OBJ_POOL, .made = OBJ_VOLUME,
          .trying = "Failed to create vol from {file}", .done = "Vol {} created from {file}",
          .fills = FILLS({"file", "xml", FILL_FILE}),
          .bits = BITS({"prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA},
                       {"validate", VIR_STORAGE_VOL_CREATE_VALIDATE}))},
    {"vol-create-as", GROUP_VOLUME, "make a volume from options", NULL,
     OPTS(POOL, NEED("name", WHAT_TEXT, "its name"), NEED("capacity", WHAT_TEXT, "its size"),
          MAY("allocation", WHAT_TEXT, "how much of it to allocate at once"),
          MAY("format", WHAT_TEXT, "raw, qcow2, ..."),
          MAY("backing-vol", WHAT_TEXT, "the volume that it is based on"),
          MAY("backing-vol-format", WHAT_TEXT, "format of that volume"), PREALLOC, OPT_PRINT_XML),
     run_vol_create_as},
    {"vol-create-from", GROUP_VOLUME, "make a volume with another's contents", NULL,
     OPTS(POOL, NEED("file", WHAT_FILE, "file with the volume's XML"),
          NEED("vol", WHAT_TEXT, "the other volume"),
          MAY("inputpool", WHAT_POOL, "pool of the other volume"), PREALLOC,
          FLAG("reflink", "share blocks (btrfs, xfs)"), OPT_VALIDATE),
     run_vol_create_from},
    {"vol-delete", GROUP_VOLUME, "delete a volume", NULL,
     OPTS(VOL, OPT_POOL, FLAG("delete-snapshots", "its snapshots as well")),
     THIN(.proc = WIRE_STORAGE_VOL_DELETE, .object = OBJ_VOLUME,
          .trying = "Failed to delete vol {}", .done = "Vol {} deleted",
          .bits = BITS({"delete-snapshots", VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS}))},
    {"vol-download", GROUP_VOLUME, "copy a volume's contents into a file", NULL,
     OPTS(VOL, NEED("file", WHAT_FILE, "the file"), OPT_POOL, PART), run_vol_copy},
    {"vol-dumpxml", GROUP_VOLUME, "a volume's XML", NULL, OPTS(VOL, OPT_POOL, OPT_XPATH),
     THIN(.proc = WIRE_STORAGE_VOL_GET_XML_DESC, .object = OBJ_VOLUME, .key = "xml")},
    {"vol-info", GROUP_VOLUME, "facts about a volume", NULL,
     OPTS(VOL, OPT_POOL, FLAG("bytes", "sizes in bytes"),
          FLAG("physical", "what it takes on disk")),
     run_vol_info},
    {"vol-key", GROUP_VOLUME, "key of a volume", NULL, OPTS(VOL, OPT_POOL),
     OBJECT(OBJ_VOLUME, 0, "key")},
    {"vol-list", GROUP_VOLUME, "list volumes of a pool", NULL,
     OPTS(POOL, FLAG("details", "with types and sizes")), run_vol_list},
    {"vol-name", GROUP_VOLUME, "name of a volume", NULL,
     OPTS(NEED("vol", WHAT_TEXT, "volume key or path")), OBJECT(OBJ_VOLUME, 0, "name")},
    {"vol-path", GROUP_VOLUME, "path of a volume", NULL, OPTS(VOL, OPT_POOL),
     THIN(.proc = WIRE_STORAGE_VOL_GET_PATH, .object = OBJ_VOLUME, .key = "path")},
    {"vol-pool", GROUP_VOLUME, "pool of a volume", NULL,
     OPTS(NEED("vol", WHAT_TEXT, "volume key or path"), FLAG("uuid", "its uuid, not its name")),
     run_vol_pool},
    {"vol-resize", GROUP_VOLUME, "change a volume's size", NULL,
     OPTS(VOL, NEED("capacity", WHAT_TEXT, "the new size, or the change"), OPT_POOL,
          FLAG("allocate", "allocate what is added"), FLAG("delta", "the size is a change"),
          FLAG("shrink", "it may become smaller")),
     run_vol_resize},
    {"vol-upload", GROUP_VOLUME, "copy a file into a volume", NULL,
     OPTS(VOL, NEED("file", WHAT_FILE, "the file"), OPT_POOL, PART), run_vol_copy},
    {"vol-wipe", GROUP_VOLUME, "overwrite a volume's contents", NULL,
     OPTS(VOL, OPT_POOL, MAY("algorithm", WHAT_TEXT, "zero, nnsa, dod, bsi, ...")), run_vol_wipe},
    {0},
};
