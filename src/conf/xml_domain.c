/* The root of the document, and the codec. */
#include "conf/xml_domain.h"

#include "base/uuid.h"
#include "base/vec.h"
#include "conf/codec.h"
#include "conf/prov.h"
#include "model/cpuset.h"

static const char *const life_names[] = {
    NULL,       "destroy",          "restart",          "rename-restart",
    "preserve", "coredump-destroy", "coredump-restart", NULL};
static const struct words life_words = {life_names, sizeof(life_names) / sizeof(*life_names)};

static int read_nothing(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0;
}

static void write_ns(struct conf_ctx *c, const struct xrow *r, const void *rec, struct xml_out *w)
{
    if (((const struct domain *)rec)->n_dm_args)
        xml_out_attr(w, r->r.key, XML_NS_XEN);
}

static int read_genid(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    const char *text = x->text ? x->text : "";
    uint8_t id[16];
    if (xml_checks(c) && *text && !uuid_parse(text, id))
        return xml_error(c, x, "<genid> is not a uuid: '%s'", text);
    str_set(&d->genid, text);
    return 0;
}

static void write_genid(struct conf_ctx *c, const struct xrow *r, const void *rec,
                        struct xml_out *w)
{
    const struct domain *d = rec;
    if (!d->genid)
        return;
    xml_out_open(w, "genid");
    xml_out_show(w);
    if (*d->genid)
        xml_out_text(w, d->genid);
    xml_out_close(w);
}

/* ---- metadata ---- */
static const char *namespace_of(const struct xml *x, const char **ret_attr)
{
    const char *colon = strchr(x->name, ':');
    for (const struct xml *up = x; up; up = up->parent)
        for (size_t i = 0; i < up->n_attrs; i++) {
            const char *n = up->attrs[i].name;
            if (strncmp(n, "xmlns", 5))
                continue;
            if (colon ? n[5] == ':' && strlen(n + 6) == (size_t)(colon - x->name) &&
                            !strncmp(n + 6, x->name, (size_t)(colon - x->name))
                      : !n[5]) {
                *ret_attr = up == x ? NULL : n;
                return up->attrs[i].value;
            }
        }
    *ret_attr = NULL;
    return NULL;
}

/* libvirt keeps one element a namespace, the first. */
static bool is_duplicate(const struct xml *x)
{
    const char *unused, *ns = namespace_of(x, &unused);
    for (const struct xml *o = x->parent->child; ns && o != x; o = o->next)
        if (o->name && str_eq(namespace_of(o, &unused), ns))
            return true;
    return false;
}

static int read_metadata(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    for (const struct xml *child = x->child; child; child = child->next) {
        const char *attr = NULL, *ns;
        if (!child->name || is_duplicate(child))
            continue;
        if (!strcmp(child->name, "xvirt:domain")) {
            xml_of(c)->extra = child;
            continue;
        }
        ns = namespace_of(child, &attr);
        if (!ns)
            continue; /* libvirt keeps no element without a namespace */
        struct xnode *n = DOMAIN_ADD(d, metadata);
        xnode_from_xml(n, child);
        if (ns && attr) {
            struct attr *a = DOMAIN_ADD(n, attrs);
            *a = (struct attr){mem_str(attr), mem_str(ns)};
        }
    }
    d->empty_metadata = !d->n_metadata && !xml_of(c)->extra;
    return 0;
}

static void write_metadata(struct conf_ctx *c, const struct xrow *r, const void *rec,
                           struct xml_out *w)
{
    const struct domain *d = rec;
    xml_out_open(w, "metadata");
    w->is_foreign = true;
    for (size_t i = 0; i < d->n_metadata; i++)
        xnode_write(&d->metadata[i], w);
    w->is_foreign = false;
    xml_extra_write(c, d);
    if (d->empty_metadata)
        xml_out_show(w);
    xml_out_close(w);
}

/* ---- memory and CPUs ---- */
static const struct xrow max_memory_rows[] = {XA_NUM("slots", domain, hotplug_slots)};
static const struct xtable max_memory_table = {XTABLE(max_memory_rows)};
static const struct xrow memory_rows[] = {XA_ON("dumpCore", domain, dump_core)};
static const struct xtable memory_table = {XTABLE(memory_rows)};

