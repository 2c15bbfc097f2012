/* <cpu>, its features and its NUMA cells. */
#include "base/vec.h"
#include "conf/xml_domain.h"
#include "model/cpuset.h"

static bool has_model(const void *rec)
{
    return ((const struct cpu *)rec)->model != NULL;
}

static int read_model(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct cpu *cpu = rec;
    const char *text = x->text ? x->text : "";
    size_t n;
    text += strspn(text, " \t\r\n");
    n = strcspn(text, " \t\r\n");
    if (n) {
        free(cpu->model);
        cpu->model = mem_strn(text, n);
    }
    const char *fallback = xml_get(x, "fallback"), *vendor = xml_get(x, "vendor_id");
    if (fallback && strcmp(fallback, "allow") && strcmp(fallback, "forbid"))
        return xml_error(c, x, "'fallback' of <model> must be 'allow' or 'forbid', not '%s'",
                         fallback);
    if (vendor && strlen(vendor) != VENDOR_ID_MAX)
        return xml_error(c, x, "'vendor_id' of <model> must have %d characters: '%s'",
                         VENDOR_ID_MAX, vendor);
    if (cpu->model) {
        xml_str(x, "fallback", &cpu->fallback);
        xml_str(x, "vendor_id", &cpu->vendor_id);
    }
    return 0;
}

static void write_model(struct conf_ctx *c, const struct xrow *r, const void *rec,
                        struct xml_out *w)
{
    const struct cpu *cpu = rec;
    if (!cpu->model)
        return;
    xml_out_open(w, "model");
    xml_out_attr(w, "fallback", cpu->fallback ? cpu->fallback : "allow");
    if (cpu->vendor_id)
        xml_out_attr(w, "vendor_id", cpu->vendor_id);
    xml_out_text(w, cpu->model);
    xml_out_close(w);
}

static const struct xrow topology_rows[] = {
    XA_INT("sockets", cpu, sockets, 1, INT32_MAX),   XA_INT("dies", cpu, dies, 1, INT32_MAX),
    XA_INT("clusters", cpu, clusters, 1, INT32_MAX), XA_INT("cores", cpu, cores, 1, INT32_MAX),
    XA_INT("threads", cpu, threads, 1, INT32_MAX),
};

static int read_topology(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct cpu *cpu = rec;
    if (!cpu->sockets.set || !cpu->cores.set || !cpu->threads.set)
        return xml_error(c, x, "<topology> needs 'sockets', 'cores' and 'threads'");
    if (!cpu->dies.set)
        cpu->dies = NUM(1);
    if (!cpu->clusters.set)
        cpu->clusters = NUM(1);
    return 0;
}

static const struct xtable topology_table = {XTABLE(topology_rows), .after = read_topology};

static const char *const policy_names[] = {NULL,       "force",   "require",
                                           "optional", "disable", "forbid"};
static const struct words policy_words = {policy_names,
                                          sizeof(policy_names) / sizeof(*policy_names)};

static int read_feature(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct cpu_feature *f = rec;
    if (!f->policy)
        f->policy = CPU_REQUIRE;
    return 0;
}

static const struct xrow feature_rows[] = {
    XA_WORDS("policy", cpu_feature, policy, cpu_policy, &policy_words),
    XA_STR("name", cpu_feature, name, .when = XW_MANDATORY),
};
static const struct xtable feature_table = {XTABLE(feature_rows), XITEM(cpu_feature),
                                            .after = read_feature};

bool xml_can_say_feature(const struct cpu_feature *f)
{
    return words_name(&policy_words, f->policy) && f->name && !f->value;
}

static int read_cpu_feature(struct conf_ctx *c, const struct xrow *r, void *rec,
                            const struct xml *x)
{
    struct cpu *cpu = rec;
    return xml_read_item(c, &feature_table, DOMAIN_ADD(cpu, features), x);
}

static void write_cpu_features(struct conf_ctx *c, const struct xrow *r, const void *rec,
                               struct xml_out *w)
{
    const struct cpu *cpu = rec;
    for (size_t i = 0; i < cpu->n_features; i++)
        if (xml_can_say_feature(&cpu->features[i]))
            xml_write_item(c, &feature_table, &cpu->features[i], "feature");
}

