#include "cpus.h"

#include "base/str.h"
#include "model/cpuname.h"

enum { VCPUS_MAX = 4096, CPUS_MAX = 8192 };

/* ---- sets ---- */

/* "3", "0-3" */
static bool range_parse(const char *text, uint32_t *first, uint32_t *last)
{
    const char *dash = strchr(text, '-');
    CLEANUP_FREE char *low = dash ? mem_strn(text, (size_t)(dash - text)) : mem_str(text);
    return parse_u32(low, 10, CPUS_MAX - 1, first) &&
           parse_u32(dash ? dash + 1 : low, 10, CPUS_MAX - 1, last) && *first <= *last;
}

static void set_bit(libxl_bitmap *map, uint32_t bit, bool on)
{
    if (bit / 8 >= map->size)
        return;
    if (on)
        libxl_bitmap_set(map, (int)bit);
    else
        libxl_bitmap_reset(map, (int)bit);
}

static int nodes_put(const struct map_env *env, uint32_t first, uint32_t last, bool on,
                     libxl_bitmap *map, struct err *e)
{
    libxl_bitmap cpus;
    libxl_bitmap_init(&cpus);
    if (!env->ctx || libxl_cpu_bitmap_alloc(env->ctx, &cpus, 0))
        return fail(e, ERR_OPERATION_FAILED, "cannot look up the CPUs of NUMA nodes");
    int rc = 0;
    for (uint32_t node = first; node <= last && !rc; node++) {
        rc = libxl_node_to_cpumap(env->ctx, (int)node, &cpus);
        for (uint32_t i = 0; !rc && i < cpus.size * 8; i++)
            if (libxl_bitmap_test(&cpus, (int)i))
                set_bit(map, i, on);
    }
    libxl_bitmap_dispose(&cpus);
    return rc ? fail(e, ERR_CONFIG_UNSUPPORTED, "NUMA nodes %u-%u: no such node", first, last) : 0;
}

static int part_put(const struct map_env *env, const char *part, libxl_bitmap *map, struct err *e)
{
    bool on = *part != '^';
    uint32_t first, last;
    part += !on;
    if (str_eq(part, "all")) {
        for (uint32_t i = 0; i < map->size * 8; i++)
            set_bit(map, i, on);
        return 0;
    }
    bool nodes = str_starts(part, "nodes:") || str_starts(part, "node:");
    const char *range = nodes ? strchr(part, ':') + 1 : part;
    if (!range_parse(range, &first, &last))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "'%s' is not a set of CPUs", part);
    if (nodes)
        return nodes_put(env, first, last, on, map, e);
    if (on && first >= map->size * 8)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "CPU %u is not there", first);
    for (uint32_t i = first; i <= last; i++)
        set_bit(map, i, on);
    return 0;
}

/* "0-3,^2", "all,^nodes:1", ... into a bitmap of as many CPUs as the host has. */
static int cpumap_parse(const struct map_env *env, const char *text, unsigned bits,
                        libxl_bitmap *ret, struct err *e)
{
    map_bitmap(ret, bits);
    while (*text) {
        size_t n = strcspn(text, ",");
        CLEANUP_FREE char *part = mem_strn(text, n);
        if (n && part_put(env, part + strspn(part, " "), ret, e))
            return -1;
        text += n + (text[n] == ',');
    }
    if (libxl_bitmap_is_empty(ret))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "a set of CPUs is empty");
    return 0;
}

char *cpumap_format(const libxl_bitmap *map)
{
    struct str s = {0};
    int bits = (int)map->size * 8;
    for (int i = 0; i < bits; i++) {
        if (!libxl_bitmap_test(map, i))
            continue;
        int last = i;
        while (last + 1 < bits && libxl_bitmap_test(map, last + 1))
            last++;
        str_addf(&s, last > i ? "%s%d-%d" : "%s%d", s.len ? "," : "", i, last);
        i = last;
    }
    return s.len ? str_take(&s) : NULL;
}