static int read_vcpus(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct domain *d = rec;
    char *plain = d->cpus ? cpuset_canonical(d->cpus) : NULL;
    if (d->cpus && (!plain || (xml_checks(c) && *d->cpus && !*plain))) {
        free(plain);
        return xml_error(c, x, "'cpuset' of <vcpu> is no list of CPUs: '%s'", d->cpus);
    }
    free(d->cpus);
    d->cpus = plain;
    if (!d->vcpus_max.set)
        return xml_error(c, x, "<vcpu> has no number");
    if (!d->vcpus.set)
        d->vcpus = d->vcpus_max;
    return 0;
}

static bool has_plain_cpus(const void *rec)
{
    const struct domain *d = rec;
    return !d->cpus || cpuset_is_plain(d->cpus);
}

static bool has_fewer_vcpus(const void *rec)
{
    const struct domain *d = rec;
    return !d->vcpus.set || !d->vcpus_max.set || d->vcpus.v != d->vcpus_max.v;
}

static bool has_vcpus(const void *rec)
{
    return ((const struct domain *)rec)->vcpus_max.set;
}

static const struct xrow vcpu_rows[] = {
    XA_STR("placement", domain, vcpu_placement, .implied = "static", ONEOF("auto")),
    XA_STR("cpuset", domain, cpus, .shown = has_plain_cpus),
    XA_INT("current", domain, vcpus, 1, 65535, .shown = has_fewer_vcpus),
    {.place = X_TEXT, .r = R_NUM("text", domain, vcpus_max, .base = 10, .min = 1, .max = 65535)},
};
static const struct xtable vcpu_table = {XTABLE(vcpu_rows), .after = read_vcpus};

/* ---- the rest ---- */
static const struct xrow suspend_mem_rows[] = {XA_YES("enabled", domain, acpi_s3)};
static const struct xtable suspend_mem_table = {XTABLE(suspend_mem_rows)};
static const struct xrow suspend_disk_rows[] = {XA_YES("enabled", domain, acpi_s4)};
static const struct xtable suspend_disk_table = {XTABLE(suspend_disk_rows)};
static const struct xrow pm_rows[] = {
    XE("suspend-to-mem", suspend_mem_table),
    XE("suspend-to-disk", suspend_disk_table),
};
static const struct xtable pm_table = {XTABLE(pm_rows)};

static bool has_bootloader(const void *rec)
{
    return ((const struct domain *)rec)->bootloader != NULL;
}

static int check_seclabel(struct conf_ctx *c, const struct xml *x, const struct seclabel *s)
{
    if (!xml_checks(c))
        return 0;
    if (s->relabel == TRI_NO && s->type == SECLABEL_DYNAMIC)
        return xml_error(c, x, "a dynamic <seclabel> has to relabel");
    if (s->relabel == TRI_YES && s->type == SECLABEL_NONE)
        return xml_error(c, x, "a <seclabel type='none'> cannot relabel");
    for (size_t i = 0; i + 1 < c->d->n_seclabels; i++)
        if (str_eq(c->d->seclabels[i].model, s->model))
            return xml_error(c, x, "two <seclabel> of the model '%s'", s->model ? s->model : "");
    return 0;
}

static int read_seclabel(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct seclabel *s = rec;
    if (!s->type)
        s->type = SECLABEL_DYNAMIC;
    if (s->type == SECLABEL_STATIC && !s->label)
        return xml_error(c, x, "a static <seclabel> has no label");
    if (check_seclabel(c, x, s))
        return -1;
    if (!s->relabel)
        s->relabel = s->type == SECLABEL_DYNAMIC ? TRI_YES : TRI_NO;
    return 0;
}

static bool says_relabel(const void *rec)
{
    return ((const struct seclabel *)rec)->type != SECLABEL_NONE;
}

static const struct xrow seclabel_rows[] = {
    XA_ENUM("type", seclabel, type, seclabel_type),
    XA_STR("model", seclabel, model),
    XA_YES("relabel", seclabel, relabel, .shown = says_relabel),
    XC_STR("label", seclabel, label),
    XC_STR("imagelabel", seclabel, imagelabel, .when = XW_ACTIVE),
    XC_STR("baselabel", seclabel, baselabel),
};
static const struct xtable seclabel_table = {XTABLE(seclabel_rows), XITEM(seclabel),
                                             .after = read_seclabel};