tri xml_implied_nested(const struct domain *d)
{
    if (d->type != GUEST_HVM || d->cpu.mode != CPU_HOST_PASSTHROUGH)
        return TRI_UNSET;
    for (size_t i = 0; i < d->cpu.n_features; i++) {
        const struct cpu_feature *f = &d->cpu.features[i];
        bool off = f->policy == CPU_DISABLE || f->policy == CPU_FORBID;
        if (off && (str_eq(f->name, "vmx") || str_eq(f->name, "svm")))
            return TRI_NO;
    }
    return TRI_YES;
}

void xml_say_nested(struct domain *d)
{
    if (d->type != GUEST_HVM || !d->nested_hvm)
        return;
    d->cpu.mode = CPU_HOST_PASSTHROUGH;
    if (d->nested_hvm == TRI_NO && xml_implied_nested(d) != TRI_NO) {
        struct cpu_feature *f = DOMAIN_ADD(&d->cpu, features);
        f->name = mem_str("vmx");
        f->policy = CPU_DISABLE;
    }
}

/* A cell's distances, by the number of the other cell. */
enum { CELLS_MAX = 1024, FEATURES_COMPARED = 1000 };

static int read_distances(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    struct numa_cell *cell = rec;
    for (const struct xml *s = x->child; s; s = s->next) {
        struct num id = {0}, value = {0};
        if (!s->name || strcmp(s->name, "sibling"))
            continue;
        if (xml_num(c, s, "id", 10, 0, CELLS_MAX - 1, &id) ||
            xml_num(c, s, "value", 10, 10, 255, &value))
            return -1;
        if (!id.set || !value.set)
            return xml_error(c, s, "<sibling> needs 'id' and 'value'");
        while (cell->n_distances <= (size_t)id.v)
            VEC_PUSH(cell->distances, cell->n_distances, 0);
        cell->distances[id.v] = (uint32_t)value.v;
    }
    return 0;
}

static void write_distances(struct conf_ctx *c, const struct xrow *r, const void *rec,
                            struct xml_out *w)
{
    const struct numa_cell *cell = rec;
    xml_out_open(w, "distances");
    for (size_t i = 0; i < cell->n_distances; i++) {
        if (!cell->distances[i])
            continue;
        xml_out_open(w, "sibling");
        xml_out_attrf(w, "id", "%zu", i);
        xml_out_attrf(w, "value", "%u", cell->distances[i]);
        xml_out_close(w);
    }
    xml_out_close(w);
}

static int read_cell_memory(struct conf_ctx *c, const struct xrow *r, void *rec,
                            const struct xml *x)
{
    struct numa_cell *cell = rec;
    return xml_kib(c, x, xml_get(x, "memory"), xml_get(x, "unit"), &cell->memory_kib);
}

static void write_cell_memory(struct conf_ctx *c, const struct xrow *r, const void *rec,
                              struct xml_out *w)
{
    const struct numa_cell *cell = rec;
    if (!cell->memory_kib.set)
        return;
    xml_out_attrf(w, "memory", "%lld", (long long)cell->memory_kib.v);
    xml_out_attr(w, "unit", "KiB");
}

static int read_nothing(struct conf_ctx *c, const struct xrow *r, void *rec, const struct xml *x)
{
    return 0;
}

static void write_nothing(struct conf_ctx *c, const struct xrow *r, const void *rec,
                          struct xml_out *w)
{
}

static int read_cell(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct numa_cell *cell = rec;
    if (!cell->memory_kib.set)
        return xml_error(c, x, "a NUMA cell has no 'memory'");
    if (!cell->id.set)
        cell->id = NUM(cell - c->d->cpu.cells);
    if (cell->cpus) {
        char *plain = cpuset_canonical(cell->cpus);
        if (!plain)
            return xml_error(c, x, "'cpus' of a NUMA cell is no list of CPUs: '%s'", cell->cpus);
        free(cell->cpus);
        cell->cpus = plain;
    }
    return 0;
}

static const struct xrow cell_rows[] = {
    XA_INT("id", numa_cell, id, 0, CELLS_MAX - 1),
    XA_STR("cpus", numa_cell, cpus),
    XH_ATTR("memory", read_cell_memory, write_cell_memory),
    XH_ATTR("unit", read_nothing, write_nothing),
    XK_ATTR("memAccess"),
    XK_ATTR("discard"),
    XH("distances", read_distances, write_distances),
    XK_LIST("cache"),
};
static const struct xtable cell_table = {XTABLE(cell_rows), XITEM(numa_cell),
                                         XKEPT(numa_cell, kept), .after = read_cell};

static const struct xrow numa_rows[] = {
    XL("cell", cpu, cells, numa_cell, cell_table),
    XK("interconnects"),
};
static const struct xtable numa_table = {XTABLE(numa_rows)};