/* ---- vcpus ---- */

int vcpus_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    int64_t now = num_or(d->vcpus, num_or(d->vcpus_max, 1));
    int64_t max = num_or(d->vcpus_max, now);
    if (now < 1 || max > VCPUS_MAX || now > max)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "%lld of %lld vcpus are not possible",
                    (long long)now, (long long)max);
    b->max_vcpus = (int)max;
    libxl_bitmap_dispose(&b->avail_vcpus);
    map_bitmap(&b->avail_vcpus, (unsigned)max);
    for (int i = 0; i < now; i++)
        libxl_bitmap_set(&b->avail_vcpus, i);
    return 0;
}

void vcpus_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    struct domain *d = to;
    if (!b->max_vcpus)
        return;
    d->vcpus_max = NUM(b->max_vcpus);
    int now = b->avail_vcpus.size ? libxl_bitmap_count_set(&b->avail_vcpus) : b->max_vcpus;
    d->vcpus = NUM(now ? now : 1);
}

/* ---- where they run ---- */

static int maps_write(const struct map_env *env, const struct domain *d, bool soft, int n,
                      libxl_bitmap **ret, int *ret_n, struct err *e)
{
    unsigned bits = env->cpus ? env->cpus : CPUS_MAX;
    bool any = false;
    for (int i = 0; i < n && !any; i++)
        any = !str_empty(domain_cpus(d, i, soft));
    if (!any)
        return 0;
    *ret = mem_new((size_t)n, sizeof(**ret));
    *ret_n = n;
    for (int i = 0; i < n; i++) {
        const char *text = domain_cpus(d, i, soft);
        if (cpumap_parse(env, str_empty(text) ? "all" : text, bits, &(*ret)[i], e))
            return wrap(e, "vcpu %d", i);
    }
    return 0;
}

int affinity_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    if (maps_write(env, d, false, b->max_vcpus, &b->vcpu_hard_affinity, &b->num_vcpu_hard_affinity,
                   e) ||
        maps_write(env, d, true, b->max_vcpus, &b->vcpu_soft_affinity, &b->num_vcpu_soft_affinity,
                   e))
        return -1;
    if (b->num_vcpu_hard_affinity || b->num_vcpu_soft_affinity) /* libxl does not place then */
        libxl_defbool_setdefault(&b->numa_placement, false);
    return 0;
}

static bool is_all(const struct map_env *env, const libxl_bitmap *map)
{
    for (unsigned i = 0; i < (env->cpus ? env->cpus : map->size * 8); i++)
        if (!libxl_bitmap_test(map, (int)i))
            return false;
    return true;
}

/* One text when all vcpus have the same set, else a pin each. */
static void maps_read(const struct map_env *env, const libxl_bitmap *maps, int n, bool soft,
                      struct domain *d)
{
    bool same = n > 0;
    for (int i = 1; i < n && same; i++)
        same = maps[i].size == maps[0].size && !memcmp(maps[i].map, maps[0].map, maps[0].size);
    if (same && !is_all(env, &maps[0]))
        *(soft ? &d->cpus_soft : &d->cpus) = cpumap_format(&maps[0]);
    for (int i = 0; i < n && !same; i++)
        if (!is_all(env, &maps[i])) {
            struct vcpu_pin *pin = domain_pin_add(d, i);
            *(soft ? &pin->soft : &pin->hard) = cpumap_format(&maps[i]);
        }
}

void affinity_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    maps_read(env, b->vcpu_hard_affinity, b->num_vcpu_hard_affinity, false, to);
    maps_read(env, b->vcpu_soft_affinity, b->num_vcpu_soft_affinity, true, to);
}

/* ---- NUMA cells ---- */