static int read_commandline(struct conf_ctx *c, const struct xrow *r, void *rec,
                            const struct xml *x)
{
    struct domain *d = rec;
    for (const struct xml *arg = x->child; arg; arg = arg->next) {
        const char *value;
        if (!arg->name || strcmp(arg->name, "xen:arg"))
            continue;
        if (xml_mandatory(c, arg, "value", &value))
            return -1;
        VEC_PUSH(d->dm_args, d->n_dm_args, mem_str(value));
    }
    return 0;
}

static void write_commandline(struct conf_ctx *c, const struct xrow *r, const void *rec,
                              struct xml_out *w)
{
    const struct domain *d = rec;
    xml_out_open(w, "xen:commandline");
    for (size_t i = 0; i < d->n_dm_args; i++) {
        xml_out_open(w, "xen:arg");
        xml_out_attr(w, "value", d->dm_args[i]);
        xml_out_close(w);
    }
    xml_out_close(w);
}

enum { THREADS_MAX = 1024 }; /* of <iothreadids> */

/* Two of one number. */
static int check_threads(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    size_t n = 0;
    for (const struct xml *a = x->child; a; a = a->next)
        if (++n > THREADS_MAX)
            return xml_error(c, x, "there are more than %d threads", THREADS_MAX);
    for (const struct xml *a = x->child; a; a = a->next)
        for (const struct xml *b = a->next; b; b = b->next)
            if (a->name && b->name && xml_get(a, "id") &&
                str_eq(xml_get(a, "id"), xml_get(b, "id")))
                return xml_error(c, b, "two <iothread id='%s'>", xml_get(b, "id"));
    return 0;
}

static const struct xrow domain_rows[] = {
    XA_STR("type", domain, virt_type, .implied = "xen"),
    XA_INT("id", domain, id, 0, 65535, .when = XW_ACTIVE),
    XH_ATTR("xmlns:xen", read_nothing, write_ns),
    XC_STR("name", domain, name),
    XC_UUID("uuid", domain, uuid),
    XH("genid", read_genid, write_genid),
    XC_STR("title", domain, title),
    XC_STR("description", domain, description),
    XH("metadata", read_metadata, write_metadata),
    XC_SIZE("maxMemory", domain, hotplug_max_kib, .sub = &max_memory_table),
    XC_SIZE("memory", domain, memory_max_kib, .sub = &memory_table),
    XC_SIZE("currentMemory", domain, memory_kib),
    XK("blkiotune"),
    XK("memtune"),
    XK("memoryBacking"),
    XE("vcpu", vcpu_table, .shown = has_vcpus),
    XK("vcpus"),
    XK("iothreads"),
    XK("iothreadids", .read = check_threads),
    XK("defaultiothread"),
    XK("throttlegroups"),
    XE("cputune", xml_cputune_table),
    XK("numatune"),
    XK("resource"),
    XK_LIST("sysinfo"),
    XC_STR("bootloader", domain, bootloader, .when = XW_EMPTY),
    XC_STR("bootloader_args", domain, bootloader_args, .shown = has_bootloader),
    XE("os", xml_os_table),
    XE("features", xml_features_table, .when = XW_MERGE),
    XE_AT("cpu", domain, cpu, cpu, xml_cpu_table),
    XE_AT("clock", domain, clock, clock, xml_clock_table),
    XC_WORDS("on_poweroff", domain, on_poweroff, lifecycle, &life_words),
    XC_WORDS("on_reboot", domain, on_reboot, lifecycle, &life_words),
    XC_WORDS("on_crash", domain, on_crash, lifecycle, &life_words),
    XC_STR("on_lockfailure", domain, on_lockfailure,
           ONEOF("poweroff", "restart", "pause", "ignore")),
    XE("pm", pm_table),
    XK("perf"),
    XE("devices", xml_devices_table, .when = XW_BLOCK | XW_MERGE),
    XL("seclabel", domain, seclabels, seclabel, seclabel_table),
    XK("keywrap"),
    XK("launchSecurity"),
    XH("xen:commandline", read_commandline, write_commandline),
};
const struct xtable xml_domain_table = {XTABLE(domain_rows), XKEPT(domain, kept),
                                        .rec = &domain_rec};

/* Without a word an HVM guest has these off; in every other document that is no statement. */
static void features_off(struct domain *d)
{
    tri *all[] = {&d->features.acpi, &d->features.apic, &d->features.pae, &d->features.viridian};
    for (size_t i = 0; d->type == GUEST_HVM && i < sizeof(all) / sizeof(*all); i++)
        if (!*all[i])
            *all[i] = TRI_NO;
}

