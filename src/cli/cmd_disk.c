/* Disks of a guest: which, how big, what they do. */
#include "base/str.h"
#include "client/calls.h"
#include "client/client.h"
#include "gxml.h"
#include "lookup.h"
#include "opts.h"
#include "params.h"
#include "thin.h"
#include "wire/consts.h"

static int run_domblklist(struct ctl *c, const struct args *a, struct err *e)
{
    static const struct col plain[] = {{"Target", "target", COL_TEXT},
                                       {"Source", "source", COL_TEXT}};
    static const struct col details[] = {{"Type", "type", COL_TEXT},
                                         {"Device", "device", COL_TEXT},
                                         {"Target", "target", COL_TEXT},
                                         {"Source", "source", COL_TEXT}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    bool all = arg_has(a, "details");
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        gxml_get(c, &d, arg_has(a, "inactive") ? VIR_DOMAIN_XML_INACTIVE : 0, &doc, e))
        return -1;
    struct table t = {.cols = all ? details : plain, .n_cols = all ? 4 : 2};
    for (const struct xml *x = gxml_device(&doc, "disk"); x; x = gxml_next(x)) {
        const char *type = xml_get(x, "type"), *device = xml_get(x, "device");
        const char *source = gxml_disk_source(x);
        if (all) {
            table_add(&t, type ? type : "file");
            table_add(&t, device ? device : "disk");
        }
        table_add(&t, gxml_value(x, "target", "dev"));
        table_add(&t, source ? source : c->json ? NULL : "-");
    }
    table_print(c, &t);
    table_clear(&t);
    return 0;
}

/* ---- statistics ---- */

/* The server's name, virsh's short one, and what people read. */
static const struct {
    const char *field, *brief, *human;
} stats[] = {
    {"rd_operations", "rd_req", "number of read operations:"},
    {"rd_bytes", "rd_bytes", "bytes read:"},
    {"wr_operations", "wr_req", "number of write operations:"},
    {"wr_bytes", "wr_bytes", "bytes written:"},
    {"errs", "errs", "error count:"},
    {"flush_operations", "flush_operations", "number of flush operations:"},
    {"rd_total_times", "rd_total_times", "total duration of reads (ns):"},
    {"wr_total_times", "wr_total_times", "total duration of writes (ns):"},
    {"flush_total_times", "flush_total_times", "total duration of flushes (ns):"},
};

struct stat_out {
    struct ctl *c;
    const char *device;
    bool human;
    struct facts facts;
};

static void stat_say(struct stat_out *o, const char *brief, const char *human, const char *value)
{
    if (o->c->json)
        fact_add(&o->facts, brief, brief, COL_NUMBER, value);
    else if (o->human)
        printf("  %-31s %s\n", human, value);
    else
        printf("%s %s %s\n", o->device, brief, value);
}

static void stats_say(struct stat_out *o, const struct params *p)
{
    bool said[256] = {0};
    for (size_t k = 0; k < sizeof(stats) / sizeof(*stats); k++)
        for (size_t i = 0; i < p->n && i < 256; i++)
            if (str_eq(p->p[i].field, stats[k].field)) {
                CLEANUP_FREE char *value = param_text(&p->p[i]);
                stat_say(o, stats[k].brief, stats[k].human, value);
                said[i] = true;
            }
    for (size_t i = 0; i < p->n && i < 256; i++)
        if (!said[i]) {
            CLEANUP_FREE char *value = param_text(&p->p[i]);
            stat_say(o, p->p[i].field, p->p[i].field, value);
        }
}

/* Servers that know no parameters answer five numbers; below 0 is unknown. */
static int stats_old(struct ctl *c, const struct wire_domain *d, const char *device,
                     struct params *p, struct err *e)
{
    struct wire_domain_block_stats_ret r;
    if (call_domain_block_stats(c->conn_,
                                &(struct wire_domain_block_stats_args){*d, (char *)device}, &r, e))
        return -1;
    const int64_t values[] = {r.rd_req, r.rd_bytes, r.wr_req, r.wr_bytes, r.errs};
    for (size_t i = 0; i < 5; i++)
        if (values[i] >= 0)
            wire_param_add_hyper(&p->p, &p->n, stats[i].field, values[i]);
    return 0;
}