static int cell_write(const struct map_env *env, const struct domain *d, size_t i,
                      libxl_vnode_info *x, struct err *e)
{
    const struct numa_cell *m = &d->cpu.cells[i];
    enum { NEAR = 10, FAR = 20 };
    libxl_vnode_info_init(x);
    x->memkb = (uint64_t)num_or(m->memory_kib, 0);
    bool spread = !env->nodes || d->cpu.n_cells <= env->nodes;
    x->pnode = (uint32_t)num_or(m->pnode, spread ? (int64_t)i : 0);
    x->num_distances = (int)d->cpu.n_cells;
    x->distances = mem_new(d->cpu.n_cells, sizeof(*x->distances));
    for (size_t k = 0; k < d->cpu.n_cells; k++)
        x->distances[k] = k < m->n_distances && m->distances[k] ? m->distances[k]
                          : k == i                              ? NEAR
                                                                : FAR;
    if (str_empty(m->cpus))
        return 0;
    libxl_bitmap_dispose(&x->vcpus);
    return cpumap_parse(env, m->cpus, (unsigned)num_or(d->vcpus_max, VCPUS_MAX), &x->vcpus, e);
}

int cells_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    if (!d->cpu.n_cells)
        return 0;
    b->vnuma_nodes = mem_new(d->cpu.n_cells, sizeof(*b->vnuma_nodes));
    b->num_vnuma_nodes = (int)d->cpu.n_cells;
    for (size_t i = 0; i < d->cpu.n_cells; i++)
        if (cell_write(env, d, i, &b->vnuma_nodes[i], e))
            return wrap(e, "NUMA cell %zu", i);
    libxl_defbool_setdefault(&b->numa_placement, false);
    return 0;
}

void cells_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    struct domain *d = to;
    for (int i = 0; i < b->num_vnuma_nodes; i++) {
        const libxl_vnode_info *x = &b->vnuma_nodes[i];
        struct numa_cell *m = DOMAIN_ADD(&d->cpu, cells);
        m->id = NUM(i);
        m->memory_kib = NUM(x->memkb);
        m->pnode = NUM(x->pnode);
        m->cpus = cpumap_format(&x->vcpus);
        for (int k = 0; k < x->num_distances; k++)
            VEC_PUSH(m->distances, m->n_distances, x->distances[k]);
    }
}

/* ---- CPUID ---- */

static const char *policy_word(const struct cpu_feature *f)
{
    switch (f->policy) {
    case CPU_FORCE:
    case CPU_REQUIRE:
        return "1";
    case CPU_DISABLE:
    case CPU_FORBID:
        return "0";
    case CPU_KEEP:
        return "k";
    case CPU_SAVE:
        return "s";
    case CPU_VALUE:
        return f->value;
    case CPU_OPTIONAL:
        break;
    }
    return NULL; /* optional: the host decides */
}

static bool is_nested(const char *name)
{
    return str_eq(name, "vmx") || str_eq(name, "svm");
}

static int feature_write(const struct cpu_feature *f, libxl_domain_build_info *b, struct err *e)
{
    const char *word = policy_word(f);
    if (!word)
        return 0;
    CLEANUP_FREE char *text = mem_printf("%s=%s", cpuname_to_libxl(f->name), word);
    if (libxl_cpuid_parse_config(&b->cpuid, text))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "this Xen does not know the CPU feature '%s'", text);
    return 0;
}

static void leaf_add(struct str *s, const char *name, const char *bits)
{
    if (bits)
        str_addf(s, "%s%s=%s", s->len && s->p[s->len - 1] != ':' ? "," : "", name, bits);
}

static int leaf_write(const struct cpuid_leaf *l, libxl_domain_build_info *b, struct err *e)
{
    CLEANUP_STR struct str s = {0};
    str_addf(&s, "%s%s%s:", l->leaf ? l->leaf : "", l->subleaf ? "," : "",
             l->subleaf ? l->subleaf : "");
    leaf_add(&s, "eax", l->eax);
    leaf_add(&s, "ebx", l->ebx);
    leaf_add(&s, "ecx", l->ecx);
    leaf_add(&s, "edx", l->edx);
    if (libxl_cpuid_parse_config_xend(&b->cpuid, str_get(&s)))
        return fail(e, ERR_CONFIG_UNSUPPORTED, "'%s' is not a CPUID leaf", str_get(&s));
    return 0;
}