/* There is nothing to pin of a vCPU that the guest does not have. */
static void drop_pins(struct domain *d)
{
    while (d->n_pins && d->pins[d->n_pins - 1].vcpu.v >= num_or(d->vcpus_max, 1))
        rec_remove(rec_field(&domain_rec, "pins"), d, d->n_pins - 1);
}

/* What libvirt lets a guest of Xen have: ps2 and usb where qemu is, xen else. */
static int check_inputs(struct conf_ctx *c, const struct domain *d)
{
    struct pos none = {0};
    for (size_t i = 0; i < d->n_inputs && !d->virt_type; i++) {
        const struct input *x = &d->inputs[i];
        const char *bus = words_name(&input_bus_words, x->bus);
        bool is_basic = x->type == INPUT_MOUSE || x->type == INPUT_KEYBOARD;
        if (d->type == GUEST_HVM ? x->bus == INPUT_BUS_XEN : x->bus && x->bus != INPUT_BUS_XEN)
            return conf_error(c, none, "an <input> with the bus '%s' is not for %s guests", bus,
                              words_name(&guest_type_words, d->type));
        if (!is_basic && (d->type != GUEST_HVM || x->bus == INPUT_BUS_PS2))
            return conf_error(c, none, "the bus '%s' has no <input type='%s'>", bus ? bus : "xen",
                              words_name(&input_type_words, x->type));
    }
    return 0;
}

static struct xnode *find_kept(struct domain *d, const char *name, size_t *ret)
{
    for (size_t i = 0; i < d->n_kept; i++)
        if (str_empty(d->kept[i].at) && str_eq(d->kept[i].node.name, name)) {
            *ret = i;
            return &d->kept[i].node;
        }
    return NULL;
}

static bool has_thread(const struct xnode *ids, const char *id)
{
    for (size_t i = 0; i < ids->n_children; i++)
        for (size_t k = 0; k < ids->children[i].n_attrs; k++)
            if (!strcmp(ids->children[i].attrs[k].name, "id") &&
                !strcmp(ids->children[i].attrs[k].value, id))
                return true;
    return false;
}

static void add_threads(struct xnode *ids, int64_t wanted)
{
    char id[24];
    for (int64_t n = 1; (int64_t)ids->n_children < wanted; n++) {
        snprintf(id, sizeof(id), "%lld", (long long)n);
        if (has_thread(ids, id))
            continue;
        struct xnode *thread = DOMAIN_ADD(ids, children);
        thread->name = mem_str("iothread");
        *DOMAIN_ADD(thread, attrs) = (struct attr){mem_str("id"), mem_str(id)};
    }
}

/* <iothreads> counts the threads, <iothreadids> names them, if it names one: the rest have the
 * lowest numbers that are free. */
static int settle_threads(struct conf_ctx *c, const struct xml *root, struct domain *d)
{
    const struct field *kept = rec_field(&domain_rec, "kept");
    size_t at_count = 0, at_ids = 0;
    struct xnode *ids = find_kept(d, "iothreadids", &at_ids);
    struct xnode *count = find_kept(d, "iothreads", &at_count);
    int64_t n = 0;
    if (count && !parse_i64(count->text ? count->text : "", 10, 0, UINT32_MAX, &n))
        return 0;
    if (ids && n > THREADS_MAX)
        return xml_error(c, root, "there are more than %d <iothreads>", THREADS_MAX);
    if (ids && ids->n_children) {
        add_threads(ids, n);
        CLEANUP_FREE char *text = mem_printf("%zu", ids->n_children);
        if (!count) {
            struct kept *k = DOMAIN_ADD(d, kept);
            *k = (struct kept){.at = mem_str(""), .node.name = mem_str("iothreads")};
            count = &k->node;
        }
        str_set(&count->text, text);
    } else if (ids) {
        rec_remove(kept, d, at_ids);
        count = find_kept(d, "iothreads", &at_count);
    }
    if (count && str_eq(count->text, "0"))
        rec_remove(kept, d, at_count);
    return 0;
}

static int read_extra(struct conf_ctx *c, struct domain *d)
{
    struct xml_ctx *m = xml_of(c);
    if (!m->extra)
        return 0;
    m->skip = strlen("xvirt:");
    int rc = xml_read_rows(c, &xml_extra_table, d, m->extra);
    m->skip = 0;
    return rc;
}