/* A distance that only one of two cells knows is the other one's as well; to itself it is 10. */
static uint32_t *distance_to(struct numa_cell *cell, size_t to)
{
    while (cell->n_distances <= to)
        VEC_PUSH(cell->distances, cell->n_distances, 0);
    return &cell->distances[to];
}

static void settle_cells(struct cpu *cpu)
{
    enum { LOCAL = 10 };
    for (size_t i = 1; i < cpu->n_cells; i++)
        for (size_t k = i; k && cpu->cells[k].id.v < cpu->cells[k - 1].id.v; k--) {
            struct numa_cell cell = cpu->cells[k];
            cpu->cells[k] = cpu->cells[k - 1];
            cpu->cells[k - 1] = cell;
        }
    for (size_t i = 0; i < cpu->n_cells; i++) {
        size_t n = cpu->cells[i].n_distances;
        for (size_t k = 0; k < n && k < cpu->n_cells; k++) {
            uint32_t far = cpu->cells[i].distances[k];
            if (!far || k == i)
                continue;
            if (!*distance_to(&cpu->cells[k], i))
                *distance_to(&cpu->cells[k], i) = far;
            if (!*distance_to(&cpu->cells[k], k))
                *distance_to(&cpu->cells[k], k) = LOCAL;
            if (!*distance_to(&cpu->cells[i], i))
                *distance_to(&cpu->cells[i], i) = LOCAL;
        }
    }
}

/* Numbered from 0 on, and each vCPU in one. */
static int check_cells(struct conf_ctx *c, const struct cpu *cpu, const struct xml *x)
{
    struct cpuset seen = {0}, own;
    for (size_t i = 0; i < cpu->n_cells; i++) {
        if (cpu->cells[i].id.v != (int64_t)i)
            return xml_error(c, x, "NUMA cells are not numbered 0, 1, 2 ...");
        if (!cpu->cells[i].cpus || !cpuset_parse(cpu->cells[i].cpus, &own))
            continue;
        for (unsigned k = 0; k < CPUSET_MAX; k++) {
            if (cpuset_has(&own, k) && cpuset_has(&seen, k))
                return xml_error(c, x, "vCPU %u is in two NUMA cells", k);
            seen.bits[k / 64] |= own.bits[k / 64] & (UINT64_C(1) << (k % 64));
        }
    }
    return 0;
}

static bool says_mode(const void *rec)
{
    const struct cpu *cpu = rec;
    return cpu->mode != CPU_CUSTOM || has_model(rec);
}

static int read_cpu(struct conf_ctx *c, void *rec, const struct xml *x)
{
    struct cpu *cpu = rec;
    if (!cpu->mode && cpu->model)
        cpu->mode = CPU_CUSTOM;
    if (cpu->mode == CPU_CUSTOM && cpu->model && !cpu->match)
        cpu->match = mem_str("exact");
    if (!cpu->model && cpu->n_features && (!cpu->mode || cpu->mode == CPU_CUSTOM))
        return xml_error(c, x, "<cpu> has features, but no <model>");
    if (xml_checks(c) && cpu->vendor && !cpu->model)
        return xml_error(c, x, "<cpu> has a <vendor>, but no <model>");
    for (size_t i = 0; i < cpu->n_features; i++)
        for (size_t k = 0; k < i && i < FEATURES_COMPARED; k++)
            if (str_eq(cpu->features[i].name, cpu->features[k].name))
                return xml_error(c, x, "two <feature name='%s'>", cpu->features[i].name);
    settle_cells(cpu);
    return check_cells(c, cpu, x);
}

static const struct xrow cpu_rows[] = {
    XA_ENUM("mode", cpu, mode, cpu_mode, .shown = says_mode),
    XA_STR("match", cpu, match, .shown = says_mode, ONEOF("minimum", "exact", "strict")),
    XA_STR("check", cpu, check, .shown = says_mode, ONEOF("none", "partial", "full")),
    XA_ON("migratable", cpu, migratable, .shown = says_mode),
    XK_ATTR("deprecated_features"),
    XH("model", read_model, write_model),
    XC_STR("vendor", cpu, vendor),
    XE("topology", topology_table),
    XK("cache"),
    XK("maxphysaddr"),
    XH("feature", read_cpu_feature, write_cpu_features),
    XE("numa", numa_table),
};
const struct xtable xml_cpu_table = {XTABLE(cpu_rows), .after = read_cpu};