static int run_domblkstat(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    CLEANUP_PARAMS struct params p = {0};
    const char *device = arg_str(a, "device") ? arg_str(a, "device") : "";
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    int r = params_get(c, WIRE_DOMAIN_BLOCK_STATS_FLAGS, &d, device, 0, NULL, &p, e);
    if (r && e->code == ERR_NO_SUPPORT) {
        ctl_trying(c, "Failed to get block stats %s %s", d.name, device);
        r = stats_old(c, &d, device, &p, e);
    }
    if (r)
        return -1;
    struct stat_out o = {.c = c, .device = device, .human = arg_has(a, "human")};
    if (!c->json && o.human)
        printf("Device: %s\n", device);
    stats_say(&o, &p);
    if (c->json)
        facts_print(c, &o.facts, 0);
    facts_clear(&o.facts);
    return 0;
}

/* ---- sizes ---- */

static void add_bytes(struct ctl *c, const struct args *a, struct table *t, bool known,
                      uint64_t bytes)
{
    CLEANUP_FREE char *text = arg_has(a, "human") && !c->json
                                  ? size_text(bytes, 3)
                                  : mem_printf("%llu", (unsigned long long)bytes);
    table_add(t, known ? text : c->json ? NULL : "-");
}

static int blkinfo_all(struct ctl *c, const struct args *a, const struct wire_domain *d,
                       struct err *e)
{
    static const struct col cols[] = {{"Target", "target", COL_TEXT},
                                      {"Capacity", "capacity", COL_NUMBER},
                                      {"Allocation", "allocation", COL_NUMBER},
                                      {"Physical", "physical", COL_NUMBER}};
    struct xml_doc CLEANUP(xml_clear) doc = {0};
    if (gxml_get(c, d, 0, &doc, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 4};
    int bad = 0;
    for (const struct xml *x = gxml_device(&doc, "disk"); x && !bad; x = gxml_next(x)) {
        const char *target = gxml_value(x, "target", "dev");
        struct wire_domain_get_block_info_ret r;
        bool known = target && gxml_disk_source(x); /* an empty drive has no size */
        if (known)
            bad = call_domain_get_block_info(
                c->conn_, &(struct wire_domain_get_block_info_args){*d, (char *)target, 0}, &r, e);
        if (bad)
            break;
        table_add(&t, target);
        add_bytes(c, a, &t, known, known ? r.capacity : 0);
        add_bytes(c, a, &t, known, known ? r.allocation : 0);
        add_bytes(c, a, &t, known, known ? r.physical : 0);
    }
    if (!bad)
        table_print(c, &t);
    table_clear(&t);
    return bad;
}

static void fact_bytes(struct ctl *c, const struct args *a, struct facts *f, const char *title,
                       const char *key, uint64_t bytes)
{
    CLEANUP_FREE char *text = arg_has(a, "human") && !c->json
                                  ? size_text(bytes, 3)
                                  : mem_printf("%llu", (unsigned long long)bytes);
    fact_add(f, title, key, COL_NUMBER, text);
}

static int run_domblkinfo(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_block_info_ret r;
    const char *device = arg_str(a, "device");
    if (!device && !arg_has(a, "all"))
        return fail(e, ERR_INVALID_ARG, "command 'domblkinfo' requires <device> option");
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    if (arg_has(a, "all"))
        return blkinfo_all(c, a, &d, e);
    if (call_domain_get_block_info(
            c->conn_, &(struct wire_domain_get_block_info_args){d, (char *)device, 0}, &r, e))
        return -1;
    struct facts f = {0};
    fact_bytes(c, a, &f, "Capacity", "capacity", r.capacity);
    fact_bytes(c, a, &f, "Allocation", "allocation", r.allocation);
    fact_bytes(c, a, &f, "Physical", "physical", r.physical);
    facts_print(c, &f, 16);
    facts_clear(&f);
    return 0;
}

static int run_domblkerror(struct ctl *c, const struct args *a, struct err *e)
{
    static const char *const words[] = {"no error", "unspecified error", "no space"};
    static const struct col cols[] = {{"", "disk", COL_TEXT}, {"", "error", COL_TEXT}};
    CLEANUP_HANDLE struct wire_domain d = {0};
    struct wire_domain_get_disk_errors_ret r;
    if (lookup_domain(c, a, BY_ANY, &d, e) ||
        call_domain_get_disk_errors(c->conn_, &(struct wire_domain_get_disk_errors_args){d, 0, 0},
                                    &r, e))
        return -1;
    struct table t = {.cols = cols, .n_cols = 2};
    int n = r.nerrors;
    wire_clear(&wire_type_domain_get_disk_errors_ret, &r);
    if (n > 0 &&
        call_domain_get_disk_errors(
            c->conn_, &(struct wire_domain_get_disk_errors_args){d, (unsigned)n, 0}, &r, e))
        return -1;
    for (size_t i = 0; n > 0 && i < r.n_errors; i++) {
        int code = r.errors[i].error;
        const char *word = code >= 0 && code < 3 ? words[code] : "unknown error";
        table_add(&t, r.errors[i].disk);
        table_add(&t, word);
        if (!c->json)
            printf("%s: %s\n", r.errors[i].disk, word);
    }
    if (c->json)
        table_print(c, &t);
    else if (!t.n_cells)
        printf("No errors found\n");
    table_clear(&t);
    if (n > 0)
        wire_clear(&wire_type_domain_get_disk_errors_ret, &r);
    return 0;
}

static int run_blockresize(struct ctl *c, const struct args *a, struct err *e)
{
    CLEANUP_HANDLE struct wire_domain d = {0};
    const char *path = arg_str(a, "path");
    uint64_t bytes = 0;
    if (opts_size(a, "size", 1024, &bytes, e))
        return -1;
    /* KiB on the wire unless it cannot be said so */
    unsigned flags = bytes % 1024 ? VIR_DOMAIN_BLOCK_RESIZE_BYTES : 0;
    if (lookup_domain(c, a, BY_ANY, &d, e))
        return -1;
    ctl_trying(c, "Failed to resize block device '%s'", path);
    if (call_domain_block_resize(c->conn_,
                                 &(struct wire_domain_block_resize_args){
                                     d, (char *)path, flags ? bytes : bytes / 1024, flags},
                                 e))
        return -1;
    done_print(c, "Block device '%s' is resized", path);
    return 0;
}

#define DISK(kind) kind("device", WHAT_TEXT, "target or source of the disk")

extern const struct cmd cmds_disk[];
const struct cmd cmds_disk[] = {
    {"blockresize", GROUP_DOMAIN, "change the size of a domain's disk", NULL,
     OPTS(OPT_DOMAIN, NEED("path", WHAT_FILE, "target or source of the disk"),
          NEED("size", WHAT_TEXT, "KiB, or with a unit: 20G")),
     run_blockresize},
    {"domblkerror", GROUP_MONITOR, "errors of a domain's disks", NULL, OPTS(OPT_DOMAIN),
     run_domblkerror},
    {"domblkinfo", GROUP_MONITOR, "sizes of a domain's disks", NULL,
     OPTS(OPT_DOMAIN, DISK(MAY), FLAG("human", "sizes with units"), FLAG("all", "all disks")),
     run_domblkinfo},
    {"domblklist", GROUP_MONITOR, "list a domain's disks", NULL,
     OPTS(OPT_DOMAIN, FLAG("inactive", "as defined"), FLAG("details", "with types")),
     run_domblklist},
    {"domblkstat", GROUP_MONITOR, "what a domain's disk has read and written", NULL,
     OPTS(OPT_DOMAIN, DISK(MAY), FLAG("human", "in words")), run_domblkstat},
    {"domblkthreshold", GROUP_DOMAIN, "tell when a disk grows over a size", NULL,
     OPTS(OPT_DOMAIN, NEED("dev", WHAT_TEXT, "target of the disk"),
          NEED("threshold", WHAT_TEXT, "bytes, or with a unit")),
     THIN(.proc = WIRE_DOMAIN_SET_BLOCK_THRESHOLD, .object = OBJ_DOMAIN,
          .fills = FILLS({"dev", "dev"}, {"threshold", "threshold", FILL_BYTES}))},
    {0},
};