static int read_domain(struct conf_ctx *c, const struct xml *root, struct domain *d)
{
    struct xml_ctx *m = xml_of(c);
    if (strcmp(root->name, "domain"))
        return xml_error(c, root, "the document is a <%s>, not a <domain>", root->name);
    m->kept = &d->kept;
    m->n_kept = &d->n_kept;
    c->d = d;
    int rc = xml_read_rows(c, &xml_domain_table, d, root);
    if (d->virt_type && !(c->o->flags & CONF_FOREIGN))
        rc = xml_error(c, root, "a <domain type='%s'> is not a guest of Xen", d->virt_type);
    if (!rc && xml_checks(c) && d->title && strchr(d->title, '\n'))
        rc = xml_error(c, root, "the <title> has more than one line");
    if (!rc && xml_checks(c) && d->name && d->name[strcspn(d->name, "/\n")])
        rc = xml_error(c, xml_child(root, "name"), "<name> has a '/' or a line break in it: '%s'",
                       d->name);
    if (!rc && str_empty(d->name))
        rc = xml_error(c, root, "the domain has no <name>");
    if (!d->type && d->bootloader)
        d->type = GUEST_PV;
    features_off(d);
    drop_pins(d);
    if (!rc)
        rc = check_inputs(c, d) ? -1 : settle_threads(c, root, d);
    d->nested_hvm = xml_implied_nested(d);
    xml_strip_consoles(d);
    return read_extra(c, d) ? -1 : rc;
}

static int read_xml(struct conf_ctx *c, const char *text, size_t len, struct domains *ret)
{
    struct xml_doc doc = {0};
    struct xml_ctx m = {.inactive = c->o->flags & CONF_INACTIVE};
    if (xml_parse(text, len, c->o->filename, &doc, c->e))
        return -1;
    struct domain *d = domain_new();
    domains_add(ret, d);
    c->format = &m;
    int rc = read_domain(c, doc.root, d);
    xml_clear(&doc);
    return rc;
}

struct bad_text {
    const struct domain *d;
    const struct prov *prov; /* may be NULL */
    char *path;
    struct pos pos;
    const struct report *r;
};

static void find_bad_text(void *arg, const char *path, const struct field *f, const void *m)
{
    struct bad_text *x = arg;
    bool is_text = f && (f->kind == REC_STR || f->kind == REC_STRS);
    if (x->path || !is_text || xml_is_text(*(char *const *)m))
        return;
    long entry = x->prov ? prov_find(x->prov, x->d, path) : PROV_NO_KEY;
    x->path = mem_str(path);
    if (entry >= 0)
        x->pos = x->r->entries[entry].pos;
}

/* Only now it is worth while to look which of all texts it was. */
static int refuse_text(struct conf_ctx *c, const struct domain *d)
{
    struct bad_text x = {.d = d, .r = c->o->report};
    const struct field whole = {.name = "", .kind = REC_SUB, .sub = &domain_rec};
    x.prov = x.r ? report_prov(x.r, d) : NULL;
    rec_each(&whole, d, "", find_bad_text, &x);
    int rc = conf_error(c, x.pos, "the text of '%s' is not UTF-8, which XML needs",
                        x.path ? x.path : "the guest");
    free(x.path);
    return rc;
}

static int write_xml(struct conf_ctx *c, const struct domain *d, struct str *out)
{
    struct xml_out w = {.s = out};
    struct xml_ctx m = {
        .w = &w,
        .inactive = c->o->flags & CONF_INACTIVE || !d->id.set,
        .kept = (struct kept **)&((struct domain *)d)->kept,
        .n_kept = &((struct domain *)d)->n_kept,
    };
    c->format = &m;
    c->wd = d;
    xml_out_open(&w, "domain");
    xml_write_rows(c, &xml_domain_table, d);
    xml_out_close(&w);
    if (w.is_bad)
        return refuse_text(c, d);
    if (w.is_cut)
        conf_note(c, REPORT_LOST, "text", (struct pos){0},
                  "control characters that XML cannot say");
    return 0;
}

const struct codec xml_codec = {
    .format = CONF_XML,
    .name = "xml",
    .alias = "domain-xml",
    .read = read_xml,
    .write = write_xml,
};