/* Features of the guest's CPUs are those of the host with exceptions; nested virtualization is a
 * switch of its own. */
int cpuid_write(const struct map_env *env, const void *from, void *to, struct err *e)
{
    const struct domain *d = from;
    libxl_domain_build_info *b = &((libxl_domain_config *)to)->b_info;
    if (d->cpu.mode == CPU_CUSTOM && d->cpu.model)
        return fail(e, ERR_CONFIG_UNSUPPORTED, "CPU model '%s': Xen offers the host's model only",
                    d->cpu.model);
    for (size_t i = 0; i < d->cpu.n_features; i++) {
        const struct cpu_feature *f = &d->cpu.features[i];
        if (is_nested(f->name) && (env->type & ON_FULL)) {
            bool on = f->policy == CPU_FORCE || f->policy == CPU_REQUIRE;
            bool off = f->policy == CPU_DISABLE || f->policy == CPU_FORBID;
            if ((on || off) && d->nested_hvm == TRI_UNSET)
#ifdef LIBXL_HAVE_BUILDINFO_NESTED_HVM
                libxl_defbool_set(&b->nested_hvm, on);
#else
                libxl_defbool_set(&b->u.hvm.nested_hvm, on);
#endif
            continue;
        }
        if (feature_write(f, b, e))
            return -1;
    }
    for (size_t i = 0; i < d->cpu.n_leaves; i++)
        if (leaf_write(&d->cpu.leaves[i], b, e))
            return -1;
    return 0;
}

/* The value of "key" of the object at `at`, which ends at `end`: where it begins, or NULL. */
static const char *json_value(const char *at, const char *end, const char *key)
{
    CLEANUP_FREE char *quoted = mem_printf("\"%s\"", key);
    const char *found = memmem(at, (size_t)(end - at), quoted, strlen(quoted));
    if (!found)
        return NULL;
    found += strlen(quoted);
    return found + strspn(found, " :\n\t");
}

static char *json_number(const char *at, const char *end, const char *key)
{
    const char *value = json_value(at, end, key);
    CLEANUP_FREE char *digits = value ? mem_strn(value, strspn(value, "0123456789")) : NULL;
    uint32_t v;
    return digits && parse_u32(digits, 10, UINT32_MAX, &v) ? mem_printf("0x%x", v) : NULL;
}

static char *json_text(const char *at, const char *end, const char *key)
{
    const char *value = json_value(at, end, key);
    return value && *value == '"' ? mem_strn(value + 1, strcspn(value + 1, "\"")) : NULL;
}

void cpuid_parse(const char *json, struct cpu *ret)
{
    const char *at = strstr(json, "\"cpuid\"");
    at = at ? strchr(at, '[') : NULL;
    const char *stop = at ? strchr(at, ']') : NULL;
    while (at && stop && (at = strchr(at, '{')) && at < stop) {
        const char *end = at + strcspn(at, "}");
        struct cpuid_leaf *l = DOMAIN_ADD(ret, leaves);
        l->leaf = json_number(at, end, "leaf");
        l->subleaf = json_number(at, end, "subleaf");
        l->eax = json_text(at, end, "eax");
        l->ebx = json_text(at, end, "ebx");
        l->ecx = json_text(at, end, "ecx");
        l->edx = json_text(at, end, "edx");
        at = end;
    }
}

/* libxl keeps the policy opaque, but not in its JSON. */
void cpuid_read(const struct map_env *env, const void *from, void *to)
{
    const libxl_domain_build_info *b = &((const libxl_domain_config *)from)->b_info;
    if (!env->ctx || !b->cpuid)
        return;
    CLEANUP_FREE char *json =
        libxl_domain_build_info_to_json(env->ctx, (libxl_domain_build_info *)b);
    if (json)
        cpuid_parse(json, &((struct domain *)to)->cpu);
}
